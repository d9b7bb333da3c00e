// A migration: how the open cases of one version of a protocol go on under
// another (docs/formats/migration.md). Names that are the same in both need no
// word; the document says what differs. Compiled for two protocols into tables
// of numbers, as immutable as they are.
#ifndef STEPWELL_PROTOCOL_MIGRATION_H_
#define STEPWELL_PROTOCOL_MIGRATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/fingerprint.h"
#include "protocol/protocol.h"
#include "protocol/symbol_tables.h"
#include "stepwell/issue.h"

namespace stepwell::protocol {

// What becomes of the deadline of a running clock.
enum class ClockPolicy : uint8_t {
  kKeep,       // it stays where it is
  kRemaining,  // the new budget counts, from when the clock started
  kRestart,    // the new budget counts, from the migration on
};

// Why a thing of the old version is none of the new one.
struct Unmapped {
  std::string kind;  // the member of the document that would name it: "items"
  uint16_t number = 0;
  std::string name;
  std::string why;  // empty: there is nothing of its name; a line would do
};

struct Migration {
  std::string id;
  std::string reason;    // recorded with every case
  std::string approver;  // who answers for it clinically; may be empty
  Fingerprint from, to;  // of the protocols
  SymbolTables tables;
  std::vector<Unmapped> unmapped;  // ascending in the order of the tables
  std::vector<bool> stops;         // by old ClockDefId: `null` in the document
  std::vector<bool> cancels;       // by old ElementId
  std::vector<ClockPolicy> policies;                   // by new ClockDefId
  std::vector<ClockDefId> starts;                      // of the new version
  std::vector<std::pair<FactId, FactValue>> defaults;  // of the new version

  // What is said of the old number `number` of the kind; null when it is
  // mapped.
  const Unmapped* Find(std::string_view kind, uint16_t number) const;
};

struct MigrationResult {
  std::shared_ptr<const Migration> migration;  // null when an issue is an error
  Issues issues;
};

// Reads, checks and compiles a document for these two protocols. Status for
// texts that are no JSON at all.
absl::StatusOr<MigrationResult> LoadMigration(std::string_view json,
                                              const Protocol& from,
                                              const Protocol& to);

// The plan that equal names alone make, as a document to go on from, and what
// of the old version it cannot map. A case that holds none of that goes over.
struct AutoPlan {
  std::string document;
  std::vector<Unmapped> unmapped;
};
AutoPlan PlanByNames(const Protocol& from, const Protocol& to);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_MIGRATION_H_
