#include "fhir/eval.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

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

void WriteTree(const fp::Explanation& tree, json::Writer* out) {
  out->BeginObject();
  out->Key("text").String(tree.text).Key("column").Int(tree.column);
  out->Key("evaluated").Bool(tree.evaluated);
  if (tree.is_truth) {
    static constexpr const char* kTruths[] = {"false", "true", "unknown"};
    out->Key("truth").String(kTruths[static_cast<size_t>(tree.truth)]);
  }
  out->Key("values").BeginArray();
  for (const std::string& value : tree.values) out->String(value);
  out->EndArray();
  if (!tree.error.empty()) out->Key("error").String(tree.error);
  if (!tree.parts.empty()) {
    out->Key("parts").BeginArray();
    for (const fp::Explanation& part : tree.parts) WriteTree(part, out);
    out->EndArray();
  }
  out->EndObject();
}

// A JSON text as a tree for expressions.
struct Tree {
  std::unique_ptr<json::Document> document;
  std::unique_ptr<JsonSource> source;
};

// False: *error says why.
bool ReadTree(std::string_view text, std::string_view what,
              const R4Model* model, uint16_t number, Tree* tree,
              EvalAnswer* error) {
  auto parsed = json::Parse(text);
  if (!parsed.ok()) {
    *error = Error(
        "execution",
        std::string(what) + ": " + std::string(parsed.status().message()), 0);
    return false;
  }
  tree->document = std::make_unique<json::Document>(*std::move(parsed));
  tree->source = std::make_unique<JsonSource>(*tree->document, model, number);
  return true;
}

using ProgramPointer = std::shared_ptr<const fp::Program>;

}  // namespace

// What all evaluations of one expression share.
struct Evaluator::Parts {
  std::string expression, context;
  bool r4_model = true;
  int offset_minutes = 0;
  R4Model model;
  fp::FunctionTable functions;
  Tree questionnaire, nothing;  // `nothing` stands where no resource is given
  // By text and type of the root.
  mutable std::mutex mutex;
  mutable std::map<std::pair<const std::string*, fp::TypeId>, ProgramPointer>
      programs;

  const R4Model* model_or_null() const { return r4_model ? &model : nullptr; }

  // Null: *error says why.
  ProgramPointer Compiled(const std::string& text, fp::TypeId root_type,
                          EvalAnswer* error) const {
    const std::lock_guard<std::mutex> lock(mutex);
    ProgramPointer& program = programs[{&text, root_type}];
    if (program != nullptr) return program;
    fp::CompileOptions compile;
    compile.model = model_or_null();
    compile.root_type = root_type;
    compile.host_functions = &functions;
    if (questionnaire.source) compile.variables.push_back({"questionnaire"});
    fp::CompileResult compiled = fp::Compile(text, compile);
    if (!compiled.program) *error = Error(compiled.issues[0]);
    program = std::move(compiled.program);
    return program;
  }
};

// One evaluation: the resource and what is read of it.
class Evaluator::Session {
 public:
  Session(const Parts& parts, Instant now) : parts_(parts) {
    options_.now = now;
    options_.offset_minutes = parts.offset_minutes;
  }

  // False: answer() holds the error.
  bool Prepare(std::optional<std::string_view> resource) {
    if (resource && !ReadTree(*resource, "resource", parts_.model_or_null(), 0,
                              &resource_, &answer_)) {
      return false;
    }
    sources_.push_back(resource ? resource_.source.get()
                                : parts_.nothing.source.get());
    if (resource) {
      input_.push_back(fp::Value::Of(resource_.source->root()));
      root_type_ = resource_.source->root_type();
    }
    if (parts_.questionnaire.source) {
      sources_.push_back(parts_.questionnaire.source.get());
      variables_.push_back(
          fp::Collection(fp::Value::Of(parts_.questionnaire.source->root())));
    }
    options_.sources = sources_;
    options_.variables = variables_;
    if (!parts_.context.empty()) {
      if (!Evaluate(parts_.context, &context_)) return false;
      input_ = context_;
    }
    program_ = parts_.Compiled(parts_.expression, root_type_, &answer_);
    return program_ != nullptr;
  }

  EvalAnswer Run() {
    fp::Collection out;
    if (!Evaluate(parts_.expression, &out)) return answer_;
    json::Writer writer;
    writer.BeginArray();
    for (const fp::Value& item : out) {
      WriteItem(item, options_, parts_.model_or_null(), &writer);
    }
    writer.EndArray();
    return {true, writer.Take()};
  }

  EvalAnswer Explain() {
    json::Writer writer;
    if (input_.size() != 1 || !input_[0].is_node()) {
      return Error("execution",
                   "only what an expression gives on one element can be "
                   "explained: give a resource",
                   0);
    }
    WriteTree(fp::Explain(*program_, input_[0].node(), options_).tree, &writer);
    return {true, writer.Take()};
  }

  EvalAnswer answer() const { return answer_; }

 private:
  bool Evaluate(const std::string& text, fp::Collection* out) {
    const ProgramPointer program = parts_.Compiled(text, root_type_, &answer_);
    if (!program) return false;
    auto result = fp::EvaluateOver(*program, input_.span(), options_);
    if (!result.ok()) {
      answer_ = Error(result.status());
      return false;
    }
    *out = *std::move(result);
    if (&text == &parts_.context) root_type_ = program->result_type();
    return true;
  }

  const Parts& parts_;
  Tree resource_;
  std::vector<const fp::Source*> sources_;
  std::vector<fp::Collection> variables_;
  fp::EvaluateOptions options_;
  fp::Collection input_, context_;
  fp::TypeId root_type_ = fp::kAnyType;
  ProgramPointer program_;
  EvalAnswer answer_;
};

Evaluator::Evaluator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Evaluator::~Evaluator() = default;

std::unique_ptr<Evaluator> Evaluator::Make(const EvalRequest& request,
                                           EvalAnswer* error) {
  auto parts = std::make_unique<Parts>();
  parts->expression = std::string(request.expression);
  parts->context = std::string(request.context);
  parts->r4_model = request.r4_model;
  parts->offset_minutes = request.offset_minutes;
  if (!ReadTree("{}", "resource", nullptr, 0, &parts->nothing, error)) {
    return nullptr;
  }
  if (request.questionnaire &&
      !ReadTree(*request.questionnaire, "questionnaire", parts->model_or_null(),
                1, &parts->questionnaire, error)) {
    return nullptr;
  }
  SdcSources sdc;
  sdc.model = &parts->model;
  sdc.questionnaire = parts->questionnaire.source.get();
  AddFhirFunctions(sdc, &parts->functions);
  return std::unique_ptr<Evaluator>(new Evaluator(std::move(parts)));
}

EvalAnswer Evaluator::Check() const {
  EvalAnswer error;
  if (!parts_->context.empty() &&
      !parts_->Compiled(parts_->context, fp::kAnyType, &error)) {
    return error;
  }
  if (!parts_->Compiled(parts_->expression, fp::kAnyType, &error)) return error;
  return {true, ""};
}

EvalAnswer Evaluator::Run(std::optional<std::string_view> resource,
                          Instant now) const {
  Session session(*parts_, now);
  return session.Prepare(resource) ? session.Run() : session.answer();
}

EvalAnswer Evaluator::Explain(std::optional<std::string_view> resource,
                              Instant now) const {
  Session session(*parts_, now);
  return session.Prepare(resource) ? session.Explain() : session.answer();
}

EvalAnswer Eval(const EvalRequest& request) {
  EvalAnswer error;
  const auto evaluator = Evaluator::Make(request, &error);
  if (evaluator == nullptr) return error;
  return evaluator->Run(request.resource, request.now);
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
