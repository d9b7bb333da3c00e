// Look-up in instruments, names of their parts, and the shipped documents.
#include "instruments/instrument.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/catalogue.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell::instruments {

std::string_view MarkName(Mark mark) {
  static constexpr std::string_view kNames[] = {"verified", "unverified",
                                                "assumption"};
  return kNames[static_cast<size_t>(mark)];
}

std::string_view ItemKindName(ItemKind kind) {
  static constexpr std::string_view kNames[] = {"choice", "integer", "boolean",
                                                "text", "date"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view CutoffKindName(CutoffKind kind) {
  static constexpr std::string_view kNames[] = {
      "caseness", "remission", "reliable_change", "mcid", "response"};
  return kNames[static_cast<size_t>(kind)];
}

namespace {
constexpr std::string_view kSexNames[] = {"unknown", "female", "male", "other"};
}  // namespace

std::string_view SexName(Sex sex) {
  return kSexNames[static_cast<size_t>(sex)];
}

bool SexFromName(std::string_view text, Sex* out) {
  for (size_t i = 0; i < std::size(kSexNames); ++i) {
    if (kSexNames[i] != text) continue;
    *out = static_cast<Sex>(i);
    return true;
  }
  return false;
}

bool ValueSet::Contains(int32_t value) const {
  if (value < min || value > max) return false;
  return listed.empty() || Find(value) != nullptr;
}

const AnswerValue* ValueSet::Find(int32_t value) const {
  const auto it = std::lower_bound(
      listed.begin(), listed.end(), value,
      [](const AnswerValue& a, int32_t v) { return a.value < v; });
  return it != listed.end() && it->value == value ? &*it : nullptr;
}

namespace {

template <class T>
std::optional<uint16_t> IndexOf(const std::vector<T>& list,
                                std::string_view id) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].id == id) return static_cast<uint16_t>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint16_t> Instrument::FindItem(std::string_view name) const {
  auto it = item_names_.find(ToAbsl(name));
  if (it == item_names_.end()) {
    it = item_names_.find(absl::AsciiStrToLower(ToAbsl(name)));
  }
  if (it == item_names_.end()) return std::nullopt;
  return it->second;
}

std::optional<uint16_t> Instrument::FindFlag(std::string_view id) const {
  return IndexOf(flags_, id);
}

std::optional<uint16_t> Instrument::FindRiskMarker(std::string_view id) const {
  return IndexOf(risks_, id);
}

std::optional<uint16_t> Instrument::FindScale(std::string_view id) const {
  return IndexOf(scales_, id);
}

std::optional<uint16_t> Instrument::FindProfile(std::string_view id) const {
  return IndexOf(profiles_, absl::AsciiStrToLower(ToAbsl(id)));
}

const Cutoff* Instrument::FindCutoff(int16_t profile, CutoffKind kind) const {
  if (profile < 0 || static_cast<size_t>(profile) >= profiles_.size()) {
    return nullptr;
  }
  for (const Cutoff& cutoff : profiles_[profile].cutoffs) {
    if (cutoff.kind == kind && has_total_ && cutoff.scale == 0 &&
        cutoff.only_for == Sex::kUnknown) {
      return &cutoff;
    }
  }
  return nullptr;
}

std::optional<Rational> NormOf(const NormTable& table, const Rational& score,
                               Sex sex, std::optional<int32_t> age) {
  for (const NormGroup& group : table.groups) {
    const bool all_ages = group.age_from == 0 && group.age_to == INT32_MAX;
    if ((group.sex != Sex::kUnknown && group.sex != sex) ||
        (!all_ages &&
         (!age.has_value() || *age < group.age_from || *age > group.age_to))) {
      continue;
    }
    const auto it = std::lower_bound(
        group.values.begin(), group.values.end(), score,
        [](const auto& entry, const Rational& s) { return entry.first < s; });
    if (it == group.values.end() || it->first != score) return std::nullopt;
    return it->second;
  }
  return std::nullopt;
}

std::string_view NormBandId(const NormTable& table, const Rational& norm) {
  std::string_view id;
  for (const Band& band : table.bands) {
    if (norm >= band.from) id = band.id;
  }
  return id;
}

const Texts* Instrument::FindTexts(std::string_view language) const {
  for (const Texts& texts : texts_) {
    if (texts.language == language) return &texts;
  }
  return nullptr;
}

namespace {
constexpr std::string_view kFolder = "instruments/";
constexpr std::string_view kSuffix = ".json";
}  // namespace

std::vector<std::string> CatalogueInstrumentIds() {
  std::vector<std::string> ids;
  for (const CatalogueFile& file : ListCatalogue(kFolder)) {
    ids.emplace_back(file.path.substr(
        kFolder.size(), file.path.size() - kFolder.size() - kSuffix.size()));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

absl::StatusOr<std::shared_ptr<const Instrument>> LoadCatalogueInstrument(
    std::string_view id, std::string_view coding) {
  const std::string name = absl::AsciiStrToLower(ToAbsl(id));
  const auto find = [](absl::string_view file) {
    return FindCatalogueFile(
        absl::StrCat(ToAbsl(kFolder), file, ToAbsl(kSuffix)));
  };
  const std::string_view text = find(name);
  if (text.empty()) {
    return NotFound(absl::StrCat(
        "there is no instrument \"", ToAbsl(id), "\" in the catalogue; it has ",
        absl::StrJoin(CatalogueInstrumentIds(), ", ")));
  }
  STEPWELL_ASSIGN_OR_RETURN(LoadResult loaded, LoadInstrument(text));
  if (loaded.instrument == nullptr) {
    return Internal(absl::StrCat("the shipped document ", name,
                                 " has errors: ", loaded.issues[0].pointer,
                                 ": ", loaded.issues[0].message));
  }
  const std::string variant = absl::StrCat(name, "-", ToAbsl(coding));
  if (!coding.empty() && coding != loaded.instrument->coding() &&
      !find(variant).empty()) {
    return LoadCatalogueInstrument(variant);
  }
  return std::move(loaded.instrument);
}

}  // namespace stepwell::instruments
