// A file system for SQLite whose nth operation fails, or ends the process.
#ifndef STEPWELL_TESTS_STORE_FAULT_SUPPORT_H_
#define STEPWELL_TESTS_STORE_FAULT_SUPPORT_H_

#include <cstdint>

namespace stepwell::store {

enum class Fault {
  kFull,      // writes find the disk full; other operations fail
  kIo,        // operations fail
  kKill,      // the process is killed before the operation
  kKillTorn,  // ... after half of the write, if it is one
};

enum class Extent {
  kOne,   // only the nth operation
  kRest,  // the nth and all after it
};

// While it lives, SQLite files are opened through it. One at a time; files
// opened through it must be closed before it goes. Operations that count are
// opening, reading, writing, syncing, cutting and deleting files.
class FaultyFiles {
 public:
  FaultyFiles();
  ~FaultyFiles();
  FaultyFiles(const FaultyFiles&) = delete;
  FaultyFiles& operator=(const FaultyFiles&) = delete;

  // The nth operation from now (the first is 1) meets the fault.
  void Arm(int n, Fault fault, Extent extent);
  // True when the fault was met.
  bool Disarm();
};

}  // namespace stepwell::store

#endif  // STEPWELL_TESTS_STORE_FAULT_SUPPORT_H_
