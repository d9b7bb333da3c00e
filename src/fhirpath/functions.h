// Internal: the table of built-in functions: what the compiler must know of
// each, and the code the VM calls.
#ifndef STEPWELL_FHIRPATH_FUNCTIONS_H_
#define STEPWELL_FHIRPATH_FUNCTIONS_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fhirpath/program.h"

namespace stepwell::fhirpath {

class Vm;

enum class Takes : uint8_t {
  kValues,  // arguments are evaluated before the call, in the outer context
  kBodies,  // arguments are evaluated by the function, item by item
  kType,    // one type name
};

enum class Gives : uint8_t {
  kInput,      // items of the input
  kInputItem,  // at most one item of the input
  kFixed,      // items of `type`
  kBody,       // what the first body gives
  kBranches,   // what the second or third body gives (iif)
  kJoined,     // input and argument together
  kUnknown,
};

enum class Missing : uint8_t { kNever, kAsInput, kPossible };

// Which parts of a call may be missing and the result be definite all the same.
enum Hides : uint8_t {
  kHidesNothing = 0,
  kHidesInput = 1,
  kHidesArgument = 2,  // any argument
  kHidesFirst = 4,
  kHidesSecond = 8,
  kHidesAllButLast = 16,  // an argument that another one stands in for
  kHidesItem = 32,        // the argument of one item, when there are several
  kHidesMembers = 64,     // members of the input, whatever they are
};

struct Builtin {
  std::string_view name;
  int8_t arguments_min = 0;
  int8_t arguments_max = 0;
  Takes takes = Takes::kValues;
  Gives gives = Gives::kUnknown;
  TypeId type = kAnyType;  // for kFixed
  bool many = false;       // the result may have several items
  Missing missing = Missing::kAsInput;
  // Works in place on `input`; false after Vm::Fail.
  bool (*call)(Vm&, Collection& input,
               std::span<Collection> arguments) = nullptr;
  bool (*run)(Vm&, Collection& input, std::span<const Body> bodies) = nullptr;
  // What an item of the input and of each argument may be; of bodies too. This
  // and `hides` are filled in by Builtins().
  TypeSet input_types = kAnyTypes;
  std::array<TypeSet, 2> argument_types = {kAnyTypes, kAnyTypes};
  uint8_t hides = kHidesNothing;
};

std::span<const Builtin> Builtins();
// The index in Builtins(), or -1.
int FindBuiltin(std::string_view name);

// The tables the parts bring; Builtins() is all of them in this order.
std::span<const Builtin> CollectionBuiltins();
std::span<const Builtin> IterationBuiltins();
std::span<const Builtin> TypeBuiltins();
std::span<const Builtin> StringBuiltins();
std::span<const Builtin> MathBuiltins();
std::span<const Builtin> BoundaryBuiltins();

// The name among `names` nearest to `name`, as "did you mean `x`?", or empty.
std::string NearestHint(std::string_view name,
                        std::span<const std::string> names);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_FUNCTIONS_H_
