// fhir: is a file legal R4; instruments as Questionnaires and back.
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

int WriteForm(const Common& common, const std::string& given) {
  const auto instrument = ReadInstrument(given);
  if (!instrument.ok()) return Fail(common, instrument.status());
  const auto form = QuestionnaireOfInstrument(*instrument);
  if (!form.ok()) return Fail(common, form.status());
  PrintLine(*form);
  return kFine;
}

int ReadForm(const Common& common, const std::string& file) {
  const auto text = ReadInput(file);
  if (!text.ok()) return Fail(common, text.status());
  const auto read = InstrumentOfQuestionnaire(*text);
  if (!read.ok()) return Fail(common, read.status());
  if (common.json) {
    std::string issues;
    for (const Issue& issue : read->issues) {
      absl::StrAppend(
          &issues, issues.empty() ? "" : ",", "{\"severity\":",
          issue.severity == Severity::kError ? "\"error\"" : "\"warning\"",
          ",\"code\":", Quote(issue.code),
          ",\"pointer\":", Quote(issue.pointer),
          ",\"message\":", Quote(issue.message),
          ",\"hint\":", Quote(issue.hint), "}");
    }
    PrintLine(absl::StrCat(
        "{\"document\":", read->document.empty() ? "null" : read->document,
        ",\"issues\":[", issues, "]}"));
  } else {
    PrintIssues(read->issues);
    if (!read->document.empty()) PrintLine(read->document);
  }
  return read->document.empty() ? kNo : kFine;
}

void AddFormVerbs(CLI::App& fhir, Common& common) {
  auto given = std::make_shared<std::string>();
  CLI::App* write = AddVerb(fhir, common, "questionnaire",
                            "An instrument as an R4 Questionnaire");
  write
      ->add_option("INSTRUMENT", *given,
                   "an id of the catalogue (phq-9), or a file")
      ->required();
  OnRun(write, common, [&common, given] { return WriteForm(common, *given); });
  CLI::App* read = AddVerb(fhir, common, "instrument",
                           "An R4 Questionnaire as an instrument document");
  read->add_option("FILE", *given, "a Questionnaire; or -")->required();
  OnRun(read, common, [&common, given] { return ReadForm(common, *given); });
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
  AddFormVerbs(*fhir, common);
}

}  // namespace stepwell::cli
