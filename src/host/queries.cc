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
#include "host/letter.h"
#include "host/lines.h"
#include "host/names.h"
#include "host/own_export.h"
#include "host/service_impl.h"
#include "wire/binary.h"

namespace stepwell::host {

using service::WorkKind;

namespace {

constexpr size_t kLinesMax = 10'000;
// A page of the outbox ends with the letter that comes to so much.
constexpr size_t kLettersBytesMax = size_t{1} << 20;

// The sender's own names of the referral that a letter is about.
absl::Status NameReferral(runtime::Runtime& runtime,
                          const runtime::EffectPayload& payload,
                          Effect& effect) {
  const ReferralId referral = payload.effect.referral;
  if (referral == ReferralId()) return absl::OkStatus();
  STEPWELL_ASSIGN_OR_RETURN(
      const std::vector<fhir::Identifier> names,
      IdentifiersOf(runtime, kReferralTarget, referral.value));
  for (const fhir::Identifier& name : names) {
    effect.referral_identifiers.emplace_back(name.system, name.value);
  }
  return absl::OkStatus();
}

// The figures of a letter to whoever referred; what was written to the service
// that the case is handed over to.
absl::Status AddLetter(runtime::Runtime& runtime,
                       const runtime::EffectPayload& payload, Effect& effect) {
  if (payload.effect.to == protocol::Recipient::kReferrer) {
    STEPWELL_ASSIGN_OR_RETURN(
        effect.letter,
        LetterJson(runtime, {payload.case_id, payload.effect.referral,
                             payload.effect.effect}));
  }
  if (effect.body_key.empty()) return absl::OkStatus();
  STEPWELL_ASSIGN_OR_RETURN(
      auto text, runtime.store().GetDocument("raw", effect.body_key));
  if (text) effect.text = *std::move(text);
  return absl::OkStatus();
}

// Whom the letter is owed to, and whether it may be written at all.
void AddReceivers(const protocol::Protocol& protocol,
                  const engine::CaseState& state, Instant now, WorkLine& line) {
  for (const engine::Referral* one : engine::WrittenTo(protocol, state)) {
    line.to.push_back(
        {IdToText(one->id.value), protocol.at(one->route).id, one->referrer});
  }
  if (!engine::MayBeWritten(protocol, state, now)) {
    line.withheld = kNoConsent;
  }
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
  WorkLine result =
      LineOf(line, payload, protocol.get(), StaffName(payload.staff), now);
  result.of = StaffName(payload.of);
  if (result.letter) {
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded,
                              runtime_->LoadCase(CaseId(line.stream.id)));
    AddReceivers(*loaded.protocol, *loaded.state, now, result);
  }
  return result;
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

absl::Status ServiceImpl::AddEffect(const store::PendingEffect& row,
                                    OutboxPage& page) {
  runtime::EffectPayload payload;
  if (!wire::DecodeFrom(row.row.payload, payload)) {
    return Corrupt("an effect in the outbox is damaged");
  }
  page.next = row.position;
  if (runtime_->service().safe_since &&
      protocol::IsPatientsSide(payload.effect.to)) {
    ++page.withheld;  // until the end of the safe mode
    return absl::OkStatus();
  }
  runtime::Runtime::Loaded loaded;
  if (payload.case_id.value != 0) {
    STEPWELL_ASSIGN_OR_RETURN(loaded, runtime_->LoadCase(payload.case_id));
  }
  Effect effect =
      EffectOf(row.row, payload,
               NamesFor(*runtime_, loaded.protocol.get(), loaded.state));
  STEPWELL_RETURN_IF_ERROR(NameReferral(*runtime_, payload, effect));
  STEPWELL_RETURN_IF_ERROR(AddLetter(*runtime_, payload, effect));
  effect.position = row.position;
  page.effects.push_back(std::move(effect));
  return absl::OkStatus();
}

absl::StatusOr<OutboxPage> ServiceImpl::Outbox(uint64_t after, size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());  // of safe mode above all
  limit = std::min(limit, kLinesMax);
  OutboxPage page;
  page.next = after;
  size_t letters = 0;
  // A page is not shorter for what is withheld: whoever reads on until a page
  // is empty reads all.
  while (page.effects.size() < limit) {
    const size_t wanted = limit - page.effects.size();
    STEPWELL_ASSIGN_OR_RETURN(
        const auto pending,
        runtime_->store().PendingEffects(page.next, wanted));
    for (const store::PendingEffect& row : pending) {
      const size_t before = page.effects.size();
      STEPWELL_RETURN_IF_ERROR(AddEffect(row, page));
      if (page.effects.size() == before) continue;  // withheld
      letters +=
          page.effects.back().text.size() + page.effects.back().letter.size();
      if (letters >= kLettersBytesMax) return page;
    }
    if (pending.size() < wanted) break;
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
