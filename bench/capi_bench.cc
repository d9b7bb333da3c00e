// BM_SubmitC: a command through the C interface (libstepwell.so), its reply a
//   text of the caller's; and, in turn with it, the floor: the same command to
//   the same kind of service through stepwell::Service, its reply as JSON.
//   added_ns is what C adds to one command: the median of the differences of
//   turns, in processor time. The commands were sent before: a repeated
//   command is the shortest submit that there is, so that the border shows
//   most.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "stepwell.h"
#include "stepwell/service.h"

namespace {

constexpr int64_t kNow = 1'772'442'000'000'000;
constexpr char kProtocol[] = "catalogue:icbt_base";
constexpr int kBatch = 100;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::abort();
}

std::vector<std::string> Commands() {
  std::vector<std::string> commands;
  for (int i = 0; i < kBatch; ++i) {
    const std::string n = std::to_string(i);
    commands.push_back(
        R"({"id":"p)" + n +
        R"(","actor":{"role":"integration"},"command":"register_person",)"
        R"("person":{"system":"urn:clinic","value":")" +
        n + "\"}}");
  }
  return commands;
}

stepwell_service* NewC() {
  stepwell_service_options options = {};
  options.struct_size = sizeof options;
  options.store_url = "memory:";
  options.store_url_len = 7;
  options.protocol = kProtocol;
  options.protocol_len = sizeof kProtocol - 1;
  options.flags = STEPWELL_SERVICE_PROTOTYPE;
  stepwell_service* service = nullptr;
  if (stepwell_service_create(&options, kNow, &service, nullptr) !=
      STEPWELL_OK) {
    Die("no service");
  }
  return service;
}

void RunC(stepwell_service* service, const std::vector<std::string>& commands) {
  for (const std::string& command : commands) {
    char* reply = nullptr;
    size_t len = 0;
    if (stepwell_service_submit(service, kNow, command.data(), command.size(),
                                &reply, &len, nullptr) != STEPWELL_OK) {
      Die("submit");
    }
    benchmark::DoNotOptimize(reply);
    stepwell_string_free(reply);
  }
}

void RunCxx(stepwell::Service& service,
            const std::vector<std::string>& commands) {
  for (const std::string& command : commands) {
    const auto reply = service.Submit(command, {kNow});
    if (!reply.ok()) Die(std::string(reply.status().message()));
    benchmark::DoNotOptimize(ToJson(*reply));
  }
}

std::unique_ptr<stepwell::Service> NewCxx() {
  auto service = stepwell::Service::Create(
      "memory:", {kProtocol, "default", true}, {kNow});
  if (!service.ok()) Die(std::string(service.status().message()));
  return *std::move(service);
}

double ThreadNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 +
         static_cast<double>(now.tv_nsec);
}

// Nanoseconds of this thread for one run of the batch, a command.
template <class Body>
double Timed(const Body& body) {
  const double start = ThreadNanoseconds();
  body();
  return (ThreadNanoseconds() - start) / kBatch;
}

double Median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void BM_SubmitC(benchmark::State& state) {
  const std::vector<std::string> commands = Commands();
  stepwell_service* service = NewC();
  const auto cxx = NewCxx();
  RunC(service, commands);
  RunCxx(*cxx, commands);
  std::vector<double> c, plain, added;
  for (auto _ : state) {
    c.push_back(Timed([&] { RunC(service, commands); }));
    plain.push_back(Timed([&] { RunCxx(*cxx, commands); }));
    added.push_back(c.back() - plain.back());
  }
  stepwell_service_free(service);
  state.counters["c_ns"] = Median(c);
  state.counters["cxx_ns"] = Median(plain);
  state.counters["added_ns"] = Median(added);
  state.counters["ratio"] = Median(c) / Median(plain);
}
BENCHMARK(BM_SubmitC)->Unit(benchmark::kMillisecond);

}  // namespace
