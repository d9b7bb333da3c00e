// Internal to the store room: the records of one stream in memory, one after
// the other in one buffer.
#ifndef STEPWELL_STORE_BYTE_LOG_H_
#define STEPWELL_STORE_BYTE_LOG_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace stepwell::store {

class ByteLog {
 public:
  // Offsets are 32-bit: a stream holds 4 GiB in memory.
  static constexpr uint64_t kBytesMax = std::numeric_limits<uint32_t>::max();

  void Append(std::string_view record) {
    bytes_.append(record);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }

  uint64_t count() const { return ends_.size(); }
  uint64_t bytes() const { return bytes_.size(); }

  // `index` counts from 0 and is below count().
  std::string_view At(uint64_t index) const {
    const uint32_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

 private:
  std::string bytes_;
  std::vector<uint32_t> ends_;
};

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_BYTE_LOG_H_
