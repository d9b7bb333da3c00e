// Commands as JSON texts: read, brought to the right stream, answered. Patient
// input that fits nowhere is parked; everything else that is wrong is an error.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/command_parts.h"
#include "host/names.h"
#include "host/service_impl.h"
#include "json/lenient.h"
#include "service/command_names.h"
#include "service/sight.h"
#include "wire/command_json.h"
#include "wire/event_json.h"
#include "wire/members.h"

namespace stepwell::host {

using runtime::Receipt;
using runtime::ReceiptKind;
using wire::CommandHead;

namespace {

// Why input is parked that names a key twice.
constexpr char kAmbiguous[] = "repeated_key";

// Where a patient's input belongs: a case, or nowhere and why.
struct Target {
  CaseId case_id;
  std::string code, reason;  // set when it belongs nowhere
};

Target Nowhere(std::string code, std::string reason) {
  return {CaseId(), std::move(code), std::move(reason)};
}

absl::StatusOr<std::optional<PersonId>> FindSelected(
    runtime::Runtime& runtime, const wire::PersonSelector& person) {
  if (person.id.value == 0) {
    return runtime.FindPerson(ToReference(person.identifier));
  }
  const auto known = runtime.LoadPerson(person.id);
  return std::optional<PersonId>(known.ok() ? known->id : person.id);
}

// Also of who was merged into the person.
absl::StatusOr<bool> IsOf(runtime::Runtime& runtime,
                          const engine::CaseState& state, PersonId person) {
  const absl::StatusOr<bool> one = runtime.AreOne(state.person, person);
  return one.status().code() == absl::StatusCode::kNotFound ? false : one;
}

absl::StatusOr<Target> FindTarget(runtime::Runtime& runtime,
                                  const CommandHead& head) {
  std::optional<PersonId> person;
  if (head.person) {
    STEPWELL_ASSIGN_OR_RETURN(person, FindSelected(runtime, *head.person));
    if (!person) {
      return Nowhere("unknown_person", "no such person is registered");
    }
  }
  if (head.case_id) {
    const auto loaded = runtime.CachedCase(*head.case_id);
    if (loaded.status().code() == absl::StatusCode::kNotFound) {
      return Nowhere("unknown_case", "there is no such case");
    }
    STEPWELL_RETURN_IF_ERROR(loaded.status());
    if (person) {
      STEPWELL_ASSIGN_OR_RETURN(const bool theirs,
                                IsOf(runtime, *loaded->state, *person));
      if (!theirs) {
        return Nowhere(
            "wrong_person",
            "the case belongs to another person than the input names");
      }
    }
    return Target{*head.case_id, "", ""};
  }
  if (!head.case_text.empty()) {
    return Nowhere("unknown_case",
                   absl::StrCat("\"", head.case_text, "\" is no case"));
  }
  if (!person) {
    return Nowhere("no_subject", "the input names no case and no person");
  }
  const auto state = runtime.LoadPerson(*person);
  if (state.status().code() == absl::StatusCode::kNotFound) {
    return Nowhere("unknown_person", "no such person is registered");
  }
  STEPWELL_RETURN_IF_ERROR(state.status());
  if (state->case_id.value == 0) {
    return Nowhere("no_case", "the person has no case in this service");
  }
  return Target{state->case_id, "", ""};
}

absl::StatusOr<Receipt> Park(runtime::Runtime& runtime, const CommandHead& head,
                             json::Value command, const Target& target,
                             const wire::Names& names, Instant now) {
  runtime::ParkInput input;
  input.envelope = head.envelope;
  input.raw = RawOf(head, command);
  input.receipt = head.envelope.command_id;
  input.code = target.code;
  input.reason = target.reason;
  input.risk = wire::ScanRisk(command, names);
  if (target.code == kAmbiguous && input.risk == engine::Answer3::kNo) {
    input.risk = engine::Answer3::kUnknown;
  }
  absl::StatusOr<Receipt> receipt = runtime.Park(input, now);
  if (receipt.status().code() == absl::StatusCode::kAlreadyExists) {
    const std::string& used = head.envelope.command_id;
    // Kept even when the id is one that a live service does not take.
    input.envelope.command_id = DerivedId(
        service::IsSimulated(used) ? "parked/" + used : used, input.raw);
    input.receipt = input.envelope.command_id;
    return runtime.Park(input, now);
  }
  return receipt;
}

// Puts the text of a message, and what could not be read in full, into the
// store and its key into the command; and what was not strict JSON as it was
// sent, under the command's id.
absl::Status KeepText(runtime::Runtime& runtime, const CommandHead& head,
                      json::Value root, const wire::CommandBody& body,
                      engine::Command& command) {
  store::CommitRequest request;
  for (KeptText& kept :
       TextsToKeep(head, root, body.problems, body.text, command)) {
    request.documents.push_back(
        {"raw", std::move(kept.key), std::move(kept.text)});
  }
  if (!head.as_sent.empty()) {
    request.documents.push_back(
        {"raw", "as_sent/" + head.envelope.command_id, head.as_sent});
  }
  if (request.documents.empty()) return absl::OkStatus();
  return runtime.store().Commit(request);
}

// Staff and host: a case must exist, by its id or by its person.
absl::StatusOr<CaseId> RequireCase(runtime::Runtime& runtime,
                                   const CommandHead& head) {
  STEPWELL_ASSIGN_OR_RETURN(const Target target, FindTarget(runtime, head));
  if (target.code.empty()) return target.case_id;
  if (target.code == "wrong_person") {
    return Precondition(absl::StrCat("wrong_person: ", target.reason));
  }
  return NotFound(absl::StrCat(target.code, ": ", target.reason));
}

Receipt Rejected(std::string code, std::string reason) {
  Receipt receipt;
  receipt.kind = ReceiptKind::kRejected;
  receipt.code = std::move(code);
  receipt.reason = std::move(reason);
  return receipt;
}

// A command that names what is not there: the same one may be sent again. But
// under an id that was used before it is another one, and that is said first.
absl::StatusOr<std::optional<Receipt>> RefusalOf(runtime::Runtime& runtime,
                                                 const CommandHead& head,
                                                 const absl::Status& status) {
  std::optional<Receipt> refusal = RefusalIn(head, status);
  if (refusal) {
    STEPWELL_RETURN_IF_ERROR(
        runtime.FindReceipt(head.envelope.command_id, "").status());
  }
  return refusal;
}

absl::StatusOr<PersonId> RequirePerson(runtime::Runtime& runtime,
                                       const CommandHead& head) {
  if (!head.person) {
    return InvalidInput("the command names no person", {"/person", {}});
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto person,
                            FindSelected(runtime, *head.person));
  if (!person) {
    return NotFound("unknown_person: register the person first");
  }
  return *person;
}

uint32_t FindParked(const runtime::Runtime& runtime,
                    const wire::ParkedSelector& selector) {
  if (selector.ordinal) return *selector.ordinal;
  const auto& parked = runtime.service().parked;
  for (uint32_t i = 0; i < parked.size(); ++i) {
    if (parked[i].receipt == selector.receipt) return i;
  }
  return UINT32_MAX;
}

// Filing what would only be parked again doubles it.
bool IsFileable(json::Value raw) {
  const json::Value verb = raw.Find("command");
  return verb.is_string() && wire::IsPatientVerb(verb.string_value());
}

// The parked command again, now to the case that a person named.
// What a key has twice is read as unreadable, and of two lists of answers the
// one that discloses more.
std::string Refiled(json::Value raw, const wire::Names& names, uint32_t ordinal,
                    CaseId target) {
  json::Writer w;
  w.BeginObject();
  w.Key("case").String(CaseText(target));
  w.Key("id").String(
      absl::StrCat("parked/", ordinal, "/",
                   IdToText(DeriveId("refiled", json::Canonical(raw)))));
  for (json::Member& member : json::MembersOf(raw)) {
    if (member.key == "case" || member.key == "id" || member.key == "person") {
      continue;
    }
    if (member.key == "answers") {
      member.values = {wire::RiskiestAnswers(raw, names)};
    }
    w.Key(member.key);
    if (member.values.size() > 1) w.BeginArray();
    for (const json::Value one : member.values) w.Raw(json::Unambiguous(one));
    if (member.values.size() > 1) w.EndArray();
  }
  w.EndObject();
  return w.Take();
}

// Commands that the service handles itself, one overload a verb.
struct ServiceHandler {
  runtime::Runtime& runtime;
  const CommandHead& head;
  Instant now;
  std::string content;  // the command as it came

  absl::StatusOr<Receipt> operator()(const wire::RegisterPerson& body) {
    if (body.died.value_or(false) && IsOutsider()) {
      return Rejected("not_for_role",
                      "a death is registered by staff and host, not by "
                      "patients and referrers");
    }
    std::vector<PersonId> meant;
    for (const wire::Identifier& identifier : body.identifiers) {
      STEPWELL_ASSIGN_OR_RETURN(const auto person,
                                runtime.FindPerson(ToReference(identifier)));
      if (person) meant.push_back(*person);
    }
    STEPWELL_ASSIGN_OR_RETURN(const bool theirs, IsCaseOf(meant));
    if (!theirs) return WrongPerson();
    runtime::RegisterPerson command;
    command.envelope = head.envelope;
    for (const wire::Identifier& identifier : body.identifiers) {
      command.identifiers.push_back(ToReference(identifier));
    }
    command.personal = wire::PersonalJson(body);
    command.died = body.died;
    command.zone = body.zone;
    return runtime.Register(command, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::ReceiveReferral& body) {
    STEPWELL_ASSIGN_OR_RETURN(const PersonId person,
                              RequirePerson(runtime, head));
    STEPWELL_ASSIGN_OR_RETURN(const bool theirs, IsCaseOf({person}));
    if (!theirs) return WrongPerson();
    const runtime::NewReferral command =
        ToNewReferral(head, body, person, content, now);
    return runtime.Refer(command, now);
  }

  absl::StatusOr<Receipt> operator()(const engine::AdoptCase& body) {
    STEPWELL_ASSIGN_OR_RETURN(const PersonId person,
                              RequirePerson(runtime, head));
    STEPWELL_ASSIGN_OR_RETURN(const bool theirs, IsCaseOf({person}));
    if (!theirs) return WrongPerson();
    return runtime.Adopt(head.envelope, person, body, content, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::MergePersons& body) {
    if (IsOutsider()) return NotForPersons();
    STEPWELL_ASSIGN_OR_RETURN(const PersonId person,
                              RequirePerson(runtime, head));
    STEPWELL_ASSIGN_OR_RETURN(const auto merged,
                              FindSelected(runtime, body.merged));
    if (!merged) {
      return NotFound("unknown_person: `merged` names nobody registered");
    }
    STEPWELL_ASSIGN_OR_RETURN(const bool theirs, IsCaseOf({person}));
    if (!theirs) return WrongPerson();
    return runtime.MergePersons(head.envelope, person, *merged, content, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::UnmergePersons&) {
    if (IsOutsider()) return NotForPersons();
    std::optional<PersonId> record = head.person->id;
    if (head.person->id == PersonId()) {
      STEPWELL_ASSIGN_OR_RETURN(
          record, runtime.RecordOf(ToReference(head.person->identifier)));
    }
    if (!record) {
      return NotFound("unknown_person: nobody is registered under this name");
    }
    return runtime.UnmergePersons(head.envelope, *record, content, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::AddStaff& body) {
    if (IsOutsider()) return NotForRole();
    engine::StaffState staff;
    staff.reference = body.staff;
    staff.pools = body.pools;
    staff.skills = body.skills;
    staff.languages = body.languages;
    staff.weekly_minutes = body.weekly_minutes;
    staff.caseload_max = body.caseload_max;
    staff.left_at = body.left_at.value_or(Instant::Never());
    staff.new_until = body.new_until;
    staff.starts_at = body.starts_at;
    if (body.cover.value != 0) staff.cover = body.cover;
    staff.share = body.share;
    staff.ramp_up = body.ramp_up;
    staff.calendar = body.calendar;
    staff.sites = body.sites;
    staff.direct_minutes = body.direct_minutes;
    staff.supervision_minutes = body.supervision_minutes;
    staff.admin_minutes = body.admin_minutes;
    return runtime.AddStaff(head.envelope, staff, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::SetLeave& body) {
    if (IsOutsider()) return NotForRole();
    return runtime.SetLeave(head.envelope,
                            runtime.service().FindStaff(body.staff),
                            {body.from, body.to, body.cover}, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::SetSafeMode& body) {
    if (IsOutsider()) {
      return Rejected("not_for_role",
                      "safe mode is switched by staff and host, not by "
                      "patients and referrers");
    }
    return runtime.SetSafeMode(head.envelope, body.on, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::SetActing& body) {
    if (IsOutsider()) return NotForRole();
    engine::DelegationState acting{body.from, body.to, body.of, {}};
    if (!body.pool.empty()) acting.pools.push_back(body.pool);
    return runtime.SetActing(head.envelope, body.staff, std::move(acting), now);
  }

  absl::StatusOr<Receipt> operator()(const wire::ReassignCases& body) {
    if (IsOutsider()) return NotForRole();
    return runtime.ReassignCases(
        head.envelope, {body.from, body.to, body.pool, body.over_limits}, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::DrawReviews& body) {
    if (IsOutsider()) {
      return Rejected("not_for_role",
                      "reviews of staff are drawn by staff and host");
    }
    return runtime.DrawReviews(head.envelope, body.first, now);
  }

  absl::StatusOr<Receipt> operator()(const wire::OpenGroup& body) {
    if (IsOutsider()) return NotForRole();
    return runtime.OpenGroup(
        head.envelope,
        {body.group, body.kind, body.starts_at, body.minimum, body.places},
        now);
  }

  absl::StatusOr<Receipt> operator()(const wire::CallOffGroup& body) {
    if (IsOutsider()) return NotForRole();
    return runtime.CallOffGroup(head.envelope, body.group, now);
  }

  // A case that is named beside a person is that person's.
  absl::StatusOr<bool> IsCaseOf(const std::vector<PersonId>& persons) const {
    if (!head.case_id) return true;
    const auto loaded = runtime.CachedCase(*head.case_id);
    if (loaded.status().code() == absl::StatusCode::kNotFound) {
      return NotFound("unknown_case: there is no such case");
    }
    STEPWELL_RETURN_IF_ERROR(loaded.status());
    const engine::CaseState& state = *loaded->state;
    for (const PersonId person : persons) {
      STEPWELL_ASSIGN_OR_RETURN(const bool theirs,
                                IsOf(runtime, state, person));
      if (theirs) return true;
    }
    return false;
  }
  static Receipt WrongPerson() {
    return Rejected("wrong_person",
                    "the case belongs to another person than the command "
                    "names; nothing was filed");
  }

  static Receipt NotForPersons() {
    return Rejected("not_for_role",
                    "who is one person is for staff and host to say, not for "
                    "patients and referrers");
  }

  bool IsOutsider() const {
    return engine::IsOutsider(head.envelope.actor.role);
  }
  Receipt NotForRole() const {
    return Rejected("not_for_role", ForStaffText(head.verb));
  }

  // Filed by FileParkedInput: it sends the parked command again.
  absl::StatusOr<Receipt> operator()(const wire::FileParked&) {
    return Internal("parked input is filed elsewhere");
  }

  absl::StatusOr<Receipt> operator()(const wire::DismissParked& body) {
    return runtime.SettleParked(
        head.envelope,
        {FindParked(runtime, body.parked), CaseId(), body.outcome}, now);
  }
};

}  // namespace

wire::Names NamesFor(runtime::Runtime& runtime,
                     const protocol::Protocol* protocol,
                     const engine::CaseState* state) {
  wire::Names names;
  names.protocol = protocol;
  names.state = state;
  names.zone = protocol == nullptr ? nullptr : protocol->zone;
  names.staff_pools = [&runtime]() -> std::vector<std::string> {
    const auto versions = runtime.Versions();
    if (!versions.ok()) return {};
    return service::PoolsOf(*versions);
  };
  names.staff_name = [&runtime](StaffId id) {
    return runtime.service().StaffName(id);
  };
  names.find_staff = [&runtime](std::string_view reference) {
    return runtime.service().FindStaff(reference);
  };
  names.find_person = [&runtime](const std::string& system,
                                 const std::string& value) {
    const auto found = runtime.FindPerson({system, value});
    return found.ok() && *found ? **found : PersonId();
  };
  return names;
}

Reply ServiceImpl::ToReply(const std::string& command_id,
                           const Receipt& receipt) {
  if (receipt.show_now.IsNone()) return ReplyOf(command_id, receipt, nullptr);
  const auto protocol = runtime_->ProtocolOf(receipt.protocol);
  return ReplyOf(command_id, receipt,
                 protocol.ok() ? protocol->get() : nullptr);
}

absl::StatusOr<Reply> ServiceImpl::Submit(std::string_view command_json,
                                          Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return SubmitLocked(command_json, now);
}

absl::StatusOr<Reply> ServiceImpl::SubmitLocked(std::string_view command_json,
                                                Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const wire::CommandText text,
                            wire::ReadCommandText(command_json));
  return SubmitText(text, now);
}

absl::StatusOr<Reply> ServiceImpl::SubmitText(
    const wire::CommandText& text, Instant now,
    const std::optional<engine::Waited>& waited) {
  const json::Value root = text.document.root();
  STEPWELL_ASSIGN_OR_RETURN(CommandHead head, wire::ReadCommandHead(text));
  wire::Names names = NamesFor(*runtime_, runtime_->current().get(), nullptr);
  if (!wire::ResolveHead(head, names).ok()) {
    // Somebody else may have registered them.
    STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
    STEPWELL_RETURN_IF_ERROR(wire::ResolveHead(head, names));
  }
  if (head.envelope.command_id.empty()) {
    // A patient's command without an id is named by what it says.
    head.envelope.command_id = DerivedId("patient", json::Canonical(root));
  }
  if (text.ambiguous) return ParkAmbiguous(head, root, now);
  const std::string& id = head.envelope.command_id;
  if (wire::IsServiceVerb(head.verb)) {
    STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
    return SubmitToService(head, root, names, now);
  }
  if (head.verb == engine::SettleEffect::kVerb && !head.case_id &&
      !head.person) {
    return SettleServiceEffect(head, root, now);
  }
  STEPWELL_ASSIGN_OR_RETURN(Target target, FindTarget(*runtime_, head));
  if (head.from_patient && !wire::IsPatientVerb(head.verb)) {
    target = Nowhere("unknown_command",
                     "it is not said what the patient sends: `command` is " +
                         (head.verb.empty() ? "missing" : head.verb));
  }
  if (!target.code.empty()) {
    if (head.from_patient) {
      STEPWELL_ASSIGN_OR_RETURN(
          const Receipt receipt,
          Park(*runtime_, head, root, target, names, now));
      return ToReply(receipt.receipt, receipt);
    }
    if (target.code == "wrong_person") {
      return ToReply(id, Rejected(target.code, target.reason));
    }
    return NotFound(absl::StrCat(target.code, ": ", target.reason));
  }
  return SubmitForCase(head, root, target.case_id, now, waited);
}

absl::StatusOr<Reply> ServiceImpl::SubmitToService(const CommandHead& head,
                                                   json::Value root,
                                                   const wire::Names& names,
                                                   Instant now) {
  const std::string& id = head.envelope.command_id;
  const auto body = wire::ReadServiceBody(head, root, names);
  STEPWELL_ASSIGN_OR_RETURN(const auto refused,
                            RefusalOf(*runtime_, head, body.status()));
  if (refused) return ToReply(id, *refused);
  STEPWELL_RETURN_IF_ERROR(body.status());
  if (const auto* file = std::get_if<wire::FileParked>(&*body)) {
    return FileParkedInput(head, *file, now);
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const Receipt receipt,
      std::visit(ServiceHandler{*runtime_, head, now, json::Canonical(root)},
                 *body));
  return ToReply(id, receipt);
}

// Not even whose case it is can be said for certain.
absl::StatusOr<Reply> ServiceImpl::ParkAmbiguous(const CommandHead& head,
                                                 json::Value root,
                                                 Instant now) {
  const Target nowhere =
      Nowhere(kAmbiguous, "which value was meant cannot be said: " +
                              absl::StrJoin(head.problems, "; "));
  const auto names = NamesFor(*runtime_, runtime_->current().get(), nullptr);
  STEPWELL_ASSIGN_OR_RETURN(const Receipt receipt,
                            Park(*runtime_, head, root, nowhere, names, now));
  return ToReply(receipt.receipt, receipt);
}

absl::StatusOr<Reply> ServiceImpl::SubmitForCase(
    const CommandHead& head, json::Value root, CaseId case_id, Instant now,
    const std::optional<engine::Waited>& waited) {
  const std::string& id = head.envelope.command_id;
  STEPWELL_ASSIGN_OR_RETURN(const runtime::Runtime::Loaded loaded,
                            runtime_->CachedCase(case_id));
  const std::shared_ptr<const protocol::Protocol> pin = loaded.protocol;
  const wire::Names names = NamesFor(*runtime_, pin.get(), loaded.state);
  auto read = wire::ReadCommandBody(head, root, names);
  if (RefusalIn(head, read.status())) {
    // Another process may have registered them.
    STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
    read = wire::ReadCommandBody(head, root, names);
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto refused,
                            RefusalOf(*runtime_, head, read.status()));
  if (refused) return ToReply(id, *refused);
  STEPWELL_ASSIGN_OR_RETURN(wire::CommandBody body, std::move(read));
  engine::Command command;
  command.envelope = head.envelope;
  command.case_id = case_id;
  command.body = std::move(body.body);
  command.waited = waited;
  if (!head.from_patient) command.expected_version = head.expected_version;
  STEPWELL_RETURN_IF_ERROR(KeepText(*runtime_, head, root, body, command));
  absl::StatusOr<Receipt> receipt = runtime_->SubmitToCase(command, now);
  if (absl::IsAborted(receipt.status())) {
    STEPWELL_ASSIGN_OR_RETURN(const runtime::Runtime::Loaded again,
                              runtime_->LoadCase(case_id));
    // It went over to another version meanwhile: read in the names of that.
    if (again.protocol->hash != pin->hash) {
      return SubmitForCase(head, root, case_id, now, waited);
    }
  }
  if (receipt.status().code() == absl::StatusCode::kAlreadyExists &&
      head.from_patient) {
    const bool simulated = service::IsSimulated(head.envelope.command_id);
    const Target used = Nowhere(
        "command_id_used",
        simulated ? "the command id is one of a simulation"
                  : "the command id was used before with other content");
    STEPWELL_ASSIGN_OR_RETURN(const Receipt parked,
                              Park(*runtime_, head, root, used, names, now));
    return ToReply(parked.receipt, parked);
  }
  if (!receipt.ok() && head.from_patient &&
      !absl::IsUnavailable(receipt.status())) {
    // Nothing a patient sends is lost because the case cannot take it now.
    const Target undecided =
        Nowhere("not_decided", std::string(receipt.status().message()));
    STEPWELL_ASSIGN_OR_RETURN(
        const Receipt parked,
        Park(*runtime_, head, root, undecided, names, now));
    return ToReply(parked.receipt, parked);
  }
  STEPWELL_RETURN_IF_ERROR(receipt.status());
  return ToReply(id, *receipt);
}

// What was parked goes to its case as the patient's own command: its risk is
// looked at like any other. Only then is the parked entry settled.
absl::StatusOr<Reply> ServiceImpl::FileParkedInput(const CommandHead& head,
                                                   const wire::FileParked& body,
                                                   Instant now) {
  const std::string& id = head.envelope.command_id;
  STEPWELL_ASSIGN_OR_RETURN(const CaseId target, RequireCase(*runtime_, head));
  const uint32_t ordinal = FindParked(*runtime_, body.parked);
  const engine::ParkedSettled settled = {ordinal, target, ""};
  // A refusal stands: sent again, it does not take the input in after all.
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> before,
                            runtime_->SettledBefore(head.envelope, settled));
  if (before) return ToReply(id, *before);
  const auto& parked = runtime_->service().parked;
  const bool may = ordinal < parked.size() && parked[ordinal].open &&
                   head.envelope.actor.role == engine::Role::kStaff &&
                   !head.envelope.reason.empty();
  if (may) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto raw,
        runtime_->store().GetDocument("raw", parked[ordinal].raw_key));
    if (!raw) return Corrupt("the text of a parked input is missing");
    auto document = json::Parse(*raw);
    if (document.ok() && document->root().Find("resourceType")) {
      STEPWELL_ASSIGN_OR_RETURN(
          const Receipt filed,
          FileParkedFhir(engine::ParkedState(parked[ordinal]), *raw, target,
                         now));
      if (filed.kind != ReceiptKind::kAccepted) return ToReply(id, filed);
    } else {
      STEPWELL_ASSIGN_OR_RETURN(
          const Reply filed,
          SubmitRefiled(id, std::move(document), *raw, ordinal, target, now));
      if (filed.kind != Reply::Kind::kAccepted) return filed;
    }
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const Receipt receipt,
      runtime_->SettleParked(head.envelope, settled, now));
  return ToReply(id, receipt);
}

absl::StatusOr<Reply> ServiceImpl::SubmitRefiled(
    const std::string& id, absl::StatusOr<json::Document> strict,
    std::string_view raw, uint32_t ordinal, CaseId target, Instant now) {
  absl::StatusOr<wire::CommandText> read =
      strict.ok() ? wire::CommandText{*std::move(strict), "", {}, false}
                  : wire::ReadCommandText(raw);
  STEPWELL_RETURN_IF_ERROR(read.status());
  wire::CommandText text = *std::move(read);
  if (!IsFileable(text.document.root())) {
    return ToReply(id, Rejected("not_fileable",
                                "the parked text does not say what the patient "
                                "does: enter it as the patient's own input, "
                                "then dismiss this with a reason"));
  }
  text.ambiguous = false;  // a person has looked
  const auto names = NamesFor(*runtime_, runtime_->current().get(), nullptr);
  STEPWELL_ASSIGN_OR_RETURN(
      text.document,
      json::Parse(Refiled(text.document.root(), names, ordinal, target)));
  return SubmitText(text, now, WaitedAs(runtime_->service().parked[ordinal]));
}

// The effect when it still waits in the outbox.
absl::StatusOr<std::optional<store::PendingEffect>> ServiceImpl::FindEffect(
    uint64_t effect) {
  constexpr size_t kPage = 1000;
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const auto page,
                              runtime_->store().PendingEffects(after, kPage));
    for (const store::PendingEffect& pending : page) {
      if (pending.row.effect == effect) return std::optional(pending);
      after = pending.position;
    }
    if (page.size() < kPage) return std::optional<store::PendingEffect>();
  }
}

// Effects about parked input belong to no case: they leave the outbox.
absl::StatusOr<Reply> ServiceImpl::SettleServiceEffect(const CommandHead& head,
                                                       json::Value root,
                                                       Instant now) {
  if (engine::IsOutsider(head.envelope.actor.role)) {
    return ToReply(head.envelope.command_id,
                   Rejected("not_for_role",
                            "settle_effect is for staff and host, not for "
                            "patients and referrers"));
  }
  const json::Value effect = root.Find("effect");
  uint64_t id = 0;
  if (!effect.is_string() || !IdFromText(effect.string_value(), &id)) {
    return InvalidInput("expected the `effect_id` of the outbox",
                        {"/effect", {}});
  }
  const Fingerprint print = FingerprintOf(json::Canonical(root));
  const std::string content(reinterpret_cast<const char*>(print.bytes.data()),
                            print.bytes.size());
  const std::string& command_id = head.envelope.command_id;
  STEPWELL_ASSIGN_OR_RETURN(const auto earlier,
                            runtime_->FindReceipt(command_id, content));
  if (earlier) return ToReply(command_id, *earlier);
  // An effect of a case is settled in its case, which waits for it.
  STEPWELL_ASSIGN_OR_RETURN(const auto word, FindEffect(id));
  if (word && word->stream.kind == store::StreamKind::kCase) {
    return ToReply(command_id,
                   Rejected("case_required",
                            absl::StrCat("the effect belongs to case ",
                                         CaseText(CaseId(word->stream.id)),
                                         ": name it in `case`")));
  }
  if (!word) {
    STEPWELL_ASSIGN_OR_RETURN(
        const Receipt receipt,
        runtime_->Remember(Rejected("effect_settled",
                                    "no such effect is waiting for an answer"),
                           command_id, content, {id}));
    return ToReply(command_id, receipt);
  }
  const json::Value delivered = root.Find("delivered");
  const bool failed = delivered.is_bool() && !delivered.bool_value();
  STEPWELL_ASSIGN_OR_RETURN(
      const Receipt receipt,
      runtime_->SettleParkedWord(head.envelope, content, word->row, !failed,
                                 now));
  return ToReply(command_id, receipt);
}

}  // namespace stepwell::host
