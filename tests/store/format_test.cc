// docs/formats/store.md and the files that are written say the same.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "store/sqlite_support.h"
#include "store/store.h"
#include "store/store_support.h"

namespace stepwell::store {
namespace {

std::string Page() {
  std::ifstream in(absl::StrCat(STEPWELL_SOURCE_DIR, "/docs/formats/store.md"));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The parts of `text` between separators, each on one line, none empty.
std::vector<std::string> Parts(const std::string& text, char separator) {
  std::vector<std::string> parts = absl::StrSplit(text, separator);
  for (std::string& part : parts) absl::RemoveExtraAsciiWhitespace(&part);
  std::erase(parts, "");
  return parts;
}

// The statements of the page's SQL block.
std::vector<std::string> WrittenTables() {
  const std::string page = Page();
  const size_t begin = page.find("```sql\n") + 7;
  return Parts(page.substr(begin, page.find("```", begin) - begin), ';');
}

class FormatTest : public ::testing::Test {
 protected:
  FormatTest() { CheckOk(OpenSqliteStore(path_, OpenMode::kCreate).status()); }
  TempDir dir_;
  std::string path_ = dir_.File("store.db");
};

TEST_F(FormatTest, ThePageShowsTheTables) {
  RawSqlite db(path_);
  const std::string found =
      Query(db.get(),
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
            " AND name != 'sqlite_sequence' ORDER BY rowid");
  EXPECT_EQ(Parts(found, '|'), WrittenTables());
}

TEST_F(FormatTest, TheHeaderSaysWhatThePageSays) {
  RawSqlite db(path_);
  EXPECT_EQ(Query(db.get(), "PRAGMA application_id"), "1400141676");
  EXPECT_EQ(Query(db.get(), "PRAGMA user_version"), "1");
  EXPECT_EQ(Query(db.get(), "PRAGMA page_size"), "4096");
  EXPECT_EQ(Query(db.get(), "SELECT name || value FROM meta ORDER BY name"),
            "epoch1|format1");
}

// Numbers and instants as the page describes them.
TEST_F(FormatTest, NumbersAreStoredWithTheirHighestBitFlipped) {
  const auto store = Value(OpenSqliteStore(path_, OpenMode::kExisting));
  StreamWrite write = Write(Case(1), 0, {"r"});
  write.clocks_set = {{UINT64_MAX, Instant::Never()}};
  write.work_set = {Work(uint64_t{1} << 63, 2, 7, -1)};
  CheckOk(store->Commit(Commit(write)));
  RawSqlite db(path_);
  EXPECT_EQ(Query(db.get(), "SELECT stream FROM stream"),
            "-9223372036854775807");
  EXPECT_EQ(Query(db.get(), "SELECT clock FROM clock"), "9223372036854775807");
  EXPECT_EQ(Query(db.get(), "SELECT due FROM clock"), "9223372036854775807");
  EXPECT_EQ(Query(db.get(),
                  "SELECT rank || ' ' || due || ' ' || key"
                  " FROM work"),
            "-7 -1 0");
}

}  // namespace
}  // namespace stepwell::store
