#include "people.h"

#include <cstdio>
#include <cstdlib>

#include "stepwell/time_text.h"

namespace demo {

using stepwell::PortalEntry;
using stepwell::Reply;
using stepwell::WorkLine;

namespace {

constexpr stepwell::Duration kAssessmentAhead = stepwell::WallDays(7);

std::string Quote(const std::string& text) { return "\"" + text + "\""; }

// `items` answers from 0 to `max` that add up to about `total`.
std::string Spread(int items, int max, int total, int last) {
  std::string text = "[";
  for (int i = 0; i < items; ++i) {
    const int left = items - i;
    int value = (total + left - 1) / left;
    if (value > max) value = max;
    if (i == items - 1 && last >= 0) value = last;
    total -= value;
    text += (i == 0 ? "" : ",") + std::to_string(value < 0 ? 0 : value);
  }
  return text + "]";
}

// How well a patient does: the score falls from week to week.
std::string AnswersTo(const PortalEntry& entry, int day) {
  const std::string& who = entry.case_id;
  const int start = 9 + static_cast<int>(Pick(who, "start", 9));
  const int gain = static_cast<int>(Pick(who, "gain", 4));
  const int weeks = day / 7;
  const int phq9 = start - gain * weeks / 4;
  if (entry.instrument == "phq-9") {
    const bool risk = Pick(who, "risk" + std::to_string(weeks), 40) == 0;
    return Spread(9, 3, phq9 < 1 ? 1 : phq9, risk ? 1 : 0);
  }
  if (entry.instrument == "gad-7") return Spread(7, 3, phq9 < 1 ? 1 : phq9, -1);
  if (entry.instrument == "wsas") return Spread(5, 8, phq9 + 6, -1);
  if (entry.instrument == "risk-screen") {
    return "{\"plan\":false,\"intent\":false,\"means\":false}";
  }
  return "{\"age\":" + std::to_string(20 + Pick(who, "age", 45)) +
         ",\"parallel_therapy\":false,\"problem\":1,"
         "\"emergency_contact\":\"somebody near\"}";
}

// Some people stop: one in ten never gets far, one in eight stops half-way.
bool IsSilent(const std::string& who, const PortalEntry& entry, int day) {
  if (Pick(who, "never", 10) == 0) return entry.item == "intake_form";
  return Pick(who, "stops", 8) == 0 && day > 75 && entry.item != "risk_form";
}

std::string OutcomeOf(const WorkLine& line) {
  if (line.what == "inclusion") {
    return Pick(line.case_id, "fit", 9) == 0 ? "redirect" : "include";
  }
  if (line.what == "redirect_review") return "redirect";
  if (line.what == "withdrawal") {
    return Pick(line.case_id, "never", 10) == 0 ? "withdrawn" : "keep_waiting";
  }
  if (line.what == "dormancy") return "rest";
  if (line.what == "dropout") return "drop_out";
  if (line.what == "treatment_end") return "end";
  if (line.what == "discharge") {
    return Pick(line.case_id, "stops", 8) == 0 ? "dropped_out" : "completed";
  }
  return "";
}

// One in six forgets to write down the minutes.
std::string MinutesOf(const WorkLine& line) {
  const std::string key = line.what + std::to_string(line.ordinal);
  if (Pick(line.case_id, key, 6) == 0) return "";
  const uint64_t minutes =
      line.what == "video_assessment" ? 60 : 8 + Pick(line.case_id, key, 15);
  return ",\"minutes\":" + std::to_string(minutes);
}

void HandleAlert(Clinic& clinic, const std::string& who, const WorkLine& line) {
  const std::string alert =
      "\"command\":\"handle_alert\",\"case\":" + Quote(line.case_id) +
      ",\"alert\":" + std::to_string(line.ordinal) + ",\"reason\":\"called\"";
  if (line.state == "raised") {
    clinic.Staff(who, alert + ",\"action\":\"acknowledge\"");
  }
  if (line.state == "raised" || line.state == "acknowledged") {
    clinic.Staff(who, alert +
                          ",\"action\":\"assess\",\"outcome\":\"safety_plan\","
                          "\"minutes\":25");
  }
  clinic.Staff(who, alert + ",\"action\":\"close\"");
}

void HandleAppointment(Clinic& clinic, const std::string& who,
                       const WorkLine& line, int day) {
  const std::string head = "\"case\":" + Quote(line.case_id) +
                           ",\"item\":" + Quote(line.what) +
                           ",\"reason\":\"assessment\"";
  if (line.state == "available") {
    const stepwell::Instant at =
        clinic.now() + kAssessmentAhead + stepwell::Hours(1);
    clinic.Staff(who, "\"command\":\"change_appointment\"," + head +
                          ",\"action\":\"book\",\"starts_at\":" +
                          Quote(stepwell::TimeText(at)));
    return;
  }
  auto portal = clinic.service().QueryPortal(line.case_id, clinic.now());
  if (!portal.ok()) Stop(std::string(portal.status().message()));
  for (const PortalEntry& entry : portal->entries) {
    if (entry.item != line.what || entry.appointment_at > clinic.now()) {
      continue;
    }
    const bool missed =
        Pick(line.case_id, "no_show" + std::to_string(day / 10), 12) == 0;
    clinic.Staff(who, missed
                          ? "\"command\":\"change_appointment\"," + head +
                                ",\"action\":\"no_show\""
                          : "\"command\":\"work_item\"," + head +
                                ",\"action\":\"complete\"" + MinutesOf(line));
  }
}

void HandleItem(Clinic& clinic, const std::string& who, const WorkLine& line,
                int day) {
  if (line.what == "video_assessment" || line.what == "contact") {
    HandleAppointment(clinic, who, line, day);
    return;
  }
  if (line.what == "clarify") {
    clinic.Staff(
        who, "\"command\":\"submit_response\",\"case\":" + Quote(line.case_id) +
                 ",\"item\":\"clarify\",\"instrument\":\"intake\","
                 "\"answers\":{\"age\":41,\"parallel_therapy\":false,"
                 "\"problem\":1,\"emergency_contact\":\"kin\"}");
    return;
  }
  std::string members =
      "\"command\":\"work_item\",\"action\":\"complete\","
      "\"reason\":\"done\",\"case\":" +
      Quote(line.case_id) + ",\"item\":" + Quote(line.what) + MinutesOf(line);
  const std::string outcome = OutcomeOf(line);
  if (!outcome.empty()) members += ",\"outcome\":" + Quote(outcome);
  if (line.what == "check_region") members += ",\"value\":true";
  clinic.Staff(who, members);
}

}  // namespace

uint64_t Pick(const std::string& a, const std::string& b, uint64_t n) {
  uint64_t hash = 1469598103934665603u;  // FNV-1a, then mixed
  for (char c : a + "/" + b) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  hash ^= hash >> 33;
  hash *= 0xFF51AFD7ED558CCDu;
  hash ^= hash >> 33;
  return hash % n;
}

void Stop(const std::string& what) {
  std::fprintf(stderr, "demo: %s\n", what.c_str());
  std::exit(1);
}

Reply Clinic::Do(const std::string& members) {
  const std::string id = "demo-" + std::to_string(++commands_);
  const std::string command = "{\"id\":" + Quote(id) + "," + members + "}";
  auto reply = service_.Submit(command, now_);
  if (!reply.ok()) {
    Stop(std::string(reply.status().message()) + "\n  " + command);
  }
  return *reply;
}

Reply Clinic::Patient(const std::string& case_id, const std::string& members) {
  return Do("\"actor\":{\"role\":\"patient\"},\"case\":" + Quote(case_id) +
            "," + members);
}

Reply Clinic::Staff(const std::string& who, const std::string& members) {
  const Reply reply = Do(
      "\"actor\":{\"role\":\"staff\",\"staff\":" + Quote(who) + "}," + members);
  // Somebody else was faster: the line was on the list this morning.
  const bool gone =
      reply.code == "item_not_open" || reply.code == "appointment_not_open";
  if (reply.kind == Reply::Kind::kRejected && !gone) {
    Stop("rejected " + reply.code + ": " + reply.reason + "\n  " + members);
  }
  return reply;
}

void Clinic::AdvanceTo(stepwell::Instant now) {
  now_ = now;
  auto advanced = service_.Advance(now, {});
  if (!advanced.ok()) Stop(std::string(advanced.status().message()));
}

void Clinic::DeliverEffects() {
  auto page = service_.Outbox(0, 1000);
  if (!page.ok()) Stop(std::string(page.status().message()));
  for (const stepwell::Effect& effect : page->effects) {
    const std::string where =
        effect.case_id.empty() ? "" : ",\"case\":" + Quote(effect.case_id);
    Do("\"actor\":{\"role\":\"integration\"},\"command\":\"settle_effect\","
       "\"effect\":" +
       Quote(effect.effect_id) + ",\"delivered\":true" + where);
  }
}

void LiveOneEvening(Clinic& clinic, const std::vector<std::string>& cases,
                    int day) {
  for (const std::string& who : cases) {
    auto portal = clinic.service().QueryPortal(who, clinic.now());
    if (!portal.ok()) Stop(std::string(portal.status().message()));
    for (const PortalEntry& entry : portal->entries) {
      if (IsSilent(who, entry, day)) continue;
      // A form takes a day or two, a module about a week.
      const uint64_t pace = entry.kind == "module" ? 6 : 2;
      const std::string key = entry.item + std::to_string(day);
      if (entry.item != "risk_form" && Pick(who, key, pace) != 0) continue;
      if (entry.kind == "questionnaire") {
        clinic.Patient(who, "\"command\":\"submit_response\",\"item\":" +
                                Quote(entry.item) +
                                ",\"instrument\":" + Quote(entry.instrument) +
                                ",\"response_id\":" + Quote(who + key) +
                                ",\"answers\":" + AnswersTo(entry, day));
      } else if (entry.kind == "module") {
        clinic.Patient(who,
                       "\"command\":\"patient_item\",\"done\":true,"
                       "\"item\":" +
                           Quote(entry.item));
        if (Pick(who, key, 3) == 0) {
          clinic.Patient(who,
                         "\"command\":\"receive_message\","
                         "\"message_id\":" +
                             Quote(who + key + "-m") +
                             ",\"text\":\"A question about my week\"");
        }
      }
    }
  }
}

void WorkOneDay(Clinic& clinic, int day) {
  auto worklist = clinic.service().QueryWorklist({.limit = 500}, clinic.now());
  if (!worklist.ok()) Stop(std::string(worklist.status().message()));
  for (const WorkLine& line : worklist->lines) {
    // Work in a queue is taken by whoever is there.
    const std::string who =
        line.owner_staff.empty() ? "lena" : line.owner_staff;
    if (line.kind == "alert") {
      HandleAlert(clinic, who, line);
    } else if (line.kind == "message") {
      clinic.Staff(
          who, "\"command\":\"send_message\",\"case\":" + Quote(line.case_id) +
                   ",\"answers\":" + Quote(line.what) +
                   ",\"text\":\"Well done\",\"minutes\":6");
    } else if (line.kind == "parked") {
      clinic.Staff(who, "\"command\":\"dismiss_parked\",\"parked\":" +
                            std::to_string(line.ordinal) +
                            ",\"reason\":\"sent back to the sender\"");
    } else {
      HandleItem(clinic, who, line, day);
    }
  }
}

}  // namespace demo
