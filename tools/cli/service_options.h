// What the verbs of `stepwell service` share.
#ifndef STEPWELL_TOOLS_CLI_SERVICE_OPTIONS_H_
#define STEPWELL_TOOLS_CLI_SERVICE_OPTIONS_H_

#include <functional>
#include <memory>
#include <string>

#include "cli.h"
#include "stepwell/service.h"

namespace stepwell::cli {

struct ServiceArguments {
  std::string store, now;
  std::string zone = "UTC";
  std::string who, item;          // CASE and ITEM
  std::string axis = "recorded";  // that `as_of` counts by
  std::string as_of;              // of verbs that look back; empty: now
};

// A verb of `service` with --store, and --now and --zone where they matter.
enum class Takes { kStore, kNow };
struct ServiceVerb {
  CLI::App* verb = nullptr;
  std::shared_ptr<ServiceArguments> arguments;
};
ServiceVerb AddServiceVerb(CLI::App& parent, Common& common,
                           const std::string& name,
                           const std::string& description, Takes takes);

// Opens the store and calls `run`, with the time when the verb takes one.
int WithService(const Common& common, const ServiceArguments& arguments,
                const std::function<int(Service&, Instant)>& run);

// Prints `json` with --format json, else calls `text`.
template <class T, class Text>
int Show(const Common& common, const absl::StatusOr<T>& result, int code,
         Text text) {
  if (!result.ok()) return Fail(common, result.status());
  if (common.json) {
    PrintLine(ToJson(*result));
  } else {
    text(*result);
  }
  return code;
}

void AddWritingVerbs(CLI::App& service, Common& common);
void AddVersionVerbs(CLI::App& service, Common& common);
void AddExportVerb(CLI::App& service, Common& common);
void AddTableVerbs(CLI::App& service, Common& common);
void AddListVerbs(CLI::App& service, Common& common);
void AddCaseVerbs(CLI::App& service, Common& common);
void AddStateVerbs(CLI::App& service, Common& common);

// Pools that nobody is in and that risk comes to; nothing when there is none.
void PrintWarnings(const Health& health);

// Of a repeated item also which one it is: "Review #2".
std::string NameText(const std::string& name, const WorkLine& line);
std::string OwnerText(const std::string& pool, const std::string& staff);

}  // namespace stepwell::cli

#endif  // STEPWELL_TOOLS_CLI_SERVICE_OPTIONS_H_
