#include "fhirpath/functions.h"

#include <vector>

namespace stepwell::fhirpath {

namespace {

constexpr TypeSet kBooleans = TypeBit(kBooleanType);
constexpr TypeSet kIntegers = TypeBit(kIntegerType);
constexpr TypeSet kNumbers = kIntegers | TypeBit(kDecimalType);
constexpr TypeSet kAmounts = kNumbers | TypeBit(kQuantityType);
constexpr TypeSet kTexts = TypeBit(kStringType);
constexpr TypeSet kMoments =
    TypeBit(kDateType) | TypeBit(kDateTimeType) | TypeBit(kTimeType);
constexpr TypeSet kOrdered = kAmounts | kTexts | kMoments;

// What a function takes; more arguments are as the second. Those that are not
// here take anything. A number stands for a quantity where one is asked for.
struct Signature {
  std::string_view name;
  TypeSet input = kAnyTypes;
  std::array<TypeSet, 2> arguments = {kAnyTypes, kAnyTypes};
};

constexpr Signature kSignatures[] = {
    {"allTrue", kBooleans},
    {"anyTrue", kBooleans},
    {"allFalse", kBooleans},
    {"anyFalse", kBooleans},
    {"skip", kAnyTypes, {kIntegers}},
    {"take", kAnyTypes, {kIntegers}},
    {"sum", kAmounts},
    {"avg", kAmounts},
    {"min", kOrdered},
    {"max", kOrdered},
    {"comparable", kAmounts, {kAmounts}},
    {"trace", kAnyTypes, {kTexts, kAnyTypes}},
    {"sort", kAnyTypes, {kOrdered, kOrdered}},
    {"toQuantity", kAnyTypes, {kTexts}},
    {"convertsToQuantity", kAnyTypes, {kTexts}},
    {"extension", kAnyTypes, {kTexts}},
    {"length", kTexts},
    {"indexOf", kTexts, {kTexts}},
    {"lastIndexOf", kTexts, {kTexts}},
    {"substring", kTexts, {kIntegers, kIntegers}},
    {"startsWith", kTexts, {kTexts}},
    {"endsWith", kTexts, {kTexts}},
    {"contains", kTexts, {kTexts}},
    {"lower", kTexts},
    {"upper", kTexts},
    {"trim", kTexts},
    {"replace", kTexts, {kTexts, kTexts}},
    {"matches", kTexts, {kTexts}},
    {"matchesFull", kTexts, {kTexts}},
    {"replaceMatches", kTexts, {kTexts, kTexts}},
    {"toChars", kTexts},
    {"split", kTexts, {kTexts}},
    {"join", kTexts, {kTexts}},
    {"encode", kTexts, {kTexts}},
    {"decode", kTexts, {kTexts}},
    {"escape", kTexts, {kTexts}},
    {"unescape", kTexts, {kTexts}},
    {"abs", kAmounts},
    {"ceiling", kNumbers},
    {"floor", kNumbers},
    {"truncate", kNumbers},
    {"round", kNumbers, {kIntegers}},
    {"sqrt", kNumbers},
    {"exp", kNumbers},
    {"ln", kNumbers},
    {"log", kNumbers, {kNumbers}},
    {"power", kNumbers, {kNumbers}},
    {"lowBoundary", kAmounts | kMoments, {kIntegers}},
    {"highBoundary", kAmounts | kMoments, {kIntegers}},
    {"precision", kAmounts | kMoments},
};

struct Hiding {
  std::string_view name;
  uint8_t hides;
};

// A guard that protects somebody may not hide that these are missing. The
// result of every function that is not here is missing when what it reads is.
constexpr Hiding kHiding[] = {
    {"empty", kHidesInput},
    {"exists", kHidesInput | kHidesArgument},
    {"all", kHidesInput | kHidesArgument},
    {"count", kHidesInput},
    {"allTrue", kHidesInput},
    {"anyTrue", kHidesInput},
    {"allFalse", kHidesInput},
    {"anyFalse", kHidesInput},
    {"subsetOf", kHidesInput | kHidesArgument},
    {"supersetOf", kHidesInput | kHidesArgument},
    {"isDistinct", kHidesInput},
    {"hasValue", kHidesInput},
    {"exclude", kHidesArgument},
    {"union", kHidesInput | kHidesArgument},
    {"combine", kHidesInput | kHidesArgument},
    // Of several items these take those that are there.
    {"sum", kHidesInput},
    {"min", kHidesInput},
    {"max", kHidesInput},
    {"avg", kHidesInput},
    {"join", kHidesInput | kHidesArgument},
    // Without the optional argument they answer another question.
    {"round", kHidesArgument},
    {"lowBoundary", kHidesArgument},
    {"highBoundary", kHidesArgument},
    {"toQuantity", kHidesArgument},
    {"convertsToQuantity", kHidesArgument},
    {"substring", kHidesSecond},
    {"iif", kHidesFirst},
    {"coalesce", kHidesAllButLast},
    {"where", kHidesItem},
    {"select", kHidesItem},
    {"sort", kHidesItem},
    {"repeat", kHidesArgument},
    {"repeatAll", kHidesArgument},
    {"aggregate", kHidesInput},
    {"children", kHidesMembers},
    {"descendants", kHidesMembers},
};

void Declare(std::vector<Builtin>* all) {
  for (Builtin& builtin : *all) {
    for (const Hiding& hiding : kHiding) {
      if (builtin.name == hiding.name) builtin.hides = hiding.hides;
    }
  }
  for (const Signature& signature : kSignatures) {
    for (Builtin& builtin : *all) {
      if (builtin.name != signature.name) continue;
      builtin.input_types = signature.input;
      builtin.argument_types = signature.arguments;
    }
  }
}

}  // namespace

std::span<const Builtin> Builtins() {
  static const std::vector<Builtin> kAll = [] {
    std::vector<Builtin> all;
    for (const auto& part :
         {CollectionBuiltins(), IterationBuiltins(), TypeBuiltins(),
          StringBuiltins(), MathBuiltins(), BoundaryBuiltins()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    Declare(&all);
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
