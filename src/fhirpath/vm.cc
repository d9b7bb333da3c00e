// The loop, pushes, member steps, calls, and the public entry points.
#include "fhirpath/vm.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "base/status.h"
#include "re2/re2.h"

namespace stepwell::fhirpath {
namespace {

constexpr char kColumnPayload[] = "stepwell/column";

}  // namespace

int OperandsOf(const Op& op) {
  switch (op.code) {
    case Code::kMember:
    case Code::kNegate:
    case Code::kPositive:
    case Code::kIs:
    case Code::kAs:
    case Code::kOfType:
    case Code::kLambda:
      return 1;
    case Code::kCall:
    case Code::kHost:
      return op.n + 1;
    case Code::kIndexer:
      return 2;
    case Code::kAndTest:
    case Code::kOrTest:
    case Code::kImpliesTest:
      return 0;
    default:
      return op.code >= Code::kAdd ? 2 : 0;
  }
}

Vm::Vm(const ProgramData& program, const EvaluateOptions& options,
       Scratch& scratch, std::span<const Value> input)
    : program_(program), options_(options), scratch_(scratch) {
  // One slot more than the program needs: member steps build there.
  if (scratch_.stack_.size() < program.stack_max + 1) {
    scratch_.stack_.resize(program.stack_max + 1);
  }
  if (scratch_.locals_.size() < program.locals) {
    scratch_.locals_.resize(program.locals);
  }
  scratch_.trace_.clear();
  stack_ = scratch_.stack_.data();
  root_.self = input;
  frame_ = root_;
}

Collection* Vm::Run() {
  if (!RunRange(0, static_cast<uint32_t>(program_.ops.size()))) {
    while (top_ > 0) Pop();
    return nullptr;
  }
  return &stack_[0];
}

absl::Status Vm::status() const {
  if (!failed_) return absl::OkStatus();
  const std::string text =
      message_ + " (column " + std::to_string(column_) + ")";
  absl::Status status = exhausted_ ? TooLarge(text) : InvalidInput(text);
  status.SetPayload(kColumnPayload, absl::Cord(std::to_string(column_)));
  return status;
}

int ColumnOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kColumnPayload);
  return payload ? std::atoi(std::string(*payload).c_str()) : 0;
}

bool Vm::Fail(std::string message) {
  if (failed_) return false;
  failed_ = true;
  message_ = std::move(message);
  column_ = (op_ == nullptr ? 0 : op_->at) + 1;
  return false;
}

bool Vm::FailSteps() {
  exhausted_ = true;
  return Fail("more than " + std::to_string(options_.limits.steps_max) +
              " steps");
}

bool Vm::FailSize() {
  exhausted_ = true;
  return Fail("a collection of more than " +
              std::to_string(options_.limits.items_max) + " items");
}

bool Vm::RunRange(uint32_t begin, uint32_t end) {
  const Op* ops = program_.ops.data();
  uint32_t pc = begin;
  while (pc < end) {
    const Op& op = ops[pc];
    op_ = &op;
    if (++steps_ > options_.limits.steps_max) return FailSteps();
    uint32_t next = pc + 1;
    if (!Execute(op, &next)) return false;
    if (recorder_ != nullptr) {
      recorder_->Record(pc, stack(0));
      // A decided test stands for its operator.
      if (op.code >= Code::kAndTest && op.code <= Code::kImpliesTest &&
          next != pc + 1) {
        recorder_->Record(next - 1, stack(0));
      }
    }
    pc = next;
  }
  return true;
}

bool Vm::Execute(const Op& op, uint32_t* next) {
  switch (op.code) {
    case Code::kMember:
      return ExecuteMember(op);
    case Code::kThisMember:
      return ExecuteThisMember(op);
    case Code::kIndexer:
      return ExecuteIndexer(op);
    case Code::kNegate:
    case Code::kPositive:
      return ExecuteSign(op);
    case Code::kAdd:
    case Code::kSubtract:
    case Code::kMultiply:
    case Code::kDivide:
    case Code::kDiv:
    case Code::kMod:
      return ExecuteArithmetic(op);
    case Code::kConcatenate:
      return ExecuteConcatenate();
    case Code::kEqual:
    case Code::kNotEqual:
    case Code::kEquivalent:
    case Code::kNotEquivalent:
      return ExecuteEquality(op);
    case Code::kLess:
    case Code::kLessOrEqual:
    case Code::kGreater:
    case Code::kGreaterOrEqual:
      return ExecuteComparison(op);
    case Code::kUnion:
    case Code::kIn:
    case Code::kContains:
      return ExecuteMembership(op);
    case Code::kIs:
    case Code::kAs:
    case Code::kOfType:
      return ExecuteType(op);
    case Code::kAndTest:
    case Code::kOrTest:
    case Code::kImpliesTest:
      return ExecuteTest(op, next);
    case Code::kAnd:
    case Code::kOr:
    case Code::kXor:
    case Code::kImplies:
      return ExecuteLogic(op);
    case Code::kCall:
      return ExecuteCall(op);
    case Code::kLambda:
      return ExecuteLambda(op, next);
    case Code::kHost:
      return ExecuteHost(op);
    default:
      return ExecutePush(op);
  }
}

bool Vm::ExecutePush(const Op& op) {
  Collection& out = Push();
  switch (op.code) {
    case Code::kThis:
      out.Append(frame_.self);
      break;
    case Code::kIndex:
      out.push_back(Value::Integer(frame_.index));
      break;
    case Code::kTotal:
      if (frame_.total != nullptr) out.Append(frame_.total->span());
      break;
    case Code::kConstant:
      // The program outlives what is computed.
      out.push_back(program_.constants[op.a].Borrowed());
      break;
    case Code::kVariable:
      if (op.a < options_.variables.size()) {
        out.Append(options_.variables[op.a].span());
      }
      break;
    case Code::kLocal:
      out.Append(local(op.a).span());
      break;
    case Code::kContext:
      if (options_.context) {
        out.push_back(Value::Of(*options_.context));
      } else {
        out.Append(root_.self);
      }
      break;
    case Code::kResource:
    case Code::kRootResource:
      for (const Value& item : root_.self) {
        if (!item.is_node()) continue;
        const Node node = item.node();
        const Source* source = SourceOf(node);
        if (source == nullptr) continue;
        const uint32_t index = op.code == Code::kResource
                                   ? source->ResourceOf(node.index)
                                   : source->RootResourceOf(node.index);
        out.push_back(Value::Of(Node{node.source, index}));
      }
      break;
    case Code::kRootType:
      for (const Value& item : frame_.self) {
        if (IsType(item, program_.types[op.a])) out.push_back(item);
      }
      break;
    default:
      break;  // kEmpty
  }
  return StepItems(out.size()) && CheckSize(out);
}

bool Vm::Members(const Value& item, uint32_t id, std::string_view name,
                 Collection* out) {
  if (item.is_node()) {
    const Node node = item.node();
    const Source* source = SourceOf(node);
    if (source == nullptr) return Fail("the node's source is not here");
    source->Member(node.index, id, name, *out);
    return true;
  }
  if (item.is(Kind::kTypeInfo)) {
    const TypeInfo& info = item.type_info();
    if (name == "namespace") out->push_back(Value::String(info.space));
    if (name == "name") out->push_back(Value::String(info.name));
    if (name == "baseType") out->push_back(Value::String(info.base));
  } else if (item.is(Kind::kQuantity)) {
    const Quantity& quantity = item.quantity();
    if (name == "value") out->push_back(Value::Of(quantity.value));
    if (name == "unit") out->push_back(Value::String(quantity.unit));
  }
  return true;
}

bool Vm::ExecuteMember(const Op& op) {
  Collection& top = stack(0);
  const std::string_view name = program_.names[op.b];
  if (top.size() == 1) {
    const Value item = std::move(top[0]);
    top.clear();
    return Members(item, op.a, name, &top) && StepItems(top.size()) &&
           CheckSize(top);
  }
  if (top.empty()) return true;
  Collection& out = stack_[top_];
  out.clear();
  for (const Value& item : top) {
    if (!Step() || !Members(item, op.a, name, &out)) return false;
  }
  top.swap(out);
  out.clear();
  return CheckSize(top);
}

bool Vm::ExecuteThisMember(const Op& op) {
  Collection& out = Push();
  const std::string_view name = program_.names[op.b];
  for (const Value& item : frame_.self) {
    if (!Members(item, op.a, name, &out)) return false;
  }
  return StepItems(out.size()) && CheckSize(out);
}

bool Vm::ExecuteIndexer(const Op& op) {
  static_cast<void>(op);
  std::optional<int64_t> index;
  if (!IntegerOf(stack(0), "an index", &index)) return false;
  Pop();
  Collection& items = stack(0);
  if (!index || *index < 0 || *index >= static_cast<int64_t>(items.size())) {
    items.clear();
    return true;
  }
  Value item = std::move(items[static_cast<size_t>(*index)]);
  items.SetOnly(std::move(item));
  return true;
}

bool Vm::ExecuteType(const Op& op) {
  Collection& items = stack(0);
  const TypeName& type = program_.types[op.a];
  if (op.code != Code::kOfType) {
    if (!AtMostOne(items, op.code == Code::kIs ? "is" : "as")) return false;
    if (items.empty()) return true;
    if (op.code == Code::kIs) {
      items.SetOnly(Value::Boolean(IsType(items[0], type)));
      return true;
    }
  }
  size_t kept = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!AsType(items[i], type)) continue;
    if (kept != i) items[kept] = std::move(items[i]);
    ++kept;
  }
  items.truncate(kept);
  return true;
}

bool Vm::ExecuteCall(const Op& op) {
  const Builtin& builtin = builtins_[op.a];
  Collection* arguments = stack_ + top_ - op.n;
  if (!builtin.call(*this, arguments[-1], {arguments, op.n})) return false;
  for (int i = 0; i < op.n; ++i) Pop();
  return CheckSize(stack(0));
}

bool Vm::ExecuteLambda(const Op& op, uint32_t* next) {
  const Builtin& builtin = builtins_[op.a];
  const std::span<const Body> bodies(program_.bodies.data() + op.b, op.n);
  if (op.n > 0) *next = bodies.back().end;
  if (!builtin.run(*this, stack(0), bodies)) return false;
  return CheckSize(stack(0));
}

bool Vm::ExecuteHost(const Op& op) {
  const HostFunction& host = *program_.hosts[op.a];
  Collection* arguments = stack_ + top_ - op.n;
  Collection out;
  const absl::Status status =
      host.call({arguments[-1].span(), {arguments, op.n}, options_, out});
  if (!status.ok()) {
    return Fail(host.name + "(): " + std::string(status.message()));
  }
  for (int i = 0; i < op.n; ++i) Pop();
  stack(0) = std::move(out);
  return CheckSize(stack(0));
}

bool Vm::RunBody(const Body& body, std::span<const Value> self, int64_t index,
                 Collection* total, Collection* out) {
  const Frame outer = frame_;
  const Op* const op = op_;
  frame_ = {self, index, total != nullptr ? total : outer.total};
  const bool done = RunRange(body.begin, body.end);
  frame_ = outer;
  if (!done) return false;
  op_ = op;
  if (out->empty() && out->capacity() < stack(0).size()) {
    out->swap(stack(0));
  } else {
    out->AppendMoved(stack(0));
  }
  Pop();
  return CheckSize(*out);
}

bool Vm::RunCriterion(const Body& body, const Value& self, int64_t index,
                      Tri* out) {
  const Frame outer = frame_;
  const Op* const op = op_;
  frame_ = {{&self, 1}, index, outer.total};
  const bool done = RunRange(body.begin, body.end);
  frame_ = outer;
  if (!done) return false;
  op_ = op;
  if (!TruthOf(stack(0), out)) return false;
  Pop();
  return true;
}

void Vm::Trace(std::string name, const Collection& items) {
  constexpr size_t kLinesMax = 1000, kItemsMax = 1000;
  if (scratch_.trace_.size() >= kLinesMax) return;
  TraceLine& line = scratch_.trace_.emplace_back();
  line.name = std::move(name);
  line.items.Append(items.span().first(std::min(items.size(), kItemsMax)));
}

// --- Entry points -----------------------------------------------------------

Scratch::Scratch() = default;
Scratch::~Scratch() = default;

absl::StatusOr<Collection> EvaluateOver(const Program& program,
                                        std::span<const Value> input,
                                        const EvaluateOptions& options,
                                        Scratch* scratch) {
  Scratch own;
  Vm vm(program.data(), options, scratch == nullptr ? own : *scratch, input);
  Collection* result = vm.Run();
  if (result == nullptr) return vm.status();
  Collection out = std::move(*result);
  result->clear();
  return out;
}

absl::StatusOr<Collection> Evaluate(const Program& program, Node root,
                                    const EvaluateOptions& options,
                                    Scratch* scratch) {
  const Value input = Value::Of(root);
  return EvaluateOver(program, {&input, 1}, options, scratch);
}

absl::StatusOr<Tri> EvaluateTruth(const Program& program, Node root,
                                  const EvaluateOptions& options,
                                  Scratch* scratch) {
  const Value input = Value::Of(root);
  Scratch own;
  Vm vm(program.data(), options, scratch == nullptr ? own : *scratch,
        {&input, 1});
  Collection* result = vm.Run();
  if (result == nullptr) return vm.status();
  Tri truth;
  const bool fine = vm.TruthOf(*result, &truth);
  result->clear();
  if (!fine) return vm.status();
  return truth;
}

// --- Defaults of what the host describes ------------------------------------

Model::~Model() = default;
std::optional<TypeId> Model::FindType(std::string_view) const {
  return std::nullopt;
}
bool Model::IsSubtype(TypeId type, TypeId base) const { return type == base; }
TypeId Model::BaseType(TypeId) const { return kAnyType; }
TypeId Model::SystemType(TypeId) const { return kAnyType; }
TypeSet Model::SystemTypes(TypeId type) const {
  const TypeId system = SystemType(type);
  return system == kAnyType ? TypeSet{0} : TypeBit(system);
}
std::vector<TypeId> Model::ChoiceTypes(TypeId) const { return {}; }
TypeId Model::ExtensionType() const { return kAnyType; }
TypeId Model::ResourceType() const { return kAnyType; }
bool Model::IsPrimitive(TypeId) const { return false; }

Source::~Source() = default;
const Value* Source::HeldPrimitive(uint32_t) const { return nullptr; }
bool Source::LacksValue(uint32_t) const { return false; }
TypeId Source::TypeOf(uint32_t) const { return kAnyType; }
std::string_view Source::NameOf(uint32_t) const { return ""; }
uint32_t Source::ResourceOf(uint32_t) const { return 0; }
uint32_t Source::RootResourceOf(uint32_t) const { return 0; }
void Source::Resolve(uint32_t, std::string_view, Collection&) const {}
std::string Source::ToText(uint32_t) const { return ""; }

void FunctionTable::Add(HostFunction function) {
  for (auto& held : functions_) {
    if (held->name == function.name) {
      *held = std::move(function);
      return;
    }
  }
  functions_.push_back(std::make_unique<HostFunction>(std::move(function)));
}

const HostFunction* FunctionTable::Find(std::string_view name) const {
  for (const auto& held : functions_) {
    if (held->name == name) return held.get();
  }
  return nullptr;
}

std::vector<std::string> FunctionTable::Names() const {
  std::vector<std::string> names;
  for (const auto& held : functions_) names.push_back(held->name);
  return names;
}

}  // namespace stepwell::fhirpath
