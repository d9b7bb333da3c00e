// score, change, outcomes and eval: instruments and expressions.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli.h"
#include "service_options.h"
#include "stepwell/expression.h"
#include "stepwell/instrument.h"
#include "stepwell/measure.h"

namespace stepwell::cli {
namespace {

int Report(const Common& common,
           const absl::StatusOr<InstrumentReport>& report) {
  if (!report.ok()) return Fail(common, report.status());
  if (common.json) {
    PrintLine(report->json);
  } else {
    size_t width = 0;
    for (const auto& row : report->rows) {
      width = std::max(width, row.first.size());
    }
    for (const auto& [label, value] : report->rows) {
      PrintLine(absl::StrCat(label, std::string(width - label.size() + 2, ' '),
                             value));
    }
  }
  return report->ok ? kFine : kNo;
}

// "@FILE" and "-" stand for the bytes of a file.
absl::StatusOr<std::string> TextOrFile(const std::string& given) {
  if (given == "-") return ReadInput(given);
  if (!given.empty() && given[0] == '@') return ReadInput(given.substr(1));
  return given;
}

int Score(const Common& common, ScoreRequest request) {
  auto instrument = ReadInstrument(request.instrument);
  if (!instrument.ok()) return Fail(common, instrument.status());
  request.instrument = *std::move(instrument);
  auto answers = TextOrFile(request.answers);
  if (!answers.ok()) return Fail(common, answers.status());
  request.answers = *std::move(answers);
  auto context = TextOrFile(request.context);
  if (!context.ok()) return Fail(common, context.status());
  request.context = *std::move(context);
  return Report(common, ScoreInstrument(request));
}

// `change` takes an instrument and two scores, or a table and two columns.
struct ChangeOptions {
  std::string what, pre, post, profile, subscale;
  TableChangeRequest table;
  std::string method, clinical, functional;

  bool SaysMoreThanAnInstrumentHas() const {
    return !table.better.empty() || table.reliability ||
           table.reliability_post || table.sd || table.mean || table.critical ||
           !table.cutoff.empty() || !table.by.empty() ||
           !table.remission.empty() || !clinical.empty() || !functional.empty();
  }
  // Standard input, a file that is named like a table, or what is no
  // instrument by its name and is to be judged by a method.
  bool IsTable() const {
    const std::string name = absl::AsciiStrToLower(what);
    for (const char* end : {".csv", ".tsv", ".txt"}) {
      if (absl::EndsWith(name, end)) return true;
    }
    const std::vector<std::string> ids = InstrumentIds();
    const bool is_instrument =
        absl::EndsWith(name, ".json") ||
        std::find(ids.begin(), ids.end(), name) != ids.end();
    return what == "-" || (!method.empty() && !is_instrument);
  }
};

// "M,SD"
absl::StatusOr<std::optional<GroupNumbers>> ReadGroup(const char* option,
                                                      const std::string& text) {
  if (text.empty()) return std::optional<GroupNumbers>();
  const size_t comma = text.find(',');
  GroupNumbers out;
  if (comma == text.npos ||
      !absl::SimpleAtod(text.substr(0, comma), &out.mean) ||
      !absl::SimpleAtod(text.substr(comma + 1), &out.sd)) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, " is a mean and an SD: 14.2,6.1; not ", text));
  }
  return std::optional<GroupNumbers>(out);
}

int ChangeTable(const Common& common, ChangeOptions options) {
  if (!options.profile.empty() || !options.subscale.empty()) {
    return Fail(common,
                "--profile and --subscale go with an instrument, not with a "
                "table");
  }
  const auto clinical = ReadGroup("--clinical", options.clinical);
  if (!clinical.ok()) return Fail(common, clinical.status());
  const auto functional = ReadGroup("--functional", options.functional);
  if (!functional.ok()) return Fail(common, functional.status());
  auto csv = ReadInput(options.what);
  if (!csv.ok()) return Fail(common, csv.status());
  TableChangeRequest& request = options.table;
  if (!options.method.empty()) request.method = options.method;
  request.csv = *std::move(csv);
  request.pre = options.pre;
  request.post = options.post;
  request.clinical = *clinical;
  request.functional = *functional;
  return Report(common, ChangeOfTable(request));
}

int Change(const Common& common, const ChangeOptions& options) {
  if (options.IsTable()) return ChangeTable(common, options);
  if (options.method == "hll" || options.method == "ha") {
    return Fail(common, absl::StrCat("the method ", options.method,
                                     " needs what only a cohort has: it judges "
                                     "a table, and nothing of one person"));
  }
  if (!options.method.empty()) {
    return Fail(common,
                "--method judges a table (FILE.csv, or -): with an instrument "
                "every method that its document has the numbers for is given");
  }
  if (options.SaysMoreThanAnInstrumentHas()) {
    return Fail(common,
                "with an instrument the numbers are those of its document: "
                "--better, --reliability, --sd, --cutoff and the like go with "
                "a table");
  }
  ChangeRequest request;
  request.pre = options.pre;
  request.post = options.post;
  request.profile = options.profile;
  request.subscale = options.subscale;
  auto instrument = ReadInstrument(options.what);
  if (!instrument.ok()) return Fail(common, instrument.status());
  request.instrument = *std::move(instrument);
  return Report(common, InstrumentChange(request));
}

// Of a table, or of the log of a service.
struct OutcomesOptions {
  std::string file;
  OutcomesRequest table;
  ServiceArguments service;
  LogOutcomesRequest log;
  std::string as_known_at;

  bool SaysMoreThanATableHas() const {
    return !log.complaint.empty() || log.core_modules || log.as_corrected ||
           !as_known_at.empty() || !log.log_head.empty();
  }
};

int OutcomesOfStore(const Common& common, OutcomesOptions options) {
  LogOutcomesRequest& request = options.log;
  request.definition = options.table.definition;
  request.by = options.table.by;
  request.from = options.table.from;
  request.to = options.table.to;
  request.suppress_below = options.table.suppress_below;
  if (!options.as_known_at.empty()) {
    const auto at = ReadNow(options.as_known_at);
    if (!at.ok()) return Fail(common, at.status());
    request.as_known_at = *at;
  }
  return WithService(
      common, options.service, [&](Service& service, Instant now) {
        return Report(common, service.QueryOutcomes(request, now));
      });
}

int Outcomes(const Common& common, OutcomesOptions options) {
  // Beside a FILE it is no second answer to where the courses are.
  const char* named = std::getenv("STEPWELL_STORE");
  if (options.file.empty() && options.service.store.empty() &&
      named != nullptr) {
    options.service.store = named;
  }
  if (options.file.empty() == options.service.store.empty()) {
    return Fail(common, "outcomes takes a table (FILE) or a --store");
  }
  if (options.file.empty()) return OutcomesOfStore(common, std::move(options));
  if (options.SaysMoreThanATableHas()) {
    return Fail(common,
                "--complaint, --core-modules, --as-known-at, --log-head and "
                "--as-corrected go with --store");
  }
  auto csv = ReadInput(options.file);
  if (!csv.ok()) return Fail(common, csv.status());
  options.table.csv = *std::move(csv);
  return Report(common, OutcomesOfTable(options.table));
}

struct EvalOptions {
  std::string expression, resource, questionnaire, context, batch;
  std::string model = "r4";
  std::string now = "system";
};

int EvalBatch(const Common& common, const EvalOptions& options, Instant now) {
  const auto text = ReadInput(options.batch);
  if (!text.ok()) return Fail(common, text.status());
  ExpressionLineOptions lines;
  lines.now = now;
  lines.read_file = ReadInput;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.size() ? end : end + 1);
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    PrintLine(EvaluateExpressionLine(line, lines).json);
  }
  return kFine;
}

int Eval(const Common& common, const EvalOptions& options) {
  const auto now = ReadNow(options.now);
  if (!now.ok()) return Fail(common, now.status());
  if (options.expression.empty() == options.batch.empty()) {
    return Fail(common, "eval takes an expression or --batch FILE");
  }
  if (!options.batch.empty()) return EvalBatch(common, options, *now);
  ExpressionRequest request;
  request.expression = options.expression;
  request.context = options.context;
  request.r4_model = options.model == "r4";
  request.now = *now;
  if (!options.resource.empty()) {
    auto resource = ReadInput(options.resource);
    if (!resource.ok()) return Fail(common, resource.status());
    request.resource = *std::move(resource);
  }
  if (!options.questionnaire.empty()) {
    auto questionnaire = ReadInput(options.questionnaire);
    if (!questionnaire.ok()) return Fail(common, questionnaire.status());
    request.questionnaire = *std::move(questionnaire);
  }
  const ExpressionAnswer answer = EvaluateExpression(request);
  PrintLine(answer.json);
  return answer.ok ? kFine : kNo;
}

void AddScore(CLI::App& app, Common& common) {
  CLI::App* verb =
      AddVerb(app, common, "score", "Scores the answers to a questionnaire");
  auto request = std::make_shared<ScoreRequest>();
  verb->add_option("INSTRUMENT", request->instrument,
                   "an id of the catalogue (phq-9), or a file")
      ->required();
  verb->add_option("--answers", request->answers,
                   "JSON: [0, 1, null, ...] or an object by item; @FILE, -")
      ->required();
  verb->add_option("--context", request->context,
                   "JSON: {\"sex\": \"female\"}; @FILE");
  verb->add_option("--coding", request->coding,
                   "of the answers: chooses among the documents of one form "
                   "(k10: 1-5 or 0-4), and refuses one coded otherwise");
  verb->add_option("--profile", request->profile, "the cut-offs to use");
  verb->add_option("--missing", request->missing, "strict or prorate")
      ->check(CLI::IsMember({"strict", "prorate"}));
  verb->add_option("--risk-threshold", request->risk_threshold,
                   "of risk items, instead of the document's");
  OnRun(verb, common, [&common, request] { return Score(common, *request); });
}

void AddTableOptions(CLI::App& verb, const std::shared_ptr<ChangeOptions>& o) {
  TableChangeRequest& table = o->table;
  verb.add_option("--method", o->method,
                  "of a table: jt (default), gln, en, nk, hll, ha, percent, "
                  "mcid")
      ->check(CLI::IsMember(
          {"jt", "gln", "en", "nk", "hll", "ha", "percent", "mcid"}));
  verb.add_option("--better", table.better, "lower or higher scores")
      ->check(CLI::IsMember({"lower", "higher"}));
  verb.add_option("--reliability", table.reliability, "of the instrument");
  verb.add_option("--reliability-post", table.reliability_post,
                  "of last scores (nk); default: the same");
  verb.add_option("--sd", table.sd, "of first scores; default: the table's");
  verb.add_option("--mean", table.mean,
                  "of first scores; default: the table's");
  verb.add_option("--clinical", o->clinical,
                  "M,SD of the clinical group; default: the table's");
  verb.add_option("--functional", o->functional,
                  "M,SD of the functional group");
  verb.add_option("--cutoff", table.cutoff, "a, b or c")
      ->check(CLI::IsMember({"a", "b", "c"}));
  verb.add_option("--critical", table.critical,
                  "of the index; default 1.96, ha 1.645");
  verb.add_option("--by", table.by,
                  "percent: per cent (default 50); mcid: points");
  verb.add_option("--remission", table.remission,
                  "percent: this last score or better is remission");
}

void AddChange(CLI::App& app, Common& common) {
  CLI::App* verb = AddVerb(
      app, common, "change",
      "Judges the change between two scores of one person, or of a table");
  auto options = std::make_shared<ChangeOptions>();
  verb->add_option("WHAT", options->what,
                   "a table (FILE.csv, or -); an id of the catalogue, or the "
                   "file of an instrument")
      ->required();
  verb->add_option("--pre", options->pre,
                   "the first score (absent: missing), or its column");
  verb->add_option("--post", options->post,
                   "the last score (absent: missing), or its column");
  verb->add_option("--profile", options->profile,
                   "the instrument's numbers to use");
  verb->add_option("--subscale", options->subscale,
                   "the scores are those of this subscale, not totals");
  AddTableOptions(*verb, options);
  OnRun(verb, common, [&common, options] { return Change(common, *options); });
}

void AddStoreOptions(CLI::App& verb, OutcomesOptions& options) {
  LogOutcomesRequest& log = options.log;
  options.service.now = "system";
  verb.add_option(
      "--store", options.service.store,
      "of a service instead of FILE: sqlite:PATH (Env:STEPWELL_STORE "
      "when there is no FILE)");
  verb.add_option("--now", options.service.now,
                  "a time like 2026-03-02T09:00:00+01:00, or system (default)")
      ->envname("STEPWELL_NOW");
  verb.add_option("--complaint", log.complaint,
                  "the fact with the code of the presenting complaint");
  verb.add_option("--core-modules", log.core_modules,
                  "so many completed modules are the core dose");
  verb.add_option("--as-known-at", options.as_known_at,
                  "count by what had been recorded by then");
  verb.add_option("--log-head", log.log_head,
                  "of the stamp of the report that is to be had again");
  verb.add_flag("--as-corrected", log.as_corrected,
                "add what is otherwise by what is known now");
}

void AddOutcomes(CLI::App& app, Common& common) {
  CLI::App* verb = AddVerb(
      app, common, "outcomes",
      "Counts a table of courses, or those of a service, by a definition");
  auto options = std::make_shared<OutcomesOptions>();
  OutcomesRequest& table = options->table;
  verb->add_option("FILE", options->file,
                   "a CSV, one row a course (docs/reference/measures.md); -");
  verb->add_option("--definition", table.definition,
                   "nhs-tt, or nhs-tt-counts for a table of counts")
      ->required();
  verb->add_option("--by", table.by,
                   "a column whose values make groups; of a store: route, "
                   "program, therapist, month, quarter or year");
  verb->add_option("--from", table.from, "first day of the period");
  verb->add_option("--to", table.to, "last day of the period");
  verb->add_option("--suppress-below", table.suppress_below,
                   "keep back counts from 1 up to below this");
  AddStoreOptions(*verb, *options);
  OnRun(verb, common,
        [&common, options] { return Outcomes(common, *options); });
}

void AddEval(CLI::App& app, Common& common) {
  CLI::App* verb = AddVerb(app, common, "eval",
                           "Evaluates a FHIRPath expression; prints JSON");
  auto options = std::make_shared<EvalOptions>();
  verb->add_option("EXPRESSION", options->expression, "FHIRPath");
  verb->add_option("--resource", options->resource, "a JSON file, or -");
  verb->add_option("--context", options->context,
                   "an expression: what it gives is the input");
  verb->add_option("--questionnaire", options->questionnaire,
                   "a Questionnaire file, as %questionnaire");
  verb->add_option("--model", options->model, "r4 or none")
      ->check(CLI::IsMember({"r4", "none"}));
  verb->add_option("--batch", options->batch,
                   "a file with {\"expression\": ..., ...} a line, or -");
  verb->add_option("--now", options->now,
                   "of now() and today(): a time, or system (the default)");
  OnRun(verb, common, [&common, options] { return Eval(common, *options); });
}

}  // namespace

void AddMeasureVerbs(CLI::App& app, Common& common) {
  AddScore(app, common);
  AddChange(app, common);
  AddOutcomes(app, common);
  AddEval(app, common);
}

}  // namespace stepwell::cli
