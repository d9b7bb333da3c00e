// Answers as they come: by id, LOINC code or linkId, as numbers, texts, codes.
#include "instruments/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "instruments/score.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using Type = RawAnswer::Type;
using State = Answer::State;

std::shared_ptr<const Instrument> Shipped(const char* id) {
  return *LoadCatalogueInstrument(id);
}

struct Row {
  RawAnswer raw;
  uint16_t item;
  Answer answer;
  const char* problem;  // "" = none
};

TEST(MatchAnswers, ReadsEveryFormOfAnAnswer) {
  const auto phq = Shipped("phq-9");
  const char* loinc = "http://loinc.org";
  const Answer unreadable = {State::kUnreadable, 0};
  const Row rows[] = {
      {{"q1", Type::kNumber, "2", "", ""}, 0, Answer::Of(2), ""},
      {{"Q1", Type::kNumber, "2.0", "", ""}, 0, Answer::Of(2), ""},
      {{"44250-9", Type::kNumber, "2e0", "", ""}, 0, Answer::Of(2), ""},
      {{"/44260-8", Type::kString, "3", "", ""}, 8, Answer::Of(3), ""},
      {{"/44249-1/44260-8", Type::kNumber, "3", "", ""}, 8, Answer::Of(3), ""},
      {{"q9", Type::kString, "LA6569-3", "", ""}, 8, Answer::Of(1), ""},
      {{"q9", Type::kCoding, "LA6569-3", loinc, ""}, 8, Answer::Of(1), ""},
      {{"q9", Type::kCoding, "LA6569-3", loinc, "1"}, 8, Answer::Of(1), ""},
      {{"q9", Type::kCoding, "xyz", "urn:x", "2"}, 8, Answer::Of(2), ""},
      // The codes of this item are in no order: the value counts.
      {{"difficulty", Type::kCoding, "LA6575-0", loinc, ""},
       9,
       Answer::Of(2),
       ""},
      {{"difficulty", Type::kCoding, "LA6574-3", loinc, ""},
       9,
       Answer::Of(3),
       ""},
      {{"q9", Type::kCoding, "LA6569-3", loinc, "2"},
       8,
       unreadable,
       "ordinal_conflict"},
      {{"q9", Type::kCoding, "LA9999-9", loinc, ""},
       8,
       unreadable,
       "unknown_code"},
      {{"q9", Type::kNumber, "4", "", ""}, 8, Answer::Of(4), "out_of_range"},
      {{"q9", Type::kNumber, "-1", "", ""}, 8, Answer::Of(-1), "out_of_range"},
      {{"q9", Type::kNumber, "1.5", "", ""}, 8, unreadable, "not_integer"},
      {{"q9", Type::kNumber, "1e300", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kNumber, "99999999999999999999", "", ""},
       8,
       unreadable,
       "wrong_type"},
      {{"q9", Type::kString, "often", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kString, "", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kString, "-", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kString, "x", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kBoolean, "true", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kUnreadable, "{...}", "", ""}, 8, unreadable, "wrong_type"},
      {{"q9", Type::kNotApplicable, "", "", ""},
       8,
       unreadable,
       "not_applicable_refused"},
  };
  for (const Row& row : rows) {
    const MatchResult match = MatchAnswers(*phq, {&row.raw, 1});
    EXPECT_EQ(match.answers[row.item], row.answer)
        << row.raw.item << " " << row.raw.value;
    ASSERT_EQ(match.problems.size(), *row.problem == '\0' ? 0u : 1u)
        << row.raw.item << " " << row.raw.value;
    if (*row.problem == '\0') continue;
    EXPECT_EQ(match.problems[0].code, row.problem) << row.raw.value;
    EXPECT_EQ(match.problems[0].item, row.raw.item);
    EXPECT_FALSE(match.problems[0].message.empty());
  }
}

TEST(MatchAnswers, UnknownItemsAreReportedAndTheRestIsRead) {
  const auto phq = Shipped("phq-9");
  const RawAnswer raw[] = {{"q10", Type::kNumber, "1", "", ""},
                           {"q9", Type::kNumber, "1", "", ""},
                           {"", Type::kNumber, "1", "", ""},
                           {"/", Type::kNumber, "1", "", ""}};
  const MatchResult match = MatchAnswers(*phq, raw);
  EXPECT_EQ(match.answers[8], Answer::Of(1));
  ASSERT_EQ(match.problems.size(), 3u);
  EXPECT_EQ(match.problems[0].code, "unknown_item");
  EXPECT_EQ(match.problems[0].index, 0u);
  EXPECT_EQ(match.problems[1].index, 2u);
}

TEST(MatchAnswers, TwoDifferentAnswersToOneItemAreNoAnswer) {
  const auto phq = Shipped("phq-9");
  const RawAnswer twice[] = {{"q9", Type::kNumber, "0", "", ""},
                             {"44260-8", Type::kNumber, "2", "", ""}};
  MatchResult match = MatchAnswers(*phq, twice);
  EXPECT_EQ(match.answers[8].state, State::kUnreadable);
  ASSERT_EQ(match.problems.size(), 1u);
  EXPECT_EQ(match.problems[0].code, "answered_twice");
  EXPECT_EQ(Score(*phq, match.answers.view()).risk(), Tri::kUnknown);

  const RawAnswer same[] = {{"q9", Type::kNumber, "2", "", ""},
                            {"44260-8", Type::kString, "LA6570-1", "", ""}};
  match = MatchAnswers(*phq, same);
  EXPECT_EQ(match.answers[8], Answer::Of(2));
  EXPECT_TRUE(match.problems.empty());
}

TEST(MatchAnswers, ReadsFormsWithTextsDatesAndNamedValues) {
  const auto form = Shipped("intake-form");
  const std::string contact = "Alva, 08-123 456 78, \xc3\xa5ker";
  const RawAnswer raw[] = {
      {"birth_date", Type::kDate, "2000-02-29", "", ""},
      {"sex", Type::kString, "female", "", ""},
      {"parallel_therapy", Type::kBoolean, "false", "", ""},
      {"problem", Type::kCoding, "depression", "", ""},
      {"emergency_contact", Type::kString, contact, "", ""},
      {"age", Type::kNumber, "25", "", ""},
  };
  const MatchResult match = MatchAnswers(*form, raw);
  EXPECT_TRUE(match.problems.empty());
  EXPECT_EQ(DateAnswerText(match.answers[*form->FindItem("birth_date")].value),
            "2000-02-29");
  EXPECT_EQ(match.answers[*form->FindItem("sex")], Answer::Of(1));
  EXPECT_EQ(match.answers[*form->FindItem("parallel_therapy")], Answer::Of(0));
  EXPECT_EQ(match.answers[*form->FindItem("problem")], Answer::Of(1));
  EXPECT_EQ(match.answers.text(*form->FindItem("emergency_contact")), contact);
  EXPECT_TRUE(Score(*form, match.answers.view()).complete);
}

TEST(MatchAnswers, RefusesOverlongTexts) {
  const auto form = Shipped("intake-form");
  const std::string text(20'000, 'x');
  const RawAnswer raw[] = {{"problem_text", Type::kString, text, "", ""}};
  const MatchResult match = MatchAnswers(*form, raw);
  ASSERT_EQ(match.problems.size(), 1u);
  EXPECT_EQ(match.problems[0].code, "text_too_long");
}

// A text is told apart from another one, but not from itself.
TEST(MatchAnswers, TwoDifferentTextsAreNoAnswer) {
  const auto form = Shipped("intake-form");
  const uint16_t problem = *form->FindItem("problem_text");
  const uint16_t contact = *form->FindItem("emergency_contact");
  const RawAnswer same[] = {
      {"emergency_contact", Type::kString, "Alva", "", ""},
      {"problem_text", Type::kString, "Sleep", "", ""},
      {"problem_text", Type::kString, "Sleep", "", ""}};
  const MatchResult once = MatchAnswers(*form, same);
  EXPECT_TRUE(once.problems.empty());
  EXPECT_EQ(once.answers.text(problem), "Sleep");
  EXPECT_EQ(once.answers.text(contact), "Alva");
  EXPECT_EQ(once.answers.text(*form->FindItem("age")), "");

  const RawAnswer other[] = {{"problem_text", Type::kString, "Sleep", "", ""},
                             {"problem_text", Type::kString, "Panic", "", ""}};
  const MatchResult twice = MatchAnswers(*form, other);
  ASSERT_EQ(twice.problems.size(), 1u);
  EXPECT_EQ(twice.problems[0].code, "answered_twice");
  EXPECT_EQ(twice.answers[problem].state, State::kUnreadable);
}

TEST(Answers, ATextThatIsSetAgainTakesTheFirstOnesPlace) {
  const auto form = Shipped("intake-form");
  Answers answers(*form);
  answers.SetText(*form->FindItem("problem_text"), "Sleep");
  answers.SetText(*form->FindItem("emergency_contact"), "Alva");
  answers.SetText(*form->FindItem("emergency_contact"), "Bo");
  EXPECT_EQ(answers.text(*form->FindItem("problem_text")), "Sleep");
  EXPECT_EQ(answers.text(*form->FindItem("emergency_contact")), "Bo");
}

TEST(MatchAnswers, FormsTakeEachKindAsItMayBeWritten) {
  const auto form = Shipped("intake-form");
  const Answer unreadable = {State::kUnreadable, 0}, missing;
  const struct {
    RawAnswer raw;
    Answer answer;
    const char* problem;
  } rows[] = {
      {{"parallel_therapy", Type::kString, "true", "", ""}, Answer::Of(1), ""},
      {{"parallel_therapy", Type::kString, "false", "", ""}, Answer::Of(0), ""},
      {{"parallel_therapy", Type::kBoolean, "true", "", ""}, Answer::Of(1), ""},
      {{"parallel_therapy", Type::kString, "1", "", ""}, Answer::Of(1), ""},
      {{"parallel_therapy", Type::kString, "sometimes", "", ""},
       unreadable,
       "wrong_type"},
      {{"birth_date", Type::kString, "1970-01-03", "", ""}, Answer::Of(2), ""},
      {{"birth_date", Type::kDate, "1970-02-30", "", ""},
       unreadable,
       "bad_date"},
      {{"birth_date", Type::kNumber, "1970", "", ""}, unreadable, "bad_date"},
      {{"problem_text", Type::kUnreadable, "{...}", "", ""},
       unreadable,
       "wrong_type"},
      // A field that was left empty is no answer, and no mistake.
      {{"problem_text", Type::kString, " \n", "", ""}, missing, ""},
  };
  for (const auto& row : rows) {
    const MatchResult match = MatchAnswers(*form, {&row.raw, 1});
    EXPECT_EQ(match.answers[*form->FindItem(row.raw.item)], row.answer)
        << row.raw.value;
    EXPECT_EQ(match.problems.empty() ? "" : match.problems[0].code, row.problem)
        << row.raw.value;
  }
}

// What is quoted of somebody's words is short.
TEST(MatchAnswers, ALongAnswerIsCutInTheMessage) {
  const auto phq = Shipped("phq-9");
  const std::string words(41, 'w');
  const RawAnswer raw[] = {{"q1", Type::kString, words, "", ""}};
  const MatchResult match = MatchAnswers(*phq, raw);
  ASSERT_EQ(match.problems.size(), 1u);
  EXPECT_EQ(match.problems[0].message,
            "\"" + std::string(40, 'w') + "...\" is no number of this item");
}

TEST(DateAnswers, AreDaysThatExist) {
  EXPECT_EQ(ParseDateAnswer("1970-01-01"), 0);
  EXPECT_EQ(ParseDateAnswer("1969-12-31"), -1);
  EXPECT_EQ(ParseDateAnswer("2024-02-29"), 19782);
  for (const char* bad :
       {"2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "0000-01-01",
        "2024-1-01", "24-01-01", "2024/01/01", "", "2024-01-0a",
        "2024-01-01T00:00", "2024-01/01", "202--01-01", "2024-01-00",
        "2024-12-32", "2024-01-99"}) {
    EXPECT_EQ(ParseDateAnswer(bad), std::nullopt) << bad;
  }
  for (int32_t day = -719'162; day < 2'932'000; day += 997) {
    EXPECT_EQ(ParseDateAnswer(DateAnswerText(day)), day);
  }
}

}  // namespace
}  // namespace stepwell::instruments
