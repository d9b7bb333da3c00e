// Opening an SQLite store: what may go wrong with a file gets its own words.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store.h"

namespace stepwell::store {
namespace {

absl::Status CheckPath(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos ||
      path.front() == ':') {
    return InvalidInput(absl::StrCat("'", path,
                                     "' cannot be the path of a store; for a "
                                     "store in memory say memory:"));
  }
  return absl::OkStatus();
}

absl::Status FileStatus(int error, const std::string& path) {
  const std::string why = std::strerror(error);
  switch (error) {
    case EEXIST:
      return absl::AlreadyExistsError(
          absl::StrCat(path, " exists; open it instead of creating it"));
    case ENOENT:
    case ENOTDIR:
      return NotFound(
          absl::StrCat(path,
                       " cannot be found: a file or directory of that path is "
                       "missing"));
    case EACCES:
    case EPERM:
    case EROFS:
      return Unavailable(
          absl::StrCat(path, " may not be written by this user (", why, ")"));
    case ENOSPC:
    case EDQUOT:
      return Unavailable(absl::StrCat(path, ": the disk is full (", why, ")"));
    default:
      return Unavailable(absl::StrCat(path, " cannot be opened (", why, ")"));
  }
}

// Makes an empty file that nobody else made. It holds health data: others
// may read it only when its owner says so (SQLite's companions follow it).
absl::Status MakeFile(const std::string& path) {
  const int file =
      open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileStatus(errno, path);
  close(file);
  return absl::OkStatus();
}

absl::Status CheckFile(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return FileStatus(errno, path);
  if (!S_ISREG(info.st_mode)) {
    return Precondition(absl::StrCat(path, " is not a regular file"));
  }
  if (info.st_size == 0) {
    return Corrupt(absl::StrCat(
        path, " is empty: its creation was broken off, or it was cut off"));
  }
  return absl::OkStatus();
}

// SQLite sees a missing page, but reads the missing end of the last one as
// zeros. A log beside the file may yet complete it.
absl::Status CheckWholePages(const std::string& path) {
  struct stat info = {};
  if (stat((path + "-wal").c_str(), &info) == 0 && info.st_size > 0) {
    return absl::OkStatus();
  }
  if (stat(path.c_str(), &info) != 0) return FileStatus(errno, path);
  return info.st_size % kPageBytes == 0
             ? absl::OkStatus()
             : Corrupt("the file is cut off within its last page");
}

absl::StatusOr<std::unique_ptr<Store>> Create(const std::string& path) {
  STEPWELL_ASSIGN_OR_RETURN(Database db, Database::Open(path));
  STEPWELL_RETURN_IF_ERROR(Configure(db));
  // The tables come before write-ahead logging, so that a file either is
  // empty or says whose it is.
  STEPWELL_RETURN_IF_ERROR(CreateSchema(db));
  STEPWELL_RETURN_IF_ERROR(EnterWalMode(db));
  return SqliteStore::New(std::move(db));
}

absl::StatusOr<std::unique_ptr<Store>> OpenExisting(const std::string& path) {
  STEPWELL_ASSIGN_OR_RETURN(Database db, Database::Open(path));
  if (sqlite3_db_readonly(db.get(), "main") == 1) {
    return Unavailable("the file is read-only for this user");
  }
  STEPWELL_RETURN_IF_ERROR(CheckIdentity(db));
  STEPWELL_RETURN_IF_ERROR(CheckWholePages(path));
  STEPWELL_RETURN_IF_ERROR(Configure(db));
  STEPWELL_RETURN_IF_ERROR(EnterWalMode(db));
  STEPWELL_RETURN_IF_ERROR(RenewIndexes(db));
  return SqliteStore::New(std::move(db));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                                       OpenMode mode) {
  STEPWELL_RETURN_IF_ERROR(CheckPath(path));
  if (mode == OpenMode::kExisting) {
    STEPWELL_RETURN_IF_ERROR(CheckFile(path));
    auto store = OpenExisting(path);
    // "No such table": the header is ours, the tables are not.
    if (absl::IsInternal(store.status())) {
      return Corrupt(absl::StrCat(path, ": ", store.status().message()));
    }
    if (!store.ok()) return Annotate(store.status(), path);
    return store;
  }
  STEPWELL_RETURN_IF_ERROR(MakeFile(path));
  auto store = Create(path);
  if (store.ok()) return store;
  for (const char* companion : {"", "-wal", "-shm", "-journal"}) {
    unlink((path + companion).c_str());
  }
  return Annotate(store.status(), path);
}

}  // namespace stepwell::store
