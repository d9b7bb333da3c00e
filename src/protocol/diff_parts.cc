#include "protocol/diff_parts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw_context.h"
#include "protocol/overlay.h"

namespace stepwell::protocol {
namespace {

constexpr Section kSections[] = {
    {"routes", "routes", "way in"},
    {"intake", "routes", "queue at the door"},
    {"classes", "routes", "priority class"},
    {"throttles", "routes", "throttle"},
    {"tracks", "phases", "track"},
    {"phases", "phases", "phase"},
    {"items", "items", "item"},
    {"items_anywhere", "items", "item"},
    {"criteria", "items", "criterion"},
    {"modules", "modules", "module"},
    {"clocks", "clocks", "clock"},
    {"rules", "rules", "rule"},
    {"risk", "risk", "risk policy"},
    {"tiers", "risk", "risk tier"},
    {"facts", "facts", "fact"},
    {"milestones", "milestones", "milestone"},
    {"purposes", "consents", "consent"},
    {"quiet_hours", "messages", "quiet hours"},
    {"backdating", "duties", "back-dating"},
    {"related", "consents", "role of related persons"},
    {"templates", "messages", "message"},
    {"intake_pool", "duties", ""},
    {"lead_pool", "duties", ""},
    {"feedback_purpose", "duties", ""},
    {"transfer", "duties", "transfer"},
    {"supervision", "duties", "supervision"},
    {"reviews", "duties", "review that is drawn"},
    {"carry", "duties", ""},
    {"groups", "groups", "group"},
    {"parking", "duties", "parked input"},
    {"messages", "duties", "patients' messages"},
    {"review", "duties", "reviews"},
    {"instruments", "instruments", "instrument"},
    {"pools", "pools", "pool"},
    {"calendars", "calendars", "calendar"},
    {"programs", "programs", "program"},
    {"sources", "sources", "source"},
};

bool Says(json::Value value, std::string_view part) {
  return value.is_string() &&
         value.string_value().find(part) != std::string_view::npos;
}

// Calls `visit` with the value of each action called `name`.
template <class Visit>
void EachAction(json::Value actions, std::string_view name, Visit visit) {
  for (const json::Value action : json::Children(actions)) {
    if (const json::Value operand = action.Find(name)) visit(operand);
  }
}

json::Value FindById(json::Value list, std::string_view id) {
  for (const json::Value part : json::Children(list)) {
    if (TextIn(part, "id") == id) return part;
  }
  return json::Value();
}

}  // namespace

const Section* FindSection(std::string_view key) {
  for (const Section& section : kSections) {
    if (section.key == key) return &section;
  }
  return nullptr;
}

void RiskNames::Put(std::string_view kind, std::string_view id) {
  if (id.empty()) return;
  names_.insert(absl::StrCat(ToAbsl(kind), " ", ToAbsl(id)));
}

// Whoever its rungs speak to meets risk, too.
void RiskNames::AddClock(json::Value clock) {
  Put("clocks", TextIn(clock, "id"));
  Put("calendars", TextIn(clock, "calendar"));
  for (const json::Value rung : json::Children(clock.Find("ladder"))) {
    const json::Value actions = rung.Find("do");
    for (const char* name : {"escalate", "escalate_risk"}) {
      EachAction(actions, name, [&](json::Value pool) {
        if (pool.is_string()) Put("pools", pool.string_value());
      });
    }
    EachAction(actions, "notify", [&](json::Value notify) {
      Put("pools", TextIn(notify, "to"));
      Put("templates", TextIn(notify, "template"));
    });
  }
}

void RiskNames::Add(const Protocol& protocol, const Names& names) {
  const json::Value root = names.root(), risk = root.Find("risk");
  std::set<std::string, std::less<>> clocks;
  for (const json::Value tier : json::Children(risk.Find("tiers"))) {
    Put("pools", TextIn(tier, "pool"));
    for (const char* step : {"acknowledge", "assess", "close"}) {
      clocks.emplace(TextIn(tier, step));
    }
  }
  for (const ElementId id :
       {protocol.risk.screen_element, protocol.risk.missing_element}) {
    if (id.IsNone()) continue;
    const Element& element = protocol.at(id);
    Put("items", element.id);
    if (!element.due.IsNone()) clocks.emplace(protocol.at(element.due).id);
  }
  // What a patient writes of their own accord may tell of risk, and so may
  // what fits nowhere.
  clocks.emplace(TextIn(root.Find("parking"), "clock"));
  clocks.emplace(TextIn(root.Find("messages"), "clock"));
  Put("pools", TextIn(root.Find("parking"), "pool"));
  Put("templates", TextIn(risk, "show_now"));
  for (const std::string& clock : clocks) {
    AddClock(FindById(root.Find("clocks"), clock));
  }
  for (const ImportedInstrument& imported : protocol.instruments) {
    if (imported.instrument->risk_markers().empty()) continue;
    Put("instruments", imported.name);
    Put("files", absl::StrCat("instruments/", imported.id, ".json"));
  }
  for (const json::Value name :
       json::Children(root.Find("imports").Find("pools"))) {
    const auto wanted =
        name.is_string() ? SplitVersion(name.string_value()) : std::nullopt;
    const PoolId pool = protocol.FindPool(name.key());
    if (!wanted || pool.IsNone() || !IsRisk("pools", name.key())) continue;
    Put("files", absl::StrCat("pools/", ToAbsl(wanted->id), ".json"));
  }
}

bool RiskNames::IsRisk(std::string_view kind, std::string_view id) const {
  return names_.count(absl::StrCat(ToAbsl(kind), " ", ToAbsl(id))) > 0;
}

bool RiskNames::IsRiskRule(json::Value rule) const {
  if (Says(rule.Find("on"), "alert.") || Says(rule.Find("if"), "risk")) {
    return true;
  }
  bool found = false;
  for (const char* name : {"raise_alert", "escalate_risk"}) {
    EachAction(rule.Find("do"), name, [&](json::Value) { found = true; });
  }
  constexpr std::pair<std::string_view, std::string_view> kOfRisk[] = {
      {"open", "items"},
      {"cancel", "items"},
      {"start_clock", "clocks"},
      {"stop_clock", "clocks"}};
  for (const auto& one : kOfRisk) {
    EachAction(rule.Find("do"), one.first, [&](json::Value name) {
      found = found ||
              (name.is_string() && IsRisk(one.second, name.string_value()));
    });
  }
  return found;
}

}  // namespace stepwell::protocol
