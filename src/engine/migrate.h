// A case goes on under another version of its protocol: one event, and what
// follows from it there. Pure, like Decide.
#ifndef STEPWELL_ENGINE_MIGRATE_H_
#define STEPWELL_ENGINE_MIGRATE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/event.h"
#include "engine/look_back.h"
#include "engine/state.h"
#include "engine/world.h"
#include "protocol/migration.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

enum class MigrationVerdict : uint8_t {
  kFine,     // it can go over
  kChoice,   // it holds what the document has no line for
  kRefused,  // it holds what no line can carry over
};

struct MigratedCase {
  MigrationVerdict verdict = MigrationVerdict::kFine;
  // Why not, one line each, without a name of the case; empty when fine.
  std::vector<std::string> reasons;
  std::vector<Event> events;  // none unless fine
  CaseState state;            // after them; the given one unless fine
};

// What a safety amendment brings into a case beside the new version.
struct Amendment {
  std::string id, approver;
  LookBack found;
};

// What moves the case to `to`, by a migration that was compiled for `from` and
// `to`. Nothing is dropped: a case that holds an item, a fact, an answer of
// which the new version knows nothing stays where it is, and so does one that
// would break an invariant there which it keeps here. `envelope` is recorded; a
// reason in it goes before that of the migration. With an amendment the scores
// are corrected, alerts that were missed are raised now, and a task says what
// has to be looked at, all of it owned and with its clock. A Status when the
// work could not be done: the case is on another protocol, is closed, or never
// comes to rest under the new one.
absl::StatusOr<MigratedCase> MigrateCase(const protocol::Protocol& from,
                                         const protocol::Protocol& to,
                                         const protocol::Migration& migration,
                                         const CaseState& state,
                                         const World& world, Envelope envelope,
                                         Instant now,
                                         const Amendment* amendment = nullptr);

// The same for a case that stays where it is: a closed one, or one that came to
// the corrected version by an ordinary migration. `tiers` leads from those of
// the corrected version to those of the case's own; empty = they are the same.
absl::StatusOr<MigratedCase> AmendInPlace(const protocol::Protocol& protocol,
                                          const std::vector<TierId>& tiers,
                                          const CaseState& state,
                                          const World& world, Envelope envelope,
                                          Instant now,
                                          const Amendment& amendment);

// Gives the events the numbers of the version that `migrated` moved to; those
// after it have them already. What that version does not know is none. In
// order of time: once for each Migrated that came after the events.
void IntoNumbersOf(const Migrated& migrated, std::span<Event> events);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_MIGRATE_H_
