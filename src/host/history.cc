// One case as it stands or as it was known at a time: its summary, its
// decisions, and why an item is where it is.
#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "engine/apply.h"
#include "engine/clinical.h"
#include "engine/explain.h"
#include "engine/view.h"
#include "host/letter.h"
#include "host/lines.h"
#include "host/names.h"
#include "host/service_impl.h"
#include "protocol/case_view.h"
#include "runtime/rows.h"
#include "wire/event_json.h"
#include "wire/record.h"

namespace stepwell::host {

namespace {

constexpr size_t kLinesMax = 10'000;
// What is asked of a case that waits, where items are asked for by name.
constexpr std::string_view kQueueItem = "queue";
constexpr size_t kTextsMax = 100;
constexpr size_t kTimelineMax = 100'000;
constexpr size_t kPage = 100'000;

// Who acts in the events that follow.
std::string ActorOf(const engine::CommandRecorded& command,
                    const wire::Names& names) {
  const engine::Actor& who = command.envelope.actor;
  return who.staff.value != 0 ? wire::NameOf(names, who.staff)
                              : wire::EnumName(who.role);
}

// Of what the patient's device has told, and of what they have written.
void AddProgress(const engine::CaseState& state,
                 const protocol::Protocol& protocol, CaseSummary& summary) {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const engine::ItemState& item = state.items[i];
    const engine::DraftState* draft = state.DraftOf(i);
    if (item.key.episode != state.episode() ||
        (!item.percent && !item.seconds && draft == nullptr)) {
      continue;
    }
    ItemProgress progress;
    progress.item = protocol.at(item.key.element).id;
    progress.state = engine::StatusName(item.status);
    progress.since = item.opened_at;
    if (item.percent) progress.percent = *item.percent;
    progress.seconds = item.seconds;
    if (draft != nullptr) {
      progress.draft_since = draft->since;
      progress.draft_at = draft->at;
      progress.draft_abandoned_at =
          draft->abandoned_at.value_or(Instant::Never());
    }
    summary.progress.push_back(std::move(progress));
  }
}

void AddState(const wire::Names& names, const engine::CaseState& state,
              const protocol::Protocol& protocol, CaseSummary& summary) {
  summary.case_id = CaseText(state.id);
  summary.person_id = PersonText(state.person);
  summary.protocol = protocol.id;
  summary.protocol_hash = ToHex(protocol.hash);
  summary.state_hash = ToHex(FingerprintOf(wire::EncodeState(state)));
  summary.version = state.version;
  summary.open = !state.IsClosed();
  summary.paused = state.paused_at.has_value();
  summary.owner_pool = wire::NameOf(names, state.owner.pool);
  summary.owner_staff = wire::NameOf(names, state.owner.staff);
  for (size_t t = 0; t < state.tracks.size(); ++t) {
    if (state.tracks[t].phase.IsNone()) continue;
    summary.phases.push_back(
        {protocol.tracks[t].id, protocol.at(state.tracks[t].phase).id});
  }
  for (const engine::ScoreState& score : state.scores) {
    if (score.is_void || !score.score) continue;
    summary.scores.push_back(
        {protocol.at(score.instrument).id,
         absl::StrCat(score.score->numerator / score.score->denominator)});
  }
  AddProgress(state, protocol, summary);
}

std::string NameIn(std::span<const std::string_view> names, size_t number) {
  return number < names.size() ? std::string(names[number]) : "";
}

void AddFollowUps(const engine::CaseState& state,
                  const protocol::Protocol& protocol, CaseSummary& summary) {
  for (const engine::FollowUpState& known : state.follow_ups) {
    FollowUpEntry entry;
    entry.window = protocol.at(known.window).id;
    entry.state =
        NameIn(protocol::kWindowNames, static_cast<size_t>(known.status));
    if (const auto timing = engine::TimingOf(known)) {
      entry.timing =
          NameIn(protocol::kTimingNames, static_cast<size_t>(*timing));
    }
    entry.episode = known.episode;
    entry.anchor = known.anchor;
    entry.opens = known.opens;
    entry.due = known.due;
    entry.closes = known.closes;
    for (const engine::WindowAnswer& answer : known.answers) {
      if (answer.element.IsNone()) continue;
      entry.answers.push_back(
          {protocol.at(answer.element).id,
           NameIn(protocol::kTimingNames, static_cast<size_t>(answer.timing)),
           answer.at});
    }
    summary.follow_ups.push_back(std::move(entry));
  }
}

using Migrations = std::vector<std::pair<uint64_t, const engine::Migrated*>>;

Migrations MigrationsIn(const std::vector<engine::Event>& events) {
  Migrations found;
  for (const engine::Event& event : events) {
    if (const auto* migrated = std::get_if<engine::Migrated>(&event.body)) {
      found.push_back({event.seq, migrated});
    }
  }
  return found;
}

// The element of an event as the newest version numbers it.
protocol::ElementId ElementNow(const Migrations& migrations, uint64_t seq,
                               protocol::ElementId element) {
  for (const auto& [at, migrated] : migrations) {
    if (at > seq) element = migrated->tables.Map(element);
  }
  return element;
}

// What will be is not known: the answer would be one of now.
absl::Status CheckPast(std::optional<Instant> as_of, Instant now) {
  if (!as_of || *as_of <= now) return absl::OkStatus();
  return InvalidInput(
      absl::StrCat("as_of is a time that has been: ", FormatInstantUtc(*as_of),
                   " is after ", FormatInstantUtc(now)));
}

}  // namespace

absl::StatusOr<ServiceImpl::Past> ServiceImpl::LoadPast(
    std::string_view who, std::optional<Instant> as_of, Axis axis) {
  Past past;
  STEPWELL_ASSIGN_OR_RETURN(past.id, FindCase(who));
  STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_->LoadCase(past.id));
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        auto page,
        runtime_->ReadEvents(past.id, past.events.size() + 1, kPage));
    std::move(page.begin(), page.end(), std::back_inserter(past.events));
    if (page.size() < kPage) break;
  }
  past.is_past = as_of.has_value();
  if (!as_of) {
    past.protocol = loaded.protocol;
    past.state = *loaded.state;
    STEPWELL_RETURN_IF_ERROR(AddEras(past));
    return past;
  }
  const absl::Status none = NotFound(absl::StrCat(
      "there was no case of ", ToAbsl(who), " at ", FormatInstantUtc(*as_of)));
  if (axis == Axis::kClinical) {
    auto was = engine::ClinicallyAt(past.events, *as_of);
    if (!was) return none;
    past.protocol = loaded.protocol;
    past.state = std::move(was->state);
    past.events = std::move(was->events);
    return past;
  }
  // Recorded times never decrease in a stream: what was known is its beginning.
  const auto later = std::find_if(
      past.events.begin(), past.events.end(),
      [&](const engine::Event& event) { return event.recorded > *as_of; });
  past.events.erase(later, past.events.end());
  if (past.events.empty()) return none;
  for (const engine::Event& event : past.events) {
    engine::Apply(event, past.state);
  }
  STEPWELL_ASSIGN_OR_RETURN(past.protocol,
                            runtime_->ProtocolOf(past.state.protocol));
  STEPWELL_RETURN_IF_ERROR(AddEras(past));
  return past;
}

absl::Status ServiceImpl::AddEras(Past& past) {
  engine::CaseState state;
  size_t next = 0;
  for (const engine::EarlierPin& pin : past.state.earlier_pins) {
    for (; next < past.events.size() && past.events[next].seq < pin.until_seq;
         ++next) {
      engine::Apply(past.events[next], state);
    }
    Era era{pin.until_seq, nullptr, state};
    STEPWELL_ASSIGN_OR_RETURN(era.protocol, runtime_->ProtocolOf(pin.protocol));
    past.eras.push_back(std::move(era));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<WorkLine>> ServiceImpl::WorkOf(const Past& past,
                                                          Instant now) {
  const store::StreamKey stream{store::StreamKind::kCase, past.id.value};
  std::vector<store::WorkLine> rows;
  if (past.is_past) {
    for (const service::WorkEntry& entry :
         service::AllWork(*past.protocol, past.state)) {
      if ((kWorkKinds >> static_cast<int>(entry.filter) & 1) == 0) continue;
      rows.push_back(
          {stream, runtime::ToWorkRow(*past.protocol, past.state, entry)});
    }
    std::sort(rows.begin(), rows.end(), WorkBefore);
  } else {
    store::WorkScan scan;
    scan.stream = stream;
    scan.kinds = kWorkKinds;
    scan.limit = kLinesMax;
    STEPWELL_ASSIGN_OR_RETURN(rows, runtime_->store().ScanWork(scan));
  }
  std::vector<WorkLine> lines;
  size_t texts = 0;
  for (const store::WorkLine& row : rows) {
    STEPWELL_ASSIGN_OR_RETURN(WorkLine line, ToWorkLine(row, now));
    if (line.kind == KindName(service::WorkKind::kMessage) &&
        texts++ < kTextsMax) {
      STEPWELL_RETURN_IF_ERROR(AddText(row.stream, line));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

ServiceImpl::NamesInTime ServiceImpl::NamesOver(const Past& past) const {
  NamesInTime names;
  for (const Era& era : past.eras) {
    names.Add(era.until_seq,
              NamesFor(*runtime_, era.protocol.get(), &era.state));
  }
  names.Add(0, NamesFor(*runtime_, past.protocol.get(), &past.state));
  return names;
}

std::vector<DecisionEntry> ServiceImpl::DecisionsOf(
    const Past& past, protocol::ElementId element) const {
  const NamesInTime in_time = NamesOver(past);
  const Migrations migrations = MigrationsIn(past.events);
  std::vector<DecisionEntry> decisions;
  const engine::CommandRecorded* command = nullptr;
  for (const engine::Event& event : past.events) {
    if (const auto* next = std::get_if<engine::CommandRecorded>(&event.body)) {
      command = next;
    }
    const auto* decision = std::get_if<engine::DecisionRecorded>(&event.body);
    if (decision == nullptr ||
        (!element.IsNone() &&
         ElementNow(migrations, event.seq, decision->element) != element)) {
      continue;
    }
    const wire::Names& names = in_time.At(event.seq);
    DecisionEntry entry;
    entry.seq = event.seq;
    entry.at = event.at;
    entry.recorded = event.recorded;
    entry.item = wire::NameOf(names, decision->element);
    entry.outcome = wire::NameOf(names, decision->outcome);
    for (const protocol::OutcomeId outcome : decision->outcomes) {
      entry.outcomes.push_back(wire::NameOf(names, outcome));
    }
    entry.automatic = decision->automatic;
    entry.proposed = wire::NameOf(names, decision->proposed);
    if (command != nullptr) {
      entry.actor = ActorOf(*command, names);
      if (!decision->automatic) entry.reason = command->envelope.reason;
    }
    entry.rules = decision->rules;
    entry.inputs = decision->inputs;
    entry.value = decision->value;
    entry.working = decision->working;
    decisions.push_back(std::move(entry));
  }
  return decisions;
}

absl::StatusOr<CaseSummary> ServiceImpl::QueryCase(std::string_view who,
                                                   Instant now,
                                                   std::optional<Instant> as_of,
                                                   Axis axis) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(CheckPast(as_of, now));
  STEPWELL_ASSIGN_OR_RETURN(const Past past, LoadPast(who, as_of, axis));
  const wire::Names names =
      NamesFor(*runtime_, past.protocol.get(), &past.state);
  CaseSummary summary;
  AddState(names, past.state, *past.protocol, summary);
  AddFollowUps(past.state, *past.protocol, summary);
  STEPWELL_ASSIGN_OR_RETURN(auto lines, WorkOf(past, as_of.value_or(now)));
  for (WorkLine& line : lines) {
    auto& list = line.kind == "alert"     ? summary.open_alerts
                 : line.kind == "message" ? summary.open_messages
                                          : summary.open_items;
    list.push_back(std::move(line));
  }
  summary.decisions = DecisionsOf(past);
  std::string actor;
  const NamesInTime in_time = NamesOver(past);
  for (const engine::Event& event : past.events) {
    const wire::Names& names_then = in_time.At(event.seq);
    if (const auto* command =
            std::get_if<engine::CommandRecorded>(&event.body)) {
      actor = ActorOf(*command, names);
    }
    if (summary.timeline.size() == kTimelineMax) break;
    summary.timeline.push_back({event.seq, event.at, event.recorded,
                                wire::EventName(event),
                                wire::EventToText(event, names_then),
                                wire::EventToJson(event, names_then), actor});
  }
  return summary;
}

namespace {

constexpr store::StreamKey kServiceStream = {store::StreamKind::kService, 1};

// By whom the record is: a page may begin amid what one command came to.
absl::StatusOr<std::string> WhoWrote(runtime::Runtime& runtime,
                                     const wire::Names& names, uint64_t seq) {
  for (; seq > 0; --seq) {
    STEPWELL_ASSIGN_OR_RETURN(const auto records, runtime.store().ReadRecords(
                                                      kServiceStream, seq, 1));
    if (records.empty()) break;
    STEPWELL_ASSIGN_OR_RETURN(const engine::ServiceEvent event,
                              wire::DecodeServiceEvent(records.front()));
    if (const auto* command =
            std::get_if<engine::CommandRecorded>(&event.body)) {
      return ActorOf(*command, names);
    }
  }
  return std::string();
}

}  // namespace

absl::StatusOr<std::vector<TimelineEntry>> ServiceImpl::QueryServiceLog(
    uint64_t after, size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  const auto protocol = runtime_->current();
  const wire::Names names = NamesFor(*runtime_, protocol.get(), nullptr);
  STEPWELL_ASSIGN_OR_RETURN(
      const auto records,
      runtime_->store().ReadRecords(kServiceStream, after + 1, limit));
  std::vector<TimelineEntry> entries;
  STEPWELL_ASSIGN_OR_RETURN(std::string actor,
                            WhoWrote(*runtime_, names, after));
  for (const std::string& record : records) {
    STEPWELL_ASSIGN_OR_RETURN(const engine::ServiceEvent event,
                              wire::DecodeServiceEvent(record));
    if (const auto* command =
            std::get_if<engine::CommandRecorded>(&event.body)) {
      actor = ActorOf(*command, names);
    }
    entries.push_back({event.seq, event.at, event.recorded,
                       wire::EventName(event), wire::EventToText(event, names),
                       wire::EventToJson(event, names), actor});
  }
  return entries;
}

absl::StatusOr<Explanation> ServiceImpl::Explain(std::string_view who,
                                                 std::string_view item,
                                                 Instant now,
                                                 std::optional<Instant> as_of,
                                                 Axis axis) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(CheckPast(as_of, now));
  STEPWELL_ASSIGN_OR_RETURN(const Past past, LoadPast(who, as_of, axis));
  const protocol::ElementId element = past.protocol->FindElement(item);
  if (element.IsNone() && item == kQueueItem &&
      past.protocol->intake != nullptr) {
    return ExplainPlace(past, as_of.value_or(now));
  }
  if (element.IsNone() && item == "owner") return ExplainOwner(past);
  const protocol::ProgramRef program = past.protocol->FindProgramItem(item);
  if (element.IsNone() && program.IsNone()) {
    return NotFound(
        absl::StrCat("the protocol has no item \"", ToAbsl(item), "\""));
  }
  const Instant at = as_of.value_or(now);
  engine::ItemExplanation explained =
      element.IsNone()
          ? engine::ExplainProgram(*past.protocol, past.state, program, at)
          : engine::ExplainItem(*past.protocol, past.state, element, at);
  Explanation result{std::string(item), std::move(explained.state),
                     std::move(explained.reasons),
                     std::move(explained.would_open),
                     element.IsNone() ? std::vector<DecisionEntry>()
                                      : DecisionsOf(past, element)};
  if (!element.IsNone() && axis == Axis::kRecorded &&
      past.protocol->at(element).kind == protocol::ItemKind::kMessage) {
    STEPWELL_RETURN_IF_ERROR(AddLetters(past, at, result));
  }
  return result;
}

absl::Status ServiceImpl::AddLetters(const Past& past, Instant at,
                                     Explanation& result) {
  if (!engine::MayBeWritten(*past.protocol, past.state, at)) {
    result.withheld = kNoConsent;
    return absl::OkStatus();
  }
  std::vector<ReferralId> answered;
  for (const engine::Referral* one :
       engine::WrittenTo(*past.protocol, past.state)) {
    answered.push_back(one->id);
  }
  // Owed to nobody it is about the latest course, as when it is sent.
  if (answered.empty()) answered.emplace_back();
  for (const ReferralId referral : answered) {
    STEPWELL_ASSIGN_OR_RETURN(
        std::string letter,
        LetterJson(*runtime_, {past.id, referral, 0,
                               past.is_past ? at : Instant::Never(), at}));
    if (!letter.empty()) result.letters.push_back(std::move(letter));
  }
  return absl::OkStatus();
}

}  // namespace stepwell::host
