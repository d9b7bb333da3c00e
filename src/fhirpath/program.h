// Internal: the flat program that the compiler writes and the VM runs. Ops
// come in postorder over a stack of collections; bodies of where(), iif() and
// their like follow their op and are skipped by the main line.
#ifndef STEPWELL_FHIRPATH_PROGRAM_H_
#define STEPWELL_FHIRPATH_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fhirpath/fhirpath.h"

namespace re2 {
class RE2;
}

namespace stepwell::fhirpath {

enum class Code : uint8_t {
  kThis,          // push $this
  kIndex,         // push $index
  kTotal,         // push $total
  kConstant,      // push constants[a]
  kEmpty,         // push {}
  kVariable,      // push variables[a]
  kLocal,         // push local a (defineVariable)
  kContext,       // push %context
  kResource,      // push %resource
  kRootResource,  // push %rootResource
  kMember,        // top = its members (a id, b name)
  kThisMember,    // push $this's members
  kRootType,      // push $this where it is of types[a]
  kIndexer,       // pop index
  kNegate,
  kPositive,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kDiv,
  kMod,
  kConcatenate,
  kEqual,
  kNotEqual,
  kEquivalent,
  kNotEquivalent,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kUnion,
  kIn,
  kContains,
  kIs,
  kAs,
  kOfType,  // of types[a]
  kAndTest,
  kOrTest,
  kImpliesTest,  // decided by the left: jump to a
  kAnd,
  kOr,
  kXor,
  kImplies,
  kCall,    // builtin a with n arguments on the stack
  kLambda,  // builtin a over bodies b..b+n; continue at bodies' end
  kHost,    // host function a with n arguments
};

struct Op {
  Code code = Code::kEmpty;
  uint8_t n = 0;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t c = 0;      // a constant pattern + 1, a local's slot; b and c of
                       // extension(): ids of its members
  uint32_t begin = 0;  // text of the sub-expression
  uint32_t end = 0;
  uint32_t at = 0;  // where errors point to
};

struct Body {
  uint32_t begin = 0;  // ops
  uint32_t end = 0;
  bool descending = false;  // a key of sort()
};

// A named type: in either space, or in none that the host has.
struct TypeName {
  TypeId system = kAnyType;
  TypeId model = kAnyType;
  std::string text;
};

struct ProgramData {
  std::string text;
  std::vector<Op> ops;
  std::vector<Body> bodies;
  std::vector<Value> constants;
  std::vector<std::string> names;
  std::vector<TypeName> types;
  std::vector<const HostFunction*> hosts;
  std::vector<std::unique_ptr<re2::RE2>> patterns;  // per constant pattern
  const Model* model = nullptr;
  uint32_t stack_max = 0;
  uint32_t locals = 0;
  TypeId result_type = kAnyType;
  bool result_many = true;
  bool result_nullable = true;
  bool uses_now = false;
  std::vector<std::vector<std::string>> reads;
  std::vector<int> variables_read;
  std::vector<DefinitePlace> definite_places;
  std::vector<ComparedText> compared_texts;

  ProgramData();
  ~ProgramData();
};

// How many stack slots an op takes as operands.
int OperandsOf(const Op& op);

// A regular expression in FHIRPath's dialect: dot matches line ends, linear
// time, bounded memory. `full` anchors it at both ends.
std::unique_ptr<re2::RE2> MakePattern(std::string_view text, bool full);
// What is wrong with one that is not ok().
std::string PatternProblem(const re2::RE2& pattern);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_PROGRAM_H_
