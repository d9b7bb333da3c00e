// Whose each case is, by what was said of it: a leave gives nobody's cases
// away, nor does a cover, nor that somebody has left.
#ifndef STEPWELL_TESTS_PROPERTY_OWNERSHIP_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_OWNERSHIP_SUPPORT_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/event.h"
#include "runtime/runtime.h"

namespace stepwell::testing {

class OwnerWatch {
 public:
  // What was recorded of the case, whose owner is `owner` now.
  std::string Take(CaseId id, std::span<const engine::Event> fresh,
                   const engine::Owner& owner);
  // They will be away until then; what they have by now is theirs afterwards.
  void Leaves(StaffId who, Instant until);
  // Whoever is back by now has what nobody gave to another; adds how many cases
  // these are to `kept`.
  std::string Returns(runtime::Runtime& service, Instant now, uint64_t& kept);

 private:
  struct Case {
    StaffId owner;
    bool is_open = false;
    uint64_t given = 0;  // how often it was given to somebody, or ended
  };
  struct Away {
    StaffId who;
    Instant until;
    std::vector<std::pair<CaseId, uint64_t>>
        had;  // and how often given by then
  };

  std::map<CaseId, Case> cases_;
  std::vector<Away> away_;
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_OWNERSHIP_SUPPORT_H_
