// FHIRPath over FHIR's types: values that are withheld, types that functions
// and operators take, the types of resources and extensions, repeat().
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "fhir/eval_support.h"
#include "support/matchers.h"

namespace stepwell::fhir {
namespace {

// `active`, the birth date, a family name, and one of three given names are
// withheld, the date of death is there.
constexpr char kMasked[] =
    R"({"resourceType":"Patient","_active":{"extension":[{"url":"m",)"
    R"("valueCode":"masked"}]},"_birthDate":{"extension":[{"url":"m",)"
    R"("valueCode":"masked"}]},"deceasedBoolean":true,"_gender":{"extension":)"
    R"([{"url":"m","valueCode":"masked"}]},"name":[{"_family":{"extension":)"
    R"([{"url":"m","valueCode":"masked"}]},"given":["Ada",null,"May"],)"
    R"("_given":[null,{"extension":[{"url":"m","valueCode":"masked"}]},null])"
    R"(}],"_multipleBirthInteger":{"extension":[{"url":"m","valueCode":)"
    R"("masked"}]}})";

constexpr char kTrue[] = R"([{"type":"boolean","value":"true"}])";
constexpr char kFalse[] = R"([{"type":"boolean","value":"false"}])";

struct Row {
  const char* expression;
  const char* result;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.expression; }

class WithheldTest : public ::testing::TestWithParam<Row> {};

TEST_P(WithheldTest, AValueThatIsWithheldIsMissing) {
  EXPECT_EQ(Json(GetParam().expression, kMasked), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    All, WithheldTest,
    ::testing::Values(
        // It is there, and has no value.
        Row{"active.exists()", kTrue}, Row{"active.hasValue()", kFalse},
        Row{"name.given.count()", R"([{"type":"integer","value":"3"}])"},
        Row{"active.extension('m').value = 'masked'", kTrue},
        Row{"birthDate is date", kTrue}, Row{"active.getValue()", "[]"},
        // The logic.
        Row{"active and true", "[]"}, Row{"active and false", kFalse},
        Row{"true and active", "[]"}, Row{"active or true", kTrue},
        Row{"active or false", "[]"}, Row{"active xor true", "[]"},
        Row{"active implies true", kTrue}, Row{"active implies false", "[]"},
        Row{"true implies active", "[]"}, Row{"active.not()", "[]"},
        Row{"iif(active, 1, 2)", R"([{"type":"integer","value":"2"}])"},
        Row{"name.where(%resource.active).count()",
            R"([{"type":"integer","value":"0"}])"},
        Row{"active.allTrue()", kFalse}, Row{"active.anyTrue()", kFalse},
        Row{"active.allFalse()", kFalse},
        // Equality and order.
        Row{"active = true", "[]"}, Row{"true != active", "[]"},
        Row{"birthDate < @2020", "[]"}, Row{"@2020 >= birthDate", "[]"},
        Row{"birthDate = birthDate", kTrue},
        Row{"name.given[0] = name.given[1]", "[]"},
        Row{"name.given[1] ~ 'Ada'", kFalse},
        Row{"name.given[1] in ('Ada' | 'Bo')", "[]"},
        Row{"'Ada' in name.given", kTrue}, Row{"'Bo' in name.given", kFalse},
        // Arithmetic.
        Row{"multipleBirth + 1", "[]"}, Row{"1 - multipleBirth", "[]"},
        Row{"-multipleBirth", "[]"}, Row{"birthDate + 1 day", "[]"},
        Row{"name.family & 'x'", R"([{"type":"string","value":"x"}])"},
        Row{"name.family + 'x'", "[]"}, Row{"name[multipleBirth]", "[]"},
        // Functions.
        Row{"name.family.upper()", "[]"}, Row{"name.family.length()", "[]"},
        Row{"name.family.substring(1)", "[]"},
        Row{"'abc'.startsWith(name.family)", "[]"},
        Row{"name.family.matches('a')", "[]"},
        Row{"name.given.join('-')", R"([{"type":"string","value":"Ada-May"}])"},
        Row{"name.family.join(',')", "[]"}, Row{"multipleBirth.abs()", "[]"},
        Row{"multipleBirth.ofType(integer).sqrt()", "[]"},
        Row{"(1 | 2).skip(multipleBirth)", "[]"},
        Row{"1.5.round(multipleBirth)", "[]"},
        Row{"multipleBirth.ofType(integer).sum()", "[]"},
        Row{"(1 | multipleBirth).sum()", "[]"},
        Row{"(1 | multipleBirth).max()", "[]"},
        Row{"(1 | multipleBirth).avg()", "[]"},
        Row{"birthDate.toString()", "[]"},
        Row{"birthDate.convertsToDate()", "[]"},
        Row{"birthDate.lowBoundary()", "[]"},
        Row{"birthDate.precision()", "[]"},
        Row{"(1 'mg').comparable(multipleBirth.ofType(integer))", "[]"},
        Row{"name.given.sort().last()", R"([{"type":"string","value":"May"}])"},
        Row{"name.given.distinct().count()",
            R"([{"type":"integer","value":"3"}])"},
        Row{"gender in ('male' | 'female')", "[]"}));

TEST(WithheldTest, SoItIsWithoutAModel) {
  EXPECT_EQ(Json("active and true", kMasked, "", false), "[]");
  EXPECT_EQ(Json("birthDate < 'x'", kMasked, "", false), "[]");
  EXPECT_EQ(Json("active.exists()", kMasked, "", false), kTrue);
}

TEST(WithheldTest, ExplainTellsTheTruthOfElements) {
  EvalRequest request;
  request.expression = "active and deceased";
  EvalAnswer answer;
  const auto evaluator = Evaluator::Make(request, &answer);
  ASSERT_NE(evaluator, nullptr);
  const std::string told = evaluator->Explain(kMasked, std::nullopt).json;
  EXPECT_NE(told.find(R"("text":"active","column":1,"evaluated":true,)"
                      R"("truth":"unknown")"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find(R"("text":"deceased","column":12,"evaluated":true,)"
                      R"("truth":"true")"),
            std::string::npos)
      << told;
}

TEST(WithheldTest, AQuantityWithoutANumberHasNoOrderButIsThere) {
  constexpr char kRange[] =
      R"({"resourceType":"Observation","valueQuantity":{"unit":"mg",)"
      R"("_value":{"extension":[{"url":"m","valueCode":"masked"}]}}})";
  EXPECT_EQ(Json("value.ofType(Quantity) < 3 'mg'", kRange), "[]");
  EXPECT_EQ(Json("value.ofType(Quantity) + 3 'mg'", kRange), "[]");
  EXPECT_EQ(Json("value.ofType(Quantity) and true", kRange), kTrue);
}

// --- What functions and operators take --------------------------------------

std::string Error(std::string_view expression, std::string_view resource) {
  const std::string json = Json(expression, resource);
  EXPECT_EQ(json.find(R"({"error":{"kind":"semantic","message":")"), 0u)
      << expression << " gives " << json;
  const size_t begin = json.find("message") + 10;
  const size_t end = json.find(R"(","column":)");
  if (end == std::string::npos) return json;
  std::string column = json.substr(end + 11);
  column.resize(column.find('}'));
  return column + ": " + json.substr(begin, end - begin);
}

constexpr char kPatient[] = R"({"resourceType":"Patient"})";

TEST(TypesTest, WhatCanNeverBeIsSaidBeforeAnyEvaluation) {
  EXPECT_EQ(Error("birthDate.upper()", kPatient),
            "11: upper() takes a String, not a date; toString() makes a text "
            "of it");
  EXPECT_EQ(Error("name.upper()", kPatient),
            "6: upper() takes a String, not a HumanName; name an element of it "
            "that holds a plain value");
  EXPECT_EQ(Error("gender.round()", kPatient),
            "8: round() takes an Integer or Decimal, not a code; toInteger() "
            "and toDecimal() read a number from a text");
  EXPECT_EQ(Error("gender.indexOf(1)", kPatient),
            "16: indexOf() takes a String as argument 1, not an Integer; "
            "toString() makes a text of it");
  EXPECT_EQ(Error("gender.substring(0, 'a')", kPatient),
            "21: substring() takes an Integer as argument 2, not a String; "
            "toInteger() and toDecimal() read a number from a text");
  EXPECT_EQ(Error("multipleBirth > 'a'", kPatient),
            "15: `>` has no meaning between boolean or integer and String; "
            "only texts stand in quotes");
  EXPECT_EQ(Error("name > 'a'", kPatient),
            "6: `>` has no meaning between HumanName and String; name an "
            "element of it that holds a plain value");
  EXPECT_EQ(Error("birthDate + 1 'mg'", kPatient),
            "11: `+` needs a time to add here; years, months, weeks, days, "
            "hours, minutes, seconds or milliseconds");
  EXPECT_EQ(Error("-name", kPatient).substr(0, 2), "1:");
  EXPECT_EQ(Error("name[gender]", kPatient), "5: an index must be an Integer");
  EXPECT_EQ(Error("iif(name, 1)", kPatient),
            "1: the criterion of iif() must be a Boolean");
  EXPECT_EQ(Error("name.sort(given is string)", kPatient).substr(0, 3), "11:");
  EXPECT_EQ(Error("conformsTo(1)", kPatient).substr(0, 3), "12:");
}

TEST(TypesTest, WhatCanNeverBeOfATypeIsSaid) {
  EXPECT_EQ(Error("birthDate as Quantity", kPatient),
            "11: a date is never a Quantity");
  EXPECT_EQ(Error("multipleBirth.ofType(string)", kPatient),
            "15: a boolean or integer is never a string");
  EXPECT_EQ(Error("multipleBirth.ofType(Integer) > 1", kPatient),
            "15: a boolean or integer is never an Integer; did you mean "
            "`integer`?");
  EXPECT_EQ(Error("name.as(Patient)", kPatient),
            "6: a HumanName is never a Patient");
  for (const char* expression :
       {"multipleBirth as integer", "gender as string", "gender.ofType(code)",
        "gender.ofType(id)", "contained.ofType(Observation)",
        "extension.value.ofType(Age)", "birthDate is Quantity",
        "children().ofType(HumanName)"}) {
    EXPECT_EQ(Json(expression, kPatient).find("error"), std::string::npos)
        << expression << ": " << Json(expression, kPatient);
  }
}

TEST(TypesTest, WhatMayBeCompiles) {
  for (const char* expression :
       {"multipleBirth > 1",
        "multipleBirth and true",
        "deceased < @2020",
        "birthDate > @2020",
        "birthDate < now()",
        "name.given.first().upper()",
        "id.length() > 3",
        "multipleBirth + 1.5",
        "multipleBirth < 2 'mg'",
        "name.exists() and name.given",
        "deceased.ofType(dateTime) + 1 year",
        "extension.value > 1",
        "extension.value.upper()",
        "extension('x').value.round()",
        "telecom.rank.min()",
        "children().upper()",
        "contained.id.upper()",
        "name.period.start.toString().substring(0, 4)",
        "name.select(given & family)",
        "gender = 'male'",
        "maritalStatus.coding.code.join(',')",
        "name.sort(family)",
        "descendants().where($this is Quantity).value > 1"}) {
    EXPECT_EQ(Json(expression, kPatient).find("semantic"), std::string::npos)
        << expression << ": " << Json(expression, kPatient);
  }
}

// --- Resources and extensions -----------------------------------------------

TEST(TypesTest, ExtensionsAndResourcesHaveMembersOfTheirOwn) {
  EXPECT_EQ(Error("extension('x').valu", kPatient),
            "16: `Extension` has no member `valu`; did you mean `value`?");
  EXPECT_EQ(Error("%resource.nam", kPatient),
            "11: `Patient` has no member `nam`; did you mean `name`?");
  EXPECT_EQ(Error("name.where(%rootResource.agee = 1)", kPatient).substr(0, 34),
            "26: `Patient` has no member `agee`");
  EXPECT_EQ(
      Error("managingOrganization.resolve().given", kPatient).substr(0, 37),
      "32: `Resource` has no member `given`");
  EXPECT_EQ(Json("managingOrganization.resolve().name", kPatient), "[]");
}

TEST(TypesTest, TheResourceOfAContainedOneIsAnyResource) {
  constexpr char kHolder[] =
      R"({"resourceType":"Patient","active":true,"contained":[)"
      R"({"resourceType":"Organization","id":"o","name":"Clinic"}]})";
  EXPECT_EQ(Json("%resource.name", kHolder, "contained"),
            R"([{"type":"string","value":"Clinic"}])");
  EXPECT_EQ(Json("%rootResource.active", kHolder, "contained"), kTrue);
  EXPECT_EQ(Json("%resource.active", kHolder, "name"), "[]");
}

TEST(TypesTest, AResourceThatIsNoneOfR4IsAnError) {
  EXPECT_EQ(Json("1", R"({"resourceType":"Patiant"})"),
            R"j({"error":{"kind":"execution","message":"resource: )j"
            R"j(\"Patiant\" is no resource of R4 (the model \"none\" takes )j"
            R"j(any JSON)","column":0}})j");
  EXPECT_EQ(Json("1", R"({"resourceType":"HumanName"})").substr(0, 9),
            R"({"error":)");
  EXPECT_EQ(Json("a", R"({"resourceType":"Patiant","a":1})", "", false),
            R"([{"type":"integer","value":"1"}])");
}

// --- repeat() ---------------------------------------------------------------

constexpr char kResponse[] =
    R"({"resourceType":"QuestionnaireResponse","status":"completed","item":[)"
    R"({"linkId":"a","answer":[{"valueInteger":1,"item":[{"linkId":"b",)"
    R"("answer":[{"valueInteger":2}]}]}]}]})";

TEST(TypesTest, RepeatMayNameWhatOnlyLaterItemsHave) {
  constexpr char kLinks[] =
      R"([{"type":"string","value":"a"},{"type":"string","value":"b"}])";
  EXPECT_EQ(Json("repeat(item | answer).linkId", kResponse), kLinks);
  EXPECT_EQ(
      Json("QuestionnaireResponse.repeat(answer | item).linkId", kResponse),
      kLinks);
  EXPECT_EQ(Json("repeatAll(item | answer).linkId", kResponse), kLinks);
  EXPECT_EQ(
      Json("%resource.repeat($this.item | $this.answer).linkId", kResponse),
      kLinks);
  EXPECT_EQ(
      Json("repeat(item | answer).value.ofType(integer).sum()", kResponse),
      R"([{"type":"integer","value":"3"}])");
}

TEST(TypesTest, RepeatStillFindsWrongNames) {
  EXPECT_EQ(Error("repeat(item | answr)", kResponse),
            "15: `QuestionnaireResponse` has no member `answr`");
  EXPECT_EQ(Error("repeat(itm | answer)", kResponse),
            "8: `QuestionnaireResponse` has no member `itm`; did you mean "
            "`item`?");
  EXPECT_EQ(Error("repeat(item | given)", kResponse),
            "15: neither `QuestionnaireResponse` nor what repeat() finds in it "
            "has a member `given`");
}

}  // namespace
}  // namespace stepwell::fhir
