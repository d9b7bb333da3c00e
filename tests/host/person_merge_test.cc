// Two records of one person, from outside: the store that is opened again, what
// is sent twice, chains, the death of one, and what an export says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/export.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PersonMerge : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
  }

  static std::string Named(const std::string& value) {
    return absl::StrCat(R"({"system":"urn:clinic","value":")", value, "\"}");
  }
  static std::string Person(const std::string& id, const std::string& verb,
                            const std::string& members) {
    return absl::StrCat(R"({"id":")", id, R"(","command":")", verb,
                        R"(","actor":{"role":"staff","staff":"anna"},)",
                        R"("reason":"a test","person":)", members, "}");
  }
  static std::string Merge(const std::string& id, const std::string& person,
                           const std::string& merged) {
    return Person(id, "merge_persons",
                  absl::StrCat(person, ",\"merged\":", merged));
  }
  static std::string Message(const std::string& id, const std::string& from) {
    return absl::StrCat(R"({"id":")", id,
                        R"(","command":"receive_message","actor":{"role":)"
                        R"("patient"},"person":)",
                        Named(from), R"(,"message_id":")", id,
                        R"(","text":"hello"})");
  }
  void Reopen() {
    service_.reset();
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  }
};

TEST_F(PersonMerge, HoldsWhenTheStoreIsOpenedAgain) {
  const std::string command = Merge("m1", Named("p-1"), Named("somebody-else"));
  Do(command);
  Reopen();
  EXPECT_TRUE(Do(command).repeated);
  EXPECT_EQ(Do(Message("t1", "somebody-else")).case_id, case_);
  ASSERT_OK_AND_ASSIGN(const Portal portal,
                       service_->QueryPortal("urn:clinic|somebody-else", now_));
  EXPECT_FALSE(portal.entries.empty());
  ASSERT_OK_AND_ASSIGN(const Portal own,
                       service_->QueryPortal("urn:clinic|p-1", now_));
  EXPECT_EQ(ToJson(portal), ToJson(own));
  ExpectHealthy();
}

TEST_F(PersonMerge, AnIdOfTheServiceNamesARecordToo) {
  const std::string record =
      Do(Person("q1", "register_person", Named("third"))).person_id;
  Do(Merge("m1", Named("p-1"), absl::StrCat("{\"id\":\"", record, "\"}")));
  EXPECT_EQ(Do(Message("t1", "third")).case_id, case_);
  Do(Person("u1", "unmerge_persons",
            absl::StrCat("{\"id\":\"", record, "\"}")));
  ASSERT_OK_AND_ASSIGN(const Reply alone, Try(Message("t2", "third")));
  EXPECT_EQ(alone.kind, Reply::Kind::kParked);
  EXPECT_EQ(alone.code, "no_case");
}

TEST_F(PersonMerge, AChainLeadsToTheLast) {
  Do(Person("q1", "register_person", Named("third")));
  Do(Merge("m1", Named("somebody-else"), Named("third")));
  Do(Merge("m2", Named("p-1"), Named("somebody-else")));
  EXPECT_EQ(Do(Message("t1", "third")).case_id, case_);
  // The middle is parted, and takes along who was merged into it.
  Do(Person("u1", "unmerge_persons", Named("somebody-else")));
  ASSERT_OK_AND_ASSIGN(const Reply alone, Try(Message("t2", "third")));
  EXPECT_EQ(alone.code, "no_case");
  ExpectHealthy();
}

TEST_F(PersonMerge, ADeathIsRegisteredWithBothOrNotMerged) {
  Do(Person("d1", "register_person",
            absl::StrCat(Named("somebody-else"), ",\"died\":true")));
  const std::string merge = Merge("m1", Named("p-1"), Named("somebody-else"));
  ASSERT_OK_AND_ASSIGN(const Reply no, Try(merge));
  EXPECT_EQ(no.kind, Reply::Kind::kRejected);
  EXPECT_EQ(no.code, "death_registered");
  Do(Person("d2", "register_person",
            absl::StrCat(Named("p-1"), ",\"died\":true")));
  Do(Merge("m2", Named("p-1"), Named("somebody-else")));
}

TEST_F(PersonMerge, SaysWhatIsMissing) {
  for (const auto& [members, expected] :
       {std::pair{R"("merged":{"system":"urn:clinic","value":"p-1"},)"
                  R"("reason":"x")",
                  "needs `person`"},
        std::pair{R"("person":{"system":"urn:clinic","value":"p-1"},)"
                  R"("reason":"x")",
                  "merged"},
        std::pair{R"("person":{"system":"urn:clinic","value":"p-1"},)"
                  R"("merged":{"system":"urn:clinic","value":"nobody"},)"
                  R"("reason":"x")",
                  "unknown_person"},
        std::pair{R"("person":{"system":"urn:clinic","value":"p-1"},)"
                  R"("merged":{"system":"urn:clinic",)"
                  R"("value":"somebody-else"})",
                  "needs `reason`"},
        std::pair{R"("person":{"system":"urn:clinic","value":"p-1"},)"
                  R"("merged":{"id":"short"},"reason":"x")",
                  "no person id"}}) {
    const auto reply = Try(
        absl::StrCat(R"({"id":"b","command":"merge_persons","actor":{"role":)"
                     R"("integration"},)",
                     members, "}"));
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr(expected))
        << members;
  }
}

TEST_F(PersonMerge, AnExportSaysWhichRecordReplacesIt) {
  Do(Person("n1", "register_person",
            absl::StrCat(Named("somebody-else"), ",\"name\":\"Karin Ek\"")));
  Do(Merge("m1", Named("p-1"), Named("somebody-else")));
  ExportOptions options;
  options.layout = "ndjson";
  options.types = {"Patient"};
  options.who = "urn:clinic|p-1";
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ExportText(*service_, options, now_));
  EXPECT_THAT(text, HasSubstr("\"type\":\"replaced-by\""));
  EXPECT_THAT(text, HasSubstr("\"active\":false"));
  EXPECT_THAT(text, HasSubstr("Karin Ek"));
  // Taken in again it changes nothing: neither record loses its data.
  const std::string before = Everything();
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       service_->Import(text, ImportOptions(), now_));
  EXPECT_TRUE(report.refused.empty()) << ToJson(report);
  EXPECT_EQ(Everything(), before);
  ASSERT_OK_AND_ASSIGN(const std::string again,
                       ExportText(*service_, options, now_));
  EXPECT_EQ(again, text);
}

}  // namespace
}  // namespace stepwell::host
