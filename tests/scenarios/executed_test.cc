// "Declared = executed": every path of the schemas of protocols, programs,
// pools and calendars is watched by a test: something of a shipped or a test
// document is changed there, the document still compiles, and a scenario
// fails. executed.json holds the change and the scenario of each path;
// STEPWELL_UPDATE=1 looks for those that are missing or no longer true.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/catalogue.h"
#include "scenarios/executed_support.h"
#include "support/matchers.h"
#include "support/schema_paths.h"
#include "support/shared_data.h"

namespace stepwell::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What an overlay can do to its base; docs/formats/protocol.md, Overlays. The
// lines of executed.json have it as paths of a schema `overlay`.
constexpr const char* kOverlayPaths[] = {
    "append", "before", "merge by id", "merge by key",
    "null",   "remove", "replace"};

std::string SourcePath(const std::string& name) {
  return absl::StrCat(STEPWELL_SOURCE_DIR, "/", name);
}

ExecutedTable Table() {
  const auto read = json::Parse(ReadFileText(SourcePath(kExecutedFile)));
  EXPECT_OK(read);
  return read.ok() ? ReadExecuted(read->root()) : ExecutedTable();
}

std::string Name(const ExecutedLine& line) {
  return absl::StrCat(line.schema, " ", line.path, " (", line.protocol, " ",
                      line.file, line.at, ")");
}

// The paths of a schema that no line of the table speaks of.
std::vector<std::string> Unwatched(const std::string& kind,
                                   const std::set<std::string>& paths,
                                   const ExecutedTable& table) {
  std::set<std::string> have;
  for (const auto* lines : {&table.watched, &table.elsewhere, &table.silent}) {
    for (const ExecutedLine& line : *lines) {
      if (line.schema == kind) have.insert(line.path);
    }
  }
  std::vector<std::string> missing;
  std::set_difference(paths.begin(), paths.end(), have.begin(), have.end(),
                      std::back_inserter(missing));
  return missing;
}

std::map<std::string, std::set<std::string>> PathsOfAll() {
  std::map<std::string, std::set<std::string>> paths;
  for (const char* kind : kExecutedSchemas) {
    paths[kind] = SchemaPaths(SchemaOf(kind).root());
    EXPECT_GT(paths[kind].size(), 5u) << kind;
  }
  paths["overlay"].insert(std::begin(kOverlayPaths), std::end(kOverlayPaths));
  return paths;
}

const ScenarioFile* FileOf(const std::string& name) {
  for (const ScenarioFile& file : ScenarioFiles()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

// Whether `at` is a place of the path, lies in one, or has one as its only
// member.
bool StandsAt(const ExecutedLine& line) {
  if (line.schema == "overlay") return true;
  const json::Document schema = SchemaOf(line.schema);
  for (const Place& place : PlacesOf(line.protocol)) {
    if (place.schema != line.schema || place.file != line.file) continue;
    const json::Value root = place.document->root();
    std::string at = WithNumbers(root, line.at);
    if (at.empty()) {
      const size_t slash = line.at.rfind('/');
      at = WithNumbers(root, line.at.substr(0, slash)) + line.at.substr(slash);
    }
    if (!place.prefix.empty() && at.rfind(place.prefix + "/", 0) != 0) continue;
    const json::Value value = ValueAt(root, at);
    if (value.is_object() && value.size() == 1) {
      at = value.first_child().pointer();
    }
    for (at = at.substr(place.prefix.size()); !at.empty();
         at.resize(at.rfind('/'))) {
      if (SchemaPathAt(schema.root(), at) == line.path) return true;
    }
  }
  return false;
}

// What is wrong with a line that says "watched"; empty when nothing is.
std::string Problem(const ExecutedLine& line) {
  const ScenarioFile* file = FileOf(line.scenario);
  if (file == nullptr) return "there is no scenario " + line.scenario;
  if (std::count(file->protocols.begin(), file->protocols.end(),
                 line.protocol) == 0) {
    return absl::StrCat(file->name, " is not played on ", line.protocol);
  }
  if (!StandsAt(line)) return line.at + " is no place of this path";
  const auto document = ChangedProtocol(line);
  if (!document) return line.at + " leads nowhere";
  if (!LogicHash(*document)) return "the changed document does not compile";
  if (!Notices(*file, line.protocol, *document)) {
    return line.scenario + " does not notice the change";
  }
  if (line.file.empty()) return "";  // Scenario plays what is not changed
  ExecutedLine same = line;
  same.rename.clear();
  same.also.clear();
  same.at = "/version";
  same.set = json::ToText(
      json::Parse(FindCatalogueFile(line.file))->root().Find("version"));
  return Notices(*file, line.protocol, *ChangedProtocol(same))
             ? line.scenario + " fails without the change"
             : "";
}

constexpr char kAdvice[] =
    ": no test shows that it does anything. Write a scenario in "
    "tests/scenarios that fails when this is taken out of its protocol or "
    "changed, then run STEPWELL_UPDATE=1 scenarios_test "
    "--gtest_filter='Executed.*' and look at the line that it writes to ";

void Update() {
  ExecutedTable table = Table();
  std::erase_if(table.watched, [](ExecutedLine& line) {
    if (Problem(line).empty()) return false;
    for (const ScenarioFile& file : ScenarioFiles()) {
      line.scenario = file.name;
      if (Problem(line).empty()) return false;
    }
    std::printf("%s: %s\n", Name(line).c_str(), Problem(line).c_str());
    return true;
  });
  for (const auto& [kind, paths] : PathsOfAll()) {
    for (const std::string& path : Unwatched(kind, paths, table)) {
      if (kind == "overlay") continue;  // by hand
      int plays = 0;
      const auto line = FindWatched(kind, path, plays);
      std::printf("%s %s: %s (%d plays)\n", kind.c_str(), path.c_str(),
                  line ? line->scenario.c_str() : "NOT FOUND", plays);
      std::fflush(stdout);
      if (line) table.watched.push_back(*line);
    }
  }
  std::stable_sort(table.watched.begin(), table.watched.end());
  std::ofstream(SourcePath(kExecutedFile)) << WriteExecuted(table);
}

TEST(Executed, EveryPathOfTheSchemasHasATest) {
  const char* const update = std::getenv("STEPWELL_UPDATE");
  if (update != nullptr && std::string(update) == "1") Update();
  const ExecutedTable table = Table();
  for (const auto& [kind, paths] : PathsOfAll()) {
    for (const std::string& path : Unwatched(kind, paths, table)) {
      ADD_FAILURE() << "the path " << path << " of " << kind << ".schema.json"
                    << kAdvice << kExecutedFile;
    }
    for (const auto* lines :
         {&table.watched, &table.elsewhere, &table.silent}) {
      for (const ExecutedLine& line : *lines) {
        if (line.schema != kind) continue;
        EXPECT_EQ(paths.count(line.path), 1u)
            << kExecutedFile << " speaks of " << line.path << ", which " << kind
            << ".schema.json has not";
      }
    }
  }
}

TEST(Executed, AScenarioFailsWhenWhatItWatchesIsChanged) {
  const ExecutedTable table = Table();
  EXPECT_GT(table.watched.size(), 100u);
  for (const ExecutedLine& line : table.watched) {
    EXPECT_EQ(Problem(line), "") << Name(line);
  }
  std::printf("%zu paths watched, %zu elsewhere, %zu silent\n",
              table.watched.size(), table.elsewhere.size(),
              table.silent.size());
}

TEST(Executed, WhatHasNoBehaviourLeavesTheLogicEqual) {
  for (const ExecutedLine& line : Table().silent) {
    SCOPED_TRACE(Name(line));
    EXPECT_FALSE(line.why.empty());
    EXPECT_TRUE(StandsAt(line)) << line.at << " is no place of this path";
    ExecutedLine same = line;
    same.rename.clear();
    same.also.clear();
    same.also.clear();
    same.at = "/version";
    same.set = "\"1\"";
    const auto before = ChangedProtocol(same), after = ChangedProtocol(line);
    ASSERT_TRUE(before && after);
    EXPECT_NE(*before, *after) << "nothing is changed";
    ASSERT_TRUE(LogicHash(*before).has_value());
    EXPECT_EQ(LogicHash(*before), LogicHash(*after));
  }
}

TEST(Executed, TheTestsElsewhereExist) {
  std::string sources;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(SourcePath("tests"))) {
    if (entry.path().extension() == ".cc") {
      sources += ReadFileText(entry.path());
    }
  }
  for (const ExecutedLine& line : Table().elsewhere) {
    const std::pair<std::string, std::string> test =
        absl::StrSplit(line.test, '.');
    EXPECT_THAT(sources, HasSubstr(absl::StrCat("(", test.first, ", ",
                                                test.second, ")")))
        << Name(line);
    EXPECT_FALSE(line.why.empty()) << Name(line);
  }
}

// The tests above can fail.
TEST(Executed, APathThatNoTestWatchesIsFound) {
  const auto schema =
      json::Parse(R"({"properties": {"zone": {}, "zzz": {"items": {}}}})");
  ASSERT_OK(schema);
  ExecutedTable table;
  table.watched.push_back({});
  table.watched[0].schema = "protocol";
  table.watched[0].path = "/properties/zone";
  EXPECT_THAT(Unwatched("protocol", SchemaPaths(schema->root()), table),
              ElementsAre("/properties/zzz", "/properties/zzz/items"));
  EXPECT_THAT(Unwatched("protocol", {"/properties/zone"}, table), IsEmpty());
}

TEST(Executed, AChangeThatNoScenarioNoticesIsFound) {
  ExecutedLine line;
  line.schema = "protocol";
  line.path = "/properties/title";
  line.protocol = "minimal";
  line.at = "/title";
  line.set = "\"another\"";
  line.scenario = "minimal_ladders";
  EXPECT_THAT(Problem(line), HasSubstr("does not notice"));
  line.at = "/zone";
  EXPECT_THAT(Problem(line), HasSubstr("is no place"));
  line.path = "/properties/tracks";
  line.at = "/tracks";
  line.set = "[]";
  EXPECT_THAT(Problem(line), HasSubstr("does not compile"));
  line.scenario = "none";
  EXPECT_THAT(Problem(line), HasSubstr("no scenario"));
}

}  // namespace
}  // namespace stepwell::testing
