// Internal to the store room: the receipts of all commands in memory. They
// stay for ever, so they are packed: 16 bytes of index a row, the texts one
// after the other in large blocks that never move.
#ifndef STEPWELL_STORE_COMMAND_TABLE_H_
#define STEPWELL_STORE_COMMAND_TABLE_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "store/store.h"

namespace stepwell::store {

class CommandTable {
 public:
  bool Contains(std::string_view id) const;
  std::optional<CommandRow> Find(std::string_view id) const;
  // The id must be new.
  void Insert(const CommandRow& row);
  size_t size() const { return slots_.size(); }

 private:
  // `row` points at three lengths and then three texts.
  struct Lengths {
    uint32_t id, fingerprint, reply;
  };
  struct Slot {
    uint64_t hash;
    const char* row;
  };
  struct Probe {
    uint64_t hash;
    std::string_view id;
  };
  struct SlotHash {
    using is_transparent = void;
    size_t operator()(const Slot& slot) const { return slot.hash; }
    size_t operator()(const Probe& probe) const { return probe.hash; }
  };
  struct SlotEqual {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const {
      return a.hash == b.hash && IdOf(a.row) == IdOf(b.row);
    }
    bool operator()(const Slot& a, const Probe& b) const {
      return a.hash == b.hash && IdOf(a.row) == b.id;
    }
    bool operator()(const Probe& a, const Slot& b) const {
      return (*this)(b, a);
    }
  };

  static Lengths LengthsOf(const char* row) {
    Lengths lengths;
    std::memcpy(&lengths, row, sizeof(lengths));
    return lengths;
  }
  static std::string_view IdOf(const char* row) {
    return {row + sizeof(Lengths), LengthsOf(row).id};
  }
  char* Allocate(size_t bytes);

  absl::flat_hash_set<Slot, SlotHash, SlotEqual> slots_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_COMMAND_TABLE_H_
