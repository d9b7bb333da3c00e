// Checks of decisions: every outcome has a consequence, every criterion can be
// met and known, every guard can be true, every referral can be answered, a no
// to treatment is heard, and so is a treatment without a program.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/case_view_model.h"
#include "protocol/decisions.h"
#include "protocol/guard_probe.h"
#include "protocol/loading.h"
#include "protocol/reach.h"

namespace stepwell::protocol {
namespace {

using Path = std::vector<std::string>;

// More than a service has: what is known of each is then not worth its time.
constexpr size_t kPhasesMax = 256;
constexpr size_t kRoutesMax = 256;

bool Ends(const Rule& rule) {
  return std::any_of(rule.actions.begin(), rule.actions.end(),
                     [](const Action& action) {
                       return action.kind == ActionKind::kCloseCase ||
                              action.kind == ActionKind::kAnswerReferrals;
                     });
}

// What listens to the end of an item, and to which of its outcomes: for sure,
// or rules with a guard.
class Listeners {
 public:
  explicit Listeners(const Loading& loading) : protocol_(loading.protocol) {
    for (const Rule& rule : protocol_.rules) {
      if (rule.guard.program == nullptr) {
        Hear(rule.on);
      } else if (rule.on.kind == TriggerKind::kItemDone ||
                 rule.on.kind == TriggerKind::kDecision) {
        guarded_[rule.on.argument].push_back(&rule);
      }
    }
    for (const ClockDef& clock : protocol_.clocks) {
      for (const auto* list : {&clock.start, &clock.stop, &clock.reset}) {
        for (const Trigger& trigger : *list) Hear(trigger);
      }
    }
    for (const Element& element : protocol_.elements) {
      for (const ElementId need : protocol_.WaitsFor(element)) {
        // Whoever goes on all the same has not heard that somebody is not
        // eligible.
        if (protocol_.at(need).criteria.empty()) {
          any_.insert(need.value);
        } else {
          some_.insert({need.value, kEligible.value});
        }
      }
    }
    for (const auto& [pointer, program] : loading.guards) {
      for (const Path& path : program->reads()) {
        if (path.size() < 2 || path[0] != "items") continue;
        any_.insert(loading.elements.Find(path[1]));
      }
    }
  }

  bool Has(ElementId element, OutcomeId outcome) const {
    return any_.count(element.value) != 0 ||
           some_.count({element.value, outcome.value}) != 0;
  }

  std::vector<const Rule*> Guarded(ElementId element, OutcomeId outcome) const {
    std::vector<const Rule*> rules;
    const auto it = guarded_.find(element.value);
    if (it == guarded_.end()) return rules;
    for (const Rule* rule : it->second) {
      if (rule->on.outcome.IsNone() || rule->on.outcome == outcome) {
        rules.push_back(rule);
      }
    }
    return rules;
  }

 private:
  void Hear(const Trigger& trigger) {
    if (trigger.kind == TriggerKind::kItemDone ||
        (trigger.kind == TriggerKind::kDecision && trigger.outcome.IsNone())) {
      any_.insert(trigger.argument);
    } else if (trigger.kind == TriggerKind::kDecision) {
      some_.insert({trigger.argument, trigger.outcome.value});
    }
  }

  const Protocol& protocol_;
  std::set<uint16_t> any_;
  std::set<std::pair<uint16_t, uint16_t>> some_;
  std::map<uint16_t, std::vector<const Rule*>> guarded_;  // by item
};

bool Reads(const Guard& guard, std::string_view name) {
  const auto& reads = guard.program->reads();
  return std::any_of(reads.begin(), reads.end(), [&](const Path& path) {
    return !path.empty() && path[0] == name;
  });
}

// Some values are found under which none of the rules on the outcome runs. A
// guard that names a phase says itself where the outcome is of matter.
bool MayGoUnheard(const Protocol& protocol, ElementId element,
                  OutcomeId outcome, const std::vector<const Rule*>& rules,
                  size_t& tries) {
  std::vector<const fhirpath::Program*> blocked, raised;
  bool by_route = false;
  for (const Rule* rule : rules) {
    if (Reads(rule->guard, "tracks")) return false;
    by_route =
        by_route || Reads(rule->guard, "route") || Reads(rule->guard, "routes");
    const bool waits = rule->guard.on_unknown == OnUnknown::kBlock;
    (waits ? blocked : raised).push_back(rule->guard.program.get());
  }
  const auto found = [&](std::optional<RouteId> route) {
    GuardProbe probe(protocol, tries);
    probe.Assume(element, outcome);
    probe.AssumeDecided();
    if (route) probe.Assume(*route);
    return probe.MayAllBeTrue({}, blocked, raised) && probe.found();
  };
  if (!by_route) return found(std::nullopt);
  for (uint16_t i = 0; i < protocol.routes.size() && i < kRoutesMax; ++i) {
    if (found(RouteId(i))) return true;
  }
  return false;
}

// A row of the table with this outcome opens something.
bool OpensWith(const Element& element, OutcomeId outcome) {
  if (element.table == nullptr) return false;
  const auto& rows = element.table->rules;
  return std::any_of(rows.begin(), rows.end(), [&](const TableRule& row) {
    return !row.opens.empty() &&
           std::find(row.outcomes.begin(), row.outcomes.end(), outcome) !=
               row.outcomes.end();
  });
}

void CheckOutcomes(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const Listeners listeners(loading);
  size_t tries = GuardProbe::kTriesOfDocument;
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const Element& element = protocol.elements[i];
    // A fact keeps what it comes to; of a colour only red must be heard, and
    // another check asks for that.
    if (element.kind != ItemKind::kDecision || !element.fact.IsNone() ||
        element.predict != nullptr) {
      continue;
    }
    const bool automatic = element.by_data;
    const std::string data =
        Below(element.pointer, element.table == nullptr ? "criteria" : "table");
    for (size_t o = 0; o < element.outcomes.size(); ++o) {
      const OutcomeId outcome = element.outcomes[o];
      // Undetermined is no end: the decision waits.
      if (automatic && outcome == kUndetermined) continue;
      const ElementId id(static_cast<uint16_t>(i));
      if (listeners.Has(id, outcome) || OpensWith(element, outcome)) continue;
      const std::vector<const Rule*> rules = listeners.Guarded(id, outcome);
      if (!rules.empty() &&
          !MayGoUnheard(protocol, id, outcome, rules, tries)) {
        continue;
      }
      AddWarning(
          loading.issues, "outcome_unhandled",
          automatic ? data : absl::StrCat(element.pointer, "/outcomes/", o),
          absl::StrCat("nothing follows when `", element.id, "` ends in `",
                       protocol.outcomes[outcome.value], "`",
                       rules.empty() ? "" : " and no guard of its rules holds"),
          absl::StrCat("add a rule on \"decision:", element.id, "=",
                       protocol.outcomes[outcome.value],
                       "\"; with an empty `do` it says that nothing shall"));
    }
  }
}

// The criterion is among those of this way in.
bool IsAsked(const Criterion& criterion, RouteId route) {
  return criterion.routes.empty() ||
         std::find(criterion.routes.begin(), criterion.routes.end(), route) !=
             criterion.routes.end();
}

// Asks of every guard whether it can be true where it stands.
class GuardChecks {
 public:
  GuardChecks(Loading& loading, const Reach& reach)
      : loading_(loading),
        protocol_(loading.protocol),
        past_(loading.protocol, reach) {
    for (const Issue& issue : loading.issues) {
      if (issue.code == "bad_guard") misspelt_.insert(issue.pointer);
    }
  }

  void Run() {
    for (const Rule& rule : protocol_.rules) {
      if (rule.guard.program == nullptr) continue;
      Check(ProbeFor(rule.on), rule.guard, Below(rule.pointer, "if"));
    }
    for (const Element& element : protocol_.elements) {
      if (!element.criteria.empty()) CheckCriteria(element);
      CheckRows(element);
      if (element.when.program == nullptr) continue;
      Check(ProbeFor(element), element.when, Below(element.pointer, "when"));
    }
    for (const ImportedProgram& program : protocol_.programs) {
      if (program.when.program == nullptr || program.modules.empty()) continue;
      // The enrolment begins where its modules are.
      const Element& module = protocol_.at(program.modules.front());
      Check(ProbeFor(module), program.when, Below(module.pointer, "when"));
    }
    std::vector<std::pair<const Guard*, std::string>> screen;
    for (const ScreenRule& rule : protocol_.risk.screen_rules) {
      screen.emplace_back(&rule.guard, absl::StrCat("/risk/screen_rules/",
                                                    screen.size(), "/if"));
    }
    CheckRows(GuardProbe(protocol_, tries_left_), screen, true);
  }

 private:
  // Knows in which phases the trigger can come up.
  GuardProbe ProbeFor(const Trigger& on) {
    GuardProbe probe(protocol_, tries_left_);
    if (protocol_.phases.size() > kPhasesMax) return probe;
    for (size_t i = 0; i < protocol_.tracks.size(); ++i) {
      probe.Assume(TrackId(static_cast<uint16_t>(i)),
                   PhasesOf(protocol_, protocol_.tracks[i], on));
    }
    if (on.kind == TriggerKind::kDecision && !on.outcome.IsNone()) {
      probe.Assume(ElementId(on.argument), on.outcome);
    }
    return probe;
  }

  GuardProbe ProbeFor(const Element& element) {
    GuardProbe probe(protocol_, tries_left_);
    if (element.phase.IsNone()) return probe;
    probe.Assume(protocol_.at(element.phase).track, {element.phase});
    if (protocol_.phases.size() <= kPhasesMax) {
      probe.Assume(past_, element.phase);
    }
    return probe;
  }

  // False, with an issue, when it is never true.
  bool Check(GuardProbe probe, const Guard& guard, const std::string& pointer) {
    if (guard.program == nullptr || misspelt_.count(pointer) != 0) return true;
    const fhirpath::Program* programs[] = {guard.program.get()};
    if (probe.MayAllBeTrue(programs)) return true;
    AddError(loading_.issues, "never_true", pointer,
             "no values of what this guard reads make it true here",
             "compare with values that can occur: scores stay within their "
             "scale, an item acts in its own phase, and nothing is known there "
             "of what comes later");
    return false;
  }

  void CheckRows(const Element& element) {
    if (element.table == nullptr) return;
    std::vector<std::pair<const Guard*, std::string>> rows;
    for (const TableRule& row : element.table->rules) {
      rows.emplace_back(&row.guard, Below(row.pointer, "if"));
    }
    CheckRows(ProbeFor(element), rows, element.table->hit == HitPolicy::kFirst);
  }

  // Each can be true; where the `first` true one counts, also when none of
  // those before it is. One that is unknown may still come true.
  void CheckRows(const GuardProbe& probe,
                 const std::vector<std::pair<const Guard*, std::string>>& rows,
                 bool first) {
    std::vector<const fhirpath::Program*> before;
    for (const auto& [guard, pointer] : rows) {
      const fhirpath::Program* programs[] = {guard->program.get()};
      if (!Check(probe, *guard, pointer) || programs[0] == nullptr) continue;
      if (first && !before.empty() &&
          !GuardProbe(probe).MayAllBeTrue(programs, before)) {
        AddError(loading_.issues, "never_true", pointer,
                 "whenever this is true one before it is, and the first one "
                 "counts",
                 "put the narrower condition first");
      }
      // An old score is unknown to one row and not to the next.
      if (!guard->max_age) before.push_back(programs[0]);
    }
  }

  // Whether the criteria that those of the route are asked can hold together.
  bool MayBeEligible(const Element& element, RouteId route) {
    std::vector<const fhirpath::Program*> programs;
    for (const Criterion& criterion : element.criteria) {
      if (criterion.guard.program == nullptr) continue;
      if (!IsAsked(criterion, route)) continue;
      programs.push_back(criterion.guard.program.get());
    }
    GuardProbe probe = ProbeFor(element);
    return programs.empty() || probe.MayAllBeTrue(programs);
  }

  void CheckCriteria(const Element& element) {
    const bool by_route = std::any_of(
        element.criteria.begin(), element.criteria.end(),
        [](const Criterion& criterion) { return !criterion.routes.empty(); });
    bool eligible = true;
    const size_t routes = by_route ? protocol_.routes.size() : 1;
    for (uint16_t i = 0; i < routes && i < kRoutesMax; ++i) {
      eligible = eligible && MayBeEligible(element, RouteId(i));
    }
    if (eligible) return;
    AddError(loading_.issues, "never_eligible",
             Below(element.pointer, "criteria"),
             absl::StrCat("no answers meet all criteria of `", element.id,
                          "` together: nobody is ever eligible"),
             "two criteria contradict each other, or one cannot be true");
  }

  Loading& loading_;
  const Protocol& protocol_;
  const Past past_;
  std::set<std::string> misspelt_;  // guards with a word that cannot be
  size_t tries_left_ = GuardProbe::kTriesOfDocument;
};

// A decision by what it comes to, a task of staff by what they enter.
bool SetsFact(const Element& element) {
  return !element.fact.IsNone() &&
         (element.kind == ItemKind::kDecision ||
          (element.kind == ItemKind::kTask && !IsOutside(element.performer)));
}

// What the protocol itself asks or sets.
class Filled {
 public:
  explicit Filled(const Protocol& protocol)
      : asked_(protocol.instruments.size()),
        set_(protocol.facts.size()),
        consents_(protocol.purposes.size()) {
    for (const Route& route : protocol.routes) {
      for (const PurposeId purpose : route.consents) {
        consents_[purpose.value] = true;
      }
    }
    for (const Element& element : protocol.elements) {
      if (element.kind == ItemKind::kQuestionnaire &&
          !element.instrument.IsNone()) {
        asked_[element.instrument.value] = true;
      }
      if (SetsFact(element)) set_[element.fact.value] = true;
    }
    for (size_t i = 0; i < protocol.facts.size(); ++i) {
      const InstrumentRef from = protocol.facts[i].instrument;
      if (!from.IsNone() && asked_[from.value]) set_[i] = true;
    }
    for (const Rule& rule : protocol.rules) Visit(rule.actions);
    for (const ClockDef& clock : protocol.clocks) {
      for (const Rung& rung : clock.ladder) Visit(rung.actions);
    }
  }

  bool Has(FactId fact) const { return set_[fact.value]; }
  bool Asks(InstrumentRef instrument) const { return asked_[instrument.value]; }

  // A path of the program that nothing fills; empty when all may be.
  std::string Missing(const Loading& loading,
                      const fhirpath::Program& program) const {
    for (const Path& path : program.reads()) {
      if (path.size() < 2) continue;
      const bool fact = path[0] == "facts", consent = path[0] == "consents";
      const uint16_t number = fact      ? loading.facts.Find(path[1])
                              : consent ? loading.purposes.Find(path[1])
                                        : loading.instruments.Find(path[0]);
      if (number == NameTable::kNone) continue;
      const std::vector<bool>& filled = fact      ? set_
                                        : consent ? consents_
                                                  : asked_;
      if (!filled[number]) {
        return absl::StrCat(path[0], ".", path[1]);
      }
    }
    return "";
  }

 private:
  void Visit(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind != ActionKind::kSetFact) continue;
      set_[action.fact.value] = true;
    }
  }

  std::vector<bool> asked_, set_, consents_;
};

// The score that a module waits for is asked for by somebody.
void CheckMastery(Loading& loading, const Filled& filled,
                  const Element& element) {
  const InstrumentRef instrument = element.mastery.instrument;
  if (element.release != ReleasePolicy::kOnMastery || instrument.IsNone() ||
      filled.Asks(instrument)) {
    return;
  }
  AddWarning(
      loading.issues, "never_known", Below(element.pointer, "program"),
      absl::StrCat("no item asks `", loading.protocol.at(instrument).name,
                   "`: the module `", element.id,
                   "` waits until somebody outside sends a score"),
      "add a questionnaire that asks it");
}

// Facts that decide beside guards: when a module is released, who consents.
void CheckFactsKnown(Loading& loading, const Filled& filled) {
  const Protocol& protocol = loading.protocol;
  const auto check = [&](FactId fact, const std::string& pointer,
                         const char* what) {
    if (fact.IsNone() || filled.Has(fact)) return;
    AddWarning(loading.issues, "never_known", pointer,
               absl::StrCat("nothing in the protocol fills facts.",
                            protocol.at(fact).id, ": ", what,
                            " until somebody outside sends it"),
               "ask for it: a questionnaire, a task with `fact`, or a rule "
               "that sets it");
  };
  for (const Element& element : protocol.elements) {
    if (!element.checks.IsNone() || !element.exercise_of.IsNone()) continue;
    check(element.date_fact, Below(element.pointer, "program"),
          "a module waits");
    CheckMastery(loading, filled, element);
  }
  for (size_t i = 0; i < protocol.purpose_rules.size(); ++i) {
    const PurposeRule& rule = protocol.purpose_rules[i];
    if (rule.guardian.empty()) continue;
    check(rule.age, absl::StrCat("/purposes/", i, "/guardian/age"),
          "who consents is not known");
  }
}

}  // namespace

void EachGuardOfDecision(
    const Element& element,
    const std::function<void(const Guard&, const std::string&)>& take) {
  for (size_t i = 0; i < element.criteria.size(); ++i) {
    take(element.criteria[i].guard,
         absl::StrCat(element.pointer, "/criteria/", i, "/if"));
  }
  if (element.table == nullptr) return;
  for (const TableRule& row : element.table->rules) {
    take(row.guard, Below(row.pointer, "if"));
  }
}

namespace {

// Somebody is asked to find out: what they learn they may record as any fact.
bool IsLeftToAPerson(const Protocol& protocol, const Element& decision,
                     const Guard& guard) {
  return guard.on_unknown == OnUnknown::kAsk && !decision.question.IsNone() &&
         protocol.at(decision.question).kind == ItemKind::kTask;
}

void CheckKnown(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const Filled filled(protocol);
  CheckFactsKnown(loading, filled);
  const auto check = [&](const Element& element, const Guard& guard,
                         const std::string& pointer) {
    if (guard.program == nullptr || IsLeftToAPerson(protocol, element, guard)) {
      return;
    }
    const std::string missing = filled.Missing(loading, *guard.program);
    if (missing.empty()) return;
    AddWarning(loading.issues, "never_known", pointer,
               absl::StrCat("nothing in the protocol fills ", missing,
                            ": the criterion stays unknown until somebody "
                            "outside sends it"),
               "ask for it: a questionnaire, a task with `fact`, or a rule "
               "that sets it");
  };
  for (const Element& element : protocol.elements) {
    EachGuardOfDecision(element, [&](const Guard& guard, const auto& pointer) {
      check(element, guard, pointer);
    });
  }
}

// Somebody who came by the route can be given this answer: neither the guard of
// the rule nor that of its decision leaves them out.
bool Admits(const Protocol& protocol, const Rule& rule, RouteId route,
            size_t& tries) {
  std::vector<const fhirpath::Program*> guards;
  const Element& decision = protocol.at(ElementId(rule.on.argument));
  for (const Guard* guard : {&rule.guard, &decision.when}) {
    if (guard->program != nullptr) guards.push_back(guard->program.get());
  }
  GuardProbe probe(protocol, tries);
  probe.Assume(route);
  return guards.empty() || probe.MayAllBeTrue(guards);
}

// Of whoever comes by such a route nothing would ever be decided. Whoever comes
// by several is eligible by one of them and by all that it asks: so it is
// enough that each asks something.
void CheckAsked(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  if (protocol.routes.size() > kRoutesMax) return;
  for (const Element& element : protocol.elements) {
    if (element.criteria.empty()) {
      if (!element.by_data || element.table != nullptr ||
          element.predict != nullptr) {
        continue;
      }
      AddError(loading.issues, "route_asks_nothing",
               Below(element.pointer, "criteria"),
               "there is no criterion: nobody would ever be eligible",
               "write what is asked, or let a person decide");
      continue;
    }
    for (uint16_t i = 0; i < protocol.routes.size(); ++i) {
      if (std::any_of(element.criteria.begin(), element.criteria.end(),
                      [&](const Criterion& criterion) {
                        return IsAsked(criterion, RouteId(i));
                      })) {
        continue;
      }
      AddError(loading.issues, "route_asks_nothing",
               Below(element.pointer, "criteria"),
               absl::StrCat("nothing is asked of whoever comes by the route `",
                            protocol.routes[i].id,
                            "`: nothing would tell whether they are eligible"),
               "add the route to the `routes` of a criterion, or leave them "
               "out of one");
      break;
    }
  }
}

void CheckRoutes(Loading& loading, const Reach& reach) {
  const Protocol& protocol = loading.protocol;
  std::vector<const Rule*> answers;
  for (size_t r = 0; r < protocol.rules.size(); ++r) {
    const Rule& rule = protocol.rules[r];
    if (rule.on.kind == TriggerKind::kDecision && reach.runs(r) && Ends(rule)) {
      answers.push_back(&rule);
    }
  }
  if (protocol.routes.size() > kRoutesMax) return;
  size_t tries = GuardProbe::kTriesOfDocument;
  for (uint16_t i = 0; i < protocol.routes.size(); ++i) {
    const Route& route = protocol.routes[i];
    if (std::any_of(answers.begin(), answers.end(), [&](const Rule* rule) {
          return Admits(protocol, *rule, RouteId(i), tries);
        })) {
      continue;
    }
    AddError(loading.issues, "route_without_redirect",
             absl::StrCat("/routes/", i),
             absl::StrCat("no decision answers a referral of the route `",
                          route.id, "`: it cannot be declined or redirected"),
             "add a decision of staff whose rule has `answer_referrals` or "
             "`close_case`, for every route");
  }
}

bool ReadsConsent(const Loading& loading, const std::string& purpose) {
  return std::any_of(
      loading.guards.begin(), loading.guards.end(), [&](const auto& guard) {
        const auto& reads = guard.second->reads();
        return std::any_of(reads.begin(), reads.end(), [&](const auto& path) {
          return path.size() > 1 && path[0] == "consents" && path[1] == purpose;
        });
      });
}

// Whoever is asked may say no, or take a yes back.
void CheckPurposes(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (uint16_t i = 0; i < protocol.purposes.size(); ++i) {
    const PurposeId purpose(i);
    const bool asked = std::any_of(
        protocol.routes.begin(), protocol.routes.end(),
        [&](const Route& route) {
          return std::find(route.consents.begin(), route.consents.end(),
                           purpose) != route.consents.end();
        });
    const bool heard = std::any_of(
        protocol.rules.begin(), protocol.rules.end(), [&](const Rule& rule) {
          return rule.on.kind == TriggerKind::kConsent && rule.on.argument == i;
        });
    if (!asked || heard || purpose == protocol.feedback_purpose ||
        purpose == protocol.transfer.purpose ||
        ReadsConsent(loading, protocol.purposes[i])) {
      continue;
    }
    AddWarning(loading.issues, "consent_unheard", absl::StrCat("/purposes/", i),
               absl::StrCat("patients are asked for `", protocol.purposes[i],
                            "`, and nothing follows from their no"),
               "let a criterion read consents, or a rule on consent: open a "
               "person's decision");
  }
}

// Work of staff that opens with the phase whatever the guards say.
bool OpensWork(const Protocol& protocol, const Phase& phase) {
  return std::any_of(
      phase.elements.begin(), phase.elements.end(), [&](ElementId id) {
        const Element& element = protocol.at(id);
        return element.program.IsNone() && element.mode == ItemMode::kAuto &&
               element.needs.empty() && !element.by_data &&
               element.when.program == nullptr && !IsOutside(element.performer);
      });
}

bool HearsOfEntry(const Protocol& protocol, PhaseId phase) {
  return std::any_of(
      protocol.rules.begin(), protocol.rules.end(), [&](const Rule& rule) {
        return rule.on.kind == TriggerKind::kPhaseEntered &&
               rule.on.argument == phase.value &&
               std::any_of(
                   rule.actions.begin(), rule.actions.end(),
                   [&](const Action& action) {
                     return action.kind == ActionKind::kOpen &&
                            !IsOutside(protocol.at(action.element).performer);
                   });
      });
}

// A phase whose programs all ask for something may begin with none of them.
void CheckPrograms(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (uint16_t i = 0; i < protocol.phases.size(); ++i) {
    const PhaseId phase(i);
    bool any = false, sure = false;
    for (const ImportedProgram& program : protocol.programs) {
      if (!program.used || program.phase != phase ||
          program.mode != ItemMode::kAuto) {
        continue;
      }
      any = true;
      sure = sure || program.when.program == nullptr;
    }
    if (!any || sure || OpensWork(protocol, protocol.phases[i]) ||
        HearsOfEntry(protocol, phase)) {
      continue;
    }
    AddWarning(loading.issues, "treatment_unheard", protocol.phases[i].pointer,
               absl::StrCat("in `", protocol.phases[i].id,
                            "` each program has a `when`: where none is true "
                            "nothing is treated, and no rule hears of it"),
               "let a rule on phase.entered open work of staff for the rest");
  }
}

}  // namespace

void CheckDecisions(Loading& loading) {
  const Reach reach(loading.protocol);
  CheckOutcomes(loading);
  GuardChecks(loading, reach).Run();
  CheckKnown(loading);
  CheckAsked(loading);
  CheckRoutes(loading, reach);
  CheckPurposes(loading);
  CheckPrograms(loading);
}

}  // namespace stepwell::protocol
