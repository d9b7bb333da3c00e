// Expressions through the public interface: what a host adds of its own.
#include "stepwell/expression.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

using ::stepwell::testing::StatusIs;
using Code = absl::StatusCode;

constexpr char kPatient[] =
    R"({"resourceType":"Patient","gender":"female","birthDate":"1990-05-06",)"
    R"("name":[{"family":"Ek"},{"family":"Berg"}]})";

std::string Gives(std::string_view text, const ExpressionOptions& options,
                  std::optional<std::string_view> resource = std::nullopt) {
  const auto compiled = Expression::Compile(text, options);
  if (!compiled.ok()) return std::string(compiled.status().message());
  const auto given = (*compiled)->Evaluate(resource);
  return given.ok() ? *given : std::string(given.status().message());
}

std::string Literal(std::string_view type, std::string_view value) {
  return absl::StrCat(R"([{"type":")", std::string(type), R"(","value":")",
                      std::string(value), R"("}])");
}

TEST(HostVariables, AreValuesResourcesAndListsOfThem) {
  ExpressionOptions options;
  options.variables = absl::StrCat(
      R"({"score":14,"ratio":1.50,"route":"gp","on":true,"none":null,)",
      R"("all":[9,14],"who":)", kPatient, "}");
  EXPECT_EQ(Gives("%score + 1", options), Literal("integer", "15"));
  EXPECT_EQ(Gives("%ratio", options), Literal("decimal", "1.50"));
  EXPECT_EQ(Gives("%route & '!'", options), Literal("string", "gp!"));
  EXPECT_EQ(Gives("%on and %none.empty()", options),
            Literal("boolean", "true"));
  EXPECT_EQ(Gives("%all.sum()", options), Literal("integer", "23"));
  // A resource among them has FHIR's types, and its members are checked.
  EXPECT_EQ(Gives("%who.gender is code", options), Literal("boolean", "true"));
  EXPECT_EQ(Gives("%who.nam", options),
            "`Patient` has no member `nam`; did you mean `name`? (byte 5)");
  EXPECT_EQ(Gives("%scor", options).find("%scor") != std::string::npos, true);
  // So is the type of a plain value.
  EXPECT_EQ(Gives("%score is Integer and %route is String", options),
            Literal("boolean", "true"));
  EXPECT_EQ(Gives("%score.upper()", options),
            "upper() takes a String, not an Integer; toString() makes a text "
            "of it (byte 7)");
  // They stand beside the resource and its questionnaire.
  options.questionnaire = R"({"resourceType":"Questionnaire","title":"q"})";
  EXPECT_EQ(Gives("%questionnaire.title & gender & %route", options, kPatient),
            Literal("string", "qfemalegp"));
}

TEST(HostVariables, ThatAreNoObjectOrTooManyAreRefused) {
  ExpressionOptions options;
  options.variables = "[1]";
  EXPECT_THAT(Expression::Compile("1", options).status(),
              StatusIs(Code::kInvalidArgument, "an object of names"));
  options.variables = R"({"a":[[1]]})";
  EXPECT_THAT(Expression::Compile("1", options).status(),
              StatusIs(Code::kInvalidArgument, "an array inside an array"));
  std::string many = R"({"a":[0)";
  for (int i = 1; i < 1000; ++i) many += ",1";
  options.variables = many + "]}";
  EXPECT_EQ(Gives("%a.count()", options), Literal("integer", "1000"));
  options.variables = many + ",1]}";
  EXPECT_THAT(Expression::Compile("1", options).status(),
              StatusIs(Code::kInvalidArgument, "more than 1000 values"));
}

ExpressionFunction Answering(std::string name, std::string type,
                             std::string answer) {
  ExpressionFunction function;
  function.name = std::move(name);
  function.type = std::move(type);
  function.call = [answer = std::move(answer)](
                      std::string_view, const std::vector<std::string>&) {
    return absl::StatusOr<std::string>(answer);
  };
  return function;
}

TEST(HostFunctions, GetTheirInputAndArgumentsAndAreTyped) {
  ExpressionOptions options;
  ExpressionFunction label = Answering("label", "String", "[]");
  label.arguments_max = 1;
  label.call = [](std::string_view input,
                  const std::vector<std::string>& arguments)
      -> absl::StatusOr<std::string> {
    EXPECT_EQ(input, R"([{"type":"code","value":"female"}])");
    EXPECT_EQ(arguments, std::vector<std::string>{Literal("string", "sv")});
    return R"(["kvinna"])";
  };
  options.functions = {label, Answering("due", "Date", R"(["2026-03-01"])")};
  EXPECT_EQ(Gives("gender.label('sv').upper()", options, kPatient),
            Literal("string", "KVINNA"));
  EXPECT_EQ(Gives("due() < @2026-03-02", options), Literal("boolean", "true"));
  // The declared type is checked before anything is evaluated.
  EXPECT_EQ(Gives("gender.label('sv') > 3", options, kPatient),
            "`>` has no meaning between String and Integer; toInteger() and "
            "toDecimal() read a number from a text (byte 19)");
  EXPECT_EQ(Gives("gender.label('sv', 1)", options, kPatient),
            "label() takes at most 1 argument (byte 7)");
}

TEST(HostFunctions, TakeTheTypesThatTheyDeclare) {
  ExpressionOptions options;
  ExpressionFunction dose = Answering("dose", "Decimal", "[1.5]");
  dose.arguments_max = 2;
  dose.input_type = "String";
  dose.argument_types = {"Quantity"};
  options.functions = {dose};
  EXPECT_EQ(Gives("gender.dose(3 'mg', true)", options, kPatient),
            Literal("decimal", "1.5"));
  EXPECT_EQ(Gives("gender.dose(3)", options, kPatient),
            Literal("decimal", "1.5"));
  EXPECT_EQ(Gives("birthDate.dose(3)", options, kPatient),
            "dose() takes a String, not a date; toString() makes a text of it "
            "(byte 10)");
  EXPECT_EQ(Gives("gender.dose('3')", options, kPatient),
            "dose() takes an Integer, Decimal or Quantity as argument 1, not a "
            "String; toInteger() and toDecimal() read a number from a text "
            "(byte 12)");
  options.functions[0].argument_types = {"Quanity"};
  EXPECT_THAT(Expression::Compile("1", options).status(),
              StatusIs(Code::kInvalidArgument, "takes a \"Quanity\""));
}

TEST(HostFunctions, ThatBreakTheirWordAreErrors) {
  ExpressionOptions options;
  options.functions = {Answering("two", "Integer", "[1,2]"),
                       Answering("text", "Integer", R"(["a"])"),
                       Answering("broken", "", "{")};
  EXPECT_NE(Gives("two()", options).find("declared to give one"),
            std::string::npos);
  EXPECT_NE(Gives("text()", options).find("not of the declared type"),
            std::string::npos);
  EXPECT_NE(Gives("broken()", options).find("broken():"), std::string::npos);
  options.functions = {Answering("x", "Nonsense", "[]")};
  EXPECT_THAT(Expression::Compile("1", options).status(),
              StatusIs(Code::kInvalidArgument, "a type of FHIRPath's"));
}

TEST(HostFunctions, ReplaceThoseOfFhirButNotThoseOfFhirPath) {
  ExpressionOptions options;
  ExpressionFunction conforms = Answering("conformsTo", "Boolean", "[true]");
  conforms.arguments_min = conforms.arguments_max = 1;
  options.functions = {conforms, Answering("count", "Integer", "[99]")};
  EXPECT_EQ(Gives("conformsTo('http://x/profile')", options, kPatient),
            Literal("boolean", "true"));
  EXPECT_EQ(Gives("name.count()", options, kPatient), Literal("integer", "2"));
}

}  // namespace
}  // namespace stepwell
