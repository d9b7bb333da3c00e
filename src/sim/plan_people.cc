// Who comes, and how patients behave.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "sim/plan_reader.h"

namespace stepwell::sim {
namespace {

constexpr std::string_view kArrivalFields[] = {
    "id",       "per_year",           "documents", "referrer",
    "consents", "information_source", "source",    "note"};
constexpr std::string_view kPatientFields[] = {
    "correlation", "answers", "trajectory", "behaviour",
    "modules",     "source",  "note"};
constexpr std::string_view kBehaviourFields[] = {
    "id",       "items",  "share", "after_drop_out", "reminded",
    "together", "leaves", "after", "source",         "note"};
constexpr std::string_view kModuleFields[] = {
    "id", "drop_out", "opens_after", "hands_in_after", "source", "note"};
constexpr std::string_view kTrajectoryFields[] = {"from", "classes", "noise",
                                                  "source", "note"};
constexpr std::string_view kClassFields[] = {"id",    "share",  "change",
                                             "weeks", "source", "note"};

void ReadConsents(ObjectReader& object, Arrivals& arrivals, Reading& reading) {
  for (const json::Value value : json::Children(object.Object("consents"))) {
    Arrivals::Consent consent;
    consent.purpose = reading.protocol.FindPurpose(value.key());
    if (consent.purpose.IsNone()) {
      Unknown("purpose", value.key(), value.pointer(),
              reading.protocol.purposes, reading.issues);
    }
    consent.share = NumberOf(value, kShare, reading.issues).value_or(1);
    consent.draw = PurposeOf(absl::StrCat("consent/", ToAbsl(value.key())));
    arrivals.consents.push_back(consent);
  }
}

Behaviour ReadBehaviour(const Entry& entry, Reading& reading) {
  ObjectReader object(entry.value, "a behaviour", kBehaviourFields,
                      reading.issues);
  Behaviour behaviour;
  behaviour.id = entry.id;
  behaviour.answers = NeedNumber(object, "share", kShare);
  behaviour.after_drop_out =
      Number(object, "after_drop_out", kShare).value_or(0);
  behaviour.reminded = Number(object, "reminded", kShare).value_or(0);
  behaviour.together = object.Bool("together", false);
  behaviour.leaves = object.Bool("leaves", false);
  behaviour.delay = NeedAmount(object, "after", Unit::kDays, kAnyDays);
  behaviour.draw_answers = PurposeOf(absl::StrCat("answers/", entry.id));
  behaviour.draw_delay = PurposeOf(absl::StrCat("delay/", entry.id));
  behaviour.draw_reminded = PurposeOf(absl::StrCat("reminded/", entry.id));
  object.NeedArray("items");
  for (const auto& [name, pointer] : Texts(object, "items")) {
    const ElementId element = ElementOf(name, pointer, reading);
    if (element.IsNone()) continue;
    behaviour.elements.push_back(element);
    int16_t& owner = reading.plan.behaviour_of[element.value];
    if (!protocol::IsOutside(reading.protocol.at(element).performer)) {
      AddError(reading.issues, "not_the_patients", pointer,
               absl::StrCat("`", name, "` is not the patient's to do"),
               "what staff do stands under `work`");
    } else if (owner >= 0) {
      AddError(reading.issues, "duplicate", pointer,
               absl::StrCat("`", name, "` is in another behaviour too"));
    }
    owner = static_cast<int16_t>(reading.plan.behaviours.size());
  }
  return behaviour;
}

void ReadModules(const Entry& entry, Reading& reading) {
  ObjectReader object(entry.value, "the modules of a program", kModuleFields,
                      reading.issues);
  const auto& programs = reading.protocol.programs;
  const auto program =
      std::find_if(programs.begin(), programs.end(),
                   [&](const auto& p) { return p.name == entry.id; });
  if (program == programs.end()) {
    std::vector<std::string> names;
    for (const auto& known : programs) names.push_back(known.name);
    Unknown("program", entry.id, object.PointerTo("id"), names, reading.issues);
    return;
  }
  const size_t count = program->modules.size();
  ModuleBehaviour modules;
  modules.program =
      ProgramRef(static_cast<uint16_t>(program - programs.begin()));
  const json::Value hazard = object.Need("drop_out");
  if (hazard.is_array()) {
    for (const json::Value value : json::Children(hazard)) {
      modules.drop_out.push_back(
          NumberOf(value, kShare, reading.issues).value_or(0));
    }
    if (hazard.size() != count) {
      object.Error("drop_out", "out_of_range",
                   absl::StrCat("the program has ", count,
                                " modules, the list ", hazard.size()));
    }
  } else if (hazard) {
    modules.drop_out.assign(
        count, NumberOf(hazard, kShare, reading.issues).value_or(0));
  }
  const auto opens = Amount(object, "opens_after", Unit::kDays, kAnyDays);
  modules.opens = opens.has_value();
  modules.opens_after = opens.value_or(Distribution());
  modules.hands_in_after =
      NeedAmount(object, "hands_in_after", Unit::kDays, kAnyDays);
  for (const ElementId module : program->modules) {
    const std::string& name = reading.protocol.at(module).id;
    modules.draw_drop_out.push_back(PurposeOf(absl::StrCat("drop_out/", name)));
    modules.draw_opens.push_back(PurposeOf(absl::StrCat("opens/", name)));
    modules.draw_duration.push_back(PurposeOf(absl::StrCat("hands_in/", name)));
  }
  reading.plan.modules[modules.program.value] = std::move(modules);
}

void ReadTrajectory(ObjectReader& patients, Reading& reading) {
  if (!patients.Has("trajectory")) return;
  ObjectReader object(patients.Object("trajectory"), "a trajectory",
                      kTrajectoryFields, reading.issues);
  Trajectory& trajectory = reading.plan.trajectory;
  trajectory.noise = Number(object, "noise", {0, 10}).value_or(0);
  if (const auto from = object.NeedText("from")) {
    trajectory.start = MilestoneOf(*from, object.PointerTo("from"), reading);
  }
  double sum = 0;
  for (const Entry& entry : Entries(object, "classes", "a class")) {
    ObjectReader inner(entry.value, "a class", kClassFields, reading.issues);
    Trajectory::Class kind;
    kind.change = NeedNumber(inner, "change", {-10, 10});
    kind.weeks = NeedNumber(inner, "weeks", {0.01, 1000});
    const double share = NeedNumber(inner, "share", kShare);
    sum += share;
    trajectory.classes.values.push_back({kind, share});
  }
  if (sum < 1 - kSharesTolerance || sum > 1 + kSharesTolerance) {
    object.Error("classes", "shares_sum",
                 absl::StrCat("the shares sum to ", sum, ", not to 1"));
  }
}

}  // namespace

void ReadArrivals(ObjectReader& root, Reading& reading) {
  root.NeedArray("arrivals");
  for (const Entry& entry : Entries(root, "arrivals", "an arrival")) {
    ObjectReader object(entry.value, "an arrival", kArrivalFields,
                        reading.issues);
    Arrivals arrivals;
    arrivals.id = entry.id;
    arrivals.route = reading.protocol.FindRoute(entry.id);
    if (arrivals.route.IsNone()) {
      Unknown("route", entry.id, object.PointerTo("id"),
              NamesOf(reading.protocol.routes), reading.issues);
    }
    arrivals.per_year = NeedNumber(object, "per_year", {0, 1e9});
    for (auto& [name, pointer] : Texts(object, "documents")) {
      arrivals.documents.push_back(name);
    }
    arrivals.referrer = std::string(object.Text("referrer").value_or(""));
    arrivals.information_source =
        std::string(object.Text("information_source").value_or(""));
    arrivals.draw_gap = PurposeOf(absl::StrCat("arrival/", entry.id));
    if (object.Has("consents")) ReadConsents(object, arrivals, reading);
    reading.plan.arrivals.push_back(std::move(arrivals));
  }
}

void ReadPatients(ObjectReader& root, Reading& reading) {
  Plan& plan = reading.plan;
  plan.behaviour_of.assign(reading.protocol.elements.size(), -1);
  plan.modules.resize(reading.protocol.programs.size());
  plan.answers.resize(reading.protocol.instruments.size());
  plan.draw_severity = PurposeOf("severity");
  plan.draw_class = PurposeOf("trajectory");
  if (!root.Has("patients")) return;
  ObjectReader patients(root.Object("patients"), "`patients`", kPatientFields,
                        reading.issues);
  if (!patients.ok()) return;
  plan.correlation = Number(patients, "correlation", kShare).value_or(0);
  ReadAnswers(patients, reading);
  ReadTrajectory(patients, reading);
  for (const Entry& entry : Entries(patients, "behaviour", "a behaviour")) {
    Behaviour behaviour = ReadBehaviour(entry, reading);
    plan.behaviours.push_back(std::move(behaviour));
  }
  for (const Entry& entry : Entries(patients, "modules", "modules")) {
    ReadModules(entry, reading);
  }
}

}  // namespace stepwell::sim
