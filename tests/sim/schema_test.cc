// The published schema and the reader agree: every object of a plan has the
// same fields in both, and needs the same ones.
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "json/json.h"
#include "protocol/reader.h"
#include "sim/sim_support.h"

namespace stepwell::sim {
namespace {

using json::Value;

// The shipped plan with what it does not use: leave, laws, numbers with a
// source of their own.
const Settings kAll = {
    {"staff.lead.leave",
     R"([{"from": "2026-08-01", "to": "2026-08-09", "note": "x"}])"},
    {"delivery.minutes", R"({"value": 1, "source": "assumption"})"},
    {"work.calls.minutes", R"({"minutes": {"exponential": {"mean": 9}}})"},
    {"work.letters.minutes",
     R"({"hours": {"uniform": {"from": 0.1, "to": 0.3}}})"},
};

class Walker {
 public:
  explicit Walker(Value schema) : root_(schema) {}

  std::map<std::string, Value> schema_of;  // pointer -> schema of the object
  std::vector<std::string> undeclared;

  void Walk(Value schema, Value value) {
    schema = Choose(Follow(schema), value);
    if (value.is_array()) {
      for (const Value element : json::Children(value)) {
        Walk(schema.Find("items"), element);
      }
    }
    if (!value.is_object() || !schema.is_object()) return;
    if (schema.Find("additionalProperties").is_bool()) {
      schema_of[value.pointer()] = schema;
    }
    for (const Value member : json::Children(value)) {
      const Value declared = schema.Find("properties").Find(member.key());
      const Value other = schema.Find("additionalProperties");
      if (declared) {
        Walk(declared, member);
      } else if (other.is_object()) {
        Walk(other, member);
      } else {
        undeclared.push_back(member.pointer());
      }
    }
  }

 private:
  Value Follow(Value schema) const {
    const Value ref = schema.Find("$ref");
    if (!ref) return schema;
    const std::string name(ref.string_value().substr(8));  // #/$defs/
    return Follow(root_.Find("$defs").Find(name));
  }
  // Of alternatives the one for the type at hand.
  Value Choose(Value schema, Value value) const {
    for (const Value option : json::Children(schema.Find("anyOf"))) {
      const Value chosen = Follow(option);
      const bool object = chosen.Find("type").is_string() &&
                          chosen.Find("type").string_value() == "object";
      if (object == value.is_object()) return chosen;
    }
    return schema;
  }
  Value root_;
};

std::vector<Issue> IssuesWith(const std::string& pointer,
                              const std::string& member,
                              const std::string& value) {
  Settings settings = kAll;
  settings.push_back({absl::StrCat(pointer, "/", member), value});
  return LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden", settings)
      .issues;
}

TEST(PlanSchema, HasTheFieldsOfTheReader) {
  const auto schema = json::Parse(CatalogueText("schema/plan.schema.json"));
  ASSERT_TRUE(schema.ok());
  const auto text =
      ApplySettings(CatalogueText("plans/icbt_sweden.json"), kAll);
  ASSERT_TRUE(text.ok()) << text.status();
  const auto plan = json::Parse(*text);
  ASSERT_TRUE(plan.ok());
  Walker walker(schema->root());
  walker.Walk(schema->root(), plan->root());
  EXPECT_TRUE(walker.undeclared.empty()) << walker.undeclared[0];
  EXPECT_GT(walker.schema_of.size(), 100u);
  // One object of each kind: by the address of its schema.
  std::map<uint32_t, std::string> kinds;
  for (const auto& [pointer, node] : walker.schema_of) {
    kinds.emplace(node.index(), pointer);
  }
  EXPECT_GT(kinds.size(), 24u);
  for (const auto& [index, pointer] : kinds) {
    const Value node = walker.schema_of[pointer];
    bool refused = false;
    for (const Issue& issue : IssuesWith(pointer, "no_such_field", "1")) {
      refused = refused || (issue.code == "unknown_field" &&
                            issue.pointer == pointer + "/no_such_field");
    }
    EXPECT_TRUE(refused) << pointer << " takes any field";
    for (const Value field : json::Children(node.Find("properties"))) {
      const std::string name(field.key());
      for (const Issue& issue : IssuesWith(pointer, name, "null")) {
        EXPECT_FALSE(issue.code == "unknown_field" &&
                     issue.pointer == absl::StrCat(pointer, "/", name))
            << pointer << " has no " << name << " for the reader";
      }
    }
  }
}

}  // namespace
}  // namespace stepwell::sim
