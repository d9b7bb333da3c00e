// A service: one protocol run live on one store. This is what an EHR links in.
//
//   auto service = stepwell::Service::Create("sqlite:clinic.db", options, now);
//   auto reply = (*service)->Submit(command_json, now);
//   for (;;) {                                   // the host's loop
//     (*service)->Advance(now, {});              // fires what is due
//     for (auto& effect : (*service)->Outbox({}, 100)->effects)
//     Deliver(effect);
//   }
//
// `now` is an argument everywhere; nothing here reads a clock. Commands and
// their replies are JSON texts (docs/formats/command.md); what is read comes as
// values, each with a ToJson. A Status means the work could not be done and
// nothing was changed; a rejection by the domain is an ordinary reply.
//
// Threads: any; calls are serialised inside. Two processes may share a store.
#ifndef STEPWELL_SERVICE_H_
#define STEPWELL_SERVICE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "stepwell/case.h"
#include "stepwell/export.h"
#include "stepwell/health.h"
#include "stepwell/measure.h"
#include "stepwell/migration.h"
#include "stepwell/portal.h"
#include "stepwell/protocol.h"
#include "stepwell/table.h"
#include "stepwell/time.h"
#include "stepwell/worklist.h"

namespace stepwell {

struct ServiceOptions {
  // A protocol document (JSON), or "catalogue:icbt_base".
  std::string protocol;
  std::string tenant = "default";
  // Lets a service begin with a protocol that is a draft or under review: for
  // trying it out, never for patients. Health says so as long as it runs.
  bool prototype = false;
};

// The answer to a command.
struct Reply {
  enum class Kind {
    kAccepted,  // done; patient input always is
    kRejected,  // the domain said no: `code`, `reason`
    kParked,    // patient input that fits nowhere: kept, owned, with a clock
  };
  Kind kind = Kind::kAccepted;
  bool repeated = false;  // the command had been answered before
  std::string command_id;
  std::string case_id;  // empty when no case is concerned
  std::string person_id;
  std::string receipt;   // of patient input: names what was stored
  uint64_t version = 0;  // of the case, after the command
  std::string code;      // of a rejection, stable; why input was parked
  std::string reason;    // also: why less comes of what is accepted
  // Crisis information that the patient's screen must show now: the texts per
  // language; empty = none.
  std::vector<std::pair<std::string, std::string>> show_now;
  std::vector<std::string> events;  // names of what was recorded
};
std::string ToJson(const Reply& reply);

struct AdvanceOptions {
  // An advance over more than 60 days needs this: look at PreviewAdvance
  // first.
  bool catch_up = false;
  size_t clocks_max = 1'000'000;
};
struct AdvanceResult {
  uint64_t fired = 0;
  bool more = false;  // stopped at clocks_max: others can fire, advance again
  Instant next_due;   // Instant::Never() when no clock runs
  // Clocks that could not be fired and why; the next advance tries them again.
  std::vector<std::string> failed;
};
std::string ToJson(const AdvanceResult& result);

// What an advance would do, by clock.
struct AdvancePreview {
  uint64_t due = 0;
  Instant oldest_due;
  Instant last_advance;
  bool needs_catch_up = false;
  std::vector<std::pair<std::string, uint64_t>> by_clock;
};
std::string ToJson(const AdvancePreview& preview);

struct Effect {
  std::string effect_id;  // stable, never reused
  uint64_t position = 0;
  std::string kind;                  // notify, letter
  std::string to, role, related_id;  // patient, related, pool, referrer, ...
  // Of a letter to a referrer: the referral it is about, and who sent it, as
  // the host named them; in the outbox also the sender's own identifiers of the
  // referral (system and value).
  std::string referral_id, referrer;
  std::vector<std::pair<std::string, std::string>> referral_identifiers;
  // Of a letter to a service that the case is handed over to: which, and what
  // was written to it. The text is in the outbox only, and where the host keeps
  // it, or it was erased, not there either: `body_key` is its name.
  std::string receiver, body_key, text;
  std::string letter;  // to a referrer: its figures (docs/formats/letter.md)
  std::string owner_pool, owner_staff;
  std::string cover;  // does the work of the owner, who was on leave then
  std::string message_template;
  std::string case_id, person_id;
  std::string about;  // what it is about, by name
  Instant valid_until;
  // Of the patient it is for: by these ways only (none: by any, or with
  // `no_channel` by none), and whether a word may be left with others. See
  // `set_safe_contact`.
  std::vector<std::string> channels;
  bool no_channel = false;
  bool leave_messages = true;
  Instant deferred_from = Instant::Never();  // due then, in quiet hours
};
struct OutboxPage {
  std::vector<Effect> effects;
  uint64_t next = 0;      // pass as `after` to go on
  uint64_t withheld = 0;  // to patients, before `next`: until safe mode ends
};
std::string ToJson(const OutboxPage& page);

struct ImportOptions {
  std::string source;  // names the sender; part of derived command ids
};
struct ImportReport {
  uint64_t entries = 0, persons = 0, referrals = 0, responses = 0,
           unchanged = 0, ignored = 0, parked = 0;
  // Referrals whose care had ended where they come from: on file, and no care
  // begins. Not among `referrals`.
  uint64_t ended = 0;
  struct Refusal {
    std::string path;  // Bundle.entry[3].resource, or line 4
    std::string resource;
    std::string reason;
  };
  std::vector<Refusal> refused;
  // What was newly parked and why: kept, owned and with a clock.
  std::vector<Refusal> parked_entries;
};
std::string ToJson(const ImportReport& report);

// Counts and figures of the service: waits, modules, change, minutes.
struct ServiceSummary {
  uint64_t referrals = 0, cases = 0, started = 0, completed = 0, closed = 0;
  // Days; absent when nobody reached the second event. `waiting`: still.
  struct Wait {
    std::string name;
    uint64_t n = 0, waiting = 0;
    std::optional<double> median_days, mean_days;
  };
  std::vector<Wait> waits;
  uint64_t modules_done = 0;
  struct Change {
    std::string instrument;
    uint64_t pairs = 0, unpaired = 0;
    std::optional<double> mean_first, mean_last, mean_change;
  };
  std::vector<Change> changes;
  // Answered in full, by when the last answer came; missed and not answered
  // since; still ahead; of cases that closed before.
  struct FollowUp {
    std::string window;
    uint64_t early = 0, on_time = 0, late = 0, missed = 0, ahead = 0;
    uint64_t suspended = 0;
  };
  std::vector<FollowUp> follow_ups;
  uint64_t minutes = 0, minutes_recorded = 0, minutes_missing = 0;
  std::optional<double> minutes_per_patient;
  uint64_t alerts = 0, voided_responses = 0;
};
std::string ToJson(const ServiceSummary& summary);

// A table that is made from the log (docs/formats/tables.md).
struct LogTableRequest {
  std::string table;
  // By what had been recorded by then; absent: by all that is.
  std::optional<Instant> as_known_at;
  std::string complaint;   // of `course`: see LogOutcomesRequest
  std::string instrument;  // of `rescored`: a document, JSON
};

class Service {
 public:
  // A new store with its first protocol. Issues of the protocol come in the
  // error's text and through CheckProtocol. kFailedPrecondition, and no store,
  // when it is not approved (see ServiceOptions::prototype), or is retired.
  static absl::StatusOr<std::unique_ptr<Service>> Create(
      std::string_view store_url, const ServiceOptions& options, Instant now);
  static absl::StatusOr<std::unique_ptr<Service>> Open(
      std::string_view store_url);
  virtual ~Service() = default;

  virtual absl::StatusOr<Reply> Submit(std::string_view command_json,
                                       Instant now) = 0;
  virtual absl::StatusOr<AdvanceResult> Advance(
      Instant now, const AdvanceOptions& options) = 0;
  virtual absl::StatusOr<AdvancePreview> PreviewAdvance(Instant now) = 0;

  virtual absl::StatusOr<Worklist> QueryWorklist(const WorklistQuery& query,
                                                 Instant now) = 0;
  // `who`: a case id, a person id, or a person's identifier "system|value".
  virtual absl::StatusOr<Portal> QueryPortal(std::string_view who,
                                             Instant now) = 0;
  // Every group of the service, by its start.
  virtual absl::StatusOr<std::vector<GroupSummary>> QueryGroups() = 0;
  // With `as_of`: as it was known then, from what had been recorded by that
  // time; on the clinical axis as it was then, from what had happened by then
  // and is known now (docs/internals/time.md). NotFound when there was no case
  // yet.
  virtual absl::StatusOr<CaseSummary> QueryCase(
      std::string_view who, Instant now,
      std::optional<Instant> as_of = std::nullopt,
      Axis axis = Axis::kRecorded) = 0;
  virtual absl::StatusOr<Explanation> Explain(
      std::string_view who, std::string_view item, Instant now,
      std::optional<Instant> as_of = std::nullopt,
      Axis axis = Axis::kRecorded) = 0;
  virtual absl::StatusOr<OutboxPage> Outbox(uint64_t after, size_t limit) = 0;
  virtual absl::StatusOr<Health> CheckHealth(Instant now) = 0;
  virtual absl::StatusOr<Verification> Verify() = 0;
  // The service's own stream, after the event `after`: staff, leave, versions,
  // parked input, safe mode.
  virtual absl::StatusOr<std::vector<TimelineEntry>> QueryServiceLog(
      uint64_t after, size_t limit) = 0;
  virtual absl::StatusOr<ServiceSummary> Summarise(Instant now) = 0;
  // Outcomes by a published definition, from the log: what `stepwell outcomes
  // --store` prints (docs/reference/measures.md).
  virtual absl::StatusOr<InstrumentReport> QueryOutcomes(
      const LogOutcomesRequest& request, Instant now) = 0;
  // A table of the log: see ServiceTable.
  virtual absl::StatusOr<Table> QueryLogTable(const LogTableRequest& request,
                                              Instant now) = 0;
  // New cases begin with this version from here on; cases that exist stay on
  // theirs until they are migrated. kFailedPrecondition when it is not approved
  // or is another protocol than the service's.
  virtual absl::StatusOr<DeployResult> Deploy(const DeployOptions& options,
                                              Instant now) = 0;
  // Open cases go over to a version that is deployed: one event and one
  // transaction a case, so that it can stop at any time and be run again. What
  // a dry run calls fine goes over when it is applied to the same state.
  virtual absl::StatusOr<MigrationReport> Migrate(
      const MigrationOptions& options, Instant now) = 0;
  // A safety amendment: a correction of the documents reaches all open cases,
  // or none while one of them cannot follow. The report says of each case what
  // would have been otherwise; alerts that were missed are raised now. Resumed
  // and repeated like a migration.
  virtual absl::StatusOr<AmendmentReport> Amend(const AmendmentOptions& options,
                                                Instant now) = 0;
  // FHIR R4: a Bundle or NDJSON. Good entries go in, bad ones are reported.
  virtual absl::StatusOr<ImportReport> Import(std::string_view text,
                                              const ImportOptions& options,
                                              Instant now) = 0;
  // See stepwell/export.h. `now` is the timestamp of Bundles.
  virtual absl::StatusOr<ExportReport> Export(const ExportOptions& options,
                                              const ExportSink& sink,
                                              Instant now) = 0;
  // Case ids in ascending order, after `after`.
  virtual absl::StatusOr<std::vector<std::string>> ListCases(
      std::string_view after, size_t limit) = 0;
};

// A document of the compiled-in catalogue by its path
// ("protocols/icbt_base.json").
absl::StatusOr<std::string> CatalogueDocument(std::string_view path);
std::vector<std::string> CatalogueDocuments();

}  // namespace stepwell

#endif  // STEPWELL_SERVICE_H_
