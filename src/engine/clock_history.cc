// Clocks as the log tells of them: how one ran at an event, and where it would
// be by now.
#include "engine/clock_history.h"

#include <variant>

#include "engine/macrostep.h"

namespace stepwell::engine {
namespace {

// A clock of the log, as its events leave it.
struct FollowedClock {
  uint32_t ordinal = 0;
  std::optional<ClockState> clock = {};

  void operator()(const ClockStarted& e) { Start(e, 0); }
  void operator()(const ClockAdopted& e) { Start(e, e.next_rung); }
  void operator()(const ClockFired& e) {
    if (e.clock != ordinal || !clock) return;
    clock->next_rung = e.next_rung;
    clock->next_due = e.next_due;
  }
  void operator()(const ClockChanged& e) {
    if (e.clock != ordinal || !clock) return;
    clock->started_at = e.started_at;
    clock->due = e.due;
    clock->next_due = e.held_due.value_or(e.next_due);
  }
  template <class E>
  void operator()(const E&) {}

 private:
  template <class E>
  void Start(const E& e, uint8_t next_rung) {
    if (e.clock != ordinal) return;
    clock.emplace();
    clock->def = e.def;
    clock->subject = e.subject;
    clock->started_at = e.started_at;
    clock->due = e.due;
    clock->next_rung = next_rung;
    clock->next_due = e.next_due;
  }
};

}  // namespace

std::optional<ClockState> ClockBefore(std::span<const Event> log,
                                      uint32_t ordinal, uint64_t seq) {
  FollowedClock followed{ordinal};
  for (const Event& event : log) {
    if (event.seq >= seq) break;
    std::visit(followed, event.body);
  }
  return followed.clock;
}

std::vector<Rest> RestsSince(std::span<const Event> log, uint64_t seq) {
  std::vector<Rest> rests;
  std::optional<Instant> paused;
  for (const Event& event : log) {
    if (std::holds_alternative<CasePaused>(event.body)) {
      paused = event.recorded;
    } else if (paused && std::holds_alternative<CaseResumed>(event.body)) {
      if (event.seq > seq) rests.push_back({*paused, event.recorded});
      paused.reset();
    }
  }
  return rests;
}

ClockState AsRested(const Macrostep& m, ClockState clock, uint64_t seq) {
  if (!m.protocol.at(clock.def).pauses) return clock;
  for (const Rest& rest : RestsSince(m.log, seq)) {
    if (clock.next_due <= rest.from) continue;
    clock.held_due =
        clock.next_due.IsNever() ? std::nullopt : std::optional(clock.next_due);
    const ClockChanged on = m.GoesOn(clock, rest);
    clock.started_at = on.started_at;
    clock.due = on.due;
    clock.next_due = on.next_due;
    clock.held_due.reset();
  }
  return clock;
}

}  // namespace stepwell::engine
