// Decision points: how a course is going by an expected response or a linear
// predictor. All arithmetic is exact; what is missing is never zero.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/zone.h"
#include "engine/decisions.h"
#include "protocol/decisions.h"

namespace stepwell::engine {
namespace {

using fhirpath::Decimal;
using protocol::ExpectedResponse;
using protocol::ExpectedWeek;
using protocol::LinearPredictor;
using protocol::LinearTerm;
using protocol::OnUnknown;
using protocol::Prediction;

std::string Text(const Decimal& number) { return number.Stripped().ToString(); }

class Predictor {
 public:
  Predictor(const protocol::Protocol& protocol, const CaseState& state,
            GuardEvaluator& guards, const Prediction& predict, Instant now)
      : protocol_(protocol),
        state_(state),
        guards_(guards),
        predict_(predict),
        now_(now) {}

  Weighed Weigh() {
    weighed_.decision.outcome = protocol::kUndetermined;
    if (predict_.expected) {
      Expect(*predict_.expected);
    } else {
      Sum(*predict_.linear);
    }
    return std::move(weighed_);
  }

 private:
  DecisionRecorded& decision() { return weighed_.decision; }

  // The value is missing: what the document says about that.
  void Unknown(const std::string& what) {
    weighed_.unmet.push_back(what);
    if (predict_.on_unknown == OnUnknown::kRaise) {
      decision().outcome = predict_.red;
      decision().rules = {protocol::kUnknownRule};
    } else if (predict_.on_unknown == OnUnknown::kAsk) {
      weighed_.ask = true;
    }
  }

  std::optional<Decimal> Value(const protocol::Number& number) {
    AddLines(decision().inputs, guards_.Read(number));
    return guards_.NumberOf(number);
  }

  // From when weeks count; nothing when it has not come.
  std::optional<Instant> Anchor(const protocol::WeekAnchor& since) const {
    const MilestoneState* reached = state_.Reached(since.milestone);
    if (reached != nullptr) return reached->at;
    for (const TrackState& track : state_.tracks) {
      if (!since.phase.IsNone() && track.phase == since.phase) {
        return track.entered_at;
      }
    }
    std::optional<Instant> started;
    for (const EnrolmentState& enrolment : state_.enrolments) {
      if (!since.program.IsNone() && enrolment.program == since.program &&
          enrolment.episode == state_.episode()) {
        started = enrolment.started_at;
      }
    }
    return started;
  }

  // Whole weeks by the dates of the service's zone.
  int64_t WeeksSince(Instant anchor) const {
    const int64_t days = int64_t{ToLocal(*protocol_.zone, now_).date.days} -
                         int64_t{ToLocal(*protocol_.zone, anchor).date.days};
    return days < 0 ? -1 : days / 7;
  }

  void Expect(const ExpectedResponse& expected) {
    const std::optional<Decimal> value = Value(expected.value);
    const std::optional<Instant> anchor = Anchor(expected.since);
    decision().inputs.push_back(absl::StrCat(
        "week = ", anchor ? absl::StrCat(WeeksSince(*anchor)) : "unknown"));
    if (!anchor) {
      Unknown("week = unknown: what weeks count from has not come");
      return;
    }
    const int64_t week = WeeksSince(*anchor);
    const ExpectedWeek* row = nullptr;
    for (const ExpectedWeek& candidate : expected.weeks) {
      if (candidate.week <= week) row = &candidate;
    }
    if (row == nullptr) {
      // Nothing is expected yet: it waits, whatever on_unknown says.
      const Date first{ToLocal(*protocol_.zone, *anchor).date.days +
                       7 * expected.weeks.front().week};
      decision().again_at = FirstAtOrAfter(*protocol_.zone, {first, 0});
      weighed_.unmet.push_back(absl::StrCat("week = ", week,
                                            ": the table begins in week ",
                                            expected.weeks.front().week));
      return;
    }
    if (!value) {
      Unknown(absl::StrCat(expected.value.text, " = unknown"));
      return;
    }
    Compare(expected, *row, *value);
  }

  void Compare(const ExpectedResponse& expected, const ExpectedWeek& row,
               const Decimal& value) {
    const auto good = [&](const Decimal& limit) {
      const int order = fhirpath::Compare(value, limit);
      return expected.lower_is_better ? order <= 0 : order >= 0;
    };
    decision().outcome = good(row.green)                   ? predict_.green
                         : row.yellow && good(*row.yellow) ? predict_.yellow
                                                           : predict_.red;
    decision().rules = {absl::StrCat("week_", row.week)};
    decision().value = Text(value);
    const char* sign = expected.lower_is_better ? " <= " : " >= ";
    decision().working.push_back(
        absl::StrCat(expected.value.text, " = ", Text(value)));
    decision().working.push_back(absl::StrCat(
        "from week ", row.week, ": green", sign, Text(row.green),
        row.yellow ? absl::StrCat(", yellow", sign, Text(*row.yellow)) : ""));
  }

  void Sum(const LinearPredictor& linear) {
    const protocol::PredictorFacts& model = linear.model;
    decision().working.push_back(absl::StrCat(
        "model ", model.name, " of ", model.date, ": n = ", model.training_n,
        ", balanced accuracy ", Text(model.balanced_accuracy), ", trained on ",
        model.population));
    std::optional<Decimal> sum = linear.intercept;
    bool missing = false;
    for (const LinearTerm& term : linear.terms) {
      const std::optional<Decimal> product = Product(term);
      if (!product) {
        missing = true;
        decision().rules.push_back(term.id);
      } else if (sum) {
        sum = fhirpath::Add(*sum, *product);
      }
    }
    if (missing) {
      Unknown("the prediction waits for what is missing");
    } else if (!sum) {
      Unknown("the sum has too many digits");
    } else {
      Judge(linear, *sum);
    }
  }

  // Nothing when a value is missing that nothing stands in for.
  std::optional<Decimal> Product(const LinearTerm& term) {
    std::optional<Decimal> value = Value(term.value);
    const bool stands_in = !value && term.mean;
    if (stands_in) value = term.mean;
    if (!value) {
      weighed_.unmet.push_back(
          absl::StrCat(term.id, ": ", term.value.text, " = unknown"));
      return std::nullopt;
    }
    const auto product = fhirpath::Multiply(term.coefficient, *value);
    if (!product) {
      weighed_.unmet.push_back(absl::StrCat(term.id, ": too many digits"));
      return std::nullopt;
    }
    decision().working.push_back(absl::StrCat(
        term.id, ": ", Text(term.coefficient), " * ", Text(*value),
        stands_in ? " (the mean: it is missing)" : "", " = ", Text(*product)));
    return product;
  }

  void Judge(const LinearPredictor& linear, const Decimal& sum) {
    const auto reaches = [&](const Decimal& limit) {
      return fhirpath::Compare(sum, limit) >= 0;
    };
    const bool red = reaches(linear.red);
    const bool yellow = linear.yellow && reaches(*linear.yellow);
    decision().outcome = red      ? predict_.red
                         : yellow ? predict_.yellow
                                  : predict_.green;
    decision().rules = {"linear"};
    decision().value = Text(sum);
    decision().working.push_back(absl::StrCat(
        "with the intercept ", Text(linear.intercept), " = ", Text(sum),
        linear.yellow ? absl::StrCat(", yellow from ", Text(*linear.yellow))
                      : "",
        ", red from ", Text(linear.red)));
  }

  const protocol::Protocol& protocol_;
  const CaseState& state_;
  GuardEvaluator& guards_;
  const Prediction& predict_;
  const Instant now_;
  Weighed weighed_;
};

}  // namespace

Weighed WeighPrediction(const protocol::Protocol& protocol,
                        const CaseState& state, GuardEvaluator& guards,
                        ElementId element, Instant now) {
  return Predictor(protocol, state, guards, *protocol.at(element).predict, now)
      .Weigh();
}

}  // namespace stepwell::engine
