#include "host/export_support.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "fhir/validate.h"
#include "stepwell/scenario.h"
#include "support/shared_data.h"

namespace stepwell {

namespace fs = std::filesystem;

Folder::Folder() {
  static int made = 0;
  path_ = (fs::temp_directory_path() /
           absl::StrCat("stepwell_export_", ::getpid(), "_", ++made))
              .string();
  fs::remove_all(path_);
  fs::create_directories(path_);
}

Folder::~Folder() { fs::remove_all(path_); }

std::string Folder::operator/(const std::string& name) const {
  return path_ + "/" + name;
}

Instant At(std::string_view text) {
  const auto instant = ParseInstant(text);
  EXPECT_TRUE(instant.has_value()) << text;
  return instant.value_or(Instant{});
}

std::unique_ptr<Service> NewService(const std::string& protocol,
                                    std::string_view now) {
  ServiceOptions options;
  options.protocol = protocol;
  options.prototype = true;
  auto service = Service::Create("memory:", options, At(now));
  EXPECT_OK(service);
  return service.ok() ? *std::move(service) : nullptr;
}

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(
           fs::path(STEPWELL_SOURCE_DIR) / "tests/scenarios")) {
    if (entry.path().extension() == ".scenario") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

namespace {

std::string ScriptOf(const std::string& scenario) {
  return testing::ReadFileText(fs::path(STEPWELL_SOURCE_DIR) /
                               "tests/scenarios" / (scenario + ".scenario"));
}

}  // namespace

std::string ProtocolOf(const std::string& scenario) {
  const std::string named = ScenarioProtocol(ScriptOf(scenario));
  if (named.starts_with("catalogue:")) return named;
  return testing::ReadFileText(fs::path(STEPWELL_SOURCE_DIR) /
                               "tests/scenarios" / named);
}

std::unique_ptr<Service> PlayedService(const std::string& scenario,
                                       const Folder& folder) {
  const std::string script = ScriptOf(scenario);
  ScenarioOptions options;
  options.store = absl::StrCat("sqlite:", folder / (scenario + ".db"));
  options.protocol = ProtocolOf(scenario);
  const auto played = PlayScenario(script, options);
  EXPECT_OK(played);
  auto service = Service::Open(options.store);
  EXPECT_OK(service);
  return service.ok() ? *std::move(service) : nullptr;
}

Reply Do(Service& service, std::string_view command, std::string_view now) {
  const auto reply = service.Submit(command, At(now));
  EXPECT_OK(reply) << command;
  if (!reply.ok()) return {};
  EXPECT_EQ(reply->kind, Reply::Kind::kAccepted)
      << command << ": " << reply->code << " " << reply->reason;
  return *reply;
}

Exported::Exported(std::string_view ndjson) {
  for (const auto line : absl::StrSplit(ToAbsl(ndjson), '\n')) {
    if (line.empty()) continue;
    auto document = json::Parse(ToStd(line));
    EXPECT_OK(document) << line;
    if (!document.ok()) continue;
    const std::string name =
        absl::StrCat(TextIn(document->root(), "resourceType"), "/",
                     TextIn(document->root(), "id"));
    EXPECT_TRUE(all_.emplace(name, *std::move(document)).second)
        << name << " is there twice";
  }
}

std::vector<json::Value> Exported::Of(std::string_view type) const {
  std::vector<json::Value> found;
  for (const auto& [name, document] : all_) {
    if (name.substr(0, name.find('/')) == type) {
      found.push_back(document.root());
    }
  }
  return found;
}

json::Value Exported::Only(std::string_view type) const {
  const std::vector<json::Value> found = Of(type);
  EXPECT_EQ(found.size(), 1u) << type;
  return found.empty() ? json::Value{} : found.front();
}

json::Value Exported::Get(const std::string& reference) const {
  const auto found = all_.find(reference);
  return found == all_.end() ? json::Value{} : found->second.root();
}

std::string Ndjson(Service& service, const std::string& who,
                   const std::vector<std::string>& types) {
  ExportOptions options;
  options.layout = "ndjson";
  options.who = who;
  options.types = types;
  const auto text = ExportText(service, options, At("2026-12-31T00:00:00Z"));
  EXPECT_OK(text);
  return text.ok() ? *text : "";
}

std::string Bundle(Service& service) {
  const auto text = ExportText(service, {}, At("2026-12-31T00:00:00Z"));
  EXPECT_OK(text);
  return text.ok() ? *text : "";
}

std::string StructureErrors(const Exported& exported) {
  std::string errors;
  fhir::Validator validator;
  for (const auto& [name, document] : exported.all()) {
    for (const fhir::CheckIssue& issue : validator.Validate(document)) {
      if (issue.severity != fhir::CheckSeverity::kError) continue;
      absl::StrAppend(&errors, name, ": ", issue.key, " at ", issue.expression,
                      ": ", issue.message, "\n");
    }
  }
  return errors;
}

json::Value In(json::Value value, std::string_view path) {
  for (const auto step : absl::StrSplit(ToAbsl(path), '/')) {
    size_t index = 0;
    value = value.is_array() && absl::SimpleAtoi(step, &index)
                ? value.at(index)
                : value.Find(ToStd(step));
  }
  return value;
}

std::string TextIn(json::Value value, std::string_view path) {
  const json::Value found = In(value, path);
  if (found.is_string()) return std::string(found.string_value());
  if (found.is_number()) return std::string(found.number_text());
  if (found.is_bool()) return found.bool_value() ? "true" : "false";
  return "";
}

}  // namespace stepwell
