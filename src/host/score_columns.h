// Internal to the host: an instrument's scores of an Arrow stream.
#ifndef STEPWELL_HOST_SCORE_COLUMNS_H_
#define STEPWELL_HOST_SCORE_COLUMNS_H_

#include "absl/status/statusor.h"
#include "instruments/score_report.h"
#include "stepwell/table.h"

namespace stepwell::host {

absl::StatusOr<Table> ScoreStream(const instruments::Instrument& instrument,
                                  ArrowArrayStream* answers,
                                  const instruments::ScoreOptions& options);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_SCORE_COLUMNS_H_
