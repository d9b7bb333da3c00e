// Items: the work of patients and staff, each a Task.
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

using engine::AppointmentStatus;
using engine::ItemState;
using engine::ItemStatus;
using protocol::Element;
using protocol::ItemKind;

// "Fill in this questionnaire" as CPG-on-FHIR has it.
constexpr std::string_view kCpgActivity =
    "http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-activity-type";

const char* StatusOf(ItemStatus status) {
  switch (status) {
    case ItemStatus::kAvailable:
      return "ready";
    case ItemStatus::kActive:
      return "in-progress";
    case ItemStatus::kDone:
      return "completed";
    case ItemStatus::kSkipped:
    case ItemStatus::kExpired:
    case ItemStatus::kCancelled:
      break;
  }
  return "cancelled";
}

// Finer than the status: why a cancelled one ended, how an appointment stands.
const char* BusinessStatusOf(const ItemState& item) {
  switch (item.status) {
    case ItemStatus::kSkipped:
      return "skipped";
    case ItemStatus::kExpired:
      return "expired";
    case ItemStatus::kCancelled:
      return "cancelled";
    default:
      break;
  }
  switch (item.appointment) {
    case AppointmentStatus::kProposed:
      return "proposed";
    case AppointmentStatus::kBooked:
      return "booked";
    case AppointmentStatus::kNoShow:
      return "no-show";
    case AppointmentStatus::kHeld:
      return "held";
    case AppointmentStatus::kCancelled:
      return "called-off";
    case AppointmentStatus::kLateCancelled:
      return "called-off-late";
    case AppointmentStatus::kWaiting:
      return "waitlist";
    case AppointmentStatus::kNone:
      break;
  }
  return nullptr;
}

Concept CodeOf(const Element& element) {
  switch (element.kind) {
    case ItemKind::kQuestionnaire:
      return {std::string(kCpgActivity), "collect-information", "", ""};
    case ItemKind::kModule:
      return Own("task-code", "module-assignment");
    case ItemKind::kTask:
      return Own("task-code",
                 element.checks.IsNone() ? "task" : "weekly-feedback");
    case ItemKind::kMessage:
      return Own("task-code", "write-message");
    case ItemKind::kAppointment:
      return Own("task-code", "appointment");
    case ItemKind::kDecision:
      break;
  }
  return Own("task-code", "decision");
}

class ItemWriter {
 public:
  explicit ItemWriter(const WriteContext& context)
      : context_(context), state_(context.state()) {}

  void Write(uint32_t ordinal) {
    const ItemState& item = state_.items[ordinal];
    const Element& element = context_.protocol().at(item.key.element);
    const std::string id = absl::StrCat(context_.case_id, "-i", ordinal);
    json::Writer w = BeginResource("Task", id);
    w.Key("identifier").BeginArray();
    PutIdentifier(w,
                  {OwnSystem("item"),
                   absl::StrCat(context_.case_id, "/", element.id, "/",
                                item.key.episode, "/", item.key.occurrence)});
    w.EndArray();
    context_.PutCase(w);
    WritePartOf(w, item);
    w.Key("status").String(StatusOf(item.status));
    if (const char* finer = BusinessStatusOf(item)) {
      PutConcept(w, "businessStatus", Own("item-status", finer));
    }
    w.Key("intent").String("order");
    WriteCode(w, element);
    PutText(w, "description",
            element.title.empty() ? element.id : element.title);
    context_.PutPatient(w, "for");
    PutPeriod(w, "executionPeriod", StartOf(item, ordinal), EndOf(item));
    PutInstant(w, "authoredOn", item.opened_at);
    PutInstant(w, "lastModified", LastOf(item));
    context_.PutOwner(w, item.owner);
    WriteNote(w, item);
    PutDeadline(w, item.due);
    WriteInput(w, item, element);
    WriteOutput(w, item, ordinal);
    context_.out.push_back(EndResource(w, "Task", id));
  }

 private:
  static Instant EndOf(const ItemState& item) {
    return engine::IsOpen(item.status) ? Instant::Never() : item.ended_at;
  }

  // Recorded times: clinical ones may lie before the item was there.
  static Instant LastOf(const ItemState& item) {
    return engine::IsOpen(item.status)
               ? item.opened_at
               : std::max(item.opened_at, item.ended_at);
  }

  // When somebody began; not when it became possible.
  Instant StartOf(const ItemState& item, uint32_t ordinal) const {
    if (item.status == ItemStatus::kAvailable) return Instant::Never();
    for (const engine::Event& event : context_.person.events) {
      const auto* started = std::get_if<engine::ItemStarted>(&event.body);
      if (started != nullptr && started->item == ordinal) return event.at;
    }
    return Instant::Never();
  }

  void WritePartOf(json::Writer& w, const ItemState& item) {
    for (const engine::Referral& referral : state_.referrals) {
      if (referral.episode != item.key.episode) continue;
      return PutReferences(
          w, "partOf", "Task",
          absl::StrCat(ReferralResourceId(referral.id), "-fulfill"));
    }
  }

  void WriteCode(json::Writer& w, const Element& element) {
    w.Key("code").BeginObject();
    w.Key("coding").BeginArray();
    PutCoding(w, CodeOf(element));
    PutCoding(
        w, Own("step", absl::StrCat(context_.protocol().id, "/", element.id)));
    w.EndArray().EndObject();
  }

  void WriteNote(json::Writer& w, const ItemState& item) {
    if (item.note.empty()) return;
    w.Key("note").BeginArray().BeginObject();
    PutText(w, "text", item.note);
    w.EndObject().EndArray();
  }

  static void Part(json::Writer& w, bool* any, const char* key,
                   const Concept& type) {
    if (!*any) w.Key(key).BeginArray();
    *any = true;
    w.BeginObject();
    PutConcept(w, "type", type);
  }

  void WriteInput(json::Writer& w, const ItemState& item,
                  const Element& element) {
    bool any = false;
    if (!element.instrument.IsNone()) {
      Part(w, &any, "input", Own("task-part", "questionnaire"));
      w.Key("valueCanonical")
          .String(context_.InstrumentUrl(element.instrument));
      w.EndObject();
    }
    if (element.kind == ItemKind::kModule && !element.program.IsNone()) {
      const auto& program = context_.protocol().programs[element.program.value];
      Part(w, &any, "input", Own("task-part", "module"));
      w.Key("valueCanonical")
          .String(absl::StrCat(ToAbsl(kProjectBase), "/ActivityDefinition/",
                               program.id, "-", element.module + 1, "|",
                               program.version));
      w.EndObject();
    }
    if (item.appointment != AppointmentStatus::kNone &&
        IsInCalendarRange(item.appointment_at)) {
      Part(w, &any, "input", Own("task-part", "appointment"));
      PutInstant(w, "valueDateTime", item.appointment_at);
      w.EndObject();
    }
    if (any) w.EndArray();
  }

  void WriteOutput(json::Writer& w, const ItemState& item, uint32_t ordinal) {
    bool any = false;
    for (const engine::ResponseState& response : state_.responses) {
      if (response.item != ordinal || response.is_void) continue;
      Part(w, &any, "output", Own("task-part", "questionnaireResponse"));
      PutReference(w, "valueReference", "QuestionnaireResponse",
                   context_.ResponseIdOf(response.seq));
      w.EndObject();
    }
    const std::string outcome = context_.OutcomeName(item.outcome);
    if (!outcome.empty()) {
      Part(w, &any, "output", Own("task-part", "outcome"));
      PutConcept(w, "valueCodeableConcept", Own("outcome", outcome));
      w.EndObject();
    }
    // Minutes that nobody noted are not there: never zero.
    if (item.minutes) {
      Part(w, &any, "output", Own("task-part", "minutes"));
      w.Key("valueQuantity").BeginObject();
      w.Key("value").Int(*item.minutes);
      w.Key("unit").String("min");
      w.Key("system").String(kUcum);
      w.Key("code").String("min");
      w.EndObject().EndObject();
    }
    if (any) w.EndArray();
  }

  const WriteContext& context_;
  const engine::CaseState& state_;
};

}  // namespace

void WriteItems(const WriteContext& context) {
  ItemWriter writer(context);
  for (uint32_t i = 0; i < context.state().items.size(); ++i) writer.Write(i);
}

}  // namespace stepwell::fhir
