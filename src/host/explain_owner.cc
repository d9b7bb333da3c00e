// Why a case is whose it is: the last assignment, as its log has it.
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "host/names.h"
#include "host/service_impl.h"
#include "wire/names.h"

namespace stepwell::host {

namespace {

std::string Counted(uint32_t count, const char* what) {
  return count == 0 ? "" : absl::StrCat("; ", count, " ", what);
}

// Who else there was, and why they did not get it.
std::string Others(const engine::AssignmentChoice& why) {
  return absl::StrCat("of ", why.members,
                      why.members == 1 ? " member" : " members",
                      Counted(why.on_leave, "on leave"),
                      Counted(why.lacking, "without what the case needs"),
                      Counted(why.full, "without room"));
}

std::string Least(const engine::AssignmentChoice& why) {
  if (!why.load) return absl::StrCat(" had the fewest cases, ", why.caseload);
  return absl::StrFormat(
      " had the least caseload by weight and working time, %d.%02d in %d %s",
      *why.load / protocol::kCaseWeight, *why.load % protocol::kCaseWeight,
      why.caseload, why.caseload == 1 ? "case" : "cases");
}

std::string Why(const engine::AssignmentChoice& why, const std::string& name,
                const std::string& pool, const std::string& after) {
  switch (why.by) {
    case engine::ChosenBy::kCaseload:
      return absl::StrCat(name, Least(why), ", ", Others(why));
    case engine::ChosenBy::kContinuity:
      return absl::StrCat("it was the case of ", name,
                          " already: the policy of ", pool, " is continuity");
    case engine::ChosenBy::kTurn:
      return absl::StrCat("it was the turn of ", name,
                          after.empty() ? "" : absl::StrCat(" after ", after),
                          ", ", Others(why));
    case engine::ChosenBy::kManual:
      return absl::StrCat("a person of ", pool, " is to give it to somebody");
    case engine::ChosenBy::kNobody:
      break;
  }
  return absl::StrCat("nobody of ", pool, " could take it, ", Others(why));
}

// The last assignment and the command that led to it.
struct LastAssignment {
  const engine::CommandRecorded* command = nullptr;
  const engine::CommandRecorded* by = nullptr;
  const engine::CaseAssigned* assigned = nullptr;

  void operator()(const engine::CommandRecorded& e) { command = &e; }
  void operator()(const engine::CaseAssigned& e) {
    assigned = &e;
    by = command;
  }
  template <class E>
  void operator()(const E&) {}
};

}  // namespace

Explanation ServiceImpl::ExplainOwner(const Past& past) {
  const wire::Names names =
      NamesFor(*runtime_, past.protocol.get(), &past.state);
  const engine::Owner& owner = past.state.owner;
  const std::string pool = wire::NameOf(names, owner.pool);
  Explanation result;
  result.item = "owner";
  result.state = wire::NameOf(names, owner);
  LastAssignment last;
  for (const engine::Event& event : past.events) std::visit(last, event.body);
  if (last.assigned == nullptr) {
    result.reasons.push_back(
        absl::StrCat("the case began with ", result.state));
  } else if (last.assigned->choice) {
    result.reasons.push_back(
        Why(*last.assigned->choice, result.state, pool,
            wire::NameOf(names,
                         last.assigned->choice->after.value_or(StaffId(0)))));
  } else if (last.by != nullptr) {
    const engine::Envelope& envelope = last.by->envelope;
    const std::string actor = wire::NameOf(names, envelope.actor.staff);
    result.reasons.push_back(absl::StrCat(
        "given to ", result.state, " by ", actor.empty() ? "the host" : actor,
        envelope.reason.empty() ? "" : ": ", envelope.reason));
  }
  if (last.assigned != nullptr && !last.assigned->passed.empty()) {
    result.reasons.push_back(absl::StrCat(
        "its reason has passed: ", absl::StrJoin(last.assigned->passed, ", ")));
  }
  std::vector<std::string> needs = past.state.needs.skills;
  needs.insert(needs.end(), past.state.needs.languages.begin(),
               past.state.needs.languages.end());
  if (!past.state.needs.site.empty()) needs.push_back(past.state.needs.site);
  if (!needs.empty()) {
    result.reasons.push_back(
        absl::StrCat("the case needs ", absl::StrJoin(needs, ", ")));
  }
  return result;
}

}  // namespace stepwell::host
