#include "property/driver_support.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "engine/apply.h"
#include "engine/caseload.h"
#include "engine/decide.h"
#include "service/world.h"
#include "wire/record.h"

namespace stepwell::testing {

using runtime::Receipt;
using runtime::ReceiptKind;

namespace {

constexpr size_t kSentMax = 300;
constexpr size_t kDueMax = 1'000'000;
constexpr char kStart[] = "2026-03-02T09:00:00Z";

bool IsPatientInput(const Request& request) {
  const engine::Command* command = request.command();
  return command != nullptr &&
         (std::holds_alternative<engine::SubmitResponse>(command->body) ||
          std::holds_alternative<engine::PatientItem>(command->body) ||
          std::holds_alternative<engine::ReceiveMessage>(command->body));
}

bool IsDeath(const Request& request) {
  const auto* person = std::get_if<runtime::RegisterPerson>(&request.body);
  return person != nullptr && person->died.value_or(false);
}

bool IsRisk(const Request& request) {
  const engine::Command* command = request.command();
  return command != nullptr &&
         std::holds_alternative<engine::FlagRisk>(command->body);
}

std::string EncodeAll(const std::vector<engine::Event>& events) {
  std::string bytes;
  for (const engine::Event& event : events) {
    bytes += wire::EncodeEvent(event);
  }
  return bytes;
}

}  // namespace

Driver::Driver(const DriverOptions& options,
               std::unique_ptr<store::Store> store)
    : options_(options),
      protocol_(ProtocolNamed(options.protocol)),
      dice_(options.seed ^ 0x5EED, options.service) {
  const Instant start = *ParseInstant(kStart);
  auto created =
      runtime::Runtime::Create(std::move(store), "property", protocol_, start);
  if (!created.ok()) std::abort();
  runtime_ = std::move(*created);
  generator_ = std::make_unique<Generator>(
      protocol_, SecondVersionOf(options.protocol), options.seed,
      options.service, options.persons, start, options.calm);
}

std::string Driver::Story() {
  return absl::StrCat("STEPWELL_PROPERTY_SEED=", options_.seed,
                      " STEPWELL_PROPERTY_SERVICE=", options_.service, " (",
                      options_.protocol, "), request ", steps_, " (",
                      last_verb_, ")\n", CompactLog(*runtime_, touched_, 60));
}

std::string Driver::Step() {
  ++steps_;
  if (steps_ % 13 == 0 && !sent_.empty()) return Repeat();
  if (steps_ % 97 == 0 && !sent_.empty()) return RepeatChanged();
  const Request request = generator_->Next(*runtime_);
  last_verb_ = VerbOf(request);
  std::string wrong = Perform(request);
  if (wrong.empty() && steps_ % options_.scan_every == 0) {
    wrong = CheckIndexes(*runtime_, generator_->cases());
  }
  return wrong;
}

std::string Driver::Perform(const Request& request) {
  std::string before;
  if (const engine::Command* command = request.command()) {
    touched_ = command->case_id;
    before = Fingerprint();
    if (dice_.Chance(25)) {
      std::string wrong = DecideTwice(request);
      if (!wrong.empty()) return wrong;
    }
  }
  const absl::StatusOr<Receipt> receipt = Send(*runtime_, request);
  if (!receipt.ok()) {
    receipts_.push_back(receipt.status().ToString());
    std::string wrong = AfterFailure(request, receipt.status());
    if (wrong.empty() && request.command() && Fingerprint() != before) {
      wrong = "an error has changed the case";
    }
    return wrong;
  }
  receipts_.push_back(Bytes(*receipt));
  generator_->Learn(request, *receipt);
  if (request.IsCommand()) {
    Sent sent{request, Bytes(*receipt)};
    if (sent_.size() < kSentMax) {
      sent_.push_back(std::move(sent));
    } else {
      sent_[dice_.Below(kSentMax)] = std::move(sent);
    }
  }
  std::string wrong = request.IsCommand() ? SendAgain(request, *receipt) : "";
  if (!wrong.empty()) return wrong;
  if (receipt->kind == ReceiptKind::kRejected) {
    ++seen_["rejected " + receipt->code];
    if (request.command() && Fingerprint() != before) {
      return absl::StrCat("rejected as ", receipt->code,
                          ", and the case has changed");
    }
  }
  return AfterCommand(request, *receipt);
}

std::string Driver::AfterFailure(const Request& request,
                                 const absl::Status& status) {
  const engine::Command* command = request.command();
  const bool stale = command != nullptr && command->expected_version &&
                     status.code() == absl::StatusCode::kAborted;
  const bool ahead = status.code() == absl::StatusCode::kFailedPrecondition &&
                     IsTooFarAhead(request);
  if (ahead) ++seen_["refused clock_ahead"];
  return stale || ahead ? ""
                        : absl::StrCat(last_verb_, ": ", status.ToString());
}

// The clocks were not advanced for so long that the time cannot be believed.
bool Driver::IsTooFarAhead(const Request& request) {
  const auto last = runtime_->LastAdvance();
  return last.ok() && !request.IsAdvance() && !IsPatientInput(request) &&
         !IsDeath(request) && !IsRisk(request) &&
         request.now - *last > WallDays(60);
}

std::string Driver::AfterCommand(const Request& request,
                                 const Receipt& receipt) {
  if (receipt.repeated) return "6: a new command is called a repeated one";
  if (IsTooFarAhead(request)) return "14: a time far ahead was believed";
  if (const engine::Command* command = request.command();
      command != nullptr && receipt.kind == ReceiptKind::kAccepted) {
    if (command->person && *command->person != receipt.person) {
      return "13: filed under another person than the one named";
    }
    if (command->expected_version &&
        *command->expected_version != watches_[command->case_id].version()) {
      return "7: a command that saw another version was accepted";
    }
  }
  if (receipt.code == "clock_behind") {
    const auto last = runtime_->LastAdvance();
    if (!last.ok() || *last - request.now <= Minutes(5)) {
      return "14: locked out by a time that is not confirmed";
    }
  }
  if (IsPatientInput(request) && receipt.kind == ReceiptKind::kRejected &&
      receipt.code != "wrong_person") {
    return absl::StrCat("2: patient input was rejected as ", receipt.code);
  }
  // A death is told to the person's case.
  if (std::holds_alternative<runtime::RegisterPerson>(request.body)) {
    std::string wrong = IsDeath(request) ? CheckDeath(receipt) : "";
    return wrong.empty() ? CheckChanged(false) : wrong;
  }
  // A change of the version, a batch, and what cases hear of persons and parked
  // input.
  if (std::holds_alternative<ChangeVersion>(request.body) ||
      std::holds_alternative<Reassign>(request.body) ||
      std::holds_alternative<Draw>(request.body) ||
      std::holds_alternative<Merge>(request.body) ||
      std::holds_alternative<Unmerge>(request.body) ||
      std::holds_alternative<SettleParked>(request.body)) {
    return CheckChanged(false);
  }
  if (receipt.kind != ReceiptKind::kRejected) NoteAbsence(request);
  if (!request.IsAdvance()) {
    touched_ = receipt.case_id.value != 0 ? receipt.case_id : touched_;
    if (receipt.case_id.value == 0 || receipt.kind == ReceiptKind::kRejected) {
      return "";
    }
    if (std::holds_alternative<CallOffGroup>(request.body)) {
      return CheckChanged(false);
    }
    return CheckTouched(receipt.case_id, false);
  }
  std::string wrong = CheckChanged(true);
  if (wrong.empty()) wrong = CheckDue(request.now);
  return wrong.empty()
             ? owners_.Returns(*runtime_, request.now, seen_[kKeptOverLeave])
             : wrong;
}

void Driver::NoteAbsence(const Request& request) {
  if (const auto* leave = std::get_if<SetLeave>(&request.body)) {
    owners_.Leaves(leave->staff, leave->leave.to);
  } else if (const auto* entry = std::get_if<AddStaff>(&request.body)) {
    const engine::ServiceState& service = runtime_->service();
    owners_.Leaves(service.FindStaff(entry->staff.reference),
                   entry->staff.left_at);
  }
}

// What is due has fired, but for what waits for the end of safe mode: never
// what is about a risk, a message or parked input.
std::string Driver::CheckDue(Instant now) {
  if (!IsSafe()) {
    const auto next = runtime_->store().NextDue();
    return next.ok() && *next > now
               ? ""
               : "4: a deadline that has passed did not fire";
  }
  const auto due = runtime_->store().DueClocks(now, kDueMax);
  if (!due.ok()) return due.status().ToString();
  for (const store::DueClock& clock : *due) {
    if (clock.stream.kind == store::StreamKind::kService) {
      return "4: parked input waits for the end of safe mode";
    }
    if (clock.stream.kind != store::StreamKind::kCase) continue;
    const auto loaded = runtime_->LoadCase(CaseId(clock.stream.id));
    if (!loaded.ok()) return loaded.status().ToString();
    const auto& clocks = loaded->state->clocks;
    const bool watches = std::any_of(
        clocks.begin(), clocks.end(), [&](const engine::ClockState& held) {
          return held.ordinal == clock.clock &&
                 (held.subject.kind == engine::SubjectKind::kAlert ||
                  held.subject.kind == engine::SubjectKind::kMessage);
        });
    if (watches) {
      touched_ = CaseId(clock.stream.id);
      return "1: a ladder waits for the end of safe mode";
    }
  }
  return "";
}

// What happens by itself, and must not in safe mode.
std::string Driver::ByItself(const std::vector<engine::Event>& events) {
  for (const engine::Event& event : events) {
    const auto* decided = std::get_if<engine::DecisionRecorded>(&event.body);
    if (decided != nullptr && decided->automatic &&
        decided->outcome != protocol::kUndetermined) {
      return "4: a decision by data in safe mode";
    }
    const auto* admitted = std::get_if<engine::CaseAdmitted>(&event.body);
    if (admitted != nullptr && !admitted->by_person) {
      return "4: let in by itself in safe mode";
    }
  }
  return "";
}

std::string Driver::CheckDeath(const Receipt& receipt) {
  if (receipt.kind == ReceiptKind::kRejected) {
    return receipt.code == "identifier_conflict"
               ? ""
               : "3: a death was refused as " + receipt.code;
  }
  const auto person = runtime_->LoadPerson(receipt.person);
  if (!person.ok()) return person.status().ToString();
  if (!person->died_at) return "3: a death was accepted and not noted";
  if (person->case_id.value == 0) return "";
  const auto loaded = runtime_->LoadCase(person->case_id);
  if (!loaded.ok()) return loaded.status().ToString();
  touched_ = person->case_id;
  return loaded->state->died_at ? ""
                                : "3: a case does not know of the death that "
                                  "was registered";
}

// Looks at every case that has gone on.
std::string Driver::CheckChanged(bool advance) {
  std::vector<CaseId> changed;
  for (CaseId id : generator_->cases()) {
    const auto loaded = runtime_->LoadCase(id);
    if (!loaded.ok()) return loaded.status().ToString();
    if (loaded->state->version != watches_[id].version()) changed.push_back(id);
  }
  for (CaseId id : changed) {
    touched_ = id;
    std::string wrong = CheckTouched(id, advance, changed.size() == 1);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string Driver::CheckTouched(CaseId id, bool advance, bool alone) {
  std::string wrong = CheckCase(*runtime_, id, generator_->now());
  if (!wrong.empty()) return wrong;
  CaseWatch& watch = watches_[id];
  const auto events = runtime_->ReadEvents(id, watch.version() + 1, 1'000'000);
  if (!events.ok()) return events.status().ToString();
  for (const engine::Event& event : *events) {
    ++seen_[std::visit([](const auto& e) { return std::string(e.kName); },
                       event.body)];
  }
  engine::CaseState& folded = folded_[id];
  const engine::CaseState before = folded;
  for (const engine::Event& event : *events) engine::Apply(event, folded);
  // CheckCase has compared the state in memory with the stored row.
  if (wire::EncodeState(folded) !=
      wire::EncodeState(*runtime_->LoadCase(id)->state)) {
    return "8: what the log folds to is not the stored row";
  }
  const auto of_case = runtime_->LoadCase(id)->protocol;
  if (before.Exists() && before.protocol != folded.protocol) {
    const auto was = runtime_->ProtocolOf(before.protocol);
    if (!was.ok()) return was.status().ToString();
    seen_[kOtherWeight] +=
        service::ShareOf(**was, before).staff.value != 0 &&
        engine::WeightOf(**was, before) != engine::WeightOf(*of_case, folded);
  }
  if (ComesToNobody(*of_case, *events)) {
    return "2: a message came to somebody who is of its pool no more";
  }
  wrong = IsSafe() ? ByItself(*events) : "";
  if (!wrong.empty()) return wrong;
  // Of several the caseload is seen after the last.
  if (!advance && alone && IsBeyondLimit(before, folded, *of_case, *events)) {
    return "7: somebody was given a case beyond their limit";
  }
  wrong = owners_.Take(id, *events, runtime_->LoadCase(id)->state->owner);
  if (!wrong.empty()) return wrong;
  wrong = watch.Take(*of_case, *events, advance, effects_);
  if (!wrong.empty()) return wrong;
  wrong = watch.Compare(*runtime_->LoadCase(id)->state);
  if (!wrong.empty()) return wrong;
  return steps_ % 20 == 0 ? CheckReplay(*runtime_, id) : "";
}

// A patient's word is put on the list of somebody whom it is no work of.
bool Driver::ComesToNobody(const protocol::Protocol& protocol,
                           const std::vector<engine::Event>& events) {
  const service::Caseloads nobody;
  const service::ServiceWorld world(protocol, runtime_->service(), nobody);
  return std::any_of(
      events.begin(), events.end(), [&](const engine::Event& event) {
        const auto* got = std::get_if<engine::MessageReceived>(&event.body);
        return got != nullptr && got->owner.staff.value != 0 &&
               !engine::StandsBehind(protocol, world, got->owner.pool,
                                     got->owner.staff, event.recorded);
      });
}

// Of one command: somebody has got the case, or has it back, and has no room
// for what it weighs after it. A level of guidance that changes moves nobody.
bool Driver::IsBeyondLimit(const engine::CaseState& before,
                           const engine::CaseState& after,
                           const protocol::Protocol& protocol,
                           const std::vector<engine::Event>& events) {
  const engine::CaseAssigned* given = nullptr;
  bool back = false;
  for (const engine::Event& event : events) {
    back |= std::holds_alternative<engine::EpisodeOpened>(event.body);
    if (const auto* one = std::get_if<engine::CaseAssigned>(&event.body)) {
      seen_[kChosenAgain] += given != nullptr && one->owner != given->owner;
      given = one;
    }
  }
  const bool had = before.Exists() && !before.IsClosed() &&
                   before.owner.staff == after.owner.staff;
  if ((given == nullptr && !back) || had || after.IsClosed() ||
      after.owner.staff.value == 0) {
    return false;
  }
  if (given != nullptr &&
      std::count(given->passed.begin(), given->passed.end(), "caseload_full")) {
    ++seen_[kPassedLimit];
    return false;
  }
  // Of such a batch others may have come after this one.
  if (last_verb_ == kOverLimits) return false;
  service::Caseloads caseloads;
  const auto counters = runtime_->store().Counters("");
  if (!counters.ok()) return true;
  for (const auto& [name, value] : *counters) caseloads.Take(name, value);
  const service::ServiceWorld world(protocol, runtime_->service(), caseloads);
  return !engine::HasRoom(world, after.owner.pool, after.owner.staff, 0,
                          events.back().recorded);
}

// The versions and rows of what the last command was about.
std::string Driver::Fingerprint() {
  const auto row =
      runtime_->store().LoadState({store::StreamKind::kCase, touched_.value});
  return row.ok() && *row ? absl::StrCat((*row)->version, (*row)->bytes) : "";
}

std::string Driver::Repeat() {
  const Sent& sent = sent_[dice_.Below(sent_.size())];
  last_verb_ = "again: " + VerbOf(sent.request);
  Request request = sent.request;
  request.now = generator_->now();  // at any later time
  if (request.command()) touched_ = request.command()->case_id;
  return SendRepeated(request, sent.receipt);
}

std::string Driver::SendAgain(const Request& request, const Receipt& first) {
  const CaseId touched = touched_;
  if (first.case_id.value != 0) touched_ = first.case_id;
  const std::string before = Fingerprint();
  std::string wrong = SendRepeated(request, Bytes(first));
  if (wrong.empty() && Fingerprint() != before) {
    wrong = "6: sent twice, and the case has changed again";
  }
  if (wrong.empty()) touched_ = touched;
  return wrong;
}

std::string Driver::SendRepeated(const Request& request,
                                 const std::string& first) {
  const auto before = runtime_->store().Info();
  const absl::StatusOr<Receipt> receipt = Send(*runtime_, request);
  if (!receipt.ok()) return "6: " + receipt.status().ToString();
  if (!receipt->repeated) return "6: a repeated command is called new";
  if (Bytes(*receipt) != first) return "6: another receipt";
  const auto after = runtime_->store().Info();
  if (!before.ok() || !after.ok() || before->records != after->records ||
      before->clocks != after->clocks || before->work != after->work ||
      before->outbox != after->outbox) {
    return "6: a repeated command has changed something";
  }
  return "";
}

std::string Driver::RepeatChanged() {
  Request request = sent_[dice_.Below(sent_.size())].request;
  last_verb_ = "with other content: " + VerbOf(request);
  EnvelopeOf(request)->reason += ", or so";
  request.now = generator_->now();
  const absl::StatusOr<Receipt> receipt = Send(*runtime_, request);
  return receipt.status().code() == absl::StatusCode::kAlreadyExists
             ? ""
             : "6: other content under a used id: " +
                   receipt.status().ToString();
}

std::string Driver::DecideTwice(const Request& request) {
  const engine::Command& command = *request.command();
  const auto loaded = runtime_->LoadCase(command.case_id);
  if (!loaded.ok()) return loaded.status().ToString();
  service::Caseloads caseloads;
  const auto counters = runtime_->store().Counters("");
  if (!counters.ok()) return counters.status().ToString();
  for (const auto& [name, value] : *counters) caseloads.Take(name, value);
  const service::ServiceWorld world(*loaded->protocol, runtime_->service(),
                                    caseloads);
  const engine::CaseState state = *loaded->state;
  const auto first =
      engine::Decide(*loaded->protocol, state, world, command, request.now);
  const auto second =
      engine::Decide(*loaded->protocol, state, world, command, request.now);
  if (first.status() != second.status()) return "Decide: another status";
  if (!first.ok()) return "";
  if (first->rejection != second->rejection ||
      EncodeAll(first->events) != EncodeAll(second->events) ||
      wire::EncodeState(first->state) != wire::EncodeState(second->state)) {
    return "Decide: the same inputs, another outcome";
  }
  if (first->rejection && !(first->state == state)) {
    return absl::StrCat("Decide: rejected as ", first->rejection->code,
                        ", and the state has changed");
  }
  return "";
}

std::string Driver::Finish() {
  for (CaseId id : generator_->cases()) {
    touched_ = id;
    std::string wrong = CheckReplay(*runtime_, id);
    if (!wrong.empty()) return wrong;
  }
  std::string wrong = CheckIndexes(*runtime_, generator_->cases());
  if (!wrong.empty()) return wrong;
  const absl::Status structure = runtime_->store().CheckStructure();
  return structure.ok() ? "" : structure.ToString();
}

}  // namespace stepwell::testing
