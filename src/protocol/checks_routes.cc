// Checks of routes: what is meant for one way in is of everybody who came by
// it, and not only of those of whom it was the latest.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "protocol/decisions.h"
#include "protocol/intake.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

bool ReadsLatestRoute(const Guard& guard) {
  if (guard.program == nullptr) return false;
  const auto& reads = guard.program->reads();
  return std::any_of(reads.begin(), reads.end(), [](const auto& path) {
    return path.size() == 1 && path[0] == "route";
  });
}

void Warn(Loading& loading, const Guard& guard, const std::string& pointer) {
  if (!ReadsLatestRoute(guard)) return;
  AddWarning(loading.issues, "latest_route", pointer,
             "`route` is that of the latest referral: for whoever comes by "
             "another route as well this is over",
             absl::StrCat("`routes.", loading.protocol.routes.front().id,
                          "` is true of everybody of whom a referral of the "
                          "episode came by it"));
}

// A threshold is a table as well.
void CheckElement(Loading& loading, const Element& element) {
  Warn(loading, element.when, Below(element.pointer, "when"));
  EachGuardOfDecision(element, [&](const Guard& guard, const auto& pointer) {
    Warn(loading, guard, pointer);
  });
}

void CheckIntake(Loading& loading, const Intake& intake) {
  for (size_t i = 0; i < intake.classes.size(); ++i) {
    Warn(loading, intake.classes[i].guard,
         absl::StrCat("/intake/classes/", i, "/if"));
  }
  for (size_t i = 0; i < intake.capacity.rules.size(); ++i) {
    Warn(loading, intake.capacity.rules[i].guard,
         absl::StrCat("/intake/capacity/rules/", i, "/if"));
  }
}

}  // namespace

// A rule may mean the latest: it is about the referral that has just come.
void CheckRoutes(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  if (protocol.routes.size() < 2) return;
  for (const Element& element : protocol.elements) {
    CheckElement(loading, element);
  }
  for (const ImportedProgram& program : protocol.programs) {
    if (program.modules.empty()) continue;
    Warn(loading, program.when,
         Below(protocol.at(program.modules.front()).pointer, "when"));
  }
  if (protocol.intake != nullptr) CheckIntake(loading, *protocol.intake);
}

}  // namespace stepwell::protocol
