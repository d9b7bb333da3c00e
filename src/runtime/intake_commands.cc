// The queue at the door: at each advance whoever's turn it is is let in. The
// order is that of the work index, the limits are counters; the commit of each
// case checks both, so that neither two processes nor a crash let in one too
// many, or one before another.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/queue.h"
#include "service/world.h"
#include "wire/binary.h"

namespace stepwell::runtime {

using engine::IntakeState;
using engine::IntakeView;

namespace {

constexpr size_t kQueuePage = 256;
// Other writers that come between before the walk is left to the next advance.
constexpr int kWalksMax = 100;

bool IsLost(const absl::Status& status) {
  return store::CheckFailureOf(status).check != store::FailedCheck::kNone;
}

// What is let in by its turn keeps to the limits also when the commit is made.
void LimitIntake(const protocol::Intake& intake, const IntakeState& place,
                 const IntakeView& view, store::CommitRequest& request) {
  const size_t prefix = std::string_view(service::kIntakeStarts).size();
  for (store::CounterWrite& counter : request.counters) {
    if (counter.delta <= 0) continue;
    if (counter.name == service::kIntakePlaces) {
      counter.max = engine::PlacesTakenMax(intake, place, view);
    } else if (counter.name.starts_with(service::kIntakeStarts)) {
      const std::string name =
          counter.name.substr(prefix, counter.name.rfind('/') - prefix);
      const protocol::Throttle* throttle = intake.FindThrottle(name);
      if (throttle != nullptr) counter.max = throttle->starts;
    }
  }
}

}  // namespace

// What one walk along the queue knows.
struct Runtime::QueueWalk {
  Instant now;
  size_t clocks_max = 0;
  std::map<std::string, int64_t, std::less<>> counters;
  // The limits by the pin of those who wait: services have few versions. Empty
  // again once somebody was let in.
  std::map<Fingerprint, IntakeView> views;
  Instant opening = Instant::Never();

  int64_t Counter(std::string_view name) const {
    const auto it = counters.find(name);
    return it == counters.end() ? 0 : it->second;
  }
};

absl::Status Runtime::ReleaseWaiting(Instant now, size_t clocks_max,
                                     Advanced& advanced, Instant& opening) {
  for (int i = 0; i < kWalksMax; ++i) {
    if (service_.safe_since) return absl::OkStatus();  // people let in
    STEPWELL_ASSIGN_OR_RETURN(const auto counters, store_->Counters("intake/"));
    QueueWalk walk;
    walk.now = now;
    walk.clocks_max = clocks_max;
    walk.counters.insert(counters.begin(), counters.end());
    if (walk.Counter(service::kIntakeWaiting) == 0) return absl::OkStatus();
    STEPWELL_ASSIGN_OR_RETURN(const Walked walked, WalkQueue(walk, advanced));
    opening = walk.opening;
    if (walked != Walked::kLost) return absl::OkStatus();
    STEPWELL_RETURN_IF_ERROR(Reload());
  }
  advanced.more = true;
  return absl::OkStatus();
}

absl::StatusOr<Runtime::Walked> Runtime::WalkQueue(QueueWalk& walk,
                                                   Advanced& advanced) {
  store::WorkScan scan;
  scan.owner = service::QueueKey();
  scan.limit = kQueuePage;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const auto lines, store_->ScanWork(scan));
    for (const store::WorkLine& line : lines) {
      STEPWELL_ASSIGN_OR_RETURN(const Walked walked,
                                WalkPast(line, walk, advanced));
      if (walked != Walked::kOn) return walked;
    }
    if (lines.size() < kQueuePage) return Walked::kEnd;
    const store::WorkLine& last = lines.back();
    scan.after = {last.row.priority, last.row.due, last.stream, last.row.key};
  }
}

const IntakeView& Runtime::ViewOf(const protocol::Protocol& protocol,
                                  QueueWalk& walk) const {
  const auto [at, is_new] = walk.views.try_emplace(protocol.hash);
  if (is_new) {
    at->second = service::LimitsNow(
        protocol, service_, caseloads_, walk.now,
        [&walk](std::string_view name) { return walk.Counter(name); });
  }
  return at->second;
}

absl::StatusOr<Runtime::Walked> Runtime::WalkPast(const store::WorkLine& line,
                                                  QueueWalk& walk,
                                                  Advanced& advanced) {
  WorkPayload payload;
  if (!wire::DecodeFrom(line.row.payload, payload) || payload.intake.empty()) {
    return Corrupt("a line of the queue is damaged");
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto protocol, ProtocolOf(payload.protocol));
  if (protocol->intake == nullptr) return Walked::kOn;
  const protocol::Intake& intake = *protocol->intake;
  const IntakeView& view = ViewOf(*protocol, walk);
  if (!engine::HoldsOf(intake, payload.intake[0], view).empty()) {
    walk.opening =
        std::min(walk.opening, service::NextOpening(intake, view, walk.now));
    const bool for_all =
        service_.protocols.size() == 1 && service::IsClosedToAll(intake, view);
    return for_all ? Walked::kEnd : Walked::kOn;
  }
  if (advanced.fired >= walk.clocks_max) {
    advanced.more = true;
    return Walked::kEnd;
  }
  return LetIn(CaseId(line.stream.id), view, walk, advanced);
}

absl::StatusOr<Runtime::Walked> Runtime::LetIn(CaseId id,
                                               const IntakeView& view,
                                               QueueWalk& walk,
                                               Advanced& advanced) {
  const absl::StatusOr<bool> released = Release(id, view, walk);
  if (released.ok()) {
    advanced.fired += *released ? 1 : 0;
    if (*released) walk.views.clear();
    return Walked::kOn;
  }
  cases_.erase(id);
  if (IsLost(released.status())) return Walked::kLost;
  if (absl::IsUnavailable(released.status())) return released.status();
  advanced.failed.push_back(
      absl::StrCat("case ", IdToText(id.value),
                   " in the queue: ", released.status().message()));
  return Walked::kOn;
}

absl::StatusOr<bool> Runtime::Release(CaseId id, const IntakeView& view,
                                      QueueWalk& walk) {
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
  const protocol::Protocol& protocol = *loaded.protocol;
  if (protocol.intake == nullptr || loaded.state->Place() == nullptr) {
    return false;
  }
  const IntakeState place = *loaded.state->Place();
  service::ServiceWorld world = WorldOf(protocol);
  world.TakeIntake(view);
  engine::Command command;
  command.case_id = id;
  command.envelope.command_id =
      absl::StrCat("release/", IdToText(id.value), "/", loaded.state->version);
  command.body = engine::ReleaseCase{};
  auto cached = cases_.extract(id);
  HeldCase& held = cached.mapped();
  const service::CaseShare before = service::ShareOf(protocol, held.state);
  const uint64_t version_before = held.state.version;
  STEPWELL_RETURN_IF_ERROR(engine::DecideInPlace(
      protocol, held.state, world, command, walk.now, {}, decided_));
  if (decided_.events.empty()) {
    cases_.insert(std::move(cached));
    return false;
  }
  store::CommitRequest request;
  request.unchanged.push_back(ServiceSeen());
  // Nobody has joined the queue, or changed places in it, since it was read.
  const int64_t placed = walk.Counter(service::kIntakePlaced);
  request.counters.push_back({service::kIntakePlaced, 0, placed, placed});
  AddCaseWrite(protocol, before, version_before, decided_.events, held.state,
               &held.row, BasisAt(walk.now), request);
  LimitIntake(*protocol.intake, place, view, request);
  STEPWELL_RETURN_IF_ERROR(AddSeats(command.envelope, "release_case", id,
                                    decided_.events, walk.now, request));
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  for (const store::CounterWrite& counter : request.counters) {
    walk.counters[counter.name] += counter.delta;
  }
  cases_.insert(std::move(cached));
  return true;
}

service::ServiceWorld Runtime::WorldOf(const protocol::Protocol& protocol,
                                       Instant confirmed,
                                       const service::Caseloads* caseloads) {
  return {protocol,
          service_,
          caseloads == nullptr ? caseloads_ : *caseloads,
          confirmed,
          PlacesByNewest(protocol),
          current_.get()};
}

std::span<const protocol::PhaseId> Runtime::PlacesByNewest(
    const protocol::Protocol& protocol) {
  const protocol::Intake* newest = current_->intake.get();
  if (protocol.hash == current_->hash || newest == nullptr ||
      !newest->capacity.IsLimit()) {
    return {};
  }
  if (places_by_ != current_->hash) {
    places_.clear();
    places_by_ = current_->hash;
  }
  const auto [at, is_new] = places_.try_emplace(protocol.hash);
  if (!is_new) return at->second;
  for (const protocol::PhaseId held : newest->capacity.held_in) {
    const protocol::Phase& phase = current_->at(held);
    const protocol::PhaseId same =
        protocol.FindPhase(current_->at(phase.track).id, phase.id);
    if (!same.IsNone()) at->second.push_back(same);
  }
  return at->second;
}

bool Runtime::IsPlaceStale(const protocol::Protocol& protocol,
                           const engine::CaseState& state) {
  return engine::IsPlaceStale(protocol, state, WorldOf(protocol));
}

absl::Status Runtime::NotePlaces(const engine::Envelope& envelope,
                                 Instant now) {
  if (service_.protocols.size() < 2) return absl::OkStatus();
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto streams,
        store_->ListStreams(store::StreamKind::kCase, after, kQueuePage));
    for (const store::StreamKey& key : streams) {
      STEPWELL_RETURN_IF_ERROR(NotePlaceOf(CaseId(key.id), envelope, now));
      after = key.id;
    }
    if (streams.size() < kQueuePage) return absl::OkStatus();
  }
}

absl::Status Runtime::NotePlaceOf(CaseId id, engine::Envelope envelope,
                                  Instant now) {
  const auto attempt = [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
    if (!IsPlaceStale(*loaded.protocol, *loaded.state)) return Receipt();
    envelope.command_id =
        absl::StrCat("place/", IdToText(id.value), "/", loaded.state->version);
    STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
    const engine::Command command{envelope, id, engine::NotePlace{},
                                  std::nullopt, std::nullopt};
    STEPWELL_ASSIGN_OR_RETURN(
        const engine::Outcome outcome,
        engine::Decide(*loaded.protocol, *loaded.state,
                       WorldOf(*loaded.protocol, confirmed), command, now));
    if (outcome.rejection) return Receipt();
    store::CommitRequest request;
    request.unchanged.push_back(ServiceSeen());
    StateRow row = loaded.row;
    AddCaseWrite(*loaded.protocol,
                 service::ShareOf(*loaded.protocol, *loaded.state),
                 loaded.state->version, outcome.events, outcome.state, &row,
                 BasisAt(now), request);
    STEPWELL_RETURN_IF_ERROR(
        AddSeats(envelope, "note_place", id, outcome.events, now, request));
    STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
    TakeCounters(request);
    cases_[id] = {outcome.state, row};
    return Receipt();
  };
  return Retrying(id, attempt).status();
}

}  // namespace stepwell::runtime
