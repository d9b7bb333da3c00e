// Clocks: budgets with ladders.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {
    "id",     "title", "budget", "calendar", "zone",   "pauses", "late",
    "ladder", "start", "stop",   "reset",    "source", "window"};
constexpr std::string_view kRungFields[] = {"at", "after", "repeat", "do",
                                            "source"};
constexpr std::string_view kZones[] = {"service", "patient"};
constexpr std::string_view kLate[] = {"fire", "coalesce", "shift"};

// Numbers that the budget does not imply.
bool HasOwnNumber(const Rung& rung) {
  return rung.after || rung.repeat || rung.percent.value_or(100) != 100 ||
         std::any_of(rung.actions.begin(), rung.actions.end(),
                     [](const Action& a) { return a.valid_for.has_value(); });
}

// One rung; `last` may repeat, the first must be a share of the budget unless a
// window opens before it.
Rung ReadRung(Loading& loading, json::Value value, const ClockDef& clock,
              bool first, bool last) {
  const bool calendar = !clock.calendar.IsNone();
  Rung rung;
  rung.pointer = value.pointer();
  ObjectReader object(value, "a rung", kRungFields, loading.issues);
  if (object.ok() && object.Has("at") == object.Has("after")) {
    AddError(loading.issues, "missing_field", value.pointer(),
             "a rung has either `at` or `after`",
             "`at`: a share of the budget like \"75%\"; `after`: a span "
             "after the rung before");
  }
  if (const auto at = object.Text("at")) {
    const absl::StatusOr<int> percent = ParsePercent(*at);
    if (percent.ok()) {
      rung.percent = *percent;
    } else {
      object.Error("at", "bad_span", std::string(percent.status().message()),
                   "for example \"75%\"");
    }
  }
  rung.after = ReadSpan(object, "after", calendar);
  if (first && object.Has("after") && !clock.is_window) {
    object.Error("after", "rung_order", "the first rung has none before it",
                 "write `at`, a share of the budget");
  }
  rung.repeat = ReadSpan(object, "repeat", calendar);
  if (rung.repeat && rung.repeat->amount == 0) {
    object.Error("repeat", "bad_span", "a rung cannot repeat at once");
  }
  if (object.Has("repeat") && (!last || clock.is_window)) {
    object.Error("repeat", "rung_order",
                 clock.is_window
                     ? "the closing of the window is the last rung, "
                       "and comes once"
                     : "only the last rung may repeat");
  }
  rung.actions = ReadActions(loading, object.NeedArray("do"));
  rung.speaks_to_patient = SpeaksToPatient(rung.actions);
  // What the clock refers to states its budget. An assumption covers the rest.
  const bool referred = !clock.source.empty() && clock.source != "assumption";
  if ((referred && HasOwnNumber(rung)) || object.Has("source")) {
    ReadSource(loading, object, "a number of this rung");
  }
  return rung;
}

void ReadLadder(Loading& loading, ObjectReader& object, ClockDef& clock) {
  const json::Value ladder = object.NeedArray("ladder");
  if (ladder && ladder.size() == 0) {
    object.Error("ladder", "missing_field",
                 "a clock without rungs does nothing");
  }
  int percent = -1;
  bool after_seen = false;
  size_t i = 0;
  for (const json::Value value : json::Children(ladder)) {
    clock.ladder.push_back(
        ReadRung(loading, value, clock, i == 0, i + 1 == ladder.size()));
    ++i;
    const Rung& rung = clock.ladder.back();
    if (rung.after) after_seen = !clock.is_window;
    if (!rung.percent) continue;
    if (clock.is_window && *rung.percent != 100) {
      AddError(loading.issues, "rung_order", Below(value.pointer(), "at"),
               "of a follow-up window only the due date itself is a rung",
               "\"100%\", or a span after the rung before: the first is the "
               "opening of the window");
    }
    if (*rung.percent <= percent || after_seen) {
      AddError(loading.issues, "rung_order", value.pointer(),
               "rungs must stand in the order of time",
               "shares of the budget rise, and come before `after` rungs");
    }
    percent = *rung.percent;
  }
}

// Hours are the same everywhere, and working time is that of the calendar.
void CheckZone(const ObjectReader& object, const ClockDef& clock,
               Issues& issues) {
  const bool dates =
      CountsDates(clock.budget) ||
      std::any_of(clock.ladder.begin(), clock.ladder.end(), [](const Rung& r) {
        return (r.after && CountsDates(*r.after)) ||
               (r.repeat && CountsDates(*r.repeat));
      });
  if (!clock.patient_zone || dates) return;
  AddError(issues, "zone_without_dates", object.PointerTo("zone"),
           "no span of this clock counts dates: the patient's zone would "
           "change nothing",
           "leave `zone` out, or count days, weeks or months");
}

void ReadClock(Loading& loading, json::Value value, ClockDef& clock) {
  ObjectReader object(value, "a clock", kFields, loading.issues);
  object.CheckTexts("title");
  clock.calendar =
      ReadName<CalendarRef>(loading, object, "calendar", loading.calendars);
  // A wrong calendar name is one mistake, not one more in every span.
  const bool calendar = object.Has("calendar");
  object.Need("budget");
  if (const auto budget = ReadSpan(object, "budget", calendar)) {
    clock.budget = *budget;
    if (budget->amount == 0) {
      object.Error("budget", "bad_span", "a budget is longer than nothing");
    }
  }
  clock.patient_zone = object.Choice("zone", kZones).value_or(0) == 1;
  clock.pauses = object.Bool("pauses", false);
  clock.late =
      static_cast<LatePolicy>(object.Choice("late", kLate).value_or(0));
  clock.source = ReadSource(loading, object, "this clock");
  OpenWindow(loading, object, clock);
  ReadLadder(loading, object, clock);
  CloseWindow(loading, object, clock);
  CheckZone(object, clock, loading.issues);
  clock.start = ReadTriggers(loading, object, "start");
  clock.stop = ReadTriggers(loading, object, "stop");
  clock.reset = ReadTriggers(loading, object, "reset");
}

}  // namespace

void ReadClocks(Loading& loading) {
  for (const json::Value value : json::Children(loading.root.Find("clocks"))) {
    const json::Value id = value.Find("id");
    if (!id.is_string()) continue;
    const uint16_t number = loading.clocks.Find(id.string_value());
    if (number == NameTable::kNone) continue;
    ClockDef& clock = loading.protocol.clocks[number];
    if (clock.pointer != value.pointer()) continue;  // a duplicate
    ReadClock(loading, value, clock);
  }
}

}  // namespace stepwell::protocol
