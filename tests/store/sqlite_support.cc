#include "store/sqlite_support.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace stepwell::store {
namespace {

// SQLite's auto-extensions take no argument of ours.
struct Seen {
  sqlite3* db = nullptr;
  std::vector<std::string> statements;
};
Seen& TheSeen() {
  static Seen seen;
  return seen;
}

int OnStatement(unsigned, void*, void*, void* sql) {
  TheSeen().statements.emplace_back(static_cast<const char*>(sql));
  return 0;
}

int OnOpen(sqlite3* db, const char**, const void*) {
  TheSeen().db = db;
  sqlite3_trace_v2(db, SQLITE_TRACE_STMT, OnStatement, nullptr);
  return SQLITE_OK;
}

void (*Entry())() { return reinterpret_cast<void (*)()>(&OnOpen); }

void Check(bool fine, const char* what, sqlite3* db) {
  if (fine) return;
  std::fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
  std::abort();
}

}  // namespace

SqliteSpy::SqliteSpy() {
  TheSeen() = {};
  sqlite3_auto_extension(Entry());
}

SqliteSpy::~SqliteSpy() { sqlite3_cancel_auto_extension(Entry()); }

sqlite3* SqliteSpy::db() const { return TheSeen().db; }

std::vector<std::string> SqliteSpy::TakeStatements() {
  return std::exchange(TheSeen().statements, {});
}

std::string Query(sqlite3* db, const std::string& sql) {
  std::string out;
  const auto append = [](void* to, int count, char** values, char**) {
    const char* const last = values[count - 1];
    std::string& text = *static_cast<std::string*>(to);
    if (!text.empty()) text += '|';
    text += last == nullptr ? "NULL" : last;
    return 0;
  };
  const int code = sqlite3_exec(db, sql.c_str(), append, &out, nullptr);
  Check(code == SQLITE_OK, sql.c_str(), db);
  return out;
}

RawSqlite::RawSqlite(const std::string& path) {
  Check(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, path.c_str(), db_);
}

RawSqlite::~RawSqlite() { sqlite3_close(db_); }

}  // namespace stepwell::store
