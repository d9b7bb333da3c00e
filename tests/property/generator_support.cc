#include "property/generator_support.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace stepwell::testing {

using engine::CaseState;
using engine::Command;
using engine::Role;
using protocol::Element;
using protocol::ElementId;
using protocol::ItemKind;

namespace {

bool IsOpenItem(const engine::ItemState& item) {
  return engine::IsOpen(item.status);
}

}  // namespace

Generator::Generator(std::shared_ptr<const protocol::Protocol> protocol,
                     SecondVersion second, uint32_t seed, uint32_t service,
                     size_t persons, Instant now, bool calm)
    : protocol_(std::move(protocol)),
      second_(std::move(second)),
      dice_(seed, service),
      now_(now),
      service_(service),
      calm_(calm),
      persons_(persons + kKin),
      patients_(persons) {}

std::string Generator::Named(const char* kind) {
  return absl::StrCat(kind, ++names_);
}

engine::Envelope Generator::By(Role role) {
  engine::Envelope envelope;
  envelope.command_id = absl::StrCat("c", service_, "/", ++commands_);
  envelope.actor.role = role;
  if (role == Role::kStaff && dice_.Chance(80)) {
    envelope.actor.staff =
        StaffId(static_cast<uint32_t>(1 + dice_.Below(kStaff)));
  }
  if (dice_.Chance(88)) envelope.reason = "as the test wants it";
  // What happened earlier is often written down later.
  if (dice_.Chance(8)) {
    envelope.at =
        now_ - Minutes(static_cast<int64_t>(dice_.Below(20 * 24 * 60)));
  } else if (dice_.Chance(1)) {
    envelope.at = now_ + Hours(static_cast<int64_t>(dice_.Below(48)));
  }
  return envelope;
}

Request Generator::Of(decltype(Request::body) body) {
  Request request;
  request.body = std::move(body);
  request.now = now_;
  return request;
}

Request Generator::Next(runtime::Runtime& service) {
  if (dice_.Chance(60)) {
    now_ =
        now_ + Microseconds(static_cast<int64_t>(dice_.Below(2'700'000'000)));
  }
  if (service.service().staff.size() < kStaff && dice_.Chance(50)) {
    return Staff(service);
  }
  protocol_ = service.current();
  const uint64_t turn = dice_.Below(1000);
  if (cases_.size() < 3 || turn < 40) return Arrive();
  if (turn < 46) return AdoptSomebody();
  if (turn < 50 && commands_ > 400 && second_.plan != nullptr) {
    return Version();
  }
  if (turn >= 900 && turn < 950 && !protocol_->groups.empty()) return Group();
  const bool safe = service.service().safe_since.has_value();
  if (SwitchesSafeMode(turn, safe)) return SafeMode(safe);
  if (turn < 60) return Staff(service);
  if (turn < 85) return Parked(service);
  if (turn < 93) return MergeOrPart(service);
  if (turn < (calm_ ? 130 : 210)) return Pass();
  return ToCase(service, dice_.Pick(cases_));
}

void Generator::Learn(const Request& request, const runtime::Receipt& receipt) {
  if (receipt.kind != runtime::ReceiptKind::kAccepted) return;
  if (const auto* person =
          std::get_if<runtime::RegisterPerson>(&request.body)) {
    for (size_t i = 0; i < persons_.size(); ++i) {
      if (person->identifiers.front().value == absl::StrCat("p", i)) {
        persons_[i] = {receipt.person, true, persons_[i].case_id};
      }
    }
  } else if (const auto* group = std::get_if<OpenGroup>(&request.body)) {
    groups_.push_back(group->group.id);
  } else if (std::holds_alternative<Command>(request.body)) {
    LearnWord(receipt);
  } else if (std::holds_alternative<runtime::NewReferral>(request.body) ||
             std::holds_alternative<Adopt>(request.body)) {
    if (std::find(cases_.begin(), cases_.end(), receipt.case_id) ==
        cases_.end()) {
      cases_.push_back(receipt.case_id);
    }
  }
}

Request Generator::Register(size_t person) {
  runtime::RegisterPerson command;
  command.envelope = By(dice_.Chance(50) ? Role::kIntegration : Role::kStaff);
  command.identifiers = {{"urn:test", absl::StrCat("p", person)}};
  if (dice_.Chance(20)) {
    command.identifiers.push_back({"urn:other", absl::StrCat("q", person)});
  }
  if (dice_.Chance(50)) command.personal = "{\"name\":\"invented\"}";
  if (dice_.Chance(persons_[person].registered ? 25 : 8)) {
    command.died = dice_.Chance(90);
  }
  if (dice_.Chance(40)) {
    command.zone = dice_.Chance(50) ? "Europe/Stockholm" : "America/New_York";
  }
  const bool died = command.died.value_or(false);
  Request request = Of(std::move(command));
  // Whoever registers a death may have a clock that is wrong.
  if (died && dice_.Chance(40)) {
    request.now = now_ + Minutes(static_cast<int64_t>(dice_.Below(6000)) -
                                 (dice_.Chance(80) ? 6000 : 0));
  } else if (died && dice_.Chance(5)) {
    request.now = now_ + WallDays(static_cast<int64_t>(dice_.Below(400)));
  }
  return request;
}

Request Generator::Arrive() {
  const size_t who = dice_.Below(patients_);
  if (!persons_[who].registered || dice_.Chance(8)) {
    return Register(dice_.Chance(70) ? who : dice_.Below(persons_.size()));
  }
  runtime::NewReferral command;
  command.envelope = By(dice_.Chance(90) ? Role::kIntegration : Role::kPatient);
  command.person = persons_[who].id;
  const auto& routes = protocol_->routes;
  command.route =
      dice_.Chance(3) ? "by_owl" : routes[dice_.Below(routes.size())].id;
  command.referral.received_at = now_;
  command.referral.wait_from =
      now_ - WallDays(static_cast<int64_t>(dice_.Below(10)));
  if (dice_.Chance(50)) command.referral.referrer = "practitioner/7";
  if (dice_.Chance(70)) {
    // Some senders repeat an identifier.
    command.key = runtime::PersonReference{
        "urn:sender", absl::StrCat(dice_.Below(2 + commands_))};
  }
  if (dice_.Chance(8)) command.referral.ended_as = engine::EndedAs::kRevoked;
  if (dice_.Chance(50)) command.referral.documents = {"referral_letter"};
  for (uint64_t n = dice_.Below(3); n > 0; --n) {
    command.referral.papers.push_back(Paper());
    command.referral.documents.push_back(command.referral.papers.back().kind);
  }
  if (dice_.Chance(10)) command.zone = "Asia/Tokyo";
  for (const std::string& purpose : protocol_->purposes) {
    if (dice_.Chance(70)) {
      command.consents.emplace_back(purpose, dice_.Chance(80));
    }
  }
  if (dice_.Chance(40)) {
    engine::FactValue age;
    age.kind = engine::FactValue::Kind::kInteger;
    age.number = static_cast<int64_t>(dice_.Below(90));
    command.facts.emplace_back("age", age);
  }
  return Of(std::move(command));
}

Request Generator::Staff(runtime::Runtime& service) {
  const size_t known = service.service().staff.size();
  const size_t who = known < kStaff ? known : dice_.Below(kStaff);
  if (known >= kStaff && IsReviewTime()) return Batch();
  if (known >= kStaff && dice_.Chance(75)) {
    SetLeave leave;
    leave.envelope = By(Role::kStaff);
    leave.staff = StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 2)));
    leave.leave.from = now_ + Hours(static_cast<int64_t>(dice_.Below(96)));
    leave.leave.to = leave.leave.from +
                     Hours(static_cast<int64_t>(dice_.Below(24 * 20)) - 2);
    if (dice_.Chance(50)) {
      leave.leave.cover =
          StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 1)));
    }
    return Of(std::move(leave));
  }
  if (known >= kStaff && dice_.Chance(30)) return Batch();
  if (known >= kStaff && dice_.Chance(30)) return Acting();
  AddStaff add;
  add.envelope = By(Role::kStaff);
  add.staff.reference = absl::StrCat("staff", who);
  for (const protocol::Pool& pool : protocol_->pools) {
    if (dice_.Chance(60)) add.staff.pools.push_back(pool.id);
  }
  if (dice_.Chance(3)) add.staff.pools.push_back("no_such_pool");
  AddGifts(add.staff);
  return Of(std::move(add));
}

Request Generator::Parked(runtime::Runtime& service) {
  const size_t parked = service.service().parked.size();
  if (parked > 0 && dice_.Chance(50)) {
    SettleParked settle;
    settle.envelope = By(dice_.Chance(90) ? Role::kStaff : Role::kPatient);
    settle.parked = static_cast<uint32_t>(dice_.Below(parked + 1));
    if (dice_.Chance(50)) settle.filed_to = dice_.Pick(cases_);
    if (dice_.Chance(70)) {
      const auto& outcomes = protocol_->risk.outcomes;
      settle.outcome = protocol_->outcomes[dice_.Pick(outcomes).value];
    }
    return Of(std::move(settle));
  }
  runtime::ParkInput park;
  park.envelope = By(Role::kPatient);
  park.receipt = Named("receipt");
  park.raw = absl::StrCat("{\"what\":", commands_, "}");
  park.code = "unknown_case";
  park.reason = "there is no such case";
  park.risk = static_cast<engine::Answer3>(dice_.Below(3));
  return Of(std::move(park));
}

Request Generator::Pass() {
  Advance advance;
  const uint64_t how = dice_.Below(100);
  const auto minutes = [&](uint64_t n) {
    return Minutes(static_cast<int64_t>(dice_.Below(n)));
  };
  if (how < 40) {
    now_ = now_ + (how < 10 ? Seconds(1 + how) : minutes(600));
  } else if (how < 75) {
    now_ = now_ + minutes(3 * 24 * 60);
  } else if (how < 93) {
    now_ = now_ + minutes(8 * 24 * 60);
  } else if (how < 99) {
    now_ = now_ + minutes(30 * 24 * 60);
  } else {
    now_ = now_ + WallDays(61) + minutes(304 * 24 * 60);
    advance.catch_up = true;
  }
  return Of(advance);
}

Request Generator::ToCase(runtime::Runtime& service, CaseId id) {
  const auto loaded = service.LoadCase(id);
  if (!loaded.ok()) return Pass();  // the checks will say so
  const CaseState& state = *loaded->state;
  protocol_ = loaded->protocol;
  Command command;
  command.case_id = id;
  if (!(dice_.Chance(calm_ ? 97 : 55) && NextStep(state, command)))
    AnyStep(state, command);
  Request request = Of(std::move(command));
  Disturb(state, request);
  return request;
}

bool Generator::NextStep(const CaseState& state, Command& command) {
  std::vector<engine::CommandBody> steps;
  std::vector<Role> roles;
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const engine::ItemState& item = state.items[i];
    if (!IsOpenItem(item)) continue;
    const bool of_related = item.owner.kind == engine::OwnerKind::kRelated;
    roles.push_back(of_related               ? Role::kIntegration
                    : item.owner.IsPatient() ? Role::kPatient
                                             : Role::kStaff);
    steps.push_back(StepOf(state, i));
  }
  for (uint32_t i = 0; i < state.alerts.size(); ++i) {
    if (state.alerts[i].stage == engine::AlertStage::kClosed) continue;
    roles.push_back(Role::kStaff);
    steps.push_back(AlertStep(state, i));
  }
  AddMessages(state, roles, steps);
  for (const engine::PendingEffectState& effect : state.pending_effects) {
    if (!dice_.Chance(30)) continue;
    roles.push_back(Role::kIntegration);
    steps.push_back(engine::SettleEffect{effect.effect, dice_.Chance(90), ""});
  }
  if (steps.empty()) return false;
  const size_t chosen = dice_.Below(steps.size());
  command.body = steps[chosen];
  command.envelope = By(roles[chosen]);
  command.envelope.reason = "the next step";
  return true;
}

engine::CommandBody Generator::StepOf(const CaseState& state, uint32_t index) {
  const engine::ItemState& item = state.items[index];
  const Element& element = protocol_->at(item.key.element);
  if (item.owner.IsPatient()) {
    if (element.kind == ItemKind::kQuestionnaire && dice_.Chance(92)) {
      return Answers(element.instrument, true);
    }
    return engine::PatientItem{item.key.element, dice_.Chance(80), "", {}, {}};
  }
  engine::WorkItem work;
  work.element = item.key.element;
  if (dice_.Chance(80)) work.occurrence = item.key.occurrence;
  if (state.SignOf(index) != nullptr) {
    work.action =
        dice_.Chance(70) ? engine::ItemVerb::kSign : engine::ItemVerb::kReturn;
    return work;
  }
  AddChecklist(work);
  if (work.element == protocol_->risk.missing_element) {
    work.outcome = dice_.Pick(protocol_->risk.outcomes);
  }
  work.minutes = static_cast<int32_t>(dice_.Below(90));
  if (element.kind == ItemKind::kDecision) {
    work.outcome = dice_.Pick(element.outcomes);
  }
  if (!element.fact.IsNone()) {
    engine::FactValue value = AnyFact();
    value.kind = protocol_->at(element.fact).kind;
    work.fact = value;
  }
  if (element.booking != nullptr && dice_.Chance(90)) {
    return BookingStep(state, index);
  }
  if (element.kind == ItemKind::kAppointment) {
    if (const auto step = AppointmentStep(item)) return *step;
  }
  return work;
}

engine::HandleAlert Generator::AlertStep(const CaseState& state,
                                         uint32_t alert) {
  engine::HandleAlert step;
  step.alert = alert;
  switch (state.alerts[alert].stage) {
    case engine::AlertStage::kRaised:
      step.action = engine::AlertVerb::kAcknowledge;
      break;
    case engine::AlertStage::kAcknowledged:
      step.action = engine::AlertVerb::kAssess;
      step.outcome = dice_.Pick(protocol_->risk.outcomes);
      break;
    default:
      step.action = dice_.Chance(70) ? engine::AlertVerb::kClose
                                     : engine::AlertVerb::kReviewedUnchanged;
      step.until = now_ + Hours(static_cast<int64_t>(dice_.Below(24 * 40)));
  }
  step.minutes = static_cast<int32_t>(dice_.Below(60));
  return step;
}

engine::SubmitResponse Generator::Answers(protocol::InstrumentRef which,
                                          bool sensible) {
  engine::SubmitResponse response;
  response.instrument = which;
  response.response_id = Named("r");
  if (!response_ids_.empty() && dice_.Chance(sensible ? 3 : 15)) {
    response.response_id = dice_.Pick(response_ids_);  // an amendment
  } else if (dice_.Chance(2)) {
    response.response_id.clear();
  } else {
    response_ids_.push_back(response.response_id);
  }
  if (which.IsNone()) return response;
  const instruments::Instrument& instrument = *protocol_->at(which).instrument;
  const uint64_t mood = dice_.Below(4);
  for (uint16_t i = 0; i < instrument.items().size(); ++i) {
    const instruments::Item& item = instrument.items()[i];
    if (dice_.Chance(sensible ? 2 : 20)) continue;  // missing
    engine::GivenAnswer answer;
    answer.item = i;
    if (item.kind == instruments::ItemKind::kText ||
        item.kind == instruments::ItemKind::kDate) {
      answer.text = "2001-02-03";
    } else {
      const instruments::ValueSet& set = instrument.value_sets()[item.values];
      const uint64_t range = static_cast<uint64_t>(set.max - set.min) + 1;
      answer.number =
          set.min + static_cast<int64_t>(mood == 0 ? 0 : dice_.Below(range));
      if (item.id == "age" && dice_.Chance(80)) answer.number = 34;
      if (item.id == "parallel_therapy" && dice_.Chance(70)) answer.number = 0;
      if (item.id == "problem" && dice_.Chance(80)) answer.number = 1;
    }
    if (!sensible && dice_.Chance(10)) {
      answer.number = static_cast<int64_t>(dice_.Below(1'000'000)) - 500'000;
    } else if (!sensible && dice_.Chance(5)) {
      answer.number.reset();
      answer.text = "rather not";
    }
    response.answers.push_back(std::move(answer));
  }
  if (!sensible && dice_.Chance(10)) {
    response.answers.push_back({0xFFFF, 3, "", "no_such_item"});
    response.problems = {"no_such_item: there is no such item"};
  }
  return response;
}

engine::FactValue Generator::AnyFact() {
  engine::FactValue value;
  value.kind = static_cast<engine::FactValue::Kind>(1 + dice_.Below(4));
  value.number = static_cast<int64_t>(dice_.Below(3));
  if (value.kind == engine::FactValue::Kind::kText) value.text = "text";
  return value;
}

void Generator::AnyStep(const CaseState& state, Command& command) {
  const uint64_t turn = dice_.Below(100);
  if (turn >= 88) {
    AtTheDoor(state, command);
  } else if (turn < 40) {
    Patient(state, command);
  } else if (turn < 70) {
    StaffWork(state, command);
  } else {
    Other(state, command);
  }
}

void Generator::Patient(const CaseState& state, Command& command) {
  command.envelope = By(Role::kPatient);
  const uint64_t turn = dice_.Below(100);
  if (turn < 55) {
    engine::SubmitResponse response = Answers(
        AnySymbol<protocol::InstrumentRef>(protocol_->instruments.size()),
        dice_.Chance(50));
    if (dice_.Chance(20)) {
      response.element = AnySymbol<ElementId>(protocol_->elements.size());
    }
    command.body = std::move(response);
  } else if (turn < 75) {
    engine::PatientItem item;
    item.element = AnySymbol<ElementId>(protocol_->elements.size());
    item.done = dice_.Chance(60);
    if (dice_.Chance(20)) item.percent = static_cast<uint8_t>(dice_.Below(101));
    if (dice_.Chance(20)) {
      item.seconds = static_cast<uint32_t>(dice_.Below(10'000));
    }
    if (dice_.Chance(30)) item.draft = dice_.Chance(20) ? "" : "so far";
    if (dice_.Chance(5)) item.unread = {{{"/mood", "1"}}, {"no member"}, "k"};
    item.name = "as given";
    command.body = item;
  } else {
    engine::ReceiveMessage message;
    message.message_id = Named("m");
    if (!state.messages.empty() && dice_.Chance(15)) {
      message.message_id = dice_.Pick(state.messages).id;
    } else if (dice_.Chance(3)) {
      message.message_id.clear();
    }
    message.body_key = "body";
    command.body = message;
  }
}

void Generator::StaffWork(const CaseState& state, Command& command) {
  command.envelope = By(dice_.Chance(85)   ? Role::kStaff
                        : dice_.Chance(50) ? Role::kPatient
                                           : Role::kIntegration);
  if (dice_.Chance(15) && SeatInGroup(command)) return;
  const uint64_t turn = dice_.Below(100);
  ElementId element = AnySymbol<ElementId>(protocol_->elements.size());
  if (!state.items.empty() && dice_.Chance(60)) {
    // Rather one of the latest.
    const size_t last = std::min<size_t>(state.items.size(), 8);
    element =
        state.items[state.items.size() - 1 - dice_.Below(last)].key.element;
  }
  if (turn < 15 && !protocol_->programs.empty()) {
    command.body = AnyEnrolment();
  } else if (turn < 60) {
    engine::WorkItem work;
    work.element = element;
    work.action = static_cast<engine::ItemVerb>(1 + dice_.Below(14));
    work.outcome = AnySymbol<protocol::OutcomeId>(protocol_->outcomes.size());
    if (dice_.Chance(60)) {
      work.minutes = static_cast<int32_t>(dice_.Below(1600)) - 40;
    }
    if (dice_.Chance(20)) {
      work.occurrence = static_cast<uint16_t>(dice_.Below(4));
    }
    if (dice_.Chance(30)) work.fact = AnyFact();
    if (work.action >= engine::ItemVerb::kRelease) AddOwnership(work);
    AddChecklist(work);
    command.body = work;
  } else if (turn < 75) {
    engine::ChangeAppointment change;
    change.element = element;
    change.action = static_cast<engine::AppointmentVerb>(1 + dice_.Below(6));
    change.mode = static_cast<protocol::ContactMode>(dice_.Below(5));
    if (dice_.Chance(20)) {
      change.slot = absl::StrCat("slot", dice_.Below(40));
    } else if (dice_.Chance(20) && !groups_.empty()) {
      change.group = dice_.Pick(groups_);
    }
    change.starts_at =
        now_ + Hours(static_cast<int64_t>(dice_.Below(24 * 10)) - 24);
    command.body = change;
  } else {
    engine::HandleAlert handle;
    handle.alert = static_cast<uint32_t>(dice_.Below(state.alerts.size() + 1));
    handle.action = static_cast<engine::AlertVerb>(1 + dice_.Below(4));
    handle.outcome = AnySymbol<protocol::OutcomeId>(protocol_->outcomes.size());
    handle.until = now_ + Hours(static_cast<int64_t>(dice_.Below(400)) - 20);
    command.body = handle;
  }
}

void Generator::Other(const CaseState& state, Command& command) {
  command.envelope = By(dice_.Chance(80)   ? Role::kStaff
                        : dice_.Chance(50) ? Role::kPatient
                                           : Role::kIntegration);
  switch (dice_.Below(10)) {
    case 0: {
      engine::CloseMessage close;
      if (!state.messages.empty()) {
        close.message_id = dice_.Pick(state.messages).id;
      }
      command.body = close;
      return;
    }
    case 1: {
      engine::SendMessage send;
      send.message_id = Named("s");
      if (!state.messages.empty() && dice_.Chance(70)) {
        send.answers = dice_.Pick(state.messages).id;
      } else if (dice_.Chance(20)) {
        send.answers = "no such message";
      }
      command.body = send;
      return;
    }
    case 2:
      command.body = AnyAssignment();
      return;
    case 3:
      command.body = engine::PauseCase{
          now_ + Hours(static_cast<int64_t>(
                           dice_.Below(dice_.Chance(90) ? 24 * 30 : 24 * 400)) -
                       24)};
      return;
    case 4:
      command.body = engine::ResumeCase{};
      return;
    case 5:
      command.body = AnyFactRecord();
      return;
    case 6:
      command.body = AnyConsent(state);
      return;
    case 7:
    case 8: {
      command.body = AnyVoid(state);
      return;
    }
    default: {
      engine::SettleEffect settle;
      settle.effect = dice_.Below(99);
      if (!state.pending_effects.empty() && dice_.Chance(90)) {
        settle.effect = dice_.Pick(state.pending_effects).effect;
      }
      settle.delivered = dice_.Chance(70);
      if (!settle.delivered) settle.detail = "no such number";
      command.envelope.actor.role = Role::kIntegration;
      command.body = settle;
    }
  }
}

void Generator::Disturb(const CaseState& state, Request& request) {
  Command& command = std::get<Command>(request.body);
  if (dice_.Chance(20)) {
    command.person = state.person;
    if (dice_.Chance(5)) command.person = PersonId(4711);
  }
  if (dice_.Chance(10)) {
    command.expected_version = state.version - (dice_.Chance(20) ? 1 : 0);
  }
  if (dice_.Chance(3)) {
    request.now =
        request.now - Minutes(static_cast<int64_t>(dice_.Below(6000)));
  } else if (dice_.Chance(1) && dice_.Chance(30)) {
    // Somebody's clock is wrong by minutes, or by years.
    request.now = request.now + Minutes(static_cast<int64_t>(dice_.Below(
                                    dice_.Chance(50) ? 600 : 2'000'000)));
  }
}

}  // namespace stepwell::testing
