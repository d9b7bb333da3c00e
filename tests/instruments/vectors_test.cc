// The shared vectors: answers -> score, band, flags; change constants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/strings.h"
#include "instruments/cohort.h"
#include "instruments/score_report.h"
#include "json/json.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::instruments {
namespace {

constexpr char kFile[] = "scoring_vectors.json";

ScoreOptions OptionsOf(json::Value vector) {
  ScoreOptions options;
  if (const json::Value person = vector.Find("respondent")) {
    options.context = json::ToText(person);
  }
  if (const json::Value policy = vector.Find("missing_policy")) {
    options.missing = policy.string_value() == "strict"
                          ? MissingPolicy::kStrict
                          : MissingPolicy::kProrate;
  }
  for (const char* key : {"coding", "input"}) {
    if (const json::Value coding = vector.Find(key)) {
      options.coding = std::string(coding.string_value());
    }
  }
  if (const json::Value risk = vector.Find("risk_threshold")) {
    options.risk_threshold = static_cast<int32_t>(*risk.int64_value());
  }
  return options;
}

// `actual` has everything that `expected` has; numbers within 1e-9.
void ExpectContains(json::Value expected, json::Value actual,
                    const std::string& where) {
  ASSERT_TRUE(actual) << where << " is absent";
  if (expected.is_number() && actual.is_number()) {
    EXPECT_NEAR(*expected.double_value(), *actual.double_value(), 1e-9)
        << where;
  } else if (expected.is_object()) {
    for (json::Value member : json::Children(expected)) {
      const std::string key(member.key());
      ExpectContains(member, actual.Find(key), where + "/" + key);
    }
  } else {
    EXPECT_EQ(json::ToText(expected), json::ToText(actual)) << where;
  }
}

void CheckVector(const Instrument& instrument, json::Value vector) {
  const std::string id(vector.Find("id").string_value());
  ASSERT_OK_AND_ASSIGN(
      const Report report,
      ScoreJson(instrument, json::ToText(vector.Find("answers")),
                OptionsOf(vector)));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value root = document.root();
  for (json::Value member : json::Children(vector.Find("expect"))) {
    const std::string key(member.key());
    const json::Value found =
        root.Find(key) ? root.Find(key) : root.Find("details").Find(key);
    ExpectContains(member, found, id + "/" + key);
  }
}

TEST(ScoringVectors, GiveTheExpectedScores) {
  STEPWELL_NEEDS_SHARED(kFile);
  const std::string text = testing::ReadFileText(testing::SharedPath(kFile));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
  int checked = 0;
  std::string skipped;
  for (json::Value vector : json::Children(document.root().Find("scoring"))) {
    const std::string name =
        absl::AsciiStrToLower(ToAbsl(vector.Find("instrument").string_value()));
    const auto instrument =
        LoadCatalogueInstrument(name, OptionsOf(vector).coding);
    if (!instrument.ok()) {
      skipped += " " + std::string(vector.Find("id").string_value());
      continue;
    }
    CheckVector(**instrument, vector);
    ++checked;
  }
  EXPECT_GE(checked, 40);
  EXPECT_EQ(skipped, "") << "no document ships for these instruments";
}

TEST(ChangeVectors, JacobsonTruax) {
  STEPWELL_NEEDS_SHARED(kFile);
  const std::string text = testing::ReadFileText(testing::SharedPath(kFile));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
  int checked = 0;
  for (json::Value vector : json::Children(document.root().Find("rci"))) {
    const std::string id(vector.Find("id").string_value());
    const auto number = [&](const char* key) {
      return *vector.Find(key).double_value();
    };
    ++checked;
    if (vector.Find("a")) {
      const Group clinical{number("m_clinical"), number("sd_clinical")};
      const Group functional{number("m_functional"), number("sd_functional")};
      const Direction up = Direction::kHigherIsBetter;
      const auto cutoff = [&](CutoffRule rule) {
        return *ClinicalCutoff(rule, clinical, functional, up);
      };
      EXPECT_DOUBLE_EQ(cutoff(CutoffRule::kA), number("a")) << id;
      EXPECT_DOUBLE_EQ(cutoff(CutoffRule::kB), number("b")) << id;
      EXPECT_DOUBLE_EQ(cutoff(CutoffRule::kC), number("c")) << id;
      continue;
    }
    ChangeConstants constants;
    constants.sd_pre = number("sd");
    constants.reliability = number("reliability");
    if (vector.Find("critical")) constants.critical = number("critical");
    ASSERT_OK_AND_ASSIGN(const ChangeRule rule,
                         ChangeRule::Make(ChangeMethod::kJacobsonTruax,
                                          constants, Direction::kHigherIsBetter,
                                          ChangeRule::Use::kOneCase));
    if (vector.Find("rci")) {
      const auto verdict =
          rule.Judge(ParseScore(vector.Find("pre").number_text()),
                     ParseScore(vector.Find("post").number_text()));
      EXPECT_NEAR(rule.sem(), number("sem"), 1e-9) << id;
      EXPECT_NEAR(rule.s_diff(), number("s_diff"), 1e-9) << id;
      EXPECT_NEAR(*verdict.index, number("rci"), 1e-9) << id;
      EXPECT_EQ(verdict.change == ChangeClass::kImproved,
                vector.Find("reliable").bool_value())
          << id;
    } else {
      EXPECT_NEAR(rule.min_detectable(), number("min_detectable"), 5e-4) << id;
      EXPECT_EQ(rule.smallest_integer_change(),
                *vector.Find("smallest_integer_change").int64_value())
          << id;
    }
  }
  EXPECT_GE(checked, 4);
}

}  // namespace
}  // namespace stepwell::instruments
