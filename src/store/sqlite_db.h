// Internal to the store room: one SQLite connection and its statements,
// owned, with errors told as Status. Nothing here knows the schema.
#ifndef STEPWELL_STORE_SQLITE_DB_H_
#define STEPWELL_STORE_SQLITE_DB_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stepwell::store {

// How long a call waits for another process's lock.
inline constexpr int kBusyTimeoutMs = 5000;

// How a 64-bit number becomes a column: its highest bit flipped, so that the
// order of SQLite's signed integers is the order of the unsigned numbers.
constexpr int64_t ToColumn(uint64_t number) {
  return static_cast<int64_t>(number ^ (uint64_t{1} << 63));
}
constexpr uint64_t FromColumn(int64_t column) {
  return static_cast<uint64_t>(column) ^ (uint64_t{1} << 63);
}

// The failure `code` of a connection as Status; `doing` says what failed.
absl::Status SqliteStatus(sqlite3* db, int code, std::string_view doing);

// A prepared statement. Parameters and columns are used left to right: each
// Bind and each Read takes the next one. Bound text must outlive the next Step.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}

  Statement& BindInt(int64_t value);
  Statement& BindNumber(uint64_t value) { return BindInt(ToColumn(value)); }
  Statement& BindText(std::string_view text);
  Statement& BindBlob(std::string_view bytes);
  Statement& BindNull();
  // A bound for LIMIT, where a negative number would mean none.
  Statement& BindLimit(uint64_t limit);

  // True when there is a row to read; after false or an error the statement
  // is ready to be bound again.
  absl::StatusOr<bool> Step();
  // Steps to the end, rows unread.
  absl::Status Run();
  // Makes the statement ready to be bound again before its last row.
  void Reset();

  int64_t ReadInt() { return sqlite3_column_int64(stmt_.get(), column_++); }
  uint64_t ReadNumber() { return FromColumn(ReadInt()); }
  // Valid until the next Step or Reset.
  std::string_view ReadBytes();
  std::string ReadString() { return std::string(ReadBytes()); }

  explicit operator bool() const { return stmt_ != nullptr; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* stmt) const { sqlite3_finalize(stmt); }
  };
  void Keep(int code) {
    if (bind_code_ == SQLITE_OK) bind_code_ = code;
  }

  sqlite3* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> stmt_;
  int parameter_ = 0;
  int column_ = 0;
  int bind_code_ = SQLITE_OK;
};

class Database {
 public:
  // Opens an existing file for reading and writing.
  static absl::StatusOr<Database> Open(const std::string& path);

  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // One or more statements without parameters, rows unread.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<int64_t> QueryInt(std::string_view sql);
  absl::StatusOr<std::string> QueryText(std::string_view sql);

  // Rows changed by the last INSERT, UPDATE or DELETE.
  int changes() const { return sqlite3_changes(db_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  // True when the path no longer leads to the open file. SQLite itself would
  // go on writing to what nobody can find again.
  bool moved() const {
    int moved = 0;
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
  }
  sqlite3* get() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  explicit Database(sqlite3* db) : db_(db) {}

  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_SQLITE_DB_H_
