#include "protocol/coverage.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace stepwell::protocol {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;
// 2026-01-01T00:00Z, and how long from there: each change of the clocks once.
constexpr int64_t kYearUs = 1'767'225'600'000'000;
constexpr int64_t kYearLengthUs = 400 * kDayUs;

using Calendars = std::vector<const WorkCalendar*>;

// When the office that is open at the instant closes; else nothing.
std::optional<Instant> OpenUntil(const WorkCalendar& calendar, Instant at) {
  const Zone& zone = calendar.zone();
  const Date today = ToLocal(zone, at).date;
  // In the repeated hour after midnight it is the day before a second time.
  for (const int32_t days : {0, -1, 1}) {
    const Date date = today + days;
    for (const OpenHours& hours : calendar.HoursOn(date)) {
      const Instant open = FirstAtOrAfter(zone, {date, hours.open_us});
      const Instant close = FirstAtOrAfter(zone, {date, hours.close_us});
      if (open <= at && at < close) return close;
    }
  }
  return std::nullopt;
}

std::optional<Instant> GapBetween(const Calendars& calendars, Instant from,
                                  Instant to) {
  while (from < to) {
    std::optional<Instant> latest;
    for (const WorkCalendar* calendar : calendars) {
      const std::optional<Instant> until = OpenUntil(*calendar, from);
      if (until && (!latest || *until > *latest)) latest = until;
    }
    if (!latest) return from;
    from = *latest;
  }
  return std::nullopt;
}

// Days with hours of their own, in any of the calendars.
std::set<Date> OwnDays(const Calendars& calendars) {
  std::set<Date> days;
  for (const WorkCalendar* calendar : calendars) {
    const WorkCalendarSpec& spec = calendar->spec();
    days.insert(spec.holidays.begin(), spec.holidays.end());
    for (const ExtraDay& extra : spec.extra) days.insert(extra.date);
  }
  return days;
}

std::optional<Instant> GapOf(const Calendars& calendars) {
  const Instant year{kYearUs};
  if (const auto gap =
          GapBetween(calendars, year, Instant{kYearUs + kYearLengthUs})) {
    return gap;
  }
  for (const Date day : OwnDays(calendars)) {
    // A day of any zone lies within these three of UTC.
    const Instant from = FirstAtOrAfter(UtcZone(), {day + -1, 0});
    const Instant to = FirstAtOrAfter(UtcZone(), {day + 2, 0});
    if (const auto gap = GapBetween(calendars, from, to)) return gap;
  }
  return std::nullopt;
}

}  // namespace

PoolChain ChainOf(const Protocol& protocol, PoolId pool) {
  PoolChain chain;
  for (; !pool.IsNone() && !chain.round; pool = protocol.at(pool).fallback) {
    chain.round = std::find(chain.pools.begin(), chain.pools.end(), pool) !=
                  chain.pools.end();
    if (!chain.round) chain.pools.push_back(pool);
  }
  return chain;
}

std::optional<Instant> FirstGap(const Loading& loading,
                                const std::vector<PoolId>& pools) {
  const Protocol& protocol = loading.protocol;
  std::set<uint16_t> numbers;
  for (const PoolId pool : pools) {
    const CalendarRef calendar = protocol.at(pool).calendar;
    if (calendar.IsNone() || loading.always_open[calendar.value]) return {};
    numbers.insert(calendar.value);
  }
  const auto known = loading.gaps.find(numbers);
  if (known != loading.gaps.end()) return known->second;
  Calendars calendars;
  for (const uint16_t number : numbers) {
    calendars.push_back(&protocol.calendars[number].calendar);
  }
  return loading.gaps[numbers] = GapOf(calendars);
}

std::string NamesOf(const Protocol& protocol, const PoolChain& chain) {
  std::string names;
  for (const PoolId pool : chain.pools) {
    absl::StrAppend(&names, protocol.at(pool).id, " -> ");
  }
  const PoolId next = protocol.at(chain.pools.back()).fallback;
  return absl::StrCat(names, next.IsNone() ? "nobody" : protocol.at(next).id);
}

}  // namespace stepwell::protocol
