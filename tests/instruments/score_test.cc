// The rules of scoring one by one: missing, out of range, prorating,
// conditions, three-valued flags, tiers.
#include "instruments/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>

#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kNone = -99;  // not answered

std::shared_ptr<const Instrument> Shipped(const char* id) {
  return *LoadCatalogueInstrument(id);
}

Answers Of(const Instrument& instrument, std::initializer_list<int> values) {
  Answers answers(instrument);
  uint16_t item = 0;
  for (int value : values) {
    if (value != kNone) answers.SetValue(item, value);
    ++item;
  }
  return answers;
}

ScoreResult ScoreOf(const Instrument& instrument,
                    std::initializer_list<int> values,
                    const ScoreContext& context = {}) {
  return Score(instrument, Of(instrument, values).view(), context);
}

Tri FlagOf(const Instrument& instrument, const ScoreResult& result,
           const char* id) {
  return result.flags[*instrument.FindFlag(id)];
}

TEST(Score, NoAnswersGiveNoScoreAndUnknownRisk) {
  const auto phq = Shipped("phq-9");
  for (const ScoreResult& r : {Score(*phq, {}), ScoreOf(*phq, {})}) {
    EXPECT_FALSE(r.scales[0].score.has_value());
    EXPECT_FALSE(r.complete);
    EXPECT_EQ(r.missing.size(), 9u);
    EXPECT_EQ(r.risk(), Tri::kUnknown);
    EXPECT_EQ(FlagOf(*phq, r, "caseness"), Tri::kUnknown);
    EXPECT_EQ(FlagOf(*phq, r, "mds"), Tri::kUnknown);
  }
}

TEST(Score, MoreAnswersThanItemsAreNotRead) {
  const auto gad = Shipped("gad-7");
  const std::vector<Answer> many(500, Answer::Of(1));
  const ScoreResult r = Score(*gad, many);
  EXPECT_EQ(*r.scales[0].score, Rational(7));
}

TEST(Score, AnOptionalItemIsNeitherMissingNorScored) {
  const auto phq = Shipped("phq-9");
  ScoreResult r = ScoreOf(*phq, {1, 1, 1, 1, 1, 1, 1, 1, 0});
  EXPECT_TRUE(r.complete);
  r = ScoreOf(*phq, {1, 1, 1, 1, 1, 1, 1, 1, 0, 3});
  EXPECT_EQ(*r.scales[0].score, Rational(8));
}

TEST(Score, AValueOutsideTheCodingIsNeitherScoredNorProrated) {
  const auto phq = Shipped("phq-9");
  ScoreContext prorate;
  prorate.missing = MissingPolicy::kProrate;
  for (int bad : {4, -1, 100, INT32_MAX, INT32_MIN}) {
    const ScoreResult r = ScoreOf(*phq, {1, 1, 1, 1, bad, 1, 1, 1, 1}, prorate);
    EXPECT_FALSE(r.scales[0].score.has_value()) << bad;
    EXPECT_THAT(r.out_of_range, ElementsAre(4));
    EXPECT_THAT(r.missing, IsEmpty());
    EXPECT_FALSE(r.complete);
    EXPECT_EQ(r.risk(), Tri::kTrue);  // item 9 itself is readable
  }
}

TEST(Score, AnUnusableRiskItemIsUnknownNeverNo) {
  const auto phq = Shipped("phq-9");
  for (int value : {kNone, 4, -1}) {
    EXPECT_EQ(ScoreOf(*phq, {0, 0, 0, 0, 0, 0, 0, 0, value}).risk(),
              Tri::kUnknown);
  }
  Answers answers = Of(*phq, {0, 0, 0, 0, 0, 0, 0, 0, 0});
  answers.Set(8, {Answer::State::kUnreadable, 0});
  EXPECT_EQ(Score(*phq, answers.view()).risk(), Tri::kUnknown);
  answers.Set(8, {Answer::State::kNotApplicable, 0});
  EXPECT_EQ(Score(*phq, answers.view()).risk(), Tri::kUnknown);
  answers.SetValue(8, 0);
  EXPECT_EQ(Score(*phq, answers.view()).risk(), Tri::kFalse);
}

TEST(Score, TheRiskThresholdIsTheServices) {
  const auto madrs = Shipped("madrs-s");
  ScoreContext strict_service;
  strict_service.risk_at_least = 2;
  EXPECT_EQ(ScoreOf(*madrs, {0, 0, 0, 0, 0, 0, 0, 0, 3}).risk(), Tri::kFalse);
  EXPECT_EQ(ScoreOf(*madrs, {0, 0, 0, 0, 0, 0, 0, 0, 3}, strict_service).risk(),
            Tri::kTrue);
}

TEST(Score, ProratesOnlyWhereDeclaredAndUpToTheLimit) {
  const auto phq = Shipped("phq-9");
  const auto wsas = Shipped("wsas");
  ScoreContext prorate;
  prorate.missing = MissingPolicy::kProrate;
  ScoreResult r = ScoreOf(*phq, {2, 2, 1, 1, kNone, 2, 1, 1, kNone}, prorate);
  ASSERT_TRUE(r.scales[0].score.has_value());
  EXPECT_EQ(*r.scales[0].exact, Rational(90, 7));  // 10 / 7 * 9
  EXPECT_EQ(*r.scales[0].score, Rational(13));
  EXPECT_TRUE(r.scales[0].prorated);
  EXPECT_FALSE(r.complete);
  EXPECT_THAT(r.missing, ElementsAre(4, 8));
  EXPECT_EQ(r.risk(), Tri::kUnknown);
  r = ScoreOf(*phq, {2, 2, 1, 1, kNone, 2, 1, kNone, kNone}, prorate);
  EXPECT_FALSE(r.scales[0].score.has_value());
  // The default of the document is strict, and WSAS declares nothing.
  r = ScoreOf(*phq, {2, 2, 1, 1, kNone, 2, 1, 1, 0});
  EXPECT_FALSE(r.scales[0].score.has_value());
  r = ScoreOf(*wsas, {1, 1, kNone, 1, 1}, prorate);
  EXPECT_FALSE(r.scales[0].score.has_value());
}

TEST(Score, HalvesRoundUp) {
  EXPECT_EQ(Rational(23, 2).RoundHalfUp(), 12);
  EXPECT_EQ(Rational(-23, 2).RoundHalfUp(), -11);
  EXPECT_EQ(Rational(-25, 10).RoundHalfUp(), -2);
  EXPECT_EQ(Rational(9, 4).RoundHalfUp(), 2);
  EXPECT_EQ(Rational(-9, 4).RoundHalfUp(), -2);
  EXPECT_EQ(Rational(-3).RoundHalfUp(), -3);
}

TEST(Score, WithoutWorkTheRangeShrinksAndNothingIsProrated) {
  const auto wsas = Shipped("wsas");
  Answers answers = Of(*wsas, {kNone, 8, 8, 8, 8});
  EXPECT_FALSE(Score(*wsas, answers.view()).complete);
  answers.Set(0, {Answer::State::kNotApplicable, 0});
  const ScoreResult r = Score(*wsas, answers.view());
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(*r.scales[0].score, Rational(32));
  EXPECT_EQ(r.scales[0].max, Rational(32));
  EXPECT_FALSE(r.scales[0].prorated);
  EXPECT_EQ(BandId(*wsas, r), "severe");
}

TEST(Score, AnItemForOneSexIsDroppedForTheOtherAndKeptWhenUnknown) {
  const auto phq15 = Shipped("phq-15");
  const auto run = [&](Sex sex, int item4) {
    ScoreContext context;
    context.sex = sex;
    return ScoreOf(*phq15, {1, 1, 1, item4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                   context);
  };
  EXPECT_EQ(*run(Sex::kMale, kNone).scales[0].score, Rational(14));
  EXPECT_EQ(run(Sex::kMale, kNone).scales[0].max, Rational(28));
  EXPECT_TRUE(run(Sex::kMale, kNone).complete);
  EXPECT_EQ(*run(Sex::kMale, 2).scales[0].score, Rational(14));
  EXPECT_THAT(run(Sex::kMale, 2).ignored, ElementsAre(3));
  for (Sex sex : {Sex::kFemale, Sex::kUnknown, Sex::kOther}) {
    EXPECT_FALSE(run(sex, kNone).scales[0].score.has_value());
    EXPECT_EQ(*run(sex, 2).scales[0].score, Rational(16));
  }
}

TEST(Score, SkippedItemsAreCompleteAndContradictionsCountAndAreReported) {
  const auto audit = Shipped("audit");
  ScoreResult r = ScoreOf(
      *audit, {0, kNone, kNone, kNone, kNone, kNone, kNone, kNone, 0, 2});
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(*r.scales[0].score, Rational(2));
  EXPECT_EQ(r.scales[0].answered, 3);
  r = ScoreOf(*audit, {0, kNone, 4, kNone, kNone, kNone, kNone, kNone, 0, 2});
  EXPECT_EQ(*r.scales[0].score, Rational(6));
  EXPECT_THAT(r.against_skip, ElementsAre(2));
  // An unreadable trigger skips nothing.
  r = ScoreOf(*audit,
              {9, kNone, kNone, kNone, kNone, kNone, kNone, kNone, 0, 2});
  EXPECT_FALSE(r.scales[0].score.has_value());
  EXPECT_EQ(r.missing.size(), 7u);
}

TEST(Score, CutoffsBySexAreUnknownOnlyWhereTheSexMatters) {
  const auto auditc = Shipped("audit-c");
  const auto positive = [&](Sex sex, int last) {
    ScoreContext context;
    context.sex = sex;
    return FlagOf(*auditc, ScoreOf(*auditc, {1, 1, last}, context), "positive");
  };
  EXPECT_EQ(positive(Sex::kFemale, 1), Tri::kTrue);
  EXPECT_EQ(positive(Sex::kMale, 1), Tri::kFalse);
  EXPECT_EQ(positive(Sex::kMale, 2), Tri::kTrue);
  EXPECT_EQ(positive(Sex::kUnknown, 0), Tri::kFalse);
  EXPECT_EQ(positive(Sex::kUnknown, 1), Tri::kUnknown);
  EXPECT_EQ(positive(Sex::kUnknown, 2), Tri::kTrue);
}

TEST(Score, SubscalesStandAloneWhenItemsOfOthersAreMissing) {
  const auto dass = Shipped("dass-21");
  Answers answers(*dass);
  for (uint16_t item : dass->scales()[0].items) answers.SetValue(item, 1);
  const ScoreResult r = Score(*dass, answers.view());
  EXPECT_EQ(*r.scales[0].score, Rational(14));
  EXPECT_EQ(dass->scales()[0].bands[r.scales[0].band].id, "moderate");
  EXPECT_FALSE(r.scales[1].score.has_value());
  EXPECT_EQ(r.total(*dass), nullptr);
  EXPECT_EQ(BandId(*dass, r), "");
}

TEST(RiskScreen, TiersByPlanIntentAndTime) {
  const auto screen = Shipped("risk-screen");
  struct Row {
    int plan, intent, when;
    const char* tier;
    bool complete;
  };
  const Row rows[] = {
      {0, 0, kNone, "moderate", true},
      {1, 0, 0, "high", true},
      {0, 1, 0, "high", true},
      {1, kNone, kNone, "high", false},
      {kNone, 0, kNone, "unknown", false},
      {0, kNone, kNone, "unknown", false},
      {kNone, kNone, kNone, "unknown", false},
      {0, 7, kNone, "unknown", false},
      {0, 0, 3, "high", true},
      {0, 0, 1, "moderate", true},
      {0, kNone, 2, "high", false},
  };
  for (const Row& row : rows) {
    const ScoreResult r = ScoreOf(*screen, {row.plan, row.intent, 0, row.when});
    EXPECT_EQ(TierId(*screen, r), row.tier)
        << row.plan << row.intent << row.when;
    EXPECT_EQ(r.complete, row.complete) << row.plan << row.intent << row.when;
  }
}

TEST(IntakeForm, NeedsAgeOrBirthDate) {
  const auto form = Shipped("intake-form");
  Answers answers(*form);
  answers.SetValue(*form->FindItem("parallel_therapy"), 0);
  answers.SetValue(*form->FindItem("problem"), 1);
  answers.SetText(*form->FindItem("emergency_contact"), "A. B., 112");
  ScoreResult r = Score(*form, answers.view());
  EXPECT_FALSE(r.complete);
  EXPECT_THAT(r.missing, ElementsAre(0, 1));
  answers.SetValue(*form->FindItem("birth_date"), 10'000);
  EXPECT_TRUE(Score(*form, answers.view()).complete);
  EXPECT_EQ(Score(*form, answers.view()).tier, -1);
}

TEST(CutoffsBySex, AreUnknownOnlyWhereTheSexWouldDecide) {
  const auto audit = *LoadCatalogueInstrument("audit-c");
  const auto caseness = [&](int sum, Sex sex) {
    Answers answers(*audit);
    answers.SetValue(0, std::min(sum, 4));
    answers.SetValue(1, sum - std::min(sum, 4));
    answers.SetValue(2, 0);
    ScoreContext context;
    context.sex = sex;
    return Score(*audit, answers.view(), context)
        .flags[*audit->FindFlag("caseness")];
  };
  EXPECT_EQ(caseness(2, Sex::kUnknown), Tri::kFalse);
  EXPECT_EQ(caseness(3, Sex::kUnknown), Tri::kUnknown);
  EXPECT_EQ(caseness(3, Sex::kOther), Tri::kUnknown);
  EXPECT_EQ(caseness(3, Sex::kFemale), Tri::kTrue);
  EXPECT_EQ(caseness(3, Sex::kMale), Tri::kFalse);
  EXPECT_EQ(caseness(4, Sex::kMale), Tri::kTrue);
  EXPECT_EQ(caseness(4, Sex::kUnknown), Tri::kTrue);
  EXPECT_EQ(audit->FindCutoff(0, CutoffKind::kCaseness), nullptr);
}

constexpr char kNormed[] = R"({
  "instrument": "eq", "version": "1", "title": "State", "respondent": "patient",
  "direction": "lower_is_better",
  "licence": {"status": "own", "holder": "Us", "source": "Here",
              "text_included": false},
  "value_sets": [{"id": "level", "min": 1, "max": 3}],
  "items": [{"id": "a", "kind": "choice", "values": "level"},
            {"id": "b", "kind": "choice", "values": "level"}],
  "score": {"method": "digits", "fhirpath": "a * 10 + b"},
  "norms": [{"id": "value", "source": "s", "mark": "unverified",
    "bands": [{"id": "low", "from": 0}, {"id": "high", "from": 0.5}],
    "groups": [{"sex": "female", "age_from": 18, "age_to": 64,
                "table": [[11, 1], [23, 0.25]]},
               {"table": [[11, 0.9]]}]}]})";

TEST(Norms, AreLookedUpByPersonAndNeverGuessed) {
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(kNormed));
  ASSERT_NE(loaded.instrument, nullptr);
  const Scale& scale = loaded.instrument->scales()[0];
  EXPECT_EQ(scale.min, Rational(11));
  EXPECT_EQ(scale.max, Rational(33));
  Answers answers(*loaded.instrument);
  answers.SetValue(0, 2);
  answers.SetValue(1, 3);
  EXPECT_EQ(*Score(*loaded.instrument, answers.view()).scales[0].score,
            Rational(23));
  const NormTable& table = scale.norms[0];
  EXPECT_EQ(NormOf(table, 23, Sex::kFemale, 40), Rational(1, 4));
  EXPECT_EQ(NormOf(table, 11, Sex::kFemale, 17), Rational(9, 10));
  EXPECT_EQ(NormOf(table, 11, Sex::kFemale, std::nullopt), Rational(9, 10));
  EXPECT_EQ(NormOf(table, 11, Sex::kMale, 40), Rational(9, 10));
  EXPECT_FALSE(NormOf(table, 23, Sex::kMale, 40).has_value());
  EXPECT_FALSE(NormOf(table, 12, Sex::kFemale, 40).has_value());
  EXPECT_EQ(NormBandId(table, Rational(1, 4)), "low");
  EXPECT_EQ(NormBandId(table, Rational(1)), "high");
  EXPECT_EQ(NormBandId(table, Rational(-1)), "");
}

TEST(FhirpathScores, DisagreementGivesNoScore) {
  // Agrees on values to 3, which is all that the load can try of min and max;
  // a million lies outside what it tries.
  std::string text = kNormed;
  text.replace(text.find("digits"), 6, "sum");
  text.replace(text.find("a * 10 + b"), 10, "iif(a = 977, 0, a + b)");
  text.replace(text.find(R"("max": 3)"), 8, R"("max": 9999)");
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(text));
  ASSERT_NE(loaded.instrument, nullptr)
      << loaded.issues[0].pointer << loaded.issues[0].message;
  Answers answers(*loaded.instrument);
  answers.SetValue(0, 5);
  answers.SetValue(1, 6);
  EXPECT_EQ(*Score(*loaded.instrument, answers.view()).scales[0].score,
            Rational(11));
  answers.SetValue(0, 977);
  const ScoreResult result = Score(*loaded.instrument, answers.view());
  EXPECT_FALSE(result.scales[0].score.has_value());
  EXPECT_TRUE(result.scales[0].rules_disagree);
}

TEST(Extends, PutsAVendorsTextsAndNormsInTheSlots) {
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(R"({
        "extends": "srs", "version": "1+clinic",
        "licence": {"status": "licensed", "holder": "S", "source": "2026",
                    "text_included": true},
        "texts": {"en": {"items": {"q1": "A", "q2": "B", "q3": "C",
                                   "q4": "D"}}}})"));
  ASSERT_NE(loaded.instrument, nullptr);
  EXPECT_EQ(loaded.instrument->id(), "srs");
  EXPECT_EQ(loaded.instrument->version(), "1+clinic");
  EXPECT_EQ(loaded.instrument->texts()[0].items.size(), 4u);
  EXPECT_THAT(LoadInstrument(R"({"extends": "none"})"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "shipped"));
  EXPECT_THAT(LoadInstrument(R"({"extends": "srs", "score": {}})"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "score"));
}

// Of digits side by side, of rules that disagree, and of nothing at all no
// bound is known.
TEST(Score, AThresholdOfNoSumIsUnknownWithoutAScore) {
  const auto high = [](std::string text, const std::vector<int>& given,
                       Sex sex = Sex::kUnknown) {
    text.replace(text.rfind('}'), 1, R"(,"flags": [{"id": "high",
      "when": {"score": {"at_least": 5}}, "source": "s",
      "mark": "unverified"}]})");
    const LoadResult loaded = *LoadInstrument(text);
    EXPECT_NE(loaded.instrument, nullptr)
        << loaded.issues[0].pointer << " " << loaded.issues[0].message;
    if (loaded.instrument == nullptr) return Tri::kTrue;
    Answers answers(*loaded.instrument);
    for (size_t i = 0; i < given.size(); ++i) {
      if (given[i] > 0) answers.SetValue(static_cast<uint16_t>(i), given[i]);
    }
    ScoreContext context;
    context.sex = sex;
    const ScoreResult result =
        Score(*loaded.instrument, answers.view(), context);
    EXPECT_FALSE(result.scales[0].score.has_value());
    return result.flags[0];
  };
  EXPECT_EQ(high(kNormed, {3, 0}), Tri::kUnknown);
  std::string sum = kNormed;
  sum.replace(sum.find("digits"), 6, "sum");
  std::string disagree = sum;
  disagree.replace(disagree.find("a * 10 + b"), 10, "iif(a = 977, 0, a + b)");
  disagree.replace(disagree.find(R"("max": 3)"), 8, R"("max": 9999)");
  EXPECT_EQ(high(disagree, {977, 6}), Tri::kUnknown);
  std::string of_women = sum;
  of_women.replace(of_women.find(R"(, "fhirpath": "a * 10 + b")"), 26, "");
  for (size_t at = of_women.find(R"("values": "level"})");
       at != std::string::npos;
       at = of_women.find(R"("values": "level"})", at + 20)) {
    of_women.insert(at, R"("only_for": "female", )");
    at += 22;
  }
  EXPECT_EQ(high(of_women, {0, 0}, Sex::kMale), Tri::kUnknown);
  // Who may leave a question out may come to less than 5.
  EXPECT_EQ(high(of_women, {3, 0}), Tri::kUnknown);
  std::string optional = of_women;
  optional.replace(optional.rfind(R"("only_for": "female")"), 20,
                   R"("not_applicable": true)");
  EXPECT_EQ(high(optional, {3, 0}), Tri::kUnknown);
}

// 24 to 27 is a case whatever the missing answer is; 8 to 11 may be one or not.
TEST(Score, AThresholdHoldsWhenTheLeastPossibleScoreReachesIt) {
  const auto flags = [](const char* id, const std::vector<int>& given,
                        const ScoreContext& context = {}) {
    const auto instrument = *LoadCatalogueInstrument(id);
    Answers answers(*instrument);
    for (size_t i = 0; i < given.size(); ++i) {
      if (given[i] >= 0) answers.SetValue(static_cast<uint16_t>(i), given[i]);
    }
    const ScoreResult result = Score(*instrument, answers.view(), context);
    EXPECT_FALSE(result.scales[0].score.has_value());
    std::map<std::string, Tri> out;
    for (size_t i = 0; i < result.flags.size(); ++i) {
      out.emplace(instrument->flags()[i].id, result.flags[i]);
    }
    return out;
  };
  const auto high = flags("phq-9", {3, 3, 3, 3, 3, 3, 3, 3, -1});
  EXPECT_EQ(high.at("caseness"), Tri::kTrue);
  EXPECT_EQ(high.at("remission"), Tri::kFalse);
  EXPECT_EQ(flags("phq-9", {1, 1, 1, 1, 1, 1, 1, 1, -1}).at("caseness"),
            Tri::kUnknown);
  EXPECT_EQ(flags("phq-9", {0, 0, 0, 0, 0, 0, 0, 0, -1}).at("remission"),
            Tri::kTrue);
  // At least 3 for women and 4 for men: 5 to 9 is both.
  EXPECT_EQ(flags("audit-c", {3, 2, -1}).at("positive"), Tri::kTrue);
  EXPECT_EQ(flags("audit-c", {0, 0, -1}).at("positive"), Tri::kUnknown);
  // A question that may be skipped may add nothing.
  EXPECT_EQ(flags("audit", {4, -1, 4, 4, 4, 4, 4, 4, 4, 4}).at("hazardous8"),
            Tri::kTrue);
  EXPECT_EQ(flags("audit", {1, -1, 4, 2, 0, 0, 0, 0, 0, 0}).at("hazardous8"),
            Tri::kUnknown);
  // A well-being of at most 12 points of 25 is poor: times 4, up to 50.
  EXPECT_EQ(flags("who-5", {0, 0, 0, 0, -1}).at("low_wellbeing"), Tri::kTrue);
}

}  // namespace
}  // namespace stepwell::instruments
