// Appointments: the rules of booking, series of sessions, kinds of groups.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/case_view.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {
    "modes",  "slots", "notice", "reschedules_max", "make_up",
    "before", "after", "series", "group",           "source"};
constexpr std::string_view kMakeUpFields[] = {"max", "due"};
constexpr std::string_view kSeriesFields[] = {"sessions", "every"};
constexpr std::string_view kGroupFields[] = {"id",     "title",  "minimum",
                                             "places", "settle", "source"};
constexpr std::string_view kSlots[] = {"free", "offered"};
constexpr int64_t kTimesMax = 100;
constexpr int64_t kPlacesMax = 1000;

void ReadModes(Loading& loading, ObjectReader& object, Booking& booking) {
  constexpr size_t kFirst = 1;  // "" is no mode
  const std::vector<std::string> known(std::begin(kContactModeNames) + kFirst,
                                       std::end(kContactModeNames));
  for (const json::Value value : json::Children(object.Array("modes"))) {
    if (!value.is_string()) {
      WrongType(value, "a string", loading.issues);
      continue;
    }
    const auto it = std::find(known.begin(), known.end(), value.string_value());
    if (it == known.end()) {
      AddError(loading.issues, "unknown_value", value.pointer(),
               absl::StrCat("people do not meet by `",
                            ToAbsl(value.string_value().substr(0, 80)), "`"),
               SuggestName(value.string_value(), known));
      continue;
    }
    const auto mode =
        static_cast<ContactMode>(it - known.begin() + int{kFirst});
    if (std::find(booking.modes.begin(), booking.modes.end(), mode) ==
        booking.modes.end()) {
      booking.modes.push_back(mode);
    }
  }
}

void ReadMakeUp(Loading& loading, ObjectReader& object, Booking& booking) {
  if (!object.Has("make_up")) return;
  ObjectReader make_up(object.Get("make_up"), "`make_up`", kMakeUpFields,
                       loading.issues);
  make_up.Need("max");
  if (const auto max = make_up.Int("max", 0, kTimesMax)) {
    booking.make_ups = static_cast<int>(*max);
  }
  booking.make_up_due =
      ReadName<ClockDefId>(loading, make_up, "due", loading.clocks);
}

void ReadSeries(Loading& loading, ObjectReader& object, Booking& booking) {
  if (!object.Has("series")) return;
  ObjectReader series(object.Get("series"), "`series`", kSeriesFields,
                      loading.issues);
  series.Need("sessions");
  series.Need("every");
  if (const auto sessions = series.Int("sessions", 1, kTimesMax)) {
    booking.sessions = static_cast<int>(*sessions);
  }
  if (const auto every = ReadSpan(series, "every", false)) {
    booking.every = *every;
    if (every->amount == 0) {
      series.Error("every", "bad_span", "sessions cannot all be at once");
    }
  }
}

bool CountsBack(const Span& span) {
  return !NeedsCalendar(span) && span.unit != SpanUnit::kMonths;
}

// It speaks to the patient when the time has come that it leads up to.
bool SpeaksTooLate(const ClockDef& clock) {
  return std::any_of(clock.ladder.begin(), clock.ladder.end(),
                     [](const Rung& rung) {
                       return rung.speaks_to_patient && !rung.after &&
                              rung.percent.value_or(100) == 100;
                     });
}

// A clock at an appointment goes by its time alone.
void CheckClocks(Loading& loading, const ObjectReader& object,
                 std::string_view key, const std::vector<ClockDefId>& clocks) {
  for (size_t i = 0; i < clocks.size(); ++i) {
    const ClockDef& clock = loading.protocol.at(clocks[i]);
    const std::string pointer = absl::StrCat(object.PointerTo(key), "/", i);
    if (clock.pauses) {
      AddError(loading.issues, "booking_clock", pointer,
               absl::StrCat("the clock `", clock.id,
                            "` stands still while the case is paused, and the "
                            "appointment does not"),
               "leave `pauses` out, or take another clock");
    } else if (key == "before" && !CountsBack(clock.budget)) {
      AddError(loading.issues, "booking_clock", pointer,
               absl::StrCat("`", FormatSpan(clock.budget), "` of the clock `",
                            clock.id,
                            "` cannot be counted back from an appointment"),
               "count minutes, hours, days or weeks");
    } else if (key == "before" && !loading.stored && SpeaksTooLate(clock)) {
      AddError(loading.issues, "booking_clock", pointer,
               absl::StrCat("what the clock `", clock.id,
                            "` says to the patient at 100% is never sent: the "
                            "time of the appointment has come by then"),
               "say it earlier, or by a clock of `after`");
    }
  }
}

// What an appointment has that is of one person alone.
void RefuseOfSeat(ObjectReader& object, const Booking& booking) {
  if (booking.slots_only) {
    object.Error("slots", "unknown_field",
                 "a seat in a group has no slot of its own");
  }
  if (booking.reschedules_max) {
    object.Error(
        "reschedules_max", "unknown_field",
        "a group meets at its time, and its sessions are not moved for "
        "one of its members",
        "leave it out: a session is called off, or missed");
  }
  if (object.Has("make_up")) {
    object.Error(
        "make_up", "unknown_field",
        "a session of a group is not held again for one of its members",
        "leave it out: a rule on appointment.no_show hears of a miss");
  }
}

bool HasNumbers(const Booking& booking) {
  return booking.notice || booking.reschedules_max || booking.make_ups ||
         booking.sessions > 0;
}

}  // namespace

void ReadBooking(Loading& loading, ObjectReader& item, Element& element) {
  if (!item.Has("booking")) return;
  ObjectReader object(item.Get("booking"), "`booking`", kFields,
                      loading.issues);
  auto booking = std::make_shared<Booking>();
  ReadModes(loading, object, *booking);
  booking->slots_only = object.Choice("slots", kSlots).value_or(0) == 1;
  booking->notice = ReadSpan(object, "notice", false);
  if (const auto max = object.Int("reschedules_max", 0, kTimesMax)) {
    booking->reschedules_max = static_cast<int>(*max);
  }
  ReadMakeUp(loading, object, *booking);
  booking->before =
      ReadNames<ClockDefId>(loading, object, "before", loading.clocks);
  booking->after =
      ReadNames<ClockDefId>(loading, object, "after", loading.clocks);
  ReadSeries(loading, object, *booking);
  if (booking->sessions > 0 && element.phase.IsNone()) {
    object.Error("series", "unknown_field",
                 "an item of no phase opens one session only",
                 "put it into a phase, where its sessions follow each other");
  }
  if (const auto group = object.Text("group")) {
    const uint16_t number = ResolveIn(
        loading.groups, *group, object.PointerTo("group"), loading.issues);
    if (number != NameTable::kNone) booking->group = number;
    RefuseOfSeat(object, *booking);
  }
  if (HasNumbers(*booking) || object.Has("source")) {
    ReadSource(loading, object, "the rules of this appointment");
  }
  CheckClocks(loading, object, "before", booking->before);
  CheckClocks(loading, object, "after", booking->after);
  element.booking = std::move(booking);
}

void ReadGroups(Loading& loading) {
  ObjectReader top(loading.root, "a protocol", loading.issues);
  loading.protocol.carried =
      ReadNames<InstrumentRef>(loading, top, "carry", loading.instruments);
  for (const json::Value value : json::Children(loading.root.Find("groups"))) {
    const json::Value id = value.Find("id");
    if (!id.is_string()) continue;
    const uint16_t number = loading.groups.Find(id.string_value());
    if (number == NameTable::kNone) continue;
    GroupKind& group = loading.protocol.groups[number];
    if (group.pointer != value.pointer()) continue;  // a duplicate
    ObjectReader object(value, "a group", kGroupFields, loading.issues);
    object.Need("minimum");
    object.Need("places");
    group.minimum =
        static_cast<int>(object.Int("minimum", 1, kPlacesMax).value_or(1));
    group.places = static_cast<int>(
        object.Int("places", 1, kPlacesMax).value_or(kPlacesMax));
    group.settle = ReadSpan(object, "settle", false);
    if (group.settle && !CountsBack(*group.settle)) {
      object.Error("settle", "bad_span",
                   "months cannot be counted back from a date",
                   "count hours, days or weeks");
    }
    ReadSource(loading, object, "the size of this group");
    if (group.minimum > group.places) {
      object.Error("minimum", "group_size",
                   absl::StrCat("the group `", group.id, "` needs ",
                                group.minimum, " and has ", group.places,
                                " places: it would never begin"),
                   "a minimum that the places can meet");
    }
  }
}

// Whoever has missed too often, or a seat in a group that is not held again for
// them, is heard of: a rule says what comes then.
void CheckBooking(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const Element& element = protocol.elements[i];
    if (element.booking == nullptr) continue;
    const bool of_group = element.booking->group >= 0;
    if (!of_group && !element.booking->make_ups) continue;
    const bool heard = std::any_of(
        protocol.rules.begin(), protocol.rules.end(), [&](const Rule& rule) {
          return (rule.on.kind == TriggerKind::kItemExpired ||
                  rule.on.kind == TriggerKind::kNoShow ||
                  rule.on.kind == TriggerKind::kLateCancelled ||
                  rule.on.kind == TriggerKind::kSeriesCompleted) &&
                 rule.on.argument == i;
        });
    if (heard) continue;
    AddWarning(loading.issues, "missed_unheard",
               absl::StrCat(element.pointer, "/booking/",
                            of_group ? "group" : "make_up"),
               of_group
                   ? absl::StrCat("a session of `", element.id,
                                  "` that a member misses is over for them, "
                                  "and no rule hears of it")
                   : absl::StrCat("`", element.id, "` ends when more than ",
                                  *element.booking->make_ups,
                                  " are missed, and no rule hears of it"),
               "a rule on item.expired or appointment.no_show that opens work");
  }
}

}  // namespace stepwell::protocol
