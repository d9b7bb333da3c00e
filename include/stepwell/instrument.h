// Questionnaires of the catalogue, or documents of the same kind: scores of
// answers and the change between two scores.
#ifndef STEPWELL_INSTRUMENT_H_
#define STEPWELL_INSTRUMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/table.h"

namespace stepwell {

struct TableChangeRequest;  // stepwell/measure.h

// JSON for programs (docs/reference/cli.md), rows for people.
struct InstrumentReport {
  // False when the answer is "no": no score, a value out of range, no change
  // that can be named.
  bool ok = false;
  std::string json;
  std::vector<std::pair<std::string, std::string>> rows;  // label, value
};

struct ScoreRequest {
  // An id of the catalogue ("phq-9"), or a document: text that begins with {
  // (an instrument document, or a FHIR R4 Questionnaire).
  std::string instrument;
  // [0, 1, null, ...] in item order, or an object by item.
  std::string answers;
  std::string context;  // {"sex": "female"}; empty = nothing known
  // Chooses among the documents of one form in the catalogue (k10: 1-5, or
  // k10-0-4), or must be that of the document.
  std::string coding;
  std::string profile;  // of cut-offs; empty = the document's first
  std::string missing;  // "strict" or "prorate"; empty = as the document says
  // Replaces the threshold of every risk item; above its least value, at most
  // its greatest.
  std::optional<int32_t> risk_threshold;
};
// A status means that there is nothing to score: an unknown instrument, no
// JSON, a wrong count of answers.
absl::StatusOr<InstrumentReport> ScoreInstrument(const ScoreRequest& request);

struct ChangeRequest {
  std::string instrument;
  std::string pre, post;  // decimal numbers; empty = missing
  std::string profile;
  std::string subscale;  // whose scores they are; empty: total scores
};
absl::StatusOr<InstrumentReport> InstrumentChange(const ChangeRequest& request);

// A questionnaire that is loaded once. Immutable; threads may share it.
class Instrument {
 public:
  // An id of the catalogue or a document (text that begins with {). Mistakes
  // in it are kInvalidArgument whose parts (stepwell/error.h) list them.
  static absl::StatusOr<std::shared_ptr<const Instrument>> Load(
      std::string_view instrument);
  virtual ~Instrument() = default;

  virtual const std::string& id() const = 0;
  // {"id","version","title","hash","coding","direction","items","scales",
  // "profiles","tiers","licence"}.
  virtual std::string InfoJson() const = 0;
  // As ScoreInstrument and InstrumentChange; `instrument` is not read.
  virtual absl::StatusOr<InstrumentReport> Score(
      const ScoreRequest& request) const = 0;
  virtual absl::StatusOr<InstrumentReport> Change(
      const ChangeRequest& request) const = 0;
  // As stepwell/measure.h; which scores are better, and the reliability (the
  // document's first of the total), are the document's when left out.
  virtual absl::StatusOr<InstrumentReport> ChangeOfTable(
      TableChangeRequest request) const = 0;
  // Scores a stream of batches with a column an item
  // (stepwell_instrument_score_columns has its columns and those of the
  // result). The caller keeps the stream and releases it. `answers` and
  // `instrument` of the request are not read.
  virtual absl::StatusOr<Table> ScoreColumns(
      ArrowArrayStream* answers, const ScoreRequest& request) const = 0;
};

// The ids of the catalogue, sorted.
std::vector<std::string> InstrumentIds();

}  // namespace stepwell

#endif  // STEPWELL_INSTRUMENT_H_
