// Checks of routes: a step of one way in is of everybody who came by it, and
// not only of those of whom it was the latest.
#include <algorithm>

#include "absl/strings/str_cat.h"
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
             "`route` is that of the latest referral: whoever comes by another "
             "route as well loses this",
             absl::StrCat("`routes.", loading.protocol.routes.front().id,
                          "` is true of everybody of whom a referral of the "
                          "episode came by it"));
}

}  // namespace

// A rule may mean the latest: it is about the referral that has just come.
void CheckRoutes(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  if (protocol.routes.size() < 2) return;
  for (const Element& element : protocol.elements) {
    Warn(loading, element.when, Below(element.pointer, "when"));
  }
  for (const ImportedProgram& program : protocol.programs) {
    if (program.modules.empty()) continue;
    Warn(loading, program.when,
         Below(protocol.at(program.modules.front()).pointer, "when"));
  }
  if (protocol.intake == nullptr) return;
  for (size_t i = 0; i < protocol.intake->classes.size(); ++i) {
    Warn(loading, protocol.intake->classes[i].guard,
         absl::StrCat("/intake/classes/", i, "/if"));
  }
}

}  // namespace stepwell::protocol
