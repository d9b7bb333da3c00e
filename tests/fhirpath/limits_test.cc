// Bad and hostile input: an issue, an error or a value within the limits;
// never a crash, never without end.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "fhirpath/case_view.h"
#include "fhirpath/fhirpath.h"
#include "support/matchers.h"

namespace stepwell::fhirpath {
namespace {

using ::stepwell::testing::StatusIs;

absl::StatusOr<Collection> Outcome(std::string_view text, Limits limits = {}) {
  const CompileResult compiled = Compile(text, {});
  if (!compiled.program) {
    return absl::InvalidArgumentError(compiled.issues[0].message);
  }
  EvaluateOptions options;
  options.limits = limits;
  return EvaluateOver(*compiled.program, {}, options);
}

std::string Repeated(std::string_view part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(LimitsTest, DeepNestingIsASyntaxError) {
  for (const char* open : {"(", "-", "iif(true,", "{}.where(", "1 + (", "a["}) {
    const auto result = Compile(Repeated(open, 1500) + "1", {});
    ASSERT_FALSE(result.program) << open;
    EXPECT_EQ(result.issues[0].kind, IssueKind::kSyntax) << open;
  }
  const auto parens = Compile(Repeated("(", 10'000), {});
  ASSERT_FALSE(parens.program);
  EXPECT_EQ(parens.issues[0].kind, IssueKind::kSyntax);
}

TEST(LimitsTest, LongChainsNeedNoDepth) {
  EXPECT_EQ(ToLiteral(Outcome("0" + Repeated(" + 1", 3000)).value()[0]),
            "3000");
  EXPECT_EQ(ToLiteral(Outcome("true" + Repeated(" and true", 1500)).value()[0]),
            "true");
  EXPECT_OK(Outcome("a" + Repeated(".b", 5000)));
}

TEST(LimitsTest, AnOverlongExpressionIsRefused) {
  const auto result = Compile(std::string(1 << 20, ' '), {});
  ASSERT_FALSE(result.program);
  EXPECT_NE(result.issues[0].message.find("1048576 bytes"), std::string::npos);
}

TEST(LimitsTest, TheLastByteAndTheOneBeyond) {
  const std::string longest(limits::kExpressionBytesMax - 1, ' ');
  EXPECT_TRUE(Compile(longest + "1", {}).program);
  const auto beyond = Compile(longest + "12", {});
  ASSERT_FALSE(beyond.program);
  EXPECT_EQ(beyond.issues[0].kind, IssueKind::kSyntax);
  EXPECT_NE(beyond.issues[0].message.find("16384"), std::string::npos);
}

TEST(LimitsTest, TheLastLevelAndTheOneBeyond) {
  const auto compiles = [](int levels) {
    return Compile(Repeated("(", levels) + "1" + Repeated(")", levels), {})
               .program != nullptr;
  };
  int last = 0;
  while (compiles(last + 1)) ++last;
  EXPECT_LE(last, static_cast<int>(limits::kExpressionDepthMax));
  EXPECT_GE(last, static_cast<int>(limits::kExpressionDepthMax) - 2);
  // Beyond the first that fails none compiles again.
  for (int levels = last + 1; levels < last + 200; ++levels) {
    EXPECT_FALSE(compiles(levels)) << levels;
  }
}

TEST(LimitsTest, TheLastStepAndTheOneBeyond) {
  const std::string text = "(1 | 2 | 3).select($this + 1).count()";
  size_t enough = 1;
  while (!Outcome(text, {.steps_max = enough}).ok()) ++enough;
  EXPECT_GT(enough, 10u);
  EXPECT_EQ(ToLiteral((*Outcome(text, {.steps_max = enough}))[0]), "3");
  EXPECT_THAT(Outcome(text, {.steps_max = enough - 1}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       std::to_string(enough - 1) + " steps"));
}

TEST(LimitsTest, TheLastItemAndTheOneBeyond) {
  EXPECT_EQ(Outcome("'abcd'.toChars()", {.items_max = 4})->size(), 4u);
  EXPECT_THAT(Outcome("'abcde'.toChars()", {.items_max = 4}),
              StatusIs(absl::StatusCode::kResourceExhausted, "4 items"));
  // A text is as many bytes.
  EXPECT_OK(Outcome("'ab' & 'cd'", {.items_max = 4}));
  EXPECT_THAT(Outcome("'ab' & 'cde'", {.items_max = 4}),
              StatusIs(absl::StatusCode::kResourceExhausted, "4"));
}

TEST(LimitsTest, ManyArgumentsAreASyntaxError) {
  const auto result = Compile("coalesce(1" + Repeated(", 1", 5000) + ")", {});
  EXPECT_FALSE(result.program);
}

TEST(LimitsTest, AmountsOutOfRangeAreEmpty) {
  for (const char* text : {"1 / 0",
                           "1.5 / 0.0",
                           "1 div 0",
                           "1 mod 0",
                           "1 'mg' / 0 'mg'",
                           "9223372036854775807 + 1",
                           "-9223372036854775807 - 2",
                           "9223372036854775807 * 2",
                           "(-9223372036854775807 - 1).abs()",
                           "10.power(400)",
                           "800.exp()",
                           "@9999-12-31 + 1 day",
                           "@0001-01-01 - 1 day",
                           "@2014 + 9223372036854775807 years",
                           "@9999-12-31T23:59:59Z + 1 second",
                           "'99999999999999999999'.toInteger()",
                           "'2015-02-30'.toDate()",
                           "'24:00'.toTime()",
                           "1 'g' + 1 's'",
                           "1 'g' < 1 's'"}) {
    const auto result = Outcome(text);
    ASSERT_OK(result) << text;
    EXPECT_TRUE(result->empty())
        << text << " gives " << ToLiteral((*result)[0]);
  }
  for (const char* text : {"@2015-13-01", "@2015-02-30", "@T24:00",
                           "@10000-01-01", "9223372036854775808"}) {
    const auto result = Compile(text, {});
    EXPECT_FALSE(result.program) << text;
  }
}

TEST(LimitsTest, EndlessRepeatEndsInAnError) {
  EXPECT_THAT(Outcome("1.repeat($this + 1)"),
              StatusIs(absl::StatusCode::kResourceExhausted, "steps"));
  EXPECT_THAT(Outcome("1.repeatAll($this)"),
              StatusIs(absl::StatusCode::kResourceExhausted, "steps"));
}

TEST(LimitsTest, GrowthEndsInAnError) {
  const std::string numbers =
      "'0123456789012345678901234567890123456789'.toChars()";
  EXPECT_THAT(Outcome(numbers + ".aggregate($total & $total & 'x', 'y')"),
              StatusIs(absl::StatusCode::kResourceExhausted, "more than"));
  EXPECT_THAT(Outcome(numbers + ".aggregate($total + $total, 'y')"),
              StatusIs(absl::StatusCode::kResourceExhausted, "more than"));
  EXPECT_THAT(Outcome(numbers + ".aggregate($total.combine($total), 1)"),
              StatusIs(absl::StatusCode::kResourceExhausted, "items"));
  EXPECT_FALSE(Outcome("'" + std::string(8000, 'a') + "'.replace('', '" +
                       std::string(8000, 'b') + "')")
                   .ok());
}

// A hundred times a text of 8,000 bytes: each costs steps by its length, or
// a million of a megabyte would be a terabyte.
TEST(LimitsTest, LongTextsCountAsSteps) {
  const std::string big = "'" + std::string(8000, 'a') + "'";
  const std::string each = "'" + std::string(100, 'b') + "'.toChars().select(";
  EXPECT_OK(Outcome(each + "$this & 'x').count()", {.steps_max = 2'500}));
  for (const std::string& part :
       {big + " & $this", big + " + $this", big + ".upper()", big + ".trim()",
        big + ".substring(1)", big + ".replace('x', 'y')", big + ".split('-')",
        big + ".encode('hex')", big + ".indexOf('x')", big + ".contains('x')",
        big + ".matches('x')", big + ".length()", big + " = " + big,
        big + " ~ " + big, big + " < " + big, big + " in " + big,
        "('x' | " + big + ").join(',')"}) {
    EXPECT_THAT(Outcome(each + part + ").count()", {.steps_max = 2'500}),
                StatusIs(absl::StatusCode::kResourceExhausted, "2500 steps"))
        << part.substr(0, 20) << part.substr(part.size() - 10);
  }
  EXPECT_THAT(Outcome(big + ".indexOf('" + std::string(4000, 'a') + "b')",
                      {.steps_max = 400}),
              StatusIs(absl::StatusCode::kResourceExhausted, "steps"));
}

TEST(LimitsTest, LongCollectionsCountAsSteps) {
  const std::string items = "'" + std::string(100, 'b') + "'.toChars()";
  EXPECT_THAT(Outcome(items + ".defineVariable('v').select(%v.count()).count()",
                      {.steps_max = 1'200}),
              StatusIs(absl::StatusCode::kResourceExhausted, "1200 steps"));
  EXPECT_OK(
      Outcome(items + ".select($this.count()).count()", {.steps_max = 1'200}));
}

// Each of them is looked for among all: what was found is not looked at again,
// so that steps bound the time.
TEST(LimitsTest, EquivalenceOfManyItemsTakesNoTime) {
  const std::string many = "'" + std::string(100, 'a') + "'.replace('a', '" +
                           std::string(3'000, 'b') + "').toChars()";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ToLiteral((*Outcome(many + " ~ " + many))[0]), "true");
  EXPECT_THAT(Outcome("('z' | 'b').combine(" + many + ") ~ " + many +
                      ".combine('b' | 'z')"),
              StatusIs(absl::StatusCode::kResourceExhausted, "steps"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(ToLiteral((*Outcome("(1 | 2 | 3) ~ (3 | 1 | 2)"))[0]), "true");
  EXPECT_EQ(ToLiteral((*Outcome("('a').combine('a' | 'b') ~ "
                                "('b').combine('a' | 'b')"))[0]),
            "false");
}

TEST(LimitsTest, TraceAndExplainKeepTheFirstItems) {
  const auto compiled = Compile(
      "'" + std::string(5000, 'b') + "'.toChars().trace('t').count() > 1", {});
  ASSERT_TRUE(compiled.program);
  Scratch scratch;
  const EvaluateOptions options;
  ASSERT_OK(EvaluateOver(*compiled.program, {}, options, &scratch));
  ASSERT_EQ(scratch.trace().size(), 1u);
  EXPECT_EQ(scratch.trace()[0].items.size(), 1000u);
  const Explained told = Explain(*compiled.program, {0, 0}, options);
  ASSERT_FALSE(told.tree.parts.empty());
  ASSERT_FALSE(told.tree.parts[0].parts.empty());
  const auto& values = told.tree.parts[0].parts[0].values;
  ASSERT_EQ(values.size(), 21u);
  EXPECT_EQ(values.back(), "...");
}

TEST(LimitsTest, AnOverlongUnitIsNone) {
  const std::string unit(1000, 'g');
  EXPECT_FALSE(Compile("1 '" + unit + "'", {}).program);
  EXPECT_TRUE(Outcome("'1 \\'" + unit + "\\''.toQuantity()")->empty());
  EXPECT_TRUE(Outcome("1.toQuantity('" + unit + "')")->empty());
}

TEST(LimitsTest, StepsAndItemsCanBeTightened) {
  EXPECT_THAT(Outcome("(1 | 2 | 3).select($this + 1)", {.steps_max = 10}),
              StatusIs(absl::StatusCode::kResourceExhausted, "10 steps"));
  EXPECT_THAT(Outcome("1 | 2 | 3", {.items_max = 2}),
              StatusIs(absl::StatusCode::kResourceExhausted, "2 items"));
}

TEST(LimitsTest, RegularExpressionsTakeLinearTime) {
  const std::string text(5000, 'a');
  const auto result = Outcome("'" + text + "!'.matches('^(a+)+$')");
  ASSERT_OK(result);
  EXPECT_EQ(ToLiteral((*result)[0]), "false");
  EXPECT_FALSE(Compile("'a'.matches('((a{1000}){1000}){1000}')", {}).program);
}

// Pieces that random expressions are made of.
constexpr const char* kPieces[] = {
    "(",          ")",          "[",          "]",
    "{}",         ".",          ",",          "+",
    "-",          "*",          "/",          "&",
    "|",          "<",          "<=",         "=",
    "!=",         "~",          "!~",         " and ",
    " or ",       " xor ",      " is ",       " as ",
    " in ",       " div ",      " mod ",      "$this",
    "$index",     "$total",     "%a",         "1",
    "0.5",        "'a'",        "true",       "@2014",
    "@T10:30",    "1 'mg'",     "2 years",    "a",
    "b",          "facts",      "phq9",       "score",
    "age",        "where(",     "select(",    "exists()",
    "count()",    "first()",    "iif(",       "all(",
    "repeat(",    "sum()",      "aggregate(", "sort(",
    "toString()", "substring(", "matches(",   "defineVariable('v',",
    "%v",         "Integer",    "type()",     "lowBoundary()",
    "round(",     "known(",     "join(",      "split(",
    "not()",      "distinct()", "union(",     "children()"};

void CheckText(const std::string& text, const CaseModel* model) {
  CompileOptions options;
  options.model = model;
  if (model != nullptr) options.root_type = CaseModel::kCase;
  const CompileResult compiled = Compile(text, options);
  ASSERT_NE(compiled.program == nullptr, compiled.issues.empty()) << text;
  for (const CompileIssue& issue : compiled.issues) {
    EXPECT_GE(issue.column, 1) << text;
    EXPECT_LE(issue.column, static_cast<int>(text.size()) + 1) << text;
  }
  if (!compiled.program) return;
  CaseSource source;
  const Source* sources[] = {&source};
  EvaluateOptions evaluate;
  evaluate.sources = sources;
  evaluate.limits = {.steps_max = 20'000, .items_max = 2'000};
  Scratch scratch;
  const auto first = Evaluate(*compiled.program, {0, 0}, evaluate, &scratch);
  const auto second = Evaluate(*compiled.program, {0, 0}, evaluate, &scratch);
  ASSERT_EQ(first.ok(), second.ok()) << text;
  if (first.ok()) {
    ASSERT_EQ(first->size(), second->size()) << text;
    EXPECT_LE(first->size(), evaluate.limits.items_max) << text;
    for (size_t i = 0; i < first->size(); ++i) {
      EXPECT_EQ(ToLiteral((*first)[i]), ToLiteral((*second)[i])) << text;
    }
  }
  Explain(*compiled.program, {0, 0}, evaluate);
}

TEST(LimitsTest, RandomExpressionsGiveIssuesErrorsOrValues) {
  std::mt19937 random(7);
  const CaseModel model;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const size_t length = 1 + random() % 14;
    for (size_t i = 0; i < length; ++i) {
      text += kPieces[random() % std::size(kPieces)];
      if (random() % 4 == 0) text += ")";
    }
    CheckText(text, round % 2 == 0 ? &model : nullptr);
  }
}

TEST(LimitsTest, MutatedExpressionsGiveIssuesErrorsOrValues) {
  const std::string seeds[] = {
      "facts.age >= 18 and phq9.score >= 10 and phq9.score < 20",
      "phq9.all.where($this > 3).aggregate($this + $total, 0) = 12",
      "iif(route = 'gp', phq9.all.first(), {}).toString().substring(0, 1)",
      "('b' | 'a').sort(-$this).select($this & $index.toString()).join(',')",
      "defineVariable('v', phq9.all.count()).select(%v + 1)",
      "@2014-01-31 + 1 month > @2014-02-28 and 1 'g' = 1000 'mg'",
      "facts.birth.lowBoundary().toString().matches('^[0-9-]+$')"};
  std::mt19937 random(11);
  const CaseModel model;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seeds[random() % std::size(seeds)];
    for (int change = random() % 4; change >= 0; --change) {
      const size_t at = random() % (text.size() + 1);
      switch (random() % 4) {
        case 0:
          text.insert(at, kPieces[random() % std::size(kPieces)]);
          break;
        case 1:
          text.erase(at, 1 + random() % 3);
          break;
        case 2:
          text.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          text.insert(at, text.substr(random() % (text.size() + 1), 5));
      }
    }
    CheckText(text, &model);
  }
}

TEST(LimitsTest, RandomBytesAreIssues) {
  std::mt19937 random(13);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    CheckText(text, nullptr);
  }
}

}  // namespace
}  // namespace stepwell::fhirpath
