#include "host/score_again.h"

#include <variant>

#include "engine/apply.h"
#include "engine/scoring.h"

namespace stepwell::host {

void AnswerBook::Take(const engine::Event& event) {
  if (const auto* received =
          std::get_if<engine::ResponseReceived>(&event.body)) {
    answers_[event.seq] = received->answers;
  }
  engine::Apply(event, state_);
}

const std::vector<engine::GivenAnswer>* AnswerBook::Find(
    uint64_t response) const {
  const auto it = answers_.find(response);
  return it == answers_.end() ? nullptr : &it->second;
}

instruments::ScoreResult AnswerBook::Score(
    const instruments::Instrument& instrument,
    const std::vector<engine::GivenAnswer>& answers,
    const protocol::Protocol& protocol, Instant at) const {
  return instruments::Score(instrument,
                            engine::ReadAnswers(instrument, answers).view(),
                            Context(protocol, at));
}

instruments::ScoreContext AnswerBook::Context(
    const protocol::Protocol& protocol, Instant at) const {
  return engine::ContextOf(protocol, state_, at);
}

}  // namespace stepwell::host
