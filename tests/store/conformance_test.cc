// What every store does, whichever it is. One suite, run over each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

using ::stepwell::testing::IsOk;
using ::stepwell::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

constexpr const char* kEngines[] = {"memory", "sqlite"};

class StoreTest : public ::testing::TestWithParam<const char*> {
 protected:
  StoreTest() {
    const std::string url = GetParam() == std::string("memory")
                                ? "memory:"
                                : "sqlite:" + dir_.File("store.db");
    store_ = Value(OpenStore(url, OpenMode::kCreate));
  }
  ~StoreTest() override { EXPECT_OK(store_->CheckStructure()); }

  // The commit fails as `check` at `index` and leaves no trace.
  void ExpectRefused(const CommitRequest& request, FailedCheck check,
                     size_t index = 0) {
    const std::string before = Dump(*store_);
    const absl::Status status = store_->Commit(request);
    EXPECT_THAT(status, StatusIs(kAborted, ""));
    EXPECT_EQ(CheckFailureOf(status), (CheckFailure{check, index})) << status;
    EXPECT_EQ(Dump(*store_), before);
  }
  void ExpectInvalid(const CommitRequest& request, const std::string& text) {
    const std::string before = Dump(*store_);
    EXPECT_THAT(store_->Commit(request), StatusIs(kInvalid, text));
    EXPECT_EQ(Dump(*store_), before);
  }

  TempDir dir_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::ValuesIn(kEngines),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

TEST_P(StoreTest, AnEmptyStoreAnswersEmptily) {
  EXPECT_EQ(Value(store_->LoadState(Case(1))), std::nullopt);
  EXPECT_THAT(Value(store_->ReadRecords(Case(1), 1, 10)), IsEmpty());
  EXPECT_THAT(Value(store_->ListStreams(StreamKind::kCase, 0, 9)), IsEmpty());
  EXPECT_EQ(Value(store_->FindCommand("c1")).has_value(), false);
  EXPECT_THAT(Value(store_->DueClocks(Instant::Never(), 10)), IsEmpty());
  EXPECT_EQ(Value(store_->NextDue()), Instant::Never());
  EXPECT_TRUE(Value(store_->ScanWork({})).empty());
  EXPECT_EQ(Value(store_->CountWork({})), 0u);
  EXPECT_TRUE(Value(store_->PendingEffects(0, 10)).empty());
  EXPECT_EQ(Value(store_->Counter("open")), 0);
  EXPECT_THAT(Value(store_->Counters("")), IsEmpty());
  EXPECT_FALSE(Value(store_->FindExternalId("nhs", "1")).has_value());
  EXPECT_TRUE(Value(store_->ExternalIdsOf(1, 1)).empty());
  EXPECT_EQ(Value(store_->GetDocument("raw", "1")), std::nullopt);
  EXPECT_THAT(Value(store_->ListDocuments("raw", "", 10)), IsEmpty());
  EXPECT_TRUE(Value(store_->ReadAudit(0, 10)).empty());
  EXPECT_OK(store_->Commit({}));
}

TEST_P(StoreTest, RecordsAreReadBackInOrderFromAnySequenceNumber) {
  ASSERT_OK(store_->Commit(Commit(Write(Case(7), 0, {"one", "two"}))));
  ASSERT_OK(store_->Commit(Commit(Write(Case(7), 2, {"three", ""}))));
  const auto state = Value(store_->LoadState(Case(7)));
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->version, 4u);
  EXPECT_EQ(state->bytes, "state after 4");
  EXPECT_THAT(Value(store_->ReadRecords(Case(7), 1, 99)),
              ElementsAre("one", "two", "three", ""));
  EXPECT_THAT(Value(store_->ReadRecords(Case(7), 0, 1)), ElementsAre("one"));
  EXPECT_THAT(Value(store_->ReadRecords(Case(7), 2, 2)),
              ElementsAre("two", "three"));
  EXPECT_THAT(Value(store_->ReadRecords(Case(7), 5, 9)), IsEmpty());
  EXPECT_THAT(Value(store_->ReadRecords(Case(7), UINT64_MAX, SIZE_MAX)),
              IsEmpty());
  EXPECT_THAT(Value(store_->ReadRecords(Case(7), 1, 0)), IsEmpty());
}

TEST_P(StoreTest, AnyBytesComeBackAsTheyWere) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::string odd("\xff\0\xc3", 3);
  StreamWrite write = Write(Case(UINT64_MAX), 0, {bytes, odd});
  write.state = bytes;
  CommitRequest request = Commit(write);
  request.command = CommandRow{odd, bytes, bytes};
  request.external_ids = {{odd, bytes, 3, UINT64_MAX}};
  request.documents = {{odd, bytes, bytes}};
  request.counters = {{odd, 3, {}, {}}};
  ASSERT_OK(store_->Commit(request));
  EXPECT_EQ(Value(store_->LoadState(Case(UINT64_MAX)))->bytes, bytes);
  EXPECT_THAT(Value(store_->ReadRecords(Case(UINT64_MAX), 1, 9)),
              ElementsAre(bytes, odd));
  EXPECT_EQ(Value(store_->FindCommand(odd))->reply, bytes);
  EXPECT_EQ(Value(store_->FindExternalId(odd, bytes))->target, UINT64_MAX);
  EXPECT_EQ(Value(store_->ExternalIdsOf(3, UINT64_MAX))[0].system, odd);
  EXPECT_EQ(Value(store_->GetDocument(odd, bytes)), bytes);
  EXPECT_THAT(Value(store_->ListDocuments(odd, "", 2)), ElementsAre(bytes));
  EXPECT_THAT(Value(store_->Counters("\xff")), ElementsAre(Pair(odd, 3)));
  EXPECT_EQ(Value(store_->Counter("\xff")), 0);
}

TEST_P(StoreTest, OnlyTheExpectedVersionIsWritten) {
  ExpectRefused(Commit(Write(Case(1), 3, {"x"})), FailedCheck::kVersion);
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 0, {"one"}))));
  ExpectRefused(Commit(Write(Case(1), 0, {"again"})), FailedCheck::kVersion);
  ExpectRefused(Commit(Write(Case(1), 2, {"gap"})), FailedCheck::kVersion);
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 1, {"two"}))));
  ExpectRefused(Commit(Write(Case(1), 1, {"late"})), FailedCheck::kVersion);
}

TEST_P(StoreTest, AWriteMayLeaveTheRecordsOrTheStateAsTheyAre) {
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 0, {"one"}))));
  StreamWrite write = Write(Case(1), 1, {});
  write.work_set = {Work(1, 5, 0, 10)};
  write.state = "other";
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_EQ(Value(store_->CountWork({})), 1u);
  write = Write(Case(1), 1, {"two", "three"});
  write.state.reset();
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_EQ(Value(store_->LoadState(Case(1)))->version, 3u);
  EXPECT_EQ(Value(store_->LoadState(Case(1)))->bytes, "other");
}

TEST_P(StoreTest, OneStaleStreamRefusesTheWholeCommit) {
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 0, {"one"}))));
  CommitRequest request;
  request.streams = {Write(Case(2), 0, {"a"}), Write(Case(1), 0, {"b"})};
  request.streams[0].clocks_set = {{1, Instant{5}}};
  request.streams[0].work_set = {Work(1, 1, 1, 1)};
  request.streams[0].outbox = {{9, Instant::Never(), "send"}};
  request.command = CommandRow{"c", "f", "r"};
  request.counters = {{"open", 1, {}, {}}};
  request.external_ids = {{"nhs", "1", 1, 1}};
  request.documents = {{"raw", "k", "bytes"}};
  request.audit = {{Instant{1}, "who"}};
  ExpectRefused(request, FailedCheck::kVersion, 1);
  EXPECT_FALSE(Value(store_->FindCommand("c")).has_value());
  EXPECT_FALSE(Value(store_->FindExternalId("nhs", "1")).has_value());
}

TEST_P(StoreTest, ACommandIsCarriedOutOnce) {
  CommitRequest request = Commit(Write(Case(1), 0, {"one"}));
  request.command = CommandRow{"c1", "print", "reply"};
  ASSERT_OK(store_->Commit(request));
  // Seen as a repetition although the version has moved as well.
  ExpectRefused(request, FailedCheck::kCommand);
  request.streams[0] = Write(Case(1), 1, {"two"});
  request.command->fingerprint = "other";
  ExpectRefused(request, FailedCheck::kCommand);
  const auto row = Value(store_->FindCommand("c1"));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->id, "c1");
  EXPECT_EQ(row->fingerprint, "print");
  EXPECT_EQ(row->reply, "reply");
}

TEST_P(StoreTest, CountersStayWithinTheirBounds) {
  const auto change = [](int64_t delta, std::optional<int64_t> min,
                         std::optional<int64_t> max) {
    CommitRequest request;
    request.counters = {{"caseload/7", delta, min, max}};
    return request;
  };
  ASSERT_OK(store_->Commit(change(2, {}, 3)));
  ASSERT_OK(store_->Commit(change(1, {}, 3)));
  ExpectRefused(change(1, {}, 3), FailedCheck::kCounter);
  ExpectRefused(change(-4, 0, {}), FailedCheck::kCounter);
  ASSERT_OK(store_->Commit(change(-3, 0, {})));
  EXPECT_EQ(Value(store_->Counter("caseload/7")), 0);
}

TEST_P(StoreTest, EveryStepOfARepeatedCounterIsChecked) {
  CommitRequest request;
  request.counters = {{"a", 2, {}, {}}, {"a", 2, {}, 3}, {"a", -4, {}, {}}};
  ExpectRefused(request, FailedCheck::kCounter, 1);
  request.counters[1].max = 4;
  ASSERT_OK(store_->Commit(request));
  EXPECT_THAT(Value(store_->Counters("")), ElementsAre(Pair("a", 0)));
}

TEST_P(StoreTest, ACounterThatWouldOverflowIsRefused) {
  CommitRequest request;
  request.counters = {{"up", INT64_MAX, {}, {}}, {"down", INT64_MIN, {}, {}}};
  ASSERT_OK(store_->Commit(request));
  CommitRequest up;
  up.counters = {{"up", 1, {}, {}}};
  ExpectRefused(up, FailedCheck::kCounter);
  CommitRequest down;
  down.counters = {{"down", -1, {}, {}}};
  ExpectRefused(down, FailedCheck::kCounter);
  EXPECT_EQ(Value(store_->Counter("up")), INT64_MAX);
  EXPECT_EQ(Value(store_->Counter("down")), INT64_MIN);
}

TEST_P(StoreTest, CountersAreListedByPrefixAndName) {
  CommitRequest request;
  for (const char* name : {"b/2", "b", "a", "b/10", "c", "b\xff"}) {
    request.counters.push_back({name, 1, {}, {}});
  }
  ASSERT_OK(store_->Commit(request));
  EXPECT_THAT(Value(store_->Counters("b/")),
              ElementsAre(Pair("b/10", 1), Pair("b/2", 1)));
  EXPECT_THAT(Value(store_->Counters("b")),
              ElementsAre(Pair("b", 1), Pair("b/10", 1), Pair("b/2", 1),
                          Pair("b\xff", 1)));
  EXPECT_EQ(Value(store_->Counters("")).size(), 6u);
  EXPECT_THAT(Value(store_->Counters("\xff")), IsEmpty());
}

TEST_P(StoreTest, AnExternalIdNamesOneThing) {
  CommitRequest request;
  request.external_ids = {{"nhs", "943", 1, 7}, {"mrn", "943", 1, 7}};
  ASSERT_OK(store_->Commit(request));
  ASSERT_OK(store_->Commit(request));  // the same target again
  CommitRequest other;
  other.external_ids = {{"new", "1", 1, 1}, {"nhs", "943", 1, 8}};
  ExpectRefused(other, FailedCheck::kExternalId, 1);
  other.external_ids[1] = {"nhs", "943", 2, 7};
  ExpectRefused(other, FailedCheck::kExternalId, 1);
  EXPECT_FALSE(Value(store_->FindExternalId("new", "1")).has_value());
  const auto rows = Value(store_->ExternalIdsOf(1, 7));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].system, "mrn");
  EXPECT_EQ(rows[1].system, "nhs");
  EXPECT_TRUE(Value(store_->ExternalIdsOf(2, 7)).empty());
}

TEST_P(StoreTest, AnExternalIdGivenTwiceInOneCommitIsChecked) {
  CommitRequest request;
  request.external_ids = {{"nhs", "1", 1, 7}, {"nhs", "1", 1, 8}};
  ExpectRefused(request, FailedCheck::kExternalId, 1);
  request.external_ids[1].target = 7;
  EXPECT_OK(store_->Commit(request));
}

TEST_P(StoreTest, EffectsAreOfferedInOrderUntilAcknowledged) {
  StreamWrite write = Write(Case(1), 0, {"one"});
  write.outbox = {{30, Instant{5}, "a"}, {UINT64_MAX, Instant::Never(), "b"}};
  ASSERT_OK(store_->Commit(Commit(write)));
  write = Write(Case(2), 0, {"one"});
  write.outbox = {{20, Instant::Never(), "c"}};
  ASSERT_OK(store_->Commit(Commit(write)));

  const auto all = Value(store_->PendingEffects(0, 10));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].row, (OutboxRow{30, Instant{5}, "a"}));
  EXPECT_EQ(all[1].row.effect, UINT64_MAX);
  EXPECT_EQ(all[2].stream, Case(2));
  EXPECT_LT(all[0].position, all[1].position);
  EXPECT_LT(all[1].position, all[2].position);
  EXPECT_EQ(Value(store_->PendingEffects(all[0].position, 1))[0].row.payload,
            "b");
  EXPECT_TRUE(Value(store_->PendingEffects(UINT64_MAX, 10)).empty());

  CommitRequest acknowledge;
  acknowledge.outbox_acknowledged = {UINT64_MAX, 12345, UINT64_MAX};
  ASSERT_OK(store_->Commit(acknowledge));
  const auto rest = Value(store_->PendingEffects(0, 10));
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[1].row.payload, "c");
}

TEST_P(StoreTest, PositionsOfEffectsAreNeverGivenAgain) {
  StreamWrite write = Write(Case(1), 0, {"one"});
  write.outbox = {{1, Instant::Never(), "a"}};
  CommitRequest request = Commit(write);
  request.outbox_acknowledged = {1};  // after it was added: not offered
  ASSERT_OK(store_->Commit(request));
  EXPECT_TRUE(Value(store_->PendingEffects(0, 10)).empty());
  write = Write(Case(1), 1, {"two"});
  write.outbox = {{2, Instant::Never(), "b"}};
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_EQ(Value(store_->PendingEffects(0, 10))[0].position, 2u);
}

TEST_P(StoreTest, APendingEffectIsNotAddedTwice) {
  StreamWrite write = Write(Case(1), 0, {"one"});
  write.outbox = {{1, Instant::Never(), "a"}};
  ASSERT_OK(store_->Commit(Commit(write)));
  CommitRequest request;
  request.streams = {Write(Case(2), 0, {"x"}), Write(Case(3), 0, {"y"})};
  request.streams[1].outbox = {{2, Instant::Never(), "new"},
                               {1, Instant::Never(), "again"}};
  ExpectRefused(request, FailedCheck::kEffect, 1);
  request.streams[1].outbox[1].effect = 2;
  ExpectRefused(request, FailedCheck::kEffect, 1);
  request.streams[1].outbox[1].effect = 3;
  EXPECT_OK(store_->Commit(request));
}

TEST_P(StoreTest, EffectsOfARefusedCommitAreNeverOffered) {
  CommitRequest request = Commit(Write(Case(1), 0, {"one"}));
  request.streams[0].outbox = {{1, Instant::Never(), "a"}};
  request.counters = {{"open", 1, {}, 0}};
  ExpectRefused(request, FailedCheck::kCounter);
  EXPECT_TRUE(Value(store_->PendingEffects(0, 10)).empty());
  request.counters.clear();
  ASSERT_OK(store_->Commit(request));
  EXPECT_EQ(Value(store_->PendingEffects(0, 10))[0].position, 1u);
}

TEST_P(StoreTest, ClocksComeInOrderOfDueStreamAndNumber) {
  StreamWrite first = Write({StreamKind::kPerson, 1}, 0, {"p"});
  first.clocks_set = {{9, Instant{100}}};
  StreamWrite second = Write(Case(UINT64_MAX), 0, {"c"});
  second.clocks_set = {{UINT64_MAX, Instant{100}},
                       {2, Instant{100}},
                       {3, Instant{-5}},
                       {4, Instant::Never()}};
  StreamWrite third = Write(Case(5), 0, {"c"});
  third.clocks_set = {{1, Instant{100}}};
  CommitRequest request;
  request.streams = {first, second, third};
  ASSERT_OK(store_->Commit(request));
  EXPECT_EQ(Value(store_->NextDue()), Instant{-5});
  EXPECT_THAT(Value(store_->DueClocks(Instant{100}, 99)),
              ElementsAre(DueClock{Instant{-5}, Case(UINT64_MAX), 3},
                          DueClock{Instant{100}, Case(5), 1},
                          DueClock{Instant{100}, Case(UINT64_MAX), 2},
                          DueClock{Instant{100}, Case(UINT64_MAX), UINT64_MAX},
                          DueClock{Instant{100}, {StreamKind::kPerson, 1}, 9}));
  EXPECT_EQ(Value(store_->DueClocks(Instant{99}, 99)).size(), 1u);
  EXPECT_EQ(Value(store_->DueClocks(Instant{100}, 2)).size(), 2u);
  EXPECT_EQ(Value(store_->DueClocks(Instant::Never(), 99)).size(), 6u);
  EXPECT_THAT(Value(store_->DueClocks(Instant::Never(), 0)), IsEmpty());
}

TEST_P(StoreTest, AClockIsMovedAndRemoved) {
  StreamWrite write = Write(Case(1), 0, {"one"});
  write.clocks_set = {{1, Instant{10}}, {2, Instant{20}}, {1, Instant{15}}};
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_EQ(Value(store_->NextDue()), Instant{15});
  write = Write(Case(1), 1, {"two"});
  write.clocks_removed = {2, 77};
  write.clocks_set = {{1, Instant{30}}};
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_THAT(Value(store_->DueClocks(Instant::Never(), 9)),
              ElementsAre(DueClock{Instant{30}, Case(1), 1}));
  write = Write(Case(1), 2, {"three"});
  write.clocks_removed = {1};
  write.clocks_set = {{1, Instant{40}}};  // set after removal
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_EQ(Value(store_->NextDue()), Instant{40});
}

std::vector<uint64_t> Keys(const std::vector<WorkLine>& lines) {
  std::vector<uint64_t> keys;
  for (const WorkLine& line : lines) keys.push_back(line.row.key);
  return keys;
}

WorkCursor After(const WorkLine& line) {
  return {line.row.priority, line.row.due, line.stream, line.row.key};
}

class WorkTest : public StoreTest {
 protected:
  WorkTest() {
    CommitRequest request;
    request.streams = {Write(Case(1), 0, {"a"}), Write(Case(2), 0, {"b"})};
    request.streams[0].work_set = {Work(1, 50, INT32_MIN, 5),
                                   Work(2, 50, 3, 20), Work(3, 60, 3, 10, 2),
                                   Work(4, 50, INT32_MAX, 99, 2)};
    request.streams[1].work_set = {Work(5, 50, 3, 20, 2), Work(6, 60, 0, -7),
                                   Work(7, UINT64_MAX, 3, 20)};
    CheckOk(store_->Commit(request));
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, WorkTest, ::testing::ValuesIn(kEngines),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

TEST_P(WorkTest, LinesComeByPriorityDueStreamAndKey) {
  WorkScan scan;
  const auto lines = Value(store_->ScanWork(scan));
  EXPECT_THAT(Keys(lines), ElementsAre(4, 3, 2, 5, 7, 6, 1));
  EXPECT_EQ(lines[0].row, Work(4, 50, INT32_MAX, 99, 2));
  EXPECT_EQ(lines[4].row, Work(7, UINT64_MAX, 3, 20));
  EXPECT_EQ(lines[5].stream, Case(2));
}

TEST_P(WorkTest, FiltersNarrowTheListAndTheCount) {
  const auto expect = [&](const WorkScan& scan,
                          const std::vector<uint64_t>& keys) {
    EXPECT_EQ(Keys(Value(store_->ScanWork(scan))), keys);
    EXPECT_EQ(Value(store_->CountWork(scan)), keys.size());
  };
  WorkScan scan;
  scan.owner = 50;
  expect(scan, {4, 2, 5, 1});
  scan.kinds = 1 << 2;
  expect(scan, {4, 5});
  scan.due_before = Instant{99};
  expect(scan, {5});
  scan.stream = Case(1);
  expect(scan, {});
  scan = {};
  scan.stream = Case(1);
  expect(scan, {4, 3, 2, 1});
  scan.kinds = 1 << 1;
  expect(scan, {2, 1});
  scan.owner = 60;
  expect(scan, {});
  scan = {};
  scan.due_before = Instant{20};
  expect(scan, {3, 6, 1});
  scan.kinds = 1 << 2;
  expect(scan, {3});
  scan = {};
  scan.owner = UINT64_MAX;
  expect(scan, {7});
  scan.owner = 999;
  expect(scan, {});
  scan.owner.reset();
  scan.stream = Case(3);
  expect(scan, {});
}

TEST_P(WorkTest, PagesPartTheListWithoutGapOrRepetition) {
  std::vector<WorkScan> scans(4);
  scans[1].owner = 50;
  scans[2].stream = Case(1);
  scans[3].kinds = 1 << 2;
  for (WorkScan scan : scans) {
    scan.limit = 50;
    const auto whole = Keys(Value(store_->ScanWork(scan)));
    std::vector<uint64_t> paged;
    scan.limit = 1;
    while (true) {
      const auto page = Value(store_->ScanWork(scan));
      if (page.empty()) break;
      ASSERT_EQ(page.size(), 1u);
      paged.push_back(page[0].row.key);
      scan.after = After(page[0]);
      ASSERT_LE(paged.size(), whole.size());
      EXPECT_EQ(Value(store_->CountWork(scan)), whole.size() - paged.size());
    }
    EXPECT_EQ(paged, whole);
  }
}

TEST_P(WorkTest, ALimitOfNothingGivesNothingButIsCounted) {
  WorkScan scan;
  scan.limit = 0;
  EXPECT_TRUE(Value(store_->ScanWork(scan)).empty());
  EXPECT_EQ(Value(store_->CountWork(scan)), 7u);
}

TEST_P(WorkTest, ALineIsMovedChangedAndRemoved) {
  StreamWrite write = Write(Case(1), 1, {"x"});
  write.work_set = {Work(2, 60, 9, 1), Work(1, 50, INT32_MIN, 5)};
  write.work_set[1].payload = "changed";
  write.work_removed = {3, 4, 444};
  ASSERT_OK(store_->Commit(Commit(write)));
  WorkScan scan;
  scan.stream = Case(1);
  auto lines = Value(store_->ScanWork(scan));
  EXPECT_THAT(Keys(lines), ElementsAre(2, 1));
  EXPECT_EQ(lines[1].row.payload, "changed");
  scan = {};
  scan.owner = 60;
  EXPECT_THAT(Keys(Value(store_->ScanWork(scan))), ElementsAre(2, 6));
  scan.owner = 50;
  EXPECT_THAT(Keys(Value(store_->ScanWork(scan))), ElementsAre(5, 1));
  EXPECT_EQ(Value(store_->Info()).work, 5u);
}

TEST_P(StoreTest, DocumentsAreReplacedAndDeleted) {
  CommitRequest request;
  request.documents = {{"raw", "b", "1"},
                       {"raw", "a", "2"},
                       {"raw", "a", "3"},
                       {"person", "a", ""}};
  ASSERT_OK(store_->Commit(request));
  EXPECT_EQ(Value(store_->GetDocument("raw", "a")), "3");
  EXPECT_EQ(Value(store_->GetDocument("person", "a")), "");
  EXPECT_THAT(Value(store_->ListDocuments("raw", "", 9)),
              ElementsAre("a", "b"));
  EXPECT_THAT(Value(store_->ListDocuments("raw", "a", 9)), ElementsAre("b"));
  EXPECT_THAT(Value(store_->ListDocuments("raw", "", 1)), ElementsAre("a"));
  CommitRequest removal;
  removal.documents = {{"raw", "a", std::nullopt},
                       {"raw", "absent", std::nullopt}};
  ASSERT_OK(store_->Commit(removal));
  EXPECT_EQ(Value(store_->GetDocument("raw", "a")), std::nullopt);
  EXPECT_EQ(Value(store_->GetDocument("person", "a")), "");
}

TEST_P(StoreTest, TheAuditTrailIsReadInOrder) {
  CommitRequest request;
  request.audit = {{Instant{5}, "a"}, {Instant{1}, "b"}, {Instant{9}, ""}};
  ASSERT_OK(store_->Commit(request));
  const auto rows = Value(store_->ReadAudit(1, 9));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at, Instant{1});
  EXPECT_EQ(rows[0].entry, "b");
  EXPECT_EQ(Value(store_->ReadAudit(0, 1))[0].entry, "a");
  EXPECT_TRUE(Value(store_->ReadAudit(3, 9)).empty());
  EXPECT_TRUE(Value(store_->ReadAudit(UINT64_MAX, 9)).empty());
}

TEST_P(StoreTest, StreamsAreListedByKindAndId) {
  CommitRequest request;
  for (const uint64_t id :
       {uint64_t{9}, UINT64_MAX, uint64_t{1} << 63, uint64_t{2}}) {
    request.streams.push_back(Write(Case(id), 0, {"x"}));
  }
  request.streams.push_back(Write({StreamKind::kPerson, 3}, 0, {"x"}));
  ASSERT_OK(store_->Commit(request));
  EXPECT_THAT(
      Value(store_->ListStreams(StreamKind::kCase, 0, 9)),
      ElementsAre(Case(2), Case(9), Case(uint64_t{1} << 63), Case(UINT64_MAX)));
  EXPECT_THAT(Value(store_->ListStreams(StreamKind::kCase, 2, 1)),
              ElementsAre(Case(9)));
  EXPECT_THAT(Value(store_->ListStreams(StreamKind::kCase, UINT64_MAX, 9)),
              IsEmpty());
  EXPECT_THAT(Value(store_->ListStreams(StreamKind::kService, 0, 9)),
              IsEmpty());
  const StoreInfo info = Value(store_->Info());
  EXPECT_EQ(info.streams, 5u);
  EXPECT_EQ(info.records, 5u);
  EXPECT_EQ(info.engine, GetParam());
  EXPECT_EQ(info.format, 1u);
}

TEST_P(StoreTest, RequestsThatBreakARuleAreRefusedWhole) {
  CommitRequest request;
  request.streams = {Write(Case(1), 0, {"a"}), Write(Case(1), 1, {"b"})};
  ExpectInvalid(request, "twice");
  request.streams = {Write(Case(1), 0, {"a"}), Write(Case(0), 0, {"a"})};
  ExpectInvalid(request, "streams[1]");
  ExpectInvalid(Commit(Write({static_cast<StreamKind>(9), 1}, 0, {"a"})),
                "kinds are 1 to 4");
  ExpectInvalid(Commit(Write(Case(1), 0, {})), "needs a record");
  request = Commit(Write(Case(1), 0, {"a"}));
  request.streams[0].state.reset();
  ExpectInvalid(request, "a state");
  request = Commit(Write(Case(1), 0, {"a"}));
  request.command = CommandRow{"", "", ""};
  ExpectInvalid(request, "empty");
  request.command->id.assign(1025, 'x');
  ExpectInvalid(request, "1025");
  request.command.reset();
  request.counters = {{"", 1, {}, {}}};
  ExpectInvalid(request, "counters[0]");
  request.counters.clear();
  request.external_ids = {{"nhs", "", 1, 1}};
  ExpectInvalid(request, "external_ids[0]");
  request.external_ids.clear();
  request.documents = {{"raw", "", "x"}};
  ExpectInvalid(request, "documents[0]");
}

TEST_P(StoreTest, AValueOverTheLimitIsRefused) {
  StreamWrite write = Write(Case(1), 0, {"a"});
  write.state = std::string((128u << 20) + 1, 'x');
  ExpectInvalid(Commit(write), "over 134217728");
}

TEST_P(StoreTest, AManyStreamCommitIsWholeOrNothing) {
  CommitRequest request;
  for (uint64_t id = 1; id <= 500; ++id) {
    request.streams.push_back(Write(Case(id), 0, {"a", "b"}));
    request.streams.back().clocks_set = {{1, Instant{int64_t(id)}}};
  }
  request.streams.back().expected_version = 1;
  ExpectRefused(request, FailedCheck::kVersion, 499);
  request.streams.back().expected_version = 0;
  ASSERT_OK(store_->Commit(request));
  EXPECT_EQ(Value(store_->Info()).records, 1000u);
}

}  // namespace
}  // namespace stepwell::store
