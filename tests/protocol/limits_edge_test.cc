// Each limit of a protocol document, at its edge and one beyond
// (docs/reference/limits.md). Those of expressions are in
// tests/fhirpath/limits_test.cc, that of steps in tests/engine/loop_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/limits.h"
#include "json/json.h"
#include "protocol/load_stored.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

using ::stepwell::testing::StatusIs;

struct Edge {
  std::string name;
  size_t limit = 0;
  // minimal.json with so many of it.
  std::function<std::string(size_t)> document;
  std::string code;
};

void PrintTo(const Edge& edge, std::ostream* out) { *out << edge.name; }

std::string With(const std::string& pointer, const std::string& value) {
  return Changed(Shipped("minimal"), {{pointer, value}});
}

std::string List(size_t count, const std::function<std::string(size_t)>& one) {
  std::string list = "[";
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ",", one(i));
  }
  return list + "]";
}

std::string Name(const char* start, size_t i) {
  return absl::StrCat(R"({"id":")", start, i, "\"");
}

// minimal.json has 3 elements outside `items_anywhere`; one more, `review`,
// every protocol has.
std::string Items(size_t count) {
  return With("/items_anywhere", List(count - 4, [](size_t i) {
                return Name("t", i) + R"(,"kind":"task","who":"team"})";
              }));
}

std::string Clocks(size_t count) {
  return With("/clocks", List(count, [](size_t i) {
                return Name("c", i) +
                       R"(,"budget":"1 day","source":"assumption","ladder":[
                          {"at":"100%","do":[{"priority":1}]}]})";
              }));
}

std::string Rules(size_t count) {
  return With("/rules", List(count, [](size_t i) {
                return Name("r", i) +
                       R"(,"on":"patient.active","do":[{"open":"call"}]})";
              }));
}

std::string Facts(size_t count) {
  return With("/facts", List(count, [](size_t i) {
                return Name("f", i) + R"(,"type":"boolean"})";
              }));
}

std::string Queue(const std::string& limit) {
  return absl::StrCat(R"({"phase":"pathway/open","to":"pathway/closed",)",
                      R"("classes":[{"id":"all"}],)", limit, "}");
}

std::string Program(const std::string& members) {
  return absl::StrCat(
      R"({"protocol":"p","base":"minimal@1","version":"1","status":"draft",)",
      R"("documents":{"programs":{"x":{"program":"x","version":"1",)", members,
      R"("modules":[{"id":"a"}]}}},"imports":{"programs":{"x":"x@1"}},)",
      R"("items_anywhere":[{"id":"i","kind":"program","program":"x")");
}

const std::vector<Edge>& Edges() {
  static const auto* const edges = new std::vector<Edge>{
      {"Items", limits::kElementsMax, Items, "element_limit"},
      {"Clocks", limits::kElementsMax, Clocks, "element_limit"},
      {"Rules", limits::kElementsMax, Rules, "element_limit"},
      {"Facts", limits::kElementsMax, Facts, "element_limit"},
      {"BytesOfAName", limits::kNameBytesMax,
       [](size_t n) {
         return With("/facts", R"([{"id":")" + std::string(n, 'a') +
                                   R"(","type":"boolean"}])");
       },
       "bad_name"},
      {"BytesOfAText", limits::kTextBytesMax,
       [](size_t n) {
         return With("/templates/0/text", '"' + std::string(n, 'a') + '"');
       },
       "too_long"},
      {"YearsOfASpan", size_t{limits::kSpanYearsMax},
       [](size_t n) {
         return With("/clocks/0/budget",
                     absl::StrCat("\"", n * 12, " months\""));
       },
       "bad_span"},
      {"PercentOfABudget", size_t{limits::kPercentMax},
       [](size_t n) {
         return With("/clocks/1/ladder/0/at", absl::StrCat("\"", n, "%\""));
       },
       "bad_span"},
      {"Tracks", limits::kTracksMax,
       [](size_t n) {
         return With("/tracks", List(n, [](size_t i) {
                       return Name("t", i) +
                              R"(,"initial":"p","phases":[{"id":"p"}]})";
                     }));
       },
       "element_limit"},
      {"StartsOfAThrottle", size_t{limits::kIntakeStartsMax},
       [](size_t n) {
         return With(
             "/intake",
             Queue(absl::StrCat(R"("throttles":[{"id":"t","starts":)", n,
                                R"(,"per":"day","source":"assumption"}])")));
       },
       "out_of_range"},
      {"PlacesOfAQueue", size_t{limits::kIntakePlacesMax},
       [](size_t n) {
         return With(
             "/intake",
             Queue(absl::StrCat(R"("capacity":{"places":)", n,
                                R"(,"held_in":[],"source":"assumption"})")));
       },
       "out_of_range"},
      {"SetsOfAProgram", limits::kProgramSetsMax,
       [](size_t n) {
         return Program("\"sets\":" +
                        List(n, [](size_t i) { return Name("s", i) + "}"; }) +
                        ",") +
                "}]}";
       },
       "element_limit"},
      {"LevelsOfGuidance", limits::kGuidanceLevelsMax,
       [](size_t n) {
         return Program("") + ",\"guidance\":" +
                List(n, [](size_t i) { return absl::StrCat("\"g", i, "\""); }) +
                "}]}";
       },
       "element_limit"},
  };
  return *edges;
}

// Without the checks of the whole: at this size they are not what is asked.
size_t Found(const Edge& edge, size_t count) {
  const auto loaded = LoadStored(edge.document(count), BuiltInCatalogue());
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  size_t found = 0;
  if (!loaded.ok()) return found;
  for (const Issue& issue : loaded->issues) found += issue.code == edge.code;
  return found;
}

class LimitEdge : public ::testing::TestWithParam<Edge> {};

TEST_P(LimitEdge, IsTakenAndOneBeyondIsAnIssue) {
  EXPECT_EQ(Found(GetParam(), GetParam().limit), 0u);
  EXPECT_EQ(Found(GetParam(), GetParam().limit + 1), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, LimitEdge, ::testing::ValuesIn(Edges()),
                         [](const auto& test) { return test.param.name; });

TEST(DocumentLimit, TheLastLevelOfNestingAndTheOneBeyond) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_OK(json::Parse(nested(limits::kJsonDepthMax)));
  EXPECT_THAT(json::Parse(nested(limits::kJsonDepthMax + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, "deeper than 256"));
}

TEST(DocumentLimit, TheLastByteAndTheOneBeyond) {
  std::string text(Shipped("minimal"));
  text.resize(limits::kJsonBytesMax, ' ');
  EXPECT_TRUE(Load(text).protocol != nullptr);
  EXPECT_THAT(LoadProtocol(text + " ", BuiltInCatalogue()),
              StatusIs(absl::StatusCode::kResourceExhausted, ""));
}

TEST(DocumentLimit, TheLastOverlayAndTheOneBeyond) {
  const auto stacked = [](size_t count) {
    std::map<std::string, std::string> files;
    for (size_t i = 1; i <= count; ++i) {
      files[absl::StrCat("protocols/o", i, ".json")] =
          absl::StrCat(R"({"protocol":"o)", i,
                       R"(","version":"1","status":"draft",)", R"("base":")",
                       i == 1 ? "minimal" : absl::StrCat("o", i - 1), "@1\"}");
    }
    const std::string top = files[absl::StrCat("protocols/o", count, ".json")];
    return Load(top, CatalogueWith(files));
  };
  EXPECT_EQ(Print(stacked(limits::kOverlaysMax).issues), "");
  EXPECT_TRUE(FindIssue(stacked(limits::kOverlaysMax + 1).issues, "cycle",
                        "/base") != nullptr);
}

}  // namespace
}  // namespace stepwell::protocol
