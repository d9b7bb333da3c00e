// Rows as text: what is quoted, and that null is no empty text.
#include <gtest/gtest.h>

#include <limits>

#include "stepwell/table.h"

namespace stepwell {
namespace {

Table Made() {
  using Type = Column::Type;
  Table table{"made",
              {{"id", Type::kInteger},
               {"score", Type::kNumber},
               {"a \"b\", c", Type::kText},
               {"known", Type::kBool},
               {"at", Type::kTime}}};
  const auto row = [&](int64_t id, double score, std::string_view text,
                       bool known, Instant at) {
    table.columns[0].Integer(id);
    table.columns[1].Number(score);
    table.columns[2].Text(text);
    table.columns[3].Bool(known);
    table.columns[4].Time(at);
  };
  row(-7, 10.5, "plain", true, {1'772'442'000'000'000});
  row(1, 0.1, "with, \"quotes\"\nand lines", false, {1'772'442'000'500'000});
  row(2, std::numeric_limits<double>::quiet_NaN(), "", false, Instant::Never());
  for (Column& column : table.columns) column.Null();
  return table;
}

TEST(TableText, CsvQuotesWhatItMustAndLeavesNullEmpty) {
  const Table table = Made();
  EXPECT_EQ(CsvHeader(table), "id,score,\"a \"\"b\"\", c\",known,at\n");
  EXPECT_EQ(CsvRow(table, 0), "-7,10.5,plain,true,2026-03-02T09:00:00Z\n");
  EXPECT_EQ(CsvRow(table, 1),
            "1,0.1,\"with, \"\"quotes\"\"\nand lines\",false,"
            "2026-03-02T09:00:00.500Z\n");
  EXPECT_EQ(CsvRow(table, 2), "2,,\"\",false,\n");
  EXPECT_EQ(CsvRow(table, 3), ",,,,\n");
}

TEST(TableText, JsonHasTheOrderOfTheColumnsAndNulls) {
  const Table table = Made();
  EXPECT_EQ(JsonRow(table, 1), R"({"id":1,"score":0.1,"a \"b\", c":)"
                               R"("with, \"quotes\"\nand lines","known":false,)"
                               R"("at":"2026-03-02T09:00:00.500Z"})");
  EXPECT_EQ(JsonRow(table, 2),
            R"({"id":2,"score":null,"a \"b\", c":"","known":false,"at":null})");
  EXPECT_EQ(CellText(table.columns[2], 3), "");
}

}  // namespace
}  // namespace stepwell
