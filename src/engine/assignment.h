// What a case needs of whoever takes it, and why it went to whom it went.
#ifndef STEPWELL_ENGINE_ASSIGNMENT_H_
#define STEPWELL_ENGINE_ASSIGNMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stepwell/ids.h"

namespace stepwell::engine {

// By the names of the register.
struct CaseNeeds {
  std::vector<std::string> skills, languages;
  std::string site = {};  // where they are to work; empty: anywhere
  bool operator==(const CaseNeeds&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "skills", s.skills);
    v(2, "languages", s.languages);
    v(3, "site", s.site);
  }
};

// What the pool's policy went by. Numbers are part of the log format.
enum class ChosenBy : uint8_t {
  kNobody = 0,      // nobody may take it: it lies in the queue
  kCaseload = 1,    // the least caseload, the first of the register on a tie
  kContinuity = 2,  // whose case it is already, or was last
  kManual = 3,      // the policy leaves it to a person
  kTurn = 4,        // the next of the register after whom the last one went to
};

// Why a policy chose as it did: whom it looked at, as it was then.
struct AssignmentChoice {
  ChosenBy by = ChosenBy::kNobody;
  int32_t caseload = 0;  // of whoever has got it, before
  uint32_t members = 0;  // of the pool who have not left
  // Of these could not take it: on leave, without what it needs, without room.
  uint32_t on_leave = 0, lacking = 0, full = 0;
  // What these cases weighed, in hundredths, where weights or working time made
  // a difference; none: each was one case, of people who work alike.
  std::optional<int32_t> load = {};
  // Of kTurn: who had the turn before; none: nobody.
  std::optional<StaffId> after = {};
  bool operator==(const AssignmentChoice&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "by", s.by);
    v(2, "caseload", s.caseload);
    v(3, "members", s.members);
    v(4, "on_leave", s.on_leave);
    v(5, "lacking", s.lacking);
    v(6, "full", s.full);
    v(7, "load", s.load);
    v(8, "after", s.after);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_ASSIGNMENT_H_
