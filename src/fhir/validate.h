// Is a resource legal R4: its structure (check.h) and the invariants of the
// definitions, evaluated as FHIRPath on every element of their type.
#ifndef STEPWELL_FHIR_VALIDATE_H_
#define STEPWELL_FHIR_VALIDATE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/check.h"
#include "fhir/r4_model.h"
#include "fhirpath/fhirpath.h"
#include "json/json.h"
#include "stepwell/time.h"

namespace stepwell::fhir {

// Compiles an invariant when it is first met. One thread at a time; keep it
// for many resources.
class Validator {
 public:
  // `now` is what now() says; no invariant of R4 asks for it.
  explicit Validator(Instant now = {});
  ~Validator();

  // `document` is one resource. First what is wrong with its structure, then
  // the invariants that do not hold, each in document order. An invariant of
  // severity error is an error, others are warnings. One that gives neither
  // true nor false holds; one that cannot be evaluated is a warning with the
  // key "dom-3?".
  std::vector<CheckIssue> Validate(const json::Document& document);

 private:
  class Run;
  struct Rule {
    size_t row = 0;  // of the table
    // Compiled for the type that it was first met on; null: does not compile.
    std::shared_ptr<const fhirpath::Program> program;
    std::string error;
    bool compiled = false;
  };
  // Indices of rules.
  using Rules = std::vector<size_t>;
  const Rules& RulesOfType(fhirpath::TypeId type);
  const Rules& RulesOfMember(fhirpath::TypeId owner, std::string_view name);
  const Rule& Compiled(size_t rule);

  R4Model model_;
  fhirpath::FunctionTable functions_;
  std::vector<Rule> rules_;
  std::map<std::string, Rules, std::less<>> by_path_;
  std::map<fhirpath::TypeId, Rules> of_type_;
  std::map<std::pair<fhirpath::TypeId, std::string>, Rules> of_member_;
  Instant now_;
};

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_VALIDATE_H_
