// The official FHIRPath R4 suite (the part among the shared data), exactly:
// same values, types and order; expected errors are errors. Every miss stands
// in fhirpath_skips.txt by index, name and reason, and a skip that passes is
// a failure too.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "fhir/eval.h"
#include "json/json.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::fhir {
namespace {

using ::stepwell::testing::ReadFileText;
using ::stepwell::testing::SharedPath;

constexpr char kSuite[] = "fhirpath/tests-fhir-r4.part.json";
// Written down with a result, but its own note says it must fail.
constexpr int64_t kExpectedError = 798;

struct Skip {
  std::string name;
  std::string reason;
};

std::map<int64_t, Skip> ReadSkips() {
  std::map<int64_t, Skip> skips;
  std::istringstream lines(
      ReadFileText(std::filesystem::path(STEPWELL_SOURCE_DIR) /
                   "tests/fhir/fhirpath_skips.txt"));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    int64_t index;
    Skip skip;
    fields >> index >> skip.name;
    std::getline(fields >> std::ws, skip.reason);
    skips[index] = skip;
  }
  return skips;
}

std::string TextOf(json::Value object, std::string_view key) {
  const json::Value value = object.Find(key);
  return value.is_string() ? std::string(value.string_value()) : "";
}

// Reads the resource a test names; the suite says .xml, the data has .json.
std::string ReadResource(std::string name) {
  const size_t dot = name.rfind('.');
  if (dot != std::string::npos) name = name.substr(0, dot);
  return ReadFileText(SharedPath("fhirpath/input-json/" + name + ".json"));
}

// Empty when the test passes, else what differs.
std::string Judge(json::Value test, const EvalAnswer& answer) {
  const bool wants_error = !TextOf(test, "invalid").empty() ||
                           test.Find("index").int64_value() == kExpectedError;
  if (wants_error) {
    return answer.ok ? "expected an error, got " + answer.json : "";
  }
  if (!answer.ok) return answer.json;
  auto parsed = json::Parse(answer.json);
  if (!parsed.ok()) return "no JSON: " + answer.json;
  const json::Value got = parsed->root();
  const json::Value outputs = test.Find("outputs");
  const json::Value predicate = test.Find("predicate");
  if (predicate.is_bool() && predicate.bool_value()) {
    // A predicate asks whether there is anything that is not false.
    const bool holds = got.size() > 0 && TextOf(got.at(0), "value") != "false";
    const bool wanted = TextOf(outputs.at(0), "value") == "true";
    return holds == wanted ? "" : "predicate differs: " + answer.json;
  }
  const json::Value ordered = test.Find("ordered");
  const bool any_order = ordered.is_bool() && !ordered.bool_value();
  std::vector<std::string> want, have;
  const auto text_of = [](json::Value item, bool typed) {
    std::string text = TextOf(item, "value");
    if (!text.empty() && text[0] == '@') text.erase(0, 1);
    if (!text.empty() && text[0] == 'T') text.erase(0, 1);
    return (typed ? TextOf(item, "type") + ":" : "") + text;
  };
  if (outputs.size() != got.size()) {
    return "expected " + std::to_string(outputs.size()) + " items, got " +
           answer.json;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const bool typed = outputs.at(i).Find("type").is_string();
    want.push_back(text_of(outputs.at(i), typed));
    have.push_back(text_of(got.at(i), typed));
  }
  if (any_order) {
    std::sort(want.begin(), want.end());
    std::sort(have.begin(), have.end());
  }
  return want == have ? "" : "differs: " + answer.json;
}

TEST(FhirPathSuiteTest, ThePartOfTheOfficialR4SuitePasses) {
  STEPWELL_NEEDS_SHARED(kSuite);
  auto suite = json::Parse(ReadFileText(SharedPath(kSuite)));
  ASSERT_OK(suite);
  const std::map<int64_t, Skip> skips = ReadSkips();
  size_t total = 0, passed = 0;
  for (json::Value test : json::Children(suite->root())) {
    const int64_t index = *test.Find("index").int64_value();
    const std::string expression = TextOf(test, "expression");
    const std::string file = TextOf(test, "inputfile");
    const std::string resource = file.empty() ? "" : ReadResource(file);
    EvalRequest request;
    request.expression = expression;
    if (!file.empty()) request.resource = resource;
    request.now = Instant{1'767'225'600'000'000};
    const std::string difference = Judge(test, Eval(request));
    ++total;
    if (difference.empty()) ++passed;
    const auto skip = skips.find(index);
    if (skip == skips.end()) {
      EXPECT_EQ(difference, "")
          << index << " " << TextOf(test, "name") << ": " << expression;
    } else {
      EXPECT_EQ(skip->second.name, TextOf(test, "name")) << index;
      EXPECT_NE(skip->second.reason, "") << index;
      EXPECT_NE(difference, "") << index << " passes: take it off the list";
    }
  }
  std::cout << "FHIRPath R4 suite, the shared part: " << passed << " of "
            << total << " exact\n";
  RecordProperty("passed", static_cast<int>(passed));
  RecordProperty("total", static_cast<int>(total));
  EXPECT_EQ(total, 468u);
  EXPECT_EQ(passed + skips.size(), total);
  EXPECT_GE(passed * 100, total * 97);
}

}  // namespace
}  // namespace stepwell::fhir
