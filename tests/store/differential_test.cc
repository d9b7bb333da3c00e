// Long random commit sequences, applied to the memory store and to an SQLite
// file: the same outcome and the same answers after every step. Each store
// was written apart, so a mistake in one shows.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/store.h"
#include "store/store_support.h"

namespace stepwell::store {
namespace {

// Draws commits over few names, so that they meet: many repeat a command,
// come late, overstep a bound or take an id that is in use.
class CommitSource {
 public:
  explicit CommitSource(uint64_t seed) : random_(seed) {}

  CommitRequest Next(Store& store) {
    CommitRequest request;
    std::vector<StreamKey> keys = Keys();
    while (Below(3) != 0 && !keys.empty() && request.streams.size() < 3) {
      const size_t at = Below(keys.size());
      request.streams.push_back(NextWrite(store, keys[at]));
      keys.erase(keys.begin() + static_cast<ptrdiff_t>(at));
    }
    while (Below(4) == 0 && !keys.empty()) {
      const StreamKey key = keys[Below(keys.size())];
      const auto state = Value(store.LoadState(key));
      const uint64_t version = state ? state->version : 0;
      request.unchanged.push_back({key, Below(6) == 0 ? Below(5) : version});
    }
    if (Below(3) != 0) {
      request.command =
          CommandRow{absl::StrCat("c", Below(3000)), Bytes(8), Bytes(60)};
    }
    AddNames(request);
    AddDocuments(request);
    while (Below(4) == 0) {
      request.audit.push_back({Instant{int64_t(Below(100))}, Bytes(20)});
    }
    while (Below(3) == 0) {
      request.outbox_acknowledged.push_back(Below(40));
    }
    return request;
  }

  WorkScan NextScan(const std::vector<WorkLine>& lines) {
    WorkScan scan;
    if (Below(2) == 0) scan.owner = Number();
    if (Below(4) == 0) scan.stream = Keys()[Below(Keys().size())];
    if (Below(3) == 0) scan.kinds = Below(8);
    if (Below(3) == 0) scan.due_before = Due();
    if (Below(4) == 0) scan.due_from = Due();
    if (Below(4) == 0) scan.priority_min = Priority();
    if (Below(4) == 0) scan.priority_max = Priority();
    if (Below(2) == 0 && !lines.empty()) {
      const WorkLine& line = lines[Below(lines.size())];
      scan.after = WorkCursor{line.row.priority, line.row.due, line.stream,
                              line.row.key};
    }
    scan.limit = Below(12);
    return scan;
  }

  uint64_t Below(uint64_t n) { return random_() % n; }
  int32_t Priority() {
    if (Below(9) == 0) return Below(2) == 0 ? INT32_MIN : INT32_MAX;
    return static_cast<int32_t>(Below(5)) - 2;
  }
  // Few numbers from both halves of the range.
  uint64_t Number() {
    const uint64_t n = Below(4);
    return n < 2 ? n + 1 : UINT64_MAX - n;
  }

 private:
  static std::vector<StreamKey> Keys() {
    std::vector<StreamKey> keys;
    for (const uint64_t id : {uint64_t{1}, uint64_t{2}, UINT64_MAX}) {
      for (int kind = 1; kind <= 4; ++kind) {
        keys.push_back({static_cast<StreamKind>(kind), id});
      }
    }
    return keys;
  }

  std::string Bytes(size_t max) {
    std::string bytes(Below(max + 1), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  Instant Due() {
    return Below(8) == 0 ? Instant::Never() : Instant{int64_t(Below(40)) - 9};
  }

  StreamWrite NextWrite(Store& store, StreamKey key) {
    const auto state = Value(store.LoadState(key));
    StreamWrite write;
    write.stream = key;
    write.expected_version = state ? state->version : 0;
    if (Below(12) == 0) write.expected_version = Below(5);
    for (uint64_t n = Below(4); n > 0; --n) {
      write.records.push_back(Bytes(80));
    }
    if (write.expected_version == 0 || Below(3) != 0) {
      write.state = Bytes(Below(20) == 0 ? 9000 : 300);
    }
    for (uint64_t n = Below(3); n > 0; --n) {
      write.clocks_set.push_back({Number(), Due()});
      write.clocks_removed.push_back(Number());
      write.work_removed.push_back(Number());
      write.work_set.push_back(NextWork());
    }
    if (Below(3) == 0) {
      write.outbox.push_back({Below(40), Due(), Bytes(30)});
    }
    return write;
  }

  WorkRow NextWork() {
    WorkRow row;
    row.key = Number();
    row.owner = Number();
    row.kind = static_cast<uint32_t>(Below(3));
    row.priority = Priority();
    row.due = Due();
    row.payload = Bytes(40);
    return row;
  }

  void AddNames(CommitRequest& request) {
    while (Below(3) == 0) {
      CounterWrite write;
      write.name = absl::StrCat("n", Below(4));
      write.delta = static_cast<int64_t>(Below(9)) - 3;
      if (Below(2) == 0) write.min = -5;
      if (Below(2) == 0) write.max = 60;
      request.counters.push_back(write);
    }
    while (Below(4) == 0) {
      request.external_ids.push_back(
          {absl::StrCat("s", Below(3)), absl::StrCat("v", Below(60)),
           static_cast<uint32_t>(Below(2)), Number()});
    }
  }

  void AddDocuments(CommitRequest& request) {
    while (Below(4) == 0) {
      DocumentWrite write;
      write.space = Below(2) == 0 ? "raw" : "person";
      write.key = absl::StrCat("k", Below(9));
      if (Below(10) != 0) write.bytes = Bytes(Below(10) == 0 ? 20000 : 50);
      request.documents.push_back(write);
    }
  }

  std::mt19937_64 random_;
};

std::string Text(const WorkTally& tally) {
  return absl::StrCat(tally.kind, ":", tally.lines, ",", tally.due_first, ",",
                      tally.due_last, ",", tally.low, " ");
}

// Both stores count alike, so the lines are counted here as well.
std::string TalliedByLine(Store& store, WorkScan scan, const WorkCuts& cuts) {
  scan.limit = 1'000'000;
  std::map<uint32_t, WorkTally> tallies;
  for (const WorkLine& line : Value(store.ScanWork(scan))) {
    const WorkRow& row = line.row;
    WorkTally& tally = tallies[row.kind];
    tally.kind = row.kind;
    ++tally.lines;
    if (row.due < cuts.due_first) ++tally.due_first;
    if (row.due >= cuts.due_first && row.due < cuts.due_last) ++tally.due_last;
    if (row.priority <= cuts.priority_max) ++tally.low;
  }
  std::string out;
  for (const auto& [kind, tally] : tallies) out += Text(tally);
  return out;
}

// Questions that Dump does not ask.
std::string Answers(Store& store, const WorkScan& scan, uint64_t number) {
  std::string out;
  for (const WorkLine& line : Value(store.ScanWork(scan))) {
    absl::StrAppend(&out, line.stream.id, "/", line.row.key, " ");
  }
  const WorkCuts cuts{Instant{int64_t(number % 40)},
                      Instant{int64_t(number % 7) * 9},
                      static_cast<int32_t>(number % 5) - 2};
  std::string tallied;
  for (const WorkTally& tally : Value(store.TallyWork(scan, cuts))) {
    tallied += Text(tally);
  }
  EXPECT_EQ(tallied, TalliedByLine(store, scan, cuts));
  out += tallied;
  absl::StrAppend(&out, Value(store.CountWork(scan)), " ",
                  Value(store.NextDue()).us, " ");
  const auto due = Value(store.DueClocks(Instant{int64_t(number % 40)}, 3));
  for (const DueClock& clock : due) absl::StrAppend(&out, clock.clock, " ");
  for (const PendingEffect& effect :
       Value(store.PendingEffects(number % 30, 4))) {
    absl::StrAppend(&out, effect.position, " ");
  }
  for (const ClockRow& row : Value(store.ClocksOf(Case(number % 5)))) {
    absl::StrAppend(&out, row.clock, "@", row.due.us, " ");
  }
  const auto command =
      Value(store.FindCommand(absl::StrCat("c", number % 3000)));
  absl::StrAppend(&out, command ? command->reply : "none");
  for (int kind = 0; kind < 2; ++kind) {
    for (const ExternalIdRow& row : Value(store.ExternalIdsOf(
             static_cast<uint32_t>(kind), number % 2 + 1))) {
      absl::StrAppend(&out, row.system, row.value, " ");
    }
  }
  const auto id = Value(store.FindExternalId(absl::StrCat("s", number % 3),
                                             absl::StrCat("v", number % 60)));
  absl::StrAppend(&out, id ? id->target : 0);
  const StoreInfo info = Value(store.Info());
  absl::StrAppend(&out, " ", info.streams, " ", info.records, " ", info.clocks,
                  " ", info.work, " ", info.outbox);
  return out;
}

int Steps() {
  const char* steps = std::getenv("STEPWELL_STORE_STEPS");
  return steps == nullptr ? 600 : std::atoi(steps);
}

class DifferentialTest : public ::testing::TestWithParam<uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, DifferentialTest,
                         ::testing::Values(1, 20240229, UINT64_MAX));

TEST_P(DifferentialTest, SqliteDoesAsMemoryDoes) {
  TempDir dir;
  CommitSource source(GetParam());
  const auto memory = NewMemoryStore();
  const std::string path = dir.File("store.db");
  auto sqlite = Value(OpenSqliteStore(path, OpenMode::kCreate));
  int refused = 0;
  for (int step = 0; step < Steps(); ++step) {
    SCOPED_TRACE(absl::StrCat("seed ", GetParam(), " step ", step));
    const CommitRequest request = source.Next(*memory);
    const absl::Status expected = memory->Commit(request);
    const absl::Status found = sqlite->Commit(request);
    ASSERT_EQ(expected.ToString(), found.ToString());
    ASSERT_EQ(CheckFailureOf(expected), CheckFailureOf(found));
    if (!expected.ok()) ++refused;
    const std::string whole = Dump(*memory);
    ASSERT_EQ(whole, Dump(*sqlite));
    const auto lines = Value(memory->ScanWork({}));
    const WorkScan scan = source.NextScan(lines);
    const uint64_t number = source.Below(1 << 20);
    ASSERT_EQ(Answers(*memory, scan, number), Answers(*sqlite, scan, number));
    if (step % 200 == 0) {
      sqlite.reset();
      sqlite = Value(OpenSqliteStore(path, OpenMode::kExisting));
      ASSERT_EQ(whole, Dump(*sqlite));
    }
  }
  CheckOk(memory->CheckStructure());
  CheckOk(sqlite->CheckStructure());
  // The draw is worth something: commits of both outcomes.
  EXPECT_GT(refused, Steps() / 20);
  EXPECT_LT(refused, Steps() * 19 / 20);
}

}  // namespace
}  // namespace stepwell::store
