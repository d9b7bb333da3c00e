// From the figures of replications to means with intervals; and the verdict on
// a service that cannot keep up.
#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "sim/statistics.h"
#include "sim/study.h"
#include "sim/text.h"

namespace stepwell::sim {
namespace {

// A queue that grows by more than this share of the minutes there are, in
// every likely case, is no noise.
constexpr double kGrowthShare = 0.05;

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
  if (values.empty()) {
    measure.note = "no replication has anybody to say it of";
    return measure;
  }
  const Interval interval = MeanInterval(values);
  measure.mean = interval.mean;
  measure.low = interval.low;
  measure.high = interval.high;
  if (values.size() < replications.size()) {
    measure.note = absl::StrCat("of ", values.size(), " replications out of ",
                                replications.size());
  }
  return measure;
}

}  // namespace

Verdict Judge(const Protocol& protocol,
              const std::vector<Replication>& replications) {
  Verdict verdict;
  const auto say = [&](const std::string& text) {
    verdict.unstable = true;
    absl::StrAppend(&verdict.note, verdict.note.empty() ? "" : "; ", text);
  };
  for (size_t t = 0; t < replications[0].teams.size(); ++t) {
    const std::string& name = protocol.at(replications[0].teams[t].pool).id;
    std::vector<double> growth;
    double offered = 0, capacity = 0;
    for (const Replication& one : replications) {
      offered += one.teams[t].offered;
      capacity += one.teams[t].capacity;
      growth.push_back(one.teams[t].growth);
    }
    if (capacity <= 0) {
      if (offered > 0) say(absl::StrCat("team ", name, " has no minutes"));
      continue;
    }
    const Interval interval = MeanInterval(growth);
    const double mean_capacity =
        capacity / static_cast<double>(replications.size());
    if (offered >= capacity) {
      say(absl::StrCat("team ", name, " is offered ",
                       Fixed(100 * offered / capacity, 0),
                       " % of the minutes it has"));
    } else if (interval.mean > kGrowthShare * mean_capacity &&
               interval.low.value_or(interval.mean) > 0) {
      say(absl::StrCat("the queue of team ", name, " keeps growing"));
    }
  }
  return verdict;
}

void Reduce(const Protocol& protocol, const Plan& plan,
            const std::vector<Replication>& replications,
            SimulationResult& result) {
  const Verdict verdict = Judge(protocol, replications);
  for (size_t i = 0; i < replications[0].figures.size(); ++i) {
    SimulationMeasure measure = MeasureOf(replications, i);
    const bool of_wait = measure.name == "wait" && measure.unit == "days";
    if (verdict.unstable && of_wait) {
      measure.mean = measure.low = measure.high = std::nullopt;
      measure.note = absl::StrCat("unstable: ", verdict.note);
    }
    result.measures.push_back(std::move(measure));
  }
  for (uint32_t r = 0; r < replications.size(); ++r) {
    for (const Figure& figure : replications[r].figures) {
      result.replications.push_back(
          {r, figure.name, figure.stratum, figure.statistic, figure.value});
    }
    result.commands += replications[r].commands;
    result.events += replications[r].events;
    result.cases += replications[r].cases;
  }
  result.sentences = Sentences(plan, verdict, result);
}

}  // namespace stepwell::sim

namespace stepwell {

std::vector<SimulationMeasure> Compare(const SimulationResult& from,
                                       const SimulationResult& to) {
  std::vector<SimulationMeasure> differences;
  for (const SimulationMeasure& measure : to.measures) {
    const auto same = [&](const auto& row) {
      return row.name == measure.name && row.stratum == measure.stratum &&
             row.statistic == measure.statistic;
    };
    std::vector<double> values;
    size_t f = 0;
    for (const SimulationReplication& after : to.replications) {
      if (!same(after)) continue;
      while (f < from.replications.size() &&
             !(same(from.replications[f]) &&
               from.replications[f].replication == after.replication)) {
        ++f;
      }
      if (f == from.replications.size()) break;
      const auto& before = from.replications[f];
      if (before.value && after.value) {
        values.push_back(*after.value - *before.value);
      }
    }
    SimulationMeasure difference = measure;
    difference.mean = difference.low = difference.high = std::nullopt;
    difference.n = values.size();
    if (measure.mean && !values.empty()) {
      const sim::Interval interval = sim::MeanInterval(values);
      difference.mean = interval.mean;
      difference.low = interval.low;
      difference.high = interval.high;
      difference.note.clear();
    }
    differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace stepwell
