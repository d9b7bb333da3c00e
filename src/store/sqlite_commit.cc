// How one commit becomes one SQLite transaction.
#include "absl/cleanup/cleanup.h"
#include "base/status.h"
#include "store/request.h"
#include "store/sqlite_store.h"

namespace stepwell::store {
namespace {

bool IsEmpty(const CommitRequest& request) {
  return request.streams.empty() && request.unchanged.empty() &&
         !request.command && request.counters.empty() &&
         request.external_ids.empty() && request.documents.empty() &&
         request.outbox_acknowledged.empty() && request.audit.empty();
}

Statement& BindStream(Statement& statement, StreamKey stream) {
  return statement.BindInt(static_cast<int>(stream.kind)).BindNumber(stream.id);
}

}  // namespace

absl::Status SqliteStore::Commit(const CommitRequest& request) {
  STEPWELL_RETURN_IF_ERROR(CheckRequest(request));
  if (IsEmpty(request)) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  if (db_.moved()) {
    return Unavailable("the file was moved or deleted while it was open");
  }
  // The write lock is taken at the start: a reader that turns writer half
  // way could be refused then.
  STEPWELL_RETURN_IF_ERROR(Get(Sql::kBegin).Run());
  {
    // Also when memory runs out on the way.
    const absl::Cleanup roll_back = [this] { RollBack(); };
    STEPWELL_RETURN_IF_ERROR(Apply(request));
    STEPWELL_RETURN_IF_ERROR(Get(Sql::kCommit).Run());
  }
  for (const DocumentWrite& write : request.documents) {
    if (!write.bytes) log_to_empty_ = true;
  }
  if (log_to_empty_) EmptyLog();
  return absl::OkStatus();
}

// Does nothing after a commit; some errors have rolled back by themselves.
void SqliteStore::RollBack() {
  if (db_.in_transaction()) Get(Sql::kRollback).Run().IgnoreError();
}

// Deleted bytes are overwritten in the tables, but the write-ahead log still
// has the pages as they were. Another process's reader may be in the way; then
// the next commit tries again, and none waits.
void SqliteStore::EmptyLog() {
  sqlite3_busy_timeout(db_.get(), 0);
  const int code = sqlite3_wal_checkpoint_v2(
      db_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  log_to_empty_ = code != SQLITE_OK;
  sqlite3_busy_timeout(db_.get(), kBusyTimeoutMs);
}

absl::Status SqliteStore::Apply(const CommitRequest& request) {
  if (request.command) {
    STEPWELL_RETURN_IF_ERROR(AddCommand(*request.command));
  }
  for (size_t i = 0; i < request.streams.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(MoveStream(i, request.streams[i]));
  }
  for (size_t i = 0; i < request.unchanged.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(CheckUnchanged(i, request.unchanged[i]));
  }
  for (size_t i = 0; i < request.counters.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(ChangeCounter(i, request.counters[i]));
  }
  for (size_t i = 0; i < request.external_ids.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(AddExternalId(i, request.external_ids[i]));
  }
  for (size_t i = 0; i < request.streams.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(AddEffects(i, request.streams[i]));
  }
  for (const StreamWrite& write : request.streams) {
    STEPWELL_RETURN_IF_ERROR(ApplyStream(write));
    STEPWELL_RETURN_IF_ERROR(ApplyWork(write));
  }
  return ApplyRest(request);
}

absl::Status SqliteStore::AddCommand(const CommandRow& row) {
  STEPWELL_RETURN_IF_ERROR(Get(Sql::kAddCommand)
                               .BindText(row.id)
                               .BindBlob(row.fingerprint)
                               .BindBlob(row.reply)
                               .Run());
  return db_.changes() == 1 ? absl::OkStatus() : CommandExists(row);
}

absl::Status SqliteStore::MoveStream(size_t index, const StreamWrite& write) {
  const auto expected = static_cast<int64_t>(write.expected_version);
  const auto next =
      static_cast<int64_t>(write.expected_version + write.records.size());
  if (expected == 0) {
    STEPWELL_RETURN_IF_ERROR(BindStream(Get(Sql::kAddStream), write.stream)
                                 .BindInt(next)
                                 .BindBlob(*write.state)
                                 .Run());
  } else {
    Statement& move = Get(Sql::kMoveStream).BindInt(next);
    write.state ? move.BindBlob(*write.state) : move.BindNull();
    STEPWELL_RETURN_IF_ERROR(
        BindStream(move, write.stream).BindInt(expected).Run());
  }
  if (db_.changes() == 1) return absl::OkStatus();
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<uint64_t> version,
                            VersionOf(write.stream));
  return VersionMoved(FailedCheck::kVersion, index,
                      {write.stream, write.expected_version}, version);
}

absl::StatusOr<std::optional<uint64_t>> SqliteStore::VersionOf(
    StreamKey stream) {
  Statement& find = BindStream(Get(Sql::kFindVersion), stream);
  STEPWELL_ASSIGN_OR_RETURN(const bool found, find.Step());
  std::optional<uint64_t> version;
  if (found) version = static_cast<uint64_t>(find.ReadInt());
  find.Reset();
  return version;
}

absl::Status SqliteStore::CheckUnchanged(size_t index,
                                         const StreamCheck& wanted) {
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<uint64_t> version,
                            VersionOf(wanted.stream));
  if (version.value_or(0) == wanted.version) return absl::OkStatus();
  return VersionMoved(FailedCheck::kUnchanged, index, wanted, version);
}

absl::Status SqliteStore::ChangeCounter(size_t index,
                                        const CounterWrite& write) {
  Statement& find = Get(Sql::kFindCounter).BindText(write.name);
  STEPWELL_ASSIGN_OR_RETURN(const bool found, find.Step());
  const int64_t before = found ? find.ReadInt() : 0;
  find.Reset();
  STEPWELL_ASSIGN_OR_RETURN(const int64_t value,
                            ChangedCounter(index, write, before));
  return Get(Sql::kSetCounter).BindText(write.name).BindInt(value).Run();
}

absl::Status SqliteStore::AddExternalId(size_t index,
                                        const ExternalIdRow& row) {
  STEPWELL_RETURN_IF_ERROR(Get(Sql::kAddExternalId)
                               .BindText(row.system)
                               .BindText(row.value)
                               .BindInt(row.kind)
                               .BindNumber(row.target)
                               .Run());
  if (db_.changes() == 1) return absl::OkStatus();
  Statement& find =
      Get(Sql::kFindExternalId).BindText(row.system).BindText(row.value);
  STEPWELL_ASSIGN_OR_RETURN(const bool found, find.Step());
  const bool same =
      found && find.ReadInt() == row.kind && find.ReadNumber() == row.target;
  find.Reset();
  return same ? absl::OkStatus() : ExternalIdTaken(index, row);
}

absl::Status SqliteStore::AddEffects(size_t index, const StreamWrite& write) {
  for (const OutboxRow& row : write.outbox) {
    Statement& add = Get(Sql::kAddEffect).BindNumber(row.effect);
    STEPWELL_RETURN_IF_ERROR(BindStream(add, write.stream)
                                 .BindInt(row.valid_until.us)
                                 .BindBlob(row.payload)
                                 .Run());
    if (db_.changes() != 1) return EffectPending(index, row.effect);
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::ApplyStream(const StreamWrite& write) {
  auto seq = static_cast<int64_t>(write.expected_version);
  for (const std::string_view record : write.records) {
    STEPWELL_RETURN_IF_ERROR(BindStream(Get(Sql::kAddRecord), write.stream)
                                 .BindInt(++seq)
                                 .BindBlob(record)
                                 .Run());
  }
  for (const uint64_t clock : write.clocks_removed) {
    STEPWELL_RETURN_IF_ERROR(BindStream(Get(Sql::kRemoveClock), write.stream)
                                 .BindNumber(clock)
                                 .Run());
  }
  for (const ClockRow& row : write.clocks_set) {
    Statement& set = Get(Sql::kSetClock).BindInt(row.due.us);
    STEPWELL_RETURN_IF_ERROR(
        BindStream(set, write.stream).BindNumber(row.clock).Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::ApplyWork(const StreamWrite& write) {
  for (const uint64_t key : write.work_removed) {
    STEPWELL_RETURN_IF_ERROR(
        BindStream(Get(Sql::kRemoveWork), write.stream).BindNumber(key).Run());
  }
  for (const WorkRow& row : write.work_set) {
    Statement& set = Get(Sql::kSetWork)
                         .BindNumber(row.owner)
                         .BindInt(-static_cast<int64_t>(row.priority))
                         .BindInt(row.due.us);
    STEPWELL_RETURN_IF_ERROR(BindStream(set, write.stream)
                                 .BindNumber(row.key)
                                 .BindInt(row.kind)
                                 .BindBlob(row.payload)
                                 .Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::ApplyRest(const CommitRequest& request) {
  for (const DocumentWrite& write : request.documents) {
    const Sql sql = write.bytes ? Sql::kSetDocument : Sql::kRemoveDocument;
    Statement& change = Get(sql).BindText(write.space).BindText(write.key);
    if (write.bytes) change.BindBlob(*write.bytes);
    STEPWELL_RETURN_IF_ERROR(change.Run());
  }
  for (const AuditRow& row : request.audit) {
    STEPWELL_RETURN_IF_ERROR(
        Get(Sql::kAddAudit).BindInt(row.at.us).BindBlob(row.entry).Run());
  }
  for (const uint64_t effect : request.outbox_acknowledged) {
    STEPWELL_RETURN_IF_ERROR(Get(Sql::kRemoveEffect).BindNumber(effect).Run());
  }
  return absl::OkStatus();
}

}  // namespace stepwell::store
