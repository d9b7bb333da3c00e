// Finding an id in a list of the state that grows for years, without walking it
// at every command. Part of CaseState, but says nothing that the list does not:
// it is neither stored nor compared.
#ifndef STEPWELL_ENGINE_ID_INDEX_H_
#define STEPWELL_ENGINE_ID_INDEX_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/hash/hash.h"
#include "base/strings.h"

namespace stepwell::engine {

class IdIndex {
 public:
  // Where to begin to look for the id: none before has it; the end of the list
  // when none has it at all. Also for one that was given an addition, "id/n".
  // Always the same list, and what was there before has stayed where it was.
  template <class Row>
  size_t Begin(const std::vector<Row>& list, std::string_view id) {
    if (list.size() <= kFew) return 0;
    // A row takes two slots at most: a third of them stays free.
    if (places_.size() < 3 * list.size()) {
      places_.assign(std::bit_ceil(4 * list.size()), 0);
      known_ = 0;
    }
    while (known_ < list.size()) Add(list, list[known_++].id);
    const uint32_t place = places_[SlotOf(list, id)];
    return place == 0 ? list.size() : place - 1;
  }
  // Something was erased from the list.
  void Forget() { places_.clear(); }
  bool operator==(const IdIndex&) const { return true; }

 private:
  // As many are looked through in no time.
  static constexpr size_t kFew = 16;

  static std::string_view WithoutAddition(std::string_view id) {
    return id.substr(0, id.rfind('/'));
  }
  // The slot of the first row with the id, or the free one where it would be.
  template <class Row>
  size_t SlotOf(const std::vector<Row>& list, std::string_view id) const {
    const size_t last = places_.size() - 1;
    size_t slot = absl::Hash<absl::string_view>()(ToAbsl(id)) & last;
    while (places_[slot] != 0) {
      const std::string_view other = list[places_[slot] - 1].id;
      if (other == id || WithoutAddition(other) == id) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }
  // The row before known_.
  template <class Row>
  void Add(const std::vector<Row>& list, std::string_view id) {
    for (const std::string_view name : {id, WithoutAddition(id)}) {
      uint32_t& place = places_[SlotOf(list, name)];
      if (place == 0) place = static_cast<uint32_t>(known_);
    }
  }

  // A hash table of places in the list, from 1; 0: free.
  std::vector<uint32_t> places_;
  size_t known_ = 0;  // rows of the list that are in it
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_ID_INDEX_H_
