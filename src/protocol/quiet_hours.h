// Which quiet hours leave enough of a day.
#ifndef STEPWELL_PROTOCOL_QUIET_HOURS_H_
#define STEPWELL_PROTOCOL_QUIET_HOURS_H_

namespace stepwell::protocol {

inline constexpr int kSpeakingHoursMin = 4;  // of a day, outside quiet hours

// What is left of the day is enough for words to reach the patient. Both are
// minutes of the day, up to 24:00.
constexpr bool LeavesTimeToSpeak(int quiet_from, int quiet_to) {
  constexpr int kDay = 24 * 60;
  const int quiet = (quiet_to - quiet_from + kDay) % kDay;
  return quiet != 0 && kDay - quiet >= kSpeakingHoursMin * 60;
}

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_QUIET_HOURS_H_
