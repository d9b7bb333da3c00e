#include "store/fault_support.h"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

namespace stepwell::store {
namespace {

constexpr const char* kName = "stepwell-faulty";

// SQLite calls plain functions: the state is this file's.
struct Plan {
  int countdown = 0;  // 0 = not armed
  bool met = false;
  Fault fault = Fault::kIo;
  Extent extent = Extent::kOne;
};
Plan plan;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs shim;

// The code an operation fails with, or SQLITE_OK.
int Meet(int io_code, bool writes) {
  const bool dead = plan.met && plan.extent == Extent::kRest;
  if (!dead && (plan.countdown == 0 || --plan.countdown > 0)) {
    return SQLITE_OK;
  }
  plan.met = true;
  if (plan.fault == Fault::kKill || plan.fault == Fault::kKillTorn) {
    kill(getpid(), SIGKILL);
  }
  return plan.fault == Fault::kFull && writes ? SQLITE_FULL : io_code;
}

struct File {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(sizeof(File) % alignof(void*) == 0);

sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->real();
}

int Close(sqlite3_file* file) {
  return Real(file)->pMethods->xClose(Real(file));
}
int Read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
  const int code = Meet(SQLITE_IOERR_READ, false);
  return code != SQLITE_OK
             ? code
             : Real(file)->pMethods->xRead(Real(file), to, count, at);
}
int Write(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
  const bool last = plan.countdown == 1 && plan.fault == Fault::kKillTorn;
  if (last) {
    Real(file)->pMethods->xWrite(Real(file), from, count / 2, at);
    kill(getpid(), SIGKILL);
  }
  const int code = Meet(SQLITE_IOERR_WRITE, true);
  return code != SQLITE_OK
             ? code
             : Real(file)->pMethods->xWrite(Real(file), from, count, at);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int code = Meet(SQLITE_IOERR_TRUNCATE, false);
  return code != SQLITE_OK ? code
                           : Real(file)->pMethods->xTruncate(Real(file), size);
}
int Sync(sqlite3_file* file, int flags) {
  const int code = Meet(SQLITE_IOERR_FSYNC, false);
  return code != SQLITE_OK ? code
                           : Real(file)->pMethods->xSync(Real(file), flags);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Real(file)->pMethods->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) {
  return Real(file)->pMethods->xLock(Real(file), level);
}
int Unlock(sqlite3_file* file, int level) {
  return Real(file)->pMethods->xUnlock(Real(file), level);
}
int CheckReservedLock(sqlite3_file* file, int* out) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), out);
}
int FileControl(sqlite3_file* file, int op, void* argument) {
  return Real(file)->pMethods->xFileControl(Real(file), op, argument);
}
int SectorSize(sqlite3_file* file) {
  return Real(file)->pMethods->xSectorSize(Real(file));
}
int Characteristics(sqlite3_file* file) {
  return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int page, int size, int extend,
           void volatile** out) {
  return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, out);
}
int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, n, flags);
}
void ShmBarrier(sqlite3_file* file) {
  Real(file)->pMethods->xShmBarrier(Real(file));
}
int ShmUnmap(sqlite3_file* file, int remove) {
  return Real(file)->pMethods->xShmUnmap(Real(file), remove);
}

// Version 2: without memory-mapped reading, which would pass by.
const sqlite3_io_methods kMethods = {2,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     Characteristics,
                                     ShmMap,
                                     ShmLock,
                                     ShmBarrier,
                                     ShmUnmap,
                                     nullptr,
                                     nullptr};

int Open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags,
         int* out_flags) {
  file->pMethods = nullptr;
  int code = Meet(SQLITE_CANTOPEN, false);
  if (code != SQLITE_OK) return code;
  code = real_vfs->xOpen(real_vfs, path, Real(file), flags, out_flags);
  if (Real(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return code;
}

int Delete(sqlite3_vfs*, const char* path, int sync) {
  const int code = Meet(SQLITE_IOERR_DELETE, false);
  return code != SQLITE_OK ? code : real_vfs->xDelete(real_vfs, path, sync);
}

}  // namespace

FaultyFiles::FaultyFiles() {
  plan = {};
  real_vfs = sqlite3_vfs_find(nullptr);
  shim = *real_vfs;
  shim.zName = kName;
  shim.pNext = nullptr;
  shim.szOsFile = real_vfs->szOsFile + static_cast<int>(sizeof(File));
  shim.xOpen = Open;
  shim.xDelete = Delete;
  sqlite3_vfs_register(&shim, 1);
}

FaultyFiles::~FaultyFiles() {
  sqlite3_vfs_unregister(&shim);
  sqlite3_vfs_register(real_vfs, 1);
}

void FaultyFiles::Arm(int n, Fault fault, Extent extent) {
  plan = {n, false, fault, extent};
}

bool FaultyFiles::Disarm() {
  const bool met = plan.met;
  plan = {};
  return met;
}

}  // namespace stepwell::store
