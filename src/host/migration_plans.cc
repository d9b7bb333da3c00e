#include "host/migration_plans.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/errors.h"
#include "json/json.h"

namespace stepwell::host {
namespace {

// "from" and "to" of the document, before it can be compiled.
absl::StatusOr<std::pair<std::string, std::string>> EndsOf(
    std::string_view text) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(text));
  std::pair<std::string, std::string> ends;
  for (const auto& [key, end] :
       {std::pair{"from", &ends.first}, std::pair{"to", &ends.second}}) {
    const json::Value value = document.root().Find(key);
    if (!value.is_string()) {
      return InvalidInput(absl::StrCat("the migration does not say \"", key,
                                       "\": a protocol like \"clinic@2\""));
    }
    *end = std::string(value.string_value());
  }
  return ends;
}

}  // namespace

engine::Envelope ByHost(const std::string& actor, const std::string& reason) {
  engine::Envelope envelope;
  envelope.actor.role = engine::Role::kIntegration;
  envelope.actor.reference = actor;
  envelope.reason = reason;
  return envelope;
}

const protocol::Migration* MigrationPlans::From(const Fingerprint& hash) const {
  const auto found = by_hash.find(ToHex(hash));
  return found == by_hash.end() ? nullptr : found->second.get();
}

absl::StatusOr<MigrationPlans> LoadPlans(runtime::Runtime& runtime,
                                         std::string_view document) {
  MigrationPlans plans;
  STEPWELL_ASSIGN_OR_RETURN(const auto ends, EndsOf(document));
  plans.from = ends.first;
  plans.to_name = ends.second;
  std::vector<Fingerprint> froms;
  for (const engine::DeployedProtocol& known : runtime.service().protocols) {
    const std::string name = absl::StrCat(known.id, "@", known.version);
    if (name == ends.second) {
      STEPWELL_ASSIGN_OR_RETURN(plans.to, runtime.ProtocolOf(known.hash));
    }
    if (name == ends.first) froms.push_back(known.hash);
  }
  if (plans.to == nullptr) {
    return Precondition(absl::StrCat("the service has no version ", ends.second,
                                     ": deploy it first"));
  }
  if (froms.empty()) {
    return Precondition(absl::StrCat("the service never had a version ",
                                     ends.first, ", so no case is on it"));
  }
  for (const Fingerprint& hash : froms) {
    if (hash == plans.to->hash) continue;
    STEPWELL_ASSIGN_OR_RETURN(const auto from, runtime.ProtocolOf(hash));
    STEPWELL_ASSIGN_OR_RETURN(
        protocol::MigrationResult loaded,
        protocol::LoadMigration(document, *from, *plans.to));
    if (loaded.migration == nullptr) {
      return DocumentError("migration", loaded.issues);
    }
    plans.by_hash[ToHex(hash)] = std::move(loaded.migration);
  }
  return plans;
}

}  // namespace stepwell::host
