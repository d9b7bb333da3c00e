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

}  // namespace stepwell::protocol
