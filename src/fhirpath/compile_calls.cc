// Members and functions: names are resolved here, or become issues.
#include <algorithm>
#include <set>

#include "fhirpath/compiler.h"
#include "re2/re2.h"

namespace stepwell::fhirpath {

namespace {

// Members that System values have themselves.
bool SystemMember(TypeId owner, std::string_view name) {
  if (owner == kTypeInfoType) {
    return name == "namespace" || name == "name" || name == "baseType";
  }
  return owner == kQuantityType && (name == "value" || name == "unit");
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestHint(std::string_view name,
                        std::span<const std::string> names) {
  if (name.size() > 64) return "";
  size_t best = name.size() / 3 + 2;
  std::string_view nearest;
  for (const std::string& candidate : names) {
    if (candidate.size() > 64) continue;
    const size_t distance = EditDistance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  if (nearest.empty()) return "";
  return "did you mean `" + std::string(nearest) + "`?";
}

// In the body of repeat() a member may be one that the items have which it
// finds, though the input has not: CheckLate looks for it.
std::optional<Model::Member> Compiler::FindMember(const Slot& owner,
                                                  const TokenInfo& name) {
  steps_.push_back(name.text);
  auto member = model_->FindMember(owner.type, name.text);
  if (member || !owner.repeated) return member;
  member = model_->FindMember(kAnyType, name.text);
  if (!member) return member;
  late_.push_back({name, NameOf(owner.type),
                   NearestHint(name.text, model_->MemberNames(owner.type))});
  member->type = kAnyType;
  member->many = member->nullable = true;
  return member;
}

// The types that members named in the body lead to, from the input on. Few in
// practice; beyond these anything may be there.
void Compiler::CheckLate(size_t first_late, size_t first_step, TypeId input) {
  constexpr size_t kTypesMax = 64;
  std::vector<LateMember> late(late_.begin() + first_late, late_.end());
  late_.resize(first_late);
  std::set<std::string> names(steps_.begin() + first_step, steps_.end());
  std::vector<TypeId> types = {input};
  for (size_t i = 0; i < types.size() && !late.empty(); ++i) {
    if (types[i] == kAnyType || types.size() > kTypesMax) return;
    for (const std::string& name : names) {
      const auto member = model_->FindMember(types[i], name);
      if (!member) continue;
      std::erase_if(late, [&name](const LateMember& wanted) {
        return wanted.name.text == name;
      });
      if (std::find(types.begin(), types.end(), member->type) == types.end()) {
        types.push_back(member->type);
      }
    }
  }
  for (const LateMember& member : late) {
    SemanticError(member.name.begin, member.name.end,
                  "neither `" + member.owner +
                      "` nor what repeat() finds in it has a member `" +
                      member.name.text + "`",
                  member.hint);
  }
}

void Compiler::MemberStep(const TokenInfo& name, bool after_dot) {
  const Slot owner = after_dot ? top() : this_.back();
  Slot result;
  result.begin = after_dot ? owner.begin : name.begin;
  result.many = true;
  result.nullable = true;
  uint32_t id = 0;
  if (owner.type != kAnyType && owner.type < kFirstModelType) {
    if (!SystemMember(owner.type, name.text)) {
      SemanticError(name.begin, name.end,
                    "a System." + NameOf(owner.type) + " has no member `" +
                        name.text + "`");
    }
    result.many = owner.many;
    result.type = name.text == "value" ? kDecimalType : kStringType;
  } else if (model_ != nullptr) {
    if (const auto member = FindMember(owner, name)) {
      id = result.member = member->id;
      result.type = member->type;
      result.many = owner.many || member->many;
      result.nullable = owner.nullable || member->nullable;
    } else if (!after_dot && RootTypeName(name)) {
      return;
    } else if (!SystemMember(kTypeInfoType, name.text) ||
               owner.type != kAnyType) {
      const std::string type = NameOf(owner.type);
      SemanticError(name.begin, name.end,
                    (type.empty() ? "nothing" : "`" + type + "`") +
                        std::string(type.empty() ? " has a member `"
                                                 : " has no member `") +
                        name.text + "`",
                    NearestHint(name.text, model_->MemberNames(owner.type)));
    }
  }
  result.path = AddPath(owner.path, name.text);
  if (after_dot) UsePath(owner, -1);
  UsePath(result, +1);
  const uint32_t name_index = AddName(name.text);
  Op& op = Emit(after_dot ? Code::kMember : Code::kThisMember,
                after_dot ? 1 : 0, result, name.begin);
  op.a = id;
  op.b = name_index;
}

// `Patient` at the start of `Patient.name`: the context itself.
bool Compiler::RootTypeName(const TokenInfo& name) {
  const auto type = model_->FindType(name.text);
  if (!type) return false;
  Slot slot = this_.back();
  const bool always =
      slot.type != kAnyType && model_->IsSubtype(slot.type, *type);
  const bool sometimes =
      slot.type == kAnyType || model_->IsSubtype(*type, slot.type);
  if (!always && !sometimes) {
    SemanticError(name.begin, name.end,
                  "the context is a `" + NameOf(slot.type) + "`, not a `" +
                      name.text + "`");
    return Emit(Code::kEmpty, 0, Slot(), name.begin), true;
  }
  slot.begin = name.begin;
  UsePath(slot, +1);
  if (always) {
    Emit(Code::kThis, 0, slot, name.begin);
    return true;
  }
  slot.type = *type;
  slot.nullable = true;
  const uint32_t index = AddType({kAnyType, *type, name.text});
  Emit(Code::kRootType, 0, slot, name.begin).a = index;
  return true;
}

void Compiler::Call(const TokenInfo& name, bool after_dot) {
  if (name.text == "known") return CallKnown(name, after_dot);
  const int index = FindBuiltin(name.text);
  const HostFunction* host = options_.host_functions == nullptr
                                 ? nullptr
                                 : options_.host_functions->Find(name.text);
  if (index < 0 && host == nullptr) return UnknownFunction(name, after_dot);
  NoteClock(name);
  if (!after_dot) {
    // Functions that do not look at their input read nothing.
    const bool blind = name.text == "iif" || name.text == "now" ||
                       name.text == "today" || name.text == "timeOfDay";
    Slot slot = this_.back();
    slot.begin = name.begin;
    if (!blind) UsePath(slot, +1);
    const uint32_t end = previous_.end;
    Emit(Code::kThis, 0, slot, name.begin).end = end;
  }
  if (index < 0) return CallHost(*host, name);
  if (name.text == "defineVariable") {
    return CallDefineVariable(name, top());
  }
  switch (Builtins()[static_cast<size_t>(index)].takes) {
    case Takes::kValues:
      return CallValues(index, name);
    case Takes::kBodies:
      return CallBodies(index, name);
    case Takes::kType:
      return CallType(index, name);
  }
}

void Compiler::UnknownFunction(const TokenInfo& name, bool after_dot) {
  std::vector<std::string> names = {"known"};
  for (const Builtin& builtin : Builtins()) names.emplace_back(builtin.name);
  if (options_.host_functions != nullptr) {
    for (std::string& host : options_.host_functions->Names()) {
      names.push_back(std::move(host));
    }
  }
  SemanticError(name.begin, name.end,
                "there is no function `" + name.text + "`",
                NearestHint(name.text, names));
  // The arguments are read for their own issues.
  const size_t size = slots_.size();
  if (ArgumentList(32, name) < 0) return;
  slots_.resize(size);
  Slot slot;
  slot.begin = name.begin;
  Emit(Code::kEmpty, after_dot ? 1 : 0, slot, name.begin);
}

void Compiler::NoteClock(const TokenInfo& name) {
  if (name.text != "now" && name.text != "today" && name.text != "timeOfDay") {
    return;
  }
  data_->uses_now = true;
  if (!options_.allow_now) {
    SemanticError(name.begin, name.end, name.text + "() has no place here",
                  "let time act through a clock");
  }
}

// Reads `(a, b)` and leaves a slot for each; returns how many, -1 on error.
int Compiler::ArgumentList(int max, const TokenInfo& name) {
  if (!Expect("(")) return -1;
  int given = 0;
  if (Accept(")")) return 0;
  while (!failed_) {
    if (given == max && max > 0) {
      TooMany(name, max);
    }
    if (given > 32) SyntaxError("too many arguments");
    Expression(0);
    ++given;
    if (failed_ || Accept(")")) break;
    Expect(",");
  }
  return failed_ ? -1 : given;
}

void Compiler::TooMany(const TokenInfo& name, int max) {
  SemanticError(name.begin, name.end,
                name.text + "() takes at most " + std::to_string(max) +
                    (max == 1 ? " argument" : " arguments"));
}

bool Compiler::CheckCount(const TokenInfo& name, int given, int min, int max) {
  if (given >= min && given <= max) return true;
  if (given > max && max > 0) return false;  // said while reading
  SemanticError(name.begin, name.end,
                name.text + "() takes " +
                    (max == 0     ? "no argument"
                     : min == max ? std::to_string(min) +
                                        (min == 1 ? " argument" : " arguments")
                                  : std::to_string(min) + " to " +
                                        std::to_string(max) + " arguments") +
                    ", " + std::to_string(given) + " given");
  return false;
}

void Compiler::CallValues(int index, const TokenInfo& name) {
  const Builtin& builtin = Builtins()[static_cast<size_t>(index)];
  const int given = ArgumentList(builtin.arguments_max, name);
  if (given < 0) return;
  const bool right_count =
      CheckCount(name, given, builtin.arguments_min, builtin.arguments_max);
  const size_t count = static_cast<size_t>(given);
  const std::vector<Slot> arguments(slots_.end() - given, slots_.end());
  const Slot input = slots_[slots_.size() - count - 1];
  CheckHidden(builtin, input, arguments, name);
  if (name.text == "first" || name.text == "last" || name.text == "tail" ||
      name.text == "skip" || name.text == "take") {
    CheckOrdered(input, name);
  }
  if (right_count) {
    CheckArguments(name, builtin.input_types, builtin.argument_types, input,
                   arguments);
  }
  Op call;
  call.c = 0;
  PatternConstant(builtin, &call);
  Slot result = ResultOf(builtin, input, arguments);
  if (model_ != nullptr && builtin.name == "extension") {
    result.type = model_->ExtensionType();
  } else if (model_ != nullptr && builtin.name == "resolve") {
    result.type = model_->ResourceType();
  }
  Op& op = Emit(Code::kCall, given + 1, result, name.begin);
  op.n = static_cast<uint8_t>(given);
  op.a = static_cast<uint32_t>(index);
  op.c = call.c;
  if (builtin.name == "extension") {
    op.b = AnyMember("extension");
    op.c = AnyMember("url");
  }
}

// The id of a member that any type may have; 0 when it goes by its name.
uint32_t Compiler::AnyMember(std::string_view name) const {
  if (model_ == nullptr) return 0;
  const auto member = model_->FindMember(kAnyType, name);
  return member ? member->id : 0;
}

// children() and descendants() have no order that an expression may rely on.
void Compiler::CheckOrdered(const Slot& input, const TokenInfo& at) {
  const Op& op = data_->ops[input.op];
  if (op.code != Code::kCall) return;
  const std::string_view name = Builtins()[op.a].name;
  if (name != "children" && name != "descendants") return;
  SemanticError(at.begin, at.end,
                std::string(name) + "() has no order to take items by",
                "name the element, or use where()");
}

// A constant regular expression is compiled once, and checked.
void Compiler::PatternConstant(const Builtin& builtin, Op* op) {
  if (builtin.name != "matches" && builtin.name != "matchesFull" &&
      builtin.name != "replaceMatches") {
    return;
  }
  const size_t back = builtin.name == "replaceMatches" ? 2 : 1;
  if (slots_.size() < back) return;
  const Op& argument = data_->ops[slots_[slots_.size() - back].op];
  if (argument.code != Code::kConstant) return;
  const Value& value = data_->constants[argument.a];
  if (!value.is(Kind::kString)) return;
  auto pattern = MakePattern(value.string(), builtin.name == "matchesFull");
  if (!pattern->ok()) {
    SemanticError(argument.begin, argument.end,
                  "wrong regular expression: " + PatternProblem(*pattern));
  }
  data_->patterns.push_back(std::move(pattern));
  op->c = static_cast<uint32_t>(data_->patterns.size());
}

void Compiler::CallBodies(int index, const TokenInfo& name) {
  const Builtin& builtin = Builtins()[static_cast<size_t>(index)];
  const Slot input = top();
  Emit(Code::kLambda, 1, input, name.begin);
  const size_t lambda = data_->ops.size() - 1;
  if (!Expect("(")) return;
  Slot item = input;
  const bool whole = name.text == "iif" || name.text == "trace";
  if (!whole) item.many = item.nullable = false;
  if (name.text == "repeat" || name.text == "repeatAll") {
    item.repeated = input.type != kAnyType;
  }
  const size_t first_late = late_.size(), first_step = steps_.size();
  std::vector<Body> bodies;
  std::vector<Slot> results;
  bool more = !Accept(")");
  while (more && !failed_) {
    const bool total = name.text == "aggregate" && bodies.empty();
    this_.push_back(item);
    iterating_ += whole ? 0 : 1;
    aggregating_ += total ? 1 : 0;
    Body body;
    body.begin = static_cast<uint32_t>(data_->ops.size());
    if (name.text == "sort") {
      SortKey(&body);
    } else {
      Expression(0);
    }
    iterating_ -= whole ? 0 : 1;
    aggregating_ -= total ? 1 : 0;
    this_.pop_back();
    if (failed_) return;
    body.end = static_cast<uint32_t>(data_->ops.size());
    bodies.push_back(body);
    results.push_back(top());
    slots_.pop_back();
    if (bodies.size() > 32) SyntaxError("too many arguments");
    more = !Accept(")");
    if (more && !failed_) Expect(",");
  }
  if (failed_) return;
  CheckCount(name, static_cast<int>(bodies.size()), builtin.arguments_min,
             builtin.arguments_max);
  if (static_cast<int>(bodies.size()) > builtin.arguments_max) {
    TooMany(name, builtin.arguments_max);
  }
  if (item.repeated) CheckLate(first_late, first_step, input.type);
  CheckBodies(name, builtin, input, results);
  Op& op = data_->ops[lambda];
  op.n = static_cast<uint8_t>(bodies.size());
  op.a = static_cast<uint32_t>(index);
  op.b = static_cast<uint32_t>(data_->bodies.size());
  op.begin = input.begin;
  op.end = previous_.end;
  for (const Body& body : bodies) data_->bodies.push_back(body);
  Slot result = ResultOf(builtin, input, results);
  result.op = static_cast<uint32_t>(lambda);
  top() = result;
}

void Compiler::CheckBodies(const TokenInfo& name, const Builtin& builtin,
                           const Slot& input,
                           const std::vector<Slot>& results) {
  if (name.text == "iif" && !results.empty()) {
    if ((TypesOf(results[0]) & TypeBit(kBooleanType)) == 0) {
      SemanticError(name.begin, name.end,
                    "the criterion of iif() must be a Boolean");
    }
  } else {
    CheckArguments(name, builtin.input_types, builtin.argument_types, input,
                   results);
  }
  CheckHidden(builtin, input, results, name);
}

// `-key` and `key desc` sort downwards, whatever the key's type.
void Compiler::SortKey(Body* body) {
  const TokenInfo sign = token_;
  if (sign.is("-")) {
    Advance();
    Expression(kUnaryPower - 1);
    body->descending = !failed_ && (token_.is(",") || token_.is(")"));
    if (failed_ || body->descending) return;
    // More follows: a negative number within an expression.
    CheckNumber(top(), sign.begin, sign.end);
    Slot result = top();
    result.path = -1;
    Emit(Code::kNegate, 1, result, sign.begin);
    BinaryTails(0, sign.begin);
  } else {
    Expression(0);
  }
  if (failed_) return;
  if (token_.word("asc") || token_.word("desc")) {
    body->descending = token_.word("desc");
    Advance();
  }
}

void Compiler::CallType(int index, const TokenInfo& name) {
  const Builtin& builtin = Builtins()[static_cast<size_t>(index)];
  const Slot input = top();
  if (!Expect("(")) return;
  TypeName type = TypeSpecifier();
  if (failed_ || !Expect(")")) return;
  Slot result = input;
  const Code code = builtin.name == "is"   ? Code::kIs
                    : builtin.name == "as" ? Code::kAs
                                           : Code::kOfType;
  if (code == Code::kIs) {
    result.type = kBooleanType;
    result.path = -1;
  } else {
    CheckMayBe(input, type, name.begin, previous_.end);
    result.nullable = true;
    result.type = type.system == kAnyType  ? type.model
                  : type.model == kAnyType ? type.system
                                           : kAnyType;
  }
  if (code != Code::kOfType) result.many = false;
  Emit(code, 1, result, name.begin).a = AddType(std::move(type));
}

void Compiler::CallHost(const HostFunction& host, const TokenInfo& name) {
  const int given = ArgumentList(host.arguments_max, name);
  if (given < 0) return;
  CheckCount(name, given, host.arguments_min, host.arguments_max);
  const Slot input = slots_[slots_.size() - static_cast<size_t>(given) - 1];
  CheckArguments(name, host.input_types, host.argument_types, input,
                 {slots_.end() - given, slots_.end()});
  if (host.definite) Definite(input, name.text, name.begin);
  Slot result;
  result.type = host.type;
  result.many = host.many;
  result.nullable = !host.definite;
  result.begin = input.begin;
  data_->hosts.push_back(&host);
  Op& op = Emit(Code::kHost, given + 1, result, name.begin);
  op.n = static_cast<uint8_t>(given);
  op.a = static_cast<uint32_t>(data_->hosts.size() - 1);
}

// known(x), or x.known(): true when x is not empty. What stands in its
// argument is deliberately definite.
void Compiler::CallKnown(const TokenInfo& name, bool after_dot) {
  const size_t places = data_->definite_places.size();
  const int given = ArgumentList(after_dot ? 0 : 1, name);
  if (given < 0) return;
  CheckCount(name, given, after_dot ? 0 : 1, after_dot ? 0 : 1);
  data_->definite_places.resize(places);
  Slot result;
  result.type = kBooleanType;
  if (given == 0 && !after_dot) {  // an issue already; keep the stack whole
    Emit(Code::kEmpty, 0, result, name.begin);
    return;
  }
  const int pops = given + (after_dot ? 1 : 0);
  result.begin = after_dot ? slots_[slots_.size() - pops].begin : name.begin;
  Op& op = Emit(Code::kCall, pops, result, name.begin);
  op.a = static_cast<uint32_t>(FindBuiltin("known"));
}

void Compiler::CallDefineVariable(const TokenInfo& name, const Slot& input) {
  const Slot whole = input;
  Emit(Code::kLambda, 1, whole, name.begin);
  const size_t lambda = data_->ops.size() - 1;
  if (!Expect("(")) return;
  const TokenInfo variable = token_;
  if (variable.token != Token::kString) {
    return SyntaxError("defineVariable() needs a name in quotes",
                       "defineVariable('n', name.first())");
  }
  Advance();
  static constexpr std::string_view kTaken[] = {
      "context", "resource", "rootResource", "ucum", "sct", "loinc"};
  bool taken = std::find(std::begin(kTaken), std::end(kTaken), variable.text) !=
               std::end(kTaken);
  for (const Variable& v : options_.variables) {
    taken = taken || v.name == variable.text;
  }
  for (const Local& v : locals_) taken = taken || v.name == variable.text;
  if (taken) {
    SemanticError(variable.begin, variable.end,
                  "the variable `%" + variable.text + "` has a value already");
  }
  Local local{variable.text, data_->locals++, whole};
  std::vector<Body> bodies;
  if (Accept(",")) {
    this_.push_back(whole);
    const uint32_t begin = static_cast<uint32_t>(data_->ops.size());
    Expression(0);
    this_.pop_back();
    if (failed_) return;
    bodies.push_back({begin, static_cast<uint32_t>(data_->ops.size())});
    local.value = top();
    slots_.pop_back();
  }
  if (failed_ || !Expect(")")) return;
  Op& op = data_->ops[lambda];
  op.n = static_cast<uint8_t>(bodies.size());
  op.a = static_cast<uint32_t>(FindBuiltin("defineVariable"));
  op.b = static_cast<uint32_t>(data_->bodies.size());
  op.c = local.slot;
  op.begin = whole.begin;
  op.end = previous_.end;
  for (const Body& body : bodies) data_->bodies.push_back(body);
  top() = whole;
  top().op = static_cast<uint32_t>(lambda);
  locals_.push_back(std::move(local));
}

Compiler::Slot Compiler::ResultOf(const Builtin& builtin, const Slot& input,
                                  const std::vector<Slot>& arguments) const {
  Slot result;
  switch (builtin.gives) {
    case Gives::kInput:
      result = input;
      break;
    case Gives::kInputItem:
      result = input;
      result.many = false;
      break;
    case Gives::kFixed:
      result.type = builtin.type;
      result.many = builtin.many;
      break;
    case Gives::kBody:
      if (!arguments.empty()) result = arguments[0];
      result.many = result.many || input.many;
      result.nullable = true;
      break;
    case Gives::kBranches:
      result.many = true;
      if (arguments.size() >= 2) result = arguments[1];
      if (arguments.size() == 3) {
        if (arguments[2].type != result.type) result.type = kAnyType;
        result.many = result.many || arguments[2].many;
        result.nullable = result.nullable || arguments[2].nullable;
      }
      result.nullable = result.nullable || arguments.size() < 3;
      result.path = -1;
      break;
    case Gives::kJoined:
      if (!arguments.empty() && arguments[0].type == input.type) {
        result.type = input.type;
      }
      result.many = result.nullable = true;
      break;
    case Gives::kUnknown:
      result.many = true;
      break;
  }
  if (builtin.missing == Missing::kNever) result.nullable = false;
  if (builtin.missing == Missing::kPossible) result.nullable = true;
  if (builtin.missing == Missing::kAsInput && builtin.gives == Gives::kFixed) {
    result.nullable = input.nullable || input.many;
    for (const Slot& argument : arguments) {
      result.nullable = result.nullable || argument.nullable;
    }
  }
  result.begin = input.begin;
  return result;
}

// Notes the call once when it hides that a part of it is missing.
void Compiler::CheckHidden(const Builtin& builtin, const Slot& input,
                           const std::vector<Slot>& arguments,
                           const TokenInfo& name) {
  const auto hides = [&](size_t i) {
    return (builtin.hides & kHidesArgument) != 0 ||
           ((builtin.hides & kHidesFirst) != 0 && i == 0) ||
           ((builtin.hides & kHidesSecond) != 0 && i == 1) ||
           ((builtin.hides & kHidesAllButLast) != 0 &&
            i + 1 < arguments.size()) ||
           ((builtin.hides & kHidesItem) != 0 && input.many);
  };
  Slot missing;
  if ((builtin.hides & kHidesMembers) != 0 ||
      ((builtin.hides & kHidesInput) != 0 && input.nullable)) {
    missing = input;
    missing.nullable = true;
  }
  for (size_t i = 0; i < arguments.size() && !missing.nullable; ++i) {
    if (hides(i)) missing = arguments[i];
  }
  Definite(missing, name.text, name.begin);
}

void Compiler::Definite(const Slot& input, std::string_view function,
                        uint32_t at) {
  if (!input.nullable) return;
  data_->definite_places.push_back(
      {static_cast<int>(at) + 1, std::string(function), PathText(input.path)});
}

}  // namespace stepwell::fhirpath
