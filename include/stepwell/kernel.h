// The kernel: what a service decides, without the service. State bytes, the
// world around the case, a command and a time go in; events, effects, deadlines
// and the new state come out. Nothing is stored: a host may keep its cases in
// its own tables and commit what it gets in its own transaction, or not at all.
//
//   auto decided = stepwell::DecideKernel(*protocol, {row.state, command},
//                                         world, now);
//   if (!decided.ok()) ...          // could not be done: nothing to keep
//   if (!decided->accepted) ...     // the rules say no: decided->json says why
//   INSERT decided->records; UPDATE state = decided->state; COMMIT;
//
// A service gives the same events and the same state for the same commands.
// What a service adds is the host's to do: command ids that come again, one
// writer a case at a time (`version`), the register of persons, input that
// belongs to no case, the outbox, firing clocks when they are due.
//
// Pure: the same arguments give the same bytes. Any thread.
#ifndef STEPWELL_KERNEL_H_
#define STEPWELL_KERNEL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/protocol.h"
#include "stepwell/time.h"

namespace stepwell {

// Staff are named by their references.
struct KernelLeave {
  Instant from, to;  // until before
  std::string cover = {};
};

// They act for `of` in these pools, as `set_acting` says.
struct KernelActing {
  Instant from, to;
  std::string of;
  std::vector<std::string> pools;
};

// A member of staff. Cases refer to members by their place in the list: it
// only grows, and nobody is ever moved.
struct KernelStaff {
  std::string staff;               // the host's reference: "anna"
  std::vector<std::string> pools;  // by name
  int caseload = 0;                // cases that they own now
  std::vector<KernelLeave> leave;
  std::vector<std::string> skills = {}, languages = {};
  std::optional<int> caseload_max = {};  // none: that of the pool
  Instant left_at = Instant::Never();
  std::optional<Instant> new_until = {};  // what they complete may be signed
  // What their cases weigh beyond one each, in hundredths: `weight/anna`.
  int weight = 0;
  Instant starts_at = {};
  std::optional<int> share = {};  // of full time, in percent; none: all
  std::vector<std::pair<Instant, int>> ramp_up = {};  // until, cases at most
  std::vector<std::string> sites = {};
  std::string calendar = {};  // their hours, by its name; empty: the pool's
  std::vector<KernelActing> acting = {};
  std::string cover = {};  // once they have left
};

// What a decision may know beyond its own case.
struct KernelWorld {
  std::string tenant = "default";  // part of the ids of new cases
  std::vector<KernelStaff> staff;
  // Decisions by data wait, and clocks but for those that watch over risk:
  // a clock that waits does nothing and stays due.
  bool safe_mode = false;
  // By pool, of those that go by turns: the place in `staff` of whoever had the
  // last one, as the counter `turn/POOL` adds it up.
  std::vector<std::pair<std::string, int>> turns = {};
};

// {"tenant", "safe_mode", "turns": {"few": 3}, "staff": [{"staff", "pools":
// [...], "caseload", "leave": [{"from", "to"}], "skills": [...], "languages":
// [...], "sites": [...], "caseload_max", "left_at", "new_until", "weight",
// "starts_at", "share", "ramp_up": [{"until", "caseload_max"}], "calendar",
// "acting": [{"from", "to", "for", "pools": [...]}], "cover"}]}; a leave has a
// "cover" too. Empty text = nobody is registered. What does not fit together is
// an error with its pointer (docs/reference/kernel.md).
absl::StatusOr<KernelWorld> KernelWorldFromJson(std::string_view text);

struct KernelInput {
  // As the last decision gave it; empty: there is no case yet.
  std::string_view state;
  // As for a service (docs/formats/command.md): `receive_referral` opens a
  // case, every other command is to the case of `state`. A clock that is due
  // is {"command": "fire_clock", "clock": 3}.
  std::string_view command_json;
  // void_event only: the records of the case's log, in order; those of the
  // command that recorded its target at least. What stood before the target
  // stands again as far as the records tell it.
  std::vector<std::string_view> history;
};

struct KernelDecision {
  bool accepted = false;
  std::string case_id, person_id;
  uint64_t version = 0;  // of the case, afterwards
  // Records of the case's log, in order; they follow those before. Empty after
  // a rejection, and when a clock had nothing to do.
  std::vector<std::string> records;
  std::string state;  // after the command; the same as before after a rejection
  // All that a host may want to keep, by docs/reference/kernel.md and
  // catalogue/schema/decision.schema.json: reply, events, effects,
  // effects_settled, clocks_set, clocks_removed, work_set, work_removed,
  // counters, texts, texts_erased, warnings.
  std::string json;
};

// A Status means that it could not be done: damaged state bytes, a state that
// another protocol made, a command that cannot be read or is to another case.
absl::StatusOr<KernelDecision> DecideKernel(const Protocol& protocol,
                                            const KernelInput& input,
                                            const KernelWorld& world,
                                            Instant now);

// The state after these records: replay. Starts from `state` (empty = from the
// beginning) and needs no protocol.
absl::StatusOr<std::string> FoldKernel(
    std::string_view state, std::span<const std::string_view> records);

// A state for people to look into; members are no promise.
absl::StatusOr<std::string> KernelStateToJson(const Protocol& protocol,
                                              std::string_view state,
                                              const KernelWorld& world);

}  // namespace stepwell

#endif  // STEPWELL_KERNEL_H_
