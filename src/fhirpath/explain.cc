// Explain: the program run once with a recorder, told as a tree.
#include <algorithm>

#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

constexpr size_t kValuesShownMax = 20;

class Keeper : public Recorder {
 public:
  explicit Keeper(size_t ops) : values_(ops), seen_(ops) {}
  // Of long collections no more than is shown.
  void Record(uint32_t op, const Collection& value) override {
    const size_t kept = std::min(value.size(), kValuesShownMax + 1);
    values_[op].clear();
    values_[op].Append(value.span().first(kept));
    seen_[op] = true;
  }
  bool seen(size_t op) const { return seen_[op]; }
  const Collection& value(size_t op) const { return values_[op]; }

 private:
  std::vector<Collection> values_;
  std::vector<bool> seen_;
};

class Teller {
 public:
  Teller(const ProgramData& program, const EvaluateOptions& options,
         const Keeper& keeper)
      : program_(program), options_(options), keeper_(keeper) {}

  Explanation Tell(uint32_t begin, uint32_t end) const {
    std::vector<Explanation> stack;
    for (uint32_t pc = begin; pc < end;) {
      const Op& op = program_.ops[pc];
      uint32_t next = pc + 1;
      if (op.code >= Code::kAndTest && op.code <= Code::kImpliesTest) {
        pc = next;
        continue;
      }
      Explanation told = TellOp(pc);
      const size_t count =
          std::min(static_cast<size_t>(OperandsOf(op)), stack.size());
      const bool path = op.code == Code::kMember;
      for (size_t i = stack.size() - count; i < stack.size(); ++i) {
        if (!path && !Plain(stack[i])) told.parts.push_back(stack[i]);
      }
      stack.resize(stack.size() - count);
      if (op.code == Code::kLambda) {
        for (uint32_t i = 0; i < op.n; ++i) {
          const Body& body = program_.bodies[op.b + i];
          told.parts.push_back(Tell(body.begin, body.end));
          next = body.end;
        }
      }
      stack.push_back(std::move(told));
      pc = next;
    }
    return stack.empty() ? Explanation() : std::move(stack.back());
  }

 private:
  // A literal or $this explains nothing.
  static bool Plain(const Explanation& told) {
    return told.parts.empty() && told.evaluated && told.values.size() == 1 &&
           (told.text == told.values[0] ||
            told.text == "'" + told.values[0] + "'" || told.text.empty());
  }

  Explanation TellOp(uint32_t pc) const {
    const Op& op = program_.ops[pc];
    Explanation told;
    told.column = static_cast<int>(op.begin) + 1;
    // An implied $this has no text of its own.
    if (op.code != Code::kThis ||
        program_.text.compare(op.begin, 5, "$this") == 0) {
      told.text = program_.text.substr(op.begin, op.end - op.begin);
    }
    told.evaluated = keeper_.seen(pc);
    const Collection& items = keeper_.value(pc);
    for (const Value& item : items) {
      if (told.values.size() == kValuesShownMax) {
        told.values.push_back("...");
        break;
      }
      told.values.push_back(Text(item));
    }
    told.truth = Truth(items, &told.is_truth);
    return told;
  }

  std::string Text(const Value& item) const {
    if (!item.is_node()) return ToLiteral(item);
    const Node node = item.node();
    if (node.source >= options_.sources.size()) return "";
    const Source& source = *options_.sources[node.source];
    const auto plain = source.Primitive(node.index);
    return plain ? ToLiteral(*plain) : source.ToText(node.index);
  }

  Tri Truth(const Collection& items, bool* is_truth) const {
    *is_truth = items.empty();
    if (items.size() != 1) return Tri::kUnknown;
    std::optional<Value> plain = items[0];
    if (items[0].is_node()) {
      const Node node = items[0].node();
      if (node.source >= options_.sources.size()) return Tri::kUnknown;
      const Source& source = *options_.sources[node.source];
      plain = source.Primitive(node.index);
      // One that is withheld is unknown.
      if (!plain && source.LacksValue(node.index)) {
        *is_truth = true;
        return Tri::kUnknown;
      }
    }
    *is_truth = plain && plain->is(Kind::kBoolean);
    if (!*is_truth) return Tri::kUnknown;
    return plain->boolean() ? Tri::kTrue : Tri::kFalse;
  }

  const ProgramData& program_;
  const EvaluateOptions& options_;
  const Keeper& keeper_;
};

// The operator at the top of the tree, by the op that made it.
bool IsLogic(const Explanation& told, const ProgramData& program) {
  for (const Op& op : program.ops) {
    if (op.code >= Code::kAnd && op.code <= Code::kImplies &&
        op.code != Code::kXor &&
        static_cast<int>(op.begin) + 1 == told.column &&
        op.end - op.begin == told.text.size()) {
      return op.code != Code::kImplies;
    }
  }
  return false;
}

void CollectUnmet(const Explanation& told, const ProgramData& program,
                  std::vector<Explanation>* out) {
  if (!told.evaluated || told.truth == Tri::kTrue) return;
  if (!IsLogic(told, program)) {
    out->push_back(told);
    return;
  }
  for (const Explanation& part : told.parts) CollectUnmet(part, program, out);
}

}  // namespace

Explained Explain(const Program& program, Node root,
                  const EvaluateOptions& options) {
  const ProgramData& data = program.data();
  Scratch scratch;
  Keeper keeper(data.ops.size());
  const Value input = Value::Of(root);
  Vm vm(data, options, scratch, {&input, 1});
  vm.set_recorder(&keeper);
  const bool done = vm.Run() != nullptr;
  Explained explained;
  explained.tree = Teller(data, options, keeper)
                       .Tell(0, static_cast<uint32_t>(data.ops.size()));
  if (!done) explained.tree.error = std::string(vm.status().message());
  CollectUnmet(explained.tree, data, &explained.unmet);
  return explained;
}

}  // namespace stepwell::fhirpath
