// The figures of the service, from the courses of its cases: waits, modules,
// change of scores, minutes. Voided responses leave no trace in them.
#include <algorithm>
#include <map>
#include <utility>

#include "base/status.h"
#include "engine/view.h"
#include "host/service_impl.h"
#include "metrics/course.h"
#include "metrics/log_courses.h"
#include "metrics/waits.h"

namespace stepwell::host {

using protocol::Protocol;

namespace {

using metrics::Course;
using metrics::Point;

// Exact, with those who still wait counted beside.
ServiceSummary::Wait Finish(std::string name, std::vector<metrics::Wait> all) {
  ServiceSummary::Wait wait;
  wait.name = std::move(name);
  std::vector<double> days;
  for (const metrics::Wait& one : all) {
    if (one.end == metrics::Wait::End::kWaiting) ++wait.waiting;
    if (one.end != metrics::Wait::End::kReached) continue;
    days.push_back(static_cast<double>(one.length.us) / 86'400e6);
  }
  wait.n = days.size();
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

struct ChangeCollector {
  uint64_t pairs = 0, unpaired = 0;
  double first = 0, last = 0;
};

// Goes over the courses once.
class Collector {
 public:
  explicit Collector(Instant now) : now_(now) {}

  void Take(const Course& course, const Protocol& protocol) {
    // Of care that ended elsewhere only what is done about it here counts.
    const bool of_here = course.referrals > 0;
    summary_.cases += of_here ? 1 : 0;
    summary_.referrals += course.referrals;
    summary_.closed += of_here && !course.is_open ? 1 : 0;
    for (const Course::Alert& alert : course.alerts) {
      summary_.alerts += alert.kind == Course::AlertKind::kRaised ? 1 : 0;
    }
    summary_.voided_responses += course.voided_responses;
    summary_.started += course.enrolments.size();
    summary_.completed += course.programs_completed.size();
    summary_.modules_done += course.modules_done.size();
    TakeMinutes(course);
    TakeWaits(course);
    if (of_here) TakeChanges(course, protocol);
    TakeFollowUps(course, protocol);
  }

  ServiceSummary Finish() {
    summary_.waits.push_back(
        host::Finish("referral to first contact", std::move(to_first_)));
    summary_.waits.push_back(
        host::Finish("first to second contact", std::move(to_second_)));
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
    for (auto& [name, figures] : follow_ups_) {
      summary_.follow_ups.push_back(std::move(figures));
    }
    // To leave minutes out does not lower it.
    const std::optional<double> minutes = metrics::FullMinutes(work_);
    if (minutes && patients_worked_for_ > 0) {
      summary_.minutes_per_patient =
          *minutes / static_cast<double>(patients_worked_for_);
    }
    return std::move(summary_);
  }

 private:
  // Staff work that was finished: items, messages and steps of alerts. Missing
  // minutes are counted, never 0.
  void TakeMinutes(const Course& course) {
    metrics::Work work{};
    for (const Course::Item& item : course.items) {
      if (!metrics::IsStaffWork(item)) continue;
      metrics::AddWork(item.activity, item.minutes, work);
    }
    for (const Course::Effort& effort : course.efforts) {
      metrics::AddWork(effort.activity, effort.minutes, work);
    }
    uint64_t pieces = 0;
    for (size_t a = 0; a < metrics::kActivities; ++a) {
      work_[a].pieces += work[a].pieces;
      work_[a].timed += work[a].timed;
      work_[a].minutes += work[a].minutes;
      pieces += work[a].pieces;
      summary_.minutes += work[a].minutes;
      summary_.minutes_recorded += work[a].timed;
      summary_.minutes_missing += work[a].pieces - work[a].timed;
    }
    patients_worked_for_ += pieces > 0 ? 1 : 0;
  }

  void TakeWaits(const Course& course) {
    const Point referral;
    Point first, second;
    first.kind = second.kind = Point::Kind::kContact;
    first.contact = 1;
    second.contact = 2;
    const auto add = [&](const Point& from, const Point& to,
                         std::vector<metrics::Wait>& waits) {
      const auto wait = metrics::WaitOf(course, from, to, now_);
      if (wait) waits.push_back(*wait);
    };
    add(referral, first, to_first_);
    add(first, second, to_second_);
  }

  // By the course, as outcomes are counted: care that is taken up again begins
  // with a first score of its own.
  void TakeChanges(const Course& course, const Protocol& protocol) {
    for (const metrics::Window& care : metrics::CareOf(course)) {
      for (uint16_t i = 0; i < protocol.instruments.size(); ++i) {
        TakeChange(metrics::FirstAndLast(course, protocol::InstrumentRef(i),
                                         care, metrics::Prorated::kIsLeftOut),
                   protocol.instruments[i].id);
      }
    }
  }
  void TakeChange(const metrics::ScorePair& pair, const std::string& id) {
    if (!pair.first) return;
    ChangeCollector& change = changes_[id];
    if (!pair.last) {
      ++change.unpaired;
      return;
    }
    ++change.pairs;
    change.first += *pair.first;
    change.last += *pair.last;
  }

  // Of those that were answered it counts when the last answer came.
  void TakeFollowUps(const Course& course, const Protocol& protocol) {
    for (const engine::FollowUpState& known : course.follow_ups) {
      const std::string& name = protocol.at(known.window).id;
      ServiceSummary::FollowUp& figures =
          follow_ups_.try_emplace(name, ServiceSummary::FollowUp{name})
              .first->second;
      using Status = engine::WindowStatus;
      using engine::Timing;
      const std::optional<Timing> timing = engine::TimingOf(known);
      figures.ahead += known.IsAhead() ? 1 : 0;
      figures.missed += known.status == Status::kMissed ? 1 : 0;
      figures.suspended += known.status == Status::kSuspended ? 1 : 0;
      if (known.status != Status::kAnswered) continue;
      figures.early += timing == Timing::kEarly ? 1 : 0;
      figures.on_time += timing == Timing::kOnTime ? 1 : 0;
      figures.late += timing == Timing::kLate ? 1 : 0;
    }
  }

  Instant now_;
  ServiceSummary summary_;
  std::map<std::string, ServiceSummary::FollowUp> follow_ups_;
  std::vector<metrics::Wait> to_first_, to_second_;
  std::map<std::string, ChangeCollector> changes_;
  metrics::Work work_{};
  uint64_t patients_worked_for_ = 0;
};

}  // namespace

absl::StatusOr<ServiceSummary> ServiceImpl::Summarise(Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Collector collector(now);
  STEPWELL_RETURN_IF_ERROR(
      book_.ForEach(std::nullopt, [&](CaseId, const CaseCourse& known) {
        if (known.protocol) collector.Take(known.course, *known.protocol);
        return absl::OkStatus();
      }));
  return collector.Finish();
}

}  // namespace stepwell::host
