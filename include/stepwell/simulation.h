// Simulation: the same protocol, engine and worklists under a virtual clock,
// with virtual patients and therapists that a plan describes
// (docs/formats/plan.md). What opening self-referral, a therapist on leave or a
// changed protocol would do to waits, minutes and alerts, before it is done.
//
//   stepwell::SimulationOptions options;
//   options.protocol = "catalogue:icbt_sweden";
//   options.plan = "catalogue:icbt_sweden";
//   options.set = {{"arrivals.self.per_year", "3000"}};
//   options.threads = 2;
//   auto result = stepwell::Simulate(options);
//
// Nothing here reads a clock or touches a store: a simulated effect reaches
// nobody. The same options but `threads` and `progress` give the same bytes on
// any machine. Two runs with the same seed give the same virtual patients,
// whatever else differs: their difference is that of the policies alone.
#ifndef STEPWELL_SIMULATION_H_
#define STEPWELL_SIMULATION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/issue.h"

namespace stepwell {

struct SimulationResult;

struct SimulationOptions {
  // A protocol document (JSON) or "catalogue:NAME".
  std::string protocol;
  // A plan document (JSON) or "catalogue:NAME".
  std::string plan;
  // Values put into the plan before it is checked, in this order: a path
  // ("arrivals.self.per_year": members by name, elements of lists by their id)
  // and a JSON value.
  std::vector<std::pair<std::string, std::string>> set;
  uint32_t replications = 20;  // 1 to 10,000
  uint64_t seed = 1;           // below 2^32: names the experiment
  // Threads that share the replications, 1 to 256: the caller's and others,
  // which are joined before the call returns. When the system gives fewer, the
  // work goes on with those; the result does not depend on their number.
  uint32_t threads = 1;
  // An earlier result, alive during the call: the new one tells how it differs
  // (SimulationResult::against). The same seed and number of replications, so
  // that both have the same people; otherwise kInvalidArgument at once.
  const SimulationResult* against = nullptr;
  // Told now and then how much is done; false cancels. Called on the thread
  // that called Simulate, never by two threads at once.
  std::function<bool(uint64_t done, uint64_t total)> progress;
};

// One figure over all replications with its 95 % interval: Student's t, drawn
// to what can be (a share lies between 0 and 1, a count is not negative).
struct SimulationMeasure {
  std::string name;       // "wait"
  std::string stratum;    // "referral to start"
  std::string statistic;  // "mean", "p90", "share_within_6_weeks"
  std::string unit;       // "days"
  // Absent: there is no such figure, and `note` says why (an unstable service,
  // a replication in which nobody reached the stage).
  std::optional<double> mean, low, high;
  uint64_t n = 0;  // replications that gave a value
  std::string note;
};

// The value of one replication; absent when it gave none, and for the waits of
// an unstable service.
struct SimulationReplication {
  uint32_t replication = 0;
  std::string name, stratum, statistic;
  std::optional<double> value;
};

// What it takes to get the same result again.
struct SimulationManifest {
  std::string protocol, protocol_hash;  // "icbt_sweden@1"
  std::string plan, plan_hash;          // the hash is of the plan after `set`
  uint64_t seed = 0;
  uint32_t replications = 0;
  std::string version, tzdata;  // of the library
};

// What a result was compared with.
struct SimulationAgainst {
  SimulationManifest manifest;
  std::vector<SimulationMeasure> measures;
  // This result's less those; see Compare.
  std::vector<SimulationMeasure> differences;
};

struct SimulationResult {
  // False: the protocol or the plan has errors, and nothing was simulated.
  bool ok = false;
  Issues protocol_issues, plan_issues;
  std::vector<SimulationMeasure> measures;
  std::vector<SimulationReplication> replications;
  // Over all replications.
  uint64_t commands = 0, events = 0, cases = 0;
  SimulationManifest manifest;
  // What a manager should know, one sentence each.
  std::vector<std::string> sentences;
  std::optional<SimulationAgainst> against;  // when it was asked for
};

// Blocks until done. A Status means that it could not be done: a text that is
// no JSON (kInvalidArgument), an option out of range, kCancelled. Mistakes in
// the documents are issues in the result. Any thread; no state is shared.
absl::StatusOr<SimulationResult> Simulate(const SimulationOptions& options);

// How two policies differ. A measure is that of `to` less that of `from`; one
// that either of them has no mean of has none here, and its note says why.
struct SimulationComparison {
  SimulationManifest from, to;
  std::vector<SimulationMeasure> measures;
};

// The differences, replication by replication: with the same seed both have
// the same people, so the intervals are those of paired values (Student's t),
// mostly narrower than the two alone would give. kInvalidArgument when seeds or
// numbers of replications differ, or when one of the results is not ok.
absl::StatusOr<SimulationComparison> Compare(const SimulationResult& from,
                                             const SimulationResult& to);

// A plan checked against its protocol, without simulating.
struct PlanCheck {
  bool ok = false;
  std::string plan, hash;  // "icbt_sweden@1"; after `set`
  Issues protocol_issues, plan_issues;
};
// Reads `protocol`, `plan` and `set` only.
absl::StatusOr<PlanCheck> CheckPlan(const SimulationOptions& options);

// Canonical JSON (docs/reference/cli.md): the same result, the same bytes.
std::string ToJson(const SimulationResult& result);
std::string ToJson(const PlanCheck& check);

}  // namespace stepwell

#endif  // STEPWELL_SIMULATION_H_
