// What may hide that a value is missing: every function and operator is tried
// with each of its parts missing, and with values in their place. An answer
// that a value could have changed was no answer.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fhirpath/fhirpath.h"
#include "fhirpath/functions.h"
#include "support/matchers.h"

namespace stepwell::fhirpath {
namespace {

// Members that may all be missing, each with the values that it can have.
struct Leaf {
  std::string name;
  TypeId type;
  std::vector<Value> values;
};

const std::vector<Leaf>& Leaves() {
  static const auto* const leaves = new std::vector<Leaf>{
      {"n", kIntegerType, {Value::Integer(1), Value::Integer(5)}},
      {"m", kIntegerType, {Value::Integer(0), Value::Integer(5)}},
      {"s", kStringType, {Value::String("1"), Value::String("b")}},
      {"u", kStringType, {Value::String("mg"), Value::String("g")}},
      {"t", kStringType, {Value::String(""), Value::String("b")}},
      {"b", kBooleanType, {Value::Boolean(true), Value::Boolean(false)}},
      {"c", kBooleanType, {Value::Boolean(true), Value::Boolean(false)}}};
  return *leaves;
}

constexpr TypeId kRoot = kFirstModelType;
constexpr TypeId kForm = kFirstModelType + 1;
constexpr uint32_t kFormId = 100;

class Form : public Model, public Source {
 public:
  // By leaf: the value that it has now, or none.
  std::vector<std::optional<Value>> now{Leaves().size()};

  std::optional<Model::Member> FindMember(
      TypeId owner, std::string_view name) const override {
    if (name == "form" && owner != kForm) {
      return Model::Member{kFormId, kForm, false, false};
    }
    for (size_t i = 0; i < Leaves().size(); ++i) {
      if (Leaves()[i].name != name) continue;
      return Model::Member{static_cast<uint32_t>(i + 1), Leaves()[i].type,
                           false, true};
    }
    return std::nullopt;
  }
  std::vector<std::string> MemberNames(TypeId) const override { return {}; }
  std::string TypeName(TypeId) const override { return "Form"; }

  void Member(uint32_t, uint32_t id, std::string_view,
              Collection& out) const override {
    if (id == kFormId) return out.push_back(Value::Of(Node{0, 1}));
    if (now[id - 1]) out.push_back(*now[id - 1]);
  }
  void AllChildren(uint32_t node, Collection& out) const override {
    for (size_t i = 0; i < 2 && node == 1; ++i) {
      if (now[i]) out.push_back(*now[i]);
    }
  }
  std::optional<Value> Primitive(uint32_t) const override {
    return std::nullopt;
  }
};

// What the program gives now; nothing: an error.
std::optional<std::string> Result(const Program& program, const Form& form) {
  const Source* sources[] = {&form};
  EvaluateOptions options;
  options.sources = sources;
  const auto result = Evaluate(program, {0, 0}, options);
  if (!result.ok()) return std::nullopt;
  std::string text;
  for (const Value& value : *result) {
    text += TypeNameOf(value, options, &form) + " " +
            (value.is_node() ? "" : ToLiteral(value)) + ";";
  }
  return text;
}

// Calls `visit(values)` for each way to give the leaves that are read a value
// or, where `missing` allows it, none.
template <class Visit>
void EachWay(const std::vector<size_t>& leaves, bool missing, Form& form,
             const Visit& visit, size_t at = 0) {
  if (at == leaves.size()) return visit();
  std::optional<Value>& value = form.now[leaves[at]];
  const std::optional<Value> before = value;
  if (!missing && before) return EachWay(leaves, missing, form, visit, at + 1);
  for (const Value& each : Leaves()[leaves[at]].values) {
    value = each;
    EachWay(leaves, missing, form, visit, at + 1);
  }
  value.reset();
  if (missing) EachWay(leaves, missing, form, visit, at + 1);
  value = before;
}

std::vector<size_t> LeavesOf(std::string_view expression) {
  // The children of the form are its first two leaves.
  if (expression.starts_with("form.")) return {0, 1};
  std::vector<size_t> leaves;
  for (size_t i = 0; i < Leaves().size(); ++i) {
    const std::string& name = Leaves()[i].name;
    for (size_t at = 0; at < expression.size(); ++at) {
      const auto word = [&](size_t where) {
        return where < expression.size() &&
               std::isalnum(static_cast<unsigned char>(expression[where]));
      };
      if (expression[at] == name[0] && !word(at + 1) &&
          (at == 0 || !word(at - 1)) &&
          (at == 0 || expression[at - 1] != '\'')) {
        leaves.push_back(i);
        break;
      }
    }
  }
  return leaves;
}

// True when the expression says something that a missing value would change.
bool Hides(std::string_view expression) {
  Form form;
  CompileOptions options;
  options.model = &form;
  options.root_type = kRoot;
  const CompileResult compiled = Compile(expression, options);
  if (!compiled.program) {
    ADD_FAILURE() << expression << ": " << compiled.issues[0].message;
    return false;
  }
  const std::vector<size_t> leaves = LeavesOf(expression);
  bool hides = false;
  EachWay(leaves, true, form, [&] {
    const auto said = Result(*compiled.program, form);
    if (!said || said->empty() || hides) return;
    EachWay(leaves, false, form, [&] {
      const auto full = Result(*compiled.program, form);
      hides = hides || (full && full != said);
    });
  });
  return hides;
}

bool IsNoted(std::string_view expression) {
  Form form;
  CompileOptions options;
  options.model = &form;
  options.root_type = kRoot;
  const CompileResult compiled = Compile(expression, options);
  return compiled.program && !compiled.program->definite_places().empty();
}

constexpr const char* kHiding[] = {
    "n.empty()",
    "n.exists()",
    "5.exists(%context.n > 3)",
    "n.count()",
    "5.all(%context.n > 3)",
    "n.all($this > 3)",
    "b.allTrue()",
    "b.anyTrue()",
    "b.allFalse()",
    "b.anyFalse()",
    "n.subsetOf(5)",
    "5.subsetOf(n)",
    "n.supersetOf(5)",
    "5.supersetOf(n)",
    "n.combine(m).isDistinct()",
    "n.hasValue()",
    "5.exclude(n)",
    "n.exclude(m)",
    "5.union(n)",
    "n.union(5)",
    "n.combine(m)",
    "(1 | 5).combine(n).count() > 2",
    "n | m",
    "n | 5",
    "5 in (3 | n)",
    "5 in n",
    "n contains 5",
    "n ~ m",
    "n !~ 5",
    "s & 'x'",
    "'x' & s",
    "('x' | 'y').join(s)",
    "iif(b, 1, 2)",
    "iif(b and c, 1, 2)",
    "coalesce(n, 5)",
    "coalesce(n, m)",
    "coalesce(n, m, 3) > 4",
    "(coalesce(n, 0) >= 5)",
    "(n | 0).first() >= 1",
    "(1 | 5).where($this = 1 or %context.n > 3)",
    "(1 | 5).select(iif($this = 1, 7, %context.n))",
    "(1 | 5).sort(iif($this = 1, %context.n, 3)).first()",
    "1.repeat(iif($this < 4, $this + 1, %context.n))",
    "1.repeatAll(iif($this < 4, $this + 1, iif($this > 4, {}, %context.n)))",
    "n.aggregate($total + $this, 0)",
    "form.children().where($this = 5) = 5",
    "form.descendants().where($this = 5) = 5",
    "defineVariable('x', coalesce(n, 0)).select(%x) > 3",
    // An optional argument that is missing is as one that is not written.
    "12.lowBoundary(n)",
    "12.highBoundary(n)",
    "(5.5555555).round(n)",
    "'abcdefgh'.substring(1, n)",
    "(5 'mg').toQuantity(u)",
    "'5'.convertsToQuantity(u)",
    "(n | m).sum() > 4",
    "(n | m).min() > 0",
    "(n | m).max() > 4",
    "(n | m).avg() > 2",
    "(n | m).first()",
    "(n | m).last()",
    "(n | m).tail().empty()",
    "(5 | n).skip(1).exists()",
    "(n | m).take(1)",
    "(n | m).distinct().count()",
};

// Missing as soon as what they read is, or rightly definite: false and whatever
// is false.
constexpr const char* kOpen[] = {
    "n",
    "b.not()",
    "b and c",
    "b or c",
    "b xor c",
    "b implies c",
    "n = m",
    "n != m",
    "n < m",
    "n <= 5",
    "n > m",
    "n >= m",
    "n + m",
    "n - m",
    "n * m",
    "n / m",
    "n div m",
    "n mod m",
    "(1 | 5).aggregate($total + $this + %context.n, 0)",
    "-n",
    "+n",
    "n in (1 | 5)",
    "(1 | 5) contains n",
    "n is Integer",
    "n as Integer",
    "n.as(Integer)",
    "n.is(Integer)",
    "n.ofType(Integer)",
    "n.type().name",
    "n.distinct()",
    "n.single()",
    "n.first()",
    "n.last()",
    "n.tail()",
    "n.skip(0)",
    "(1 | 5).skip(n)",
    "n.take(1)",
    "(1 | 5).take(n)",
    "(1 | 5)[n]",
    "n.intersect(5)",
    "5.intersect(n)",
    "n.comparable(5)",
    "5.comparable(n)",
    "n.where($this > 3)",
    "5.where(%context.n > 3)",
    "n.select($this + 1)",
    "5.select($this + %context.n)",
    "n.trace('x')",
    "n.sort()",
    "n.getValue()",
    "iif(true, n, m)",
    "defineVariable('x', n).select(%x)",
    "s.toBoolean()",
    "s.toInteger()",
    "s.toDecimal()",
    "n.toString()",
    "s.toDate()",
    "s.toDateTime()",
    "s.toTime()",
    "s.toQuantity()",
    "s.convertsToBoolean()",
    "s.convertsToInteger()",
    "s.convertsToDecimal()",
    "n.convertsToString()",
    "s.convertsToDate()",
    "s.convertsToDateTime()",
    "s.convertsToTime()",
    "s.convertsToQuantity()",
    "n.abs()",
    "n.ceiling()",
    "n.floor()",
    "n.truncate()",
    "n.round()",
    "n.sqrt()",
    "n.exp()",
    "n.ln()",
    "n.log(2)",
    "2.log(n)",
    "n.power(2)",
    "2.power(n)",
    "n.precision()",
    "n.lowBoundary()",
    "n.highBoundary()",
    "s.length()",
    "s.indexOf('b')",
    "'ab'.indexOf(s)",
    "s.lastIndexOf('b')",
    "'ab'.lastIndexOf(s)",
    "s.substring(0)",
    "'abcdefgh'.substring(n)",
    "s.startsWith('b')",
    "'b1'.startsWith(s)",
    "s.endsWith('b')",
    "'b1'.endsWith(s)",
    "s.contains('b')",
    "'b1'.contains(s)",
    "s.lower()",
    "s.upper()",
    "s.trim()",
    "s.replace('b', 'c')",
    "'b1'.replace(s, 'c')",
    "'b1'.replace('b', s)",
    "s.matches('b')",
    "'b1'.matches(s)",
    "s.matchesFull('b')",
    "'b'.matchesFull(s)",
    "s.replaceMatches('b', 'c')",
    "'b1'.replaceMatches(s, 'c')",
    "'b1'.replaceMatches('b', s)",
    "s.toChars()",
    "s.split('b')",
    "'abc'.split(s)",
    "s.encode('hex')",
    "s.decode('hex')",
    "s.escape('html')",
    "s.unescape('html')",
    "(1 | 5).where($this > 3).first() > 2",
};

TEST(Definite, WhatHidesAMissingValueIsNoted) {
  for (const char* expression : kHiding) {
    EXPECT_TRUE(Hides(expression)) << expression;
    EXPECT_TRUE(IsNoted(expression)) << expression;
  }
}

TEST(Definite, WhatStaysMissingIsNotNoted) {
  for (const char* expression : kOpen) {
    EXPECT_FALSE(Hides(expression)) << expression;
    EXPECT_FALSE(IsNoted(expression)) << expression;
  }
}

// Of several items that may be missing these take the ones that are there, so
// they are noted even where there can be but one.
TEST(Definite, WhatPassesOverMissingItemsIsNoted) {
  for (const char* expression :
       {"n.sum()", "n.min()", "n.max()", "n.avg()", "s.join(',')",
        "(1 | 5).where($this < %context.n)"}) {
    EXPECT_TRUE(IsNoted(expression)) << expression;
  }
}

TEST(Definite, KnownSaysThatItIsMeant) {
  EXPECT_FALSE(IsNoted("known(coalesce(n, m))"));
  EXPECT_FALSE(IsNoted("known(n | m)"));
  EXPECT_FALSE(IsNoted("iif(known(n), n >= 5, false)"));
  EXPECT_TRUE(IsNoted("known(n) and coalesce(n, 0) >= 5"));
}

bool Calls(std::string_view expression, std::string_view call) {
  const size_t at = expression.find(call);
  return at != std::string_view::npos &&
         (at == 0 ||
          !std::isalpha(static_cast<unsigned char>(expression[at - 1])));
}

// Of what the table has, what is here neither way: without a missing part, or
// about FHIR's resources alone.
TEST(Definite, EveryFunctionOfTheTableIsTried) {
  const std::set<std::string> others = {"known",     "now",       "today",
                                        "timeOfDay", "extension", "resolve"};
  for (const Builtin& builtin : Builtins()) {
    const std::string call = std::string(builtin.name) + "(";
    bool tried = others.count(std::string(builtin.name)) != 0;
    for (const char* expression : kHiding)
      tried = tried || Calls(expression, call);
    for (const char* expression : kOpen)
      tried = tried || Calls(expression, call);
    EXPECT_TRUE(tried) << builtin.name;
  }
}

}  // namespace
}  // namespace stepwell::fhirpath
