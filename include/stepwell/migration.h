// Newer versions of a service's protocol: what Service::Deploy and
// Service::Migrate take and give, and the draft of a migration.
#ifndef STEPWELL_MIGRATION_H_
#define STEPWELL_MIGRATION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/protocol_diff.h"
#include "stepwell/time.h"

namespace stepwell {

struct DeployOptions {
  // A newer version of the service's protocol: JSON, or "catalogue:NAME".
  std::string protocol;
  std::string actor;       // who deploys it: the host's reference
  std::string reason;      // recorded with it
  bool prototype = false;  // as in ServiceOptions
};
struct DeployResult {
  std::string protocol, version, hash;
  bool deployed = false;  // false: it was the current version already
  uint64_t open_cases_elsewhere = 0;  // on other versions: they stay there
  // Pools of these that this version has not, by name: their work stays with
  // them, and members are entered as before.
  std::vector<std::string> pools_elsewhere;
};
std::string ToJson(const DeployResult& result);

struct MigrationOptions {
  std::string migration;  // a document: docs/formats/migration.md
  std::string actor;      // who answers for it: the host's reference
  bool apply = false;     // false: a dry run, in which nothing is written
  // A batch: at most so many cases are looked at; 0 = all.
  uint64_t cases_max = 0;
  std::string after;  // `next` of an earlier batch
};
struct MigrationReport {
  std::string from, to;  // "clinic@1", "clinic@2"
  bool applied = false;
  // `fine` go over, or went; `choice` hold what the document has no line for;
  // `refused` what no line can carry over; `there` are on the new version
  // already. Closed cases and those on other versions are not looked at.
  uint64_t fine = 0, choice = 0, refused = 0, there = 0, not_concerned = 0;
  struct Reason {
    std::string verdict;  // "choice", "refused"
    std::string reason;
    uint64_t cases = 0;
    std::string example;  // the first case
  };
  std::vector<Reason> reasons;  // by verdict and text
  std::string next;             // of the next batch; empty at the end
};
std::string ToJson(const MigrationReport& report);

struct AmendmentOptions {
  std::string amendment;  // a migration document with an approver
  std::string actor;      // who carries it out: the host's reference
  bool apply = false;     // false: the look-back alone, nothing is written
  bool closed = false;    // closed cases too; they stay on their version
};
// What would have been otherwise in one case: docs/formats/look_back.md.
struct LookBackCase {
  std::string case_id;
  bool open = true;
  // What becomes of it: "alert" (raised now, with a task that says why),
  // "task", or "" when nobody has to act.
  std::string action;
  struct Difference {
    uint64_t event = 0;  // its number in the case
    Instant at;
    std::string kind;           // score, band, tier, risk, flag, alert, ...
    std::string what;           // a name of the protocol
    std::string before, after;  // "none" where there is or was nothing
    bool act = false;
  };
  std::vector<Difference> differences;  // in the order of the log
};
struct AmendmentReport {
  std::string amendment, from, to, approver, reason;
  bool applied = false;
  // As in MigrationReport; of the closed cases those that were looked at.
  uint64_t fine = 0, choice = 0, refused = 0, there = 0, closed = 0;
  uint64_t elsewhere = 0;          // open, on other versions: not reached by it
  uint64_t alerts = 0, tasks = 0;  // cases by their action
  uint64_t asked = 0, not_asked = 0;  // commands, of the cases done just now
  std::vector<MigrationReport::Reason> reasons;
  std::vector<LookBackCase> cases;  // those that differ, by ascending id
};
std::string ToJson(const AmendmentReport& report);
// One line a case and one a difference, for people.
std::string ToText(const AmendmentReport& report);

// The draft for two documents.
absl::StatusOr<MigrationDraft> DraftMigration(std::string_view from,
                                              std::string_view to);
std::string ToJson(const MigrationDraft& draft);

}  // namespace stepwell

#endif  // STEPWELL_MIGRATION_H_
