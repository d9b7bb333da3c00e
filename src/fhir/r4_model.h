// FHIR R4 4.0.1 as a fhirpath::Model: every resource and datatype, their
// elements, cardinalities and required bindings. Stateless and cheap to make.
#ifndef STEPWELL_FHIR_R4_MODEL_H_
#define STEPWELL_FHIR_R4_MODEL_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhirpath/fhirpath.h"

namespace stepwell::fhir {

class R4Model : public fhirpath::Model {
 public:
  using TypeId = fhirpath::TypeId;

  // With `json_names`, `valueQuantity` is a member too, as forms in the field
  // write it; the standard has only `value`.
  explicit R4Model(bool json_names = false) : json_names_(json_names) {}

  std::optional<Member> FindMember(TypeId owner,
                                   std::string_view name) const override;
  std::vector<std::string> MemberNames(TypeId owner) const override;
  // A backbone element goes by its base: "BackboneElement".
  std::string TypeName(TypeId type) const override;
  // "Patient.contact" for a backbone element.
  std::string TypePath(TypeId type) const override;
  std::string_view Namespace() const override { return "FHIR"; }
  std::optional<TypeId> FindType(std::string_view name) const override;
  bool IsSubtype(TypeId type, TypeId base) const override;
  TypeId BaseType(TypeId type) const override;
  TypeId SystemType(TypeId type) const override;
  fhirpath::TypeSet SystemTypes(TypeId type) const override;
  TypeId ExtensionType() const override;
  TypeId ResourceType() const override;
  bool IsPrimitive(TypeId type) const override;

  bool IsResource(TypeId type) const;
  bool IsAbstract(TypeId type) const;

  // An element with all that a structural check asks.
  struct Element {
    std::string_view name;
    uint32_t id = 0;  // Member::id
    TypeId type = fhirpath::kAnyType;
    bool many = false;
    bool required = false;  // min 1
    bool choice = false;
    std::string_view value_set;  // required binding, `url|version`
  };
  // All elements of a type, inherited ones first.
  std::vector<Element> Elements(TypeId type) const;
  // The element and type that a JSON key stands for: "valueQuantity" is
  // `value` as a Quantity. Only of this very type and its bases.
  std::optional<Element> FindJsonKey(TypeId owner, std::string_view key) const;
  // The types that a choice admits; empty when `type` is no choice.
  std::vector<TypeId> ChoiceTypes(TypeId type) const override;

  // Member::id of an element name, 0 when no type has it; and back.
  static uint32_t NameId(std::string_view name);
  static std::string_view NameOf(uint32_t id);

 private:
  std::optional<Member> FindChoiceMember(TypeId owner,
                                         std::string_view name) const;

  bool json_names_;
};

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_R4_MODEL_H_
