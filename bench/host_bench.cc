// BM_QuestionnaireJson: a questionnaire as JSON in, its reply as JSON out,
//   through the public face on the memory store.
// BM_ParseBare: the floor of the same run: the same bytes parsed by Boost.JSON
//   and serialised again.
#include <benchmark/benchmark.h>

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "must.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"

namespace stepwell {
namespace {

constexpr int kCases = 500;

Reply Send(Service& service, const std::string& command, Instant now) {
  auto reply = service.Submit(command, now);
  if (!reply.ok()) Die(std::string(reply.status().message()));
  if (reply->kind != Reply::Kind::kAccepted) Die(reply->reason);
  return *std::move(reply);
}

std::string Questionnaire(const std::string& case_id, int n) {
  const std::string id = std::to_string(n);
  return "{\"id\":\"q" + id +
         "\",\"command\":\"submit_response\",\"actor\":{\"role\":\"patient\"},"
         "\"case\":\"" +
         case_id + "\",\"response_id\":\"r" + id +
         "\",\"instrument\":\"phq9\",\"answers\":{\"q1\":1,\"q2\":2,\"q3\":1,"
         "\"q4\":2,\"q5\":0,\"q6\":1,\"q7\":0,\"q8\":0,\"q9\":0},"
         "\"at\":\"2026-03-02T09:00:00Z\"}";
}

// Each case answers the questionnaire of its screening: one response a case.
void BM_QuestionnaireJson(benchmark::State& state) {
  const Instant now = *TimeFromText("2026-03-02T09:00:00Z");
  for (auto _ : state) {
    state.PauseTiming();
    auto service = Service::Create(
        "memory:", {"catalogue:icbt_base", "default", true}, now);
    if (!service.ok()) Die(std::string(service.status().message()));
    std::vector<std::string> commands;
    for (int i = 0; i < kCases; ++i) {
      const std::string n = std::to_string(i);
      const std::string person = "\"person\":{\"system\":\"s\",\"value\":\"" +
                                 n +
                                 "\"},"
                                 "\"actor\":{\"role\":\"integration\"}";
      Send(**service,
           "{\"id\":\"p" + n + "\",\"command\":\"register_person\"," + person +
               "}",
           now);
      const Reply opened =
          Send(**service,
               "{\"id\":\"r" + n + "\",\"command\":\"receive_referral\"," +
                   person + ",\"route\":\"self\"}",
               now);
      commands.push_back(Questionnaire(opened.case_id, i));
    }
    state.ResumeTiming();
    for (const std::string& command : commands) {
      benchmark::DoNotOptimize(ToJson(Send(**service, command, now)));
    }
  }
  state.SetItemsProcessed(state.iterations() * kCases);
}
BENCHMARK(BM_QuestionnaireJson)->Unit(benchmark::kMicrosecond);

void BM_ParseBare(benchmark::State& state) {
  const std::string text = Questionnaire("0123456789ABC", 1);
  for (auto _ : state) {
    for (int i = 0; i < kCases; ++i) {
      const boost::json::value value = boost::json::parse(text);
      benchmark::DoNotOptimize(boost::json::serialize(value));
    }
  }
  state.SetItemsProcessed(state.iterations() * kCases);
}
BENCHMARK(BM_ParseBare)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace stepwell
