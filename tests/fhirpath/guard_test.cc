// Guards over a host's struct: three-valued truth, compile-time issues, what
// an expression reads.
#include <gtest/gtest.h>

#include "fhirpath/case_view.h"
#include "fhirpath/fhirpath.h"
#include "support/matchers.h"

namespace stepwell::fhirpath {
namespace {

using Path = std::vector<std::string>;

class GuardTest : public ::testing::Test {
 protected:
  CompileResult CompileGuard(std::string_view text) {
    CompileOptions options;
    options.model = &model_;
    options.root_type = CaseModel::kCase;
    return Compile(text, options);
  }

  std::string Issue(std::string_view text) {
    const CompileResult result = CompileGuard(text);
    if (result.issues.empty()) return "none";
    const CompileIssue& issue = result.issues[0];
    return std::to_string(issue.column) + ": " + issue.message +
           (issue.hint.empty() ? "" : " | " + issue.hint);
  }

  // "true", "false", "unknown", or the error.
  std::string Truth(std::string_view text) {
    const CompileResult compiled = CompileGuard(text);
    if (!compiled.program) return "issue: " + compiled.issues[0].message;
    const Source* sources[] = {&source_};
    EvaluateOptions options;
    options.sources = sources;
    const auto truth =
        EvaluateTruth(*compiled.program, {0, 0}, options, &scratch_);
    if (!truth.ok()) return "error: " + std::string(truth.status().message());
    return *truth == Tri::kTrue    ? "true"
           : *truth == Tri::kFalse ? "false"
                                   : "unknown";
  }

  CaseModel model_;
  CaseSource source_;
  Scratch scratch_;
};

TEST_F(GuardTest, ComparesFactsAndScores) {
  EXPECT_EQ(Truth("facts.age >= 18 and phq9.score >= 10 and phq9.score < 20"),
            "true");
  EXPECT_EQ(Truth("facts.age < 18 or phq9.score > 20"), "false");
  EXPECT_EQ(Truth("route in ('self' | 'gp')"), "true");
}

TEST_F(GuardTest, AMissingValueIsUnknownAndDecidesNothingAlone) {
  source_.score.reset();
  EXPECT_EQ(Truth("phq9.score >= 10"), "unknown");
  EXPECT_EQ(Truth("phq9.score >= 10 and facts.age < 18"), "false");
  EXPECT_EQ(Truth("facts.age < 18 and phq9.score >= 10"), "false");
  EXPECT_EQ(Truth("phq9.score >= 10 or facts.age >= 18"), "true");
  EXPECT_EQ(Truth("phq9.score >= 10 and facts.age >= 18"), "unknown");
  EXPECT_EQ(Truth("phq9.score >= 10 implies facts.age >= 18"), "true");
  EXPECT_EQ(Truth("(phq9.score >= 10).not()"), "unknown");
}

TEST_F(GuardTest, KnownTellsWhetherAValueIsThere) {
  EXPECT_EQ(Truth("known(phq9.score)"), "true");
  source_.score.reset();
  EXPECT_EQ(Truth("known(phq9.score)"), "false");
  EXPECT_EQ(Truth("phq9.score.known()"), "false");
}

TEST_F(GuardTest, AnUnknownMemberIsAnIssueWithColumnAndHint) {
  EXPECT_EQ(Issue("facts.age > 3 and phq9.scor >= 10"),
            "24: `Score` has no member `scor` | did you mean `score`?");
  EXPECT_EQ(Issue("fact.age > 3"),
            "1: `Case` has no member `fact` | did you mean `facts`?");
}

TEST_F(GuardTest, AnUnknownFunctionIsAnIssueWithHint) {
  EXPECT_EQ(Issue("phq9.all.exist()"),
            "10: there is no function `exist` | did you mean `exists`?");
  EXPECT_EQ(Issue("phq9.all.count(3)"),
            "10: count() takes no argument, 1 given");
}

TEST_F(GuardTest, OneArgumentTooFewOrTooManyIsAnIssue) {
  EXPECT_EQ(Issue("route.substring()"),
            "7: substring() takes 1 to 2 arguments, 0 given");
  EXPECT_EQ(Issue("route.substring(1, 2, 3)"),
            "7: substring() takes at most 2 arguments");
  EXPECT_EQ(Issue("route.startsWith('a', 'b')"),
            "7: startsWith() takes at most 1 argument");
  EXPECT_EQ(Issue("phq9.all.where($this > 1, true)"),
            "10: where() takes at most 1 argument");
  EXPECT_EQ(Issue("iif(true, 1, 2, 3)"), "1: iif() takes at most 3 arguments");
  EXPECT_EQ(CompileGuard("route.startsWith('a', 'b')").issues.size(), 1u);
}

TEST_F(GuardTest, ImpossibleTypesAreIssues) {
  EXPECT_EQ(Issue("facts.age > 'a'"),
            "11: `>` has no meaning between Integer and String | only texts "
            "stand in quotes");
  EXPECT_EQ(Issue("route + 1 = 2"),
            "7: `+` has no meaning between String and Integer | toInteger() "
            "and toDecimal() read a number from a text");
  EXPECT_EQ(Issue("route & facts.age"),
            "7: `&` has no meaning between String and Integer | toString() "
            "makes a text of it");
  EXPECT_EQ(Issue("route - 'a'"),
            "7: `-` has no meaning between String and String");
  EXPECT_EQ(Issue("-route"),
            "1: a sign needs a number or quantity, this is a String | "
            "parentheses may be missing: (-1).abs()");
}

TEST_F(GuardTest, SyntaxErrorsNameTheColumn) {
  EXPECT_EQ(Issue("facts.age >="),
            "13: the expression ends where a value must stand");
  EXPECT_EQ(Issue("(facts.age"), "11: `)` must stand here");
  EXPECT_EQ(Issue(""), "1: the expression ends where a value must stand");
}

TEST_F(GuardTest, SeveralIssuesAreAllReported) {
  EXPECT_EQ(CompileGuard("facts.agee > 1 and phq9.scor < 2").issues.size(), 2u);
}

TEST_F(GuardTest, ReadsListsThePaths) {
  const auto compiled = CompileGuard(
      "facts.age >= 18 and phq9.all.where($this > 10).exists() and "
      "iif(route = 'gp', true, known(phq9.score))");
  ASSERT_TRUE(compiled.program);
  const std::vector<Path> expected = {
      {"facts", "age"}, {"phq9", "all"}, {"phq9", "score"}, {"route"}};
  EXPECT_EQ(compiled.program->reads(), expected);
}

TEST_F(GuardTest, MarksWhatTurnsMissingIntoDefinite) {
  const auto places = [this](std::string_view text) {
    std::string out;
    const CompileResult compiled = CompileGuard(text);
    if (!compiled.program) return "issue: " + compiled.issues[0].message;
    for (const DefinitePlace& place : compiled.program->definite_places()) {
      out += std::to_string(place.column) + " " + place.function + " " +
             place.path + ";";
    }
    return out;
  };
  EXPECT_EQ(places("phq9.score.exists()"), "12 exists phq9.score;");
  EXPECT_EQ(places("known(phq9.score) and phq9.score > 3"), "");
  EXPECT_EQ(places("known(phq9.all.where($this > 3).count() > 1)"), "");
  EXPECT_EQ(places("phq9.all.sum() > 3"), "10 sum phq9.all;");
  EXPECT_EQ(places("iif(phq9.score > 3, true, false)"), "1 iif ;");
  EXPECT_EQ(places("route.exists()"), "");
  EXPECT_EQ(places("facts.exists()"), "");
}

TEST_F(GuardTest, ClocksCanBeForbidden) {
  CompileOptions options;
  options.allow_now = false;
  const CompileResult result = Compile("now() > @2020", options);
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_EQ(result.issues[0].column, 1);
  EXPECT_TRUE(Compile("now() > @2020", {}).program->uses_now());
  EXPECT_FALSE(Compile("1 > 2", {}).program->uses_now());
}

TEST_F(GuardTest, SeveralItemsAreNoTruth) {
  EXPECT_EQ(Truth("phq9.all > 3"),
            "error: a comparison takes one item, here are 2 (column 10)");
}

TEST_F(GuardTest, ExplainNamesTheUnmetLeavesWithTheirValues) {
  source_.score.reset();
  const auto compiled =
      CompileGuard("facts.age >= 40 and (phq9.score >= 10 or route = 'gp')");
  ASSERT_TRUE(compiled.program);
  const Source* sources[] = {&source_};
  EvaluateOptions options;
  options.sources = sources;
  Explained told = Explain(*compiled.program, {0, 0}, options);
  EXPECT_EQ(told.tree.truth, Tri::kFalse);
  ASSERT_EQ(told.unmet.size(), 1u);  // the rest was never looked at
  EXPECT_EQ(told.unmet[0].text, "facts.age >= 40");
  ASSERT_EQ(told.unmet[0].parts.size(), 1u);
  EXPECT_EQ(told.unmet[0].parts[0].text, "facts.age");
  EXPECT_EQ(told.unmet[0].parts[0].values, std::vector<std::string>{"34"});
  source_.age = 44;
  told = Explain(*compiled.program, {0, 0}, options);
  EXPECT_EQ(told.tree.truth, Tri::kUnknown);
  ASSERT_EQ(told.unmet.size(), 2u);
  EXPECT_EQ(told.unmet[0].text, "phq9.score >= 10");
  EXPECT_EQ(told.unmet[0].truth, Tri::kUnknown);
  EXPECT_TRUE(told.unmet[0].parts[0].values.empty());
  EXPECT_EQ(told.unmet[1].text, "route = 'gp'");
  EXPECT_EQ(told.unmet[1].truth, Tri::kFalse);
}

}  // namespace
}  // namespace stepwell::fhirpath
