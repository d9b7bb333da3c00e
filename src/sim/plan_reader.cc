#include "sim/plan_reader.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/strings.h"

namespace stepwell::sim {
namespace {

constexpr std::string_view kNumberFields[] = {"value", "source", "note"};
constexpr std::string_view kAmountFields[] = {"minutes", "hours", "days",
                                              "source", "note"};
constexpr std::string_view kLaws[] = {"exponential", "uniform", "lognormal"};
constexpr std::string_view kExponential[] = {"mean"};
constexpr std::string_view kUniform[] = {"from", "to"};
constexpr std::string_view kLognormal[] = {"mean", "sd"};

Range Scaled(Range range, double factor) {
  return {range.low / factor, range.high / factor};
}

// The law, in units of `factor` target units.
std::optional<Distribution> ReadLaw(json::Value value, Range range,
                                    double factor, Issues& issues) {
  using Kind = Distribution::Kind;
  if (value.is_number()) {
    const auto constant = NumberOf(value, Scaled(range, factor), issues);
    if (!constant) return std::nullopt;
    return Distribution{Kind::kConstant, *constant * factor, 0};
  }
  const size_t before = issues.size();
  if (value.is_object()) {
    ObjectReader law(value, "a distribution", kLaws, issues);
    if (issues.size() != before) return std::nullopt;
  }
  if (!value.is_object() || value.size() != 1) {
    protocol::WrongType(
        value, "a number, or one of exponential, uniform and lognormal",
        issues);
    return std::nullopt;
  }
  const json::Value inner = value.first_child();
  const Range scaled = Scaled(range, factor);
  if (inner.key() == "exponential") {
    ObjectReader reader(inner, "an exponential law", kExponential, issues);
    const double mean = NeedNumber(reader, "mean", scaled);
    if (issues.size() == before) {
      return Distribution{Kind::kExponential, mean * factor, 0};
    }
  } else if (inner.key() == "uniform") {
    ObjectReader reader(inner, "a uniform law", kUniform, issues);
    const double from = NeedNumber(reader, "from", scaled);
    const double to = NeedNumber(reader, "to", scaled);
    if (to < from) {
      reader.Error("to", "out_of_range", "`to` is less than `from`");
    }
    if (issues.size() == before) {
      return Distribution{Kind::kUniform, from * factor, to * factor};
    }
  } else if (inner.key() == "lognormal") {
    ObjectReader reader(inner, "a lognormal law", kLognormal, issues);
    const double mean = NeedNumber(reader, "mean", scaled);
    const double sd = NeedNumber(reader, "sd", {0, scaled.high});
    if (issues.size() == before && mean <= 0) {
      reader.Error("mean", "out_of_range", "a lognormal mean is above 0");
    }
    if (issues.size() == before) {
      return Distribution::LognormalOf(mean * factor, sd * factor);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> NumberOf(json::Value value, Range range, Issues& issues) {
  if (value.is_object()) {
    ObjectReader object(value, "a number with its source", kNumberFields,
                        issues);
    value = object.Need("value");
    if (!value) return std::nullopt;
  }
  if (!value.is_number()) {
    protocol::WrongType(value, "a number", issues);
    return std::nullopt;
  }
  const std::optional<double> number = value.double_value();
  if (number && std::isfinite(*number) && *number >= range.low &&
      *number <= range.high) {
    return number;
  }
  const bool negative = number && *number < 0 && range.low >= 0;
  AddError(issues, negative ? "negative" : "out_of_range", value.pointer(),
           absl::StrCat(ToAbsl(value.number_text()),
                        negative ? " is negative" : " is out of range"),
           absl::StrCat("from ", range.low, " to ", range.high));
  return std::nullopt;
}

std::optional<double> Number(ObjectReader& object, std::string_view key,
                             Range range) {
  const json::Value value = object.Get(key);
  if (!value) return std::nullopt;
  return NumberOf(value, range, object.issues());
}

double NeedNumber(ObjectReader& object, std::string_view key, Range range) {
  const json::Value value = object.Need(key);
  if (!value) return range.low;
  return NumberOf(value, range, object.issues()).value_or(range.low);
}

std::optional<Distribution> Amount(ObjectReader& object, std::string_view key,
                                   Unit unit, Range range) {
  const json::Value value = object.Get(key);
  if (!value) return std::nullopt;
  ObjectReader amount(value, "an amount of time", kAmountFields,
                      object.issues());
  if (!amount.ok()) return std::nullopt;
  std::optional<Distribution> law;
  int units = 0;
  for (const auto& [name, minutes] :
       {std::pair("minutes", 1.0), std::pair("hours", 60.0),
        std::pair("days", 1440.0)}) {
    if (!amount.Has(name)) continue;
    ++units;
    const double factor = unit == Unit::kMinutes ? minutes : minutes / 1440;
    law = ReadLaw(amount.Get(name), range, factor, object.issues());
  }
  if (units != 1) {
    object.Error(key, "missing_field", "an amount of time has one unit",
                 "one of `minutes`, `hours` and `days`");
    return std::nullopt;
  }
  return law;
}

Distribution NeedAmount(ObjectReader& object, std::string_view key, Unit unit,
                        Range range) {
  if (!object.Need(key)) return {};
  return Amount(object, key, unit, range).value_or(Distribution());
}

std::vector<std::pair<std::string, double>> ReadShares(json::Value value,
                                                       Issues& issues) {
  std::vector<std::pair<std::string, double>> shares;
  if (!value.is_object()) {
    protocol::WrongType(value, "an object of names and shares", issues);
    return shares;
  }
  double sum = 0;
  const size_t before = issues.size();
  for (const json::Value share : json::Children(value)) {
    if (share.key() == "source" || share.key() == "note") continue;
    const double number = NumberOf(share, kShare, issues).value_or(0);
    sum += number;
    shares.push_back({std::string(share.key()), number});
  }
  if (issues.size() != before) return shares;
  if (shares.empty() || sum < 1 - kSharesTolerance ||
      sum > 1 + kSharesTolerance) {
    AddError(issues, "shares_sum", value.pointer(),
             absl::StrCat("the shares sum to ", sum, ", not to 1"),
             "a remainder needs a name of its own");
  }
  return shares;
}

std::optional<Instant> DateIn(ObjectReader& object, std::string_view key,
                              const Protocol& protocol) {
  const auto text = object.NeedText(key);
  if (!text) return std::nullopt;
  const std::optional<Date> date = ParseDate(*text);
  if (!date) {
    object.Error(key, "bad_date",
                 absl::StrCat("`", ToAbsl(*text), "` is no date"),
                 "for example \"2026-08-01\"");
    return std::nullopt;
  }
  return FirstAtOrAfter(*protocol.zone, {*date, 0});
}

std::vector<Entry> Entries(ObjectReader& parent, std::string_view key,
                           std::string_view what) {
  std::vector<Entry> entries;
  for (const json::Value value : json::Children(parent.Array(key))) {
    ObjectReader object(value, what, parent.issues());
    const auto id = object.NeedText("id");
    if (!id) continue;
    const bool taken =
        std::any_of(entries.begin(), entries.end(),
                    [&](const Entry& entry) { return entry.id == *id; });
    if (taken) {
      object.Error("id", "duplicate_id",
                   absl::StrCat("`", ToAbsl(*id), "` is there already"));
    } else {
      entries.push_back({value, std::string(*id)});
    }
  }
  return entries;
}

void Unknown(std::string_view what, std::string_view name,
             const std::string& pointer, const std::vector<std::string>& known,
             Issues& issues) {
  AddError(issues, "unknown_reference", pointer,
           absl::StrCat("the protocol has no ", ToAbsl(what), " `",
                        ToAbsl(name), "`"),
           protocol::SuggestName(name, known));
}

ElementId ElementOf(std::string_view name, const std::string& pointer,
                    Reading& reading) {
  const ElementId element = reading.protocol.FindElement(name);
  if (element.IsNone()) {
    Unknown("item", name, pointer, NamesOf(reading.protocol.elements),
            reading.issues);
  }
  return element;
}

OutcomeId OutcomeOf(std::string_view name, const std::string& pointer,
                    Reading& reading) {
  const OutcomeId outcome = reading.protocol.FindOutcome(name);
  if (outcome.IsNone()) {
    Unknown("outcome", name, pointer, reading.protocol.outcomes,
            reading.issues);
  }
  return outcome;
}

MilestoneId MilestoneOf(std::string_view name, const std::string& pointer,
                        Reading& reading) {
  const MilestoneId milestone = reading.protocol.FindMilestone(name);
  if (milestone.IsNone()) {
    Unknown("milestone", name, pointer, NamesOf(reading.protocol.milestones),
            reading.issues);
  }
  return milestone;
}

std::vector<std::pair<std::string, std::string>> Texts(ObjectReader& object,
                                                       std::string_view key) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const json::Value value : json::Children(object.Array(key))) {
    if (value.is_string()) {
      texts.push_back({std::string(value.string_value()), value.pointer()});
    } else {
      protocol::WrongType(value, "a string", object.issues());
    }
  }
  return texts;
}

}  // namespace stepwell::sim
