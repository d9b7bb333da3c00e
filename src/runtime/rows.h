// Internal to the runtime: a command's outcome as rows of the store.
#ifndef STEPWELL_RUNTIME_ROWS_H_
#define STEPWELL_RUNTIME_ROWS_H_

#include <optional>
#include <string>
#include <vector>

#include "engine/decide.h"
#include "engine/service_stream.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"
#include "service/projection.h"
#include "store/store.h"

namespace stepwell::runtime {

// The protocol's document and all it imports.
void KeepProtocol(const protocol::Protocol& protocol,
                  store::CommitRequest& request);

// What a decision went by, of the register and of the counters; `now` is the
// time that was given.
struct Basis {
  const engine::ServiceState& service;
  const service::Caseloads& caseloads;
  Instant now;
};

// The case's stream, rows and counters. `before` is what the case counted in
// caseloads before the command, and `version_before` its version. The state
// goes along when the log behind the stored row has grown as long as the row:
// so that what a command writes does not grow with its case, and whoever loads
// it reads two rows' worth at most. Null `row`: the caller keeps the state
// elsewhere. Whoever is given the case has room for it when the commit is made,
// unless the events say that a person has passed the limit; without `basis`
// the caller keeps the limits.
void AddCaseWrite(const protocol::Protocol& protocol,
                  const service::CaseShare& before, uint64_t version_before,
                  const std::vector<engine::Event>& events,
                  const engine::CaseState& state, StateRow* row,
                  const std::optional<Basis>& basis,
                  store::CommitRequest& request);

// The text of a draft goes into the store under the key that the events name:
// as one, or beside the case when its item takes none.
void AddDraft(const engine::Command& command,
              const std::vector<engine::Event>& events,
              store::CommitRequest& request);

// External ids that lead from a related person to the cases they belong to:
// the value is the id of the case, the target the person.
inline constexpr uint32_t kRelatedTarget = 3;
// Of referrals that were taken back: who they are of may be told anew.
inline constexpr char kTakenBackSpace[] = "referral/taken_back";
inline constexpr char kRelatedSystem[] = "related:";

// Where the texts of drafts lie: nobody but the patient is shown them.
inline constexpr char kDraftSpace[] = "draft";

// The outbox row of an effect.
store::OutboxRow ToOutboxRow(const engine::CaseState& state,
                             const engine::EffectRequested& effect);
store::OutboxRow ToOutboxRow(const engine::ParkedNotified& notified,
                             const std::string& receipt);

// One line of the worklist, as the index must hold it.
store::WorkRow ToWorkRow(const protocol::Protocol& protocol,
                         const engine::CaseState& state,
                         const service::WorkEntry& entry);
store::WorkRow ToWorkRow(const engine::ParkedState& parked, uint32_t ordinal);

// The fingerprint of a command to the service: the envelope but for its id,
// and the rest.
std::string PrintOf(const engine::Envelope& envelope, std::string_view rest);
// What was recorded, for the receipt.
std::vector<uint16_t> TypesOf(const std::vector<engine::Event>& events);

// The referral in the protocol's symbols; what the protocol does not know of
// consents and facts is left out.
engine::ReceiveReferral ToReferral(const protocol::Protocol& protocol,
                                   const NewReferral& command, Instant now);
// Referrals that are adopted are numbered by the command that brings them.
void NameReferrals(const std::string& command_id, engine::AdoptCase& body);
Receipt ReceiptFor(const engine::Command& command,
                   const engine::Decided& decided,
                   const engine::CaseState& state);
using service::DueOf;
// The ids that are derived when there are none yet.
PersonId PersonOf(const PersonReference& reference);
CaseId CaseOf(PersonId person, const std::string& tenant);

store::CommandRow ToCommandRow(const std::string& id,
                               const std::string& fingerprint,
                               const Receipt& receipt);
absl::StatusOr<Receipt> ReceiptOf(const store::CommandRow& row);

// Who does not work here (any more, or yet) gives no commands but what was done
// before they left; nothing when they may.
Receipt RefusalOfAbsent(const engine::ServiceState& service,
                        const engine::Envelope& envelope, Instant now);

}  // namespace stepwell::runtime

#endif  // STEPWELL_RUNTIME_ROWS_H_
