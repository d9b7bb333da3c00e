// The loop of a replication: what is next, which command it gives, what the
// engine decided and what follows from that for patients and staff.
#include "sim/simulator.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "protocol/intake.h"

namespace stepwell::sim {
namespace {

// Entries at one instant: more means that simulated time stands still.
constexpr uint64_t kPerInstantMax = 10'000'000;
constexpr uint64_t kAskEvery = 4096;
constexpr double kYearDays = 365;
constexpr double kDayUs = 86'400e6;

engine::Actor System() { return {}; }
engine::Actor Host() {
  engine::Actor actor;
  actor.role = engine::Role::kIntegration;
  actor.reference = "simulation";
  return actor;
}

}  // namespace

Simulator::Simulator(const Protocol& protocol, const Plan& plan,
                     const SimulatorOptions& options)
    : protocol_(protocol),
      plan_(plan),
      options_(options),
      world_(protocol, service_, caseloads_),
      now_(plan.start),
      middle_(plan.from + Duration{(plan.to - plan.from).us / 2}),
      pool_lists_(protocol.pools.size()),
      unowned_lists_(protocol.pools.size()),
      arrived_(plan.arrivals.size()),
      arrival_times_(plan.arrivals.size()),
      collector_(protocol, plan) {
  for (const protocol::Element& element : protocol.elements) {
    element_draws_.push_back(PurposeOf(absl::StrCat("item/", element.id)));
  }
  AddStaff();
  for (uint32_t route = 0; route < plan.arrivals.size(); ++route) {
    PlanArrival(route);
  }
}

absl::StatusOr<Replication> Simulator::Run() {
  const double whole = static_cast<double>((plan_.to - plan_.start).us);
  uint64_t steps = 0;
  while (!calendar_.empty() && calendar_.next().at < plan_.to) {
    if (backlog_at_middle_.empty() && calendar_.next().at >= middle_) {
      backlog_at_middle_ = Backlog();
      unowned_at_middle_ = Unowned();
    }
    const auto entry = calendar_.Take();
    at_this_instant_ = entry.at == now_ ? at_this_instant_ + 1 : 0;
    if (at_this_instant_ > kPerInstantMax) {
      return TooLarge(
          "the simulation does not move on: the plan has work that takes no "
          "time and comes back at once");
    }
    now_ = entry.at;
    STEPWELL_RETURN_IF_ERROR(Perform(entry));
    if (options_.go_on && ++steps % kAskEvery == 0 &&
        !options_.go_on(static_cast<double>((now_ - plan_.start).us) / whole)) {
      return absl::CancelledError("the simulation was cancelled");
    }
  }
  now_ = plan_.to;
  if (backlog_at_middle_.empty()) {
    backlog_at_middle_ = Backlog();
    unowned_at_middle_ = Unowned();
  }
  for (const Case& one : cases_) {
    if (one.used) collector_.Take(one.course);
  }
  AddLoads();
  result_.cases = collector_.cases();
  return std::move(result_);
}

absl::Status Simulator::Perform(const EventCalendar<What>::Entry& entry) {
  const What& what = entry.what;
  switch (what.act) {
    case Act::kFree:
      return Finish(what.who);
    case Act::kShift:
      PlanShift(what.who);
      return Look(what.who);
    case Act::kLook:
      workers_[what.who].look_planned = false;
      return Look(what.who);
    case Act::kArrive:
      return Arrive(what.who);
    case Act::kAppointment:
      return StartAppointment(what.life, what);
    case Act::kDeliver:
      return Deliver(what);
    case Act::kLetIn:
      return LetIn();
    default:
      break;
  }
  if (!IsCurrent(what)) return absl::OkStatus();
  Case& one = cases_[what.who];
  absl::Status status;
  if (what.act == Act::kClock) {
    // Stopped, moved or armed anew since it was planned.
    if (service::DueOf(one.state, what.item) != entry.at) {
      return absl::OkStatus();
    }
    status = FireClock(what.who, what.item);
  } else {
    --one.pending;
    if (what.act == Act::kDoItem) status = DoItem(what.who, what.item);
    if (what.act == Act::kOpenItem) status = OpenModule(what.who, what.item);
    if (what.act == Act::kWrite) status = WriteMessage(what.who);
  }
  if (status.ok()) ReleaseIfOver(what.who);
  return status;
}

bool Simulator::IsCurrent(const What& what) const {
  const Case& one = cases_[what.who];
  return one.used && one.life == what.life;
}

void Simulator::PlanAct(Instant at, Priority priority, Act act, uint32_t slot,
                        uint32_t item) {
  ++cases_[slot].pending;
  calendar_.Add(at, priority, {act, slot, item, cases_[slot].life});
}

// --- who comes

void Simulator::PlanArrival(uint32_t route) {
  const Arrivals& arrivals = plan_.arrivals[route];
  if (arrivals.per_year <= 0) return;
  // The gaps belong to the route: the n-th person of a doubled stream is the
  // n-th of the single one, and comes in half the time.
  const double u = UniformOpen(options_.random.Words(
      arrivals.draw_gap, arrivals.draw_gap, arrived_[route]));
  arrival_times_[route] += -Log(1 - u) * kYearDays / arrivals.per_year;
  if (arrival_times_[route] > 40'000) return;
  const Instant at =
      plan_.start + Microseconds(RoundToInt(arrival_times_[route] * kDayUs));
  if (at >= plan_.arrivals_end) return;
  calendar_.Add(at, kArrivals, {Act::kArrive, route, 0, 0});
}

uint32_t Simulator::NewSlot() {
  uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<uint32_t>(cases_.size());
    cases_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  cases_[slot] = Case();
  cases_[slot].used = true;
  cases_[slot].life = ++next_life_;
  return slot;
}

// A case that is over and that nobody waits for makes room for another.
void Simulator::ReleaseIfOver(uint32_t slot) {
  Case& one = cases_[slot];
  if (!one.used || !one.state.IsClosed() || one.pending > 0 ||
      !one.lines.empty() || !one.state.pending_effects.empty()) {
    return;
  }
  for (const engine::ClockState& clock : one.state.clocks) {
    if (!clock.next_due.IsNever()) return;
  }
  collector_.Take(one.course);
  one = Case();
  free_slots_.push_back(slot);
}

absl::Status Simulator::Arrive(uint32_t route) {
  const Arrivals& arrivals = plan_.arrivals[route];
  const uint32_t number = arrived_[route]++;
  PlanArrival(route);
  const uint32_t slot = NewSlot();
  Case& one = cases_[slot];
  one.patient = Patient(plan_, options_.random, arrivals.draw_gap, number);
  engine::ReceiveReferral body;
  body.person = PersonId(
      DeriveId("person", "sim", absl::StrCat(arrivals.id, "/", number)));
  one.state.id =
      CaseId(DeriveId("case", IdToText(body.person.value), options_.tenant));
  const std::string command_id =
      absl::StrCat(options_.id_prefix, "c", ++next_command_);
  body.referral.id = ReferralId(DeriveId("referral", command_id));
  body.referral.route = arrivals.route;
  body.referral.received_at = now_;
  body.referral.wait_from = now_;
  body.referral.referrer = arrivals.referrer;
  body.referral.information_source = arrivals.information_source;
  body.referral.documents = arrivals.documents;
  for (const Arrivals::Consent& consent : arrivals.consents) {
    const bool given = one.patient.Draw(consent.draw, 0) < consent.share;
    body.consents.push_back({consent.purpose, given, now_});
  }
  STEPWELL_RETURN_IF_ERROR(
      SubmitNamed(slot, std::move(body), Host(), "", command_id));
  return EnterRelated(slot);
}

// Whoever the protocol gives work to is on file from the start.
absl::Status Simulator::EnterRelated(uint32_t slot) {
  for (const protocol::Element& element : protocol_.elements) {
    const engine::CaseState& state = cases_[slot].state;
    if (element.performer != protocol::Performer::kRelated ||
        !state.RelatedAs(element.role).empty()) {
      continue;
    }
    engine::RelatePerson whoever;
    whoever.related = PersonId(DeriveId(
        "person", "sim",
        absl::StrCat(IdToText(state.person.value), "/", element.role)));
    whoever.role = element.role;
    STEPWELL_RETURN_IF_ERROR(Submit(slot, std::move(whoever), Host()));
  }
  return absl::OkStatus();
}

// --- clocks and effects

absl::Status Simulator::FireClock(uint32_t slot, uint32_t ordinal) {
  const engine::CaseState& state = cases_[slot].state;
  return SubmitNamed(
      slot, engine::FireClock{ordinal, now_}, System(), "",
      absl::StrCat(options_.id_prefix, "clock/", IdToText(state.id.value), "/",
                   ordinal, "/", now_.us));
}

absl::Status Simulator::Deliver(const What& what) {
  const SimulatedEffect effect = outbox_[what.item];
  free_effects_.push_back(what.item);
  if (!IsCurrent(what)) return absl::OkStatus();
  --cases_[what.who].pending;
  STEPWELL_RETURN_IF_ERROR(Submit(what.who, effect.Delivered(), Host()));
  if (effect.reminds()) OnReminded(what.who, effect);
  ReleaseIfOver(what.who);
  return absl::OkStatus();
}

// --- commands

absl::Status Simulator::Submit(uint32_t slot, engine::CommandBody body,
                               engine::Actor actor, std::string reason) {
  return SubmitNamed(slot, std::move(body), std::move(actor), std::move(reason),
                     absl::StrCat(options_.id_prefix, "c", ++next_command_));
}

absl::Status Simulator::SubmitNamed(uint32_t slot, engine::CommandBody body,
                                    engine::Actor actor, std::string reason,
                                    std::string command_id) {
  engine::Command command;
  command.envelope.command_id = std::move(command_id);
  command.envelope.actor = std::move(actor);
  command.envelope.reason = std::move(reason);
  command.body = std::move(body);
  engine::CaseState& state = cases_[slot].state;
  command.case_id = state.id;
  const service::CaseShare before = service::ShareOf(protocol_, state);
  // What follows may submit again, and needs room of its own then.
  engine::Decided outcome = std::move(decided_);
  STEPWELL_RETURN_IF_ERROR(engine::DecideInPlace(protocol_, state, world_,
                                                 command, now_, {}, outcome));
  ++result_.commands;
  if (outcome.rejection) {
    ++result_.rejections;
    ++result_.rejected[outcome.rejection->code];
    return absl::OkStatus();
  }
  result_.events += outcome.events.size();
  if (options_.observer != nullptr) {
    options_.observer->Decided(command, now_, outcome.events,
                               cases_[slot].state);
  }
  TakeProjection(slot, service::Project(protocol_, before, outcome.events,
                                        cases_[slot].state));
  TakeEvents(slot, outcome.events);
  decided_ = std::move(outcome);
  return absl::OkStatus();
}

void Simulator::TakeProjection(uint32_t slot,
                               const service::Projection& projection) {
  for (const service::ClockDue& clock : projection.clocks_set) {
    Case& one = cases_[slot];
    if (clock.ordinal >= engine::kInnerClocks[0]) {
      // Said again with every effect: one entry a deadline is enough.
      Instant& planned = one.inner_planned[UINT32_MAX - clock.ordinal];
      if (planned == clock.next_due) continue;
      planned = clock.next_due;
    }
    // The live service fires what is due at one instant by case and clock.
    calendar_.AddOrdered(clock.next_due, kClocks,
                         uint64_t{slot} << 24 | (clock.ordinal & 0xFFFFFF),
                         {Act::kClock, slot, clock.ordinal, one.life});
  }
  for (const auto& [name, change] : projection.counters) {
    const StaffId staff = service::MemberOf(name);
    if (staff.value != 0) CountPlaces(staff.value - 1);
    caseloads_.Take(name, change);
    if (staff.value != 0 && change < 0)
      Wake(staff.value - 1);  // there is room again
  }
  for (const service::TurnTaken& turn : projection.turns) caseloads_.Take(turn);
  if (protocol_.intake != nullptr) TakeQueue(slot, projection);
  for (const uint64_t key : projection.work_removed) RemoveLine(slot, key);
  for (const service::WorkEntry& entry : projection.work_set) {
    // No work of somebody's.
    if (entry.kind != service::WorkKind::kWaiting &&
        entry.kind != service::WorkKind::kPatient) {
      SetLine(slot, entry);
    }
  }
}

void Simulator::TakeEvents(uint32_t slot,
                           std::span<const engine::Event> events) {
  for (const engine::Event& event : events) {
    Case& one = cases_[slot];
    one.course.Take(event, protocol_);
    if (std::get_if<engine::ItemOpened>(&event.body) != nullptr) {
      OnItemOpened(slot, static_cast<uint32_t>(one.course.items.size() - 1));
    } else if (const auto* effect =
                   std::get_if<engine::EffectRequested>(&event.body)) {
      uint32_t index = static_cast<uint32_t>(outbox_.size());
      if (free_effects_.empty()) {
        outbox_.push_back(SimulatedEffect(*effect));
      } else {
        index = free_effects_.back();
        free_effects_.pop_back();
        outbox_[index] = SimulatedEffect(*effect);
      }
      PlanAct(now_ + Microseconds(RoundToInt(plan_.delivery_minutes * 60e6)),
              kDeliveries, Act::kDeliver, slot, index);
    } else if (const auto* reached =
                   std::get_if<engine::MilestoneReached>(&event.body)) {
      if (reached->milestone == plan_.trajectory.start &&
          !one.patient.started_at) {
        one.patient.started_at = event.at;
      }
    } else if (const auto* moved =
                   std::get_if<engine::TrackMoved>(&event.body)) {
      if (moved->to == plan_.messages.phase) PlanMessage(slot);
    }
  }
}

engine::Actor Simulator::ActorOf(uint32_t member) const {
  engine::Actor actor;
  actor.role = engine::Role::kStaff;
  actor.staff = StaffId(member + 1);
  return actor;
}

engine::Actor Simulator::PatientOf(uint32_t) const {
  engine::Actor actor;
  actor.role = engine::Role::kPatient;
  return actor;
}

}  // namespace stepwell::sim
