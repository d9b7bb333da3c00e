// What only the whole plan shows: numbers without a source, work and answers
// that nobody planned.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "engine/types.h"
#include "sim/plan_reader.h"

namespace stepwell::sim {
namespace {

using protocol::Performer;

struct SourceWalk {
  const absl::flat_hash_set<std::string>& known;
  Issues& issues;

  // `sourced`: an object around the value states a source.
  void Visit(json::Value value, bool sourced) {
    if (value.is_object()) {
      const json::Value source = value.Find("source");
      if (source) sourced = CheckSource(source);
      for (const json::Value member : json::Children(value)) {
        Visit(member, sourced);
      }
    } else if (value.is_array()) {
      for (const json::Value element : json::Children(value)) {
        Visit(element, sourced);
      }
    } else if (value.is_number() && !sourced) {
      AddError(issues, "no_source", value.pointer(),
               absl::StrCat("nothing says where ", ToAbsl(value.number_text()),
                            " comes from"),
               "`source`: an id of `sources`, or \"assumption\"");
    }
  }

  bool CheckSource(json::Value source) {
    if (!source.is_string()) {
      protocol::WrongType(source, "a string", issues);
    } else if (source.string_value() != "assumption" &&
               !known.contains(std::string(source.string_value()))) {
      AddError(issues, "unknown_reference", source.pointer(),
               absl::StrCat("`sources` has no `", ToAbsl(source.string_value()),
                            "`"),
               "an id of `sources`, or \"assumption\"");
    }
    return true;
  }
};

// Outcomes are needed where a person decides, and must be the element's own.
void CheckDecision(const protocol::Element& element, const Work& work,
                   Reading& reading) {
  const std::string place = "/work";
  if (work.outcomes.empty() || work.outcomes.back().if_left ||
      !work.outcomes.back().after.IsNone()) {
    AddError(reading.issues, "missing_field", place,
             absl::StrCat("nothing says how the decision `", element.id,
                          "` comes out"),
             "`outcomes` with their shares");
    return;
  }
  for (const Outcomes& outcomes : work.outcomes) {
    for (const auto& [outcome, share] : outcomes.shares.values) {
      const bool listed =
          std::find(element.outcomes.begin(), element.outcomes.end(),
                    outcome) != element.outcomes.end();
      if (listed || outcome.IsNone()) continue;
      AddError(reading.issues, "unknown_value", place,
               absl::StrCat("`", element.id, "` does not end in `",
                            reading.protocol.outcomes[outcome.value], "`"));
    }
  }
}

void CheckStaffItem(ElementId id, Reading& reading) {
  const protocol::Element& element = reading.protocol.at(id);
  const int16_t index = reading.plan.work_of[id.value];
  if (index < 0) {
    // What rules decide needs nobody.
    if (element.by_data) return;
    AddError(reading.issues, "unplanned_work", "/work",
             absl::StrCat("nothing says how long `", element.id, "` takes"),
             "an entry with its name in `items`, or its kind in `kinds`");
    return;
  }
  const Work& work = reading.plan.works[static_cast<size_t>(index)];
  if (element.kind == protocol::ItemKind::kDecision && !element.by_data) {
    CheckDecision(element, work, reading);
  }
  if (!element.fact.IsNone() && work.fact.empty() &&
      element.kind != protocol::ItemKind::kDecision) {
    AddError(reading.issues, "missing_field", "/work",
             absl::StrCat("`", element.id,
                          "` asks for a fact, and nothing "
                          "says what is answered"),
             "`fact` with shares: {\"true\": 0.9, \"false\": 0.1}");
  }
}

void CheckPatientItem(ElementId id, Reading& reading) {
  const protocol::Element& element = reading.protocol.at(id);
  const Plan& plan = reading.plan;
  if (element.kind == protocol::ItemKind::kModule &&
      !element.program.IsNone()) {
    if (!plan.modules[element.program.value].drop_out.empty()) return;
    AddError(
        reading.issues, "unplanned_work", "/patients/modules",
        absl::StrCat("nothing says how patients do module `", element.id, "`"),
        "an entry for its program");
    return;
  }
  if (plan.behaviour_of[id.value] < 0) {
    AddError(reading.issues, "unplanned_work", "/patients/behaviour",
             absl::StrCat("nothing says how patients do `", element.id, "`"),
             "a behaviour with its name in `items`");
  }
  if (!element.instrument.IsNone() &&
      plan.answers[element.instrument.value].instrument.IsNone()) {
    AddError(reading.issues, "unplanned_work", "/patients/answers",
             absl::StrCat("nothing says how `",
                          reading.protocol.at(element.instrument).name,
                          "` is answered"),
             "an entry with the instrument's name");
  }
}

// Work of a pool without members lies in its queue for ever.
void CheckPoolsAreStaffed(Reading& reading) {
  const Protocol& protocol = reading.protocol;
  for (size_t p = 0; p < protocol.pools.size(); ++p) {
    const PoolId pool(static_cast<uint16_t>(p));
    const bool staffed =
        std::any_of(reading.plan.staff.begin(), reading.plan.staff.end(),
                    [&](const Member& member) {
                      return std::find(member.pools.begin(), member.pools.end(),
                                       pool) != member.pools.end();
                    });
    if (staffed) continue;
    AddWarning(reading.issues, "pool_without_staff", "/staff",
               absl::StrCat("nobody is of pool `", protocol.pools[p].id,
                            "`: its work waits for ever"),
               "a member of staff with this pool");
  }
}

}  // namespace

void CheckSources(json::Value root, Issues& issues) {
  absl::flat_hash_set<std::string> known;
  for (const json::Value source : json::Children(root.Find("sources"))) {
    const json::Value id = source.Find("id");
    if (id.is_string()) known.insert(std::string(id.string_value()));
  }
  SourceWalk{known, issues}.Visit(root, false);
}

void CheckPlanIsWhole(Reading& reading) {
  for (size_t e = 0; e < reading.protocol.elements.size(); ++e) {
    const ElementId id(static_cast<uint16_t>(e));
    if (protocol::IsOutside(reading.protocol.at(id).performer)) {
      CheckPatientItem(id, reading);
    } else {
      CheckStaffItem(id, reading);
    }
  }
  if (!reading.protocol.risk.tiers.empty() &&
      reading.plan.alerts.outcomes.empty()) {
    AddError(reading.issues, "unplanned_work", "/alerts",
             "nothing says how long the steps of an alert take",
             "`alerts` with acknowledge, assess, close and outcomes");
  }
  CheckPoolsAreStaffed(reading);
}

}  // namespace stepwell::sim
