// Comma-separated values: what is read, and where what is wrong is found.
#include "base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

using Rows = std::vector<std::vector<std::string>>;

absl::StatusOr<Rows> Read(std::string_view text) {
  STEPWELL_ASSIGN_OR_RETURN(CsvReader reader, CsvReader::Open(text));
  Rows rows = {reader.header()};
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return rows;
    rows.emplace_back();
    for (size_t i = 0; i < reader.header().size(); ++i) {
      rows.back().emplace_back(reader.field(i));
    }
  }
}

std::string Error(std::string_view text) {
  return std::string(Read(text).status().message());
}

TEST(Csv, ReadsPlainAndQuotedFields) {
  const Rows expected = {{"a", "b"}, {"1", "x,y"}, {"", "say \"no\""}};
  EXPECT_EQ(*Read("a,b\n1,\"x,y\"\n,\"say \"\"no\"\"\"\n"), expected);
  EXPECT_EQ(*Read("a,b\r\n1,\"x,y\"\r\n,\"say \"\"no\"\"\""), expected);
  EXPECT_EQ(*Read("\xEF\xBB\xBF"
                  "a,b\n1,\"x,y\"\n,\"say \"\"no\"\"\"\n\n\n"),
            expected);
}

TEST(Csv, ManyEscapedFieldsKeepTheirBytes) {
  const Rows expected = {{"a", "b", "c"}, {"\"1", "\"2", "\"3"}};
  EXPECT_EQ(*Read("a,b,c\n\"\"\"1\",\"\"\"2\",\"\"\"3\"\n"), expected);
}

TEST(Csv, QuotedLineEndsCountAsLines) {
  EXPECT_EQ((*Read("a,b\n\"x\ny\",2\n"))[1][0], "x\ny");
  EXPECT_THAT(Error("a,b\n\"x\ny\",2\n1\n"), ::testing::HasSubstr("line 4"));
}

TEST(Csv, ABlankLineOfOneColumnIsAMissingValue) {
  EXPECT_EQ(Read("a\n1\n\n2\n")->size(), 4u);
  EXPECT_THAT(Error("a,b\n1,2\n\n3,4\n"),
              ::testing::HasSubstr("line 3: the row has 1 field"));
}

TEST(Csv, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(Error(""), ::testing::HasSubstr("empty"));
  EXPECT_THAT(Error("\n\n"), ::testing::HasSubstr("empty"));
  EXPECT_THAT(Error("a,a\n"), ::testing::HasSubstr("two columns \"a\""));
  EXPECT_THAT(Error("a,\n"), ::testing::HasSubstr("column 2 has no name"));
  EXPECT_THAT(Error("a,b\n1,\"2\n"), ::testing::HasSubstr("never closed"));
  EXPECT_THAT(Error("a,b\n\"1\"x,2\n"), ::testing::HasSubstr("closing quote"));
  EXPECT_THAT(Error("a,b\n1,\xFF\n"), ::testing::HasSubstr("line 2 is no UTF"));
  for (const char* bad :
       {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_THAT(Error(std::string("a\n") + bad + "\n"),
                ::testing::HasSubstr("UTF-8"));
  }
  EXPECT_OK(Read("\xC3\xA5,\xE2\x82\xAC,\xF0\x9F\x98\x80\n1,2,3\n").status());
}

TEST(Csv, HasLimits) {
  std::string wide = "c0";
  for (size_t i = 1; i <= limits::kTableColumnsMax; ++i) {
    wide += ",c" + std::to_string(i);
  }
  EXPECT_EQ(Read(wide).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("a\n" + std::string(5000, ',')).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Error("a\n" + std::string(limits::kTableRowsMax + 1, '\n')),
              ::testing::HasSubstr("rows are read"));
}

TEST(Csv, ATableIsNoLongerThanItsLimit) {
  // Nothing is read of it: pages that nobody has touched will do.
  const size_t bytes = limits::kTableBytesMax + 1;
  void* pages = mmap(nullptr, bytes, PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  const auto reader =
      CsvReader::Open(std::string_view(static_cast<char*>(pages), bytes));
  EXPECT_THAT(reader.status(),
              testing::StatusIs(absl::StatusCode::kResourceExhausted,
                                "at most 1073741824"));
  munmap(pages, bytes);
}

TEST(Csv, FindNamesTheColumns) {
  ASSERT_OK_AND_ASSIGN(const CsvReader reader, CsvReader::Open("a,b\n"));
  EXPECT_EQ(*reader.Find("b"), 1u);
  EXPECT_THAT(reader.Find("c"),
              testing::StatusIs(absl::StatusCode::kNotFound, "a, b"));
  ASSERT_OK_AND_ASSIGN(const CsvReader tabs, CsvReader::Open("a\tb\n"));
  EXPECT_THAT(tabs.Find("b"), testing::StatusIs(absl::StatusCode::kNotFound,
                                                "separated by commas"));
}

// Who gave columns never sees their text: neither its lines nor its bytes.
TEST(Csv, OfColumnsTheRowsAreNamed) {
  const std::string begin(1, CsvReader::kOfColumns);
  const std::string text = begin + "a,b\n\"two\nlines\",2\n3,4\n";
  ASSERT_OK_AND_ASSIGN(CsvReader reader, CsvReader::Open(text));
  EXPECT_EQ(reader.header(), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(*reader.Next() && *reader.Next());
  const absl::Status wrong = reader.FieldError(1, "is wrong");
  EXPECT_EQ(wrong.message(),
            "row 1 (the first is 0): column \"b\": \"4\" is wrong");
  EXPECT_EQ(PlaceOf(wrong).offset, std::nullopt);
  EXPECT_FALSE(*reader.Next());
  EXPECT_EQ(Error(begin + "a,a\n"),
            "the names of the columns: there are two columns \"a\"");
  EXPECT_EQ(Error(begin + "\n"), "the table has no columns");
  EXPECT_THAT(Error(begin + "a\n\xFF\n"), ::testing::HasSubstr("no UTF-8"));
}

}  // namespace
}  // namespace stepwell
