// Internal: the kinds of names that a migration maps, as lists of names.
#ifndef STEPWELL_PROTOCOL_MIGRATION_KINDS_H_
#define STEPWELL_PROTOCOL_MIGRATION_KINDS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/migration.h"

namespace stepwell::protocol {

struct MigratedKind {
  static constexpr uint16_t kNone = 0xFFFF;

  std::string_view field;                  // of the document: "items"
  std::string_view word;                   // in messages: "item"
  std::vector<std::string> before, after;  // names by number
  // Two old things may become one new thing.
  bool may_merge = false;
  // Why the one cannot become the other; empty when it can.
  std::function<std::string(uint16_t, uint16_t)> cannot;
  std::vector<uint16_t> map;  // by old number
  // Why what has a like-named thing is not mapped to it, by old number.
  std::map<uint16_t, std::string> lost;

  uint16_t FindBefore(std::string_view name) const;
  uint16_t FindAfter(std::string_view name) const;
};

// All kinds in the order of SymbolTables, nothing mapped yet. The protocols
// must outlive them.
std::vector<MigratedKind> KindsOf(const Protocol& from, const Protocol& to);
MigratedKind& KindCalled(std::vector<MigratedKind>& kinds,
                         std::string_view field);

// Maps what has no number yet to the thing of the same name, where it can be.
// A phase keeps its name within its track, a module its program.
void MapByName(const Protocol& from, const Protocol& to,
               std::vector<MigratedKind>& kinds);
// The tables of all kinds, and what none of them has a number for.
SymbolTables TablesOf(const std::vector<MigratedKind>& kinds);
std::vector<Unmapped> UnmappedOf(const std::vector<MigratedKind>& kinds);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_MIGRATION_KINDS_H_
