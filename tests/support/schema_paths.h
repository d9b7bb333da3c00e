// The paths of a JSON Schema that stand for a value of a document, for tests
// that want something of each.
#ifndef STEPWELL_TESTS_SUPPORT_SCHEMA_PATHS_H_
#define STEPWELL_TESTS_SUPPORT_SCHEMA_PATHS_H_

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "json/json.h"

namespace stepwell::testing {

// The shipped schema of this kind: "protocol".
inline json::Document SchemaOf(std::string_view kind) {
  absl::StatusOr<json::Document> document = json::Parse(
      FindCatalogueFile(absl::StrCat("schema/", ToAbsl(kind), ".schema.json")));
  EXPECT_TRUE(document.ok()) << kind << ": " << document.status().message();
  return *std::move(document);
}

// The node that a $ref leads to, or the node itself.
inline json::Value FollowedRef(json::Value root, json::Value node) {
  const json::Value ref = node.Find("$ref");
  if (!ref) return node;
  json::Value at = root;
  for (absl::string_view part :
       absl::StrSplit(ToAbsl(ref.string_value()), '/')) {
    if (part != "#") at = at.Find(ToStd(part));
  }
  return at;
}

// The pointers of all nodes that stand for a value of a document.
inline std::set<std::string> SchemaPaths(json::Value root) {
  std::set<std::string> paths;
  const auto visit = [&](auto&& self, json::Value node) -> void {
    if (!node.is_object()) return;
    for (const json::Value property : json::Children(node.Find("properties"))) {
      paths.insert(property.pointer());
      self(self, property);
    }
    for (const char* key : {"items", "additionalProperties"}) {
      const json::Value inner = node.Find(key);
      if (!inner.is_object()) continue;
      paths.insert(inner.pointer());
      self(self, inner);
    }
  };
  visit(visit, root);
  for (const json::Value definition : json::Children(root.Find("$defs"))) {
    visit(visit, definition);
  }
  return paths;
}

// The schema node that describes the value at `pointer` of a document; empty
// when none does.
inline std::string SchemaPathAt(json::Value root, std::string_view pointer) {
  json::Value node = root;
  for (absl::string_view token : absl::StrSplit(ToAbsl(pointer), '/')) {
    if (token.empty()) continue;
    const json::Value schema = FollowedRef(root, node);
    if (const json::Value items = schema.Find("items")) {
      node = items;
    } else if (const json::Value own =
                   schema.Find("properties").Find(ToStd(token))) {
      node = own;
    } else {
      node = schema.Find("additionalProperties");
    }
    if (!node.is_object()) return "";
  }
  return node.pointer();
}

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SUPPORT_SCHEMA_PATHS_H_
