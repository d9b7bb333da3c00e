// fhir validate: is a file legal FHIR R4?
#include "absl/strings/str_cat.h"
#include "cli.h"
#include "stepwell/fhir.h"

namespace stepwell::cli {
namespace {

struct ValidateArguments {
  std::vector<std::string> files;
  bool errors_only = false;
};

void KeepErrors(FhirValidation& validation) {
  for (FhirResult& result : validation.results) {
    std::erase_if(result.issues, [](const FhirIssue& issue) {
      return issue.severity != FhirIssue::Severity::kError;
    });
  }
  std::erase_if(validation.results,
                [](const FhirResult& result) { return result.issues.empty(); });
}

void PrintText(const std::string& file, const FhirValidation& validation) {
  PrintLine(absl::StrCat(file, ": ",
                         validation.valid ? Toned(Tone::kGood, "legal")
                                          : Toned(Tone::kBad, "not legal"),
                         ", ", Count(validation.resources, "resource"), ", ",
                         Count(validation.errors, "error"), ", ",
                         Count(validation.warnings, "warning")));
  for (const FhirResult& result : validation.results) {
    const std::string place =
        result.line == 0 ? "" : absl::StrCat("line ", result.line, " ");
    for (const FhirIssue& issue : result.issues) {
      const bool error = issue.severity == FhirIssue::Severity::kError;
      PrintLine(absl::StrCat(
          "  ",
          Toned(error ? Tone::kBad : Tone::kQuiet, error ? "error" : "warning"),
          "  ", place,
          issue.expression.empty() ? result.resource : issue.expression, "  ",
          issue.key, ": ", issue.message));
    }
  }
}

int Validate(const Common& common, const ValidateArguments& arguments) {
  int code = kFine;
  for (const std::string& file : arguments.files) {
    const auto text = ReadInput(file);
    if (!text.ok()) return Fail(common, text.status());
    FhirValidation validation = ValidateFhir(*text);
    if (!validation.valid) code = kNo;
    if (arguments.errors_only) KeepErrors(validation);
    if (common.json) {
      // {"file": ..., then what ToJson has.
      PrintLine(absl::StrCat("{\"file\":", Quote(file), ",",
                             ToJson(validation).substr(1)));
    } else {
      PrintText(file, validation);
    }
  }
  return code;
}

}  // namespace

void AddFhirVerbs(CLI::App& app, Common& common) {
  CLI::App* fhir = app.add_subcommand("fhir", "FHIR R4 resources");
  fhir->require_subcommand(1);
  CLI::App* verb = AddVerb(*fhir, common, "validate",
                           "Checks structure, required codes and invariants");
  auto arguments = std::make_shared<ValidateArguments>();
  verb->add_option("FILE", arguments->files,
                   "a resource, a Bundle or NDJSON; or -")
      ->required();
  verb->add_flag("--errors-only", arguments->errors_only, "without warnings");
  OnRun(verb, common,
        [&common, arguments] { return Validate(common, *arguments); });
}

}  // namespace stepwell::cli
