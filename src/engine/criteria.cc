// Decisions by criteria. Each way in asks its own, and what every way asks;
// whoever came by several ways is eligible when one of them says so.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/decisions.h"
#include "protocol/decisions.h"

namespace stepwell::engine {

using fhirpath::Tri;
using protocol::Criterion;
using protocol::Element;
using protocol::OnUnknown;
using protocol::RouteId;

namespace {

// What those who came by one route are asked.
struct Way {
  RouteId route;            // none: no referral of the episode is open
  std::vector<bool> asked;  // by criterion
  bool asks_nothing = false;
  Tri eligible = Tri::kUnknown;
};

Way WayOf(const Element& element, RouteId route) {
  Way way;
  way.route = route;
  for (const Criterion& criterion : element.criteria) {
    const auto& routes = criterion.routes;
    way.asked.push_back(route.IsNone() || routes.empty() ||
                        std::find(routes.begin(), routes.end(), route) !=
                            routes.end());
  }
  way.asks_nothing =
      std::find(way.asked.begin(), way.asked.end(), true) == way.asked.end();
  return way;
}

// All that `less` asks is asked by `more` too: whoever is eligible by `more` is
// so by `less`. What asks nothing tells of nobody.
bool Spares(const Way& less, const Way& more) {
  if (less.asks_nothing) return false;
  for (size_t i = 0; i < less.asked.size(); ++i) {
    if (less.asked[i] && !more.asked[i]) return false;
  }
  return true;
}

// The ways in of the episode, without those that ask more than another one
// does. Without a referral that is open, all is asked.
std::vector<Way> WaysIn(const CaseState& state, const Element& element) {
  std::vector<Way> ways;
  const auto add = [&](Way way) {
    for (const Way& known : ways) {
      if (known.route == way.route || Spares(known, way)) return;
    }
    std::erase_if(ways, [&](const Way& known) { return Spares(way, known); });
    ways.push_back(std::move(way));
  };
  for (const Referral& referral : state.referrals) {
    if (referral.ended_as || referral.episode != state.episode()) continue;
    add(WayOf(element, referral.route));
  }
  if (ways.empty()) add(WayOf(element, RouteId()));
  return ways;
}

class Weighing {
 public:
  Weighing(const protocol::Protocol& protocol, const CaseState& state,
           const Element& element, GuardEvaluator& guards)
      : protocol_(protocol),
        element_(element),
        guards_(guards),
        ways_(WaysIn(state, element)) {}

  Weighed Run() {
    for (size_t i = 0; i < element_.criteria.size(); ++i) AnswerOne(i);
    Tri eligible = Tri::kFalse;  // as soon as one of them says so
    for (Way& way : ways_) {
      way.eligible = Together(way);
      if (way.eligible == Tri::kTrue || eligible == Tri::kFalse) {
        eligible = way.eligible;
      }
    }
    Settle(eligible);
    if (ways_.size() > 1) SayWays();
    return std::move(weighed_);
  }

 private:
  void AnswerOne(size_t i) {
    const Criterion& criterion = element_.criteria[i];
    DecisionRecorded& decision = weighed_.decision;
    if (std::none_of(ways_.begin(), ways_.end(),
                     [&](const Way& way) { return way.asked[i]; })) {
      decision.criteria.push_back(Answer3::kNotAsked);
      AddLines(decision.inputs,
               {absl::StrCat(criterion.id, " is not asked of route ",
                             NamesOfAll())});
      return;
    }
    Tri truth = guards_.Evaluate(criterion.guard);
    if (truth == Tri::kUnknown &&
        criterion.guard.on_unknown == OnUnknown::kRaise) {
      truth = Tri::kFalse;  // the unsafe answer
    }
    decision.criteria.push_back(AnswerOf(truth));
    AddLines(decision.inputs, guards_.Read(criterion.guard));
  }

  // "self", or "self or gp".
  std::string NamesOfAll() const {
    return absl::StrJoin(ways_, " or ", [this](std::string* out, const Way& w) {
      absl::StrAppend(out, NameOf(w));
    });
  }

  // Where nothing was asked, nothing is known.
  Tri Together(const Way& way) const {
    if (way.asks_nothing) return Tri::kUnknown;
    Tri all = Tri::kTrue;
    for (size_t i = 0; i < way.asked.size(); ++i) {
      if (!way.asked[i]) continue;
      const Answer3 answer = weighed_.decision.criteria[i];
      if (answer == Answer3::kNo) return Tri::kFalse;
      if (answer == Answer3::kUnknown) all = Tri::kUnknown;
    }
    return all;
  }

  // The rules are those that settle it, or that cannot tell: of the ways that
  // are as far as the whole.
  void Settle(Tri eligible) {
    DecisionRecorded& decision = weighed_.decision;
    decision.outcome = eligible == Tri::kTrue    ? protocol::kEligible
                       : eligible == Tri::kFalse ? protocol::kIneligible
                                                 : protocol::kUndetermined;
    for (size_t i = 0; i < element_.criteria.size(); ++i) {
      const bool counts =
          std::any_of(ways_.begin(), ways_.end(), [&](const Way& way) {
            return way.asked[i] && way.eligible == eligible;
          });
      if (!counts) continue;
      const Criterion& criterion = element_.criteria[i];
      const Answer3 answer = decision.criteria[i];
      if (answer == AnswerOf(eligible)) decision.rules.push_back(criterion.id);
      if (answer == Answer3::kYes || eligible == Tri::kTrue) continue;
      AddUnmet(weighed_, guards_, criterion.id, criterion.guard);
      weighed_.ask =
          weighed_.ask || (eligible == Tri::kUnknown &&
                           criterion.guard.on_unknown == OnUnknown::kAsk);
    }
    for (const Way& way : ways_) {
      if (!way.asks_nothing || eligible == Tri::kTrue) continue;
      weighed_.unmet.push_back(
          absl::StrCat("no criterion is asked of route ", NameOf(way)));
    }
  }

  // Who came by several ways is told apart by them.
  void SayWays() {
    for (const Way& way : ways_) {
      const char* is = way.eligible == Tri::kTrue    ? "eligible"
                       : way.eligible == Tri::kFalse ? "ineligible"
                                                     : "undetermined";
      AddLines(weighed_.decision.inputs,
               {absl::StrCat("by route ", NameOf(way), ": ", is)});
    }
  }

  std::string NameOf(const Way& way) const {
    return way.route.IsNone() ? "none" : protocol_.at(way.route).id;
  }

  const protocol::Protocol& protocol_;
  const Element& element_;
  GuardEvaluator& guards_;
  std::vector<Way> ways_;
  Weighed weighed_;
};

}  // namespace

Weighed WeighCriteria(const protocol::Protocol& protocol,
                      const CaseState& state, const Element& element,
                      GuardEvaluator& guards) {
  return Weighing(protocol, state, element, guards).Run();
}

}  // namespace stepwell::engine
