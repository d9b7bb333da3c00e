// What happens to people who are not all followed to the end: how often it
// happens to a person until all is over.
#ifndef STEPWELL_METRICS_FOLLOW_UP_H_
#define STEPWELL_METRICS_FOLLOW_UP_H_

#include <optional>
#include <vector>

#include "stepwell/time.h"

namespace stepwell::metrics {

// While more than this share is still under way after the longest time that
// anybody was followed, nothing is said of the end.
inline constexpr double kOpenShareMax = 0.05;

// The mean frequency of happenings until an end, after Ghosh and Lin (2000),
// Biometrics 56:554-562: each happening counts with the share of people who
// come to its age, over the number of those who are seen there. For what
// happens once it is the cumulative incidence of Aalen and Johansen (1978).
// How long somebody is followed is set by when they came and by when the
// looking ends, not by what happens to them; so the mean has no bias, where
// that of the people whose end was seen prefers the quick ones. When everybody
// is followed to the end it is the plain mean.
class FollowUp {
 public:
  // Somebody who was seen for so long; `is_over`: to the end.
  void AddPerson(Duration seen, bool is_over) {
    people_.push_back({seen, is_over});
  }
  // Something of `weight` happened to one of them at this age, while seen.
  void Add(Duration age, double weight) {
    happenings_.push_back({age, weight});
  }

  size_t people() const { return people_.size(); }
  // The sum of weights a person, from the beginning to the end. Absent without
  // people, and when more than kOpenShareMax have not come to their end after
  // the longest time that anybody was seen.
  std::optional<double> PerPerson() const;

 private:
  struct Person {
    Duration seen;
    bool is_over = false;
  };
  struct Happening {
    Duration age;
    double weight = 0;
  };
  std::vector<Person> people_;
  std::vector<Happening> happenings_;
};

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_FOLLOW_UP_H_
