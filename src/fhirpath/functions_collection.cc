// Functions over whole collections: existence, subsetting, set operations.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "fhirpath/quantity.h"
#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

using Arguments = std::span<Collection>;

void SetBoolean(bool truth, Collection* out) {
  out->SetOnly(Value::Boolean(truth));
}

bool Known(Vm&, Collection& input, Arguments) {
  SetBoolean(!input.empty(), &input);
  return true;
}

bool Empty(Vm&, Collection& input, Arguments) {
  SetBoolean(input.empty(), &input);
  return true;
}

bool Not(Vm& vm, Collection& input, Arguments) {
  Tri truth;
  if (!vm.TruthOf(input, &truth)) return false;
  if (truth == Tri::kUnknown) return input.clear(), true;
  SetBoolean(truth == Tri::kFalse, &input);
  return true;
}

bool Count(Vm&, Collection& input, Arguments) {
  input.SetOnly(Value::Integer(static_cast<int64_t>(input.size())));
  return true;
}

// allTrue() and its three relatives.
bool Booleans(Vm& vm, Collection& input, bool all, bool wanted) {
  bool result = all;
  for (const Value& item : input) {
    const auto plain = vm.Plain(item);
    const bool lacks = !plain && vm.LacksValue(item);
    if (!lacks && (!plain || !plain->is(Kind::kBoolean))) {
      return vm.Fail("every item must be a Boolean");
    }
    const bool match = plain && plain->boolean() == wanted;
    result = all ? result && match : result || match;
  }
  SetBoolean(result, &input);
  return true;
}

bool AllTrue(Vm& vm, Collection& input, Arguments) {
  return Booleans(vm, input, true, true);
}
bool AnyTrue(Vm& vm, Collection& input, Arguments) {
  return Booleans(vm, input, false, true);
}
bool AllFalse(Vm& vm, Collection& input, Arguments) {
  return Booleans(vm, input, true, false);
}
bool AnyFalse(Vm& vm, Collection& input, Arguments) {
  return Booleans(vm, input, false, false);
}

bool Within(Vm& vm, const Collection& part, const Collection& whole,
            bool* out) {
  *out = true;
  for (const Value& item : part) {
    bool held;
    if (!vm.Holds(whole, item, &held)) return false;
    if (!held) *out = false;
  }
  return true;
}

bool SubsetOf(Vm& vm, Collection& input, Arguments arguments) {
  bool result;
  if (!Within(vm, input, arguments[0], &result)) return false;
  SetBoolean(result, &input);
  return true;
}

bool SupersetOf(Vm& vm, Collection& input, Arguments arguments) {
  bool result;
  if (!Within(vm, arguments[0], input, &result)) return false;
  SetBoolean(result, &input);
  return true;
}

bool DistinctItems(Vm& vm, Collection& input, Arguments) {
  return vm.Distinct(&input);
}

bool IsDistinct(Vm& vm, Collection& input, Arguments) {
  const size_t size = input.size();
  if (!vm.Distinct(&input)) return false;
  SetBoolean(input.size() == size, &input);
  return true;
}

void Keep(size_t begin, size_t end, Collection* items) {
  begin = std::min(begin, items->size());
  end = std::min(std::max(begin, end), items->size());
  if (begin > 0) {
    for (size_t i = begin; i < end; ++i) {
      (*items)[i - begin] = std::move((*items)[i]);
    }
  }
  items->truncate(end - begin);
}

bool Single(Vm& vm, Collection& input, Arguments) {
  return vm.AtMostOne(input, "single()");
}
bool First(Vm&, Collection& input, Arguments) {
  Keep(0, 1, &input);
  return true;
}
bool Last(Vm&, Collection& input, Arguments) {
  if (!input.empty()) Keep(input.size() - 1, input.size(), &input);
  return true;
}
bool Tail(Vm&, Collection& input, Arguments) {
  Keep(1, input.size(), &input);
  return true;
}

// The count as a position in the input: negative is 0.
bool Position(Vm& vm, const Collection& argument, std::string_view what,
              size_t size, std::optional<size_t>* out) {
  std::optional<int64_t> number;
  if (!vm.IntegerOf(argument, what, &number)) return false;
  if (number) {
    *out = static_cast<size_t>(
        std::clamp<int64_t>(*number, 0, static_cast<int64_t>(size)));
  }
  return true;
}

bool Skip(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<size_t> n;
  if (!Position(vm, arguments[0], "skip()", input.size(), &n)) return false;
  Keep(n.value_or(input.size()), input.size(), &input);
  return true;
}

bool Take(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<size_t> n;
  if (!Position(vm, arguments[0], "take()", input.size(), &n)) return false;
  Keep(0, n.value_or(0), &input);
  return true;
}

bool Intersect(Vm& vm, Collection& input, Arguments arguments) {
  Collection kept;
  for (Value& item : input) {
    bool held, already;
    if (!vm.Holds(arguments[0], item, &held)) return false;
    if (held && !vm.Holds(kept, item, &already)) return false;
    if (held && !already) kept.push_back(std::move(item));
  }
  input = std::move(kept);
  return true;
}

bool Exclude(Vm& vm, Collection& input, Arguments arguments) {
  Collection kept;
  for (Value& item : input) {
    bool held;
    if (!vm.Holds(arguments[0], item, &held)) return false;
    if (!held) kept.push_back(std::move(item));
  }
  input = std::move(kept);
  return true;
}

bool Union(Vm& vm, Collection& input, Arguments arguments) {
  input.AppendMoved(arguments[0]);
  return vm.CheckSize(input) && vm.Distinct(&input);
}

bool Combine(Vm& vm, Collection& input, Arguments arguments) {
  input.AppendMoved(arguments[0]);
  return vm.CheckSize(input);
}

bool IsAny(const Value&) { return true; }
bool IsAmount(const Value& value) {
  return value.is_number() || value.is(Kind::kQuantity);
}

// sum(), min(), max(), avg(). An item that `takes` refuses is an error.
bool Fold(Vm& vm, Collection& input, std::string_view what,
          std::optional<Value> (*step)(const Value&, const Value&),
          bool (*takes)(const Value&), std::string_view wanted) {
  std::optional<Value> total, read;
  bool has_total = true;  // false: two items have no step between them
  for (size_t i = 0; i < input.size(); ++i) {
    if (!vm.Step()) return false;
    const Value* plain = vm.PlainIn(input[i], &read);
    if (plain == nullptr && vm.LacksValue(input[i])) {
      total.reset();  // with a part unknown so is the whole
      has_total = false;
      continue;
    }
    if (plain == nullptr || !takes(*plain)) {
      return vm.Fail(absl::StrCat(ToAbsl(what), " takes ", ToAbsl(wanted)));
    }
    if (i == 0) {
      total = *plain;
    } else if (has_total) {
      total = step(*total, *plain);
      has_total = total.has_value();
    }
  }
  if (total) {
    input.SetOnly(std::move(*total));
  } else {
    input.clear();
  }
  return true;
}

std::optional<Value> AddStep(const Value& a, const Value& b) {
  std::optional<Value> out;
  Arithmetic(Code::kAdd, a, b, &out);
  return out;
}
std::optional<Value> MinStep(const Value& a, const Value& b) {
  Ordering order;
  if (!CompareValues(a, b, &order) || order == Ordering::kUnknown) return {};
  return order == Ordering::kGreater ? b : a;
}
std::optional<Value> MaxStep(const Value& a, const Value& b) {
  Ordering order;
  if (!CompareValues(a, b, &order) || order == Ordering::kUnknown) return {};
  return order == Ordering::kLess ? b : a;
}

bool Sum(Vm& vm, Collection& input, Arguments) {
  return Fold(vm, input, "sum()", AddStep, IsAmount, "numbers or quantities");
}
bool Min(Vm& vm, Collection& input, Arguments) {
  return Fold(vm, input, "min()", MinStep, IsAny, "plain values");
}
bool Max(Vm& vm, Collection& input, Arguments) {
  return Fold(vm, input, "max()", MaxStep, IsAny, "plain values");
}
bool Avg(Vm& vm, Collection& input, Arguments arguments) {
  const int64_t count = static_cast<int64_t>(input.size());
  if (count == 0) return true;
  if (!Sum(vm, input, arguments)) return false;
  if (input.empty()) return true;
  std::optional<Value> mean;
  Arithmetic(Code::kDivide, input[0], Value::Integer(count), &mean);
  input.clear();
  if (mean) input.push_back(std::move(*mean));
  return true;
}

bool Now(Vm& vm, Collection& input, Arguments) {
  input.SetOnly(Value::DateTime(
      FromInstant(vm.options().now, vm.options().offset_minutes)));
  return true;
}

bool Today(Vm& vm, Collection& input, Arguments) {
  const Temporal now =
      FromInstant(vm.options().now, vm.options().offset_minutes);
  Temporal date;
  date.year = now.year;
  date.month = now.month;
  date.day = now.day;
  date.precision = Precision::kDay;
  input.SetOnly(Value::Date(date));
  return true;
}

bool TimeOfDay(Vm& vm, Collection& input, Arguments) {
  Temporal time = FromInstant(vm.options().now, vm.options().offset_minutes);
  time.year = 0;
  time.month = time.day = 1;
  time.has_offset = 0;
  time.offset_minutes = 0;
  input.SetOnly(Value::Time(time));
  return true;
}

bool Children(Vm& vm, Collection& input, Arguments) {
  Collection out;
  for (const Value& item : input) {
    if (!vm.Step() || !vm.Children(item, &out)) return false;
  }
  input = std::move(out);
  return vm.CheckSize(input);
}

bool Descendants(Vm& vm, Collection& input, Arguments) {
  Collection out;
  Collection level = std::move(input);
  while (!level.empty()) {
    Collection next;
    for (const Value& item : level) {
      if (!vm.Step() || !vm.Children(item, &next)) return false;
    }
    out.Append(next.span());
    if (!vm.CheckSize(out)) return false;
    level = std::move(next);
  }
  input = std::move(out);
  return true;
}

bool Comparable(Vm& vm, Collection& input, Arguments arguments) {
  if (!vm.AtMostOne(input, "comparable()") ||
      !vm.AtMostOne(arguments[0], "comparable()")) {
    return false;
  }
  if (input.empty() || arguments[0].empty() || vm.LacksValue(input) ||
      vm.LacksValue(arguments[0])) {
    return input.clear(), true;
  }
  const auto a = vm.Plain(input[0]);
  const auto b = vm.Plain(arguments[0][0]);
  if (!a || !b || !IsAmount(*a) || !IsAmount(*b)) {
    return vm.Fail("comparable() takes quantities");
  }
  SetBoolean(ComparableUnits(AsQuantity(*a), AsQuantity(*b)), &input);
  return true;
}

constexpr Takes kValues = Takes::kValues;
constexpr TypeId kBool = kBooleanType;

const Builtin kTable[] = {
    {"known", 0, 1, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     Known},
    {"empty", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     Empty},
    {"not", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kAsInput, Not},
    {"count", 0, 0, kValues, Gives::kFixed, kIntegerType, false,
     Missing::kNever, Count},
    {"allTrue", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     AllTrue},
    {"anyTrue", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     AnyTrue},
    {"allFalse", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     AllFalse},
    {"anyFalse", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     AnyFalse},
    {"subsetOf", 1, 1, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     SubsetOf},
    {"supersetOf", 1, 1, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     SupersetOf},
    {"distinct", 0, 0, kValues, Gives::kInput, kAnyType, true,
     Missing::kAsInput, DistinctItems},
    {"isDistinct", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     IsDistinct},
    {"single", 0, 0, kValues, Gives::kInputItem, kAnyType, false,
     Missing::kAsInput, Single},
    {"first", 0, 0, kValues, Gives::kInputItem, kAnyType, false,
     Missing::kAsInput, First},
    {"last", 0, 0, kValues, Gives::kInputItem, kAnyType, false,
     Missing::kAsInput, Last},
    {"tail", 0, 0, kValues, Gives::kInput, kAnyType, true, Missing::kPossible,
     Tail},
    {"skip", 1, 1, kValues, Gives::kInput, kAnyType, true, Missing::kPossible,
     Skip},
    {"take", 1, 1, kValues, Gives::kInput, kAnyType, true, Missing::kPossible,
     Take},
    {"intersect", 1, 1, kValues, Gives::kInput, kAnyType, true,
     Missing::kPossible, Intersect},
    {"exclude", 1, 1, kValues, Gives::kInput, kAnyType, true,
     Missing::kPossible, Exclude},
    {"union", 1, 1, kValues, Gives::kJoined, kAnyType, true, Missing::kPossible,
     Union},
    {"combine", 1, 2, kValues, Gives::kJoined, kAnyType, true,
     Missing::kPossible, Combine},
    {"sum", 0, 0, kValues, Gives::kInputItem, kAnyType, false,
     Missing::kAsInput, Sum},
    {"min", 0, 0, kValues, Gives::kInputItem, kAnyType, false,
     Missing::kAsInput, Min},
    {"max", 0, 0, kValues, Gives::kInputItem, kAnyType, false,
     Missing::kAsInput, Max},
    {"avg", 0, 0, kValues, Gives::kUnknown, kAnyType, false, Missing::kPossible,
     Avg},
    {"now", 0, 0, kValues, Gives::kFixed, kDateTimeType, false, Missing::kNever,
     Now},
    {"today", 0, 0, kValues, Gives::kFixed, kDateType, false, Missing::kNever,
     Today},
    {"timeOfDay", 0, 0, kValues, Gives::kFixed, kTimeType, false,
     Missing::kNever, TimeOfDay},
    {"children", 0, 0, kValues, Gives::kUnknown, kAnyType, true,
     Missing::kPossible, Children},
    {"descendants", 0, 0, kValues, Gives::kUnknown, kAnyType, true,
     Missing::kPossible, Descendants},
    {"comparable", 1, 1, kValues, Gives::kFixed, kBool, false,
     Missing::kAsInput, Comparable},
};

}  // namespace

std::span<const Builtin> CollectionBuiltins() { return kTable; }

bool Vm::Children(const Value& item, Collection* out) {
  if (!item.is_node()) return true;
  const Source* source = SourceOf(item.node());
  if (source != nullptr) source->AllChildren(item.node().index, *out);
  return true;
}

}  // namespace stepwell::fhirpath
