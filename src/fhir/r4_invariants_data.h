// Internal: the shape of the generated table of invariants of FHIR R4.
#ifndef STEPWELL_FHIR_R4_INVARIANTS_DATA_H_
#define STEPWELL_FHIR_R4_INVARIANTS_DATA_H_

#include <cstddef>

namespace stepwell::fhir::r4 {

struct Invariant {
  const char* path;  // a type, or a member of one: "Patient.contact"
  const char* key;   // "pat-1"
  bool error;        // false: a warning
  const char* human;
  const char* expression;
};
extern const Invariant kInvariants[];  // sorted by path
extern const size_t kInvariantCount;

}  // namespace stepwell::fhir::r4

#endif  // STEPWELL_FHIR_R4_INVARIANTS_DATA_H_
