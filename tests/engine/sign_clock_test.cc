// The clock of a second sign, which stands beside that of the item itself.
#include <gtest/gtest.h>

#include <utility>

#include "base/time_text.h"
#include "engine/apply.h"

namespace stepwell::engine {
namespace {

constexpr uint32_t kOwn = 1, kOfSign = 2;

// An item that is due in a week and waits for a sign that is due tomorrow.
CaseState Awaited(Instant now) {
  CaseState state;
  state.items.resize(1);
  state.items[0].due = now + WallDays(7);
  for (const uint32_t ordinal : {kOwn, kOfSign}) {
    ClockState clock;
    clock.ordinal = ordinal;
    clock.subject = {SubjectKind::kItem, 0};
    clock.started_at = now;
    clock.due = now + WallDays(ordinal == kOwn ? 7 : 1);
    state.clocks.push_back(clock);
  }
  SignState sign;
  sign.clock = kOfSign;
  state.signs.push_back(sign);
  return state;
}

// The deadline of the item after a migration has moved the clock.
Instant DueAfterMoving(uint32_t clock, Instant now, Instant due) {
  CaseState state = Awaited(now);
  Migrated migrated;
  migrated.clocks.push_back({clock, now, due, 0, due});
  Apply(Event{1, now, now, std::move(migrated)}, state);
  EXPECT_EQ(state.clocks[clock - 1].due, due);
  return state.items[0].due;
}

TEST(SignClock, AMigrationThatMovesItMovesNoDeadlineOfTheItem) {
  const Instant now = *ParseInstant("2026-03-02T09:00:00Z");
  const Instant due = now + WallDays(3);
  EXPECT_EQ(DueAfterMoving(kOfSign, now, due), now + WallDays(7));
  EXPECT_EQ(DueAfterMoving(kOwn, now, due), due);
}

}  // namespace
}  // namespace stepwell::engine
