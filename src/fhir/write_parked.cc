// Input that fitted nowhere: a Task for whoever files it, the input attached.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

// Unknown risk is said to be unknown: only a "no" is a no.
const char* RiskCode(engine::Answer3 risk) {
  switch (risk) {
    case engine::Answer3::kYes:
      return "disclosed";
    case engine::Answer3::kNo:
      return "not-disclosed";
    case engine::Answer3::kNotAsked:
    case engine::Answer3::kUnknown:
      break;
  }
  return "unknown";
}

void WriteAttachment(json::Writer& w, const std::string& raw) {
  w.BeginObject();
  PutConcept(w, "type", Own("task-part", "raw-input"));
  w.Key("valueAttachment").BeginObject();
  const bool is_json = json::Parse(raw).ok();
  w.Key("contentType")
      .String(is_json ? "application/json" : "application/octet-stream");
  if (!raw.empty()) w.Key("data").String(absl::Base64Escape(raw));
  w.EndObject().EndObject();
}

}  // namespace

WrittenResource WriteParked(const engine::ParkedState& parked, size_t ordinal,
                            std::optional<std::string> raw,
                            std::string_view staff) {
  // The place in the queue is for ever; the receipt tells two services apart.
  const std::string id = absl::StrCat(
      "parked-", ordinal, "-", IdToText(DeriveId("parked", parked.receipt)));
  json::Writer w = BeginResource("Task", id);
  if (!parked.receipt.empty()) {
    w.Key("identifier").BeginArray();
    PutIdentifier(w, {OwnSystem("receipt"), parked.receipt});
    w.EndArray();
  }
  w.Key("status").String(parked.open ? "ready" : "completed");
  PutConcept(w, "statusReason", Own("parked-reason", parked.code));
  w.Key("intent").String("order");
  PutConcept(w, "code", Own("task-code", "file-input"));
  PutText(w, "description", parked.reason);
  PutInstant(w, "authoredOn", parked.parked_at);
  if (!parked.owner_pool.empty()) {
    PutConcepts(w, "performerType", Own("pool", parked.owner_pool));
  }
  if (!staff.empty()) {
    PutLogical(w, "owner", "Practitioner",
               {OwnSystem("staff"), std::string(staff)});
  }
  PutDeadline(w, parked.due);
  w.Key("input").BeginArray();
  w.BeginObject();
  PutConcept(w, "type", Own("task-part", "risk"));
  w.Key("valueCode").String(RiskCode(parked.risk));
  w.EndObject();
  if (raw) WriteAttachment(w, *raw);
  w.EndArray();
  return EndResource(w, "Task", id);
}

}  // namespace stepwell::fhir
