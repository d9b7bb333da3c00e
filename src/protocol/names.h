// Internal: the names of one protocol while it is loaded. The first pass
// declares every name, the second resolves references against them, so the
// order of sections in a document does not matter.
#ifndef STEPWELL_PROTOCOL_NAMES_H_
#define STEPWELL_PROTOCOL_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "protocol/symbols.h"
#include "stepwell/issue.h"

namespace stepwell::protocol {

// The names of one kind, numbered in order of declaration.
class NameTable {
 public:
  static constexpr uint16_t kNone = 0xFFFF;

  // `what` names the kind in messages: "item".
  explicit NameTable(std::string_view what) : what_(what) {}

  // The new number; kNone with an issue when the name is taken or the table
  // is full. Does not look at the shape of the name.
  uint16_t Add(std::string_view name, const std::string& pointer,
               Issues& issues);
  // The number, a new one when need be; kNone when the table is full.
  uint16_t Intern(std::string_view name, const std::string& pointer,
                  Issues& issues);
  // kNone when there is no such name.
  uint16_t Find(std::string_view name) const;

  std::string_view what() const { return what_; }
  const std::vector<std::string>& names() const { return names_; }
  size_t size() const { return names_.size(); }

 private:
  std::string_view what_;
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, uint16_t> index_;
  bool full_reported_ = false;
};

// The symbol called `name`; none, with an issue at `pointer`, when there is
// no such name.
uint16_t ResolveIn(const NameTable& table, std::string_view name,
                   const std::string& pointer, Issues& issues);

template <class Id>
Id Resolve(const NameTable& table, std::string_view name,
           const std::string& pointer, Issues& issues) {
  return Id(ResolveIn(table, name, pointer, issues));
}

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_NAMES_H_
