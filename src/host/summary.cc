// The figures of the service, from the states of its cases: waits, modules,
// change of scores, minutes. Voided responses leave no trace in them.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "host/service_impl.h"

namespace stepwell::host {

using engine::CaseState;
using engine::ItemState;
using engine::ItemStatus;
using protocol::Protocol;

namespace {

constexpr double kDayUs = 86'400e6;

// When the person was first and second seen for treatment: the contacts are
// the finished items that the protocol counts as one.
std::vector<Instant> Contacts(const CaseState& state,
                              const Protocol& protocol) {
  std::vector<Instant> contacts;
  for (const ItemState& item : state.items) {
    if (item.status == ItemStatus::kDone &&
        protocol.at(item.key.element).counts_as_contact) {
      contacts.push_back(item.ended_at);
    }
  }
  std::sort(contacts.begin(), contacts.end());
  return contacts;
}

struct WaitCollector {
  std::vector<double> days;
  uint64_t waiting = 0;

  ServiceSummary::Wait Finish(std::string name) {
    ServiceSummary::Wait wait;
    wait.name = std::move(name);
    wait.n = days.size();
    wait.waiting = waiting;
    if (days.empty()) return wait;
    std::sort(days.begin(), days.end());
    const size_t middle = days.size() / 2;
    wait.median_days = days.size() % 2 == 1
                           ? days[middle]
                           : (days[middle - 1] + days[middle]) / 2;
    double sum = 0;
    for (double value : days) sum += value;
    wait.mean_days = sum / static_cast<double>(days.size());
    return wait;
  }
};

double DaysBetween(Instant from, Instant to) {
  return static_cast<double>((to - from).us) / kDayUs;
}

struct ChangeCollector {
  uint64_t pairs = 0, unpaired = 0;
  double first = 0, last = 0;
};

void CollectChanges(const CaseState& state, const Protocol& protocol,
                    std::map<std::string, ChangeCollector>& changes) {
  std::map<uint16_t,
           std::pair<const engine::ScoreState*, const engine::ScoreState*>>
      found;
  for (const engine::ScoreState& score : state.scores) {
    if (score.is_void || !score.score) continue;
    auto& [first, last] = found[score.instrument.value];
    if (first == nullptr) first = &score;
    last = &score;
  }
  for (const auto& [instrument, scores] : found) {
    ChangeCollector& change = changes[protocol.instruments[instrument].id];
    if (scores.first == scores.second) {
      ++change.unpaired;
      continue;
    }
    const auto value = [](const engine::ScoreState& score) {
      return static_cast<double>(score.score->numerator) /
             static_cast<double>(score.score->denominator);
    };
    ++change.pairs;
    change.first += value(*scores.first);
    change.last += value(*scores.second);
  }
}

// Goes over the cases once.
class Collector {
 public:
  void Take(const CaseState& state, const Protocol& protocol) {
    ++summary_.cases;
    summary_.referrals += state.referrals.size();
    summary_.closed += state.IsClosed() ? 1 : 0;
    summary_.alerts += state.alerts.size();
    for (const engine::ResponseState& response : state.responses) {
      summary_.voided_responses += response.is_void ? 1 : 0;
    }
    for (const engine::EnrolmentState& enrolment : state.enrolments) {
      ++summary_.started;
      summary_.completed += enrolment.completed ? 1 : 0;
      summary_.modules_done += enrolment.modules_done;
    }
    TakeMinutes(state, protocol);
    TakeWaits(state, protocol);
    CollectChanges(state, protocol, changes_);
  }

  ServiceSummary Finish() {
    summary_.waits.push_back(to_first_.Finish("referral to first contact"));
    summary_.waits.push_back(to_second_.Finish("first to second contact"));
    for (const auto& [instrument, change] : changes_) {
      ServiceSummary::Change out;
      out.instrument = instrument;
      out.pairs = change.pairs;
      out.unpaired = change.unpaired;
      if (change.pairs > 0) {
        const double n = static_cast<double>(change.pairs);
        out.mean_first = change.first / n;
        out.mean_last = change.last / n;
        out.mean_change = (change.last - change.first) / n;
      }
      summary_.changes.push_back(std::move(out));
    }
    if (patients_with_minutes_ > 0) {
      summary_.minutes_per_patient =
          static_cast<double>(summary_.minutes) /
          static_cast<double>(patients_with_minutes_);
    }
    return std::move(summary_);
  }

 private:
  // Staff work that was finished; missing minutes are counted, never 0.
  void TakeMinutes(const CaseState& state, const Protocol& protocol) {
    bool any = false;
    for (const ItemState& item : state.items) {
      if (item.status != ItemStatus::kDone || item.owner.IsPatient() ||
          !protocol.at(item.key.element).criteria.empty()) {
        continue;
      }
      if (item.minutes) {
        summary_.minutes += static_cast<uint64_t>(*item.minutes);
        ++summary_.minutes_recorded;
        any = true;
      } else {
        ++summary_.minutes_missing;
      }
    }
    patients_with_minutes_ += any ? 1 : 0;
  }

  void TakeWaits(const CaseState& state, const Protocol& protocol) {
    const std::vector<Instant> contacts = Contacts(state, protocol);
    const Instant from = state.referrals.empty()
                             ? state.episodes.front().opened_at
                             : state.referrals.front().wait_from;
    if (!contacts.empty()) {
      to_first_.days.push_back(DaysBetween(from, contacts[0]));
    } else if (!state.IsClosed()) {
      ++to_first_.waiting;
    }
    if (contacts.size() >= 2) {
      to_second_.days.push_back(DaysBetween(contacts[0], contacts[1]));
    } else if (contacts.size() == 1 && !state.IsClosed()) {
      ++to_second_.waiting;
    }
  }

  ServiceSummary summary_;
  WaitCollector to_first_, to_second_;
  std::map<std::string, ChangeCollector> changes_;
  uint64_t patients_with_minutes_ = 0;
};

}  // namespace

absl::StatusOr<ServiceSummary> ServiceImpl::Summarise(Instant) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Collector collector;
  STEPWELL_RETURN_IF_ERROR(ForEachCase(
      [&](CaseId, const CaseState& state, const Protocol& protocol) {
        collector.Take(state, protocol);
        return absl::OkStatus();
      }));
  return collector.Finish();
}

}  // namespace stepwell::host
