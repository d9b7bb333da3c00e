// The functions FHIR and SDC add to FHIRPath: weight(), ordinal(),
// conformsTo(), htmlChecks().
#ifndef STEPWELL_FHIR_SDC_FUNCTIONS_H_
#define STEPWELL_FHIR_SDC_FUNCTIONS_H_

#include <optional>
#include <vector>

#include "fhir/json_source.h"
#include "fhir/r4_model.h"
#include "fhirpath/fhirpath.h"

namespace stepwell::fhir {

// Where the functions look things up. All must outlive the table.
struct SdcSources {
  const R4Model* model = nullptr;
  // The Questionnaire that the responses answer; may be null.
  const JsonSource* questionnaire = nullptr;
  // ValueSets, CodeSystems, Questionnaires, or Bundles of them.
  std::vector<const JsonSource*> knowledge;
};

// weight() and ordinal(): the itemWeight or ordinalValue of each coded answer,
// looked for on the Coding itself, on the matching answerOption of its item,
// in the item's value set (contained or known), then in a CodeSystem; an
// answer without one gives nothing. conformsTo(url): by type, for the base
// profiles of R4; an error for any other. htmlChecks(): the narrative's XHTML
// has only what FHIR allows.
void AddFhirFunctions(const SdcSources& sources,
                      fhirpath::FunctionTable* functions);

// The weight of the Coding (or answer value) at `node` of `source`.
std::optional<fhirpath::Decimal> WeightOf(const SdcSources& sources,
                                          const JsonSource& source,
                                          uint32_t node);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_SDC_FUNCTIONS_H_
