// Rules with guards that set each other off. Followed is what a rule sets for
// certain, facts to constants and phases, as far as the guards read that, or
// what no rule of the circle changes. Any other guard may end the chase.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "protocol/guard_probe.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// More rules than any service has, and longer circles than anybody writes.
constexpr size_t kRulesMax = 500;
constexpr size_t kCircleMax = 6;
constexpr size_t kStepsMax = 20'000;

using Circle = std::vector<size_t>;  // rules, each sets off the next

class GuardedChases {
 public:
  explicit GuardedChases(const Protocol& protocol) : protocol_(protocol) {
    for (size_t i = 0; i < protocol.rules.size(); ++i) {
      next_.push_back(After(protocol.rules[i]));
    }
  }

  // A circle that begins with the rule, has no earlier one, and goes on for
  // ever once its guards hold; empty: none was found.
  Circle From(size_t rule) {
    path_ = {rule};
    return Search() ? path_ : Circle();
  }

 private:
  const Rule& At(size_t rule) const { return protocol_.rules[rule]; }

  // The rules that wait for the facts and phases that the rule sets.
  std::vector<size_t> After(const Rule& rule) const {
    std::vector<size_t> after;
    for (const Action& action : rule.actions) {
      const bool sets = action.kind == ActionKind::kSetFact;
      if (!sets && action.kind != ActionKind::kMove) continue;
      const auto kind = sets ? TriggerKind::kFact : TriggerKind::kPhaseEntered;
      for (const uint16_t waiting : protocol_.RulesFor(kind)) {
        if (Hears(At(waiting), action)) after.push_back(waiting);
      }
    }
    return after;
  }

  static bool Hears(const Rule& rule, const Action& action) {
    return action.kind == ActionKind::kSetFact
               ? rule.on.kind == TriggerKind::kFact &&
                     rule.on.argument == action.fact.value
               : action.kind == ActionKind::kMove &&
                     rule.on.kind == TriggerKind::kPhaseEntered &&
                     rule.on.argument == action.phase.value;
  }

  bool Search() {
    if (steps_ == 0) return false;
    --steps_;
    for (const size_t next : next_[path_.back()]) {
      if (next == path_.front()) {
        if (GoesOn()) return true;
        continue;
      }
      const bool known =
          std::find(path_.begin(), path_.end(), next) != path_.end();
      if (next < path_.front() || known || path_.size() == kCircleMax) continue;
      path_.push_back(next);
      if (Search()) return true;
      path_.pop_back();
    }
    return false;
  }

  size_t Before(size_t place) const {
    return path_[(place + path_.size() - 1) % path_.size()];
  }

  // Without any guard it is told of as an error.
  bool GoesOn() {
    bool guarded = false;
    Programs lasting;
    for (size_t i = 0; i < path_.size(); ++i) {
      if (!Changes(i) || IsDisturbed(At(path_[i]).on)) return false;
      const Guard& guard = At(path_[i]).guard;
      if (guard.program == nullptr) continue;
      guarded = true;
      switch (ReadBy(*guard.program)) {
        case Reads::kSet:
          if (!HoldsAfter(At(Before(i)), *guard.program)) return false;
          break;
        case Reads::kLasting:
          lasting.push_back(guard.program.get());
          break;
        case Reads::kOther:
          return false;
      }
    }
    return guarded && CanHold(lasting);
  }

  // What sets off the rule at that place of the circle was otherwise before.
  bool Changes(size_t place) const {
    const Rule& rule = At(path_[place]);
    const Action* set = nullptr;
    // From the rule before it backwards, round the circle.
    for (size_t back = 1; back <= path_.size(); ++back) {
      const Rule& earlier =
          At(path_[(place + path_.size() - back) % path_.size()]);
      const Action* found = nullptr;
      for (const Action& action : earlier.actions) {
        if (!IsOfOneThing(rule.on, action)) continue;
        if (found != nullptr) return false;  // more than is followed
        found = &action;
      }
      if (found == nullptr) continue;
      if (set != nullptr) return !IsSame(*set, *found);
      set = found;
    }
    return false;
  }

  // Another rule may come between: what it does is not followed.
  bool IsDisturbed(const Trigger& on) const {
    for (const uint16_t rule : protocol_.RulesFor(on.kind)) {
      const Rule& other = At(rule);
      const bool hears =
          other.on.argument == on.argument || other.on.argument == 0xFFFF;
      if (!hears ||
          std::find(path_.begin(), path_.end(), rule) != path_.end()) {
        continue;
      }
      for (const Action& action : other.actions) {
        if (action.kind == ActionKind::kMove ||
            action.kind == ActionKind::kSetFact ||
            action.kind == ActionKind::kCloseCase) {
          return true;
        }
      }
    }
    return false;
  }

  // It sets the fact, or moves the track, that the trigger is about.
  bool IsOfOneThing(const Trigger& on, const Action& action) const {
    if (on.kind == TriggerKind::kFact) {
      return action.kind == ActionKind::kSetFact &&
             action.fact.value == on.argument;
    }
    return action.kind == ActionKind::kMove &&
           protocol_.at(action.phase).track ==
               protocol_.at(PhaseId(on.argument)).track;
  }

  static bool IsSame(const Action& a, const Action& b) {
    return a.kind == ActionKind::kSetFact ? a.value == b.value
                                          : a.phase == b.phase;
  }

  enum class Reads { kSet, kLasting, kOther };
  using Programs = std::vector<const fhirpath::Program*>;

  bool IsSetInCircle(const std::string& fact) const {
    return std::any_of(path_.begin(), path_.end(), [&](size_t rule) {
      return std::any_of(At(rule).actions.begin(), At(rule).actions.end(),
                         [&](const Action& action) {
                           return action.kind == ActionKind::kSetFact &&
                                  protocol_.at(action.fact).id == fact;
                         });
    });
  }

  // Scores, consents and the number of the episode are no rule's doing.
  bool IsLasting(const std::string& first, const std::string& second) const {
    if (first == "case") return second == "episode";
    if (first == "facts") return !IsSetInCircle(second);
    return first == "consents" ||
           std::any_of(protocol_.instruments.begin(),
                       protocol_.instruments.end(),
                       [&](const auto& each) { return each.name == first; });
  }

  Reads ReadBy(const fhirpath::Program& guard) const {
    bool sets = false, lasts = false;
    for (const std::vector<std::string>& path : guard.reads()) {
      if (path.size() < 2) return Reads::kOther;
      if (IsLasting(path[0], path[1])) {
        lasts = true;
      } else if (path[0] == "facts") {
        sets = true;
      } else {
        return Reads::kOther;
      }
    }
    if (sets && lasts) return Reads::kOther;
    return sets ? Reads::kSet : Reads::kLasting;
  }

  // By the facts that the rule has just set, and by them alone.
  bool HoldsAfter(const Rule& rule, const fhirpath::Program& guard) {
    GuardProbe probe(protocol_, tries_);
    std::vector<std::string> set;
    for (const Action& action : rule.actions) {
      if (action.kind != ActionKind::kSetFact) continue;
      probe.Assume(action.fact, action.value);
      set.push_back(protocol_.at(action.fact).id);
    }
    for (const std::vector<std::string>& path : guard.reads()) {
      if (std::find(set.begin(), set.end(), path[1]) == set.end()) return false;
    }
    const fhirpath::Program* holds[] = {&guard};
    return probe.MayAllBeTrue(holds) && probe.found();
  }

  bool CanHold(const Programs& guards) {
    if (guards.empty()) return true;
    GuardProbe probe(protocol_, tries_);
    return probe.MayAllBeTrue(guards) && probe.found();
  }

  const Protocol& protocol_;
  std::vector<std::vector<size_t>> next_;
  Circle path_;
  size_t steps_ = kStepsMax;
  size_t tries_ = GuardProbe::kTriesOfDocument;
};

}  // namespace

void CheckGuardedChases(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  if (protocol.rules.size() > kRulesMax) return;
  GuardedChases chases(protocol);
  for (size_t i = 0; i < protocol.rules.size(); ++i) {
    const Circle circle = chases.From(i);
    if (circle.empty()) continue;
    std::vector<std::string> names;
    for (const size_t rule : circle) names.push_back(protocol.rules[rule].id);
    names.push_back(names.front());
    AddError(loading.issues, "rule_cycle", protocol.rules[i].pointer,
             absl::StrCat("these rules set each other off for ever once their "
                          "guards hold: ",
                          absl::StrJoin(names, " -> ")),
             "let a person's item or a clock stand between, or give one of "
             "them a guard that ends it");
  }
}

}  // namespace stepwell::protocol
