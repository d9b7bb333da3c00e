// Overlays: what a region changes, and nothing else.
#include "protocol/overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "json/json.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

using ::testing::HasSubstr;

std::string Merge(std::string_view base, std::string_view patch,
                  Issues* issues = nullptr) {
  Issues own;
  const auto left = json::Parse(base);
  const auto right = json::Parse(patch);
  EXPECT_OK(left);
  EXPECT_OK(right);
  return MergeJson(left->root(), right->root(),
                   issues != nullptr ? *issues : own);
}

TEST(MergeTest, ObjectsMergeByKey) {
  EXPECT_EQ(Merge(R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":4},"e":5})"),
            R"({"a":1,"b":{"c":2,"d":4},"e":5})");
}

TEST(MergeTest, NullRemovesAMember) {
  EXPECT_EQ(Merge(R"({"a":1,"b":2})", R"({"b":null})"), R"({"a":1})");
}

TEST(MergeTest, ArraysOfObjectsWithIdMergeById) {
  EXPECT_EQ(Merge(R"([{"id":"a","v":1},{"id":"b","v":2},{"id":"c","v":3}])",
                  R"([{"id":"c","v":4},{"id":"b","remove":true},)"
                  R"({"id":"d","v":5}])"),
            R"([{"id":"a","v":1},{"id":"c","v":4},{"id":"d","v":5}])");
}

// Order means something: of rules, rows, phases.
TEST(MergeTest, AnEntryStandsBeforeAnother) {
  constexpr std::string_view kBase =
      R"([{"id":"a","v":1},{"id":"b","v":2},{"id":"c","v":3}])";
  EXPECT_EQ(Merge(kBase, R"([{"id":"x","before":"b","v":4},)"
                         R"({"v":5,"before":"a","id":"y"},)"
                         R"({"id":"z","before":"b"},{"id":"last"}])"),
            R"([{"v":5,"id":"y"},{"id":"a","v":1},{"id":"x","v":4},)"
            R"({"id":"z"},{"id":"b","v":2},{"id":"c","v":3},{"id":"last"}])");
  // One of the base moves, and is changed as it would be in its own place.
  EXPECT_EQ(Merge(kBase, R"([{"id":"c","before":"a","w":6},{"id":"b","v":7}])"),
            R"([{"id":"c","v":3,"w":6},{"id":"a","v":1},{"id":"b","v":7}])");
}

TEST(MergeTest, OtherArraysAreReplaced) {
  EXPECT_EQ(Merge(R"({"a":["x","y"],"do":[{"move":"p"}]})",
                  R"({"a":["z"],"do":[{"open":"i"},{"open":"j"}]})"),
            R"({"a":["z"],"do":[{"open":"i"},{"open":"j"}]})");
}

TEST(MergeTest, NumberTextIsKept) {
  EXPECT_EQ(Merge(R"({"a":1.50})", R"({"b":2.00})"), R"({"a":1.50,"b":2.00})");
}

TEST(MergeTest, EmptyPatchChangesNothing) {
  EXPECT_EQ(Merge(R"({"a":[{"id":"x"}]})", "{}"), R"({"a":[{"id":"x"}]})");
}

TEST(MergeTest, RemovingWhatIsNotThereIsAnIssue) {
  Issues issues;
  Merge(R"({"a":[{"id":"x"}]})", R"({"a":[{"id":"y","remove":true}],"b":null})",
        &issues);
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0].code, "unknown_reference");
  EXPECT_EQ(issues[0].pointer, "/a/0");
  EXPECT_EQ(issues[1].pointer, "/b");
}

std::string IssuesOfMerge(std::string_view base, std::string_view patch) {
  Issues issues;
  Merge(base, patch, &issues);
  std::string found;
  for (const Issue& issue : issues) {
    found += issue.code + " " + issue.pointer + ";";
  }
  return found;
}

TEST(MergeTest, NoEntryOfTwoIsLost) {
  constexpr std::string_view kBase =
      R"({"a":[{"id":"x","v":1},{"id":"y","v":2}]})";
  EXPECT_EQ(
      IssuesOfMerge(kBase, R"({"a":[{"id":"x","v":3},{"id":"y","v":4}]})"), "");
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"x","v":3},{"id":"z"},)"
                                 R"({"id":"x","w":4}]})"),
            "duplicate_id /a/2/id;");
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"z"},{"id":"z","w":4}]})"),
            "duplicate_id /a/1/id;");
  // Taken out and put in again: which of the two counts?
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"x","remove":true},)"
                                 R"({"id":"x","v":9}]})"),
            "duplicate_id /a/1/id;");
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"x","v":9},)"
                                 R"({"id":"x","remove":true}]})"),
            "duplicate_id /a/1/id;");
}

TEST(MergeTest, WhichOfTwoEntriesOfTheBaseIsMeantNobodyCanTell) {
  constexpr std::string_view kBase =
      R"({"a":[{"id":"x","v":1},{"id":"x","v":2},{"id":"y"}]})";
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"x","v":3}]})"),
            "duplicate_id /a/0/id;");
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"y"},)"
                                 R"({"id":"x","remove":true}]})"),
            "duplicate_id /a/1/id;");
  EXPECT_EQ(IssuesOfMerge(kBase, R"({"a":[{"id":"y","v":3}]})"), "");
}

TEST(MergeTest, WhatAnEntryStandsBeforeStaysWhereItIs) {
  constexpr std::string_view kBase = R"({"a":[{"id":"x"},{"id":"y"}]})";
  const auto issues = [&](std::string_view entries) {
    return IssuesOfMerge(kBase,
                         absl::StrCat(R"({"a":[)", ToAbsl(entries), "]}"));
  };
  EXPECT_EQ(issues(R"({"id":"n","before":"y"})"), "");
  // Of no such name, new itself, taken out, on the move, the entry itself.
  EXPECT_EQ(issues(R"({"id":"n","before":"z"})"),
            "unknown_reference /a/0/before;");
  EXPECT_EQ(issues(R"({"id":"m"},{"id":"n","before":"m"})"),
            "unknown_reference /a/1/before;");
  EXPECT_EQ(issues(R"({"id":"y","remove":true},{"id":"n","before":"y"})"),
            "unknown_reference /a/1/before;");
  EXPECT_EQ(issues(R"({"id":"y","before":"x"},{"id":"n","before":"y"})"),
            "unknown_reference /a/1/before;");
  EXPECT_EQ(issues(R"({"id":"x","before":"x"})"),
            "unknown_reference /a/0/before;");
  EXPECT_EQ(issues(R"({"id":"x","remove":true,"before":"y"})"),
            "unknown_field /a/0/before;");
}

// A place that is no name is a member like others: the loader refuses it.
TEST(MergeTest, APlaceThatIsNoNameIsNotLost) {
  EXPECT_EQ(Merge(R"([{"id":"a"}])", R"([{"id":"a","before":7}])"),
            R"([{"id":"a","before":7}])");
  EXPECT_EQ(Merge(R"([{"id":"a"}])", R"([{"id":"n","before":["a"]}])"),
            R"([{"id":"a"},{"id":"n","before":["a"]}])");
}

// It would take all of them out unseen: criteria, rules, tiers.
TEST(MergeTest, AnEmptyListTakesNothingOut) {
  EXPECT_EQ(IssuesOfMerge(R"({"a":[{"id":"x"}],"b":["c"],"d":[]})",
                          R"({"a":[],"b":[],"d":[]})"),
            "unknown_reference /a;");
  EXPECT_EQ(Merge(R"({"a":[{"id":"x"}],"b":["c"]})", R"({"a":[],"b":[]})"),
            R"({"a":[{"id":"x"}],"b":[]})");
}

TEST(MergeTest, AnEntryThatIsRemovedSaysNothingMore) {
  EXPECT_EQ(IssuesOfMerge(R"({"a":[{"id":"x","v":1}]})",
                          R"({"a":[{"id":"x","remove":true,"v":3}]})"),
            "unknown_field /a/0/v;");
}

// A base that Dr B approved, and an overlay of it.
LoadResult OverApproved(const std::string& members) {
  const std::string base =
      Changed(Shipped("minimal"), {{"/protocol", "\"safe\""},
                                   {"/status", "\"approved\""},
                                   {"/approver", "\"Dr B\""}});
  return Load(
      R"({"protocol":"own","base":"safe@1","version":"1")" + members + "}",
      CatalogueWith({{"protocols/safe.json", base}}));
}

TEST(OverlayTest, ApprovalOfTheBaseIsNotThatOfTheOverlay) {
  const LoadResult silent = OverApproved("");
  EXPECT_NE(FindIssue(silent.issues, "missing_field", ""), nullptr)
      << Print(silent.issues);
  const LoadResult borrowed = OverApproved(R"(,"status":"approved")");
  EXPECT_NE(FindIssue(borrowed.issues, "missing_field", "/approver"), nullptr)
      << Print(borrowed.issues);
  const LoadResult draft = OverApproved(R"(,"status":"draft")");
  ASSERT_NE(draft.protocol, nullptr) << Print(draft.issues);
  EXPECT_EQ(draft.protocol->approver, "");
  const LoadResult own =
      OverApproved(R"(,"status":"approved","approver":"Dr C")");
  ASSERT_NE(own.protocol, nullptr) << Print(own.issues);
  EXPECT_EQ(own.protocol->approver, "Dr C");
}

// The loader says where in the overlay, not in what is rendered.
TEST(OverlayTest, TwoEntriesOfOneIdAreAnError) {
  const LoadResult twice = OverApproved(
      R"(,"status":"draft","templates":[{"id":"reminder","text":{"en":"A"}},)"
      R"({"id":"reminder","text":{"sv":"B"}}])");
  EXPECT_EQ(twice.protocol, nullptr);
  EXPECT_NE(FindIssue(twice.issues, "duplicate_id", "/templates/1/id"), nullptr)
      << Print(twice.issues);
  const LoadResult deep = OverApproved(
      R"(,"status":"draft","tracks":[{"id":"pathway","phases":[{"id":"open",)"
      R"("items":[{"id":"call","title":{"en":"Ring"}},)"
      R"({"id":"call","remove":true}]}]}])");
  EXPECT_EQ(deep.protocol, nullptr);
  EXPECT_NE(
      FindIssue(deep.issues, "duplicate_id", "/tracks/0/phases/0/items/1/id"),
      nullptr)
      << Print(deep.issues);
}

TEST(OverlayTest, SwedenIsTheBaseWithItsOwnNumbers) {
  const auto base = Load(Shipped("icbt_base")).protocol;
  const auto sweden = Load(Shipped("icbt_sweden")).protocol;
  ASSERT_TRUE(base != nullptr && sweden != nullptr);
  EXPECT_EQ(sweden->id, "icbt_sweden");
  EXPECT_EQ(sweden->zone->name(), "Europe/Stockholm");
  EXPECT_EQ(sweden->title, "Internetbaserad KBT, Region Stockholm");
  EXPECT_EQ(sweden->rules.size(), base->rules.size());
  EXPECT_EQ(sweden->clocks.size(), base->clocks.size());
  EXPECT_EQ(sweden->elements.size(), base->elements.size() + 1);
  const Element& eligibility = sweden->at(sweden->FindElement("eligibility"));
  ASSERT_EQ(eligibility.criteria.size(), 6u);
  EXPECT_EQ(eligibility.criteria[5].id, "in_region");
  // Its own words first, those of the base where it has none.
  EXPECT_EQ(eligibility.title, "Kan bedömas");
  EXPECT_EQ(sweden->at(sweden->FindElement("discharge")).title, "Avslut");
  const auto scotland = Load(Shipped("icbt_scotland")).protocol;
  ASSERT_NE(scotland, nullptr);
  EXPECT_EQ(scotland->at(scotland->FindElement("discharge")).title,
            "Discharge");
  for (const ClockDef& clock : sweden->clocks) {
    if (clock.id != "wait_to_start") continue;
    EXPECT_EQ(clock.budget, (Span{30, SpanUnit::kDays}));
    EXPECT_EQ(clock.source, "sib");
  }
  for (const ImportedCalendar& calendar : sweden->calendars) {
    if (calendar.name == "clinic") {
      EXPECT_EQ(calendar.id, "stockholm-clinic");
    }
  }
  EXPECT_EQ(sweden->document.find("\"base\""), std::string::npos);
}

constexpr char kPatch[] = R"({"protocol": "local", "version": "1",
    "base": "minimal@1", "status": "draft",
    "rules": [{"id": "redirected", "remove": true}]})";

TEST(OverlayTest, OverlayOfAnOverlay) {
  const LoadResult result =
      Load(R"({"protocol": "ward", "version": "3", "base": "local@1",
               "status": "draft",
               "clocks": [{"id": "answer", "budget": "3 days"}]})",
           CatalogueWith({{"protocols/local.json", kPatch}}));
  ASSERT_TRUE(result.protocol != nullptr) << Print(result.issues);
  EXPECT_EQ(result.protocol->id, "ward");
  EXPECT_EQ(result.protocol->version, "3");
  EXPECT_EQ(result.protocol->rules.size(), 1u);
  EXPECT_EQ(result.protocol->clocks[0].budget, (Span{3, SpanUnit::kDays}));
}

TEST(OverlayTest, RenderedDocumentHasTheSameHashAsTheOverlay) {
  const auto overlaid = Load(kPatch).protocol;
  ASSERT_TRUE(overlaid != nullptr);
  EXPECT_EQ(Load(overlaid->document).protocol->hash, overlaid->hash);
}

TEST(OverlayTest, IssuesPointIntoTheRenderedDocument) {
  const LoadResult result =
      Load(R"({"protocol": "local", "version": "1", "base": "minimal@1",
               "status": "draft",
               "clocks": [{"id": "alert", "budgt": "3 days"}]})");
  EXPECT_TRUE(FindIssue(result.issues, "unknown_field", "/clocks/2/budgt"))
      << Print(result.issues);
}

TEST(OverlayTest, NeedsANameOfItsOwn) {
  const LoadResult result = Load(R"({"base": "minimal@1"})");
  const Issue* issue = FindIssue(result.issues, "missing_field", "");
  ASSERT_TRUE(issue != nullptr);
  EXPECT_THAT(issue->message, HasSubstr("`protocol`"));
}

TEST(OverlayTest, BaseOfAnotherVersionIsRefused) {
  const LoadResult result =
      Load(R"({"protocol": "l", "version": "1", "base": "minimal@9"})");
  EXPECT_TRUE(FindIssue(result.issues, "import_version", "/base"))
      << Print(result.issues);
}

TEST(OverlayTest, BaseThatNamesItselfIsACycle) {
  const char self[] =
      R"({"protocol": "loop", "version": "1", "base": "loop@1"})";
  const LoadResult result =
      Load(self, CatalogueWith({{"protocols/loop.json", self}}));
  EXPECT_TRUE(FindIssue(result.issues, "cycle", "/base"))
      << Print(result.issues);
}

TEST(OverlayTest, RemovedItemLeavesDanglingReferencesBehind) {
  const LoadResult result =
      Load(R"({"protocol": "l", "version": "1", "base": "minimal@1",
               "status": "draft",
               "tracks": [{"id": "pathway", "phases": [{"id": "open",
                 "items": [{"id": "call", "remove": true}]}]}]})");
  EXPECT_TRUE(FindIssue(result.issues, "unknown_reference",
                        "/tracks/0/phases/0/items/1/needs/0"))
      << Print(result.issues);
}

// Each half is a document that may be, and the whole is not.
TEST(OverlayTest, RenderedBeyondTheLimitIsTooLarge) {
  const std::string half(limits::kJsonBytesMax / 2 + 1, 'x');
  for (const char* field : {"author", "approver", "zone"}) {
    const std::string base =
        R"({"protocol": "big", "version": "1", "title": ")" + half + "\"}";
    const std::string overlay =
        R"({"protocol": "o", "version": "1", "status": "draft",
                                    "base": "big@1", ")" +
        std::string(field) + "\": \"" + half + "\"}";
    const LoadResult result =
        Load(overlay, CatalogueWith({{"protocols/big.json", base}}));
    EXPECT_TRUE(FindIssue(result.issues, "too_large", "")) << field;
    EXPECT_TRUE(result.protocol == nullptr);
  }
}

}  // namespace
}  // namespace stepwell::protocol
