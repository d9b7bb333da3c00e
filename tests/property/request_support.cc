#include "property/request_support.h"

#include "absl/strings/str_cat.h"
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
  absl::StatusOr<Receipt> operator()(const SetActing& c) const {
    return service.SetActing(c.envelope, c.staff, c.acting, now);
  }
  absl::StatusOr<Receipt> operator()(const Reassign& c) const {
    return service.ReassignCases(c.envelope, c.what, now);
  }
  absl::StatusOr<Receipt> operator()(const Draw& c) const {
    return service.DrawReviews(c.envelope, c.first, now);
  }
  absl::StatusOr<Receipt> operator()(const SwitchSafeMode& c) const {
    return service.SetSafeMode(c.envelope, c.on, now);
  }
  absl::StatusOr<Receipt> operator()(const SettleParked& c) const {
    const auto& parked = service.service().parked;
    const auto sent = service.store().FindCommand(c.envelope.command_id);
    const bool is_new = sent.ok() && !*sent;
    if (is_new && c.filed_to.value != 0 && c.parked < parked.size() &&
        parked[c.parked].open && !c.envelope.reason.empty() &&
        c.envelope.actor.role == engine::Role::kStaff) {
      engine::Command filed;
      filed.envelope.command_id =
          absl::StrCat("filed/", c.parked, "/", c.filed_to.value);
      filed.envelope.actor.role = engine::Role::kPatient;
      filed.case_id = c.filed_to;
      engine::ReceiveMessage message;
      message.message_id = parked[c.parked].receipt;
      filed.body = message;
      const auto taken = service.SubmitToCase(filed, now);
      if (!taken.ok()) return taken;
    }
    return service.SettleParked(c.envelope, {c.parked, c.filed_to, c.outcome},
                                now);
  }
  absl::StatusOr<Receipt> operator()(const Merge& c) const {
    return service.MergePersons(
        c.envelope, c.person, c.merged,
        absl::StrCat(c.person.value, " ", c.merged.value), now);
  }
  absl::StatusOr<Receipt> operator()(const Unmerge& c) const {
    return service.UnmergePersons(c.envelope, c.record,
                                  absl::StrCat(c.record.value), now);
  }
  absl::StatusOr<Receipt> operator()(const OpenGroup& c) const {
    return service.OpenGroup(c.envelope, c.group, now);
  }
  absl::StatusOr<Receipt> operator()(const CallOffGroup& c) const {
    return service.CallOffGroup(c.envelope, c.group, now);
  }
  absl::StatusOr<Receipt> operator()(const Adopt& c) const {
    const std::string content = absl::StrCat(
        c.envelope.command_id, " of ", c.person.value, ": ", c.envelope.reason);
    return service.Adopt(c.envelope, c.person, c.body, content, now);
  }
  // Applied twice: the second time it changes nothing.
  absl::StatusOr<Receipt> operator()(const ChangeVersion& c) const {
    engine::Envelope envelope;
    envelope.actor.role = engine::Role::kIntegration;
    envelope.command_id = "version two";
    const auto deployed = service.Deploy(envelope, c.to, now);
    if (!deployed.ok()) return deployed.status();
    for (int times = 0; times < 2; ++times) {
      const absl::Status done = c.amends ? Amend(c) : Migrate(c);
      if (!done.ok()) return done;
    }
    return Receipt();
  }
  engine::Envelope Unnamed() const {
    engine::Envelope envelope;
    envelope.actor.role = engine::Role::kIntegration;
    envelope.reason = "the second version";
    return envelope;
  }
  absl::Status Migrate(const ChangeVersion& c) const {
    return service
        .MigrateCase(c.case_id, *c.to, *c.plan, Unnamed(), now,
                     runtime::MigrateMode::kApply)
        .status();
  }
  absl::Status Amend(const ChangeVersion& c) const {
    const auto loaded = service.LoadCase(c.case_id);
    if (!loaded.ok()) return loaded.status();
    const bool there = loaded->state->protocol == c.to->hash;
    return service
        .AmendCase(c.case_id, *c.to, *c.plan, there ? nullptr : c.plan.get(),
                   Unnamed(), now, runtime::MigrateMode::kApply)
        .status();
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
  std::string operator()(const SetActing&) const { return "set_acting"; }
  std::string operator()(const Reassign& c) const {
    return c.what.over_limits ? kOverLimits : "reassign_cases";
  }
  std::string operator()(const Draw&) const { return "draw_reviews"; }
  std::string operator()(const SwitchSafeMode& c) const {
    return c.on ? "safe mode on" : "safe mode off";
  }
  std::string operator()(const SettleParked&) const { return "settle_parked"; }
  std::string operator()(const Merge&) const { return "merge_persons"; }
  std::string operator()(const Unmerge&) const { return "unmerge_persons"; }
  std::string operator()(const OpenGroup&) const { return "open_group"; }
  std::string operator()(const CallOffGroup&) const { return "call_off_group"; }
  std::string operator()(const Adopt&) const { return "adopt_case"; }
  std::string operator()(const Advance&) const { return "advance"; }
  std::string operator()(const ChangeVersion& c) const {
    return c.amends ? "amend" : "migrate";
  }
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
