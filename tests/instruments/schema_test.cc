// The published JSON Schema and the loader agree: shipped documents are valid
// under both, and every object has the same fields in both.
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "instruments/good_document.h"
#include "instruments/instrument.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using json::Value;

// A validator of the part of JSON Schema that the schema uses. It notes which
// schema node each object of the instance was read by.
class Validator {
 public:
  explicit Validator(Value schema) : root_(schema) {}

  std::string error;                       // the first mistake
  std::map<std::string, Value> schema_of;  // instance pointer -> schema

  bool Valid(Value schema, Value instance) {
    for (Value rule : json::Children(schema)) {
      if (!Holds(schema, rule, instance)) {
        if (error.empty()) {
          error = absl::StrCat(instance.pointer(), " breaks ", rule.pointer());
        }
        return false;
      }
    }
    if (instance.is_object() && schema.Find("properties")) {
      schema_of[instance.pointer()] = schema;
    }
    return true;
  }

 private:
  Value Resolve(std::string_view ref) {
    Value at = root_;
    for (absl::string_view part : absl::StrSplit(ToAbsl(ref), '/')) {
      if (part != "#") at = at.Find(ToStd(part));
    }
    return at;
  }

  static bool IsType(std::string_view type, Value v) {
    return (type == "object" && v.is_object()) ||
           (type == "array" && v.is_array()) ||
           (type == "string" && v.is_string()) ||
           (type == "boolean" && v.is_bool()) ||
           (type == "number" && v.is_number()) ||
           (type == "integer" && v.int64_value().has_value());
  }

  bool Holds(Value schema, Value rule, Value v) {
    const std::string_view key = rule.key();
    if (key == "$ref") {
      const Value target = Resolve(rule.string_value());
      return target && Valid(target, v);
    }
    if (key == "type") return IsType(rule.string_value(), v);
    if (key == "enum") return InEnum(rule, v);
    if (key == "oneOf") return OneOf(rule, v);
    if (key == "pattern") {
      return !v.is_string() ||
             RE2::PartialMatch(std::string(v.string_value()),
                               std::string(rule.string_value()));
    }
    if (key == "minLength") return !v.is_string() || !v.string_value().empty();
    if (key == "minItems") return !v.is_array() || v.size() >= 1;
    if (key == "items") return AllChildren(rule, v, v.is_array());
    if (key == "required") {
      bool all = true;
      for (Value name : json::Children(rule)) {
        all = all && v.Find(name.string_value());
      }
      return all;
    }
    if (key == "properties") {
      bool all = true;
      for (Value property : json::Children(rule)) {
        const Value member = v.Find(property.key());
        all = all && (!member || Valid(property, member));
      }
      return all;
    }
    if (key == "additionalProperties") return Additional(schema, rule, v);
    static const std::set<std::string_view> kSilent = {
        "$schema", "$id", "$defs", "title", "description"};
    return kSilent.count(key) > 0;  // an unknown keyword is a mistake
  }

  static bool InEnum(Value rule, Value v) {
    for (Value value : json::Children(rule)) {
      if (json::ToText(value) == json::ToText(v)) return true;
    }
    return false;
  }

  bool OneOf(Value rule, Value v) {
    int valid = 0;
    for (Value choice : json::Children(rule)) {
      const std::string before = error;
      if (Valid(choice, v)) {
        ++valid;
      } else {
        error = before;
      }
    }
    return valid == 1;
  }

  bool AllChildren(Value rule, Value v, bool applies) {
    bool all = true;
    if (!applies) return true;
    for (Value child : json::Children(v)) all = all && Valid(rule, child);
    return all;
  }

  bool Additional(Value schema, Value rule, Value v) {
    if (!v.is_object()) return true;
    if (rule.is_object()) return AllChildren(rule, v, true);
    bool all = true;
    for (Value member : json::Children(v)) {
      all = all && schema.Find("properties").Find(member.key());
    }
    return all;
  }

  Value root_;
};

json::Document Schema() {
  return *json::Parse(FindCatalogueFile("schema/instrument.schema.json"));
}

// The document with a member "zzz" in the object at `pointer`.
void WriteWith(Value value, const std::string& pointer, json::Writer& out) {
  if (value.is_object()) {
    out.BeginObject();
    for (Value member : json::Children(value)) {
      out.Key(member.key());
      WriteWith(member, pointer, out);
    }
    if (value.pointer() == pointer) out.Key("zzz").Int(1);
    out.EndObject();
  } else if (value.is_array()) {
    out.BeginArray();
    for (Value child : json::Children(value)) WriteWith(child, pointer, out);
    out.EndArray();
  } else {
    out.Raw(json::ToText(value));
  }
}

// The fields that the loader knows in the object at `pointer`.
std::set<std::string> FieldsOfLoader(Value document,
                                     const std::string& pointer) {
  json::Writer writer;
  WriteWith(document, pointer, writer);
  const auto loaded = LoadInstrument(writer.text());
  std::set<std::string> fields;
  for (const Issue& issue : loaded->issues) {
    if (issue.code != "unknown_field" || issue.pointer != pointer + "/zzz") {
      continue;
    }
    constexpr std::string_view kLead = "fields here: ";
    EXPECT_EQ(issue.hint.substr(0, kLead.size()), kLead);
    for (absl::string_view name :
         absl::StrSplit(issue.hint.substr(kLead.size()), ", ")) {
      fields.emplace(name);
    }
  }
  return fields;
}

TEST(InstrumentSchema, AcceptsEveryShippedDocument) {
  const json::Document schema = Schema();
  for (const CatalogueFile& file : ListCatalogue("instruments/")) {
    ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(file.text));
    Validator validator(schema.root());
    EXPECT_TRUE(validator.Valid(schema.root(), document.root()))
        << file.path << " " << validator.error;
  }
}

TEST(InstrumentSchema, RefusesWhatItsRulesForbid) {
  const json::Document schema = Schema();
  const std::pair<const char*, const char*> changes[] = {
      {R"("version": "1")", R"("version": 1)"},
      {R"("version": "1",)", ""},
      {R"("demo-1")", R"("Demo 1")"},
      {R"("title": "Demo")", R"("title": "")"},
      {R"("patient")", R"("nobody")"},
      {R"({"id": "d", "kind": "text"})", R"({"id": "d", "kind": 1})"},
      {R"(["c", "d"])", R"([])"},
      {R"("value": 0, "id")", R"("value": 0.5, "id")"},
      {R"("from": 1)", R"("form": 1)"},
  };
  for (const auto& [find, replace] : changes) {
    std::string text = kGood;
    const size_t at = text.find(find);
    ASSERT_NE(at, std::string::npos) << find;
    text.replace(at, std::string(find).size(), replace);
    ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
    Validator validator(schema.root());
    EXPECT_FALSE(validator.Valid(schema.root(), document.root())) << replace;
    EXPECT_EQ(LoadInstrument(text)->instrument, nullptr) << replace;
  }
}

TEST(InstrumentSchema, HasTheFieldsThatTheLoaderReads) {
  const json::Document schema = Schema();
  ASSERT_OK_AND_ASSIGN(const json::Document good, json::Parse(kGood));
  Validator validator(schema.root());
  ASSERT_TRUE(validator.Valid(schema.root(), good.root())) << validator.error;
  // Forms of one object (rules, cut-offs) read different fields: their union.
  std::map<std::string, std::set<std::string>> declared, read;
  for (const auto& [pointer, node] : validator.schema_of) {
    const std::string where = node.pointer();
    for (Value property : json::Children(node.Find("properties"))) {
      declared[where].emplace(property.key());
    }
    read[where].merge(FieldsOfLoader(good.root(), pointer));
  }
  EXPECT_EQ(read, declared);
  EXPECT_EQ(declared.size(), schema.root().Find("$defs").size() + 1 - 3)
      << "an object of the schema is not part of the good document (text, "
         "item_ids and listed are no objects)";
}

}  // namespace
}  // namespace stepwell::instruments
