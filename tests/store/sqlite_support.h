// Looking over an SQLite store's shoulder: its connection and its statements.
#ifndef STEPWELL_TESTS_STORE_SQLITE_SUPPORT_H_
#define STEPWELL_TESTS_STORE_SQLITE_SUPPORT_H_

#include <sqlite3.h>

#include <string>
#include <vector>

namespace stepwell::store {

// While it lives, connections that are opened report here. One at a time.
class SqliteSpy {
 public:
  SqliteSpy();
  ~SqliteSpy();
  SqliteSpy(const SqliteSpy&) = delete;
  SqliteSpy& operator=(const SqliteSpy&) = delete;

  // The connection that was opened last.
  sqlite3* db() const;
  // What was run since the last call, in order.
  std::vector<std::string> TakeStatements();
};

// The last column of every row, joined by '|'. Stops the program on errors.
std::string Query(sqlite3* db, const std::string& sql);

// A connection beside the store's own.
class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path);
  ~RawSqlite();
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;
  sqlite3* get() const { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace stepwell::store

#endif  // STEPWELL_TESTS_STORE_SQLITE_SUPPORT_H_
