// From the figures of replications to means with intervals.
#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "sim/statistics.h"
#include "sim/study.h"

namespace stepwell::sim {
namespace {

// A figure that one replication lacks has no mean: those that have it are not
// like those that lack it (a quantile is found where waits are short).
SimulationMeasure MeasureOf(const std::vector<Replication>& replications,
                            size_t index) {
  const Figure& figure = replications[0].figures[index];
  SimulationMeasure measure;
  measure.name = figure.name;
  measure.stratum = figure.stratum;
  measure.statistic = figure.statistic;
  measure.unit = figure.unit;
  std::vector<double> values;
  for (const Replication& one : replications) {
    const auto& value = one.figures[index].value;
    if (value) values.push_back(*value);
  }
  measure.n = values.size();
  const size_t absent = replications.size() - values.size();
  if (absent > 0) {
    measure.note =
        absl::StrCat("no value in ", absent, " of ", replications.size(),
                     " replications: ", figure.absent);
    return measure;
  }
  const Interval interval =
      Within(MeanInterval(values), LimitsOf(figure.range));
  measure.mean = interval.mean;
  measure.low = interval.low;
  measure.high = interval.high;
  return measure;
}

// What an unstable service has none of.
bool IsOfWait(const Figure& figure) { return figure.name == "wait"; }
bool IsLength(const Figure& figure) { return figure.unit == "days"; }

}  // namespace

void Reduce(const Protocol& protocol, const Plan& plan,
            const std::vector<Replication>& replications,
            SimulationResult& result) {
  const Verdict verdict = Judge(protocol, plan, replications);
  const auto is_withheld = [&](const Figure& figure) {
    return verdict.unstable && IsOfWait(figure) && IsLength(figure);
  };
  for (size_t i = 0; i < replications[0].figures.size(); ++i) {
    const Figure& figure = replications[0].figures[i];
    SimulationMeasure measure = MeasureOf(replications, i);
    if (is_withheld(figure)) {
      measure.mean = measure.low = measure.high = std::nullopt;
      measure.n = 0;
      measure.note = absl::StrCat("unstable: ", verdict.note);
    } else if (verdict.unstable && IsOfWait(figure) && measure.mean) {
      measure.note = "unstable: of the time that was simulated only";
    }
    result.measures.push_back(std::move(measure));
  }
  for (uint32_t r = 0; r < replications.size(); ++r) {
    for (const Figure& figure : replications[r].figures) {
      result.replications.push_back(
          {r, figure.name, figure.stratum, figure.statistic,
           is_withheld(figure) ? std::nullopt : figure.value});
    }
    result.commands += replications[r].commands;
    result.events += replications[r].events;
    result.cases += replications[r].cases;
  }
  result.sentences = Sentences(plan, verdict, result);
}

}  // namespace stepwell::sim
