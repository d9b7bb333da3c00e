#include "metrics/waits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "metrics/follow_up.h"

namespace stepwell::metrics {
namespace {

constexpr double kDayUs = 86'400e6;

std::optional<Instant> TimeOfItem(const Course& course, const Point& point) {
  std::optional<Instant> first;
  for (const Course::Item& item : course.items) {
    if (item.element != point.element) continue;
    std::optional<Instant> at;
    if (point.kind == Point::Kind::kOpened) {
      at = item.opened_at;
    } else if (point.kind == Point::Kind::kStarted) {
      at = item.started_at;
    } else if (item.status == engine::ItemStatus::kDone) {
      at = item.ended_at;
    }
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

std::optional<double> ShareWithin(const std::vector<Wait>& waits, Instant now,
                                  Duration limit) {
  uint64_t in_time = 0, known = 0;
  for (const Wait& wait : waits) {
    if (now - wait.from < limit) continue;  // not yet to be known for all
    const bool early = wait.length <= limit;
    if (wait.end == Wait::End::kLeft && early) continue;
    ++known;
    in_time += wait.end == Wait::End::kReached && early ? 1 : 0;
  }
  if (known == 0) return std::nullopt;
  return static_cast<double>(in_time) / static_cast<double>(known);
}

}  // namespace

std::optional<Point> ParsePoint(std::string_view text,
                                const protocol::Protocol& protocol,
                                std::string* problem) {
  Point point;
  if (text == "referral") return point;
  const size_t colon = text.find(':');
  const std::string_view head = text.substr(0, colon);
  const std::string_view name =
      colon == text.npos ? std::string_view() : text.substr(colon + 1);
  const auto element = [&](Point::Kind kind) -> std::optional<Point> {
    point.kind = kind;
    point.element = protocol.FindElement(name);
    if (!point.element.IsNone()) return point;
    *problem = absl::StrCat("the protocol has no item `", ToAbsl(name), "`");
    return std::nullopt;
  };
  if (head == "opened") return element(Point::Kind::kOpened);
  if (head == "started") return element(Point::Kind::kStarted);
  if (head == "done") return element(Point::Kind::kDone);
  if (head == "milestone") {
    point.kind = Point::Kind::kMilestone;
    point.milestone = protocol.FindMilestone(name);
    if (!point.milestone.IsNone()) return point;
    *problem =
        absl::StrCat("the protocol has no milestone `", ToAbsl(name), "`");
    return std::nullopt;
  }
  const std::optional<int64_t> contact = ParseDigits(name);
  if (head == "contact" && contact && *contact >= 1 && *contact <= 1000) {
    point.kind = Point::Kind::kContact;
    point.contact = static_cast<uint32_t>(*contact);
    return point;
  }
  *problem = absl::StrCat("`", ToAbsl(text), "` is no point of a course");
  return std::nullopt;
}

std::optional<Instant> TimeOf(const Course& course, const Point& point) {
  switch (point.kind) {
    case Point::Kind::kReferral:
      if (course.referrals == 0) return std::nullopt;
      return course.referred_at;
    case Point::Kind::kMilestone:
      for (const Course::Milestone& reached : course.milestones) {
        if (reached.milestone == point.milestone) return reached.at;
      }
      return std::nullopt;
    case Point::Kind::kOpened:
    case Point::Kind::kStarted:
    case Point::Kind::kDone:
      return TimeOfItem(course, point);
    case Point::Kind::kContact: {
      const std::vector<Instant> contacts = ContactsOf(course);
      if (contacts.size() < point.contact) return std::nullopt;
      return contacts[point.contact - 1];
    }
  }
  return std::nullopt;
}

std::optional<Wait> WaitOf(const Course& course, const Point& from,
                           const Point& to, Instant now) {
  const std::optional<Instant> start = TimeOf(course, from);
  if (!start || *start > now) return std::nullopt;
  Wait wait;
  wait.from = *start;
  const std::optional<Instant> end = TimeOf(course, to);
  if (end && *end <= now) {
    wait.end = Wait::End::kReached;
    wait.length = *end - *start;
  } else if (!course.is_open && course.closed_at <= now) {
    wait.end = Wait::End::kLeft;
    wait.length = course.closed_at - *start;
  } else {
    wait.length = now - *start;
  }
  return wait;
}

WaitFigures FiguresOf(const std::vector<Wait>& waits, Instant now) {
  WaitFigures figures;
  std::vector<TimeToEvent> times;
  times.reserve(waits.size());
  FollowUp follow_up;
  double sum = 0;
  for (const Wait& wait : waits) {
    const double days = static_cast<double>(wait.length.us) / kDayUs;
    const bool reached = wait.end == Wait::End::kReached;
    times.push_back({days, reached});
    if (reached) sum += days;
    follow_up.AddPerson(wait.length, wait.end != Wait::End::kWaiting);
    if (reached) follow_up.Add(wait.length, 1);
    figures.reached += reached ? 1 : 0;
    figures.waiting += wait.end == Wait::End::kWaiting ? 1 : 0;
    figures.left += wait.end == Wait::End::kLeft ? 1 : 0;
  }
  if (figures.reached > 0) {
    figures.mean_days = sum / static_cast<double>(figures.reached);
  }
  figures.median_days = KaplanMeierQuantile(times, 0.5);
  figures.p90_days = KaplanMeierQuantile(std::move(times), 0.9);
  figures.share_reached = follow_up.PerPerson();
  figures.share_6_weeks = ShareWithin(waits, now, WallDays(42));
  figures.share_18_weeks = ShareWithin(waits, now, WallDays(126));
  return figures;
}

std::optional<double> KaplanMeierQuantile(std::vector<TimeToEvent> times,
                                          double p) {
  // At equal times events come before the ends of looking.
  std::sort(times.begin(), times.end(),
            [](const TimeToEvent& x, const TimeToEvent& y) {
              return x.days != y.days ? x.days < y.days
                                      : x.reached && !y.reached;
            });
  double waiting = 1;
  for (size_t i = 0; i < times.size(); ++i) {
    if (!times[i].reached) continue;
    const double at_risk = static_cast<double>(times.size() - i);
    waiting *= (at_risk - 1) / at_risk;
    // Rounding must not hide that exactly 1 - p are left.
    if (1 - waiting >= p - 1e-12) return times[i].days;
  }
  return std::nullopt;
}

}  // namespace stepwell::metrics
