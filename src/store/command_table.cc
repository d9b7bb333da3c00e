// Receipts of commands in memory.
#include "store/command_table.h"

#include <algorithm>
#include <string>

#include "absl/hash/hash.h"
#include "base/strings.h"

namespace stepwell::store {
namespace {

constexpr size_t kBlockBytes = 256 << 10;

uint64_t HashOf(std::string_view id) {
  return absl::Hash<absl::string_view>()(ToAbsl(id));
}

}  // namespace

bool CommandTable::Contains(std::string_view id) const {
  return slots_.contains(Probe{HashOf(id), id});
}

std::optional<CommandRow> CommandTable::Find(std::string_view id) const {
  const auto found = slots_.find(Probe{HashOf(id), id});
  if (found == slots_.end()) return std::nullopt;
  const Lengths lengths = LengthsOf(found->row);
  const char* text = found->row + sizeof(Lengths);
  CommandRow row;
  row.id.assign(text, lengths.id);
  row.fingerprint.assign(text + lengths.id, lengths.fingerprint);
  row.reply.assign(text + lengths.id + lengths.fingerprint, lengths.reply);
  return row;
}

void CommandTable::Insert(const CommandRow& row) {
  const Lengths lengths = {static_cast<uint32_t>(row.id.size()),
                           static_cast<uint32_t>(row.fingerprint.size()),
                           static_cast<uint32_t>(row.reply.size())};
  char* const start = Allocate(sizeof(lengths) + row.id.size() +
                               row.fingerprint.size() + row.reply.size());
  std::memcpy(start, &lengths, sizeof(lengths));
  char* end = start + sizeof(lengths);
  for (const std::string* text : {&row.id, &row.fingerprint, &row.reply}) {
    end = std::copy(text->begin(), text->end(), end);
  }
  slots_.insert(Slot{HashOf(row.id), start});
}

char* CommandTable::Allocate(size_t bytes) {
  if (bytes > free_bytes_) {
    const size_t block = std::max(bytes, kBlockBytes);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    free_ = blocks_.back().get();
    free_bytes_ = block;
  }
  char* const start = free_;
  free_ += bytes;
  free_bytes_ -= bytes;
  return start;
}

}  // namespace stepwell::store
