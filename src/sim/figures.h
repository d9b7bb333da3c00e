// Internal to the simulator: the figures of one replication, by name.
#ifndef STEPWELL_SIM_FIGURES_H_
#define STEPWELL_SIM_FIGURES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metrics/course.h"
#include "metrics/waits.h"
#include "sim/plan.h"

namespace stepwell::sim {

// One figure; absent when there is nothing to say it of.
struct Figure {
  std::string name, stratum, statistic, unit;
  std::optional<double> value;
};

// Takes the course of each case once, when it can no longer change or when the
// time is over.
class Collector {
 public:
  Collector(const Protocol& protocol, const Plan& plan);

  void Take(const metrics::Course& course);
  // In an order that depends on plan and protocol only.
  std::vector<Figure> Finish() const;
  uint64_t cases() const { return cases_; }

 private:
  void TakeWaits(const metrics::Course& course);
  void TakeTreatment(const metrics::Course& course);
  void TakeMinutes(const metrics::Course& course);
  void TakeAlerts(const metrics::Course& course);
  void AddWaits(std::vector<Figure>& figures) const;
  void AddTreatment(std::vector<Figure>& figures) const;
  void AddMinutes(std::vector<Figure>& figures) const;
  void AddAlerts(std::vector<Figure>& figures) const;
  bool IsMeasured(Instant at) const {
    return plan_.from <= at && at < plan_.to;
  }
  double Weeks() const;

  const Protocol& protocol_;
  const Plan& plan_;
  std::vector<std::vector<metrics::Wait>> waits_;  // by WaitMeasure
  std::array<double, metrics::kActivities> minutes_{};
  std::array<uint64_t, 3> alerts_{};  // first, repeated, escalated
  std::vector<uint64_t> alerts_of_pool_;
  uint64_t cases_ = 0, referrals_ = 0, closed_ = 0, started_ = 0,
           completed_ = 0, modules_ = 0, ended_ = 0, modules_ended_ = 0;
  double modules_squares_ = 0, modules_squares_ended_ = 0;
  struct Change {
    uint64_t pairs = 0;
    double first = 0, last = 0;
  };
  std::vector<Change> changes_;
};

// Members of staff who own cases: the pools that a rule assigns cases to.
size_t TherapistsOf(const Protocol& protocol, const Plan& plan);

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_FIGURES_H_
