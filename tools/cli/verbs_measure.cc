// score, change and eval: instruments and expressions.
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli.h"
#include "stepwell/expression.h"
#include "stepwell/instrument.h"

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

// An id of the catalogue, or the file of a document.
absl::StatusOr<std::string> ReadInstrument(const std::string& given) {
  const bool is_file =
      given.find('/') != given.npos ||
      (given.size() > 5 && given.compare(given.size() - 5, 5, ".json") == 0);
  return is_file ? ReadInput(given) : absl::StatusOr<std::string>(given);
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

int Change(const Common& common, ChangeRequest request) {
  auto instrument = ReadInstrument(request.instrument);
  if (!instrument.ok()) return Fail(common, instrument.status());
  request.instrument = *std::move(instrument);
  return Report(common, InstrumentChange(request));
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
                   "refuse a document with another coding");
  verb->add_option("--profile", request->profile, "the cut-offs to use");
  verb->add_option("--missing", request->missing, "strict or prorate")
      ->check(CLI::IsMember({"strict", "prorate"}));
  verb->add_option("--risk-threshold", request->risk_threshold,
                   "of risk items, instead of the document's");
  OnRun(verb, common, [&common, request] { return Score(common, *request); });
}

void AddChange(CLI::App& app, Common& common) {
  CLI::App* verb =
      AddVerb(app, common, "change",
              "Judges the change between two scores of one person");
  auto request = std::make_shared<ChangeRequest>();
  verb->add_option("INSTRUMENT", request->instrument,
                   "an id of the catalogue, or a file")
      ->required();
  verb->add_option("--pre", request->pre, "the first score; absent: missing");
  verb->add_option("--post", request->post, "the last score; absent: missing");
  verb->add_option("--profile", request->profile, "the numbers to use");
  OnRun(verb, common, [&common, request] { return Change(common, *request); });
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
  AddEval(app, common);
}

}  // namespace stepwell::cli
