#include "property/request_support.h"

#include "wire/binary.h"

namespace stepwell::testing {

using runtime::Receipt;

namespace {

struct Sender {
  runtime::Runtime& service;
  Instant now;

  absl::StatusOr<Receipt> operator()(const engine::Command& c) const {
    return service.SubmitToCase(c, now);
  }
  absl::StatusOr<Receipt> operator()(const runtime::RegisterPerson& c) const {
    return service.Register(c, now);
  }
  absl::StatusOr<Receipt> operator()(const runtime::NewReferral& c) const {
    return service.Refer(c, now);
  }
  absl::StatusOr<Receipt> operator()(const runtime::ParkInput& c) const {
    return service.Park(c, now);
  }
  absl::StatusOr<Receipt> operator()(const AddStaff& c) const {
    return service.AddStaff(c.envelope, c.staff, now);
  }
  absl::StatusOr<Receipt> operator()(const SetLeave& c) const {
    return service.SetLeave(c.envelope, c.staff, c.leave, now);
  }
  absl::StatusOr<Receipt> operator()(const SettleParked& c) const {
    return service.SettleParked(c.envelope, {c.parked, c.filed_to, c.outcome},
                                now);
  }
  absl::StatusOr<Receipt> operator()(const Advance& c) const {
    runtime::AdvanceLimits limits;
    limits.catch_up = c.catch_up;
    const auto advanced = service.Advance(now, limits);
    if (!advanced.ok()) return advanced.status();
    return Receipt();
  }
};

struct Verb {
  std::string operator()(const engine::Command& c) const {
    return std::visit([](const auto& body) { return body.kVerb; }, c.body);
  }
  std::string operator()(const runtime::RegisterPerson&) const {
    return "register_person";
  }
  std::string operator()(const runtime::NewReferral&) const { return "refer"; }
  std::string operator()(const runtime::ParkInput&) const { return "park"; }
  std::string operator()(const AddStaff&) const { return "add_staff"; }
  std::string operator()(const SetLeave&) const { return "set_leave"; }
  std::string operator()(const SettleParked&) const { return "settle_parked"; }
  std::string operator()(const Advance&) const { return "advance"; }
};

}  // namespace

engine::Envelope* EnvelopeOf(Request& request) {
  return std::visit(
      [](auto& body) -> engine::Envelope* {
        if constexpr (requires { body.envelope; }) {
          return &body.envelope;
        } else {
          return nullptr;
        }
      },
      request.body);
}

std::string VerbOf(const Request& request) {
  return std::visit(Verb{}, request.body);
}

absl::StatusOr<Receipt> Send(runtime::Runtime& service,
                             const Request& request) {
  return std::visit(Sender{service, request.now}, request.body);
}

std::string Bytes(const Receipt& receipt) {
  std::string bytes;
  wire::EncodeTo(receipt, bytes);
  return bytes;
}

}  // namespace stepwell::testing
