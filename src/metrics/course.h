// The course of one case: what its events say that measures are made of. One
// projection for live figures, simulation and export, so that the same log
// gives the same numbers everywhere. What a later event voids leaves no trace.
#ifndef STEPWELL_METRICS_COURSE_H_
#define STEPWELL_METRICS_COURSE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.h"
#include "protocol/protocol.h"

namespace stepwell::metrics {

// What staff time goes into.
enum class Activity : uint8_t {
  kAppointment,
  kCheck,          // of homework, with the answer to the patient
  kTask,           // calls, and whatever else is to be done
  kDecision,       // taken by a person
  kLetter,         // to the referrer
  kQuestionnaire,  // filled in by staff
  kMessage,        // to the patient
  kAlert,          // steps of an alert's life
};
inline constexpr size_t kActivities = 8;
const char* ActivityName(Activity activity);
Activity ActivityOf(const protocol::Element& element);

struct Course {
  struct Item {
    engine::ElementId element;
    engine::ItemStatus status = engine::ItemStatus::kAvailable;
    bool of_patient = false;
    Instant opened_at;
    std::optional<Instant> started_at;
    Instant ended_at;
    std::optional<int32_t> minutes;
    StaffId ended_by;  // none: a patient, a rule or a clock
  };
  struct Milestone {
    engine::MilestoneId milestone;
    Instant at;
  };
  struct Score {
    engine::InstrumentRef instrument;
    uint64_t seq = 0, response_seq = 0;
    Instant at;
    std::optional<double> value;
    bool is_void = false;
  };
  struct Response {
    std::string id;
    uint64_t seq = 0;
  };
  // Work that is no item: messages to the patient, steps of alerts.
  struct Effort {
    Activity activity = Activity::kMessage;
    Instant at;
    std::optional<int32_t> minutes;
    StaffId by;
  };
  // Something that asks somebody to look at a risk.
  enum class AlertKind : uint8_t {
    kRaised,
    kRepeated,   // new evidence for an open alert, which starts over
    kEscalated,  // nobody acted in time: it is somebody else's
  };
  struct Alert {
    AlertKind kind = AlertKind::kRaised;
    Instant at;
    engine::Owner owner;
  };

  engine::RouteId route;  // of the first referral
  Instant referred_at;    // where the legal wait starts
  bool is_open = false;
  Instant closed_at;        // of the last episode that ended
  std::vector<Item> items;  // by ordinal
  std::vector<Milestone> milestones;
  std::vector<Score> scores;
  std::vector<Response> responses;
  std::vector<Effort> efforts;
  std::vector<Alert> alerts;
  std::vector<Instant> modules_done, programs_completed;  // when
  uint32_t referrals = 0, enrolments = 0, voided_responses = 0;
  StaffId acting;  // who gave the command of the events taken last

  // Events of one case in order of their numbers.
  void Take(const engine::Event& event, const protocol::Protocol& protocol);
};

// A finished item of staff that somebody worked on (what rules decided costs
// no minutes).
bool IsStaffWork(const Course::Item& item, const protocol::Protocol& protocol);

// When the person was seen for treatment: the finished items that the protocol
// counts as contacts, in order of time.
std::vector<Instant> ContactsOf(const Course& course,
                                const protocol::Protocol& protocol);

// The first and the last valid score of an instrument; both absent when there
// is none, `last` absent when there is one only.
struct ScorePair {
  std::optional<double> first, last;
};
ScorePair FirstAndLast(const Course& course, engine::InstrumentRef instrument);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_COURSE_H_
