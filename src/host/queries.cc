// What is read: worklists, a patient's portal, effects. One case: history.cc.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "engine/availability.h"
#include "engine/view.h"
#include "host/lines.h"
#include "host/names.h"
#include "host/service_impl.h"
#include "wire/binary.h"

namespace stepwell::host {

using service::WorkKind;

namespace {

constexpr size_t kLinesMax = 10'000;
constexpr size_t kLinesWithTextMax = 100;

absl::StatusOr<std::optional<uint32_t>> KindNumber(const std::string& name) {
  if (name.empty()) return std::optional<uint32_t>();
  for (WorkKind kind : {WorkKind::kItem, WorkKind::kAlert, WorkKind::kMessage,
                        WorkKind::kParked, WorkKind::kWaiting}) {
    if (name == KindName(kind)) {
      return std::optional<uint32_t>(static_cast<uint32_t>(kind));
    }
  }
  return InvalidInput(
      absl::StrCat("\"", name,
                   "\" is no kind of work: item, alert, message, parked or "
                   "waiting"));
}

}  // namespace

absl::StatusOr<PersonId> ServiceImpl::FindPersonOf(std::string_view who) {
  uint64_t id = 0;
  if (IdFromText(who, &id)) {
    const auto loaded = runtime_->LoadCase(CaseId(id));
    if (loaded.ok()) return loaded->state->person;
    if (runtime_->LoadPerson(PersonId(id)).ok()) return PersonId(id);
    return NotFound(absl::StrCat("there is no case of ", ToAbsl(who)));
  }
  const size_t bar = who.rfind('|');
  if (bar == std::string_view::npos) {
    return InvalidInput(absl::StrCat(
        "\"", ToAbsl(who),
        "\" is no id: give a case id, a person id, or system|value"));
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const auto person,
      runtime_->FindPerson(
          {std::string(who.substr(0, bar)), std::string(who.substr(bar + 1))}));
  if (!person) {
    return NotFound(absl::StrCat("nobody is known as ", ToAbsl(who)));
  }
  return *person;
}

absl::StatusOr<CaseId> ServiceImpl::FindCase(std::string_view who) {
  uint64_t id = 0;  // of a case: that one, also when its person was merged
  if (IdFromText(who, &id) && runtime_->LoadCase(CaseId(id)).ok()) {
    return CaseId(id);
  }
  STEPWELL_ASSIGN_OR_RETURN(const PersonId person, FindPersonOf(who));
  STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState state,
                            runtime_->LoadPerson(person));
  if (state.case_id.value == 0) return NotFound("the person has no case");
  return state.case_id;
}

absl::StatusOr<WorkLine> ServiceImpl::ToWorkLine(const store::WorkLine& line,
                                                 Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const runtime::WorkPayload payload,
                            ReadPayload(line.row));
  std::shared_ptr<const protocol::Protocol> protocol;
  if (service::KindOfKey(line.row.key) != WorkKind::kParked) {
    STEPWELL_ASSIGN_OR_RETURN(protocol, runtime_->ProtocolOf(payload.protocol));
  }
  return LineOf(line, payload, protocol.get(), StaffName(payload.staff), now);
}

// The key of the document that holds what the line is about; empty: none.
absl::StatusOr<std::string> ServiceImpl::KeyOfText(
    const store::StreamKey& stream, const WorkLine& line) {
  if (line.kind == KindName(WorkKind::kParked)) {
    const auto& parked = runtime_->service().parked;
    return line.ordinal < parked.size() ? parked[line.ordinal].raw_key : "";
  }
  if (line.kind != KindName(WorkKind::kMessage)) return "";
  STEPWELL_ASSIGN_OR_RETURN(const auto loaded,
                            runtime_->LoadCase(CaseId(stream.id)));
  const auto& messages = loaded.state->messages;
  return line.ordinal < messages.size() ? messages[line.ordinal].body_key : "";
}

absl::Status ServiceImpl::AddText(const store::StreamKey& stream,
                                  WorkLine& line) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string key, KeyOfText(stream, line));
  if (key.empty()) return absl::OkStatus();
  STEPWELL_ASSIGN_OR_RETURN(const auto text,
                            runtime_->store().GetDocument("raw", key));
  if (!text) return absl::OkStatus();  // the host keeps it, or it was erased
  line.text = BeginningOf(*text, limits::kTextBytesMax);
  line.text_cut = line.text.size() < text->size();
  return absl::OkStatus();
}

absl::StatusOr<Worklist> ServiceImpl::QueryWorklist(const WorklistQuery& query,
                                                    Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (query.kind == KindName(WorkKind::kWaiting)) {
    return QueryQueue(query, now);
  }
  store::WorkScan scan;
  scan.but = service::QueueKey();
  STEPWELL_ASSIGN_OR_RETURN(scan.kind, KindNumber(query.kind));
  if (query.overdue_only) scan.due_before = now;
  if (!query.after.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(scan.after, ReadCursor(query.after));
  }
  scan.limit =
      std::min(query.limit, query.with_text ? kLinesWithTextMax : kLinesMax) +
      1;
  // Whose lists: everybody's, a pool's queue, or a member's own and the
  // queues of the pools they belong to.
  std::vector<std::optional<uint64_t>> owners;
  const StaffId staff = runtime_->service().FindStaff(query.owner);
  if (query.owner.empty()) {
    owners.push_back(std::nullopt);
  } else if (staff.value != 0) {
    owners.push_back(service::OwnerKey(staff));
    if (query.include_pools) {
      for (const std::string& pool :
           runtime_->service().staff[staff.value - 1].pools) {
        owners.push_back(service::OwnerKeyOfPool(pool));
      }
    }
  } else if (!runtime_->current()->FindPool(query.owner).IsNone()) {
    owners.push_back(service::OwnerKeyOfPool(query.owner));
  } else {
    return NotFound(absl::StrCat("\"", query.owner,
                                 "\" is no member of staff and no pool"));
  }
  Worklist result;
  std::vector<store::WorkLine> lines;
  for (const auto& owner : owners) {
    scan.owner = owner;
    STEPWELL_ASSIGN_OR_RETURN(auto found, runtime_->store().ScanWork(scan));
    lines.insert(lines.end(), found.begin(), found.end());
    store::WorkScan count = scan;
    count.after.reset();
    STEPWELL_ASSIGN_OR_RETURN(const uint64_t total,
                              runtime_->store().CountWork(count));
    count.due_before = now;
    STEPWELL_ASSIGN_OR_RETURN(const uint64_t overdue,
                              runtime_->store().CountWork(count));
    result.total += total;
    result.overdue += overdue;
  }
  std::sort(lines.begin(), lines.end(), WorkBefore);
  const size_t shown = std::min(lines.size(), scan.limit - 1);
  if (lines.size() > shown && shown > 0) {
    result.next = CursorText(lines[shown - 1]);
  }
  for (size_t i = 0; i < shown; ++i) {
    STEPWELL_ASSIGN_OR_RETURN(WorkLine line, ToWorkLine(lines[i], now));
    if (query.with_text) {
      STEPWELL_RETURN_IF_ERROR(AddText(lines[i].stream, line));
    }
    result.lines.push_back(std::move(line));
  }
  return result;
}

absl::StatusOr<std::vector<GroupSummary>> ServiceImpl::QueryGroups() {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(const auto groups, runtime_->Groups());
  std::vector<GroupSummary> result;
  for (const engine::GroupState& group : groups) {
    GroupSummary summary;
    summary.group = group.id;
    summary.kind = group.kind;
    summary.status = wire::EnumName(group.status);
    summary.starts_at = group.starts_at;
    summary.settle_at = group.settle_at;
    summary.minimum = static_cast<int>(group.minimum);
    summary.places = static_cast<int>(group.places);
    summary.seated = static_cast<int>(group.Seated());
    summary.waiting = static_cast<int>(group.Waiting());
    for (const engine::SeatState& seat : group.seats) {
      summary.members.emplace_back(CaseText(seat.case_id), seat.waiting);
    }
    result.push_back(std::move(summary));
  }
  return result;
}

absl::StatusOr<OutboxPage> ServiceImpl::Outbox(uint64_t after, size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(
      const auto pending,
      runtime_->store().PendingEffects(after, std::min(limit, kLinesMax)));
  OutboxPage page;
  page.next = after;
  for (const store::PendingEffect& row : pending) {
    runtime::EffectPayload payload;
    if (!wire::DecodeFrom(row.row.payload, payload)) {
      return Corrupt("an effect in the outbox is damaged");
    }
    Effect effect;
    if (payload.case_id.value != 0) {
      STEPWELL_ASSIGN_OR_RETURN(const auto loaded,
                                runtime_->LoadCase(payload.case_id));
      effect =
          EffectOf(row.row, payload,
                   NamesFor(*runtime_, loaded.protocol.get(), loaded.state));
    } else {
      effect =
          EffectOf(row.row, payload, NamesFor(*runtime_, nullptr, nullptr));
    }
    effect.position = row.position;
    page.next = row.position;
    page.effects.push_back(std::move(effect));
  }
  return page;
}

absl::StatusOr<std::vector<std::string>> ServiceImpl::ListCases(
    std::string_view after, size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  uint64_t from = 0;
  if (!after.empty() && !IdFromText(after, &from)) {
    return InvalidInput("the cursor is no case id");
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const auto streams,
      runtime_->store().ListStreams(store::StreamKind::kCase, from, limit));
  std::vector<std::string> ids;
  for (const store::StreamKey& stream : streams) {
    ids.push_back(CaseText(CaseId(stream.id)));
  }
  return ids;
}

}  // namespace stepwell::host
