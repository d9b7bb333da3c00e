// Waits, with those counted who still wait: how long from one point of a
// course to another, and how many get there in time.
#ifndef STEPWELL_METRICS_WAITS_H_
#define STEPWELL_METRICS_WAITS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/course.h"

namespace stepwell::metrics {

// A point of a course, as plans and reports name it:
//   "referral"            where the legal wait starts
//   "milestone:started"   when it was first reached
//   "opened:call"         the first item of the element became available,
//   "started:call"        ... somebody began it,
//   "done:call"           ... it was first done
//   "contact:1"           the first (second, ...) treatment contact
struct Point {
  enum class Kind : uint8_t {
    kReferral,
    kMilestone,
    kOpened,
    kStarted,
    kDone,
    kContact,
  };
  Kind kind = Kind::kReferral;
  engine::MilestoneId milestone;
  engine::ElementId element;
  uint32_t contact = 0;  // from 1
};
// Nothing when the text is none of these or names what the protocol lacks;
// `problem` then says so.
std::optional<Point> ParsePoint(std::string_view text,
                                const protocol::Protocol& protocol,
                                std::string* problem);
std::optional<Instant> TimeOf(const Course& course, const Point& point);

// One person's wait as it stands at `now`.
struct Wait {
  enum class End : uint8_t {
    kReached,
    kWaiting,  // censored: at least so long
    kLeft,     // the case closed first: the wait ended without the point
  };
  Instant from;
  Duration length;
  End end = End::kWaiting;
};
// Nothing when the person has not come to `from`.
std::optional<Wait> WaitOf(const Course& course, const Point& from,
                           const Point& to, Instant now);

// The figures of many waits at one moment. Days are of 24 hours.
struct WaitFigures {
  uint64_t reached = 0, waiting = 0, left = 0;
  // Of those who reached it: censored by `now`, so it is too short while many
  // wait.
  std::optional<double> mean_days;
  // After Kaplan and Meier (1958): who waits or left counts up to then. So
  // they do not become shorter because people still wait. That somebody left
  // is taken to say nothing about how long it would have been: where those
  // leave who would wait longest, they are too short. Absent when fewer than
  // that share are known to get there.
  std::optional<double> median_days, p90_days;
  // Estimand: of all who begin to wait, the share that reaches the point at
  // all (FollowUp::PerPerson): absent while too many still wait to say.
  std::optional<double> share_reached;
  // Estimand: of those whose wait began at least so long before `now`, the
  // share that reached the point in time; who still waits counts as late, who
  // left before the limit does not count. NHS England counts 42 and 126 days,
  // among those who finish (M052-M055).
  std::optional<double> share_6_weeks, share_18_weeks;
};
WaitFigures FiguresOf(const std::vector<Wait>& waits, Instant now);

// The p-quantile of the time to an event after Kaplan and Meier; nothing when
// fewer than p are known to reach it.
struct TimeToEvent {
  double days = 0;
  bool reached = false;
};
std::optional<double> KaplanMeierQuantile(std::vector<TimeToEvent> times,
                                          double p);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_WAITS_H_
