// Internal to the host: the table of a request, which came as text or columns.
#ifndef STEPWELL_HOST_TABLE_INPUT_H_
#define STEPWELL_HOST_TABLE_INPUT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/status.h"
#include "exporter/arrow_text.h"

namespace stepwell::host {

// Of a request with `csv` and `columns`. `kept` holds the text that is made of
// columns, and must outlive the result.
template <class Request>
absl::StatusOr<std::string_view> TableText(const Request& request,
                                           std::string& kept) {
  if (request.columns == nullptr) return std::string_view(request.csv);
  if (!request.csv.empty()) {
    return InvalidInput("the table is given twice: as text and as columns");
  }
  STEPWELL_ASSIGN_OR_RETURN(kept, exporter::CsvOfStream(request.columns));
  return std::string_view(kept);
}

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_TABLE_INPUT_H_
