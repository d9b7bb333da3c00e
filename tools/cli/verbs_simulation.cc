// simulate: what if, before it is done.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli.h"
#include "stepwell/simulation.h"

namespace stepwell::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // for the handler

extern "C" void OnInterrupt(int) { interrupted = true; }

struct SimulateArguments {
  std::string protocol, plan;
  std::vector<std::string> set, what_if;
  SimulationOptions options;
};

// A bar on the standard error of a terminal; Ctrl-C cancels.
class Progress {
 public:
  Progress() : shown_(isatty(STDERR_FILENO) == 1) {
    before_ = std::signal(SIGINT, OnInterrupt);
  }
  ~Progress() {
    std::signal(SIGINT, before_ == SIG_ERR ? SIG_DFL : before_);
    if (shown_) std::fprintf(stderr, "\r\x1b[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  bool operator()(uint64_t done, uint64_t total) {
    const int percent = static_cast<int>(100 * done / total);
    if (shown_ && percent != percent_) {
      percent_ = percent;
      const std::string bar(static_cast<size_t>(percent / 4), '#');
      std::fprintf(stderr, "\rsimulating [%-25s] %3d %%", bar.c_str(), percent);
      std::fflush(stderr);
    }
    return !interrupted;
  }

 private:
  bool shown_;
  int percent_ = -1;
  void (*before_)(int) = SIG_DFL;
};

std::string Number(const std::optional<double>& value) {
  return value ? absl::StrFormat("%.4g", *value) : "-";
}

void PrintText(const SimulationResult& result) {
  const SimulationManifest& manifest = result.manifest;
  PrintLine(
      Toned(Tone::kBold,
            absl::StrCat(manifest.protocol, " with plan ", manifest.plan, ": ",
                         Count(manifest.replications, "replication"), ", seed ",
                         manifest.seed, ", ", Count(result.cases, "case"), ", ",
                         Count(result.commands, "command"))));
  for (const std::string& sentence : result.sentences) {
    PrintLine(absl::StrCat("  ", sentence));
  }
  PrintLine("");
  Table table({"measure", "of", "statistic", "mean", "95 % from", "to", "unit",
               "note"});
  for (const SimulationMeasure& measure : result.measures) {
    table.Add({measure.name, measure.stratum, measure.statistic,
               Number(measure.mean), Number(measure.low), Number(measure.high),
               measure.unit, measure.note});
  }
  table.Print("  ");
}

// The figures of both and what lies between them.
void PrintDifferences(const SimulationResult& result) {
  PrintLine("");
  PrintLine(
      Toned(Tone::kBold, "what if, less the plan as it is (the same people):"));
  Table table({"measure", "of", "statistic", "as it is", "what if",
               "difference", "95 % from", "to", "unit", "note"});
  std::map<std::tuple<std::string, std::string, std::string>,
           std::optional<double>>
      before;
  for (const SimulationMeasure& measure : result.against->measures) {
    before[{measure.name, measure.stratum, measure.statistic}] = measure.mean;
  }
  // One for each measure, in the same order.
  for (size_t i = 0; i < result.against->differences.size(); ++i) {
    const SimulationMeasure& difference = result.against->differences[i];
    table.Add({difference.name, difference.stratum, difference.statistic,
               Number(before[{difference.name, difference.stratum,
                              difference.statistic}]),
               Number(result.measures[i].mean), Number(difference.mean),
               Number(difference.low), Number(difference.high), difference.unit,
               difference.note});
  }
  table.Print("  ");
}

absl::Status ReadSettings(const std::vector<std::string>& texts,
                          const char* option, SimulationOptions& options) {
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == text.npos || equals == 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          option,
          " takes PATH=VALUE, for example arrivals.self.per_year=3000, not \"",
          text, "\""));
    }
    options.set.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return absl::OkStatus();
}

absl::Status ReadArguments(SimulateArguments& arguments) {
  auto protocol = ReadProtocol(arguments.protocol);
  if (!protocol.ok()) return protocol.status();
  auto plan = ReadProtocol(arguments.plan);
  if (!plan.ok()) return plan.status();
  arguments.options.protocol = *std::move(protocol);
  arguments.options.plan = *std::move(plan);
  return ReadSettings(arguments.set, "--set", arguments.options);
}

absl::StatusOr<SimulationResult> Run(SimulationOptions& options) {
  Progress progress;
  options.progress = [&](uint64_t done, uint64_t total) {
    return progress(done, total);
  };
  return Simulate(options);
}

// The plan as it is and, when it is asked, the other against it. One that has
// errors is the result.
absl::StatusOr<SimulationResult> RunBoth(SimulateArguments& arguments) {
  SimulationOptions other = arguments.options;
  const absl::Status read = ReadSettings(arguments.what_if, "--what-if", other);
  if (!read.ok()) return read;
  auto result = Run(arguments.options);
  if (arguments.what_if.empty() || !result.ok() || !result->ok) return result;
  other.against = &*result;
  return Run(other);
}

int RunSimulation(const Common& common, SimulateArguments& arguments) {
  const absl::Status read = ReadArguments(arguments);
  if (!read.ok()) return Fail(common, read);
  const absl::StatusOr<SimulationResult> result = RunBoth(arguments);
  if (!result.ok()) return Fail(common, result.status());
  const int code = result->ok ? kFine : kNo;
  if (common.json) {
    PrintLine(ToJson(*result));
    return code;
  }
  if (!result->ok) {
    PrintIssues(result->protocol_issues);
    PrintIssues(result->plan_issues);
    PrintLine(absl::StrCat(arguments.plan, ": ",
                           Toned(Tone::kBad, "nothing was simulated")));
    return code;
  }
  PrintIssues(result->plan_issues);  // warnings
  PrintText(*result);
  if (result->against) PrintDifferences(*result);
  return code;
}

}  // namespace

void AddSimulationVerbs(CLI::App& app, Common& common) {
  CLI::App* verb =
      AddVerb(app, common, "simulate", "Plays a plan of people and staff");
  auto arguments = std::make_shared<SimulateArguments>();
  verb->add_option("PROTOCOL", arguments->protocol,
                   "a file, - or catalogue:NAME")
      ->required();
  verb->add_option("--plan", arguments->plan,
                   "the plan (docs/formats/plan.md): a file or catalogue:NAME")
      ->required();
  verb->add_option("--set", arguments->set,
                   "PATH=VALUE puts a JSON value into the plan; may be given "
                   "again")
      ->allow_extra_args(false);
  verb->add_option("--what-if", arguments->what_if,
                   "PATH=VALUE put in besides: simulates both and shows how "
                   "they differ; may be given again")
      ->allow_extra_args(false);
  verb->add_option("--replications", arguments->options.replications,
                   "how often it is played (20)");
  verb->add_option("--seed", arguments->options.seed,
                   "names the experiment (1): the same seed, the same people");
  verb->add_option("--threads", arguments->options.threads,
                   "threads that share the replications (1)");
  OnRun(verb, common,
        [&common, arguments] { return RunSimulation(common, *arguments); });
}

}  // namespace stepwell::cli
