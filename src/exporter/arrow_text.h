// Internal. Columns that come in as an Arrow C stream, as the text of a table.
#ifndef STEPWELL_EXPORTER_ARROW_TEXT_H_
#define STEPWELL_EXPORTER_ARROW_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "exporter/arrow_abi.h"

namespace stepwell::exporter {

// Comma-separated values (RFC 4180) for a reader that judges every cell: whole
// floats as integers, days as YYYY-MM-DD, null as an empty field. NaN and what
// is of another type come as words that no such reader takes for a value, so
// that a column that it does not read may be anything. It begins as CsvReader
// wants it of columns. The stream is not released. kResourceExhausted beyond
// limits::kTableBytesMax.
absl::StatusOr<std::string> CsvOfStream(ArrowArrayStream* stream);

}  // namespace stepwell::exporter

#endif  // STEPWELL_EXPORTER_ARROW_TEXT_H_
