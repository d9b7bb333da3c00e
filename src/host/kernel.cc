// The kernel: one command to one case, decided and handed back. It walks the
// same steps as Runtime::TryCase and TryRefer, with the store left out.
#include "stepwell/kernel.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "engine/decide.h"
#include "engine/declared.h"
#include "engine/migrate.h"
#include "host/command_parts.h"
#include "host/kernel_output.h"
#include "host/kernel_state.h"
#include "host/protocol_impl.h"
#include "host/service_impl.h"
#include "protocol/reader.h"
#include "runtime/rows.h"
#include "service/command_names.h"
#include "service/world.h"
#include "wire/members.h"
#include "wire/record.h"
#include "wire/state_json.h"

namespace stepwell {
namespace host {
namespace {

constexpr int64_t kCaseloadMax = 1'000'000;

// The place in the list, from 1; 0: it does not have them.
StaffId PlaceOf(const KernelWorld& world, const std::string& name) {
  for (uint32_t i = 0; i < world.staff.size(); ++i) {
    if (world.staff[i].staff == name) return StaffId(i + 1);
  }
  return StaffId(0);
}

// The world in the engine's terms.
struct Surroundings {
  engine::ServiceState service;
  service::Caseloads caseloads;

  explicit Surroundings(const KernelWorld& world) {
    service.tenant = world.tenant;
    if (world.safe_mode) service.safe_since = Instant();
    for (const auto& [pool, number] : world.turns) {
      caseloads.Take(service::TurnCounter(pool), number);
    }
    for (const KernelStaff& member : world.staff) {
      engine::StaffState staff{member.staff, member.pools, {}};
      for (const KernelLeave& leave : member.leave) {
        staff.leave.push_back(
            {leave.from, leave.to, PlaceOf(world, leave.cover)});
      }
      if (!member.cover.empty()) staff.cover = PlaceOf(world, member.cover);
      staff.skills = member.skills;
      staff.languages = member.languages;
      staff.sites = member.sites;
      staff.caseload_max = member.caseload_max;
      staff.left_at = member.left_at;
      staff.new_until = member.new_until;
      if (member.starts_at != Instant{}) staff.starts_at = member.starts_at;
      staff.share = member.share;
      for (const auto& [until, limit] : member.ramp_up) {
        staff.ramp_up.push_back({until, limit});
      }
      staff.calendar = member.calendar;
      for (const KernelActing& acting : member.acting) {
        staff.delegations.push_back(
            {acting.from, acting.to, PlaceOf(world, acting.of), acting.pools});
      }
      service.staff.push_back(std::move(staff));
      caseloads.Set(StaffId(static_cast<uint32_t>(service.staff.size())),
                    {member.caseload, member.weight});
    }
  }
};

wire::Names NamesIn(const engine::ServiceState& service,
                    const protocol::Protocol& protocol,
                    const engine::CaseState* state) {
  wire::Names names;
  names.protocol = &protocol;
  names.state = state;
  names.zone = protocol.zone;
  names.staff_name = [&service](StaffId id) { return service.StaffName(id); };
  names.find_staff = [&service](std::string_view reference) {
    return service.FindStaff(reference);
  };
  // The register is the host's: the id follows from the identifier.
  names.find_person = [](const std::string& system, const std::string& value) {
    return runtime::PersonOf({system, value});
  };
  return names;
}

// A command that was read, and what goes with it.
struct Ready {
  engine::Command command;
  std::vector<KeptText> texts;
};

absl::StatusOr<PersonId> PersonIn(const wire::CommandHead& head) {
  if (!head.person) {
    return InvalidInput("the command names no person", {"/person", {}});
  }
  if (head.person->id.value != 0) return head.person->id;
  return runtime::PersonOf(ToReference(head.person->identifier));
}

// {"command": "fire_clock", "clock": 3}
absl::StatusOr<Ready> ReadFireClock(json::Value root,
                                    const engine::CaseState& state) {
  wire::Members m(root, /*lenient=*/false);
  m.Get("command");
  m.Need("clock", "its number, as clocks_set gave it");
  const auto number = m.Integer("clock", 0, UINT32_MAX);
  m.Finish();
  STEPWELL_RETURN_IF_ERROR(m.status());
  const auto ordinal = static_cast<uint32_t>(number.value_or(0));
  const Instant due = runtime::DueOf(state, ordinal);
  Ready ready;
  ready.command.case_id = state.id;
  ready.command.envelope.command_id = absl::StrCat(
      "clock/", IdToText(state.id.value), "/", ordinal, "/", due.us);
  ready.command.body = engine::FireClock{ordinal, due};
  return ready;
}

absl::StatusOr<Ready> ReadReferral(const wire::CommandHead& head,
                                   json::Value root, const wire::Names& names,
                                   const engine::CaseState& state,
                                   const std::string& tenant, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const wire::ServiceBody body,
                            wire::ReadServiceBody(head, root, names));
  STEPWELL_ASSIGN_OR_RETURN(const PersonId person, PersonIn(head));
  const runtime::NewReferral referral =
      ToNewReferral(head, std::get<wire::ReceiveReferral>(body), person,
                    json::Canonical(root), now);
  engine::ReceiveReferral decided =
      runtime::ToReferral(*names.protocol, referral, now);
  Ready ready;
  ready.command.envelope = head.envelope;
  ready.command.case_id =
      state.Exists() ? state.id : runtime::CaseOf(person, tenant);
  ready.command.person = person;
  ready.command.body = std::move(decided);
  return ready;
}

absl::Status NoCaseYet() {
  return InvalidInput(
      "there is no case yet: receive_referral or adopt_case opens one",
      {"/command", {}});
}

// What a case is told when its person is registered anew: a death, a zone.
absl::StatusOr<Ready> ReadPersonNews(const wire::CommandHead& head,
                                     json::Value root, const wire::Names& names,
                                     const engine::CaseState& state) {
  if (!state.Exists()) return NoCaseYet();
  STEPWELL_ASSIGN_OR_RETURN(const wire::ServiceBody body,
                            wire::ReadServiceBody(head, root, names));
  const auto& person = std::get<wire::RegisterPerson>(body);
  Ready ready;
  ready.command.envelope = head.envelope;
  ready.command.case_id = state.id;
  ready.command.person =
      runtime::PersonOf(ToReference(person.identifiers.front()));
  for (const wire::Identifier& identifier : person.identifiers) {
    const PersonId named = runtime::PersonOf(ToReference(identifier));
    if (named == state.person) ready.command.person = named;
  }
  if (person.died.value_or(false)) {
    ready.command.body = engine::NoteDeath{};
  } else if (!person.zone.empty()) {
    ready.command.body = engine::NoteZone{person.zone};
  } else {
    return InvalidInput(
        "a case is told of its person's death (`\"died\": true`) and `zone`; "
        "the rest of the register is the host's",
        {"/command", {}});
  }
  return ready;
}

absl::StatusOr<Ready> ReadAdoption(const wire::CommandHead& head,
                                   json::Value root, const wire::Names& names,
                                   const std::string& tenant) {
  STEPWELL_ASSIGN_OR_RETURN(const wire::ServiceBody body,
                            wire::ReadServiceBody(head, root, names));
  engine::AdoptCase adopted = std::get<engine::AdoptCase>(body);
  STEPWELL_ASSIGN_OR_RETURN(adopted.person, PersonIn(head));
  runtime::NameReferrals(head.envelope.command_id, adopted);
  Ready ready;
  ready.command.envelope = head.envelope;
  ready.command.case_id = runtime::CaseOf(adopted.person, tenant);
  ready.command.body = std::move(adopted);
  return ready;
}

absl::StatusOr<Ready> ReadForCase(const wire::CommandHead& head,
                                  json::Value root, const wire::Names& names,
                                  const engine::CaseState& state) {
  if (!state.Exists()) return NoCaseYet();
  STEPWELL_ASSIGN_OR_RETURN(wire::CommandBody body,
                            wire::ReadCommandBody(head, root, names));
  Ready ready;
  ready.command.envelope = head.envelope;
  ready.command.case_id = state.id;
  ready.command.body = std::move(body.body);
  if (head.person) {
    STEPWELL_ASSIGN_OR_RETURN(ready.command.person, PersonIn(head));
  }
  if (!head.from_patient)
    ready.command.expected_version = head.expected_version;
  ready.texts =
      TextsToKeep(head, root, body.problems, body.text, ready.command);
  return ready;
}

absl::StatusOr<Ready> ReadCommand(const wire::CommandText& text,
                                  const wire::Names& names,
                                  const engine::CaseState& state,
                                  const std::string& tenant, Instant now) {
  const json::Value root = text.document.root();
  const json::Value verb = root.Find("command");
  if (verb.is_string() && verb.string_value() == engine::FireClock::kVerb) {
    return ReadFireClock(root, state);
  }
  if (text.ambiguous) return wire::ParseCommand(text.as_sent).status();
  STEPWELL_ASSIGN_OR_RETURN(wire::CommandHead head,
                            wire::ReadCommandHead(text));
  STEPWELL_RETURN_IF_ERROR(wire::ResolveHead(head, names));
  if (head.envelope.command_id.empty()) {
    head.envelope.command_id = DerivedId("patient", json::Canonical(root));
  }
  if (service::IsSimulated(head.envelope.command_id)) {
    return absl::AlreadyExistsError(
        "the command id is one of a simulation: nothing live takes it");
  }
  const bool other_case =
      head.case_id && state.Exists() && *head.case_id != state.id;
  if (other_case || !head.case_text.empty()) {
    return InvalidInput(
        absl::StrCat("the command is to another case than ",
                     state.Exists() ? CaseText(state.id) : "a new one"),
        {"/case", {}});
  }
  if (head.verb == engine::ReceiveReferral::kVerb) {
    return ReadReferral(head, root, names, state, tenant, now);
  }
  if (head.verb == "register_person") {
    return ReadPersonNews(head, root, names, state);
  }
  if (head.verb == engine::AdoptCase::kVerb) {
    return ReadAdoption(head, root, names, tenant);
  }
  if (wire::IsServiceVerb(head.verb)) {
    return InvalidInput(
        absl::StrCat(head.verb,
                     " is a command to a service, not to a case: "
                     "its work is the host's here"),
        {"/command", {}});
  }
  return ReadForCase(head, root, names, state);
}

absl::StatusOr<std::vector<engine::Event>> ReadHistory(
    const std::vector<std::string_view>& records, const Ready& ready) {
  std::vector<engine::Event> history;
  const auto* target = std::get_if<engine::VoidEvent>(&ready.command.body);
  if (target == nullptr) return history;
  for (size_t i = 0; i < records.size(); ++i) {
    absl::StatusOr<engine::Event> event = wire::DecodeEvent(records[i]);
    if (!event.ok()) {
      return Annotate(event.status(), absl::StrCat("history record ", i));
    }
    if (const auto* moved = std::get_if<engine::Migrated>(&event->body)) {
      engine::IntoNumbersOf(*moved, history);
    }
    history.push_back(*std::move(event));
  }
  return history;
}

// A command that names what is not there changes nothing.
absl::StatusOr<KernelDecision> Refusal(const protocol::Protocol& protocol,
                                       const wire::CommandText& command,
                                       const absl::Status& why,
                                       const wire::Names& names,
                                       const engine::CaseState& state,
                                       std::string_view state_before,
                                       Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const wire::CommandHead head,
                            wire::ReadCommandHead(command));
  KernelStep step;
  step.command_id = head.envelope.command_id;
  step.receipt = RefusalIn(head, why).value_or(runtime::Receipt());
  step.state = state;
  return Output(protocol, step, names, state_before, now);
}

absl::Status CheckPin(const protocol::Protocol& protocol,
                      const engine::CaseState& state) {
  if (!state.Exists() || state.protocol == protocol.hash) {
    return absl::OkStatus();
  }
  return Precondition(absl::StrCat(
      "the case is pinned to protocol ", ToHex(state.protocol), ", not to ",
      ToHex(protocol.hash), ": compile the document it began with"));
}

// From, and until before.
std::pair<Instant, Instant> ReadRange(wire::Members& members, bool may_be_none,
                                      const char* what) {
  members.Need("from", "a time");
  members.Need("to", "a time");
  const auto from = members.Time("from");
  const auto to = members.Time("to");
  if (from && to && (may_be_none ? *to < *from : *to <= *from)) {
    members.Fail(members.pointer() + "/to",
                 absl::StrCat(what, " ends after it begins"));
  }
  return {from.value_or(Instant{}), to.value_or(Instant{})};
}

KernelLeave ReadLeave(wire::Members& leave, const KernelStaff& staff) {
  KernelLeave read;
  std::tie(read.from, read.to) = ReadRange(leave, false, "a leave");
  read.cover = leave.TextOr("cover");
  for (const KernelLeave& other : staff.leave) {
    if (read.from < other.to && other.from < read.to) {
      leave.Fail(leave.pointer() + "/from",
                 "another leave of theirs meets this one");
    }
  }
  return read;
}

// One that was taken back ends as it begins.
KernelActing ReadActing(wire::Members& acting) {
  KernelActing read;
  acting.Need("for", "whom they act for");
  std::tie(read.from, read.to) = ReadRange(acting, true, "acting for somebody");
  if (read.to > read.from + WallDays(service::kActingDaysMax)) {
    acting.Fail(
        acting.pointer() + "/to",
        absl::StrCat("it ends within ", service::kActingDaysMax, " days"));
  }
  read.of = acting.TextOr("for");
  read.pools = acting.TextList("pools");
  return read;
}

void ReadTerms(wire::Members& s, KernelStaff& staff) {
  wire::StaffTerms terms;
  terms.left_at = s.Time("left_at");
  terms.new_until = s.Time("new_until");
  terms.starts_at = s.Time("starts_at");
  terms.has_cover = !staff.cover.empty();
  staff.left_at = terms.left_at.value_or(Instant::Never());
  staff.new_until = terms.new_until;
  staff.starts_at = terms.starts_at.value_or(Instant{});
  if (const auto share = wire::ReadShare(s)) staff.share = *share;
  const std::vector<engine::RampStep> steps = wire::ReadRampUp(s);
  for (const engine::RampStep& step : steps) {
    staff.ramp_up.emplace_back(step.until, step.caseload_max);
  }
  wire::CheckTerms(terms, steps, s);
}

KernelStaff ReadKernelStaff(wire::Members& s) {
  KernelStaff staff;
  s.Need("staff", "the host's reference of the member");
  staff.staff = s.TextOr("staff");
  staff.pools = s.TextList("pools");
  staff.caseload =
      static_cast<int>(s.Integer("caseload", 0, kCaseloadMax).value_or(0));
  for (json::Value leave : json::Children(s.Get("leave"))) {
    wire::Members one(leave, /*lenient=*/false);
    staff.leave.push_back(ReadLeave(one, staff));
    one.Finish();
    s.Take(one);
  }
  for (json::Value acting : json::Children(s.Get("acting"))) {
    wire::Members one(acting, /*lenient=*/false);
    staff.acting.push_back(ReadActing(one));
    one.Finish();
    s.Take(one);
  }
  staff.skills = s.TextList("skills");
  staff.languages = s.TextList("languages");
  staff.sites = s.TextList("sites");
  staff.calendar = s.TextOr("calendar");
  staff.cover = s.TextOr("cover");
  if (const auto limit = s.Integer("caseload_max", 1, kCaseloadMax)) {
    staff.caseload_max = static_cast<int>(*limit);
  }
  staff.weight = static_cast<int>(
      s.Integer("weight", -kCaseloadMax * 100, kCaseloadMax * 100).value_or(0));
  ReadTerms(s, staff);
  return staff;
}

// Each member is in the list once, and whom they name are in it, too.
class NameCheck {
 public:
  NameCheck(const KernelWorld& world, wire::Members& m) : m_(m) {
    for (size_t i = 0; i < world.staff.size(); ++i) {
      const std::string& name = world.staff[i].staff;
      const std::string pointer = absl::StrCat("/staff/", i, "/staff");
      if (IsBlank(name)) {
        m_.Fail(pointer, "the reference of a member is not empty");
      } else if (!known_.insert(name).second) {
        m_.Fail(pointer, wire::Shown(name) + " is in the list before",
                "cases refer to members by their place in it");
      }
    }
    for (size_t i = 0; i < world.staff.size(); ++i) Check(world.staff[i], i);
  }

 private:
  void Check(const KernelStaff& staff, size_t place) {
    const std::string pointer = absl::StrCat("/staff/", place);
    Need(staff, staff.cover, pointer + "/cover");
    for (size_t i = 0; i < staff.leave.size(); ++i) {
      Need(staff, staff.leave[i].cover,
           absl::StrCat(pointer, "/leave/", i, "/cover"));
    }
    for (size_t i = 0; i < staff.acting.size(); ++i) {
      Need(staff, staff.acting[i].of,
           absl::StrCat(pointer, "/acting/", i, "/for"));
    }
  }
  void Need(const KernelStaff& staff, const std::string& name,
            const std::string& pointer) {
    if (name.empty()) return;
    if (name == staff.staff) {
      m_.Fail(pointer, "nobody does it for themselves");
    } else if (!known_.contains(name)) {
      m_.Fail(pointer, wire::Shown(name) + " is not in `staff`");
    }
  }

  wire::Members& m_;
  std::set<std::string_view> known_;
};

// What the world names and the protocol does not have: nobody is on duty in a
// pool that is misspelt. No error, for another version may have it.
class UnknownNames {
 public:
  UnknownNames(const protocol::Protocol& protocol, const KernelWorld& world) {
    for (const protocol::Pool& pool : protocol.pools) pools_.push_back(pool.id);
    for (const auto& calendar : protocol.calendars) {
      calendars_.push_back(calendar.name);
    }
    for (size_t i = 0; i < world.staff.size(); ++i) {
      const KernelStaff& staff = world.staff[i];
      const std::string at = absl::StrCat("/staff/", i);
      Check(pools_, staff.pools, at, "/pools/");
      for (size_t j = 0; j < staff.acting.size(); ++j) {
        Check(pools_, staff.acting[j].pools, absl::StrCat(at, "/acting/", j),
              "/pools/");
      }
      if (!staff.calendar.empty()) {
        Check(calendars_, staff.calendar, at, "/calendar");
      }
    }
    for (const auto& [pool, last] : world.turns) {
      Check(pools_, pool, protocol::Below("/turns", pool), "");
    }
  }
  std::vector<std::string>& texts() { return notes_.problems(); }

 private:
  void Check(const std::vector<std::string>& known, const std::string& name,
             const std::string& at, const std::string& place) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      notes_.FailNameAt(at + place, name, known);
    }
  }
  void Check(const std::vector<std::string>& known,
             const std::vector<std::string>& names, const std::string& at,
             const std::string& place) {
    for (size_t i = 0; i < names.size(); ++i) {
      Check(known, names[i], at, absl::StrCat(place, i));
    }
  }

  std::vector<std::string> pools_, calendars_;
  wire::Members notes_ = wire::Members(json::Value(), /*lenient=*/true);
};

}  // namespace
}  // namespace host

absl::StatusOr<KernelWorld> KernelWorldFromJson(std::string_view text) {
  KernelWorld world;
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(text.empty() ? "{}" : text));
  wire::Members m(document.root(), /*lenient=*/false);
  world.tenant = m.TextOr("tenant", world.tenant);
  world.safe_mode = m.Bool("safe_mode").value_or(false);
  const json::Value turns = m.Get("turns");
  if (turns && !turns.is_object()) m.Fail(turns, "expected an object");
  for (const json::Value turn : json::Children(turns)) {
    const auto number = turn.int64_value();
    if (!number || *number < 0 || *number > INT32_MAX) {
      m.Fail(turn, "expected a place in `staff`, the first being 1");
    } else {
      world.turns.emplace_back(turn.key(), static_cast<int>(*number));
    }
  }
  const json::Value list = m.Get("staff");
  if (list && !list.is_array()) m.Fail(list, "expected an array");
  for (json::Value entry : json::Children(list)) {
    wire::Members s(entry, /*lenient=*/false);
    world.staff.push_back(host::ReadKernelStaff(s));
    s.Finish();
    m.Take(s);
  }
  for (const auto& [pool, last] : world.turns) {
    if (static_cast<size_t>(last) <= world.staff.size()) continue;
    m.Fail(protocol::Below("/turns", pool),
           absl::StrCat("`staff` has no place ", last));
  }
  const host::NameCheck check(world, m);
  m.Finish();
  STEPWELL_RETURN_IF_ERROR(m.status());
  return world;
}

absl::StatusOr<KernelDecision> DecideKernel(const Protocol& protocol,
                                            const KernelInput& input,
                                            const KernelWorld& world,
                                            Instant now) {
  const protocol::Protocol& compiled =
      static_cast<const host::ProtocolImpl&>(protocol).compiled();
  engine::CaseState state;
  if (!input.state.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(state, host::UnsealState(input.state));
  }
  STEPWELL_RETURN_IF_ERROR(host::CheckPin(compiled, state));
  STEPWELL_ASSIGN_OR_RETURN(const wire::CommandText command,
                            wire::ReadCommandText(input.command_json));
  const host::Surroundings around(world);
  const wire::Names names = host::NamesIn(around.service, compiled, &state);
  auto read = host::ReadCommand(command, names, state, world.tenant, now);
  if (!wire::RejectionIn(read.status()).empty()) {
    return host::Refusal(compiled, command, read.status(), names, state,
                         input.state, now);
  }
  STEPWELL_ASSIGN_OR_RETURN(const host::Ready ready, std::move(read));
  STEPWELL_ASSIGN_OR_RETURN(const std::vector<engine::Event> history,
                            host::ReadHistory(input.history, ready));
  host::KernelStep step;
  step.before = service::ShareOf(compiled, state);
  step.version_before = state.version;
  STEPWELL_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::Decide(
          compiled, std::move(state),
          service::ServiceWorld(compiled, around.service, around.caseloads),
          ready.command, now, history));
  step.receipt = runtime::ReceiptFor(ready.command, outcome, outcome.state);
  const auto* adopted = std::get_if<engine::AdoptCase>(&ready.command.body);
  if (adopted != nullptr && !outcome.rejection) {
    step.receipt.reason =
        engine::UndeclaredInWords(compiled, outcome.state, *adopted);
  }
  step.events = std::move(outcome.events);
  step.state = std::move(outcome.state);
  step.command_id = ready.command.envelope.command_id;
  step.warnings = host::UnknownNames(compiled, world).texts();
  if (step.receipt.kind == runtime::ReceiptKind::kAccepted) {
    step.texts = ready.texts;
    store::CommitRequest request;
    runtime::AddDraft(ready.command, step.events, request);
    for (const store::DocumentWrite& write : request.documents) {
      step.texts.push_back({write.key, *write.bytes});
    }
  }
  return host::Output(compiled, step,
                      host::NamesIn(around.service, compiled, &step.state),
                      input.state, now);
}

absl::StatusOr<std::string> KernelStateToJson(const Protocol& protocol,
                                              std::string_view state,
                                              const KernelWorld& world) {
  const protocol::Protocol& compiled =
      static_cast<const host::ProtocolImpl&>(protocol).compiled();
  STEPWELL_ASSIGN_OR_RETURN(const engine::CaseState read,
                            host::UnsealState(state));
  STEPWELL_RETURN_IF_ERROR(host::CheckPin(compiled, read));
  const host::Surroundings around(world);
  return wire::StateToJson(read,
                           host::NamesIn(around.service, compiled, &read));
}

}  // namespace stepwell
