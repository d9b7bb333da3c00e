// Internal to the simulator: when staff are at work, how many minutes they
// have, and their diaries of appointments.
#ifndef STEPWELL_SIM_ROSTER_H_
#define STEPWELL_SIM_ROSTER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/plan.h"

namespace stepwell::sim {

// A stretch of time in which a member is at work: the hours of a day.
struct Stretch {
  Instant open, close;
  double budget = 0;  // minutes of work in it; see Shift::is_limited
  double booked = 0;  // of those: appointments that are still to come
};

// The working time of one member over the whole simulation: the hours of the
// first pool's calendar without leave. The weekly minutes are spread over the
// open hours of an ordinary week, so a week with a holiday has fewer.
class Shift {
 public:
  // `end`: nothing is planned after it.
  Shift(const Protocol& protocol, const Member& member, Instant start,
        Instant end);

  const std::vector<Stretch>& stretches() const { return stretches_; }
  // False: the minutes fill the open hours, and nobody counts them.
  bool is_limited() const { return is_limited_; }

  // The stretch that holds `now`, or -1. `now` never decreases.
  int64_t Enter(Instant now);
  // The minutes still to be used in the stretch entered last, appointments
  // apart; what was used too much before is taken off.
  double Left() const;
  void Use(double minutes) { used_ += minutes; }

  // When work of so many minutes that begins now is done: it stands still
  // while the member is not at work.
  Instant Finish(Instant now, double minutes) const;

  // Appointments: the first free slot of `minutes` from `earliest` on; Never
  // when there is none. Book takes it.
  struct Slot {
    Instant at = Instant::Never();
    size_t stretch = 0;
  };
  Slot FirstSlot(Instant earliest, double minutes) const;
  void Book(const Slot& slot, double minutes);
  // The appointment came, or fell away: its minutes are no longer reserved.
  void Unbook(Instant at, double minutes);

  // Minutes that the member has between two instants.
  double CapacityBetween(Instant from, Instant to) const;

 private:
  size_t StretchAt(Instant now) const;

  std::vector<Stretch> stretches_;
  std::vector<double> planned_;  // minutes promised to appointments, by stretch
  double minutes_a_minute_ = 1;  // of budget, per open minute
  bool is_limited_ = false;
  size_t current_ = 0;
  double used_ = 0;  // in the current stretch
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_ROSTER_H_
