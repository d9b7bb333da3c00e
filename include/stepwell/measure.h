// Figures of tables: the change of a cohort between two scores, and the
// outcomes of courses by a published definition. Pure: a table in, numbers
// out, no store.
#ifndef STEPWELL_MEASURE_H_
#define STEPWELL_MEASURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "stepwell/instrument.h"
#include "stepwell/time.h"

// The Arrow C stream interface; whoever gives one has its definition.
struct ArrowArrayStream;

namespace stepwell {

// Mean and standard deviation of a group.
struct GroupNumbers {
  double mean = 0;
  double sd = 0;
};

// How a table's change is judged: docs/reference/cli.md, `change FILE.csv`.
struct TableChangeRequest {
  std::string csv;  // the table itself, as text
  // Or, while that is empty, as columns: numbers, null = missing. The caller
  // keeps the stream and releases it. Errors name rows, the first of which is
  // 0.
  ArrowArrayStream* columns = nullptr;
  std::string pre, post;  // its columns
  // "jt", "gln", "en", "nk", "hll", "ha", "percent" or "mcid".
  std::string method = "jt";
  std::string better;  // "lower" or "higher"
  // Reliable change methods need the reliability; the other numbers come from
  // the table's pairs where they are absent.
  std::optional<double> reliability, reliability_post, sd, mean, critical;
  std::string cutoff;  // "a", "b", "c"; empty = none
  std::optional<GroupNumbers> clinical, functional;
  std::string by;         // decimal: per cent (default 50), or points
  std::string remission;  // decimal: this last score or better; percent only
  // Of an instrument: whose scores they are; empty: total scores. An
  // instrument without a total needs it.
  std::string subscale;
};

// kInvalidArgument names the line (of columns: the row) and the column of what
// is wrong in the table, or the number that the method lacks; kNotFound a
// column that is not there.
absl::StatusOr<InstrumentReport> ChangeOfTable(
    const TableChangeRequest& request);

// What a table of courses is counted by.
struct OutcomesRequest {
  std::string csv;  // one row a course: docs/reference/measures.md
  // Or, while that is empty, as columns (see TableChangeRequest); days are
  // dates, timestamps at midnight UTC, or text.
  ArrowArrayStream* columns = nullptr;
  // "nhs-tt"; "nhs-tt-counts": a table of published counts, a row each.
  std::string definition = "nhs-tt";
  std::string by;        // a column whose values make groups; empty = none
  std::string from, to;  // days of the period, YYYY-MM-DD; empty = no bound
  // Counts from 1 up to below this are kept back, with what would tell them.
  uint32_t suppress_below = 0;
};
// Each measure with numerator, denominator, missing share and definition id.
// Errors as ChangeOfTable.
absl::StatusOr<InstrumentReport> OutcomesOfTable(
    const OutcomesRequest& request);

// What the log of a service is counted by: Service::QueryOutcomes. A course is
// an episode of a case, from a referral to the end of the care it led to.
struct LogOutcomesRequest {
  std::string definition = "nhs-tt";
  // "route", "program", "therapist", "month", "quarter", "year" (of the period,
  // each as a period of its own); empty = no groups.
  std::string by;
  std::string from, to;  // days of the period, in the service's zone
  // Counts from 1 up to below this are kept back, with what would tell them.
  uint32_t suppress_below = 0;
  // The fact that holds the code of the presenting complaint (ICD-10, SNOMED
  // CT), which calls for an anxiety measure; empty: GAD-7 for all.
  std::string complaint;
  std::optional<uint32_t> core_modules;  // so many are the core dose
  // From what had been recorded by then; absent: by now. The same again gives
  // the same bytes, whatever has been recorded later.
  std::optional<Instant> as_known_at;
  // Of the stamp of a report that is to be had again; empty: any. What came to
  // the very instant of `as_known_at` after that report was made is an error
  // (kFailedPrecondition) and no other report.
  std::string log_head;
  // Adds what is otherwise by what is known now: figures, and the courses they
  // come from. Not together with suppress_below: it names single courses.
  bool as_corrected = false;
};

// docs/reference/measures.md: every measure with formula, estimand, source.
std::string MeasuresPage();

}  // namespace stepwell

#endif  // STEPWELL_MEASURE_H_
