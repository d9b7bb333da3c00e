// Internal to the engine: what stood before an event of a case, and stands
// again without it.
#ifndef STEPWELL_ENGINE_STANDING_H_
#define STEPWELL_ENGINE_STANDING_H_

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

// The events of the command that recorded `target`; none when the log does not
// have it.
std::span<const Event> CommandIn(std::span<const Event> log, uint64_t target);

// A fact, a consent, a wish how to be reached and a milestone stand for
// themselves; everything else goes with what its command did because of it.
bool StandsAlone(const EventBody& body);

// A case's log with what was taken back in it. A log that is not whole is fine:
// what it does not hold does not come back.
class Standing {
 public:
  // As if `target` (0: nothing) were taken back as well. The log is in the
  // numbers of the protocol that the case is on, and outlives this.
  Standing(std::span<const Event> log, uint64_t target);

  // The event with that number; nullptr when the log does not have it.
  const Event* At(uint64_t seq) const;
  // The latest record of the fact before the event that still holds; nothing
  // when there is none, or when an answer was taken back by it.
  std::optional<FactState> FactBefore(FactId fact, uint64_t seq) const;
  // The word before `seq` that clinically is the latest that holds and fits;
  // also one that was entered since, and was older than the one of `seq`.
  // kAnySeq: of all that there are.
  static constexpr uint64_t kAnySeq = UINT64_MAX;
  template <class E, class Fits>
  const Event* WordBefore(uint64_t seq, Fits fits) const {
    const Event* latest = nullptr;
    for (const Event& event : log_) {
      const auto* word = std::get_if<E>(&event.body);
      if (word == nullptr || (event.seq >= seq && !word->outdone) ||
          IsTakenBack(event.seq) || !fits(event, *word)) {
        continue;
      }
      if (latest == nullptr || latest->at <= event.at) latest = &event;
    }
    return latest;
  }
  // The version that the amendment with that number replaced, when it still
  // holds without the amendment; nullptr when there is none.
  const Event* VersionBefore(uint64_t response_seq) const;
  bool IsTakenBack(uint64_t seq) const;
  // The latest event of that kind before `seq` that holds and fits.
  template <class E, class Fits>
  const Event* LastBefore(uint64_t seq, Fits fits) const {
    for (size_t i = log_.size(); i-- > 0;) {
      if (log_[i].seq >= seq || IsTakenBack(log_[i].seq)) continue;
      const auto* body = std::get_if<E>(&log_[i].body);
      if (body != nullptr && fits(*body)) return &log_[i];
    }
    return nullptr;
  }

 private:
  void TakeBack(uint64_t target);
  // A later version of the response holds.
  bool IsAmended(uint64_t response_seq) const;

  const std::span<const Event> log_;
  std::vector<std::pair<uint64_t, uint64_t>> taken_back_;  // first and last
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_STANDING_H_
