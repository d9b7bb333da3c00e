// Internal to the store room: the store in an SQLite file.
#ifndef STEPWELL_STORE_SQLITE_STORE_H_
#define STEPWELL_STORE_SQLITE_STORE_H_

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sqlite_db.h"
#include "store/store.h"

namespace stepwell::store {

// The statements that are kept prepared; their texts are in sqlite_store.cc.
enum class Sql {
  kBegin,
  kCommit,
  kRollback,
  kAddCommand,
  kAddStream,
  kMoveStream,
  kAddRecord,
  kRemoveClock,
  kSetClock,
  kRemoveWork,
  kSetWork,
  kAddEffect,
  kRemoveEffect,
  kSetCounter,
  kAddExternalId,
  kSetDocument,
  kRemoveDocument,
  kAddAudit,
  kFindVersion,
  kFindState,
  kReadRecords,
  kListStreams,
  kFindCommand,
  kDueClocks,
  kClocksOf,
  kNextDue,
  kPendingEffects,
  kFindCounter,
  kListCounters,
  kFindExternalId,
  kListExternalIds,
  kFindDocument,
  kListDocuments,
  kReadAudit,
  kCount,
};

// What a scan of the worklist is asked for.
enum class ScanFor { kLines, kCount, kTally };

class SqliteStore final : public Store {
 public:
  // `db` is a store of ours.
  static absl::StatusOr<std::unique_ptr<Store>> New(Database db);

  absl::Status Commit(const CommitRequest& request) override;
  absl::StatusOr<std::optional<StoredState>> LoadState(
      StreamKey stream) override;
  absl::StatusOr<std::vector<std::string>> ReadRecords(StreamKey stream,
                                                       uint64_t from_seq,
                                                       size_t limit) override;
  absl::StatusOr<std::vector<StreamKey>> ListStreams(StreamKind kind,
                                                     uint64_t after,
                                                     size_t limit) override;
  absl::StatusOr<std::optional<CommandRow>> FindCommand(
      std::string_view id) override;
  absl::StatusOr<std::vector<DueClock>> DueClocks(Instant now,
                                                  size_t limit) override;
  absl::StatusOr<std::vector<ClockRow>> ClocksOf(StreamKey stream) override;
  absl::StatusOr<Instant> NextDue() override;
  absl::StatusOr<std::vector<WorkLine>> ScanWork(const WorkScan& scan) override;
  absl::StatusOr<uint64_t> CountWork(const WorkScan& scan) override;
  absl::StatusOr<std::vector<WorkTally>> TallyWork(
      const WorkScan& scan, const WorkCuts& cuts) override;
  absl::StatusOr<std::vector<PendingEffect>> PendingEffects(
      uint64_t after, size_t limit) override;
  absl::StatusOr<int64_t> Counter(std::string_view name) override;
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> Counters(
      std::string_view prefix) override;
  absl::StatusOr<std::optional<ExternalIdRow>> FindExternalId(
      std::string_view system, std::string_view value) override;
  absl::StatusOr<std::vector<ExternalIdRow>> ExternalIdsOf(
      uint32_t kind, uint64_t target) override;
  absl::StatusOr<std::optional<std::string>> GetDocument(
      std::string_view space, std::string_view key) override;
  absl::StatusOr<std::vector<std::string>> ListDocuments(
      std::string_view space, std::string_view after_key,
      size_t limit) override;
  absl::StatusOr<std::vector<AuditRow>> ReadAudit(uint64_t after,
                                                  size_t limit) override;
  absl::StatusOr<StoreInfo> Info() override;
  absl::Status CheckStructure() override;

 private:
  using Statements = std::array<Statement, static_cast<size_t>(Sql::kCount)>;

  SqliteStore(Database db, Statements statements)
      : db_(std::move(db)), statements_(std::move(statements)) {}

  Statement& Get(Sql sql) { return statements_[static_cast<size_t>(sql)]; }
  absl::StatusOr<Statement*> ScanStatement(const WorkScan& scan,
                                           ScanFor purpose);

  // sqlite_commit.cc. Between kBegin and kCommit; checks come first.
  absl::Status Apply(const CommitRequest& request);
  absl::Status AddCommand(const CommandRow& row);
  absl::Status MoveStream(size_t index, const StreamWrite& write);
  absl::Status CheckUnchanged(size_t index, const StreamCheck& wanted);
  absl::StatusOr<std::optional<uint64_t>> VersionOf(StreamKey stream);
  absl::Status ChangeCounter(size_t index, const CounterWrite& write);
  absl::Status AddExternalId(size_t index, const ExternalIdRow& row);
  absl::Status AddEffects(size_t index, const StreamWrite& write);
  absl::Status ApplyStream(const StreamWrite& write);
  absl::Status ApplyWork(const StreamWrite& write);
  absl::Status ApplyRest(const CommitRequest& request);
  void RollBack();
  void EmptyLog();

  std::mutex mutex_;
  Database db_;  // before the statements: they go first
  Statements statements_;
  std::map<int, Statement> scans_;  // by the filters they have
  // A document was deleted and the write-ahead log may still hold it.
  bool log_to_empty_ = false;
};

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_SQLITE_STORE_H_
