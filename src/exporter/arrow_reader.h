// Internal. Columns that come in as an Arrow C stream: checked, batch by batch.
#ifndef STEPWELL_EXPORTER_ARROW_READER_H_
#define STEPWELL_EXPORTER_ARROW_READER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/arrow_abi.h"

namespace stepwell::exporter {

// Reads a stream of struct batches. The stream must outlive the reader, which
// releases the batches and the schema, not the stream.
class ArrowReader {
 public:
  // kInvalidArgument when the stream gives no table of columns, or fails.
  static absl::StatusOr<ArrowReader> Open(ArrowArrayStream* stream);
  ~ArrowReader();
  ArrowReader(ArrowReader&& other) noexcept;
  ArrowReader(const ArrowReader&) = delete;
  ArrowReader& operator=(const ArrowReader&) = delete;
  ArrowReader& operator=(ArrowReader&&) = delete;

  size_t columns() const;
  std::string name(size_t column) const;
  // Arrow's word for the type: "c" is int8, "u" text. Of categories it is that
  // of what they stand for, when this is text, else "dictionary": their numbers
  // are never taken for values.
  const std::string& format(size_t column) const { return formats_[column]; }
  static bool IsText(std::string_view format) {
    return format == "u" || format == "U" || format == "vu";
  }

  // Takes the next batch; false at the end.
  absl::StatusOr<bool> Next();
  size_t rows() const;
  // The batch's column: buffers, offset and length are checked to be there;
  // that they are as long as they say is the producer's word.
  const ArrowArray& column(size_t i) const;
  // Of a column of text; empty when it is null.
  std::string text(size_t column, size_t row) const;

 private:
  explicit ArrowReader(ArrowArrayStream* stream) : stream_(stream) {}
  void Release();
  absl::Status StreamError(const char* what) const;
  ArrowArrayStream* stream_;
  ArrowSchema schema_ = {};
  ArrowArray batch_ = {};
  std::vector<std::string> formats_;
};

}  // namespace stepwell::exporter

#endif  // STEPWELL_EXPORTER_ARROW_READER_H_
