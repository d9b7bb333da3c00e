// Encoded records one after the other in one buffer: those of a write, and in
// memory those of a stream.
#ifndef STEPWELL_STORE_RECORDS_H_
#define STEPWELL_STORE_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace stepwell::store {

class Records {
 public:
  // Offsets are 32-bit: 4 GiB is what there is room for.
  static constexpr uint64_t kBytesMax = std::numeric_limits<uint32_t>::max();

  Records() = default;
  Records(std::initializer_list<std::string_view> records) {
    for (const std::string_view record : records) push_back(record);
  }

  void Reserve(size_t records, size_t bytes) {
    ends_.reserve(records);
    bytes_.reserve(bytes);
  }
  void push_back(std::string_view record) {
    bytes_.append(record);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  // The record is what `write` appends to a string.
  template <class Write>
  void Add(Write&& write) {
    write(bytes_);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  void Add(const Records& more) {
    const uint32_t before = static_cast<uint32_t>(bytes_.size());
    bytes_.append(more.bytes_);
    for (const uint32_t end : more.ends_) ends_.push_back(before + end);
  }

  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  uint64_t bytes() const { return bytes_.size(); }

  // `index` counts from 0 and is below size().
  std::string_view operator[](size_t index) const {
    const uint32_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;

    Iterator(const Records& records, size_t index)
        : records_(&records), index_(index) {}
    std::string_view operator*() const { return (*records_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) { return {*records_, index_++}; }
    bool operator==(const Iterator&) const = default;

   private:
    const Records* records_;
    size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  std::string bytes_;
  std::vector<uint32_t> ends_;
};

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_RECORDS_H_
