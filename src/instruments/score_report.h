// What `stepwell score` and `stepwell change` print: JSON for programs and
// rows for people. Nothing here decides anything; it shows what Score says.
#ifndef STEPWELL_INSTRUMENTS_SCORE_REPORT_H_
#define STEPWELL_INSTRUMENTS_SCORE_REPORT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "instruments/instrument.h"
#include "instruments/score.h"

namespace stepwell::instruments {

struct ScoreOptions {
  // {"sex": "female", "work_not_applicable": true}: sex, and the instrument's
  // own not-applicable flags. Empty = nothing known.
  std::string context;
  std::string coding;   // must be the document's when given
  std::string profile;  // empty = the document's first
  MissingPolicy missing = MissingPolicy::kDocument;
  std::optional<int32_t> risk_threshold;
};

struct ReportRow {
  std::string label;
  std::string value;
};

struct Report {
  // False when the answer is "no": no score, or a value out of range.
  bool ok = false;
  std::string json;  // one object, keys sorted
  std::vector<ReportRow> rows;
};

// `answers`: as ReadJsonAnswers takes them, or {"answers": ...,
// "context": {...}}. The JSON is
//   {"band","complete","details","flags","instrument","missing","prorated",
//    "score","score_exact","subscales","version"}
// with null for what cannot be given, flags true, false or "unknown", and
// "error" and "item" (from 1) when an answer is out of range. A status means
// that there is nothing to score: no JSON, a wrong count of answers, an
// unknown coding, profile or context.
absl::StatusOr<Report> ScoreJson(const Instrument& instrument,
                                 std::string_view answers,
                                 const ScoreOptions& options = {});

// What options mean for many responses: a context, and the profile's index. A
// context with the instrument's own not-applicable flags is refused: they
// differ by person, and a batch says so by leaving the answer out.
struct PreparedOptions {
  ScoreContext context;
  int16_t profile = -1;
};
absl::StatusOr<PreparedOptions> PrepareOptions(const Instrument& instrument,
                                               const ScoreOptions& options);

// The profile of that id, as an index into profiles(); "" is the document's
// first, -1 where it has none. An unknown one is refused with those it has.
absl::StatusOr<int16_t> ProfileNamed(const Instrument& instrument,
                                     std::string_view id);

// The subscale of that id, as an index into scales(); "" is the total, which
// an instrument without one refuses with the names of its subscales.
absl::StatusOr<uint16_t> ScaleNamed(const Instrument& instrument,
                                    const std::string& subscale);

struct ChangeOptions {
  std::string profile;   // empty = the document's first
  std::string subscale;  // whose scores they are; empty = the total's
};

// The change of one case between two scores (nullopt = missing) under
// the profile's numbers: reliable change, minimal important difference,
// response, caseness and remission before and after, Jacobson-Truax for each
// reliability with an SD that the document states.
absl::StatusOr<Report> ChangeJson(const Instrument& instrument,
                                  const std::optional<Rational>& pre,
                                  const std::optional<Rational>& post,
                                  const ChangeOptions& options = {});

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_SCORE_REPORT_H_
