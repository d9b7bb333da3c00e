// Checks of moves that are never made: a track moves at most once in a step,
// and of two moves the first one counts.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "protocol/guard_probe.h"
#include "protocol/loading.h"
#include "protocol/reach.h"

namespace stepwell::protocol {
namespace {

// More pairs of rules on one kind of event than a real service has.
constexpr size_t kPairsMax = 100'000;

TrackId TrackOf(const Protocol& protocol, const Action& move) {
  return protocol.at(move.phase).track;
}

// Within one list of actions.
void CheckList(Loading& loading, const std::vector<Action>& actions,
               const std::string& pointer) {
  const Protocol& protocol = loading.protocol;
  std::set<TrackId> moved;
  for (size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].kind != ActionKind::kMove) continue;
    const TrackId track = TrackOf(protocol, actions[i]);
    if (moved.insert(track).second) continue;
    AddError(loading.issues, "second_move", absl::StrCat(pointer, "/do/", i),
             absl::StrCat("the track `", protocol.at(track).id,
                          "` has moved already: this move is not made"),
             "leave one of the two, or let a rule on `phase.entered` make the "
             "second");
  }
}

// Whatever sets off the later rule sets off the earlier one too.
bool Covers(const Trigger& earlier, const Trigger& later) {
  return earlier.kind == later.kind &&
         (earlier.argument == 0xFFFF || earlier.argument == later.argument) &&
         (earlier.outcome.IsNone() || earlier.outcome == later.outcome);
}

// Nothing comes after it: `never_fires` says so.
bool ClosesAlways(const Rule& rule) {
  return rule.guard.program == nullptr &&
         std::any_of(
             rule.actions.begin(), rule.actions.end(),
             [](const Action& a) { return a.kind == ActionKind::kCloseCase; });
}

// Between two rules on one event: the earlier one runs whenever the later one
// does, and moves the track from wherever that could find it.
class RulePairs {
 public:
  explicit RulePairs(Loading& loading)
      : loading_(loading), protocol_(loading.protocol) {}

  void Run() {
    for (size_t kind = 0; kind < kTriggerKinds; ++kind) {
      const auto& rules = protocol_.RulesFor(static_cast<TriggerKind>(kind));
      for (size_t later = 1; later < rules.size(); ++later) {
        Look(rules, later);
      }
    }
  }

 private:
  template <class Rules>
  void Look(const Rules& rules, size_t place) {
    const Rule& later = protocol_.rules[rules[place]];
    for (size_t i = 0; i < later.actions.size(); ++i) {
      if (later.actions[i].kind != ActionKind::kMove) continue;
      from_.reset();
      for (size_t before = 0; before < place && pairs_ < kPairsMax; ++before) {
        ++pairs_;
        const Rule& earlier = protocol_.rules[rules[before]];
        if (!TakesThePlace(earlier, later, later.actions[i])) continue;
        Report(earlier, later, i);
        break;
      }
    }
  }

  bool TakesThePlace(const Rule& earlier, const Rule& later,
                     const Action& move) {
    const TrackId id = TrackOf(protocol_, move);
    const auto first = std::find_if(
        earlier.actions.begin(), earlier.actions.end(), [&](const Action& a) {
          return a.kind == ActionKind::kMove && TrackOf(protocol_, a) == id;
        });
    if (first == earlier.actions.end() || first->phase == move.phase ||
        !Covers(earlier.on, later.on) || ClosesAlways(earlier)) {
      return false;
    }
    // From where the earlier one leads it does not move, and the later one
    // does.
    if (!from_) from_ = PhasesOf(protocol_, protocol_.at(id), later);
    return std::find(from_->begin(), from_->end(), first->phase) ==
               from_->end() &&
           Implies(later, earlier);
  }

  // No values are there under which the later guard holds, and the earlier one
  // does not.
  bool Implies(const Rule& later, const Rule& earlier) {
    const Guard &wide = earlier.guard, &narrow = later.guard;
    if (wide.program == nullptr) return true;
    if (narrow.program == nullptr || narrow.max_age != wide.max_age) {
      return false;
    }
    const bool raised = wide.on_unknown == OnUnknown::kRaise;
    if (narrow.on_unknown == OnUnknown::kRaise) {
      // It runs for what is not known as well, of which no value is tried.
      return raised && narrow.text == wide.text;
    }
    GuardProbe probe(protocol_, tries_left_);
    const fhirpath::Program* holds[] = {narrow.program.get()};
    const fhirpath::Program* fails[] = {wide.program.get()};
    return raised ? !probe.MayAllBeTrue(holds, {}, fails)
                  : !probe.MayAllBeTrue(holds, fails);
  }

  void Report(const Rule& earlier, const Rule& later, size_t action) {
    const Action& move = later.actions[action];
    AddError(loading_.issues, "second_move",
             absl::StrCat(later.pointer, "/do/", action),
             absl::StrCat("whenever this rule runs, `", earlier.id,
                          "` before it has moved the track `",
                          protocol_.at(TrackOf(protocol_, move)).id,
                          "`: the move to `", protocol_.at(move.phase).id,
                          "` is never made"),
             absl::StrCat("give `", earlier.id,
                          "` an `if` that leaves these cases out"));
  }

  Loading& loading_;
  const Protocol& protocol_;
  std::optional<PhaseSet> from_;  // where the move in hand can begin
  size_t pairs_ = 0;
  size_t tries_left_ = GuardProbe::kTriesOfDocument;
};

}  // namespace

void CheckMoves(Loading& loading) {
  for (const Rule& rule : loading.protocol.rules) {
    CheckList(loading, rule.actions, rule.pointer);
  }
  for (const ClockDef& clock : loading.protocol.clocks) {
    for (const Rung& rung : clock.ladder) {
      CheckList(loading, rung.actions, rung.pointer);
    }
  }
  RulePairs(loading).Run();
}

}  // namespace stepwell::protocol
