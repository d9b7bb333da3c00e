// The person stream: who exists, and which case is theirs. Direct identifiers
// never stand here: they live in the erasable part of the store.
#ifndef STEPWELL_ENGINE_PERSON_H_
#define STEPWELL_ENGINE_PERSON_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/event.h"
#include "engine/event_macro.h"

namespace stepwell::engine {

struct PersonRegistered {
  using Self = PersonRegistered;
  PersonId id;
  STEPWELL_EVENT(201, "PersonRegistered") { v(1, "person", s.id); }
};

// A referral of the person, noted whatever becomes of it.
struct ReferralNoted {
  using Self = ReferralNoted;
  ReferralId referral;
  std::string route;
  CaseId case_id;
  STEPWELL_EVENT(202, "ReferralNoted") {
    v(1, "referral", s.referral);
    v(2, "route", s.route);
    v(3, "case", s.case_id);
  }
};

struct CaseLinked {
  using Self = CaseLinked;
  CaseId case_id;
  STEPWELL_EVENT(203, "CaseLinked") { v(1, "case", s.case_id); }
};

struct PersonDied {
  using Self = PersonDied;
  STEPWELL_EVENT(204, "PersonDied") {}
};

// Where the person lives by the clock.
struct PersonZoneNoted {
  using Self = PersonZoneNoted;
  std::string zone;  // an IANA name
  STEPWELL_EVENT(205, "PersonZoneNoted") { v(1, "zone", s.zone); }
};

// The person is the same as another: what names this one means that one.
struct PersonMerged {
  using Self = PersonMerged;
  PersonId into;
  STEPWELL_EVENT(206, "PersonMerged") { v(1, "into", s.into); }
};

// In the stream of the one that stays.
struct PersonTakenIn {
  using Self = PersonTakenIn;
  PersonId person;
  STEPWELL_EVENT(207, "PersonTakenIn") { v(1, "person", s.person); }
};

// They were two persons after all.
struct PersonUnmerged {
  using Self = PersonUnmerged;
  PersonId from;
  STEPWELL_EVENT(208, "PersonUnmerged") { v(1, "from", s.from); }
};

struct PersonGivenBack {
  using Self = PersonGivenBack;
  PersonId person;
  STEPWELL_EVENT(209, "PersonGivenBack") { v(1, "person", s.person); }
};

using PersonEventBody =
    std::variant<CommandRecorded, PersonRegistered, ReferralNoted, CaseLinked,
                 PersonDied, PersonZoneNoted, PersonMerged, PersonTakenIn,
                 PersonUnmerged, PersonGivenBack>;

struct PersonEvent {
  uint64_t seq = 0;
  Instant at, recorded;
  PersonEventBody body;
  bool operator==(const PersonEvent&) const = default;
};

struct PersonState {
  uint64_t version = 0;
  PersonId id;
  Instant last_at;
  CaseId case_id;  // 0 = none yet
  std::vector<ReferralId> referrals;
  std::optional<Instant> died_at;
  std::string zone;                // by its IANA name; empty = not known
  PersonId merged_into;            // 0 = stands for itself
  std::vector<PersonId> taken_in;  // who was merged into this one
  bool operator==(const PersonState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "version", s.version);
    v(2, "id", s.id);
    v(3, "last_at", s.last_at);
    v(4, "case", s.case_id);
    v(5, "referrals", s.referrals);
    v(6, "died_at", s.died_at);
    v(7, "zone", s.zone);
    v(8, "merged_into", s.merged_into);
    v(9, "taken_in", s.taken_in);
  }
};

// Total, like Apply for cases.
void Apply(const PersonEvent& event, PersonState& state);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_PERSON_H_
