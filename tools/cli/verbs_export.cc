// service export: what the service holds, as FHIR, to a file or standard
// output as it is read.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "output_file.h"
#include "service_options.h"

namespace stepwell::cli {
namespace {

struct ExportArguments {
  ExportOptions options;
  std::string out = "-";
};

void PrintReport(FILE* to, bool json, const ExportReport& report) {
  std::string text;
  if (json) {
    text = absl::StrCat(ToJson(report), "\n");
  } else {
    absl::StrAppend(&text, Count(report.persons, "person"), ", ",
                    Count(report.cases, "case"), ", ",
                    Count(report.resources, "resource"), ":");
    for (const auto& [type, n] : report.by_type) {
      absl::StrAppend(&text, " ", type, " ", n);
    }
    absl::StrAppend(&text, "\n");
    for (const std::string& left_out : report.left_out) {
      absl::StrAppend(&text, "left out: ", left_out, "\n");
    }
    if (!report.next.empty()) {
      absl::StrAppend(&text, "there is more: --after ", report.next, "\n");
    }
  }
  std::fwrite(text.data(), 1, text.size(), to);
}

int Export(const Common& common, const ExportArguments& arguments,
           Service& service, Instant now) {
  OutputFile output(arguments.out);
  const auto report = service.Export(
      arguments.options,
      [&output](std::string_view piece) { return output.Write(piece); }, now);
  if (!report.ok()) return Fail(common, report.status());
  const absl::Status written = output.Finish();
  if (!written.ok()) return Fail(common, written);
  // Standard output holds the export alone.
  PrintReport(arguments.out == "-" ? stderr : stdout, common.json, *report);
  return report->left_out.empty() ? kFine : kNo;
}

}  // namespace

void AddExportVerb(CLI::App& service, Common& common) {
  const auto [verb, arguments] =
      AddServiceVerb(service, common, "export",
                     "Writes what the service holds as FHIR R4", Takes::kNow);
  auto given = std::make_shared<ExportArguments>();
  ExportOptions& options = given->options;
  verb->remove_option(verb->get_option("--format"));
  verb->add_option("--format", options.format, "of what is written: fhir")
      ->check(CLI::IsMember({"fhir"}));
  verb->add_option("--layout", options.layout,
                   "bundle: one transaction; bundles: one a person and line; "
                   "ndjson: a resource a line")
      ->check(CLI::IsMember({"bundle", "bundles", "ndjson"}));
  verb->add_option("--out", given->out, "a file, or -");
  verb->add_option("--case", options.who,
                   "only this case, person, or identifier system|value");
  verb->add_option("--type", options.types, "only resources of this type");
  verb->add_option("--base-url", options.base_url,
                   "before Patient/...: https://ehr.example/fhir");
  verb->add_option("--after", options.after, "the page after this one's end");
  verb->add_option("--persons-max", options.persons_max, "persons of a page");
  verb->add_option_function<std::string>(
          "--report",
          [&common](const std::string& report) {
            common.json = report == "json";
          },
          "text or json: what was written")
      ->check(CLI::IsMember({"text", "json"}))
      ->trigger_on_parse();
  OnRun(verb, common, [&common, arguments = arguments, given] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return Export(common, *given, opened, now);
    });
  });
}

}  // namespace stepwell::cli
