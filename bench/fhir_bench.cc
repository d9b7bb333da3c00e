// Expressions over FHIR's JSON, already parsed.
//   Eval/NAME      the expressions of bench/peers/speed.json, compiled, on the
//                  resources beside them: what bench/peers/run.py holds against
//                  two peers
//   Weight         the PHQ-9 total by weight(), looked up in a Questionnaire
//   Parse          the response of 1.5 KB read from its JSON
//   Validate       the patient's structure and invariants
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "fhir/json_source.h"
#include "fhir/sdc_functions.h"
#include "fhir/validate.h"
#include "fhirpath/fhirpath.h"
#include "json/json.h"

namespace stepwell::fhir {
namespace {

namespace fp = ::stepwell::fhirpath;

json::Document Read(const std::string& name) {
  std::ifstream in(std::string(STEPWELL_SOURCE_DIR) + "/bench/peers/" + name,
                   std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return json::Parse(text).value();
}

const json::Document& Resources() {
  static const json::Document* document =
      new json::Document(Read("resources.json"));
  return *document;
}

std::string TextOf(json::Value object, std::string_view key) {
  return std::string(object.Find(key).string_value());
}

// One resource and one compiled expression.
class Case {
 public:
  Case(std::string_view resource, std::string_view expression, bool typed,
       const std::string& questionnaire = "") {
    const R4Model* model = typed ? &model_ : nullptr;
    text_ = json::ToText(Resources().root().Find(resource));
    document_ = std::make_unique<json::Document>(json::Parse(text_).value());
    source_ = std::make_unique<JsonSource>(*document_, model);
    SdcSources sdc;
    sdc.model = &model_;
    if (!questionnaire.empty()) {
      form_document_ =
          std::make_unique<json::Document>(json::Parse(questionnaire).value());
      form_ = std::make_unique<JsonSource>(*form_document_, model, 1);
      sdc.questionnaire = form_.get();
      sources_[1] = form_.get();
    }
    AddFhirFunctions(sdc, &functions_);
    fp::CompileOptions options;
    options.model = model;
    options.host_functions = &functions_;
    options.root_type = source_->root_type();
    program_ = fp::Compile(expression, options).program;
    sources_[0] = source_.get();
    options_.sources = {sources_, form_ ? size_t{2} : size_t{1}};
  }

  bool compiled() const { return program_ != nullptr; }
  absl::StatusOr<fp::Collection> Run() {
    return fp::Evaluate(*program_, source_->root(), options_, &scratch_);
  }
  const fp::Source& source() const { return *source_; }
  const std::string& text() const { return text_; }
  const json::Document& document() const { return *document_; }

 private:
  R4Model model_;
  std::string text_;
  std::unique_ptr<json::Document> document_, form_document_;
  std::unique_ptr<JsonSource> source_, form_;
  fp::FunctionTable functions_;
  std::shared_ptr<const fp::Program> program_;
  const fp::Source* sources_[2] = {nullptr, nullptr};
  fp::EvaluateOptions options_;
  fp::Scratch scratch_;
};

// What came out, as the peers print it: plain values as JSON.
std::string Printed(const fp::Collection& items, const fp::Source& source) {
  json::Writer out;
  out.BeginArray();
  for (const fp::Value& found : items) {
    const fp::Value item =
        found.is_node() ? source.Primitive(found.node().index).value() : found;
    if (item.is(fp::Kind::kString)) {
      out.String(item.string());
    } else {
      out.Raw(fp::ToLiteral(item));
    }
  }
  out.EndArray();
  return out.Take();
}

void Loop(benchmark::State& state, Case& work) {
  if (!work.compiled()) return state.SkipWithError("does not compile");
  auto result = work.Run();
  if (!result.ok()) return state.SkipWithError("does not evaluate");
  state.SetLabel(Printed(*result, work.source()));
  for (auto _ : state) {
    result = work.Run();
    benchmark::DoNotOptimize(result);
  }
}

void Eval(benchmark::State& state, const std::string& resource,
          const std::string& expression, bool typed) {
  Case work(resource, expression, typed);
  Loop(state, work);
}

const bool registered = [] {
  static const json::Document* speed = new json::Document(Read("speed.json"));
  for (const json::Value entry : json::Children(speed->root())) {
    benchmark::RegisterBenchmark(("Eval/" + TextOf(entry, "name")).c_str(),
                                 Eval, TextOf(entry, "resource"),
                                 TextOf(entry, "expression"),
                                 TextOf(entry, "model") == "r4");
  }
  return true;
}();

// The nine items with the four options that the answers take from.
std::string Form() {
  json::Writer out;
  out.BeginObject().Key("resourceType").String("Questionnaire");
  out.Key("status").String("active").Key("item").BeginArray();
  static constexpr const char* kCodes[] = {"LA6568-5", "LA6569-3", "LA6570-1",
                                           "LA6571-9"};
  for (const json::Value item :
       json::Children(Resources().root().Find("response").Find("item"))) {
    out.BeginObject().Key("linkId").String(TextOf(item, "linkId"));
    out.Key("type").String("choice").Key("answerOption").BeginArray();
    for (int i = 0; i < 4; ++i) {
      out.BeginObject().Key("valueCoding").BeginObject();
      out.Key("extension").BeginArray().BeginObject().Key("url");
      out.String("http://hl7.org/fhir/StructureDefinition/ordinalValue");
      out.Key("valueDecimal").Int(i).EndObject().EndArray();
      out.Key("code").String(kCodes[i]).EndObject().EndObject();
    }
    out.EndArray().EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

void BM_Weight(benchmark::State& state) {
  Case work("coded", "item.answer.value.weight().sum()", true, Form());
  Loop(state, work);
}
BENCHMARK(BM_Weight);

void BM_Parse(benchmark::State& state) {
  const Case work("response", "item", true);
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::Parse(work.text()));
  }
}
BENCHMARK(BM_Parse);

void BM_Validate(benchmark::State& state) {
  const Case work("patient", "name", true);
  Validator validator;
  for (auto _ : state) {
    benchmark::DoNotOptimize(validator.Validate(work.document()));
  }
}
BENCHMARK(BM_Validate);

}  // namespace
}  // namespace stepwell::fhir
