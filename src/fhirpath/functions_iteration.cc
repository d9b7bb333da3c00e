// Functions that evaluate their arguments item by item.
#include <algorithm>
#include <unordered_set>
#include <vector>

#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

using Bodies = std::span<const Body>;

bool Where(Vm& vm, Collection& input, Bodies bodies) {
  size_t kept = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    Tri truth;
    if (!vm.RunCriterion(bodies[0], input[i], static_cast<int64_t>(i),
                         &truth)) {
      return false;
    }
    if (truth != Tri::kTrue) continue;
    if (kept != i) input[kept] = std::move(input[i]);
    ++kept;
  }
  input.truncate(kept);
  return true;
}

bool Select(Vm& vm, Collection& input, Bodies bodies) {
  Loan out(vm);
  for (size_t i = 0; i < input.size(); ++i) {
    if (!vm.RunBody(bodies[0], {&input[i], 1}, static_cast<int64_t>(i), nullptr,
                    &*out)) {
      return false;
    }
  }
  input.swap(*out);
  return true;
}

bool Exists(Vm& vm, Collection& input, Bodies bodies) {
  bool found = bodies.empty() && !input.empty();
  for (size_t i = 0; i < input.size() && !found && !bodies.empty(); ++i) {
    Tri truth;
    if (!vm.RunCriterion(bodies[0], input[i], static_cast<int64_t>(i),
                         &truth)) {
      return false;
    }
    found = truth == Tri::kTrue;
  }
  input.SetOnly(Value::Boolean(found));
  return true;
}

bool All(Vm& vm, Collection& input, Bodies bodies) {
  bool all = true;
  for (size_t i = 0; i < input.size() && all; ++i) {
    Tri truth;
    if (!vm.RunCriterion(bodies[0], input[i], static_cast<int64_t>(i),
                         &truth)) {
      return false;
    }
    all = truth == Tri::kTrue;
  }
  input.SetOnly(Value::Boolean(all));
  return true;
}

bool Iif(Vm& vm, Collection& input, Bodies bodies) {
  if (!vm.AtMostOne(input, "iif()")) return false;
  Collection criterion;
  const Collection self = input;
  if (!vm.RunInner(bodies[0], self.span(), &criterion)) {
    return false;
  }
  if (!vm.AtMostOne(criterion, "the criterion of iif()")) return false;
  bool truth = false;
  if (!criterion.empty()) {
    const auto plain = vm.Plain(criterion[0]);
    const bool lacks = !plain && vm.LacksValue(criterion[0]);
    if (!lacks && (!plain || !plain->is(Kind::kBoolean))) {
      return vm.Fail("the criterion of iif() must be a Boolean");
    }
    truth = plain && plain->boolean();
  }
  Collection out;
  const size_t branch = truth ? 1 : 2;
  if (branch < bodies.size() &&
      !vm.RunInner(bodies[branch], self.span(), &out)) {
    return false;
  }
  input = std::move(out);
  return true;
}

// Which places a repeat() has been to.
class Visited {
 public:
  bool Add(Node node) {
    return seen_.insert(uint64_t{node.source} << 32 | node.index).second;
  }

 private:
  std::unordered_set<uint64_t> seen_;
};

// Items found again are taken once: a fixpoint ends. For nodes "again" means
// the same place; two equal items of a form are still two.
bool Repeat(Vm& vm, Collection& input, Bodies bodies) {
  Collection out;
  Collection level = std::move(input);
  Visited visited;
  while (!level.empty()) {
    Collection found;
    for (size_t i = 0; i < level.size(); ++i) {
      if (!vm.RunBody(bodies[0], {&level[i], 1}, static_cast<int64_t>(i),
                      nullptr, &found)) {
        return false;
      }
    }
    level.clear();
    for (Value& item : found) {
      bool held = false;
      if (item.is_node()) {
        held = !visited.Add(item.node());
      } else if (!vm.Holds(out, item, &held)) {
        return false;
      }
      if (held) continue;
      out.push_back(item);
      level.push_back(std::move(item));
    }
    if (!vm.CheckSize(out)) return false;
  }
  input = std::move(out);
  return true;
}

bool RepeatAll(Vm& vm, Collection& input, Bodies bodies) {
  Collection out;
  Collection level = std::move(input);
  while (!level.empty()) {
    Collection found;
    for (size_t i = 0; i < level.size(); ++i) {
      if (!vm.RunBody(bodies[0], {&level[i], 1}, static_cast<int64_t>(i),
                      nullptr, &found)) {
        return false;
      }
    }
    out.Append(found.span());
    if (!vm.CheckSize(out)) return false;
    level = std::move(found);
  }
  input = std::move(out);
  return true;
}

bool Aggregate(Vm& vm, Collection& input, Bodies bodies) {
  Collection total;
  if (bodies.size() > 1 &&
      !vm.RunBody(bodies[1], input.span(), 0, nullptr, &total)) {
    return false;
  }
  for (size_t i = 0; i < input.size(); ++i) {
    Collection next;
    if (!vm.RunBody(bodies[0], {&input[i], 1}, static_cast<int64_t>(i), &total,
                    &next)) {
      return false;
    }
    total = std::move(next);
  }
  input = std::move(total);
  return true;
}

bool Trace(Vm& vm, Collection& input, Bodies bodies) {
  Collection name;
  const Collection self = input;
  if (!vm.RunInner(bodies[0], self.span(), &name)) return false;
  std::optional<Value> text;
  if (!vm.StringOf(name, "trace()", &text)) return false;
  Collection shown;
  if (bodies.size() == 1) {
    shown = input;
  } else {
    for (size_t i = 0; i < input.size(); ++i) {
      if (!vm.RunBody(bodies[1], {&input[i], 1}, static_cast<int64_t>(i),
                      nullptr, &shown)) {
        return false;
      }
    }
  }
  vm.Trace(text ? std::string(text->string()) : "", shown);
  return true;
}

bool DefineVariable(Vm& vm, Collection& input, Bodies bodies) {
  const uint32_t slot = vm.op().c;
  Collection value;
  if (bodies.empty()) {
    value = input;
  } else {
    const Collection self = input;
    if (!vm.RunInner(bodies[0], self.span(), &value)) return false;
  }
  vm.local(slot) = std::move(value);
  return true;
}

bool Coalesce(Vm& vm, Collection& input, Bodies bodies) {
  Collection out;
  const Collection self = input;
  for (const Body& body : bodies) {
    if (!vm.RunInner(body, self.span(), &out)) return false;
    if (!out.empty()) break;
  }
  input = std::move(out);
  return true;
}

struct SortRow {
  Value item;
  std::vector<Collection> keys;
};

// -1, 0, 1; missing keys go first. False: no order between the two.
bool CompareKeys(const Collection& a, const Collection& b, int* out) {
  if (a.empty() || b.empty()) {
    *out = a.empty() ? (b.empty() ? 0 : -1) : 1;
    return true;
  }
  Ordering order;
  if (!CompareValues(a[0], b[0], &order)) return false;
  *out = order == Ordering::kLess ? -1 : order == Ordering::kGreater ? 1 : 0;
  return true;
}

bool SortKey(Vm& vm, const Collection& found, Collection* key) {
  if (!vm.AtMostOne(found, "a sort key")) return false;
  key->clear();
  if (found.empty()) return true;
  auto plain = vm.Plain(found[0]);
  if (!plain && vm.LacksValue(found[0])) return true;
  if (!plain) return vm.Fail("a sort key must be a plain value");
  key->push_back(std::move(*plain));
  return true;
}

bool Sort(Vm& vm, Collection& input, Bodies bodies) {
  std::vector<SortRow> rows;
  for (size_t i = 0; i < input.size(); ++i) {
    SortRow row{input[i],
                std::vector<Collection>(std::max<size_t>(1, bodies.size()))};
    if (bodies.empty() && !SortKey(vm, Collection(input[i]), &row.keys[0])) {
      return false;
    }
    for (size_t k = 0; k < bodies.size(); ++k) {
      Collection found;
      if (!vm.RunBody(bodies[k], {&input[i], 1}, static_cast<int64_t>(i),
                      nullptr, &found) ||
          !SortKey(vm, found, &row.keys[k])) {
        return false;
      }
    }
    rows.push_back(std::move(row));
  }
  // Every key must be comparable with the first of its column.
  for (const SortRow& row : rows) {
    for (size_t k = 0; k < row.keys.size(); ++k) {
      int order;
      if (!CompareKeys(rows[0].keys[k], row.keys[k], &order)) {
        return vm.Fail("the sort keys have no order between them");
      }
    }
  }
  std::vector<bool> down(std::max<size_t>(1, bodies.size()));
  for (size_t k = 0; k < bodies.size(); ++k) {
    down[k] = bodies[k].descending;
  }
  if (!vm.Step(rows.size() * 8)) return false;
  std::stable_sort(rows.begin(), rows.end(),
                   [&down](const SortRow& a, const SortRow& b) {
                     for (size_t k = 0; k < a.keys.size(); ++k) {
                       int order = 0;
                       CompareKeys(a.keys[k], b.keys[k], &order);
                       if (order != 0) return down[k] ? order > 0 : order < 0;
                     }
                     return false;
                   });
  input.clear();
  for (SortRow& row : rows) input.push_back(std::move(row.item));
  return true;
}

constexpr Takes kBodies = Takes::kBodies;

const Builtin kTable[] = {
    {"where", 1, 1, kBodies, Gives::kInput, kAnyType, true, Missing::kPossible,
     nullptr, Where},
    {"select", 1, 1, kBodies, Gives::kBody, kAnyType, true, Missing::kPossible,
     nullptr, Select},
    {"exists", 0, 1, kBodies, Gives::kFixed, kBooleanType, false,
     Missing::kNever, nullptr, Exists},
    {"all", 1, 1, kBodies, Gives::kFixed, kBooleanType, false, Missing::kNever,
     nullptr, All},
    {"iif", 2, 3, kBodies, Gives::kBranches, kAnyType, true, Missing::kAsInput,
     nullptr, Iif},
    {"repeat", 1, 1, kBodies, Gives::kUnknown, kAnyType, true,
     Missing::kPossible, nullptr, Repeat},
    {"repeatAll", 1, 1, kBodies, Gives::kUnknown, kAnyType, true,
     Missing::kPossible, nullptr, RepeatAll},
    {"aggregate", 1, 2, kBodies, Gives::kUnknown, kAnyType, true,
     Missing::kPossible, nullptr, Aggregate},
    {"trace", 1, 2, kBodies, Gives::kInput, kAnyType, true, Missing::kAsInput,
     nullptr, Trace},
    {"defineVariable", 1, 2, kBodies, Gives::kInput, kAnyType, true,
     Missing::kAsInput, nullptr, DefineVariable},
    {"coalesce", 1, 32, kBodies, Gives::kUnknown, kAnyType, true,
     Missing::kPossible, nullptr, Coalesce},
    {"sort", 0, 32, kBodies, Gives::kInput, kAnyType, true, Missing::kAsInput,
     nullptr, Sort},
};

}  // namespace

std::span<const Builtin> IterationBuiltins() { return kTable; }

}  // namespace stepwell::fhirpath
