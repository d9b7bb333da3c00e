#include "protocol/overlay.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "protocol/reader.h"

namespace stepwell::protocol {
namespace {

// True for a non-empty array of objects that all have a string `id`.
bool MergesById(json::Value array) {
  if (!array.is_array() || array.size() == 0) return false;
  for (const json::Value element : json::Children(array)) {
    if (!element.Find("id").is_string()) return false;
  }
  return true;
}

// Whoever approved the base has not seen what the overlay makes of it.
bool IsApproval(std::string_view member) {
  return member == "status" || member == "approver";
}

bool IsRemoval(json::Value patch) {
  const json::Value remove = patch.Find("remove");
  return remove.is_bool() && remove.bool_value();
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A number of its own in a guard: not the 9 of `phq9`.
bool CountsInGuard(std::string_view guard) {
  char before = ' ';
  for (const char c : guard) {
    const bool in_name =
        absl::ascii_isalnum(static_cast<unsigned char>(before)) ||
        before == '_' || before == '.';
    if (IsDigit(c) && !in_name) return true;
    before = c;
  }
  return false;
}

// A number, a span, a share or a date, or a guard with a number in it, which
// nothing within says the source of.
bool HasNumber(json::Value value) {
  if (value.is_string()) {
    const std::string_view text = value.string_value();
    const bool guard = value.key() == "if" || value.key() == "when";
    return guard ? CountsInGuard(text) : !text.empty() && IsDigit(text[0]);
  }
  if (value.is_number()) return value.key() != "priority";
  if (value.is_object() && value.Find("source")) return false;
  for (const json::Value part : json::Children(value)) {
    if (HasNumber(part)) return true;
  }
  return false;
}

class Merger {
 public:
  // `of_protocols`: whether numbers have sources that an overlay has to renew.
  Merger(bool of_protocols, Issues& issues)
      : of_protocols_(of_protocols), issues_(issues) {}

  // `cited`: where the numbers around come from, by the base.
  void Merge(json::Value base, json::Value patch, std::string_view cited = {}) {
    if (base.is_object() && patch.is_object()) {
      MergeObjects(base, patch, cited);
    } else if (MergesById(base) && MergesById(patch)) {
      MergeArrays(base, patch, cited);
    } else if (MergesById(base) && patch.is_array() && patch.size() == 0) {
      AddError(issues_, "unknown_reference", patch.pointer(),
               absl::StrCat("an empty list names none of the ", base.size(),
                            " entries of the base, and takes none out"),
               "write {\"id\": ..., \"remove\": true} for each that goes");
      Copy(base);
    } else {
      if (json::ToText(base) != json::ToText(patch)) CheckCited(patch, cited);
      Add(patch);
    }
  }

  std::string Take() { return writer_.Take(); }

 private:
  void Copy(json::Value value) { writer_.Raw(json::ToText(value)); }

  // A value that only the patch has; removals in it meet nothing.
  void Add(json::Value patch) {
    if (!MergesById(patch)) return Copy(patch);
    writer_.BeginArray();
    for (const json::Value element : json::Children(patch)) {
      if (IsRemoval(element)) {
        NothingToRemove(element);
      } else {
        Copy(element);
      }
    }
    writer_.EndArray();
  }

  void MergeObjects(json::Value base, json::Value patch, std::string_view cited,
                    bool entry = false) {
    cited = CitedBy(base, patch, cited);
    writer_.BeginObject();
    for (const json::Value member : json::Children(base)) {
      const json::Value change = patch.Find(member.key());
      if (change.is_null()) continue;
      if (!change && patch.index() == 0 && IsApproval(member.key())) continue;
      writer_.Key(member.key());
      if (change) {
        Merge(member, change, cited);
      } else {
        Copy(member);
      }
    }
    for (const json::Value member : json::Children(patch)) {
      if (base.Find(member.key())) continue;
      // The patch's own base has done its work by now.
      if (patch.index() == 0 && member.key() == "base") continue;
      if (entry && IsPlace(member)) continue;
      if (member.is_null()) {
        NothingToRemove(member);
        continue;
      }
      CheckCited(member, cited);
      writer_.Key(member.key());
      Add(member);
    }
    writer_.EndObject();
  }

  // The source that the numbers of the object keep; empty: a new one, or none.
  static std::string_view CitedBy(json::Value base, json::Value patch,
                                  std::string_view around) {
    if (patch.Find("source")) return {};
    const json::Value source = base.Find("source");
    return source.is_string() ? source.string_value() : around;
  }

  // Whom the base cites has not said what the overlay says.
  void CheckCited(json::Value number, std::string_view cited) {
    if (!of_protocols_ || cited.empty() || cited == "assumption" ||
        !HasNumber(number)) {
      return;
    }
    AddWarning(issues_, "source_kept", number.pointer(),
               absl::StrCat("the overlay changes a number, and `",
                            ToAbsl(cited), "` of the base stays its source"),
               "say where it comes from: `source` is an id of `sources`, or "
               "\"assumption\"");
  }

  // `base` and `patch` are arrays of objects with ids. Linear in the product
  // of their lengths would be too slow for big documents: ids are sorted.
  void MergeArrays(json::Value base, json::Value patch,
                   std::string_view cited) {
    const ById changes = Index(patch);
    const ById known = Index(base);
    CheckOnce(changes, known);
    const ById placed = PlacedBefore(patch, changes, known);
    writer_.BeginArray();
    for (const json::Value element : json::Children(base)) {
      const auto [first, last] = Range(placed, IdOf(element));
      for (auto it = first; it != last; ++it) {
        MergeEntry(Lookup(known, IdOf(it->second)), it->second, cited);
      }
      const json::Value change = Lookup(changes, IdOf(element));
      if (!change) {
        Copy(element);
      } else if (!IsRemoval(change) && PlaceOf(change).empty()) {
        MergeEntry(element, change, cited);
      }
    }
    for (const json::Value element : json::Children(patch)) {
      if (Lookup(known, IdOf(element))) continue;
      if (IsRemoval(element)) {
        NothingToRemove(element);
      } else if (PlaceOf(element).empty()) {
        Copy(element);
      }
    }
    writer_.EndArray();
  }

  static std::string_view IdOf(json::Value element) {
    return element.Find("id").string_value();
  }
  static bool IsPlace(json::Value member) {
    return member.key() == "before" && member.is_string();
  }
  // The entry of the base that this one stands before; empty: none is named.
  static std::string_view PlaceOf(json::Value change) {
    const json::Value place = change.Find("before");
    return place.is_string() ? place.string_value() : std::string_view();
  }

  // An entry of the patch, over one of the base or alone; its place is no part
  // of what it says.
  void MergeEntry(json::Value base, json::Value change,
                  std::string_view cited) {
    if (base) return MergeObjects(base, change, cited, true);
    writer_.BeginObject();
    for (const json::Value member : json::Children(change)) {
      if (!IsPlace(member)) writer_.Key(member.key()).Raw(json::ToText(member));
    }
    writer_.EndObject();
  }

  using ById = std::vector<std::pair<std::string_view, json::Value>>;

  static ById Index(json::Value array) {
    ById index;
    for (const json::Value element : json::Children(array)) {
      index.emplace_back(element.Find("id").string_value(), element);
    }
    std::stable_sort(
        index.begin(), index.end(),
        [](const auto& a, const auto& b) { return a.first < b.first; });
    return index;
  }

  static std::pair<ById::const_iterator, ById::const_iterator> Range(
      const ById& index, std::string_view id) {
    return std::equal_range(
        index.begin(), index.end(), std::pair(id, json::Value()),
        [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  static json::Value Lookup(const ById& index, std::string_view id) {
    const auto [first, last] = Range(index, id);
    return first != last ? first->second : json::Value();
  }

  // The entries of the patch that name their place, by the one they stand
  // before: it is of the base, and stays where it is.
  ById PlacedBefore(json::Value patch, const ById& changes, const ById& known) {
    ById placed;
    for (const json::Value element : json::Children(patch)) {
      const std::string_view place = PlaceOf(element);
      if (place.empty() || IsRemoval(element)) continue;
      const json::Value change = Lookup(changes, place);
      if (Lookup(known, place) && !IsRemoval(change) &&
          PlaceOf(change).empty()) {
        placed.emplace_back(place, element);
        continue;
      }
      AddError(issues_, "unknown_reference", Below(element.pointer(), "before"),
               absl::StrCat("the base has no `", ToAbsl(place),
                            "` that stays where it is"),
               "name an entry of the base that the overlay neither removes "
               "nor moves");
    }
    std::stable_sort(
        placed.begin(), placed.end(),
        [](const auto& a, const auto& b) { return a.first < b.first; });
    return placed;
  }

  // One id, one entry: of two neither may be lost, and which of two entries of
  // the base is meant nobody can tell.
  void CheckOnce(const ById& changes, const ById& known) {
    for (size_t i = 0; i < changes.size(); ++i) {
      const auto& [id, change] = changes[i];
      if (i > 0 && changes[i - 1].first == id) {
        AddError(
            issues_, "duplicate_id", Below(change.pointer(), "id"),
            absl::StrCat("the overlay has two entries of `", ToAbsl(id), "`"),
            "write both changes into one; what replaces an entry that is "
            "removed takes another id");
      } else if (EntriesOf(known, id) > 1) {
        AddError(issues_, "duplicate_id", Below(change.pointer(), "id"),
                 absl::StrCat("the base has two entries of `", ToAbsl(id),
                              "`: which one is changed?"),
                 "rename one of them in the base");
      }
      if (IsRemoval(change)) CheckRemoval(change);
    }
  }

  static size_t EntriesOf(const ById& index, std::string_view id) {
    const auto [first, last] = Range(index, id);
    return static_cast<size_t>(last - first);
  }

  // What else the entry says would be lost with it.
  void CheckRemoval(json::Value patch) {
    for (const json::Value member : json::Children(patch)) {
      if (member.key() == "id" || member.key() == "remove") continue;
      AddError(issues_, "unknown_field", member.pointer(),
               "an entry that is removed says nothing more",
               "leave `remove` out to change the entry");
    }
  }

  void NothingToRemove(json::Value patch) {
    AddError(issues_, "unknown_reference", patch.pointer(),
             "the overlay removes something that its base does not have",
             "check the spelling against the base document");
  }

  json::Writer writer_;
  const bool of_protocols_;
  Issues& issues_;
};

// The document that `child` names as its base.
std::optional<json::Document> LoadBase(json::Value name,
                                       const CatalogueReader& catalogue,
                                       Issues& issues) {
  if (!name.is_string()) {
    WrongType(name, "a string like \"icbt_base@1\"", issues);
    return std::nullopt;
  }
  const auto wanted = SplitVersion(name.string_value());
  if (!wanted) {
    AddError(issues, "wrong_type", name.pointer(),
             "a base is named as id@version", "for example \"icbt_base@1\"");
    return std::nullopt;
  }
  const std::string path =
      absl::StrCat("protocols/", ToAbsl(wanted->id), ".json");
  const std::optional<std::string> text = catalogue(path);
  if (!text) {
    AddError(issues, "unknown_import", name.pointer(),
             absl::StrCat("there is no protocol `", ToAbsl(wanted->id),
                          "` in the catalogue (", path, ")"));
    return std::nullopt;
  }
  absl::StatusOr<json::Document> base = json::Parse(*text);
  if (!base.ok() || !base->root().is_object()) {
    AddError(
        issues, "unknown_import", name.pointer(),
        absl::StrCat("the base cannot be read: ",
                     base.ok() ? "it is no object" : base.status().message()));
    return std::nullopt;
  }
  const json::Value version = base->root().Find("version");
  if (!version.is_string() || version.string_value() != wanted->version) {
    AddError(issues, "import_version", name.pointer(),
             absl::StrCat("the catalogue has another version of this base: ",
                          version.is_string() ? ToAbsl(version.string_value())
                                              : "none"));
    return std::nullopt;
  }
  return *std::move(base);
}

}  // namespace

std::optional<NameAtVersion> SplitVersion(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() ||
      text.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  return NameAtVersion{text.substr(0, at), text.substr(at + 1)};
}

std::string MergeJson(json::Value base, json::Value patch, Issues& issues) {
  Merger merger(false, issues);
  merger.Merge(base, patch);
  return merger.Take();
}

std::optional<json::Document> RenderOverlays(json::Document document,
                                             const CatalogueReader& catalogue,
                                             Issues& issues) {
  std::vector<json::Document> layers;
  layers.push_back(std::move(document));
  while (const json::Value base = layers.back().root().Find("base")) {
    if (layers.size() > limits::kOverlaysMax) {
      AddError(issues, "cycle", base.pointer(),
               absl::StrCat("more than ", limits::kOverlaysMax,
                            " overlays lie on each other"),
               "a base may not name itself, directly or by others");
      return std::nullopt;
    }
    std::optional<json::Document> next = LoadBase(base, catalogue, issues);
    if (!next) return std::nullopt;
    layers.push_back(*std::move(next));
  }
  // Without its own name an overlay would pass for its base, and without its
  // own status for what somebody else approved.
  for (const char* field : {"protocol", "version", "status"}) {
    if (layers.size() > 1 && !layers[0].root().Find(field)) {
      AddError(issues, "missing_field", "",
               absl::StrCat("an overlay needs the field `", field, "`"));
      return std::nullopt;
    }
  }
  json::Document rendered = std::move(layers.back());
  for (size_t i = layers.size() - 1; i-- > 0;) {
    Merger merger(true, issues);
    merger.Merge(rendered.root(), layers[i].root());
    absl::StatusOr<json::Document> merged = json::Parse(merger.Take());
    if (!merged.ok()) {
      AddError(issues, "too_large", "",
               absl::StrCat("the rendered document cannot be read: ",
                            merged.status().message()));
      return std::nullopt;
    }
    rendered = *std::move(merged);
  }
  return rendered;
}

}  // namespace stepwell::protocol
