// The queue at the door: priority classes, throttles, places.
#include "protocol/intake.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {"phase", "to", "classes", "throttles",
                                        "capacity"};
constexpr std::string_view kClassFields[] = {"id",         "title",   "if",
                                             "on_unknown", "max_age", "source"};
constexpr std::string_view kThrottleFields[] = {"id",   "starts", "per",
                                                "zone", "routes", "source"};
constexpr std::string_view kCapacityFields[] = {"places", "pool", "held_in",
                                                "rules", "source"};
constexpr std::string_view kRuleFields[] = {"id",      "if",       "on_unknown",
                                            "max_age", "free_min", "source"};
constexpr std::string_view kPeriods[] = {"day", "week", "month"};

// The members of an array, no more of them than a protocol may have.
std::vector<json::Value> PartsOf(ObjectReader& object, std::string_view key) {
  const json::Value array = object.Array(key);
  if (array.size() > limits::kElementsMax) {
    object.Error(key, "element_limit",
                 absl::StrCat("a queue has at most ", limits::kElementsMax,
                              " of these"));
    return {};
  }
  std::vector<json::Value> parts;
  for (const json::Value part : json::Children(array)) parts.push_back(part);
  return parts;
}

// Numbers of the guard, or beside it, say where they come from.
void ReadGuardOf(Loading& loading, ObjectReader& object, Guard& guard,
                 bool number, std::string_view what) {
  guard = ReadGuard(loading, object, "if", GuardUse::kSafetyRule);
  if (number || HasNumber(guard.text) || guard.max_age ||
      object.Has("source")) {
    ReadSource(loading, object, what);
  }
}

void ReadClasses(Loading& loading, ObjectReader& intake, Intake& result) {
  NameTable names("priority class");
  const std::vector<json::Value> parts = PartsOf(intake, "classes");
  for (size_t i = 0; i < parts.size(); ++i) {
    ObjectReader object(parts[i], "a priority class", kClassFields,
                        loading.issues);
    IntakeClass one;
    one.id = ReadId(object, names);
    one.title = TextIn(ReadTexts(object.Get("title"), loading.protocol.language,
                                 loading.issues),
                       loading.protocol.language);
    ReadGuardOf(loading, object, one.guard, false, "a number of this class");
    const bool last = i + 1 == parts.size();
    if (object.ok() && object.Has("if") == last) {
      AddError(loading.issues, "intake_class_order", parts[i].pointer(),
               last ? absl::StrCat("whoever is not of the class `", one.id,
                                   "` is of none")
                    : absl::StrCat("everybody is of the class `", one.id,
                                   "`: nobody reaches those behind it"),
               "every class but the last has an `if`, and the last has none");
    }
    result.classes.push_back(std::move(one));
  }
  if (parts.empty() && intake.ok() && intake.Get("classes").is_array()) {
    intake.Error("classes", "missing_field", "a queue has one class at least",
                 "for example [{\"id\": \"ordinary\"}]");
  }
}

void ReadThrottle(Loading& loading, ObjectReader& object, Throttle& throttle) {
  object.Need("starts");
  object.Need("per");
  throttle.starts = static_cast<int>(
      object.Int("starts", 1, limits::kIntakeStartsMax).value_or(1));
  if (const auto per = object.Choice("per", kPeriods)) {
    throttle.per = static_cast<ThrottlePeriod>(*per);
  }
  throttle.zone = loading.protocol.zone;
  if (const auto zone = object.Text("zone")) {
    throttle.zone = FindZone(*zone);
    if (throttle.zone == nullptr) {
      object.Error("zone", "bad_zone",
                   absl::StrCat("there is no time zone `",
                                ToAbsl(zone->substr(0, 80)), "`"),
                   "an IANA name: \"Europe/Oslo\"");
    }
  }
  throttle.routes =
      ReadNames<RouteId>(loading, object, "routes", loading.routes);
  ReadSource(loading, object, "this number of starts");
}

void ReadThrottles(Loading& loading, ObjectReader& intake, Intake& result) {
  NameTable names("throttle");
  for (const json::Value value : PartsOf(intake, "throttles")) {
    ObjectReader object(value, "a throttle", kThrottleFields, loading.issues);
    Throttle throttle;
    throttle.id = ReadId(object, names);
    ReadThrottle(loading, object, throttle);
    result.throttles.push_back(std::move(throttle));
  }
}

void ReadPlaces(Loading& loading, ObjectReader& object, Capacity& capacity) {
  capacity.places = static_cast<int>(
      object.Int("places", 1, limits::kIntakePlacesMax).value_or(0));
  capacity.pool = ReadName<PoolId>(loading, object, "pool", loading.pools);
  if (object.Has("places") == object.Has("pool")) {
    object.Error("places", "intake_places",
                 "the places are either a number or those of a pool",
                 "give `places` or `pool`");
  }
  if (!capacity.pool.IsNone() &&
      loading.protocol.at(capacity.pool).caseload_max == 0) {
    object.Error(
        "pool", "intake_places",
        absl::StrCat("the pool `", loading.protocol.at(capacity.pool).id,
                     "` has no `caseload_max`: it is never full"),
        "give the pool one, or give `places`");
  }
  if (object.Has("places") || object.Has("source")) {
    ReadSource(loading, object, "this number of places");
  }
}

void ReadCapacity(Loading& loading, ObjectReader& intake, Intake& result) {
  if (!intake.Has("capacity")) return;
  Capacity& capacity = result.capacity;
  ObjectReader object(intake.Object("capacity"), "`capacity`", kCapacityFields,
                      loading.issues);
  if (!object.ok()) return;
  ReadPlaces(loading, object, capacity);
  object.NeedArray("held_in");
  capacity.held_in =
      ReadNames<PhaseId>(loading, object, "held_in", loading.phases);
  NameTable names("rule of capacity");
  for (const json::Value value : PartsOf(object, "rules")) {
    ObjectReader part(value, "a rule of capacity", kRuleFields, loading.issues);
    CapacityRule rule;
    rule.id = ReadId(part, names);
    part.Need("if");
    part.Need("free_min");
    rule.free_min = static_cast<int>(
        part.Int("free_min", 1, limits::kIntakePlacesMax).value_or(1));
    ReadGuardOf(loading, part, rule.guard, true, "this number of places");
    if (capacity.places > 0 && rule.free_min > capacity.places) {
      part.Error("free_min", "intake_places",
                 absl::StrCat("there are ", capacity.places,
                              " places: so many are never free"),
                 "a number that can be free");
    }
    capacity.rules.push_back(std::move(rule));
  }
}

// Where they wait and where they go: two phases of one track, and nobody
// arrives at the second but through the queue.
void CheckPhases(Loading& loading, ObjectReader& object, const Intake& intake) {
  if (intake.phase.IsNone() || intake.to.IsNone()) return;
  const Protocol& protocol = loading.protocol;
  const Phase& waits = protocol.at(intake.phase);
  const Phase& to = protocol.at(intake.to);
  const Capacity& capacity = intake.capacity;
  if (waits.final) {
    object.Error("phase", "intake_phase", "nobody waits where care is over");
  } else if (waits.track != to.track || intake.phase == intake.to) {
    object.Error("to", "intake_phase",
                 "the queue leads to another phase of the same track");
  } else if (to.final || protocol.at(to.track).initial == intake.to) {
    object.Error("to", "intake_phase",
                 absl::StrCat("the queue leads into care, and `", to.id, "` ",
                              to.final ? "is its end" : "is where all begin"));
  } else if (capacity.IsLimit() &&
             (!intake.Holds(intake.to) || intake.Holds(intake.phase))) {
    AddError(loading.issues, "intake_phase",
             Below(object.PointerTo("capacity"), "held_in"),
             absl::StrCat("a case has a place from `", to.id,
                          "` on, and none while it waits"),
             absl::StrCat("name ", protocol.at(to.track).id, "/", to.id,
                          " and not the phase of the queue"));
  }
}

}  // namespace

const Throttle* Intake::FindThrottle(std::string_view id) const {
  for (const Throttle& throttle : throttles) {
    if (throttle.id == id) return &throttle;
  }
  return nullptr;
}

const CapacityRule* Intake::FindRule(std::string_view id) const {
  for (const CapacityRule& rule : capacity.rules) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

bool Intake::Holds(PhaseId place) const {
  return std::find(capacity.held_in.begin(), capacity.held_in.end(), place) !=
         capacity.held_in.end();
}

namespace {

Date FirstDay(const Throttle& throttle, Instant now) {
  const Date today = ToLocal(*throttle.zone, now).date;
  switch (throttle.per) {
    case ThrottlePeriod::kDay:
      return today;
    case ThrottlePeriod::kWeek:
      return Date{today.days - static_cast<int32_t>(WeekdayOf(today))};
    case ThrottlePeriod::kMonth:
      return Date{today.days - (FieldsOf(today).day - 1)};
  }
  return today;
}

}  // namespace

std::string PeriodOf(const Throttle& throttle, Instant now) {
  return FormatDate(FirstDay(throttle, now));
}

Instant NextPeriod(const Throttle& throttle, Instant now) {
  const Date first = FirstDay(throttle, now);
  Date next{first.days + 1};
  if (throttle.per == ThrottlePeriod::kWeek) next = Date{first.days + 7};
  if (throttle.per == ThrottlePeriod::kMonth) next = AddMonths(first, 1);
  return FirstAtOrAfter(*throttle.zone, {next, 0});
}

void ReadIntake(Loading& loading) {
  const json::Value value = loading.root.Find("intake");
  if (!value) return;
  ObjectReader object(value, "`intake`", kFields, loading.issues);
  if (!object.ok()) return;
  auto intake = std::make_shared<Intake>();
  intake->phase =
      ReadName<PhaseId>(loading, object, "phase", loading.phases, true);
  intake->to = ReadName<PhaseId>(loading, object, "to", loading.phases, true);
  object.NeedArray("classes");
  ReadClasses(loading, object, *intake);
  ReadThrottles(loading, object, *intake);
  ReadCapacity(loading, object, *intake);
  if (!object.Has("throttles") && !object.Has("capacity")) {
    object.Error("throttles", "missing_field",
                 "nothing would ever let anybody wait",
                 "give `throttles`, `capacity` or both");
  }
  CheckPhases(loading, object, *intake);
  loading.protocol.intake = std::move(intake);
}

}  // namespace stepwell::protocol
