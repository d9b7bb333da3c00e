// The result in sentences that a manager can read.
#include <array>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "sim/study.h"
#include "sim/text.h"

namespace stepwell::sim {
namespace {

const SimulationMeasure* Find(const SimulationResult& result,
                              std::string_view name, std::string_view stratum,
                              std::string_view statistic) {
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name == name && measure.stratum == stratum &&
        measure.statistic == statistic) {
      return &measure;
    }
  }
  return nullptr;
}

// "23.4 (22.1 to 24.7)": the mean and its 95 % interval, scaled.
std::string Text(const SimulationMeasure* measure, double scale, int decimals) {
  if (measure == nullptr || !measure->mean) return "unknown";
  std::string text = Fixed(*measure->mean * scale, decimals);
  if (measure->low && measure->high) {
    absl::StrAppend(&text, " (", Fixed(*measure->low * scale, decimals), " to ",
                    Fixed(*measure->high * scale, decimals), ")");
  }
  return text;
}

std::string OfWait(const WaitMeasure& wait, const SimulationResult& result) {
  const auto* mean = Find(result, "wait", wait.id, "mean");
  const auto* waiting = Find(result, "wait", wait.id, "still_waiting");
  std::string text = absl::StrCat(wait.title, ": ");
  if (mean != nullptr && mean->mean) {
    absl::StrAppend(&text, Text(mean, 1, 1), " days on average; ");
  } else if (mean != nullptr) {
    absl::StrAppend(&text, "no mean wait; ");
  }
  absl::StrAppend(
      &text,
      Text(Find(result, "wait", wait.id, "share_within_6_weeks"), 100, 0),
      " % within 6 weeks and ",
      Text(Find(result, "wait", wait.id, "share_within_18_weeks"), 100, 0),
      " % within 18, those still waiting counted; ", Text(waiting, 1, 0),
      " still wait at the end.");
  return text;
}

std::string OfMinutes(const SimulationResult& result) {
  std::string text = absl::StrCat(
      "Staff work ",
      Text(Find(result, "staff_minutes", "all", "per_week"), 1.0 / 60, 1),
      " hours a week");
  const char* glue = ": ";
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "staff_minutes" || measure.stratum == "all" ||
        !measure.mean || *measure.mean <= 0) {
      continue;
    }
    absl::StrAppend(&text, glue, measure.stratum, " ",
                    Fixed(*measure.mean / 60, 1));
    glue = ", ";
  }
  return text + ".";
}

std::string OfAlerts(const SimulationResult& result) {
  const auto part = [&](const char* stratum) {
    return Text(Find(result, "alert_load", stratum, "per_therapist_week"), 1,
                2);
  };
  return absl::StrCat("A therapist's week brings ", part("all"),
                      " alerts: ", part("first"), " of patients who had none, ",
                      part("repeated"), " repeats, ", part("escalated"),
                      " passed on because nobody acted.");
}

std::string OfLoad(const SimulationResult& result) {
  std::string text;
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "load" || !measure.mean) continue;
    absl::StrAppend(&text,
                    text.empty() ? "Of the minutes there are, the work "
                                   "that comes in fills: "
                                 : ", ",
                    measure.stratum, " ", Text(&measure, 100, 0), " %");
  }
  return text.empty() ? text : text + ".";
}

}  // namespace

std::string Fixed(double value, int decimals) {
  std::array<char, 64> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    std::chars_format::fixed, decimals);
  if (error != std::errc()) return "?";
  std::string text(buffer.data(), end);
  // -0.0 reads badly.
  if (text.find_first_not_of("-0.") == text.npos && text.front() == '-') {
    text.erase(0, 1);
  }
  return text;
}

std::vector<std::string> Sentences(const Plan& plan, const Verdict& verdict,
                                   const SimulationResult& result) {
  std::vector<std::string> sentences;
  if (verdict.unstable) {
    sentences.push_back(
        absl::StrCat("This service cannot keep up: ", verdict.note,
                     ". A mean wait would only tell how long one looks."));
  }
  for (const WaitMeasure& wait : plan.waits) {
    sentences.push_back(OfWait(wait, result));
  }
  const auto* modules = Find(result, "modules_completed", "ended", "mean");
  if (modules != nullptr && modules->mean) {
    sentences.push_back(absl::StrCat(
        "Patients complete ", Text(modules, 1, 1), " modules; ",
        Text(Find(result, "program_completed", "started", "share"), 100, 0),
        " % of those who start complete the program."));
  }
  sentences.push_back(OfMinutes(result));
  if (Find(result, "alert_load", "all", "per_therapist_week") != nullptr) {
    sentences.push_back(OfAlerts(result));
  }
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "change" || measure.statistic != "mean" ||
        !measure.mean) {
      continue;
    }
    sentences.push_back(absl::StrCat("From the first to the last answer ",
                                     measure.stratum, " changes by ",
                                     Text(&measure, 1, 1), " points."));
  }
  std::string load = OfLoad(result);
  if (!load.empty()) sentences.push_back(std::move(load));
  return sentences;
}

}  // namespace stepwell::sim
