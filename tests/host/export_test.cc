// The export as a whole: legal R4, the same bytes, pages, layouts.
#include <gtest/gtest.h>

#include <algorithm>

#include "fhir/validate.h"
#include "host/export_support.h"

namespace stepwell {
namespace {

class ExportOfScenario : public ::testing::TestWithParam<std::string> {};

TEST_P(ExportOfScenario, IsLegalR4AndTheSameBytesTwice) {
  const Folder folder;
  const auto service = PlayedService(GetParam(), folder);
  ASSERT_NE(service, nullptr);
  const Exported exported(Ndjson(*service));
  EXPECT_GT(exported.all().size(), 1u);
  EXPECT_EQ(StructureErrors(exported), "");
  const std::string bundle = Bundle(*service);
  EXPECT_EQ(bundle, Bundle(*service));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(bundle));
  for (const fhir::CheckIssue& issue : fhir::Validator().Validate(document)) {
    EXPECT_EQ(issue.severity, fhir::CheckSeverity::kWarning)
        << issue.key << " at " << issue.expression << ": " << issue.message;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExportOfScenario,
                         ::testing::ValuesIn(ScenarioNames()),
                         [](const auto& test) { return test.param; });

TEST(Export, PagesJoinedAreTheWhole) {
  const auto service = NewService();
  for (int i = 0; i < 7; ++i) {
    const std::string n = std::to_string(i);
    Do(*service,
       R"({"id":"p)" + n +
           R"(","command":"register_person",)"
           R"("actor":{"role":"integration"},)"
           R"("person":{"system":"urn:s","value":")" +
           n + R"("}})",
       "2026-03-02T09:00:00Z");
  }
  const std::string whole = Ndjson(*service);
  std::string joined;
  ExportOptions options;
  options.layout = "ndjson";
  options.persons_max = 3;
  int pages = 0;
  do {
    ExportReport report;
    ASSERT_OK_AND_ASSIGN(
        const std::string page,
        ExportText(*service, options, At("2026-03-03T00:00:00Z"), &report));
    EXPECT_LE(report.persons, 3u);
    joined += page;
    options.after = report.next;
    ++pages;
  } while (!options.after.empty() && pages < 10);
  EXPECT_EQ(joined, whole);
  EXPECT_EQ(pages, 3);
}

// However many persons there are, a piece is one person's.
TEST(Export, APieceHoldsOnePerson) {
  const auto service = NewService();
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    Do(*service,
       R"({"id":"p)" + n + R"(","command":"register_person",)" +
           R"("actor":{"role":"integration"},)" +
           R"("person":{"system":"urn:s","value":")" + n + R"("}})",
       "2026-03-02T09:00:00Z");
  }
  for (const char* layout : {"bundle", "bundles", "ndjson"}) {
    ExportOptions options;
    options.layout = layout;
    size_t pieces = 0, largest = 0;
    ASSERT_OK(service->Export(
        options,
        [&](std::string_view piece) {
          ++pieces;
          largest = std::max(largest, piece.size());
          // The service may be asked meanwhile.
          return service->CheckHealth(At("2026-03-03T00:00:00Z")).status();
        },
        At("2026-03-03T00:00:00Z")));
    EXPECT_GE(pieces, 300u) << layout;
    EXPECT_LT(largest, 1000u) << layout;
  }
}

TEST(Export, TheSinkEndsItWithItsOwnError) {
  const auto service = NewService();
  const auto result = service->Export(
      {}, [](std::string_view) { return absl::UnavailableError("disk full"); },
      At("2026-03-03T00:00:00Z"));
  EXPECT_THAT(result,
              testing::StatusIs(absl::StatusCode::kUnavailable, "disk full"));
}

TEST(Export, AnEmptyServiceGivesALegalBundle) {
  const auto service = NewService();
  const std::string bundle = Bundle(*service);
  EXPECT_EQ(bundle.find("entry"), std::string::npos);
  EXPECT_OK(json::Parse(bundle));
  EXPECT_EQ(Ndjson(*service), "");
}

TEST(Export, SaysWhatIsWrongWithItsOptions) {
  const auto service = NewService();
  const Instant now = At("2026-03-03T00:00:00Z");
  ExportOptions options;
  options.format = "hl7v2";
  EXPECT_THAT(ExportText(*service, options, now),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "fhir"));
  options = {};
  options.layout = "xml";
  EXPECT_THAT(ExportText(*service, options, now),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "ndjson"));
  options = {};
  options.types = {"Medication"};
  EXPECT_THAT(ExportText(*service, options, now),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "Task"));
  options = {};
  options.base_url = "my server";
  EXPECT_THAT(
      ExportText(*service, options, now),
      testing::StatusIs(absl::StatusCode::kInvalidArgument, "base URL"));
  options = {};
  options.after = "zzz";
  EXPECT_THAT(ExportText(*service, options, now),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "cursor"));
  options = {};
  options.who = "urn:s|nobody";
  EXPECT_THAT(ExportText(*service, options, now),
              testing::StatusIs(absl::StatusCode::kNotFound, "nobody"));
}

}  // namespace
}  // namespace stepwell
