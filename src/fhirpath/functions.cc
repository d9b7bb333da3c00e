#include "fhirpath/functions.h"

#include <vector>

namespace stepwell::fhirpath {

std::span<const Builtin> Builtins() {
  static const std::vector<Builtin> kAll = [] {
    std::vector<Builtin> all;
    for (const auto& part :
         {CollectionBuiltins(), IterationBuiltins(), TypeBuiltins(),
          StringBuiltins(), MathBuiltins(), BoundaryBuiltins()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

int FindBuiltin(std::string_view name) {
  const std::span<const Builtin> all = Builtins();
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace stepwell::fhirpath
