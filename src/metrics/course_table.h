// A CSV of courses as columns: one row a course. The columns are listed in
// docs/reference/measures.md.
#ifndef STEPWELL_METRICS_COURSE_TABLE_H_
#define STEPWELL_METRICS_COURSE_TABLE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/nhs_tt.h"

namespace stepwell::metrics {

// The columns with numbers, in the order of CourseColumns.
enum class CourseColumn : uint8_t {
  kPhq9First,
  kPhq9Last,
  kGad7First,
  kGad7Last,
  kContacts,
  kSpecificFirst,
  kSpecificLast,
  kReferral,
  kFirstTreatment,
  kSecondTreatment,
  kDischarged,
  kMinutes,
};
inline constexpr size_t kCourseColumns = 12;

struct CourseColumnInfo {
  std::string_view name;
  bool required;
  bool is_date;
  std::string_view meaning;
};
const CourseColumnInfo& InfoOf(CourseColumn column);
inline constexpr std::string_view kSpecificMeasureColumn = "specific_measure";
inline constexpr std::string_view kComplaintsColumn = "complaints";

// Owns its columns. One that the CSV lacks is empty.
struct CourseTable {
  size_t rows = 0;
  std::array<std::vector<int32_t>, kCourseColumns> numbers;
  std::vector<uint8_t> specific;  // index of AnxietyMeasures()
  // Rows whose measure follows from a complaint, and of them those whose
  // complaint AnxietyMeasures() has.
  uint64_t complaints_given = 0, complaints_known = 0;
  std::vector<uint32_t> group;  // index of group_names; empty: no grouping
  std::vector<std::string> group_names;  // in the order of their first row

  CourseColumns view() const;
};

// `by` names the column whose values make groups; empty: none. Errors name
// line and column: a ragged row, a score that is out of range or not whole, no
// date, days in an order that cannot be.
absl::StatusOr<CourseTable> ReadCourses(std::string_view csv,
                                        std::string_view by);

// "F40.1/primary/2025-01-03/7; ...": complaints as one cell of the table;
// nothing when it cannot be read.
std::optional<std::vector<Complaint>> ParseComplaints(std::string_view cell);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_COURSE_TABLE_H_
