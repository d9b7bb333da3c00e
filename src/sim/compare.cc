// Two policies that met the same people: their differences, replication by
// replication.
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "sim/statistics.h"
#include "stepwell/simulation.h"

namespace stepwell {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;

template <class Row>
Key KeyOf(const Row& row) {
  return {row.name, row.stratum, row.statistic};
}

// The values by replication; what has no value is absent.
using Values = std::map<Key, std::map<uint32_t, double>>;
Values ValuesOf(const SimulationResult& result) {
  Values values;
  for (const SimulationReplication& row : result.replications) {
    if (row.value) values[KeyOf(row)][row.replication] = *row.value;
  }
  return values;
}

absl::Status CheckPair(const SimulationResult& from,
                       const SimulationResult& to) {
  for (const SimulationResult* result : {&from, &to}) {
    if (!result->ok) {
      return InvalidInput(
          "a result whose documents have errors cannot be compared");
    }
  }
  if (from.manifest.seed != to.manifest.seed) {
    return InvalidInput(absl::StrCat(
        "the seeds are ", from.manifest.seed, " and ", to.manifest.seed,
        ": only with the same seed both have the same people"));
  }
  if (from.manifest.replications != to.manifest.replications) {
    return InvalidInput(
        absl::StrCat("there are ", from.manifest.replications, " and ",
                     to.manifest.replications,
                     " replications: only the same number makes pairs"));
  }
  return absl::OkStatus();
}

void Fill(SimulationMeasure& difference,
          const std::map<uint32_t, double>& before,
          const std::map<uint32_t, double>& after) {
  std::vector<double> values;
  for (const auto& [replication, value] : after) {
    const auto it = before.find(replication);
    if (it != before.end()) values.push_back(value - it->second);
  }
  difference.n = values.size();
  if (values.empty()) return;
  sim::Limits limits;  // of two shares; other amounts have no largest
  if (difference.unit == "share" && difference.name != "load") {
    limits = {-1, 1};
  }
  const sim::Interval interval = sim::Within(sim::MeanInterval(values), limits);
  difference.mean = interval.mean;
  difference.low = interval.low;
  difference.high = interval.high;
}

}  // namespace

absl::StatusOr<SimulationComparison> Compare(const SimulationResult& from,
                                             const SimulationResult& to) {
  STEPWELL_RETURN_IF_ERROR(CheckPair(from, to));
  std::map<Key, const SimulationMeasure*> known;
  for (const SimulationMeasure& measure : from.measures) {
    known[KeyOf(measure)] = &measure;
  }
  Values before = ValuesOf(from), after = ValuesOf(to);
  SimulationComparison comparison;
  comparison.from = from.manifest;
  comparison.to = to.manifest;
  for (const SimulationMeasure& measure : to.measures) {
    const Key key = KeyOf(measure);
    SimulationMeasure difference = measure;
    difference.mean = difference.low = difference.high = std::nullopt;
    difference.n = 0;
    difference.note.clear();
    const auto it = known.find(key);
    if (it == known.end()) {
      difference.note = "there is no such measure (before)";
    } else if (!it->second->mean) {
      difference.note = absl::StrCat(it->second->note, " (before)");
    } else if (!measure.mean) {
      difference.note = absl::StrCat(measure.note, " (after)");
    } else {
      Fill(difference, before[key], after[key]);
      difference.note = measure.note;
      if (difference.note.empty()) difference.note = it->second->note;
    }
    comparison.measures.push_back(std::move(difference));
  }
  return comparison;
}

}  // namespace stepwell
