#include "metrics/follow_up.h"

#include <algorithm>

namespace stepwell::metrics {

std::optional<double> FollowUp::PerPerson() const {
  std::vector<Person> people = people_;
  std::sort(people.begin(), people.end(),
            [](const Person& a, const Person& b) { return a.seen < b.seen; });
  std::vector<Happening> happenings = happenings_;
  std::stable_sort(
      happenings.begin(), happenings.end(),
      [](const Happening& a, const Happening& b) { return a.age < b.age; });
  double under_way = 1, sum = 0;  // the share that comes to an age
  size_t gone = 0;                // people seen for less
  const auto come_to = [&](std::optional<Duration> age) {
    while (gone < people.size() && (!age || people[gone].seen < *age)) {
      const size_t seen = people.size() - gone;
      const Duration here = people[gone].seen;
      size_t over = 0;
      for (; gone < people.size() && people[gone].seen == here; ++gone) {
        over += people[gone].is_over ? 1 : 0;
      }
      under_way *= static_cast<double>(seen - over) / static_cast<double>(seen);
    }
  };
  for (const Happening& happening : happenings) {
    come_to(happening.age);
    if (gone == people.size()) break;  // of nobody who was seen
    sum += under_way * happening.weight /
           static_cast<double>(people.size() - gone);
  }
  come_to(std::nullopt);
  if (people.empty() || under_way > kOpenShareMax) return std::nullopt;
  return sum;
}

}  // namespace stepwell::metrics
