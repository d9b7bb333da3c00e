// Consents against the log: whose word stands, by code that shares nothing with
// the engine.
#include <algorithm>
#include <variant>

#include "engine/remap.h"
#include "property/checks_support.h"

namespace stepwell::testing {

using engine::CaseState;
using engine::Event;

void CaseWatch::TakeWords(const Event& event) {
  if (std::holds_alternative<engine::CommandRecorded>(event.body)) {
    command_ = event.seq;
  } else if (const auto* said =
                 std::get_if<engine::ConsentRecorded>(&event.body)) {
    words_[event.seq] = {*said, event.at, command_};
  } else if (const auto* migrated =
                 std::get_if<engine::Migrated>(&event.body)) {
    for (auto& [seq, word] : words_) {
      engine::Remap(word.said, migrated->tables);
    }
  } else if (const auto* e = std::get_if<engine::Voided>(&event.body)) {
    std::erase_if(words_, [&](const auto& known) {
      const bool came_with = !e->referrals.empty() &&
                             known.second.command <= e->target &&
                             e->target < known.first;
      return known.first == e->target || came_with;
    });
  }
}

bool CaseWatch::HasInventedYes(const CaseState& state) const {
  return std::any_of(
      state.consents.begin(), state.consents.end(), [&](const auto& consent) {
        const auto says = [&](const auto& known) {
          const engine::ConsentRecorded& said = known.second.said;
          return said.given && said.consent_purpose == consent.purpose &&
                 said.by == consent.by && known.second.at == consent.at;
        };
        return consent.given && !consent.ended &&
               std::none_of(words_.begin(), words_.end(), says);
      });
}

}  // namespace stepwell::testing
