// service health, verify, summary: the service as a whole.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "service_options.h"

namespace stepwell::cli {
namespace {

void PrintHealth(const Health& health) {
  const std::pair<const char*, uint64_t> counts[] = {
      {"open cases", health.open_cases},
      {"closed cases", health.closed_cases},
      {"referrals in", health.referrals_in},
      {"referrals open", health.referrals_open},
      {"referrals answered", health.referrals_answered},
      {"open alerts", health.open_alerts},
      {"overdue alerts", health.overdue_alerts},
      {"unacknowledged, 1 hour", health.unacknowledged_hour},
      {"unacknowledged, 1 day", health.unacknowledged_day},
      {"unacknowledged, longer", health.unacknowledged_older},
      {"work without owner", health.unowned_work},
      {"alerts without staff", health.unstaffed_alerts},
      {"parked input", health.parked},
      {"effects in the outbox", health.outbox_pending},
      {"clocks that are held", health.held_clocks}};
  for (const auto& [label, count] : counts) {
    PrintLine(absl::StrFormat("%-24s%d", label, count));
  }
  PrintLine(absl::StrFormat("%-24s%d minutes", "clocks are behind by",
                            health.oldest_due_unfired_us / 60'000'000));
  for (const std::string& violation : health.violations) {
    PrintLine(absl::StrCat(Toned(Tone::kBad, "violation"), " ", violation));
  }
  PrintWarnings(health);
  if (health.violations.empty()) PrintLine(Toned(Tone::kGood, "well"));
}

void PrintVerification(const Verification& verification) {
  for (const std::string& difference : verification.differences) {
    PrintLine(absl::StrCat(Toned(Tone::kBad, "difference"), " ", difference));
  }
  PrintLine(absl::StrCat(
      Count(verification.streams, "stream"), ", ",
      Count(verification.events, "event"), ": ",
      verification.differences.empty()
          ? Toned(Tone::kGood, "the log replays to the stored state")
          : Toned(Tone::kBad, "the stored state is not what the log says")));
}

std::string Figure(const std::optional<double>& value) {
  return value ? absl::StrFormat("%.1f", *value) : "-";
}

void PrintSummary(const ServiceSummary& s) {
  PrintLine(absl::StrCat("referrals ", s.referrals, ", cases ", s.cases,
                         ", started ", s.started, ", completed ", s.completed,
                         ", closed ", s.closed));
  Table waits({"WAIT", "N", "WAITING", "MEDIAN DAYS", "MEAN DAYS"});
  for (const ServiceSummary::Wait& wait : s.waits) {
    waits.Add({wait.name, absl::StrCat(wait.n), absl::StrCat(wait.waiting),
               Figure(wait.median_days), Figure(wait.mean_days)});
  }
  if (!waits.empty()) waits.Print();
  Table changes(
      {"INSTRUMENT", "PAIRS", "WITHOUT A SECOND", "FIRST", "LAST", "CHANGE"});
  for (const ServiceSummary::Change& change : s.changes) {
    changes.Add({change.instrument, absl::StrCat(change.pairs),
                 absl::StrCat(change.unpaired), Figure(change.mean_first),
                 Figure(change.mean_last), Figure(change.mean_change)});
  }
  if (!changes.empty()) changes.Print();
  Table follow_ups({"FOLLOW-UP", "EARLY", "ON TIME", "LATE", "MISSED", "AHEAD",
                    "SUSPENDED"});
  for (const ServiceSummary::FollowUp& window : s.follow_ups) {
    follow_ups.Add({window.window, absl::StrCat(window.early),
                    absl::StrCat(window.on_time), absl::StrCat(window.late),
                    absl::StrCat(window.missed), absl::StrCat(window.ahead),
                    absl::StrCat(window.suspended)});
  }
  if (!follow_ups.empty()) follow_ups.Print();
  PrintLine(absl::StrCat("modules done ", s.modules_done, ", minutes ",
                         s.minutes, " in ", s.minutes_recorded, " records (",
                         s.minutes_missing, " missing), per patient ",
                         Figure(s.minutes_per_patient)));
  PrintLine(absl::StrCat("alerts ", s.alerts, ", voided responses ",
                         s.voided_responses));
}

}  // namespace

void PrintWarnings(const Health& health) {
  for (const std::string& warning : health.warnings) {
    PrintLine(absl::StrCat(Toned(Tone::kBold, "warning"), " ", warning));
  }
}

void AddStateVerbs(CLI::App& service, Common& common) {
  const auto health = AddServiceVerb(
      service, common, "health",
      "Counts and broken invariants; 1 when there are any", Takes::kNow);
  OnRun(health.verb, common, [&common, arguments = health.arguments] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      const auto result = opened.CheckHealth(now);
      const int code = result.ok() && !result->violations.empty() ? kNo : kFine;
      return Show(common, result, code, PrintHealth);
    });
  });
  const auto verify = AddServiceVerb(
      service, common, "verify",
      "Replays the log and compares; 1 when it differs", Takes::kStore);
  OnRun(verify.verb, common, [&common, arguments = verify.arguments] {
    return WithService(common, *arguments, [&](Service& opened, Instant) {
      const auto result = opened.Verify();
      const int code =
          result.ok() && !result->differences.empty() ? kNo : kFine;
      return Show(common, result, code, PrintVerification);
    });
  });
  const auto summary =
      AddServiceVerb(service, common, "summary",
                     "Waits, modules, change, minutes", Takes::kNow);
  OnRun(summary.verb, common, [&common, arguments = summary.arguments] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return Show(common, opened.Summarise(now), kFine, PrintSummary);
    });
  });
}

}  // namespace stepwell::cli
