// "Declared = executed" for the document of a migration: each of its maps of
// names is what lets a name of its kind go over. A new map of the schema fails
// until it has a line here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "protocol/migration.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"
#include "support/schema_paths.h"

namespace stepwell::protocol {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// One name of the base service that is another in its next version.
struct Renaming {
  const char* map;  // of the migration
  const char* from;
  const char* to;
  std::vector<std::pair<std::string, std::string>> changes;
};

const std::vector<Renaming>& Renamings() {
  static const auto* const all = new std::vector<Renaming>{
      {"items", "clarify", "ask_again", {{"\"clarify\"", "\"ask_again\""}}},
      {"tracks",
       "pathway",
       "way",
       {{"\"pathway\"", "\"way\""},
        {"pathway/", "way/"},
        {"tracks.pathway", "tracks.way"}}},
      {"phases",
       "pathway/dormant",
       "pathway/resting",
       {{"\"dormant\"", "\"resting\""},
        {"/dormant", "/resting"},
        {"'dormant'", "'resting'"}}},
      {"facts",
       "age",
       "years",
       {{R"("id": "age")", R"("id": "years")"}, {"facts.age", "facts.years"}}},
      {"milestones",
       "start_late",
       "waited",
       {{"\"start_late\"", "\"waited\""}, {":start_late", ":waited"}}},
      {"routes",
       "gp",
       "doctor",
       {{R"("id": "gp")", R"("id": "doctor")"}, {":gp\"", ":doctor\""}}},
      {"pools",
       "admin",
       "office",
       {{"\"admin\":", "\"office\":"}, {": \"admin\"", ": \"office\""}}},
      {"tiers",
       "moderate",
       "medium",
       {{R"("id": "moderate")", R"("id": "medium")"},
        {R"("tier": "moderate")", R"("tier": "medium")"}}},
      {"instruments",
       "wsas",
       "social",
       {{R"("wsas": "wsas@1")", R"("social": "wsas@1")"},
        {R"("instrument": "wsas")", R"("instrument": "social")"}}},
      {"programs",
       "depression",
       "low_mood",
       {{R"("depression": "icbt)", R"("low_mood": "icbt)"},
        {R"("program": "depression")", R"("program": "low_mood")"},
        {":depression\"", ":low_mood\""}}},
      {"consents",
       "feedback",
       "letters",
       {{R"("id": "feedback")", R"("id": "letters")"},
        {R"("feedback_purpose": "feedback")",
         R"("feedback_purpose": "letters")"},
        {"consents.feedback", "consents.letters"},
        {R"("care", "feedback")", R"("care", "letters")"}}},
      {"outcomes",
       "safety_plan",
       "plan_made",
       {{"\"safety_plan\"", "\"plan_made\""}}},
      {"templates", "welcome", "hello", {{"\"welcome\"", "\"hello\""}}},
      {"clocks",
       "forms_wait",
       "forms_due",
       {{"\"forms_wait\"", "\"forms_due\""}}},
  };
  return *all;
}

// What is no map of names, and the test that shows what it does.
constexpr std::pair<const char*, const char*> kElsewhere[] = {
    {"deadlines", "MigrateTest.ADeadlineIsKeptUnlessTheDocumentSaysOtherwise"},
    {"cancel", "MigrateTest.AnItemThatIsCancelledTakesItsClockAlong"},
    {"start", "MigrateTest.AClockOfTheCaseStopsOrStartsAsTheDocumentSays"},
    {"defaults", "MigrateTest.NewFactsAndTracksBeginAsTheDocumentSays"},
    {"otherwise", "MigrationTest.MistakesAreFoundWhereTheyStand"},
    {"migration", "MigrationTest.ItIsForTwoVersions"},
    {"from", "MigrationTest.ItIsForTwoVersions"},
    {"to", "MigrationTest.ItIsForTwoVersions"},
    {"reason", "MigrationTest.ItIsForTwoVersions"},
    {"approver", "LookBackTest.NeedsAnApproverAndGoesToAllOrToNone"},
    {"title", "a text"},
    {"$schema", "for editors"},
};

TEST(MigrationExecuted, EveryMemberOfTheDocumentHasATest) {
  std::set<std::string> have;
  for (const Renaming& one : Renamings()) have.insert(one.map);
  for (const auto& [member, test] : kElsewhere) have.insert(member);
  const json::Document schema = testing::SchemaOf("migration");
  for (const json::Value member :
       json::Children(schema.root().Find("properties"))) {
    EXPECT_EQ(have.erase(std::string(member.key())), 1u)
        << "no test shows that `" << member.key()
        << "` does anything: add a line to Renamings() of this file";
  }
  EXPECT_THAT(have, IsEmpty()) << "the schema has it no more";
}

class MigrationMap : public ::testing::TestWithParam<Renaming> {};

TEST_P(MigrationMap, LetsANameOfItsKindGoOver) {
  const Renaming& one = GetParam();
  std::vector<std::pair<std::string, std::string>> changes = one.changes;
  changes.push_back(
      {R"("version": "1", "status")", R"("version": "2", "status")"});
  const auto from = Load(Shipped("icbt_base")).protocol;
  const LoadResult next =
      Load(absl::StrReplaceAll(std::string(Shipped("icbt_base")), changes));
  ASSERT_NE(next.protocol, nullptr) << Print(next.issues);
  const auto unmapped = [&](const std::string& members) {
    const auto read = LoadMigration(
        absl::StrCat(R"({"migration":"m","reason":"why","from":"icbt_base@1",)",
                     R"("to":"icbt_base@2")", members, "}"),
        *from, *next.protocol);
    EXPECT_OK(read);
    std::vector<std::string> names;
    if (!read.ok() || read->migration == nullptr) {
      EXPECT_EQ(read.ok() ? Print(read->issues) : "", "");
      return names;
    }
    for (const auto& name : read->migration->unmapped) {
      names.push_back(absl::StrCat(name.kind, " ", name.name));
    }
    return names;
  };
  EXPECT_THAT(unmapped(""), Contains(absl::StrCat(one.map, " ", one.from)));
  EXPECT_THAT(unmapped(absl::StrCat(",\"", one.map, "\":{\"", one.from, "\":\"",
                                    one.to, "\"}")),
              IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, MigrationMap, ::testing::ValuesIn(Renamings()),
                         [](const auto& test) {
                           return std::string(test.param.map);
                         });

}  // namespace
}  // namespace stepwell::protocol
