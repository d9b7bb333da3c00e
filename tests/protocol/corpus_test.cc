// Seeded defects (corpus/*.json): each is put into a shipped protocol, and the
// checker must find it, with its code and pointer, and nothing else.
//   base             the shipped document that is changed
//   change           `at` a pointer: `set` a value, `remove` it, `fill` with
//                    `count` values ("#" is their number), a `long` text
//   files            catalogue files that stand in front of the shipped ones
//   code, pointer    the issue that must be found
//   also             what follows from it: [code, pointer] each; "*": anything
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "host/issue_codes.h"
#include "json/json.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::protocol {
namespace {

using json::Value;

constexpr size_t kSeedsMin = 3;  // of each code
constexpr size_t kDefectsMin = 100;

// "code pointer"
using Found = std::set<std::string>;

struct Defect {
  std::string name;  // file and what it is
  std::string base;
  std::vector<Change> changes;
  std::map<std::string, std::string> files;
  std::string code, pointer;
  Found also;
  bool any_other = false;
};

std::string ValueOf(Value change) {
  if (change.Find("remove")) return "";
  if (const Value set = change.Find("set")) return json::ToText(set);
  if (const Value size = change.Find("long")) {
    return "\"" + std::string(static_cast<size_t>(*size.int64_value()), 'x') +
           "\"";
  }
  const Value fill = change.Find("fill");
  const std::string with = json::ToText(fill.Find("with"));
  std::vector<std::string> parts;
  for (int64_t i = 0; i < fill.Find("count").int64_value().value_or(0); ++i) {
    parts.push_back(absl::StrReplaceAll(with, {{"#", absl::StrCat(i)}}));
  }
  return absl::StrCat("[", absl::StrJoin(parts, ","), "]");
}

Defect ReadDefect(const std::string& file, Value value) {
  const auto text = [&](const char* key) {
    const Value member = value.Find(key);
    return std::string(member ? member.string_value() : "");
  };
  Defect defect{absl::StrCat(file, ": ", text("say")),
                text("base"),
                {},
                {},
                text("code"),
                text("pointer"),
                {},
                false};
  for (const Value change : json::Children(value.Find("change"))) {
    defect.changes.push_back(
        {std::string(change.Find("at").string_value()), ValueOf(change)});
  }
  for (const Value document : json::Children(value.Find("files"))) {
    defect.files[std::string(document.key())] = json::ToText(document);
  }
  const Value also = value.Find("also");
  defect.any_other = also.is_string() && also.string_value() == "*";
  if (also.is_array()) {
    for (const Value issue : json::Children(also)) {
      defect.also.insert(absl::StrCat(ToAbsl(issue.at(0).string_value()), " ",
                                      ToAbsl(issue.at(1).string_value())));
    }
  }
  return defect;
}

// Every entry of the files of a folder, in the order of their names.
std::vector<Defect> ReadFolder(const char* folder) {
  std::vector<Defect> all;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocol/", folder))) {
    files.insert(entry.path());
  }
  for (const std::filesystem::path& path : files) {
    const auto document = json::Parse(testing::ReadFileText(path.string()));
    EXPECT_OK(document) << path;
    if (!document.ok()) continue;
    for (const Value value : json::Children(document->root())) {
      all.push_back(ReadDefect(path.filename().string(), value));
    }
  }
  return all;
}

const std::vector<Defect>& Corpus() {
  static const auto* const corpus =
      new std::vector<Defect>(ReadFolder("corpus"));
  return *corpus;
}

LoadResult Play(const Defect& defect) {
  return Load(Changed(Shipped(defect.base), defect.changes),
              CatalogueWith(defect.files));
}

Found IssuesOf(const LoadResult& result) {
  Found found;
  for (const Issue& issue : result.issues) {
    found.insert(absl::StrCat(issue.code, " ", issue.pointer));
  }
  return found;
}

TEST(Corpus, EachDefectIsFoundWithItsCodeAndPointer) {
  for (const Defect& defect : Corpus()) {
    SCOPED_TRACE(defect.name);
    Found wanted = defect.also;
    wanted.insert(absl::StrCat(defect.code, " ", defect.pointer));
    const LoadResult result = Play(defect);
    const Found found = IssuesOf(result);
    if (defect.any_other) {
      EXPECT_TRUE(std::includes(found.begin(), found.end(), wanted.begin(),
                                wanted.end()))
          << Print(result.issues);
    } else {
      EXPECT_EQ(found, wanted) << Print(result.issues);
    }
  }
  EXPECT_GE(Corpus().size(), kDefectsMin);
}

// The table of codes is what the documentation says of them.
TEST(Corpus, SeverityIsThatOfTheTable) {
  for (const Defect& defect : Corpus()) {
    for (const Issue& issue : Play(defect).issues) {
      const host::IssueCode* known = host::FindIssueCode(issue.code);
      ASSERT_TRUE(known != nullptr) << issue.code;
      EXPECT_EQ(issue.severity, known->severity) << issue.code;
      EXPECT_FALSE(issue.message.empty()) << issue.code;
    }
  }
}

TEST(Corpus, EveryCodeOfAProtocolHasSeeds) {
  std::map<std::string, size_t> seeds;
  for (const Defect& defect : Corpus()) ++seeds[defect.code];
  size_t codes = 0;
  for (const host::IssueCode& code : host::kIssueCodes) {
    if (code.documents.find("protocol") == std::string_view::npos) continue;
    ++codes;
    // Takes 64 MiB of text a seed: see overlay_test.cc.
    if (code.code == "too_large") continue;
    EXPECT_GE(seeds[std::string(code.code)], kSeedsMin) << code.code;
  }
  EXPECT_GE(codes, 50u);
}

TEST(Corpus, ShippedProtocolsAreWithoutIssues) {
  size_t protocols = 0;
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    EXPECT_EQ(Print(Load(file.text).issues), "") << file.path;
    ++protocols;
  }
  EXPECT_GE(protocols, 4u);
}

// What is unusual and right (sound/*.json, written as the defects are): nothing
// is told of it.
TEST(Corpus, SoundProtocolsAreWithoutIssues) {
  const std::vector<Defect> sound = ReadFolder("sound");
  for (const Defect& each : sound) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(Print(Play(each).issues), "");
  }
  EXPECT_GE(sound.size(), 50u);
}

// The same as changes of documents that other tests know.
TEST(Corpus, SoundChangesAreNoDefects) {
  const std::string kIntake = "/tracks/0/phases/0/items";
  const std::pair<const char*, std::vector<Change>> sound[] = {
      // A person is asked, and may record what they learn.
      {"icbt_base",
       {{"/facts/0/from", ""},
        {kIntake + "/5",
         R"({"id": "clarify", "kind": "task", "who": "admin",
             "mode": "discretionary", "due": "work_due"})"}}},
      // Nothing shall follow, and the rule says so.
      {"minimal",
       {{"/tracks/0/phases/0/items/2/outcomes/-", "\"wait\""},
        {"/rules/-",
         R"({"id": "wait", "on": "decision:ending=wait", "do": []})"}}},
      // Only a clinician opens it, and nothing waits for it.
      {"minimal",
       {{"/items_anywhere/-",
         R"({"id": "extra", "kind": "task", "who": "team"})"}}},
      // A bare answer raises the tier of all that is not screened yet.
      {"minimal",
       {{"/rules/-",
         R"({"id": "again", "on": "response:phq9", "if": "phq9.risk",
             "on_unknown": "raise",
             "do": [{"raise_alert": "unscreened"}]})"}}},
      // Back and forth, with a person or a guard between.
      {"minimal",
       {{"/tracks/-", R"({"id": "side", "initial": "a",
                          "phases": [{"id": "a"}, {"id": "b"}]})"},
        {"/rules/-", R"({"id": "ab", "on": "phase.entered:side/a",
                         "if": "risk.open", "do": [{"move": "side/b"}]})"},
        {"/rules/-", R"({"id": "ba", "on": "phase.entered:side/b",
                         "do": [{"move": "side/a"}]})"}}},
      // The ends of a scale, and a score that can be missing.
      {"minimal",
       {{"/tracks/0/phases/0/items/1/when",
         "\"phq9.score >= 27 or phq9.score <= 0\""},
        {"/tracks/0/phases/0/items/1/source", "\"assumption\""}}},
  };
  for (const auto& [base, changes] : sound) {
    SCOPED_TRACE(changes.back().value);
    EXPECT_EQ(Print(Load(Changed(Shipped(base), changes)).issues), "");
  }
}

}  // namespace
}  // namespace stepwell::protocol
