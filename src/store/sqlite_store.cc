// Statements and reads of the SQLite store. Each read is one statement and
// sees one moment of the file.
#include "store/sqlite_store.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/sqlite_schema.h"

namespace stepwell::store {
namespace {

// In the order of Sql.
constexpr const char* kSql[] = {
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "INSERT INTO command (id, fingerprint, reply) VALUES (?, ?, ?)"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO stream (stream_kind, stream, version, state)"
    " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "UPDATE stream SET version = ?, state = IFNULL(?, state)"
    " WHERE stream_kind = ? AND stream = ? AND version = ?",
    "INSERT INTO record (stream_kind, stream, seq, bytes)"
    " VALUES (?, ?, ?, ?)",
    "DELETE FROM clock WHERE stream_kind = ? AND stream = ? AND clock = ?",
    "INSERT OR REPLACE INTO clock (due, stream_kind, stream, clock)"
    " VALUES (?, ?, ?, ?)",
    "DELETE FROM work WHERE stream_kind = ? AND stream = ? AND key = ?",
    "INSERT OR REPLACE INTO work (owner, rank, due, stream_kind, stream, key,"
    " kind, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO outbox (effect, stream_kind, stream, valid_until, payload)"
    " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "DELETE FROM outbox WHERE effect = ?",
    "INSERT OR REPLACE INTO counter (name, value) VALUES (?, ?)",
    "INSERT INTO external_id (system, value, kind, target)"
    " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "INSERT OR REPLACE INTO document (space, key, bytes) VALUES (?, ?, ?)",
    "DELETE FROM document WHERE space = ? AND key = ?",
    "INSERT INTO audit (at, entry) VALUES (?, ?)",
    "SELECT version FROM stream WHERE stream_kind = ? AND stream = ?",
    "SELECT version, state FROM stream WHERE stream_kind = ? AND stream = ?",
    "SELECT bytes FROM record WHERE stream_kind = ? AND stream = ?"
    " AND seq >= ? ORDER BY seq LIMIT ?",
    "SELECT stream FROM stream WHERE stream_kind = ? AND stream > ?"
    " ORDER BY stream LIMIT ?",
    "SELECT fingerprint, reply FROM command WHERE id = ?",
    "SELECT due, stream_kind, stream, clock FROM clock WHERE due <= ?"
    " ORDER BY due, stream_kind, stream, clock LIMIT ?",
    "SELECT clock, due FROM clock WHERE stream_kind = ? AND stream = ?"
    " ORDER BY clock",
    "SELECT due FROM clock ORDER BY due LIMIT 1",
    "SELECT position, stream_kind, stream, effect, valid_until, payload"
    " FROM outbox WHERE position > ? ORDER BY position LIMIT ?",
    "SELECT value FROM counter WHERE name = ?",
    "SELECT name, value FROM counter WHERE name >= ? ORDER BY name",
    "SELECT kind, target FROM external_id WHERE system = ? AND value = ?",
    "SELECT system, value FROM external_id WHERE kind = ? AND target = ?"
    " ORDER BY system, value",
    "SELECT bytes FROM document WHERE space = ? AND key = ?",
    "SELECT key FROM document WHERE space = ? AND key > ? ORDER BY key"
    " LIMIT ?",
    "SELECT at, entry FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
};
static_assert(std::size(kSql) == static_cast<size_t>(Sql::kCount));

// A position that SQLite's integers can hold.
int64_t Clamp(uint64_t position) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::min(position, kMax));
}

// Calls read(row) for every row.
template <class Read>
absl::Status ForEachRow(Statement& statement, Read read) {
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return absl::OkStatus();
    read(statement);
  }
}

// The first row, if there is one.
template <class Row, class Read>
absl::StatusOr<std::optional<Row>> FirstRow(Statement& statement, Read read) {
  STEPWELL_ASSIGN_OR_RETURN(const bool found, statement.Step());
  std::optional<Row> row;
  if (found) row = read(statement);
  statement.Reset();
  return row;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> SqliteStore::New(Database db) {
  Statements statements;
  for (size_t i = 0; i < statements.size(); ++i) {
    STEPWELL_ASSIGN_OR_RETURN(statements[i], db.Prepare(kSql[i]));
  }
  return std::unique_ptr<Store>(
      new SqliteStore(std::move(db), std::move(statements)));
}

absl::StatusOr<std::optional<StoredState>> SqliteStore::LoadState(
    StreamKey stream) {
  const std::lock_guard lock(mutex_);
  return FirstRow<StoredState>(Get(Sql::kFindState)
                                   .BindInt(static_cast<int>(stream.kind))
                                   .BindNumber(stream.id),
                               [](Statement& row) {
                                 StoredState state;
                                 state.version =
                                     static_cast<uint64_t>(row.ReadInt());
                                 state.bytes = row.ReadString();
                                 return state;
                               });
}

absl::StatusOr<std::vector<std::string>> SqliteStore::ReadRecords(
    StreamKey stream, uint64_t from_seq, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> records;
  STEPWELL_RETURN_IF_ERROR(ForEachRow(
      Get(Sql::kReadRecords)
          .BindInt(static_cast<int>(stream.kind))
          .BindNumber(stream.id)
          .BindInt(Clamp(from_seq))
          .BindLimit(limit),
      [&](Statement& row) { records.emplace_back(row.ReadBytes()); }));
  return records;
}

absl::StatusOr<std::vector<StreamKey>> SqliteStore::ListStreams(StreamKind kind,
                                                                uint64_t after,
                                                                size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<StreamKey> keys;
  STEPWELL_RETURN_IF_ERROR(
      ForEachRow(Get(Sql::kListStreams)
                     .BindInt(static_cast<int>(kind))
                     .BindNumber(after)
                     .BindLimit(limit),
                 [&](Statement& row) {
                   keys.push_back({kind, row.ReadNumber()});
                 }));
  return keys;
}

absl::StatusOr<std::optional<CommandRow>> SqliteStore::FindCommand(
    std::string_view id) {
  const std::lock_guard lock(mutex_);
  return FirstRow<CommandRow>(Get(Sql::kFindCommand).BindText(id),
                              [id](Statement& row) {
                                CommandRow command;
                                command.id = std::string(id);
                                command.fingerprint = row.ReadString();
                                command.reply = row.ReadString();
                                return command;
                              });
}

absl::StatusOr<std::vector<DueClock>> SqliteStore::DueClocks(Instant now,
                                                             size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<DueClock> clocks;
  STEPWELL_RETURN_IF_ERROR(
      ForEachRow(Get(Sql::kDueClocks).BindInt(now.us).BindLimit(limit),
                 [&](Statement& row) {
                   DueClock& clock = clocks.emplace_back();
                   clock.due.us = row.ReadInt();
                   clock.stream.kind = static_cast<StreamKind>(row.ReadInt());
                   clock.stream.id = row.ReadNumber();
                   clock.clock = row.ReadNumber();
                 }));
  return clocks;
}

absl::StatusOr<std::vector<ClockRow>> SqliteStore::ClocksOf(StreamKey stream) {
  const std::lock_guard lock(mutex_);
  std::vector<ClockRow> clocks;
  STEPWELL_RETURN_IF_ERROR(
      ForEachRow(Get(Sql::kClocksOf)
                     .BindInt(static_cast<int>(stream.kind))
                     .BindNumber(stream.id),
                 [&](Statement& row) {
                   ClockRow& clock = clocks.emplace_back();
                   clock.clock = row.ReadNumber();
                   clock.due.us = row.ReadInt();
                 }));
  return clocks;
}

absl::StatusOr<Instant> SqliteStore::NextDue() {
  const std::lock_guard lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(
      const std::optional<Instant> due,
      FirstRow<Instant>(Get(Sql::kNextDue),
                        [](Statement& row) { return Instant{row.ReadInt()}; }));
  return due.value_or(Instant::Never());
}

absl::StatusOr<std::vector<PendingEffect>> SqliteStore::PendingEffects(
    uint64_t after, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<PendingEffect> effects;
  STEPWELL_RETURN_IF_ERROR(ForEachRow(
      Get(Sql::kPendingEffects).BindInt(Clamp(after)).BindLimit(limit),
      [&](Statement& row) {
        PendingEffect& effect = effects.emplace_back();
        effect.position = static_cast<uint64_t>(row.ReadInt());
        effect.stream.kind = static_cast<StreamKind>(row.ReadInt());
        effect.stream.id = row.ReadNumber();
        effect.row.effect = row.ReadNumber();
        effect.row.valid_until.us = row.ReadInt();
        effect.row.payload = row.ReadString();
      }));
  return effects;
}

absl::StatusOr<int64_t> SqliteStore::Counter(std::string_view name) {
  const std::lock_guard lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(
      const std::optional<int64_t> value,
      FirstRow<int64_t>(Get(Sql::kFindCounter).BindText(name),
                        [](Statement& row) { return row.ReadInt(); }));
  return value.value_or(0);
}

absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
SqliteStore::Counters(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, int64_t>> counters;
  Statement& list = Get(Sql::kListCounters).BindText(prefix);
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row) return counters;
    std::string name = list.ReadString();
    if (!std::string_view(name).starts_with(prefix)) break;
    counters.emplace_back(std::move(name), list.ReadInt());
  }
  list.Reset();
  return counters;
}

absl::StatusOr<std::optional<ExternalIdRow>> SqliteStore::FindExternalId(
    std::string_view system, std::string_view value) {
  const std::lock_guard lock(mutex_);
  return FirstRow<ExternalIdRow>(
      Get(Sql::kFindExternalId).BindText(system).BindText(value),
      [&](Statement& row) {
        ExternalIdRow id;
        id.system = std::string(system);
        id.value = std::string(value);
        id.kind = static_cast<uint32_t>(row.ReadInt());
        id.target = row.ReadNumber();
        return id;
      });
}

absl::StatusOr<std::vector<ExternalIdRow>> SqliteStore::ExternalIdsOf(
    uint32_t kind, uint64_t target) {
  const std::lock_guard lock(mutex_);
  std::vector<ExternalIdRow> rows;
  STEPWELL_RETURN_IF_ERROR(
      ForEachRow(Get(Sql::kListExternalIds).BindInt(kind).BindNumber(target),
                 [&](Statement& row) {
                   ExternalIdRow& id = rows.emplace_back();
                   id.system = row.ReadString();
                   id.value = row.ReadString();
                   id.kind = kind;
                   id.target = target;
                 }));
  return rows;
}

absl::StatusOr<std::optional<std::string>> SqliteStore::GetDocument(
    std::string_view space, std::string_view key) {
  const std::lock_guard lock(mutex_);
  return FirstRow<std::string>(
      Get(Sql::kFindDocument).BindText(space).BindText(key),
      [](Statement& row) { return row.ReadString(); });
}

absl::StatusOr<std::vector<std::string>> SqliteStore::ListDocuments(
    std::string_view space, std::string_view after_key, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  STEPWELL_RETURN_IF_ERROR(
      ForEachRow(Get(Sql::kListDocuments)
                     .BindText(space)
                     .BindText(after_key)
                     .BindLimit(limit),
                 [&](Statement& row) { keys.push_back(row.ReadString()); }));
  return keys;
}

absl::StatusOr<std::vector<AuditRow>> SqliteStore::ReadAudit(uint64_t after,
                                                             size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<AuditRow> rows;
  STEPWELL_RETURN_IF_ERROR(
      ForEachRow(Get(Sql::kReadAudit).BindInt(Clamp(after)).BindLimit(limit),
                 [&](Statement& row) {
                   AuditRow& audit = rows.emplace_back();
                   audit.at.us = row.ReadInt();
                   audit.entry = row.ReadString();
                 }));
  return rows;
}

absl::StatusOr<StoreInfo> SqliteStore::Info() {
  const std::lock_guard lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(
      Statement count,
      db_.Prepare("SELECT (SELECT COUNT(*) FROM stream),"
                  " (SELECT IFNULL(SUM(version), 0) FROM stream),"
                  " (SELECT COUNT(*) FROM clock),"
                  " (SELECT COUNT(*) FROM work),"
                  " (SELECT COUNT(*) FROM outbox)"));
  STEPWELL_ASSIGN_OR_RETURN(const bool row, count.Step());
  if (!row) return Internal("counting gave no row");
  StoreInfo info;
  info.engine = "sqlite";
  info.library = absl::StrCat("SQLite ", sqlite3_libversion());
  info.format = static_cast<uint32_t>(kFormat);
  for (uint64_t* number :
       {&info.streams, &info.records, &info.clocks, &info.work, &info.outbox}) {
    *number = static_cast<uint64_t>(count.ReadInt());
  }
  return info;
}

absl::Status SqliteStore::CheckStructure() {
  const std::lock_guard lock(mutex_);
  // One moment for all checks: another process may be writing.
  STEPWELL_RETURN_IF_ERROR(db_.Execute("BEGIN"));
  const absl::Status status = CheckTables(db_);
  RollBack();
  return status;
}

}  // namespace stepwell::store
