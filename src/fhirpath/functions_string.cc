// String functions. Positions count characters, not bytes.
#include <algorithm>

#include "fhirpath/encoding.h"
#include "fhirpath/unicode.h"
#include "fhirpath/vm.h"
#include "re2/re2.h"

namespace stepwell::fhirpath {
namespace {

using Arguments = std::span<Collection>;

re2::StringPiece Piece(std::string_view text) {
  return re2::StringPiece(text.data(), text.size());
}

void SetString(std::string_view text, Collection* out) {
  out->SetOnly(Value::Text(text));
}

// The input and up to two arguments as strings; good until they are changed.
class Texts {
 public:
  // False after Vm::Fail.
  bool Read(Vm& vm, Collection& input, Arguments arguments,
            std::string_view what) {
    if (!vm.TextIn(input, what, &read_[0], &texts_[0])) return false;
    missing = !texts_[0];
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (!vm.TextIn(arguments[i], what, &read_[i + 1], &texts_[i + 1])) {
        return false;
      }
      missing = missing || !texts_[i + 1];
    }
    size_t bytes = 0;
    for (const auto& text : texts_) bytes += text.value_or("").size();
    if (missing) input.clear();
    return vm.StepBytes(bytes);
  }
  bool missing = false;  // one of them is empty: so is the result
  std::string_view text() const { return *texts_[0]; }
  std::string_view a() const { return *texts_[1]; }
  std::string_view b() const { return *texts_[2]; }

 private:
  std::optional<Value> read_[3];
  std::optional<std::string_view> texts_[3];
};

bool Read(Vm& vm, Collection& input, Arguments arguments, std::string_view what,
          Texts* out) {
  return out->Read(
      vm, input, arguments.first(std::min<size_t>(arguments.size(), 2)), what);
}

// To look for `part` at every place of `text` takes so long at the most.
bool StepSearch(Vm& vm, std::string_view text, std::string_view part) {
  return vm.StepBytes(text.size() * (1 + part.size() / 256));
}

bool CheckLength(Vm& vm, size_t size) {
  if (size <= vm.options().limits.items_max) return vm.Step(1 + size / 256);
  return vm.Fail("a string of more than " +
                 std::to_string(vm.options().limits.items_max) + " bytes");
}

bool Length(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "length()", &t)) return false;
  if (t.missing) return true;
  const size_t count = CodePointCount(t.text());
  input.SetOnly(Value::Integer(static_cast<int64_t>(count)));
  return true;
}

bool Find(Vm& vm, Collection& input, Arguments arguments, bool last) {
  Texts t;
  if (!Read(vm, input, arguments, last ? "lastIndexOf()" : "indexOf()", &t)) {
    return false;
  }
  if (t.missing) return true;
  if (!StepSearch(vm, t.text(), t.a())) return false;
  const size_t at = last ? t.text().rfind(t.a()) : t.text().find(t.a());
  const int64_t index =
      at == std::string_view::npos
          ? -1
          : static_cast<int64_t>(CodePointCount(t.text().substr(0, at)));
  input.SetOnly(Value::Integer(index));
  return true;
}

bool IndexOf(Vm& vm, Collection& input, Arguments arguments) {
  return Find(vm, input, arguments, false);
}
bool LastIndexOf(Vm& vm, Collection& input, Arguments arguments) {
  return Find(vm, input, arguments, true);
}

bool Substring(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<Value> read;
  std::optional<std::string_view> held;
  std::optional<int64_t> start, length;
  if (!vm.TextIn(input, "substring()", &read, &held) ||
      !vm.IntegerOf(arguments[0], "substring()", &start)) {
    return false;
  }
  if (arguments.size() > 1 &&
      !vm.IntegerOf(arguments[1], "substring()", &length)) {
    return false;
  }
  if (!held || !start) return input.clear(), true;
  const std::string_view text = *held;
  const size_t count = CodePointCount(text);
  if (*start < 0 || *start >= static_cast<int64_t>(count)) {
    return input.clear(), true;
  }
  if (!vm.StepBytes(text.size())) return false;
  const size_t begin = ByteOffset(text, static_cast<size_t>(*start));
  std::string_view part = text.substr(begin);
  if (length) {
    part = part.substr(
        0, ByteOffset(part, *length < 0 ? 0 : static_cast<size_t>(*length)));
  }
  input.SetOnly(Value::Text(part));
  return true;
}

using Test = bool (*)(std::string_view text, std::string_view part);

template <Test test>
bool Tests(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "a string test", &t)) return false;
  if (t.missing) return true;
  if (!StepSearch(vm, t.text(), t.a())) return false;
  input.SetOnly(Value::Boolean(test(t.text(), t.a())));
  return true;
}

bool StartsWith(std::string_view text, std::string_view part) {
  return text.substr(0, part.size()) == part;
}
bool EndsWith(std::string_view text, std::string_view part) {
  return text.size() >= part.size() &&
         text.substr(text.size() - part.size()) == part;
}
bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// `first`: the first of the ASCII letters to change.
Value InCase(std::string_view text, char first,
             std::string (*other)(std::string_view)) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  if (all & 0x80) return Value::Text(other(text));
  TextBuilder changed(text.size());
  char* out = changed.Space(text.size());
  for (const char c : text) {
    const bool letter = static_cast<unsigned char>(c - first) < 26;
    *out++ = static_cast<char>(letter ? c ^ 0x20 : c);
  }
  return changed.Take();
}

Value LowerText(std::string_view text) { return InCase(text, 'A', Lowered); }
Value UpperText(std::string_view text) { return InCase(text, 'a', Uppered); }

Value TrimText(std::string_view text) {
  size_t begin = text.size();
  size_t end = 0;
  for (size_t pos = 0; pos < text.size();) {
    const size_t at = pos;
    if (IsSpace(NextCodePoint(text, &pos))) continue;
    begin = std::min(begin, at);
    end = pos;
  }
  return Value::Text(begin < end ? text.substr(begin, end - begin) : "");
}

// A function of one text that gives another.
bool Change(Vm& vm, Collection& input, std::string_view what,
            Value (*change)(std::string_view)) {
  std::optional<Value> read;
  std::optional<std::string_view> text;
  if (!vm.TextIn(input, what, &read, &text)) return false;
  if (!text) return input.clear(), true;
  if (!vm.StepBytes(text->size())) return false;
  input.SetOnly(change(*text));
  return true;
}

bool Lower(Vm& vm, Collection& input, Arguments) {
  return Change(vm, input, "lower()", LowerText);
}
bool Upper(Vm& vm, Collection& input, Arguments) {
  return Change(vm, input, "upper()", UpperText);
}
bool Trim(Vm& vm, Collection& input, Arguments) {
  return Change(vm, input, "trim()", TrimText);
}

// An empty pattern stands between all characters.
std::string ReplaceAll(std::string_view text, std::string_view pattern,
                       std::string_view with) {
  std::string out;
  size_t pos = 0;
  if (pattern.empty()) {
    while (pos < text.size()) {
      const size_t at = pos;
      NextCodePoint(text, &pos);
      out += with;
      out += text.substr(at, pos - at);
    }
    return out += with;
  }
  while (true) {
    const size_t at = text.find(pattern, pos);
    if (at == std::string_view::npos) break;
    out += text.substr(pos, at - pos);
    out += with;
    pos = at + pattern.size();
  }
  out += text.substr(pos);
  return out;
}

bool Replace(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "replace()", &t)) return false;
  if (t.missing) return true;
  if (!StepSearch(vm, t.text(), t.a()) ||
      !CheckLength(vm,
                   t.text().size() + (t.text().size() + 1) * t.b().size())) {
    return false;
  }
  SetString(ReplaceAll(t.text(), t.a(), t.b()), &input);
  return true;
}

// --- Regular expressions ----------------------------------------------------

// The pattern compiled with the program, or compiled now into *own.
const re2::RE2* PatternOf(Vm& vm, std::string_view text, bool full,
                          std::unique_ptr<re2::RE2>* own) {
  const uint32_t constant = vm.op().c;
  if (constant != 0) return vm.program().patterns[constant - 1].get();
  if (!vm.Step(100 + text.size())) return nullptr;
  *own = MakePattern(text, full);
  if ((*own)->ok()) return own->get();
  vm.Fail("wrong regular expression: " + PatternProblem(**own));
  return nullptr;
}

bool Match(Vm& vm, Collection& input, Arguments arguments, bool full) {
  Texts t;
  if (!Read(vm, input, arguments, full ? "matchesFull()" : "matches()", &t)) {
    return false;
  }
  if (t.missing) return true;
  std::unique_ptr<re2::RE2> own;
  const re2::RE2* pattern = PatternOf(vm, t.a(), full, &own);
  if (pattern == nullptr || !CheckLength(vm, t.text().size())) return false;
  input.SetOnly(
      Value::Boolean(re2::RE2::PartialMatch(Piece(t.text()), *pattern)));
  return true;
}

bool Matches(Vm& vm, Collection& input, Arguments arguments) {
  return Match(vm, input, arguments, false);
}
bool MatchesFull(Vm& vm, Collection& input, Arguments arguments) {
  return Match(vm, input, arguments, true);
}

// $1 and ${name} in RE2's terms.
std::string Substitution(std::string_view text, const re2::RE2& pattern) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '$' && i + 1 < text.size() && text[i + 1] >= '0' &&
               text[i + 1] <= '9') {
      out += '\\';
      out += text[++i];
    } else if (c == '$' && i + 1 < text.size() && text[i + 1] == '{' &&
               text.find('}', i) != std::string_view::npos) {
      const size_t close = text.find('}', i);
      const std::string name(text.substr(i + 2, close - i - 2));
      const auto& groups = pattern.NamedCapturingGroups();
      const auto found = groups.find(name);
      if (found != groups.end() && found->second < 10) {
        out += "\\" + std::to_string(found->second);
      }
      i = close;
    } else {
      out += c;
    }
  }
  return out;
}

bool ReplaceMatches(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "replaceMatches()", &t)) return false;
  if (t.missing || t.a().empty()) return true;
  std::unique_ptr<re2::RE2> own;
  const re2::RE2* pattern = PatternOf(vm, t.a(), false, &own);
  if (pattern == nullptr) return false;
  const std::string with = Substitution(t.b(), *pattern);
  std::string error;
  if (!pattern->CheckRewriteString(Piece(with), &error)) {
    return vm.Fail("replaceMatches(): " + error);
  }
  if (!CheckLength(vm, (t.text().size() + 1) * (with.size() + 1))) return false;
  std::string text(t.text());
  re2::RE2::GlobalReplace(&text, *pattern, Piece(with));
  SetString(text, &input);
  return true;
}

// --- Lists ------------------------------------------------------------------

bool ToChars(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "toChars()", &t)) return false;
  if (t.missing) return true;
  Collection out;
  const std::string_view text = t.text();
  for (size_t pos = 0; pos < text.size();) {
    const size_t at = pos;
    NextCodePoint(text, &pos);
    if (!vm.Step()) return false;
    out.push_back(Value::Text(text.substr(at, pos - at)));
  }
  input = std::move(out);
  return true;
}

bool Split(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "split()", &t)) return false;
  if (t.missing) return true;
  if (t.a().empty()) return ToChars(vm, input, {});
  if (!StepSearch(vm, t.text(), t.a())) return false;
  Collection out;
  std::string_view rest = t.text();
  while (true) {
    const size_t at = rest.find(t.a());
    if (!vm.Step()) return false;
    out.push_back(Value::Text(rest.substr(0, at)));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + t.a().size());
  }
  input = std::move(out);
  return true;
}

bool Join(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<Value> separator_read, read;
  std::optional<std::string_view> separator;
  if (!arguments.empty() &&
      !vm.TextIn(arguments[0], "join()", &separator_read, &separator)) {
    return false;
  }
  const std::string_view between = separator.value_or("");
  size_t size = 0, kept = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    const Value* plain = vm.PlainIn(input[i], &read);
    if (plain == nullptr && vm.LacksValue(input[i])) continue;
    if (plain == nullptr || !plain->is(Kind::kString)) {
      return vm.Fail("join() takes Strings");
    }
    const size_t more = plain->string().size() + between.size();
    size += kept > 0 ? more : plain->string().size();
    if (size > vm.options().limits.items_max) return CheckLength(vm, size);
    if (!vm.Step(1 + more / 256)) return false;
    if (kept++ != i) input[kept - 1] = std::move(input[i]);
  }
  input.truncate(kept);
  if (input.empty()) return true;
  TextBuilder text(size);
  for (size_t i = 0; i < input.size(); ++i) {
    if (i > 0) text.Add(between);
    text.Add(vm.PlainIn(input[i], &read)->string());
  }
  input.SetOnly(text.Take());
  return true;
}

// --- Encodings --------------------------------------------------------------

using Coder = std::optional<std::string> (*)(std::string_view text,
                                             std::string_view form);

template <Coder code>
bool Coded(Vm& vm, Collection& input, Arguments arguments) {
  Texts t;
  if (!Read(vm, input, arguments, "this function", &t)) return false;
  if (t.missing) return true;
  auto result = code(t.text(), t.a());
  input.clear();
  if (result) input.push_back(Value::String(*std::move(result)));
  return true;
}

constexpr Takes kV = Takes::kValues;
constexpr Gives kF = Gives::kFixed;
constexpr TypeId kS = kStringType;
constexpr TypeId kB = kBooleanType;
constexpr Missing kAs = Missing::kAsInput;
constexpr Missing kMay = Missing::kPossible;

const Builtin kTable[] = {
    {"length", 0, 0, kV, kF, kIntegerType, false, kAs, Length},
    {"indexOf", 1, 1, kV, kF, kIntegerType, false, kAs, IndexOf},
    {"lastIndexOf", 1, 1, kV, kF, kIntegerType, false, kAs, LastIndexOf},
    {"substring", 1, 2, kV, kF, kS, false, kMay, Substring},
    {"startsWith", 1, 1, kV, kF, kB, false, kAs, Tests<StartsWith>},
    {"endsWith", 1, 1, kV, kF, kB, false, kAs, Tests<EndsWith>},
    {"contains", 1, 1, kV, kF, kB, false, kAs, Tests<Contains>},
    {"lower", 0, 0, kV, kF, kS, false, kAs, Lower},
    {"upper", 0, 0, kV, kF, kS, false, kAs, Upper},
    {"trim", 0, 0, kV, kF, kS, false, kAs, Trim},
    {"replace", 2, 2, kV, kF, kS, false, kAs, Replace},
    {"matches", 1, 1, kV, kF, kB, false, kAs, Matches},
    {"matchesFull", 1, 1, kV, kF, kB, false, kAs, MatchesFull},
    {"replaceMatches", 2, 2, kV, kF, kS, false, kAs, ReplaceMatches},
    {"toChars", 0, 0, kV, kF, kS, true, kMay, ToChars},
    {"split", 1, 1, kV, kF, kS, true, kMay, Split},
    {"join", 0, 1, kV, kF, kS, false, kAs, Join},
    {"encode", 1, 1, kV, kF, kS, false, kMay, Coded<EncodeText>},
    {"decode", 1, 1, kV, kF, kS, false, kMay, Coded<DecodeText>},
    {"escape", 1, 1, kV, kF, kS, false, kMay, Coded<EscapeText>},
    {"unescape", 1, 1, kV, kF, kS, false, kMay, Coded<UnescapeText>},
};

}  // namespace

std::span<const Builtin> StringBuiltins() { return kTable; }

}  // namespace stepwell::fhirpath
