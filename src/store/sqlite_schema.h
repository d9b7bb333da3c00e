// Internal to the store room: the layout of an SQLite store. The grammar and
// its promise are in docs/formats/store.md.
#ifndef STEPWELL_STORE_SQLITE_SCHEMA_H_
#define STEPWELL_STORE_SQLITE_SCHEMA_H_

#include <cstdint>

#include "store/sqlite_db.h"

namespace stepwell::store {

// "Stwl": written into the header of every store.
inline constexpr int64_t kApplicationId = 0x5374776c;
// The layout this library writes, and the newest that it reads.
inline constexpr int64_t kFormat = 1;
inline constexpr int kPageBytes = 4096;

// Settings of a connection; those that live in the file are set by Create.
absl::Status Configure(Database& db);
// Fills an empty file, all or nothing.
absl::Status CreateSchema(Database& db);
// OK when the file is a store of ours that this library can use; otherwise
// the error says what it is instead.
absl::Status CheckIdentity(Database& db);
// Makes indexes of an older version anew, if nobody is in the way.
absl::Status RenewIndexes(Database& db);
// Write-ahead logging, if the file is not in that mode yet.
absl::Status EnterWalMode(Database& db);
// Rows that point nowhere, gaps, damage: OK or kDataLoss.
absl::Status CheckTables(Database& db);

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_SQLITE_SCHEMA_H_
