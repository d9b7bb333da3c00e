// Internal: the machine that runs a program over a stack of collections.
#ifndef STEPWELL_FHIRPATH_VM_H_
#define STEPWELL_FHIRPATH_VM_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhirpath/functions.h"
#include "fhirpath/program.h"

namespace stepwell::fhirpath {

// Called after each op with what it left on the stack.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void Record(uint32_t op, const Collection& value) = 0;
};

class Vm {
 public:
  Vm(const ProgramData& program, const EvaluateOptions& options,
     Scratch& scratch, std::span<const Value> input);

  // The value, in the scratch's first slot; null after an error.
  Collection* Run();
  absl::Status status() const;
  void set_recorder(Recorder* recorder) { recorder_ = recorder; }

  // --- For the built-in functions ---

  // Runs a body with $this = `self`; its value is appended to `out`.
  bool RunBody(const Body& body, std::span<const Value> self, int64_t index,
               Collection* total, Collection* out);
  // The same with $index and $total as they are.
  bool RunInner(const Body& body, std::span<const Value> self,
                Collection* out) {
    return RunBody(body, self, frame_.index, frame_.total, out);
  }
  bool RunCriterion(const Body& body, const Value& self, int64_t index,
                    Tri* out);

  bool Fail(std::string message);
  // Counts work; false when the limits are spent.
  bool Step(size_t steps = 1) {
    steps_ += steps;
    return steps_ <= options_.limits.steps_max || FailSteps();
  }
  bool CheckSize(const Collection& items) {
    return items.size() <= options_.limits.items_max || FailSize();
  }
  // Work over whole collections and texts counts by their size, so that steps
  // bound time and memory too.
  bool StepItems(size_t items) { return Step(items / 8); }
  bool StepBytes(size_t bytes) { return Step(bytes / 256); }

  // The System value of an item; nothing for a complex node.
  std::optional<Value> Plain(const Value& item) const {
    if (!item.is_node()) return item;
    return PlainOfNode(item.node());
  }
  // The same without a copy where the item is one: null for a complex node.
  // `read` keeps what is read.
  const Value* PlainIn(const Value& item, std::optional<Value>* read) const {
    if (!item.is_node()) return &item;
    const Source* source = SourceOf(item.node());
    if (source == nullptr) return nullptr;
    const Value* held = source->HeldPrimitive(item.node().index);
    if (held != nullptr) return held;
    *read = source->Primitive(item.node().index);
    return *read ? &**read : nullptr;
  }
  // True for an element that stands for a plain value and has none: operators
  // and functions take it as missing.
  bool LacksValue(const Value& item) const {
    if (!item.is_node()) return false;
    const Source* source = SourceOf(item.node());
    return source != nullptr && source->LacksValue(item.node().index);
  }
  // The same of the only item.
  bool LacksValue(const Collection& items) const {
    return items.size() == 1 && LacksValue(items[0]);
  }
  // Fails unless `items` has at most one.
  bool AtMostOne(const Collection& items, std::string_view what) {
    return items.size() <= 1 || FailMany(items, what);
  }
  // Reads a singleton argument. False after Fail; *present tells empty apart.
  bool StringOf(const Collection& items, std::string_view what,
                std::optional<Value>* out);
  // The same without a copy: what is read is good as long as `items` and `read`
  // are left alone.
  bool TextIn(const Collection& items, std::string_view what,
              std::optional<Value>* read, std::optional<std::string_view>* out);
  bool IntegerOf(const Collection& items, std::string_view what,
                 std::optional<int64_t>* out);
  bool TruthOf(const Collection& items, Tri* out) {
    if (items.size() != 1 || !items[0].is(Kind::kBoolean)) {
      return TruthOfAny(items, out);
    }
    *out = items[0].boolean() ? Tri::kTrue : Tri::kFalse;
    return true;
  }

  bool Members(const Value& item, uint32_t id, std::string_view name,
               Collection* out);
  bool Children(const Value& item, Collection* out);
  const Source* SourceOf(Node node) const {
    return node.source < options_.sources.size() ? options_.sources[node.source]
                                                 : nullptr;
  }
  TypeId TypeOf(const Value& item) const;
  TypeInfo InfoOf(const Value& item) const;
  bool IsType(const Value& item, const TypeName& type) const;
  // is() by subtype, as() and ofType() by exact type for plain values.
  bool AsType(const Value& item, const TypeName& type) const;

  // Deep equality; nothing when it cannot be told.
  bool Equal(const Value& a, const Value& b, std::optional<bool>* out);
  bool Equivalent(const Value& a, const Value& b, bool* out);
  // a = b as collections, per the specification.
  bool EqualItems(const Collection& a, const Collection& b, Tri* out);
  bool EquivalentItems(const Collection& a, const Collection& b, bool* out);
  bool Holds(const Collection& items, const Value& item, bool* out);
  bool Distinct(Collection* items);

  const ProgramData& program() const { return program_; }
  const EvaluateOptions& options() const { return options_; }
  Scratch& scratch() { return scratch_; }
  const Op& op() const { return *op_; }
  Collection& local(uint32_t slot) { return scratch_.locals_[slot]; }
  void Trace(std::string name, const Collection& items);

 private:
  struct Frame {
    std::span<const Value> self;
    int64_t index = 0;
    Collection* total = nullptr;
  };

  std::optional<Value> PlainOfNode(Node node) const {
    const Source* source = SourceOf(node);
    if (source == nullptr) return std::nullopt;
    return source->Primitive(node.index);
  }
  // The one plain value that needs no reading; null: ask elsewhere.
  const Value* QuickPlain(const Collection& items) const {
    if (items.size() != 1) return nullptr;
    if (!items[0].is_node()) return &items[0];
    const Source* source = SourceOf(items[0].node());
    return source == nullptr ? nullptr
                             : source->HeldPrimitive(items[0].node().index);
  }
  bool TruthOfAny(const Collection& items, Tri* out);
  bool ConcatenateAny();
  bool IsQuantity(const Value& item) const;
  // `read` is what PlainIn gave of `item`.
  bool Missing(const Value& item, const Value* read) const {
    return read == nullptr && LacksValue(item);
  }
  bool FailMany(const Collection& items, std::string_view what);
  bool FailNoText(const Value* plain, std::string_view what);
  bool RunRange(uint32_t begin, uint32_t end);
  bool Execute(const Op& op, uint32_t* next);
  bool ExecutePush(const Op& op);
  bool ExecuteMember(const Op& op);
  bool ExecuteThisMember(const Op& op);
  bool ExecuteIndexer(const Op& op);
  bool ExecuteSign(const Op& op);
  bool ExecuteArithmetic(const Op& op);
  bool ExecuteConcatenate();
  bool ExecuteEquality(const Op& op);
  bool ExecuteComparison(const Op& op);
  bool ExecuteMembership(const Op& op);
  bool ExecuteType(const Op& op);
  bool ExecuteTest(const Op& op, uint32_t* next);
  bool ExecuteLogic(const Op& op);
  bool ExecuteCall(const Op& op);
  bool ExecuteLambda(const Op& op, uint32_t* next);
  bool ExecuteHost(const Op& op);
  bool FailSteps();
  bool FailSize();
  // Counts the comparison of two texts.
  bool StepTexts(const Value* a, const Value* b);
  bool EqualNodes(Node a, Node b, int depth, std::optional<bool>* out);
  bool EquivalentNodes(Node a, Node b, int depth, bool* out);

  Collection& stack(size_t back) { return stack_[top_ - 1 - back]; }
  Collection& Push() {
    Collection& slot = stack_[top_++];
    slot.clear();
    return slot;
  }
  void Pop() { stack_[--top_].clear(); }

  const ProgramData& program_;
  const EvaluateOptions& options_;
  Scratch& scratch_;
  Frame root_;
  Frame frame_;
  const Builtin* const builtins_ = Builtins().data();
  Collection* stack_ = nullptr;
  size_t top_ = 0;
  size_t steps_ = 0;
  const Op* op_ = nullptr;
  Recorder* recorder_ = nullptr;
  bool failed_ = false;
  bool exhausted_ = false;
  std::string message_;
  uint32_t column_ = 0;
};

// A collection for the time of a function, with memory that evaluations share.
class Loan {
 public:
  explicit Loan(Vm& vm) : pool_(vm.scratch().spare_) {
    if (pool_.empty()) return;
    items_.swap(pool_.back());
    pool_.pop_back();
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() {
    items_.clear();
    pool_.push_back(std::move(items_));
  }
  Collection& operator*() { return items_; }
  Collection* operator->() { return &items_; }

 private:
  std::vector<Collection>& pool_;
  Collection items_;
};

// Comparison and arithmetic of plain values, shared with the functions.
// False: the two have no order between them; then *out is not set.
bool CompareValues(const Value& a, const Value& b, Ordering* out);
// False: no meaning between these types. *out empty: no result.
bool Arithmetic(Code code, const Value& a, const Value& b,
                std::optional<Value>* out);
// A number is a quantity of the unit 1.
Quantity AsQuantity(const Value& value);
// -n where it has as many bits as n: 32, or 64 of a longer one.
std::optional<int64_t> Negated(int64_t n);
std::optional<bool> EqualPlain(const Value& a, const Value& b);
bool EquivalentPlain(const Value& a, const Value& b);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_VM_H_
