// Creating, opening, advancing; documents of the catalogue.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/protocol_impl.h"
#include "host/service_impl.h"
#include "protocol/approval.h"
#include "store/store.h"

namespace stepwell {
namespace host {

std::string CaseText(CaseId id) {
  return id.value == 0 ? "" : IdToText(id.value);
}
std::string PersonText(PersonId id) {
  return id.value == 0 ? "" : IdToText(id.value);
}

absl::StatusOr<std::unique_ptr<Service>> CreateService(
    std::string_view store_url, const std::string& tenant,
    std::shared_ptr<const protocol::Protocol> protocol, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(
      std::unique_ptr<store::Store> store,
      store::OpenStore(store_url, store::OpenMode::kCreate));
  STEPWELL_ASSIGN_OR_RETURN(std::unique_ptr<runtime::Runtime> runtime,
                            runtime::Runtime::Create(std::move(store), tenant,
                                                     std::move(protocol), now));
  return std::make_unique<ServiceImpl>(std::move(runtime));
}

absl::StatusOr<AdvanceResult> ServiceImpl::Advance(
    Instant now, const AdvanceOptions& options) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(
      const runtime::Advanced advanced,
      runtime_->Advance(now, {options.catch_up, options.clocks_max}));
  return AdvanceResult{advanced.fired, advanced.more, advanced.next_due,
                       advanced.failed};
}

}  // namespace host

absl::StatusOr<std::unique_ptr<Service>> Service::Create(
    std::string_view store_url, const ServiceOptions& options, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(auto protocol,
                            host::CompileDocument(options.protocol));
  STEPWELL_RETURN_IF_ERROR(protocol::CheckDeployable(
      *protocol, options.prototype ? protocol::Deployment::kPrototype
                                   : protocol::Deployment::kLive));
  return host::CreateService(store_url, options.tenant, std::move(protocol),
                             now);
}

absl::StatusOr<std::unique_ptr<Service>> Service::Open(
    std::string_view store_url) {
  STEPWELL_ASSIGN_OR_RETURN(
      std::unique_ptr<store::Store> store,
      store::OpenStore(store_url, store::OpenMode::kExisting));
  STEPWELL_ASSIGN_OR_RETURN(std::unique_ptr<runtime::Runtime> runtime,
                            runtime::Runtime::Open(std::move(store)));
  return std::make_unique<host::ServiceImpl>(std::move(runtime));
}

absl::StatusOr<std::string> CatalogueDocument(std::string_view path) {
  const std::string_view text = FindCatalogueFile(path);
  if (text.empty()) {
    return NotFound(
        absl::StrCat("the catalogue has no document ", ToAbsl(path)));
  }
  return std::string(text);
}

std::vector<std::string> CatalogueDocuments() {
  std::vector<std::string> paths;
  for (const CatalogueFile& file : ListCatalogue("")) {
    paths.emplace_back(file.path);
  }
  return paths;
}

}  // namespace stepwell
