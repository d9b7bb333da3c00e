#include "base/span.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

struct UnitRow {
  SpanUnit unit;
  std::string_view one;
  std::string_view many;
  int64_t per_year;      // rounded up: for the limit only
  std::string_view iso;  // before and after the number in ISO 8601
};

// In the order of SpanUnit.
constexpr std::array<UnitRow, 7> kUnits = {{
    {SpanUnit::kMinutes, "minute", "minutes", 366 * 24 * 60, "PTM"},
    {SpanUnit::kHours, "hour", "hours", 366 * 24, "PTH"},
    {SpanUnit::kDays, "day", "days", 366, "PD"},
    {SpanUnit::kWeeks, "week", "weeks", 53, "PW"},
    {SpanUnit::kMonths, "month", "months", 12, "PM"},
    {SpanUnit::kWorkdays, "workday", "workdays", 366, ""},
    {SpanUnit::kWorkhours, "workhour", "workhours", 366 * 24, ""},
}};

constexpr std::string_view kLegalForms =
    "a number and a unit: \"30 minutes\", \"48 hours\" (wall time), "
    "\"42 days\", \"26 weeks\", \"3 months\" (local calendar dates), "
    "\"2 workdays\", \"16 workhours\" (on a calendar)";

const UnitRow& RowOf(SpanUnit unit) {
  return kUnits[static_cast<size_t>(unit)];
}

int64_t AmountMax(SpanUnit unit) {
  return RowOf(unit).per_year * limits::kSpanYearsMax;
}

bool IsLegal(Span span) {
  return span.amount >= 0 && span.amount <= AmountMax(span.unit);
}

// What an ISO 8601 duration of one part would be here: "P2D" -> "2 days".
std::string FromIso(std::string_view text) {
  for (const UnitRow& row : kUnits) {
    if (row.iso.empty()) continue;
    const std::string_view prefix = row.iso.substr(0, row.iso.size() - 1);
    if (text.size() <= row.iso.size() || !text.starts_with(prefix) ||
        text.back() != row.iso.back()) {
      continue;
    }
    const auto amount =
        ParseDigits(text.substr(prefix.size(), text.size() - row.iso.size()));
    if (amount) return FormatSpan({*amount, row.unit});
  }
  return "";
}

absl::Status NotASpan(std::string_view text) {
  // Quoted text is cut so that an error stays readable.
  const std::string shown(text.substr(0, limits::kNameBytesMax));
  if (text.starts_with('P')) {
    const std::string here = FromIso(text);
    return InvalidInput(absl::StrCat(
        "\"", shown, "\" is an ISO 8601 duration, which does not say whether",
        " days are wall time, dates or workdays; write ",
        here.empty() ? std::string(kLegalForms)
                     : absl::StrCat("\"", here, "\"")));
  }
  return InvalidInput(absl::StrCat("\"", shown, "\" is no time budget; write ",
                                   ToAbsl(kLegalForms)));
}

std::optional<Instant> InRange(Instant instant) {
  if (!IsInCalendarRange(instant)) return std::nullopt;
  return instant;
}

// The local time from which dates are counted: the wall's, but the end of a
// repeated hour for a start in its repetition.
LocalTime CountedFrom(const Zone& zone, Instant from) {
  const LocalTime local = ToLocal(zone, from);
  const LocalTime latest = LatestLocal(zone, from);
  if (latest == local) return local;
  if (latest.us_of_day + 1 == kDayUs) return {latest.date + 1, 0};
  return {latest.date, latest.us_of_day + 1};
}

Instant AddDays(Instant from, int64_t days, const Zone& zone) {
  const LocalTime local = CountedFrom(zone, from);
  return FirstAtOrAfter(
      zone, {local.date + static_cast<int32_t>(days), local.us_of_day});
}

Instant AddMonthsTo(Instant from, int64_t months, const Zone& zone) {
  const LocalTime local = CountedFrom(zone, from);
  const Date date = AddMonths(local.date, months);
  const bool clamped = FieldsOf(date).day != FieldsOf(local.date).day;
  return FirstAtOrAfter(zone, {date, clamped ? kDayUs - 1 : local.us_of_day});
}

}  // namespace

bool NeedsCalendar(Span span) {
  return span.unit == SpanUnit::kWorkdays || span.unit == SpanUnit::kWorkhours;
}

bool CountsDates(Span span) {
  return span.unit == SpanUnit::kDays || span.unit == SpanUnit::kWeeks ||
         span.unit == SpanUnit::kMonths;
}

absl::StatusOr<Span> ParseSpan(std::string_view text) {
  const size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return NotASpan(text);
  const auto amount = ParseDigits(text.substr(0, blank));
  const std::string_view name = text.substr(blank + 1);
  for (const UnitRow& row : kUnits) {
    if (!amount || (name != row.one && name != row.many)) continue;
    const Span span = {*amount, row.unit};
    if (!IsLegal(span)) {
      return InvalidInput(absl::StrCat(
          "\"", ToAbsl(text), "\" is longer than ", limits::kSpanYearsMax,
          " years (", FormatSpan({AmountMax(row.unit), row.unit}), ")"));
    }
    return span;
  }
  return NotASpan(text);
}

std::string FormatSpan(Span span) {
  const UnitRow& row = RowOf(span.unit);
  return absl::StrCat(span.amount, " ",
                      ToAbsl(span.amount == 1 ? row.one : row.many));
}

std::optional<Instant> AddSpan(Instant from, Span span, const Zone& zone,
                               const WorkCalendar* calendar) {
  if (!IsLegal(span) || !IsInCalendarRange(from)) return std::nullopt;
  if (NeedsCalendar(span) && calendar == nullptr) return std::nullopt;
  switch (span.unit) {
    case SpanUnit::kMinutes:
      return InRange(from + Minutes(span.amount));
    case SpanUnit::kHours:
      return InRange(from + Hours(span.amount));
    case SpanUnit::kDays:
      return InRange(AddDays(from, span.amount, zone));
    case SpanUnit::kWeeks:
      return InRange(AddDays(from, span.amount * 7, zone));
    case SpanUnit::kMonths:
      return InRange(AddMonthsTo(from, span.amount, zone));
    case SpanUnit::kWorkdays:
      return calendar->AddWorkDays(from, span.amount);
    case SpanUnit::kWorkhours:
      return calendar->AddWorkTime(from, Hours(span.amount));
  }
  return std::nullopt;
}

Instant SubtractSpan(Instant end, Span span, const Zone& zone) {
  Instant from = end;
  // A change of the clock between lets the first try miss by an hour.
  for (int i = 0; i < 3; ++i) {
    const std::optional<Instant> reached = AddSpan(from, span, zone, nullptr);
    if (!reached) return from;
    from = from - (*reached - end);
  }
  return from;
}

absl::StatusOr<int> ParsePercent(std::string_view text) {
  if (text.ends_with('%')) {
    const auto percent = ParseDigits(text.substr(0, text.size() - 1));
    if (percent && *percent <= limits::kPercentMax) {
      return static_cast<int>(*percent);
    }
  }
  return InvalidInput(absl::StrCat(
      "\"", ToAbsl(text.substr(0, limits::kNameBytesMax)),
      "\" is no share of a time budget; write a whole number from 0 to ",
      limits::kPercentMax, " and a percent sign: \"75%\""));
}

std::optional<Instant> AddSpanShare(Instant from, Span span, int percent,
                                    const Zone& zone,
                                    const WorkCalendar* calendar) {
  if (percent < 0 || percent > limits::kPercentMax || !IsLegal(span) ||
      !IsInCalendarRange(from)) {
    return std::nullopt;
  }
  // The largest legal budget times the largest percentage fits an int64.
  const auto share = [&](Duration whole) -> Duration {
    return {whole.us / 100 * percent + whole.us % 100 * percent / 100};
  };
  if (span.unit == SpanUnit::kMinutes) {
    return InRange(from + share(Minutes(span.amount)));
  }
  if (span.unit == SpanUnit::kHours) {
    return InRange(from + share(Hours(span.amount)));
  }
  if (span.unit == SpanUnit::kWorkhours) {
    if (calendar == nullptr) return std::nullopt;
    return calendar->AddWorkTime(from, share(Hours(span.amount)));
  }
  const auto end = AddSpan(from, span, zone, calendar);
  if (!end) return std::nullopt;
  return InRange(from + share(*end - from));
}

}  // namespace stepwell
