// "Every path of a schema has an invalid value": invalid_values.json holds one
// line a path: `schema` and `path` (a JSON pointer into the schema), a shipped
// `base`, changes that make place for it, `at` where the value goes, and the
// `code` and `pointer` of the issue. A new field of a schema fails the test
// until it has a line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "json/json.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"
#include "support/schema_paths.h"
#include "support/shared_data.h"

namespace stepwell::protocol {
namespace {

using json::Value;
using testing::SchemaOf;
using testing::SchemaPathAt;
using testing::SchemaPaths;

constexpr char kFile[] = "tests/protocol/invalid_values.json";
constexpr const char* kSchemas[] = {"protocol", "program", "pool", "calendar"};

struct Invalid {
  std::string schema, path, base, at, value, code, pointer;
  std::vector<Change> changes;
};

std::vector<Invalid> ReadInvalid(const json::Document& document) {
  std::vector<Invalid> all;
  for (const Value line : json::Children(document.root())) {
    const auto text = [&](const char* key) {
      return std::string(line.Find(key).string_value());
    };
    Invalid entry{text("schema"),
                  text("path"),
                  text("base"),
                  text("at"),
                  "",
                  text("code"),
                  text("pointer"),
                  {}};
    entry.value = json::ToText(line.Find("value"));
    for (const Value change : json::Children(line.Find("change"))) {
      entry.changes.push_back({std::string(change.Find("at").string_value()),
                               json::ToText(change.Find("set"))});
    }
    entry.changes.push_back({entry.at, entry.value});
    all.push_back(std::move(entry));
  }
  return all;
}

// A protocol that imports the shipped document of this path.
constexpr std::pair<const char*, const char*> kImporters[] = {
    {"programs/icbt-depression.json", "/imports/programs/depression"},
    {"pools/therapists.json", "/imports/pools/therapists"},
    {"calendars/stockholm-clinic.json", "/imports/calendars/clinic"}};

void ExpectIssue(const Invalid& entry) {
  if (entry.schema == "protocol") {
    const LoadResult result = Load(Changed(Shipped(entry.base), entry.changes));
    EXPECT_TRUE(FindIssue(result.issues, entry.code, entry.pointer) != nullptr)
        << Print(result.issues);
    return;
  }
  const std::string changed =
      Changed(FindCatalogueFile(entry.base), entry.changes);
  const LoadResult result =
      Load(Shipped("icbt_sweden"), CatalogueWith({{entry.base, changed}}));
  // Issues of an imported document stand at the import and name the place; a
  // version is one of the import itself.
  const std::string place = absl::StrCat(
      entry.base, entry.pointer.empty() ? "" : "#", entry.pointer, ": ");
  bool found = false;
  for (const auto& [path, import] : kImporters) {
    if (entry.base != path) continue;
    for (const Issue& issue : result.issues) {
      found = found || (issue.code == entry.code && issue.pointer == import &&
                        (entry.code == "import_version" ||
                         absl::StartsWith(issue.message, place)));
    }
  }
  EXPECT_TRUE(found) << Print(result.issues);
}

TEST(InvalidValues, EachIsFoundWithItsCodeAndPointer) {
  ASSERT_OK_AND_ASSIGN(const json::Document document,
                       json::Parse(testing::ReadFileText(
                           absl::StrCat(STEPWELL_SOURCE_DIR, "/", kFile))));
  for (const Invalid& entry : ReadInvalid(document)) {
    SCOPED_TRACE(absl::StrCat(entry.schema, " ", entry.path));
    const json::Document schema = SchemaOf(entry.schema);
    EXPECT_EQ(SchemaPathAt(schema.root(), entry.at), entry.path)
        << entry.at << " is another path of the schema";
    ExpectIssue(entry);
  }
}

TEST(InvalidValues, EveryPathOfTheSchemasHasOne) {
  ASSERT_OK_AND_ASSIGN(const json::Document document,
                       json::Parse(testing::ReadFileText(
                           absl::StrCat(STEPWELL_SOURCE_DIR, "/", kFile))));
  std::map<std::string, std::set<std::string>> have;
  for (const Invalid& entry : ReadInvalid(document)) {
    have[entry.schema].insert(entry.path);
  }
  for (const char* kind : kSchemas) {
    const json::Document schema = SchemaOf(kind);
    const std::set<std::string> paths = SchemaPaths(schema.root());
    EXPECT_GT(paths.size(), 5u) << kind;
    for (const std::string& path : paths) {
      EXPECT_TRUE(have[kind].count(path) != 0)
          << "the path " << path << " of " << kind
          << ".schema.json has no invalid value: add a line to " << kFile;
    }
    for (const std::string& path : have[kind]) {
      EXPECT_TRUE(paths.count(path) != 0)
          << kFile << " has a line for " << path << ", which " << kind
          << ".schema.json has not";
    }
  }
}

// The test above can fail: a path without a line is one that it lists.
TEST(InvalidValues, APathIsEveryNodeOfAValue) {
  ASSERT_OK_AND_ASSIGN(
      const json::Document schema,
      json::Parse(R"({"properties": {"a": {"$ref": "#/$defs/x"}},
                      "$defs": {"x": {"items": {"properties": {"b": {}}}}}})"));
  EXPECT_THAT(
      SchemaPaths(schema.root()),
      ::testing::ElementsAre("/$defs/x/items", "/$defs/x/items/properties/b",
                             "/properties/a"));
  EXPECT_EQ(SchemaPathAt(schema.root(), "/a/0/b"),
            "/$defs/x/items/properties/b");
  EXPECT_EQ(SchemaPathAt(schema.root(), "/c"), "");
}

}  // namespace
}  // namespace stepwell::protocol
