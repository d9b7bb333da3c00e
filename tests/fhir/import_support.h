// What the tests of the import share.
#ifndef STEPWELL_TESTS_FHIR_IMPORT_SUPPORT_H_
#define STEPWELL_TESTS_FHIR_IMPORT_SUPPORT_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "fhir/import.h"
#include "support/matchers.h"

namespace stepwell::fhir {

inline ImportBatch MustRead(std::string_view text,
                            const ReadOptions& options = {}) {
  absl::StatusOr<ImportBatch> batch = ReadFhir(text, options);
  EXPECT_THAT(batch, testing::IsOk());
  return batch.ok() ? *std::move(batch) : ImportBatch{};
}

// A collection of these entries' resources.
inline std::string BundleOf(const std::vector<std::string>& resources) {
  std::string text =
      R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (size_t i = 0; i < resources.size(); ++i) {
    text += (i == 0 ? "" : ",") + std::string("{\"resource\":") + resources[i] +
            "}";
  }
  return text + "]}";
}

// The bodies of one kind, in order.
template <class Body>
std::vector<Body> All(const ImportBatch& batch) {
  std::vector<Body> found;
  for (const Entry& entry : batch.entries) {
    if (const auto* body = std::get_if<Body>(&entry.body)) {
      found.push_back(*body);
    }
  }
  return found;
}

// The only one of its kind.
template <class Body>
Body Only(const ImportBatch& batch) {
  std::vector<Body> found = All<Body>(batch);
  EXPECT_EQ(found.size(), 1u);
  return found.empty() ? Body{} : found.front();
}

inline bool Has(const std::vector<Finding>& findings, std::string_view code,
                std::string_view path) {
  for (const Finding& finding : findings) {
    if (finding.code == code && finding.path == path) return true;
  }
  return false;
}

inline std::string Show(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.code + " at " + finding.path + ": " + finding.reason + "\n";
  }
  return text;
}

inline bool IsAccountedFor(const ImportBatch& batch) {
  return batch.entries.size() + batch.refused.size() ==
         batch.read + batch.hoisted;
}

// One line a value: what an import is compared by.
std::string Summary(const ImportBatch& batch);

}  // namespace stepwell::fhir

#endif  // STEPWELL_TESTS_FHIR_IMPORT_SUPPORT_H_
