// Checks of the queue at the door: nobody comes into care past it, and somebody
// hears when the wait is too long.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/intake.h"
#include "protocol/loading.h"
#include "protocol/reach.h"

namespace stepwell::protocol {
namespace {

// More than a service has.
constexpr size_t kPhasesMax = 256;

// A move of the queue's track, by a rule or by a step of a clock.
struct Way {
  PhaseSet from;
  PhaseId to;
  std::string pointer;
};

class Door {
 public:
  explicit Door(Loading& loading)
      : loading_(loading),
        protocol_(loading.protocol),
        intake_(*protocol_.intake),
        reach_(protocol_),
        track_(protocol_.at(protocol_.at(intake_.to).track)) {
    if (track_.phases.size() > kPhasesMax) return;
    for (size_t i = 0; i < protocol_.rules.size(); ++i) {
      const Rule& rule = protocol_.rules[i];
      Add(rule.actions, rule.pointer,
          [&] { return reach_.PhasesOfRule(track_, i); });
    }
    for (size_t i = 0; i < protocol_.clocks.size(); ++i) {
      for (const Rung& rung : protocol_.clocks[i].ladder) {
        Add(rung.actions, rung.pointer,
            [&] { return reach_.PhasesOfClock(track_, i); });
      }
    }
    FindOutside();
  }

  void Report() {
    for (const Way& way : ways_) {
      if (IsOutside(way.to)) continue;
      const auto from =
          std::find_if(way.from.begin(), way.from.end(),
                       [this](PhaseId phase) { return IsOutside(phase); });
      if (from == way.from.end()) continue;
      AddError(loading_.issues, "intake_bypassed", way.pointer,
               absl::StrCat("this goes from `", protocol_.at(*from).id,
                            "` to `", protocol_.at(way.to).id,
                            "` past the queue: no throttle would count it, and "
                            "nobody ask for a place"),
               absl::StrCat("move to `", protocol_.at(intake_.phase).id,
                            "`, where everybody waits for their turn; from a "
                            "phase that is in `held_in` the way is free"));
    }
  }

 private:
  template <class PhasesOn>
  void Add(const std::vector<Action>& actions, const std::string& pointer,
           PhasesOn phases_on) {
    for (size_t i = 0; i < actions.size(); ++i) {
      if (actions[i].kind != ActionKind::kMove ||
          &protocol_.at(protocol_.at(actions[i].phase).track) != &track_) {
        continue;
      }
      Way way{phases_on(), actions[i].phase,
              absl::StrCat(pointer, "/do/", i, "/move")};
      std::erase_if(way.from, [&](PhaseId phase) {
        return phase == way.to || !reach_.entered(phase);
      });
      ways_.push_back(std::move(way));
    }
  }

  // Who has a place has been let in. Where there are no places: who is in a
  // phase to which no way leads but by the queue.
  void FindOutside() {
    outside_.assign(protocol_.phases.size(), false);
    if (intake_.capacity.IsLimit()) {
      for (const PhaseId phase : track_.phases) {
        outside_[phase.value] = !intake_.Holds(phase);
      }
      return;
    }
    outside_[track_.initial.value] = true;
    outside_[intake_.phase.value] = true;
    for (bool news = true; news;) {
      news = false;
      for (const Way& way : ways_) {
        if (outside_[way.to.value] || way.to == intake_.to) continue;
        news = std::any_of(way.from.begin(), way.from.end(),
                           [this](PhaseId phase) { return IsOutside(phase); });
        if (!news) continue;
        outside_[way.to.value] = true;
        break;
      }
    }
  }

  bool IsOutside(PhaseId phase) const { return outside_[phase.value]; }

  Loading& loading_;
  const Protocol& protocol_;
  const Intake& intake_;
  Reach reach_;
  const Track& track_;
  std::vector<Way> ways_;
  std::vector<bool> outside_;  // by phase: before the door
};

// The wait of a way in that nothing measures is one that nobody hears of.
void CheckLegalClocks(Loading& loading) {
  for (const json::Value value : json::Children(loading.root.Find("routes"))) {
    const json::Value id = value.Find("id");
    if (!id.is_string() || value.Find("legal_clock")) continue;
    AddWarning(loading.issues, "intake_unheard", value.pointer(),
               absl::StrCat("who comes by `", ToAbsl(id.string_value()),
                            "` waits in the queue, and no `legal_clock` says "
                            "when that is too long"),
               "give the route a `legal_clock`");
  }
}

}  // namespace

void CheckIntake(Loading& loading) {
  if (loading.protocol.intake == nullptr) return;
  Door(loading).Report();
  CheckLegalClocks(loading);
}

}  // namespace stepwell::protocol
