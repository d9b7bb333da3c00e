// Columns for data frames: a table of named, typed columns that leaves the
// library as an Arrow C stream, without a copy of its buffers.
#ifndef STEPWELL_TABLE_H_
#define STEPWELL_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "stepwell/time.h"

// The Arrow C stream interface; whoever consumes it has its definition.
struct ArrowArrayStream;

namespace stepwell {

// One column, in Arrow's layout: a validity bitmap and the type's buffers.
class Column {
 public:
  enum class Type {
    kInteger,  // int64
    kNumber,   // float64
    kText,     // utf8
    kBool,     // bitmap
    kTime,     // timestamp[us, UTC]
  };
  Column(std::string name, Type type);

  const std::string& name() const { return name_; }
  Type type() const { return type_; }
  size_t size() const { return size_; }
  size_t nulls() const { return nulls_; }

  // Each appends one row; the value must be of the column's type.
  void Null();
  void Integer(int64_t value);
  void Number(std::optional<double> value);
  void Text(std::string_view value);
  // An empty text is null.
  void TextOrNull(std::string_view value);
  void Bool(bool value);
  // Never, and "not reached" (the zero instant), are null.
  void Time(Instant value);

  // Many rows at once, for a column of that type. `texts` are by their number;
  // one below zero is null.
  void Numbers(std::span<const double> values);  // NaN is null
  void Integers(std::span<const uint16_t> values);
  void Bools(std::span<const uint8_t> values);  // 0 false, 1 true, else null
  void Texts(std::span<const int8_t> which, std::span<const std::string> texts);
  // Room for so many more rows, and bytes of their texts.
  void Reserve(size_t rows, size_t bytes = 0);

  // The buffers of the Arrow layout; null where the type has none.
  const void* validity() const;  // null when nothing is null
  const void* offsets() const;   // kText: size() + 1 int32
  const void* values() const;

 private:
  void Valid(bool valid);
  void Valid(const uint8_t* ones, size_t n, size_t nulls);
  std::string name_;
  Type type_;
  size_t size_ = 0, nulls_ = 0;
  // `validity_` is empty until something is null.
  std::vector<uint8_t> validity_, bits_;
  std::vector<int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<int32_t> offsets_;
  std::string bytes_;
};

// Columns of one length.
struct Table {
  std::string name;
  std::vector<Column> columns;
  size_t rows() const { return columns.empty() ? 0 : columns[0].size(); }
};

// A cell as text: true or false, a time in UTC, a number as short as it reads
// back the same. Empty when it is null.
std::string CellText(const Column& column, size_t row);
// The table as comma-separated values (RFC 4180): the line of names, and the
// line of a row, each with its LF. A null is an empty field, an empty text "".
std::string CsvHeader(const Table& table);
std::string CsvRow(const Table& table, size_t row);
// A row as a JSON object, its members in the order of the columns.
std::string JsonRow(const Table& table, size_t row);

// Moves the table into a stream of one batch. The stream owns it: its release
// callback (and those of the arrays taken from it, in any order and thread)
// free it. On an error, which is a column of more than 2^31-1 bytes of text,
// *out is zeroed.
absl::Status ToArrowStream(Table table, ArrowArrayStream* out);

// Releases a stream that somebody else made, once, at the end of its scope.
class StreamReleaser {
 public:
  explicit StreamReleaser(ArrowArrayStream* stream) : stream_(stream) {}
  ~StreamReleaser();
  StreamReleaser(const StreamReleaser&) = delete;
  StreamReleaser& operator=(const StreamReleaser&) = delete;

 private:
  ArrowArrayStream* stream_;
};

}  // namespace stepwell

#endif  // STEPWELL_TABLE_H_
