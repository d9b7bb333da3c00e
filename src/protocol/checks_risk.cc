// Checks of risk: what one item of a mood scale may and may not say, whose
// deadlines run at night, and who hears of an alert then.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/coverage.h"
#include "protocol/decisions.h"
#include "protocol/guard_probe.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// A risk item of an instrument other than the screen says that there are
// thoughts, and no more. Returns its path when the guard reads one.
std::string BareRiskItem(const Loading& loading,
                         const fhirpath::Program& program) {
  const Protocol& protocol = loading.protocol;
  const auto is_marker = [&](InstrumentRef instrument, uint16_t item) {
    if (instrument.IsNone() || instrument == protocol.risk.screen) return false;
    const auto& document = protocol.at(instrument).instrument;
    return document != nullptr &&
           std::any_of(document->risk_markers().begin(),
                       document->risk_markers().end(),
                       [&](const auto& marker) { return marker.item == item; });
  };
  for (const std::vector<std::string>& path : program.reads()) {
    if (path.size() < 2) continue;
    if (path[0] == "facts") {
      const uint16_t number = loading.facts.Find(path[1]);
      if (number == NameTable::kNone) continue;
      const Fact& fact = protocol.facts[number];
      if (is_marker(fact.instrument, fact.instrument_item)) {
        return absl::StrCat("facts.", path[1]);
      }
      continue;
    }
    const InstrumentRef instrument(loading.instruments.Find(path[0]));
    if (instrument.IsNone() || instrument == protocol.risk.screen) continue;
    if (path[1] == "risk") return absl::StrCat(path[0], ".risk");
    const auto& document = protocol.at(instrument).instrument;
    if (path[1] != "answers" || path.size() < 3 || document == nullptr) {
      continue;
    }
    const auto item = document->FindItem(path[2]);
    if (item && is_marker(instrument, *item)) {
      return absl::StrCat(path[0], ".answers.", path[2]);
    }
  }
  return "";
}

constexpr char kInferredHint[] =
    "raise the tier `unscreened` and let the risk screen tier the alert";

// What follows from such an item alone: facts, milestones, outcomes and clocks
// that a rule, a row or a criterion gives because of it. What a person decides
// in between is theirs.
class Inference {
 public:
  explicit Inference(const Loading& loading)
      : loading_(loading), protocol_(loading.protocol) {
    while (Step()) {
    }
  }

  // What the guard reads of it, or why the trigger comes of it; else empty.
  std::string Of(const Guard& guard) const {
    if (guard.program == nullptr) return "";
    std::string path = BareRiskItem(loading_, *guard.program);
    for (const std::vector<std::string>& read : guard.program->reads()) {
      if (path.empty() && read.size() > 1 &&
          marked_.count(read[0] + "." + read[1]) != 0) {
        path = absl::StrCat(read[0], ".", read[1]);
      }
    }
    return path;
  }
  std::string Of(const Trigger& on) const {
    std::string name;
    switch (on.kind) {
      case TriggerKind::kFact:
        name = absl::StrCat("facts.", protocol_.facts[on.argument].id);
        break;
      case TriggerKind::kMilestone:
        name =
            absl::StrCat("milestones.", protocol_.milestones[on.argument].id);
        break;
      case TriggerKind::kDecision:
        name = absl::StrCat("items.", protocol_.elements[on.argument].id);
        break;
      default:
        return "";
    }
    return marked_.count(name) != 0 ? name : "";
  }
  std::string Of(const Rule& rule) const {
    const std::string path = Of(rule.guard);
    return path.empty() ? Of(rule.on) : path;
  }
  bool Runs(const ClockDef& clock) const {
    return marked_.count(absl::StrCat("clocks.", clock.id)) != 0;
  }

 private:
  bool Step() {
    const size_t before = marked_.size();
    for (const Rule& rule : protocol_.rules) {
      if (!Of(rule).empty()) Take(rule.actions);
    }
    for (const ClockDef& clock : protocol_.clocks) {
      if (!Runs(clock)) continue;
      for (const Rung& rung : clock.ladder) Take(rung.actions);
    }
    for (const Element& element : protocol_.elements) {
      if (element.by_data && Decides(element)) {
        Mark("items.", element.id);
        if (!element.fact.IsNone()) {
          Mark("facts.", protocol_.at(element.fact).id);
        }
      }
    }
    return marked_.size() != before;
  }

  bool Decides(const Element& element) const {
    const auto inferred = [this](const auto& row) {
      return !Of(row.guard).empty();
    };
    return std::any_of(element.criteria.begin(), element.criteria.end(),
                       inferred) ||
           (element.table != nullptr &&
            std::any_of(element.table->rules.begin(),
                        element.table->rules.end(), inferred));
  }

  void Take(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind == ActionKind::kSetFact) {
        Mark("facts.", protocol_.at(action.fact).id);
      } else if (action.kind == ActionKind::kMilestone) {
        Mark("milestones.", protocol_.milestones[action.milestone.value].id);
      } else if (action.kind == ActionKind::kStartClock) {
        Mark("clocks.", protocol_.at(action.clock).id);
      }
    }
  }

  void Mark(const char* kind, const std::string& id) {
    marked_.insert(absl::StrCat(kind, id));
  }

  const Loading& loading_;
  const Protocol& protocol_;
  std::set<std::string> marked_;  // "facts.plan"
};

void CheckInferred(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const RiskPolicy& risk = protocol.risk;
  const Inference inference(loading);
  const auto report = [&](const std::string& pointer, const std::string& path) {
    if (path.empty()) return;
    AddError(loading.issues, "risk_inferred", pointer,
             absl::StrCat(path,
                          " tells of thoughts; it says nothing of plan, "
                          "intent or means, so it cannot give a tier"),
             kInferredHint);
  };
  const auto raises = [&](const Action& action) {
    return action.kind == ActionKind::kRaiseAlert &&
           action.tier != risk.unscreened;
  };
  for (size_t i = 0; i < risk.screen_rules.size(); ++i) {
    report(absl::StrCat("/risk/screen_rules/", i, "/if"),
           inference.Of(risk.screen_rules[i].guard));
  }
  for (const Rule& rule : protocol.rules) {
    for (size_t a = 0; a < rule.actions.size(); ++a) {
      if (!raises(rule.actions[a])) continue;
      report(absl::StrCat(rule.pointer, "/do/", a), inference.Of(rule));
    }
  }
  for (const ClockDef& clock : protocol.clocks) {
    if (!inference.Runs(clock)) continue;
    for (const Rung& rung : clock.ladder) {
      for (size_t a = 0; a < rung.actions.size(); ++a) {
        if (!raises(rung.actions[a])) continue;
        report(absl::StrCat(rung.pointer, "/do/", a),
               absl::StrCat("clocks.", clock.id));
      }
    }
  }
}

// What the screen asks has to tell more than that there are thoughts.
void CheckScreenInstrument(Loading& loading) {
  const InstrumentRef screen = loading.protocol.risk.screen;
  if (screen.IsNone()) return;
  const auto& imported = loading.protocol.at(screen);
  if (imported.instrument == nullptr ||
      !imported.instrument->tiers().ids.empty()) {
    return;
  }
  AddError(loading.issues, "risk_inferred", "/risk/screen",
           absl::StrCat("`", imported.name,
                        "` does not sort a disclosure into tiers: it is no "
                        "screen of plan, intent and means"),
           "name an instrument with `tiers`, like risk-screen");
}

bool IsAlwaysOpen(const Loading& loading, CalendarRef calendar) {
  return !calendar.IsNone() && loading.always_open[calendar.value];
}

// Whoever is asked along the fallbacks, somebody is there at every hour.
bool CoversEveryHour(const Loading& loading, PoolId pool) {
  return !FirstGap(loading, ChainOf(loading.protocol, pool).pools);
}

struct AlertClock {
  const Tier& tier;  // the first that it is of
  const ClockDef& clock;
  bool looks;  // acknowledge or assess: somebody must look at the alert
};

// Each clock of an alert once, those of looking at it first.
std::vector<AlertClock> AlertClocks(const Protocol& protocol) {
  std::vector<AlertClock> clocks;
  std::set<uint16_t> seen;
  const auto add = [&](const Tier& tier, ClockDefId id, bool looks) {
    if (!seen.insert(id.value).second) return;
    clocks.push_back({tier, protocol.at(id), looks});
  };
  for (const Tier& tier : protocol.risk.tiers) {
    add(tier, tier.acknowledge, true);
    add(tier, tier.assess, true);
  }
  for (const Tier& tier : protocol.risk.tiers) add(tier, tier.close, false);
  return clocks;
}

// The clocks in which somebody must look at an alert: these do not wait for
// office hours. What is done about it later (close) may.
void CheckWallClock(Loading& loading) {
  for (const AlertClock& alert : AlertClocks(loading.protocol)) {
    const ClockDef& clock = alert.clock;
    const bool work =
        NeedsCalendar(clock.budget) ||
        std::any_of(clock.ladder.begin(), clock.ladder.end(),
                    [](const Rung& rung) {
                      return (rung.after && NeedsCalendar(*rung.after)) ||
                             (rung.repeat && NeedsCalendar(*rung.repeat));
                    });
    if (!alert.looks || !work || IsAlwaysOpen(loading, clock.calendar)) {
      continue;
    }
    AddError(loading.issues, "risk_clock_office_hours",
             Below(clock.pointer, "budget"),
             absl::StrCat("the clock `", clock.id,
                          "` watches over risk and would stand still when "
                          "the office is closed"),
             "count minutes or hours, and let the pool's fallbacks cover "
             "the night");
  }
}

// Longer than any service means: a slip of the unit or the number.
constexpr int64_t kDayUs = 24 * int64_t{3'600'000'000};
constexpr int64_t kLookUs = 30 * kDayUs;
constexpr int64_t kCloseUs = 182 * kDayUs;

void CheckSlow(Loading& loading) {
  for (const AlertClock& alert : AlertClocks(loading.protocol)) {
    const ClockDef& clock = alert.clock;
    const int64_t most = alert.looks ? kLookUs : kCloseUs;
    const auto check = [&](const Span& span, const std::string& pointer) {
      if (LeastUs(span) <= most) return;
      AddError(loading.issues, "risk_clock_slow", pointer,
               absl::StrCat("an alert of `", alert.tier.id, "` would wait for ",
                            FormatSpan(span), " by `", clock.id, "`"),
               alert.looks ? "somebody looks at an alert within hours or days"
                           : "an alert is closed within weeks");
    };
    check(clock.budget, Below(clock.pointer, "budget"));
    for (const Rung& rung : clock.ladder) {
      if (rung.after) check(*rung.after, Below(rung.pointer, "after"));
      if (rung.repeat) check(*rung.repeat, Below(rung.pointer, "repeat"));
    }
    if (clock.ladder.front().percent.value_or(0) > 100) {
      AddError(
          loading.issues, "risk_clock_slow",
          absl::StrCat(clock.pointer, "/ladder/0/at"),
          absl::StrCat("nobody hears of an alert of `", alert.tier.id,
                       "` before its deadline by `", clock.id, "` is over"),
          "let a step come at 100 % or before");
    }
  }
}

// The tiers of the screen from mild to grave; empty when the document does not
// say: the rules ask for the gravest first, and what is left is the mildest.
std::vector<std::string> MildToGrave(const instruments::Tiers& tiers) {
  std::vector<std::string> order = {tiers.ids[tiers.otherwise]};
  for (auto rule = tiers.rules.rbegin(); rule != tiers.rules.rend(); ++rule) {
    const std::string& id = tiers.ids[rule->tier];
    if (std::find(order.begin(), order.end(), id) == order.end()) {
      order.push_back(id);
    }
  }
  std::vector<std::string> named;
  for (const std::string& id : tiers.ids) {
    if (std::find(order.begin(), order.end(), id) != order.end()) {
      named.push_back(id);
    }
  }
  return named == order ? order : std::vector<std::string>();
}

// The screen rule that an answer of the tier comes to; nothing when more than
// the tier decides. As many as there are: the alert stays where it is.
std::optional<size_t> RuleOf(const Protocol& protocol, const std::string& tier,
                             size_t& tries) {
  const RiskPolicy& risk = protocol.risk;
  const std::vector<std::string> path = {protocol.at(risk.screen).name, "tier"};
  for (size_t i = 0; i < risk.screen_rules.size(); ++i) {
    const fhirpath::Program* const guard[] = {
        risk.screen_rules[i].guard.program.get()};
    if (guard[0] == nullptr) return std::nullopt;
    for (const std::vector<std::string>& read : guard[0]->reads()) {
      if (read != path) return std::nullopt;
    }
    GuardProbe probe(protocol, tries);
    probe.Assume(risk.screen, tier);
    if (!probe.MayAllBeTrue(guard)) continue;
    return probe.found() ? std::optional(i) : std::nullopt;
  }
  return risk.screen_rules.size();
}

// A graver answer to the screen never gives a lower alert than a milder one.
void CheckScreenOrder(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const RiskPolicy& risk = protocol.risk;
  if (risk.screen.IsNone() || risk.unscreened.IsNone()) return;
  const auto& screen = protocol.at(risk.screen).instrument;
  if (screen == nullptr || screen->tiers().ids.empty()) return;
  const std::vector<std::string> order = MildToGrave(screen->tiers());
  size_t tries = GuardProbe::kTriesOfDocument;
  const auto tier_of = [&](size_t rule) -> const Tier& {
    return protocol.at(rule < risk.screen_rules.size()
                           ? risk.screen_rules[rule].tier
                           : risk.unscreened);
  };
  for (size_t i = 1; i < order.size(); ++i) {
    const auto mild = RuleOf(protocol, order[i - 1], tries);
    const auto grave = RuleOf(protocol, order[i], tries);
    if (!mild || !grave ||
        tier_of(*grave).severity >= tier_of(*mild).severity) {
      continue;
    }
    const bool named = *grave < risk.screen_rules.size();
    AddError(loading.issues, "screen_order",
             named ? absl::StrCat("/risk/screen_rules/", *grave, "/tier")
                   : std::string("/risk/screen_rules"),
             absl::StrCat("`", order[i], "` of the screen gives an alert of `",
                          tier_of(*grave).id, "`, below `", tier_of(*mild).id,
                          "` for `", order[i - 1], "`"),
             "a graver answer gives a tier of at least the same `severity`");
  }
}

// Whom the actions of a rung reach: the pools that are told, and the one to
// which the alert has come at the end of it, each with those it falls back on.
struct Reached {
  bool anybody = false;
  std::vector<PoolId> pools;
};

Reached ReachedBy(const Protocol& protocol, const Rung& rung) {
  Reached reached;
  const auto add = [&](PoolId pool) {
    const std::vector<PoolId> chain = ChainOf(protocol, pool).pools;
    reached.pools.insert(reached.pools.end(), chain.begin(), chain.end());
  };
  PoolId moved;
  for (const Action& action : rung.actions) {
    const bool notifies = action.kind == ActionKind::kNotify;
    const bool moves = action.kind == ActionKind::kEscalate ||
                       action.kind == ActionKind::kEscalateRisk;
    if (moves) moved = action.pool;
    if (notifies && action.to == Recipient::kPool) add(action.pool);
    reached.anybody = reached.anybody || moves ||
                      (notifies && (action.to == Recipient::kOwner ||
                                    action.to == Recipient::kPool));
  }
  add(moved);
  return reached;
}

// The rung that repeats until somebody acts has to reach somebody who is there.
void CheckLastRung(Loading& loading) {
  for (const AlertClock& alert : AlertClocks(loading.protocol)) {
    const ClockDef& clock = alert.clock;
    const Reached reached = ReachedBy(loading.protocol, clock.ladder.back());
    // Telling nobody is another mistake.
    if (!reached.anybody || !FirstGap(loading, reached.pools)) continue;
    AddError(loading.issues, "alert_without_owner", clock.ladder.back().pointer,
             absl::StrCat("this last rung of an alert (tier ", alert.tier.id,
                          ") reaches nobody at some hours: the case may have "
                          "no owner, and the pools that it names leave hours "
                          "uncovered"),
             "tell or escalate to a pool whose fallbacks end in one that "
             "is always open, or to pools that cover day and night by turns");
  }
}

// A question about risk that was left out is asked in wall time: at every hour
// somebody has to be there who can.
void CheckQuestionPool(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const ElementId id = protocol.risk.missing_element;
  if (id.IsNone()) return;
  const Element& question = protocol.at(id);
  if (question.performer != Performer::kPool || question.due.IsNone() ||
      NeedsCalendar(protocol.at(question.due).budget) ||
      CoversEveryHour(loading, question.pool)) {
    return;
  }
  AddError(loading.issues, "pool_chain_closed", Below(question.pointer, "who"),
           absl::StrCat("`", question.id,
                        "` is due in wall time, and nobody "
                        "of its pool is on duty at some hours"),
           "let the last `fallback` be a pool whose calendar is always open, "
           "or count the clock in work time");
}

}  // namespace

void CheckRisk(Loading& loading) {
  CheckInferred(loading);
  CheckScreenInstrument(loading);
  CheckScreenOrder(loading);
  CheckWallClock(loading);
  CheckSlow(loading);
  CheckLastRung(loading);
  CheckQuestionPool(loading);
}

}  // namespace stepwell::protocol
