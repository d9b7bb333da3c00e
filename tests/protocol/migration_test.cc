// The document of a migration: what it says, and every way in which it can be
// wrong.
#include "protocol/migration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/catalogue.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The catalogue's document with every occurrence of the texts replaced.
std::shared_ptr<const Protocol> Load(
    const std::string& name,
    const std::vector<std::pair<std::string, std::string>>& changes) {
  const std::string text = absl::StrReplaceAll(
      std::string(FindCatalogueFile(absl::StrCat("protocols/", name, ".json"))),
      changes);
  auto loaded = LoadProtocol(text, BuiltInCatalogue());
  EXPECT_OK(loaded);
  return loaded.ok() ? loaded->protocol : nullptr;
}

class MigrationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    from_ = Load("minimal", {});
    to_ = Load("minimal",
               {{R"("version": "1", "status")", R"("version": "2", "status")"},
                {"\"call\"", "\"talk\""},
                {R"("zone": "Europe/Stockholm",)",
                 R"("zone": "Europe/Stockholm",
                    "facts": [{"id": "group", "type": "boolean"}],)"}});
    ASSERT_NE(from_, nullptr);
    ASSERT_NE(to_, nullptr);
  }

  MigrationResult Read(const std::string& members) {
    const std::string text = absl::StrCat(
        R"({"migration":"m","reason":"why","from":"minimal@1",)",
        R"("to":"minimal@2")", members.empty() ? "" : ",", members, "}");
    auto result = LoadMigration(text, *from_, *to_);
    EXPECT_OK(result) << text;
    return result.ok() ? *std::move(result) : MigrationResult();
  }
  // "code pointer" of each issue.
  std::vector<std::string> IssuesOf(const std::string& members) {
    const MigrationResult result = Read(members);
    EXPECT_EQ(result.migration, nullptr);
    std::vector<std::string> lines;
    for (const Issue& issue : result.issues) {
      lines.push_back(absl::StrCat(issue.code, " ", issue.pointer));
    }
    return lines;
  }

  std::shared_ptr<const Protocol> from_, to_;
};

TEST_F(MigrationTest, WhoAnswersForItHasAName) {
  EXPECT_THAT(IssuesOf(R"("approver":" ")"),
              ElementsAre("blank_text /approver"));
  const auto blank = LoadMigration(
      R"({"migration":"","reason":"\u00A0","from":"minimal@1","to":"minimal@2"})",
      *from_, *to_);
  ASSERT_OK(blank);
  ASSERT_EQ(blank->issues.size(), 2u);
  EXPECT_EQ(blank->issues[0].pointer, "/migration");
  EXPECT_EQ(blank->issues[1].pointer, "/reason");
}

TEST_F(MigrationTest, EqualNamesNeedNoWord) {
  const MigrationResult result = Read("");
  ASSERT_NE(result.migration, nullptr);
  const Migration& m = *result.migration;
  EXPECT_EQ(m.from, from_->hash);
  EXPECT_EQ(m.to, to_->hash);
  EXPECT_THAT(m.tables.clocks, IsEmpty());  // the same numbers
  EXPECT_EQ(m.tables.Map(from_->FindElement("form")), to_->FindElement("form"));
  EXPECT_TRUE(m.tables.Map(from_->FindElement("call")).IsNone());
  ASSERT_EQ(m.unmapped.size(), 1u);
  EXPECT_EQ(m.unmapped[0].kind, "items");
  EXPECT_EQ(m.unmapped[0].name, "call");
  EXPECT_EQ(m.unmapped[0].why, "");
}

TEST_F(MigrationTest, TheDocumentSaysWhatDiffers) {
  const MigrationResult result = Read(
      R"("items":{"call":"talk"},"deadlines":{"work":"restart"},
         "cancel":["form"],"defaults":{"group":true},"otherwise":"refuse")");
  ASSERT_NE(result.migration, nullptr);
  const Migration& m = *result.migration;
  EXPECT_EQ(m.tables.Map(from_->FindElement("call")), to_->FindElement("talk"));
  EXPECT_THAT(m.unmapped, IsEmpty());
  EXPECT_EQ(m.policies[1], ClockPolicy::kRestart);
  EXPECT_EQ(m.policies[0], ClockPolicy::kKeep);
  EXPECT_TRUE(m.cancels[from_->FindElement("form").value]);
  ASSERT_EQ(m.defaults.size(), 1u);
  EXPECT_EQ(m.defaults[0].second.number, 1);
}

TEST_F(MigrationTest, MistakesAreFoundWhereTheyStand) {
  EXPECT_THAT(IssuesOf(R"("itmes":{})"), ElementsAre("unknown_field /itmes"));
  EXPECT_THAT(IssuesOf(R"("items":{"cal":"talk"})"),
              ElementsAre("unknown_reference /items/cal"));
  EXPECT_THAT(IssuesOf(R"("items":{"call":"tal"})"),
              ElementsAre("unknown_reference /items/call"));
  EXPECT_THAT(IssuesOf(R"("items":{"call":null})"),
              ElementsAre("wrong_type /items/call"));
  EXPECT_THAT(IssuesOf(R"("items":[])"), ElementsAre("wrong_type /items"));
  EXPECT_THAT(IssuesOf(R"("clocks":{"work":7})"),
              ElementsAre("wrong_type /clocks/work"));
  EXPECT_THAT(IssuesOf(R"("items":{"call":"form"})"),
              ElementsAre("cannot_map /items/call"));
  EXPECT_THAT(IssuesOf(R"("items":{"call":"talk","ask_risk":"talk"})"),
              ElementsAre("cannot_map /items/ask_risk"));
  EXPECT_THAT(IssuesOf(R"("deadlines":{"work":"forget"})"),
              ElementsAre("unknown_value /deadlines/work"));
  EXPECT_THAT(IssuesOf(R"("deadlines":{"wrk":"keep"})"),
              ElementsAre("unknown_reference /deadlines/wrk"));
  EXPECT_THAT(IssuesOf(R"("cancel":["talk"])"),
              ElementsAre("unknown_reference /cancel/0"));
  EXPECT_THAT(IssuesOf(R"("cancel":[1])"), ElementsAre("wrong_type /cancel/0"));
  EXPECT_THAT(IssuesOf(R"("start":["work"])"),
              ElementsAre("cannot_map /start/0"));
  EXPECT_THAT(IssuesOf(R"("defaults":{"group":"yes"})"),
              ElementsAre("wrong_type /defaults/group"));
  EXPECT_THAT(IssuesOf(R"("otherwise":"drop")"),
              ElementsAre("unknown_value /otherwise"));
}

TEST_F(MigrationTest, ItIsForTwoVersions) {
  for (
      const char* text :
      {R"({"migration":"m","reason":"r","from":"minimal@2","to":"minimal@2"})",
       R"({"migration":"m","reason":"r","from":"minimal@1","to":"other@2"})"}) {
    ASSERT_OK_AND_ASSIGN(const MigrationResult result,
                         LoadMigration(text, *from_, *to_));
    ASSERT_EQ(result.issues.size(), 1u);
    EXPECT_EQ(result.issues[0].code, "wrong_version");
  }
  ASSERT_OK_AND_ASSIGN(const MigrationResult result,
                       LoadMigration("{}", *from_, *to_));
  EXPECT_EQ(result.issues.size(), 4u);  // what is needed
  EXPECT_FALSE(LoadMigration("{", *from_, *to_).ok());
  ASSERT_OK_AND_ASSIGN(const MigrationResult list,
                       LoadMigration("[]", *from_, *to_));
  EXPECT_EQ(list.migration, nullptr);
}

TEST_F(MigrationTest, WhatIsOfAnotherKindIsNotMappedByItsName) {
  const auto other =
      Load("minimal",
           {{R"("version": "1", "status")", R"("version": "2", "status")"},
            {R"("id": "call", "kind": "task")",
             R"("id": "call", "kind": "appointment")"}});
  ASSERT_NE(other, nullptr);
  const AutoPlan plan = PlanByNames(*from_, *other);
  ASSERT_EQ(plan.unmapped.size(), 1u);
  EXPECT_EQ(plan.unmapped[0].name, "call");
  EXPECT_EQ(plan.unmapped[0].why, "it is an item of another kind");
}

TEST_F(MigrationTest, APhaseStaysInItsTrack) {
  const auto tracks = [](const std::string& version, const std::string& more) {
    return Load("minimal",
                {{R"("version": "1", "status")",
                  absl::StrCat("\"version\": \"", version, "\", \"status\"")},
                 {R"("tracks": [)", absl::StrCat("\"tracks\": [", more)}});
  };
  from_ = Load("minimal", {});
  to_ = tracks("2", R"({"id": "side", "initial": "quiet", "phases": [
                       {"id": "quiet", "final": true}]},)");
  ASSERT_NE(to_, nullptr);
  EXPECT_THAT(IssuesOf(R"("phases":{"pathway/open":"side/quiet"})"),
              ElementsAre("cannot_map /phases/pathway~1open"));
}

TEST_F(MigrationTest, TheSchemaHasTheFieldsOfTheReader) {
  ASSERT_OK_AND_ASSIGN(
      const json::Document schema,
      json::Parse(FindCatalogueFile("schema/migration.schema.json")));
  const json::Value properties = schema.root().Find("properties");
  size_t count = 0;
  for (const json::Value field : json::Children(properties)) {
    ++count;
    const std::string key(field.key());
    ASSERT_OK_AND_ASSIGN(
        const MigrationResult result,
        LoadMigration(absl::StrCat("{\"", key, "\":17}"), *from_, *to_));
    bool refused = false;
    for (const Issue& issue : result.issues) {
      EXPECT_NE(issue.code, "unknown_field") << key;
      refused = refused || issue.pointer == absl::StrCat("/", key);
    }
    EXPECT_TRUE(refused) << key << " takes any value";
  }
  EXPECT_EQ(count, 26u);
}

TEST_F(MigrationTest, TheDraftOfEqualNamesLoads) {
  const AutoPlan plan = PlanByNames(*from_, *to_);
  ASSERT_OK_AND_ASSIGN(const MigrationResult result,
                       LoadMigration(plan.document, *from_, *to_));
  EXPECT_THAT(result.issues, IsEmpty());
  ASSERT_NE(result.migration, nullptr);
  ASSERT_EQ(plan.unmapped.size(), 1u);
  EXPECT_EQ(plan.unmapped[0].name, "call");
}

}  // namespace
}  // namespace stepwell::protocol
