// Creating, opening, advancing; documents of the catalogue.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/service_impl.h"
#include "protocol/protocol.h"
#include "store/store.h"

namespace stepwell {
namespace {

constexpr std::string_view kCataloguePrefix = "catalogue:";

absl::StatusOr<std::string> ProtocolText(const std::string& given) {
  if (given.rfind(kCataloguePrefix, 0) != 0) return given;
  return CatalogueDocument(absl::StrCat(
      "protocols/", given.substr(kCataloguePrefix.size()), ".json"));
}

std::string IssueText(const Issues& issues) {
  std::string text;
  int shown = 0;
  for (const Issue& issue : issues) {
    if (issue.severity != Severity::kError) continue;
    if (++shown > 5) {
      absl::StrAppend(&text, "; and more");
      break;
    }
    absl::StrAppend(&text, text.empty() ? "" : "; ", issue.pointer, " ",
                    issue.message);
  }
  return text;
}

}  // namespace

namespace host {

std::string CaseText(CaseId id) {
  return id.value == 0 ? "" : IdToText(id.value);
}
std::string PersonText(PersonId id) {
  return id.value == 0 ? "" : IdToText(id.value);
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
  STEPWELL_ASSIGN_OR_RETURN(const std::string text,
                            ProtocolText(options.protocol));
  STEPWELL_ASSIGN_OR_RETURN(
      const protocol::LoadResult loaded,
      protocol::LoadProtocol(text, protocol::BuiltInCatalogue()));
  if (loaded.protocol == nullptr) {
    return InvalidInput(
        absl::StrCat("the protocol has errors: ", IssueText(loaded.issues)));
  }
  STEPWELL_ASSIGN_OR_RETURN(
      std::unique_ptr<store::Store> store,
      store::OpenStore(store_url, store::OpenMode::kCreate));
  STEPWELL_ASSIGN_OR_RETURN(
      std::unique_ptr<runtime::Runtime> runtime,
      runtime::Runtime::Create(std::move(store), options.tenant,
                               loaded.protocol, now));
  return std::make_unique<host::ServiceImpl>(std::move(runtime));
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

absl::StatusOr<ProtocolCheck> CheckProtocol(std::string_view json) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string text,
                            ProtocolText(std::string(json)));
  STEPWELL_ASSIGN_OR_RETURN(
      protocol::LoadResult loaded,
      protocol::LoadProtocol(text, protocol::BuiltInCatalogue()));
  ProtocolCheck check;
  check.ok = loaded.protocol != nullptr;
  check.issues = std::move(loaded.issues);
  if (loaded.protocol != nullptr) {
    check.id = loaded.protocol->id;
    check.version = loaded.protocol->version;
    check.hash = ToHex(loaded.protocol->hash);
    check.logic_hash = ToHex(loaded.protocol->logic_hash);
  }
  return check;
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
