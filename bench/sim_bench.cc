// The simulator beside its floors of the same run.
//
//   BM_KernelBare      M/M/3 at rho 0.9 as a bare loop: std::priority_queue,
//                      xoshiro256**, std::log; the floor of the kernel
//   BM_Kernel          the same with the simulator's calendar, Philox and Log
//   BM_Year            a year of the shipped service through the full engine
//                      on one thread; BM_YearTwoThreads on two
#include <benchmark/benchmark.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include "protocol/protocol.h"
#include "sim/event_calendar.h"
#include "sim/numbers.h"
#include "sim/plan.h"
#include "sim/study.h"
#include "stepwell/service.h"

namespace stepwell::sim {
namespace {

constexpr double kArrivalRate = 2.7, kServiceRate = 1.0;
constexpr int kServers = 3;
constexpr int kCustomers = 1'000'000;

class Xoshiro {
 public:
  explicit Xoshiro(uint64_t seed) {
    for (uint64_t& word : s_) {
      seed += 0x9E3779B97F4A7C15u;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      word = z ^ (z >> 31);
    }
  }
  double Uniform() {
    const uint64_t result = std::rotl(s_[1] * 5, 7) * 9;
    const uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = std::rotl(s_[3], 45);
    return static_cast<double>((result >> 11) + 1) * 0x1p-53;
  }

 private:
  std::array<uint64_t, 4> s_{};
};

// Exactly two events a customer: they come, and they go.
void BM_KernelBare(benchmark::State& state) {
  struct Event {
    double at;
    bool arrival;
    bool operator<(const Event& other) const { return at > other.at; }
  };
  double wait = 0;
  for (auto _ : state) {
    Xoshiro random(1);
    std::priority_queue<Event> events;
    std::deque<double> queue;
    int busy = 0, come = 0;
    wait = 0;
    const auto gap = [&](double rate) {
      return -std::log(random.Uniform()) / rate;
    };
    events.push({gap(kArrivalRate), true});
    while (!events.empty()) {
      const Event event = events.top();
      events.pop();
      if (event.arrival) {
        if (++come < kCustomers) {
          events.push({event.at + gap(kArrivalRate), true});
        }
        if (busy < kServers) {
          ++busy;
          events.push({event.at + gap(kServiceRate), false});
        } else {
          queue.push_back(event.at);
        }
      } else if (queue.empty()) {
        --busy;
      } else {
        wait += event.at - queue.front();
        queue.pop_front();
        events.push({event.at + gap(kServiceRate), false});
      }
    }
  }
  state.counters["mean_wait"] = wait / kCustomers;
  state.SetItemsProcessed(state.iterations() * kCustomers);
}
BENCHMARK(BM_KernelBare)->Unit(benchmark::kMillisecond);

void BM_Kernel(benchmark::State& state) {
  double wait = 0;
  const Distribution gap{Distribution::Kind::kExponential, 1 / kArrivalRate, 0};
  const Distribution service{Distribution::Kind::kExponential, 1 / kServiceRate,
                             0};
  for (auto _ : state) {
    const RandomStream random{1, 0};
    EventCalendar<uint32_t> calendar;  // a customer, or kGoes
    constexpr uint32_t kGoes = UINT32_MAX;
    std::deque<std::pair<Instant, uint32_t>> queue;
    int busy = 0;
    int64_t waited = 0;
    const auto after = [](Instant at, double hours) {
      return at + Microseconds(RoundToInt(hours * 3600e6));
    };
    const auto come = [&](uint32_t customer, Instant at) {
      const double u = UniformOpen(random.Words(1, 1, customer));
      calendar.Add(after(at, gap.Sample(u)), 1, customer);
    };
    const auto serve = [&](uint32_t customer, Instant at) {
      const double u = UniformOpen(random.Words(customer, 2, 0));
      calendar.Add(after(at, service.Sample(u)), 0, kGoes);
    };
    come(0, Instant{0});
    while (!calendar.empty()) {
      const auto entry = calendar.Take();
      if (entry.what != kGoes) {
        if (entry.what + 1 < kCustomers) come(entry.what + 1, entry.at);
        if (busy < kServers) {
          ++busy;
          serve(entry.what, entry.at);
        } else {
          queue.push_back({entry.at, entry.what});
        }
      } else if (queue.empty()) {
        --busy;
      } else {
        waited += (entry.at - queue.front().first).us;
        serve(queue.front().second, entry.at);
        queue.pop_front();
      }
    }
    wait = static_cast<double>(waited) / 3600e6;
  }
  state.counters["mean_wait"] = wait / kCustomers;
  state.SetItemsProcessed(state.iterations() * kCustomers);
}
BENCHMARK(BM_Kernel)->Unit(benchmark::kMillisecond);

// The shipped plan. Commands a second; events of the log beside them.
void Year(benchmark::State& state, uint32_t threads) {
  const auto read =
      protocol::LoadProtocol(*CatalogueDocument("protocols/icbt_sweden.json"),
                             protocol::BuiltInCatalogue());
  const auto loaded = LoadPlan(*CatalogueDocument("plans/icbt_sweden.json"), {},
                               read->protocol);
  StudyOptions options;
  options.replications = 4;
  options.threads = threads;
  uint64_t commands = 0, events = 0;
  for (auto _ : state) {
    const auto all = Replicate(*loaded->protocol, *loaded->plan, options);
    for (const Replication& one : *all) {
      commands += one.commands;
      events += one.events;
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(commands));
  state.counters["log_events"] = benchmark::Counter(
      static_cast<double>(events), benchmark::Counter::kIsRate);
}
void BM_Year(benchmark::State& state) { Year(state, 1); }
void BM_YearTwoThreads(benchmark::State& state) { Year(state, 2); }
BENCHMARK(BM_Year)->Unit(benchmark::kMillisecond);  // processor time
BENCHMARK(BM_YearTwoThreads)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace stepwell::sim
