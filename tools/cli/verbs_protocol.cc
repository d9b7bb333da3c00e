// check and run: protocols before they are live.
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli.h"
#include "stepwell/scenario.h"
#include "stepwell/service.h"

namespace stepwell::cli {
namespace {

// The document with its overlays applied.
int Render(const Common& common, const std::string& given) {
  const auto text = ReadProtocol(given);
  if (!text.ok()) return Fail(common, text.status());
  const auto protocol = Protocol::Compile(*text);
  if (!protocol.ok()) {
    return Fail(
        common,
        absl::Status(protocol.status().code(),
                     absl::StrCat(given, ": ", protocol.status().message())));
  }
  PrintLine((*protocol)->DocumentJson());
  return kFine;
}

int Check(const Common& common, const std::string& given) {
  const auto text = ReadProtocol(given);
  if (!text.ok()) return Fail(common, text.status());
  const auto check = CheckProtocol(*text);
  if (!check.ok()) {
    return Fail(common, absl::Status(check.status().code(),
                                     absl::StrCat(given, ": ",
                                                  check.status().message())));
  }
  const int code = check->ok ? kFine : kNo;
  if (common.json) {
    PrintLine(ToJson(*check));
    return code;
  }
  PrintIssues(check->issues);
  uint64_t errors = 0;
  for (const Issue& issue : check->issues) {
    errors += issue.severity == Severity::kError ? 1 : 0;
  }
  const uint64_t others = check->issues.size() - errors;
  if (check->ok) {
    PrintLine(absl::StrCat(check->id, " ", check->version, " (", check->status,
                           "): ", Toned(Tone::kGood, "fine"), ", ",
                           Count(others, "warning")));
    PrintLine(absl::StrCat("  document ", check->hash));
    PrintLine(absl::StrCat("  logic    ", check->logic_hash));
  } else {
    PrintLine(absl::StrCat(given, ": ",
                           Toned(Tone::kBad, Count(errors, "error")), ", ",
                           Count(others, "warning")));
  }
  return code;
}

struct RunOptions {
  std::string protocol, script, calls;
  std::string store = "memory:";
  bool log = false;
};

// The document that is played: what the command line says, else what the script
// names, a file beside it.
absl::StatusOr<std::string> ReadPlayed(const RunOptions& run,
                                       const std::string& script) {
  if (!run.protocol.empty()) return ReadProtocol(run.protocol);
  const std::string named = ScenarioProtocol(script);
  if (named.empty() || named.rfind("catalogue:", 0) == 0) return named;
  auto document = ReadInput(
      (std::filesystem::path(run.script).parent_path() / named).string());
  if (document.ok()) return document;
  return absl::Status(document.status().code(),
                      absl::StrCat(run.script, ": the line \"# protocol: ",
                                   named, "\": ", document.status().message()));
}

absl::Status KeepCalls(const std::string& path, const ScenarioResult& played) {
  if (path.empty()) return absl::OkStatus();
  std::string lines;
  for (const ScenarioCall& call : played.calls) {
    absl::StrAppend(&lines, ToJson(call), "\n");
  }
  std::ofstream out(path, std::ios::binary);
  out << lines << std::flush;
  if (out.good()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

int Run(const Common& common, const RunOptions& run) {
  ScenarioOptions options;
  options.store = run.store;
  const auto script = ReadInput(run.script);
  if (!script.ok()) return Fail(common, script.status());
  auto protocol = ReadPlayed(run, *script);
  if (!protocol.ok()) return Fail(common, protocol.status());
  options.protocol = *std::move(protocol);
  const auto played = PlayScenario(*script, options);
  if (!played.ok()) {
    return Fail(common, absl::Status(played.status().code(),
                                     absl::StrCat(run.script, ": ",
                                                  played.status().message())));
  }
  const absl::Status kept = KeepCalls(run.calls, *played);
  if (!kept.ok()) return Fail(common, kept);
  const int code = played->ok ? kFine : kNo;
  if (common.json) {
    PrintLine(ToJson(*played));
    return code;
  }
  if (!played->ok || run.log) Print(played->log);
  if (!played->ok) {
    PrintLine(absl::StrCat(run.script, ":", played->line, ": ",
                           Toned(Tone::kBad, "failed")));
    PrintLine(played->message);
  } else {
    PrintLine(absl::StrCat(run.script, ": ", Toned(Tone::kGood, "fine"), ", ",
                           Count(played->commands, "command"), ", ",
                           Count(played->events, "event"), ", ",
                           Count(played->expectations, "expectation"), " met"));
  }
  return code;
}

}  // namespace

void AddProtocolVerbs(CLI::App& app, Common& common) {
  CLI::App* check = AddVerb(app, common, "check", "Checks a protocol document");
  auto given = std::make_shared<std::string>();
  check->add_option("PROTOCOL", *given, "a file, - or catalogue:NAME")
      ->required();
  auto rendered = std::make_shared<bool>(false);
  check->add_flag("--rendered", *rendered,
                  "print the document instead, overlays applied");
  OnRun(check, common, [&common, given, rendered] {
    return *rendered ? Render(common, *given) : Check(common, *given);
  });

  CLI::App* run = AddVerb(app, common, "run", "Plays a scenario file");
  auto options = std::make_shared<RunOptions>();
  run->add_option("PROTOCOL", options->protocol,
                  "a file or catalogue:NAME; default: what the script names");
  run->add_option("--script", options->script,
                  "the scenario (docs/formats/scenario.md); - for stdin")
      ->required();
  run->add_option("--store", options->store, "memory: or sqlite:PATH");
  run->add_flag("--log", options->log, "print the events too");
  run->add_option("--calls", options->calls,
                  "write what was called to this file, one JSON line each");
  OnRun(run, common, [&common, options] { return Run(common, *options); });
}

}  // namespace stepwell::cli
