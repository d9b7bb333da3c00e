// AdoptCase: a patient who is in mid-treatment when the service begins here.
// What the command says is taken as it is said; nothing is concluded from it.
#ifndef STEPWELL_ENGINE_ADOPTION_H_
#define STEPWELL_ENGINE_ADOPTION_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/state.h"
#include "engine/types.h"

namespace stepwell::engine {

struct AdoptedItem {
  ElementId element;
  ItemStatus status = ItemStatus::kAvailable;
  Instant opened_at, ended_at;  // the latter of items that have ended
  OutcomeId outcome;
  std::optional<int32_t> minutes;
  std::optional<Instant> due;  // open items: else the clock of the item says
  uint16_t enrolment = 0;      // its number from 1; 0 = of none
  bool operator==(const AdoptedItem&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "element", s.element);
    v(2, "status", s.status);
    v(3, "opened_at", s.opened_at);
    v(4, "ended_at", s.ended_at);
    v(5, "outcome", s.outcome);
    v(6, "minutes", s.minutes);
    v(7, "due", s.due);
    v(8, "enrolment", s.enrolment);
  }
};

struct AdoptedScore {
  InstrumentRef instrument;
  Ratio score;
  Instant at;
  bool operator==(const AdoptedScore&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "instrument", s.instrument);
    v(2, "score", s.score);
    v(3, "at", s.at);
  }
};

// A running clock of the case; those of items and alerts go with them.
struct AdoptedClock {
  ClockDefId def;
  Instant started_at;
  // What is left of its budget: until then, or so much from now on.
  std::optional<Instant> due;
  std::string remaining;  // a span, "5 days"
  bool left_out = false;  // it does not run here, on purpose
  bool operator==(const AdoptedClock&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "def", s.def);
    v(2, "started_at", s.started_at);
    v(3, "due", s.due);
    v(4, "remaining", s.remaining);
    v(5, "left_out", s.left_out);
  }
};

struct AdoptedAlert {
  TierId tier;
  AlertStage stage = AlertStage::kRaised;
  Owner owner;
  Instant raised_at;
  std::optional<Instant> deadline;  // of its stage; else the whole budget
  OutcomeId outcome;                // of an assessment
  bool operator==(const AdoptedAlert&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "tier", s.tier);
    v(2, "stage", s.stage);
    v(3, "owner", s.owner);
    v(4, "raised_at", s.raised_at);
    v(5, "deadline", s.deadline);
    v(6, "outcome", s.outcome);
  }
};

// The case as it is declared. Enrolments, milestones and consents are given as
// a state holds them; their numbers are of the protocol, `seq` is ignored.
struct AdoptCase {
  using Self = AdoptCase;
  static constexpr const char* kVerb = "adopt_case";
  PersonId person;
  std::vector<Referral> referrals;  // the first is the one it came by
  std::vector<PhaseId> phases;      // one a track, in the order of tracks
  std::vector<Instant> entered;     // when each was entered
  Owner owner;
  std::vector<FactState> facts;
  std::vector<ConsentState> consents;
  std::vector<MilestoneState> milestones;
  std::vector<EnrolmentState> enrolments;
  std::vector<AdoptedItem> items;
  std::vector<AdoptedScore> scores;
  std::vector<AdoptedClock> clocks;
  std::vector<AdoptedAlert> alerts;
  std::string zone;  // of the person; empty = not known
  bool operator==(const AdoptCase&) const = default;

  // What is said of the clock, also that it does not run; nullptr: nothing.
  const AdoptedClock* DeclarationOf(ClockDefId def) const {
    const auto found = std::find_if(
        clocks.begin(), clocks.end(),
        [&](const AdoptedClock& clock) { return clock.def == def; });
    return found == clocks.end() ? nullptr : &*found;
  }

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "person", s.person);
    v(2, "referrals", s.referrals);
    v(3, "phases", s.phases);
    v(4, "entered", s.entered);
    v(5, "owner", s.owner);
    v(6, "facts", s.facts);
    v(7, "consents", s.consents);
    v(8, "milestones", s.milestones);
    v(9, "enrolments", s.enrolments);
    v(10, "items", s.items);
    v(11, "scores", s.scores);
    v(12, "clocks", s.clocks);
    v(13, "alerts", s.alerts);
    v(14, "zone", s.zone);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_ADOPTION_H_
