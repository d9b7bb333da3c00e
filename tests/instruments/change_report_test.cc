// Reports of the change of one case: cut-offs, indexes and refusals that the
// shipped documents do not ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "instruments/score_report.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using ::testing::HasSubstr;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

// Two items of 0 to 6 and what `members` say of their sum.
std::shared_ptr<const Instrument> Made(const std::string& members,
                                       const char* direction) {
  const auto loaded = LoadInstrument(absl::StrCat(
      R"({"instrument": "x", "version": "1", "title": "X",
          "respondent": "patient", "direction": ")",
      direction, R"(",
          "licence": {"status": "own", "holder": "Us", "source": "Here",
                      "text_included": false},
          "items": [{"id": "a", "kind": "integer",
                     "values": {"min": 0, "max": 6}},
                    {"id": "b", "kind": "integer",
                     "values": {"min": 0, "max": 6}}], )",
      members, "}"));
  EXPECT_OK(loaded.status());
  for (const Issue& issue : loaded->issues) {
    ADD_FAILURE() << issue.pointer << " " << issue.message;
  }
  return loaded->instrument;
}

// A report and its JSON, read.
class Change {
 public:
  Change(const Instrument& instrument, const std::optional<Rational>& pre,
         const std::optional<Rational>& post, const ChangeOptions& options = {})
      : report_(*ChangeJson(instrument, pre, post, options)),
        document_(*json::Parse(report_.json)) {}
  const Report& report() const { return report_; }
  json::Value root() const { return document_.root(); }
  // The class that the method's first index gives.
  std::string_view ClassBy(const char* method) const {
    return root()
        .Find("indexes")
        .Find(method)
        .at(0)
        .Find("class")
        .string_value();
  }
  double IndexBy(const char* method) const {
    return *root()
                .Find("indexes")
                .Find(method)
                .at(0)
                .Find("index")
                .double_value();
  }

 private:
  Report report_;
  json::Document document_;
};

constexpr char kSum[] = R"("score": {"method": "sum"})";

std::string Provenance() { return R"("source": "s", "mark": "assumption")"; }

// Worked by hand: r 0.75, SD 4 and mean 5, from 9 to 3. SEM 4 x 0.5 = 2; from
// 9 the true score expected is 0.75 x 4 + 5 = 8.
TEST(ChangeReport, TheMeanOfFirstScoresGivesTheOtherIndexes) {
  const auto made = Made(
      absl::StrCat(kSum, R"(, "reliability": [{"kind": "retest", "value": 0.75,
                              "sd": 4, "mean": 5, )",
                   Provenance(), "}]"),
      "lower_is_better");
  const Change change(*made, Rational(9), Rational(3));
  EXPECT_DOUBLE_EQ(change.IndexBy("en"), -2.5);  // (3 - 8) / SEM
  EXPECT_EQ(change.ClassBy("en"), "improved");
  EXPECT_NEAR(change.IndexBy("gln"), -1.8898, 1e-4);  // / (4 sqrt(1 - r^2))
  EXPECT_EQ(change.ClassBy("gln"), "unchanged");
  EXPECT_DOUBLE_EQ(change.IndexBy("nk"), -2);        // / 2.5
  EXPECT_NEAR(change.IndexBy("jt"), -2.1213, 1e-4);  // -6 / (2 sqrt 2)
  const json::Value nk = change.root().Find("indexes").Find("nk").at(0);
  EXPECT_EQ(*nk.Find("mean").double_value(), 5);
  EXPECT_FALSE(nk.Find("s_diff"));  // a number of Jacobson and Truax
  EXPECT_THAT(change.report().json,
              HasSubstr(R"("reliability_kind":"retest")"));
}

// A number belongs to the scores that it was found for, and without an SD
// there is no error of measurement in points.
TEST(ChangeReport, AReliabilityIsThatOfItsScoresAndNeedsItsSd) {
  const auto made = Made(
      absl::StrCat(kSum, R"(, "subscales": [{"id": "first", "method": "sum",
                               "items": ["a"]}],
        "reliability": [
          {"kind": "alpha", "value": 0.9, )",
                   Provenance(), R"(},
          {"kind": "alpha", "value": 0.8, "sd": 2, "subscale": "first", )",
                   Provenance(), "}]"),
      "lower_is_better");
  const Change total(*made, Rational(9), Rational(3));
  EXPECT_EQ(total.root().Find("indexes").Find("jt").size(), 0u);
  EXPECT_EQ(total.report().rows.back().value,
            "not judged: the document has no cut-off and no SD for it");
  const Change part(*made, Rational(6), Rational(1), {"", "first"});
  EXPECT_EQ(part.root().Find("indexes").Find("jt").size(), 1u);
  EXPECT_EQ(part.root().Find("indexes").Find("en").size(), 0u);  // no mean
  EXPECT_EQ(part.root().Find("subscale").string_value(), "first");
}

// Whatever numbers the loader takes, there is a rule and a number of each.
TEST(ChangeReport, TheOutermostNumbersOfADocumentGiveIndexes) {
  for (const char* value : {"0", "0.9999999999999999"}) {
    for (const char* sd : {"0.000000001", "1000000"}) {
      for (const char* mean : {"0", "12"}) {
        const auto made =
            Made(absl::StrCat(kSum, R"(, "reliability": [{"kind": "alpha", )",
                              R"("value": )", value, R"(, "sd": )", sd,
                              R"(, "mean": )", mean, ", ", Provenance(), "}]"),
                 "higher_is_better");
        const Change change(*made, Rational(12), Rational(0));
        for (const char* method : {"jt", "en", "gln", "nk"}) {
          EXPECT_TRUE(std::isfinite(change.IndexBy(method)))
              << method << value << sd << mean;
        }
      }
    }
  }
}

TEST(ChangeReport, AThresholdMayLieBelow) {
  const auto made =
      Made(absl::StrCat(kSum, R"(, "profiles": [{"id": "p", "cutoffs": [
        {"id": "remission", "kind": "remission", "at_most": 4, )",
                        Provenance(), "}]}]"),
           "lower_is_better");
  const Change change(*made, Rational(5), Rational(4));
  const json::Value remission = change.root().Find("cutoffs").at(0);
  EXPECT_FALSE(remission.Find("pre").bool_value());
  EXPECT_TRUE(remission.Find("post").bool_value());
}

// Which way is better nobody said: no class is named, no index worked out.
TEST(ChangeReport, WithoutADirectionNothingIsBetter) {
  const auto made =
      Made(absl::StrCat(kSum, R"(, "profiles": [{"id": "p", "cutoffs": [
        {"id": "rc", "kind": "reliable_change", "by": 2, )",
                        Provenance(),
                        R"(}]}], "reliability": [{"kind": "alpha", "value": 0.8,
                      "sd": 2, )",
                        Provenance(), "}]"),
           "none");
  const Change change(*made, Rational(9), Rational(3));
  EXPECT_EQ(change.root().Find("cutoffs").at(0).Find("class").string_value(),
            "undefined");
  EXPECT_FALSE(change.root().Find("indexes"));
}

TEST(ChangeReport, TheFirstScoreMayBeTheMissingOne) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  const Change change(*phq, std::nullopt, Rational(9));
  EXPECT_FALSE(change.report().ok);
  EXPECT_TRUE(change.root().Find("pre").is_null());
  EXPECT_THAT(change.report().json, HasSubstr(R"("pre":"unknown")"));
}

TEST(ChangeReport, ALastScoreThatNoAnswersGiveIsRefused) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  EXPECT_THAT(ChangeJson(*phq, Rational(9), Rational(28)),
              testing::StatusIs(kInvalid, "the last score 28"));
}

TEST(ChangeReport, AProfileIsNamedOrRefusedWithThoseThereAre) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  const Change named(*phq, Rational(15), Rational(9), {"NHS-TT", ""});
  EXPECT_EQ(named.root().Find("profile").string_value(), "nhs-tt");
  EXPECT_THAT(ChangeJson(*phq, Rational(2), Rational(1), {"mars", ""}),
              testing::StatusIs(kNotFound, "\"mars\"; it has nhs-tt"));
  const auto audit = *LoadCatalogueInstrument("audit");
  EXPECT_THAT(ChangeJson(*audit, Rational(2), Rational(1), {"mars", ""}),
              testing::StatusIs(kNotFound, "it has none"));
  EXPECT_TRUE(Change(*audit, Rational(2), Rational(1))
                  .root()
                  .Find("profile")
                  .is_null());
}

TEST(ChangeReport, ASubscaleIsNamedOrRefusedWithThoseThereAre) {
  EXPECT_THAT(ScaleNamed(**LoadCatalogueInstrument("dass-21"), "X"),
              testing::StatusIs(kNotFound, "\"X\"; it has D, A, S"));
  EXPECT_THAT(ScaleNamed(**LoadCatalogueInstrument("phq-9"), "X"),
              testing::StatusIs(kNotFound, "it has none"));
  EXPECT_THAT(ScaleNamed(**LoadCatalogueInstrument("risk-screen"), ""),
              testing::StatusIs(kInvalid, "name a subscale: none"));
  EXPECT_EQ(*ScaleNamed(**LoadCatalogueInstrument("phq-9"), ""), 0);
}

}  // namespace
}  // namespace stepwell::instruments
