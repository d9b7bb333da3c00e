// Checks of work that nobody can end, or whose word is never heard.
#include "absl/strings/str_cat.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// Decisions and letters are for staff to end: what a patient or a related
// person hands in has no outcome, and no letter. A decision by data is staff's
// too, for as long as it waits.
void CheckWho(Loading& loading, const Element& element) {
  const bool decides = element.kind == ItemKind::kDecision;
  if (!IsOutside(element.performer) ||
      !(decides || element.kind == ItemKind::kMessage)) {
    return;
  }
  AddError(loading.issues, "staff_work_who", Below(element.pointer, "who"),
           absl::StrCat("nobody outside the service can end `", element.id,
                        "`: it would stay open for ever"),
           decides ? "name `owner` or a pool; what the patient wishes is asked "
                     "in a questionnaire"
                   : "name `owner` or a pool; the patient writes messages of "
                     "their own accord");
}

// What is handed in or answered brings no value of its own along.
void CheckFact(Loading& loading, const Element& element) {
  if (element.fact.IsNone() || element.kind == ItemKind::kDecision) return;
  const bool answered = element.kind == ItemKind::kQuestionnaire;
  if (!answered && !IsOutside(element.performer)) return;
  AddWarning(loading.issues, "fact_never_set", Below(element.pointer, "fact"),
             absl::StrCat("`", element.id, "` is ",
                          answered ? "answered" : "handed in from outside",
                          " without a value: it never sets `",
                          loading.protocol.at(element.fact).id, "`"),
             answered
                 ? "let the fact be `from` an item of the questionnaire"
                 : "ask in a questionnaire, and let the fact be `from` it; or "
                   "let a task of staff set it");
}

}  // namespace

void CheckWhoEnds(Loading& loading) {
  for (const Element& element : loading.protocol.elements) {
    // A module's own work is written in its program.
    if (!element.program.IsNone()) continue;
    CheckWho(loading, element);
    CheckFact(loading, element);
  }
}

}  // namespace stepwell::protocol
