#include "exporter/arrow_text.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/time_text.h"
#include "exporter/arrow_reader.h"
#include "exporter/csv_text.h"

namespace stepwell::exporter {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

bool IsNull(const ArrowArray& array, size_t at) {
  const auto* valid = static_cast<const uint8_t*>(array.buffers[0]);
  return valid != nullptr && ((valid[at / 8] >> (at % 8)) & 1) == 0;
}

template <class T>
T At(const ArrowArray& array, size_t at) {
  return static_cast<const T*>(array.buffers[1])[at];
}

template <class T>
void AppendNumber(const ArrowArray& array, size_t at, std::string& out) {
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, At<T>(array, at)).ptr;
  out.append(buffer, end);
}

// Microseconds in the unit of a timestamp ("ts" and s, m, u or n).
std::optional<int64_t> MicrosOf(char unit, int64_t value) {
  const int64_t factor = unit == 's' ? 1'000'000 : unit == 'm' ? 1000 : 1;
  int64_t us = 0;
  if (unit == 'n') return value / 1000;
  if (__builtin_mul_overflow(value, factor, &us)) return std::nullopt;
  return us;
}

// A midnight is a day: data frames hold days as timestamps.
void AppendTime(std::optional<int64_t> us, std::string& out) {
  if (!us) {
    out += "a time out of range";
  } else if (*us % kDayUs != 0) {
    out += FormatInstantUtc({*us});
  } else {
    out += FormatDate(Date{static_cast<int32_t>(*us / kDayUs)});
  }
}

// False when it is of a type that no table of numbers and texts has.
bool AppendPlain(const std::string& format, const ArrowArray& array, size_t at,
                 std::string& out) {
  switch (format[0]) {
    case 'c':
      AppendNumber<int8_t>(array, at, out);
      return true;
    case 'C':
      AppendNumber<uint8_t>(array, at, out);
      return true;
    case 's':
      AppendNumber<int16_t>(array, at, out);
      return true;
    case 'S':
      AppendNumber<uint16_t>(array, at, out);
      return true;
    case 'i':
      AppendNumber<int32_t>(array, at, out);
      return true;
    case 'I':
      AppendNumber<uint32_t>(array, at, out);
      return true;
    case 'l':
      AppendNumber<int64_t>(array, at, out);
      return true;
    case 'L':
      AppendNumber<uint64_t>(array, at, out);
      return true;
    case 'f':
      AppendNumber<float>(array, at, out);
      return true;
    case 'g':
      AppendNumber<double>(array, at, out);
      return true;
    case 'b':
      out +=
          (At<uint8_t>(array, at / 8) >> (at % 8) & 1) != 0 ? "true" : "false";
      return true;
    default:
      return false;
  }
}

void AppendCell(const ArrowReader& reader, size_t column, size_t row,
                std::string& out) {
  const ArrowArray& array = reader.column(column);
  const std::string& format = reader.format(column);
  const size_t at = static_cast<size_t>(array.offset) + row;
  // Nested columns say elsewhere what is null; those of null have no buffers.
  if (format == "n" || (format[0] != '+' && IsNull(array, at))) return;
  if (ArrowReader::IsText(format)) {
    const std::string text = reader.text(column, row);
    if (!text.empty()) AppendCsvText(text, out);
  } else if (format == "tdD") {
    out += FormatDate(Date{At<int32_t>(array, at)});
  } else if (format == "tdm") {
    AppendTime(MicrosOf('m', At<int64_t>(array, at)), out);
  } else if (format.size() > 3 && format.compare(0, 2, "ts") == 0) {
    AppendTime(MicrosOf(format[2], At<int64_t>(array, at)), out);
  } else if (format.size() != 1 || !AppendPlain(format, array, at, out)) {
    AppendCsvText(absl::StrCat("Arrow type ", format), out);
  }
}

}  // namespace

absl::StatusOr<std::string> CsvOfStream(ArrowArrayStream* stream) {
  STEPWELL_ASSIGN_OR_RETURN(ArrowReader reader, ArrowReader::Open(stream));
  std::string out(1, CsvReader::kOfColumns);
  for (size_t i = 0; i < reader.columns(); ++i) {
    if (i > 0) out += ',';
    AppendCsvText(reader.name(i), out);
  }
  out += '\n';
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return out;
    for (size_t row = 0; row < reader.rows(); ++row) {
      for (size_t i = 0; i < reader.columns(); ++i) {
        if (i > 0) out += ',';
        AppendCell(reader, i, row, out);
      }
      out += '\n';
      if (out.size() > limits::kTableBytesMax) {
        return TooLarge(absl::StrCat("the table has more than ",
                                     limits::kTableBytesMax,
                                     " bytes as text; give only the columns "
                                     "that are counted"));
      }
    }
  }
}

}  // namespace stepwell::exporter
