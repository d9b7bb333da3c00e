// The structural check: one walk over the JSON beside the table of R4.
#include "fhir/check.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "fhir/json_source.h"
#include "fhir/primitives.h"
#include "fhir/r4_codes_data.h"
#include "fhir/r4_model.h"
#include "fhir/read_element.h"

namespace stepwell::fhir {
namespace {

using fhirpath::TypeId;
using Element = R4Model::Element;

// The codes of a required value set (`url|version`); nullptr when it is not
// one that can be listed (languages, MIME types, units).
const char* CodesOf(std::string_view url) {
  url = url.substr(0, url.find('|'));
  const std::string_view name = url.substr(url.rfind('/') + 1);
  const r4::CodeSet* end = r4::kCodeSets + r4::kCodeSetCount;
  const r4::CodeSet* found =
      std::lower_bound(r4::kCodeSets, end, name,
                       [](const r4::CodeSet& set, std::string_view wanted) {
                         return std::string_view(set.name) < wanted;
                       });
  return found != end && found->name == name ? found->codes : nullptr;
}

bool HasCode(std::string_view codes, std::string_view code) {
  const std::string padded = absl::StrCat(" ", ToAbsl(code), " ");
  return code.find(' ') == std::string_view::npos &&
         codes.find(padded) != std::string_view::npos;
}

class Checker {
 public:
  std::vector<CheckIssue> Run(const json::Document& document) {
    const json::Value root = document.root();
    if (!root.is_object()) {
      Add("structure", "structure_type", "", "a resource is a JSON object");
    } else {
      Resource(root, "");
    }
    return std::move(issues_);
  }

 private:
  void Add(std::string code, std::string key, const std::string& path,
           std::string message) {
    if (issues_.size() < limits::kFhirProblemsMax) {
      issues_.push_back({CheckSeverity::kError, std::move(code), std::move(key),
                         path, std::move(message)});
    } else if (issues_.size() == limits::kFhirProblemsMax) {
      issues_.push_back({CheckSeverity::kError, "too-long", "too_many", "",
                         "there are more errors; these are the first"});
    }
  }

  // Depth is bounded by the JSON parser. An empty path: the outermost.
  void Resource(json::Value value, const std::string& path) {
    const std::string_view name = StringOf(value, "resourceType");
    if (name.empty()) {
      return Add("required", "resource_type_missing", path,
                 "\"resourceType\" is missing");
    }
    const auto type = model_.FindType(name);
    if (!type || !model_.IsResource(*type) || model_.IsAbstract(*type)) {
      return Add("structure", "resource_type_unknown", path,
                 absl::StrCat("\"", Shown(name), "\" is no resource of R4"));
    }
    Object(value, *type, path.empty() ? std::string(name) : path, true);
  }

  void Object(json::Value value, TypeId type, const std::string& path,
              bool resource) {
    if (!resource && value.size() == 0) {
      Add("structure", "empty", path, "an element is never empty");
    }
    // Element name -> the key that gave it.
    std::map<std::string_view, std::string_view> given;
    const Siblings siblings(value);
    for (json::Value member : json::Children(value)) {
      Member(siblings, member, type, path, resource, &given);
    }
    for (const Element& element : model_.Elements(type)) {
      if (!element.required || given.count(element.name) > 0) continue;
      Add("required", "missing", path,
          absl::StrCat("\"", ToAbsl(element.name),
                       element.choice ? "[x]\" is missing" : "\" is missing"));
    }
  }

  void Member(const Siblings& siblings, json::Value member, TypeId type,
              const std::string& path, bool resource,
              std::map<std::string_view, std::string_view>* given) {
    std::string_view key = member.key();
    if (resource && key == "resourceType") return;
    const bool extra = key.substr(0, 1) == "_";
    if (extra) key.remove_prefix(1);
    const auto element = model_.FindJsonKey(type, key);
    const std::string at =
        absl::StrCat(path, ".", ToAbsl(element ? element->name : key));
    if (!element || (extra && !IsPrimitive(element->type))) {
      return Add(
          "structure", "structure_unknown", at,
          absl::StrCat("\"", Shown(member.key()), "\" is no element here"));
    }
    const auto [first, is_new] = given->emplace(element->name, key);
    if (!is_new && first->second != key) {
      return Add("structure", "choice_twice", at,
                 absl::StrCat("\"", ToAbsl(first->second), "\" and \"",
                              ToAbsl(key), "\": one value only is legal"));
    }
    Value(siblings, member, *element, at, extra);
  }

  static bool IsSystem(TypeId type) { return type < fhirpath::kFirstModelType; }
  bool IsPrimitive(TypeId type) const {
    return IsSystem(type) || model_.IsPrimitive(type);
  }

  void Value(const Siblings& siblings, json::Value member,
             const Element& element, const std::string& at, bool extra) {
    if (member.is_null()) {
      return Add("structure", "null", at, "null stands in lists only");
    }
    if (element.many != member.is_array()) {
      return Add("structure", "cardinality", at,
                 element.many ? "this is a list: [...]"
                              : "at most one value is legal: no list");
    }
    if (!element.many) return One(member, element, at, extra);
    if (member.size() == 0) {
      return Add("structure", "empty", at, "a list is never empty");
    }
    // Of a primitive list and its `_` sibling one may leave out what the other
    // has.
    const json::Value sibling = extra ? siblings.Find(member.key().substr(1))
                                      : siblings.FindExtra(member.key());
    json::Value other = sibling.first_child();
    size_t index = 0;
    for (json::Value one : json::Children(member)) {
      const std::string path = absl::StrCat(at, "[", index++, "]");
      if (!one.is_null()) {
        One(one, element, path, extra);
      } else if (!IsPrimitive(element.type) || !other || other.is_null()) {
        Add("structure", "null", path, "there is neither value nor extension");
      }
      if (other) other = other.next_sibling();
    }
  }

  void One(json::Value value, const Element& element, const std::string& at,
           bool extra) {
    if (extra) {
      if (!value.is_object()) {
        return Add("structure", "structure_type", at,
                   "the extensions of a primitive are a JSON object");
      }
      return Object(value, *element_type_, at, false);
    }
    if (IsPrimitive(element.type)) return Primitive(value, element, at);
    if (!value.is_object()) {
      return Add("structure", "structure_type", at,
                 absl::StrCat("a ", model_.TypeName(element.type),
                              " is a JSON object"));
    }
    if (model_.IsResource(element.type)) return Resource(value, at);
    Object(value, element.type, at, false);
    CheckBinding(value, element, at);
  }

  void Primitive(json::Value value, const Element& element,
                 const std::string& at) {
    const std::string type =
        IsSystem(element.type) ? "string" : model_.TypeName(element.type);
    const std::string problem = PrimitiveProblem(type, value);
    if (!problem.empty()) {
      return Add("value", absl::StrCat("format_", type), at, problem);
    }
    if (type == "code") Code(value.string_value(), element, at);
  }

  void Code(std::string_view code, const Element& element,
            const std::string& at) {
    if (element.value_set.empty()) return;
    const char* codes = CodesOf(element.value_set);
    if (codes == nullptr || HasCode(codes, code)) return;
    const std::string_view legal(codes);
    Add("code-invalid", "code_unknown", at,
        absl::StrCat("\"", Shown(code), "\" is no code of ",
                     ToAbsl(element.value_set), legal.size() < 200 ? ":" : "",
                     legal.size() < 200
                         ? ToAbsl(legal.substr(0, legal.size() - 1))
                         : ""));
  }

  // A Coding or CodeableConcept bound to a value set: one of its codes must be
  // there, when it has any.
  void CheckBinding(json::Value value, const Element& element,
                    const std::string& at) {
    if (element.value_set.empty()) return;
    const char* codes = CodesOf(element.value_set);
    if (codes == nullptr) return;
    std::vector<json::Value> codings = ListOf(value, "coding");
    if (value.Find("code").is_string()) codings.push_back(value);
    bool any = false;
    for (json::Value coding : codings) {
      const std::string_view code = StringOf(coding, "code");
      if (code.empty()) continue;
      if (HasCode(codes, code)) return;
      any = true;
    }
    if (!any) return;
    Add("code-invalid", "code_unknown", at,
        absl::StrCat("none of its codes is of ", ToAbsl(element.value_set)));
  }

  const R4Model model_;
  const std::optional<TypeId> element_type_ = model_.FindType("Element");
  std::vector<CheckIssue> issues_;
};

}  // namespace

std::vector<CheckIssue> CheckStructure(const json::Document& document) {
  return Checker().Run(document);
}

bool HasError(const std::vector<CheckIssue>& issues) {
  return std::any_of(issues.begin(), issues.end(), [](const CheckIssue& issue) {
    return issue.severity == CheckSeverity::kError;
  });
}

}  // namespace stepwell::fhir
