// The result in sentences that a manager can read.
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
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

// Each number with whom it is of: who starts at all, and who of them in time.
std::string OfWait(const WaitMeasure& wait, const SimulationResult& result) {
  const auto find = [&](const char* statistic) {
    return Find(result, "wait", wait.id, statistic);
  };
  const auto has = [&](const char* statistic) {
    const auto* measure = find(statistic);
    return measure != nullptr && measure->mean;
  };
  std::string text = absl::StrCat(wait.title, ": ");
  if (has("share_reached")) {
    absl::StrAppend(&text, Text(find("share_reached"), 100, 0),
                    " % get there at all. ");
  }
  if (has("mean")) {
    absl::StrAppend(&text, "Those who got there waited ",
                    Text(find("mean"), 1, 1), " days on average. ");
  } else {
    absl::StrAppend(&text, "No mean wait. ");
  }
  if (has("share_within_6_weeks")) {
    absl::StrAppend(&text, "Without those who left before: ",
                    Text(find("share_within_6_weeks"), 100, 0),
                    " % get there within 6 weeks");
    if (has("share_within_18_weeks")) {
      absl::StrAppend(&text, ", ", Text(find("share_within_18_weeks"), 100, 0),
                      " % within 18");
    }
    absl::StrAppend(&text, "; who still waits then is late. ");
  }
  absl::StrAppend(&text, Text(find("still_waiting"), 1, 0),
                  " still wait at the end.");
  return text;
}

std::string OfModules(const SimulationResult& result) {
  const auto* modules = Find(result, "modules_completed", "all", "mean");
  const auto* share = Find(result, "program_completed", "started", "share");
  if (modules == nullptr || !modules->mean || !share->mean) return "";
  return absl::StrCat("Who starts completes ", Text(modules, 1, 1),
                      " modules on average; ", Text(share, 100, 0),
                      " % of those who start complete the program.");
}

// The parts of a whole that there are: "check 19.8, task 7.2".
std::string Parts(const SimulationResult& result, std::string_view name,
                  std::string_view prefix, double scale, int decimals) {
  std::string text;
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != name || measure.mean.value_or(0) <= 0) continue;
    const std::string_view stratum = measure.stratum;
    if (stratum.substr(0, prefix.size()) != prefix) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    ToAbsl(stratum.substr(prefix.size())), " ",
                    Fixed(*measure.mean * scale, decimals));
  }
  return text;
}

std::string OfMinutes(const SimulationResult& result) {
  std::string text = absl::StrCat(
      "The work that staff record takes ",
      Text(Find(result, "staff_minutes", "all", "per_week"), 1.0 / 60, 1),
      " hours a week");
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "staff_minutes" ||
        measure.stratum.rfind("team ", 0) != 0 ||
        measure.stratum.find('/') != std::string::npos ||
        measure.mean.value_or(0) <= 0) {
      continue;
    }
    absl::StrAppend(
        &text, "; ", measure.stratum, " ", Fixed(*measure.mean / 60, 1), " (",
        Parts(result, "staff_minutes", measure.stratum + "/", 1.0 / 60, 1),
        ")");
  }
  return text + ".";
}

// Alerts are of the pool that owns them.
std::string OfAlerts(const SimulationResult& result) {
  std::string text;
  bool others = false;  // pools that get none
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "alert_load" ||
        measure.statistic != "per_member_week" ||
        measure.stratum.find('/') != std::string::npos || !measure.mean) {
      continue;
    }
    if (*measure.mean <= 0) {
      others = true;
      continue;
    }
    absl::StrAppend(&text,
                    text.empty() ? "Alerts a week for each member of the pool "
                                   "that owns them: "
                                 : "; ",
                    measure.stratum, " ", Text(&measure, 1, 2), " (",
                    Parts(result, "alert_load", measure.stratum + "/", 1, 2),
                    ")");
  }
  if (text.empty()) return "Nobody owns an alert in the measured time.";
  return text + (others ? "; the other pools none." : ".");
}

std::string OfLoad(const SimulationResult& result, const char* statistic,
                   const char* opening) {
  std::string text;
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "load" || measure.statistic != statistic ||
        !measure.mean) {
      continue;
    }
    absl::StrAppend(&text, text.empty() ? opening : ", ", measure.stratum, " ",
                    Text(&measure, 100, 0), " %");
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
  std::vector<std::string> more = {OfModules(result), OfMinutes(result),
                                   OfAlerts(result)};
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "change" || measure.statistic != "mean" ||
        !measure.mean) {
      continue;
    }
    more.push_back(absl::StrCat(
        "Of those who started and answered twice, ", measure.stratum,
        " changes from the first to the last answer by ", Text(&measure, 1, 1),
        " points."));
  }
  more.push_back(OfLoad(result, "offered_to_capacity",
                        "Of the minutes there are, the work that comes in "
                        "fills in the second half of the time: "));
  more.push_back(OfLoad(result, "places_taken",
                        "Of the places that the caseload limits leave, open "
                        "cases take: "));
  for (std::string& sentence : more) {
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace stepwell::sim
