// Nine months of one service on an SQLite file: what goes in, what staff and
// patients see, what is found in the end. Usage: demo BUNDLE.json STORE.db
//
// The same input gives the same bytes: ids are derived, time is an argument.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "people.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"

namespace demo {
namespace {

using stepwell::Instant;
using stepwell::Service;
using stepwell::WallDays;

constexpr char kZone[] = "Europe/Stockholm";
constexpr int kDays = 273;  // nine months

void Section(const char* title) { std::printf("\n== %s ==\n", title); }

std::string Short(Instant t) {
  return t.IsNever() ? "-" : stepwell::TimeText(t, kZone).substr(0, 16);
}

template <class T>
T Get(absl::StatusOr<T> result) {
  if (!result.ok()) Stop(std::string(result.status().message()));
  return *std::move(result);
}

void AddStaff(Clinic& clinic) {
  const std::vector<std::pair<std::string, std::string>> staff = {
      {"anna", "\"therapists\""},
      {"bjorn", "\"therapists\""},
      {"carin", "\"assessors\""},
      {"duty1", "\"duty\""},
      {"lena", "\"lead\",\"admin\",\"on_call_fallback\""}};
  for (const auto& [name, pools] : staff) {
    clinic.Do(
        "\"actor\":{\"role\":\"integration\"},\"command\":\"add_staff\","
        "\"staff\":\"" +
        name + "\",\"pools\":[" + pools + "]");
  }
}

void ShowIntake(Clinic& clinic, const std::string& bundle) {
  Section("1. Intake: a Bundle of referrals comes in");
  const auto report =
      Get(clinic.service().Import(bundle, {.source = "demo"}, clinic.now()));
  std::printf(
      "entries %llu: persons %llu, referrals %llu, answers %llu, "
      "parked %llu, ignored %llu, refused %zu\n",
      static_cast<unsigned long long>(report.entries),
      static_cast<unsigned long long>(report.persons),
      static_cast<unsigned long long>(report.referrals),
      static_cast<unsigned long long>(report.responses),
      static_cast<unsigned long long>(report.parked),
      static_cast<unsigned long long>(report.ignored), report.refused.size());
  for (const auto& refusal : report.refused) {
    std::printf("  refused %s: %s\n", refusal.path.c_str(),
                refusal.reason.c_str());
  }
  const auto again =
      Get(clinic.service().Import(bundle, {.source = "demo"}, clinic.now()));
  std::printf("the same Bundle once more: %llu new, %llu unchanged\n",
              static_cast<unsigned long long>(again.persons + again.referrals +
                                              again.responses + again.parked),
              static_cast<unsigned long long>(again.unchanged));
}

void PrintLines(const std::vector<stepwell::WorkLine>& lines, size_t max) {
  for (size_t i = 0; i < lines.size() && i < max; ++i) {
    const stepwell::WorkLine& line = lines[i];
    std::printf("  %4d  %-8s %-22s %-13s due %-16s %s%s\n", line.priority,
                line.kind.c_str(), line.what.c_str(), line.state.c_str(),
                Short(line.due).c_str(),
                line.owner_staff.empty() ? line.owner_pool.c_str()
                                         : line.owner_staff.c_str(),
                line.overdue ? "  OVERDUE" : "");
  }
  if (lines.size() > max) std::printf("  ... %zu more\n", lines.size() - max);
}

// Nobody reacts to an alert for a day: the ladder is climbed.
void ShowLadder(Clinic& clinic) {
  Section("2. An alert and its ladder: nobody acknowledges for six hours");
  const auto alerts = Get(clinic.service().QueryWorklist(
      {.kind = "alert", .limit = 100}, clinic.now()));
  if (alerts.lines.empty()) Stop("the Bundle has no risk answer");
  const std::string who = alerts.lines[0].case_id;
  PrintLines(alerts.lines, 5);
  for (int hour = 0; hour < 6; ++hour) {
    clinic.AdvanceTo(clinic.now() + stepwell::Hours(1));
  }
  const auto summary = Get(clinic.service().QueryCase(who, clinic.now()));
  int shown = 0;
  for (const auto& entry : summary.timeline) {
    const bool of_ladder = entry.text.find("about=alert") != std::string::npos;
    if (entry.event.rfind("Alert", 0) != 0 && !of_ladder) continue;
    if (++shown > 10) continue;
    std::printf("  %s  %s\n", Short(entry.recorded).c_str(),
                entry.text.c_str());
  }
  std::printf("  ... and so on: %d steps, until a person acts\n", shown);
  const auto portal = Get(clinic.service().QueryPortal(who, clinic.now()));
  for (const auto& [language, text] : portal.show_now) {
    std::printf("  the patient's screen says (%s): %s\n", language.c_str(),
                text.c_str());
  }
}

void ShowMonday(Clinic& clinic) {
  Section("3. The worklist of one Monday");
  const auto worklist =
      Get(clinic.service().QueryWorklist({.limit = 12}, clinic.now()));
  std::printf("  %s: %llu lines, %llu overdue\n", Short(clinic.now()).c_str(),
              static_cast<unsigned long long>(worklist.total),
              static_cast<unsigned long long>(worklist.overdue));
  std::printf("  by priority, due, case, kind, number:\n");
  for (const stepwell::WorkLine& line : worklist.lines) {
    std::printf("  %4d  %-16s %-13s %-7s %3llu  %-22s %-12s %s%s\n",
                line.priority, Short(line.due).c_str(), line.case_id.c_str(),
                line.kind.c_str(),
                static_cast<unsigned long long>(line.ordinal),
                line.what.c_str(), line.state.c_str(),
                line.owner_staff.empty() ? line.owner_pool.c_str()
                                         : line.owner_staff.c_str(),
                line.overdue ? "  OVERDUE" : "");
  }
}

// The first case that is in treatment with a module open.
std::string InTreatment(Clinic& clinic, const std::vector<std::string>& all) {
  for (const std::string& id : all) {
    const auto portal = Get(clinic.service().QueryPortal(id, clinic.now()));
    for (const auto& entry : portal.entries) {
      const bool half_way = entry.item >= "m2" && entry.item <= "m8";
      if (entry.kind == "module" && half_way) return id;
    }
  }
  Stop("nobody is in treatment");
}

void ShowPatient(Clinic& clinic, const std::string& who) {
  Section("4. One patient's portal");
  const auto portal = Get(clinic.service().QueryPortal(who, clinic.now()));
  for (const auto& entry : portal.entries) {
    std::printf("  %-14s %-14s %-10s due %s\n", entry.kind.c_str(),
                entry.item.c_str(), entry.state.c_str(),
                Short(entry.due).c_str());
  }
  for (const auto& consent : portal.consents) {
    std::printf("  %-14s %-14s %-10s since %s\n", "consent",
                consent.purpose.c_str(), "asked", Short(consent.since).c_str());
  }
  Section("5. The case behind it, and why a module is blocked");
  const auto summary = Get(clinic.service().QueryCase(who, clinic.now()));
  for (const auto& [track, phase] : summary.phases) {
    std::printf("  %s: %s, owner %s\n", track.c_str(), phase.c_str(),
                summary.owner_staff.c_str());
  }
  const size_t from =
      summary.timeline.size() > 12 ? summary.timeline.size() - 12 : 0;
  for (size_t i = from; i < summary.timeline.size(); ++i) {
    const auto& entry = summary.timeline[i];
    std::printf(
        "  %4llu %s %-11s %.90s\n", static_cast<unsigned long long>(entry.seq),
        Short(entry.at).c_str(), entry.actor.c_str(), entry.text.c_str());
  }
  const auto why = Get(clinic.service().Explain(who, "m10", clinic.now()));
  std::printf("  m10 is %s\n", why.state.c_str());
  for (const std::string& reason : why.reasons) {
    std::printf("    because %s\n", reason.c_str());
  }
  for (const std::string& step : why.would_open) {
    std::printf("    it opens by %s\n", step.c_str());
  }
}

// Somebody else's questionnaire was filed here: it is taken back.
void ShowVoid(Clinic& clinic, const std::string& who) {
  Section("6. A wrong-patient questionnaire, voided without a trace");
  const auto figures = [&] {
    const auto summary = Get(clinic.service().QueryCase(who, clinic.now()));
    std::string text;
    for (const auto& [name, score] : summary.scores) {
      text += name + "=" + score + " ";
    }
    return text;
  };
  const std::string before = figures();
  clinic.Patient(who,
                 "\"command\":\"submit_response\",\"instrument\":\"phq9\","
                 "\"response_id\":\"somebody-elses\","
                 "\"answers\":[3,3,3,3,3,3,3,3,0]");
  std::printf("  scores with it:  %s\n", figures().c_str());
  uint64_t target = 0;
  for (const auto& entry :
       Get(clinic.service().QueryCase(who, clinic.now())).timeline) {
    if (entry.event == "ResponseReceived") target = entry.seq;
  }
  clinic.Staff("lena", "\"command\":\"void_event\",\"case\":\"" + who +
                           "\",\"target\":" + std::to_string(target) +
                           ",\"reason\":\"belongs to another patient\"");
  std::printf("  scores after it: %s\n", figures().c_str());
  if (figures() != before) Stop("the voided response left a trace");
  std::printf("  as before; the log keeps both events\n");
}

void ShowSummary(Clinic& clinic) {
  Section("7. The service after nine months");
  const auto summary = Get(clinic.service().Summarise(clinic.now()));
  const auto n = [](uint64_t v) { return static_cast<unsigned long long>(v); };
  std::printf(
      "  referrals %llu, cases %llu, started %llu, completed %llu, "
      "closed %llu, alerts %llu\n",
      n(summary.referrals), n(summary.cases), n(summary.started),
      n(summary.completed), n(summary.closed), n(summary.alerts));
  for (const auto& wait : summary.waits) {
    std::printf("  wait, %s: n %llu, still waiting %llu, median %.1f days\n",
                wait.name.c_str(), n(wait.n), n(wait.waiting),
                wait.median_days.value_or(0));
  }
  std::printf("  modules done %llu\n", n(summary.modules_done));
  for (const auto& change : summary.changes) {
    if (!change.mean_change) continue;
    std::printf(
        "  %s: first %.1f, last %.1f, change %+.1f (%llu pairs, %llu "
        "with one score only)\n",
        change.instrument.c_str(), *change.mean_first, *change.mean_last,
        *change.mean_change, n(change.pairs), n(change.unpaired));
  }
  const double items =
      static_cast<double>(summary.minutes_recorded + summary.minutes_missing);
  std::printf(
      "  minutes per patient %.0f; missing for %.0f %% of the work\n",
      summary.minutes_per_patient.value_or(0),
      items == 0
          ? 0.0
          : 100.0 * static_cast<double>(summary.minutes_missing) / items);
}

void ShowProof(Clinic& clinic) {
  Section("8. The log is the truth");
  const auto health = Get(clinic.service().CheckHealth(clinic.now()));
  std::printf(
      "  referrals in %llu = open %llu + answered %llu; broken "
      "invariants %zu\n",
      static_cast<unsigned long long>(health.referrals_in),
      static_cast<unsigned long long>(health.referrals_open),
      static_cast<unsigned long long>(health.referrals_answered),
      health.violations.size());
  for (const std::string& line : health.violations) {
    std::printf("    %s\n", line.c_str());
  }
  const auto proof = Get(clinic.service().Verify());
  std::printf(
      "  %llu commands; %llu events of %llu streams replayed: %s\n",
      static_cast<unsigned long long>(clinic.commands()),
      static_cast<unsigned long long>(proof.events),
      static_cast<unsigned long long>(proof.streams),
      proof.differences.empty() ? "equal to the stored state" : "DIFFERENT");
  for (const std::string& line : proof.differences) {
    std::printf("    %s\n", line.c_str());
  }
  if (!health.violations.empty() || !proof.differences.empty()) {
    Stop("the proof failed");
  }
}

void Play(Service& service, const std::string& bundle) {
  Instant day_start = *stepwell::TimeFromText("2026-03-02T09:00", kZone);
  Clinic clinic(service, day_start);
  AddStaff(clinic);
  ShowIntake(clinic, bundle);
  ShowLadder(clinic);
  const std::vector<std::string> cases = Get(service.ListCases("", 10'000));
  for (int day = 0; day < kDays; ++day) {
    const Instant morning = day_start + WallDays(day);
    if (morning > clinic.now()) clinic.AdvanceTo(morning);
    if (day == 42) ShowMonday(clinic);
    if (day % 7 < 5) WorkOneDay(clinic, day);
    clinic.DeliverEffects();
    clinic.AdvanceTo(std::max(clinic.now(), morning + stepwell::Hours(10)));
    if (day == 43) {
      const std::string who = InTreatment(clinic, cases);
      ShowPatient(clinic, who);
      ShowVoid(clinic, who);
    }
    LiveOneEvening(clinic, cases, day);
  }
  ShowSummary(clinic);
  ShowProof(clinic);
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s BUNDLE.json STORE.db|memory:\n", argv[0]);
    return 2;
  }
  const std::string store = argv[2];
  std::ifstream in(argv[1], std::ios::binary);
  const std::string bundle(std::istreambuf_iterator<char>(in), {});
  stepwell::ServiceOptions options;
  options.protocol = "catalogue:icbt_sweden";
  options.prototype = true;  // the catalogue holds drafts
  auto service = stepwell::Service::Create(
      store == "memory:" ? store : "sqlite:" + store, options,
      *stepwell::TimeFromText("2026-03-02T08:00", "Europe/Stockholm"));
  if (!service.ok()) {
    std::fprintf(stderr, "demo: %s\n",
                 std::string(service.status().message()).c_str());
    return 1;
  }
  demo::Play(**service, bundle);
  return 0;
}
