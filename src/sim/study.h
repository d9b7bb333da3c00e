// A study: replications of one plan on any number of threads, reduced in the
// order of their numbers, so that the result does not depend on the threads.
#ifndef STEPWELL_SIM_STUDY_H_
#define STEPWELL_SIM_STUDY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/simulator.h"
#include "stepwell/simulation.h"

namespace stepwell::sim {

// Starts a thread that does this work; throws when the system gives none.
using ThreadStarter = std::function<std::thread(std::function<void()>)>;

struct StudyOptions {
  uint32_t replications = 20;
  uint32_t seed = 1;
  // With the caller's, which works too. When fewer can be started, fewer work:
  // the results are the same.
  uint32_t threads = 1;
  ThreadStarter start_thread;  // empty: std::thread; set by tests
  // As SimulationOptions::progress.
  std::function<bool(uint64_t done, uint64_t total)> progress;
};

// Every replication by its number. kCancelled when `progress` said so; else
// the status of the first replication that failed.
absl::StatusOr<std::vector<Replication>> Replicate(const Protocol& protocol,
                                                   const Plan& plan,
                                                   const StudyOptions& options);

// Measures, replications, counts and sentences of `result`.
void Reduce(const Protocol& protocol, const Plan& plan,
            const std::vector<Replication>& replications,
            SimulationResult& result);

// A service that cannot keep up, and why that is said (verdict.cc).
struct Verdict {
  bool unstable = false;
  std::string note;
  void Say(const std::string& text);
};
Verdict Judge(const Protocol& protocol, const Plan& plan,
              const std::vector<Replication>& replications);

// What a manager should know (sentences.cc).
std::vector<std::string> Sentences(const Plan& plan, const Verdict& verdict,
                                   const SimulationResult& result);

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_STUDY_H_
