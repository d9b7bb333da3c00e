// Internal to the simulator: the figures of one replication, by name.
#ifndef STEPWELL_SIM_FIGURES_H_
#define STEPWELL_SIM_FIGURES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metrics/course.h"
#include "metrics/follow_up.h"
#include "metrics/waits.h"
#include "service/deadlines.h"
#include "service/projection.h"
#include "sim/plan.h"
#include "sim/statistics.h"

namespace stepwell::sim {

// Kinds of work by which lines are counted.
struct LineKind {
  service::WorkKind kind;
  const char* name;
};
inline constexpr std::array<LineKind, 5> kLineKinds = {{
    {service::WorkKind::kItem, "item"},
    {service::WorkKind::kHomework, "homework"},
    {service::WorkKind::kLetter, "letter"},
    {service::WorkKind::kAlert, "alert"},
    {service::WorkKind::kMessage, "message"},
}};

// What a figure can be at all.
enum class Range : uint8_t { kNotNegative, kShare, kAny };
Limits LimitsOf(Range range);

// One figure; absent when there is nothing to say it of.
struct Figure {
  std::string name, stratum, statistic, unit;
  std::optional<double> value;
  Range range = Range::kNotNegative;
  const char* absent = "there is nobody to say it of";  // why, if it is
};

// How many wait for something, and how long, as the time goes on. The whole
// time from the empty service on is cut into quarters.
struct WaitTrend {
  double waiting[2] = {0, 0};  // at a time, in the third and fourth quarter
  double came = 0;             // a quarter, in these two
  // Days of those who came in the first and in the third quarter, at most a
  // quarter; absent when nobody came.
  std::optional<double> days[2];
};

// Takes the course of each case once, when it can no longer change or when the
// time is over.
class Collector {
 public:
  Collector(const Protocol& protocol, const Plan& plan);

  void Take(const metrics::Course& course);
  // Once a line of a worklist: when it goes, and at the end. `team` is the
  // first pool of whose it is, -1 nobody's.
  void TakeLine(service::WorkKind kind, int team,
                const service::LineDeadlines& deadlines, Instant now,
                bool is_over);
  // In an order that depends on plan and protocol only.
  std::vector<Figure> Finish() const;
  // By WaitMeasure.
  std::vector<WaitTrend> Trends() const;
  uint64_t cases() const { return cases_; }

 private:
  void TakeWaits(const metrics::Course& course);
  void TakeTrend(const metrics::Wait& wait, size_t measure);
  void TakeTreatment(const metrics::Course& course);
  void TakeModules(const metrics::Course& course, Instant started);
  void TakeMinutes(const metrics::Course& course);
  void AddToMinutes(metrics::Activity activity, StaffId by, int32_t minutes);
  void TakeAlerts(const metrics::Course& course);
  void AddWaits(std::vector<Figure>& figures) const;
  void AddTreatment(std::vector<Figure>& figures) const;
  void AddMinutes(std::vector<Figure>& figures) const;
  void AddAlerts(std::vector<Figure>& figures) const;
  void AddOverdue(std::vector<Figure>& figures) const;
  bool IsMeasured(Instant at) const {
    return plan_.from <= at && at < plan_.to;
  }
  double Weeks() const;
  Duration Quarter() const;

  const Protocol& protocol_;
  const Plan& plan_;
  using Minutes = std::array<double, metrics::kActivities>;
  // First, repeated, escalated, put into another tier.
  using Alerts = std::array<uint64_t, 4>;

  std::vector<std::vector<metrics::Wait>> waits_;  // by WaitMeasure
  struct TrendSums {
    double waiting_days[2] = {0, 0}, days[2] = {0, 0};
    uint64_t came = 0, followed[2] = {0, 0};
  };
  std::vector<TrendSums> trends_;  // by WaitMeasure
  Minutes minutes_{};              // of everybody
  std::vector<Minutes> minutes_of_team_;
  Alerts alerts_{};
  std::vector<Alerts> alerts_of_pool_, alerts_of_tier_;
  // By what they come of: an instrument, a flag, a rule.
  std::vector<Alerts> alerts_from_;
  // Pieces of work that were overdue, of those with a deadline that came up.
  struct Punctuality {
    uint64_t overdue = 0, all = 0;
  };
  Punctuality overdue_;
  std::array<Punctuality, kLineKinds.size()> overdue_of_kind_{};
  std::vector<Punctuality> overdue_of_team_;
  uint64_t cases_ = 0, referrals_ = 0, closed_ = 0;
  metrics::FollowUp modules_, modules_squares_, completed_;
  struct Change {
    uint64_t pairs = 0;
    double first = 0, last = 0;
  };
  std::vector<Change> changes_;
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_FIGURES_H_
