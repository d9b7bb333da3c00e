// Checks of time and staff: deadlines that no calendar can meet, steps that
// come long after them, pools that nobody can be of.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/strings.h"
#include "protocol/coverage.h"
#include "protocol/loading.h"
#include "protocol/supervision.h"

namespace stepwell::protocol {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;
constexpr int64_t kWeekUs = 7 * kDayUs;
// A share of the budget that is no slip of the pen.
constexpr int kSharePercentMax = 300;
// A Monday; where a budget has an end from here, it has one from anywhere.
constexpr int64_t kMondayUs = 1'767'571'200'000'000;  // 2026-01-05T00:00Z

bool IsNeverOpen(const WorkCalendarSpec& spec) {
  return std::all_of(spec.week.begin(), spec.week.end(),
                     [](const auto& hours) { return hours.empty(); });
}

// The longest time without an open hour in an ordinary week.
int64_t LongestClosedUs(const WorkCalendarSpec& spec) {
  int64_t longest = 0, first = -1, closed_since = 0;
  for (size_t day = 0; day < spec.week.size(); ++day) {
    for (const OpenHours& hours : spec.week[day]) {
      const int64_t start = static_cast<int64_t>(day) * kDayUs;
      if (first < 0) first = start + hours.open_us;
      longest = std::max(longest, start + hours.open_us - closed_since);
      closed_since = start + hours.close_us;
    }
  }
  if (first < 0) return kWeekUs;
  // The first of these gaps began in the week before.
  return std::max(longest, first + kWeekUs - closed_since);
}

void CheckSpan(Loading& loading, const ClockDef& clock, const Span& span,
               const std::string& pointer) {
  const Protocol& protocol = loading.protocol;
  const WorkCalendar* calendar =
      clock.calendar.IsNone()
          ? nullptr
          : &protocol.calendars[clock.calendar.value].calendar;
  const bool never = NeedsCalendar(span) && calendar != nullptr &&
                     IsNeverOpen(calendar->spec());
  if (!never && AddSpan(Instant{kMondayUs}, span, *protocol.zone, calendar)) {
    return;
  }
  AddError(loading.issues, "never_due", pointer,
           absl::StrCat("`", FormatSpan(span), "` of the clock `", clock.id,
                        "` never ends on its calendar"),
           "give the calendar opening hours, or count fewer of them");
}

void CheckSpans(Loading& loading) {
  for (const ClockDef& clock : loading.protocol.clocks) {
    CheckSpan(loading, clock, clock.budget, Below(clock.pointer, "budget"));
    for (const Rung& rung : clock.ladder) {
      if (rung.percent.value_or(0) > kSharePercentMax) {
        AddWarning(loading.issues, "rung_far_out", Below(rung.pointer, "at"),
                   absl::StrCat("this step of `", clock.id, "` comes at ",
                                *rung.percent,
                                " % of its time, long after the deadline"),
                   "a share up to 300 %, or `after` a step at the deadline");
      }
      if (rung.after) {
        CheckSpan(loading, clock, *rung.after, Below(rung.pointer, "after"));
      }
      if (rung.repeat) {
        CheckSpan(loading, clock, *rung.repeat, Below(rung.pointer, "repeat"));
      }
    }
  }
}

// Work that comes in just after closing time is late before anybody sees it.
void CheckHours(Loading& loading, PoolId pool_id, ClockDefId clock_id,
                const std::string& pointer) {
  const Protocol& protocol = loading.protocol;
  if (pool_id.IsNone() || clock_id.IsNone()) return;
  const Pool& pool = protocol.at(pool_id);
  const ClockDef& clock = protocol.at(clock_id);
  const int64_t wall = LeastUs(clock.budget);
  if (wall == 0 || pool.calendar.IsNone()) return;
  const WorkCalendarSpec& spec =
      protocol.calendars[pool.calendar.value].calendar.spec();
  const int64_t closed = LongestClosedUs(spec);
  if (IsNeverOpen(spec) || wall >= closed) return;
  AddWarning(loading.issues, "clock_outside_hours", pointer,
             absl::StrCat("the pool `", pool.id, "` is closed for ",
                          closed / kHourUs, " hours in a row, and the clock `",
                          clock.id, "` gives it ", FormatSpan(clock.budget)),
             "count workhours or workdays, or let a pool do it that is open");
}

void CheckWork(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const RiskPolicy& risk = protocol.risk;
  std::set<std::string> told;  // the checks of a program share theirs
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const Element& element = protocol.elements[i];
    const ElementId id(static_cast<uint16_t>(i));
    // Questions about risk go on to whoever is there; the review is below.
    if (element.performer != Performer::kPool || id == risk.missing_element ||
        id == protocol.review_element) {
      continue;
    }
    const std::string pointer = absl::StrCat(
        element.pointer, element.checks.IsNone() ? "/due" : "/check/due");
    if (!told.insert(pointer).second) continue;
    CheckHours(loading, element.pool, element.due, pointer);
  }
  // Parked input is for whoever of the fallbacks is there.
  if (FirstGap(loading, ChainOf(protocol, protocol.parking_pool).pools)) {
    CheckHours(loading, protocol.parking_pool, protocol.parking_clock,
               "/parking/clock");
  }
  CheckHours(loading, protocol.lead_pool, protocol.review_clock,
             "/review/clock");
  if (protocol.supervision == nullptr || !protocol.supervision->second_sign) {
    return;
  }
  const SecondSign& sign = *protocol.supervision->second_sign;
  CheckHours(loading, sign.pool, sign.due, "/supervision/second_sign/due");
}

// Members are registered with a running service; that there can be none shows
// in the documents.
void CheckPools(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (const Pool& pool : protocol.pools) {
    const std::string pointer = Below("/imports/pools", pool.id);
    if (IsBlank(pool.role)) {
      AddError(loading.issues, "pool_without_members", pointer,
               absl::StrCat("the pool `", pool.id,
                            "` has an empty `role`: nobody can be of it"),
               "name the role that a member of staff must have");
    }
    if (!pool.calendar.IsNone() &&
        IsNeverOpen(protocol.calendars[pool.calendar.value].calendar.spec())) {
      AddError(loading.issues, "pool_without_members", pointer,
               absl::StrCat("the calendar of the pool `", pool.id,
                            "` has no open hour in any week: nobody of it is "
                            "ever on duty"),
               "give the calendar opening hours, or the pool another one");
    }
  }
}

// Pools that something names, and those behind which no other pool stands: at
// these a search for somebody on duty begins.
std::vector<bool> FirstPools(const Protocol& protocol) {
  std::vector<bool> first(protocol.pools.size(), true);
  const auto mark = [&first](PoolId pool, bool value) {
    if (!pool.IsNone()) first[pool.value] = value;
  };
  for (const Pool& pool : protocol.pools) mark(pool.fallback, false);
  const auto named = [&](const std::vector<Action>& actions) {
    for (const Action& action : actions) mark(action.pool, true);
  };
  for (const PoolId pool :
       {protocol.intake_pool, protocol.lead_pool, protocol.parking_pool}) {
    mark(pool, true);
  }
  for (const Element& element : protocol.elements) {
    if (element.performer == Performer::kPool) mark(element.pool, true);
  }
  for (const Rule& rule : protocol.rules) named(rule.actions);
  for (const ClockDef& clock : protocol.clocks) {
    for (const Rung& rung : clock.ladder) named(rung.actions);
  }
  return first;
}

// Pools that fall back on each other, unless somebody of them is always there:
// then nobody is asked twice.
class FallbackChecks {
 public:
  explicit FallbackChecks(Loading& loading)
      : loading_(loading),
        protocol_(loading.protocol),
        seen_(protocol_.pools.size()) {}

  void Run() {
    // Those of the pools of alerts are told of where the tier names them.
    for (const Tier& tier : protocol_.risk.tiers) {
      if (!tier.pool.IsNone()) Visit(tier.pool, false);
    }
    const std::vector<bool> first = FirstPools(protocol_);
    for (const bool any : {false, true}) {
      for (uint16_t i = 0; i < protocol_.pools.size(); ++i) {
        if (!seen_[i] && (first[i] || any)) Visit(PoolId(i), true);
      }
    }
  }

 private:
  void Visit(PoolId pool, bool tell) {
    const PoolChain chain = ChainOf(protocol_, pool);
    const bool known =
        std::any_of(chain.pools.begin(), chain.pools.end(),
                    [&](PoolId id) { return told_.count(id.value) != 0; });
    for (const PoolId id : chain.pools) seen_[id.value] = true;
    if (!chain.round || known || !FirstGap(loading_, chain.pools)) return;
    for (const PoolId id : chain.pools) told_.insert(id.value);
    if (!tell) return;
    const PoolId repeated = protocol_.at(chain.pools.back()).fallback;
    AddError(loading_.issues, "cycle",
             Below("/imports/pools", protocol_.at(repeated).id),
             absl::StrCat("these pools fall back on each other: ",
                          NamesOf(protocol_, chain)),
             "let the last of them have no `fallback`");
  }

  Loading& loading_;
  const Protocol& protocol_;
  std::vector<bool> seen_;
  std::set<uint16_t> told_;
};

}  // namespace

void CheckTime(Loading& loading) {
  CheckSpans(loading);
  CheckWork(loading);
  CheckPools(loading);
  FallbackChecks(loading).Run();
}

}  // namespace stepwell::protocol
