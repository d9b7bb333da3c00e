// Whether a service is well: counts, broken laws, warnings; and whether its log
// replays to what is stored.
#ifndef STEPWELL_HEALTH_H_
#define STEPWELL_HEALTH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stepwell/time.h"

namespace stepwell {

// Who switched the safe mode, as the host names them, and why.
struct SafeModeSwitch {
  Instant at;
  std::string by, reason;
};

struct Health {
  Instant now;
  uint64_t open_cases = 0, closed_cases = 0, referrals_in = 0,
           referrals_open = 0, referrals_answered = 0;
  uint64_t open_alerts = 0, overdue_alerts = 0, unowned_work = 0, parked = 0,
           outbox_pending = 0, unstaffed_alerts = 0;
  int64_t oldest_due_unfired_us = 0;  // how far the clocks are behind
  uint64_t held_clocks = 0;           // due, and wait until safe mode ends
  // Alerts that nobody has acknowledged: up to an hour old, a day, beyond.
  uint64_t unacknowledged_hour = 0, unacknowledged_day = 0,
           unacknowledged_older = 0;
  int64_t oldest_unacknowledged_us = 0;
  std::optional<Instant> safe_since;                // in safe mode since then
  std::optional<SafeModeSwitch> safe_on, safe_off;  // the last ones
  std::vector<std::string> violations, warnings;    // laws; pools, stuck clocks
};
std::string ToJson(const Health& health);

// Replays every stream and compares with what is stored.
struct Verification {
  uint64_t streams = 0, events = 0;
  std::vector<std::string> differences;  // empty: replay = stored state
};
std::string ToJson(const Verification& verification);

}  // namespace stepwell

#endif  // STEPWELL_HEALTH_H_
