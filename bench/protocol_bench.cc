// A protocol document from its text, and the checks of the whole.
//   Compile/PROTOCOL   read, typed, guards compiled, hashed; no checks
//   Check/PROTOCOL     the same with every check: the difference is the checker
//   Parse/PROTOCOL     the floor: the JSON of the document and of what it
//                      imports, read and written canonically
//   Checker/PROTOCOL   the checker alone, in turn with Compile in one run
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "base/catalogue.h"
#include "json/json.h"
#include "protocol/load_stored.h"
#include "protocol/protocol.h"

namespace stepwell {
namespace {

std::string_view TextOf(const std::string& name) {
  return FindCatalogueFile("protocols/" + name + ".json");
}

template <class Load>
void RunLoad(benchmark::State& state, const std::string& name, Load load) {
  const auto catalogue = protocol::BuiltInCatalogue();
  const std::string_view text = TextOf(name);
  for (auto _ : state) {
    auto result = load(text, catalogue);
    if (!result.ok() || result->protocol == nullptr) {
      state.SkipWithError("the protocol does not load");
      return;
    }
    benchmark::DoNotOptimize(result);
  }
  state.counters["lines"] =
      static_cast<double>(std::count(text.begin(), text.end(), '\n'));
}

void BM_Compile(benchmark::State& state, const std::string& name) {
  RunLoad(state, name, protocol::LoadStored);
}

void BM_Check(benchmark::State& state, const std::string& name) {
  RunLoad(state, name, protocol::LoadProtocol);
}

// Pairs of loads, with and without the checks: what the machine does besides
// falls on both alike.
void BM_Checker(benchmark::State& state, const std::string& name) {
  using Clock = std::chrono::steady_clock;
  const auto catalogue = protocol::BuiltInCatalogue();
  const std::string_view text = TextOf(name);
  for (auto _ : state) {
    const auto start = Clock::now();
    benchmark::DoNotOptimize(protocol::LoadStored(text, catalogue));
    const auto middle = Clock::now();
    benchmark::DoNotOptimize(protocol::LoadProtocol(text, catalogue));
    const auto end = Clock::now();
    const std::chrono::duration<double> difference =
        (end - middle) - (middle - start);
    state.SetIterationTime(std::max(difference.count(), 0.0));
  }
}

void BM_Parse(benchmark::State& state, const std::string& name) {
  const auto loaded =
      protocol::LoadProtocol(TextOf(name), protocol::BuiltInCatalogue());
  const auto& protocol = *loaded->protocol;
  for (auto _ : state) {
    size_t bytes =
        json::Canonical(json::Parse(protocol.document)->root()).size();
    for (const auto& [path, text] : protocol.imports) {
      bytes += json::Canonical(json::Parse(text)->root()).size();
    }
    benchmark::DoNotOptimize(bytes);
  }
}

#define STEPWELL_PROTOCOL(name)                                              \
  BENCHMARK_CAPTURE(BM_Parse, name, #name)->Unit(benchmark::kMicrosecond);   \
  BENCHMARK_CAPTURE(BM_Compile, name, #name)->Unit(benchmark::kMicrosecond); \
  BENCHMARK_CAPTURE(BM_Check, name, #name)->Unit(benchmark::kMicrosecond);   \
  BENCHMARK_CAPTURE(BM_Checker, name, #name)                                 \
      ->UseManualTime()                                                      \
      ->Unit(benchmark::kMicrosecond)
STEPWELL_PROTOCOL(minimal);
STEPWELL_PROTOCOL(icbt_base);
STEPWELL_PROTOCOL(icbt_sweden);
#undef STEPWELL_PROTOCOL

}  // namespace
}  // namespace stepwell
