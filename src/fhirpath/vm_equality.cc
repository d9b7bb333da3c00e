// Equality and equivalence of items and collections.
#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "fhirpath/quantity.h"
#include "fhirpath/unicode.h"
#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

constexpr int kDepthMax = static_cast<int>(limits::kJsonDepthMax) + 8;

// The case and the kinds of white space make no difference.
std::string Normalized(std::string_view text) {
  std::string folded = Lowered(text);
  for (char& c : folded) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  }
  return folded;
}

std::optional<bool> FromOrdering(Ordering order) {
  if (order == Ordering::kUnknown) return std::nullopt;
  return order == Ordering::kEqual;
}

// Does each item of `a` have one of `b`, as many, that is the same, each used
// once? `same(x, y, &is_same)` costs a step, and false is a failure. What has
// been used is not looked at again, so the steps bound the time.
template <typename Same>
bool PairsUp(const Collection& a, const Collection& b, Same same, bool* out) {
  *out = false;
  // Entry 0 is the head, entry i + 1 what follows item i; b.size() is the end.
  std::vector<size_t> next(b.size() + 1);
  std::iota(next.begin(), next.end(), size_t{0});
  for (const Value& item : a) {
    bool is_same = false;
    size_t before = 0;
    while (next[before] < b.size()) {
      const size_t i = next[before];
      if (!same(item, b[i], &is_same)) return false;
      if (is_same) {
        next[before] = next[i + 1];
        break;
      }
      before = i + 1;
    }
    if (!is_same) return true;
  }
  *out = true;
  return true;
}

}  // namespace

std::optional<bool> EqualPlain(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is(Kind::kInteger) && b.is(Kind::kInteger)) {
      return a.integer() == b.integer();
    }
    return Compare(a.number(), b.number()) == 0;
  }
  if (a.is(Kind::kQuantity) && b.is_number()) {
    return EqualQuantities(a.quantity(), {b.number(), "1", false});
  }
  if (b.is(Kind::kQuantity) && a.is_number()) return EqualPlain(b, a);
  if (a.is_temporal() && b.is_temporal()) {
    if (a.is(Kind::kTime) != b.is(Kind::kTime)) return false;
    return FromOrdering(Compare(a.temporal(), b.temporal()));
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kBoolean:
      return a.boolean() == b.boolean();
    case Kind::kString:
      return a.string() == b.string();
    case Kind::kQuantity:
      return EqualQuantities(a.quantity(), b.quantity());
    case Kind::kTypeInfo:
      return ToLiteral(a) == ToLiteral(b);
    default:
      return false;
  }
}

bool EquivalentPlain(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return EquivalentDecimals(a.number(), b.number());
  }
  if (a.is(Kind::kQuantity) && b.is_number()) {
    return EquivalentQuantities(a.quantity(), {b.number(), "1", false});
  }
  if (b.is(Kind::kQuantity) && a.is_number()) return EquivalentPlain(b, a);
  if (a.is_temporal() && b.is_temporal()) {
    return a.is(Kind::kTime) == b.is(Kind::kTime) &&
           Equivalent(a.temporal(), b.temporal());
  }
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::kString)) {
    return a.string() == b.string() ||
           Normalized(a.string()) == Normalized(b.string());
  }
  if (a.is(Kind::kQuantity)) {
    return EquivalentQuantities(a.quantity(), b.quantity());
  }
  return EqualPlain(a, b).value_or(false);
}

bool Vm::StepTexts(const Value* a, const Value* b) {
  if (a == nullptr || !a->is(Kind::kString)) return true;
  if (b == nullptr || !b->is(Kind::kString)) return true;
  return StepBytes(a->string().size() + b->string().size());
}

bool Vm::Equal(const Value& a, const Value& b, std::optional<bool>* out) {
  if (!Step()) return false;
  if (a.is_node() && b.is_node()) {
    return EqualNodes(a.node(), b.node(), 0, out);
  }
  std::optional<Value> a_read, b_read;
  const Value* x = PlainIn(a, &a_read);
  const Value* y = PlainIn(b, &b_read);
  if (!StepTexts(x, y)) return false;
  if (Missing(a, x) || Missing(b, y)) {
    out->reset();
  } else {
    *out = x != nullptr && y != nullptr ? EqualPlain(*x, *y)
                                        : std::optional<bool>(false);
  }
  return true;
}

bool Vm::EqualNodes(Node a, Node b, int depth, std::optional<bool>* out) {
  if (!Step()) return false;
  *out = true;
  if (a == b) return true;
  const Source* first = SourceOf(a);
  const Source* second = SourceOf(b);
  *out = false;
  if (first == nullptr || second == nullptr || depth > kDepthMax) return true;
  const auto x = first->Primitive(a.index);
  const auto y = second->Primitive(b.index);
  if (x.has_value() != y.has_value()) {
    // A value and one that is withheld: they may be equal. Within an element
    // the two differ all the same.
    const bool withheld =
        x ? second->LacksValue(b.index) : first->LacksValue(a.index);
    if (withheld && depth == 0) out->reset();
    return true;
  }
  if (x) {
    *out = EqualPlain(*x, *y);
    return StepTexts(&*x, &*y);
  }
  Collection left, right;
  first->AllChildren(a.index, left);
  second->AllChildren(b.index, right);
  if (left.size() != right.size()) return true;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].is_node() && right[i].is_node()) {
      const Node l = left[i].node();
      const Node r = right[i].node();
      if (SourceOf(l)->NameOf(l.index) != SourceOf(r)->NameOf(r.index)) {
        return true;
      }
      std::optional<bool> same;
      if (!EqualNodes(l, r, depth + 1, &same)) return false;
      if (!same.value_or(false)) return true;
    } else {
      std::optional<bool> same;
      if (!Equal(left[i], right[i], &same)) return false;
      if (!same.value_or(false)) return true;
    }
  }
  *out = true;
  return true;
}

bool Vm::Equivalent(const Value& a, const Value& b, bool* out) {
  if (!Step()) return false;
  if (a.is_node() && b.is_node()) {
    return EquivalentNodes(a.node(), b.node(), 0, out);
  }
  const auto x = Plain(a);
  const auto y = Plain(b);
  *out = x && y && EquivalentPlain(*x, *y);
  return !x || !y || StepTexts(&*x, &*y);
}

bool Vm::EquivalentNodes(Node a, Node b, int depth, bool* out) {
  if (!Step()) return false;
  *out = true;
  if (a == b) return true;
  *out = false;
  const Source* first = SourceOf(a);
  const Source* second = SourceOf(b);
  if (first == nullptr || second == nullptr || depth > kDepthMax) return true;
  const auto x = first->Primitive(a.index);
  const auto y = second->Primitive(b.index);
  if (x.has_value() != y.has_value()) return true;
  if (x) {
    *out = EquivalentPlain(*x, *y);
    return StepTexts(&*x, &*y);
  }
  // Children in any order, each used once.
  Collection left, right;
  first->AllChildren(a.index, left);
  second->AllChildren(b.index, right);
  if (left.size() != right.size()) return true;
  const auto same = [&](const Value& l, const Value& r, bool* is_same) {
    if (!l.is_node() || !r.is_node()) return Equivalent(l, r, is_same);
    if (SourceOf(l.node())->NameOf(l.node().index) !=
        SourceOf(r.node())->NameOf(r.node().index)) {
      *is_same = false;
      return Step();
    }
    return EquivalentNodes(l.node(), r.node(), depth + 1, is_same);
  };
  return PairsUp(left, right, same, out);
}

bool Vm::EqualItems(const Collection& a, const Collection& b, Tri* out) {
  *out = Tri::kUnknown;
  if (a.empty() || b.empty()) return true;
  *out = Tri::kFalse;
  if (a.size() != b.size()) return true;
  bool unknown = false;
  for (size_t i = 0; i < a.size(); ++i) {
    std::optional<bool> same;
    if (!Equal(a[i], b[i], &same)) return false;
    if (!same) unknown = true;
    if (same && !*same) return true;
  }
  *out = unknown ? Tri::kUnknown : Tri::kTrue;
  return true;
}

bool Vm::EquivalentItems(const Collection& a, const Collection& b, bool* out) {
  *out = false;
  if (a.size() != b.size()) return true;
  const auto same = [&](const Value& l, const Value& r, bool* is_same) {
    return Equivalent(l, r, is_same);
  };
  return PairsUp(a, b, same, out);
}

bool Vm::Holds(const Collection& items, const Value& item, bool* out) {
  *out = false;
  for (const Value& held : items) {
    std::optional<bool> same;
    if (!Equal(held, item, &same)) return false;
    if (same.value_or(false)) {
      *out = true;
      return true;
    }
  }
  return true;
}

bool Vm::Distinct(Collection* items) {
  if (items->size() < 2) return true;
  Collection kept;
  // Strings and integers, the long lists in practice, go by hash.
  std::unordered_map<std::string, bool> seen;
  bool hashed = true;
  for (const Value& item : *items) {
    const auto plain = Plain(item);
    hashed = hashed && plain && plain->kind() == Plain((*items)[0])->kind() &&
             (plain->is(Kind::kString) || plain->is(Kind::kInteger));
    if (!hashed) break;
  }
  for (Value& item : *items) {
    bool held = false;
    if (hashed && items->size() > 8) {
      if (!Step()) return false;
      held = !seen.emplace(ToLiteral(*Plain(item)), true).second;
    } else if (!Holds(kept, item, &held)) {
      return false;
    }
    if (!held) kept.push_back(std::move(item));
  }
  *items = std::move(kept);
  return true;
}

}  // namespace stepwell::fhirpath
