// Checks of related persons: what they say of the patient is not what the
// patient says.
#include <map>

#include "absl/strings/str_cat.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// The name in `who`; empty: not asked of the patient's side.
std::string AskedOf(const Element& element) {
  return element.performer == Performer::kPatient   ? "patient"
         : element.performer == Performer::kRelated ? element.role
                                                    : "";
}

// One instrument has one course of scores: a mother's answers about her child
// would be the child's, for guards, change and risk.
void CheckInstrumentsOfTwo(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  std::map<uint16_t, const Element*> first;  // by instrument
  for (const Element& element : protocol.elements) {
    const std::string who = AskedOf(element);
    if (element.kind != ItemKind::kQuestionnaire || who.empty() ||
        element.instrument.IsNone()) {
      continue;
    }
    const auto [it, added] =
        first.try_emplace(element.instrument.value, &element);
    const std::string other = AskedOf(*it->second);
    if (added || other == who) continue;
    AddError(loading.issues, "instrument_of_two",
             Below(element.pointer, "instrument"),
             absl::StrCat("`", protocol.at(element.instrument).name,
                          "` is asked of the ", other, " in `", it->second->id,
                          "` and of the ", who,
                          " here: their answers would be one course of scores"),
             "import the form for related persons as an instrument of its own, "
             "as `rcads-parent` is beside `rcads`");
  }
}

}  // namespace

void CheckRelated(Loading& loading) { CheckInstrumentsOfTwo(loading); }

}  // namespace stepwell::protocol
