#include "engine/standing.h"

#include <algorithm>
#include <variant>

namespace stepwell::engine {
namespace {

bool IsCommand(const Event& event) {
  return std::holds_alternative<CommandRecorded>(event.body);
}

}  // namespace

bool StandsAlone(const EventBody& body) {
  return std::holds_alternative<FactRecorded>(body) ||
         std::holds_alternative<ConsentRecorded>(body) ||
         std::holds_alternative<SafeContactNoted>(body) ||
         std::holds_alternative<MilestoneReached>(body);
}

std::span<const Event> CommandIn(std::span<const Event> log, uint64_t target) {
  size_t from = 0, to = 0;
  bool found = false;
  for (; to < log.size(); ++to) {
    if (IsCommand(log[to])) {
      if (found) break;
      from = to;
    }
    found = found || log[to].seq == target;
  }
  return found ? log.subspan(from, to - from) : std::span<const Event>();
}

Standing::Standing(std::span<const Event> log, uint64_t target) : log_(log) {
  for (const Event& event : log) {
    const auto* voided = std::get_if<Voided>(&event.body);
    if (voided != nullptr) TakeBack(voided->target);
  }
  TakeBack(target);
}

void Standing::TakeBack(uint64_t target) {
  const Event* event = At(target);
  if (event == nullptr) return;
  const uint64_t last =
      StandsAlone(event->body) ? target : CommandIn(log_, target).back().seq;
  taken_back_.push_back({target, last});
}

const Event* Standing::At(uint64_t seq) const {
  const auto it = std::lower_bound(
      log_.begin(), log_.end(), seq,
      [](const Event& event, uint64_t number) { return event.seq < number; });
  return it == log_.end() || it->seq != seq ? nullptr : &*it;
}

bool Standing::IsTakenBack(uint64_t seq) const {
  return std::any_of(taken_back_.begin(), taken_back_.end(),
                     [seq](const auto& range) {
                       return range.first <= seq && seq <= range.second;
                     });
}

bool Standing::IsAmended(uint64_t response_seq) const {
  const Event* event = At(response_seq);
  const auto* response =
      event == nullptr ? nullptr : std::get_if<ResponseReceived>(&event->body);
  if (response == nullptr || response->response_id.empty()) return false;
  return std::any_of(log_.begin(), log_.end(), [&](const Event& other) {
    const auto* later = std::get_if<ResponseReceived>(&other.body);
    return later != nullptr && other.seq > response_seq &&
           later->fit == ResponseFit::kAmendment &&
           later->response_id == response->response_id &&
           !IsTakenBack(other.seq);
  });
}

std::optional<FactState> Standing::FactBefore(FactId fact, uint64_t seq) const {
  uint64_t dropped_seq = 0;
  for (const Event& event : log_) {
    const auto* opened = std::get_if<EpisodeOpened>(&event.body);
    if (opened == nullptr || event.seq >= seq) continue;
    const auto& dropped = opened->facts_dropped;
    if (std::find(dropped.begin(), dropped.end(), fact) != dropped.end()) {
      dropped_seq = event.seq;
    }
  }
  const Event* said = WordBefore<FactRecorded>(
      seq, [&](const Event& event, const FactRecorded& record) {
        return record.fact == fact && event.seq > dropped_seq &&
               !IsAmended(record.response_seq);
      });
  if (said == nullptr) return std::nullopt;
  const auto& record = std::get<FactRecorded>(said->body);
  if (record.value.kind == FactValue::Kind::kNone) return std::nullopt;
  return FactState{fact, record.value, said->seq, record.response_seq,
                   said->at};
}

const Event* Standing::VersionBefore(uint64_t response_seq) const {
  const Event* amendment = At(response_seq);
  const auto* response = amendment == nullptr
                             ? nullptr
                             : std::get_if<ResponseReceived>(&amendment->body);
  if (response == nullptr || response->fit != ResponseFit::kAmendment) {
    return nullptr;
  }
  return LastBefore<ResponseReceived>(
      response_seq, [&](const ResponseReceived& earlier) {
        return earlier.response_id == response->response_id;
      });
}

}  // namespace stepwell::engine
