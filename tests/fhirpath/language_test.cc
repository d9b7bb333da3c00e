// The language itself, expression by expression, over no resource at all.
#include <gtest/gtest.h>

#include <string>

#include "fhirpath/fhirpath.h"
#include "fhirpath/functions.h"
#include "support/matchers.h"

namespace stepwell::fhirpath {
namespace {

// The result as "Type value, Type value", "syntax", "semantic" or "error".
std::string Outcome(std::string_view text) {
  const CompileResult compiled = Compile(text, {});
  if (!compiled.program) {
    return compiled.issues[0].kind == IssueKind::kSyntax ? "syntax"
                                                         : "semantic";
  }
  EvaluateOptions options;
  options.now = Instant{1'709'208'000'123'000};  // 2024-02-29T12:00:00.123Z
  options.offset_minutes = 60;
  const auto result = EvaluateOver(*compiled.program, {}, options);
  if (!result.ok()) return "error";
  std::string out;
  for (const Value& item : *result) {
    if (!out.empty()) out += ", ";
    out += SystemTypeName(item.kind());
    out += " " + ToLiteral(item);
  }
  return out;
}

struct Row {
  const char* expression;
  const char* result;
};

class LanguageTest : public ::testing::TestWithParam<Row> {};

TEST_P(LanguageTest, Gives) {
  EXPECT_EQ(Outcome(GetParam().expression), GetParam().result)
      << GetParam().expression;
}

constexpr Row kLiterals[] = {
    {"4", "Integer 4"},
    {"0.10", "Decimal 0.10"},
    {"'it''s'", "syntax"},
    {"'it\\'s'", "String it's"},
    {"'P\\u0065ter'", "String Peter"},
    {"'\\ud83d\\ude00'.length()", "Integer 1"},
    {"'\\q'", "syntax"},
    {"{}", ""},
    {"@2015", "Date 2015"},
    {"@2015-02-30", "syntax"},
    {"@2015T", "DateTime 2015"},
    {"@2015-02-04T14:34:28.123+10:00",
     "DateTime 2015-02-04T14:34:28.123+10:00"},
    {"@T14:34", "Time 14:34"},
    {"@T25:00", "syntax"},
    {"@T23:59:60", "syntax"},
    {"@2016-12-31T23:59:60Z", "syntax"},
    {"'23:59:60'.toTime()", ""},
    {"'2016-12-31T23:59:60Z'.convertsToDateTime()", "Boolean false"},
    {"1.0 'mg'", "Quantity 1.0 'mg'"},
    {"1 week", "Quantity 1 week"},
    {"2 weeks", "Quantity 2 weeks"},
    {"12345678901234567890123456789012345678901234567890", "semantic"},
    {"2 + 2 // comment", "Integer 4"},
    {"2 /* a */ + /* b */ 2", "Integer 4"},
    {"2 /* not closed", "syntax"},
    {"\"x\"", "syntax"},
    {"1 2", "syntax"},
    {"(1", "syntax"},
    {"$total", "semantic"},
    {"$index", "semantic"},
    {"%nothing", "semantic"},
    {"%ucum", "String http://unitsofmeasure.org"},
    {"%`vs-x`", "String http://hl7.org/fhir/ValueSet/x"},
};

constexpr Row kArithmetic[] = {
    {"1 + 2 * 3", "Integer 7"},
    {"(1 + 2) * 3", "Integer 9"},
    {"-1 - -1", "Integer 0"},
    {"0.1 + 0.2", "Decimal 0.3"},
    {"1.10 + 1", "Decimal 2.10"},
    {"1 / 2", "Decimal 0.5"},
    {"1 / 0", ""},
    {"1 / 3", "Decimal 0.33333333333333333"},
    {"5 div 2", "Integer 2"},
    {"-5 div 2", "Integer -2"},
    {"5 mod 0", ""},
    {"2.2 mod 1.8", "Decimal 0.4"},
    {"2.2 div 1.8", "Integer 1"},
    {"1 + {}", ""},
    {"2147483647 + 1", ""},
    {"9223372036854775807 + 1", ""},
    {"-2147483648", "Integer -2147483648"},
    {"(-2147483648).abs()", ""},
    {"(-2147483647 - 1).abs()", ""},
    {"-(-2147483648)", ""},
    {"-2147483648 div -1", ""},
    {"-2147483648 mod -1", "Integer 0"},
    {"-2147483648 * -1", ""},
    {"2147483647.9.ceiling()", ""},
    {"(-2147483648.0).floor()", "Integer -2147483648"},
    {"1 'mg' div 2", "semantic"},
    {"99999999999999999999999999999999999999.0 * 10", "semantic"},
    {"9999999999999999999999999999999999999.0 * 1000", ""},
    {"'a' + 'b'", "String ab"},
    {"'a' + {}", ""},
    {"'a' & {}", "String a"},
    {"'a' - 'b'", "semantic"},
    {"true + 1", "semantic"},
    {"-'a'", "semantic"},
    {"-1.convertsToInteger()", "semantic"},
    {"(1 | 2) + 1", "error"},
    {"3.0.round()", "Decimal 3"},
    {"3.14159.round(3)", "Decimal 3.142"},
    {"(-2.5).round()", "Decimal -3"},
    {"2.power(10)", "Integer 1024"},
    {"2.power(100)", ""},
    {"2.power(-1)", "Decimal 0.5"},
    {"2.5.power(2)", "Decimal 6.25"},
    {"(-1).power(0.5)", ""},
    {"2.sqrt()", "Decimal 1.414213562373095"},
    {"(-1).sqrt()", ""},
    {"0.ln()", ""},
    {"100.0.log(10.0)", "Decimal 2"},
    {"1.exp()", "Decimal 2.7182818284590452"},
    {"1000000.exp()", ""},
    {"(-1.1).ceiling()", "Integer -1"},
    {"(-1.1).floor()", "Integer -2"},
    {"(-1.9).truncate()", "Integer -1"},
};

constexpr Row kLogic[] = {
    {"true and {}", ""},
    {"false and {}", "Boolean false"},
    {"{} and false", "Boolean false"},
    {"{} or true", "Boolean true"},
    {"{} implies true", "Boolean true"},
    {"{} implies false", ""},
    {"true xor {}", ""},
    {"true and 'foo'", "Boolean true"},
    {"(1).not()", "Boolean false"},
    {"(true | false) and true", "error"},
    {"1 > 2 is Boolean", "semantic"},
    {"1 | 1 is Integer", "Integer 1, Boolean true"},
    {"1 = 1.0", "Boolean true"},
    {"1 = '1'", "Boolean false"},
    {"1 = {}", ""},
    {"{} ~ {}", "Boolean true"},
    {"1 ~ {}", "Boolean false"},
    {"'A b' ~ 'a B'", "Boolean true"},
    {"0.666 ~ 0.67", "Boolean true"},
    {"(1 | 2 | 3) ~ (3 | 2 | 1)", "Boolean true"},
    {"(1 | 2 | 3) = (3 | 2 | 1)", "Boolean false"},
    {"1 < 'a'", "semantic"},
    {"true < false", "semantic"},
    {"1 in (1 | 2)", "Boolean true"},
    {"{} in (1 | 2)", ""},
    {"1 in {}", "Boolean false"},
    {"(1 | 2) in (1 | 2)", "error"},
    {"(1 | 2) contains 3", "Boolean false"},
};

constexpr Row kTime[] = {
    {"@2014-12-12 < @2014-12-13", "Boolean true"},
    {"@2018-03 < @2018-03-01", ""},
    {"@2018-03 < @2018-04-01", "Boolean true"},
    {"@2012-04-15 = @2012-04-15T10:00:00", ""},
    {"@2012-04-15T15:00:00+02:00 = @2012-04-15T16:00:00+03:00", "Boolean true"},
    {"@2012-04-15T15:00:00Z = @2012-04-15T10:00:00", ""},
    {"@2012-04-15T15:00:00Z < @2012-04-17T10:00:00", "Boolean true"},
    {"@2017-11-05T01:30:00.0-04:00 < @2017-11-05T01:15:00.0-05:00",
     "Boolean true"},
    {"@T10:30 < @T10:30:00", ""},
    {"@T10:30:00 = @T10:30:00.000", "Boolean true"},
    {"@2012-04-15 ~ @2012-04", "Boolean false"},
    {"@2024-01-31 + 1 month", "Date 2024-02-29"},
    {"@2024-02-29 + 1 year", "Date 2025-02-28"},
    {"@2024-02-29 - 4 years", "Date 2020-02-29"},
    {"@2014 + 24 months", "Date 2016"},
    {"@2014 + 365 days", "Date 2015"},
    {"@2014-03 + 29 days", "Date 2014-03"},
    {"@1973-12-25 + 7.7 days", "Date 1974-01-01"},
    {"@1973-12-25 + 25 hours", "Date 1973-12-26"},
    {"@1974-12-25 - 1 'month'", "Date 1974-11-25"},
    {"@1975-12-25 + 1 'a'", "semantic"},
    {"@1974-12-25 + 7", "semantic"},
    {"@1974-12-25 - 1 'cm'", "semantic"},
    {"@9999-12-31 + 1 day", ""},
    {"@0001-01-01 - 1 day", ""},
    {"@9999-12-31T00:00:00 + 2562047788 hours", ""},
    {"@0001-01-01T00:00:00 - 2562047788 hours", ""},
    {"@T23:00:00 + 2 hours", "Time 01:00:00"},
    {"@T01:00:00 - 2 hours", "Time 23:00:00"},
    {"@1973-12-25T00:00:00.000+10:00 + 10 milliseconds",
     "DateTime 1973-12-25T00:00:00.010+10:00"},
    {"@2024-12-31T23:59:59Z + 1 second", "DateTime 2025-01-01T00:00:00Z"},
    {"now()", "DateTime 2024-02-29T13:00:00.123+01:00"},
    {"today()", "Date 2024-02-29"},
    {"timeOfDay()", "Time 13:00:00.123"},
};

constexpr Row kQuantities[] = {
    {"4 'g' = 4000 'mg'", "Boolean true"},
    {"4.0000 'g' = 4000.0 'mg'", "Boolean true"},
    {"4 'g' > 3999 'mg'", "Boolean true"},
    {"4 'g' = 4 'm'", ""},
    {"4 'g' < 4 'm'", ""},
    {"4 'g' ~ 4 'm'", "Boolean false"},
    {"1 '[in_i]' = 2.54 'cm'", "Boolean true"},
    {"1 'mmol/L' = 1 'umol/mL'", "Boolean true"},
    {"1 'kg/m2' = 1000 'g/m2'", "Boolean true"},
    {"100 '%' = 1 '1'", "Boolean true"},
    {"7 days = 1 'wk'", "Boolean true"},
    {"1 year = 1 'a'", ""},
    {"1 year ~ 1 'a'", "Boolean true"},
    {"1 year = 12 months", "Boolean true"},
    {"2.0 'cm' * 2.0 'm' = 0.040 'm2'", "Boolean true"},
    {"4.0 'g' / 2.0 'm'", "Quantity 2 'g/m'"},
    {"1.0 'm' / 1.0 'm' = 1 '1'", "Boolean true"},
    {"1 'm' + 1 'cm'", "Quantity 101 'cm'"},
    {"1 'cm' + 1 'm'", "Quantity 101 'cm'"},
    {"1 'm' - 1 'cm'", "Quantity 99 'cm'"},
    {"1 day - 1 hour", "Quantity 23 hours"},
    {"1 year + 1 month", "Quantity 13 months"},
    {"1 year + 1 day", "Quantity 366 days"},
    {"1 year + 1 'd'", ""},
    {"1 'mg' * 2 '/mL'", "Quantity 2 'mg/mL'"},
    {"2 '/mL' * 1 'mg'", "Quantity 2 'mg/mL'"},
    {"2 'mg/mL' * 3 'mL'", "Quantity 6 'mg'"},
    {"6 'mg' / 3 'mg/mL'", "Quantity 2 'mL'"},
    {"2 'm' * 3 'm'", "Quantity 6 'm2'"},
    {"6 'm2' / 3 'm'", "Quantity 2 'm'"},
    {"1 '1' / 2 's'", "Quantity 0.5 '/s'"},
    {"2 'mg' * 3 'foo'", ""},
    {"2 'mg/(kg.d)' * 3 'kg' = 6 'mg/d'", "Boolean true"},
    {"'2 weeks'.toQuantity('days')", "Quantity 14 days"},
    {"14 days.toQuantity('weeks')", "Quantity 2 weeks"},
    {"14 days.toQuantity('week')", "Quantity 2 weeks"},
    {"1 year.toQuantity('days')", "Quantity 365 days"},
    {"1 year.toQuantity('months')", "Quantity 12 months"},
    {"2 months.toQuantity('days')", "Quantity 60 days"},
    {"60 days.toQuantity('months')", "Quantity 2 months"},
    {"1 year.convertsToQuantity('hours')", "Boolean true"},
    {"1 year.convertsToQuantity('mg')", "Boolean false"},
    {"1 year = 365 days", "Boolean true"},
    {"1 month = 30 days", "Boolean true"},
    {"1 year > 364 days", "Boolean true"},
    {"1 year > 52 weeks", "Boolean true"},
    {"1 'year' = 1 year", "Boolean true"},
    {"1 year = 365 'd'", ""},
    {"1 'mg'.comparable(2)", "Boolean false"},
    {"1 'm' + 1 's'", ""},
    {"1 'cm'.comparable(1 '[in_i]')", "Boolean true"},
    {"1 'cm'.comparable(1 's')", "Boolean false"},
    {"'1 \\'wk\\''.toQuantity() = 1 week", "Boolean true"},
    {"'1 wk'.convertsToQuantity()", "Boolean false"},
    {"'4 days'.toQuantity()", "Quantity 4 days"},
    {"1.toQuantity()", "Quantity 1 '1'"},
    {"4000 'mg'.toQuantity('g')", "Quantity 4 'g'"},
    {"5 '[iU]' = 5 '[iU]'", "Boolean true"},
    {"5 '[iU]' = 5 'Cel'", ""},
};

constexpr Row kCollections[] = {
    {"(1 | 2 | 2)", "Integer 1, Integer 2"},
    {"1.combine(1)", "Integer 1, Integer 1"},
    {"1.combine(1).intersect(1)", "Integer 1"},
    {"(1 | 2 | 3).exclude(2 | 4)", "Integer 1, Integer 3"},
    {"(1 | 2 | 3).where($this > 1)", "Integer 2, Integer 3"},
    {"(1 | 2 | 3).select($index)", "Integer 0, Integer 1, Integer 2"},
    {"(1 | 2 | 3).all($this > 0)", "Boolean true"},
    {"{}.all(false)", "Boolean true"},
    {"(1 | 2)[1]", "Integer 2"},
    {"(1 | 2)[-1]", ""},
    {"(1 | 2).skip(-1)", "Integer 1, Integer 2"},
    {"(1 | 2).take(9)", "Integer 1, Integer 2"},
    {"(1 | 2).single()", "error"},
    {"(1 | 2 | 3).sum()", "Integer 6"},
    {"(1.5 | 2).avg()", "Decimal 1.75"},
    {"{}.sum()", ""},
    {"(3 | 1 | 2).max()", "Integer 3"},
    {"(3 | 1 | 2).sort()", "Integer 1, Integer 2, Integer 3"},
    {"('a' | 'c' | 'b').sort(-$this)", "String c, String b, String a"},
    {"('a' | 'c' | 'b').sort($this desc)", "String c, String b, String a"},
    {"(1 | 'a').sort()", "error"},
    {"(1 | 2 | 3).aggregate($this + $total, 0)", "Integer 6"},
    {"(1 | 2).aggregate(iif($total.empty(), $this, $total * 10))",
     "Integer 10"},
    {"1.repeat(iif($this < 5, $this + 1, {}))",
     "Integer 2, Integer 3, Integer 4, Integer 5"},
    {"iif(true, 1, 1 / 0)", "Integer 1"},
    {"iif({}, 1, 2)", "Integer 2"},
    {"iif('a', 1, 2)", "semantic"},
    {"iif(1 | 2, 1, 2)", "semantic"},
    {"(1 | 2).iif(true, 1)", "error"},
    {"(true | false).allTrue()", "Boolean false"},
    {"(true | 'foo').allTrue()", "error"},
    {"{}.exists()", "Boolean false"},
    {"{}.count()", "Integer 0"},
    {"(1 | 2).subsetOf(1 | 2 | 3)", "Boolean true"},
    {"coalesce({}, 2, 3)", "Integer 2"},
    {"known({})", "Boolean false"},
    {"{}.children().skip(1)", "semantic"},
};

constexpr Row kVariables[] = {
    {"1.defineVariable('a', $this + 1).select(%a)", "Integer 2"},
    {"(1 | 2).defineVariable('a').select(%a.count())", "Integer 2, Integer 2"},
    {"defineVariable('a', 1) | %a", "semantic"},
    {"1.defineVariable('a').defineVariable('a')", "semantic"},
    {"1.defineVariable('context')", "semantic"},
    {"(1 | 2).select(defineVariable('a', $this * 2).select(%a))",
     "Integer 2, Integer 4"},
};

constexpr Row kStrings[] = {
    {"'12345'.substring(1, 2)", "String 23"},
    {"'12345'.substring(7)", ""},
    {"'12345'.substring(2, 0)", "String "},
    {"'\\u00e5\\u00e4\\u00f6'.substring(1, 1).upper()", "String \xC3\x84"},
    {"'abc'.replace('', 'x')", "String xaxbxcx"},
    {"'abc'.matches('b')", "Boolean true"},
    {"'abc'.matchesFull('b')", "Boolean false"},
    {"'abc'.matches('(')", "semantic"},
    {"'11/30/1972'.replaceMatches('(\\\\d+)/(\\\\d+)', '$2-$1')",
     "String 30-11/1972"},
    {"'a.b'.replaceMatches('(?<x>a)', '${x}${x}')", "String aa.b"},
    {"'A,,C'.split(',')", "String A, String , String C"},
    {"('a' | 'b').join('-')", "String a-b"},
    {"' x '.trim()", "String x"},
    {"'abc'.toChars()", "String a, String b, String c"},
    {"'abcb'.lastIndexOf('b')", "Integer 3"},
    {"'test'.encode('hex')", "String 74657374"},
    {"'test'.encode('base64').decode('base64')", "String test"},
    {"'<a>'.escape('html').unescape('html')", "String <a>"},
    {"'x'.encode('unknown')", ""},
    {"1.length()", "semantic"},
    {"1.upper()", "semantic"},
    {"'abc'.indexOf(1)", "semantic"},
    {"'abc'.substring('1')", "semantic"},
    {"'abc'.substring(1, true)", "semantic"},
    {"'abc'.replace('a', 1)", "semantic"},
    {"'abc'.round()", "semantic"},
    {"1 & 'a'", "semantic"},
    {"'a' & ('b' | 1)", "error"},
    {"(1 | 'a').first().upper()", "error"},
    {"('a' | 1).first().upper()", "String A"},
    {"true.sqrt()", "semantic"},
    {"1 'mg'.round()", "semantic"},
    {"(-1.5 'mg').abs()", "Quantity 1.5 'mg'"},
    {"'a'.sum()", "semantic"},
    {"'a'.max()", "String a"},
    {"true.max()", "semantic"},
    {"1.allTrue()", "semantic"},
    {"(1 | 2).skip('1')", "semantic"},
    {"(1 | 2).sort($this > 1)", "semantic"},
    {"'a'.trace(1)", "semantic"},
    {"1.lowBoundary('a')", "semantic"},
    {"'a'.lowBoundary()", "semantic"},
    {"2.power('1')", "semantic"},
    {"@2012 + 1 'mg'", "semantic"},
    {"@2012-01-01 + 1 'month'", "Date 2012-02-01"},
    {"@T10:00 + 1 day", "semantic"},
    {"@T10:00 + 1 hour", "Time 11:00"},
    {"@2012 + 1", "semantic"},
    {"@2012 < 'a'", "semantic"},
    {"1.toString().upper()", "String 1"},
    {"1.toString().length() + 1.5", "Decimal 2.5"},
    {"2.sqrt() > 1", "Boolean true"},
    {"2 > 1 'mg'", ""},
    {"'1.1'.toInteger()", ""},
    {"'9999999999'.toInteger()", ""},
    {"'+1'.toInteger()", "Integer 1"},
    {"'yes'.toBoolean()", "Boolean true"},
    {"2.toBoolean()", ""},
    {"'2015-02'.toDate()", "Date 2015-02"},
    {"'2015-02-04T14:34'.convertsToDate()", "Boolean false"},
    {"@2015-02-04T14:34.toDate()", "Date 2015-02-04"},
    {"'14:30'.toTime()", "Time 14:30"},
    {"1 week.toString()", "String 1 week"},
};

constexpr Row kTypes[] = {
    {"1.is(Integer)", "Boolean true"},
    {"1 is System.Integer", "Boolean true"},
    {"1 is Decimal", "Boolean false"},
    {"1 is Nonsense", "semantic"},
    {"1.type().name", "String Integer"},
    {"1.type().namespace", "String System"},
    {"('a' | 1).ofType(Integer)", "Integer 1"},
    {"1 as String", "semantic"},
    {"(1 | 'a').first() as String", ""},
    {"(1 | 2) as Integer", "error"},
    {"1.foo", "semantic"},
    {"1.foo()", "semantic"},
    {"1.587.lowBoundary()", "Decimal 1.58650000"},
    {"1.587.highBoundary(2)", "Decimal 1.59"},
    {"(-1.587).lowBoundary(2)", "Decimal -1.59"},
    {"0.0034.highBoundary(1)", "Decimal 0.0"},
    {"1.587.lowBoundary(-1)", ""},
    {"9.95.highBoundary(1)", "Decimal 10.0"},
    {"@2014.highBoundary()", "Date 2014-12-31"},
    {"@2024-02.highBoundary()", "Date 2024-02-29"},
    {"@2014.lowBoundary(6)", "Date 2014-01"},
    {"@2014-01-01T08:05+08:00.highBoundary(17)",
     "DateTime 2014-01-01T08:05:59.999+08:00"},
    {"@T10:30.highBoundary()", "Time 10:30:59.999"},
    {"1.58700.precision()", "Integer 5"},
    {"@2014-01-05T10:30:00.000.precision()", "Integer 17"},
};

INSTANTIATE_TEST_SUITE_P(Literals, LanguageTest,
                         ::testing::ValuesIn(kLiterals));
INSTANTIATE_TEST_SUITE_P(Arithmetic, LanguageTest,
                         ::testing::ValuesIn(kArithmetic));
INSTANTIATE_TEST_SUITE_P(Logic, LanguageTest, ::testing::ValuesIn(kLogic));
INSTANTIATE_TEST_SUITE_P(Time, LanguageTest, ::testing::ValuesIn(kTime));
INSTANTIATE_TEST_SUITE_P(Quantities, LanguageTest,
                         ::testing::ValuesIn(kQuantities));
INSTANTIATE_TEST_SUITE_P(Collections, LanguageTest,
                         ::testing::ValuesIn(kCollections));
INSTANTIATE_TEST_SUITE_P(Variables, LanguageTest,
                         ::testing::ValuesIn(kVariables));
INSTANTIATE_TEST_SUITE_P(Strings, LanguageTest, ::testing::ValuesIn(kStrings));
INSTANTIATE_TEST_SUITE_P(Types, LanguageTest, ::testing::ValuesIn(kTypes));

std::string FirstIssue(std::string_view text) {
  const CompileResult compiled = Compile(text, {});
  return compiled.program ? "none" : compiled.issues[0].message;
}

TEST(LanguageTest, WrongPatternsAreToldInOurWords) {
  const std::string wrong = "wrong regular expression: ";
  EXPECT_EQ(FirstIssue("'a'.matches('(a')"),
            wrong + "`(` and `)` do not match at `(a`");
  EXPECT_EQ(FirstIssue("'a'.matches('[a')"), wrong + "`]` is missing at `[a`");
  EXPECT_EQ(FirstIssue("'a'.matches('*a')"),
            wrong + "there is nothing that can be repeated at `*`");
  EXPECT_EQ(FirstIssue("'a'.matches('(?=a)')"),
            wrong + "this is not supported (nor is look-around) at `(?=`");
  EXPECT_EQ(FirstIssue("'a'.matches('(a)\\\\1')"),
            wrong +
                "there is no such escape at `\\1` (back-references are "
                "none)");
  EXPECT_EQ(FirstIssue("'a'.matches('a{1,5000}')"),
            wrong + "more than 1000 repetitions at `{1,5000}`");
  EXPECT_EQ(FirstIssue("'a'.matches('(?<a-b>x)')").find("P<"),
            std::string::npos);
}

// A function that is told about nowhere would take anything.
TEST(LanguageTest, NoTextOrNumberFunctionTakesATruthValue) {
  for (const auto& builtins : {StringBuiltins(), MathBuiltins()}) {
    for (const Builtin& builtin : builtins) {
      std::string call = "true." + std::string(builtin.name) + "(";
      for (int i = 0; i < builtin.arguments_min; ++i) {
        call += i > 0 ? ", {}" : "{}";
      }
      EXPECT_EQ(Outcome(call + ")"), "semantic") << call;
    }
  }
}

}  // namespace
}  // namespace stepwell::fhirpath
