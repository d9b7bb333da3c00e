// The rows that a service would commit, as JSON for a host with its own tables.
#include "host/kernel_output.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/time_text.h"
#include "host/kernel_state.h"
#include "host/lines.h"
#include "host/service_impl.h"
#include "runtime/rows.h"
#include "wire/binary.h"
#include "wire/event_json.h"

namespace stepwell::host {
namespace {

// "item/3": names a line of the worklist within its case.
std::string KeyText(uint64_t key) {
  return absl::StrCat(KindName(service::KindOfKey(key)), "/",
                      service::OrdinalOfKey(key));
}

absl::Status WriteEffects(json::Writer& w, const store::CommitRequest& request,
                          const wire::Names& names) {
  w.Key("effects").BeginArray();
  for (const store::StreamWrite& write : request.streams) {
    for (const store::OutboxRow& row : write.outbox) {
      runtime::EffectPayload payload;
      if (!wire::DecodeFrom(row.payload, payload)) {
        return Internal("an effect that was just written cannot be read");
      }
      WriteEffect(w, EffectOf(row, payload, names));
    }
  }
  w.EndArray().Key("effects_settled").BeginArray();
  for (const uint64_t effect : request.outbox_acknowledged) {
    w.String(IdToText(effect));
  }
  w.EndArray();
  return absl::OkStatus();
}

void WriteClocks(json::Writer& w, const store::CommitRequest& request) {
  w.Key("clocks_set").BeginArray();
  for (const store::StreamWrite& write : request.streams) {
    for (const auto& clock : write.clocks_set) {
      w.BeginObject().Key("clock").UInt(clock.clock);
      w.Key("due").String(FormatInstantUtc(clock.due));
      w.Key("due_us").Int(clock.due.us).EndObject();
    }
  }
  w.EndArray().Key("clocks_removed").BeginArray();
  for (const store::StreamWrite& write : request.streams) {
    for (const auto clock : write.clocks_removed) w.UInt(clock);
  }
  w.EndArray();
}

absl::Status WriteWork(json::Writer& w, const store::CommitRequest& request,
                       const wire::Names& names, Instant now) {
  w.Key("work_set").BeginArray();
  for (const store::StreamWrite& write : request.streams) {
    for (const store::WorkRow& row : write.work_set) {
      STEPWELL_ASSIGN_OR_RETURN(const runtime::WorkPayload payload,
                                ReadPayload(row));
      w.BeginObject();
      w.Key("key").String(KeyText(row.key));
      w.Key("line");
      WorkLine line = LineOf({write.stream, row}, payload, names.protocol,
                             names.staff_name(payload.staff), now);
      line.of = names.staff_name(payload.of);
      WriteLine(w, line);
      w.EndObject();
    }
  }
  w.EndArray().Key("work_removed").BeginArray();
  for (const store::StreamWrite& write : request.streams) {
    for (const uint64_t key : write.work_removed) w.String(KeyText(key));
  }
  w.EndArray();
  return absl::OkStatus();
}

// A caseload goes by the member's reference, not by their number.
void WriteCounters(json::Writer& w, const store::CommitRequest& request,
                   const wire::Names& names) {
  w.Key("counters").BeginObject();
  for (const store::CounterWrite& counter : request.counters) {
    if (counter.delta == 0) continue;  // a check, and no change
    const StaffId staff = service::MemberOf(counter.name);
    const std::string kind = counter.name.substr(0, counter.name.find('/') + 1);
    w.Key(staff.value == 0 ? counter.name : kind + names.staff_name(staff))
        .Int(counter.delta);
  }
  w.EndObject();
}

}  // namespace

absl::StatusOr<KernelDecision> Output(const protocol::Protocol& protocol,
                                      const KernelStep& step,
                                      const wire::Names& names,
                                      std::string_view state_before,
                                      Instant now) {
  KernelDecision decision;
  decision.accepted = step.receipt.kind == runtime::ReceiptKind::kAccepted;
  decision.case_id = CaseText(step.state.id);
  decision.person_id = PersonText(step.state.person);
  decision.version = step.state.version;
  store::CommitRequest request;
  if (step.events.empty()) {
    decision.state = std::string(state_before);
  } else {
    runtime::AddCaseWrite(protocol, step.before, step.version_before,
                          step.events, step.state, nullptr, std::nullopt,
                          request);
    for (const std::string_view record : request.streams.front().records) {
      decision.records.emplace_back(record);
    }
    decision.state = SealState(step.state);
  }
  json::Writer w;
  w.BeginObject();
  w.Key("reply").Raw(ToJson(ReplyOf(step.command_id, step.receipt, &protocol)));
  w.Key("events").BeginArray();
  for (const engine::Event& event : step.events) {
    w.Raw(wire::EventToJson(event, names));
  }
  w.EndArray();
  STEPWELL_RETURN_IF_ERROR(WriteEffects(w, request, names));
  WriteClocks(w, request);
  STEPWELL_RETURN_IF_ERROR(WriteWork(w, request, names, now));
  WriteCounters(w, request, names);
  w.Key("texts").BeginArray();
  for (const KeptText& text : step.texts) {
    w.BeginObject().Key("key").String(text.key);
    w.Key("text").String(text.text).EndObject();
  }
  w.EndArray();
  w.Key("texts_erased").BeginArray();
  for (const store::DocumentWrite& write : request.documents) {
    if (!write.bytes) w.String(write.key);
  }
  w.EndArray();
  if (!step.warnings.empty()) {
    w.Key("warnings").BeginArray();
    for (const std::string& warning : step.warnings) w.String(warning);
    w.EndArray();
  }
  w.EndObject();
  decision.json = w.Take();
  return decision;
}

}  // namespace stepwell::host
