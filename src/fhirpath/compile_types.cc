// What operands may meet, as far as their types are known before evaluation.
#include "fhirpath/compiler.h"

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
  return l == r && l != kBooleanType;
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
    case Code::kIn:
      return "in";
    case Code::kContains:
      return "contains";
    default:
      return "";
  }
}

}  // namespace

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
  if (code == Code::kEquivalent || code == Code::kNotEquivalent ||
      code == Code::kConcatenate || code == Code::kContains) {
    Definite(left.nullable ? left : right, SymbolOf(code), at);
  } else if (code == Code::kIn) {
    Definite(right, SymbolOf(code), at);
  }
  CheckEqual(code, left, right, at, end);
  const TypeId l = SystemOf(left.type);
  const TypeId r = SystemOf(right.type);
  if (l == kAnyType || r == kAnyType) return;
  bool fine = true;
  switch (code) {
    case Code::kAdd:
    case Code::kSubtract:
      fine = MayAdd(code, l, r);
      break;
    case Code::kMultiply:
    case Code::kDivide:
      fine = IsMeasure(l) && IsMeasure(r);
      break;
    case Code::kDiv:
    case Code::kMod:
      fine = IsMeasure(l) && IsMeasure(r);
      break;
    case Code::kLess:
    case Code::kLessOrEqual:
    case Code::kGreater:
    case Code::kGreaterOrEqual:
      fine = MayCompare(l, r);
      break;
    default:
      break;
  }
  if (fine) return;
  SemanticError(at, end,
                "`" + std::string(SymbolOf(code)) +
                    "` has no meaning between " + NameOf(left.type) + " and " +
                    NameOf(right.type));
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
    case Code::kContains:
      result.nullable = false;
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
  const TypeId l = SystemOf(left.type);
  const TypeId r = SystemOf(right.type);
  if (!options_.strict_equality || l == kAnyType || r == kAnyType ||
      MayBeEqual(l, r)) {
    return;
  }
  SemanticError(
      at, end,
      NameOf(left.type) + " and " + NameOf(right.type) + " are never equal",
      r == kStringType || l == kStringType ? "only texts stand in quotes" : "");
}

void Compiler::NoteTexts(const Slot& member, const Slot& texts, uint32_t at) {
  if (member.member == 0) return;
  for (const std::string& text : texts.texts) {
    data_->compared_texts.push_back(
        {static_cast<int>(at) + 1, member.member, PathText(member.path), text});
  }
}

void Compiler::CheckNumber(const Slot& slot, uint32_t at, uint32_t end) {
  const TypeId type = SystemOf(slot.type);
  if (type == kAnyType || IsMeasure(type)) return;
  SemanticError(
      at, end,
      "a sign needs a number or quantity, this is a " + NameOf(slot.type),
      "parentheses may be missing: (-1).abs()");
}

}  // namespace stepwell::fhirpath
