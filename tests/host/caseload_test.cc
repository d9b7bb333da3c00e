// Caseloads and turns where several cases are written at once, and whether what
// is counted of them is looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;

class CaseloadTest : public HostTest {
 protected:
  void Open(const std::string& url) {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(
        absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocols/weighing.json"));
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
    AddStaff("tea", "team");
    for (const char* name : {"anna", "bo", "cy", "di", "eva"}) {
      AddStaff(name, "by_turn");
    }
  }
  void AddStaff(const std::string& name, const std::string& pool) {
    Do(absl::StrCat(R"({"id":"s-)", name, R"(","command":"add_staff",)",
                    R"("actor":{"role":"integration"},"staff":")", name,
                    R"(","pools":[")", pool, R"("]})"));
  }
  void Register(const std::string& person, const char* more = "") {
    Do(absl::StrCat(R"({"id":"p)", ++ids_, R"(","command":"register_person",)",
                    R"("actor":{"role":"integration"},"person":{"system":"s",)",
                    R"("value":")", person, "\"}", more, "}"));
  }
  // A child, whose mother consents: each time that somebody else decides, the
  // case goes to whose turn it is.
  std::string Child(const std::string& name) {
    Register(name);
    case_ = Do(absl::StrCat(R"({"id":"r)", ++ids_,
                            R"(","command":"receive_referral","actor":)",
                            R"({"role":"integration"},"person":{"system":"s",)",
                            R"("value":")", name, R"("},"route":"self",)",
                            R"("facts":{"born":"2016-06-20"}})"))
                .case_id;
    Tell(R"("command":"relate_person","role":"guardian",)"
         R"("related":{"system":"s","value":"mother"})");
    Tell(R"("command":"record_consent","consent_purpose":"care",)"
         R"("given":true,"by":"guardian")");
    return case_;
  }
  void Tell(const std::string& members) {
    Do(absl::StrCat(R"({"id":"c)", ++ids_, R"(","actor":{"role":"staff",)",
                    R"("staff":"tea"},"case":")", case_, "\",", members, "}"));
  }
  std::string WhoseAndWhy(const std::string& id) {
    const auto why = service_->Explain(id, "owner", now_);
    EXPECT_OK(why);
    return why.ok() ? absl::StrCat(why->state, ": ", why->reasons.at(0)) : "";
  }
  void Damage(const char* sql) {
    service_.reset();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(Path().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_changes(db), 1) << "nothing was damaged";
    sqlite3_close(db);
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  }

  int ids_ = 0;
};

// Both cases of the mother hear of it in one commit, and each takes a turn.
TEST_F(CaseloadTest, ADeathThatIsToldToTwoCasesTakesTwoTurns) {
  for (const std::string& url : {std::string("memory:"), Url()}) {
    Open(url);
    Register("mother");
    const std::vector<std::string> cases = {Child("1"), Child("2")};
    EXPECT_THAT(WhoseAndWhy(cases[0]), HasSubstr("bo after anna"));
    EXPECT_THAT(WhoseAndWhy(cases[1]), HasSubstr("di after cy"));
    Register("mother", R"(,"died":true)");
    std::vector<std::string> now = {WhoseAndWhy(cases[0]),
                                    WhoseAndWhy(cases[1])};
    std::sort(now.begin(), now.end());
    EXPECT_THAT(now[0], HasSubstr("anna: it was the turn of anna after eva"));
    EXPECT_THAT(now[1], HasSubstr("eva: it was the turn of eva after di"));
    ExpectHealthy();
    service_.reset();
  }
}

TEST_F(CaseloadTest, WhoseTurnItWasIsCountedFromTheLog) {
  Open(Url());
  Register("mother");
  Child("1");
  Child("2");
  ExpectHealthy();
  Damage("UPDATE counter SET value = 3 WHERE name = 'turn/by_turn'");
  ASSERT_OK_AND_ASSIGN(const Verification proof, service_->Verify());
  EXPECT_THAT(ToJson(proof), HasSubstr("the counter turn/by_turn is 3, counted "
                                       "from the log are 5"));
  Damage("UPDATE counter SET value = 9 WHERE name = 'turn/by_turn'");
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(ToJson(health), HasSubstr("the counter turn/by_turn is 9, which "
                                        "is nobody of the register"));
}

TEST_F(CaseloadTest, AWeightThatTheCasesDoNotHaveIsFound) {
  Open(Url());
  Register("mother");
  Child("1");
  Tell(R"("command":"record_fact","fact":"alone","value":false)");
  Tell(R"("command":"assign_case","pool":"by_turn","staff":"bo")");
  Tell(R"("command":"record_fact","fact":"wants","value":"course")");
  Tell(R"("command":"assign_case","pool":"by_turn","staff":"bo")");
  ExpectHealthy();
  Damage("UPDATE counter SET value = 40 WHERE name = 'weight/3'");
  ASSERT_OK_AND_ASSIGN(const Verification proof, service_->Verify());
  EXPECT_THAT(ToJson(proof), HasSubstr("the counter weight/3 is 40, counted "
                                       "from the log are 50"));
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(ToJson(health), HasSubstr("the counter weight/3 is 40, counted "
                                        "are 50"));
}

}  // namespace
}  // namespace stepwell::host
