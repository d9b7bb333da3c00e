// SQLite connections, statements and errors.
#include "store/sqlite_db.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell::store {
namespace {

struct Meaning {
  absl::StatusCode code;
  const char* text;
};

Meaning MeaningOf(int extended) {
  using enum absl::StatusCode;
  switch (extended) {
    case SQLITE_IOERR_DATA:
    case SQLITE_IOERR_CORRUPTFS:
      return {kDataLoss, "the file system found the file damaged"};
    default:
      break;
  }
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {kUnavailable, "the file is locked by another user of it"};
    case SQLITE_FULL:
      return {kUnavailable, "the disk is full"};
    case SQLITE_READONLY:
      return {kUnavailable, "the file or its directory is read-only"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {kUnavailable, "the file may not be used by this user"};
    case SQLITE_CANTOPEN:
      return {kUnavailable,
              "the file, or a companion beside it, cannot be opened"};
    case SQLITE_IOERR:
      return {kUnavailable, "the disk failed"};
    case SQLITE_CORRUPT:
      return {kDataLoss, "the file is damaged"};
    case SQLITE_NOTADB:
      return {kFailedPrecondition, "the file is no SQLite database"};
    case SQLITE_NOMEM:
      return {kResourceExhausted, "memory ran out"};
    case SQLITE_TOOBIG:
      return {kInvalidArgument, "a value is too large"};
    default:
      return {kInternal, "unexpected failure"};
  }
}

}  // namespace

absl::Status SqliteStatus(sqlite3* db, int code, std::string_view doing) {
  // Statements report the plain code, the connection the precise one.
  const int precise = db == nullptr ? code : sqlite3_extended_errcode(db);
  const bool same = (precise & 0xff) == (code & 0xff);
  const Meaning meaning = MeaningOf(same ? precise : code);
  const char* const detail =
      db != nullptr && same ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return MakeError(
      meaning.code,
      absl::StrCat(ToAbsl(doing), ": ", meaning.text, " (SQLite error ",
                   same ? precise : code, ", ", detail, ")"));
}

Statement& Statement::BindInt(int64_t value) {
  Keep(sqlite3_bind_int64(stmt_.get(), ++parameter_, value));
  return *this;
}

Statement& Statement::BindText(std::string_view text) {
  // A null pointer would bind NULL.
  Keep(sqlite3_bind_text64(stmt_.get(), ++parameter_,
                           text.data() == nullptr ? "" : text.data(),
                           text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  Keep(sqlite3_bind_blob64(stmt_.get(), ++parameter_,
                           bytes.data() == nullptr ? "" : bytes.data(),
                           bytes.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::BindNull() {
  Keep(sqlite3_bind_null(stmt_.get(), ++parameter_));
  return *this;
}

Statement& Statement::BindLimit(uint64_t limit) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  return BindInt(static_cast<int64_t>(std::min(limit, kMax)));
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_code_ != SQLITE_OK) {
    const int code = bind_code_;
    Reset();
    return SqliteStatus(nullptr, code, "binding a value");
  }
  const int code = sqlite3_step(stmt_.get());
  column_ = 0;
  if (code == SQLITE_ROW) return true;
  absl::Status status;
  if (code != SQLITE_DONE) {
    status = SqliteStatus(db_, code, sqlite3_sql(stmt_.get()));
  }
  Reset();
  if (!status.ok()) return status;
  return false;
}

absl::Status Statement::Run() {
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) return absl::OkStatus();
  }
}

void Statement::Reset() {
  sqlite3_reset(stmt_.get());
  parameter_ = 0;
  column_ = 0;
  bind_code_ = SQLITE_OK;
}

std::string_view Statement::ReadBytes() {
  const int column = column_++;
  const void* const bytes = sqlite3_column_blob(stmt_.get(), column);
  const int size = sqlite3_column_bytes(stmt_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

absl::StatusOr<Database> Database::Open(const std::string& path) {
  sqlite3* raw = nullptr;
  // The store serialises its calls, so the connection need not.
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db(raw);
  if (code != SQLITE_OK) {
    return SqliteStatus(raw, code, absl::StrCat("opening ", path));
  }
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return db;
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* stmt = nullptr;
  const int code =
      sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
  if (code != SQLITE_OK) return SqliteStatus(db_.get(), code, sql);
  return Statement(db_.get(), stmt);
}

absl::Status Database::Execute(const std::string& sql) {
  const int code =
      sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteStatus(db_.get(), code, sql);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Database::QueryInt(std::string_view sql) {
  STEPWELL_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  STEPWELL_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return Corrupt(absl::StrCat(ToAbsl(sql), " found no row"));
  return statement.ReadInt();
}

absl::StatusOr<std::string> Database::QueryText(std::string_view sql) {
  STEPWELL_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  STEPWELL_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return Corrupt(absl::StrCat(ToAbsl(sql), " found no row"));
  return statement.ReadString();
}

}  // namespace stepwell::store
