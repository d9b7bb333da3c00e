// The consumer's side of the Arrow C stream interface.
#include "exporter/arrow_reader.h"

#include <cstring>
#include <optional>
#include <utility>

#include "base/status.h"
#include "stepwell/table.h"

namespace stepwell {

StreamReleaser::~StreamReleaser() {
  if (stream_ != nullptr && stream_->release != nullptr) {
    stream_->release(stream_);
    stream_->release = nullptr;
  }
}

namespace exporter {
namespace {

bool IsTable(const ArrowSchema& schema) {
  if (schema.format == nullptr || std::strcmp(schema.format, "+s") != 0) {
    return false;
  }
  for (int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema* child = schema.children[i];
    if (child == nullptr || child->format == nullptr) return false;
  }
  return true;
}

bool IsColumn(const ArrowSchema& schema, const ArrowArray* array,
              int64_t rows) {
  if (array == nullptr || array->length < rows || array->offset < 0) {
    return false;
  }
  if (schema.dictionary != nullptr && schema.dictionary->format != nullptr &&
      !IsColumn(*schema.dictionary, array->dictionary, 0)) {
    return false;
  }
  if (array->n_buffers < 2 || array->buffers == nullptr) {
    // Nested and null types have none; they are never read.
    return schema.format[0] == '+' || schema.format[0] == 'n';
  }
  return rows == 0 || array->buffers[1] != nullptr;
}

// See ArrowReader::format.
std::string FormatOf(const ArrowSchema& schema) {
  const ArrowSchema* of = schema.dictionary;
  if (of == nullptr) return schema.format;
  const bool text = of->format != nullptr && of->dictionary == nullptr &&
                    ArrowReader::IsText(of->format);
  return text ? of->format : "dictionary";
}

// The place in a dictionary; nothing when it lies outside.
std::optional<size_t> IndexAt(char format, const ArrowArray& array, size_t at) {
  const void* values = array.buffers[1];
  const auto value = [&]<class T>(T) {
    return static_cast<int64_t>(static_cast<const T*>(values)[at]);
  };
  int64_t index = -1;
  if (format == 'c') index = value(int8_t());
  if (format == 'C') index = value(uint8_t());
  if (format == 's') index = value(int16_t());
  if (format == 'S') index = value(uint16_t());
  if (format == 'i') index = value(int32_t());
  if (format == 'I') index = value(uint32_t());
  if (format == 'l' || format == 'L') index = value(int64_t());
  if (index < 0 || index >= array.dictionary->length) return std::nullopt;
  return static_cast<size_t>(index);
}

bool IsNull(const ArrowArray& array, size_t at) {
  const auto* valid = static_cast<const uint8_t*>(array.buffers[0]);
  return valid != nullptr && ((valid[at / 8] >> (at % 8)) & 1) == 0;
}

// Views of 16 bytes: the length, then up to 12 bytes in place, or a prefix of
// four with the number of a buffer and the offset in it.
std::string ViewedText(const ArrowArray& array, size_t at) {
  const char* view = static_cast<const char*>(array.buffers[1]) + 16 * at;
  int32_t length = 0, buffer = 0, offset = 0;
  std::memcpy(&length, view, 4);
  if (length <= 12) return std::string(view + 4, static_cast<size_t>(length));
  std::memcpy(&buffer, view + 8, 4);
  std::memcpy(&offset, view + 12, 4);
  return std::string(
      static_cast<const char*>(array.buffers[2 + buffer]) + offset,
      static_cast<size_t>(length));
}

}  // namespace

absl::StatusOr<ArrowReader> ArrowReader::Open(ArrowArrayStream* stream) {
  if (stream->release == nullptr || stream->get_schema == nullptr ||
      stream->get_next == nullptr) {
    return InvalidInput("the stream is released already, or is none");
  }
  ArrowReader reader(stream);
  if (stream->get_schema(stream, &reader.schema_) != 0) {
    reader.schema_ = {};
    return reader.StreamError("gives no schema");
  }
  if (!IsTable(reader.schema_)) {
    return InvalidInput("the stream is no table of columns (a struct array)");
  }
  for (int64_t i = 0; i < reader.schema_.n_children; ++i) {
    reader.formats_.push_back(FormatOf(*reader.schema_.children[i]));
  }
  return reader;
}

ArrowReader::ArrowReader(ArrowReader&& other) noexcept
    : stream_(other.stream_),
      schema_(std::exchange(other.schema_, {})),
      batch_(std::exchange(other.batch_, {})),
      formats_(std::move(other.formats_)) {}

ArrowReader::~ArrowReader() { Release(); }

void ArrowReader::Release() {
  if (batch_.release != nullptr) batch_.release(&batch_);
  if (schema_.release != nullptr) schema_.release(&schema_);
  batch_ = {};
  schema_ = {};
}

absl::Status ArrowReader::StreamError(const char* what) const {
  const char* why = stream_->get_last_error != nullptr
                        ? stream_->get_last_error(stream_)
                        : nullptr;
  return InvalidInput(std::string("the stream ") + what +
                      (why != nullptr ? std::string(": ") + why : ""));
}

size_t ArrowReader::columns() const {
  return static_cast<size_t>(schema_.n_children);
}

std::string ArrowReader::name(size_t column) const {
  const char* name = schema_.children[column]->name;
  return name != nullptr ? name : "";
}

absl::StatusOr<bool> ArrowReader::Next() {
  if (batch_.release != nullptr) batch_.release(&batch_);
  batch_ = {};
  if (stream_->get_next(stream_, &batch_) != 0) {
    batch_ = {};
    return StreamError("breaks off");
  }
  if (batch_.release == nullptr) return false;
  if (batch_.length < 0 || batch_.n_children != schema_.n_children ||
      batch_.offset != 0) {
    return InvalidInput("a batch does not fit the schema of its stream");
  }
  for (int64_t i = 0; i < batch_.n_children; ++i) {
    if (!IsColumn(*schema_.children[i], batch_.children[i], batch_.length)) {
      return InvalidInput("a column is shorter than its batch");
    }
  }
  return true;
}

size_t ArrowReader::rows() const { return static_cast<size_t>(batch_.length); }

const ArrowArray& ArrowReader::column(size_t i) const {
  return *batch_.children[i];
}

std::string ArrowReader::text(size_t column, size_t row) const {
  const ArrowArray* array = batch_.children[column];
  size_t at = static_cast<size_t>(array->offset) + row;
  if (IsNull(*array, at)) return "";
  const ArrowSchema& schema = *schema_.children[column];
  if (schema.dictionary != nullptr) {
    const auto index = IndexAt(schema.format[0], *array, at);
    if (!index.has_value()) return "";
    array = array->dictionary;
    at = static_cast<size_t>(array->offset) + *index;
    if (IsNull(*array, at)) return "";
  }
  if (format(column) == "vu") return ViewedText(*array, at);
  const auto* bytes = static_cast<const char*>(array->buffers[2]);
  if (format(column) == "U") {
    const auto* offsets = static_cast<const int64_t*>(array->buffers[1]);
    return std::string(bytes + offsets[at],
                       static_cast<size_t>(offsets[at + 1] - offsets[at]));
  }
  const auto* offsets = static_cast<const int32_t*>(array->buffers[1]);
  return std::string(bytes + offsets[at],
                     static_cast<size_t>(offsets[at + 1] - offsets[at]));
}

}  // namespace exporter
}  // namespace stepwell
