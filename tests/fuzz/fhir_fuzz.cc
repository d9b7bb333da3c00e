// Any bytes: an error, or a batch in which every entry is accounted for, no
// patient's answers are refused and a second reading gives the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "fhir/import.h"

namespace {

using stepwell::fhir::ImportBatch;
using stepwell::fhir::ImportedResponse;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckBatch(const ImportBatch& batch) {
  Require(batch.entries.size() + batch.refused.size() ==
          batch.read + batch.hoisted);
  size_t kind = 0;
  for (const auto& entry : batch.entries) {
    Require(entry.body.index() >= kind);  // persons, referrals, responses
    kind = entry.body.index();
    if (const auto* response = std::get_if<ImportedResponse>(&entry.body)) {
      Require(!response->key.IsNone() && !response->raw.empty());
    }
  }
  for (const auto& refused : batch.refused) {
    Require(refused.resource.rfind("QuestionnaireResponse", 0) != 0);
    Require(!refused.reason.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto batch = stepwell::fhir::ReadFhir(text);
  if (!batch.ok()) return 0;
  CheckBatch(*batch);
  const auto again = stepwell::fhir::ReadFhir(text);
  Require(again.ok() && again->entries.size() == batch->entries.size());
  for (size_t i = 0; i < batch->entries.size(); ++i) {
    Require(again->entries[i].path == batch->entries[i].path);
    Require(again->entries[i].fingerprint == batch->entries[i].fingerprint);
  }
  return 0;
}
