// What the loader says about documents that are wrong: one change to a good
// document, one issue with its code and its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/limits.h"
#include "instruments/good_document.h"
#include "instruments/instrument.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::instruments {
namespace {

TEST(LoadInstrument, AGoodDocumentHasNoIssues) {
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(kGood));
  for (const Issue& issue : loaded.issues) {
    ADD_FAILURE() << issue.pointer << " " << issue.code << " " << issue.message;
  }
  ASSERT_NE(loaded.instrument, nullptr);
  const Instrument& i = *loaded.instrument;
  EXPECT_EQ(i.scales()[0].min, Rational(1));
  EXPECT_EQ(i.scales()[0].max, Rational(13));
  EXPECT_EQ(i.scales()[1].rounding, Rounding::kNone);
  EXPECT_EQ(i.FindScale("S"), 1);
  EXPECT_EQ(i.FindTexts("en")->items.size(), 5u);
  EXPECT_EQ(i.FindTexts("sv"), nullptr);
  EXPECT_EQ(i.FindCutoff(0, CutoffKind::kReliableChange)->value, Rational(2));
  EXPECT_EQ(i.FindCutoff(0, CutoffKind::kMcid), nullptr);
  EXPECT_EQ(i.FindCutoff(7, CutoffKind::kCaseness), nullptr);
}

struct Case {
  const char* find;
  const char* replace;
  const char* code;
  const char* pointer;
};

const Case kCases[] = {
    {R"("version": "1",)", "", "missing_field", ""},
    {R"("version": "1",)", R"("version": 1,)", "wrong_type", "/version"},
    {R"("title": "Demo")", R"("title": "")", "empty_text", "/title"},
    {R"("title": "Demo")", R"("title": "Demo", "colour": 1)", "unknown_field",
     "/colour"},
    {R"("demo-1")", R"("Demo 1")", "bad_name", "/instrument"},
    {R"("demo-1")", R"("demo-")", "bad_name", "/instrument"},
    {R"("patient")", R"("nobody")", "unknown_value", "/respondent"},
    {R"("lower_is_better")", R"("down")", "unknown_value", "/direction"},
    // Licence and texts.
    {R"("status": "own")", R"("status": "proprietary")", "text_not_licensed",
     "/licence/text_included"},
    {R"("text_included": true)", R"("text_included": false)",
     "text_not_licensed", "/texts"},
    {R"("licence": {"status": "own", "holder": "Us", "source": "Written here",
              "text_included": true},)",
     "", "missing_field", ""},
    {R"("holder": "Us", )", "", "missing_field", "/licence"},
    {R"({"0": "No"})", R"({"9": "No"})", "outside_values",
     "/texts/en/values/often/9"},
    {R"("en": {)", R"("e_n": {)", "bad_name", "/texts/e_n"},
    {R"("e": "E?")", R"("f": "E?")", "unknown_field", "/texts/en/items/f"},
    // Values.
    {R"("min": 0, "max": 4})", R"("min": 5, "max": 4})", "empty_range",
     "/value_sets/1/max"},
    {R"("min": 0, "max": 4})", R"("max": 4})", "missing_field",
     "/value_sets/1"},
    {R"("min": 0, "max": 4})", R"("min": 0.5, "max": 4})",
     "number_out_of_range", "/value_sets/1/min"},
    {R"("min": 0, "max": 4})", R"("min": 0, "max": 4, "values": [0]})",
     "both_forms", "/value_sets/1/values"},
    {R"("min": 0, "max": 4})", R"("values": []})", "empty_list",
     "/value_sets/1/values"},
    {R"({"value": 0, "id": "no"})", R"({"value": 1, "id": "no"})",
     "values_not_ascending", "/value_sets/0/values/1"},
    {R"("id": "many")", R"("id": "often")", "duplicate_id", "/value_sets/1/id"},
    {R"("max": 9})", R"("max": 9000000})", "number_out_of_range",
     "/items/2/values/max"},
    // Items.
    {R"({"id": "e",)", R"({"id": "a",)", "duplicate_id", "/items/4/id"},
    {R"({"id": "e",)", R"({"id": "e-1",)", "bad_name", "/items/4/id"},
    {R"("44250-9")", R"("44250-8")", "bad_code", "/items/0/codes/loinc"},
    {R"({"id": "d", "kind": "text"})",
     R"({"id": "d", "kind": "text", "codes": {"loinc": "44250-9"}})",
     "duplicate_code", "/items/3"},
    {R"("values": "many")", R"("values": "few")", "unknown_reference",
     "/items/1/values"},
    {R"({"id": "d", "kind": "text"})",
     R"({"id": "d", "kind": "text", "scored": true})", "not_numeric",
     "/items/3"},
    {R"("kind": "boolean",)",
     R"("kind": "boolean", "values": {"min": 0, "max": 2},)", "wrong_type",
     "/items/4/values"},
    {R"(["a"], "equals")", R"(["b"], "equals")", "self_reference",
     "/items/1/skip_if/0/sum_of"},
    {R"(["a"], "equals")", R"(["a", "a"], "equals")", "duplicate_id",
     "/items/1/skip_if/0/sum_of/1"},
    {R"(["a"], "equals")", R"(["d"], "equals")", "not_numeric",
     "/items/1/skip_if/0/sum_of/0"},
    {R"("at_least": 2, "source")", R"("at_least": 5, "source")",
     "outside_values", "/items/1/risk/at_least"},
    {R"("at_least": 2, "source")", R"("at_least": 0, "source")",
     "outside_values", "/items/1/risk/at_least"},
    {R"([["c", "d"]])", R"([["c", "x"]])", "unknown_reference",
     "/require_one_of/0/1"},
    {R"([["c", "d"]])", R"(["c"])", "wrong_type", "/require_one_of/0"},
    // Scores.
    {R"("factor": 2)", R"("factor": 0)", "number_out_of_range",
     "/score/transform/factor"},
    {R"("factor": 2)", R"("factor": 2.00001)", "number_out_of_range",
     "/score/transform/factor"},
    {R"("missing_max": 1)", R"("missing_max": 2)", "number_out_of_range",
     "/score/missing/prorate/missing_max"},
    {R"(, "prorate":
      {"missing_max": 1, "source": "s", "mark": "unverified"})",
     "", "prorate_not_declared", "/score/missing"},
    {R"("kind": "choice", "values": "often",)",
     R"("kind": "choice", "values": "often", "required": false,)",
     "optional_in_score", "/score"},
    {R"("from": 6)", R"("from": 7)", "band_gap", "/score/bands/list/1"},
    {R"("from": 6)", R"("from": 5)", "band_overlap", "/score/bands/list/1"},
    {R"("from": 1, "to": 5)", R"("from": 0, "to": 5)", "band_gap",
     "/score/bands/list/0"},
    {R"("to": 13)", R"("to": 12)", "band_gap", "/score/bands/list/1"},
    {R"("id": "high")", R"("id": "low")", "duplicate_id",
     "/score/bands/list/1/id"},
    {R"({"source": "s", "mark": "verified", "list")",
     R"({"mark": "verified", "list")", "missing_field", "/score/bands"},
    {R"({"source": "s", "mark": "verified", "list")",
     R"({"source": "s", "mark": "sure", "list")", "unknown_value",
     "/score/bands/mark"},
    {R"("id": "S", "method")", R"("id": "S 1", "method")", "bad_name",
     "/subscales/0/id"},
    {R"("items": ["a", "b"],)", R"("items": ["a", "d"],)", "not_numeric",
     "/subscales/0/items/1"},
    // Rules.
    {R"({"item": "a", "at_least": 1})", R"({"item": "a", "at_least": 3})",
     "outside_values", "/flags/0/when/all/0"},
    {R"({"item": "a", "at_least": 1})", R"({"item": "a"})", "missing_field",
     "/flags/0/when/all/0"},
    {R"({"item": "a", "at_least": 1})",
     R"({"item": "a", "at_least": 2, "at_most": 1})", "empty_range",
     "/flags/0/when/all/0"},
    {R"({"item": "a", "at_least": 1})",
     R"({"item": "a", "sex": "male", "at_least": 1})", "bad_rule",
     "/flags/0/when/all/0"},
    {R"({"item": "a", "at_least": 1})", R"({"any": []})", "empty_list",
     "/flags/0/when/all/0/any"},
    {R"({"subscale": "S", "at_most": 2.5})",
     R"({"subscale": "T", "at_most": 2.5})", "unknown_reference",
     "/flags/0/when/all/2/any/1/subscale"},
    {R"("at_least": 1}],
              "at_least": 1})",
     R"("at_least": 1}],
              "at_least": 3})",
     "outside_values", "/flags/0/when/all/3"},
    {R"({"id": "f",)", R"({"id": "danger",)", "duplicate_id", "/flags/0/id"},
    {R"({"tier": "t2")", R"({"tier": "t3")", "unknown_reference",
     "/tiers/rules/0/tier"},
    {R"(["t1", "t2"])", R"(["t1", "t2", "t2"])", "duplicate_id",
     "/tiers/ids/2"},
    // Profiles.
    {R"("id": "case")", R"("id": "f")", "duplicate_id",
     "/profiles/0/cutoffs/0/id"},
    {R"("kind": "caseness", "at_least": 6)", R"("kind": "caseness")",
     "bad_rule", "/profiles/0/cutoffs/0"},
    {R"("by": 2)", R"("by": 0)", "number_out_of_range",
     "/profiles/0/cutoffs/1/by"},
    {R"("by": 2)", R"("by": 2, "source": "s", "mark": "verified"},
        {"id": "rc", "kind": "mcid", "by": 1)",
     "duplicate_id", "/profiles/0/cutoffs/2/id"},
    {R"("percent": 50)", R"("percent": 150)", "number_out_of_range",
     "/profiles/0/cutoffs/2/percent"},
    {R"("value": 0.9)", R"("value": 1.5)", "number_out_of_range",
     "/reliability/0/value"},
    {R"("value": 0.9)", R"("value": 1)", "number_out_of_range",
     "/reliability/0/value"},
    {R"("sd": 2)", R"("sd": 0)", "number_out_of_range", "/reliability/0/sd"},
    {R"("sd": 2)", R"("sd": 1e-10)", "number_out_of_range",
     "/reliability/0/sd"},
    {R"("mean": 5)", R"("mean": 13.5)", "number_out_of_range",
     "/reliability/0/mean"},
    {R"("mean": 5)", R"("mean": 0.5)", "number_out_of_range",
     "/reliability/0/mean"},
    // Norms and FHIRPath.
    {R"("id": "t", "subscale": "S")", R"("id": "t", "subscale": "X")",
     "unknown_reference", "/norms/0/subscale"},
    {R"("age_to": 9)", R"("age_to": 7)", "empty_range",
     "/norms/0/groups/0/age_to"},
    {R"("from": 0,
                "values")",
     R"("values")", "bad_rule", "/norms/0/groups/0/values"},
    {R"([1, 70])", R"([0.5, 70])", "values_not_ascending",
     "/norms/0/groups/1/table/1"},
    {R"([1, 70])", R"([1, "x"])", "wrong_type", "/norms/0/groups/1/table/1/1"},
    {R"({"id": "raised", "from": 65})", R"({"id": "raised", "from": 0})",
     "values_not_ascending", "/norms/0/bands/1/from"},
    {R"((a + 4 - b) / 2)", R"((a + 4 - x) / 2)", "bad_expression",
     "/subscales/0/fhirpath"},
    {R"((a + 4 - b) / 2)", R"((a + b) / 2)", "expression_differs",
     "/subscales/0/fhirpath"},
    {R"((a + 4 - b) / 2)", R"((a.combine(4 - b)).sum() / 2)",
     "expression_fills_missing", "/subscales/0/fhirpath"},
    {R"("kind": "caseness", "at_least": 6)",
     R"("kind": "caseness", "sex": "male", "at_least": 6)", "bad_rule",
     "/profiles/0"},
    {R"("kind": "reliable_change", "by": 2)",
     R"("kind": "reliable_change", "sex": "male", "by": 2)", "bad_rule",
     "/profiles/0/cutoffs/1/sex"},
    {R"("method": "mean")", R"("method": "digits")", "expression_differs",
     "/subscales/0/fhirpath"},
    {R"("method": "sum", "transform")", R"("method": "digits", "transform")",
     "bad_rule", "/score/method"},
};

// An item that does not concern everybody is unanswered to an expression: men
// would get no score, and the load is where that is said.
TEST(LoadInstrument, AnExpressionOverAnItemForSomeIsRefused) {
  std::string document(FindCatalogueFile("instruments/phq-15.json"));
  const std::string method = R"("method": "sum")";
  const size_t at = document.find(method);
  ASSERT_NE(at, std::string::npos);
  std::string expression = "q1";
  for (int i = 2; i <= 15; ++i) absl::StrAppend(&expression, " + q", i);
  document.replace(
      at, method.size(),
      absl::StrCat(method, R"(, "fhirpath": ")", expression, "\""));
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(document));
  EXPECT_EQ(loaded.instrument, nullptr);
  ASSERT_EQ(loaded.issues.size(), 1u);
  EXPECT_EQ(loaded.issues[0].code, "expression_differs");
  EXPECT_EQ(loaded.issues[0].pointer, "/score/fhirpath");
  EXPECT_THAT(loaded.issues[0].message, ::testing::HasSubstr("\"q4\""));
}

std::string Changed(const Case& c) {
  std::string text = kGood;
  const size_t at = text.find(c.find);
  EXPECT_NE(at, std::string::npos) << c.find;
  if (at != std::string::npos) {
    text.replace(at, std::string(c.find).size(), c.replace);
  }
  return text;
}

TEST(LoadInstrument, NamesEachMistakeAndItsPlace) {
  for (const Case& c : kCases) {
    ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(Changed(c)));
    std::string found;
    bool hit = false;
    for (const Issue& issue : loaded.issues) {
      hit = hit || (issue.code == c.code && issue.pointer == c.pointer);
      absl::StrAppend(&found, "\n  ", issue.code, " at \"", issue.pointer,
                      "\": ", issue.message);
    }
    EXPECT_TRUE(hit) << c.find << " -> " << c.replace << "\nexpected " << c.code
                     << " at \"" << c.pointer << "\", found" << found;
    EXPECT_EQ(loaded.instrument, nullptr) << c.replace;
  }
}

TEST(LoadInstrument, CollectsAllMistakes) {
  ASSERT_OK_AND_ASSIGN(
      const LoadResult loaded,
      LoadInstrument(R"({"instrument": "X", "items": [{"id": 1}], "y": 2})"));
  EXPECT_GE(loaded.issues.size(), 7u);
  EXPECT_EQ(loaded.instrument, nullptr);
}

TEST(LoadInstrument, MissingWordingIsAWarningOnly) {
  std::string text = kGood;
  const std::string item = R"(, "e": "E?")";
  text.erase(text.find(item), item.size());
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(text));
  ASSERT_EQ(loaded.issues.size(), 1u);
  EXPECT_EQ(loaded.issues[0].code, "missing_text");
  EXPECT_EQ(loaded.issues[0].severity, Severity::kWarning);
  EXPECT_NE(loaded.instrument, nullptr);
}

TEST(LoadInstrument, AnUnknownValueSetWithARiskMarkerIsOnlyAnIssue) {
  ASSERT_OK_AND_ASSIGN(
      const LoadResult loaded,
      LoadInstrument(R"({"items": [{"id": "a", "kind": "choice",
        "values": "nowhere", "risk": {"id": "r", "at_least": 1,
        "source": "s", "mark": "verified"}}]})"));
  EXPECT_EQ(loaded.instrument, nullptr);
}

TEST(LoadInstrument, RulesWithoutATotalScoreAreIssues) {
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(R"({
    "instrument": "x", "version": "1", "title": "T", "respondent": "patient",
    "direction": "none", "licence": {"status": "own", "holder": "Us",
      "source": "s", "text_included": false},
    "items": [{"id": "a", "kind": "boolean"}],
    "flags": [{"id": "f", "when": {"score": {"at_least": 1}}, "source": "s",
               "mark": "assumption"}],
    "profiles": [{"id": "p", "cutoffs": [{"id": "m", "kind": "mcid", "by": 1,
       "source": "s", "mark": "assumption"}]}],
    "reliability": [{"kind": "alpha", "value": 0.5, "source": "s",
                     "mark": "assumption"}]})"));
  std::vector<std::string> places;
  for (const Issue& issue : loaded.issues) {
    EXPECT_EQ(issue.code, "no_score");
    places.push_back(issue.pointer);
  }
  EXPECT_THAT(places, ::testing::UnorderedElementsAre("/flags/0/when/score",
                                                      "/profiles/0/cutoffs/0",
                                                      "/reliability/0"));
}

TEST(LoadInstrument, LimitsHold) {
  std::string items, deep = R"({"item": "i0", "at_least": 1})";
  for (int i = 0; i < 501; ++i) {
    absl::StrAppend(&items, i == 0 ? "" : ",", R"({"id": "i)", i,
                    R"(", "kind": "boolean"})");
  }
  for (int i = 0; i < 20; ++i) deep = absl::StrCat(R"({"not": )", deep, "}");
  ASSERT_OK_AND_ASSIGN(
      const LoadResult loaded,
      LoadInstrument(absl::StrCat(
          R"({"instrument": "x", "version": "1", "title": ")",
          std::string(70'000, 'x'), R"(", "items": [)", items,
          R"(], "flags": [{"id": "f", "source": "s", "mark": "verified",)",
          R"("when": )", deep, "}]}")));
  std::set<std::string> codes;
  for (const Issue& issue : loaded.issues) codes.insert(issue.code);
  EXPECT_TRUE(codes.count("too_many"));
  EXPECT_TRUE(codes.count("text_too_long"));
}

TEST(LoadInstrument, NormTablesHaveAsManyValuesAsTheLimitSays) {
  const auto code = [](size_t count) {
    std::string values;
    for (size_t i = 0; i < count; ++i) {
      absl::StrAppend(&values, i == 0 ? "" : ", ", "50");
    }
    std::string text = kGood;
    const std::string few = "[40, 50.5]";
    text.replace(text.find(few), few.size(), absl::StrCat("[", values, "]"));
    const auto loaded = LoadInstrument(text);
    EXPECT_OK(loaded);
    for (const Issue& issue : loaded->issues) {
      if (issue.code == "too_many") return issue.pointer;
    }
    return std::string("fine");
  };
  // Two more are in the table of the other group.
  EXPECT_EQ(code(limits::kNormValuesMax - 2), "fine");
  EXPECT_EQ(code(limits::kNormValuesMax - 1), "/norms/0");
}

TEST(LoadInstrument, TextThatIsNoDocumentIsAStatus) {
  using testing::StatusIs;
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(LoadInstrument(""), StatusIs(invalid, "incomplete"));
  EXPECT_THAT(LoadInstrument(R"({"instrument": "phq)"), StatusIs(invalid, ""));
  EXPECT_THAT(LoadInstrument("{\"a\": \"\xff\"}"), StatusIs(invalid, ""));
  EXPECT_THAT(LoadInstrument(R"({"a": 1, "a": 2})"),
              StatusIs(invalid, "twice"));
  EXPECT_THAT(LoadInstrument(std::string(5u << 20, ' ')),
              StatusIs(absl::StatusCode::kResourceExhausted, "bytes"));
  EXPECT_THAT(LoadInstrument(std::string(10'000, '[')), StatusIs(invalid, ""));
  for (const char* text : {"[]", "1", "null", "\"x\""}) {
    ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(text));
    EXPECT_EQ(loaded.issues[0].code, "wrong_type") << text;
  }
}

TEST(LoadInstrument, NoTruncationAndNoFlippedByteMakesItCrash) {
  const std::string good = kGood;
  for (size_t size = 0; size + 1 < good.size(); ++size) {
    EXPECT_FALSE(LoadInstrument(good.substr(0, size)).ok()) << size;
  }
  for (size_t i = 0; i < good.size(); ++i) {
    for (char byte : {'\0', '9', '"', '}', '\xff'}) {
      std::string bad = good;
      bad[i] = byte;
      const auto loaded = LoadInstrument(bad);
      if (!loaded.ok()) continue;
      EXPECT_EQ(loaded->instrument == nullptr, HasError(loaded->issues));
    }
  }
}

// The format page lists the codes; the table above must reach all of them.
TEST(LoadInstrument, EveryDocumentedCodeIsTested) {
  const std::string page =
      testing::ReadFileText(std::filesystem::path(STEPWELL_SOURCE_DIR) /
                            "docs/formats/instrument.md");
  std::set<std::string> tested = {"missing_text", "no_score", "too_many",
                                  "text_too_long"};
  for (const Case& c : kCases) tested.insert(c.code);
  std::set<std::string> documented;
  const size_t begin = page.find("<!-- codes: begin -->");
  const size_t end = page.find("<!-- codes: end -->");
  ASSERT_NE(end, std::string::npos);
  for (size_t at = page.find("\n| `", begin); at < end;
       at = page.find("\n| `", at + 1)) {
    documented.insert(page.substr(at + 4, page.find('`', at + 4) - at - 4));
  }
  EXPECT_EQ(documented, tested);
}

TEST(LoadInstrument, LogicFingerprintIgnoresWordingOnly) {
  std::string other_words = kGood, other_logic = kGood;
  other_words.replace(other_words.find("A?"), 2, "Z?");
  other_logic.replace(other_logic.find(R"("at_least": 6)"), 13,
                      R"("at_least": 7)");
  ASSERT_OK_AND_ASSIGN(const LoadResult a, LoadInstrument(kGood));
  ASSERT_OK_AND_ASSIGN(const LoadResult b, LoadInstrument(other_words));
  ASSERT_OK_AND_ASSIGN(const LoadResult c, LoadInstrument(other_logic));
  EXPECT_NE(a.instrument->fingerprint(), b.instrument->fingerprint());
  EXPECT_EQ(a.instrument->logic_fingerprint(),
            b.instrument->logic_fingerprint());
  EXPECT_NE(a.instrument->logic_fingerprint(),
            c.instrument->logic_fingerprint());
}

TEST(Load, ACutoffLiesWithinTheScore) {
  const auto pointers = [](const std::string& cutoff) {
    const std::string text =
        R"({"instrument": "demo", "version": "1", "title": "Demo",
            "respondent": "patient", "direction": "lower_is_better",
            "licence": {"status": "own", "holder": "Us", "source": "Here",
                        "text_included": false},
            "value_sets": [{"id": "often", "min": 0, "max": 3}],
            "items": [{"id": "q1", "kind": "choice", "values": "often"}],
            "score": {"method": "sum"},
            "profiles": [{"id": "p", "cutoffs": [{"id": "c", "source": "s",
                          "mark": "assumption", )" +
        cutoff + "}]}]}";
    const auto loaded = LoadInstrument(text);
    EXPECT_OK(loaded.status());
    std::string out;
    for (const Issue& issue : loaded->issues) {
      out += issue.code + " " + issue.pointer + ";";
    }
    return out;
  };
  const std::string outside = "outside_values /profiles/0/cutoffs/0;";
  EXPECT_EQ(pointers(R"("kind": "caseness", "at_least": 99)"), outside);
  EXPECT_EQ(pointers(R"("kind": "remission", "at_most": -1)"), outside);
  EXPECT_EQ(pointers(R"("kind": "reliable_change", "by": 4)"), outside);
  EXPECT_EQ(pointers(R"("kind": "caseness", "at_least": 3)"), "");
  EXPECT_EQ(pointers(R"("kind": "mcid", "by": 3)"), "");
}

}  // namespace
}  // namespace stepwell::instruments
