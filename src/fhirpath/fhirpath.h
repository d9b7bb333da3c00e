// FHIRPath: compile an expression once, evaluate it many times over any tree.
//
//   CompileResult compiled = Compile("facts.age >= 18", {.model = &model,
//                                                        .root_type = kCase});
//   if (!compiled.program) report(compiled.issues);
//   const Source* sources[] = {&case_view};
//   EvaluateOptions options{.now = now, .sources = sources};
//   absl::StatusOr<Tri> truth =
//       EvaluateTruth(*compiled.program, {0, 0}, options, &scratch);
//
// The host describes its types (Model) and gives out its values (Source); the
// room knows no FHIR and no care words. A Program is immutable and may be
// shared between threads; a Scratch belongs to one evaluation at a time.
// Evaluation is bounded by `Limits`, throws nothing and reads no clock.
#ifndef STEPWELL_FHIRPATH_FHIRPATH_H_
#define STEPWELL_FHIRPATH_FHIRPATH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "fhirpath/value.h"
#include "stepwell/time.h"

namespace stepwell::fhirpath {

// --- What the host describes -----------------------------------------------

class Model {
 public:
  struct Member {
    uint32_t id = 0;  // given back to Source::Member; 0 = go by the name
    TypeId type = kAnyType;
    bool many = false;     // may hold more than one item
    bool nullable = true;  // may be empty
  };
  virtual ~Model();
  // The member of `owner` (kAnyType: of some type), or nothing: then the
  // expression does not compile.
  virtual std::optional<Member> FindMember(TypeId owner,
                                           std::string_view name) const = 0;
  // For hints; may be empty.
  virtual std::vector<std::string> MemberNames(TypeId owner) const = 0;
  // "Patient", "string"; without namespace.
  virtual std::string TypeName(TypeId type) const = 0;
  // The name for messages, where it says more: "Patient.contact".
  virtual std::string TypePath(TypeId type) const { return TypeName(type); }
  // The namespace of the model's types: "FHIR".
  virtual std::string_view Namespace() const { return "Model"; }
  virtual std::optional<TypeId> FindType(std::string_view name) const;
  virtual bool IsSubtype(TypeId type, TypeId base) const;
  virtual TypeId BaseType(TypeId type) const;
  // The System type a value of `type` reads as: kStringType for FHIR.code.
  // kAnyType when it has none or several.
  virtual TypeId SystemType(TypeId type) const;
  // All System types that it may read as: of a choice each one, of a complex
  // type none. When not told otherwise: what SystemType says.
  virtual TypeSet SystemTypes(TypeId type) const;
  // The types that a choice admits; empty when `type` is no choice.
  virtual std::vector<TypeId> ChoiceTypes(TypeId type) const;
  // The type of what extension() gives, and of a resource: what resolve()
  // gives. kAnyType when the model has none.
  virtual TypeId ExtensionType() const;
  virtual TypeId ResourceType() const;
  // True for types whose items hold one plain value (FHIR.string): as() and
  // ofType() take them by exact type.
  virtual bool IsPrimitive(TypeId type) const;
};

class Source {
 public:
  virtual ~Source();
  // Appends what member `member_id` (the model's id, 0 = find it by `name`)
  // of `node` holds: nodes or values, in order. Strings may be borrowed.
  virtual void Member(uint32_t node, uint32_t member_id, std::string_view name,
                      Collection& out) const = 0;
  virtual void AllChildren(uint32_t node, Collection& out) const = 0;
  // The System value that the node stands for in operators, if any.
  virtual std::optional<Value> Primitive(uint32_t node) const = 0;
  // The same where the source holds it: good as long as the source. Null: ask
  // Primitive().
  virtual const Value* HeldPrimitive(uint32_t node) const;
  // True for a node that stands for a plain value and holds none: only
  // extensions, or a quantity without a number. Operators and functions take
  // it as missing; exists() and count() see it.
  virtual bool LacksValue(uint32_t node) const;
  // The node's own type under the model; kAnyType when not known.
  virtual TypeId TypeOf(uint32_t node) const;
  // The member name the node hangs on; deep equality compares it.
  virtual std::string_view NameOf(uint32_t node) const;
  // The resource (document root) that holds the node, for %resource; and the
  // outermost one, for %rootResource.
  virtual uint32_t ResourceOf(uint32_t node) const;
  virtual uint32_t RootResourceOf(uint32_t node) const;
  // Appends what the reference at `node` (or the string `reference`) points
  // to, if it lies in this source.
  virtual void Resolve(uint32_t node, std::string_view reference,
                       Collection& out) const;
  // The node as text for people and `stepwell eval`: JSON for a tree of JSON.
  virtual std::string ToText(uint32_t node) const;
};

struct Variable {
  std::string name;  // without '%'
  TypeId type = kAnyType;
  bool many = false;
};

struct EvaluateOptions;

// A call of a host function: pure, no I/O.
struct HostCall {
  std::span<const Value> input;
  std::span<const Collection> arguments;
  const EvaluateOptions& options;
  Collection& out;
};

struct HostFunction {
  std::string name;
  int arguments_min = 0;
  int arguments_max = 0;
  TypeId type = kAnyType;  // of the result
  bool many = true;        // the result may have several items
  // True when a missing input gives a definite result.
  bool definite = false;
  std::function<absl::Status(const HostCall&)> call;
  // What an item of the input, and of each argument in turn, may be; more
  // arguments than are told are as the last. Other types do not compile.
  TypeSet input_types = kAnyTypes;
  std::vector<TypeSet> argument_types;
};

class FunctionTable {
 public:
  // Replaces a function of the same name. Built-in names cannot be taken,
  // but conformsTo and memberOf are there to be given.
  void Add(HostFunction function);
  const HostFunction* Find(std::string_view name) const;
  std::vector<std::string> Names() const;

 private:
  std::vector<std::unique_ptr<HostFunction>> functions_;
};

// --- Compiling -------------------------------------------------------------

struct CompileOptions {
  const Model* model = nullptr;  // must outlive the program
  TypeId root_type = kAnyType;
  // Of %resource and %rootResource; kAnyType when not known.
  TypeId resource_type = kAnyType;
  std::vector<Variable> variables;  // slots of EvaluateOptions::variables
  const FunctionTable* host_functions = nullptr;  // must outlive the program
  bool allow_now = true;  // false: now(), today(), timeOfDay() are issues
  // True: comparing by = what can never be equal, a text with a number, is an
  // issue. FHIRPath itself says "false".
  bool strict_equality = false;
};

enum class IssueKind : uint8_t { kSyntax, kSemantic };

struct CompileIssue {
  IssueKind kind = IssueKind::kSyntax;
  std::string message;
  std::string hint;  // what would be right; may be empty
  int column = 1;    // 1-based, in bytes of the text
  int length = 0;
};

// Where a missing value may become a definite one.
struct DefinitePlace {
  int column = 1;
  std::string function;  // "exists", "iif", "~", ...
  std::string path;      // "phq9.score"; empty when it is no plain path
};

// A text that a member is compared with by =, !=, ~, !~ or in. The host may
// know which texts the member can hold.
struct ComparedText {
  int column = 1;
  uint32_t member = 0;  // the model's id, never 0
  std::string path;     // "tracks.pathway"; empty when it is no plain path
  std::string text;
};

struct ProgramData;

class Program {
 public:
  explicit Program(std::unique_ptr<const ProgramData> data);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const std::string& text() const;
  TypeId result_type() const;
  bool result_many() const;
  bool result_nullable() const;
  // The paths that are read, as member names from the root. A path stands for
  // all that lies beneath it; an empty path is the root as a whole. Sorted.
  const std::vector<std::vector<std::string>>& reads() const;
  // Slots of the variables that are read. Sorted.
  const std::vector<int>& variables_read() const;
  // exists(), empty(), count(), all(), iif(), sum() and their like over
  // something that may be missing, outside known(...).
  const std::vector<DefinitePlace>& definite_places() const;
  const std::vector<ComparedText>& compared_texts() const;
  bool uses_now() const;

  const ProgramData& data() const { return *data_; }

 private:
  std::unique_ptr<const ProgramData> data_;
};

struct CompileResult {
  std::shared_ptr<const Program> program;  // null when there are issues
  std::vector<CompileIssue> issues;
};

CompileResult Compile(std::string_view text, const CompileOptions& options);

// --- Evaluating ------------------------------------------------------------

struct Limits {
  size_t steps_max = limits::kExpressionStepsMax;
  size_t items_max = limits::kExpressionItemsMax;
};

struct EvaluateOptions {
  Instant now;
  int offset_minutes = 0;  // the zone of now() and today(), east of UTC
  std::span<const Source* const> sources;
  std::span<const Collection> variables;  // by slot; missing ones are empty
  Limits limits;
  // What %context is when it is not the root.
  std::optional<Node> context;
};

struct TraceLine {
  std::string name;
  Collection items;
};

// Buffers that evaluations reuse; also where trace() writes.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // What trace() recorded in the last evaluation.
  const std::vector<TraceLine>& trace() const { return trace_; }

 private:
  friend class Vm;
  friend class Loan;
  std::vector<Collection> stack_;
  std::vector<Collection> locals_;
  std::vector<Collection> spare_;
  std::vector<TraceLine> trace_;
};

// The value of the program at `root`. Errors carry the column in their text
// and ColumnOf(status). Strings in the result may borrow from the sources and
// the program.
absl::StatusOr<Collection> Evaluate(const Program& program, Node root,
                                    const EvaluateOptions& options,
                                    Scratch* scratch = nullptr);
// The same with any input: none, several, or plain values.
absl::StatusOr<Collection> EvaluateOver(const Program& program,
                                        std::span<const Value> input,
                                        const EvaluateOptions& options,
                                        Scratch* scratch = nullptr);
// Empty is unknown; one item that is no Boolean is true; several are an error.
absl::StatusOr<Tri> EvaluateTruth(const Program& program, Node root,
                                  const EvaluateOptions& options,
                                  Scratch* scratch = nullptr);
// The 1-based column an evaluation error happened at; 0 when not known.
int ColumnOf(const absl::Status& status);

// --- Explaining ------------------------------------------------------------

// The tree of sub-expressions with what each gave.
struct Explanation {
  std::string text;
  int column = 1;
  bool evaluated = false;  // false: skipped by short circuit
  bool is_truth = false;   // an operand of the logic
  Tri truth = Tri::kUnknown;
  std::vector<std::string> values;  // literals, or the text of nodes
  std::vector<Explanation> parts;
  std::string error;
};

struct Explained {
  Explanation tree;
  // The innermost truths that are not true: "phq9.score >= 10" with the
  // values of its operands as parts.
  std::vector<Explanation> unmet;
};

Explained Explain(const Program& program, Node root,
                  const EvaluateOptions& options);

// The type name of an item: "System.Integer" -> "Integer", or the model's.
std::string TypeNameOf(const Value& value, const EvaluateOptions& options,
                       const Model* model);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_FHIRPATH_H_
