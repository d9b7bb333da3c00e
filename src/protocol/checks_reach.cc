// Checks of what can happen at all: phases and items that never come up, dead
// ends, releases that never happen, rules that chase each other.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/cycle.h"
#include "protocol/loading.h"
#include "protocol/reach.h"

namespace stepwell::protocol {
namespace {

bool HasFinal(const Protocol& protocol, const Track& track) {
  return std::any_of(track.phases.begin(), track.phases.end(),
                     [&](PhaseId id) { return protocol.at(id).final; });
}

bool LeadsToFinal(const Protocol& protocol, const Track& track,
                  const Reach& reach, PhaseId from) {
  return std::any_of(track.phases.begin(), track.phases.end(), [&](PhaseId id) {
    return protocol.at(id).final && reach.leads(from, id);
  });
}

void CheckPhase(Loading& loading, const Track& track, const Reach& reach,
                PhaseId id) {
  const Protocol& protocol = loading.protocol;
  const Phase& phase = protocol.at(id);
  if (!reach.entered(id)) {
    AddWarning(loading.issues, "unreachable", phase.pointer,
               absl::StrCat("no rule moves to the phase `", phase.id, "`"),
               "add a rule that moves here, or take the phase out");
    return;
  }
  if (track.phases.size() < 2 || phase.final) return;
  if (!reach.left(id)) {
    AddError(loading.issues, "dead_end", phase.pointer,
             absl::StrCat("no rule leaves the phase `", phase.id, "`"),
             "add a rule that moves on, or mark the phase `final`");
  } else if (HasFinal(protocol, track) &&
             !LeadsToFinal(protocol, track, reach, id)) {
    AddError(loading.issues, "dead_end", phase.pointer,
             absl::StrCat("from the phase `", phase.id,
                          "` no way leads to a final phase of its track"),
             "add a rule that moves on towards the end");
  }
}

void CheckPhases(Loading& loading, const Reach& reach) {
  for (const Track& track : loading.protocol.tracks) {
    if (track.phases.empty()) {
      AddError(loading.issues, "missing_field", "/tracks",
               absl::StrCat("the track `", track.id, "` has no phase"),
               "give it at least one phase");
    }
    for (const PhaseId id : track.phases) CheckPhase(loading, track, reach, id);
  }
}

// Why `need` never ends before the item: for people. Empty when the cause is
// told of elsewhere.
std::string WhyNever(const Protocol& protocol, const Reach& reach,
                     const Element& element, ElementId need_id) {
  const Element& need = protocol.at(need_id);
  if (need.mode == ItemMode::kDiscretionary) {
    return reach.has_opener(need_id)
               ? ""
               : absl::StrCat("nothing but a clinician opens `", need.id, "`");
  }
  if (!need.phase.IsNone() && !reach.entered(need.phase)) {
    return absl::StrCat("the phase of `", need.id, "` is never entered");
  }
  if (!reach.opens(need_id)) return "";  // it waits for something itself
  return absl::StrCat("`", need.id, "` opens in the phase `",
                      protocol.at(need.phase).id, "`, from which no way leads ",
                      "back to `", protocol.at(element.phase).id, "`");
}

// Only the patient takes what is offered.
void CheckOffered(Loading& loading, const Reach& reach) {
  for (size_t i = 0; i < loading.protocol.elements.size(); ++i) {
    const Element& element = loading.protocol.elements[i];
    if (element.mode != ItemMode::kOffered || !element.program.IsNone() ||
        element.performer == Performer::kPatient ||
        reach.has_opener(ElementId(static_cast<uint16_t>(i)))) {
      continue;
    }
    AddError(loading.issues, "never_released", Below(element.pointer, "mode"),
             absl::StrCat("`", element.id,
                          "` is offered to the patient and is not theirs to "
                          "do: it never opens"),
             "leave `mode` out, or write \"discretionary\"");
  }
}

// Why no score ever releases the module; empty: one may.
std::string WhyNotMastered(const Protocol& protocol, const Mastery& mastery) {
  const int least = mastery.at_least.value_or(std::numeric_limits<int>::min());
  const int most = mastery.at_most.value_or(std::numeric_limits<int>::max());
  if (least > most) return "`at_least` lies above `at_most`";
  const ImportedInstrument& imported = protocol.at(mastery.instrument);
  if (imported.instrument == nullptr || !imported.instrument->has_total()) {
    return "";
  }
  const instruments::Scale& total = imported.instrument->scales()[0];
  const bool above = total.max.num < int64_t{least} * total.max.den;
  const bool below = total.min.num > int64_t{most} * total.min.den;
  return mastery.at_least && above  ? "no score is so high"
         : mastery.at_most && below ? "no score is so low"
                                    : "";
}

void CheckMastery(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (const Element& element : protocol.elements) {
    if (element.release != ReleasePolicy::kOnMastery ||
        element.mastery.instrument.IsNone() || !element.checks.IsNone() ||
        !element.exercise_of.IsNone()) {
      continue;
    }
    const std::string why = WhyNotMastered(protocol, element.mastery);
    if (why.empty()) continue;
    AddError(loading.issues, "never_released",
             Below(element.pointer, "program"),
             absl::StrCat("the module `", element.id,
                          "` is never released by its score: ", why),
             "a score that the instrument can have");
  }
}

bool Chooses(const std::vector<Action>& actions, const Element& module) {
  return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
    return action.kind == ActionKind::kChooseSet &&
           action.program == module.program && action.number == module.set;
  });
}

// Modules of a set open only for those for whom it is chosen. One that is
// offered, or for a clinician to open, is chosen by hand.
void CheckSets(Loading& loading, const Reach& reach) {
  const Protocol& protocol = loading.protocol;
  std::set<std::pair<uint16_t, uint8_t>> seen;
  for (const Element& module : protocol.elements) {
    if (module.set == 0xFF || module.mode != ItemMode::kAuto ||
        !module.checks.IsNone() || !module.exercise_of.IsNone() ||
        !seen.insert({module.program.value, module.set}).second) {
      continue;
    }
    bool chosen = false;
    for (size_t i = 0; i < protocol.rules.size(); ++i) {
      chosen = chosen ||
               (reach.runs(i) && Chooses(protocol.rules[i].actions, module));
    }
    for (const ClockDef& clock : protocol.clocks) {
      for (const Rung& rung : clock.ladder) {
        chosen = chosen || Chooses(rung.actions, module);
      }
    }
    if (chosen) continue;
    const ImportedProgram& program = protocol.at(module.program);
    AddWarning(loading.issues, "set_unchosen", Below(module.pointer, "program"),
               absl::StrCat("no rule chooses the set `",
                            program.sets[module.set], "` of `", program.name,
                            "`: its modules open by hand only"),
               absl::StrCat("let a decision choose it: {\"choose_set\": \"",
                            program.name, "/", program.sets[module.set],
                            "\"}; or make its modules `discretionary`"));
  }
}

void CheckItems(Loading& loading, const Reach& reach) {
  const Protocol& protocol = loading.protocol;
  std::set<std::string> told;
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const Element& element = protocol.elements[i];
    const ElementId id(static_cast<uint16_t>(i));
    if (element.mode == ItemMode::kDiscretionary) {
      if (reach.opens(id) || !reach.has_opener(id)) continue;
      AddWarning(
          loading.issues, "unreachable", element.pointer,
          absl::StrCat("what would open `", element.id, "` never happens"),
          "look at the rules that open it: what they wait for is "
          "never reached");
      continue;
    }
    if (!element.phase.IsNone() && !reach.entered(element.phase)) continue;
    for (const ElementId need : protocol.WaitsFor(element)) {
      if (!reach.NeverMet(id, need)) continue;
      const std::string why = WhyNever(protocol, reach, element, need);
      const std::string pointer = Below(element.pointer, "needs");
      if (why.empty() || !told.insert(pointer).second) continue;
      AddError(loading.issues, "never_released", pointer,
               absl::StrCat("`", element.id, "` is never released: ", why),
               "need what is done before, or let a rule open the item");
    }
  }
}

// What the rule waits for exists in name only.
std::string WhyNotFired(const Protocol& protocol, const Reach& reach,
                        const Trigger& on) {
  if (IsOfItem(on.kind)) {
    const Element& element = protocol.at(ElementId(on.argument));
    const char* why = WhyNeverOf(element, on.kind);
    return why == nullptr ? "" : absl::StrCat("`", element.id, "` ", why);
  }
  switch (on.kind) {
    case TriggerKind::kMilestone:
      if (reach.has_reacher(MilestoneId(on.argument))) return "";
      return absl::StrCat("nothing reaches the milestone `",
                          protocol.milestones[on.argument].id, "`");
    case TriggerKind::kAlertRaised:
      if (on.argument == 0xFFFF || reach.raised(TierId(on.argument))) return "";
      return absl::StrCat("no screen rule and no action raises an alert of `",
                          protocol.at(TierId(on.argument)).id, "`");
    case TriggerKind::kProgramCompleted:
      if (!protocol.programs[on.argument].modules.empty()) return "";
      return absl::StrCat("no item takes the program `",
                          protocol.programs[on.argument].name, "`");
    default:
      return "";
  }
}

void CheckTriggers(Loading& loading, const Reach& reach) {
  const Protocol& protocol = loading.protocol;
  for (const Rule& rule : protocol.rules) {
    const std::string why = WhyNotFired(protocol, reach, rule.on);
    if (why.empty()) continue;
    AddWarning(loading.issues, "never_fires", rule.pointer,
               absl::StrCat("the rule `", rule.id, "` never runs: ", why),
               "wait for something that happens, or take the rule out");
  }
  for (size_t i = 0; i < protocol.milestones.size(); ++i) {
    if (reach.has_reacher(MilestoneId(static_cast<uint16_t>(i)))) continue;
    AddWarning(loading.issues, "unreachable", absl::StrCat("/milestones/", i),
               absl::StrCat("nothing reaches the milestone `",
                            protocol.milestones[i].id, "`"),
               "reach it by {\"milestone\": ...}, or take it out");
  }
}

void CheckTiers(Loading& loading, const Reach& reach) {
  const RiskPolicy& risk = loading.protocol.risk;
  for (size_t i = 0; i < risk.tiers.size(); ++i) {
    if (reach.raised(TierId(static_cast<uint16_t>(i)))) continue;
    AddWarning(
        loading.issues, "unreachable", absl::StrCat("/risk/tiers/", i),
        absl::StrCat("no alert ever comes to the tier `", risk.tiers[i].id,
                     "`"),
        "let a screen rule or {\"raise_alert\": ...} give it, or take it "
        "out");
  }
}

// Rules and what they set off at once, as a graph. A guard or a person may end
// a chase, so only rules without a guard count; a milestone is reached once.
class ChaseGraph {
 public:
  explicit ChaseGraph(const Protocol& protocol)
      : protocol_(protocol),
        next_(protocol.rules.size()),
        heard_(protocol.phases.size()) {
    for (const uint16_t rule : protocol.RulesFor(TriggerKind::kPhaseLeft)) {
      heard_[protocol.rules[rule].on.argument] = true;
    }
    FindFacts();
    for (size_t i = 0; i < protocol.rules.size(); ++i) {
      if (protocol.rules[i].guard.text.empty()) AddRule(i);
    }
  }

  // A fact that every rule of the cycle sets to the same value changes once,
  // and of a program one enrolment runs at a time.
  bool ComesToRest(const std::vector<size_t>& cycle) const {
    return std::any_of(signals_.begin(), signals_.end(), [&](const auto& each) {
      const auto& [key, node] = each;
      if (std::find(cycle.begin(), cycle.end(), node) == cycle.end()) {
        return false;
      }
      if (key.first == TriggerKind::kProgramStarted) {
        const auto ended =
            signals_.find({TriggerKind::kProgramEnded, key.second});
        return ended == signals_.end() ||
               std::find(cycle.begin(), cycle.end(), ended->second) ==
                   cycle.end();
      }
      return key.first == TriggerKind::kFact && IsSetToOne(key.second, node);
    });
  }

  size_t size() const { return next_.size(); }
  int64_t Next(size_t node, size_t k) const {
    return k < next_[node].size() ? static_cast<int64_t>(next_[node][k]) : -1;
  }

 private:
  using Key = std::pair<TriggerKind, uint16_t>;

  // The rules that wait for the fact set it to one value, if at all.
  bool IsSetToOne(uint16_t fact, size_t node) const {
    std::vector<FactValue> values;
    for (const size_t rule : next_[node]) {
      for (const Action& action : protocol_.rules[rule].actions) {
        if (action.kind == ActionKind::kSetFact && action.fact.value == fact) {
          values.push_back(action.value);
        }
      }
    }
    return std::all_of(values.begin(), values.end(), [&](const auto& value) {
      return value == values.front();
    });
  }

  // A fact that is set to one value only changes once.
  void FindFacts() {
    std::map<uint16_t, FactValue> first;
    for (const Rule& rule : protocol_.rules) {
      for (const Action& action : rule.actions) {
        if (action.kind != ActionKind::kSetFact) continue;
        const auto [it, is_new] =
            first.emplace(action.fact.value, action.value);
        if (!is_new && it->second != action.value) {
          alternates_.insert(action.fact.value);
        }
      }
    }
  }

  // The node of the signal: it leads to the rules that wait for it.
  size_t NodeOf(TriggerKind kind, uint16_t argument) {
    const auto [it, is_new] =
        signals_.emplace(Key{kind, argument}, next_.size());
    if (!is_new) return it->second;
    std::vector<size_t> rules;
    for (const uint16_t rule : protocol_.RulesFor(kind)) {
      const Rule& waiting = protocol_.rules[rule];
      if (waiting.guard.text.empty() &&
          (waiting.on.argument == argument || waiting.on.argument == 0xFFFF)) {
        rules.push_back(rule);
      }
    }
    next_.push_back(std::move(rules));
    return it->second;
  }

  void AddRule(size_t index) {
    const Rule& rule = protocol_.rules[index];
    for (const Action& action : rule.actions) {
      if (action.kind == ActionKind::kMove) {
        AddMove(index, rule, action.phase);
      } else if (action.kind == ActionKind::kRaiseAlert) {
        Add(index, NodeOf(TriggerKind::kAlertRaised, action.tier.value));
      } else if (action.kind == ActionKind::kSetFact &&
                 alternates_.count(action.fact.value) != 0) {
        Add(index, NodeOf(TriggerKind::kFact, action.fact.value));
      } else if (action.kind == ActionKind::kEnrol) {
        Add(index, NodeOf(TriggerKind::kProgramStarted, action.program.value));
      } else if (action.kind == ActionKind::kEndEnrolment) {
        Add(index, NodeOf(TriggerKind::kProgramEnded, action.program.value));
      } else if (action.kind == ActionKind::kOpen) {
        AddOpening(index, rule, action.element);
      }
    }
  }

  // What the data decide they decide at once, and again as before unless it has
  // set a fact since. An item that the rule has just taken away opens anew.
  void AddOpening(size_t index, const Rule& rule, ElementId opened) {
    if (protocol_.at(opened).by_data && protocol_.at(opened).fact.IsNone()) {
      for (const uint16_t next : protocol_.RulesFor(TriggerKind::kDecision)) {
        const Rule& after = protocol_.rules[next];
        if (after.guard.text.empty() && after.on.argument == opened.value) {
          Add(index, next);
        }
      }
    }
    const bool takes = std::any_of(
        rule.actions.begin(), rule.actions.end(), [&](const Action& action) {
          return action.kind == ActionKind::kCancel &&
                 rule.on.kind == TriggerKind::kItemAvailable &&
                 action.element.value == rule.on.argument;
        });
    if (takes) Add(index, NodeOf(TriggerKind::kItemAvailable, opened.value));
  }

  void AddMove(size_t index, const Rule& rule, PhaseId to) {
    const Track& track = protocol_.at(protocol_.at(to).track);
    bool moves = false;
    for (const PhaseId from : PhasesOf(protocol_, track, rule.on)) {
      if (from == to) continue;
      moves = true;
      // Few rules wait for a phase to be left; without one there is no node.
      if (heard_[from.value]) {
        Add(index, NodeOf(TriggerKind::kPhaseLeft, from.value));
      }
    }
    if (moves) Add(index, NodeOf(TriggerKind::kPhaseEntered, to.value));
  }

  // next_ may have grown since: never hold a reference to an entry of it.
  void Add(size_t rule, size_t node) { next_[rule].push_back(node); }

  const Protocol& protocol_;
  std::vector<std::vector<size_t>> next_;  // rules, then signals
  std::vector<bool> heard_;  // by phase: some rule waits for its end
  std::map<Key, size_t> signals_;
  std::set<uint16_t> alternates_;
};

// More rules than any service has: the step limit alone stops them.
constexpr size_t kRulesMax = 2'000;

void CheckChases(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  if (protocol.rules.size() > kRulesMax) return;
  const ChaseGraph graph(protocol);
  CycleFinder finder(
      graph.size(), [&](size_t node, size_t k) { return graph.Next(node, k); });
  for (size_t i = 0; i < protocol.rules.size(); ++i) {
    const std::vector<size_t> cycle = finder.From(i);
    if (cycle.empty() || graph.ComesToRest(cycle)) continue;
    std::vector<std::string> names;
    size_t first = protocol.rules.size();
    for (const size_t node : cycle) {
      if (node >= protocol.rules.size()) continue;
      first = std::min(first, node);
      names.push_back(protocol.rules[node].id);
    }
    if (cycle.front() >= protocol.rules.size()) names.push_back(names.front());
    AddError(loading.issues, "rule_cycle", protocol.rules[first].pointer,
             absl::StrCat("these rules set each other off, with no clock and "
                          "no person between: ",
                          absl::StrJoin(names, " -> ")),
             "let a person's item or a clock stand between, or give one of "
             "them a guard that ends it");
  }
}

}  // namespace

void CheckReach(Loading& loading) {
  const Reach reach(loading.protocol);
  CheckPhases(loading, reach);
  CheckItems(loading, reach);
  CheckOffered(loading, reach);
  CheckMastery(loading);
  CheckSets(loading, reach);
  CheckTriggers(loading, reach);
  CheckTiers(loading, reach);
  CheckChases(loading);
  CheckGuardedChases(loading);
}

}  // namespace stepwell::protocol
