// What the store tests share: short ways to say a commit, and stores by name.
#ifndef STEPWELL_TESTS_STORE_STORE_SUPPORT_H_
#define STEPWELL_TESTS_STORE_STORE_SUPPORT_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace stepwell::store {

inline constexpr StreamKey Case(uint64_t id) { return {StreamKind::kCase, id}; }

// One write of `records` to a stream that stands at `version`; the state is
// "state after N".
StreamWrite Write(StreamKey stream, uint64_t version,
                  std::vector<std::string> records);
CommitRequest Commit(StreamWrite write);

WorkRow Work(uint64_t key, uint64_t owner, int32_t priority, int64_t due_us,
             uint32_t kind = 1);

// A directory that goes with the object: in memory where the system has such a
// place, unless the test is about the disk.
class TempDir {
 public:
  enum class On { kMemory, kDisk };
  explicit TempDir(On on = On::kMemory);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string File(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

// Everything a store answers, as text: two stores with the same text behave
// the same for a reader.
std::string Dump(Store& store);

// Stops the test program with the status when it is not OK.
void CheckOk(const absl::Status& status);
template <class T>
T Value(absl::StatusOr<T> result) {
  CheckOk(result.status());
  return *std::move(result);
}

}  // namespace stepwell::store

#endif  // STEPWELL_TESTS_STORE_STORE_SUPPORT_H_
