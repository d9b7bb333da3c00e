// Time arithmetic and random words, the parts of `base` on hot paths:
//   OffsetByTable / OffsetByRule   zone offset in a year of the table / of the
//                                  yearly rule
//   FromLocal, FormatAndParse      local time to instant; text both ways
//   AddWorkdays/n, AddWorkhours/n  deadlines on an office calendar
//   AddWorkhoursByTheDay           the floor: no whole weeks, day after day
//   PhiloxWords                    four random words
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "base/span.h"
#include "base/time_text.h"
#include "base/work_calendar.h"
#include "base/zone.h"

namespace stepwell {
namespace {

const Zone& Stockholm() { return *FindZone("Europe/Stockholm"); }

Instant Start() { return *ParseInstant("2026-03-06T16:00:00Z"); }

WorkCalendar Office() {
  WorkCalendarSpec spec;
  spec.zone = &Stockholm();
  for (int day = 0; day < 5; ++day) {
    spec.week[day] = {{Hours(8).us, Hours(12).us},
                      {Hours(13).us, Hours(17).us}};
  }
  // Twelve holidays a year, as in Sweden.
  for (int i = 0; i < 12 * 12; ++i) {
    spec.holidays.push_back(*MakeDate(2026, 1, 6) + i * 30);
  }
  return *WorkCalendar::Make(spec);
}

void OffsetByTable(benchmark::State& state) {
  Instant t = *ParseInstant("1985-07-01T00:00:00Z");
  for (auto _ : state) {
    benchmark::DoNotOptimize(OffsetAt(Stockholm(), t));
    t = t + Hours(1);
  }
}
BENCHMARK(OffsetByTable);

void OffsetByRule(benchmark::State& state) {
  const Zone& zone = Stockholm();
  Instant t = Start();
  for (auto _ : state) {
    benchmark::DoNotOptimize(OffsetAt(zone, t));
    t = t + Hours(1);
  }
}
BENCHMARK(OffsetByRule);

void FromLocalTime(benchmark::State& state) {
  const Zone& zone = Stockholm();
  LocalTime local = ToLocal(zone, Start());
  for (auto _ : state) {
    benchmark::DoNotOptimize(FromLocal(zone, local));
    local.date = local.date + 1;
  }
}
BENCHMARK(FromLocalTime);

void FormatAndParse(benchmark::State& state) {
  const Zone& zone = Stockholm();
  for (auto _ : state) {
    benchmark::DoNotOptimize(ParseInstant(FormatInstant(Start(), zone)));
  }
}
BENCHMARK(FormatAndParse);

void AddWorkdays(benchmark::State& state) {
  const WorkCalendar office = Office();
  const Instant start = Start();
  for (auto _ : state) {
    benchmark::DoNotOptimize(office.AddWorkDays(start, state.range(0)));
  }
}
BENCHMARK(AddWorkdays)->Arg(2)->Arg(10)->Arg(2500);

void AddWorkhours(benchmark::State& state) {
  const WorkCalendar office = Office();
  const Instant start = Start();
  for (auto _ : state) {
    benchmark::DoNotOptimize(office.AddWorkTime(start, Hours(state.range(0))));
  }
}
BENCHMARK(AddWorkhours)->Arg(16)->Arg(400)->Arg(20'000);

void AddWorkhoursByTheDay(benchmark::State& state) {
  const WorkCalendar office = Office();
  const Instant start = Start();
  for (auto _ : state) {
    int64_t left = Hours(state.range(0)).us;
    Date date = ToLocal(office.zone(), start).date;
    for (; left > 0; date = date + 1) {
      for (const OpenHours& hours : office.HoursOn(date)) {
        left -= (FirstAtOrAfter(office.zone(), {date, hours.close_us}) -
                 FirstAtOrAfter(office.zone(), {date, hours.open_us}))
                    .us;
      }
    }
    benchmark::DoNotOptimize(date);
  }
}
BENCHMARK(AddWorkhoursByTheDay)->Arg(20'000);

void PhiloxWords(benchmark::State& state) {
  const RandomStream stream{1, 2};
  uint32_t index = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(stream.Words(3, 4, index++));
  }
}
BENCHMARK(PhiloxWords);

}  // namespace
}  // namespace stepwell
