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
#include <utility>

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

  // No further replication is begun, and those that run end early.
  void Stop() { cancelled_ = true; }

  // Called by the thread of the caller only.
  void Report() {
    if (!options_.progress || !stopped_.ok()) return;
    uint64_t done = 0;
    for (const auto& one : done_) done += one;
    // Never backwards, though the counters move while they are read.
    reported_ = std::max(reported_, done);
    try {
      if (options_.progress(reported_, kUnits * options_.replications)) return;
      stopped_ = absl::CancelledError("the simulation was cancelled");
    } catch (const std::exception& error) {
      stopped_ = Internal(absl::StrCat("the progress threw: ", error.what()));
    } catch (...) {
      stopped_ = Internal("the progress threw what is no std::exception");
    }
    cancelled_ = true;
  }

  absl::StatusOr<std::vector<Replication>> Take() {
    STEPWELL_RETURN_IF_ERROR(stopped_);
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
  absl::Status stopped_;  // by the caller; written by its thread only
  uint64_t reported_ = 0;
  std::vector<std::atomic<uint64_t>> done_;
  std::vector<std::optional<absl::StatusOr<Replication>>> results_;
};

// Threads beside the caller's. However the scope is left, they are told to stop
// and joined: none outlives the call.
class Helpers {
 public:
  explicit Helpers(Pool& pool) : pool_(pool) {}
  ~Helpers() {
    pool_.Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  // Starts `wanted` of them, or as many as the system gives: the results do not
  // depend on how many there are.
  void Start(uint32_t wanted, const ThreadStarter& start) {
    threads_.reserve(wanted);
    for (uint32_t i = 0; i < wanted; ++i) {
      try {
        running_.fetch_add(1);
        threads_.push_back(start([this] { Run(); }));
      } catch (const std::exception&) {
        running_.fetch_sub(1);
        return;
      }
    }
  }

  // Until all have run out of work; `tick` is called now and then, and last.
  void Wait(const std::function<void()>& tick) {
    if (threads_.empty()) return;
    bool over = false;
    while (!over) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        over = over_.wait_for(lock, std::chrono::milliseconds(50),
                              [this] { return running_ == 0; });
      }
      tick();
    }
  }

 private:
  void Run() {
    pool_.Work([] {});
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.fetch_sub(1);
    over_.notify_one();
  }

  Pool& pool_;
  std::mutex mutex_;
  std::condition_variable over_;
  std::atomic<uint32_t> running_{0};
  std::vector<std::thread> threads_;
};

std::thread StartThread(std::function<void()> work) {
  return std::thread(std::move(work));
}

}  // namespace

absl::StatusOr<std::vector<Replication>> Replicate(
    const Protocol& protocol, const Plan& plan, const StudyOptions& options) {
  Pool pool(protocol, plan, options);
  const uint32_t threads = std::min(options.threads, options.replications);
  const auto report = [&pool] { pool.Report(); };
  {
    Helpers helpers(pool);
    if (threads > 1) {
      helpers.Start(threads - 1,
                    options.start_thread ? options.start_thread : StartThread);
    }
    pool.Work(report);
    helpers.Wait(report);
  }
  return pool.Take();
}

}  // namespace stepwell::sim
