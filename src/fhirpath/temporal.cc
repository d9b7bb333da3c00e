#include "fhirpath/temporal.h"

#include <cstdio>

namespace stepwell::fhirpath {
namespace {

constexpr int64_t kDayMicros = 86'400'000'000;

// Reads exactly `n` digits at `*pos`.
bool Digits(std::string_view text, size_t* pos, int n, int* out) {
  if (text.size() < *pos + n) return false;
  int value = 0;
  for (int i = 0; i < n; ++i) {
    const char c = text[*pos + i];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  *pos += n;
  *out = value;
  return true;
}

bool At(std::string_view text, size_t pos, char c) {
  return pos < text.size() && text[pos] == c;
}

// YYYY(-MM(-DD)?)?
bool ScanDatePart(std::string_view text, size_t* pos, Temporal* out) {
  int year, month, day;
  if (!Digits(text, pos, 4, &year) || year == 0) return false;
  out->year = static_cast<int16_t>(year);
  out->precision = Precision::kYear;
  size_t next = *pos + 1;
  if (!At(text, *pos, '-') || !Digits(text, &next, 2, &month)) return true;
  if (month < 1 || month > 12) return false;
  out->month = static_cast<uint8_t>(month);
  out->precision = Precision::kMonth;
  *pos = next++;
  if (!At(text, *pos, '-') || !Digits(text, &next, 2, &day)) return true;
  if (day < 1 || day > DaysInMonth(year, month)) return false;
  out->day = static_cast<uint8_t>(day);
  out->precision = Precision::kDay;
  *pos = next;
  return true;
}

void ScanFraction(std::string_view text, size_t* pos, Temporal* out) {
  size_t next = *pos + 1;
  int digits = 0;
  uint32_t micros = 0;
  while (next < text.size() && text[next] >= '0' && text[next] <= '9') {
    if (digits < 6) {
      micros = micros * 10 + (text[next] - '0');
      ++digits;
    }
    ++next;
  }
  if (digits == 0) return;
  out->fraction_digits = digits;
  for (int i = digits; i < 6; ++i) micros *= 10;
  out->microsecond = micros;
  *pos = next;
}

// HH(:MM(:SS(.f+)?)?)?
bool ScanTimePart(std::string_view text, size_t* pos, Temporal* out) {
  int hour, minute, second;
  if (!Digits(text, pos, 2, &hour) || hour > 23) return false;
  out->hour = static_cast<uint8_t>(hour);
  out->precision = Precision::kHour;
  size_t next = *pos + 1;
  if (!At(text, *pos, ':') || !Digits(text, &next, 2, &minute)) return true;
  if (minute > 59) return false;
  out->minute = static_cast<uint8_t>(minute);
  out->precision = Precision::kMinute;
  *pos = next++;
  if (!At(text, *pos, ':') || !Digits(text, &next, 2, &second)) return true;
  if (second > 60) return false;
  out->second = static_cast<uint8_t>(second);
  out->precision = Precision::kSecond;
  *pos = next;
  if (At(text, *pos, '.')) ScanFraction(text, pos, out);
  return true;
}

// Z | [+-]HH:MM, or nothing.
bool ScanOffset(std::string_view text, size_t* pos, Temporal* out) {
  if (At(text, *pos, 'Z')) {
    ++*pos;
    out->has_offset = 1;
    return true;
  }
  if (!At(text, *pos, '+') && !At(text, *pos, '-')) return true;
  const bool negative = text[*pos] == '-';
  size_t next = *pos + 1;
  int hours, minutes;
  if (!Digits(text, &next, 2, &hours) || !At(text, next, ':')) return true;
  ++next;
  if (!Digits(text, &next, 2, &minutes) || hours > 14 || minutes > 59) {
    return false;
  }
  out->has_offset = 1;
  const int offset = hours * 60 + minutes;
  out->offset_minutes = static_cast<int16_t>(negative ? -offset : offset);
  *pos = next;
  return true;
}

bool IsDigitAt(std::string_view text, size_t pos) {
  return pos < text.size() && text[pos] >= '0' && text[pos] <= '9';
}

std::string Pad(int value, int width) {
  char buffer[16];
  std::snprintf(buffer, sizeof(buffer), "%0*d", width, value);
  return buffer;
}

}  // namespace

int DaysInMonth(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Howard Hinnant's days_from_civil (public domain).
int64_t DaysFromCivil(int year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t yoe = y - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

namespace {

void CivilFromDays(int64_t days, Temporal* out) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t doe = days - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  const int64_t month = mp < 10 ? mp + 3 : mp - 9;
  out->day = static_cast<uint8_t>(doy - (153 * mp + 2) / 5 + 1);
  out->month = static_cast<uint8_t>(month);
  out->year = static_cast<int16_t>(yoe + era * 400 + (month <= 2 ? 1 : 0));
}

int64_t MicrosOfDay(const Temporal& value) {
  return ((value.hour * 60LL + value.minute) * 60 + value.second) * 1'000'000 +
         value.microsecond;
}

void SetMicrosOfDay(int64_t micros, Temporal* out) {
  out->microsecond = static_cast<uint32_t>(micros % 1'000'000);
  micros /= 1'000'000;
  out->second = static_cast<uint8_t>(micros % 60);
  micros /= 60;
  out->minute = static_cast<uint8_t>(micros % 60);
  out->hour = static_cast<uint8_t>(micros / 60);
}

int64_t LocalMicros(const Temporal& value) {
  return DaysFromCivil(value.year, value.month, value.day) * kDayMicros +
         MicrosOfDay(value);
}

}  // namespace

size_t ScanTemporal(std::string_view text, Temporal* out, char* kind) {
  size_t pos = 0;
  *out = Temporal();
  if (At(text, 0, 'T')) {
    pos = 1;
    *kind = 't';
    return ScanTimePart(text, &pos, out) ? pos : 0;
  }
  *kind = 'd';
  if (!ScanDatePart(text, &pos, out)) return 0;
  if (!At(text, pos, 'T')) return pos;
  *kind = 'x';
  ++pos;
  if (!IsDigitAt(text, pos)) return pos;
  if (out->precision != Precision::kDay) return 0;
  if (!ScanTimePart(text, &pos, out) || !ScanOffset(text, &pos, out)) return 0;
  return pos;
}

std::optional<Temporal> ParseDate(std::string_view text) {
  Temporal value;
  char kind;
  const size_t read = ScanTemporal(text, &value, &kind);
  if (read == 0 || read != text.size() || kind != 'd') return std::nullopt;
  return value;
}

std::optional<Temporal> ParseTime(std::string_view text, LeapSecond leap) {
  if (At(text, 0, 'T')) text.remove_prefix(1);
  Temporal value;
  size_t pos = 0;
  if (!ScanTimePart(text, &pos, &value) || pos != text.size()) {
    return std::nullopt;
  }
  if (leap == LeapSecond::kNone && IsLeapSecond(value)) return std::nullopt;
  return value;
}

std::optional<Temporal> ParseDateTime(std::string_view text, LeapSecond leap) {
  Temporal value;
  char kind;
  const size_t read = ScanTemporal(text, &value, &kind);
  if (read == 0 || read != text.size() || kind == 't') return std::nullopt;
  if (leap == LeapSecond::kNone && IsLeapSecond(value)) return std::nullopt;
  return value;
}

std::string DateToText(const Temporal& value) {
  std::string text = Pad(value.year, 4);
  if (value.precision >= Precision::kMonth) text += "-" + Pad(value.month, 2);
  if (value.precision >= Precision::kDay) text += "-" + Pad(value.day, 2);
  return text;
}

std::string TimeToText(const Temporal& value) {
  std::string text = Pad(value.hour, 2);
  if (value.precision >= Precision::kMinute) {
    text += ":" + Pad(value.minute, 2);
  }
  if (value.precision >= Precision::kSecond) {
    text += ":" + Pad(value.second, 2);
    if (value.fraction_digits > 0) {
      text += "." + Pad(static_cast<int>(value.microsecond), 6)
                        .substr(0, value.fraction_digits);
    }
  }
  return text;
}

std::string DateTimeToText(const Temporal& value) {
  std::string text = DateToText(value);
  if (value.precision <= Precision::kDay) return text;
  text += "T" + TimeToText(value);
  if (value.has_offset) {
    if (value.offset_minutes == 0) return text + "Z";
    const int offset =
        value.offset_minutes < 0 ? -value.offset_minutes : value.offset_minutes;
    text += (value.offset_minutes < 0 ? "-" : "+") + Pad(offset / 60, 2) + ":" +
            Pad(offset % 60, 2);
  }
  return text;
}

namespace {

Ordering Order(int64_t a, int64_t b) {
  return a < b   ? Ordering::kLess
         : a > b ? Ordering::kGreater
                 : Ordering::kEqual;
}

Temporal ToUtc(const Temporal& value) {
  Temporal utc = value;
  const int64_t micros =
      LocalMicros(value) - value.offset_minutes * 60'000'000LL;
  int64_t days = micros / kDayMicros;
  if (micros % kDayMicros < 0) --days;
  CivilFromDays(days, &utc);
  SetMicrosOfDay(micros - days * kDayMicros, &utc);
  return utc;
}

// Field by field down to the coarser precision; what is left undecided there
// is unknown unless both end at the same field.
Ordering CompareFields(const Temporal& a, const Temporal& b) {
  const auto field = [](const Temporal& t, Precision p) -> int64_t {
    switch (p) {
      case Precision::kYear:
        return t.year;
      case Precision::kMonth:
        return t.month;
      case Precision::kDay:
        return t.day;
      case Precision::kHour:
        return t.hour;
      case Precision::kMinute:
        return t.minute;
      case Precision::kSecond:
        return t.second * 1'000'000LL + t.microsecond;
    }
    return 0;
  };
  const Precision end = a.precision < b.precision ? a.precision : b.precision;
  for (int p = 0; p <= static_cast<int>(end); ++p) {
    const Precision precision = static_cast<Precision>(p);
    const Ordering order = Order(field(a, precision), field(b, precision));
    if (order != Ordering::kEqual) return order;
  }
  return a.precision == b.precision ? Ordering::kEqual : Ordering::kUnknown;
}

// One side has an offset and the other has none: certain only when every
// offset on earth (-12:00 to +14:00) gives the same answer.
Ordering CompareOneOffset(const Temporal& with, const Temporal& without) {
  Temporal early = without;  // as early as the instant can be
  early.has_offset = 1;
  early.offset_minutes = 14 * 60;
  Temporal late = early;
  late.offset_minutes = -12 * 60;
  const Ordering a = CompareFields(ToUtc(with), ToUtc(early));
  const Ordering b = CompareFields(ToUtc(with), ToUtc(late));
  return a == b && a != Ordering::kEqual ? a : Ordering::kUnknown;
}

}  // namespace

Ordering Compare(const Temporal& a, const Temporal& b) {
  const bool a_time = a.precision >= Precision::kHour;
  const bool b_time = b.precision >= Precision::kHour;
  if (a_time && b_time && a.year != 0 && b.year != 0) {
    if (a.has_offset && b.has_offset) {
      return CompareFields(ToUtc(a), ToUtc(b));
    }
    if (a.has_offset) return CompareOneOffset(a, b);
    if (b.has_offset) {
      const Ordering order = CompareOneOffset(b, a);
      return order == Ordering::kLess      ? Ordering::kGreater
             : order == Ordering::kGreater ? Ordering::kLess
                                           : order;
    }
  }
  return CompareFields(a, b);
}

bool Equivalent(const Temporal& a, const Temporal& b) {
  return a.precision == b.precision && Compare(a, b) == Ordering::kEqual;
}

Temporal FromInstant(Instant instant, int offset_minutes) {
  Temporal value;
  const int64_t micros = instant.us + offset_minutes * 60'000'000LL;
  int64_t days = micros / kDayMicros;
  if (micros % kDayMicros < 0) --days;
  CivilFromDays(days, &value);
  SetMicrosOfDay(micros - days * kDayMicros, &value);
  value.microsecond = value.microsecond / 1000 * 1000;
  value.fraction_digits = 3;
  value.precision = Precision::kSecond;
  value.has_offset = 1;
  value.offset_minutes = static_cast<int16_t>(offset_minutes);
  return value;
}

namespace {

std::optional<Temporal> AddMonths(Temporal value, int64_t months) {
  const int64_t total = value.year * 12LL + (value.month - 1) + months;
  if (total < 12 || total >= 120000) return std::nullopt;
  value.year = static_cast<int16_t>(total / 12);
  value.month = static_cast<uint8_t>(total % 12 + 1);
  const int last = DaysInMonth(value.year, value.month);
  if (value.day > last) value.day = static_cast<uint8_t>(last);
  return value;
}

std::optional<Temporal> AddMicros(Temporal value, int64_t micros,
                                  bool is_time) {
  if (is_time) {
    int64_t sum = (MicrosOfDay(value) + micros % kDayMicros) % kDayMicros;
    if (sum < 0) sum += kDayMicros;
    SetMicrosOfDay(sum, &value);
    return value;
  }
  int64_t sum;
  if (__builtin_add_overflow(LocalMicros(value), micros, &sum)) {
    return std::nullopt;
  }
  int64_t days = sum / kDayMicros;
  if (sum % kDayMicros < 0) --days;
  if (days < DaysFromCivil(1, 1, 1) || days > DaysFromCivil(9999, 12, 31)) {
    return std::nullopt;
  }
  CivilFromDays(days, &value);
  SetMicrosOfDay(sum - days * kDayMicros, &value);
  return value;
}

constexpr int64_t kUnitMicros[] = {
    365 * kDayMicros, 30 * kDayMicros, 7 * kDayMicros, kDayMicros,
    3'600'000'000,    60'000'000,      1'000'000,      1'000};

// The step of a value of this precision, in microseconds.
int64_t StepMicros(Precision precision) {
  switch (precision) {
    case Precision::kYear:
      return kUnitMicros[0];
    case Precision::kMonth:
      return kUnitMicros[1];
    case Precision::kDay:
      return kDayMicros;
    case Precision::kHour:
      return kUnitMicros[4];
    case Precision::kMinute:
      return kUnitMicros[5];
    case Precision::kSecond:
      return 1;
  }
  return 1;
}

std::optional<int64_t> Micros(const Decimal& amount, TimeUnit unit) {
  const auto product =
      Multiply(amount, Decimal(kUnitMicros[static_cast<int>(unit)]));
  if (!product) return std::nullopt;
  return Decimal(product->Rescaled(0, Decimal::Rounding::kTruncate)
                     .value_or(Decimal(0)))
      .ToInt64();
}

}  // namespace

std::optional<Temporal> AddUnits(const Temporal& value, const Decimal& amount,
                                 TimeUnit unit, bool is_time) {
  Decimal whole = amount;
  if (unit < TimeUnit::kSecond) {
    whole = *amount.Rescaled(0, Decimal::Rounding::kTruncate);
  }
  const auto count = whole.Rescaled(0, Decimal::Rounding::kTruncate)->ToInt64();
  if (!count || *count > 1'000'000'000'000 || *count < -1'000'000'000'000) {
    return std::nullopt;
  }
  if (is_time && unit <= TimeUnit::kDay) return std::nullopt;
  if (unit == TimeUnit::kYear) return AddMonths(value, *count * 12);
  if (unit == TimeUnit::kMonth) {
    // A year counts months in whole years.
    return AddMonths(
        value, value.precision == Precision::kYear ? *count / 12 * 12 : *count);
  }
  auto micros = Micros(whole, unit);
  if (!micros) return std::nullopt;
  const int64_t step = StepMicros(value.precision);
  if (value.precision == Precision::kYear) {
    return AddMonths(value, *micros / step * 12);
  }
  if (value.precision == Precision::kMonth) {
    return AddMonths(value, *micros / step);
  }
  auto sum = AddMicros(value, *micros / step * step, is_time);
  if (sum && sum->microsecond % 1000 != 0 && sum->fraction_digits < 6) {
    sum->fraction_digits = 6;
  } else if (sum && sum->microsecond != 0 && sum->fraction_digits < 3) {
    sum->fraction_digits = 3;
  }
  return sum;
}

}  // namespace stepwell::fhirpath
