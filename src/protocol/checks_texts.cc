// Checks of texts: what a patient reads is there in every language that the
// service offers.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// The languages of the service: the one that texts are written in, and those
// that its own title has.
std::vector<std::string> LanguagesOf(const Loading& loading) {
  std::vector<std::string> languages = {loading.protocol.language};
  const json::Value title = loading.root.Find("title");
  if (!title.is_object()) return languages;
  for (const json::Value text : json::Children(title)) {
    std::string language(text.key());
    if (language != loading.protocol.language) {
      languages.push_back(std::move(language));
    }
  }
  return languages;
}

class TextChecks {
 public:
  explicit TextChecks(Loading& loading)
      : loading_(loading), languages_(LanguagesOf(loading)) {}

  // No text at all is another matter: then the name stands in for it.
  void Check(const Texts& texts, std::string_view what,
             const std::string& pointer) {
    if (texts.empty()) return;
    std::vector<std::string> missing;
    for (const std::string& language : languages_) {
      const auto it = std::find_if(
          texts.begin(), texts.end(),
          [&](const auto& text) { return text.first == language; });
      if (it == texts.end()) missing.push_back(language);
    }
    if (missing.empty() || !told_.insert(pointer).second) return;
    AddWarning(loading_.issues, "text_missing", pointer,
               absl::StrCat(ToAbsl(what), " is read by patients, and has no ",
                            "text in: ", absl::StrJoin(missing, ", ")),
               "the languages of a service are its `language` and those of "
               "its `title`");
  }

 private:
  Loading& loading_;
  std::vector<std::string> languages_;
  std::set<std::string> told_;
};

void AddPatientTemplates(const std::vector<Action>& actions,
                         std::set<uint16_t>& templates) {
  for (const Action& action : actions) {
    if (action.kind == ActionKind::kNotify && IsPatientsSide(action.to)) {
      templates.insert(action.message_template.value);
    }
  }
}

void CheckTemplates(const Protocol& protocol, TextChecks& checks) {
  std::set<uint16_t> templates;
  for (const Rule& rule : protocol.rules) {
    AddPatientTemplates(rule.actions, templates);
  }
  for (const ClockDef& clock : protocol.clocks) {
    for (const Rung& rung : clock.ladder) {
      AddPatientTemplates(rung.actions, templates);
    }
  }
  if (!protocol.risk.show_now.IsNone()) {
    templates.insert(protocol.risk.show_now.value);
  }
  for (const uint16_t which : templates) {
    if (which >= protocol.templates.size()) continue;
    checks.Check(protocol.template_texts[which],
                 absl::StrCat("the template `", protocol.templates[which], "`"),
                 absl::StrCat("/templates/", which, "/text"));
  }
}

void CheckTitles(Loading& loading, TextChecks& checks) {
  const Protocol& protocol = loading.protocol;
  for (const Element& element : protocol.elements) {
    if (!IsOutside(element.performer)) continue;
    // The titles of modules stand in the program's document.
    const bool module = !element.program.IsNone();
    checks.Check(element.titles, absl::StrCat("`", element.id, "`"),
                 Below(element.pointer, module ? "program" : "title"));
  }
  Issues ignored;  // told of when the section was read
  for (const json::Value purpose :
       json::Children(loading.root.Find("purposes"))) {
    checks.Check(ReadTexts(purpose.Find("title"), protocol.language, ignored),
                 "this purpose of consent", Below(purpose.pointer(), "title"));
  }
}

// Where the catalogue has no wording in the language of the service it is the
// host's. What has it in that one, or comes with the service, has it in all.
void CheckInstruments(const Loading& loading, TextChecks& checks) {
  const Protocol& protocol = loading.protocol;
  for (const Element& element : protocol.elements) {
    if (!IsOutside(element.performer) || element.instrument.IsNone()) continue;
    const ImportedInstrument& imported = protocol.at(element.instrument);
    if (imported.instrument == nullptr) continue;
    const bool own = static_cast<bool>(OwnDocument(
        loading, absl::StrCat("instruments/", imported.id, ".json")));
    if (!own && imported.instrument->FindTexts(protocol.language) == nullptr) {
      continue;
    }
    Texts worded;
    for (const instruments::Texts& texts : imported.instrument->texts()) {
      worded.emplace_back(texts.language, "");
    }
    checks.Check(worded, absl::StrCat("`", imported.name, "`"),
                 Below("/imports/instruments", imported.name));
  }
}

}  // namespace

void CheckTexts(Loading& loading) {
  TextChecks checks(loading);
  CheckInstruments(loading, checks);
  CheckTemplates(loading.protocol, checks);
  CheckTitles(loading, checks);
}

}  // namespace stepwell::protocol
