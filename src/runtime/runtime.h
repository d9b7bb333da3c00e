// The runtime: load -> decide -> commit -> observe. Every command is one
// Commit: events, state rows, deadlines, worklist lines, effects, counters,
// the command's receipt. It decides nothing itself.
//
// One mutex guards a Runtime: calls are serialised. Other processes may share
// the store; their commits are noticed by the expected versions.
#ifndef STEPWELL_RUNTIME_RUNTIME_H_
#define STEPWELL_RUNTIME_RUNTIME_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/command.h"
#include "engine/decide.h"
#include "engine/group.h"
#include "engine/migrate.h"
#include "engine/person.h"
#include "engine/service_stream.h"
#include "engine/state.h"
#include "protocol/migration.h"
#include "protocol/protocol.h"
#include "service/caseload.h"
#include "store/store.h"

namespace stepwell::service {
class ServiceWorld;
}  // namespace stepwell::service

namespace stepwell::runtime {

enum class ReceiptKind : uint8_t { kAccepted = 0, kRejected = 1, kParked = 2 };

// What a command got; stored, so that a retry gets the same.
struct Receipt {
  ReceiptKind kind = ReceiptKind::kAccepted;
  // Of a rejection, why input was parked, or why less came of it than was
  // asked.
  std::string code, reason;
  CaseId case_id;
  PersonId person;
  uint64_t version = 0;  // of the case afterwards
  std::string receipt;   // names stored patient input
  Fingerprint protocol;
  protocol::TemplateId show_now;
  std::vector<uint16_t> events;  // types of what was recorded
  bool repeated = false;         // not stored

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "kind", s.kind);
    v(2, "code", s.code);
    v(3, "reason", s.reason);
    v(4, "case", s.case_id);
    v(5, "person", s.person);
    v(6, "version", s.version);
    v(7, "receipt", s.receipt);
    v(8, "protocol", s.protocol);
    v(9, "show_now", s.show_now);
    v(10, "events", s.events);
  }
};

// What a worklist line says without its case being loaded.
struct WorkPayload {
  PersonId person;
  Fingerprint protocol;
  protocol::ElementId element;
  protocol::TierId tier;
  std::string text;  // message id, parked receipt
  std::string note;
  std::string state;
  Instant since;
  std::string pool;
  StaffId staff;
  std::vector<engine::IntakeState> intake;  // of a line of the queue
  bool claimed = false;
  Instant follow_up = Instant::Never();
  StaffId of;  // whose work waits for a second sign, or is reviewed
  std::string thread;
  uint16_t occurrence = 0;  // of a repeated item; 0: it is none

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "person", s.person);
    v(2, "protocol", s.protocol);
    v(3, "element", s.element);
    v(4, "tier", s.tier);
    v(5, "text", s.text);
    v(6, "note", s.note);
    v(7, "state", s.state);
    v(8, "since", s.since);
    v(9, "pool", s.pool);
    v(10, "staff", s.staff);
    v(11, "intake", s.intake);
    v(12, "claimed", s.claimed);
    v(13, "follow_up", s.follow_up);
    v(14, "of", s.of);
    v(15, "thread", s.thread);
    v(16, "occurrence", s.occurrence);
  }
};

// An effect as it waits in the outbox.
struct EffectPayload {
  CaseId case_id;
  PersonId person;
  Fingerprint protocol;
  engine::EffectRequested effect;
  std::string pool;  // of parked input, whose effects have no case
  std::string message_template;
  std::string receipt;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "case", s.case_id);
    v(2, "person", s.person);
    v(3, "protocol", s.protocol);
    v(4, "effect", s.effect);
    v(5, "pool", s.pool);
    v(6, "message_template", s.message_template);
    v(7, "receipt", s.receipt);
  }
};

struct PersonWriter;  // person_writer.h
struct Basis;         // rows.h

// A person as the host names them.
struct PersonReference {
  std::string system, value;
};

struct RegisterPerson {
  engine::Envelope envelope;
  std::vector<PersonReference> identifiers;  // at least one
  std::string personal;      // erasable JSON: names, birth date; may be empty
  std::optional<bool> died;  // false: said to live
  std::string zone;  // the IANA name of a zone that exists; may be empty
};

struct NewReferral {
  engine::Envelope envelope;
  PersonId person;
  engine::Referral referral;           // its id is derived when 0
  std::optional<PersonReference> key;  // the sender's identifier of it
  std::vector<std::pair<std::string, bool>> consents;  // by purpose name
  // What somebody else of a role said, or what was said at another time.
  struct ToldConsent {
    std::string purpose, role;  // no role: the patient's own
    bool given = false;
    std::optional<Instant> at = {};  // none: with the referral
  };
  std::vector<ToldConsent> told_consents;
  std::vector<std::pair<std::string, engine::FactValue>> facts;  // by name
  std::string route;
  std::string outcome;  // of one that has ended, by name; may be empty
  std::string zone;     // of the person; empty: as it is known
  // What the caller said, for the command's fingerprint: times that were
  // filled in are no part of it. Empty: the command as it is.
  std::string content;
};

// How the stored state of a case stands to its log.
struct StateRow {
  size_t bytes = 0;   // of the row; 0 = there is none yet
  size_t behind = 0;  // of the records after it
};

// Patient input that fits nowhere.
struct ParkInput {
  engine::Envelope envelope;
  std::string receipt;
  std::string raw;
  std::string code, reason;
  engine::Answer3 risk = engine::Answer3::kUnknown;
  // Of an imported text: see engine::ParkedState.
  std::string filed_as, content;
};

// A group of a kind that the protocol declares.
struct NewGroup {
  std::string id;  // the host's
  std::string kind;
  Instant starts_at;
  std::optional<int> minimum, places;  // default: those of the kind
};

// The cases of a member of staff go to others.
struct Reassignment {
  StaffId from, to;          // to = 0: by the policy of the pool of each case
  std::string pool;          // cases of this pool; empty: of every
  bool over_limits = false;  // with the reason of the batch
};

struct AdvanceLimits {
  bool catch_up = false;
  size_t clocks_max = 1'000'000;
};

struct Advanced {
  uint64_t fired = 0;
  bool more = false;  // stopped at clocks_max; others are due
  Instant next_due = Instant::Never();
  // Clocks that could not be fired and why; the others went on.
  std::vector<std::string> failed;
};

// What a migration makes of one case.
struct CaseMigration {
  enum class Outcome : uint8_t {
    kFine,     // goes over, or went
    kChoice,   // holds what the document has no line for
    kRefused,  // holds what no line can carry over
    kThere,    // is on the new version already
    kNotOpen,  // is closed, or on another version than the migration is from
  };
  Outcome outcome = Outcome::kNotOpen;
  std::vector<std::string> reasons;  // of kChoice and kRefused
};
enum class MigrateMode : uint8_t { kDryRun, kApply };

// What a safety amendment finds in one case, and makes of it.
struct CaseAmendment {
  CaseMigration::Outcome outcome = CaseMigration::Outcome::kNotOpen;
  std::vector<std::string> reasons;
  bool open = true;
  bool done = false;  // the log holds it, of now or of an earlier run
  std::vector<engine::Difference> differences;
  uint64_t asked = 0, not_asked = 0;
};

class Runtime {
 public:
  // A new service in an empty store, with its first protocol.
  static absl::StatusOr<std::unique_ptr<Runtime>> Create(
      std::unique_ptr<store::Store> store, const std::string& tenant,
      std::shared_ptr<const protocol::Protocol> protocol, Instant now);
  static absl::StatusOr<std::unique_ptr<Runtime>> Open(
      std::unique_ptr<store::Store> store);

  // --- commands
  // `content` is what the caller said, when the command holds more than that.
  absl::StatusOr<Receipt> SubmitToCase(const engine::Command& command,
                                       Instant now,
                                       std::string_view content = {});
  absl::StatusOr<Receipt> Register(const RegisterPerson& command, Instant now);
  // From then on what names `merged` means `person`. The log of neither
  // changes.
  absl::StatusOr<Receipt> MergePersons(const engine::Envelope& envelope,
                                       PersonId person, PersonId merged,
                                       std::string_view content, Instant now);
  // `record` stands for itself again; what was recorded since stays where it
  // is.
  absl::StatusOr<Receipt> UnmergePersons(const engine::Envelope& envelope,
                                         PersonId record,
                                         std::string_view content, Instant now);
  absl::StatusOr<Receipt> Refer(const NewReferral& command, Instant now);
  // A patient in mid-treatment: a case that begins as it is declared. The
  // person is registered; `content` is what the caller said.
  absl::StatusOr<Receipt> Adopt(const engine::Envelope& envelope,
                                PersonId person, engine::AdoptCase body,
                                std::string_view content, Instant now);
  absl::StatusOr<Receipt> Park(const ParkInput& input, Instant now);
  // What became of a word about parked input. About risk it goes on to whoever
  // stands behind when it reached nobody.
  absl::StatusOr<Receipt> SettleParkedWord(const engine::Envelope& envelope,
                                           const std::string& fingerprint,
                                           const store::OutboxRow& word,
                                           bool delivered, Instant now);
  absl::StatusOr<Receipt> SettleParked(const engine::Envelope& envelope,
                                       const engine::ParkedSettled& settled,
                                       Instant now);
  // It was filed under the wrong person, taken back, and has come for nobody
  // since.
  absl::StatusOr<bool> WasTakenBack(ReferralId referral);
  // What SettleParked answered to this command before; nullopt = it is new.
  absl::StatusOr<std::optional<Receipt>> SettledBefore(
      const engine::Envelope& envelope, const engine::ParkedSettled& settled);
  absl::StatusOr<Receipt> AddStaff(const engine::Envelope& envelope,
                                   const engine::StaffState& staff,
                                   Instant now);
  absl::StatusOr<Receipt> SetLeave(const engine::Envelope& envelope,
                                   StaffId staff, engine::LeaveState leave,
                                   Instant now);
  // Nothing when it is so already.
  absl::StatusOr<Receipt> SetSafeMode(const engine::Envelope& envelope, bool on,
                                      Instant now);
  // `acting.pools` empty: all of theirs for whom it is.
  absl::StatusOr<Receipt> SetActing(const engine::Envelope& envelope,
                                    StaffId staff,
                                    engine::DelegationState acting,
                                    Instant now);
  // Each case in a transaction of its own, and the batch at the end. Cut short
  // and sent again, it goes on: the parts that are done are not done twice.
  absl::StatusOr<Receipt> ReassignCases(const engine::Envelope& envelope,
                                        const Reassignment& what, Instant now);
  // The reviews of the month that begins on that day, likewise.
  absl::StatusOr<Receipt> DrawReviews(const engine::Envelope& envelope,
                                      Date first, Instant now);
  // New cases begin with this version from here on; cases that exist stay on
  // theirs. False, and nothing done, when it is the current one.
  absl::StatusOr<bool> Deploy(
      const engine::Envelope& envelope,
      std::shared_ptr<const protocol::Protocol> protocol, Instant now);
  // One case, in one transaction. Applied again, it says kThere.
  absl::StatusOr<CaseMigration> MigrateCase(
      CaseId id, const protocol::Protocol& to,
      const protocol::Migration& migration, engine::Envelope envelope,
      Instant now, MigrateMode mode);
  // One case: what would have been otherwise, and (kApply) the correction, in
  // one transaction. Applied again, it says what was found then. `migration` is
  // from the version that the case is on; null: it is on `to` already. A closed
  // case stays on its version. kNotOpen when it is on neither.
  absl::StatusOr<CaseAmendment> AmendCase(CaseId id,
                                          const protocol::Protocol& to,
                                          const protocol::Migration& document,
                                          const protocol::Migration* migration,
                                          engine::Envelope envelope,
                                          Instant now, MigrateMode mode);
  absl::StatusOr<Receipt> OpenGroup(const engine::Envelope& envelope,
                                    const NewGroup& group, Instant now);
  absl::StatusOr<Receipt> CallOffGroup(const engine::Envelope& envelope,
                                       const std::string& group, Instant now);
  absl::StatusOr<Advanced> Advance(Instant now, const AdvanceLimits& limits);
  // The instant up to which clocks were last fired.
  absl::StatusOr<Instant> LastAdvance();

  // A receipt that was given before for this id and content; nullopt = new.
  // kAlreadyExists when the id was used with other content.
  absl::StatusOr<std::optional<Receipt>> FindReceipt(
      std::string_view command_id, std::string_view fingerprint);
  // Remembers a receipt that changed nothing else but took these effects out
  // of the outbox. A refusal is remembered only while what it was decided on
  // still stands: kAborted when one of `read` has moved.
  absl::StatusOr<Receipt> Remember(
      Receipt receipt, std::string_view command_id,
      std::string_view fingerprint,
      std::vector<uint64_t> effects_acknowledged = {},
      std::vector<store::StreamCheck> read = {});

  // --- reading
  struct Loaded {
    const engine::CaseState* state = nullptr;
    StateRow row;
    std::shared_ptr<const protocol::Protocol> protocol;
  };
  // The case as the store has it now. kNotFound when there is none. Valid until
  // the next call.
  absl::StatusOr<Loaded> LoadCase(CaseId id);
  // The case as it was last seen here: another process may have moved it on.
  // For what leads to a commit, which checks the version.
  absl::StatusOr<Loaded> CachedCase(CaseId id);
  // The case from the store, past what is kept here: for a walk over many.
  absl::StatusOr<engine::CaseState> StoredCase(CaseId id);
  // Takes note of what other processes did to the service's own stream.
  absl::Status Refresh();
  // The person that the id stands for: who was merged into another is that one.
  absl::StatusOr<engine::PersonState> LoadPerson(PersonId id);
  // The record of this very id, merged or not.
  absl::StatusOr<engine::PersonState> StoredPerson(PersonId id);
  // The records that mean the person of this one: it, and those that were
  // merged into it, however many steps ago.
  absl::StatusOr<std::vector<PersonId>> RecordsOf(PersonId record);
  // The cases that somebody is on file in as a related person by one of the
  // records, each once.
  absl::StatusOr<std::vector<CaseId>> CasesRelatedTo(
      const std::vector<PersonId>& records);
  // Whether the two stand for one person.
  absl::StatusOr<bool> AreOne(PersonId a, PersonId b);
  // Nothing when there is no such group.
  absl::StatusOr<std::optional<engine::GroupState>> FindGroup(
      std::string_view group);
  // All of them, by their start.
  absl::StatusOr<std::vector<engine::GroupState>> Groups();
  // Whom the identifier stands for.
  absl::StatusOr<std::optional<PersonId>> FindPerson(
      const PersonReference& reference);
  // The record that was registered under it, merged or not.
  absl::StatusOr<std::optional<PersonId>> RecordOf(
      const PersonReference& reference);
  absl::StatusOr<std::vector<engine::Event>> ReadEvents(CaseId id,
                                                        uint64_t from_seq,
                                                        size_t limit);
  // Events of the case in order, as they were read: those from before a
  // migration get the numbers of the protocol that `state` is on. What that
  // version does not know is none.
  absl::Status IntoCurrentNumbers(const engine::CaseState& state,
                                  std::vector<engine::Event>& events);
  absl::StatusOr<std::shared_ptr<const protocol::Protocol>> ProtocolOf(
      const Fingerprint& hash);
  // The versions that were deployed, the current one first: work lies with the
  // pools of each, also of those that no open case is on (parked input, and
  // messages to closed cases). Without those that cannot be read: their cases
  // cannot either, and the others go on.
  absl::StatusOr<std::vector<std::shared_ptr<const protocol::Protocol>>>
  Versions();
  const engine::ServiceState& service() const { return service_; }
  const service::Caseloads& caseloads() const { return caseloads_; }
  std::shared_ptr<const protocol::Protocol> current() const { return current_; }
  // World::PlacesByNewest of cases under the version; until another becomes the
  // newest one.
  std::span<const protocol::PhaseId> PlacesByNewest(
      const protocol::Protocol& protocol);
  // The queue does not count the case as it should: the walk over all cases
  // after a new version did not come to its end.
  bool IsPlaceStale(const protocol::Protocol& protocol,
                    const engine::CaseState& state);
  // The service is in safe mode, and the clock is one that waits for its end.
  absl::StatusOr<bool> IsHeld(const store::DueClock& clock);
  // It is one of those, whether the service is in safe mode or not.
  absl::StatusOr<bool> WaitsInSafeMode(const store::DueClock& clock);
  store::Store& store() { return *store_; }

 private:
  struct HeldCase {
    engine::CaseState state;
    StateRow row;
  };

  struct Firing;

  explicit Runtime(std::unique_ptr<store::Store> store)
      : store_(std::move(store)) {}

  // Fresh copies of what other processes may have changed.
  absl::Status Reload();
  // Tries again, on fresh copies, while other writers are first.
  absl::StatusOr<Receipt> Retrying(
      CaseId about, absl::FunctionRef<absl::StatusOr<Receipt>()> attempt);
  // The same for a command that is no patient's: what it got before, when it
  // was given before; refused when `now` lies too far ahead, or whoever gives
  // it does not work here.
  absl::StatusOr<Receipt> Once(
      const engine::Envelope& envelope, const std::string& fingerprint,
      Instant now, absl::FunctionRef<absl::StatusOr<Receipt>()> attempt);
  // The cases in care that a member of staff owns.
  absl::StatusOr<std::vector<CaseId>> CasesOf(StaffId staff);
  absl::Status ReassignCase(CaseId id, const engine::Envelope& envelope,
                            const Reassignment& what, Instant now,
                            engine::CasesReassigned& done,
                            std::map<std::string, std::vector<CaseId>>& stayed);
  // --- reviews that are drawn (supervision_commands.cc)
  class Lots;
  absl::Status AddLots(CaseId id, Lots& lots);
  absl::Status AddLotsOfAll(Lots& lots);
  absl::Status DrawEach(const engine::Envelope& envelope, const Lots& lots,
                        Instant now, engine::ReviewsDrawn& done);
  // `over`: when the month is.
  Receipt RefuseDrawing(const std::string& month, Instant over,
                        Instant now) const;
  absl::StatusOr<Receipt> TryRegister(const RegisterPerson& command,
                                      const std::string& fingerprint,
                                      Instant now);
  // The newest time that is sure: when the clocks were last advanced. Asks the
  // store again when `now` lies beyond what is trusted of the one known, or is
  // behind what the stream was last written at: who is wrong must be known.
  absl::StatusOr<Instant> Confirmed(Instant now, Instant last_at = {});
  // kFailedPrecondition when `now` lies so far beyond it that clocks must be
  // advanced first. Not asked of what patients send.
  absl::Status CheckAhead(Instant now);
  // kFailedPrecondition when another document of its version runs already.
  absl::Status CheckVersionIsNew(const protocol::Protocol& protocol);
  // Adds to the commit the part of a person that can be erased.
  absl::Status KeepIdentity(const RegisterPerson& command, PersonId id,
                            store::CommitRequest& request);
  // The different persons that the references name.
  absl::StatusOr<std::vector<PersonId>> PersonsOf(
      const std::vector<PersonReference>& references);
  // A death is registered that the person's case does not know of: this is the
  // first word of it, or one before never reached the case.
  absl::StatusOr<bool> IsUntold(const RegisterPerson& command,
                                const engine::PersonState& person);
  // Adds to the commit what a case makes of news of a person, and the case to
  // `after`; nothing when it refuses.
  absl::StatusOr<engine::Outcome> NoteInCase(
      const engine::Envelope& envelope, CaseId id, engine::CommandBody news,
      Instant now, std::vector<HeldCase>& after, store::CommitRequest& request);
  // The cases that the person is a related person of hear of their death.
  absl::Status TellOfDeath(const engine::Envelope& envelope,
                           const engine::PersonState& person, Instant now,
                           std::vector<HeldCase>& after,
                           store::CommitRequest& request);
  // The cases that somebody is a related person of by one of the records hear
  // the news, but for one that has heard it.
  absl::Status TellRelated(const engine::Envelope& envelope,
                           const std::vector<PersonId>& records,
                           const engine::NoteRecords& news, CaseId but,
                           Instant now, std::vector<HeldCase>& after,
                           store::CommitRequest& request);
  // The state row of a case and the records behind it.
  absl::StatusOr<HeldCase> ReadCase(CaseId id);
  // The service's stream as this decision has seen it.
  store::StreamCheck ServiceSeen() const;
  // The related person whom the command names, as the record that stands for
  // them by now.
  absl::Status NameWhoItIs(engine::CommandBody& body);
  // What the command asks the world about, as the store has it now.
  absl::Status LookUp(const engine::Command& command, Instant now,
                      service::ServiceWorld& world);
  absl::StatusOr<Receipt> TryOpenGroup(const engine::Envelope& envelope,
                                       const NewGroup& group,
                                       const std::string& fingerprint,
                                       Instant now);
  // Adds to the commit the seat that the case's events take or give back.
  absl::Status AddSeats(const engine::Envelope& envelope, const char* verb,
                        CaseId id, const std::vector<engine::Event>& events,
                        Instant now, store::CommitRequest& request);
  // One step of a group that is due: it is settled, or one member is told.
  absl::StatusOr<bool> FireGroup(store::StreamKey key, Instant now);
  // Adds to the commit what the case makes of the news.
  absl::Status TellCase(const engine::Envelope& envelope, CaseId id,
                        const engine::NoteGroup& note, Instant now,
                        store::CommitRequest& request);
  // `pin`: the protocol that the command was read under; set at the first try.
  absl::StatusOr<Receipt> TryCase(const engine::Command& command,
                                  const std::string& fingerprint, Instant now,
                                  std::optional<Fingerprint>& pin);
  // The referral that the sender's identifier names; 0 = none.
  absl::StatusOr<ReferralId> KnownReferral(const NewReferral& command);
  absl::StatusOr<Receipt> TryRefer(const NewReferral& command,
                                   const std::string& fingerprint, Instant now);
  absl::StatusOr<Receipt> TryMerge(const engine::Envelope& envelope,
                                   PersonId person, PersonId merged,
                                   const std::string& fingerprint, Instant now);
  absl::StatusOr<Receipt> TryUnmerge(const engine::Envelope& envelope,
                                     PersonId record,
                                     const std::string& fingerprint,
                                     Instant now);
  // Why the record cannot become part of the person; nothing when it can.
  absl::StatusOr<std::optional<engine::Rejection>> WhyNotMerged(
      const engine::PersonState& person, const engine::PersonState& merged);
  // The role in which somebody is on file for the patient by a record of the
  // other; empty: in none.
  absl::StatusOr<std::string> RoleFor(const engine::PersonState& patient,
                                      const engine::PersonState& other);
  // The open case of the person whom the record was taken for, and those that
  // they are a related person of, hear that it is another's.
  absl::Status TellParted(const engine::Envelope& envelope, PersonId record,
                          const engine::PersonState& was, Instant now,
                          std::vector<HeldCase>& after,
                          store::CommitRequest& request);
  // The two records, what cases make of it and the receipt in one commit.
  absl::StatusOr<Receipt> CommitPersons(const engine::Envelope& envelope,
                                        PersonWriter& first,
                                        PersonWriter& second,
                                        const std::string& fingerprint,
                                        std::vector<HeldCase> after,
                                        store::CommitRequest request);
  absl::StatusOr<Receipt> TryAdopt(const engine::Envelope& envelope,
                                   const engine::AdoptCase& body,
                                   const std::string& fingerprint, Instant now);
  absl::StatusOr<Receipt> CommitService(
      const engine::Envelope& envelope, const char* verb,
      std::vector<engine::ServiceEventBody> bodies, Receipt receipt,
      const std::string& fingerprint, Instant now,
      store::CommitRequest request = {});
  // Into the register, or remembers why not: `receipt` says it.
  absl::StatusOr<Receipt> CommitEntry(const engine::Envelope& envelope,
                                      const char* verb,
                                      engine::ServiceEventBody entry,
                                      const Receipt& receipt,
                                      const std::string& fingerprint,
                                      Instant now);
  absl::StatusOr<Receipt> TryPark(const ParkInput& input, Instant now);
  absl::StatusOr<bool> FireParked(uint32_t parked, Instant now);
  absl::StatusOr<Receipt> TryFireParked(uint32_t parked, Instant now);
  absl::StatusOr<Receipt> TrySettleParked(const engine::Envelope& envelope,
                                          const engine::ParkedSettled& settled,
                                          const std::string& fingerprint,
                                          Instant now);
  // What may disclose risk is not waved away: says so in the receipt.
  void RefuseDismissal(StaffId staff, const engine::ParkedSettled& settled,
                       Instant now, Receipt& receipt) const;
  // The log of the case, in the numbers of its protocol; empty when it has no
  // event `target`.
  absl::StatusOr<std::vector<engine::Event>> LogOf(CaseId id, uint64_t target);
  absl::StatusOr<engine::LookBack> LookBackOn(
      const Loaded& loaded, const std::vector<engine::Event>& events,
      const protocol::Protocol& to, const protocol::Migration* migration);
  // What moves the case, or corrects it where it is.
  absl::StatusOr<engine::MigratedCase> Amended(
      const Loaded& loaded, const protocol::Protocol& to,
      const protocol::Migration* migration, const engine::Amendment& amendment,
      engine::Envelope envelope, Instant now);
  absl::Status CommitMoved(CaseId id, const protocol::Protocol& protocol,
                           const Loaded& before, engine::MigratedCase moved,
                           Instant now);
  // --- clocks that are due (advance.cc)
  absl::Status FireDue(Instant now, size_t clocks_max, Advanced& advanced);
  // As many of them as may fire before they are read again.
  absl::Status FireInOrder(const std::vector<store::DueClock>& due,
                           Firing& firing);
  // Into the transaction that is being filled, or in one of its own.
  absl::Status FireNext(const store::DueClock& clock, Firing& firing);
  absl::Status FireAlone(const store::DueClock& clock, Firing& firing);
  absl::Status AddFiring(const store::DueClock& clock,
                         store::CommitRequest request, Firing& firing);
  // Commits what has been filled in.
  absl::Status FireTogether(Firing& firing);
  // The store's own failures come back, all others stand in the result.
  absl::Status NoteStuck(const store::DueClock& clock, const absl::Status& why,
                         Firing& firing);
  // False: nothing is to be done. The case in the cache has gone on: whoever
  // does not commit the request takes it out of there.
  absl::StatusOr<bool> DecideFiring(const store::DueClock& due, Instant now,
                                    store::CommitRequest& request);
  absl::Status CommitFiring(CaseId id, const store::CommitRequest& request);
  absl::StatusOr<bool> FireOne(const store::DueClock& clock, Instant now);
  absl::StatusOr<bool> FireCase(const store::DueClock& due, Instant now);
  void TakeCounters(const store::CommitRequest& request);
  Basis BasisAt(Instant now) const;
  // What a decision about a case may know; `protocol` outlives it.
  // Without `caseloads`: as they are.
  service::ServiceWorld WorldOf(const protocol::Protocol& protocol,
                                Instant confirmed = Instant::Never(),
                                const service::Caseloads* caseloads = nullptr);
  // --- the queue at the door (intake_commands.cc)
  // Cases of other versions have a place, or none, by the newest one.
  absl::Status NotePlaces(const engine::Envelope& envelope, Instant now);
  absl::Status NotePlaceOf(CaseId id, engine::Envelope envelope, Instant now);
  // Lets in whoever's turn it is, in the order of the queue, while the limits
  // allow it. `opening`: when the next throttle opens that somebody waits for.
  absl::Status ReleaseWaiting(Instant now, size_t clocks_max,
                              Advanced& advanced, Instant& opening);
  struct QueueWalk;
  enum class Walked {
    kOn,    // to the next in line
    kEnd,   // nobody else's turn has come
    kLost,  // another writer came between: the queue is another one now
  };
  absl::StatusOr<Walked> WalkQueue(QueueWalk& walk, Advanced& advanced);
  absl::StatusOr<Walked> WalkPast(const store::WorkLine& line, QueueWalk& walk,
                                  Advanced& advanced);
  // The limits as they are until somebody else is let in.
  const engine::IntakeView& ViewOf(const protocol::Protocol& protocol,
                                   QueueWalk& walk) const;
  absl::StatusOr<Walked> LetIn(CaseId id, const engine::IntakeView& view,
                               QueueWalk& walk, Advanced& advanced);
  // False when its turn has not come after all.
  absl::StatusOr<bool> Release(CaseId id, const engine::IntakeView& view,
                               QueueWalk& walk);

  std::unique_ptr<store::Store> store_;
  Instant confirmed_;  // as last read; another process may have gone on
  engine::ServiceState service_;
  std::shared_ptr<const protocol::Protocol> current_;
  // By the pin of a case, for the newest version that is named.
  std::map<Fingerprint, std::vector<protocol::PhaseId>> places_;
  Fingerprint places_by_ = {};
  // By hash; few.
  std::vector<std::shared_ptr<const protocol::Protocol>> protocols_;
  absl::node_hash_map<CaseId, HeldCase> cases_;
  engine::Decided decided_;  // room that is used again
  service::Caseloads caseloads_;
};

// The fingerprint of a command's content.
std::string ContentOf(const engine::Command& command);

}  // namespace stepwell::runtime

#endif  // STEPWELL_RUNTIME_RUNTIME_H_
