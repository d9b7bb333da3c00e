// One pass over the log; what differs is named as the corrected version does.
#include "engine/look_back.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/apply.h"
#include "engine/decide.h"
#include "engine/decisions.h"
#include "engine/intake.h"
#include "engine/migrate.h"
#include "engine/recall.h"
#include "engine/remap.h"
#include "engine/scoring.h"
#include "engine/view.h"
#include "protocol/intake.h"

namespace stepwell::engine {
namespace {

using protocol::Protocol;

constexpr char kNone[] = "none";
constexpr char kPlace[] = "place";  // in the queue at the door

std::string TextOf(const std::optional<Ratio>& score) {
  if (!score) return kNone;
  return score->denominator == 1
             ? absl::StrCat(score->numerator)
             : absl::StrCat(score->numerator, "/", score->denominator);
}

const char* TextOf(Answer3 answer) {
  return answer == Answer3::kYes  ? "yes"
         : answer == Answer3::kNo ? "no"
                                  : "unknown";
}

std::string BandName(const instruments::Instrument& instrument, uint8_t band) {
  return !instrument.has_total() || band >= instrument.scales()[0].bands.size()
             ? kNone
             : instrument.scales()[0].bands[band].id;
}

std::string TierOf(const instruments::Instrument& instrument, uint8_t tier) {
  return tier >= instrument.tiers().ids.size() ? kNone
                                               : instrument.tiers().ids[tier];
}

// How the numbers of a version become those of the corrected one: by the
// migrations that came after it in the log, and by the one to come.
using Chain = std::vector<const Migrated*>;

template <class Symbol>
Symbol Through(const Chain& chain, Symbol symbol) {
  for (const Migrated* migrated : chain) symbol = migrated->tables.Map(symbol);
  return symbol;
}

// False when it names something that the corrected version does not know.
// Clocks may go: they are dropped.
template <class T>
bool IsKnown(const Chain& chain, const T& value) {
  bool known = true;
  VisitSymbols(value, [&](const auto& symbol) {
    using Symbol = std::remove_cvref_t<decltype(symbol)>;
    if constexpr (!std::is_same_v<Symbol, ClockDefId>) {
      known = known && (symbol.IsNone() || !Through(chain, symbol).IsNone());
    }
  });
  return known;
}

// What began, by the names of the corrected version where that knows it.
struct Begun {
  std::string kind;  // item, program, milestone, word or letter
  std::string what;
  TrackId track = {};  // of an item that stands in a phase
  auto operator<=>(const Begun&) const = default;
};

// What the outcome of a command is compared by, named in the numbers of the
// corrected version.
struct Found {
  std::vector<TierId> alerts;        // raised, joined or tiered; sorted
  std::map<TrackId, PhaseId> moves;  // where each track came to
  std::vector<Begun> begun;          // sorted, each once
};

// Of one version, in whose numbers the events are.
class Finder {
 public:
  Finder(const Protocol& protocol, const Protocol& to, const Chain& chain)
      : protocol_(protocol), to_(to), chain_(chain) {}

  std::optional<Begun> BegunBy(const Event& event) const {
    if (const auto* opened = std::get_if<ItemOpened>(&event.body)) {
      return Opened(opened->key.element);
    }
    if (const auto* enrolled = std::get_if<EnrolmentStarted>(&event.body)) {
      return Begun{"program", Name(enrolled->program, protocol_.programs,
                                   to_.programs, &protocol::Imported::name)};
    }
    if (const auto* reached = std::get_if<MilestoneReached>(&event.body)) {
      return Begun{"milestone", Name(reached->milestone, protocol_.milestones,
                                     to_.milestones, &protocol::Milestone::id)};
    }
    if (const auto* asked = std::get_if<EffectRequested>(&event.body)) {
      return Said(*asked);
    }
    return std::nullopt;
  }

 private:
  template <class Symbol, class Table, class Member>
  std::string Name(Symbol symbol, const Table& table, const Table& corrected,
                   Member member) const {
    const Symbol now = Through(chain_, symbol);
    return now.IsNone() ? table[symbol.value].*member
                        : corrected[now.value].*member;
  }

  // What goes with an alert, or is about the differences themselves, says
  // nothing more.
  std::optional<Begun> Opened(ElementId id) const {
    if (id == protocol_.risk.screen_element ||
        id == protocol_.risk.missing_element ||
        id == protocol_.review_element) {
      return std::nullopt;
    }
    Begun begun{"item", Name(id, protocol_.elements, to_.elements,
                             &protocol::Element::id)};
    const PhaseId phase = protocol_.at(id).phase;
    if (!phase.IsNone()) {
      begun.track = Through(chain_, protocol_.at(phase).track);
    }
    return begun;
  }

  // Words to the patient and letters; what staff are told they see otherwise.
  std::optional<Begun> Said(const EffectRequested& asked) const {
    const bool letter = asked.kind == EffectKind::kLetter;
    if (!letter && !protocol::IsPatientsSide(asked.to)) {
      return std::nullopt;
    }
    const TemplateId now = Through(chain_, asked.message_template);
    return Begun{letter ? "letter" : "word",
                 asked.message_template.IsNone() ? "to the referrer"
                 : now.IsNone()
                     ? protocol_.templates[asked.message_template.value]
                     : to_.templates[now.value]};
  }

  const Protocol& protocol_;
  const Protocol& to_;
  const Chain& chain_;
};

Found FoundIn(const Outcome& outcome, const Finder& finder,
              const Chain& chain) {
  Found found;
  for (const Event& event : outcome.events) {
    if (auto begun = finder.BegunBy(event)) {
      found.begun.push_back(*std::move(begun));
    }
    TierId tier;
    if (const auto* raised = std::get_if<AlertRaised>(&event.body)) {
      tier = raised->tier;
    } else if (const auto* joined =
                   std::get_if<AlertEvidenceAdded>(&event.body)) {
      tier = outcome.state.alerts[joined->alert].tier;
    } else if (const auto* tiered = std::get_if<AlertRetiered>(&event.body)) {
      tier = tiered->tier;
    } else if (const auto* moved = std::get_if<TrackMoved>(&event.body)) {
      found.moves[Through(chain, moved->track)] = Through(chain, moved->to);
    }
    if (!tier.IsNone()) found.alerts.push_back(Through(chain, tier));
  }
  std::sort(found.alerts.begin(), found.alerts.end());
  std::sort(found.begun.begin(), found.begun.end());
  found.begun.erase(std::unique(found.begun.begin(), found.begun.end()),
                    found.begun.end());
  return found;
}

// What earlier amendments have told of the case: a person has looked at it, and
// its scores stand so.
class Told {
 public:
  void Hear(const Amended& amended) {
    for (const Difference& d : amended.differences) {
      differences_[{d.seq, d.kind, d.what}] = d.after;
    }
    for (const CorrectedScore& score : amended.scores) {
      scores_[score.seq] = score;
    }
  }

  // The score of the event as it stands by now.
  ScoreRecorded Stands(uint64_t seq, ScoreRecorded recorded) const {
    const auto found = scores_.find(seq);
    if (found == scores_.end()) return recorded;
    recorded.score = found->second.score;
    recorded.band = found->second.band;
    recorded.tier = found->second.tier;
    recorded.risk = found->second.risk;
    return recorded;
  }

  bool Holds(uint64_t seq, const std::string& kind, const std::string& what,
             const std::string& after) const {
    const auto found = differences_.find({seq, kind, what});
    return found != differences_.end() && found->second == after;
  }

  // Leaves what is new, as it differs from what was told last.
  void Prune(std::vector<Difference>& differences) const {
    std::erase_if(differences, [this](const Difference& d) {
      return Holds(d.seq, d.kind, d.what, d.after);
    });
    for (Difference& d : differences) {
      const auto found = differences_.find({d.seq, d.kind, d.what});
      if (found != differences_.end()) d.before = found->second;
    }
  }

 private:
  std::map<std::tuple<uint64_t, std::string, std::string>, std::string>
      differences_;                            // what came after
  std::map<uint64_t, CorrectedScore> scores_;  // by the event
};

class Looker {
 public:
  Looker(std::span<const Event> events, std::span<const VersionInTime> versions,
         const Protocol& to, const protocol::Migration* migration)
      : events_(events), versions_(versions), to_(to) {
    for (const Event& event : events) {
      if (const auto* migrated = std::get_if<Migrated>(&event.body)) {
        chain_.push_back(migrated);
      } else if (const auto* amended = std::get_if<Amended>(&event.body)) {
        told_.Hear(*amended);
      } else if (const auto* voided = std::get_if<Voided>(&event.body)) {
        taken_back_.insert(taken_back_.end(), voided->responses.begin(),
                           voided->responses.end());
      }
    }
    if (migration == nullptr) return;
    to_come_ = {migration->from,   migration->to,
                migration->id,     static_cast<uint16_t>(to.tracks.size()),
                migration->tables, {}};
    chain_.push_back(&to_come_);
  }

  LookBack Run() {
    for (size_t i = 0; i < events_.size();) {
      size_t end = i + 1;
      while (end < events_.size() && !IsCommand(events_[end])) ++end;
      OneCommand(events_.subspan(i, end - i));
      i = end;
    }
    told_.Prune(result_.differences);
    return std::move(result_);
  }

 private:
  static bool IsCommand(const Event& event) {
    return std::holds_alternative<CommandRecorded>(event.body);
  }

  void OneCommand(std::span<const Event> events) {
    while (version_ + 1 < versions_.size() &&
           events[0].seq > versions_[version_].until_seq) {
      ++version_;
      chain_.erase(chain_.begin());
    }
    if (chain_.empty()) {  // already under the corrected version
      for (const Event& event : events) Apply(event, state_);
      return;
    }
    const CaseState before = state_;
    for (const Event& event : events) {
      if (const auto* decided = std::get_if<DecisionRecorded>(&event.body)) {
        AskDecision(event, *decided);
      } else if (const auto* score = std::get_if<ScoreRecorded>(&event.body)) {
        ScoreAnew(event, *score);
      }
      Apply(event, state_);
    }
    AskCommand(events, before);
    AskPlace(events, before);
  }

  const Protocol& Then() const { return *versions_[version_].protocol; }

  bool IsTakenBack(uint64_t response) const {
    return std::find(taken_back_.begin(), taken_back_.end(), response) !=
           taken_back_.end();
  }

  // The state in the numbers of the corrected version, with corrected scores;
  // nothing when it holds what that does not know.
  std::optional<CaseState> AsCorrected(const CaseState& state) const {
    if (!IsKnown(chain_, state)) return std::nullopt;
    CaseState corrected = state;
    for (const Migrated* migrated : chain_) {
      Apply({state.version, state.last_at, state.last_at, *migrated},
            corrected);
    }
    corrected.version = state.version;
    corrected.last_at = state.last_at;
    Amended scores;
    scores.scores = corrected_;
    Apply({state.version, state.last_at, state.last_at, scores}, corrected);
    for (ClockState& clock : corrected.clocks) {
      if (clock.def.IsNone()) continue;
      const size_t rungs = to_.at(clock.def).ladder.size();
      if (clock.next_rung >= rungs && rungs > 0) {
        clock.next_rung = static_cast<uint8_t>(rungs - 1);
      }
    }
    return corrected;
  }

  void Add(const Event& event, const char* kind, std::string what,
           std::string before, std::string after, bool act = false) {
    result_.differences.push_back({event.seq, event.at, kind, std::move(what),
                                   std::move(before), std::move(after), act});
  }

  // --- scores

  void ScoreAnew(const Event& event, const ScoreRecorded& was) {
    if (IsTakenBack(was.response_seq)) return;
    const InstrumentRef ref = Through(chain_, was.instrument);
    const Event* from = Find(was.response_seq);
    const auto* response =
        from == nullptr ? nullptr : std::get_if<ResponseReceived>(&from->body);
    if (ref.IsNone()) return;
    const instruments::Instrument& instrument = *to_.at(ref).instrument;
    if (was.response_seq == 0 && was.score) {  // adopted, without its answers
      ScoreRecorded is = was;
      is.band = engine::BandOf(instrument,
                               {was.score->numerator, was.score->denominator});
      Correct(event, ref, instrument, was, is);
      return;
    }
    if (response == nullptr) return;
    const instruments::Answers answers =
        ReadAnswers(instrument, response->answers);
    const ScoreRecorded is = ScoreOf(
        instrument, instruments::Score(instrument, answers.view(),
                                       ContextOf(Then(), state_, event.at)));
    Correct(event, ref, instrument, was, is);
  }

  void Correct(const Event& event, InstrumentRef ref,
               const instruments::Instrument& instrument,
               const ScoreRecorded& was, const ScoreRecorded& is) {
    const ScoreRecorded stands = told_.Stands(event.seq, was);
    const CorrectedScore score = {event.seq, is.score, is.band, is.tier,
                                  is.risk};
    Compare(event, to_.at(ref).name, instrument, stands, is);
    if (Differs(is, was)) corrected_.push_back(score);
    if (Differs(is, stands)) result_.scores.push_back(score);
  }

  static bool Differs(const ScoreRecorded& a, const ScoreRecorded& b) {
    return a.score != b.score || a.band != b.band || a.tier != b.tier ||
           a.risk != b.risk;
  }

  void Compare(const Event& event, const std::string& name,
               const instruments::Instrument& instrument,
               const ScoreRecorded& was, const ScoreRecorded& is) {
    if (is.score != was.score) {
      Add(event, "score", name, TextOf(was.score), TextOf(is.score));
    }
    if (is.band != was.band) {
      Add(event, "band", name, BandName(instrument, was.band),
          BandName(instrument, is.band));
    }
    if (is.tier != was.tier) {
      Add(event, "tier", name, TierOf(instrument, was.tier),
          TierOf(instrument, is.tier));
    }
    if (is.risk != was.risk) {
      // Missing is not "no": somebody asks.
      Add(event, "risk", name, TextOf(was.risk), TextOf(is.risk),
          is.risk == Answer3::kUnknown);
    }
    const auto has = [](const std::vector<std::string>& flags,
                        const std::string& flag) {
      return std::find(flags.begin(), flags.end(), flag) != flags.end();
    };
    for (const std::string& flag : was.flags_set) {
      if (has(is.flags_set, flag)) continue;
      Add(event, "flag", absl::StrCat(name, ".", flag), "yes", "no");
    }
    for (const std::string& flag : is.flags_set) {
      if (has(was.flags_set, flag)) continue;
      Add(event, "flag", absl::StrCat(name, ".", flag), "no", "yes");
    }
  }

  const Event* Find(uint64_t seq) const {
    return seq == 0 || seq > events_.size() ? nullptr : &events_[seq - 1];
  }

  // --- decisions

  static bool IsByData(const protocol::Element& element) {
    return element.table != nullptr || element.predict != nullptr ||
           !element.criteria.empty();
  }

  std::string OutcomesOf(const DecisionRecorded& decision,
                         const Chain& chain) const {
    const auto name = [&](OutcomeId outcome) {
      const OutcomeId now = Through(chain, outcome);
      return now.IsNone() ? std::string(kNone) : to_.outcomes[now.value];
    };
    if (decision.outcomes.empty()) return name(decision.outcome);
    std::string names;
    for (const OutcomeId outcome : decision.outcomes) {
      absl::StrAppend(&names, names.empty() ? "" : ",", name(outcome));
    }
    return names;
  }

  void AskDecision(const Event& event, const DecisionRecorded& decided) {
    const ElementId element = Through(chain_, decided.element);
    if (element.IsNone() || !IsByData(Then().at(decided.element)) ||
        !IsByData(to_.at(element))) {
      return;
    }
    const std::optional<CaseState> corrected = AsCorrected(state_);
    if (!corrected) {
      ++result_.not_asked;
      return;
    }
    GuardEvaluator then(Then(), state_, event.recorded);
    GuardEvaluator now(to_, *corrected, event.recorded);
    const std::string before = OutcomesOf(
        WeighDecision(Then(), state_, then, decided.element, event.recorded)
            .decision,
        chain_);
    const std::string after = OutcomesOf(
        WeighDecision(to_, *corrected, now, element, event.recorded).decision,
        {});
    if (before == after) return;
    Add(event, "decision", to_.at(element).id, before, after, true);
  }

  // --- the queue

  // Where the case waited after the command, or was let in from.
  void AskPlace(std::span<const Event> events, const CaseState& before) {
    const bool admitted =
        std::any_of(events.begin(), events.end(), [](const Event& event) {
          return std::holds_alternative<CaseAdmitted>(event.body);
        });
    const CaseState& state = admitted ? before : state_;
    const IntakeState* place = state.Place();
    if (place == nullptr || !place->waiting || Then().intake == nullptr ||
        to_.intake == nullptr) {
      return;
    }
    const std::optional<CaseState> corrected = AsCorrected(state);
    const PhaseId queue = to_.intake->phase;
    // Where it waits in another phase, or not at all, its phase says so.
    if (!corrected ||
        corrected->tracks[to_.at(queue).track.value].phase != queue) {
      return;
    }
    const Instant at = events[0].recorded;
    GuardEvaluator then(Then(), state, at), now(to_, *corrected, at);
    ComparePlaces(AboutOf(events), PlaceOf(Then(), state, then).placed,
                  PlaceOf(to_, *corrected, now).placed);
  }

  void ComparePlaces(const Event& about, const IntakePlaced& was,
                     const IntakePlaced& is) {
    AddPlace(about, "class", was.intake_class, is.intake_class);
    if (was.intake_class == is.intake_class) {
      AddPlace(about, "rank", absl::StrCat(was.rank + 1),
               absl::StrCat(is.rank + 1));
    }
    AddPlace(about, "rules", absl::StrJoin(was.rules, ","),
             absl::StrJoin(is.rules, ","));
    AddPlace(about, "throttles", absl::StrJoin(was.throttles, ","),
             absl::StrJoin(is.throttles, ","));
    AddPlace(about, "held", was.held ? "yes" : "no", is.held ? "yes" : "no");
  }

  // While it waits each command says it again.
  void AddPlace(const Event& about, const char* what, std::string before,
                std::string after) {
    if (before == after) return;
    if (before.empty()) before = kNone;
    if (after.empty()) after = kNone;
    for (const Difference& known : result_.differences) {
      if (known.kind == kPlace && known.what == what &&
          known.before == before && known.after == after) {
        return;
      }
    }
    Add(about, kPlace, what, std::move(before), std::move(after));
  }

  // --- commands

  void AskCommand(std::span<const Event> events, const CaseState& before) {
    std::optional<Command> command = RecallCommand(events, before);
    if (!command) {
      ++result_.not_asked;
      return;
    }
    const Event& about = AboutOf(events);
    if (std::holds_alternative<ResponseReceived>(about.body) &&
        IsTakenBack(about.seq)) {
      return;
    }
    const std::optional<CaseState> corrected = AsCorrected(before);
    const bool known = std::visit(
        [&](const auto& body) { return IsKnown(chain_, body); }, command->body);
    if (!corrected || !known) {
      ++result_.not_asked;
      return;
    }
    const EmptyWorld world;
    const auto then =
        Decide(Then(), before, world, *command, events[0].recorded);
    std::visit(
        [&](auto& body) {
          for (const Migrated* step : chain_) Remap(body, step->tables);
        },
        command->body);
    const auto now =
        Decide(to_, *corrected, world, *command, events[0].recorded);
    if (!then.ok() || !now.ok() || then->rejection || now->rejection) {
      ++result_.not_asked;
      return;
    }
    ++result_.asked;
    const Chain none;
    CompareFound(about, FoundIn(*then, Finder(Then(), to_, chain_), chain_),
                 FoundIn(*now, Finder(to_, to_, none), none));
  }

  // The event that says what happened, past the command's own record.
  static const Event& AboutOf(std::span<const Event> events) {
    for (const Event& event : events) {
      if (std::holds_alternative<ResponseReceived>(event.body)) return event;
    }
    for (const Event& event : events.subspan(1)) {
      if (!std::holds_alternative<SkewRecorded>(event.body)) return event;
    }
    return events[0];
  }

  void CompareFound(const Event& about, const Found& then, const Found& now) {
    std::vector<TierId> missed, needless;
    std::set_difference(now.alerts.begin(), now.alerts.end(),
                        then.alerts.begin(), then.alerts.end(),
                        std::back_inserter(missed));
    std::set_difference(then.alerts.begin(), then.alerts.end(),
                        now.alerts.begin(), now.alerts.end(),
                        std::back_inserter(needless));
    for (const TierId tier : needless) {
      if (tier.IsNone()) continue;
      Add(about, "alert", to_.at(tier).id, "raised", kNone);
    }
    for (const TierId tier : missed) {
      const std::string& what = to_.at(tier).id;
      Add(about, "alert", what, kNone, "raised", true);
      if (told_.Holds(about.seq, "alert", what, "raised")) continue;
      Miss(tier, std::holds_alternative<ResponseReceived>(about.body)
                     ? about.seq
                     : 0);
    }
    for (const auto& [track, phase] : then.moves) {
      const auto other = now.moves.find(track);
      if (other == now.moves.end()) AddMove(about, track, phase, {});
    }
    for (const auto& [track, phase] : now.moves) {
      const auto other = then.moves.find(track);
      const PhaseId was = other == then.moves.end() ? PhaseId() : other->second;
      if (was != phase) AddMove(about, track, was, phase);
    }
    CompareBegun(about, then, now);
  }

  void CompareBegun(const Event& about, const Found& then, const Found& now) {
    const auto each = [&](const Found& has, const Found& lacks,
                          const char* before, const char* after) {
      std::vector<Begun> only;
      std::set_difference(has.begun.begin(), has.begun.end(),
                          lacks.begun.begin(), lacks.begun.end(),
                          std::back_inserter(only));
      for (const Begun& begun : only) {
        // The work of a phase comes and goes with it.
        if (IsElsewhere(then, now, begun.track)) continue;
        AddOnce(about, begun, before, after);
      }
    };
    each(then, now, "begun", kNone);
    each(now, then, kNone, "begun");
  }

  static bool IsElsewhere(const Found& then, const Found& now, TrackId track) {
    const auto place = [&](const Found& found) {
      const auto move = found.moves.find(track);
      return move == found.moves.end() ? PhaseId() : move->second;
    };
    return !track.IsNone() && place(then) != place(now);
  }

  // It never began in the case, or began with each turn, so that each later
  // command says it again.
  void AddOnce(const Event& about, const Begun& begun, const char* before,
               const char* after) {
    for (const Difference& known : result_.differences) {
      if (known.kind == begun.kind && known.what == begun.what &&
          known.after == after) {
        return;
      }
    }
    const bool act = begun.kind == "item" || begun.kind == "program";
    Add(about, begun.kind.c_str(), begun.what, before, after, act);
  }

  void Miss(TierId tier, uint64_t response_seq) {
    for (const MissedAlert& known : result_.missed) {
      if (known.tier == tier && known.response_seq == response_seq) return;
    }
    result_.missed.push_back({tier, response_seq});
  }

  // The case never moved there, so that each later command says it again.
  void AddMove(const Event& about, TrackId track, PhaseId was, PhaseId is) {
    if (track.IsNone()) return;
    const auto name = [&](PhaseId phase) {
      return phase.IsNone() ? std::string("stays") : to_.at(phase).id;
    };
    const std::string& what = to_.at(track).id;
    const std::string after = name(is);
    for (const Difference& known : result_.differences) {
      if (known.kind == "phase" && known.what == what && known.after == after) {
        return;
      }
    }
    Add(about, "phase", what, name(was), after, true);
  }

  const std::span<const Event> events_;
  const std::span<const VersionInTime> versions_;
  const Protocol& to_;
  Migrated to_come_;
  Chain chain_;
  std::vector<uint64_t> taken_back_;       // responses
  std::vector<CorrectedScore> corrected_;  // against what was recorded
  Told told_;
  size_t version_ = 0;
  CaseState state_;
  LookBack result_;
};

}  // namespace

bool LookBack::MustAct() const {
  return std::any_of(differences.begin(), differences.end(),
                     [](const Difference& d) { return d.act; });
}

LookBack LookBackOver(std::span<const Event> events,
                      std::span<const VersionInTime> versions,
                      const Protocol& to,
                      const protocol::Migration* migration) {
  return Looker(events, versions, to, migration).Run();
}

}  // namespace stepwell::engine
