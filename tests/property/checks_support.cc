#include "property/checks_support.h"

#include <algorithm>
#include <tuple>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/apply.h"
#include "engine/invariants.h"
#include "engine/remap.h"
#include "service/counted.h"
#include "service/projection.h"
#include "wire/record.h"

namespace stepwell::testing {

using engine::CaseState;
using engine::Event;
using runtime::Runtime;
using store::StreamKey;
using store::StreamKind;

namespace {

constexpr size_t kEverything = 1'000'000;

StreamKey CaseKey(CaseId id) { return {StreamKind::kCase, id.value}; }

// A few words about what an event did, for a person who reads a failure.
std::string Detail(const protocol::Protocol& p, const Event& event) {
  const auto name = [&](engine::ElementId e) {
    return e.IsNone() ? "?" : p.at(e).id;
  };
  if (const auto* e = std::get_if<engine::CommandRecorded>(&event.body)) {
    return absl::StrCat(e->verb, " by ",
                        static_cast<int>(e->envelope.actor.role),
                        e->envelope.at ? " (clinical time given)" : "");
  }
  if (const auto* e = std::get_if<engine::ItemOpened>(&event.body)) {
    return absl::StrCat(name(e->key.element), "#", e->key.occurrence);
  }
  if (const auto* e = std::get_if<engine::ItemDone>(&event.body)) {
    return absl::StrCat("item ", e->item, " outcome ", e->outcome.value);
  }
  if (const auto* e = std::get_if<engine::ItemEnded>(&event.body)) {
    return absl::StrCat("item ", e->item, " status ",
                        static_cast<int>(e->status));
  }
  if (const auto* e = std::get_if<engine::TrackMoved>(&event.body)) {
    return absl::StrCat("to ", p.at(e->to).id);
  }
  if (const auto* e = std::get_if<engine::ClockStarted>(&event.body)) {
    return absl::StrCat(
        e->clock, " ", e->def.IsNone() ? "cadence" : p.at(e->def).id, " of ",
        static_cast<int>(e->subject.kind), "/", e->subject.ordinal);
  }
  if (const auto* e = std::get_if<engine::ClockFired>(&event.body)) {
    return absl::StrCat(e->clock, " rung ", e->rung,
                        e->next_due.IsNever() ? ", the last" : "");
  }
  if (const auto* e = std::get_if<engine::ClockStopped>(&event.body)) {
    return absl::StrCat(e->clock);
  }
  if (const auto* e = std::get_if<engine::ClockChanged>(&event.body)) {
    return absl::StrCat(e->clock, e->next_due.IsNever() ? " waits" : "",
                        e->paused_at ? " paused" : "");
  }
  return "";
}

std::string NameOf(const Event& event) {
  return std::visit([](const auto& e) { return std::string(e.kName); },
                    event.body);
}

std::string Said(CaseId id, const std::string& what) {
  return absl::StrCat("case ", id.value, ": ", what);
}

using WorkTuple = std::tuple<uint64_t, uint64_t, uint64_t, int, int64_t>;

}  // namespace

std::string CompactLog(Runtime& service, CaseId id, size_t limit) {
  const auto loaded = service.LoadCase(id);
  if (!loaded.ok()) return loaded.status().ToString();
  const auto events = service.ReadEvents(id, 1, kEverything);
  if (!events.ok()) return events.status().ToString();
  std::string text;
  const size_t first = events->size() > limit ? events->size() - limit : 0;
  for (size_t i = first; i < events->size(); ++i) {
    const Event& event = (*events)[i];
    absl::StrAppend(&text, event.seq, " ", event.recorded.us / 60'000'000,
                    "min ", NameOf(event), " ",
                    Detail(*loaded->protocol, event), "\n");
  }
  return text;
}

namespace {

// Whoever is on file for a patient is who the records say, is somebody else
// than the patient, and lives.
std::string CheckRelated(Runtime& service, const CaseState& state) {
  for (const engine::RelatedState& related : state.related) {
    if (related.ended_at) continue;
    const auto person = service.LoadPerson(related.person);
    if (!person.ok()) return person.status().ToString();
    if (person->id != related.Whom()) {
      return "13: a related person is another than the records say";
    }
    if (person->id == state.person) {
      return "13: a patient is a related person of their own";
    }
    if (person->died_at) return "13: somebody who has died is on file";
  }
  return "";
}

}  // namespace

std::string CheckCase(Runtime& service, CaseId id, Instant now) {
  const auto loaded = service.LoadCase(id);
  if (!loaded.ok()) return Said(id, loaded.status().ToString());
  const auto row = service.store().LoadState(CaseKey(id));
  if (!row.ok() || !*row) return Said(id, "there is no stored row");
  if ((*row)->version != loaded->state->version) {
    return Said(id, "the row has another version than the stream");
  }
  const auto broken = engine::BrokenInvariants(
      *loaded->protocol, *loaded->state, std::max(now, loaded->state->last_at));
  if (!broken.empty()) return Said(id, absl::StrJoin(broken, "; "));
  const std::string wrong = CheckRelated(service, *loaded->state);
  return wrong.empty() ? "" : Said(id, wrong);
}

std::string CheckReplay(Runtime& service, CaseId id) {
  const auto events = service.ReadEvents(id, 1, kEverything);
  if (!events.ok()) return Said(id, events.status().ToString());
  const auto row = service.store().LoadState(CaseKey(id));
  if (!row.ok() || !*row) return Said(id, "there is no stored row");
  const auto stored = wire::DecodeState((*row)->bytes);
  if (!stored.ok()) return Said(id, stored.status().ToString());
  CaseState replayed;
  bool passed = false;
  for (const Event& event : *events) {
    engine::Apply(event, replayed);
    if (event.seq != stored->version) continue;
    passed =
        wire::EncodeState(replayed) == (*row)->bytes && *stored == replayed;
  }
  if (!passed)
    return Said(id, "replaying the log does not give the stored row");
  const std::string bytes = wire::EncodeState(replayed);
  const auto held = service.LoadCase(id);
  if (!held.ok() || wire::EncodeState(*held->state) != bytes) {
    return Said(id, "replaying the log does not give the state in memory");
  }
  const auto read = service.StoredCase(id);
  if (!read.ok() || wire::EncodeState(*read) != bytes) {
    return Said(id, "the row and the records behind it do not give the state");
  }
  return "";
}

namespace {

using ClockTuple = std::tuple<uint64_t, uint64_t, int64_t>;

// What the indexes must hold, counted from the states.
struct Wanted {
  service::Counts counters;
  std::set<WorkTuple> work;
  std::set<ClockTuple> clocks;
  std::set<uint64_t> effects;

  void Take(const protocol::Protocol& protocol, const CaseState& state) {
    const uint64_t id = state.id.value;
    service::CountCase(protocol, state, counters);
    for (const auto& line : service::AllWork(protocol, state)) {
      work.insert({id, service::WorkKey(line.kind, line.ordinal),
                   service::ListKey(protocol, line), line.priority,
                   line.due.us});
    }
    for (const engine::ClockState& clock : state.clocks) {
      if (!clock.next_due.IsNever()) {
        clocks.insert({id, clock.ordinal, clock.next_due.us});
      }
    }
    int64_t first_to_run_out = Instant::Never().us;
    for (const auto& effect : state.pending_effects) {
      effects.insert(effect.effect);
      first_to_run_out = std::min(first_to_run_out, effect.valid_until.us);
    }
    if (first_to_run_out != Instant::Never().us) {
      clocks.insert({id, engine::kExpiryClock, first_to_run_out});
    }
    if (const Instant ends = state.ValidityEndsAt(); !ends.IsNever()) {
      clocks.insert({id, engine::kValidityClock, ends.us});
    }
    if (state.held_since) {
      clocks.insert({id, engine::kHeldClock, state.held_since->us});
    }
    if (const Instant comes = state.FollowUpAt(); !comes.IsNever()) {
      clocks.insert({id, engine::kFollowUpClock, comes.us});
    }
    if (const Instant comes = state.WeekComesAt(); !comes.IsNever()) {
      clocks.insert({id, engine::kWeekClock, comes.us});
    }
    if (const Instant ends = state.QuietEndsAt(); !ends.IsNever()) {
      clocks.insert({id, engine::kQuietClock, ends.us});
    }
  }
};

// The others' events need not be read.
bool CountsEvents(const protocol::Protocol& protocol) {
  return protocol.intake != nullptr ||
         std::any_of(protocol.pools.begin(), protocol.pools.end(),
                     [](const protocol::Pool& pool) {
                       return pool.assignment ==
                              protocol::AssignmentPolicy::kRoundRobin;
                     });
}

std::string CompareCounters(Runtime& service, service::Counts wanted) {
  const auto counters = service.store().Counters("");
  if (!counters.ok()) return counters.status().ToString();
  for (const auto& [name, value] : *counters) {
    if (name == "advance/last_us") continue;
    if (value != wanted[name]) {
      return absl::StrCat("counter ", name, " is ", value, ", a scan gives ",
                          wanted[name]);
    }
    wanted.erase(name);
  }
  for (const auto& [name, value] : wanted) {
    if (value != 0) return absl::StrCat("counter ", name, " is missing");
  }
  return "";
}

std::string CompareRows(Runtime& service, const Wanted& wanted) {
  store::WorkScan scan;
  scan.limit = kEverything;
  const auto lines = service.store().ScanWork(scan);
  if (!lines.ok()) return lines.status().ToString();
  std::set<WorkTuple> found;
  for (const auto& line : *lines) {
    if (line.stream.kind != StreamKind::kCase) continue;
    found.insert({line.stream.id, line.row.key, line.row.owner,
                  line.row.priority, line.row.due.us});
  }
  if (found != wanted.work) return "the worklists are not what the cases hold";
  const auto due =
      service.store().DueClocks(Instant{Instant::Never().us - 1}, kEverything);
  if (!due.ok()) return due.status().ToString();
  std::set<ClockTuple> indexed;
  for (const auto& clock : *due) {
    if (clock.stream.kind != StreamKind::kCase) continue;
    indexed.insert({clock.stream.id, clock.clock, clock.due.us});
  }
  if (indexed != wanted.clocks) {
    return "the deadlines are not what the cases hold";
  }
  const auto pending = service.store().PendingEffects(0, kEverything);
  if (!pending.ok()) return pending.status().ToString();
  std::set<uint64_t> offered;
  for (const auto& effect : *pending) {
    if (effect.stream.kind == StreamKind::kCase) {
      offered.insert(effect.row.effect);
    }
  }
  if (offered != wanted.effects) {
    return "the outbox is not what the cases wait for";
  }
  return "";
}

}  // namespace

std::string CheckIndexes(Runtime& service, const std::vector<CaseId>& cases) {
  Wanted wanted;
  for (CaseId id : cases) {
    const auto loaded = service.LoadCase(id);
    if (!loaded.ok()) return Said(id, loaded.status().ToString());
    wanted.Take(*loaded->protocol, *loaded->state);
    if (!CountsEvents(*loaded->protocol)) continue;
    const auto events = service.ReadEvents(id, 1, kEverything);
    if (!events.ok()) return Said(id, events.status().ToString());
    service::EventCount happened(wanted.counters);
    for (const Event& event : *events) {
      happened.Take(event, [&service](const Fingerprint& hash) {
        const auto version = service.ProtocolOf(hash);
        return version.ok() ? version->get() : nullptr;
      });
    }
  }
  for (const engine::ParkedState& parked : service.service().parked) {
    if (parked.open) ++wanted.counters[service::kParkedOpen];
  }
  const auto groups = service.Groups();
  if (!groups.ok()) return groups.status().ToString();
  for (const engine::GroupState& group : *groups) {
    if (group.Seated() > group.places) {
      return absl::StrCat("7: group ", group.id, " has more than its places");
    }
    wanted.counters[absl::StrCat(service::kGroupPrefix, group.id)] +=
        static_cast<int64_t>(group.Seated());
  }
  const std::string counters = CompareCounters(service, wanted.counters);
  return counters.empty() ? CompareRows(service, wanted) : counters;
}

std::vector<std::string> AllRecords(Runtime& service) {
  std::vector<std::string> records;
  for (StreamKind kind : {StreamKind::kCase, StreamKind::kPerson,
                          StreamKind::kGroup, StreamKind::kService}) {
    const auto streams = service.store().ListStreams(kind, 0, kEverything);
    if (!streams.ok()) return {streams.status().ToString()};
    for (const StreamKey& stream : *streams) {
      const auto read = service.store().ReadRecords(stream, 1, kEverything);
      if (!read.ok()) return {read.status().ToString()};
      records.push_back(absl::StrCat("stream ", stream.id));
      records.insert(records.end(), read->begin(), read->end());
      const auto row = service.store().LoadState(stream);
      if (!row.ok() || !*row) return {"a stream without a row"};
      records.push_back((*row)->bytes);
    }
  }
  return records;
}

// What each event adds to, or takes from, what is open.
struct CaseWatch::Logged {
  CaseWatch& watch;
  const protocol::Protocol& protocol;
  std::set<uint64_t>& effects;
  std::string& wrong;

  void operator()(const engine::ResponseReceived& e) {
    if (e.response_id.empty()) {
      ++watch.anonymous_;
    } else {
      watch.responses_.insert(e.response_id);
      const auto known =
          watch.questionnaires_.try_emplace(e.response_id, e.instrument).first;
      if (known->second != e.instrument) {
        wrong = "2: an answer has replaced one to another questionnaire";
      }
    }
  }
  void operator()(const engine::AlertRaised& e) {
    ++watch.alerts_open_;
    watch.due_.push_back({engine::AlertStage::kRaised, e.deadline});
  }
  void operator()(const engine::AlertStepped& e) {
    if (e.stage == engine::AlertStage::kClosed) --watch.alerts_open_;
    const bool begins = e.stage == engine::AlertStage::kAcknowledged;
    if (begins && e.deadline > watch.due_.at(e.alert).assessment) {
      wrong = "1: an acknowledgement put off an assessment that was begun";
    }
    watch.due_.at(e.alert) = {e.stage, e.deadline,
                              begins ? e.deadline : Instant::Never()};
  }
  // Nobody has done what was asked: it is asked by then all the same.
  void Rearm(uint32_t alert, Instant deadline) {
    Due& due = watch.due_.at(alert);
    if (due.stage < engine::AlertStage::kAssessed && deadline > due.step) {
      wrong = "1: new evidence put a deadline off that nobody has met";
    }
    due.stage = engine::AlertStage::kRaised;
    due.step = deadline;
  }
  void operator()(const engine::AlertEvidenceAdded& e) {
    if (e.rearmed) Rearm(e.alert, e.deadline);
  }
  void operator()(const engine::AlertRetiered& e) {
    // In a lower tier it starts over.
    if (!e.from.IsNone() &&
        protocol.at(e.tier).severity < protocol.at(e.from).severity) {
      watch.due_.at(e.alert) = {engine::AlertStage::kRaised, e.deadline};
    } else {
      Rearm(e.alert, e.deadline);
    }
  }
  void operator()(const engine::MessageReceived&) { ++watch.messages_open_; }
  void operator()(const engine::MessageSettled&) { --watch.messages_open_; }
  void operator()(const engine::ReferralAttached&) { ++watch.referrals_open_; }
  void operator()(const engine::ReferralAnswered&) { --watch.referrals_open_; }
  void operator()(const engine::EffectRequested& e) {
    if (!effects.insert(e.effect).second) wrong = "5: an effect id again";
    watch.owed_.insert(e.effect);
    const bool reaches = e.to == protocol::Recipient::kRelated
                             ? e.related != PersonId()
                             : e.to == protocol::Recipient::kPatient ||
                                   e.to == protocol::Recipient::kReferrer ||
                                   e.to == protocol::Recipient::kService ||
                                   !e.owner.IsNobody();
    if (!reaches) {
      wrong = "5: an effect to nobody";
    }
  }
  void operator()(const engine::EffectSettled& e) {
    if (watch.owed_.erase(e.effect) != 1) {
      wrong = "5: settled, and never asked for";
    }
  }
  void operator()(const engine::TrackMoved& e) {
    std::erase_if(watch.moves_, [&](const engine::TrackMoved& move) {
      return move.track == e.track;
    });
    watch.moves_.push_back(e);
  }
  void operator()(const engine::ItemOpened& e) { watch.items_.push_back(e); }
  void operator()(const engine::DeathNoted&) { watch.died_ = true; }
  void operator()(const engine::DecisionRecorded& e) {
    // The end of a wait for data decides nothing.
    if (e.automatic && watch.died_ && e.outcome != protocol::kUndetermined) {
      wrong = "3: a decision by itself about a person who has died";
    }
    if (e.automatic && !watch.IsActive(protocol, e.element)) {
      wrong = "4: an automatic decision of a phase that was left";
    }
  }
  void operator()(const engine::Voided& e) {
    watch.referrals_open_ -= e.referrals.size();
    for (const engine::AlertBefore& before : e.alerts_before) {
      // Only a closed one goes back to that step.
      if (before.stage == engine::AlertStage::kAssessed) ++watch.alerts_open_;
      // What was begun by what is taken back was never begun.
      const bool begun = before.stage == engine::AlertStage::kAcknowledged;
      watch.due_.at(before.alert) = {
          before.stage, before.deadline,
          begun ? before.deadline : Instant::Never()};
    }
    for (uint32_t item : e.items_reopened) {
      const engine::ItemOpened& opened = watch.items_.at(item);
      if (opened.owner.IsPatient() &&
          !watch.IsActive(protocol, opened.key.element)) {
        wrong = "4: the patient is asked again for a phase that was left";
      }
    }
  }
  // What was seen so far has other numbers from here on.
  void operator()(const engine::Migrated& e) {
    for (engine::TrackMoved& move : watch.moves_) {
      engine::Remap(move, e.tables);
    }
    for (engine::ItemOpened& item : watch.items_) {
      engine::Remap(item, e.tables);
    }
    for (auto& [id, instrument] : watch.questionnaires_) {
      engine::Remap(instrument, e.tables);
    }
  }
  void operator()(const engine::CaseOpened& e) {
    if (e.protocol != protocol.hash) wrong = "10: opened on another protocol";
  }
  template <class E>
  void operator()(const E&) {}
};

bool CaseWatch::IsActive(const protocol::Protocol& protocol,
                         protocol::ElementId element) const {
  const protocol::Element& e = protocol.at(element);
  return e.phase.IsNone() || e.keep_on_exit ||
         std::any_of(moves_.begin(), moves_.end(),
                     [&](const engine::TrackMoved& move) {
                       return move.to == e.phase;
                     });
}

std::string CaseWatch::TakeOne(const protocol::Protocol& protocol,
                               const Event& event,
                               std::set<uint64_t>& effects) {
  if (event.seq != version_ + 1) return "14: a gap in the sequence";
  if (event.recorded < last_) return "14: recorded time went back";
  version_ = event.seq;
  last_ = event.recorded;
  std::string wrong;
  Logged logged{*this, protocol, effects, wrong};
  std::visit(logged, event.body);
  TakeWords(event);
  return wrong;
}

std::string CaseWatch::TakeAdvanced(const Event& event) {
  // After safe mode data decide what they would have decided then, in the first
  // step of the case that comes: no clock does.
  if (const auto* held = std::get_if<engine::DecisionsHeld>(&event.body)) {
    by_data_ = !held->held;
  } else if (std::holds_alternative<engine::DecisionRecorded>(event.body)) {
    by_data_ = by_data_ || decisions_wait_;
  }
  if ((std::holds_alternative<engine::EpisodeClosed>(event.body) ||
       std::holds_alternative<engine::ReferralAnswered>(event.body)) &&
      !by_data_) {
    return "4: a clock ended care";
  }
  if (const auto* fired = std::get_if<engine::ClockFired>(&event.body)) {
    if (fired->due > event.recorded) return "4: a clock fired before its time";
    if (!fired_.insert({fired->clock, fired->rung}).second) {
      return absl::StrCat("4: clock ", fired->clock, " fired rung ",
                          fired->rung, " twice in one advance");
    }
  } else if (const auto* e =
                 std::get_if<engine::EffectRequested>(&event.body)) {
    if (e->to == protocol::Recipient::kPatient && e->clock != UINT32_MAX &&
        ++to_patient_[e->clock] > 1) {
      return absl::StrCat("4: clock ", e->clock,
                          " spoke to the patient twice in one advance");
    }
  }
  return "";
}

std::string CaseWatch::Take(const protocol::Protocol& protocol,
                            std::span<const Event> fresh, bool advance,
                            std::set<uint64_t>& effects) {
  fired_.clear();
  to_patient_.clear();
  by_data_ = false;
  std::set<uint64_t> disclosed;
  for (const Event& event : fresh) {
    std::string wrong = TakeOne(protocol, event, effects);
    if (wrong.empty() && advance) wrong = TakeAdvanced(event);
    if (!wrong.empty()) return absl::StrCat("event ", event.seq, ": ", wrong);
    if (const auto* held = std::get_if<engine::DecisionsHeld>(&event.body)) {
      decisions_wait_ = held->held;
    }
    const auto* score = std::get_if<engine::ScoreRecorded>(&event.body);
    const auto* raised = std::get_if<engine::AlertRaised>(&event.body);
    const auto* added = std::get_if<engine::AlertEvidenceAdded>(&event.body);
    if (score != nullptr && score->risk == engine::Answer3::kYes &&
        !protocol.risk.tiers.empty() &&
        score->instrument != protocol.risk.screen) {
      disclosed.insert(score->response_seq);
    }
    if (raised != nullptr) disclosed.erase(raised->response_seq);
    if (added != nullptr) disclosed.erase(added->response_seq);
    // A flag, too: by the event that it is told by.
    const auto* flag = std::get_if<engine::RiskFlagged>(&event.body);
    if (flag != nullptr && !flag->tier.IsNone()) disclosed.insert(event.seq);
    if (raised != nullptr) disclosed.erase(raised->flag_seq);
    if (added != nullptr) disclosed.erase(added->flag_seq);
  }
  if (!disclosed.empty()) {
    return absl::StrCat("1: the risk answer of event ", *disclosed.begin(),
                        " led to no alert at once");
  }
  return "";
}

std::string CaseWatch::Compare(const CaseState& state) const {
  if (state.version != version_) return "the state is not at its last event";
  if (state.last_at < last_) return "14: the state's time lies behind";
  size_t anonymous = 0;
  std::set<std::string> kept;
  for (const engine::ResponseState& response : state.responses) {
    if (response.id.empty()) {
      ++anonymous;
    } else {
      kept.insert(response.id);
    }
  }
  if (kept != responses_ || anonymous != anonymous_) {
    return "2: a response is in the log and not in the state";
  }
  const auto open = std::count_if(
      state.alerts.begin(), state.alerts.end(), [](const auto& alert) {
        return alert.stage != engine::AlertStage::kClosed;
      });
  if (static_cast<size_t>(open) != alerts_open_) {
    return "1: an alert is open in the log and not in the state";
  }
  const auto messages = std::count_if(
      state.messages.begin(), state.messages.end(), [](const auto& message) {
        return message.status == engine::MessageStatus::kOpen;
      });
  if (static_cast<size_t>(messages) != messages_open_) {
    return "2: a message is open in the log and not in the state";
  }
  const auto referrals = std::count_if(
      state.referrals.begin(), state.referrals.end(),
      [](const auto& referral) { return referral.IsOwedAnswer(); });
  if (static_cast<size_t>(referrals) != referrals_open_) {
    return "3: referrals in are not open + answered";
  }
  std::set<uint64_t> pending;
  for (const auto& effect : state.pending_effects) {
    pending.insert(effect.effect);
  }
  if (pending != owed_) return "5: an effect is neither waiting nor settled";
  return HasInventedYes(state) ? "9: a yes that no standing word says" : "";
}

}  // namespace stepwell::testing
