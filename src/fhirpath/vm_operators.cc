// Operators: three-valued logic, comparison, arithmetic, membership, types.
#include "fhirpath/quantity.h"
#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

std::string Describe(const Value& value) {
  return "System." + std::string(SystemTypeName(value.kind()));
}

void SetTruth(Tri truth, Collection* out) {
  if (truth == Tri::kUnknown) {
    out->clear();
  } else {
    out->SetOnly(Value::Boolean(truth == Tri::kTrue));
  }
}

Tri Not(Tri truth) {
  return truth == Tri::kTrue    ? Tri::kFalse
         : truth == Tri::kFalse ? Tri::kTrue
                                : Tri::kUnknown;
}

Tri Combine(Code code, Tri l, Tri r) {
  switch (code) {
    case Code::kAnd:
      if (l == Tri::kFalse || r == Tri::kFalse) return Tri::kFalse;
      return l == Tri::kTrue && r == Tri::kTrue ? Tri::kTrue : Tri::kUnknown;
    case Code::kOr:
      if (l == Tri::kTrue || r == Tri::kTrue) return Tri::kTrue;
      return l == Tri::kFalse && r == Tri::kFalse ? Tri::kFalse : Tri::kUnknown;
    case Code::kImplies:
      return Combine(Code::kOr, Not(l), r);
    default:
      if (l == Tri::kUnknown || r == Tri::kUnknown) return Tri::kUnknown;
      return l == r ? Tri::kFalse : Tri::kTrue;
  }
}

// What a FHIR type is in the System namespace.
TypeId SystemOf(const ProgramData& program, TypeId own) {
  return own >= kFirstModelType && program.model != nullptr
             ? program.model->SystemType(own)
             : own;
}

}  // namespace

bool Vm::FailMany(const Collection& items, std::string_view what) {
  return Fail(std::string(what) + " takes one item, here are " +
              std::to_string(items.size()));
}

bool Vm::TruthOfAny(const Collection& items, Tri* out) {
  *out = Tri::kUnknown;
  if (items.empty()) return true;
  if (items.size() > 1) {
    return Fail("a truth value is one item, here are " +
                std::to_string(items.size()));
  }
  const Value& item = items[0];
  *out = Tri::kTrue;
  if (item.is(Kind::kBoolean)) {
    if (!item.boolean()) *out = Tri::kFalse;
  } else if (item.is_node()) {
    const auto plain = Plain(item);
    if (plain && plain->is(Kind::kBoolean)) {
      if (!plain->boolean()) *out = Tri::kFalse;
    } else if (plain && SystemOf(program_, TypeOf(item)) == kBooleanType) {
      return Fail("a boolean of the resource holds a " + Describe(*plain) +
                  ", not true or false");
    } else if (!plain && LacksValue(item) && !IsQuantity(item)) {
      *out = Tri::kUnknown;  // a quantity is there, whatever it holds
    }
  }
  return true;
}

bool Vm::IsQuantity(const Value& item) const {
  return SystemOf(program_, TypeOf(item)) == kQuantityType;
}

bool Vm::TextIn(const Collection& items, std::string_view what,
                std::optional<Value>* read,
                std::optional<std::string_view>* out) {
  out->reset();
  if (items.empty()) return true;
  if (!AtMostOne(items, what)) return false;
  const Value* plain = PlainIn(items[0], read);
  if (plain == nullptr || !plain->is(Kind::kString)) {
    return plain == nullptr && LacksValue(items[0]) ? true
                                                    : FailNoText(plain, what);
  }
  *out = plain->string();
  return true;
}

bool Vm::FailNoText(const Value* plain, std::string_view what) {
  return Fail(std::string(what) + " takes a String, not a " +
              (plain != nullptr ? Describe(*plain) : "complex item"));
}

bool Vm::StringOf(const Collection& items, std::string_view what,
                  std::optional<Value>* out) {
  out->reset();
  if (items.empty()) return true;
  if (!AtMostOne(items, what)) return false;
  auto plain = Plain(items[0]);
  if (!plain && LacksValue(items[0])) return true;
  if (!plain || !plain->is(Kind::kString)) {
    return FailNoText(plain ? &*plain : nullptr, what);
  }
  *out = std::move(plain);
  return true;
}

bool Vm::IntegerOf(const Collection& items, std::string_view what,
                   std::optional<int64_t>* out) {
  out->reset();
  if (items.empty()) return true;
  if (!AtMostOne(items, what)) return false;
  const auto plain = Plain(items[0]);
  if (!plain && LacksValue(items[0])) return true;
  if (!plain || !plain->is(Kind::kInteger)) {
    return Fail(std::string(what) + " takes an Integer, not a " +
                (plain ? Describe(*plain) : "complex item"));
  }
  *out = plain->integer();
  return true;
}

bool Vm::ExecuteTest(const Op& op, uint32_t* next) {
  Tri left;
  if (!TruthOf(stack(0), &left)) return false;
  const bool decided =
      op.code == Code::kOrTest ? left == Tri::kTrue : left == Tri::kFalse;
  if (!decided) return true;
  stack(0).SetOnly(Value::Boolean(op.code != Code::kAndTest));
  *next = op.a;
  return true;
}

bool Vm::ExecuteLogic(const Op& op) {
  Tri left, right;
  if (!TruthOf(stack(1), &left) || !TruthOf(stack(0), &right)) return false;
  Pop();
  SetTruth(Combine(op.code, left, right), &stack(0));
  return true;
}

bool Vm::ExecuteEquality(const Op& op) {
  const Collection& right = stack(0);
  Collection& left = stack(1);
  Tri truth;
  if (op.code == Code::kEqual || op.code == Code::kNotEqual) {
    if (!EqualItems(left, right, &truth)) return false;
    if (op.code == Code::kNotEqual) truth = Not(truth);
  } else {
    bool same;
    if (!EquivalentItems(left, right, &same)) return false;
    truth = same == (op.code == Code::kEquivalent) ? Tri::kTrue : Tri::kFalse;
  }
  Pop();
  SetTruth(truth, &stack(0));
  return true;
}

bool Vm::ExecuteComparison(const Op& op) {
  const Collection& right = stack(0);
  Collection& left = stack(1);
  Tri truth = Tri::kUnknown;
  if (!left.empty() && !right.empty()) {
    if (!AtMostOne(left, "a comparison") || !AtMostOne(right, "a comparison")) {
      return false;
    }
    std::optional<Value> a_read, b_read;
    const Value* a = PlainIn(left[0], &a_read);
    const Value* b = PlainIn(right[0], &b_read);
    if (!StepTexts(a, b)) return false;
    Ordering order = Ordering::kUnknown;
    if (a == nullptr || b == nullptr) {
      if (!Missing(left[0], a) && !Missing(right[0], b)) {
        return Fail("a complex item has no order");
      }
    } else if (!CompareValues(*a, *b, &order)) {
      return Fail("a " + Describe(*a) + " and a " + Describe(*b) +
                  " have no order between them");
    }
    if (order != Ordering::kUnknown) {
      const bool less = order == Ordering::kLess;
      const bool more = order == Ordering::kGreater;
      const bool holds = op.code == Code::kLess          ? less
                         : op.code == Code::kGreater     ? more
                         : op.code == Code::kLessOrEqual ? !more
                                                         : !less;
      truth = holds ? Tri::kTrue : Tri::kFalse;
    }
  }
  Pop();
  SetTruth(truth, &stack(0));
  return true;
}

bool Vm::ExecuteArithmetic(const Op& op) {
  const Collection& right = stack(0);
  Collection& left = stack(1);
  std::optional<Value> result;
  if (!left.empty() && !right.empty()) {
    if (!AtMostOne(left, "arithmetic") || !AtMostOne(right, "arithmetic")) {
      return false;
    }
    std::optional<Value> a_read, b_read;
    const Value* a = PlainIn(left[0], &a_read);
    const Value* b = PlainIn(right[0], &b_read);
    if (!StepTexts(a, b)) return false;
    if (a == nullptr || b == nullptr) {
      if (!Missing(left[0], a) && !Missing(right[0], b)) {
        return Fail("arithmetic takes plain values");
      }
    } else if (!Arithmetic(op.code, *a, *b, &result)) {
      return Fail("no such arithmetic between a " + Describe(*a) + " and a " +
                  Describe(*b));
    }
  }
  if (result && result->is(Kind::kString) &&
      result->string().size() > options_.limits.items_max) {
    return FailSize();
  }
  Pop();
  if (result) {
    stack(0).SetOnly(std::move(*result));
  } else {
    stack(0).clear();
  }
  return true;
}

bool Vm::ExecuteSign(const Op& op) {
  Collection& items = stack(0);
  if (items.empty()) return true;
  if (!AtMostOne(items, "a sign")) return false;
  const auto plain = Plain(items[0]);
  if (!plain && LacksValue(items[0])) return items.clear(), true;
  if (!plain || !(plain->is_number() || plain->is(Kind::kQuantity))) {
    return Fail("a sign needs a number or quantity");
  }
  if (op.code == Code::kPositive) return true;
  if (plain->is(Kind::kInteger)) {
    const auto negated = Negated(plain->integer());
    items.clear();
    if (negated) items.push_back(Value::Integer(*negated));
  } else if (plain->is(Kind::kDecimal)) {
    items.SetOnly(Value::Of(plain->decimal().Negated()));
  } else {
    Quantity quantity = plain->quantity();
    quantity.value = quantity.value.Negated();
    items.SetOnly(Value::Of(std::move(quantity)));
  }
  return true;
}

bool Vm::ExecuteConcatenate() {
  const Value* left = QuickPlain(stack(1));
  const Value* right = QuickPlain(stack(0));
  if (left == nullptr || !left->is(Kind::kString) || right == nullptr ||
      !right->is(Kind::kString)) {
    return ConcatenateAny();
  }
  const std::string_view a = left->string(), b = right->string();
  if (a.size() + b.size() > options_.limits.items_max) return FailSize();
  if (!StepBytes(a.size() + b.size())) return false;
  Value text = Value::Text(a, b);
  Pop();
  stack(0).SetOnly(std::move(text));
  return true;
}

// Operands that are missing, are to be read, or are no texts.
bool Vm::ConcatenateAny() {
  std::optional<Value> left_read, right_read;
  std::optional<std::string_view> left, right;
  if (!TextIn(stack(1), "&", &left_read, &left) ||
      !TextIn(stack(0), "&", &right_read, &right)) {
    return false;
  }
  const std::string_view a = left.value_or("");
  const std::string_view b = right.value_or("");
  if (a.size() + b.size() > options_.limits.items_max) return FailSize();
  if (!StepBytes(a.size() + b.size())) return false;
  Value text = Value::Text(a, b);
  Pop();
  stack(0).SetOnly(std::move(text));
  return true;
}

bool Vm::ExecuteMembership(const Op& op) {
  Collection& right = stack(0);
  Collection& left = stack(1);
  if (op.code == Code::kUnion) {
    left.AppendMoved(right);
    Pop();
    return CheckSize(stack(0)) && Distinct(&stack(0));
  }
  const Collection& one = op.code == Code::kIn ? left : right;
  const Collection& many = op.code == Code::kIn ? right : left;
  Tri truth = Tri::kUnknown;
  if (!one.empty() && !LacksValue(one)) {
    if (!AtMostOne(one, op.code == Code::kIn ? "the left of in"
                                             : "the right of contains")) {
      return false;
    }
    bool held = false;
    if (!Holds(many, one[0], &held)) return false;
    truth = held ? Tri::kTrue : Tri::kFalse;
  }
  Pop();
  SetTruth(truth, &stack(0));
  return true;
}

// --- Types ------------------------------------------------------------------

TypeId Vm::TypeOf(const Value& item) const {
  if (!item.is_node()) return SystemTypeOf(item.kind());
  const Source* source = SourceOf(item.node());
  return source == nullptr ? kAnyType : source->TypeOf(item.node().index);
}

bool Vm::IsType(const Value& item, const TypeName& type) const {
  if (!item.is_node()) {
    return type.system != kAnyType && SystemTypeOf(item.kind()) == type.system;
  }
  if (type.model == kAnyType || program_.model == nullptr) return false;
  const TypeId own = TypeOf(item);
  return own != kAnyType && program_.model->IsSubtype(own, type.model);
}

bool Vm::AsType(const Value& item, const TypeName& type) const {
  if (!IsType(item, type)) return false;
  if (!item.is_node()) return true;
  const TypeId own = TypeOf(item);
  return own == type.model || !program_.model->IsPrimitive(own);
}

TypeInfo Vm::InfoOf(const Value& item) const {
  if (!item.is_node()) {
    return {"System", std::string(SystemTypeName(item.kind())), "System.Any"};
  }
  const TypeId own = TypeOf(item);
  const Model* model = program_.model;
  if (own == kAnyType || model == nullptr) {
    const auto plain = Plain(item);
    return plain ? InfoOf(*plain) : TypeInfo{"", "", ""};
  }
  const std::string space(model->Namespace());
  const TypeId base = model->BaseType(own);
  return {space, model->TypeName(own),
          base == kAnyType ? "" : space + "." + model->TypeName(base)};
}

std::string TypeNameOf(const Value& value, const EvaluateOptions& options,
                       const Model* model) {
  if (!value.is_node()) return std::string(SystemTypeName(value.kind()));
  const Node node = value.node();
  if (node.source >= options.sources.size()) return "";
  const Source& source = *options.sources[node.source];
  const TypeId type = source.TypeOf(node.index);
  if (type != kAnyType && model != nullptr) return model->TypeName(type);
  const auto plain = source.Primitive(node.index);
  return plain ? std::string(SystemTypeName(plain->kind())) : "";
}

}  // namespace stepwell::fhirpath
