// Tables as text: for people, spreadsheets and programs without Arrow.
#include <charconv>
#include <cmath>

#include "base/time_text.h"
#include "exporter/csv_text.h"
#include "json/json.h"
#include "stepwell/table.h"

namespace stepwell {
namespace {

using Type = Column::Type;

bool BitAt(const void* bits, size_t at) {
  return ((static_cast<const uint8_t*>(bits)[at / 8] >> (at % 8)) & 1) != 0;
}

int64_t IntegerAt(const Column& column, size_t row) {
  return static_cast<const int64_t*>(column.values())[row];
}

double NumberAt(const Column& column, size_t row) {
  return static_cast<const double*>(column.values())[row];
}

// JSON has neither infinities nor NaN.
bool IsNull(const Column& column, size_t row) {
  if (column.validity() != nullptr && !BitAt(column.validity(), row)) {
    return true;
  }
  return column.type() == Type::kNumber &&
         !std::isfinite(NumberAt(column, row));
}

std::string_view TextAt(const Column& column, size_t row) {
  const auto* offsets = static_cast<const int32_t*>(column.offsets());
  return {static_cast<const char*>(column.values()) + offsets[row],
          static_cast<size_t>(offsets[row + 1] - offsets[row])};
}

template <class T>
std::string Digits(T number) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return std::string(buffer, end);
}

}  // namespace

std::string CellText(const Column& column, size_t row) {
  if (IsNull(column, row)) return "";
  switch (column.type()) {
    case Type::kInteger:
      return Digits(IntegerAt(column, row));
    case Type::kNumber:
      return Digits(NumberAt(column, row));
    case Type::kText:
      return std::string(TextAt(column, row));
    case Type::kBool:
      return BitAt(column.values(), row) ? "true" : "false";
    case Type::kTime:
      break;
  }
  return FormatInstantUtc({IntegerAt(column, row)});
}

std::string CsvHeader(const Table& table) {
  std::string line;
  for (const Column& column : table.columns) {
    if (!line.empty()) line += ',';
    exporter::AppendCsvText(column.name(), line);
  }
  return line + '\n';
}

std::string CsvRow(const Table& table, size_t row) {
  std::string line;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) line += ',';
    const Column& column = table.columns[i];
    if (IsNull(column, row)) continue;
    exporter::AppendCsvText(CellText(column, row), line);
  }
  return line + '\n';
}

std::string JsonRow(const Table& table, size_t row) {
  json::Writer w;
  w.BeginObject();
  for (const Column& column : table.columns) {
    w.Key(column.name());
    if (IsNull(column, row)) {
      w.Null();
    } else if (column.type() == Type::kText || column.type() == Type::kTime) {
      w.String(CellText(column, row));
    } else {
      w.Raw(CellText(column, row));
    }
  }
  w.EndObject();
  return w.Take();
}

}  // namespace stepwell
