// Applying what becomes of follow-up windows.
#include <algorithm>

#include "engine/follow_up.h"

namespace stepwell::engine {
namespace {

template <class E>
FollowUpState* Find(std::vector<FollowUpState>& follow_ups, const E& e) {
  for (FollowUpState& known : follow_ups) {
    if (known.window == e.window && known.episode == e.episode) return &known;
  }
  return nullptr;
}

}  // namespace

void ApplyTo(std::vector<FollowUpState>& follow_ups, const FollowUpChanged& e) {
  FollowUpState* known = Find(follow_ups, e);
  if (known == nullptr) {
    known = &follow_ups.emplace_back();
  } else if (known->clock != e.clock) {
    known->answers.clear();
    known->missed = false;
  }
  known->window = e.window;
  known->episode = e.episode;
  known->clock = e.clock;
  known->status = e.status;
  known->missed = known->missed || e.status == WindowStatus::kMissed;
  known->anchor = e.anchor;
  known->opens = e.opens;
  known->due = e.due;
  known->closes = e.closes;
  known->asked = e.asked;
}

void ApplyTo(std::vector<FollowUpState>& follow_ups, const FollowUpAnswered& e,
             uint64_t seq, Instant at) {
  FollowUpState* known = Find(follow_ups, e);
  if (known == nullptr) return;
  known->answers.push_back(
      {e.element, e.first == 0 ? seq : e.first, at, e.timing, e.counts});
  known->status = e.status;
}

void TakeBack(std::vector<FollowUpState>& follow_ups,
              const std::vector<uint64_t>& answers) {
  for (FollowUpState& known : follow_ups) {
    const size_t taken =
        std::erase_if(known.answers, [&](const WindowAnswer& answer) {
          return std::find(answers.begin(), answers.end(), answer.seq) !=
                 answers.end();
        });
    if (taken == 0 || !known.IsSettled()) continue;
    known.status = known.missed          ? WindowStatus::kMissed
                   : known.asked.empty() ? WindowStatus::kPlanned
                                         : WindowStatus::kOpen;
  }
}

}  // namespace stepwell::engine
