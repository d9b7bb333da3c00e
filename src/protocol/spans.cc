// Spans of a protocol document.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {

std::optional<Span> ReadSpan(ObjectReader& object, std::string_view key,
                             bool calendar) {
  const auto text = object.Text(key);
  if (!text) return std::nullopt;
  const absl::StatusOr<Span> span = ParseSpan(*text);
  if (!span.ok()) {
    object.Error(key, "bad_span", std::string(span.status().message()),
                 "for example \"48 hours\", \"26 weeks\" or \"2 workdays\"");
    return std::nullopt;
  }
  if (NeedsCalendar(*span) && !calendar) {
    object.Error(key, "bad_span",
                 absl::StrCat("`", ToAbsl(*text),
                              "` needs the working hours of a calendar"),
                 "name a `calendar` where the object has one, or count hours "
                 "or days");
    return std::nullopt;
  }
  return *span;
}

int64_t LeastUs(const Span& span) {
  constexpr int64_t kHourUs = 3'600'000'000, kDayUs = 24 * kHourUs;
  switch (span.unit) {
    case SpanUnit::kMinutes:
      return span.amount * (kHourUs / 60);
    case SpanUnit::kHours:
      return span.amount * kHourUs;
    case SpanUnit::kDays:
      return span.amount * kDayUs;
    case SpanUnit::kWeeks:
      return span.amount * 7 * kDayUs;
    case SpanUnit::kMonths:
      return span.amount * 28 * kDayUs;
    case SpanUnit::kWorkdays:
    case SpanUnit::kWorkhours:
      return 0;
  }
  return 0;
}

}  // namespace stepwell::protocol
