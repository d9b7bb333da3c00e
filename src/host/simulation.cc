// The public face of simulation: documents in, result out.
#include "stepwell/simulation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/zone.h"
#include "protocol/protocol.h"
#include "sim/plan.h"
#include "sim/study.h"
#include "stepwell/service.h"
#include "stepwell/version.h"

namespace stepwell {
namespace {

constexpr std::string_view kCataloguePrefix = "catalogue:";
constexpr uint32_t kReplicationsMax = 10'000;
constexpr uint32_t kThreadsMax = 256;

absl::StatusOr<std::string> DocumentOf(const std::string& given,
                                       const char* folder) {
  if (given.rfind(kCataloguePrefix, 0) != 0) return given;
  return CatalogueDocument(absl::StrCat(
      folder, "/", given.substr(kCataloguePrefix.size()), ".json"));
}

// Both documents, read and checked.
struct Documents {
  std::shared_ptr<const protocol::Protocol> protocol;
  std::shared_ptr<const sim::Plan> plan;
  std::string plan_name, plan_hash;
  Issues protocol_issues, plan_issues;
};

absl::StatusOr<Documents> ReadDocuments(const SimulationOptions& options) {
  Documents documents;
  STEPWELL_ASSIGN_OR_RETURN(const std::string protocol_text,
                            DocumentOf(options.protocol, "protocols"));
  STEPWELL_ASSIGN_OR_RETURN(const std::string plan_text,
                            DocumentOf(options.plan, "plans"));
  auto loaded =
      protocol::LoadProtocol(protocol_text, protocol::BuiltInCatalogue());
  if (!loaded.ok()) return Annotate(loaded.status(), "the protocol");
  documents.protocol_issues = std::move(loaded->issues);
  if (loaded->protocol == nullptr) return documents;
  auto plan = sim::LoadPlan(plan_text, options.set, loaded->protocol);
  if (!plan.ok()) return Annotate(plan.status(), "the plan");
  documents.protocol = plan->protocol;
  documents.plan = plan->plan;
  documents.plan_name = plan->name;
  documents.plan_hash = plan->hash;
  documents.plan_issues = std::move(plan->issues);
  return documents;
}

absl::Status CheckOptions(const SimulationOptions& options) {
  if (options.replications < 1 || options.replications > kReplicationsMax) {
    return InvalidInput(
        absl::StrCat("replications lie between 1 and ", kReplicationsMax));
  }
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return InvalidInput(
        absl::StrCat("threads lie between 1 and ", kThreadsMax));
  }
  if (options.seed > UINT32_MAX) {
    return InvalidInput("a seed lies between 0 and 4294967295");
  }
  if (options.against != nullptr) {
    SimulationResult planned;  // as far as it is known by now
    planned.ok = true;
    planned.manifest.seed = options.seed;
    planned.manifest.replications = options.replications;
    const auto pairs = Compare(*options.against, planned);
    if (!pairs.ok()) return Annotate(pairs.status(), "against");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SimulationResult> Simulate(const SimulationOptions& options) {
  STEPWELL_RETURN_IF_ERROR(CheckOptions(options));
  STEPWELL_ASSIGN_OR_RETURN(Documents documents, ReadDocuments(options));
  SimulationResult result;
  result.protocol_issues = std::move(documents.protocol_issues);
  result.plan_issues = std::move(documents.plan_issues);
  result.manifest.seed = options.seed;
  result.manifest.replications = options.replications;
  result.manifest.version = std::string(VersionText());
  result.manifest.tzdata = std::string(TzdataVersion());
  result.manifest.plan = documents.plan_name;
  result.manifest.plan_hash = documents.plan_hash;
  if (documents.protocol != nullptr) {
    const protocol::Protocol& protocol = *documents.protocol;
    result.manifest.protocol = absl::StrCat(protocol.id, "@", protocol.version);
    result.manifest.protocol_hash = ToHex(protocol.hash);
  }
  if (documents.plan == nullptr) return result;
  sim::StudyOptions study;
  study.replications = options.replications;
  study.seed = static_cast<uint32_t>(options.seed);
  study.threads = options.threads;
  study.progress = options.progress;
  STEPWELL_ASSIGN_OR_RETURN(
      const auto replications,
      sim::Replicate(*documents.protocol, *documents.plan, study));
  sim::Reduce(*documents.protocol, *documents.plan, replications, result);
  result.ok = true;
  if (options.against != nullptr) {
    STEPWELL_ASSIGN_OR_RETURN(auto compared, Compare(*options.against, result));
    result.against =
        SimulationAgainst{options.against->manifest, options.against->measures,
                          std::move(compared.measures)};
  }
  return result;
}

absl::StatusOr<PlanCheck> CheckPlan(const SimulationOptions& options) {
  STEPWELL_ASSIGN_OR_RETURN(Documents documents, ReadDocuments(options));
  PlanCheck check;
  check.ok = documents.plan != nullptr;
  check.plan = documents.plan_name;
  check.hash = documents.plan_hash;
  check.protocol_issues = std::move(documents.protocol_issues);
  check.plan_issues = std::move(documents.plan_issues);
  return check;
}

}  // namespace stepwell
