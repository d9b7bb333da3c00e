#include "service_options.h"

#include "absl/strings/str_cat.h"
#include "stepwell/time_text.h"

namespace stepwell::cli {

ServiceVerb AddServiceVerb(CLI::App& parent, Common& common,
                           const std::string& name,
                           const std::string& description, Takes takes) {
  ServiceVerb out{AddVerb(parent, common, name, description),
                  std::make_shared<ServiceArguments>()};
  out.verb
      ->add_option("--store", out.arguments->store, "sqlite:PATH or memory:")
      ->envname("STEPWELL_STORE")
      ->required();
  if (takes == Takes::kNow) {
    out.verb
        ->add_option("--now", out.arguments->now,
                     "a time like 2026-03-02T09:00:00+01:00, or system")
        ->envname("STEPWELL_NOW")
        ->required();
  }
  out.verb
      ->add_option("--zone", out.arguments->zone,
                   "of times in text output: Europe/Stockholm")
      ->envname("STEPWELL_ZONE");
  return out;
}

int WithService(const Common& common, const ServiceArguments& arguments,
                const std::function<int(Service&, Instant)>& run) {
  if (!TimeFromText("2026-01-01T00:00", arguments.zone)) {
    return Fail(common, absl::StrCat("there is no time zone ", arguments.zone,
                                     "; use an IANA name: Europe/Stockholm"));
  }
  Instant now;
  if (!arguments.now.empty()) {
    const auto read = ReadNow(arguments.now);
    if (!read.ok()) return Fail(common, read.status());
    now = *read;
  }
  const auto service = Service::Open(arguments.store);
  if (!service.ok()) return Fail(common, service.status());
  return run(**service, now);
}

void AddServiceVerbs(CLI::App& app, Common& common) {
  CLI::App* service =
      app.add_subcommand("service", "A service that runs live on a store");
  service->require_subcommand(1);
  AddWritingVerbs(*service, common);
  AddVersionVerbs(*service, common);
  AddExportVerb(*service, common);
  AddTableVerbs(*service, common);
  AddListVerbs(*service, common);
  AddCaseVerbs(*service, common);
  AddStateVerbs(*service, common);
}

std::string NameText(const std::string& name, const WorkLine& line) {
  return line.occurrence > 1 ? absl::StrCat(name, " #", line.occurrence) : name;
}

std::string OwnerText(const std::string& pool, const std::string& staff) {
  if (staff.empty()) return pool;
  return pool.empty() ? staff : absl::StrCat(staff, " (", pool, ")");
}

}  // namespace stepwell::cli
