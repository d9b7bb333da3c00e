// The published JSON Schemas and the loader agree: every object has the same
// fields, the same words and the same required members in both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "json/json.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::protocol {
namespace {

using json::Value;

// Pairs each object of a document with the schema node that describes it.
class Walker {
 public:
  explicit Walker(Value schema) : root_(schema) {}

  std::map<std::string, Value> schema_of;  // pointer -> schema of the object
  std::vector<std::string> undeclared;     // pointers of unknown members

  void Walk(Value schema, Value value) {
    schema = Follow(schema);
    if (value.is_array()) {
      for (const Value element : json::Children(value)) {
        Walk(schema.Find("items"), element);
      }
    }
    if (!value.is_object() || !schema.is_object()) return;
    if (schema.Find("properties")) schema_of[value.pointer()] = schema;
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

  // The node that a $ref leads to, or the node itself.
  Value Follow(Value schema) const {
    const Value ref = schema.Find("$ref");
    if (!ref) return schema;
    Value at = root_;
    for (absl::string_view part :
         absl::StrSplit(ToAbsl(ref.string_value()), '/')) {
      if (part != "#") at = at.Find(ToStd(part));
    }
    EXPECT_TRUE(bool(at)) << ref.string_value();
    return at;
  }

 private:
  Value root_;
};

class SchemaTest : public ::testing::Test {
 protected:
  static json::Document Schema(std::string_view kind) {
    const std::string_view text = FindCatalogueFile(
        absl::StrCat("schema/", ToAbsl(kind), ".schema.json"));
    absl::StatusOr<json::Document> document = json::Parse(text);
    EXPECT_OK(document);
    return *std::move(document);
  }
};

TEST_F(SchemaTest, ShippedDocumentsUseDeclaredFieldsOnly) {
  const std::pair<const char*, const char*> kinds[] = {
      {"protocols/", "protocol"},
      {"programs/", "program"},
      {"pools/", "pool"},
      {"calendars/", "calendar"}};
  for (const auto& [folder, kind] : kinds) {
    const json::Document schema = Schema(kind);
    for (const CatalogueFile& file : ListCatalogue(folder)) {
      ASSERT_OK_AND_ASSIGN(const json::Document document,
                           json::Parse(file.text));
      Walker walker(schema.root());
      walker.Walk(schema.root(), document.root());
      // "remove" and "before" are words of every overlay, and of no protocol.
      if (document.root().Find("base")) {
        std::erase_if(walker.undeclared, [](const std::string& pointer) {
          return pointer.ends_with("/remove") || pointer.ends_with("/before");
        });
      }
      EXPECT_THAT(walker.undeclared, ::testing::IsEmpty()) << file.path;
    }
  }
}

// True when the loader calls the member at `pointer` unknown. A field of
// another kind of item is known, but not there.
bool IsUnknown(const Issues& issues, const std::string& pointer) {
  const Issue* issue = FindIssue(issues, "unknown_field", pointer);
  return issue != nullptr &&
         issue->message.find("of kind") == std::string::npos &&
         issue->message.find("has no field") != std::string::npos;
}

void ExpectSameFields(std::string_view text, const std::string& pointer,
                      Value schema, Value object) {
  for (const Value property : json::Children(schema.Find("properties"))) {
    const std::string member =
        absl::StrCat(pointer, "/", ToAbsl(property.key()));
    if (object.Find(property.key()) || property.key() == "base") continue;
    const LoadResult with = Load(Changed(text, {{member, "null"}}));
    EXPECT_FALSE(IsUnknown(with.issues, member)) << member;
  }
  const std::string extra = pointer + "/zzz";
  const LoadResult with = Load(Changed(text, {{extra, "null"}}));
  EXPECT_TRUE(FindIssue(with.issues, "unknown_field", extra) != nullptr)
      << extra << "\n"
      << Print(with.issues);
}

void ExpectRequired(std::string_view text, const std::string& pointer,
                    Value schema) {
  for (const Value name : json::Children(schema.Find("required"))) {
    const std::string member =
        absl::StrCat(pointer, "/", ToAbsl(name.string_value()));
    const LoadResult without = Load(Changed(text, {{member, ""}}));
    EXPECT_TRUE(without.protocol == nullptr) << member;
  }
}

void ExpectSameWords(std::string_view text, const std::string& pointer,
                     const Walker& walker, Value schema, Value object) {
  for (const Value property : json::Children(schema.Find("properties"))) {
    const Value words = walker.Follow(property).Find("enum");
    if (!words || !object.Find(property.key())) continue;
    const std::string member =
        absl::StrCat(pointer, "/", ToAbsl(property.key()));
    for (const Value word : json::Children(words)) {
      const LoadResult with =
          Load(Changed(text, {{member, json::ToText(word)}}));
      const Issue* issue = FindIssue(with.issues, "unknown_value", member);
      // `ask` is a word everywhere, and refused where nobody can be asked.
      EXPECT_TRUE(issue == nullptr ||
                  issue->message.find("can be asked") != std::string::npos ||
                  issue->message.find("by itself") != std::string::npos)
          << member << " " << json::ToText(word);
    }
    const LoadResult with = Load(Changed(text, {{member, "\"zzz\""}}));
    EXPECT_TRUE(FindIssue(with.issues, "unknown_value", member) != nullptr)
        << member;
  }
}

TEST_F(SchemaTest, LoaderKnowsTheSameFieldsAndWords) {
  const json::Document schema = Schema("protocol");
  std::set<std::string> seen;  // schema nodes that some object has met
  for (const char* name :
       {"minimal", "icbt_base", "decisions", "routes", "booking", "transfer",
        "intake", "follow_ups", "supervision", "programs"}) {
    const std::string_view text = Shipped(name);
    ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
    Walker walker(schema.root());
    walker.Walk(schema.root(), document.root());
    for (const auto& [pointer, node] : walker.schema_of) {
      // One object of each kind is enough.
      if (!seen.insert(node.pointer()).second) continue;
      Value object = document.root();
      for (uint32_t i = 0; i < document.size(); ++i) {
        if (document.value(i).pointer() == pointer) {
          object = document.value(i);
        }
      }
      ExpectSameFields(text, pointer, node, object);
      ExpectRequired(text, pointer, node);
      ExpectSameWords(text, pointer, walker, node, object);
    }
  }
  size_t nodes = 1;
  for (const Value node : json::Children(schema.root().Find("$defs"))) {
    nodes += node.Find("properties") ? 1 : 0;
  }
  EXPECT_EQ(seen.size(), nodes);
}

TEST_F(SchemaTest, EveryFieldIsExplained) {
  const std::string page = testing::ReadFileText(
      absl::StrCat(STEPWELL_SOURCE_DIR, "/docs/formats/protocol.md"));
  for (const char* kind : {"protocol", "program", "pool", "calendar"}) {
    const json::Document schema = Schema(kind);
    for (uint32_t i = 0; i < schema.size(); ++i) {
      const Value node = schema.value(i);
      if (node.key() != "properties") continue;
      for (const Value property : json::Children(node)) {
        const std::string name(property.key());
        EXPECT_TRUE(page.find("`" + name + "`") != std::string::npos ||
                    page.find("\"" + name + "\":") != std::string::npos)
            << kind << " " << property.pointer();
      }
    }
  }
}

// The examples of the page, members without their object with braces around.
std::vector<std::string> ExamplesOfThePage() {
  const std::string page = testing::ReadFileText(
      absl::StrCat(STEPWELL_SOURCE_DIR, "/docs/formats/protocol.md"));
  std::vector<std::string> examples;
  for (size_t at = 0; (at = page.find("```json\n", at)) != page.npos;) {
    at += 8;
    const size_t end = page.find("```", at);
    std::string text = page.substr(at, end - at);
    examples.push_back(text[0] == '"' ? "{" + text + "}" : text);
    at = end + 3;
  }
  return examples;
}

// What an example puts where in a document.
std::vector<Change> ChangesOf(Value example) {
  const std::string text = json::ToText(example);
  const auto says = [&](const char* key) { return bool(example.Find(key)); };
  if (says("kind")) {
    // The names of a program's modules are those of the shipped one.
    const bool program = example.Find("kind").string_value() == "program";
    return {
        {absl::StrCat("/tracks/0/phases/3/items/", program ? "0" : "-"), text}};
  }
  if (says("budget")) return {{"/clocks/-", text}};
  if (says("on")) return {{"/rules/-", text}};
  if (says("if")) return {{"/tracks/0/phases/0/items/4/criteria/-", text}};
  for (const char* kind : {"program", "pool", "calendar"}) {
    if (!says(kind)) continue;
    const std::string id(example.Find(kind).string_value());
    return {{"/documents",
             absl::StrCat(R"({")", kind, R"(s":{")", id, R"(":)", text, "}}")},
            {"/imports/calendars/clinic", kind == std::string("calendar")
                                              ? R"("clinic@1")"
                                              : R"("weekdays@1")"}};
  }
  std::vector<Change> members;
  for (const Value member : json::Children(example)) {
    members.push_back(
        {absl::StrCat("/", ToAbsl(member.key())), json::ToText(member)});
  }
  return members;
}

// A document of its own, or a part of one that is none of ours.
bool IsApart(Value example) {
  return example.Find("protocol") || example.Find("base") ||
         example.Find("mastery");
}

// What an example may lack, or meet: the rest of the service that it is from.
bool IsOfTheRest(const Issue& issue) {
  return issue.code == "unknown_reference" || issue.code == "duplicate_id" ||
         issue.code == "unused_document" ||
         (issue.code == "bad_guard" &&
          issue.message.find(" member `") != std::string::npos);
}

TEST_F(SchemaTest, ExamplesOfThePageAreTaken) {
  size_t examples = 0;
  for (const std::string& text : ExamplesOfThePage()) {
    SCOPED_TRACE(text);
    ASSERT_OK_AND_ASSIGN(const json::Document example, json::Parse(text));
    if (IsApart(example.root())) continue;
    ++examples;
    const std::vector<Change> changes = ChangesOf(example.root());
    const LoadResult loaded = Load(Changed(Shipped("icbt_base"), changes));
    for (const Issue& issue : loaded.issues) {
      const bool of_it = std::any_of(
          changes.begin(), changes.end(), [&](const Change& change) {
            return issue.pointer.starts_with(
                change.pointer.substr(0, change.pointer.find("/-")));
          });
      EXPECT_TRUE(!of_it || IsOfTheRest(issue))
          << issue.code << " " << issue.pointer << " " << issue.message;
    }
  }
  EXPECT_GT(examples, 25u);
}

}  // namespace
}  // namespace stepwell::protocol
