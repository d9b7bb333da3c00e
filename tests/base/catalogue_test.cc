#include "base/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/shared_data.h"

namespace stepwell {
namespace {

namespace fs = std::filesystem;

TEST(Catalogue, HoldsEveryFileOfTheFolderByteForByte) {
  const fs::path root = fs::path(STEPWELL_SOURCE_DIR) / "catalogue";
  std::vector<std::string> on_disk;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".json") continue;
    on_disk.push_back(fs::relative(entry.path(), root).generic_string());
  }
  std::sort(on_disk.begin(), on_disk.end());
  std::vector<std::string> embedded;
  for (const CatalogueFile& file : ListCatalogue("")) {
    embedded.emplace_back(file.path);
    EXPECT_EQ(file.text, testing::ReadFileText(root / std::string(file.path)))
        << file.path;
  }
  EXPECT_EQ(embedded, on_disk);
  EXPECT_FALSE(embedded.empty());
}

TEST(Catalogue, FindsByExactPathOnly) {
  ASSERT_FALSE(ListCatalogue("calendars/").empty());
  const CatalogueFile& first = ListCatalogue("calendars/").front();
  EXPECT_EQ(FindCatalogueFile(first.path).data(), first.text.data());
  EXPECT_EQ(FindCatalogueFile("calendars/"), "");
  EXPECT_EQ(FindCatalogueFile(""), "");
  EXPECT_EQ(FindCatalogueFile("zzz"), "");
}

TEST(Catalogue, ListsAPrefixInOrder) {
  const auto calendars = ListCatalogue("calendars/");
  for (size_t i = 0; i < calendars.size(); ++i) {
    EXPECT_EQ(calendars[i].path.substr(0, 10), "calendars/");
    if (i > 0) {
      EXPECT_LT(calendars[i - 1].path, calendars[i].path);
    }
  }
  EXPECT_TRUE(ListCatalogue("no such folder/").empty());
}

}  // namespace
}  // namespace stepwell
