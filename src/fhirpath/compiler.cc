// The grammar: a Pratt parser over tokens. Each rule leaves one slot more.
#include "fhirpath/compiler.h"

#include <algorithm>
#include <charconv>

#include "fhirpath/quantity.h"
#include "re2/re2.h"

namespace stepwell::fhirpath {
namespace {

constexpr int kPowerIs = 8;

}  // namespace

ProgramData::ProgramData() = default;
ProgramData::~ProgramData() = default;

Compiler::Compiler(std::string_view text, const CompileOptions& options)
    : options_(options),
      model_(options.model),
      data_(std::make_unique<ProgramData>()),
      lexer_(text) {
  data_->text = text;
  data_->model = options.model;
}

CompileResult Compiler::Run() {
  paths_.push_back({});  // the root
  this_.push_back({options_.root_type, false, false, 0, 0, 0, 0, {}});
  Advance();
  Expression(0);
  if (!failed_ && token_.token != Token::kEnd) {
    SyntaxError("the expression ends before this");
  }
  CompileResult result;
  result.issues = std::move(issues_);
  if (!result.issues.empty()) return result;
  data_->result_type = top().type;
  data_->result_many = top().many;
  data_->result_nullable = top().nullable;
  FinishReads();
  result.program = std::make_shared<const Program>(std::move(data_));
  return result;
}

Compiler::Operator Compiler::PeekOperator() const {
  struct Entry {
    std::string_view text;
    Operator op;
  };
  static constexpr Code kNone = Code::kEmpty;
  static const Entry kSymbols[] = {
      {"=", {Code::kEqual, 5, kNone}},
      {"~", {Code::kEquivalent, 5, kNone}},
      {"!=", {Code::kNotEqual, 5, kNone}},
      {"!~", {Code::kNotEquivalent, 5, kNone}},
      {"<", {Code::kLess, 6, kNone}},
      {">", {Code::kGreater, 6, kNone}},
      {"<=", {Code::kLessOrEqual, 6, kNone}},
      {">=", {Code::kGreaterOrEqual, 6, kNone}},
      {"|", {Code::kUnion, 7, kNone}},
      {"+", {Code::kAdd, 9, kNone}},
      {"-", {Code::kSubtract, 9, kNone}},
      {"&", {Code::kConcatenate, 9, kNone}},
      {"*", {Code::kMultiply, 10, kNone}},
      {"/", {Code::kDivide, 10, kNone}},
  };
  static const Entry kWords[] = {
      {"implies", {Code::kImplies, 1, Code::kImpliesTest}},
      {"or", {Code::kOr, 2, Code::kOrTest}},
      {"xor", {Code::kXor, 2, kNone}},
      {"and", {Code::kAnd, 3, Code::kAndTest}},
      {"in", {Code::kIn, 4, kNone}},
      {"contains", {Code::kContains, 4, kNone}},
      {"is", {Code::kIs, kPowerIs, kNone}},
      {"as", {Code::kAs, kPowerIs, kNone}},
      {"div", {Code::kDiv, 10, kNone}},
      {"mod", {Code::kMod, 10, kNone}},
  };
  if (token_.token == Token::kSymbol) {
    for (const Entry& entry : kSymbols) {
      if (token_.text == entry.text) return entry.op;
    }
  } else if (token_.token == Token::kIdentifier) {
    for (const Entry& entry : kWords) {
      if (token_.text == entry.text) return entry.op;
    }
  }
  return {};
}

void Compiler::Expression(int power) {
  if (++depth_ > static_cast<int>(limits::kExpressionDepthMax)) {
    SyntaxError("the expression is nested deeper than " +
                std::to_string(limits::kExpressionDepthMax) + " levels");
  }
  const uint32_t begin = token_.begin;
  if (!failed_) Unary();
  BinaryTails(power, begin);
  --depth_;
}

void Compiler::BinaryTails(int power, uint32_t begin) {
  while (!failed_) {
    const Operator op = PeekOperator();
    if (op.power == 0 || op.power <= power) break;
    if (op.power == kPowerIs) {
      TypeTail(op.code, begin);
    } else {
      BinaryTail(op, begin);
    }
  }
}

void Compiler::BinaryTail(const Operator& op, uint32_t begin) {
  const TokenInfo symbol = token_;
  Advance();
  size_t test = 0;
  if (op.test != Code::kEmpty) {
    test = data_->ops.size();
    Emit(op.test, 1, top(), symbol.begin);
  }
  const size_t locals = locals_.size();
  Expression(op.power);
  locals_.resize(std::min(locals, locals_.size()));
  if (failed_) return;
  const Slot left = slots_[slots_.size() - 2];
  const Slot right = top();
  CheckBinary(op.code, left, right, symbol.begin, symbol.end);
  Slot result = BinaryResult(op.code, left, right);
  result.begin = begin;
  Emit(op.code, 2, result, symbol.begin);
  if (op.test != Code::kEmpty) {
    data_->ops[test].a = static_cast<uint32_t>(data_->ops.size());
  }
}

void Compiler::TypeTail(Code code, uint32_t begin) {
  const TokenInfo word = token_;
  Advance();
  TypeName type = TypeSpecifier();
  if (failed_) return;
  if (code == Code::kAs) CheckMayBe(top(), type, word.begin, previous_.end);
  Slot result = top();
  result.begin = begin;
  result.path = code == Code::kIs ? -1 : result.path;
  result.type = code == Code::kIs ? kBooleanType
                : type.model != kAnyType && type.system == kAnyType ? type.model
                : type.model == kAnyType ? type.system
                                         : kAnyType;
  result.many = false;
  if (code == Code::kAs) result.nullable = true;
  Emit(code, 1, result, word.begin).a = AddType(std::move(type));
}

TypeName Compiler::TypeSpecifier() {
  TypeName type;
  const uint32_t begin = token_.begin;
  std::string space;
  std::string name;
  for (int part = 0;; ++part) {
    if (token_.token != Token::kIdentifier && token_.token != Token::kQuoted) {
      SyntaxError("a type name must stand here", "Patient, System.String");
      return type;
    }
    if (part > 0) space += (space.empty() ? "" : ".") + name;
    name = token_.text;
    Advance();
    // `x is Patient.name` has no meaning: a dot belongs to the type name.
    if (!token_.is(".")) break;
    Advance();
  }
  type.text = space.empty() ? name : space + "." + name;
  for (TypeId id = kBooleanType; id <= kTypeInfoType; ++id) {
    if (name == SystemTypeName(static_cast<Kind>(id))) type.system = id;
  }
  if (model_ != nullptr) type.model = model_->FindType(name).value_or(0);
  const bool known = type.system != kAnyType || type.model != kAnyType;
  if (space == "System") {
    type.model = kAnyType;
  } else if (!space.empty()) {
    type.system = kAnyType;
    if (model_ == nullptr || space != model_->Namespace()) {
      type.model = kAnyType;
    }
  }
  if (!known) {
    SemanticError(begin, previous_.end, "there is no type `" + type.text + "`",
                  "System types are Boolean, String, Integer, Decimal, Date, "
                  "DateTime, Time, Quantity");
  }
  return type;
}

void Compiler::Unary() {
  if (!token_.is("-") && !token_.is("+")) return Postfix();
  const TokenInfo sign = token_;
  Advance();
  if (++depth_ > static_cast<int>(limits::kExpressionDepthMax)) {
    SyntaxError("too many signs in a row");
  }
  if (!failed_) Expression(kUnaryPower - 1);
  --depth_;
  if (failed_) return;
  CheckNumber(top(), sign.begin, sign.end);
  Slot result = top();
  result.path = -1;
  result.many = false;
  result.begin = sign.begin;
  Emit(sign.is("-") ? Code::kNegate : Code::kPositive, 1, result, sign.begin);
}

void Compiler::Postfix() {
  const size_t locals = locals_.size();
  Term();
  while (!failed_) {
    if (Accept(".")) {
      Invocation(/*after_dot=*/true);
    } else if (token_.is("[")) {
      Indexer();
    } else {
      break;
    }
  }
  locals_.resize(std::min(locals, locals_.size()));
}

void Compiler::Indexer() {
  const TokenInfo open = token_;
  Advance();
  Expression(0);
  if (failed_ || !Expect("]")) return;
  Slot result = slots_[slots_.size() - 2];
  CheckOrdered(result, open);
  if ((TypesOf(top()) & TypeBit(kIntegerType)) == 0) {
    SemanticError(open.begin, previous_.end, "an index must be an Integer");
  }
  result.many = false;
  result.nullable = true;
  Emit(Code::kIndexer, 2, result, open.begin);
}

void Compiler::Term() {
  if (TermLiteral()) return;
  switch (token_.token) {
    case Token::kIdentifier:
    case Token::kQuoted:
      return Invocation(/*after_dot=*/false);
    case Token::kDollar:
      return DollarTerm();
    case Token::kVariable:
      return VariableTerm();
    default:
      break;
  }
  if (token_.is("(")) return Paren();
  if (token_.is("{")) return Braces();
  if (token_.token == Token::kEnd) {
    return SyntaxError("the expression ends where a value must stand");
  }
  SyntaxError("a value must stand here");
}

bool Compiler::TermLiteral() {
  Slot slot;
  slot.begin = token_.begin;
  Value value;
  if (token_.token == Token::kString) {
    slot.type = kStringType;
    slot.texts.push_back(token_.text);
    value = Value::String(token_.text);
  } else if (token_.token == Token::kTemporal) {
    slot.type = SystemTypeOf(token_.value.kind());
    value = token_.value;
  } else if (token_.word("true") || token_.word("false")) {
    slot.type = kBooleanType;
    value = Value::Boolean(token_.text == "true");
  } else if (token_.token == Token::kInteger ||
             token_.token == Token::kDecimal) {
    Number();
    return true;
  } else {
    return false;
  }
  Advance();
  const uint32_t index = AddConstant(std::move(value));
  Emit(Code::kConstant, 0, slot, slot.begin).a = index;
  return true;
}

void Compiler::Number() {
  const TokenInfo number = token_;
  Advance();
  Slot slot;
  slot.begin = number.begin;
  const auto decimal = Decimal::Parse(number.text);
  if (!decimal) {
    SemanticError(number.begin, number.end,
                  "this number has more than 38 digits");
    Emit(Code::kEmpty, 0, slot, number.begin);
    return;
  }
  Value value;
  const std::string_view unit = token_.token == Token::kIdentifier
                                    ? CalendarUnit(token_.text)
                                    : std::string_view();
  if (!unit.empty() || token_.token == Token::kString) {
    Quantity quantity{*decimal, std::string(unit), true};
    if (unit.empty()) quantity = {*decimal, token_.text, false};
    if (quantity.unit.size() > kUnitBytesMax) {
      SemanticError(token_.begin, token_.end, "this unit is too long");
    }
    slot.type = kQuantityType;
    value = Value::Of(std::move(quantity));
    Advance();
  } else if (number.token == Token::kDecimal) {
    slot.type = kDecimalType;
    value = Value::Of(*decimal);
  } else if (const auto integer = decimal->ToInt64()) {
    slot.type = kIntegerType;
    value = Value::Integer(*integer);
  } else {
    SemanticError(number.begin, number.end,
                  "this number is too large for an Integer",
                  "write " + number.text + ".0 for a Decimal");
  }
  const uint32_t index = AddConstant(std::move(value));
  Emit(Code::kConstant, 0, slot, slot.begin).a = index;
}

void Compiler::Paren() {
  const uint32_t begin = token_.begin;
  Advance();
  Expression(0);
  if (failed_ || !Expect(")")) return;
  top().begin = begin;
  Op& op = data_->ops[top().op];
  op.begin = begin;
  op.end = previous_.end;
}

void Compiler::Braces() {
  const uint32_t begin = token_.begin;
  Advance();
  if (!Expect("}")) return;
  Slot slot;
  slot.begin = begin;
  slot.nullable = true;
  Emit(Code::kEmpty, 0, slot, begin);
}

void Compiler::DollarTerm() {
  const TokenInfo name = token_;
  Advance();
  Slot slot;
  if (name.text == "this") {
    slot = this_.back();
    slot.begin = name.begin;
    UsePath(slot, +1);
    Emit(Code::kThis, 0, slot, name.begin);
  } else if (name.text == "index" && iterating_ > 0) {
    slot.type = kIntegerType;
    slot.begin = name.begin;
    Emit(Code::kIndex, 0, slot, name.begin);
  } else if (name.text == "total" && aggregating_ > 0) {
    slot.many = slot.nullable = true;
    slot.begin = name.begin;
    Emit(Code::kTotal, 0, slot, name.begin);
  } else {
    SemanticError(name.begin, name.end,
                  "`$" + name.text + "` has no value here",
                  "$this stands everywhere, $index in where() and its like, "
                  "$total in aggregate()");
    Emit(Code::kEmpty, 0, slot, name.begin);
  }
}

void Compiler::VariableTerm() {
  const TokenInfo name = token_;
  Advance();
  Slot slot;
  slot.begin = name.begin;
  for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
    if (local->name != name.text) continue;
    slot = local->value;
    slot.begin = name.begin;
    const uint32_t index = local->slot;
    UsePath(slot, +1);
    Emit(Code::kLocal, 0, slot, name.begin).a = index;
    return;
  }
  for (size_t i = 0; i < options_.variables.size(); ++i) {
    const Variable& variable = options_.variables[i];
    if (variable.name != name.text) continue;
    slot.type = variable.type;
    slot.many = variable.many;
    slot.nullable = true;
    data_->variables_read.push_back(static_cast<int>(i));
    Emit(Code::kVariable, 0, slot, name.begin).a = static_cast<uint32_t>(i);
    return;
  }
  const std::string& text = name.text;
  std::string url;
  if (text == "ucum") url = "http://unitsofmeasure.org";
  if (text == "sct") url = "http://snomed.info/sct";
  if (text == "loinc") url = "http://loinc.org";
  if (text.rfind("vs-", 0) == 0) {
    url = "http://hl7.org/fhir/ValueSet/" + text.substr(3);
  }
  if (text.rfind("ext-", 0) == 0) {
    url = "http://hl7.org/fhir/StructureDefinition/" + text.substr(4);
  }
  if (!url.empty()) {
    slot.type = kStringType;
    const uint32_t index = AddConstant(Value::String(url));
    Emit(Code::kConstant, 0, slot, name.begin).a = index;
    return;
  }
  slot.nullable = true;
  if (text == "context" || text == "resource" || text == "rootResource") {
    slot.type = options_.resource_type;
    if (text == "context") {
      slot = {this_.front().type, false, false, 0, name.begin, 0, 0, {}};
    }
    UsePath({kAnyType, false, false, 0, 0, 0, 0, {}}, +1);
    Emit(text == "context"    ? Code::kContext
         : text == "resource" ? Code::kResource
                              : Code::kRootResource,
         0, slot, name.begin);
    return;
  }
  std::vector<std::string> names = {"context", "resource", "rootResource",
                                    "ucum",    "sct",      "loinc"};
  for (const Variable& v : options_.variables) names.push_back(v.name);
  for (const Local& v : locals_) names.push_back(v.name);
  SemanticError(name.begin, name.end, "there is no variable `%" + text + "`",
                NearestHint(text, names));
  Emit(Code::kEmpty, 0, slot, name.begin);
}

void Compiler::Invocation(bool after_dot) {
  const TokenInfo name = token_;
  if (after_dot && name.token == Token::kDollar) {
    return SyntaxError("$" + name.text + " cannot follow a dot");
  }
  if (name.token != Token::kIdentifier && name.token != Token::kQuoted) {
    return SyntaxError("a name must follow the dot");
  }
  static constexpr std::string_view kReserved[] = {
      "and", "or", "xor", "implies", "div", "mod", "true", "false"};
  if (name.token == Token::kIdentifier &&
      std::find(std::begin(kReserved), std::end(kReserved), name.text) !=
          std::end(kReserved)) {
    return SyntaxError("`" + name.text + "` is a reserved word",
                       "write `" + name.text + "` in back quotes");
  }
  Advance();
  if (token_.is("(") && name.token == Token::kIdentifier) {
    return Call(name, after_dot);
  }
  MemberStep(name, after_dot);
}

// --- Tokens and issues ------------------------------------------------------

void Compiler::Advance() {
  previous_ = std::move(token_);
  token_ = lexer_.Next();
  if (token_.token == Token::kError) SyntaxError(token_.text);
}

bool Compiler::Accept(std::string_view symbol) {
  if (!token_.is(symbol)) return false;
  Advance();
  return !failed_;
}

bool Compiler::Expect(std::string_view symbol) {
  if (Accept(symbol)) return true;
  SyntaxError("`" + std::string(symbol) + "` must stand here");
  return false;
}

void Compiler::SyntaxError(std::string message, std::string hint) {
  if (failed_) return;
  failed_ = true;
  issues_.push_back({IssueKind::kSyntax, std::move(message), std::move(hint),
                     static_cast<int>(token_.begin) + 1,
                     static_cast<int>(token_.end - token_.begin)});
}

void Compiler::SemanticError(uint32_t begin, uint32_t end, std::string message,
                             std::string hint) {
  if (failed_ || issues_.size() >= 100) return;
  issues_.push_back({IssueKind::kSemantic, std::move(message), std::move(hint),
                     static_cast<int>(begin) + 1,
                     static_cast<int>(end - begin)});
}

// --- Emission ---------------------------------------------------------------

Op& Compiler::Emit(Code code, int pops, Slot result, uint32_t at) {
  slots_.resize(slots_.size() - static_cast<size_t>(pops));
  Op op;
  op.code = code;
  op.at = at;
  op.begin = result.begin;
  op.end = previous_.end;
  result.op = static_cast<uint32_t>(data_->ops.size());
  slots_.push_back(result);
  data_->stack_max =
      std::max(data_->stack_max, static_cast<uint32_t>(slots_.size()));
  data_->ops.push_back(op);
  return data_->ops.back();
}

uint32_t Compiler::AddConstant(Value value) {
  data_->constants.push_back(std::move(value));
  return static_cast<uint32_t>(data_->constants.size() - 1);
}

uint32_t Compiler::AddName(std::string_view name) {
  for (size_t i = 0; i < data_->names.size(); ++i) {
    if (data_->names[i] == name) return static_cast<uint32_t>(i);
  }
  data_->names.emplace_back(name);
  return static_cast<uint32_t>(data_->names.size() - 1);
}

uint32_t Compiler::AddType(TypeName type) {
  data_->types.push_back(std::move(type));
  return static_cast<uint32_t>(data_->types.size() - 1);
}

int Compiler::AddPath(int parent, std::string_view name) {
  if (parent < 0) return -1;
  for (size_t i = 1; i < paths_.size(); ++i) {
    if (paths_[i].parent == parent && paths_[i].name == name) {
      return static_cast<int>(i);
    }
  }
  paths_.push_back({parent, std::string(name), 0});
  return static_cast<int>(paths_.size() - 1);
}

void Compiler::UsePath(const Slot& slot, int change) {
  if (slot.path >= 0) paths_[static_cast<size_t>(slot.path)].uses += change;
}

std::string Compiler::PathText(int path) const {
  std::string text;
  for (; path > 0; path = paths_[static_cast<size_t>(path)].parent) {
    const std::string& name = paths_[static_cast<size_t>(path)].name;
    text = text.empty() ? name : name + "." + text;
  }
  return text;
}

void Compiler::FinishReads() {
  for (size_t i = 0; i < paths_.size(); ++i) {
    if (paths_[i].uses <= 0) continue;
    std::vector<std::string> names;
    for (int p = static_cast<int>(i); p > 0;
         p = paths_[static_cast<size_t>(p)].parent) {
      names.insert(names.begin(), paths_[static_cast<size_t>(p)].name);
    }
    data_->reads.push_back(std::move(names));
  }
  std::sort(data_->reads.begin(), data_->reads.end());
  std::vector<int>& slots = data_->variables_read;
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
}

CompileResult Compile(std::string_view text, const CompileOptions& options) {
  if (text.size() > limits::kExpressionBytesMax) {
    CompileResult result;
    result.issues.push_back(
        {IssueKind::kSyntax,
         "the expression has " + std::to_string(text.size()) +
             " bytes; at most " + std::to_string(limits::kExpressionBytesMax) +
             " are allowed",
         "", 1, 0});
    return result;
  }
  return Compiler(text, options).Run();
}

// --- Program ----------------------------------------------------------------

Program::Program(std::unique_ptr<const ProgramData> data)
    : data_(std::move(data)) {}
Program::~Program() = default;
const std::string& Program::text() const { return data_->text; }
TypeId Program::result_type() const { return data_->result_type; }
bool Program::result_many() const { return data_->result_many; }
bool Program::result_nullable() const { return data_->result_nullable; }
const std::vector<std::vector<std::string>>& Program::reads() const {
  return data_->reads;
}
const std::vector<int>& Program::variables_read() const {
  return data_->variables_read;
}
const std::vector<DefinitePlace>& Program::definite_places() const {
  return data_->definite_places;
}
const std::vector<ComparedText>& Program::compared_texts() const {
  return data_->compared_texts;
}
bool Program::uses_now() const { return data_->uses_now; }

}  // namespace stepwell::fhirpath
