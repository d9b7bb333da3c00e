// What no shipped instrument asks for, but a document may: each rule of
// scoring, risk and change on the side that the others leave out.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "instruments/batch.h"
#include "instruments/change_rule.h"
#include "instruments/cohort.h"
#include "instruments/score.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

std::shared_ptr<const Instrument> Made(const std::string& members) {
  const auto loaded = LoadInstrument(
      R"({"instrument": "x", "version": "1", "title": "X",
          "respondent": "patient", "direction": "lower_is_better",
          "licence": {"status": "own", "holder": "Us", "source": "Here",
                      "text_included": false},
          "value_sets": [{"id": "v", "min": 0, "max": 3}], )" +
      members + "}");
  EXPECT_OK(loaded.status());
  for (const Issue& issue : loaded->issues) {
    ADD_FAILURE() << issue.pointer << " " << issue.message;
  }
  return loaded->instrument;
}

std::string Items(const std::string& more) {
  return R"("items": [{"id": "a", "kind": "choice", "values": "v"},
                      {"id": "b", "kind": "choice", "values": "v")" +
         more + "}]";
}

ScoreResult Of(const Instrument& instrument, std::vector<Answer> answers,
               Sex sex = Sex::kUnknown) {
  ScoreContext context;
  context.sex = sex;
  return Score(instrument, answers, context);
}

TEST(ScoreBranches, ItemsForMenLeaveWomenAlone) {
  const auto made = Made(Items(R"(, "only_for": "male")") +
                         R"(, "score": {"method": "sum"})");
  EXPECT_EQ(Of(*made, {Answer::Of(2), {}}, Sex::kFemale).scales[0].score,
            Rational(2));
  EXPECT_FALSE(Of(*made, {Answer::Of(2), {}}, Sex::kMale).complete);
  EXPECT_EQ(
      Of(*made, {Answer::Of(2), Answer::Of(3)}, Sex::kFemale).ignored.size(),
      1u);
}

TEST(ScoreBranches, SkipsNeedLegalAnswersBeforeThem) {
  const auto made =
      Made(R"("items": [{"id": "a", "kind": "choice", "values": "v"},
        {"id": "b", "kind": "choice", "values": "v",
         "skip_if": [{"sum_of": ["a"], "equals": 0}]}],
        "score": {"method": "sum", "fhirpath": "a + b"},
        "flags": [{"id": "f", "source": "s", "mark": "assumption",
                   "when": {"item": "b", "at_least": 0}}])");
  EXPECT_EQ(Of(*made, {Answer::Of(0)}).scales[0].score, Rational(0));
  EXPECT_EQ(Of(*made, {Answer::Of(0)}).flags[0], Tri::kTrue);
  EXPECT_FALSE(Of(*made, {}).scales[0].score.has_value());
  EXPECT_FALSE(Of(*made, {Answer::Of(9)}).scales[0].score.has_value());
  EXPECT_FALSE(Of(*made, {{Answer::State::kText, 0}, {}}).complete);
  EXPECT_EQ(Of(*made, {Answer::Of(0), Answer::Of(1)}).against_skip.size(), 1u);
  EXPECT_TRUE(Of(*made, {Answer::Of(1), Answer::Of(1)}).against_skip.empty());
}

TEST(ScoreBranches, TextsDatesAndNumbersInTheirPlaces) {
  const auto made =
      Made(R"("items": [{"id": "t", "kind": "text", "required": true},
        {"id": "d", "kind": "date"},
        {"id": "a", "kind": "choice", "values": "v", "scored": false,
         "required": false}],
        "require_one_of": [["t", "a"], ["d", "a"]])");
  const Answer text{Answer::State::kText, 0};
  EXPECT_TRUE(Of(*made, {text, Answer::Of(1), {}}).complete);
  EXPECT_EQ(Of(*made, {Answer::Of(1), text, text}).out_of_range.size(), 3u);
  EXPECT_EQ(Of(*made, {{Answer::State::kUnreadable, 0}, Answer::Of(1)})
                .out_of_range.size(),
            1u);
  // "t" is missing for itself and for its group: it stands there once.
  EXPECT_EQ(Of(*made, {}).missing.size(), 3u);
  // A given but unusable answer is no missing one.
  EXPECT_EQ(Of(*made, {text, text, text}).missing.size(), 0u);
  EXPECT_TRUE(TierId(*made, Of(*made, {})).empty());
}

TEST(ScoreBranches, NothingThatAppliesGivesNothing) {
  const auto made = Made(
      R"("items": [{"id": "a", "kind": "choice", "values": "v",
                    "not_applicable": true},
                   {"id": "b", "kind": "choice", "values": "v",
                    "scored": false, "required": false}],
         "score": {"method": "mean"},
         "subscales": [{"id": "S", "method": "sum", "items": ["a"]}],
         "flags": [{"id": "f", "source": "s", "mark": "assumption",
                    "when": {"item": "a", "at_least": 1}}])");
  const ScoreResult none = Of(*made, {{Answer::State::kNotApplicable, 0}});
  EXPECT_FALSE(none.scales[0].score.has_value());
  EXPECT_FALSE(none.scales[1].score.has_value());
  EXPECT_EQ(none.flags[0], Tri::kFalse);
  EXPECT_EQ(
      Of(*made, {{}, {Answer::State::kNotApplicable, 0}}).out_of_range.size(),
      1u);
}

TEST(ScoreBranches, ProratingByDefaultStopsAtItsLimitAndAtNothing) {
  const auto made = Made(Items("") + R"(, "score": {"method": "sum",
    "missing": {"default": "prorate", "prorate": {"missing_max": 1,
      "source": "s", "mark": "assumption"}}})");
  EXPECT_EQ(Of(*made, {Answer::Of(3), {}}).scales[0].score, Rational(6));
  EXPECT_FALSE(Of(*made, {}).scales[0].score.has_value());
  const auto single = Made(
      R"("items": [{"id": "a", "kind": "choice", "values": "v"}],
         "score": {"method": "sum", "missing": {"default": "prorate",
           "prorate": {"missing_max": 1, "source": "s",
                       "mark": "assumption"}}})");
  EXPECT_FALSE(Of(*single, {}).scales[0].score.has_value());
}

TEST(ScoreBranches, RulesKeepWhatIsUnknown) {
  const auto made = Made(Items("") + R"(, "score": {"method": "sum"},
    "flags": [
      {"id": "no", "source": "s", "mark": "assumption",
       "when": {"not": {"item": "a", "at_least": 1}}},
      {"id": "most", "source": "s", "mark": "assumption",
       "when": {"count": [{"items": ["a", "b"], "at_least": 1}],
                "at_most": 1}},
      {"id": "man", "source": "s", "mark": "assumption",
       "when": {"any": [{"sex": "male"}, {"score": {"at_most": 1}}]}}])");
  const ScoreResult none = Of(*made, {});
  for (const Tri flag : none.flags) EXPECT_EQ(flag, Tri::kUnknown);
  const ScoreResult all = Of(*made, {Answer::Of(1), Answer::Of(1)}, Sex::kMale);
  EXPECT_EQ(all.flags[0], Tri::kFalse);
  EXPECT_EQ(all.flags[1], Tri::kFalse);
  EXPECT_EQ(all.flags[2], Tri::kTrue);
  EXPECT_EQ(Of(*made, {Answer::Of(0), Answer::Of(1)}, Sex::kFemale).flags[0],
            Tri::kTrue);
  EXPECT_EQ(Of(*made, {Answer::Of(0), Answer::Of(3)}, Sex::kOther).flags[2],
            Tri::kUnknown);
}

AnswerColumn ColumnOf(const std::vector<int32_t>& values) {
  AnswerColumn column;
  column.type = AnswerColumn::Type::kInt32;
  column.values = values.data();
  return column;
}

// Each is quick or not: the result must be Score()'s.
void CheckBatch(const Instrument& instrument) {
  const std::vector<int32_t> a = {0, 1, 2, 3, 9, -1, 40'000},
                             b = {3, 2, 1, 0, 0, 1, 2};
  const BatchScores batch =
      ScoreColumns(instrument, {{ColumnOf(a), ColumnOf(b)}}, a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const ScoreResult one =
        Of(instrument, {Answer::Of(a[i]), Answer::Of(b[i])});
    for (size_t s = 0; s < one.scales.size(); ++s) {
      const auto& score = one.scales[s].score;
      EXPECT_TRUE(score ? batch.scales[s].score[i] == score->ToDouble()
                        : std::isnan(batch.scales[s].score[i]));
      EXPECT_EQ(batch.scales[s].band[i], one.scales[s].band);
    }
    for (size_t f = 0; f < one.flags.size(); ++f) {
      EXPECT_EQ(batch.flags[f][i], one.flags[f]);
    }
    for (size_t r = 0; r < one.risks.size(); ++r) {
      EXPECT_EQ(batch.risks[r][i], one.risks[r]);
    }
  }
}

TEST(BatchBranches, EveryFormOfADocument) {
  const std::string provenance = R"("source": "s", "mark": "assumption")";
  const auto flag = [&](const std::string& rule) {
    return R"(, "flags": [{"id": "f", )" + provenance + R"(, "when": )" + rule +
           "}]";
  };
  const std::string sum = R"(, "score": {"method": "sum"})";
  const std::string wide =
      R"("items": [{"id": "a", "kind": "integer", "scored": false,
         "values": {"min": %s, "max": %s}}, {"id": "b", "kind": "choice",
         "values": "v"}])";
  const auto range = [&](const std::string& min, const std::string& max) {
    std::string out = wide;
    out.replace(out.find("%s"), 2, min);
    out.replace(out.find("%s"), 2, max);
    return out;
  };
  for (const std::string& members :
       {Items("") + sum, Items(R"(, "reverse": true)") + sum,
        Items("") + R"(, "score": {"method": "mean"})",
        Items("") +
            R"(, "score": {"method": "sum", "transform": {"factor": 2}})",
        Items("") + R"(, "score": {"method": "sum", "fhirpath": "a + b"})",
        Items("") + R"(, "score": {"method": "sum", "transform":
                       {"shift": 1}})",
        Items("") + sum + flag(R"({"not": {"item": "a", "at_most": 1}})"),
        Items("") + sum + flag(R"({"any": [{"item": "a", "equals": 1},
                             {"score": {"at_least": 2.5}}]})"),
        Items("") + sum + flag(R"({"all": [{"item": "a", "at_least": 1},
          {"count": [{"items": ["a", "b"], "at_least": 1}], "at_most": 1}]})"),
        Items("") + sum + flag(R"({"sex": "female"})"),
        Items(R"(, "risk": {"id": "r", "at_least": 2, )" + provenance + "}") +
            sum,
        Items("") + R"(, "require_one_of": [["a", "b"]])" + sum,
        Items("") + sum + R"(, "tiers": {"ids": ["t", "u"], "otherwise": "t",
          "on_unknown": "u", "rules": [], )" +
            provenance + "}",
        range("0", "40000") + sum, range("-40000", "0") + sum,
        range("-40000", "40000") + sum +
            flag(R"({"count": [{"items": ["a"], "at_least": 35000}],
                     "at_least": 1})")}) {
    SCOPED_TRACE(members);
    CheckBatch(*Made(members));
  }
}

TEST(BatchBranches, SumsBeyondShortNumbers) {
  for (const char* bounds :
       {R"("min": 0, "max": 10000)", R"("min": -10000, "max": 0)"}) {
    std::string items;
    for (int i = 0; i < 4; ++i) {
      items += std::string(i > 0 ? "," : "") + R"({"id": "q)" +
               std::to_string(i) + R"(", "kind": "integer", "values": {)" +
               bounds + "}}";
    }
    const auto made =
        Made(R"("items": [)" + items + R"(], "score": {"method": "sum"})");
    const int32_t most =
        made->items().size() && bounds[7] == '0' ? 10'000 : -10'000;
    const std::vector<int32_t> value = {most};
    const std::vector<AnswerColumn> columns(4, ColumnOf(value));
    EXPECT_EQ(ScoreColumns(*made, columns, 1).scales[0].score[0], 4.0 * most);
  }
}

TEST(BatchBranches, ARiskThresholdOfTheServiceHoldsForAll) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  std::vector<int8_t> values(600, 1);
  std::vector<AnswerColumn> columns(10);
  for (size_t i = 0; i < 9; ++i) {
    columns[i].type = AnswerColumn::Type::kInt8;
    columns[i].values = values.data();
  }
  ScoreContext context;
  context.risk_at_least = 2;
  EXPECT_EQ(ScoreColumns(*phq, columns, 600).risks[0][599], Tri::kTrue);
  EXPECT_EQ(ScoreColumns(*phq, columns, 600, context).risks[0][0], Tri::kFalse);
}

TEST(BatchBranches, WholeBlocksOfBytesWithAndWithoutGaps) {
  const auto gad = *LoadCatalogueInstrument("gad-2");
  const std::vector<uint8_t> ones(600, 1);
  const std::vector<uint8_t> all(100, 0xFF);
  AnswerColumn column;
  column.values = ones.data();
  for (const auto type :
       {AnswerColumn::Type::kUInt8, AnswerColumn::Type::kInt8}) {
    column.type = type;
    for (const uint8_t* validity :
         {static_cast<const uint8_t*>(nullptr), all.data()}) {
      column.validity = validity;
      const BatchScores scores = ScoreColumns(*gad, {{column, column}}, 600);
      for (const double score : scores.scales[0].score) EXPECT_EQ(score, 2);
    }
  }
}

TEST(BatchBranches, NumbersThatNoItemHas) {
  const auto gad = *LoadCatalogueInstrument("gad-2");
  const std::vector<int64_t> wide = {5'000'000'000, -5'000'000'000, 1};
  const std::vector<double> real = {1e10, -1e10, 1};
  const std::vector<float> half = {1e10f, -1e10f, 1.5f};
  AnswerColumn a, b, c;
  a.type = AnswerColumn::Type::kInt64;
  a.values = wide.data();
  b.type = AnswerColumn::Type::kFloat64;
  b.values = real.data();
  c.type = AnswerColumn::Type::kFloat32;
  c.values = half.data();
  const BatchScores scores = ScoreColumns(*gad, {{a, b}}, 3);
  EXPECT_EQ(scores.out_of_range[0], 2);
  EXPECT_EQ(scores.out_of_range[1], 2);
  EXPECT_EQ(scores.scales[0].score[2], 2);
  EXPECT_EQ(ScoreColumns(*gad, {{c, c}}, 3).out_of_range[2], 2);
  // A number is no answer to a question that asks for words.
  const auto words = Made(
      R"("items": [{"id": "t", "kind": "text"},
                   {"id": "a", "kind": "choice", "values": "v"}],
         "score": {"method": "sum"})");
  const std::vector<int32_t> one = {1};
  EXPECT_EQ(
      ScoreColumns(*words, {{ColumnOf(one), ColumnOf(one)}}, 1).out_of_range[0],
      1);
}

TEST(ChangeBranches, NegativeScoresAndNames) {
  EXPECT_EQ(PercentChange(Rational(-10), Rational(-16), Rational(50),
                          Direction::kLowerIsBetter),
            ChangeClass::kImproved);
  EXPECT_EQ(PercentChange(Rational(10), std::nullopt, Rational(50),
                          Direction::kLowerIsBetter),
            ChangeClass::kUndefined);
  EXPECT_EQ(
      PercentChange(Rational(10), Rational(1), Rational(50), Direction::kNone),
      ChangeClass::kUndefined);
  EXPECT_EQ(ChangeClassName(ChangeClass::kHarmed), "harmed");
  const auto bad_sd =
      ClinicalCutoff(CutoffRule::kB, std::nullopt, Group{1, std::nan("")},
                     Direction::kLowerIsBetter);
  EXPECT_FALSE(bad_sd.ok());
  EXPECT_TRUE(ClinicalCutoff(CutoffRule::kA, Group{10, 2}, std::nullopt,
                             Direction::kLowerIsBetter)
                  .ok());
  // Whole first, real last: judged as reals.
  ChangeConstants constants;
  constants.sd_pre = 5;
  constants.reliability = 0.8;
  const auto rule =
      *ChangeRule::Make(ChangeMethod::kJacobsonTruax, constants,
                        Direction::kLowerIsBetter, ChangeRule::Use::kOneCase);
  EXPECT_EQ(rule.Judge(Rational(10), Rational(19, 2)).change,
            ChangeClass::kUnchanged);
}

std::vector<CohortPair> Pairs() {
  return {{Rational(20), Rational(6)},
          {Rational(18), Rational(17)},
          {Rational(12), std::nullopt},
          {std::nullopt, Rational(3)},
          {Rational(11), Rational(25)}};
}

TEST(CohortBranches, EveryCutoffWithAndWithoutItsGroup) {
  CohortRequest request;
  request.constants.reliability = 0.8;
  request.constants.sd_pre = 3;
  for (const CutoffRule rule :
       {CutoffRule::kA, CutoffRule::kB, CutoffRule::kC}) {
    request.cutoff = rule;
    request.functional = Group{4, 3};
    request.clinical.reset();
    ASSERT_OK_AND_ASSIGN(const CohortChange own,
                         ChangeOfCohort(request, Pairs()));
    EXPECT_EQ(own.clinical.has_value(), rule != CutoffRule::kB);
    request.clinical = Group{16, 3};
    ASSERT_OK_AND_ASSIGN(const CohortChange given,
                         ChangeOfCohort(request, Pairs()));
    EXPECT_TRUE(given.estimated.empty());
    request.functional.reset();
    EXPECT_EQ(ChangeOfCohort(request, Pairs()).ok(), rule == CutoffRule::kA);
  }
  request.clinical.reset();
  request.cutoff = CutoffRule::kA;
  EXPECT_FALSE(ChangeOfCohort(request, {}).ok());
}

TEST(CohortBranches, ResponseWithoutRecoveryAndPairsThatDoNotVary) {
  CohortRequest request;
  request.method = ChangeMethod::kPercent;
  request.constants.by = 50;
  request.remission = 3;
  request.cutoff = CutoffRule::kB;
  request.functional = Group{4, 3};
  ASSERT_OK_AND_ASSIGN(const CohortChange out,
                       ChangeOfCohort(request, Pairs()));
  EXPECT_EQ(out.failed, 2u);  // 20 -> 6 recovered: a response
  request.direction = Direction::kHigherIsBetter;
  ASSERT_OK_AND_ASSIGN(const CohortChange up, ChangeOfCohort(request, Pairs()));
  EXPECT_EQ(up.remitted, 3u);
  CohortRequest index;
  index.constants.reliability = 0.8;
  EXPECT_FALSE(ChangeOfCohort(index, {{Rational(5), Rational(1)},
                                      {Rational(5), Rational(2)}})
                   .ok());
  index.constants.reliability = 1;
  EXPECT_FALSE(ChangeOfCohort(index, Pairs()).ok());
}

TEST(CohortBranches, BothColumnsMustBeNumbersAndThere) {
  TableChangeRequest request;
  request.cohort.constants.reliability = 0.8;
  request.pre_column = "a";
  request.post_column = "b";
  for (const char* bad : {"b\n1\n", "a\n1\n", "a,b\nx,1\n", "a,b\n1,x\n"}) {
    EXPECT_FALSE(TableChange(request, bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace stepwell::instruments
