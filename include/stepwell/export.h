// Getting out what a service holds, as FHIR R4 (docs/guides/fhir-export.md).
//
// Service::Export gives the text piece by piece to a sink, with one person in
// memory at a time. The same state gives the same bytes; every resource keeps
// its id, so that a later export replaces an earlier one. Each person is as of
// their turn when others write meanwhile.
#ifndef STEPWELL_EXPORT_H_
#define STEPWELL_EXPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "stepwell/time.h"

namespace stepwell {

class Service;

struct ExportOptions {
  std::string format = "fhir";  // the only one so far
  // bundle   one transaction Bundle: a PUT for each resource
  // bundles  a transaction Bundle for each person, one a line
  // ndjson   a resource a line
  std::string layout = "bundle";
  // A case, a person, or a person's identifier "system|value"; empty: every
  // person.
  std::string who;
  std::vector<std::string> types;  // only resources of these; empty: all
  // Before "Patient/...", in fullUrl; empty: https://stepwell.dev/fhir/TENANT.
  std::string base_url;
  // A page: persons after this cursor, at most so many (0: all).
  std::string after;
  uint64_t persons_max = 0;
};
struct ExportReport {
  uint64_t persons = 0, cases = 0, resources = 0;
  std::vector<std::pair<std::string, uint64_t>> by_type;  // sorted
  // What is kept and could not be written, as "Patient/...: reason".
  std::vector<std::string> left_out;
  std::string next;  // cursor; empty at the end
};
std::string ToJson(const ExportReport& report);
// Takes the next piece of the text; not a whole line or resource. Its error
// ends the export and is the result. It may call the service.
using ExportSink = std::function<absl::Status(std::string_view piece)>;

// An export as one text, for what fits into memory: a case, or a page.
// `report` may be null.
absl::StatusOr<std::string> ExportText(Service& service,
                                       const ExportOptions& options,
                                       Instant now,
                                       ExportReport* report = nullptr);

}  // namespace stepwell

#endif  // STEPWELL_EXPORT_H_
