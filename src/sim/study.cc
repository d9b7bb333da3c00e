#include "sim/study.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace stepwell::sim {
namespace {

// A replication counts as so many units of progress.
constexpr uint64_t kUnits = 100;

// What the threads of one study share. Each replication is claimed by its
// number and stored under it.
class Pool {
 public:
  Pool(const Protocol& protocol, const Plan& plan, const StudyOptions& options)
      : protocol_(protocol),
        plan_(plan),
        options_(options),
        done_(options.replications),
        results_(options.replications) {
    for (auto& done : done_) done = 0;
  }

  // Works until no replication is left; `tick` is called now and then.
  void Work(const std::function<void()>& tick) {
    while (!cancelled_) {
      const uint32_t index = next_.fetch_add(1);
      if (index >= options_.replications) break;
      results_[index] = RunOne(index, tick);
      done_[index] = kUnits;
      if (!results_[index]->ok()) cancelled_ = true;
      tick();
    }
  }

  void Report() {
    if (!options_.progress) return;
    uint64_t done = 0;
    for (const auto& one : done_) done += one;
    // Never backwards, though the counters move while they are read.
    reported_ = std::max(reported_, done);
    if (!options_.progress(reported_, kUnits * options_.replications)) {
      cancelled_ = stopped_ = true;
    }
  }

  absl::StatusOr<std::vector<Replication>> Take() {
    if (stopped_) return absl::CancelledError("the simulation was cancelled");
    std::vector<Replication> all;
    for (auto& result : results_) {
      if (!result) continue;  // behind one that failed
      if (!result->ok()) return result->status();
      all.push_back(*std::move(*result));
    }
    return all;
  }

 private:
  absl::StatusOr<Replication> RunOne(uint32_t index,
                                     const std::function<void()>& tick) {
    SimulatorOptions options;
    options.random = {options_.seed, index};
    options.go_on = [&](double share) {
      done_[index] = static_cast<uint64_t>(share * kUnits);
      tick();
      return !cancelled_;
    };
    try {
      return Simulator(protocol_, plan_, options).Run();
    } catch (const std::bad_alloc&) {
      return TooLarge("the simulation needs more memory than there is");
    } catch (const std::exception& error) {
      return Internal(absl::StrCat("the simulation failed: ", error.what()));
    }
  }

  const Protocol& protocol_;
  const Plan& plan_;
  const StudyOptions& options_;
  std::atomic<uint32_t> next_{0};
  std::atomic<bool> cancelled_{false};
  bool stopped_ = false;  // by the caller; written by its thread only
  uint64_t reported_ = 0;
  std::vector<std::atomic<uint64_t>> done_;
  std::vector<std::optional<absl::StatusOr<Replication>>> results_;
};

void RunOnThreads(Pool& pool, uint32_t threads) {
  std::mutex mutex;
  std::condition_variable over;
  uint32_t running = threads;
  std::vector<std::thread> workers;
  for (uint32_t i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      pool.Work([] {});
      const std::lock_guard<std::mutex> lock(mutex);
      --running;
      over.notify_one();
    });
  }
  {
    std::unique_lock<std::mutex> lock(mutex);
    while (running > 0) {
      over.wait_for(lock, std::chrono::milliseconds(50));
      lock.unlock();
      pool.Report();
      lock.lock();
    }
  }
  for (std::thread& worker : workers) worker.join();
}

}  // namespace

absl::StatusOr<std::vector<Replication>> Replicate(
    const Protocol& protocol, const Plan& plan, const StudyOptions& options) {
  Pool pool(protocol, plan, options);
  const uint32_t threads = std::min(options.threads, options.replications);
  if (threads <= 1) {
    pool.Work([&] { pool.Report(); });
  } else {
    RunOnThreads(pool, threads);
  }
  return pool.Take();
}

}  // namespace stepwell::sim
