// What would have been otherwise in a case under corrected documents: scores,
// bands, risk, alerts, decisions, moves, what opened or was said
// (docs/formats/look_back.md). Pure.
//
// The log is gone through once. Each response is scored anew, each decision is
// weighed anew, and each command is asked again: of the documents of then and
// of the corrected ones, both times from where the case really was, with the
// scores as they should have been. Only what the two say differently counts, so
// documents that say the same differ nowhere. What an earlier amendment of the
// case has told already is left out, and scores are compared as they stand.
// What a case would have gone on to do on another course is not invented.
#ifndef STEPWELL_ENGINE_LOOK_BACK_H_
#define STEPWELL_ENGINE_LOOK_BACK_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/event.h"
#include "engine/state.h"
#include "protocol/migration.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// An alert that should have been raised and was not.
struct MissedAlert {
  TierId tier;  // of the corrected version
  uint64_t response_seq = 0;
};

struct LookBack {
  std::vector<Difference> differences;  // in the order of the log
  std::vector<CorrectedScore> scores;   // that the state holds otherwise
  std::vector<MissedAlert> missed;      // in the order of the log
  // Commands that were asked again, and those of which the log does not say
  // enough, or that the corrected version does not know.
  uint64_t asked = 0, not_asked = 0;

  bool MustAct() const;
};

// One version that the case was on: until the event `until_seq` (0: to the
// end), which moved it on.
struct VersionInTime {
  uint64_t until_seq = 0;
  const protocol::Protocol* protocol = nullptr;
};

// `events` are the whole log, in the numbers that they were written with;
// `versions` the protocols it was on, in order. `migration` leads from the last
// of them to `to`; null when the last of them is `to`.
LookBack LookBackOver(std::span<const Event> events,
                      std::span<const VersionInTime> versions,
                      const protocol::Protocol& to,
                      const protocol::Migration* migration);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_LOOK_BACK_H_
