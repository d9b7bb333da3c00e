// One call to a service as a value: it can be sent again, to another service,
// or with other content.
#ifndef STEPWELL_TESTS_PROPERTY_REQUEST_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_REQUEST_SUPPORT_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"
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

struct SettleParked {
  engine::Envelope envelope;
  uint32_t parked = 0;
  CaseId filed_to;
  std::string outcome;
};

struct Advance {
  bool catch_up = false;
};

struct Request {
  std::variant<engine::Command, runtime::RegisterPerson, runtime::NewReferral,
               runtime::ParkInput, AddStaff, SetLeave, SettleParked, Advance>
      body;
  Instant now;  // what the caller says the time is

  bool IsAdvance() const { return std::holds_alternative<Advance>(body); }
  const engine::Command* command() const {
    return std::get_if<engine::Command>(&body);
  }
};

// Null for an advance, which is no command.
engine::Envelope* EnvelopeOf(Request& request);
// "submit_response", "refer", ...
std::string VerbOf(const Request& request);
// An advance gives an empty receipt.
absl::StatusOr<runtime::Receipt> Send(runtime::Runtime& service,
                                      const Request& request);
// Everything a receipt says, but for `repeated`.
std::string Bytes(const runtime::Receipt& receipt);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_REQUEST_SUPPORT_H_
