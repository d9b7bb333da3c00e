// Reading comma-separated values (RFC 4180) row by row. Every error names the
// line (of a table that came as columns: the row); nothing is guessed: a row
// with too few or too many fields is an error.
#ifndef STEPWELL_BASE_CSV_H_
#define STEPWELL_BASE_CSV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status.h"

namespace stepwell {

// The first line names the columns. Fields may be quoted ("" is a quote in
// them); lines end in LF or CRLF; a byte order mark at the start and blank
// lines at the end are skipped. The text must outlive the reader.
class CsvReader {
 public:
  // A text that begins with this was made of the columns of a data frame, whose
  // owner never sees it: errors name rows, the first of which is 0.
  static constexpr char kOfColumns = '\x1D';

  // kInvalidArgument: no header, a name that is empty or stands twice, bytes
  // that are no UTF-8; kResourceExhausted beyond limits::kTableBytesMax.
  static absl::StatusOr<CsvReader> Open(std::string_view text);

  const std::vector<std::string>& header() const { return header_; }
  // The place of a column; kNotFound names those that there are.
  absl::StatusOr<size_t> Find(std::string_view column) const;

  // Reads the next row; false at the end. kInvalidArgument for a ragged row
  // or broken quotes, kResourceExhausted after limits::kTableRowsMax rows.
  absl::StatusOr<bool> Next();
  // A field of the row that was read last; valid until the next one.
  std::string_view field(size_t column) const { return fields_[column]; }
  size_t line() const { return line_; }  // where that row begins, from 1
  size_t rows() const { return rows_; }  // read so far

  // An error about a field of this row: "line 7: column \"pre\": ...", or
  // "row 5 (the first is 0): column \"pre\": ...".
  absl::Status FieldError(size_t column, std::string_view message) const;

  // An empty field and NA, as R writes it, are a missing value.
  static bool IsMissing(std::string_view field) {
    return field.empty() || field == "NA";
  }

 private:
  explicit CsvReader(std::string_view text) : text_(text) {}
  absl::Status ReadHeader();
  absl::Status ReadFields();
  absl::Status ReadQuoted();
  absl::Status LineError(std::string_view message) const;
  std::string Where() const;
  void TakePlain();
  void EndLine();

  std::string_view text_;
  size_t at_ = 0, line_ = 0, next_line_ = 1, rows_ = 0, row_at_ = 0;
  bool of_columns_ = false;
  std::vector<std::string> header_;
  std::vector<std::string_view> fields_;
  // Fields with doubled quotes, unescaped: they need bytes of their own.
  std::vector<std::string> unescaped_;
  size_t unescaped_used_ = 0;
};

}  // namespace stepwell

#endif  // STEPWELL_BASE_CSV_H_
