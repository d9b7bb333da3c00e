#include "property/walker_support.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/fingerprint.h"
#include "base/time_text.h"
#include "engine/apply.h"
#include "engine/decide.h"
#include "engine/invariants.h"
#include "service/projection.h"
#include "service/world.h"
#include "wire/record.h"

namespace stepwell::testing {

using engine::CaseState;
using engine::CommandBody;
using engine::Event;
using engine::Role;

namespace {

constexpr const char* kNames[Walker::kLetters] = {
    "answers",         "risk",  "module",    "done",
    "last outcome",    "skip",  "a is true", "a is false",
    "pause or resume", "alert", "message",   "1 hour",
    "1 day",           "8 days"};
constexpr int kFirstTime = 11;

// The first open item of the patient, or of staff.
const engine::ItemState* OpenItem(const CaseState& state, bool of_patient) {
  for (const engine::ItemState& item : state.items) {
    if (engine::IsOpen(item.status) && item.owner.IsPatient() == of_patient) {
      return &item;
    }
  }
  return nullptr;
}

// The next step of the first alert that is not closed.
std::optional<CommandBody> AlertStep(const protocol::Protocol& protocol,
                                     const CaseState& state) {
  for (uint32_t i = 0; i < state.alerts.size(); ++i) {
    engine::HandleAlert step;
    step.alert = i;
    switch (state.alerts[i].stage) {
      case engine::AlertStage::kClosed:
        continue;
      case engine::AlertStage::kRaised:
        step.action = engine::AlertVerb::kAcknowledge;
        break;
      case engine::AlertStage::kAcknowledged:
        step.action = engine::AlertVerb::kAssess;
        step.outcome = protocol.risk.outcomes.front();
        break;
      default:
        step.action = engine::AlertVerb::kClose;
    }
    return step;
  }
  return std::nullopt;
}

}  // namespace

Walker::Walker(std::shared_ptr<const protocol::Protocol> protocol,
               std::vector<int> alphabet)
    : protocol_(std::move(protocol)), alphabet_(std::move(alphabet)) {
  engine::StaffState staff;
  staff.reference = "tess";
  staff.pools = {"team"};
  service_.staff.push_back(staff);
}

std::string Walker::Begin(Node& root) {
  root.now = *ParseInstant("2026-03-02T09:00:00Z");
  engine::ReceiveReferral referral;
  referral.person = PersonId(7);
  referral.referral.id = ReferralId(8);
  referral.referral.route = protocol_->FindRoute("self");
  referral.referral.received_at = root.now;
  referral.referral.wait_from = root.now;
  std::string wrong =
      Submit(referral, Role::kIntegration, /*advance=*/false, root);
  return wrong.empty() ? "" : absl::StrCat(wrong, "\n", Story(root));
}

std::string Walker::Walk(int depth) {
  Node root;
  std::string wrong = Begin(root);
  return wrong.empty() ? Visit(root, depth) : wrong;
}

std::string Walker::Follow(std::span<const uint8_t> letters) {
  Node node;
  std::string wrong = Begin(node);
  if (!wrong.empty()) return wrong;
  for (const uint8_t letter : letters) {
    absl::StrAppend(&word_, word_.empty() ? "" : ", ",
                    kNames[letter % kLetters]);
    wrong = Do(letter % kLetters, node);
    if (!wrong.empty()) return absl::StrCat(wrong, "\n", Story(node));
  }
  return "";
}

std::string Walker::Visit(const Node& node, int depth) {
  ++words_;
  if (depth == 0) return "";
  for (const int letter : alphabet_) {
    Node next = node;
    const size_t length = word_.size();
    absl::StrAppend(&word_, word_.empty() ? "" : ", ", kNames[letter]);
    const std::string wrong = Do(letter, next);
    if (!wrong.empty()) return absl::StrCat(wrong, "\n", Story(next));
    std::string further = Visit(next, depth - 1);
    if (!further.empty()) return further;
    word_.resize(length);
  }
  return "";
}

std::string Walker::Do(int letter, Node& node) {
  constexpr Duration kTimes[] = {Hours(1), WallDays(1), WallDays(8)};
  if (letter >= kFirstTime) return Pass(kTimes[letter - kFirstTime], node);
  auto body = BodyOf(letter, node);
  if (!body) return "";  // there is nothing to do it to
  const bool patient = letter <= 2 || letter == 10;
  return Submit(*std::move(body), patient ? Role::kPatient : Role::kStaff,
                /*advance=*/false, node);
}

engine::SubmitResponse Walker::Answers(int each, int risk) const {
  engine::SubmitResponse response;
  response.instrument = protocol_->FindInstrument("phq9");
  response.response_id = absl::StrCat("r", commands_);
  for (uint16_t i = 0; i < 9; ++i) {
    engine::GivenAnswer answer;
    answer.item = i;
    answer.number = i == 8 ? risk : each;
    response.answers.push_back(answer);
  }
  return response;
}

std::optional<CommandBody> Walker::BodyOf(int letter, const Node& node) {
  const CaseState& state = node.state;
  engine::WorkItem work;
  work.minutes = 5;
  const engine::ItemState* const of_staff = OpenItem(state, false);
  switch (letter) {
    case 0:
      return Answers(1, 0);
    case 1:
      return Answers(2, 2);
    case 2:
      for (const engine::ItemState& item : state.items) {
        if (engine::IsOpen(item.status) && item.owner.IsPatient() &&
            protocol_->at(item.key.element).kind ==
                protocol::ItemKind::kModule) {
          return engine::PatientItem{item.key.element, true, "", {}, {}};
        }
      }
      return std::nullopt;
    case 3:
    case 4: {
      if (of_staff == nullptr) return std::nullopt;
      work.element = of_staff->key.element;
      work.occurrence = of_staff->key.occurrence;
      const auto& outcomes = protocol_->at(work.element).outcomes;
      if (work.element == protocol_->risk.missing_element) {
        work.outcome = protocol_->risk.outcomes.front();
      } else if (!outcomes.empty()) {
        work.outcome = letter == 3 ? outcomes.front() : outcomes.back();
      }
      return work;
    }
    case 5: {
      if (state.items.empty()) return std::nullopt;
      const engine::ItemState* item = of_staff;
      if (item == nullptr) item = OpenItem(state, true);
      if (item == nullptr) item = &state.items.front();
      work.element = item->key.element;
      work.occurrence = item->key.occurrence;
      work.action = engine::ItemVerb::kSkip;
      return work;
    }
    case 6:
    case 7: {
      engine::RecordFact fact{protocol_->FindFact("a"), {}};
      fact.value.kind = engine::FactValue::Kind::kBoolean;
      fact.value.number = letter == 6 ? 1 : 0;
      return fact;
    }
    case 8:
      if (state.paused_at) return engine::ResumeCase{};
      return engine::PauseCase{node.now + WallDays(5)};
    case 9:
      return AlertStep(*protocol_, state);
    default: {
      engine::ReceiveMessage message;
      message.message_id = absl::StrCat("m", commands_);
      return message;
    }
  }
}

std::string Walker::Submit(CommandBody body, Role role, bool advance,
                           Node& node) {
  engine::Command command;
  command.envelope.command_id = absl::StrCat("c", ++commands_);
  command.envelope.actor.role = role;
  if (role == Role::kStaff) command.envelope.actor.staff = StaffId(1);
  command.envelope.reason = "the walk";
  command.case_id = CaseId(9);
  const bool patient = role == Role::kPatient;
  command.body = std::move(body);
  const service::ServiceWorld world(*protocol_, service_, caseloads_);
  const CaseState before = node.state;
  auto decided =
      engine::Decide(*protocol_, node.state, world, command, node.now);
  if (!decided.ok()) return decided.status().ToString();
  if (decided->rejection) {
    ++refused_;
    if (patient) {
      return "2: patient input was rejected as " + decided->rejection->code;
    }
    return decided->state == before ? ""
                                    : "rejected, and the state has changed";
  }
  node.state = std::move(decided->state);
  return Check(before, decided->events, advance, node);
}

std::string Walker::Check(const CaseState& before,
                          const std::vector<Event>& events, bool advance,
                          Node& node) {
  events_ += events.size();
  CaseState folded = before;
  for (const Event& event : events) {
    engine::Apply(event, folded);
    node.log.push_back(std::visit(
        [&](const auto& e) { return absl::StrCat(event.seq, " ", e.kName); },
        event.body));
  }
  if (wire::EncodeState(folded) != wire::EncodeState(node.state)) {
    return "8: what the log folds to is not the state";
  }
  const auto broken =
      engine::BrokenInvariants(*protocol_, node.state, node.now);
  if (!broken.empty()) return absl::StrJoin(broken, "; ");
  const auto projection = service::Project(
      *protocol_, service::ShareOf(*protocol_, before), events, node.state);
  for (const uint32_t ordinal : projection.clocks_removed) {
    node.clocks.erase(ordinal);
  }
  for (const service::ClockDue& clock : projection.clocks_set) {
    node.clocks[clock.ordinal] = clock.next_due;
  }
  std::string wrong =
      node.watch.Take(*protocol_, events, advance, node.effects);
  return wrong.empty() ? node.watch.Compare(node.state) : wrong;
}

std::string Walker::Pass(Duration time, Node& node) {
  node.now = node.now + time;
  for (int fired = 0; fired < 1'000; ++fired) {
    const auto next = std::min_element(
        node.clocks.begin(), node.clocks.end(),
        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (next == node.clocks.end() || next->second > node.now) return "";
    const Instant due = next->second;
    const uint32_t ordinal = next->first;
    std::string wrong = Submit(engine::FireClock{ordinal, due}, Role::kSystem,
                               /*advance=*/false, node);
    if (!wrong.empty()) return wrong;
    const auto after = node.clocks.find(ordinal);
    if (after != node.clocks.end() && after->second == due) {
      return "4: a clock that is due does not fire";
    }
  }
  return "4: the clocks never come to rest";
}

std::string Walker::Story(const Node& node) const {
  return absl::StrCat("after: ", word_, "\n", absl::StrJoin(node.log, "\n"));
}

}  // namespace stepwell::testing
