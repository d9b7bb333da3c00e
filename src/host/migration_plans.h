// Internal to the host: a migration document, compiled for the versions that
// the service has had.
#ifndef STEPWELL_HOST_MIGRATION_PLANS_H_
#define STEPWELL_HOST_MIGRATION_PLANS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/fingerprint.h"
#include "engine/types.h"
#include "json/json.h"
#include "protocol/migration.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"
#include "stepwell/migration.h"

namespace stepwell::host {

struct MigrationPlans {
  std::string from, to_name;  // "clinic@1"
  std::shared_ptr<const protocol::Protocol> to;
  // By the hash of the protocol that they are from; of a prototype there may be
  // several of one version.
  std::map<std::string, std::shared_ptr<const protocol::Migration>> by_hash;

  // nullptr when the document says nothing of that version.
  const protocol::Migration* From(const Fingerprint& hash) const;
};

// kInvalidArgument with the issues of the document; kFailedPrecondition when
// the service never had one of its versions.
absl::StatusOr<MigrationPlans> LoadPlans(runtime::Runtime& runtime,
                                         std::string_view document);

// A reason why a case cannot follow, as an object.
void WriteReason(json::Writer& w, const MigrationReport::Reason& line);

// The migration that equal names alone make.
MigrationDraft DraftOf(const protocol::Protocol& from,
                       const protocol::Protocol& to);
void WriteDraft(json::Writer& w, const MigrationDraft& draft);

engine::Envelope ByHost(const std::string& actor, const std::string& reason);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_MIGRATION_PLANS_H_
