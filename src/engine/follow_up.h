// Follow-up windows of a case, and how old a command may be: their state and
// their events. Included by state.h and event.h, which say the rules.
#ifndef STEPWELL_ENGINE_FOLLOW_UP_H_
#define STEPWELL_ENGINE_FOLLOW_UP_H_

#include <cstdint>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

// The names are protocol::kWindowNames. Numbers are part of the log format.
enum class WindowStatus : uint8_t {
  kPlanned = 0,     // it has not opened
  kOpen = 1,        // what it asks for is open
  kAnswered = 2,    // all that it asked for is answered
  kMissed = 3,      // it has closed, and something is not
  kSkipped = 4,     // staff left out all of it, or nothing was to be asked
  kWithdrawn = 5,   // what it was anchored on was taken back, or it was stopped
  kSuperseded = 6,  // it was anchored anew in a later episode
  kSuspended = 7,   // the case closed before; it goes on when that is reopened
};

// The names are protocol::kTimingNames. Numbers are part of the log format.
enum class Timing : uint8_t {
  kEarly = 0,
  kOnTime = 1,
  kLate = 2,
  kSkipped = 3,  // left out by staff
};

// An item of a window that is done, answered or left out.
struct WindowAnswer {
  ElementId element;
  uint64_t seq = 0;  // of the FollowUpAnswered event that told it first
  Instant at;
  Timing timing = Timing::kEarly;
  bool counts = false;  // the window asks for it no more
  bool operator==(const WindowAnswer&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "element", s.element);
    v(2, "seq", s.seq);
    v(3, "at", s.at);
    v(4, "timing", s.timing);
    v(5, "counts", s.counts);
  }
};

struct FollowUpState {
  ClockDefId window;
  uint16_t episode = 0;  // of its anchor
  uint32_t clock = 0;    // ordinal; stays when the clock has stopped
  WindowStatus status = WindowStatus::kPlanned;
  bool missed = false;  // it has closed, whatever came later
  Instant anchor, opens, due, closes;
  std::vector<ElementId> asked;  // what it opened with; empty: not yet
  std::vector<WindowAnswer> answers;
  bool operator==(const FollowUpState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "window", s.window);
    v(2, "episode", s.episode);
    v(3, "clock", s.clock);
    v(4, "status", s.status);
    v(5, "missed", s.missed);
    v(6, "anchor", s.anchor);
    v(7, "opens", s.opens);
    v(8, "due", s.due);
    v(9, "closes", s.closes);
    v(10, "asked", s.asked);
    v(11, "answers", s.answers);
  }

  // It is waited for: its clock runs.
  bool IsAhead() const {
    return status == WindowStatus::kPlanned || status == WindowStatus::kOpen;
  }
  // It was answered or left out.
  bool IsSettled() const {
    return status == WindowStatus::kAnswered ||
           status == WindowStatus::kSkipped;
  }
  // An answer to it still has a meaning.
  bool Listens() const {
    return status != WindowStatus::kWithdrawn &&
           status != WindowStatus::kSuperseded;
  }
  const WindowAnswer* AnswerOf(ElementId element) const {
    for (const WindowAnswer& answer : answers) {
      if (answer.element == element && answer.counts) return &answer;
    }
    return nullptr;
  }
};

// A window was planned, moved, opened, missed or ended: all of it, as it is
// from here on. Of another clock, its answers are told anew.
struct FollowUpChanged {
  using Self = FollowUpChanged;
  ClockDefId window;
  uint16_t episode = 0;
  uint32_t clock = 0;
  WindowStatus status = WindowStatus::kPlanned;
  Instant anchor;
  Instant opens;
  Instant due;
  Instant closes;
  std::vector<ElementId> asked;
  STEPWELL_EVENT(56, "FollowUpChanged") {
    v(1, "window", s.window);
    v(2, "episode", s.episode);
    v(3, "clock", s.clock);
    v(4, "status", s.status);
    v(5, "anchor", s.anchor);
    v(6, "opens", s.opens);
    v(7, "due", s.due);
    v(8, "closes", s.closes);
    v(9, "asked", s.asked);
  }
};

// Something that a window asks for was answered, done or left out.
struct FollowUpAnswered {
  using Self = FollowUpAnswered;
  ClockDefId window;
  uint16_t episode = 0;
  ElementId element;
  uint32_t item = UINT32_MAX;  // none: the answer came where nothing was open
  Timing timing = Timing::kEarly;
  bool counts = false;
  WindowStatus status = WindowStatus::kPlanned;  // of the window from here on
  // Told anew because the window has moved: the event that told it first.
  uint64_t first = 0;
  STEPWELL_EVENT(57, "FollowUpAnswered") {
    v(1, "window", s.window);
    v(2, "episode", s.episode);
    v(3, "element", s.element);
    v(4, "item", s.item);
    v(5, "timing", s.timing);
    v(6, "counts", s.counts);
    v(7, "status", s.status);
    v(8, "first", s.first);
  }
};

// Of Apply, and of whoever else follows the windows of a case by its events.
void ApplyTo(std::vector<FollowUpState>& follow_ups, const FollowUpChanged& e);
void ApplyTo(std::vector<FollowUpState>& follow_ups, const FollowUpAnswered& e,
             uint64_t seq, Instant at);
// The answers are taken back, by the events that told them: what they had
// settled is waited for again, or was missed after all.
void TakeBack(std::vector<FollowUpState>& follow_ups,
              const std::vector<uint64_t>& answers);

enum class TimeRuling : uint8_t {
  kLimited = 0,   // taken as the limit, and not as far back as was claimed
  kBeyond = 1,    // further back than others may, by a person who may
  kInFuture = 2,  // taken as now
};

// The clinical time of the command is not the one that was claimed, or is one
// that took a permission.
struct ClinicalTimeRuled {
  using Self = ClinicalTimeRuled;
  TimeRuling ruling = TimeRuling::kLimited;
  Instant claimed;
  Instant taken;
  Instant limit;
  STEPWELL_EVENT(58, "ClinicalTimeRuled") {
    v(1, "ruling", s.ruling);
    v(2, "claimed", s.claimed);
    v(3, "taken", s.taken);
    v(4, "limit", s.limit);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_FOLLOW_UP_H_
