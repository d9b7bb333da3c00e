#include "fhir/eval.h"

#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "fhir/eval_values.h"
#include "fhir/sdc_functions.h"
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

// `what` could not be read.
EvalAnswer Unread(std::string_view what, const absl::Status& status) {
  return Error("execution", absl::StrCat(ToAbsl(what), ": ", status.message()),
               0);
}

void WriteTree(const fp::Explanation& tree, json::Writer* out);

// The members of an explanation.
void WriteParts(const fp::Explanation& tree, json::Writer* out) {
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
}

void WriteTree(const fp::Explanation& tree, json::Writer* out) {
  out->BeginObject();
  WriteParts(tree, out);
  out->EndObject();
}

// What is known of an expression without any resource.
void WriteProgram(const fp::Program& program, json::Writer* out) {
  out->Key("reads").BeginArray();
  for (const auto& path : program.reads()) {
    std::string text;
    for (const std::string& name : path)
      text += (text.empty() ? "" : ".") + name;
    out->String(text);
  }
  out->EndArray();
  out->Key("definite").BeginArray();
  for (const fp::DefinitePlace& place : program.definite_places()) {
    out->BeginObject().Key("column").Int(place.column);
    out->Key("function").String(place.function);
    out->Key("path").String(place.path).EndObject();
  }
  out->EndArray();
  out->Key("uses_now").Bool(program.uses_now());
}

using ProgramPointer = std::shared_ptr<const fp::Program>;

}  // namespace

// What all evaluations of one expression share.
struct Evaluator::Parts {
  std::string expression, context;
  bool r4_model = true;
  int offset_minutes = 0;
  fp::Limits limits;
  R4Model model;
  fp::FunctionTable functions;
  Tree questionnaire, nothing;  // `nothing` stands where no resource is given
  HostVariables variables;
  // By text and the types of the root and of %resource.
  mutable std::mutex mutex;
  using Key = std::tuple<const std::string*, fp::TypeId, fp::TypeId>;
  mutable std::map<Key, ProgramPointer> programs;

  const R4Model* model_or_null() const { return r4_model ? &model : nullptr; }
  // The type of a resource of which no more is known.
  fp::TypeId OpenResource() const {
    return r4_model ? model.ResourceType() : fp::kAnyType;
  }

  // Null: *error says why.
  ProgramPointer Compiled(const std::string& text, fp::TypeId root_type,
                          fp::TypeId resource_type, EvalAnswer* error) const {
    const std::lock_guard<std::mutex> lock(mutex);
    ProgramPointer& program = programs[{&text, root_type, resource_type}];
    if (program != nullptr) return program;
    fp::CompileOptions compile;
    compile.model = model_or_null();
    compile.root_type = root_type;
    compile.resource_type = resource_type;
    compile.host_functions = &functions;
    if (questionnaire.source) compile.variables.push_back({"questionnaire"});
    compile.variables.insert(compile.variables.end(),
                             variables.declared().begin(),
                             variables.declared().end());
    fp::CompileResult compiled = fp::Compile(text, compile);
    if (!compiled.program) *error = Error(compiled.issues[0]);
    program = std::move(compiled.program);
    return program;
  }
};

// One evaluation: the resource and what is read of it.
class Evaluator::Session {
 public:
  Session(const Parts& parts, std::optional<Instant> now)
      : parts_(parts), has_now_(now.has_value()) {
    options_.now = now.value_or(Instant{0});
    options_.offset_minutes = parts.offset_minutes;
    options_.limits = parts.limits;
  }

  // False: answer() holds the error.
  bool Prepare(std::optional<std::string_view> resource) {
    if (resource) {
      auto tree = ReadTree(*resource, parts_.model_or_null(), 0);
      if (!tree.ok()) {
        answer_ = Unread("resource", tree.status());
        return false;
      }
      resource_ = *std::move(tree);
      if (parts_.r4_model && !resource_.document->root().is_object()) {
        answer_ = Error("execution",
                        "resource: expected an object with \"resourceType\" "
                        "(the model \"none\" takes any JSON)",
                        0);
        return false;
      }
    }
    sources_.push_back(resource ? resource_.source.get()
                                : parts_.nothing.source.get());
    if (resource) {
      input_.push_back(fp::Value::Of(resource_.source->root()));
      root_type_ = resource_.source->root_type();
      resource_type_ = root_type_;
    }
    if (parts_.questionnaire.source) {
      sources_.push_back(parts_.questionnaire.source.get());
      variables_.push_back(
          fp::Collection(fp::Value::Of(parts_.questionnaire.source->root())));
    }
    for (const Tree& tree : parts_.variables.trees()) {
      sources_.push_back(tree.source.get());
    }
    variables_.insert(variables_.end(), parts_.variables.values().begin(),
                      parts_.variables.values().end());
    options_.sources = sources_;
    options_.variables = variables_;
    if (!parts_.context.empty()) {
      if (!Evaluate(parts_.context, &context_)) return false;
      input_ = context_;
    }
    program_ = Compiled(parts_.expression);
    return program_ != nullptr;
  }

  EvalAnswer Run() {
    fp::Collection out;
    if (!Evaluate(parts_.expression, &out)) return answer_;
    return {true, ItemsToJson(out.span(), options_, parts_.model_or_null())};
  }

  EvalAnswer Explain() {
    json::Writer writer;
    if (input_.size() != 1 || !input_[0].is_node()) {
      return Error("execution",
                   "only what an expression gives on one element can be "
                   "explained: give a resource",
                   0);
    }
    writer.BeginObject();
    WriteParts(fp::Explain(*program_, input_[0].node(), options_).tree,
               &writer);
    WriteProgram(*program_, &writer);
    writer.EndObject();
    return {true, writer.Take()};
  }

  EvalAnswer answer() const { return answer_; }

 private:
  ProgramPointer Compiled(const std::string& text) {
    ProgramPointer program =
        parts_.Compiled(text, root_type_, resource_type_, &answer_);
    if (program == nullptr || has_now_ || !program->uses_now()) return program;
    answer_ = Error("execution",
                    "the expression asks for the time and none was given: "
                    "give what now() is to say",
                    0);
    return nullptr;
  }

  bool Evaluate(const std::string& text, fp::Collection* out) {
    const ProgramPointer program = Compiled(text);
    if (!program) return false;
    auto result = fp::EvaluateOver(*program, input_.span(), options_);
    if (!result.ok()) {
      answer_ = Error(result.status());
      return false;
    }
    *out = *std::move(result);
    if (&text == &parts_.context) {
      root_type_ = program->result_type();
      if (!IsOfRoot(*out)) resource_type_ = parts_.OpenResource();
    }
    return true;
  }

  // False: %resource is one that the given resource contains.
  bool IsOfRoot(const fp::Collection& items) const {
    for (const fp::Value& item : items) {
      if (!item.is_node() || item.node().source != 0 ||
          resource_.source->ResourceOf(item.node().index) != 0) {
        return false;
      }
    }
    return true;
  }

  const Parts& parts_;
  bool has_now_;
  Tree resource_;
  std::vector<const fp::Source*> sources_;
  std::vector<fp::Collection> variables_;
  fp::EvaluateOptions options_;
  fp::Collection input_, context_;
  fp::TypeId root_type_ = fp::kAnyType;
  fp::TypeId resource_type_ = fp::kAnyType;
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
  parts->limits = request.limits;
  parts->nothing = *ReadTree("{}", nullptr, 0);
  if (request.questionnaire) {
    auto tree = ReadTree(*request.questionnaire, parts->model_or_null(), 1);
    if (!tree.ok()) {
      *error = Unread("questionnaire", tree.status());
      return nullptr;
    }
    parts->questionnaire = *std::move(tree);
  }
  if (request.variables) {
    const absl::Status read =
        parts->variables.Read(*request.variables, parts->model_or_null(),
                              parts->questionnaire.source ? 2 : 1);
    if (!read.ok()) {
      *error = Unread("variables", read);
      return nullptr;
    }
  }
  SdcSources sdc;
  sdc.model = &parts->model;
  sdc.questionnaire = parts->questionnaire.source.get();
  AddFhirFunctions(sdc, &parts->functions);
  for (const fp::HostFunction& function : request.functions) {
    parts->functions.Add(function);
  }
  return std::unique_ptr<Evaluator>(new Evaluator(std::move(parts)));
}

EvalAnswer Evaluator::Check() const {
  EvalAnswer error;
  if (!parts_->context.empty() &&
      !parts_->Compiled(parts_->context, fp::kAnyType, parts_->OpenResource(),
                        &error)) {
    return error;
  }
  if (!parts_->Compiled(parts_->expression, fp::kAnyType,
                        parts_->OpenResource(), &error)) {
    return error;
  }
  return {true, ""};
}

EvalAnswer Evaluator::Run(std::optional<std::string_view> resource,
                          std::optional<Instant> now) const {
  Session session(*parts_, now);
  return session.Prepare(resource) ? session.Run() : session.answer();
}

EvalAnswer Evaluator::Explain(std::optional<std::string_view> resource,
                              std::optional<Instant> now) const {
  Session session(*parts_, now);
  return session.Prepare(resource) ? session.Explain() : session.answer();
}

EvalAnswer Eval(const EvalRequest& request) {
  EvalAnswer error;
  const auto evaluator = Evaluator::Make(request, &error);
  if (evaluator == nullptr) return error;
  return evaluator->Run(request.resource, request.now);
}

namespace {

// What is wrong with the members of a line of a batch; empty: nothing.
std::string WrongMember(json::Value line) {
  for (const char* name : {"context", "model", "resource_file"}) {
    const json::Value value = line.Find(name);
    if (value && !value.is_null() && !value.is_string()) {
      return absl::StrCat("\"", name, "\" must be a string");
    }
  }
  const json::Value model = line.Find("model");
  if (model.is_string() && model.string_value() != "r4" &&
      model.string_value() != "none") {
    return "\"model\" must be \"r4\" or \"none\"";
  }
  const json::Value form = line.Find("questionnaire");
  if (form && !form.is_null() && !form.is_object()) {
    return "\"questionnaire\" must be an object";
  }
  return "";
}

// Null stands for a member that is left out.
json::Value Given(json::Value line, std::string_view name) {
  const json::Value value = line.Find(name);
  return value.is_null() ? json::Value() : value;
}

}  // namespace

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
  if (const std::string wrong = WrongMember(root); !wrong.empty()) {
    return Error("execution", wrong, 0);
  }
  EvalRequest request;
  request.now = options.now;
  request.offset_minutes = options.offset_minutes;
  request.expression = expression.string_value();
  const json::Value context = root.Find("context");
  if (context.is_string()) request.context = context.string_value();
  const json::Value model = root.Find("model");
  request.r4_model = !(model.is_string() && model.string_value() == "none");
  std::string resource, questionnaire, variables;
  const json::Value file = root.Find("resource_file");
  if (const json::Value inner = Given(root, "resource")) {
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
  if (const json::Value inner = Given(root, "variables")) {
    variables = json::ToText(inner);
    request.variables = variables;
  }
  if (const json::Value inner = Given(root, "questionnaire")) {
    questionnaire = json::ToText(inner);
    request.questionnaire = questionnaire;
  }
  return Eval(request);
}

}  // namespace stepwell::fhir
