// Internal: the shape of the generated table of required codes of FHIR R4.
#ifndef STEPWELL_FHIR_R4_CODES_DATA_H_
#define STEPWELL_FHIR_R4_CODES_DATA_H_

#include <cstddef>

namespace stepwell::fhir::r4 {

struct CodeSet {
  const char* name;   // "task-status": the last part of its URL
  const char* codes;  // sorted, a blank before and after each
};
extern const CodeSet kCodeSets[];  // sorted by name
extern const size_t kCodeSetCount;

}  // namespace stepwell::fhir::r4

#endif  // STEPWELL_FHIR_R4_CODES_DATA_H_
