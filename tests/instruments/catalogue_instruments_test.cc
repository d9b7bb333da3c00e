// The shipped instruments load without an issue and are what they claim.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/catalogue.h"
#include "instruments/instrument.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::instruments {
namespace {

TEST(CatalogueInstruments, LoadWithoutAnyIssueUnderTheirFileName) {
  ASSERT_FALSE(CatalogueInstrumentIds().empty());
  for (const CatalogueFile& file : ListCatalogue("instruments/")) {
    ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(file.text));
    for (const Issue& issue : loaded.issues) {
      ADD_FAILURE() << file.path << issue.pointer << ": " << issue.code << " "
                    << issue.message;
    }
    ASSERT_NE(loaded.instrument, nullptr);
    EXPECT_EQ("instruments/" + loaded.instrument->id() + ".json", file.path);
  }
}

TEST(CatalogueInstruments, AreFoundWithoutRegardToCase) {
  ASSERT_OK_AND_ASSIGN(const auto upper, LoadCatalogueInstrument("PHQ-9"));
  ASSERT_OK_AND_ASSIGN(const auto lower, LoadCatalogueInstrument("phq-9"));
  EXPECT_EQ(upper->fingerprint(), lower->fingerprint());
  EXPECT_THAT(LoadCatalogueInstrument("phq-99"),
              testing::StatusIs(absl::StatusCode::kNotFound, "gad-7"));
  EXPECT_THAT(LoadCatalogueInstrument(""),
              testing::StatusIs(absl::StatusCode::kNotFound, ""));
  EXPECT_THAT(LoadCatalogueInstrument("../calendars/always"),
              testing::StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST(CatalogueInstruments, HoldWordingOnlyWhereTheLicenceAllowsIt) {
  for (const std::string& id : CatalogueInstrumentIds()) {
    ASSERT_OK_AND_ASSIGN(const auto instrument, LoadCatalogueInstrument(id));
    const Licence& licence = instrument->licence();
    EXPECT_EQ(licence.text_included, !instrument->texts().empty()) << id;
    if (licence.text_included) {
      EXPECT_TRUE(licence.status == "free" || licence.status == "own") << id;
      EXPECT_FALSE(licence.attribution.empty()) << id;
    }
  }
}

TEST(CatalogueInstruments, CarryNoSnomedContent) {
  for (const CatalogueFile& file : ListCatalogue("instruments/")) {
    EXPECT_EQ(file.text.find("snomed"), std::string_view::npos) << file.path;
  }
}

TEST(CatalogueInstruments, NameItemsByIdAndLoincCode) {
  ASSERT_OK_AND_ASSIGN(const auto phq, LoadCatalogueInstrument("phq-9"));
  EXPECT_EQ(phq->FindItem("q9"), 8);
  EXPECT_EQ(phq->FindItem("Q9"), 8);
  EXPECT_EQ(phq->FindItem("44260-8"), 8);
  EXPECT_EQ(phq->FindItem("q10"), std::nullopt);
  ASSERT_EQ(phq->risk_markers().size(), 1u);
  EXPECT_EQ(phq->risk_markers()[0].item, 8);
  EXPECT_EQ(phq->scales()[0].min, Rational(0));
  EXPECT_EQ(phq->scales()[0].max, Rational(27));
}

// Whoever changes what an instrument computes gives it a new version: a score
// names the version that it came from. STEPWELL_UPDATE_GOLDEN=1 writes the
// file anew; read the diff.
TEST(CatalogueInstruments, ChangeTheirVersionWithTheirLogic) {
  std::string lines;
  for (const std::string& id : CatalogueInstrumentIds()) {
    ASSERT_OK_AND_ASSIGN(const auto instrument, LoadCatalogueInstrument(id));
    lines += id + " " + instrument->version() + " " +
             ToHex(instrument->logic_fingerprint()) + "\n";
  }
  const std::string path =
      std::string(STEPWELL_SOURCE_DIR) + "/tests/golden/instruments.txt";
  if (std::getenv("STEPWELL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << lines;
  }
  EXPECT_EQ(testing::ReadFileText(path), lines)
      << "an instrument's logic has changed: give it a new version";
}

}  // namespace
}  // namespace stepwell::instruments
