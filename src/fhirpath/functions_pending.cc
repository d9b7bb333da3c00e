#include "fhirpath/functions.h"
namespace stepwell::fhirpath {
std::span<const Builtin> StringBuiltins() { return {}; }
std::span<const Builtin> MathBuiltins() { return {}; }
std::span<const Builtin> BoundaryBuiltins() { return {}; }
}  // namespace stepwell::fhirpath
