#include "base/time_text.h"

#include <cstdint>

#include "absl/strings/str_format.h"
#include "base/numbers.h"

namespace stepwell {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;

// Reads fields from the front of a text; any failure sticks.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return text_.empty(); }

  bool Take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  void Expect(char c) { ok_ = Take(c) && ok_; }

  // Exactly two digits, at most `max`.
  int64_t TwoDigits(int64_t max) {
    const auto value = ParseDigits(text_.substr(0, 2));
    if (text_.size() < 2 || !value || *value > max) return Fail();
    text_.remove_prefix(2);
    return *value;
  }

  Date TakeDate() {
    const auto date = ParseDate(text_.substr(0, 10));
    if (!date) {
      Fail();
      return {};
    }
    text_.remove_prefix(10);
    return *date;
  }

  // One to six digits after the point, as microseconds.
  int64_t Fraction() {
    size_t digits = 0;
    int64_t us = 0;
    while (digits < text_.size() && text_[digits] >= '0' &&
           text_[digits] <= '9') {
      if (++digits > 6) return Fail();
      us = us * 10 + (text_[digits - 1] - '0');
    }
    if (digits == 0) return Fail();
    text_.remove_prefix(digits);
    for (; digits < 6; ++digits) us *= 10;
    return us;
  }

 private:
  int64_t Fail() {
    ok_ = false;
    return 0;
  }

  std::string_view text_;
  bool ok_ = true;
};

// "09:00", "09:00:30", "09:00:30.5"
int64_t TakeTimeOfDay(Reader& reader) {
  const int64_t hour = reader.TwoDigits(23);
  reader.Expect(':');
  int64_t us = (hour * 60 + reader.TwoDigits(59)) * kMinute;
  if (!reader.Take(':')) return us;
  us += reader.TwoDigits(60) * kSecond;
  if (reader.Take('.')) us += reader.Fraction();
  return us;
}

// After "+" or "-".
int64_t TakeOffset(Reader& reader) {
  const int64_t hours = reader.TwoDigits(23);
  reader.Expect(':');
  return (hours * 60 + reader.TwoDigits(59)) * kMinute;
}

std::optional<Instant> Parse(std::string_view text, const Zone* zone) {
  Reader reader(text);
  const Date date = reader.TakeDate();
  if (!reader.Take('T')) reader.Expect('t');
  const int64_t us_of_day = TakeTimeOfDay(reader);
  const Instant as_utc = FromLocal(UtcZone(), {date, us_of_day});
  if (!reader.ok()) return std::nullopt;
  if (reader.done()) {
    if (zone == nullptr) return std::nullopt;
    return FromLocal(*zone, {date, us_of_day});
  }
  if (reader.Take('Z') || reader.Take('z')) {
    if (!reader.done()) return std::nullopt;
    return as_utc;
  }
  const int64_t sign = reader.Take('-') ? -1 : 1;
  if (sign > 0) reader.Expect('+');
  const int64_t offset = TakeOffset(reader);
  if (!reader.ok() || !reader.done()) return std::nullopt;
  return as_utc - Microseconds(sign * offset);
}

std::string FormatAt(Instant instant, int64_t offset_us) {
  // Shifted in two steps so that no sum overflows, "never" included.
  const LocalTime utc = ToLocal(UtcZone(), instant);
  const int64_t shifted = utc.us_of_day + offset_us;
  const int64_t day = Hours(24).us;
  const Date date = utc.date + static_cast<int32_t>(FloorDiv(shifted, day));
  const int64_t us = FloorMod(shifted, day);
  const int64_t seconds = us / kSecond;
  std::string text =
      absl::StrFormat("%sT%02d:%02d:%02d", FormatDate(date), seconds / 3600,
                      seconds / 60 % 60, seconds % 60);
  const int64_t fraction = us % kSecond;
  if (fraction % 1000 != 0) {
    absl::StrAppendFormat(&text, ".%06d", fraction);
  } else if (fraction != 0) {
    absl::StrAppendFormat(&text, ".%03d", fraction / 1000);
  }
  return text;
}

}  // namespace

std::optional<Instant> ParseInstant(std::string_view text) {
  return Parse(text, nullptr);
}

std::optional<Instant> ParseInstant(std::string_view text, const Zone& zone) {
  return Parse(text, &zone);
}

std::string FormatInstant(Instant instant, const Zone& zone) {
  const int64_t minutes = FloorDiv(OffsetAt(zone, instant).us, kMinute);
  std::string text = FormatAt(instant, minutes * kMinute);
  const int64_t size = minutes < 0 ? -minutes : minutes;
  absl::StrAppendFormat(&text, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                        size / 60, size % 60);
  return text;
}

std::string FormatInstantUtc(Instant instant) {
  return FormatAt(instant, 0) + "Z";
}

std::optional<int64_t> ParseTimeOfDay(std::string_view text) {
  const auto digit = [&](size_t i) {
    return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const size_t i : {0, 1, 3, 4}) {
    if (digit(i) < 0) return std::nullopt;
  }
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return int64_t{hour * 60 + minute} * 60'000'000;
}

}  // namespace stepwell
