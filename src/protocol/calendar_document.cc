// Calendar documents: office hours of a week, holidays, days with hours of
// their own.
#include <array>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {
    "$schema",       "calendar",       "version",     "title",
    "zone",          "week",           "week_source", "holidays",
    "holiday_years", "holiday_source", "extra"};
constexpr std::string_view kDays[] = {"monday",   "tuesday", "wednesday",
                                      "thursday", "friday",  "saturday",
                                      "sunday"};
constexpr std::string_view kSourceFields[] = {"source", "mark", "note"};
constexpr std::string_view kMarks[] = {"verified", "unverified", "assumption"};
constexpr std::string_view kHolidayFields[] = {"date", "name", "mark"};
constexpr std::string_view kExtraFields[] = {"date", "name", "mark", "hours"};
constexpr std::string_view kYearFields[] = {"first", "last"};

std::vector<OpenHours> ReadHours(json::Value intervals, Issues& issues) {
  std::vector<OpenHours> hours;
  if (!intervals.is_array()) {
    if (intervals) WrongType(intervals, "an array of intervals", issues);
    return hours;
  }
  for (const json::Value interval : json::Children(intervals)) {
    const json::Value open = interval.at(0), close = interval.at(1);
    std::optional<int64_t> from, to;
    if (interval.is_array() && interval.size() == 2 && open.is_string() &&
        close.is_string()) {
      from = ParseTimeOfDay(open.string_value());
      to = ParseTimeOfDay(close.string_value());
    }
    if (from && to) {
      hours.push_back({*from, *to});
    } else {
      WrongType(interval, "two times like [\"08:00\", \"17:00\"]", issues);
    }
  }
  return hours;
}

std::optional<Date> ReadDate(ObjectReader& object) {
  const auto text = object.NeedText("date");
  if (!text) return std::nullopt;
  const std::optional<Date> date = ParseDate(*text);
  if (!date) {
    object.Error("date", "bad_date",
                 absl::StrCat("`", ToAbsl(*text), "` is no date"),
                 "for example \"2026-03-02\"");
  }
  return date;
}

void ReadHolidays(ObjectReader& object, WorkCalendarSpec& spec) {
  std::optional<int64_t> first, last;
  if (object.Has("holiday_years")) {
    ObjectReader years(object.Get("holiday_years"), "the years", kYearFields,
                       object.issues());
    first = years.Int("first", 1, 9999);
    last = years.Int("last", 1, 9999);
  }
  for (const json::Value value : json::Children(object.Array("holidays"))) {
    ObjectReader holiday(value, "a holiday", kHolidayFields, object.issues());
    const std::optional<Date> date = ReadDate(holiday);
    holiday.Text("name");
    holiday.Choice("mark", kMarks);
    if (!date) continue;
    spec.holidays.push_back(*date);
    const int64_t year = FieldsOf(*date).year;
    if ((first && year < *first) || (last && year > *last)) {
      holiday.Error("date", "out_of_range",
                    "the date lies outside `holiday_years`",
                    "the years are those for which the list is complete");
    }
  }
  for (const json::Value value : json::Children(object.Array("extra"))) {
    ObjectReader extra(value, "an extra day", kExtraFields, object.issues());
    const std::optional<Date> date = ReadDate(extra);
    extra.Text("name");
    extra.Choice("mark", kMarks);
    std::vector<OpenHours> hours =
        ReadHours(extra.NeedArray("hours"), object.issues());
    if (date) spec.extra.push_back({*date, std::move(hours)});
  }
}

}  // namespace

std::optional<WorkCalendar> ReadCalendar(json::Value document, Issues& issues,
                                         bool* always) {
  const size_t before = issues.size();
  ObjectReader object(document, "a calendar", kFields, issues);
  object.NeedText("calendar");
  for (const char* key : {"$schema", "title"}) object.Text(key);
  WorkCalendarSpec spec;
  if (const auto zone = object.NeedText("zone")) {
    spec.zone = FindZone(*zone);
    if (spec.zone == nullptr) {
      object.Error("zone", "bad_zone",
                   absl::StrCat("there is no time zone `", ToAbsl(*zone), "`"),
                   "an IANA name, for example \"Europe/Stockholm\"");
    }
  }
  ObjectReader week(object.NeedObject("week"), "a week", kDays, issues);
  for (size_t day = 0; day < 7; ++day) {
    spec.week[day] = ReadHours(week.Need(kDays[day]), issues);
  }
  ReadHolidays(object, spec);
  for (const char* key : {"week_source", "holiday_source"}) {
    ObjectReader source(object.Get(key), "a source", kSourceFields, issues);
    if (!source.ok()) continue;
    source.NeedText("source");
    source.Need("mark");
    source.Choice("mark", kMarks);
    source.Text("note");
  }
  if (issues.size() != before || spec.zone == nullptr) return std::nullopt;
  absl::StatusOr<WorkCalendar> calendar = WorkCalendar::Make(std::move(spec));
  if (!calendar.ok()) {
    AddError(issues, "bad_calendar", "",
             std::string(calendar.status().message()));
    return std::nullopt;
  }
  *always = *calendar == WorkCalendar::AlwaysOpen(calendar->zone());
  return *std::move(calendar);
}

}  // namespace stepwell::protocol
