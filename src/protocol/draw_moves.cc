#include "protocol/draw_moves.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "protocol/intake.h"
#include "protocol/reach.h"

namespace stepwell::protocol {
namespace {

class Mover {
 public:
  Mover(const Protocol& protocol, const Track& track)
      : protocol_(protocol), track_(track) {
    for (const PhaseId phase : track.phases) {
      places_.emplace(phase.value, places_.size());
    }
  }

  std::vector<PictureEdge> Run() {
    for (const Rule& rule : protocol_.rules) {
      Visit(rule.actions, rule.id, [&] { return FromRule(rule); });
    }
    for (size_t i = 0; i < protocol_.clocks.size(); ++i) {
      const ClockDef& clock = protocol_.clocks[i];
      for (const Rung& rung : clock.ladder) {
        Visit(rung.actions, clock.id,
              [&] { return FromClock(ClockDefId(static_cast<uint16_t>(i))); });
      }
    }
    AddQueue();
    std::vector<PictureEdge> edges;
    for (auto& [ends, labels] : moves_) {
      edges.push_back({ends.first, ends.second, std::move(labels)});
    }
    return edges;
  }

 private:
  PhaseSet FromElement(ElementId element) const {
    Trigger available;
    available.kind = TriggerKind::kItemAvailable;
    available.argument = element.value;
    return PhasesOf(protocol_, track_, available);
  }

  PhaseSet FromRule(const Rule& rule) const {
    PhaseSet from = PhasesOf(protocol_, track_, rule);
    if (rule.on.kind != TriggerKind::kProgramCompleted ||
        rule.on.argument >= protocol_.programs.size()) {
      return from;
    }
    // A program is completed where its last module is.
    const auto& modules = protocol_.programs[rule.on.argument].modules;
    const PhaseSet there =
        modules.empty() ? track_.phases : FromElement(modules.back());
    std::erase_if(from, [&](PhaseId phase) {
      return std::find(there.begin(), there.end(), phase) == there.end();
    });
    return from;
  }

  // Where the items are for which it runs, else where it starts.
  PhaseSet FromClock(ClockDefId id) const {
    PhaseSet from;
    const auto add = [&](const PhaseSet& more) {
      for (const PhaseId phase : more) {
        if (std::find(from.begin(), from.end(), phase) == from.end()) {
          from.push_back(phase);
        }
      }
    };
    for (size_t i = 0; i < protocol_.elements.size(); ++i) {
      const std::vector<ClockDefId> clocks = protocol_.elements[i].Clocks();
      if (std::find(clocks.begin(), clocks.end(), id) == clocks.end()) continue;
      add(FromElement(ElementId(static_cast<uint16_t>(i))));
    }
    for (const Trigger& start : protocol_.at(id).start) {
      add(PhasesOf(protocol_, track_, start));
    }
    return from.empty() ? track_.phases : from;
  }

  template <class From>
  void Visit(const std::vector<Action>& actions, const std::string& label,
             From from) {
    for (const Action& action : actions) {
      if (action.kind != ActionKind::kMove) continue;
      const auto to = places_.find(action.phase.value);
      if (to == places_.end()) continue;  // of another track
      const PhaseSet phases = from();
      // Of two phases a move to one starts in the other.
      if (phases.size() == places_.size() && places_.size() > 2) {
        Add(PictureEdge::kAnywhere, to->second, label);
        continue;
      }
      for (const PhaseId phase : phases) {
        if (phase != action.phase) {
          Add(places_.at(phase.value), to->second, label);
        }
      }
    }
  }

  // Whose turn it is goes on from the queue.
  void AddQueue() {
    if (protocol_.intake == nullptr) return;
    const auto from = places_.find(protocol_.intake->phase.value);
    const auto to = places_.find(protocol_.intake->to.value);
    if (from == places_.end() || to == places_.end()) return;
    Add(from->second, to->second, "intake");
  }

  void Add(size_t from, size_t to, const std::string& label) {
    std::vector<std::string>& labels = moves_[{from, to}];
    if (labels.empty() || labels.back() != label) labels.push_back(label);
  }

  const Protocol& protocol_;
  const Track& track_;
  std::map<uint16_t, size_t> places_;  // of phases in the track
  std::map<std::pair<size_t, size_t>, std::vector<std::string>> moves_;
};

}  // namespace

std::vector<PictureEdge> MovesOf(const Protocol& protocol, const Track& track) {
  return Mover(protocol, track).Run();
}

}  // namespace stepwell::protocol
