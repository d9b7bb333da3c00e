// Mistakes in decisions: tables, predictions, endings without a person. One row
// a mistake: what is changed, and the issue that must come of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/decisions.h"
#include "protocol/mistake_support.h"

namespace stepwell::protocol {
namespace {

constexpr char kTriage[] = "/tracks/0/phases/0/items/1";
constexpr char kTailor[] = "/tracks/0/phases/1/items/2";
constexpr char kLimit[] = "/tracks/0/phases/1/items/3/predict";
constexpr char kThreshold[] = "/tracks/0/phases/1/items/3/predict/threshold";
constexpr char kCourse[] = "/tracks/0/phases/1/items/5";
constexpr char kExpected[] =
    "/tracks/0/phases/1/items/5/predict/expected_response";
constexpr char kForecast[] = "/tracks/0/phases/1/items/6/predict";
constexpr char kLinear[] = "/tracks/0/phases/1/items/6/predict/linear";
constexpr char kAdapt[] = "/tracks/0/phases/1/items/7";
constexpr char kLeaving[] = "/tracks/0/phases/1/items/9";

class DecisionMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(DecisionMistake, IsFound) { ExpectFound("decisions", GetParam()); }

// A member that gets a value it cannot have.
Mistake Bad(const std::string& name, const char* at, const char* field,
            const std::string& value, const std::string& code) {
  return {name, {{In(at, field), value}}, code, In(at, field), ""};
}

// A member that is taken out.
Mistake Without(const std::string& name, const char* at, const char* field) {
  return {name, {{In(at, field), ""}}, "missing_field", at, field};
}

INSTANTIATE_TEST_SUITE_P(
    Tables, DecisionMistake,
    ::testing::Values(
        Bad("Hit", kTriage, "table/hit", "\"all\"", "unknown_value"),
        Bad("Table", kTriage, "table", "[]", "wrong_type"),
        Bad("Rules", kTriage, "table/rules", "{}", "wrong_type"),
        Bad("NoRows", kTriage, "table/rules", "[]", "missing_field"),
        Bad("Otherwise", kTriage, "table/otherwise", "7", "wrong_type"),
        Without("NoOtherwise", "/tracks/0/phases/0/items/1/table", "otherwise"),
        Bad("RowId", kTriage, "table/rules/0/id", "\"a-b\"", "bad_name"),
        Bad("TakenId", kTriage, "table/rules/0/id", "\"otherwise\"",
            "bad_name"),
        Bad("TwiceTheId", kTriage, "table/rules/1/id", "\"too_young\"",
            "duplicate_id"),
        Bad("RowGuard", kTriage, "table/rules/0/if", "\"facts.age\"",
            "bad_guard"),
        Bad("HiddenMissing", kTriage, "table/rules/0/if",
            "\"facts.age.exists()\"", "guard_may_hide_missing"),
        Bad("OnUnknown", kTriage, "table/rules/0/on_unknown", "\"no\"",
            "unknown_value"),
        Mistake{"OnUnknownLeftOut",
                {{In(kTriage, "table/rules/0/on_unknown"), ""}},
                "on_unknown_missing",
                In(kTriage, "table/rules/0"),
                "on_unknown"},
        Bad("RowSource", kTriage, "table/rules/0/source", "\"nowhere\"",
            "unknown_reference"),
        Mistake{"NoSource",
                {{In(kTriage, "table/rules/0/source"), ""}},
                "no_source",
                In(kTriage, "table/rules/0"),
                ""},
        Bad("RowTitle", kTriage, "table/rules/0/title", "7", "wrong_type"),
        Bad("Outcome", kTriage, "table/rules/0/outcome", "\"a-b\"", "bad_name"),
        Bad("ListOfAFirst", kTriage, "table/rules/0/outcomes", "[\"x\"]",
            "unknown_field"),
        Bad("OneOfACollect", kTailor, "table/rules/0/outcome", "\"sleep\"",
            "unknown_field"),
        Bad("NoOutcomes", kTailor, "table/rules/0/outcomes", "[]",
            "missing_field"),
        Mistake{"OpensNothing",
                {{In(kTailor, "table/rules/0/open"), "[\"slep\"]"}},
                "unknown_reference",
                In(kTailor, "table/rules/0/open/0"),
                "sleep_module"},
        Bad("Field", kTailor, "table/row", "[]", "unknown_field"),
        Mistake{"AsksNobody",
                {{In(kTriage, "question"), ""}},
                "missing_field",
                kTriage,
                "question"},
        Mistake{"ProposesWhatCannotBeChosen",
                {{In(kAdapt, "table/rules/0/outcome"), "\"stays\""}},
                "unknown_reference",
                In(kAdapt, "table/rules/0/outcome"),
                "`outcomes`"},
        Mistake{"ProposesAll",
                {{In(kAdapt, "table/hit"), "\"collect\""}},
                "unknown_value",
                In(kAdapt, "table/hit"),
                "proposes"},
        Mistake{"ProposesAndOpens",
                {{In(kAdapt, "table/rules/0/open"), "[\"call\"]"}},
                "unknown_field",
                In(kAdapt, "table/rules/0/open"),
                "decision:item"},
        Mistake{"TableAndCriteria",
                {{In(kTriage, "criteria"), "[]"}},
                "missing_field",
                kTriage,
                "no two of them"},
        Mistake{"PredictAndOutcomes",
                {{In(kCourse, "outcomes"), "[\"stays\"]"},
                 {In(kCourse, "who"), "\"team\""}},
                "missing_field",
                kCourse,
                "no two of them"},
        Mistake{"UnheardOutcome",
                {{"/rules/0/on", "\"decision:triage=acepted\""}},
                "unknown_reference",
                "/rules/0/on",
                "accepted"},
        Mistake{"FactOfAnotherType",
                {{In(kCourse, "fact"), "\"motivation\""}},
                "wrong_type",
                In(kCourse, "fact"),
                "string"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Endings, DecisionMistake,
    ::testing::Values(
        Mistake{"NobodyAnswers",
                {{In(kLeaving, "automatic"), ""}},
                "ending_without_person",
                "/rules/9/do/1",
                "approver"},
        Mistake{"NoName",
                {{In(kLeaving, "automatic/approver"), "\"\""}},
                "missing_field",
                In(kLeaving, "automatic/approver"),
                "name"},
        Bad("Approver", kLeaving, "automatic/approver", "7", "wrong_type"),
        Bad("Automatic", kLeaving, "automatic", "true", "wrong_type"),
        Mistake{"OfAPerson",
                {{In(kAdapt, "automatic"), "{\"approver\": \"x\"}"}},
                "unknown_field",
                In(kAdapt, "automatic"),
                "a person"},
        Mistake{"UnknownEnds",
                {{In(kLeaving, "table/rules/0/on_unknown"), "\"raise\""}},
                "unknown_decides",
                "/rules/9/on",
                "ask or block"},
        Mistake{"UnknownIsEligible",
                {{In(kTriage, "table/rules/1/outcome"), "\"eligible\""}},
                "unknown_decides",
                In(kTriage, "table/rules/1/on_unknown"),
                "eligible"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Predictions, DecisionMistake,
    ::testing::Values(
        Bad("Predict", kCourse, "predict", "[]", "wrong_type"),
        Mistake{
            "OfNoKind", {{kThreshold, ""}}, "missing_field", kLimit, "one of"},
        Mistake{"OfTwoKinds",
                {{In(kForecast, "threshold"), "{}"}},
                "missing_field",
                kForecast,
                "one of"},
        Mistake{"NoSource",
                {{In(kForecast, "source"), ""}},
                "no_source",
                kForecast,
                ""},
        Mistake{"NothingOfUnknown",
                {{In(kForecast, "on_unknown"), ""}},
                "on_unknown_missing",
                kForecast,
                "raise (red)"},
        Bad("OnUnknown", kForecast, "on_unknown", "\"zero\"", "unknown_value"),
        Bad("UnknownTwice", kLimit, "on_unknown", "\"ask\"", "unknown_field"),
        Mistake{"AsksNobody",
                {{"/tracks/0/phases/1/items/6/question", ""}},
                "missing_field",
                "/tracks/0/phases/1/items/6",
                "question"},
        Bad("Threshold", kLimit, "threshold", "7", "wrong_type"),
        Without("NoRed", kThreshold, "red"),
        Bad("Red", kThreshold, "red", "7", "wrong_type"),
        Bad("RedGuard", kThreshold, "red/if", "\"phq9.score\"", "bad_guard"),
        Bad("RedUnknown", kThreshold, "red/on_unknown", "\"x\"",
            "unknown_value"),
        Bad("Yellow", kThreshold, "yellow", "\"x\"", "wrong_type"),
        Bad("Expected", kCourse, "predict/expected_response", "7",
            "wrong_type"),
        Bad("Value", kExpected, "value", "\"phq9.band\"", "bad_guard"),
        Bad("NoNumber", kExpected, "value", "\"phq9.risk\"", "bad_guard"),
        Bad("ZeroInSilence", kExpected, "value",
            "\"iif(phq9.score > 3, 1, 0)\"", "guard_may_hide_missing"),
        Bad("Better", kExpected, "better", "\"less\"", "unknown_value"),
        Without("NoBetter", kExpected, "better"),
        Bad("Since", kExpected, "since", "\"begun\"", "wrong_type"),
        Bad("SinceTwo", kExpected, "since",
            R"({"milestone": "begun", "phase": "pathway/care"})",
            "missing_field"),
        Bad("SinceMilestone", kExpected, "since/milestone", "\"bgun\"",
            "unknown_reference"),
        Mistake{"SincePhase",
                {{In(kExpected, "since"), R"({"phase": "care"})"}},
                "unknown_reference",
                In(kExpected, "since/phase"),
                "pathway/care"},
        Mistake{"SinceProgram",
                {{In(kExpected, "since"), R"({"program": "p"})"}},
                "unknown_reference",
                In(kExpected, "since/program"),
                ""},
        Bad("Weeks", kExpected, "weeks", "{}", "wrong_type"),
        Bad("NoWeeks", kExpected, "weeks", "[]", "missing_field"),
        Bad("Week", kExpected, "weeks/0/week", "-1", "out_of_range"),
        Bad("WeekOrder", kExpected, "weeks/1/week", "2", "out_of_range"),
        Bad("Green", kExpected, "weeks/0/green", "\"2\"", "wrong_type"),
        Bad("YellowBetter", kExpected, "weeks/1/yellow", "6", "out_of_range"),
        Bad("Digits", kExpected, "weeks/0/green",
            "1234567890123456789012345678901234567890", "out_of_range"),
        Mistake{"Unheard",
                {{"/rules/5/on", "\"decision:course_check=green\""}},
                "prediction_unheard",
                In(kCourse, "predict"),
                "decision:course_check=red"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Linear, DecisionMistake,
    ::testing::Values(
        Bad("Linear", kForecast, "linear", "7", "wrong_type"),
        Without("NoModel", kLinear, "model"),
        Bad("Model", kLinear, "model", "\"m\"", "wrong_type"),
        Without("NoSize", "/tracks/0/phases/1/items/6/predict/linear/model",
                "training_n"),
        Bad("Size", kLinear, "model/training_n", "0", "out_of_range"),
        Without("NoPopulation",
                "/tracks/0/phases/1/items/6/predict/linear/model",
                "population"),
        Bad("Population", kLinear, "model/population", "7", "wrong_type"),
        Bad("Name", kLinear, "model/name", "7", "wrong_type"),
        Bad("Accuracy", kLinear, "model/balanced_accuracy", "70",
            "out_of_range"),
        Bad("Date", kLinear, "model/date", "\"2026\"", "bad_date"),
        Bad("Intercept", kLinear, "intercept", "\"0\"", "wrong_type"),
        Without("NoIntercept", kLinear, "intercept"),
        Bad("Terms", kLinear, "terms", "[]", "missing_field"),
        Mistake{"Term",
                {{In(kLinear, "terms"), "[7]"}},
                "wrong_type",
                In(kLinear, "terms/0"),
                ""},
        Bad("TermId", kLinear, "terms/0/id", "\"A\"", "bad_name"),
        Bad("TermTwice", kLinear, "terms/1/id", "\"now\"", "duplicate_id"),
        Bad("TermTitle", kLinear, "terms/0/title", "7", "wrong_type"),
        Bad("TermValue", kLinear, "terms/0/value", "\"phq9.scor\"",
            "bad_guard"),
        Bad("Coefficient", kLinear, "terms/0/coefficient", "\"1\"",
            "wrong_type"),
        Without("NothingOfMissing",
                "/tracks/0/phases/1/items/6/predict/linear/terms/0", "missing"),
        Bad("Missing", kLinear, "terms/0/missing", "\"zero\"", "unknown_value"),
        Bad("MissingNumber", kLinear, "terms/0/missing", "0", "unknown_value"),
        Bad("Mean", kLinear, "terms/1/missing/mean", "\"3\"", "wrong_type"),
        Bad("YellowAboveRed", kLinear, "yellow", "0.5", "out_of_range"),
        Without("NoRed", kLinear, "red"),
        Mistake{"Weak",
                {{In(kLinear, "model/balanced_accuracy"), "0.669"}},
                "weak_prediction",
                In(kLinear, "model/balanced_accuracy"),
                "Forsell",
                true}),
    NameOf);

TEST(DecisionDocument, IsReadAsWritten) {
  const LoadResult result = Load(Shipped("decisions"));
  ASSERT_TRUE(result.protocol != nullptr) << Print(result.issues);
  EXPECT_EQ(Print(result.issues), "");
  const Protocol& protocol = *result.protocol;
  const Element& tailor = protocol.at(protocol.FindElement("tailor"));
  ASSERT_TRUE(tailor.table != nullptr);
  EXPECT_TRUE(tailor.by_data);
  EXPECT_EQ(tailor.table->hit, HitPolicy::kCollect);
  // Those of the rows and `otherwise`, each once, and what it may wait in.
  EXPECT_EQ(tailor.outcomes.size(), 5u);
  const Element& adapt = protocol.at(protocol.FindElement("adapt"));
  EXPECT_FALSE(adapt.by_data);
  EXPECT_EQ(adapt.outcomes.size(), 6u);
  const Element& forecast = protocol.at(protocol.FindElement("forecast_check"));
  ASSERT_TRUE(forecast.predict != nullptr && forecast.predict->linear);
  EXPECT_EQ(forecast.predict->linear->terms[2].coefficient.ToString(), "0.01");
}

}  // namespace
}  // namespace stepwell::protocol
