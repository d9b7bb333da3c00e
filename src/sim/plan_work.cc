// What work takes: minutes, outcomes, appointments; alerts and messages.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "metrics/course.h"
#include "sim/plan_reader.h"

namespace stepwell::sim {
namespace {

constexpr std::string_view kWorkFields[] = {"id",
                                            "items",
                                            "kinds",
                                            "minutes",
                                            "outcomes",
                                            "fact",
                                            "starts",
                                            "appointment",
                                            "source",
                                            "note",
                                            "outcomes_if_left",
                                            "outcomes_after"};
constexpr std::string_view kAppointmentFields[] = {"no_show", "notice",
                                                   "booking", "source", "note"};
constexpr std::string_view kAfterFields[] = {"id", "outcomes", "source",
                                             "note"};
constexpr std::string_view kAlertFields[] = {"acknowledge", "assess", "close",
                                             "outcomes",    "source", "note"};
constexpr std::string_view kMessageFields[] = {"per_week", "track",  "phase",
                                               "minutes",  "source", "note"};
constexpr std::string_view kSteps[] = {"acknowledge", "assess", "close"};

Shares<OutcomeId> ReadOutcomes(json::Value value, Reading& reading) {
  Shares<OutcomeId> shares;
  for (const auto& [name, share] : ReadShares(value, reading.issues)) {
    const std::string pointer = protocol::Below(value.pointer(), name);
    shares.values.push_back({OutcomeOf(name, pointer, reading), share});
  }
  return shares;
}

void ReadAllOutcomes(ObjectReader& object, Work& work, Reading& reading) {
  if (object.Has("outcomes_if_left")) {
    work.outcomes.push_back(
        {true, {}, ReadOutcomes(object.Get("outcomes_if_left"), reading)});
  }
  for (const Entry& entry : Entries(object, "outcomes_after", "outcomes")) {
    ObjectReader after(entry.value, "outcomes after a milestone", kAfterFields,
                       reading.issues);
    Outcomes outcomes;
    outcomes.after = MilestoneOf(entry.id, after.PointerTo("id"), reading);
    if (after.Need("outcomes")) {
      outcomes.shares = ReadOutcomes(after.Get("outcomes"), reading);
    }
    work.outcomes.push_back(std::move(outcomes));
  }
  if (object.Has("outcomes")) {
    work.outcomes.push_back(
        {false, {}, ReadOutcomes(object.Get("outcomes"), reading)});
  }
}

void ReadFact(ObjectReader& object, Work& work, Reading& reading) {
  const json::Value fact = object.Get("fact");
  for (const auto& [name, share] : ReadShares(fact, reading.issues)) {
    const std::string pointer = protocol::Below(fact.pointer(), name);
    int64_t number = 0;
    if (name == "true") {
      number = 1;
    } else if (name != "false") {
      const auto digits = ParseDigits(name);
      if (!digits) {
        AddError(reading.issues, "out_of_range", pointer,
                 absl::StrCat("`", name, "` is no value of a fact"),
                 "true, false or a whole number");
      }
      number = digits.value_or(0);
    }
    work.fact.values.push_back({number, share});
  }
}

// The items that an entry speaks of: by name, or all of a kind that no other
// entry names.
std::vector<ElementId> ItemsOf(ObjectReader& object, Reading& reading) {
  std::vector<ElementId> items;
  for (const auto& [name, pointer] : Texts(object, "items")) {
    const ElementId element = ElementOf(name, pointer, reading);
    if (element.IsNone()) continue;
    if (protocol::IsOutside(reading.protocol.at(element).performer)) {
      AddError(reading.issues, "not_the_staffs", pointer,
               absl::StrCat("`", name, "` is the patient's to do"),
               "it stands under `patients.behaviour`");
    } else if (reading.plan.work_of[element.value] >= 0) {
      AddError(reading.issues, "duplicate", pointer,
               absl::StrCat("`", name, "` is in another entry too"));
    }
    items.push_back(element);
  }
  return items;
}

Work ReadEntry(ObjectReader& object, const std::string& id, Reading& reading) {
  Work work;
  work.minutes =
      NeedAmount(object, "minutes", Unit::kMinutes, {0, kMinutesPerWeek});
  work.starts = object.Bool("starts", false);
  ReadAllOutcomes(object, work, reading);
  if (object.Has("fact")) ReadFact(object, work, reading);
  if (object.Has("appointment")) {
    ObjectReader appointment(object.Object("appointment"), "an appointment",
                             kAppointmentFields, reading.issues);
    work.no_show = Number(appointment, "no_show", kShare).value_or(0);
    work.notice = Amount(appointment, "notice", Unit::kDays, kAnyDays)
                      .value_or(Distribution());
    work.booking =
        Amount(appointment, "booking", Unit::kMinutes, kMinutesOfWork)
            .value_or(Distribution());
  }
  work.draw_minutes = PurposeOf(absl::StrCat("minutes/", id));
  work.draw_outcome = PurposeOf(absl::StrCat("outcome/", id));
  work.draw_fact = PurposeOf(absl::StrCat("fact/", id));
  work.draw_no_show = PurposeOf(absl::StrCat("no_show/", id));
  work.draw_booking = PurposeOf(absl::StrCat("booking/", id));
  return work;
}

struct OfKinds {
  json::Value value;
  int16_t work = 0;
  std::vector<std::pair<std::string, std::string>> kinds;
};

// Staff of plans are not new: nobody signs for them.
constexpr size_t kPlanned =
    static_cast<size_t>(metrics::Activity::kSupervision);

// Entries by kind take what no entry by name took.
void SpreadKinds(const std::vector<OfKinds>& entries, Reading& reading) {
  std::vector<std::string> known;
  for (size_t a = 0; a < kPlanned; ++a) {
    known.push_back(metrics::ActivityName(static_cast<metrics::Activity>(a)));
  }
  const auto& elements = reading.protocol.elements;
  std::vector<int16_t> by_kind(kPlanned, -1);
  for (const OfKinds& entry : entries) {
    for (const auto& [name, pointer] : entry.kinds) {
      const auto kind = std::find(known.begin(), known.end(), name);
      if (kind == known.end()) {
        AddError(reading.issues, "unknown_value", pointer,
                 absl::StrCat("`", name, "` is no kind of work"),
                 protocol::SuggestName(name, known));
        continue;
      }
      int16_t& taken = by_kind[static_cast<size_t>(kind - known.begin())];
      if (taken >= 0) {
        AddError(reading.issues, "duplicate", pointer,
                 absl::StrCat("`", name, "` is in another entry too"));
      }
      taken = entry.work;
    }
  }
  for (size_t e = 0; e < elements.size(); ++e) {
    const bool of_staff = !protocol::IsOutside(elements[e].performer);
    if (of_staff && reading.plan.work_of[e] < 0) {
      reading.plan.work_of[e] =
          by_kind[static_cast<size_t>(metrics::ActivityOf(elements[e]))];
    }
  }
}

}  // namespace

void ReadWork(ObjectReader& root, Reading& reading) {
  Plan& plan = reading.plan;
  plan.work_of.assign(reading.protocol.elements.size(), -1);
  root.NeedArray("work");
  std::vector<OfKinds> of_kinds;
  for (const Entry& entry : Entries(root, "work", "work")) {
    ObjectReader object(entry.value, "work", kWorkFields, reading.issues);
    const std::vector<ElementId> items = ItemsOf(object, reading);
    const auto kinds = Texts(object, "kinds");
    if (items.empty() && kinds.empty() && !object.Has("items")) {
      object.Error("items", "missing_field", "nothing says which work this is",
                   "`items` by name, or `kinds`");
    }
    const auto number = static_cast<int16_t>(plan.works.size());
    plan.works.push_back(ReadEntry(object, entry.id, reading));
    for (const ElementId element : items) plan.work_of[element.value] = number;
    if (!kinds.empty()) of_kinds.push_back({entry.value, number, kinds});
  }
  SpreadKinds(of_kinds, reading);
}

void ReadAlertsAndMessages(ObjectReader& root, Reading& reading) {
  Plan& plan = reading.plan;
  for (size_t i = 0; i < 3; ++i) {
    plan.alerts.draw_minutes[i] =
        PurposeOf(absl::StrCat("alert/", ToAbsl(kSteps[i])));
  }
  plan.alerts.draw_outcome = PurposeOf("alert/outcome");
  if (root.Has("alerts")) {
    ObjectReader alerts(root.Object("alerts"), "`alerts`", kAlertFields,
                        reading.issues);
    for (size_t i = 0; i < 3; ++i) {
      plan.alerts.minutes[i] =
          NeedAmount(alerts, kSteps[i], Unit::kMinutes, kMinutesOfWork);
    }
    if (alerts.Need("outcomes")) {
      plan.alerts.outcomes = ReadOutcomes(alerts.Get("outcomes"), reading);
    }
  }
  plan.messages.draw_gap = PurposeOf("message/gap");
  plan.messages.draw_minutes = PurposeOf("message/minutes");
  if (!root.Has("messages")) return;
  ObjectReader messages(root.Object("messages"), "`messages`", kMessageFields,
                        reading.issues);
  plan.messages.per_week = NeedNumber(messages, "per_week", {0, 1000});
  plan.messages.minutes =
      NeedAmount(messages, "minutes", Unit::kMinutes, kMinutesOfWork);
  const auto phase = messages.NeedText("phase");
  const auto track = messages.Text("track").value_or("pathway");
  if (!phase) return;
  plan.messages.phase = reading.protocol.FindPhase(track, *phase);
  if (plan.messages.phase.IsNone()) {
    Unknown(absl::StrCat("phase of track `", ToAbsl(track), "` called"), *phase,
            messages.PointerTo("phase"), NamesOf(reading.protocol.phases),
            reading.issues);
  }
}

}  // namespace stepwell::sim
