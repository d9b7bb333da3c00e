// Internal to the host: which numbers of a report are kept back so that nobody
// is told of few people. One rule: the numbers are shown from the largest on,
// each unless what is shown with it gives a number of few people away, by
// adding and subtracting. So of numbers that add up the next smallest goes with
// the one that is kept back.
#ifndef STEPWELL_HOST_DISCRETION_H_
#define STEPWELL_HOST_DISCRETION_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/measures.h"

namespace stepwell::host {

// A count by its name, and what it is made of: see discretion.cc.
struct CountName {
  const char* name;
  uint64_t metrics::NhsCounts::*count;
  std::string_view form;
};
inline constexpr size_t kCountNames = 13;
extern const std::array<CountName, kCountNames> kCounts;  // by name
inline constexpr size_t kContactsMissingCount = 1, kCoursesCount = 2,
                        kFinishedCount = 4, kStartedCount = 11;

// What a report shows of one group, or of all.
struct ShownNumbers {
  metrics::NhsCounts counts;
  std::vector<metrics::MeasureFigure> figures;
};

// What is kept back of one group.
struct Hidden {
  std::vector<bool> figures, counts;
};

// Entry 0 of `rows` is all, whose parts the other ones are; each has the same
// figures. What is kept back of one group alone is kept back of the smallest
// other one too: it could be worked out from all. Answers with an entry for
// each row.
std::vector<Hidden> KeepBack(const std::vector<ShownNumbers>& rows,
                             uint32_t below);

// Whether few people would be told of.
bool IsFew(uint64_t count, uint32_t below);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_DISCRETION_H_
