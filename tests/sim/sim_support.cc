#include "sim/sim_support.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "protocol/protocol.h"
#include "support/shared_data.h"

namespace stepwell::sim {
namespace {

constexpr char kPrefix[] = "catalogue:";

std::string TextOf(const std::string& given, const char* folder) {
  if (given.rfind(kPrefix, 0) != 0) return given;
  return CatalogueText(
      absl::StrCat(folder, "/", given.substr(sizeof(kPrefix) - 1), ".json"));
}

}  // namespace

json::Document QueueingVectors() {
  auto document =
      json::Parse(testing::ReadFileText(testing::SharedPath(kQueueingVectors)));
  return *std::move(document);
}

json::Value VectorOf(const json::Document& vectors, const std::string& id) {
  for (const json::Value vector :
       json::Children(vectors.root().Find("vectors"))) {
    if (vector.Find("id").string_value() == id) return vector;
  }
  ADD_FAILURE() << "no vector " << id;
  return {};
}

std::string CatalogueText(const std::string& path) {
  return std::string(FindCatalogueFile(path));
}

Loaded LoadBoth(const std::string& protocol, const std::string& plan,
                const Settings& settings) {
  Loaded loaded;
  const auto read = protocol::LoadProtocol(TextOf(protocol, "protocols"),
                                           protocol::BuiltInCatalogue());
  if (!read.ok() || read->protocol == nullptr) {
    ADD_FAILURE() << "the protocol does not load: "
                  << (read.ok() ? read->issues[0].message
                                : std::string(read.status().message()));
    return loaded;
  }
  const auto result = LoadPlan(TextOf(plan, "plans"), settings, read->protocol);
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    return loaded;
  }
  loaded.protocol = result->protocol;
  loaded.plan = result->plan;
  loaded.issues = result->issues;
  return loaded;
}

std::string QueueProtocol() {
  return R"({
    "protocol": "queue", "version": "1", "status": "draft",
    "author": "The Stepwell authors", "zone": "UTC",
    "title": {"en": "One piece of work a person"},
    "imports": {"pools": {"team": "team@1"},
                "calendars": {"always": "always@1"}},
    "routes": [{"id": "door"}],
    "clocks": [{"id": "turn", "budget": "3000 weeks", "source": "assumption",
      "ladder": [{"at": "100%", "do": [{"priority": 1}]}]}],
    "tracks": [{"id": "pathway", "initial": "waiting", "phases": [
      {"id": "waiting", "items": [
        {"id": "service", "kind": "decision", "who": "team", "due": "turn",
         "outcomes": ["served"]}]},
      {"id": "gone", "final": true}]}],
    "rules": [{"id": "served", "on": "decision:service=served", "do": [
      {"move": "pathway/gone"}, {"answer_referrals": "served"},
      {"close_case": "served"}]}],
    "intake_pool": "team", "lead_pool": "team",
    "parking": {"pool": "team", "clock": "turn"},
    "messages": {"clock": "turn"}, "review": {"clock": "turn"}
  })";
}

std::string PlanText(const QueuePlan& plan) {
  return absl::StrCat(R"({
    "plan": "queue", "version": "1", "protocol": "queue",
    "horizon": {"start": "2026-01-01", "warm_up_days": )",
                      plan.warm_up_days, R"(, "days": )", plan.days,
                      R"(, "source": "assumption"},
    "arrivals": [{"id": "door", "per_year": )",
                      plan.arrivals_per_hour * 24 * 365,
                      R"(, "source": "assumption"}],
    "work": [
      {"id": "service", "items": ["service"], "minutes": {"minutes": )",
                      plan.minutes,
                      R"(}, "starts": true, "outcomes": {"served": 1},
       "source": "assumption"},
      {"id": "reviews", "kinds": ["task"], "minutes": {"minutes": 1},
       "source": "assumption"}],
    "staff": [{"id": "server", "count": )",
                      plan.servers, R"(, "pools": ["team"],
               "weekly_minutes": 10080, "source": "assumption"}],
    "measures": {"waits": [
      {"id": "queue", "from": "referral", "to": "started:service"}]}
  })");
}

SimulationOptions ShippedOptions(uint32_t replications, uint32_t threads) {
  SimulationOptions options;
  options.protocol = "catalogue:icbt_sweden";
  options.plan = "catalogue:icbt_sweden";
  options.replications = replications;
  options.threads = threads;
  return options;
}

const SimulationMeasure& MeasureOf(const SimulationResult& result,
                                   const std::string& name,
                                   const std::string& stratum,
                                   const std::string& statistic) {
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name == name && measure.stratum == stratum &&
        measure.statistic == statistic) {
      return measure;
    }
  }
  ADD_FAILURE() << "no measure " << name << " " << stratum << " " << statistic;
  static const SimulationMeasure none;
  return none;
}

uint64_t CountFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  uint64_t count = 0;
  return text != nullptr && absl::SimpleAtoi(text, &count) ? count : otherwise;
}

bool IsLong() { return std::getenv("STEPWELL_LONG") != nullptr; }

}  // namespace stepwell::sim
