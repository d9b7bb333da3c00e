// service deploy, migrate, and the draft of a migration: newer versions of a
// protocol.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service_options.h"

namespace stepwell::cli {
namespace {

void PrintDeployed(const DeployResult& result) {
  PrintLine(absl::StrCat(
      result.protocol, " ", result.version, " (", result.hash.substr(0, 12),
      ") ",
      result.deployed ? Toned(Tone::kGood, "deployed: new cases begin with it")
                      : Toned(Tone::kQuiet, "is the current version already")));
  if (result.open_cases_elsewhere > 0) {
    PrintLine(absl::StrCat(
        "  ", Count(result.open_cases_elsewhere, "open case"),
        " on other versions: they stay there until they are migrated"));
  }
  if (!result.pools_elsewhere.empty()) {
    PrintLine(absl::StrCat("  their pools that this version has not: ",
                           absl::StrJoin(result.pools_elsewhere, ", "),
                           ": keep their members in them until then"));
  }
}

void PrintMigration(const MigrationReport& report) {
  PrintLine(absl::StrCat(
      report.from, " -> ", report.to, ": ",
      report.applied ? Toned(Tone::kGood, "applied")
                     : Toned(Tone::kBold, "dry run, nothing was written")));
  Table table({"cases", ""});
  const auto add = [&table](uint64_t cases, const char* words,
                            Tone tone = Tone::kPlain) {
    if (cases > 0) table.Add({absl::StrCat(cases), words}, tone);
  };
  add(report.fine, report.applied ? "went over" : "fine");
  add(report.choice, "need a choice", Tone::kBad);
  add(report.refused, "refused", Tone::kBad);
  add(report.there, "there already", Tone::kQuiet);
  add(report.not_concerned, "closed or on another version", Tone::kQuiet);
  table.Print();
  for (const MigrationReport::Reason& line : report.reasons) {
    PrintLine(absl::StrCat("  ", line.verdict, ": ", line.reason, " (",
                           Count(line.cases, "case"), ", first ", line.example,
                           ")"));
  }
  if (!report.next.empty()) {
    PrintLine(absl::StrCat("  the next batch: --after ", report.next));
  }
}

void AddDeploy(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "deploy",
      "Lets new cases begin with a newer version of the protocol", Takes::kNow);
  auto options = std::make_shared<DeployOptions>();
  auto protocol = std::make_shared<std::string>();
  verb->add_option("PROTOCOL", *protocol, "a file or catalogue:NAME")
      ->required();
  verb->add_option("--actor", options->actor, "who deploys it");
  verb->add_option("--reason", options->reason, "recorded with it");
  verb->add_flag("--prototype", options->prototype,
                 "also a protocol that is not approved; never for patients");
  OnRun(verb, common, [&common, arguments = arguments, options, protocol] {
    auto text = ReadProtocol(*protocol);
    if (!text.ok()) return Fail(common, text.status());
    options->protocol = *std::move(text);
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return Show(common, opened.Deploy(*options, now), kFine, PrintDeployed);
    });
  });
}

void AddMigrate(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "migrate",
      "Says which open cases can go over to another version; with --apply they "
      "do",
      Takes::kNow);
  auto options = std::make_shared<MigrationOptions>();
  auto path = std::make_shared<std::string>();
  auto dry_run = std::make_shared<bool>(false);
  verb->add_option("FILE", *path, "a migration document, or -")->required();
  CLI::Option* apply =
      verb->add_flag("--apply", options->apply, "write it; else a dry run");
  verb->add_flag("--dry-run", *dry_run, "write nothing, as without --apply")
      ->excludes(apply);
  verb->add_option("--actor", options->actor, "who answers for it");
  verb->add_option("--cases-max", options->cases_max,
                   "stop after so many cases");
  verb->add_option("--after", options->after, "go on after an earlier batch");
  OnRun(verb, common, [&common, arguments = arguments, options, path] {
    auto text = ReadInput(*path);
    if (!text.ok()) return Fail(common, text.status());
    options->migration = *std::move(text);
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      const auto report = opened.Migrate(*options, now);
      const bool all =
          report.ok() && report->choice == 0 && report->refused == 0;
      return Show(common, report, all ? kFine : kNo, PrintMigration);
    });
  });
}

void PrintAmendment(const AmendmentReport& report) {
  PrintLine(ToText(report));
  PrintLine(report.applied ? Toned(Tone::kGood, "applied")
                           : Toned(Tone::kBold, "nothing was written"));
  Table table({"cases", ""});
  const auto add = [&table](uint64_t cases, const char* words,
                            Tone tone = Tone::kPlain) {
    if (cases > 0) table.Add({absl::StrCat(cases), words}, tone);
  };
  add(report.fine, report.applied ? "went over" : "fine");
  add(report.there, "there already", Tone::kQuiet);
  add(report.closed, "closed and looked at", Tone::kQuiet);
  add(report.cases.size(), "would have been otherwise", Tone::kBad);
  add(report.alerts,
      report.applied ? "of them: an alert was raised"
                     : "of them: an alert would be raised",
      Tone::kBad);
  add(report.tasks,
      report.applied ? "of them: a task was opened"
                     : "of them: a task would be opened",
      Tone::kBad);
  add(report.choice, "need a choice: nothing is applied", Tone::kBad);
  add(report.refused, "refused: nothing is applied", Tone::kBad);
  add(report.elsewhere, "open on other versions: not reached", Tone::kBad);
  table.Print();
  PrintLine(absl::StrCat("  commands asked again: ", report.asked,
                         "; not: ", report.not_asked));
  for (const MigrationReport::Reason& line : report.reasons) {
    PrintLine(absl::StrCat("  ", line.verdict, ": ", line.reason, " (",
                           Count(line.cases, "case"), ", first ", line.example,
                           ")"));
  }
}

void AddAmend(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "amend",
      "Looks back at what would have been otherwise under a corrected version; "
      "with --apply all open cases go over to it",
      Takes::kNow);
  auto options = std::make_shared<AmendmentOptions>();
  auto path = std::make_shared<std::string>();
  verb->add_option("FILE", *path, "a migration document with an approver, or -")
      ->required();
  verb->add_flag("--apply", options->apply, "write it; else the look-back");
  verb->add_flag("--closed", options->closed, "look at closed cases too");
  verb->add_option("--actor", options->actor, "who carries it out");
  OnRun(verb, common, [&common, arguments = arguments, options, path] {
    auto text = ReadInput(*path);
    if (!text.ok()) return Fail(common, text.status());
    options->amendment = *std::move(text);
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      const auto report = opened.Amend(*options, now);
      const bool all =
          report.ok() &&
          report->choice + report->refused + report->elsewhere == 0;
      return Show(common, report, all ? kFine : kNo, PrintAmendment);
    });
  });
}

}  // namespace

void AddMigrationVerb(CLI::App& app, Common& common) {
  CLI::App* verb =
      AddVerb(app, common, "migration",
              "Drafts the migration from one version of a protocol to another");
  auto ends = std::make_shared<std::pair<std::string, std::string>>();
  verb->add_option("FROM", ends->first, "a file or catalogue:NAME")->required();
  verb->add_option("TO", ends->second, "a file or catalogue:NAME")->required();
  OnRun(verb, common, [&common, ends] {
    const auto from = ReadProtocol(ends->first);
    if (!from.ok()) return Fail(common, from.status());
    const auto to = ReadProtocol(ends->second);
    if (!to.ok()) return Fail(common, to.status());
    return Show(common, DraftMigration(*from, *to), kFine,
                [](const MigrationDraft& draft) {
                  PrintLine(draft.document);
                  for (const std::string& what : draft.unmapped) {
                    Note(absl::StrCat("not mapped: ", what));
                  }
                });
  });
}

void AddVersionVerbs(CLI::App& service, Common& common) {
  AddDeploy(service, common);
  AddMigrate(service, common);
  AddAmend(service, common);
}

}  // namespace stepwell::cli
