#include "protocol/diff_protocols.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/diff_parts.h"
#include "protocol/draw_context.h"
#include "protocol/hash.h"
#include "protocol/overlay.h"

namespace stepwell::protocol {
namespace {

using What = ProtocolChange::What;

constexpr std::string_view kKinds[] = {
    "identity",  "routes",   "phases",  "items",       "modules",
    "clocks",    "rules",    "risk",    "facts",       "milestones",
    "consents",  "messages", "duties",  "instruments", "pools",
    "calendars", "programs", "sources", "groups"};
constexpr std::string_view kIdentity[] = {"$schema", "protocol", "version",
                                          "status",  "author",   "approver",
                                          "zone",    "language", "title"};

template <class List>
bool IsIn(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// An item with the place it stands in: "pathway/intake", or "" for any phase.
struct PlacedItem {
  json::Value value;
  std::string place;
};
using Items = std::map<std::string, PlacedItem, std::less<>>;

void CollectItems(json::Value list, const std::string& place, Items& items,
                  std::vector<std::string>& order) {
  for (const json::Value item : json::Children(list)) {
    std::string id(TextIn(item, "id"));
    items.emplace(id, PlacedItem{item, place});
    order.push_back(std::move(id));
  }
}

Items ItemsOf(json::Value root, std::vector<std::string>& order) {
  Items items;
  for (const json::Value track : json::Children(root.Find("tracks"))) {
    for (const json::Value phase : json::Children(track.Find("phases"))) {
      const std::string place = absl::StrCat(ToAbsl(TextIn(track, "id")), "/",
                                             ToAbsl(TextIn(phase, "id")));
      CollectItems(phase.Find("items"), place, items, order);
    }
  }
  CollectItems(root.Find("items_anywhere"), "", items, order);
  return items;
}

std::vector<std::string> IdsOf(json::Value list) {
  std::vector<std::string> ids;
  for (const json::Value part : json::Children(list)) {
    ids.emplace_back(TextIn(part, "id"));
  }
  return ids;
}

class Comparer {
 public:
  Comparer(const Protocol& before, const Protocol& after)
      : before_(before), after_(after), old_(before, ""), now_(after, "") {
    risk_.Add(before, old_);
    risk_.Add(after, now_);
  }

  ProtocolDiff Run() {
    const auto end = [](const Protocol& p) {
      return ProtocolDiff::End{p.id, p.version, p.status, ToHex(p.hash),
                               ToHex(p.logic_hash)};
    };
    diff_.before = end(before_);
    diff_.after = end(after_);
    Root();
    ComparePlacedItems();
    Files();
    Sort();
    return std::move(diff_);
  }

 private:
  // Calls `visit` with each key that either object has.
  template <class Visit>
  static void EachKey(json::Value before, json::Value after, Visit visit) {
    for (const json::Value member : json::Children(after)) visit(member.key());
    for (const json::Value member : json::Children(before)) {
      if (!after.Find(member.key())) visit(member.key());
    }
  }

  void Root() {
    const json::Value before = old_.root(), after = now_.root();
    EachKey(before, after, [&](std::string_view key) {
      if (key == "imports") {
        return Imports(before.Find(key), after.Find(key));
      }
      if (key == "items_anywhere") return;  // with those of phases
      const Section* section = FindSection(key);
      Part part;
      part.kind = section != nullptr     ? section->kind
                  : IsIn(kIdentity, key) ? "identity"
                                         : key;
      part.noun = section != nullptr ? section->noun : "";
      part.logic = IsLogicMember(after, key);
      part.risk = key == "risk" || key == "parking" || key == "messages";
      const json::Value b = before.Find(key), a = after.Find(key);
      if (IsListOfParts(b, a)) return List(part, key, b, a);
      const bool whole = part.noun.empty() || !b || !a;
      if (whole) part.field = key;
      Value(part, b, a);
    });
  }

  static bool HasIds(json::Value list) {
    if (!list.is_array()) return false;
    for (const json::Value part : json::Children(list)) {
      if (!part.Find("id").is_string()) return false;
    }
    return true;
  }
  static bool IsListOfParts(json::Value before, json::Value after) {
    return (!before || HasIds(before)) && (!after || HasIds(after)) &&
           before.size() + after.size() > 0;
  }

  void Value(const Part& part, json::Value before, json::Value after) {
    if (before && after) {
      if (json::Canonical(before) == json::Canonical(after)) return;
      if (before.is_object() && after.is_object()) {
        EachKey(before, after, [&](std::string_view key) {
          Member(part, before, after, key);
        });
        return;
      }
    }
    Report(part,
           !before  ? What::kAdded
           : !after ? What::kRemoved
                    : What::kChanged,
           before, after);
  }

  void Member(const Part& part, json::Value before, json::Value after,
              std::string_view key) {
    const json::Value b = before.Find(key), a = after.Find(key);
    const bool of_protocol = part.document.empty();
    // Of a phase, not of a window: see ComparePlacedItems.
    if (of_protocol && key == "items" && part.field.empty()) return;
    Part child = part;
    child.logic = part.logic && IsLogicMember(after, key);
    child.risk = part.risk || key == "on_unknown";
    if (IsListOfParts(b, a)) {
      const Section* section = FindSection(key);
      if (of_protocol && section != nullptr) child.noun = section->noun;
      if (key == "modules") child.noun = "module";
      return List(child, key, b, a);
    }
    child.field = part.field.empty()
                      ? std::string(key)
                      : absl::StrCat(part.field, ", ", ToAbsl(key));
    Value(child, b, a);
  }

  // The element of the list `key` in `list` that has this id. A criterion that
  // is gone kept somebody out.
  Part PartOf(const Part& list, std::string_view key, std::string_view id,
              json::Value before, json::Value after) const {
    Part part = list;
    part.id = part.id.empty() ? std::string(id)
                              : absl::StrCat(part.id, "/", ToAbsl(id));
    part.field.clear();
    part.title = (after ? now_ : old_).TextOf(after ? after : before, "title");
    part.risk = list.risk || risk_.IsRisk(key, id) ||
                (key == "rules" &&
                 (risk_.IsRiskRule(before) || risk_.IsRiskRule(after))) ||
                (!after && (key == "criteria" || before.Find("criteria")));
    return part;
  }

  void List(const Part& list, std::string_view key, json::Value before,
            json::Value after) {
    std::map<std::string_view, json::Value> known;
    for (const json::Value part : json::Children(before)) {
      known.emplace(TextIn(part, "id"), part);
    }
    std::vector<std::string> kept;
    for (const json::Value part : json::Children(after)) {
      const std::string_view id = TextIn(part, "id");
      const auto it = known.find(id);
      const json::Value was = it == known.end() ? json::Value() : it->second;
      if (was) {
        kept.emplace_back(id);
        known.erase(it);
      }
      Value(PartOf(list, key, id, was, part), was, part);
    }
    std::vector<std::string> was_kept = IdsOf(before);
    std::erase_if(was_kept,
                  [&](const std::string& id) { return known.count(id) > 0; });
    for (const json::Value part : json::Children(before)) {
      const std::string_view id = TextIn(part, "id");
      if (known.count(id) == 0) continue;
      Value(PartOf(list, key, id, part, json::Value()), part, json::Value());
    }
    if (kept != was_kept) Reordered(list, before, after, was_kept, kept);
  }

  void Reordered(Part part, json::Value before, json::Value after,
                 const std::vector<std::string>& was,
                 const std::vector<std::string>& now) {
    const auto differ = std::mismatch(was.begin(), was.end(), now.begin());
    Report(
        part, What::kMoved, before, after,
        absl::StrCat(std::string(part.noun), "s", part.id.empty() ? "" : " of ",
                     part.id, ": the order is another from ", *differ.second,
                     " on (there was ", *differ.first, ")"));
  }

  void ComparePlacedItems() {
    std::vector<std::string> old_order, order;
    const Items before = ItemsOf(old_.root(), old_order);
    const Items after = ItemsOf(now_.root(), order);
    Part list;
    list.kind = "items";
    list.noun = "item";
    for (const std::string& id : order) {
      const PlacedItem& now = after.at(id);
      const auto it = before.find(id);
      const json::Value was =
          it == before.end() ? json::Value() : it->second.value;
      const Part part = PartOf(list, "items", id, was, now.value);
      Value(part, was, now.value);
      if (!was || it->second.place == now.place) continue;
      Report(part, What::kMoved, was, now.value,
             absl::StrCat("item ", id, ": it belongs to ",
                          PlaceText(now_, now.place), " (was ",
                          PlaceText(old_, it->second.place), ")"));
    }
    for (const std::string& id : old_order) {
      if (after.count(id) > 0) continue;
      const json::Value was = before.at(id).value;
      Value(PartOf(list, "items", id, was, json::Value()), was, json::Value());
    }
    CompareItemOrder(list, before, after, old_order, order);
  }

  static std::string PlaceText(const Names& names, const std::string& place) {
    return place.empty()
               ? "no phase"
               : absl::StrCat("the phase ", names.Of("phases", place));
  }

  // Of those that stayed where they were, phase by phase.
  void CompareItemOrder(const Part& list, const Items& before,
                        const Items& after,
                        const std::vector<std::string>& old_order,
                        const std::vector<std::string>& order) {
    using ByPlace = std::map<std::string, std::vector<std::string>>;
    const auto stayed = [&](const std::vector<std::string>& ids) {
      ByPlace places;
      for (const std::string& id : ids) {
        const auto was = before.find(id), now = after.find(id);
        if (was == before.end() || now == after.end()) continue;
        if (was->second.place != now->second.place) continue;
        places[now->second.place].push_back(id);
      }
      return places;
    };
    const ByPlace was = stayed(old_order), now = stayed(order);
    for (const auto& [place, ids] : now) {
      const std::vector<std::string>& old_ids = was.at(place);
      if (ids == old_ids) continue;
      const auto differ =
          std::mismatch(old_ids.begin(), old_ids.end(), ids.begin());
      Part part = list;
      part.id = place;
      Report(part, What::kMoved, before.at(*differ.first).value,
             after.at(*differ.second).value,
             absl::StrCat("items of ", PlaceText(now_, place),
                          ": the order is another from ", *differ.second,
                          " on (there was ", *differ.first, ")"));
    }
  }

  void Imports(json::Value before, json::Value after) {
    EachKey(before, after, [&](std::string_view section) {
      const json::Value b = before.Find(section), a = after.Find(section);
      EachKey(b, a, [&](std::string_view name) {
        Import(section, name, b.Find(name), a.Find(name));
      });
    });
  }

  void Import(std::string_view section, std::string_view name,
              json::Value before, json::Value after) {
    const auto text = [](json::Value value) {
      return value.is_string() ? value.string_value() : std::string_view();
    };
    if (text(before) == text(after)) return;
    const Section* known = FindSection(section);
    Part part;
    part.kind = section;
    part.noun = known != nullptr ? known->noun : section;
    part.id = name;
    part.risk = risk_.IsRisk(section, name);
    // The version alone says nothing: what is in the document does.
    const auto was = SplitVersion(text(before)),
               now = SplitVersion(text(after));
    part.logic = !was || !now || was->id != now->id;
    if (before && after) part.field = "document";
    Report(part,
           !before  ? What::kAdded
           : !after ? What::kRemoved
                    : What::kChanged,
           before, after);
  }

  // Documents of the catalogue that both read, with another content.
  void Files() {
    const std::map<std::string, std::string> was(before_.imports.begin(),
                                                 before_.imports.end());
    for (const auto& [path, text] : after_.imports) {
      const auto it = was.find(path);
      if (it == was.end() || it->second == text) continue;
      const auto before = json::Parse(it->second), after = json::Parse(text);
      if (!before.ok() || !after.ok()) continue;  // they were read before
      const size_t slash = path.find('/');
      const Section* section = FindSection(path.substr(0, slash));
      Part part;
      part.kind = path.substr(0, slash);
      part.noun = section != nullptr ? section->noun : "document";
      part.id = path.substr(slash + 1, path.rfind('.') - slash - 1);
      part.document = path;
      part.risk = risk_.IsRisk("files", path);
      Value(part, before->root(), after->root());
    }
  }

  void Report(const Part& part, What what, json::Value before,
              json::Value after, std::string words = "") {
    ProtocolChange change;
    change.what = what;
    change.kind = part.kind;
    change.subject = part.id;
    change.words = words.empty()
                       ? InWords(part, what, before, after, old_, now_)
                       : std::move(words);
    change.document = part.document;
    change.pointer = (after ? after : before).pointer();
    if (what != What::kMoved) {
      if (before) change.before = json::Canonical(before);
      if (after) change.after = json::Canonical(after);
    }
    change.logic =
        part.logic && (what == What::kMoved || !before || !after ||
                       CanonicalLogic(before) != CanonicalLogic(after));
    change.risk = part.risk;
    diff_.changes.push_back(std::move(change));
  }

  void Sort() {
    const auto rank = [](const ProtocolChange& change) {
      const auto kind = std::find(std::begin(kKinds), std::end(kKinds),
                                  std::string_view(change.kind));
      return std::pair(change.risk    ? 0
                       : change.logic ? 1
                                      : 2,
                       kind - std::begin(kKinds));
    };
    std::stable_sort(
        diff_.changes.begin(), diff_.changes.end(),
        [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  }

  const Protocol& before_;
  const Protocol& after_;
  const Names old_, now_;
  RiskNames risk_;
  ProtocolDiff diff_;
};

}  // namespace

ProtocolDiff Compare(const Protocol& before, const Protocol& after) {
  return Comparer(before, after).Run();
}

}  // namespace stepwell::protocol
