// Validation of FHIR texts: one resource, or one a line.
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/limits.h"
#include "base/strings.h"
#include "fhir/systems.h"
#include "fhir/validate.h"
#include "json/json.h"
#include "stepwell/fhir.h"

namespace stepwell {
namespace {

std::string TextOf(json::Value resource, const char* key) {
  const json::Value value = resource.Find(key);
  return value.is_string() ? std::string(value.string_value()) : "";
}

std::string NameOf(json::Value resource) {
  std::string name = TextOf(resource, "resourceType");
  const std::string id = TextOf(resource, "id");
  if (!id.empty()) absl::StrAppend(&name, "/", id);
  return name;
}

FhirIssue ToIssue(fhir::CheckIssue issue) {
  return {issue.severity == fhir::CheckSeverity::kError
              ? FhirIssue::Severity::kError
              : FhirIssue::Severity::kWarning,
          std::move(issue.code), std::move(issue.key),
          std::move(issue.expression), std::move(issue.message)};
}

class TextValidator {
 public:
  FhirValidation Run(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    const absl::StatusOr<json::Document> whole = json::Parse(text);
    if (whole.ok()) {
      One(*whole, 0);
    } else if (!Lines(text)) {
      Broken(whole.status(), 0);
    }
    return std::move(out_);
  }

 private:
  void One(const json::Document& document, uint64_t line) {
    Take(NameOf(document.root()), line, validator_.Validate(document));
  }

  void Broken(const absl::Status& status, uint64_t line) {
    const bool large = absl::IsResourceExhausted(status);
    Take(
        "", line,
        {{fhir::CheckSeverity::kError, large ? "too-long" : "structure",
          large ? "too_large" : "no_json", "", std::string(status.message())}});
  }

  void Take(std::string name, uint64_t line,
            std::vector<fhir::CheckIssue> issues) {
    ++out_.resources;
    if (issues.empty()) return;
    FhirResult result;
    result.line = line;
    result.resource = std::move(name);
    for (fhir::CheckIssue& issue : issues) {
      result.issues.push_back(ToIssue(std::move(issue)));
      const bool error =
          result.issues.back().severity == FhirIssue::Severity::kError;
      ++(error ? out_.errors : out_.warnings);
    }
    out_.valid = out_.errors == 0;
    out_.results.push_back(std::move(result));
  }

  // NDJSON when the first line is an object by itself.
  bool Lines(std::string_view text) {
    uint64_t number = 0;
    bool first = true;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line =
          ToStd(absl::StripAsciiWhitespace(ToAbsl(text.substr(at, end - at))));
      at = end + 1;
      ++number;
      if (line.empty()) continue;
      const absl::StatusOr<json::Document> document = json::Parse(line);
      if (first && (!document.ok() || !document->root().is_object())) {
        return false;
      }
      first = false;
      if (document.ok()) {
        One(*document, number);
      } else {
        Broken(document.status(), number);
      }
    }
    return !first;
  }

  fhir::Validator validator_;
  FhirValidation out_;
};

void WriteIssue(json::Writer& w, const FhirIssue& issue) {
  w.BeginObject();
  w.Key("severity")
      .String(issue.severity == FhirIssue::Severity::kError ? "error"
                                                            : "warning");
  w.Key("code").String(issue.code);
  w.Key("details").BeginObject();
  w.Key("coding").BeginArray().BeginObject();
  w.Key("system").String(
      absl::StrCat(ToAbsl(fhir::kCodeSystems), "validation"));
  w.Key("code").String(issue.key);
  w.EndObject().EndArray();
  w.Key("text").String(issue.message);
  w.EndObject();
  if (!issue.expression.empty()) {
    w.Key("expression").BeginArray();
    w.String(issue.expression);
    w.EndArray();
  }
  w.EndObject();
}

}  // namespace

std::string ToOperationOutcome(const FhirResult& result) {
  json::Writer w;
  w.BeginObject();
  w.Key("resourceType").String("OperationOutcome");
  w.Key("issue").BeginArray();
  for (const FhirIssue& issue : result.issues) WriteIssue(w, issue);
  if (result.issues.empty()) {
    w.BeginObject();
    w.Key("severity").String("information");
    w.Key("code").String("informational");
    w.Key("details").BeginObject();
    w.Key("text").String("no issues");
    w.EndObject().EndObject();
  }
  w.EndArray().EndObject();
  return w.Take();
}

std::string ToJson(const FhirValidation& validation) {
  json::Writer w;
  w.BeginObject();
  w.Key("valid").Bool(validation.valid);
  w.Key("resources").UInt(validation.resources);
  w.Key("errors").UInt(validation.errors);
  w.Key("warnings").UInt(validation.warnings);
  w.Key("results").BeginArray();
  for (const FhirResult& result : validation.results) {
    w.BeginObject();
    if (result.line > 0) w.Key("line").UInt(result.line);
    if (!result.resource.empty()) w.Key("resource").String(result.resource);
    w.Key("outcome").Raw(ToOperationOutcome(result));
    w.EndObject();
  }
  w.EndArray().EndObject();
  return w.Take();
}

FhirValidation ValidateFhir(std::string_view text) {
  return TextValidator().Run(text);
}

}  // namespace stepwell
