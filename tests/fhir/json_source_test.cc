// FHIR JSON as a tree: siblings with `_`, choices, contained resources,
// references.
#include "fhir/json_source.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "fhirpath/fhirpath.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::fhir {
namespace {

namespace fp = ::stepwell::fhirpath;

class JsonSourceTest : public ::testing::Test {
 protected:
  void Load(std::string_view text, bool typed = true) {
    auto parsed = json::Parse(text);
    ASSERT_OK(parsed);
    document_ = std::make_unique<json::Document>(*std::move(parsed));
    model_pointer_ = typed ? &model_ : nullptr;
    source_ = std::make_unique<JsonSource>(*document_, model_pointer_);
  }
  // "type=value" of each item, joined by blanks; or the error.
  std::string Values(std::string_view expression) {
    fp::CompileOptions options;
    options.model = model_pointer_;
    options.root_type = source_->root_type();
    const auto compiled = fp::Compile(expression, options);
    if (!compiled.program) return "issue: " + compiled.issues[0].message;
    const fp::Source* sources[] = {source_.get()};
    fp::EvaluateOptions evaluate;
    evaluate.sources = sources;
    const auto result =
        fp::Evaluate(*compiled.program, source_->root(), evaluate);
    if (!result.ok()) return std::string(result.status().message());
    std::string out;
    for (const fp::Value& item : *result) {
      if (!out.empty()) out += " ";
      out += fp::TypeNameOf(item, evaluate, model_pointer_) + "=";
      out += item.is_node() ? source_->ToText(item.node().index)
                            : fp::ToLiteral(item);
    }
    return out;
  }
  R4Model model_;
  const R4Model* model_pointer_ = nullptr;
  std::unique_ptr<json::Document> document_;
  std::unique_ptr<JsonSource> source_;
};

TEST_F(JsonSourceTest, SiblingsAreMerged) {
  Load(R"({"resourceType": "Patient", "birthDate": "1974-12-25",
           "_birthDate": {"extension": [{"url": "u",
                                         "valueDateTime": "1974-12-25T14:35"}]},
           "_gender": {"extension": [{"url": "absent"}]}})");
  EXPECT_EQ(Values("birthDate"), "date=\"1974-12-25\"");
  EXPECT_EQ(Values("birthDate.extension('u').value"),
            "dateTime=\"1974-12-25T14:35\"");
  EXPECT_EQ(Values("gender.exists()"), "Boolean=true");
  EXPECT_EQ(Values("gender.hasValue()"), "Boolean=false");
  EXPECT_EQ(Values("gender.extension.url"), "uri=\"absent\"");
}

TEST_F(JsonSourceTest, ArraysAlignWithTheirSiblings) {
  Load(R"({"resourceType": "Patient", "name": [{
      "given": ["Ada", null, "Grace"],
      "_given": [null, {"extension": [{"url": "x"}]}, null, {"id": "i"}]}]})");
  EXPECT_EQ(Values("name.given.count()"), "Integer=4");
  EXPECT_EQ(Values("name.given.select($this.hasValue())"),
            "Boolean=true Boolean=false Boolean=true Boolean=false");
  EXPECT_EQ(Values("name.given[1].extension.url"), "uri=\"x\"");
  EXPECT_EQ(Values("name.given[3].id"), "string=\"i\"");
}

TEST_F(JsonSourceTest, ChoicesGoByTheirBaseName) {
  Load(R"({"resourceType": "Observation", "status": "final", "code": {},
           "valueQuantity": {"value": 1.50, "unit": "mg",
             "system": "http://unitsofmeasure.org", "code": "mg"}})");
  EXPECT_EQ(Values("value is Quantity"), "Boolean=true");
  EXPECT_EQ(Values("value = 1.5 'mg'"), "Boolean=true");
  EXPECT_EQ(Values("value.value"), "decimal=1.50");
  EXPECT_EQ(Values("value.ofType(string)"), "");
  EXPECT_TRUE(source_->unknown_keys().empty());
}

// Both are read, wrong as they are, and stand apart.
TEST_F(JsonSourceTest, ElementsOfOneNameAreFoundWhereverTheyStand) {
  Load(R"({"resourceType": "Observation", "valueString": "a",
           "status": "final", "valueInteger": 1})");
  EXPECT_EQ(Values("value"), "string=\"a\" integer=1");
  Load(R"({"resourceType": "Patient", "maritalStatus": {"id": "a",
           "text": "x"}, "active": true,
           "_maritalStatus": {"text": "y", "id": "b"}})");
  EXPECT_EQ(Values("maritalStatus.id"), "string=\"a\" string=\"b\"");
  EXPECT_EQ(Values("maritalStatus.text"), "string=\"x\" string=\"y\"");
}

TEST_F(JsonSourceTest, YearsAndMonthsOfUcumAreCalendarDurations) {
  Load(R"({"resourceType": "Observation", "status": "final", "code": {},
           "valueQuantity": {"value": 1, "system": "http://unitsofmeasure.org",
                             "code": "a"}})");
  EXPECT_EQ(Values("value = 1 year"), "Boolean=true");
}

TEST_F(JsonSourceTest, NumbersKeepTheirText) {
  Load(R"({"resourceType": "Observation", "status": "final", "code": {},
           "referenceRange": [{"low": {"value": 0.10}},
                              {"low": {"value": 1.2E+2}}]})");
  EXPECT_EQ(Values("referenceRange.low.value.select(toString())"),
            "String=0.10 String=120");
}

// A number of more digits than a decimal holds is there, and loud where it is
// to be reckoned with.
TEST_F(JsonSourceTest, NumbersThatNothingHoldsKeepTheirText) {
  Load(R"({"resourceType":"Observation","valueQuantity":{"value":1e400}})");
  EXPECT_EQ(Values("value.value.hasValue()"), "Boolean=true");
  EXPECT_EQ(Values("value.value.toString()"), "String=1e400");
  EXPECT_EQ(Values("value > 1"), "");
}

TEST_F(JsonSourceTest, ContainedResourcesAndReferencesResolve) {
  Load(R"({"resourceType": "Bundle", "type": "collection", "entry": [
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient",
       "id": "p", "gender": "female",
       "contained": [{"resourceType": "Organization", "id": "o",
                      "name": "Clinic"}],
       "managingOrganization": {"reference": "#o"}}},
    {"resource": {"resourceType": "Encounter", "status": "planned",
       "class": {}, "subject": {"reference": "Patient/p"},
       "partOf": {"reference": "urn:uuid:1"}}}]})");
  EXPECT_EQ(Values("entry[0].resource.managingOrganization.resolve().name"),
            "string=\"Clinic\"");
  EXPECT_EQ(Values("entry[1].resource.subject.resolve().gender"),
            "code=\"female\"");
  EXPECT_EQ(Values("entry[1].resource.partOf.resolve() is Patient"),
            "Boolean=true");
  EXPECT_EQ(Values("entry.resource.ofType(Encounter).status"),
            "code=\"planned\"");
}

// Each is found without a look at all the others.
TEST_F(JsonSourceTest, ManyContainedResourcesResolve) {
  std::string contained, entries;
  constexpr int kMany = 50'000;
  for (int i = 0; i < kMany; ++i) {
    absl::StrAppend(&contained, i == 0 ? "" : ",",
                    R"({"resourceType":"Basic","id":"b)", i, R"("})");
    absl::StrAppend(&entries, i == 0 ? "" : ",", R"({"item":{"reference":"#b)",
                    i % 2 == 0 ? i : kMany + i, R"("}})");
  }
  const std::string text = R"({"resourceType":"List","contained":[)" +
                           contained + R"(],"entry":[)" + entries + "]}";
  const auto begin = std::chrono::steady_clock::now();
  Load(text);
  EXPECT_EQ(Values("entry.item.resolve().count()"), "Integer=25000");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
}

TEST_F(JsonSourceTest, PathsAndUnknownKeysAreTold) {
  Load(R"({"resourceType": "Patient", "nmae": "x",
           "name": [{"family": "A"}, {"given": ["B", "C"]}]})");
  ASSERT_EQ(source_->unknown_keys().size(), 1u);
  EXPECT_EQ(source_->unknown_keys()[0], "/nmae");
  bool found = false;
  for (uint32_t i = 0; i < source_->size(); ++i) {
    found = found || source_->PathOf(i) == "Patient.name[1].given[1]";
  }
  EXPECT_TRUE(found);
}

TEST_F(JsonSourceTest, WithoutAModelTheJsonIsTakenAsItIs) {
  Load(R"({"resourceType": "Observation", "valueQuantity": {"value": 3},
           "note": [{"text": "a"}, {"text": "b"}]})",
       false);
  EXPECT_EQ(Values("Observation.valueQuantity.value"), "Integer=3");
  EXPECT_EQ(Values("note.text"), "String=\"a\" String=\"b\"");
  EXPECT_EQ(Values("value"), "");
}

TEST_F(JsonSourceTest, ObjectsOfManyMembersAreFoundByName) {
  std::string text = R"({"resourceType": "Patient", "name": [{"family": "A"}],
                         "_active": {"id": "x"})";
  for (int i = 0; i < 300; ++i) {
    text += ", \"k" + std::to_string(i) + "\": [" + std::to_string(i) + "]";
  }
  text += R"(, "multipleBirthInteger": 2})";
  Load(text);
  EXPECT_EQ(Values("name.family"), "string=\"A\"");
  EXPECT_EQ(Values("multipleBirth"), "integer=2");
  EXPECT_EQ(Values("active.id"), "string=\"x\"");
  EXPECT_EQ(Values("telecom"), "");
  Load(text, false);
  EXPECT_EQ(Values("k299"), "Integer=299");
  EXPECT_EQ(Values("k300"), "");
  EXPECT_EQ(Values("Patient.name.family"), "String=\"A\"");
}

// Quadratic in the members or entries it would take hours.
TEST_F(JsonSourceTest, AHundredThousandMembersOrEntriesTakeNoTime) {
  std::string members = R"({"resourceType": "Patient", "_active": {"id": "x"})";
  std::string entries = R"({"resourceType": "Bundle", "type": "collection",
                            "entry": [{"resource": {"resourceType": "Patient",
                            "id": "p0"}})";
  for (int i = 0; i < 100'000; ++i) {
    const std::string n = std::to_string(i);
    members += ", \"k" + n + "\": 1";
    entries += R"(,{"resource": {"resourceType": "Patient", "id": "p)" + n +
               R"(", "link": [{"other": {"reference": "Patient/p)" + n +
               R"("}}]}})";
  }
  Load(members + "}");
  EXPECT_EQ(Values("active.id"), "string=\"x\"");
  Load(entries + "]}");
  EXPECT_EQ(Values("entry.resource.link.other.resolve().id.count()"),
            "Integer=100000");
}

TEST_F(JsonSourceTest, EqualityIsDeep) {
  Load(R"({"resourceType": "Patient",
    "name": [{"family": "A", "given": ["B"]}, {"family": "A", "given": ["B"]},
             {"family": "A", "given": ["C"]}]})");
  EXPECT_EQ(Values("name[0] = name[1]"), "Boolean=true");
  EXPECT_EQ(Values("name[0] = name[2]"), "Boolean=false");
  EXPECT_EQ(Values("name.distinct().count()"), "Integer=2");
  EXPECT_EQ(Values("(name | name).count()"), "Integer=2");
}

TEST_F(JsonSourceTest, AnEmptyObjectAndAnArrayRootDoNoHarm) {
  Load("{}");
  EXPECT_EQ(Values("descendants().count()"), "Integer=0");
  Load("[1, 2]", false);
  EXPECT_EQ(Values("children().count()"), "Integer=0");
  Load("\"text\"", false);
  EXPECT_EQ(Values("$this.length()"), "Integer=4");
}

}  // namespace
}  // namespace stepwell::fhir
