// The second half of the demo: the same protocol for a year, then with more
// self-referrals, then with a therapist on leave. The virtual patients are the
// same in all three, so that a difference is that of the policy.
// Usage: what_if [--replications N] [--threads N]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "stepwell/simulation.h"

namespace {

using stepwell::SimulationMeasure;
using stepwell::SimulationOptions;
using stepwell::SimulationResult;

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "what if: %s\n", why.c_str());
  std::exit(1);
}

SimulationResult Run(const SimulationOptions& options) {
  auto result = stepwell::Simulate(options);
  if (!result.ok()) Stop(std::string(result.status().message()));
  if (!result->ok) Stop(stepwell::ToJson(*result));
  return *std::move(result);
}

const SimulationMeasure& Find(const std::vector<SimulationMeasure>& measures,
                              const std::string& name,
                              const std::string& stratum,
                              const std::string& statistic) {
  for (const SimulationMeasure& measure : measures) {
    if (measure.name == name && measure.stratum == stratum &&
        measure.statistic == statistic) {
      return measure;
    }
  }
  Stop("no measure " + name + " " + stratum + " " + statistic);
}

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

// "12.2 (11.7 to 12.6)"
std::string Figure(const SimulationMeasure& measure, double scale,
                   const char* format) {
  if (!measure.mean) {
    return "- (" + measure.note.substr(0, measure.note.find(':')) + ")";
  }
  std::string text = Number(format, *measure.mean * scale);
  if (measure.low && measure.high) {
    text += " (" + Number(format, *measure.low * scale) + " to " +
            Number(format, *measure.high * scale) + ")";
  }
  return text;
}

struct Wait {
  const char* id;
  const char* title;
};
constexpr Wait kWaits[] = {
    {"referral_to_assessment", "From the referral to the assessment"},
    {"assessment_to_start", "From the assessment to the start of treatment"},
    {"referral_to_start", "From the referral to the start of treatment"},
    {"first_to_second_contact", "From the first to the second contact"},
};

void ShowWaits(const SimulationResult& result) {
  for (const Wait& wait : kWaits) {
    const auto figure = [&](const char* statistic, double scale,
                            const char* format) {
      return Figure(Find(result.measures, "wait", wait.id, statistic), scale,
                    format);
    };
    std::printf("  %s\n", wait.title);
    std::printf("    %% who get there       %s\n",
                figure("share_reached", 100, "%.1f").c_str());
    std::printf("    days, mean           %s\n",
                figure("mean", 1, "%.1f").c_str());
    std::printf("    %% within 6 weeks     %s\n",
                figure("share_within_6_weeks", 100, "%.1f").c_str());
    std::printf("    %% within 18 weeks    %s\n",
                figure("share_within_18_weeks", 100, "%.1f").c_str());
    std::printf("    still waiting        %s\n",
                figure("still_waiting", 1, "%.0f").c_str());
  }
}

void ShowWork(const SimulationResult& result) {
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "staff_minutes" || measure.mean == 0.0) continue;
    const bool of_therapists = measure.stratum.rfind("team therapists", 0) == 0;
    if (measure.stratum != "all" && !of_therapists) continue;
    std::printf("  minutes a week: %-30s %s\n", measure.stratum.c_str(),
                Figure(measure, 1, "%.0f").c_str());
  }
  // Alerts are of the pool that owns them; here that of who is on duty.
  for (const SimulationMeasure& measure : result.measures) {
    const bool is_load =
        measure.name == "alert_load" && measure.statistic == "per_member_week";
    const bool of_therapists = measure.stratum == "pool therapists";
    if (!is_load || (measure.mean == 0.0 && !of_therapists)) continue;
    std::printf("  alerts a member and week: %-20s %s\n",
                measure.stratum.c_str(), Figure(measure, 1, "%.2f").c_str());
  }
  for (const SimulationMeasure& measure : result.measures) {
    if (measure.name != "load" || measure.mean.value_or(0) < 0.01) continue;
    const bool of_places = measure.statistic == "places_taken";
    std::printf("  %% of the %-7s there are: %-20s %s\n",
                of_places ? "places" : "minutes", measure.stratum.c_str(),
                Figure(measure, 100, "%.0f").c_str());
  }
}

void Show(const char* title, const SimulationResult& result) {
  std::printf("\n== %s ==\n", title);
  std::printf(
      "  %u replications, mean and 95 %% interval; %llu cases, %llu commands\n",
      result.manifest.replications,
      static_cast<unsigned long long>(result.cases),
      static_cast<unsigned long long>(result.commands));
  ShowWaits(result);
  ShowWork(result);
}

double Mean(const SimulationResult& result, const char* name,
            const char* stratum, const char* statistic) {
  return Find(result.measures, name, stratum, statistic).mean.value_or(0);
}

std::string Percent(double share) {
  if (share > 0 && share < 0.005) return "less than 1";
  return Number("%.0f", 100 * share);
}
std::string Whole(double count) { return Number("%.0f", count); }

double ShareInTime(const SimulationResult& result) {
  return Mean(result, "wait", "referral_to_start", "share_within_6_weeks");
}

// What the year comes to, for whoever decides. The share in time leaves out
// who left before: how many start at all stands beside it.
void SayBase(const SimulationResult& result) {
  const auto& wait = Find(result.measures, "wait", "referral_to_start", "mean");
  const auto& start =
      Find(result.measures, "wait", "referral_to_start", "share_reached");
  if (!wait.mean || !start.mean) Stop("the service of today is not stable");
  std::printf(
      "  In a sentence: of %s applicants in the year %s %% start treatment at "
      "all, after %s days on average; of those who start or still wait %s %% "
      "start within six weeks; and the work for the therapists fills %s %% of "
      "their time.\n",
      Whole(Mean(result, "referrals", "all", "count")).c_str(),
      Percent(*start.mean).c_str(), Whole(*wait.mean).c_str(),
      Percent(ShareInTime(result)).c_str(),
      Percent(Mean(result, "load", "team therapists", "offered_to_capacity"))
          .c_str());
}

void SayDoubled(const SimulationResult& base, const SimulationResult& doubled) {
  const bool stable =
      Find(doubled.measures, "wait", "referral_to_start", "mean")
          .mean.has_value();
  const auto count = [](const SimulationResult& result, const char* name,
                        const char* stratum, const char* statistic) {
    return Whole(Mean(result, name, stratum, statistic));
  };
  std::printf(
      "  In a sentence: with twice the self-referrals %s people apply instead "
      "of %s, %s instead of %s start treatment in the year, and %s instead of "
      "%s wait for it at its end; of those who start or still wait %s %% "
      "instead of %s %% start within six weeks%s.\n",
      count(doubled, "referrals", "all", "count").c_str(),
      count(base, "referrals", "all", "count").c_str(),
      count(doubled, "started", "all", "count").c_str(),
      count(base, "started", "all", "count").c_str(),
      count(doubled, "wait", "referral_to_start", "still_waiting").c_str(),
      count(base, "wait", "referral_to_start", "still_waiting").c_str(),
      Percent(ShareInTime(doubled)).c_str(), Percent(ShareInTime(base)).c_str(),
      stable ? "" : ": with today's staff the service cannot keep up");
}

void SayLeave(const SimulationResult& base, const SimulationResult& leave) {
  const auto compared = stepwell::Compare(base, leave);
  if (!compared.ok()) Stop(std::string(compared.status().message()));
  const auto& differences = compared->measures;
  const auto difference = [&](const char* name, const char* stratum,
                              const char* statistic, double scale,
                              const char* format) {
    return Figure(Find(differences, name, stratum, statistic), scale, format);
  };
  std::printf("  against the year without it, the same patients:\n");
  std::printf("    days from the first to the second contact  %s\n",
              difference("wait", "first_to_second_contact", "mean", 1, "%+.2f")
                  .c_str());
  std::printf(
      "    minutes a week of all staff                %s\n",
      difference("staff_minutes", "all", "per_week", 1, "%+.0f").c_str());
  std::printf(
      "    modules completed by a patient             %s\n",
      difference("modules_completed", "all", "mean", 1, "%+.2f").c_str());
  std::printf(
      "  In a sentence: one of three therapists on leave in August moves the "
      "second contact by %s days over the whole year, and of those who start "
      "or still wait %s %% start within six weeks.\n",
      difference("wait", "first_to_second_contact", "mean", 1, "%+.1f").c_str(),
      Percent(ShareInTime(leave)).c_str());
}

SimulationOptions OptionsFrom(int argc, char** argv) {
  SimulationOptions options;
  options.protocol = "catalogue:icbt_sweden";
  options.plan = "catalogue:icbt_sweden";
  options.replications = 10;
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto number = static_cast<uint32_t>(std::atoi(argv[i + 1]));
    if (std::strcmp(argv[i], "--replications") == 0) {
      options.replications = number;
    } else if (std::strcmp(argv[i], "--threads") == 0) {
      options.threads = number;
    } else {
      Stop("usage: what_if [--replications N] [--threads N]");
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const SimulationOptions options = OptionsFrom(argc, argv);
  const SimulationResult base = Run(options);
  Show("9. A year at 1,500 applicants", base);
  SayBase(base);

  SimulationOptions more = options;
  more.set = {{"arrivals.self.per_year", "2700"}};
  const SimulationResult doubled = Run(more);
  Show("10. What if self-referrals doubled?", doubled);
  SayDoubled(base, doubled);

  SimulationOptions away = options;
  away.set = {{"staff.therapist_1.leave",
               R"([{"from": "2026-08-01", "to": "2026-09-01"}])"}};
  const SimulationResult leave = Run(away);
  Show("11. What if a therapist is on leave in August?", leave);
  SayLeave(base, leave);
  return 0;
}
