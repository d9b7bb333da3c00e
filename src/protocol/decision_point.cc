// Decision points: a prediction of how a course is going, green, yellow or
// red, by a threshold, an expected response or a linear predictor.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "protocol/case_view_model.h"
#include "protocol/decisions.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

using fhirpath::Decimal;

constexpr std::string_view kPredictFields[] = {
    "threshold", "expected_response", "linear", "on_unknown", "source"};
constexpr std::string_view kKinds[] = {"threshold", "expected_response",
                                       "linear"};
constexpr std::string_view kThresholdFields[] = {"red", "yellow"};
constexpr std::string_view kColourFields[] = {"if", "on_unknown", "max_age"};
constexpr std::string_view kExpectedFields[] = {"value", "max_age", "better",
                                                "since", "weeks"};
constexpr std::string_view kBetter[] = {"lower", "higher"};
constexpr std::string_view kSinceFields[] = {"milestone", "phase", "program"};
constexpr std::string_view kWeekFields[] = {"week", "green", "yellow"};
constexpr std::string_view kLinearFields[] = {"model", "intercept", "terms",
                                              "yellow", "red"};
constexpr std::string_view kModelFields[] = {"name", "training_n", "population",
                                             "balanced_accuracy", "date"};
constexpr std::string_view kTermFields[] = {
    "id", "title", "value", "max_age", "coefficient", "missing"};
constexpr std::string_view kMissingFields[] = {"mean"};
constexpr std::string_view kOnUnknown[] = {"block", "ask", "raise"};
constexpr int kWeeksMax = 520;

// A number of the document, exactly as it is written there.
std::optional<Decimal> ReadDecimal(ObjectReader& object, std::string_view key,
                                   bool needed) {
  const json::Value value = needed ? object.Need(key) : object.Get(key);
  if (!value) return std::nullopt;
  if (!value.is_number()) {
    WrongType(value, "a number", object.issues());
    return std::nullopt;
  }
  const auto number = Decimal::Parse(value.number_text());
  if (!number) {
    object.Error(key, "out_of_range", "a number has at most 38 digits");
  }
  return number;
}

// A week's answer that never came is not the one before it: a course is judged
// by scores of which somebody has said how old they may be.
void NeedAge(Loading& loading, ObjectReader& object,
             const fhirpath::Program& program) {
  if (object.Has("max_age") || loading.stored) return;
  constexpr std::string_view kAging[] = {"score", "band",    "tier",
                                         "risk",  "answers", "subscales"};
  for (const std::vector<std::string>& path : program.reads()) {
    if (path.size() < 2 ||
        loading.instruments.Find(path[0]) == NameTable::kNone ||
        std::find(std::begin(kAging), std::end(kAging), path[1]) ==
            std::end(kAging)) {
      continue;
    }
    AddError(loading.issues, "prediction_without_age", object.pointer(),
             absl::StrCat("`", path[0], ".", path[1],
                          "` may be of any age: an answer that never came "
                          "would be the one before it"),
             "say how old it may be: \"max_age\": \"10 days\"");
    return;
  }
}

// An expression that gives a number; what is missing in it stays missing, and
// so does what is older than `max_age` beside it.
Number ReadNumber(Loading& loading, ObjectReader& object,
                  std::string_view key) {
  Number number;
  number.max_age = ReadSpan(object, "max_age", false);
  const auto text = object.NeedText(key);
  if (!text) return number;
  number.text = *text;
  fhirpath::CompileOptions options;
  options.model = loading.protocol.view.get();
  options.root_type = kCaseViewType;
  options.strict_equality = true;
  options.allow_now = false;
  const fhirpath::CompileResult compiled = fhirpath::Compile(*text, options);
  ReportGuardIssues(object, key, compiled);
  if (compiled.program == nullptr) return number;
  const fhirpath::TypeId type = compiled.program->result_type();
  if (compiled.program->result_many() ||
      (type != fhirpath::kIntegerType && type != fhirpath::kDecimalType)) {
    object.Error(key, "bad_guard", "the expression is not one number",
                 "for example `phq9.first - phq9.score`");
    return number;
  }
  CheckDefinite(loading, object, key, *compiled.program);
  number.program = compiled.program;
  NeedAge(loading, object, *compiled.program);
  loading.guards.emplace_back(object.PointerTo(key), compiled.program);
  return number;
}

// Red and yellow are rows of a table, green is what is left.
void ReadThreshold(Loading& loading, ObjectReader& object, Element& element,
                   const Prediction& colours) {
  ObjectReader threshold(object.Object("threshold"), "`threshold`",
                         kThresholdFields, loading.issues);
  auto table = std::make_shared<DecisionTable>();
  const auto row = [&](std::string_view key, OutcomeId outcome) {
    ObjectReader colour(threshold.Object(key), "a colour", kColourFields,
                        loading.issues);
    TableRule rule;
    rule.id = key;
    rule.pointer = colour.pointer();
    colour.Need("if");
    rule.guard = ReadGuard(loading, colour, "if", GuardUse::kCriterion);
    if (rule.guard.program != nullptr) {
      NeedAge(loading, colour, *rule.guard.program);
    }
    rule.outcomes = {outcome};
    table->rules.push_back(std::move(rule));
  };
  threshold.Need("red");
  if (threshold.Has("red")) row("red", colours.red);
  if (threshold.Has("yellow")) row("yellow", colours.yellow);
  table->otherwise = {colours.green};
  element.table = std::move(table);
}

WeekAnchor ReadSince(Loading& loading, ObjectReader& object) {
  ObjectReader since(object.NeedObject("since"), "`since`", kSinceFields,
                     loading.issues);
  WeekAnchor anchor;
  if (!since.ok()) return anchor;
  anchor.milestone =
      ReadName<MilestoneId>(loading, since, "milestone", loading.milestones);
  anchor.phase = ReadName<PhaseId>(loading, since, "phase", loading.phases);
  anchor.program =
      ReadName<ProgramRef>(loading, since, "program", loading.programs);
  if (since.Has("milestone") + since.Has("phase") + since.Has("program") != 1) {
    AddError(loading.issues, "missing_field", since.pointer(),
             "weeks count from one thing",
             "name a `milestone`, a `phase` (\"pathway/treatment\") or a "
             "`program`");
  }
  return anchor;
}

// The yellow limit is worse than the green one.
void CheckLimits(ObjectReader& object, const ExpectedWeek& week,
                 bool lower_is_better) {
  if (!week.yellow) return;
  const int order = fhirpath::Compare(week.green, *week.yellow);
  if (lower_is_better ? order < 0 : order > 0) return;
  object.Error("yellow", "out_of_range",
               "yellow must lie on the worse side of green",
               lower_is_better ? "a higher number" : "a lower number");
}

std::vector<ExpectedWeek> ReadWeeks(Loading& loading, ObjectReader& object,
                                    bool lower_is_better) {
  std::vector<ExpectedWeek> weeks;
  const json::Value rows = object.NeedArray("weeks");
  for (const json::Value value : json::Children(rows)) {
    ObjectReader row(value, "a week", kWeekFields, loading.issues);
    row.Need("week");
    ExpectedWeek week;
    week.week = static_cast<int>(row.Int("week", 0, kWeeksMax).value_or(0));
    week.green = ReadDecimal(row, "green", true).value_or(Decimal());
    week.yellow = ReadDecimal(row, "yellow", false);
    CheckLimits(row, week, lower_is_better);
    if (!weeks.empty() && row.ok() && week.week <= weeks.back().week) {
      row.Error("week", "out_of_range", "weeks stand in ascending order");
    }
    weeks.push_back(week);
  }
  if (rows && rows.size() == 0) {
    object.Error("weeks", "missing_field", "there is no week to expect in");
  }
  return weeks;
}

ExpectedResponse ReadExpected(Loading& loading, ObjectReader& object) {
  ObjectReader reader(object.Object("expected_response"), "`expected_response`",
                      kExpectedFields, loading.issues);
  ExpectedResponse expected;
  expected.value = ReadNumber(loading, reader, "value");
  reader.Need("better");
  expected.lower_is_better = reader.Choice("better", kBetter).value_or(0) == 0;
  expected.since = ReadSince(loading, reader);
  expected.weeks = ReadWeeks(loading, reader, expected.lower_is_better);
  return expected;
}

// Nobody can judge a prediction whose origin is not known.
PredictorFacts ReadModel(Loading& loading, ObjectReader& object) {
  ObjectReader model(object.NeedObject("model"), "`model`", kModelFields,
                     loading.issues);
  PredictorFacts facts;
  facts.name = model.NeedText("name").value_or("");
  facts.population = model.NeedText("population").value_or("");
  model.Need("training_n");
  facts.training_n = model.Int("training_n", 1, 1'000'000'000'000).value_or(1);
  facts.balanced_accuracy =
      ReadDecimal(model, "balanced_accuracy", true).value_or(Decimal());
  if (facts.balanced_accuracy.negative() ||
      fhirpath::Compare(facts.balanced_accuracy, Decimal(1)) > 0) {
    model.Error("balanced_accuracy", "out_of_range",
                "a share lies between 0 and 1");
  }
  facts.date = model.NeedText("date").value_or("");
  if (model.Get("date").is_string() && !ParseDate(facts.date)) {
    model.Error("date", "bad_date", "a date is written 2026-01-31");
  }
  return facts;
}

LinearTerm ReadTerm(Loading& loading, json::Value value, NameTable& names) {
  ObjectReader reader(value, "a term", kTermFields, loading.issues);
  LinearTerm term;
  term.id = ReadId(reader, names);
  reader.CheckTexts("title");
  term.value = ReadNumber(loading, reader, "value");
  term.coefficient =
      ReadDecimal(reader, "coefficient", true).value_or(Decimal());
  const json::Value missing = reader.Need("missing");
  if (missing.is_string()) {
    if (missing.string_value() == "unknown") return term;
  } else if (missing.is_object()) {
    ObjectReader mean(missing, "`missing`", kMissingFields, loading.issues);
    term.mean = ReadDecimal(mean, "mean", true);
    return term;
  }
  if (missing) {
    reader.Error("missing", "unknown_value",
                 "what stands in for a missing value is said",
                 "\"unknown\" (the prediction waits) or {\"mean\": 14.2}");
  }
  return term;
}

LinearPredictor ReadLinear(Loading& loading, ObjectReader& object) {
  ObjectReader reader(object.Object("linear"), "`linear`", kLinearFields,
                      loading.issues);
  LinearPredictor linear;
  linear.model = ReadModel(loading, reader);
  linear.intercept = ReadDecimal(reader, "intercept", true).value_or(Decimal());
  linear.yellow = ReadDecimal(reader, "yellow", false);
  linear.red = ReadDecimal(reader, "red", true).value_or(Decimal());
  if (linear.yellow && fhirpath::Compare(*linear.yellow, linear.red) >= 0) {
    reader.Error("yellow", "out_of_range", "yellow lies below red");
  }
  NameTable names("term");
  const json::Value terms = reader.NeedArray("terms");
  for (const json::Value term : json::Children(terms)) {
    linear.terms.push_back(ReadTerm(loading, term, names));
  }
  if (terms && terms.size() == 0) {
    reader.Error("terms", "missing_field", "a predictor has a term");
  }
  return linear;
}

// What a prediction takes, beside its threshold whose guards say it each.
void ReadOnUnknown(ObjectReader& object, Prediction& predict) {
  if (object.Has("threshold")) {
    if (object.Has("on_unknown")) {
      object.Error("on_unknown", "unknown_field",
                   "each guard of a threshold says what unknown does");
    }
    return;
  }
  if (!object.Has("on_unknown")) {
    AddError(object.issues(), "on_unknown_missing", object.pointer(),
             "a prediction must say what happens when a value is missing",
             "add `on_unknown`: ask, raise (red) or block");
    return;
  }
  if (const auto choice = object.Choice("on_unknown", kOnUnknown)) {
    predict.on_unknown = static_cast<OnUnknown>(*choice);
  }
}

}  // namespace

void DeclareColours(Loading& loading, json::Value item) {
  const json::Value predict = item.Find("predict");
  if (!predict.is_object()) return;
  for (const char* colour : {"green", "yellow", "red"}) {
    loading.outcomes.Intern(colour, predict.pointer(), loading.issues);
  }
}

void ReadPrediction(Loading& loading, ObjectReader& object, Element& element) {
  ObjectReader reader(object.Object("predict"), "`predict`", kPredictFields,
                      loading.issues);
  if (!reader.ok()) return;
  const auto given =
      std::count_if(std::begin(kKinds), std::end(kKinds),
                    [&](std::string_view kind) { return reader.Has(kind); });
  if (given != 1) {
    AddError(loading.issues, "missing_field", reader.pointer(),
             "a prediction goes by one of `threshold`, `expected_response` "
             "and `linear`");
    return;
  }
  auto predict = std::make_shared<Prediction>();
  predict->green = OutcomeId(loading.outcomes.Find("green"));
  predict->yellow = OutcomeId(loading.outcomes.Find("yellow"));
  predict->red = OutcomeId(loading.outcomes.Find("red"));
  ReadSource(loading, reader, "this prediction");
  ReadOnUnknown(reader, *predict);
  element.outcomes = {predict->green, predict->yellow, predict->red,
                      kUndetermined};
  if (reader.Has("threshold")) {
    ReadThreshold(loading, reader, element, *predict);
  } else if (reader.Has("linear")) {
    predict->linear = ReadLinear(loading, reader);
  } else {
    predict->expected = ReadExpected(loading, reader);
  }
  element.predict = std::move(predict);
}

}  // namespace stepwell::protocol
