// Internal to the simulator: how the parts of a plan are read. Mistakes become
// issues; the values read then do not matter, for the plan is not used.
#ifndef STEPWELL_SIM_PLAN_READER_H_
#define STEPWELL_SIM_PLAN_READER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reader.h"
#include "sim/plan.h"

namespace stepwell::sim {

using protocol::ObjectReader;

inline constexpr double kSharesTolerance = 1e-9;
inline constexpr double kMinutesPerWeek = 7 * 24 * 60;

// Everything the parts share while one plan is read.
struct Reading {
  const Protocol& protocol;
  Plan& plan;
  Issues& issues;
  json::Value root;
};

// What a distribution is measured in, once read.
enum class Unit : uint8_t { kMinutes, kDays };

struct Range {
  double low = 0, high = 1;
};
inline constexpr Range kShare = {0, 1};
inline constexpr Range kMinutesOfWork = {0, 1440};
inline constexpr Range kAnyDays = {0, 36'500};

// A number, or {"value": number, "source": ...}. Nothing when absent or wrong;
// `NeedNumber` says so when it is absent.
std::optional<double> Number(ObjectReader& object, std::string_view key,
                             Range range);
double NeedNumber(ObjectReader& object, std::string_view key, Range range);
std::optional<double> NumberOf(json::Value value, Range range, Issues& issues);

// {"days": 3}, {"hours": {"lognormal": {"mean": 30, "sd": 20}}}: minutes,
// hours or days; exponential {mean}, uniform {from, to}, lognormal {mean, sd}.
std::optional<Distribution> Amount(ObjectReader& object, std::string_view key,
                                   Unit unit, Range range);
Distribution NeedAmount(ObjectReader& object, std::string_view key, Unit unit,
                        Range range);

// {"include": 0.6, "redirect": 0.4}: names with shares that sum to 1.
std::vector<std::pair<std::string, double>> ReadShares(json::Value value,
                                                       Issues& issues);

// A date, at its first instant in the zone of the service.
std::optional<Instant> DateIn(ObjectReader& object, std::string_view key,
                              const Protocol& protocol);

// The elements of a list of objects, each with its `id`, which is no other's.
struct Entry {
  json::Value value;
  std::string id;
};
std::vector<Entry> Entries(ObjectReader& parent, std::string_view key,
                           std::string_view what);

// An issue of code unknown_reference at `pointer`.
void Unknown(std::string_view what, std::string_view name,
             const std::string& pointer, const std::vector<std::string>& known,
             Issues& issues);

template <class T>
std::vector<std::string> NamesOf(const std::vector<T>& table) {
  std::vector<std::string> names;
  for (const T& value : table) names.push_back(value.id);
  return names;
}

ElementId ElementOf(std::string_view name, const std::string& pointer,
                    Reading& reading);
OutcomeId OutcomeOf(std::string_view name, const std::string& pointer,
                    Reading& reading);
MilestoneId MilestoneOf(std::string_view name, const std::string& pointer,
                        Reading& reading);
// The texts of a list of strings; anything else in it is an issue.
std::vector<std::pair<std::string, std::string>> Texts(ObjectReader& object,
                                                       std::string_view key);

// The parts (plan_people.cc, plan_answers.cc, plan_work.cc, plan_staff.cc).
void ReadArrivals(ObjectReader& root, Reading& reading);
void ReadPatients(ObjectReader& root, Reading& reading);
void ReadAnswers(ObjectReader& patients, Reading& reading);
void ReadWork(ObjectReader& root, Reading& reading);
void ReadAlertsAndMessages(ObjectReader& root, Reading& reading);
void ReadStaff(ObjectReader& root, Reading& reading);
// What only the whole plan shows (plan_checks.cc).
void CheckSources(json::Value root, Issues& issues);
void CheckPlanIsWhole(Reading& reading);

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_PLAN_READER_H_
