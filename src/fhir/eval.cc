#include "fhir/eval.h"

#include <memory>

#include "fhir/json_source.h"
#include "fhir/r4_model.h"
#include "fhir/sdc_functions.h"
#include "fhirpath/fhirpath.h"
#include "json/json.h"

namespace stepwell::fhir {

namespace fp = ::stepwell::fhirpath;

namespace {

EvalAnswer Error(std::string_view kind, std::string_view message, int column) {
  json::Writer out;
  out.BeginObject().Key("error").BeginObject();
  out.Key("kind").String(kind).Key("message").String(message);
  out.Key("column").Int(column);
  out.EndObject().EndObject();
  return {false, out.Take()};
}

EvalAnswer Error(const fp::CompileIssue& issue) {
  const bool syntax = issue.kind == fp::IssueKind::kSyntax;
  std::string message = issue.message;
  if (!issue.hint.empty()) message += "; " + issue.hint;
  return Error(syntax ? "syntax" : "semantic", message, issue.column);
}

EvalAnswer Error(const absl::Status& status) {
  return Error("execution", std::string(status.message()),
               fp::ColumnOf(status));
}

// FHIR's spelling of a System type: Boolean -> boolean, Quantity stays.
std::string FhirSpelling(fp::Kind kind) {
  std::string name(fp::SystemTypeName(kind));
  if (kind != fp::Kind::kQuantity && kind != fp::Kind::kTypeInfo) {
    name[0] = static_cast<char>(name[0] + 32);
  }
  return name;
}

void WriteItem(const fp::Value& item, const fp::EvaluateOptions& options,
               const R4Model* model, json::Writer* out) {
  out->BeginObject();
  if (!item.is_node()) {
    out->Key("type").String(FhirSpelling(item.kind()));
    out->Key("value").String(fp::ToLiteral(item)).EndObject();
    return;
  }
  const fp::Node node = item.node();
  const auto& source =
      static_cast<const JsonSource&>(*options.sources[node.source]);
  const json::Value value = source.JsonOf(node.index);
  const auto plain = source.Primitive(node.index);
  const bool scalar = value && !value.is_object() && plain;
  const fp::TypeId type = source.TypeOf(node.index);
  std::string name;
  if (type != fp::kAnyType && type < fp::kFirstModelType) {
    name = FhirSpelling(static_cast<fp::Kind>(type));
  } else if (type != fp::kAnyType && model != nullptr) {
    name = model->TypeName(type);
  } else if (scalar) {
    name = FhirSpelling(plain->kind());
  } else {
    const json::Value resource =
        value ? value.Find("resourceType") : json::Value();
    name =
        resource.is_string() ? std::string(resource.string_value()) : "Element";
  }
  out->Key("type").String(name).Key("value");
  if (scalar) {
    out->String(fp::ToLiteral(*plain));
  } else {
    out->Raw(source.ToText(node.index));
  }
  out->EndObject();
}

// All that one evaluation needs, kept alive together.
class Session {
 public:
  explicit Session(const EvalRequest& request) : request_(request) {}

  // False: *answer_ holds the error.
  bool Prepare() {
    if (!Read(request_.resource, "resource", &resource_text_, &resource_) ||
        !Read(request_.questionnaire, "questionnaire", &questionnaire_text_,
              &questionnaire_)) {
      return false;
    }
    if (resource_) {
      sources_.push_back(resource_.get());
      input_.push_back(fp::Value::Of(resource_->root()));
    }
    if (questionnaire_) {
      sources_.push_back(questionnaire_.get());
      variables_.push_back(
          fp::Collection(fp::Value::Of(questionnaire_->root())));
    }
    SdcSources sdc;
    sdc.model = &model_;
    sdc.questionnaire = questionnaire_.get();
    AddFhirFunctions(sdc, &functions_);
    options_.now = request_.now;
    options_.offset_minutes = request_.offset_minutes;
    options_.sources = sources_;
    options_.variables = variables_;
    root_type_ = resource_ ? resource_->root_type() : fp::kAnyType;
    return request_.context.empty() || EnterContext();
  }

  EvalAnswer Run() {
    fp::Collection out;
    if (!Evaluate(request_.expression, &out, nullptr)) return answer_;
    json::Writer writer;
    writer.BeginArray();
    for (const fp::Value& item : out) {
      WriteItem(item, options_, request_.r4_model ? &model_ : nullptr, &writer);
    }
    writer.EndArray();
    return {true, writer.Take()};
  }

  EvalAnswer answer() const { return answer_; }

 private:
  bool Read(std::optional<std::string_view> text, std::string_view what,
            std::unique_ptr<json::Document>* document,
            std::unique_ptr<JsonSource>* source) {
    if (!text) return true;
    auto parsed = json::Parse(*text);
    if (!parsed.ok()) {
      answer_ = Error(
          "execution",
          std::string(what) + ": " + std::string(parsed.status().message()), 0);
      return false;
    }
    *document = std::make_unique<json::Document>(*std::move(parsed));
    const uint16_t number = source == &questionnaire_ && resource_ ? 1 : 0;
    *source = std::make_unique<JsonSource>(
        **document, request_.r4_model ? &model_ : nullptr, number);
    return true;
  }

  bool EnterContext() {
    fp::Collection found;
    fp::TypeId type = fp::kAnyType;
    if (!Evaluate(request_.context, &found, &type)) return false;
    input_ = std::move(found);
    root_type_ = type;
    return true;
  }

  bool Evaluate(std::string_view expression, fp::Collection* out,
                fp::TypeId* type) {
    fp::CompileOptions compile;
    compile.model = request_.r4_model ? &model_ : nullptr;
    compile.root_type = root_type_;
    compile.host_functions = &functions_;
    if (questionnaire_) compile.variables.push_back({"questionnaire"});
    const fp::CompileResult compiled = fp::Compile(expression, compile);
    if (!compiled.program) {
      answer_ = Error(compiled.issues[0]);
      return false;
    }
    programs_.push_back(compiled.program);
    auto result = fp::EvaluateOver(*compiled.program, input_.span(), options_);
    if (!result.ok()) {
      answer_ = Error(result.status());
      return false;
    }
    *out = *std::move(result);
    if (type != nullptr) *type = compiled.program->result_type();
    return true;
  }

  const EvalRequest& request_;
  R4Model model_;
  fp::FunctionTable functions_;
  std::unique_ptr<json::Document> resource_text_, questionnaire_text_;
  std::unique_ptr<JsonSource> resource_, questionnaire_;
  std::vector<const fp::Source*> sources_;
  std::vector<fp::Collection> variables_;
  std::vector<std::shared_ptr<const fp::Program>> programs_;
  fp::EvaluateOptions options_;
  fp::Collection input_;
  fp::TypeId root_type_ = fp::kAnyType;
  EvalAnswer answer_;
};

}  // namespace

EvalAnswer Eval(const EvalRequest& request) {
  Session session(request);
  return session.Prepare() ? session.Run() : session.answer();
}

EvalAnswer EvalLine(std::string_view line, const EvalBatchOptions& options) {
  auto parsed = json::Parse(line);
  if (!parsed.ok()) {
    return Error(
        "execution",
        "the line is no JSON: " + std::string(parsed.status().message()), 0);
  }
  const json::Value root = parsed->root();
  const json::Value expression = root.Find("expression");
  if (!expression.is_string()) {
    return Error("execution", "the line needs \"expression\", a string", 0);
  }
  EvalRequest request;
  request.now = options.now;
  request.offset_minutes = options.offset_minutes;
  request.expression = expression.string_value();
  const json::Value context = root.Find("context");
  if (context.is_string()) request.context = context.string_value();
  const json::Value model = root.Find("model");
  request.r4_model = !(model.is_string() && model.string_value() == "none");
  std::string resource, questionnaire;
  const json::Value file = root.Find("resource_file");
  if (const json::Value inner = root.Find("resource")) {
    resource = json::ToText(inner);
    request.resource = resource;
  } else if (file.is_string()) {
    if (!options.read_file) {
      return Error("execution", "\"resource_file\" cannot be read here", 0);
    }
    auto text = options.read_file(std::string(file.string_value()));
    if (!text.ok()) {
      return Error("execution", std::string(text.status().message()), 0);
    }
    resource = *std::move(text);
    request.resource = resource;
  }
  if (const json::Value inner = root.Find("questionnaire")) {
    questionnaire = json::ToText(inner);
    request.questionnaire = questionnaire;
  }
  return Eval(request);
}

}  // namespace stepwell::fhir
