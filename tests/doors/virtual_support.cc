#include "doors/virtual_support.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/zone.h"
#include "engine/service_stream.h"
#include "host/kernel_state.h"
#include "service/queue.h"
#include "stepwell/time_text.h"

namespace stepwell::testing {

using json::Value;

namespace {

constexpr size_t kSealBytes = 13;  // host/kernel_state.h: what stands before
constexpr uint8_t kClocks = 1;     // as in sim/simulator.h

std::string TextOf(Value object, const char* key) {
  const Value member = object.Find(key);
  return member.is_string() ? std::string(member.string_value()) : "";
}

std::string PersonOf(Value command) {
  const Value person = command.Find("person");
  return person ? json::Canonical(person) : "";
}

}  // namespace

absl::Status VirtualService::Do(const ScenarioCall& call) {
  switch (call.kind) {
    case ScenarioCall::Kind::kCreate: {
      STEPWELL_ASSIGN_OR_RETURN(protocol_, Protocol::Compile(call.text));
      STEPWELL_ASSIGN_OR_RETURN(
          const protocol::LoadResult loaded,
          protocol::LoadProtocol(protocol_->DocumentJson(),
                                 protocol::BuiltInCatalogue()));
      compiled_ = loaded.protocol;
      return absl::OkStatus();
    }
    case ScenarioCall::Kind::kSubmit:
      return Submit(call.text, call.now);
    case ScenarioCall::Kind::kAdvance:
      return Advance(call.now);
  }
  return absl::OkStatus();
}

absl::Status VirtualService::Submit(const std::string& text, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(text));
  const Value command = document.root();
  // An id that comes again gets its reply again, and nothing happens.
  if (!command_ids_.insert(TextOf(command, "id")).second) {
    return absl::OkStatus();
  }
  const std::string verb = TextOf(command, "command");
  if (verb == "add_staff" || verb == "set_leave" || verb == "register_person") {
    return ServiceVerb(verb, command);
  }
  const size_t at = CaseOf(command);
  if (at == cases_.size()) {
    if (verb != "receive_referral") return absl::UnimplementedError(verb);
    cases_.push_back({"", PersonOf(command), "", {}, {}});
  }
  if (verb != "receive_referral" || zones_[PersonOf(command)].empty()) {
    return Decide(at, text, now);
  }
  // What is known of a person goes along with a referral.
  return Decide(at,
                absl::StrCat(text.substr(0, text.rfind('}')), ",\"zone\":",
                             json::Quote(zones_[PersonOf(command)]), "}"),
                now);
}

absl::Status VirtualService::ServiceVerb(const std::string& verb,
                                         Value command) {
  if (verb == "register_person") {
    const std::string zone = TextOf(command, "zone");
    // A service tells the cases of a person what is new of them.
    if (CaseOf(command) != cases_.size() &&
        (command.Find("died") || zone != zones_[PersonOf(command)])) {
      return absl::UnimplementedError("news of a person");
    }
    if (FindZone(zone) != nullptr) zones_[PersonOf(command)] = zone;
    return absl::OkStatus();
  }
  const std::string name = TextOf(command, "staff");
  if (verb == "add_staff") {
    // Whose turn it is, and how much they have, is of all cases together.
    if (command.Find("caseload_max") || command.Find("sites")) {
      return absl::UnimplementedError("limits and sites of staff");
    }
    KernelStaff member;
    member.staff = name;
    for (const Value pool : json::Children(command.Find("pools"))) {
      member.pools.emplace_back(pool.string_value());
    }
    world_.staff.push_back(std::move(member));
    return absl::OkStatus();
  }
  const auto from = TimeFromText(TextOf(command, "from"));
  const auto until = TimeFromText(TextOf(command, "to"));
  if (!from || !until) return absl::UnimplementedError(verb);
  for (KernelStaff& member : world_.staff) {
    if (member.staff == name) member.leave.push_back({*from, *until});
  }
  return absl::OkStatus();
}

size_t VirtualService::CaseOf(Value command) {
  const std::string id = TextOf(command, "case");
  const std::string person = PersonOf(command);
  for (size_t i = 0; i < cases_.size(); ++i) {
    if (id.empty() ? cases_[i].person == person : cases_[i].id == id) return i;
  }
  return cases_.size();
}

absl::Status VirtualService::Decide(size_t at, const std::string& command,
                                    Instant now) {
  const Case& one = cases_[at];
  const std::vector<std::string_view> history(one.records.begin(),
                                              one.records.end());
  const auto decision =
      DecideKernel(*protocol_, {one.state, command, history}, world_, now);
  // What cannot be read is an error of a service too: nothing has happened.
  if (absl::IsInvalidArgument(decision.status())) return absl::OkStatus();
  if (!decision.ok()) return decision.status();
  Keep(at, *decision);
  return absl::OkStatus();
}

void VirtualService::Keep(size_t at, const KernelDecision& decision) {
  Case& one = cases_[at];
  if (!decision.accepted) return;
  one.state = decision.state;
  one.id = decision.case_id;
  one.records.insert(one.records.end(), decision.records.begin(),
                     decision.records.end());
  const json::Document document = *json::Parse(decision.json);
  const Value root = document.root();
  for (const Value clock : json::Children(root.Find("clocks_removed"))) {
    one.clocks.erase(static_cast<uint32_t>(*clock.int64_value()));
  }
  for (const Value clock : json::Children(root.Find("clocks_set"))) {
    const auto ordinal =
        static_cast<uint32_t>(*clock.Find("clock").int64_value());
    const Instant due{*clock.Find("due_us").int64_value()};
    one.clocks[ordinal] = due;
    calendar_.AddOrdered(
        due, kClocks, uint64_t{at} << 24 | (ordinal & 0xFFFFFF), {at, ordinal});
  }
  Count(root.Find("counters"));
}

void VirtualService::Count(Value counters) {
  for (const Value counter : json::Children(counters)) {
    counters_[std::string(counter.key())] += *counter.int64_value();
    for (KernelStaff& member : world_.staff) {
      if (counter.key() == "caseload/" + member.staff) {
        member.caseload += static_cast<int>(*counter.int64_value());
      }
    }
  }
}

absl::Status VirtualService::Advance(Instant to) {
  while (!calendar_.empty() && calendar_.next().at <= to) {
    const auto entry = calendar_.Take();
    const Case& one = cases_[entry.what.at];
    const auto clock = one.clocks.find(entry.what.clock);
    // Entries of clocks that were stopped or moved are left where they are.
    if (clock == one.clocks.end() || clock->second != entry.at) continue;
    STEPWELL_RETURN_IF_ERROR(
        Decide(entry.what.at,
               absl::StrCat(R"({"command":"fire_clock","clock":)",
                            entry.what.clock, "}"),
               to));
  }
  return LetIn(to);
}

engine::IntakeView VirtualService::LimitsNow(Instant now) const {
  engine::ServiceState service;
  for (const KernelStaff& member : world_.staff) {
    engine::StaffState& staff = service.staff.emplace_back();
    staff.pools = member.pools;
    for (const KernelLeave& leave : member.leave) {
      staff.leave.push_back({leave.from, leave.to});
    }
  }
  return service::LimitsNow(*compiled_, service, {}, now,
                            [this](std::string_view name) -> int64_t {
                              const auto it = counters_.find(name);
                              return it == counters_.end() ? 0 : it->second;
                            });
}

// Whoever's turn it is, in the order of the queue.
absl::Status VirtualService::LetIn(Instant now) {
  if (compiled_->intake == nullptr) return absl::OkStatus();
  std::vector<std::tuple<int, Instant, std::string, size_t>> queue;
  std::vector<engine::IntakeState> places(cases_.size());
  std::vector<uint64_t> versions(cases_.size());
  for (size_t at = 0; at < cases_.size(); ++at) {
    if (cases_[at].state.empty()) continue;
    STEPWELL_ASSIGN_OR_RETURN(const engine::CaseState state,
                              host::UnsealState(cases_[at].state));
    if (state.Place() == nullptr || !state.Place()->waiting) continue;
    places[at] = *state.Place();
    versions[at] = state.version;
    queue.emplace_back(places[at].rank, places[at].waits_from, cases_[at].id,
                       at);
  }
  std::sort(queue.begin(), queue.end());
  for (const auto& [rank, since, id, at] : queue) {
    if (!engine::HoldsOf(*compiled_->intake, places[at], LimitsNow(now))
             .empty()) {
      continue;
    }
    // With the id that a service gives it: those of effects hang on it.
    STEPWELL_RETURN_IF_ERROR(Decide(
        at,
        absl::StrCat(R"({"command":"admit_case","id":"release/)", id, "/",
                     versions[at],
                     R"(","reason":"its turn","actor":{"role":"staff",)",
                     R"("staff":)", json::Quote(world_.staff[0].staff), "}}"),
        now));
  }
  return absl::OkStatus();
}

std::map<std::string, std::string> VirtualService::Hashes() const {
  std::map<std::string, std::string> hashes;
  for (const Case& one : cases_) {
    if (one.id.empty()) continue;
    hashes[one.id] = ToHex(FingerprintOf(one.state.substr(kSealBytes)));
  }
  return hashes;
}

}  // namespace stepwell::testing
