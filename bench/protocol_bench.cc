// A protocol document from its text, and the checks of the whole.
//   Compile/PROTOCOL   read, typed, guards compiled, hashed; no checks
//   Check/PROTOCOL     the same with every check: the difference is the checker
//   Parse/PROTOCOL     the floor: the JSON of the document and of what it
//                      imports, read and written canonically
//   Checker/PROTOCOL   the checker alone, in turn with Compile in one run
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
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

// Batches with and without the checks in turn, in processor time: what the
// machine does besides falls on neither.
void BM_Checker(benchmark::State& state, const std::string& name) {
  constexpr int kBatch = 16;
  const auto catalogue = protocol::BuiltInCatalogue();
  const std::string_view text = TextOf(name);
  for (auto _ : state) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(protocol::LoadStored(text, catalogue));
    }
    const std::clock_t middle = std::clock();
    for (int i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(protocol::LoadProtocol(text, catalogue));
    }
    const std::clock_t more = (std::clock() - middle) - (middle - start);
    state.SetIterationTime(std::max(static_cast<double>(more), 0.0) /
                           CLOCKS_PER_SEC / kBatch);
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

void Register(const std::string& name) {
  using Bench = void (*)(benchmark::State&, const std::string&);
  const auto add = [&](const char* what, Bench bench) {
    return benchmark::RegisterBenchmark((what + ("/" + name)).c_str(), bench,
                                        name)
        ->Unit(benchmark::kMicrosecond);
  };
  add("BM_Parse", BM_Parse);
  add("BM_Compile", BM_Compile);
  add("BM_Check", BM_Check);
  add("BM_Checker", BM_Checker)->UseManualTime()->Iterations(20);
}

const int registered = [] {
  for (const char* name : {"minimal", "icbt_base", "icbt_sweden"}) {
    Register(name);
  }
  return 0;
}();

}  // namespace
}  // namespace stepwell
