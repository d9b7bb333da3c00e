// What the tests of the export share: services with a past, and their exports
// taken apart.
#ifndef STEPWELL_TESTS_HOST_EXPORT_SUPPORT_H_
#define STEPWELL_TESTS_HOST_EXPORT_SUPPORT_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "stepwell/service.h"
#include "support/matchers.h"

namespace stepwell {

// A folder that goes when the object goes.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  std::string operator/(const std::string& name) const;

 private:
  std::string path_;
};

Instant At(std::string_view text);

// A new service in memory with this protocol.
std::unique_ptr<Service> NewService(
    const std::string& protocol = "catalogue:icbt_base",
    std::string_view now = "2026-03-02T09:00:00Z");

// The service that a shipped scenario leaves behind, in `folder`.
// The protocol that the scenario names, as services take it.
std::string ProtocolOf(const std::string& scenario);
std::unique_ptr<Service> PlayedService(const std::string& scenario,
                                       const Folder& folder);
std::vector<std::string> ScenarioNames();

// Submits and expects that it is accepted.
Reply Do(Service& service, std::string_view command, std::string_view now);

// An export by resource, each parsed: "Patient/...".
class Exported {
 public:
  explicit Exported(std::string_view ndjson);
  const std::map<std::string, json::Document>& all() const { return all_; }
  // The resources of a type, by id.
  std::vector<json::Value> Of(std::string_view type) const;
  // The only one of its type.
  json::Value Only(std::string_view type) const;
  json::Value Get(const std::string& reference) const;

 private:
  std::map<std::string, json::Document> all_;
};

std::string Ndjson(Service& service, const std::string& who = "",
                   const std::vector<std::string>& types = {});
std::string Bundle(Service& service);

// Every error of structure and invariants, a line each.
std::string StructureErrors(const Exported& exported);

// The value at a path of members and indices: At(task, "input/0/type").
json::Value In(json::Value value, std::string_view path);
std::string TextIn(json::Value value, std::string_view path);

}  // namespace stepwell

#endif  // STEPWELL_TESTS_HOST_EXPORT_SUPPORT_H_
