// Creating, recognising and checking the tables of an SQLite store.
#include "store/sqlite_schema.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace stepwell::store {
namespace {

// Small rows are clustered under the key they are read by (WITHOUT ROWID);
// rows that grow large stay in a table of their own with an index beside it,
// because a clustered row over a quarter of a page spills.
constexpr char kTables[] = R"sql(
CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE stream (
  stream_kind INTEGER NOT NULL, stream INTEGER NOT NULL,
  version INTEGER NOT NULL, state BLOB NOT NULL,
  UNIQUE (stream_kind, stream)
) STRICT;
CREATE TABLE record (
  stream_kind INTEGER NOT NULL, stream INTEGER NOT NULL,
  seq INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (stream_kind, stream, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE clock (
  due INTEGER NOT NULL, stream_kind INTEGER NOT NULL, stream INTEGER NOT NULL,
  clock INTEGER NOT NULL,
  PRIMARY KEY (due, stream_kind, stream, clock)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX clock_of_stream ON clock (stream_kind, stream, clock);
CREATE TABLE work (
  owner INTEGER NOT NULL, rank INTEGER NOT NULL, due INTEGER NOT NULL,
  stream_kind INTEGER NOT NULL, stream INTEGER NOT NULL, key INTEGER NOT NULL,
  kind INTEGER NOT NULL, payload BLOB NOT NULL,
  PRIMARY KEY (owner, rank, due, stream_kind, stream, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX work_of_stream ON work (stream_kind, stream, key);
CREATE TABLE outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  effect INTEGER NOT NULL UNIQUE,
  stream_kind INTEGER NOT NULL, stream INTEGER NOT NULL,
  valid_until INTEGER NOT NULL, payload BLOB NOT NULL
) STRICT;
CREATE TABLE command (
  id TEXT NOT NULL UNIQUE, fingerprint BLOB NOT NULL, reply BLOB NOT NULL
) STRICT;
CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE external_id (
  system TEXT NOT NULL, value TEXT NOT NULL,
  kind INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (system, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_id_target ON external_id (kind, target);
CREATE TABLE document (
  space TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL,
  UNIQUE (space, key)
) STRICT;
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, entry BLOB NOT NULL
) STRICT;
)sql";

// All lists as one. With the kind in it, what is counted or of other kinds
// needs no row of the table.
constexpr char kWorkOrder[] =
    "CREATE INDEX work_order"
    " ON work (rank, due, stream_kind, stream, key, kind);";

// Each finds rows that break a rule of the layout.
struct Rule {
  const char* broken;
  const char* sql;
};
constexpr Rule kRules[] = {
    {"a stream's records are not 1 to its version",
     "SELECT 1 FROM stream LEFT JOIN (SELECT stream_kind AS k, stream AS s,"
     " COUNT(*) AS n, MIN(seq) AS low, MAX(seq) AS high FROM record"
     " GROUP BY stream_kind, stream) ON k = stream_kind AND s = stream"
     " WHERE n IS NOT version OR low IS NOT 1 OR high IS NOT version LIMIT 1"},
    {"a record has no stream",
     "SELECT 1 FROM (SELECT DISTINCT stream_kind AS k, stream AS s"
     " FROM record) WHERE NOT EXISTS (SELECT 1 FROM stream"
     " WHERE stream_kind = k AND stream = s) LIMIT 1"},
    {"a clock has no stream",
     "SELECT 1 FROM clock AS c WHERE NOT EXISTS (SELECT 1 FROM stream AS s"
     " WHERE s.stream_kind = c.stream_kind AND s.stream = c.stream) LIMIT 1"},
    {"a work line has no stream",
     "SELECT 1 FROM work AS w WHERE NOT EXISTS (SELECT 1 FROM stream AS s"
     " WHERE s.stream_kind = w.stream_kind AND s.stream = w.stream) LIMIT 1"},
    {"an effect has no stream",
     "SELECT 1 FROM outbox AS o WHERE NOT EXISTS (SELECT 1 FROM stream AS s"
     " WHERE s.stream_kind = o.stream_kind AND s.stream = o.stream) LIMIT 1"},
    {"an effect's position was given out twice",
     "SELECT 1 FROM outbox WHERE position > (SELECT seq FROM sqlite_sequence"
     " WHERE name = 'outbox') LIMIT 1"},
    {"the audit trail has a gap",
     "SELECT 1 WHERE (SELECT COUNT(*) FROM audit)"
     " IS NOT (SELECT IFNULL(MAX(seq), 0) FROM audit)"},
};

// The file is smaller than the smallest SQLite page, or its first page cannot
// be read: cut off, or never one of SQLite's? The first bytes tell. They are
// read through SQLite's own handle: a second descriptor would drop this
// process's locks when closed.
absl::Status UnreadableFile(Database& db) {
  static constexpr std::string_view kMagic("SQLite format 3\0", 16);
  char head[16] = {};
  sqlite3_int64 size = 0;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr ||
      file->pMethods->xFileSize(file, &size) != SQLITE_OK) {
    return Unavailable("the file cannot be read");
  }
  // SQLite takes one byte for none.
  const int count = static_cast<int>(std::clamp<sqlite3_int64>(size, 1, 16));
  const int code = file->pMethods->xRead(file, head, count, 0);
  if (code == SQLITE_IOERR_SHORT_READ) {
    return Corrupt("the file is empty: its creation was broken off");
  }
  if (code != SQLITE_OK) return Unavailable("the file cannot be read");
  const std::string_view found(head, static_cast<size_t>(count));
  return kMagic.starts_with(found)
             ? Corrupt(
                   "the file begins like an SQLite file and is damaged or "
                   "cut off")
             : Precondition(
                   "no Stepwell store: the file is not an SQLite "
                   "file");
}

absl::Status CheckFormat(Database& db) {
  STEPWELL_ASSIGN_OR_RETURN(const int64_t format,
                            db.QueryInt("PRAGMA user_version"));
  if (format > kFormat) {
    return Precondition(
        absl::StrCat("the store was written by a newer Stepwell (format ",
                     format, "; this one reads up to ", kFormat, ")"));
  }
  if (format < 1) {
    return Corrupt(absl::StrCat("the store has the format number ", format,
                                "; no Stepwell wrote that"));
  }
  auto row = db.QueryInt("SELECT value FROM meta WHERE name = 'format'");
  if (row.ok() && *row != format) {
    return Corrupt(absl::StrCat("the store says format ", format,
                                " in its header and ", *row, " in meta"));
  }
  return row.status();
}

}  // namespace

absl::Status Configure(Database& db) {
  sqlite3_db_config(db.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // secure_delete: what is deleted is overwritten, not only forgotten.
  return db.Execute(
      "PRAGMA synchronous = FULL;"
      "PRAGMA secure_delete = ON;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -16384;"
      "PRAGMA journal_size_limit = 67108864;"
      "PRAGMA trusted_schema = OFF;"
      "PRAGMA cell_size_check = ON;");
}

absl::Status CreateSchema(Database& db) {
  return db.Execute(absl::StrCat(
      "BEGIN EXCLUSIVE;", "PRAGMA application_id = ", kApplicationId, ";",
      "PRAGMA user_version = ", kFormat, ";", kTables, kWorkOrder,
      "INSERT INTO meta VALUES ('format', ", kFormat, "), ('epoch', 1);",
      "COMMIT;"));
}

// Older versions made the index without the kind, and read it as it is now. A
// file that is locked or full is used as it was; the next opening tries again.
absl::Status RenewIndexes(Database& db) {
  STEPWELL_ASSIGN_OR_RETURN(
      const int64_t current,
      db.QueryInt("SELECT COUNT(*) FROM pragma_index_info('work_order')"
                  " WHERE name = 'kind'"));
  if (current == 1) return absl::OkStatus();
  sqlite3_busy_timeout(db.get(), 0);
  absl::Status renewed = db.Execute(
      absl::StrCat("BEGIN IMMEDIATE; DROP INDEX IF EXISTS work_order;",
                   kWorkOrder, "COMMIT;"));
  if (db.in_transaction()) db.Execute("ROLLBACK").IgnoreError();
  sqlite3_busy_timeout(db.get(), kBusyTimeoutMs);
  return absl::IsUnavailable(renewed) ? absl::OkStatus() : renewed;
}

absl::Status CheckIdentity(Database& db) {
  auto id = db.QueryInt("PRAGMA application_id");
  if (absl::IsFailedPrecondition(id.status())) return UnreadableFile(db);
  STEPWELL_RETURN_IF_ERROR(id.status());
  STEPWELL_ASSIGN_OR_RETURN(const int64_t pages,
                            db.QueryInt("PRAGMA page_count"));
  if (pages == 0) return UnreadableFile(db);
  if (*id != kApplicationId) {
    return Precondition(absl::StrCat(
        "no Stepwell store: an SQLite file of another program (application "
        "id ",
        *id, ", ours is ", kApplicationId, ")"));
  }
  return CheckFormat(db);
}

absl::Status EnterWalMode(Database& db) {
  STEPWELL_ASSIGN_OR_RETURN(std::string mode,
                            db.QueryText("PRAGMA journal_mode"));
  if (mode == "wal") return absl::OkStatus();
  STEPWELL_ASSIGN_OR_RETURN(mode, db.QueryText("PRAGMA journal_mode = WAL"));
  if (mode == "wal") return absl::OkStatus();
  return Precondition(
      absl::StrCat("the file system cannot do write-ahead logging (journal "
                   "mode stays ",
                   mode, ")"));
}

absl::Status CheckTables(Database& db) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string integrity,
                            db.QueryText("PRAGMA integrity_check(1)"));
  if (integrity != "ok") return Corrupt(integrity);
  for (const Rule& rule : kRules) {
    STEPWELL_ASSIGN_OR_RETURN(Statement find, db.Prepare(rule.sql));
    STEPWELL_ASSIGN_OR_RETURN(const bool found, find.Step());
    if (found) return Corrupt(rule.broken);
  }
  return absl::OkStatus();
}

}  // namespace stepwell::store
