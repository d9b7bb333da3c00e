// The clocks that are due: in order of time, and many in one transaction.
#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status.h"
#include "engine/safe_mode.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"

namespace stepwell::runtime {
namespace {

// Clocks that are read at a time.
constexpr size_t kDueBatch = 256;
// Clocks that fire in one transaction: a sync of the disk for so many, and
// other writers wait no longer than for these.
constexpr size_t kFiredTogether = 64;

bool IsBefore(const store::DueClock& a, const store::DueClock& b) {
  return std::tie(a.due, a.stream, a.clock) <
         std::tie(b.due, b.stream, b.clock);
}

template <class List>
void MoveTo(List& from, List& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

// Nothing that is counted, and no other stream: what comes after it decides the
// same, whether it is committed or not.
bool MayGoTogether(const store::CommitRequest& request) {
  return request.counters.empty() && request.streams.size() == 1 &&
         !request.command;
}

engine::Command FiringOf(CaseId id, const store::DueClock& due) {
  engine::Command command;
  command.case_id = id;
  command.envelope.command_id = absl::StrCat("clock/", IdToText(id.value), "/",
                                             due.clock, "/", due.due.us);
  command.body = engine::FireClock{static_cast<uint32_t>(due.clock), due.due};
  return command;
}

}  // namespace

// An advance under way.
struct Runtime::Firing {
  Instant now;
  size_t clocks_max = 0;
  Advanced& advanced;
  // Streams whose clock could not be fired: they wait, the others go on.
  absl::flat_hash_set<store::StreamKey> stuck = {};
  // Decided and not committed yet, with the clocks that have fired in it.
  store::CommitRequest request = {};
  std::vector<store::DueClock> clocks = {};
  // The first of the clocks that these have set: it is not in the store yet.
  std::optional<store::DueClock> first_set = {};
  bool any = false;    // has fired since the clocks were read
  bool again = false;  // they are to be read again: others may come before

  bool IsInRequest(const store::StreamKey& stream) const {
    return std::any_of(
        clocks.begin(), clocks.end(),
        [&](const store::DueClock& clock) { return clock.stream == stream; });
  }
  void Fired(size_t n) {
    advanced.fired += n;
    any |= n > 0;
  }
  bool IsFull() const { return advanced.fired + clocks.size() >= clocks_max; }
};

absl::StatusOr<bool> Runtime::DecideFiring(const store::DueClock& due,
                                           Instant now,
                                           store::CommitRequest& request) {
  const CaseId id(due.stream.id);
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, CachedCase(id));
  // Another process, or an earlier clock, may have been first.
  if (DueOf(*loaded.state, due.clock) > now) return false;
  STEPWELL_ASSIGN_OR_RETURN(const bool waits, IsHeld(due));
  if (waits) return false;
  const engine::Command command = FiringOf(id, due);
  const service::ServiceWorld world = WorldOf(*loaded.protocol);
  HeldCase& held = cases_.find(id)->second;
  const service::CaseShare before =
      service::ShareOf(*loaded.protocol, held.state);
  const uint64_t version_before = held.state.version;
  absl::Status done = engine::DecideInPlace(*loaded.protocol, held.state, world,
                                            command, now, {}, decided_);
  if (done.ok()) {
    request.unchanged.push_back(ServiceSeen());
    AddCaseWrite(*loaded.protocol, before, version_before, decided_.events,
                 held.state, &held.row, BasisAt(now), request);
    done = AddSeats(command.envelope, "fire_clock", id, decided_.events, now,
                    request);
  }
  if (done.ok()) return true;
  cases_.erase(id);
  return done;
}

absl::StatusOr<bool> Runtime::FireCase(const store::DueClock& due,
                                       Instant now) {
  const CaseId id(due.stream.id);
  bool fired = false;
  const auto attempt = [&]() -> absl::StatusOr<Receipt> {
    store::CommitRequest request;
    STEPWELL_ASSIGN_OR_RETURN(const bool decided,
                              DecideFiring(due, now, request));
    if (!decided) return Receipt();
    STEPWELL_RETURN_IF_ERROR(CommitFiring(id, request));
    fired = true;
    return Receipt();
  };
  STEPWELL_RETURN_IF_ERROR(Retrying(id, attempt).status());
  return fired;
}

absl::Status Runtime::CommitFiring(CaseId id,
                                   const store::CommitRequest& request) {
  const absl::Status done = store_->Commit(request);
  if (done.ok()) {
    TakeCounters(request);
  } else {
    cases_.erase(id);  // the store's row decides
  }
  return done;
}

absl::StatusOr<bool> Runtime::IsHeld(const store::DueClock& clock) {
  if (!service_.safe_since) return false;
  return WaitsInSafeMode(clock);
}

absl::StatusOr<bool> Runtime::WaitsInSafeMode(const store::DueClock& clock) {
  if (clock.stream.kind != store::StreamKind::kCase) {
    return clock.stream.kind == store::StreamKind::kGroup;
  }
  const auto loaded = CachedCase(CaseId(clock.stream.id));
  if (!loaded.ok()) {
    if (absl::IsUnavailable(loaded.status())) return loaded.status();
    return false;  // firing it says what is wrong with the case
  }
  return !engine::FiresInSafeMode(*loaded->protocol, *loaded->state,
                                  clock.clock);
}

absl::StatusOr<bool> Runtime::FireOne(const store::DueClock& clock,
                                      Instant now) {
  if (clock.stream.kind == store::StreamKind::kService) {
    return FireParked(static_cast<uint32_t>(clock.clock), now);
  }
  if (clock.stream.kind == store::StreamKind::kGroup) {
    return FireGroup(clock.stream, now);
  }
  STEPWELL_ASSIGN_OR_RETURN(const bool fired, FireCase(clock, now));
  if (fired) return true;
  // The cache may be behind another process: the store's row decides.
  const CaseId id(clock.stream.id);
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
  if (DueOf(*loaded.state, clock.clock) <= now) return FireCase(clock, now);
  STEPWELL_ASSIGN_OR_RETURN(const auto rows, store_->ClocksOf(clock.stream));
  for (const store::ClockRow& row : rows) {
    if (row.clock == clock.clock && row.due <= now) {
      return Internal(absl::StrCat("clock ", clock.clock, " of case ",
                                   IdToText(id.value),
                                   " is in the index but not in the state"));
    }
  }
  return false;
}

absl::Status Runtime::FireAlone(const store::DueClock& clock, Firing& firing) {
  const absl::StatusOr<bool> fired = FireOne(clock, firing.now);
  if (!fired.ok()) return NoteStuck(clock, fired.status(), firing);
  if (*fired) firing.Fired(1);
  firing.again |= *fired;
  return absl::OkStatus();
}

absl::Status Runtime::NoteStuck(const store::DueClock& clock,
                                const absl::Status& why, Firing& firing) {
  if (absl::IsUnavailable(why)) return why;  // the store: nothing can be fired
  firing.stuck.insert(clock.stream);
  firing.advanced.failed.push_back(
      absl::StrCat("stream ", IdToText(clock.stream.id), ", clock ",
                   clock.clock, ": ", why.message()));
  return absl::OkStatus();
}

absl::Status Runtime::FireTogether(Firing& firing) {
  if (firing.clocks.empty()) return absl::OkStatus();
  const store::CommitRequest request = std::exchange(firing.request, {});
  const std::vector<store::DueClock> clocks = std::exchange(firing.clocks, {});
  const absl::Status done = store_->Commit(request);
  if (done.ok()) {
    firing.Fired(clocks.size());
    return absl::OkStatus();
  }
  for (const store::DueClock& clock : clocks) {
    cases_.erase(CaseId(clock.stream.id));
  }
  if (absl::IsUnavailable(done)) return done;
  // Another writer was first with one of them, or one cannot be written: each
  // for itself.
  STEPWELL_RETURN_IF_ERROR(Reload());
  for (const store::DueClock& clock : clocks) {
    STEPWELL_RETURN_IF_ERROR(FireAlone(clock, firing));
  }
  return absl::OkStatus();
}

absl::Status Runtime::AddFiring(const store::DueClock& clock,
                                store::CommitRequest request, Firing& firing) {
  for (const store::ClockRow& row : request.streams[0].clocks_set) {
    const store::DueClock set{row.due, clock.stream, row.clock};
    if (set.due > firing.now) continue;
    if (firing.first_set && !IsBefore(set, *firing.first_set)) continue;
    STEPWELL_ASSIGN_OR_RETURN(const bool held, IsHeld(set));
    if (!held) firing.first_set = set;
  }
  firing.clocks.push_back(clock);
  store::CommitRequest& all = firing.request;
  if (all.unchanged.empty()) MoveTo(request.unchanged, all.unchanged);
  MoveTo(request.streams, all.streams);
  MoveTo(request.external_ids, all.external_ids);
  MoveTo(request.documents, all.documents);
  MoveTo(request.outbox_acknowledged, all.outbox_acknowledged);
  MoveTo(request.audit, all.audit);
  return firing.clocks.size() < kFiredTogether ? absl::OkStatus()
                                               : FireTogether(firing);
}

absl::Status Runtime::FireNext(const store::DueClock& clock, Firing& firing) {
  const bool of_case = clock.stream.kind == store::StreamKind::kCase;
  // A transaction writes a stream once.
  if (!of_case || firing.IsInRequest(clock.stream)) {
    STEPWELL_RETURN_IF_ERROR(FireTogether(firing));
  }
  if (!of_case) return FireAlone(clock, firing);
  store::CommitRequest request;
  const absl::StatusOr<bool> decided = DecideFiring(clock, firing.now, request);
  if (!decided.ok()) return NoteStuck(clock, decided.status(), firing);
  if (*decided && MayGoTogether(request)) {
    return AddFiring(clock, std::move(request), firing);
  }
  STEPWELL_RETURN_IF_ERROR(FireTogether(firing));
  if (!*decided || !CommitFiring(CaseId(clock.stream.id), request).ok()) {
    return FireAlone(clock, firing);
  }
  firing.Fired(1);
  firing.again = true;
  return absl::OkStatus();
}

absl::Status Runtime::FireInOrder(const std::vector<store::DueClock>& due,
                                  Firing& firing) {
  for (const store::DueClock& clock : due) {
    if (firing.stuck.contains(clock.stream)) continue;
    STEPWELL_ASSIGN_OR_RETURN(const bool held, IsHeld(clock));
    if (held) continue;
    // A clock that was set by what has fired may come before: the whole order
    // of the store, or an advance that was cut short and goes on would fire two
    // clocks of one time in another order.
    if (firing.again ||
        (firing.first_set && IsBefore(*firing.first_set, clock))) {
      firing.again = true;
      break;
    }
    if (firing.IsFull()) {
      firing.advanced.more = true;
      break;
    }
    STEPWELL_RETURN_IF_ERROR(FireNext(clock, firing));
  }
  return FireTogether(firing);
}

absl::Status Runtime::FireDue(Instant now, size_t clocks_max,
                              Advanced& advanced) {
  Firing firing{now, clocks_max, advanced};
  size_t batch = kDueBatch;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const std::vector<store::DueClock> due,
                              store_->DueClocks(now, batch));
    firing.any = firing.again = false;
    firing.first_set.reset();
    const absl::Status done = FireInOrder(due, firing);
    if (!done.ok()) {
      cases_.clear();  // some may have gone on, and are not stored
      return done;
    }
    if (advanced.more) return absl::OkStatus();
    if (firing.any || firing.again) continue;
    if (due.size() < batch) return absl::OkStatus();
    batch *= 2;  // it is full of clocks that wait: look behind them
  }
}

absl::StatusOr<Advanced> Runtime::Advance(Instant now,
                                          const AdvanceLimits& limits) {
  STEPWELL_RETURN_IF_ERROR(Refresh());  // another process may have switched
  STEPWELL_ASSIGN_OR_RETURN(const Instant last, LastAdvance());
  if (now - last > WallDays(limits::kAdvanceDaysMax) && !limits.catch_up) {
    return Precondition(absl::StrCat(
        "the clocks were last advanced more than ", limits::kAdvanceDaysMax,
        " days before: look at the preview, then advance with catch-up"));
  }
  Advanced advanced;
  STEPWELL_RETURN_IF_ERROR(FireDue(now, limits.clocks_max, advanced));
  Instant opening = Instant::Never();
  if (!advanced.more) {
    STEPWELL_RETURN_IF_ERROR(
        ReleaseWaiting(now, limits.clocks_max, advanced, opening));
  }
  STEPWELL_ASSIGN_OR_RETURN(const Instant next_due, store_->NextDue());
  advanced.next_due = std::min(next_due, opening);
  // What is held is due and does not fire: nobody is to ask for it at once.
  if (service_.safe_since && advanced.next_due <= now) {
    advanced.next_due = now + Minutes(1);
  }
  // Clocks that are stuck do not hold the time back, or one broken case would
  // stop the whole service: each advance tries and names them again.
  if (last < now && !advanced.more) {
    STEPWELL_ASSIGN_OR_RETURN(const int64_t stored,
                              store_->Counter("advance/last_us"));
    store::CommitRequest request;
    request.counters.push_back(
        {"advance/last_us", now.us - stored, std::nullopt, std::nullopt});
    STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
    confirmed_ = now;
  }
  return advanced;
}

}  // namespace stepwell::runtime
