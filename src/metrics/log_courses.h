// The courses of a case in the columns of the published measures, and the
// measures that only a log can give: minutes by what they went into, adherence.
// A course is an episode: from a referral to the end of the care it led to.
#ifndef STEPWELL_METRICS_LOG_COURSES_H_
#define STEPWELL_METRICS_LOG_COURSES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fingerprint.h"
#include "metrics/course.h"
#include "metrics/course_table.h"
#include "metrics/measures.h"

namespace stepwell::metrics {

// Finished pieces of staff work of one kind.
struct WorkSums {
  uint64_t pieces = 0;
  uint64_t timed = 0;  // of them, those whose minutes are known
  uint64_t minutes = 0;
  bool operator==(const WorkSums&) const = default;
};
using Work = std::array<WorkSums, kActivities>;  // by Activity
void AddWork(Activity activity, std::optional<int32_t> minutes, Work& work);
// Minutes of all pieces, with those that are not known at the mean of their
// kind, and where none of its kind is known at the mean of all; nothing when no
// minutes are known at all.
std::optional<double> FullMinutes(const Work& work);

struct LogCourse {
  uint16_t episode = 0;                         // from 1
  std::array<int32_t, kCourseColumns> numbers;  // kNone: missing
  uint8_t specific = 0;                         // index of AnxietyMeasures()
  // A presenting complaint was told, and AnxietyMeasures() has it.
  bool has_complaint = false, knows_complaint = false;
  std::string route, program;  // the first program; empty: none
  StaffId therapist;           // the last who was responsible in person
  Work work{};
  // `planned_done`: of those that everybody is given; `modules_done`: of all.
  uint32_t modules_planned = 0, planned_done = 0, modules_done = 0;
  uint32_t forms_asked = 0, forms_done = 0;
  uint32_t prorated = 0;  // scores that are left out for it

  int32_t number(CourseColumn column) const {
    return numbers[static_cast<size_t>(column)];
  }
  bool operator==(const LogCourse&) const = default;
};

// What the service tells of its courses beyond the protocol.
struct LogCourseOptions {
  // The fact that holds the code of the presenting complaint; none: GAD-7 is
  // the anxiety measure of all.
  std::string complaint_fact;
};

// The care of each episode that is one of this service: from its referral to
// its end, or to the next one.
std::vector<Window> CareOf(const Course& course);

// `protocol` is the one that the case is on. Days are those of its zone.
// Contacts and scores count up to the end of the course, work and what the
// patient does up to the next one. National figures take no prorated scores.
std::vector<LogCourse> CoursesOf(const Course& course,
                                 const protocol::Protocol& protocol,
                                 const LogCourseOptions& options);

// The same as a table; `group` gives the name of the group of each row, and
// empty means that all are one.
CourseTable TableOf(const std::vector<LogCourse>& courses,
                    const std::vector<std::string>& group);

// Sums of what only a log has.
struct LogCounts {
  Work work{};            // of finished courses
  uint64_t finished = 0;  // ended in the period, two contacts or more
  // Of courses that ended in the period with one contact or more.
  Ratio modules, forms;
  // Of those with a program: with so many modules as LogOptions says.
  Ratio core_dose;
  void Add(const LogCourse& course, const Period& period,
           std::optional<uint32_t> core_modules);
};
std::vector<const MeasureDefinition*> LogMeasures();
// One figure a definition, in their order; the core dose only when it is asked
// for.
std::vector<MeasureFigure> FiguresOf(const LogCounts& counts, bool core_dose);
inline constexpr std::string_view kLogMeasuresId = "stepwell-log";
inline constexpr std::string_view kLogMeasuresVersion = "1";

// All that each set of measures says, thresholds, limits and marks included;
// and a hash of it: a report with another one was counted by other rules.
std::vector<std::pair<std::string, std::string>> DefinitionTexts();
std::vector<std::pair<std::string, Fingerprint>> DefinitionHashes();

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_LOG_COURSES_H_
