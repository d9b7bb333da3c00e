// Internal: items of expressions as JSON, and JSON as items.
#ifndef STEPWELL_FHIR_EVAL_VALUES_H_
#define STEPWELL_FHIR_EVAL_VALUES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fhir/json_source.h"
#include "fhir/r4_model.h"
#include "fhirpath/fhirpath.h"
#include "json/json.h"

namespace stepwell::fhir {

// {"type": "...", "value": ...}: type names are FHIR's. All sources of
// `options` are JsonSources; `model` is null without FHIR's types.
void WriteItem(const fhirpath::Value& item,
               const fhirpath::EvaluateOptions& options, const R4Model* model,
               json::Writer* out);
// An array of them.
std::string ItemsToJson(std::span<const fhirpath::Value> items,
                        const fhirpath::EvaluateOptions& options,
                        const R4Model* model);

// The items of a JSON array of booleans, numbers and texts; texts become what
// `type` says, where that is a date, a time or a number.
absl::Status ItemsFromJson(std::string_view text, fhirpath::TypeId type,
                           fhirpath::Collection* out);

// A JSON text as a tree for expressions.
struct Tree {
  std::unique_ptr<json::Document> document;
  std::unique_ptr<JsonSource> source;
};
absl::StatusOr<Tree> ReadTree(std::string_view text, const R4Model* model,
                              uint16_t number);

// The variables of a host: {"name": value}. A value is anything of JSON; an
// array is several items, null is none, a resource has FHIR's types.
class HostVariables {
 public:
  static constexpr size_t kItemsMax = 1'000;

  // `first` is the number of the first source.
  absl::Status Read(std::string_view text, const R4Model* model,
                    uint16_t first);
  // For the compiler, and by the same slots their values.
  const std::vector<fhirpath::Variable>& declared() const { return declared_; }
  const std::vector<fhirpath::Collection>& values() const { return values_; }
  // In the order of their numbers.
  const std::vector<Tree>& trees() const { return trees_; }

 private:
  absl::Status Add(json::Value value, const R4Model* model, uint16_t first,
                   fhirpath::Collection* out);

  std::vector<Tree> trees_;
  std::vector<fhirpath::Variable> declared_;
  std::vector<fhirpath::Collection> values_;
};

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_EVAL_VALUES_H_
