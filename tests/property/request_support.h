// One call to a service as a value: it can be sent again, to another service,
// or with other content.
#ifndef STEPWELL_TESTS_PROPERTY_REQUEST_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_REQUEST_SUPPORT_H_

#include <memory>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "protocol/migration.h"
#include "runtime/runtime.h"

namespace stepwell::testing {

struct AddStaff {
  engine::Envelope envelope;
  engine::StaffState staff;
};

struct SetLeave {
  engine::Envelope envelope;
  StaffId staff;
  engine::LeaveState leave;
};

struct SwitchSafeMode {
  engine::Envelope envelope;
  bool on = false;
};

struct SetActing {
  engine::Envelope envelope;
  StaffId staff;
  engine::DelegationState acting;
};

struct Reassign {
  engine::Envelope envelope;
  runtime::Reassignment what;
};

// The reviews of the month that begins on that day.
struct Draw {
  engine::Envelope envelope;
  Date first;
};

// What is filed is sent to its case first, as the service's host does it.
struct SettleParked {
  engine::Envelope envelope;
  uint32_t parked = 0;
  CaseId filed_to;
  std::string outcome;
};

struct Merge {
  engine::Envelope envelope;
  PersonId person, merged;
};

struct Unmerge {
  engine::Envelope envelope;
  PersonId record;
};

struct OpenGroup {
  engine::Envelope envelope;
  runtime::NewGroup group;
};

struct CallOffGroup {
  engine::Envelope envelope;
  std::string group;
};

struct Adopt {
  engine::Envelope envelope;
  PersonId person;
  engine::AdoptCase body;
};

struct Advance {
  bool catch_up = false;
};

// A second version becomes the current one, and one case goes over to it, or is
// corrected (a safety amendment). Neither has a command id of the caller's.
struct ChangeVersion {
  CaseId case_id;
  std::shared_ptr<const protocol::Protocol> to;
  std::shared_ptr<const protocol::Migration> plan;
  bool amends = false;
};

struct Request {
  std::variant<engine::Command, runtime::RegisterPerson, runtime::NewReferral,
               runtime::ParkInput, AddStaff, SetLeave, SetActing, SettleParked,
               Merge, Unmerge, OpenGroup, CallOffGroup, Reassign, Draw,
               SwitchSafeMode, Adopt, Advance, ChangeVersion>
      body;
  Instant now;  // what the caller says the time is

  bool IsAdvance() const { return std::holds_alternative<Advance>(body); }
  // It has an id: sent again it changes nothing.
  bool IsCommand() const {
    return !IsAdvance() && !std::holds_alternative<ChangeVersion>(body);
  }
  const engine::Command* command() const {
    return std::get_if<engine::Command>(&body);
  }
};

// Null for what is no command.
engine::Envelope* EnvelopeOf(Request& request);
// "submit_response", "refer", ...
// Of a batch that passes the limits of whoever gets the cases.
inline constexpr char kOverLimits[] = "reassign_cases over limits";
std::string VerbOf(const Request& request);
// What is no command gives an empty receipt.
absl::StatusOr<runtime::Receipt> Send(runtime::Runtime& service,
                                      const Request& request);
// Everything a receipt says, but for `repeated`.
std::string Bytes(const runtime::Receipt& receipt);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_REQUEST_SUPPORT_H_
