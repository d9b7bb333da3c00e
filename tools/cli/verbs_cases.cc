// service case, explain, log: one case from the outside and from its log.
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service_options.h"

namespace stepwell::cli {
namespace {

void PrintLines(const char* title, const std::vector<WorkLine>& lines,
                const std::string& zone) {
  if (lines.empty()) return;
  PrintLine(Toned(Tone::kBold, title));
  Table table({"NO", "WHAT", "STATE", "OWNER", "PRIO", "SINCE", "DUE", "NOTE"});
  for (const WorkLine& line : lines) {
    table.Add({absl::StrCat(line.ordinal), NameText(line.what, line),
               line.state, OwnerText(line.owner_pool, line.owner_staff),
               absl::StrCat(line.priority), Clock(line.since, zone),
               absl::StrCat(Clock(line.due, zone), line.overdue ? " !" : ""),
               line.note},
              line.overdue ? Tone::kBad : Tone::kPlain);
  }
  table.Print("  ");
}

void PrintTimeline(const std::vector<TimelineEntry>& timeline, size_t last,
                   const std::string& zone, std::string_view indent) {
  const size_t skipped = timeline.size() > last ? timeline.size() - last : 0;
  if (skipped > 0) {
    PrintLine(absl::StrCat(std::string(indent), "(", skipped, " earlier)"));
  }
  Table table({"SEQ", "AT", "WHAT"});
  for (size_t i = skipped; i < timeline.size(); ++i) {
    const TimelineEntry& entry = timeline[i];
    table.Add({absl::StrCat(entry.seq), Clock(entry.at, zone), entry.text},
              entry.event == "CommandRecorded" ? Tone::kQuiet : Tone::kPlain);
  }
  table.Print(indent);
}

// What was decided, by whom or what, and what it saw.
void PrintDecisions(const std::vector<DecisionEntry>& decisions,
                    const std::string& zone) {
  if (decisions.empty()) return;
  PrintLine(Toned(Tone::kBold, "decisions"));
  Table table({"AT", "ITEM", "OUTCOME", "BY", "RULES", "SAW"});
  for (const DecisionEntry& decision : decisions) {
    std::string outcome = decision.outcomes.empty()
                              ? decision.outcome
                              : absl::StrJoin(decision.outcomes, ", ");
    if (!decision.proposed.empty() && decision.proposed != decision.outcome) {
      absl::StrAppend(&outcome, " (proposed: ", decision.proposed, ")");
    }
    const std::string by = decision.automatic ? "the data" : decision.actor;
    std::vector<std::string> saw = decision.inputs;
    saw.insert(saw.end(), decision.working.begin(), decision.working.end());
    if (!decision.reason.empty()) {
      saw.push_back(absl::StrCat("reason: ", decision.reason));
    }
    table.Add({Clock(decision.at, zone), decision.item, outcome, by,
               absl::StrJoin(decision.rules, ", "), absl::StrJoin(saw, "; ")});
  }
  table.Print("  ");
}

void PrintProgress(const std::vector<ItemProgress>& progress,
                   const std::string& zone) {
  if (progress.empty()) return;
  PrintLine(Toned(Tone::kBold, "progress"));
  Table table({"ITEM", "STATE", "SINCE", "PERCENT", "MINUTES", "DRAFT"});
  for (const ItemProgress& item : progress) {
    std::string draft;
    if (!item.draft_abandoned_at.IsNever()) {
      draft = absl::StrCat("abandoned ", Clock(item.draft_abandoned_at, zone));
    } else if (!item.draft_since.IsNever()) {
      draft = absl::StrCat("since ", Clock(item.draft_since, zone), ", last ",
                           Clock(item.draft_at, zone));
    }
    table.Add({item.item, item.state, Clock(item.since, zone),
               item.percent ? absl::StrCat(*item.percent) : "",
               item.seconds ? absl::StrCat(*item.seconds / 60) : "", draft});
  }
  table.Print("  ");
}

void PrintFollowUps(const std::vector<FollowUpEntry>& follow_ups,
                    const std::string& zone) {
  if (follow_ups.empty()) return;
  PrintLine(Toned(Tone::kBold, "follow-ups"));
  Table table({"WINDOW", "STATE", "TIMING", "OPENS", "DUE", "CLOSES"});
  for (const FollowUpEntry& entry : follow_ups) {
    table.Add({entry.window, entry.state, entry.timing,
               Clock(entry.opens, zone), Clock(entry.due, zone),
               Clock(entry.closes, zone)});
  }
  table.Print("  ");
}

void PrintCase(const CaseSummary& summary, const std::string& zone,
               size_t last) {
  PrintLine(absl::StrCat(
      Toned(Tone::kBold, absl::StrCat("case ", summary.case_id)), " of person ",
      summary.person_id, ", ", summary.open ? "open" : "closed",
      summary.paused ? ", paused" : "", ", version ", summary.version));
  PrintLine(absl::StrCat("  protocol ", summary.protocol, " (",
                         summary.protocol_hash.substr(0, 12), ")"));
  PrintLine(absl::StrCat("  owner    ",
                         OwnerText(summary.owner_pool, summary.owner_staff)));
  for (const auto& [track, phase] : summary.phases) {
    PrintLine(absl::StrCat("  track    ", track, ": ", phase));
  }
  for (const auto& [name, value] : summary.scores) {
    PrintLine(absl::StrCat("  score    ", name, " ", value));
  }
  PrintLines("alerts", summary.open_alerts, zone);
  PrintLines("messages", summary.open_messages, zone);
  PrintLines("items", summary.open_items, zone);
  PrintProgress(summary.progress, zone);
  PrintDecisions(summary.decisions, zone);
  PrintFollowUps(summary.follow_ups, zone);
  PrintLine(Toned(Tone::kBold, "timeline"));
  PrintTimeline(summary.timeline, last, zone, "  ");
}

void PrintExplanation(const Explanation& explanation, const std::string& zone) {
  PrintLine(absl::StrCat(explanation.item, " is ", explanation.state));
  for (const std::string& reason : explanation.reasons) {
    PrintLine(absl::StrCat("  because    ", reason));
  }
  for (const std::string& way : explanation.would_open) {
    PrintLine(absl::StrCat("  would open ", way));
  }
  PrintDecisions(explanation.decisions, zone);
  if (!explanation.withheld.empty()) {
    PrintLine(absl::StrCat("  not written: ", explanation.withheld));
  }
  for (const std::string& letter : explanation.letters) {
    PrintLine(absl::StrCat("  letter     ", letter));
  }
}

// One line an event with its case, so that lines of many cases stay apart.
void PrintLog(const Common& common, const CaseSummary& summary,
              const std::string& zone) {
  if (!common.json) {
    PrintLine(Toned(Tone::kBold, absl::StrCat("case ", summary.case_id)));
    PrintTimeline(summary.timeline, summary.timeline.size(), zone, "  ");
    return;
  }
  for (const TimelineEntry& entry : summary.timeline) {
    PrintLine(absl::StrCat("{\"case\":", Quote(summary.case_id),
                           ",\"event\":", entry.json, "}"));
  }
}

int LogAll(const Common& common, Service& service, Instant now,
           const std::string& zone) {
  constexpr size_t kPage = 1000;
  std::string after;
  while (true) {
    const auto cases = service.ListCases(after, kPage);
    if (!cases.ok()) return Fail(common, cases.status());
    for (const std::string& id : *cases) {
      const auto summary = service.QueryCase(id, now);
      if (!summary.ok()) return Fail(common, summary.status());
      PrintLog(common, *summary, zone);
    }
    if (cases->size() < kPage) return kFine;
    after = cases->back();
  }
}

// The service's own stream: staff, versions, safe mode, parked input.
int LogOfService(const Common& common, Service& service,
                 const std::string& zone) {
  constexpr size_t kPage = 1000;
  uint64_t after = 0;
  if (!common.json) PrintLine(Toned(Tone::kBold, "service"));
  while (true) {
    const auto entries = service.QueryServiceLog(after, kPage);
    if (!entries.ok()) return Fail(common, entries.status());
    if (!common.json) PrintTimeline(*entries, entries->size(), zone, "  ");
    for (const TimelineEntry& entry : *entries) {
      after = entry.seq;
      if (!common.json) continue;
      PrintLine(
          absl::StrCat("{\"stream\":\"service\",\"event\":", entry.json, "}"));
    }
    if (entries->size() < kPage) return kFine;
  }
}

void TakeAsOf(CLI::App* verb, ServiceArguments& arguments) {
  verb->add_option("--as-of", arguments.as_of,
                   "as it was known then: a time with an offset");
  verb->add_option("--axis", arguments.axis,
                   "clinical: as it was then, by what is known now")
      ->check(CLI::IsMember({"recorded", "clinical"}));
}

// Like WithService, with the time that is looked back to.
int WithPast(
    const Common& common, const ServiceArguments& arguments,
    const std::function<int(Service&, Instant, std::optional<Instant>)>& run) {
  std::optional<Instant> as_of;
  if (!arguments.as_of.empty()) {
    const auto read = ReadNow(arguments.as_of);
    if (!read.ok()) return Fail(common, read.status());
    as_of = *read;
  }
  return WithService(common, arguments, [&](Service& opened, Instant now) {
    return run(opened, now, as_of);
  });
}

Axis AxisOf(const ServiceArguments& arguments) {
  return arguments.axis == "clinical" ? Axis::kClinical : Axis::kRecorded;
}

void AddCase(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "case", "One case: its state and timeline", Takes::kNow);
  auto last = std::make_shared<size_t>(20);
  verb->add_option("WHO", arguments->who,
                   "a case, a person, or an identifier system|value")
      ->required();
  verb->add_option("--last", *last, "events of the timeline in text output");
  TakeAsOf(verb, *arguments);
  OnRun(verb, common, [&common, arguments = arguments, last] {
    return WithPast(
        common, *arguments,
        [&](Service& opened, Instant now, std::optional<Instant> as_of) {
          return Show(
              common,
              opened.QueryCase(arguments->who, now, as_of, AxisOf(*arguments)),
              kFine, [&](const CaseSummary& summary) {
                PrintCase(summary, arguments->zone, *last);
              });
        });
  });
}

void AddExplain(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "explain", "Why an item is where it is", Takes::kNow);
  verb->add_option("WHO", arguments->who,
                   "a case, a person, or an identifier system|value")
      ->required();
  verb->add_option("ITEM", arguments->item, "its name in the protocol")
      ->required();
  TakeAsOf(verb, *arguments);
  OnRun(verb, common, [&common, arguments = arguments] {
    return WithPast(
        common, *arguments,
        [&](Service& opened, Instant now, std::optional<Instant> as_of) {
          return Show(common,
                      opened.Explain(arguments->who, arguments->item, now,
                                     as_of, AxisOf(*arguments)),
                      kFine, [&](const Explanation& explanation) {
                        PrintExplanation(explanation, arguments->zone);
                      });
        });
  });
}

void AddLog(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "log",
      "The events of one case, of all, or of the service", Takes::kStore);
  CLI::Option* who =
      verb->add_option("WHO", arguments->who,
                       "a case, a person, or an identifier; absent: all cases");
  auto of_service = std::make_shared<bool>(false);
  verb->add_flag("--service", *of_service,
                 "the service's own events: staff, versions, safe mode")
      ->excludes(who);
  OnRun(verb, common, [&common, arguments = arguments, of_service] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      if (*of_service) return LogOfService(common, opened, arguments->zone);
      if (arguments->who.empty()) {
        return LogAll(common, opened, now, arguments->zone);
      }
      const auto summary = opened.QueryCase(arguments->who, now);
      if (!summary.ok()) return Fail(common, summary.status());
      PrintLog(common, *summary, arguments->zone);
      return kFine;
    });
  });
}

}  // namespace

void AddCaseVerbs(CLI::App& service, Common& common) {
  AddCase(service, common);
  AddExplain(service, common);
  AddLog(service, common);
}

}  // namespace stepwell::cli
