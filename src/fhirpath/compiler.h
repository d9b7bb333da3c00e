// Internal: one pass from text to a typed program. A Pratt parser whose every
// reduction emits an op and checks its types on a compile-time stack that
// mirrors the VM's.
#ifndef STEPWELL_FHIRPATH_COMPILER_H_
#define STEPWELL_FHIRPATH_COMPILER_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhirpath/functions.h"
#include "fhirpath/lexer.h"
#include "fhirpath/program.h"

namespace stepwell::fhirpath {

class Compiler {
 public:
  Compiler(std::string_view text, const CompileOptions& options);
  CompileResult Run();

 private:
  // What is known of a stack slot before it has a value.
  struct Slot {
    TypeId type = kAnyType;
    bool many = false;
    bool nullable = false;
    int path = -1;                   // in paths_; -1: no plain path
    uint32_t begin = 0;              // of its text
    uint32_t op = 0;                 // that makes it
    uint32_t member = 0;             // the model's id of the member that it is
    std::vector<std::string> texts;  // of the literals that it is made of
    bool repeated = false;           // of repeat(): may have other types too
  };
  struct Local {
    std::string name;
    uint32_t slot = 0;
    Slot value;
  };
  struct PathStep {
    int parent = -1;
    std::string name;
    int uses = 0;  // times it is read as a whole
  };
  struct Operator {
    Code code = Code::kEmpty;
    int power = 0;  // 0: no binary operator
    Code test = Code::kEmpty;
  };

  // compiler.cc: the grammar.
  static constexpr int kUnaryPower = 11;
  void Expression(int power);
  void BinaryTails(int power, uint32_t begin);
  void Unary();
  void Postfix();
  void Term();
  bool TermLiteral();
  void Paren();
  void Braces();
  void Number();
  void VariableTerm();
  void DollarTerm();
  void Invocation(bool after_dot);
  void Indexer();
  void BinaryTail(const Operator& op, uint32_t begin);
  void TypeTail(Code code, uint32_t begin);
  Operator PeekOperator() const;
  TypeName TypeSpecifier();

  // compile_calls.cc: members and functions.
  void MemberStep(const TokenInfo& name, bool after_dot);
  bool RootTypeName(const TokenInfo& name);
  void Call(const TokenInfo& name, bool after_dot);
  void CallValues(int index, const TokenInfo& name);
  uint32_t AnyMember(std::string_view name) const;
  void CallBodies(int index, const TokenInfo& name);
  void CheckBodies(const TokenInfo& name, const Builtin& builtin,
                   const Slot& input, const std::vector<Slot>& results);
  void SortKey(Body* body);
  // Of a member that the input of repeat() has not.
  struct LateMember {
    TokenInfo name;
    std::string owner;
    std::string hint;
  };
  std::optional<Model::Member> FindMember(const Slot& owner,
                                          const TokenInfo& name);
  void CheckLate(size_t first_late, size_t first_step, TypeId input);
  void CallType(int index, const TokenInfo& name);
  void CallHost(const HostFunction& host, const TokenInfo& name);
  void CallKnown(const TokenInfo& name, bool after_dot);
  void CallDefineVariable(const TokenInfo& name, const Slot& input);
  int ArgumentList(int max, const TokenInfo& name);
  void TooMany(const TokenInfo& name, int max);
  bool CheckCount(const TokenInfo& name, int given, int min, int max);
  Slot ResultOf(const Builtin& builtin, const Slot& input,
                const std::vector<Slot>& arguments) const;
  void CheckOrdered(const Slot& input, const TokenInfo& at);
  void PatternConstant(const Builtin& builtin, Op* op);
  void NoteClock(const TokenInfo& name);
  void UnknownFunction(const TokenInfo& name, bool after_dot);
  void CheckHidden(const Builtin& builtin, const Slot& input,
                   const std::vector<Slot>& arguments, const TokenInfo& name);
  void Definite(const Slot& input, std::string_view function, uint32_t at);

  // compile_types.cc: what operands may meet.
  TypeSet TypesOf(const Slot& slot) const;
  void CheckTakes(const std::string& function, int argument, TypeSet wanted,
                  const Slot& slot, uint32_t begin, uint32_t end);
  void CheckArguments(const TokenInfo& name, TypeSet input_types,
                      std::span<const TypeSet> argument_types,
                      const Slot& input, const std::vector<Slot>& arguments);
  void CheckMayBe(const Slot& slot, const TypeName& type, uint32_t begin,
                  uint32_t end);
  bool CheckTimeUnit(const Slot& left, const Slot& right);
  TypeId SystemOf(TypeId type) const;
  std::string NameOf(TypeId type) const;
  void CheckBinary(Code code, const Slot& left, const Slot& right, uint32_t at,
                   uint32_t end);
  Slot BinaryResult(Code code, const Slot& left, const Slot& right) const;
  void CheckEqual(Code code, const Slot& left, const Slot& right, uint32_t at,
                  uint32_t end);
  void NoteTexts(const Slot& member, const Slot& texts, uint32_t at);
  void CheckNumber(const Slot& slot, uint32_t at, uint32_t end);

  // Emission.
  Op& Emit(Code code, int pops, Slot result, uint32_t at);
  uint32_t AddConstant(Value value);
  uint32_t AddName(std::string_view name);
  uint32_t AddType(TypeName type);
  int AddPath(int parent, std::string_view name);
  void UsePath(const Slot& slot, int change);
  std::string PathText(int path) const;
  void FinishReads();

  // Tokens and issues.
  void Advance();
  bool Accept(std::string_view symbol);
  bool Expect(std::string_view symbol);
  void SyntaxError(std::string message, std::string hint = "");
  void SemanticError(uint32_t begin, uint32_t end, std::string message,
                     std::string hint = "");
  Slot& top() { return slots_.back(); }

  const CompileOptions& options_;
  const Model* model_;
  std::unique_ptr<ProgramData> data_;
  Lexer lexer_;
  TokenInfo token_;
  TokenInfo previous_;
  std::vector<Slot> slots_;
  std::vector<Slot> this_;  // contexts: root first
  std::vector<Local> locals_;
  std::vector<PathStep> paths_;
  std::vector<std::string> steps_;  // names of all members so far
  std::vector<LateMember> late_;
  std::vector<CompileIssue> issues_;
  int depth_ = 0;
  int iterating_ = 0;  // inside a body: $index is there
  int aggregating_ = 0;
  bool failed_ = false;  // a syntax error: stop
};

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_COMPILER_H_
