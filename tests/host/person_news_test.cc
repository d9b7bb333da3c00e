// News of a person who has a case: a time zone, a death. Person and case hear
// of it together, or neither does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PersonNews : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
  }

  static std::string Register(const std::string& id,
                              const std::string& members) {
    return absl::StrCat(
        R"({"id":")", id,
        R"(","command":"register_person","actor":{"role":"staff",)"
        R"("staff":"anna"},"person":{"system":"urn:clinic","value":"p-1"},)",
        members, "}");
  }

  std::string Timeline() {
    const auto summary = service_->QueryCase(case_, now_);
    EXPECT_OK(summary);
    return ToJson(*summary);
  }

  void Import(const std::string& zone) {
    const auto report = service_->Import(
        absl::StrCat(R"({"resourceType":"Patient","identifier":[{"system":)"
                     R"("urn:clinic","value":"p-1"}],"extension":[{"url":)"
                     R"("http://hl7.org/fhir/StructureDefinition/timezone",)"
                     R"("valueCode":")",
                     zone, R"("}]})"),
        ImportOptions(), now_);
    EXPECT_OK(report);
    EXPECT_TRUE(report->refused.empty());
  }
};

TEST_F(PersonNews, AZoneIsToldToTheCaseOnce) {
  EXPECT_THAT(Timeline(), Not(HasSubstr("ZoneNoted")));
  Do(Register("z1", R"("zone":"Europe/Stockholm")"));
  const std::string told = Timeline();
  EXPECT_THAT(told, HasSubstr("ZoneNoted"));
  Do(Register("z2", R"("zone":"Europe/Stockholm")"));
  Do(Register("z3", R"("name":"Test")"));  // says nothing of a zone
  EXPECT_EQ(Timeline(), told);
  ExpectHealthy();
}

TEST_F(PersonNews, AnImportedPatientBringsTheirZone) {
  Import("Europe/Stockholm");
  EXPECT_THAT(Timeline(), HasSubstr("Europe/Stockholm"));
  Import("Australia/Perth");
  const std::string moved = Timeline();
  EXPECT_THAT(moved, HasSubstr("Australia/Perth"));
  Import("Australia/Perth");
  EXPECT_EQ(Timeline(), moved);
  ExpectHealthy();
}

TEST_F(PersonNews, AZoneBehindTheCaseIsRefusedAndNotHalfTaken) {
  const Instant now = now_;
  now_ = now_ - Minutes(10);
  const auto reply = Try(Register("z1", R"("zone":"Asia/Tokyo")"));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->kind, Reply::Kind::kRejected);
  EXPECT_EQ(reply->code, "clock_behind");
  now_ = now;
  Do(Register("z2", R"("zone":"Asia/Tokyo")"));
  EXPECT_THAT(Timeline(), HasSubstr("ZoneNoted"));
  ExpectHealthy();
}

TEST_F(PersonNews, ADeathBehindTheCaseIsTaken) {
  const Instant now = now_;
  now_ = now_ - Minutes(10);
  Do(Register("d1", R"("died":true)"));
  now_ = now;
  EXPECT_THAT(Timeline(), HasSubstr("DeathNoted"));
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
