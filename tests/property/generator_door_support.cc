// Random requests at the door of a service and beside the course of a case:
// documents, related people, slots and groups, transfers, adoption, and a
// change to the second version in the middle of a history.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "property/generator_support.h"

namespace stepwell::testing {

using engine::CaseState;
using engine::Command;
using protocol::ElementId;

engine::ReferralDocument Generator::Paper() {
  engine::ReferralDocument paper;
  const auto& kinds = protocol_->document_kinds;
  paper.kind =
      kinds.empty() || dice_.Chance(5) ? "passport" : dice_.Pick(kinds);
  if (dice_.Chance(50)) paper.hash = absl::StrCat("sha256:", commands_);
  if (dice_.Chance(40)) {
    paper.valid_until =
        now_ + Hours(static_cast<int64_t>(dice_.Below(24 * 60)) - 48);
  }
  if (dice_.Chance(40)) paper.verified_by = "staff1";
  return paper;
}

std::string Generator::RoleName(bool related_only) {
  if (protocol_->related.empty()) return related_only ? "" : "guardian";
  return dice_.Pick(protocol_->related).id;
}

engine::CommandBody Generator::BookingStep(const CaseState& state,
                                           uint32_t index) {
  const engine::ItemState& item = state.items[index];
  const protocol::Booking& booking = *protocol_->at(item.key.element).booking;
  engine::ChangeAppointment change;
  change.element = item.key.element;
  if (dice_.Chance(80)) change.occurrence = item.key.occurrence;
  change.action = engine::AppointmentVerb::kBook;
  if (!booking.modes.empty()) change.mode = dice_.Pick(booking.modes);
  if (item.appointment == engine::AppointmentStatus::kBooked) {
    if (now_ >= item.appointment_at) {
      if (dice_.Chance(60)) {
        engine::WorkItem held;
        held.element = item.key.element;
        held.occurrence = change.occurrence;
        return held;
      }
      change.action = engine::AppointmentVerb::kNoShow;
      return change;
    }
    change.action = dice_.Chance(50) ? engine::AppointmentVerb::kCancel
                                     : engine::AppointmentVerb::kReschedule;
  }
  const engine::AppointmentState* known = state.AppointmentOf(index);
  if (booking.group >= 0 && !groups_.empty()) {
    // Rather one of the latest.
    const size_t last = std::min<size_t>(groups_.size(), 3);
    change.group = groups_[groups_.size() - 1 - dice_.Below(last)];
  } else if (booking.slots_only && known != nullptr &&
             !known->offered.empty() && dice_.Chance(80)) {
    change.slot = dice_.Pick(known->offered).id;
  } else if (booking.slots_only) {
    engine::OfferSlots offer;
    offer.element = item.key.element;
    for (uint64_t n = 1 + dice_.Below(3); n > 0; --n) {
      engine::Slot slot;
      // Few names: two cases want the same one.
      slot.id = absl::StrCat("slot", dice_.Below(40));
      slot.starts_at = now_ + Hours(static_cast<int64_t>(dice_.Below(400)));
      if (!booking.modes.empty()) slot.mode = dice_.Pick(booking.modes);
      const bool twice = std::any_of(
          offer.slots.begin(), offer.slots.end(),
          [&](const engine::Slot& other) { return other.id == slot.id; });
      if (!twice) offer.slots.push_back(std::move(slot));
    }
    return offer;
  } else {
    change.starts_at =
        now_ + Hours(static_cast<int64_t>(1 + dice_.Below(24 * 14)));
  }
  return change;
}

bool Generator::SeatInGroup(Command& command) {
  for (uint16_t i = 0; i < protocol_->elements.size(); ++i) {
    const auto& booking = protocol_->elements[i].booking;
    if (booking == nullptr || booking->group < 0) continue;
    engine::WorkItem opens;
    opens.element = ElementId(i);
    opens.action = engine::ItemVerb::kOpen;
    command.envelope.reason = "would do well in a group";
    command.body = opens;
    return true;
  }
  return false;
}

// Who comes to be, or is no more, related to the patient, or has died.
engine::CommandBody Generator::Relation(const CaseState& state) {
  engine::RelatePerson relate;
  // Nobody else yet: their own relation, which is refused.
  const Person& other = dice_.Pick(persons_);
  relate.related = other.registered ? other.id : state.person;
  relate.role = RoleName(false);
  relate.ended = dice_.Chance(25);
  if (state.related.empty() || !dice_.Chance(40)) return relate;
  const engine::RelatedState& known = dice_.Pick(state.related);
  relate.related = known.person;
  if (dice_.Chance(50)) {  // else in whatever role, which may be theirs
    relate.role = known.role;
    relate.ended = true;
  }
  if (dice_.Chance(20)) {
    return engine::NoteRecords{{}, state.Whom(relate.related), true, false};
  }
  return relate;
}

void Generator::AtTheDoor(const CaseState& state, Command& command) {
  command.envelope = By(dice_.Chance(70)   ? engine::Role::kStaff
                        : dice_.Chance(50) ? engine::Role::kPatient
                                           : engine::Role::kIntegration);
  if (state.Place() != nullptr && dice_.Chance(25)) {
    command.body = engine::AdmitCase{};
    return;
  }
  switch (dice_.Below(5)) {
    case 0: {
      engine::FileDocument file;
      if (!state.referrals.empty() && dice_.Chance(60)) {
        file.referral = dice_.Pick(state.referrals).id;
      }
      file.document = Paper();
      command.body = file;
      return;
    }
    case 1:
      command.body = Relation(state);
      return;
    case 2: {
      engine::SetSafeContact safe;
      if (dice_.Chance(60)) safe.contact.channels = {"sms", "letter"};
      safe.contact.leave_messages = dice_.Chance(50);
      if (dice_.Chance(40)) {
        safe.contact.quiet_from = static_cast<int32_t>(dice_.Below(1440));
        safe.contact.quiet_to = static_cast<int32_t>(dice_.Below(1440));
      }
      command.body = safe;
      return;
    }
    case 3: {
      engine::TransferCase transfer;
      transfer.action =
          state.transfer ? static_cast<engine::TransferVerb>(2 + dice_.Below(2))
                         : static_cast<engine::TransferVerb>(
                               1 + (dice_.Chance(20) ? dice_.Below(3) : 0));
      transfer.to = "another service";
      transfer.body_key = "letter";
      command.body = transfer;
      return;
    }
    default: {
      engine::OfferSlots offer;
      offer.element = AnySymbol<ElementId>(protocol_->elements.size());
      engine::Slot slot;
      slot.id = absl::StrCat("slot", dice_.Below(40));
      slot.starts_at =
          now_ + Hours(static_cast<int64_t>(dice_.Below(300)) - 10);
      offer.slots = {slot};
      command.body = offer;
    }
  }
}

std::optional<engine::ChangeAppointment> Generator::AppointmentStep(
    const engine::ItemState& item) {
  if (item.appointment != engine::AppointmentStatus::kBooked) {
    return engine::ChangeAppointment{
        item.key.element, engine::AppointmentVerb::kBook,
        now_ + Hours(static_cast<int64_t>(1 + dice_.Below(24 * 14)))};
  }
  if (now_ + Hours(1) < item.appointment_at && dice_.Chance(60)) {
    // They meet before: it is moved first.
    return engine::ChangeAppointment{
        item.key.element, engine::AppointmentVerb::kReschedule,
        now_ + Minutes(static_cast<int64_t>(dice_.Below(20)))};
  }
  if (now_ >= item.appointment_at && dice_.Chance(30)) {
    return engine::ChangeAppointment{
        item.key.element, engine::AppointmentVerb::kNoShow, {}};
  }
  return std::nullopt;
}

Request Generator::Group() {
  if (!groups_.empty() && dice_.Chance(30)) {
    CallOffGroup off;
    off.envelope = By(engine::Role::kStaff);
    // One of the latest: somebody has a seat in it.
    const size_t last = std::min<size_t>(groups_.size(), 3);
    off.group = groups_[groups_.size() - 1 - dice_.Below(last)];
    return Of(std::move(off));
  }
  OpenGroup open;
  open.envelope = By(engine::Role::kStaff);
  open.group.id = dice_.Chance(5) && !groups_.empty() ? dice_.Pick(groups_)
                                                      : Named("group");
  open.group.kind = dice_.Pick(protocol_->groups).id;
  open.group.starts_at =
      now_ + Hours(static_cast<int64_t>(dice_.Below(24 * 30)) - 12);
  if (dice_.Chance(60)) open.group.minimum = 1;
  if (dice_.Chance(60)) open.group.places = static_cast<int>(dice_.Below(4));
  return Of(std::move(open));
}

Request Generator::MergeOrPart(runtime::Runtime& service) {
  const size_t who = dice_.Below(persons_.size());
  if (!persons_[who].registered) return Register(who);
  const auto record = service.RecordOf({"urn:test", absl::StrCat("p", who)});
  if (record.ok() && *record && dice_.Chance(40)) {
    return Of(Unmerge{By(engine::Role::kStaff), **record});
  }
  // Who has no case of their own is not refused for it.
  const size_t other = dice_.Chance(60) ? patients_ + dice_.Below(kKin)
                                        : dice_.Below(persons_.size());
  if (!persons_[other].registered) return Register(other);
  return Of(
      Merge{By(engine::Role::kStaff), persons_[who].id, persons_[other].id});
}

Request Generator::AdoptSomebody() {
  const size_t who = dice_.Below(patients_);
  if (!persons_[who].registered) return Register(who);
  Adopt adopt;
  adopt.envelope = By(engine::Role::kIntegration);
  adopt.person = persons_[who].id;
  engine::AdoptCase& body = adopt.body;
  body.person = adopt.person;
  const auto past = [&](int64_t days) {
    return now_ - Hours(static_cast<int64_t>(
                      dice_.Below(static_cast<uint64_t>(days * 24))));
  };
  engine::Referral referral;
  referral.id = ReferralId(1'000'000 + commands_);
  referral.route = protocol::RouteId(
      static_cast<uint16_t>(dice_.Below(protocol_->routes.size())));
  referral.received_at = referral.wait_from = past(200);
  body.referrals = {referral};
  for (const protocol::Track& track : protocol_->tracks) {
    body.phases.push_back(dice_.Pick(track.phases));
    body.entered.push_back(past(90));
  }
  body.owner = {engine::OwnerKind::kPool, protocol_->intake_pool, {}};
  for (uint64_t n = dice_.Below(4); n > 0; --n) {
    engine::AdoptedItem item;
    item.element = ElementId(
        static_cast<uint16_t>(dice_.Below(protocol_->elements.size())));
    item.status = static_cast<engine::ItemStatus>(1 + dice_.Below(6));
    item.opened_at = past(60);
    if (!engine::IsOpen(item.status)) item.ended_at = item.opened_at;
    body.items.push_back(item);
  }
  for (uint16_t i = 0; i < protocol_->clocks.size(); ++i) {
    if (protocol_->clocks[i].start.empty() || !dice_.Chance(40)) continue;
    engine::AdoptedClock clock;
    clock.def = protocol::ClockDefId(i);
    clock.started_at = past(60);
    if (dice_.Chance(60)) {
      clock.due = now_ + Hours(static_cast<int64_t>(dice_.Below(3000)) - 100);
    } else {
      clock.remaining = "5 days";
    }
    body.clocks.push_back(clock);
  }
  if (!protocol_->risk.tiers.empty() && dice_.Chance(40)) {
    engine::AdoptedAlert alert;
    alert.tier = protocol::TierId(
        static_cast<uint16_t>(dice_.Below(protocol_->risk.tiers.size())));
    alert.owner = {
        engine::OwnerKind::kPool, protocol_->at(alert.tier).pool, {}};
    alert.raised_at = past(3);
    body.alerts.push_back(alert);
  }
  return Of(std::move(adopt));
}

Request Generator::Version() {
  ChangeVersion change;
  change.case_id = dice_.Pick(cases_);
  change.to = second_.protocol;
  change.plan = second_.plan;
  change.amends = dice_.Chance(30);
  return Of(std::move(change));
}

}  // namespace stepwell::testing
