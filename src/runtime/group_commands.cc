// Groups: opened and called off by the service; seats are taken and given back
// with the cases' own commands, in the same commit; members are told one at a
// time, each in a commit of its own, so that none is left out by a crash.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"
#include "wire/record.h"

namespace stepwell::runtime {

using engine::GroupEventBody;
using engine::GroupNews;
using engine::GroupState;
using engine::GroupStatus;
using store::StreamKey;
using store::StreamKind;

namespace {

constexpr uint64_t kGroupClock = 0;
constexpr size_t kGroupsPage = 256;

StreamKey KeyOf(std::string_view group) {
  return {StreamKind::kGroup, DeriveId("group", group)};
}

std::string SeatCounter(std::string_view group) {
  return absl::StrCat(service::kGroupPrefix, ToAbsl(group));
}

// Records the events in the group's stream, with its clock and its counter.
void AddGroupWrite(const engine::Envelope& envelope, const char* verb,
                   std::vector<GroupEventBody> bodies, Instant now,
                   GroupState& state, store::CommitRequest& request) {
  store::StreamWrite write;
  write.expected_version = state.version;
  const int64_t seated = state.Seated();
  const Instant effective = std::max(now, state.last_at);
  bodies.insert(bodies.begin(), engine::CommandRecorded{envelope, verb});
  for (GroupEventBody& body : bodies) {
    const engine::GroupEvent event{
        state.version + 1, std::min(envelope.at.value_or(effective), effective),
        effective, std::move(body)};
    engine::Apply(event, state);
    write.records.push_back(wire::EncodeEvent(event));
  }
  write.stream = KeyOf(state.id);
  write.state = wire::EncodeState(state);
  const Instant due = state.NextDue();
  if (due.IsNever()) {
    write.clocks_removed.push_back(kGroupClock);
  } else {
    write.clocks_set.push_back({kGroupClock, due});
  }
  // The version of the stream keeps two from taking one seat; the counter
  // says so a second time, whatever the events are.
  const int64_t delta = int64_t{state.Seated()} - seated;
  if (delta != 0) {
    request.counters.push_back(
        {SeatCounter(state.id), delta, 0, int64_t{state.places}});
  }
  request.streams.push_back(std::move(write));
}

GroupNews NewsOf(const GroupState& state, const engine::SeatState& seat) {
  switch (state.status) {
    case GroupStatus::kOpen:
      return GroupNews::kSeated;
    case GroupStatus::kStarted:
      // Whoever still waits has no seat: another group must be found.
      return seat.waiting ? GroupNews::kNoSeat : GroupNews::kStarted;
    case GroupStatus::kShort:
      return GroupNews::kShort;
    case GroupStatus::kCalledOff:
      return GroupNews::kCalledOff;
  }
  return GroupNews::kCalledOff;
}

}  // namespace

absl::StatusOr<std::optional<GroupState>> Runtime::FindGroup(
    std::string_view group) {
  STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->LoadState(KeyOf(group)));
  if (!row) return std::optional<GroupState>();
  STEPWELL_ASSIGN_OR_RETURN(GroupState state,
                            wire::DecodeGroupState(row->bytes));
  return std::optional<GroupState>(std::move(state));
}

absl::StatusOr<std::vector<GroupState>> Runtime::Groups() {
  std::vector<GroupState> groups;
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto streams,
        store_->ListStreams(StreamKind::kGroup, after, kGroupsPage));
    for (const StreamKey& stream : streams) {
      after = stream.id;
      STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->LoadState(stream));
      if (!row) continue;
      STEPWELL_ASSIGN_OR_RETURN(GroupState state,
                                wire::DecodeGroupState(row->bytes));
      groups.push_back(std::move(state));
    }
    if (streams.size() < kGroupsPage) break;
  }
  std::sort(groups.begin(), groups.end(),
            [](const GroupState& a, const GroupState& b) {
              return std::tie(a.starts_at, a.id) < std::tie(b.starts_at, b.id);
            });
  return groups;
}

absl::StatusOr<Receipt> Runtime::OpenGroup(const engine::Envelope& envelope,
                                           const NewGroup& group, Instant now) {
  const std::string fingerprint = PrintOf(
      envelope, absl::StrCat("open_group/", group.id, "/", group.kind, "/",
                             group.starts_at.us, "/", group.minimum.value_or(0),
                             "/", group.places.value_or(0)));
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    return TryOpenGroup(envelope, group, fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::TryOpenGroup(const engine::Envelope& envelope,
                                              const NewGroup& group,
                                              const std::string& fingerprint,
                                              Instant now) {
  const protocol::Protocol& protocol = *current_;
  const auto kind = std::find_if(
      protocol.groups.begin(), protocol.groups.end(),
      [&](const protocol::GroupKind& k) { return k.id == group.kind; });
  STEPWELL_ASSIGN_OR_RETURN(const auto known, FindGroup(group.id));
  Receipt receipt;
  receipt.kind = ReceiptKind::kRejected;
  engine::GroupOpened opened;
  opened.id = group.id;
  opened.kind = group.kind;
  opened.starts_at = opened.settle_at = group.starts_at;
  if (kind != protocol.groups.end()) {
    opened.minimum =
        static_cast<uint32_t>(group.minimum.value_or(kind->minimum));
    opened.places = static_cast<uint32_t>(group.places.value_or(kind->places));
    if (kind->settle) {
      opened.settle_at =
          SubtractSpan(group.starts_at, *kind->settle, *protocol.zone);
    }
  }
  if (known) {
    receipt.code = "group_known";
    receipt.reason = "a group of this id is there already";
  } else if (kind == protocol.groups.end()) {
    receipt.code = "unknown_group";
    receipt.reason =
        absl::StrCat("the protocol has no kind of group \"", group.kind, "\"");
  } else if (opened.minimum > opened.places) {
    receipt.code = "group_size";
    receipt.reason = "a group needs no more members than it has places";
  } else if (opened.settle_at <= now) {
    receipt.code = "time_in_past";
    receipt.reason = "it would be settled at once whether it begins";
  }
  if (!receipt.code.empty()) {
    return Remember(
        receipt, envelope.command_id, fingerprint, {},
        {ServiceSeen(), {KeyOf(group.id), known ? known->version : 0}});
  }
  receipt.kind = ReceiptKind::kAccepted;
  GroupState state;
  state.id = group.id;
  store::CommitRequest request;
  request.command = ToCommandRow(envelope.command_id, fingerprint, receipt);
  request.unchanged.push_back(ServiceSeen());
  AddGroupWrite(envelope, "open_group", {opened}, now, state, request);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  return receipt;
}

absl::StatusOr<Receipt> Runtime::CallOffGroup(const engine::Envelope& envelope,
                                              const std::string& group,
                                              Instant now) {
  const std::string fingerprint =
      PrintOf(envelope, absl::StrCat("call_off_group/", group));
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(std::optional<GroupState> state,
                              FindGroup(group));
    Receipt receipt;
    if (!state || state->status == GroupStatus::kShort ||
        state->status == GroupStatus::kCalledOff) {
      receipt.kind = ReceiptKind::kRejected;
      receipt.code = state ? "group_closed" : "unknown_group";
      receipt.reason =
          state ? "the group is called off already" : "there is no such group";
      return Remember(receipt, envelope.command_id, fingerprint, {},
                      {{KeyOf(group), state ? state->version : 0}});
    }
    store::CommitRequest request;
    request.command = ToCommandRow(envelope.command_id, fingerprint, receipt);
    AddGroupWrite(envelope, "call_off_group",
                  {engine::GroupSettled{GroupStatus::kCalledOff}}, now, *state,
                  request);
    STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
    return receipt;
  });
}

absl::Status Runtime::AddSeats(const engine::Envelope& envelope,
                               const char* verb, CaseId id,
                               const std::vector<engine::Event>& events,
                               Instant now, store::CommitRequest& request) {
  using engine::AppointmentStatus;
  std::vector<std::string> written;  // a stream is written once
  for (const engine::Event& event : events) {
    const auto* changed = std::get_if<engine::AppointmentChanged>(&event.body);
    if (changed == nullptr || changed->group.empty()) continue;
    const bool wants = changed->status == AppointmentStatus::kBooked ||
                       changed->status == AppointmentStatus::kWaiting;
    const bool leaves = !changed->keeps_seat &&
                        (changed->status == AppointmentStatus::kCancelled ||
                         changed->status == AppointmentStatus::kLateCancelled);
    if ((!wants && !leaves) || std::find(written.begin(), written.end(),
                                         changed->group) != written.end()) {
      continue;
    }
    STEPWELL_ASSIGN_OR_RETURN(std::optional<GroupState> state,
                              FindGroup(changed->group));
    if (!state) continue;
    const bool has = state->SeatOf(id) != nullptr;
    if (wants == has) continue;  // a later session; or gone already
    GroupEventBody body = engine::SeatLeft{id};
    if (wants) {
      body =
          engine::SeatTaken{id, changed->status == AppointmentStatus::kWaiting};
    }
    AddGroupWrite(envelope, verb, {std::move(body)}, now, *state, request);
    written.push_back(changed->group);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Runtime::FireGroup(StreamKey key, Instant now) {
  bool fired = false;
  const auto attempt = [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->LoadState(key));
    if (!row) return Internal("a deadline of a group points nowhere");
    STEPWELL_ASSIGN_OR_RETURN(GroupState state,
                              wire::DecodeGroupState(row->bytes));
    if (state.NextDue() > now) return Receipt();  // another was first
    if (service_.safe_since) return Receipt();    // it waits for the end
    engine::Envelope envelope;
    envelope.command_id =
        absl::StrCat("clock/group/", state.id, "/", state.version);
    store::CommitRequest request;
    request.unchanged.push_back(ServiceSeen());
    const engine::SeatState* next = state.NextToTell();
    if (next == nullptr) {
      const bool enough = state.Seated() >= state.minimum;
      AddGroupWrite(envelope, "fire_clock",
                    {engine::GroupSettled{enough ? GroupStatus::kStarted
                                                 : GroupStatus::kShort}},
                    now, state, request);
    } else {
      const engine::SeatState seat = *next;
      const GroupNews news = NewsOf(state, seat);
      const engine::NoteGroup note = {state.id, news, state.starts_at};
      AddGroupWrite(envelope, "fire_clock",
                    {engine::MemberTold{seat.case_id, news}}, now, state,
                    request);
      STEPWELL_RETURN_IF_ERROR(
          TellCase(envelope, seat.case_id, note, now, request));
    }
    STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
    TakeCounters(request);
    fired = true;
    return Receipt();
  };
  STEPWELL_RETURN_IF_ERROR(Retrying(CaseId(), attempt).status());
  return fired;
}

absl::Status Runtime::TellCase(const engine::Envelope& envelope, CaseId id,
                               const engine::NoteGroup& note, Instant now,
                               store::CommitRequest& request) {
  cases_.erase(id);  // the store's row decides
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, CachedCase(id));
  const service::ServiceWorld world = WorldOf(*loaded.protocol);
  engine::Command command;
  command.envelope = envelope;
  command.case_id = id;
  command.body = note;
  auto cached = cases_.extract(id);
  HeldCase& held = cached.mapped();
  const service::CaseShare before =
      service::ShareOf(*loaded.protocol, held.state);
  const uint64_t version_before = held.state.version;
  STEPWELL_RETURN_IF_ERROR(engine::DecideInPlace(
      *loaded.protocol, held.state, world, command, now, {}, decided_));
  if (decided_.events.empty()) return absl::OkStatus();
  AddCaseWrite(*loaded.protocol, before, version_before, decided_.events,
               held.state, &held.row, BasisAt(now), request);
  return absl::OkStatus();
}

}  // namespace stepwell::runtime
