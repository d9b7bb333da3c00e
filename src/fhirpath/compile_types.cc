// What operands may meet, as far as their types are known before evaluation.
#include <algorithm>

#include "fhirpath/compiler.h"
#include "fhirpath/quantity.h"

namespace stepwell::fhirpath {
namespace {

bool IsNumber(TypeId t) { return t == kIntegerType || t == kDecimalType; }
bool IsMeasure(TypeId t) { return IsNumber(t) || t == kQuantityType; }
bool IsDate(TypeId t) { return t == kDateType || t == kDateTimeType; }
bool IsTemporal(TypeId t) { return IsDate(t) || t == kTimeType; }

bool MayAdd(Code code, TypeId l, TypeId r) {
  if (IsTemporal(l)) return r == kQuantityType;
  if (code == Code::kAdd && l == kStringType) return r == kStringType;
  return IsMeasure(l) && IsMeasure(r);
}

bool MayCompare(TypeId l, TypeId r) {
  if (IsMeasure(l)) return IsMeasure(r);
  if (IsDate(l)) return IsDate(r);
  return l == r && (l == kStringType || l == kTimeType);
}

bool MayCombine(Code code, TypeId l, TypeId r) {
  switch (code) {
    case Code::kAdd:
    case Code::kSubtract:
      return MayAdd(code, l, r);
    case Code::kMultiply:
    case Code::kDivide:
      return IsMeasure(l) && IsMeasure(r);
    case Code::kDiv:
    case Code::kMod:
      return IsNumber(l) && IsNumber(r);
    case Code::kConcatenate:
      return l == kStringType && r == kStringType;
    case Code::kLess:
    case Code::kLessOrEqual:
    case Code::kGreater:
    case Code::kGreaterOrEqual:
      return MayCompare(l, r);
    default:
      return true;
  }
}

// True when some type of `left` may meet some of `right`.
template <class May>
bool AnyPair(TypeSet left, TypeSet right, const May& may) {
  for (TypeId l = kBooleanType; l <= kTypeInfoType; ++l) {
    if ((left & TypeBit(l)) == 0) continue;
    for (TypeId r = kBooleanType; r <= kTypeInfoType; ++r) {
      if ((right & TypeBit(r)) != 0 && may(l, r)) return true;
    }
  }
  return false;
}

constexpr TypeSet kMeasures =
    TypeBit(kIntegerType) | TypeBit(kDecimalType) | TypeBit(kQuantityType);

// "Integer, Decimal or Quantity"
std::string NamesOf(TypeSet types) {
  std::vector<std::string> names;
  for (TypeId type = kBooleanType; type <= kTypeInfoType; ++type) {
    if ((types & TypeBit(type)) == 0) continue;
    names.emplace_back(SystemTypeName(static_cast<Kind>(type)));
  }
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string WithArticle(const std::string& name) {
  const bool vowel = name.find_first_of("AEIOaeio") == 0;
  return (vowel ? "an " : "a ") + name;
}

// How `given` may become what is wanted.
std::string ConversionHint(TypeSet given, TypeSet wanted) {
  if (given == 0) return "name an element of it that holds a plain value";
  if (wanted == TypeBit(kStringType)) return "toString() makes a text of it";
  if ((given & TypeBit(kStringType)) != 0 && (wanted & kMeasures) != 0) {
    return "toInteger() and toDecimal() read a number from a text";
  }
  return "";
}

// How the two could meet; `literal`: one of them is a text in quotes.
std::string PairHint(Code code, TypeSet l, TypeSet r, bool literal) {
  if (l == 0 || r == 0) return ConversionHint(0, 0);
  constexpr TypeSet kText = TypeBit(kStringType);
  if ((l == kText) == (r == kText)) return "";
  if (code == Code::kConcatenate) return ConversionHint(l | r, kText);
  if (literal) return "only texts stand in quotes";
  return ((l | r) & kMeasures) != 0 ? ConversionHint(kText, kMeasures) : "";
}

bool MayBeEqual(TypeId l, TypeId r) {
  return l == r || (IsMeasure(l) && IsMeasure(r)) || (IsDate(l) && IsDate(r));
}

std::string_view SymbolOf(Code code) {
  switch (code) {
    case Code::kAdd:
      return "+";
    case Code::kSubtract:
      return "-";
    case Code::kMultiply:
      return "*";
    case Code::kDivide:
      return "/";
    case Code::kDiv:
      return "div";
    case Code::kMod:
      return "mod";
    case Code::kLess:
      return "<";
    case Code::kLessOrEqual:
      return "<=";
    case Code::kGreater:
      return ">";
    case Code::kGreaterOrEqual:
      return ">=";
    case Code::kEquivalent:
      return "~";
    case Code::kNotEquivalent:
      return "!~";
    case Code::kConcatenate:
      return "&";
    case Code::kUnion:
      return "|";
    case Code::kIn:
      return "in";
    case Code::kContains:
      return "contains";
    default:
      return "";
  }
}

}  // namespace

TypeSet Compiler::TypesOf(const Slot& slot) const {
  if (slot.type == kAnyType) return kAnyTypes;
  if (slot.type < kFirstModelType) return TypeBit(slot.type);
  return model_ == nullptr ? kAnyTypes : model_->SystemTypes(slot.type);
}

TypeId Compiler::SystemOf(TypeId type) const {
  if (type < kFirstModelType) return type;
  return model_ == nullptr ? kAnyType : model_->SystemType(type);
}

std::string Compiler::NameOf(TypeId type) const {
  if (type == kAnyType) return "";
  if (type < kFirstModelType) {
    return std::string(SystemTypeName(static_cast<Kind>(type)));
  }
  return model_ == nullptr ? "" : model_->TypePath(type);
}

void Compiler::CheckBinary(Code code, const Slot& left, const Slot& right,
                           uint32_t at, uint32_t end) {
  // What a value is looked for in, and either side of the others.
  if (code == Code::kEquivalent || code == Code::kNotEquivalent ||
      code == Code::kConcatenate || code == Code::kUnion) {
    Definite(left.nullable ? left : right, SymbolOf(code), at);
  } else if (code == Code::kIn || code == Code::kContains) {
    Definite(code == Code::kIn ? right : left, SymbolOf(code), at);
  }
  CheckEqual(code, left, right, at, end);
  if (SymbolOf(code).empty() || code == Code::kEquivalent ||
      code == Code::kNotEquivalent || code == Code::kIn ||
      code == Code::kContains || code == Code::kUnion) {
    return;
  }
  const TypeSet l = TypesOf(left);
  const TypeSet r = TypesOf(right);
  const bool fine = AnyPair(
      l, r, [code](TypeId a, TypeId b) { return MayCombine(code, a, b); });
  const std::string symbol = "`" + std::string(SymbolOf(code)) + "`";
  if (fine && CheckTimeUnit(left, right)) return;
  if (fine) {
    return SemanticError(
        at, end, symbol + " needs a time to add here",
        std::string(l == TypeBit(kTimeType) ? ""
                                            : "years, months, weeks, days, ") +
            "hours, minutes, seconds or milliseconds");
  }
  const bool literal = !left.texts.empty() || !right.texts.empty();
  const std::string hint = PairHint(code, l, r, literal);
  const std::string a = NameOf(left.type), b = NameOf(right.type);
  SemanticError(at, end,
                symbol + " has no meaning " +
                    (a.empty() || b.empty() ? "with " + WithArticle(a + b)
                                            : "between " + a + " and " + b),
                hint);
}

// False: a constant that is no time is added to a date or time.
bool Compiler::CheckTimeUnit(const Slot& left, const Slot& right) {
  const TypeId type = SystemOf(left.type);
  if (!IsTemporal(type)) return true;
  const Op& op = data_->ops[right.op];
  if (op.code != Code::kConstant) return true;
  const Value& constant = data_->constants[op.a];
  if (!constant.is(Kind::kQuantity)) return true;
  const auto unit = TimeUnitOf(constant.quantity());
  return unit && (type != kTimeType || *unit > TimeUnit::kDay);
}

// as() and ofType() of what can never be of the type.
void Compiler::CheckMayBe(const Slot& slot, const TypeName& type,
                          uint32_t begin, uint32_t end) {
  if (slot.type == kAnyType || (type.system == 0 && type.model == 0)) return;
  if (slot.type < kFirstModelType) {
    if (type.system == slot.type) return;
  } else {
    std::vector<TypeId> types = model_->ChoiceTypes(slot.type);
    if (types.empty()) types.push_back(slot.type);
    for (const TypeId own : types) {
      if (type.model == kAnyType) continue;
      // Siblings of one System type, a code and an id, are merely empty.
      if (model_->IsSubtype(own, type.model) ||
          model_->IsSubtype(type.model, own) ||
          (model_->SystemTypes(own) & model_->SystemTypes(type.model)) != 0) {
        return;
      }
    }
  }
  const std::string name = NameOf(slot.type);
  std::string hint;
  if (slot.type >= kFirstModelType && type.model == kAnyType) {
    std::string lower = type.text;
    if (!lower.empty() && lower[0] < 'a') lower[0] += 'a' - 'A';
    if (model_->FindType(lower)) hint = "did you mean `" + lower + "`?";
  }
  SemanticError(begin, end,
                WithArticle(name) + " is never " + WithArticle(type.text),
                hint);
}

void Compiler::CheckTakes(const std::string& function, int argument,
                          TypeSet wanted, const Slot& slot, uint32_t begin,
                          uint32_t end) {
  const TypeSet given = TypesOf(slot);
  if (wanted == kAnyTypes || (given & wanted) != 0) return;
  std::string message = function + "() takes " + WithArticle(NamesOf(wanted));
  if (argument > 0) message += " as argument " + std::to_string(argument);
  const std::string name = NameOf(slot.type);
  if (!name.empty()) message += ", not " + WithArticle(name);
  SemanticError(begin, end, std::move(message), ConversionHint(given, wanted));
}

void Compiler::CheckArguments(const TokenInfo& name, TypeSet input_types,
                              std::span<const TypeSet> argument_types,
                              const Slot& input,
                              const std::vector<Slot>& arguments) {
  CheckTakes(name.text, 0, input_types, input, name.begin, name.end);
  if (argument_types.empty()) return;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const size_t which = std::min(i, argument_types.size() - 1);
    const Op& op = data_->ops[arguments[i].op];
    CheckTakes(name.text, static_cast<int>(i) + 1, argument_types[which],
               arguments[i], op.begin, op.end);
  }
}

Compiler::Slot Compiler::BinaryResult(Code code, const Slot& left,
                                      const Slot& right) const {
  Slot result;
  result.nullable = left.nullable || right.nullable;
  const TypeId l = SystemOf(left.type);
  const TypeId r = SystemOf(right.type);
  switch (code) {
    case Code::kUnion:
      result.type = left.type == right.type ? left.type : kAnyType;
      result.texts = left.texts;
      result.texts.insert(result.texts.end(), right.texts.begin(),
                          right.texts.end());
      result.many = true;
      result.nullable = left.nullable && right.nullable;
      return result;
    case Code::kAdd:
    case Code::kSubtract:
    case Code::kMultiply:
      result.type = l == kIntegerType && r == kIntegerType ? kIntegerType
                    : IsNumber(l) && IsNumber(r)           ? kDecimalType
                    : IsTemporal(l) || l == kStringType    ? l
                                                           : kAnyType;
      if (code == Code::kMultiply && result.type == kStringType) {
        result.type = kAnyType;
      }
      result.nullable = result.nullable || result.type != kIntegerType;
      return result;
    case Code::kDivide:
      result.type = IsNumber(l) && IsNumber(r) ? kDecimalType : kAnyType;
      result.nullable = true;
      return result;
    case Code::kDiv:
    case Code::kMod:
      result.type =
          l == kIntegerType && r == kIntegerType ? kIntegerType : kAnyType;
      result.nullable = true;
      return result;
    case Code::kConcatenate:
      result.type = kStringType;
      result.nullable = false;
      return result;
    case Code::kEquivalent:
    case Code::kNotEquivalent:
      result.nullable = false;
      break;
    case Code::kContains:
      result.nullable = right.nullable;
      break;
    case Code::kIn:
      result.nullable = left.nullable;
      break;
    default:
      break;
  }
  result.type = kBooleanType;
  return result;
}

void Compiler::CheckEqual(Code code, const Slot& left, const Slot& right,
                          uint32_t at, uint32_t end) {
  const bool equality = code == Code::kEqual || code == Code::kNotEqual ||
                        code == Code::kEquivalent ||
                        code == Code::kNotEquivalent;
  if (!equality && code != Code::kIn) return;
  NoteTexts(left, right, at);
  if (equality) NoteTexts(right, left, at);
  const TypeSet l = TypesOf(left);
  const TypeSet r = TypesOf(right);
  if (!options_.strict_equality || l == kAnyTypes || r == kAnyTypes ||
      (l == 0 && r == 0) || AnyPair(l, r, MayBeEqual)) {
    return;
  }
  const bool text = ((l | r) & TypeBit(kStringType)) != 0;
  SemanticError(
      at, end,
      NameOf(left.type) + " and " + NameOf(right.type) + " are never equal",
      l == 0 || r == 0 ? ConversionHint(0, 0)
      : text           ? "only texts stand in quotes"
                       : "");
}

void Compiler::NoteTexts(const Slot& member, const Slot& texts, uint32_t at) {
  if (member.member == 0) return;
  for (const std::string& text : texts.texts) {
    data_->compared_texts.push_back(
        {static_cast<int>(at) + 1, member.member, PathText(member.path), text});
  }
}

void Compiler::CheckNumber(const Slot& slot, uint32_t at, uint32_t end) {
  if ((TypesOf(slot) & kMeasures) != 0) return;
  SemanticError(
      at, end,
      "a sign needs a number or quantity, this is a " + NameOf(slot.type),
      "parentheses may be missing: (-1).abs()");
}

}  // namespace stepwell::fhirpath
