// Checks of related persons: what they say of the patient is not what the
// patient says.
#include <map>

#include "absl/strings/str_cat.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// The name in `who`. Staff speak for the patient, whom they ask.
std::string AskedOf(const Element& element) {
  return element.performer == Performer::kPatient   ? "patient"
         : element.performer == Performer::kRelated ? element.role
                                                    : "staff";
}

// Whether their answers are of two: of a related person and somebody else.
bool AreOfTwo(const Element& one, const Element& other) {
  const auto is_related = [](const Element& element) {
    return element.performer == Performer::kRelated;
  };
  return (is_related(one) || is_related(other)) &&
         AskedOf(one) != AskedOf(other);
}

// One instrument has one course of scores, under whatever names it is imported:
// a mother's answers about her child would be the child's, for guards, change
// and risk.
void CheckInstrumentsOfTwo(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  std::map<std::string, const Element*> first;  // by the document's id
  for (const Element& element : protocol.elements) {
    if (element.kind != ItemKind::kQuestionnaire ||
        element.instrument.IsNone()) {
      continue;
    }
    const std::string id(protocol.at(element.instrument).instrument->id());
    const auto [it, added] = first.try_emplace(id, &element);
    if (added || !AreOfTwo(*it->second, element)) continue;
    AddError(
        loading.issues, "instrument_of_two",
        Below(element.pointer, "instrument"),
        absl::StrCat("`", id, "` is asked of the ", AskedOf(*it->second),
                     " in `", it->second->id, "` and of the ", AskedOf(element),
                     " here: their answers would be one course of scores"),
        "take a questionnaire of its own for related persons, as "
        "`rcads-parent` is beside `rcads`; a second name for the same one "
        "does not tell them apart");
  }
}

}  // namespace

void CheckRelated(Loading& loading) { CheckInstrumentsOfTwo(loading); }

}  // namespace stepwell::protocol
