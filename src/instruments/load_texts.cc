// Wording, kept apart from structure: only where the licence lets it ship.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "instruments/loader.h"

namespace stepwell::instruments {

void InstrumentLoader::LoadTexts(ObjectReader& reader) {
  const json::Value value = reader.Get("texts");
  const bool included = out_->licence_.text_included;
  if (!value) {
    if (included) {
      AddError(issues_, "missing_field", "",
               "the licence says that the text is included, but there are no "
               "texts");
    }
    return;
  }
  if (!included) {
    AddError(issues_, "text_not_licensed", value.pointer(),
             "the document holds wording although its licence block says "
             "that none is included",
             "take the texts out, or set licence.text_included");
  }
  if (!value.is_object()) {
    AddError(
        issues_, "wrong_type", value.pointer(),
        absl::StrCat("expected an object, found ", ToAbsl(TypeName(value))));
    return;
  }
  for (json::Value language : json::Children(value)) LoadLanguage(language);
}

void InstrumentLoader::LoadLanguage(json::Value value) {
  Texts texts;
  texts.language = std::string(value.key());
  const bool tag =
      texts.language.size() >= 2 && texts.language.size() <= 35 &&
      std::all_of(texts.language.begin(), texts.language.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '-';
      });
  if (!tag) {
    AddError(issues_, "bad_name", value.pointer(),
             absl::StrCat("\"", texts.language, "\" is no language tag"),
             "a BCP 47 tag such as \"en\" or \"sv-SE\"");
  }
  ObjectReader reader(value, issues_);
  texts.title = reader.Text("title");
  texts.stem = reader.Text("stem");
  LoadItemTexts(reader.Get("items"), texts);
  LoadValueTexts(reader.Get("values"), texts);
  out_->texts_.push_back(std::move(texts));
}

void InstrumentLoader::LoadItemTexts(json::Value value, Texts& texts) {
  if (!value) return;
  ObjectReader reader(value, issues_);
  for (size_t i = 0; i < out_->items_.size(); ++i) {
    const std::string& id = out_->items_[i].id;
    std::string text = reader.Text(id);
    if (!text.empty()) {
      texts.items.emplace_back(static_cast<uint16_t>(i), std::move(text));
    } else if (!reader.Get(id)) {
      AddWarning(issues_, "missing_text", value.pointer(),
                 absl::StrCat("there is no wording for the item \"", id, "\""));
    }
  }
}

void InstrumentLoader::LoadValueTexts(json::Value value, Texts& texts) {
  if (!value) return;
  ObjectReader reader(value, issues_);
  for (size_t s = 0; s < out_->value_sets_.size(); ++s) {
    const ValueSet& set = out_->value_sets_[s];
    if (set.id.empty()) continue;
    const json::Value words = reader.Get(set.id);
    for (json::Value word : json::Children(words)) {
      int32_t number = 0;
      if (!absl::SimpleAtoi(ToAbsl(word.key()), &number) ||
          !set.Contains(number) || !word.is_string()) {
        AddError(issues_, "outside_values", word.pointer(),
                 absl::StrCat("expected the wording of a value of \"", set.id,
                              "\""));
        continue;
      }
      texts.values.push_back(
          {static_cast<uint16_t>(s), number, std::string(word.string_value())});
    }
  }
}

}  // namespace stepwell::instruments
