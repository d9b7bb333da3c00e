// stepwell: the command line of the library. Verbs are in verbs_*.cc.
#include <cstdio>
#include <exception>

#include "cli.h"
#include "stepwell/version.h"

namespace {

int Run(int argc, char** argv) {
  stepwell::cli::Common common;
  CLI::App app{
      "Stepped-care services: check, play and run them.\n"
      "Exit codes: 0 fine, 1 the answer is \"no\", 2 usage or I/O.",
      "stepwell"};
  app.set_version_flag("--version", std::string(stepwell::VersionText()));
  app.require_subcommand(1);
  stepwell::cli::AddProtocolVerbs(app, common);
  stepwell::cli::AddDiagramVerbs(app, common);
  stepwell::cli::AddMeasureVerbs(app, common);
  stepwell::cli::AddSimulationVerbs(app, common);
  stepwell::cli::AddFhirVerbs(app, common);
  stepwell::cli::AddMigrationVerb(app, common);
  stepwell::cli::AddServiceVerbs(app, common);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // A mistyped verb is named, before it is said that one is missing.
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) {
      app.exit(error);
    } else {
      std::fprintf(stderr, "stepwell: there is no \"%s\" here; see --help\n",
                   unknown.front().c_str());
    }
    return stepwell::cli::kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? stepwell::cli::kFine : stepwell::cli::kUsage;
  }
  return common.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  int code = stepwell::cli::kUsage;
  try {
    code = Run(argc, argv);
  } catch (const std::exception& error) {  // out of memory
    std::fprintf(stderr, "stepwell: %s\n", error.what());
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "stepwell: the output could not be written\n");
    return stepwell::cli::kUsage;
  }
  return code;
}
