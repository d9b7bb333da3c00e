// Events of a case that changes its version, is corrected, or was adopted.
// Included by event.h, which says the rules.
#ifndef STEPWELL_ENGINE_EVENT_VERSIONS_H_
#define STEPWELL_ENGINE_EVENT_VERSIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"
#include "protocol/symbol_tables.h"

namespace stepwell::engine {

// What a migration does with one running clock; the rest of it stays.
struct MigratedClock {
  uint32_t clock = 0;  // ordinal
  Instant started_at;
  Instant due;
  uint8_t next_rung = 0;
  Instant next_due;
  bool operator==(const MigratedClock&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "clock", s.clock);
    v(2, "started_at", s.started_at);
    v(3, "due", s.due);
    v(4, "next_rung", s.next_rung);
    v(5, "next_due", s.next_due);
  }
};

// What would have been otherwise under corrected documents: docs/formats/
// look_back.md.
struct Difference {
  uint64_t seq = 0;  // of the event where it would have been
  Instant at;        // its clinical time
  // score, band, tier, risk, flag, alert, decision, phase, item, program,
  // milestone, word or letter.
  std::string kind;
  std::string what;           // of which instrument, tier, item, track: a name
  std::string before, after;  // the old value and the new one; "none" = none
  bool act = false;           // somebody must look at it now
  bool operator==(const Difference&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "seq", s.seq);
    v(2, "at", s.at);
    v(3, "kind", s.kind);
    v(4, "what", s.what);
    v(5, "before", s.before);
    v(6, "after", s.after);
    v(7, "act", s.act);
  }
};

// A score as the corrected instrument gives it, from the same answers.
struct CorrectedScore {
  uint64_t seq = 0;  // of the ScoreRecorded
  std::optional<Ratio> score;
  uint8_t band = 0xFF;
  uint8_t tier = 0xFF;
  Answer3 risk = Answer3::kNo;
  bool operator==(const CorrectedScore&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "seq", s.seq);
    v(2, "score", s.score);
    v(3, "band", s.band);
    v(4, "tier", s.tier);
    v(5, "risk", s.risk);
  }
};

// The case goes on under another version of its protocol. From here on its
// numbers are those of that version; events before it keep theirs.
struct Migrated {
  using Self = Migrated;
  Fingerprint from, to;
  std::string migration;     // the document, by its name
  uint16_t track_count = 0;  // of the new version
  protocol::SymbolTables tables;
  std::vector<MigratedClock> clocks;  // those that do not go on as they were
  STEPWELL_EVENT(60, "Migrated") {
    v(1, "from", s.from);
    v(2, "to", s.to);
    v(3, "migration", s.migration);
    v(4, "track_count", s.track_count);
    v(5, "tables", s.tables);
    v(6, "clocks", s.clocks);
  }
};

// A correction of the service's documents reached the case, by a named
// approver. What was decided stays; scores stand corrected from here on.
struct Amended {
  using Self = Amended;
  std::string amendment;  // the document, by its name
  std::string approver;
  std::vector<CorrectedScore> scores;
  std::vector<Difference> differences;
  STEPWELL_EVENT(75, "Amended") {
    v(1, "amendment", s.amendment);
    v(2, "approver", s.approver);
    v(3, "scores", s.scores);
    v(4, "differences", s.differences);
  }
};

// A clock that was running where the patient was treated before runs on here,
// from the step of its ladder that is next.
struct ClockAdopted {
  using Self = ClockAdopted;
  uint32_t clock = 0;  // ordinal
  ClockDefId def;
  Subject subject;
  Instant started_at;
  Instant due;
  uint8_t next_rung = 0;
  Instant next_due;
  STEPWELL_EVENT(76, "ClockAdopted") {
    v(1, "clock", s.clock);
    v(2, "def", s.def);
    v(3, "subject", s.subject);
    v(4, "started_at", s.started_at);
    v(5, "due", s.due);
    v(6, "next_rung", s.next_rung);
    v(7, "next_due", s.next_due);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_EVENT_VERSIONS_H_
