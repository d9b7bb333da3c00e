#include "runtime/rows.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "service/world.h"
#include "wire/binary.h"
#include "wire/record.h"

namespace stepwell::runtime {

using service::WorkEntry;
using service::WorkKind;

namespace {

// Shorter logs than this are not worth a row.
constexpr size_t kRowBytesMin = 512;
// More than most records take.
constexpr size_t kRecordBytes = 64;

// Names as worklists show them; the text is part of the row.
const char* StateName(engine::AlertStage stage) {
  switch (stage) {
    case engine::AlertStage::kRaised:
      return "raised";
    case engine::AlertStage::kAcknowledged:
      return "acknowledged";
    case engine::AlertStage::kAssessed:
      return "assessed";
    case engine::AlertStage::kClosed:
      return "closed";
  }
  return "";
}

void WriteStateRow(const engine::CaseState& state, StateRow& row,
                   store::StreamWrite& write) {
  row.behind += write.records.bytes();
  if (row.bytes != 0 && row.behind < std::max(row.bytes, kRowBytesMin)) return;
  write.state = wire::EncodeState(state);
  row = {write.state->size(), 0};
}

void FillItem(const engine::ItemState& item, WorkPayload& payload) {
  payload.element = item.key.element;
  payload.occurrence = item.key.occurrence;
  payload.note = item.note;
  payload.state =
      item.status == engine::ItemStatus::kActive ? "active" : "available";
  payload.since = item.opened_at;
  payload.claimed = item.claimed;
  payload.follow_up = item.follow_up;
}

// Whose work is looked at.
void FillSupervised(const engine::CaseState& state, uint32_t item,
                    WorkPayload& payload) {
  if (const engine::SignState* sign = state.SignOf(item)) {
    payload.state = "signed_once";
    payload.of = sign->by;
    payload.since = sign->at;
  } else if (const engine::DrawnState* drawn = state.DrawnAs(item)) {
    payload.of = drawn->of;
  }
}

void FillPatient(const engine::CaseState& state, WorkPayload& payload) {
  payload.state = state.paused_at ? "paused" : "in_care";
  Instant due;
  const int64_t next = service::NextOfPatient(state, &due);
  if (next < 0) {
    payload.since = state.episodes.back().opened_at;
    return;
  }
  const engine::ItemState& item = state.items[static_cast<size_t>(next)];
  payload.element = item.key.element;
  payload.since = item.opened_at;
}

}  // namespace

store::OutboxRow ToOutboxRow(const engine::CaseState& state,
                             const engine::EffectRequested& effect) {
  EffectPayload payload;
  payload.case_id = state.id;
  payload.person = state.person;
  payload.protocol = state.protocol;
  payload.effect = effect;
  store::OutboxRow row{effect.effect, effect.valid_until, ""};
  wire::EncodeTo(payload, row.payload);
  return row;
}

store::OutboxRow ToOutboxRow(const engine::ParkedNotified& notified,
                             const std::string& receipt) {
  EffectPayload payload;
  payload.effect.effect = notified.effect;
  payload.effect.to = protocol::Recipient::kPool;
  payload.effect.owner.staff = notified.staff;
  payload.pool = notified.pool;
  payload.message_template = notified.message_template;
  payload.receipt = receipt;
  store::OutboxRow row{notified.effect, Instant::Never(), ""};
  wire::EncodeTo(payload, row.payload);
  return row;
}

store::WorkRow ToWorkRow(const protocol::Protocol& protocol,
                         const engine::CaseState& state,
                         const WorkEntry& entry) {
  WorkPayload payload;
  payload.person = state.person;
  payload.protocol = state.protocol;
  payload.staff = entry.owner.staff;
  if (!entry.owner.pool.IsNone()) {
    payload.pool = protocol.at(entry.owner.pool).id;
  }
  switch (entry.kind) {
    case WorkKind::kItem:
      FillItem(state.items[entry.ordinal], payload);
      FillSupervised(state, entry.ordinal, payload);
      break;
    case WorkKind::kAlert: {
      const engine::AlertState& alert = state.alerts[entry.ordinal];
      payload.tier = alert.tier;
      payload.state = StateName(alert.stage);
      payload.since = alert.raised_at;
      break;
    }
    case WorkKind::kMessage: {
      const engine::MessageState& message = state.messages[entry.ordinal];
      payload.text = message.id;
      payload.state = "open";
      payload.since = message.received_at;
      payload.thread = message.thread;
      break;
    }
    case WorkKind::kParked:
      break;
    case WorkKind::kWaiting:
      payload.intake = state.intake;
      break;
    case WorkKind::kPatient:
      FillPatient(state, payload);
      break;
    case WorkKind::kHomework:
    case WorkKind::kUnread:
    case WorkKind::kLetter:
      break;
  }
  store::WorkRow row;
  row.key = service::WorkKey(entry.kind, entry.ordinal);
  row.owner = service::ListKey(protocol, entry);
  row.kind = static_cast<uint32_t>(entry.filter);
  row.priority = entry.priority;
  row.due = entry.due;
  wire::EncodeTo(payload, row.payload);
  return row;
}

store::WorkRow ToWorkRow(const engine::ParkedState& parked, uint32_t ordinal) {
  WorkPayload payload;
  payload.text = parked.receipt;
  payload.note = parked.reason;
  payload.state = parked.code;
  payload.since = parked.parked_at;
  payload.pool = parked.owner_pool;
  payload.staff = parked.owner;
  store::WorkRow row;
  row.key = service::WorkKey(WorkKind::kParked, ordinal);
  row.owner = parked.owner.value != 0
                  ? service::OwnerKey(parked.owner)
                  : service::OwnerKeyOfPool(parked.owner_pool);
  row.kind = static_cast<uint32_t>(WorkKind::kParked);
  row.priority = parked.priority;
  row.due = parked.due;
  wire::EncodeTo(payload, row.payload);
  return row;
}

namespace {

void EraseDraft(const std::string& key, store::CommitRequest& request) {
  if (key.empty()) return;
  request.documents.push_back({std::string(kDraftSpace), key, std::nullopt});
}

}  // namespace

void AddDraft(const engine::Command& command,
              const std::vector<engine::Event>& events,
              store::CommitRequest& request) {
  const auto* told = std::get_if<engine::PatientItem>(&command.body);
  if (told == nullptr || !told->draft || told->draft->empty()) return;
  for (const engine::Event& event : events) {
    if (const auto* saved = std::get_if<engine::ItemDrafted>(&event.body)) {
      request.documents.push_back(
          {std::string(kDraftSpace), saved->draft_key, *told->draft});
    } else if (const auto* kept = std::get_if<engine::InputKept>(&event.body);
               kept != nullptr && kept->raw_key != told->unread.raw_key) {
      request.documents.push_back({"raw", kept->raw_key, *told->draft});
    }
  }
}

namespace {

// A person gave the case to somebody although that is too many for them.
bool PassesLimit(const std::vector<engine::Event>& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const auto* given = std::get_if<engine::CaseAssigned>(&event->body);
    if (given == nullptr) continue;
    return std::find(given->passed.begin(), given->passed.end(),
                     "caseload_full") != given->passed.end();
  }
  return false;
}

// Whoever has got the case has room for it also when the commit is made:
// otherwise it fails, and is decided again. Others may have given them what the
// limit leaves of the caseload that was seen, and no more; whoever was over the
// limit already has got nothing since. `first`: of the counters of this case.
void LimitCaseload(const protocol::Protocol& protocol, const Basis& basis,
                   const service::CaseShare& before,
                   const std::vector<engine::Event>& events,
                   const engine::CaseState& state, size_t first,
                   store::CommitRequest& request) {
  const service::CaseShare after = service::ShareOf(protocol, state);
  if (after.staff.value == 0 || after.staff == before.staff ||
      state.owner.pool.IsNone() || PassesLimit(events)) {
    return;
  }
  const engine::StaffState* const staff =
      after.staff.value > basis.service.staff.size()
          ? nullptr
          : &basis.service.staff[after.staff.value - 1];
  // As it was decided: `recorded` may lie behind the time that was given.
  const Instant when = std::min(basis.now, state.last_at);
  const int limit =
      service::LimitOf(protocol.at(state.owner.pool), staff, when);
  if (limit == 0) return;
  const service::Caseload has = basis.caseloads.Of(after.staff);
  const int left = limit - has.load() - after.weight;
  const int others = std::max(0, left) / protocol::kCaseWeight;
  const auto at_most = [&](std::string name, int64_t value) {
    for (size_t i = first; i < request.counters.size(); ++i) {
      store::CounterWrite& counter = request.counters[i];
      if (counter.name != name) continue;
      counter.max = value + counter.delta;
      return;
    }
    request.counters.push_back({std::move(name), 0, std::nullopt, value});
  };
  at_most(service::CaseloadCounter(after.staff), has.cases + others);
  at_most(service::WeightCounter(after.staff), has.beyond);
}

void AddCounters(const service::Projection& projection,
                 store::CommitRequest& request) {
  for (const auto& [name, delta] : projection.counters) {
    if (delta == 0) continue;
    request.counters.push_back({name, delta, 0, std::nullopt});
    store::CounterWrite& counter = request.counters.back();
    if (name.starts_with(service::kSlotPrefix)) counter.max = 1;
    if (name.starts_with(service::kWeightPrefix)) counter.min.reset();
  }
  // Also who has the turn again had it after whom the choice says.
  for (const service::TurnTaken& turn : projection.turns) {
    const int64_t now = turn.now.value;
    request.counters.push_back({service::TurnCounter(turn.pool),
                                now - int64_t{turn.before.value}, now, now});
  }
}

}  // namespace

void AddCaseWrite(const protocol::Protocol& protocol,
                  const service::CaseShare& before, uint64_t version_before,
                  const std::vector<engine::Event>& events,
                  const engine::CaseState& state, StateRow* row,
                  const std::optional<Basis>& basis,
                  store::CommitRequest& request) {
  store::StreamWrite& write = request.streams.emplace_back();
  write.stream = {store::StreamKind::kCase, state.id.value};
  write.expected_version = version_before;
  write.records.Reserve(events.size(), events.size() * kRecordBytes);
  for (const engine::Event& event : events) {
    write.records.Add([&](std::string& out) { wire::AppendEvent(event, out); });
    if (const auto* effect =
            std::get_if<engine::EffectRequested>(&event.body)) {
      write.outbox.push_back(ToOutboxRow(state, *effect));
    } else if (const auto* settled =
                   std::get_if<engine::EffectSettled>(&event.body)) {
      request.outbox_acknowledged.push_back(settled->effect);
    } else if (const auto* related =
                   std::get_if<engine::RelatedPersonNoted>(&event.body)) {
      request.external_ids.push_back(
          {absl::StrCat(kRelatedSystem, IdToText(related->related.value)),
           IdToText(state.id.value), kRelatedTarget, related->related.value});
    } else if (const auto* voided = std::get_if<engine::Voided>(&event.body)) {
      for (const ReferralId id : voided->referrals) {
        request.documents.push_back(
            {kTakenBackSpace, IdToText(id.value), std::string("void")});
      }
    } else if (const auto* saved =
                   std::get_if<engine::ItemDrafted>(&event.body)) {
      EraseDraft(saved->replaced_key, request);
    } else if (const auto* ended =
                   std::get_if<engine::DraftEnded>(&event.body)) {
      EraseDraft(ended->draft_key, request);
    }
  }
  if (row != nullptr) WriteStateRow(state, *row, write);
  service::Projection projection =
      service::Project(protocol, before, events, state);
  for (const service::ClockDue& clock : projection.clocks_set) {
    write.clocks_set.push_back({clock.ordinal, clock.next_due});
  }
  write.clocks_removed.assign(projection.clocks_removed.begin(),
                              projection.clocks_removed.end());
  for (const WorkEntry& entry : projection.work_set) {
    write.work_set.push_back(ToWorkRow(protocol, state, entry));
  }
  write.work_removed = std::move(projection.work_removed);
  const size_t first = request.counters.size();
  AddCounters(projection, request);
  if (basis) {
    LimitCaseload(protocol, *basis, before, events, state, first, request);
  }
}

std::vector<uint16_t> TypesOf(const std::vector<engine::Event>& events) {
  std::vector<uint16_t> types;
  types.reserve(events.size());
  for (const engine::Event& event : events) {
    types.push_back(
        std::visit([](const auto& e) { return e.kType; }, event.body));
  }
  return types;
}

store::CommandRow ToCommandRow(const std::string& id,
                               const std::string& fingerprint,
                               const Receipt& receipt) {
  store::CommandRow row;
  row.id = id;
  row.fingerprint = fingerprint;
  wire::EncodeTo(receipt, row.reply);
  return row;
}

absl::StatusOr<Receipt> ReceiptOf(const store::CommandRow& row) {
  Receipt receipt;
  if (!wire::DecodeFrom(row.reply, receipt)) {
    return Corrupt("the stored reply of a command is damaged");
  }
  receipt.repeated = true;
  return receipt;
}

}  // namespace stepwell::runtime
