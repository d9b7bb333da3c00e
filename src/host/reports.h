// Internal to the host: reports of the rooms as users get them.
#ifndef STEPWELL_HOST_REPORTS_H_
#define STEPWELL_HOST_REPORTS_H_

#include <utility>

#include "absl/status/statusor.h"
#include "instruments/instrument.h"
#include "instruments/score_report.h"
#include "stepwell/instrument.h"
#include "stepwell/measure.h"

namespace stepwell::host {

inline InstrumentReport ToPublic(instruments::Report report) {
  InstrumentReport out;
  out.ok = report.ok;
  out.json = std::move(report.json);
  for (instruments::ReportRow& row : report.rows) {
    out.rows.emplace_back(std::move(row.label), std::move(row.value));
  }
  return out;
}

// The change of a table whose scores are of the instrument (null: of none that
// is known): they lie in its range, and what the request lacks is its own.
absl::StatusOr<InstrumentReport> ChangeOfTable(
    TableChangeRequest request, const instruments::Instrument* instrument);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_REPORTS_H_
