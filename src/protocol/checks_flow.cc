// Checks of the flow: items that wait for each other, clocks that nothing uses.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/cycle.h"
#include "protocol/loading.h"
#include "protocol/supervision.h"

namespace stepwell::protocol {
namespace {

void CheckNeeds(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  std::vector<std::vector<ElementId>> waits;
  for (const Element& element : protocol.elements) {
    waits.push_back(protocol.WaitsFor(element));
  }
  const auto next = [&](size_t node, size_t k) -> int64_t {
    return k < waits[node].size() ? waits[node][k].value : -1;
  };
  CycleFinder finder(protocol.elements.size(), next);
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const std::vector<size_t> cycle = finder.From(i);
    if (cycle.empty()) continue;
    std::vector<std::string> names;
    for (const size_t id : cycle) names.push_back(protocol.elements[id].id);
    AddError(loading.issues, "cycle",
             Below(protocol.elements[cycle.front()].pointer, "needs"),
             absl::StrCat("these items wait for each other: ",
                          absl::StrJoin(names, " -> ")),
             "one of them must be able to begin");
  }
}

// Every instrument that can disclose risk needs somebody who acts on it.
void CheckRiskWired(Loading& loading) {
  if (loading.root.Find("risk")) return;
  for (const ImportedInstrument& imported : loading.protocol.instruments) {
    if (imported.instrument == nullptr ||
        imported.instrument->risk_markers().empty()) {
      continue;
    }
    AddError(loading.issues, "risk_not_wired",
             absl::StrCat("/imports/instruments/", imported.name),
             absl::StrCat("`", imported.name,
                          "` has risk items, and the protocol has no `risk` "
                          "section: nobody would act on an answer"),
             "add `risk` with tiers, owners and deadlines");
  }
}

// What an instance of each clock is about follows from who uses it. A clock of
// the case starts and stops by events, all others with their subject.
class ClockUse {
 public:
  explicit ClockUse(const Protocol& protocol) : uses_(protocol.clocks.size()) {
    for (const Element& element : protocol.elements) {
      for (const ClockDefId clock : element.Clocks()) Add(clock, "items");
    }
    for (const Tier& tier : protocol.risk.tiers) {
      for (const ClockDefId clock :
           {tier.acknowledge, tier.assess, tier.close}) {
        Add(clock, "alerts");
      }
    }
    Add(protocol.transfer.clock, "the case");
    if (protocol.supervision != nullptr && protocol.supervision->second_sign) {
      Add(protocol.supervision->second_sign->due, "items");
    }
    Add(protocol.reply_clock, "messages");
    Add(protocol.parking_clock, "parked input");
    for (uint16_t i = 0; i < protocol.clocks.size(); ++i) {
      if (protocol.IsOfCase(ClockDefId(i))) Add(ClockDefId(i), "the case");
    }
  }

  const std::vector<std::string>& of(size_t clock) const {
    return uses_[clock];
  }

 private:
  void Add(ClockDefId clock, const char* use) {
    if (clock.IsNone()) return;
    std::vector<std::string>& uses = uses_[clock.value];
    if (std::find(uses.begin(), uses.end(), use) == uses.end()) {
      uses.push_back(use);
    }
  }
  std::vector<std::vector<std::string>> uses_;
};

// A rung of the case has no item, alert or message to pass on.
void CheckSubject(Loading& loading, const ClockDef& clock) {
  for (const Rung& rung : clock.ladder) {
    const auto& actions = rung.actions;
    for (size_t a = 0; a < actions.size(); ++a) {
      if (actions[a].kind != ActionKind::kEscalate &&
          actions[a].kind != ActionKind::kPriority) {
        continue;
      }
      AddError(loading.issues, "no_subject",
               absl::StrCat(rung.pointer, "/do/", a),
               "a clock of the case has nothing to escalate",
               "open an item here, and let its own clock escalate");
    }
  }
}

// Where an alert stands in a list its tier says, and nothing else.
void CheckRaises(Loading& loading, const ClockDef& clock) {
  for (const Rung& rung : clock.ladder) {
    for (size_t a = 0; a < rung.actions.size(); ++a) {
      if (rung.actions[a].kind != ActionKind::kPriority) continue;
      AddWarning(loading.issues, "alert_priority",
                 absl::StrCat(rung.pointer, "/do/", a),
                 absl::StrCat("the clock `", clock.id,
                              "` is of alerts, and the priority of an alert "
                              "is that of its tier"),
                 "leave it out: escalate, or tell somebody");
    }
  }
}

void CheckClocks(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const ClockUse use(protocol);
  for (size_t i = 0; i < protocol.clocks.size(); ++i) {
    const ClockDef& clock = protocol.clocks[i];
    const std::vector<std::string>& uses = use.of(i);
    if (uses.empty()) {
      AddWarning(loading.issues, "never_starts", clock.pointer,
                 absl::StrCat("nothing starts the clock `", clock.id, "`"),
                 "give it `start`, or name it where something is due");
      continue;
    }
    const bool of_case =
        std::find(uses.begin(), uses.end(), "the case") != uses.end();
    if (clock.window != nullptr && !of_case) {
      AddError(
          loading.issues, "clock_scope", Below(clock.pointer, "window"),
          absl::StrCat("a follow-up window is one of the case, and the "
                       "clock `",
                       clock.id, "` serves ", absl::StrJoin(uses, " and ")),
          "give it `start`: what the window is anchored on");
    }
    if (of_case && uses.size() > 1) {
      AddError(loading.issues, "clock_scope", clock.pointer,
               absl::StrCat("the clock `", clock.id, "` serves ",
                            absl::StrJoin(uses, " and ")),
               "write two clocks: one of the case starts by events, the "
               "other with its subject");
    } else if (of_case) {
      CheckSubject(loading, clock);
    } else if (uses.size() == 1 && uses[0] == "alerts") {
      CheckRaises(loading, clock);
    }
    if (!of_case && !clock.stop.empty()) {
      AddError(
          loading.issues, "clock_scope", Below(clock.pointer, "stop"),
          absl::StrCat("a clock of ", uses[0], " ends when its subject does"));
    }
  }
}

}  // namespace

void CheckAlways(Loading& loading) {
  CheckNeeds(loading);
  CheckRiskWired(loading);
}

void CheckFlow(Loading& loading) { CheckClocks(loading); }

}  // namespace stepwell::protocol
