#include "host/table_support.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "stepwell/tables.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

// The cells of one row as text: "null" where there is none.
std::string Cell(const Column& column, size_t row) {
  const auto* valid = static_cast<const uint8_t*>(column.validity());
  if (valid != nullptr && (valid[row / 8] >> (row % 8) & 1) == 0) return "null";
  switch (column.type()) {
    case Column::Type::kText: {
      const auto* offsets = static_cast<const int32_t*>(column.offsets());
      return std::string(
          static_cast<const char*>(column.values()) + offsets[row],
          static_cast<size_t>(offsets[row + 1] - offsets[row]));
    }
    case Column::Type::kNumber:
      return absl::StrCat(static_cast<const double*>(column.values())[row]);
    case Column::Type::kBool:
      return (static_cast<const uint8_t*>(column.values())[row / 8] >>
              (row % 8)) &
                     1
                 ? "true"
                 : "false";
    case Column::Type::kInteger:
    case Column::Type::kTime:
      return absl::StrCat(static_cast<const int64_t*>(column.values())[row]);
  }
  return "";
}

size_t Place(const Table& table, const std::string& name) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name() == name) return i;
  }
  ADD_FAILURE() << table.name << " has no column " << name;
  return 0;
}

}  // namespace

Table TableTest::Read(const std::string& name, const std::string& query) {
  auto table = ServiceTable(*service_, name, query, now_);
  EXPECT_OK(table) << name;
  return table.ok() ? *std::move(table) : Table();
}

std::vector<std::string> Select(const Table& table,
                                const std::vector<std::string>& names) {
  std::vector<std::string> rows;
  for (size_t row = 0; row < table.rows(); ++row) {
    std::vector<std::string> cells;
    for (const std::string& name : names) {
      cells.push_back(Cell(table.columns[Place(table, name)], row));
    }
    rows.push_back(absl::StrJoin(cells, " "));
  }
  return rows;
}

}  // namespace stepwell::host
