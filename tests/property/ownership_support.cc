#include "property/ownership_support.h"

#include <variant>

namespace stepwell::testing {

std::string OwnerWatch::Take(CaseId id, std::span<const engine::Event> fresh,
                             const engine::Owner& owner) {
  Case& known = cases_[id];
  for (const engine::Event& event : fresh) {
    if (const auto* opened = std::get_if<engine::CaseOpened>(&event.body)) {
      known = {opened->owner.staff, true, known.given + 1};
    } else if (const auto* given =
                   std::get_if<engine::CaseAssigned>(&event.body)) {
      known.owner = given->owner.staff;
      ++known.given;
    } else if (std::holds_alternative<engine::EpisodeOpened>(event.body) ||
               std::holds_alternative<engine::EpisodeClosed>(event.body)) {
      known.is_open = std::holds_alternative<engine::EpisodeOpened>(event.body);
      ++known.given;
    }
  }
  return owner.staff == known.owner
             ? ""
             : "3: a case has another owner, and nobody gave it to them";
}

void OwnerWatch::Leaves(StaffId who, Instant until) {
  Away away{who, until, {}};
  for (const auto& [id, known] : cases_) {
    if (known.is_open && known.owner == who) {
      away.had.emplace_back(id, known.given);
    }
  }
  if (!away.had.empty()) away_.push_back(std::move(away));
}

std::string OwnerWatch::Returns(runtime::Runtime& service, Instant now,
                                uint64_t& kept) {
  for (const Away& away : away_) {
    if (away.until > now) continue;
    for (const auto& [id, given] : away.had) {
      if (cases_[id].given != given) continue;
      const auto loaded = service.LoadCase(id);
      if (!loaded.ok()) return loaded.status().ToString();
      if (loaded->state->owner.staff != away.who) {
        return "3: after a leave a case is not whose it was";
      }
      ++kept;
    }
  }
  std::erase_if(away_, [now](const Away& away) { return away.until <= now; });
  return "";
}

}  // namespace stepwell::testing
