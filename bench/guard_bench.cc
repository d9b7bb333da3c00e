// The guards of the shipped protocols over the engine's case view.
//   Guard/PROTOCOL     all guards of a protocol over cases of any content, a
//                      guard an iteration; "allocations" must be 0
//   Slowest/PROTOCOL   the guard that takes longest; its text is the label
//   Compile/PROTOCOL   a guard from its text, the mean of all
//   Floor              one guard written in C++ over the same cases
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agreement/random_case.h"
#include "allocations.h"
#include "base/catalogue.h"
#include "engine/view.h"
#include "protocol/case_view_model.h"
#include "protocol/protocol.h"

namespace stepwell {
namespace {

namespace fp = ::stepwell::fhirpath;
using protocol::Guard;

constexpr size_t kCases = 64;

class Shipped {
 public:
  explicit Shipped(const std::string& name) {
    auto loaded =
        protocol::LoadProtocol(FindCatalogueFile("protocols/" + name + ".json"),
                               protocol::BuiltInCatalogue());
    protocol_ = loaded->protocol;
    for (const auto& rule : protocol_->rules) Add(rule.guard);
    for (const auto& element : protocol_->elements) {
      Add(element.when);
      for (const auto& criterion : element.criteria) Add(criterion.guard);
    }
    for (const auto& rule : protocol_->risk.screen_rules) Add(rule.guard);
    RandomCase random(*protocol_, 7);
    for (size_t i = 0; i < kCases; ++i) cases_.push_back(random.Make());
    for (const auto& state : cases_) views_.emplace_back(*protocol_, state);
  }

  const protocol::Protocol& protocol() const { return *protocol_; }
  const std::vector<const Guard*>& guards() const { return guards_; }
  const std::vector<engine::CaseState>& cases() const { return cases_; }

  // False: the guard failed, which is not what is measured.
  bool Evaluate(const Guard& guard, size_t which) {
    const fp::Source* sources[] = {&views_[which]};
    fp::EvaluateOptions options;
    options.sources = sources;
    return fp::EvaluateTruth(*guard.program, {0, 0}, options, &scratch_).ok();
  }

 private:
  void Add(const Guard& guard) {
    if (guard.program != nullptr) guards_.push_back(&guard);
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  std::vector<const Guard*> guards_;
  std::vector<engine::CaseState> cases_;
  std::vector<engine::CaseView> views_;
  fp::Scratch scratch_;
};

void BM_Guard(benchmark::State& state, const std::string& name) {
  Shipped shipped(name);
  size_t n = 0;
  bool fine = true;
  const auto next = [&] {
    const size_t guard = n % shipped.guards().size();
    const size_t which = n / shipped.guards().size() % kCases;
    ++n;
    fine &= shipped.Evaluate(*shipped.guards()[guard], which);
  };
  for (size_t i = 0; i < kCases * shipped.guards().size(); ++i) next();
  state.SetLabel(std::to_string(shipped.guards().size()) + " guards");
  if (!fine) return state.SkipWithError("a guard cannot be evaluated");
  {
    const CountAllocations count(state);
    for (auto _ : state) next();
  }
  if (!fine) state.SkipWithError("a guard cannot be evaluated");
}

void BM_Slowest(benchmark::State& state, const std::string& name) {
  Shipped shipped(name);
  const Guard* slowest = nullptr;
  std::chrono::nanoseconds longest{0};
  for (const Guard* guard : shipped.guards()) {
    auto best = std::chrono::nanoseconds::max();
    for (int round = 0; round < 20; ++round) {
      bool fine = true;
      const auto begin = std::chrono::steady_clock::now();
      for (size_t i = 0; i < kCases; ++i) fine &= shipped.Evaluate(*guard, i);
      if (!fine) return state.SkipWithError(guard->text.c_str());
      best = std::min<std::chrono::nanoseconds>(
          best, std::chrono::steady_clock::now() - begin);
    }
    if (best <= longest) continue;
    longest = best;
    slowest = guard;
  }
  state.SetLabel(slowest->text);
  size_t n = 0;
  const CountAllocations count(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(shipped.Evaluate(*slowest, n++ % kCases));
  }
}

void BM_Compile(benchmark::State& state, const std::string& name) {
  const Shipped shipped(name);
  const protocol::CaseViewModel model(shipped.protocol());
  fp::CompileOptions options;
  options.model = &model;
  options.root_type = protocol::kCaseViewType;
  size_t n = 0;
  for (auto _ : state) {
    const auto& guards = shipped.guards();
    benchmark::DoNotOptimize(
        fp::Compile(guards[n++ % guards.size()]->text, options));
  }
}

const bool registered = [] {
  for (const std::string name : {"icbt_base", "icbt_sweden", "minimal"}) {
    benchmark::RegisterBenchmark(("Guard/" + name).c_str(), BM_Guard, name);
    benchmark::RegisterBenchmark(("Slowest/" + name).c_str(), BM_Slowest, name);
    benchmark::RegisterBenchmark(("Compile/" + name).c_str(), BM_Compile, name);
  }
  return true;
}();

// facts.age >= 18, by hand.
void BM_Floor(benchmark::State& state) {
  const Shipped shipped("icbt_sweden");
  const uint16_t age = shipped.protocol().FindFact("age").value;
  size_t n = 0;
  for (auto _ : state) {
    bool adult = false;
    for (const auto& fact : shipped.cases()[n++ % kCases].facts) {
      if (fact.fact.value == age) adult = fact.value.number >= 18;
    }
    benchmark::DoNotOptimize(adult);
  }
}
BENCHMARK(BM_Floor);

}  // namespace
}  // namespace stepwell
