// Internal to the host: the answers of one case, scored again for what the log
// does not record of a score: subscales, norms, what another document gives.
#ifndef STEPWELL_HOST_SCORE_AGAIN_H_
#define STEPWELL_HOST_SCORE_AGAIN_H_

#include <cstdint>
#include <map>
#include <vector>

#include "engine/event.h"
#include "engine/state.h"
#include "instruments/score.h"
#include "protocol/protocol.h"

namespace stepwell::host {

class AnswerBook {
 public:
  // The events of the case in order.
  void Take(const engine::Event& event);

  // Of a response; nothing where there is none (adopted cases).
  const std::vector<engine::GivenAnswer>* Find(uint64_t response) const;
  // By what the case knew of the person up to the last event that was taken.
  instruments::ScoreResult Score(
      const instruments::Instrument& instrument,
      const std::vector<engine::GivenAnswer>& answers,
      const protocol::Protocol& protocol, Instant at) const;
  instruments::ScoreContext Context(const protocol::Protocol& protocol,
                                    Instant at) const;

 private:
  engine::CaseState state_;
  std::map<uint64_t, std::vector<engine::GivenAnswer>> answers_;
};

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_SCORE_AGAIN_H_
