// Parsed FHIR JSON as a tree for FHIRPath: `_field` siblings are merged,
// choice elements go by their base name, every element knows its type.
//
//   R4Model model;
//   JsonSource resource(document, &model);
//   const fhirpath::Source* sources[] = {&resource};
//   Evaluate(program, resource.root(), {.now = now, .sources = sources});
//
// Built in one pass; immutable and thread-safe afterwards. Without a model
// the JSON is taken as it is.
#ifndef STEPWELL_FHIR_JSON_SOURCE_H_
#define STEPWELL_FHIR_JSON_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "fhir/r4_model.h"
#include "fhirpath/fhirpath.h"
#include "json/json.h"

namespace stepwell::fhir {

// `name` and `_name` of an object, found in no time however many members it
// has. Empty where no key begins with `_`.
class Siblings {
 public:
  explicit Siblings(json::Value object);
  // Absent, too, where there are no `_` keys at all.
  json::Value Find(std::string_view key) const;
  json::Value FindExtra(std::string_view key) const;

 private:
  absl::flat_hash_map<std::string_view, json::Value> members_;
};

class JsonSource : public fhirpath::Source {
 public:
  // `document` and `model` must outlive the source. `number` is the place of
  // this source in EvaluateOptions::sources. `root_type` types a root that is
  // no resource.
  JsonSource(const json::Document& document, const R4Model* model,
             uint16_t number = 0,
             fhirpath::TypeId root_type = fhirpath::kAnyType);

  fhirpath::Node root() const { return {number_, 0}; }
  fhirpath::TypeId root_type() const { return links_[0].type; }
  // The JSON value behind a node; absent for an element with only `_field`.
  json::Value JsonOf(uint32_t node) const;
  // "Patient.name[0].given[1]".
  std::string PathOf(uint32_t node) const;
  uint32_t ParentOf(uint32_t node) const { return elements_[node].parent; }
  size_t size() const { return elements_.size(); }
  // Plain navigation for other readers of the tree; 0 = there is none.
  uint32_t FirstChild(uint32_t node) const { return links_[node].first_child; }
  uint32_t Next(uint32_t node) const { return links_[node].next; }
  uint32_t Find(uint32_t node, std::string_view name) const;
  // The string that member `name` holds, or absent.
  json::Value Text(uint32_t node, std::string_view name) const;
  // Keys that the model does not know, as JSON pointers; empty without one.
  const std::vector<std::string>& unknown_keys() const { return unknown_keys_; }

  void Member(uint32_t node, uint32_t member_id, std::string_view name,
              fhirpath::Collection& out) const override;
  void AllChildren(uint32_t node, fhirpath::Collection& out) const override;
  std::optional<fhirpath::Value> Primitive(uint32_t node) const override;
  const fhirpath::Value* HeldPrimitive(uint32_t node) const override;
  bool LacksValue(uint32_t node) const override;
  fhirpath::TypeId TypeOf(uint32_t node) const override;
  std::string_view NameOf(uint32_t node) const override;
  uint32_t ResourceOf(uint32_t node) const override;
  uint32_t RootResourceOf(uint32_t node) const override;
  void Resolve(uint32_t node, std::string_view reference,
               fhirpath::Collection& out) const override;
  std::string ToText(uint32_t node) const override;

 private:
  // What a walk from element to element looks at.
  struct Link {
    uint32_t name_id = 0;  // the model's; 0 = not known
    fhirpath::TypeId type = fhirpath::kAnyType;
    uint32_t next = 0;         // sibling; 0 = none
    uint32_t first_child = 0;  // 0 = none
  };
  enum class Reads : uint8_t { kNothing, kPlain, kQuantity };
  struct Element {
    json::Value value;      // absent: only `_field` is there
    json::Value extra;      // the `_field` sibling
    std::string_view name;  // element name: "value" for valueQuantity
    fhirpath::Value plain;  // where it reads as one
    uint32_t parent = 0;
    Reads reads = Reads::kNothing;
    bool resource = false;
    bool indexed = false;  // its children stand in by_name_
    // Children of one name may stand apart: keys of a choice, or members of an
    // object and its `_field`. Else they are those of one key, side by side.
    bool scattered = false;
  };
  struct Meaning {
    std::string_view name;
    uint32_t name_id = 0;
    fhirpath::TypeId type = fhirpath::kAnyType;
  };

  void AddChildren(uint32_t parent);
  void AddMember(uint32_t parent, json::Value value, json::Value extra,
                 std::string_view key, uint32_t* last);
  void AddElement(uint32_t parent, json::Value value, json::Value extra,
                  const Meaning& meaning, uint32_t* last);
  Meaning MeaningOf(uint32_t parent, std::string_view key, bool* known);
  void ReadPlain(uint32_t node);
  std::optional<fhirpath::Value> QuantityOf(uint32_t node) const;
  uint32_t FindReference(uint32_t from, std::string_view reference) const;
  uint32_t FindContained(uint32_t from, std::string_view id) const;
  uint32_t FindEntry(std::string_view reference) const;
  void IndexChildren(uint32_t node);
  void IndexedMember(uint32_t node, uint32_t member_id, std::string_view name,
                     fhirpath::Collection& out) const;
  void ScannedMember(uint32_t node, uint32_t member_id, std::string_view name,
                     fhirpath::Collection& out) const;
  void IndexEntries();
  void IndexContained();

  const R4Model* model_;
  uint16_t number_;
  std::vector<Link> links_;
  std::vector<Element> elements_;  // by the same numbers
  std::vector<std::string> unknown_keys_;
  // The children of nodes that have many, by node and name: a step to one of
  // them costs the same whatever the size.
  absl::flat_hash_map<std::pair<uint32_t, std::string_view>,
                      std::vector<uint32_t>>
      by_name_;
  // The resources of a Bundle by what a reference may say: fullUrl, type and
  // id, url, url|version.
  absl::flat_hash_map<std::string, uint32_t> entries_;
  // By what holds them and their id.
  absl::flat_hash_map<std::pair<uint32_t, std::string>, uint32_t> contained_;
};

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_JSON_SOURCE_H_
