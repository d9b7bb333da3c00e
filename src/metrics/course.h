// The course of one case: what its events say that measures are made of. One
// projection for live figures, reports, simulation and export, so that the same
// log gives the same numbers everywhere: events are taken as they come, and
// whoever takes them later gets the same. What a later event voids leaves no
// trace, what one corrects stands corrected.
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
  kSupervision,    // second signs, given or not
};
inline constexpr size_t kActivities = 9;
const char* ActivityName(Activity activity);
Activity ActivityOf(const protocol::Element& element);

struct Course {
  // What its element is says the protocol under which it was opened.
  struct Item {
    engine::ElementId element;  // none: a later version has no such thing
    engine::ItemStatus status = engine::ItemStatus::kAvailable;
    Activity activity = Activity::kTask;  // of staff with it
    bool of_patient = false;
    bool by_data = false;     // decided without a person
    bool is_contact = false;  // done, it is a treatment contact
    bool is_form = false;     // a questionnaire
    Instant opened_at;
    std::optional<Instant> started_at;
    Instant ended_at;
    std::optional<int32_t> minutes;
    StaffId ended_by;  // none: a patient, a rule or a clock
    StaffId first_by;  // who completed it, while a second person is to sign
    bool operator==(const Item&) const = default;
  };
  struct Milestone {
    engine::MilestoneId milestone;
    Instant at;
    bool operator==(const Milestone&) const = default;
  };
  struct Score {
    engine::InstrumentRef instrument;
    uint64_t seq = 0, response_seq = 0;
    Instant at;
    std::optional<double> value;
    std::optional<engine::Ratio> exact;
    bool prorated = false;  // missing answers were made up for
    bool is_void = false;
    bool operator==(const Score&) const = default;
  };
  struct Response {
    std::string id;
    uint64_t seq = 0;
    Instant at;  // of what was answered: an amendment is no later answer
    bool operator==(const Response&) const = default;
  };
  // Work that ends no item: messages to the patient, steps of alerts; second
  // signs, and what waits for one or was given back.
  struct Effort {
    Activity activity = Activity::kMessage;
    Instant at;
    std::optional<int32_t> minutes;
    StaffId by;
    std::optional<uint32_t> alert;          // that it is a step of
    std::optional<uint32_t> unsigned_item;  // that waits for a second sign
    bool operator==(const Effort&) const = default;
  };
  struct ModuleDone {
    Instant at;
    engine::ProgramRef program;
    uint32_t item = 0;      // its ordinal
    bool is_given = false;  // to everybody in the program
    bool operator==(const ModuleDone&) const = default;
  };
  // Something that asks somebody to look at a risk.
  enum class AlertKind : uint8_t {
    kRaised,
    kRepeated,   // new evidence for an open alert, which starts over
    kEscalated,  // nobody acted in time: it is somebody else's
    kRetiered,  // the screen has put it into another tier, where it starts over
  };
  // What an alert, or new evidence of one, comes of.
  enum class AlertFrom : uint8_t {
    kAnswers,  // to `instrument`
    kFlag,     // of the host, or of a person, on free text
    kRule,     // or declared at an adoption
  };
  struct AlertSource {
    AlertFrom from = AlertFrom::kRule;
    engine::InstrumentRef instrument;
    bool operator==(const AlertSource&) const = default;
  };
  struct Alert {
    AlertKind kind = AlertKind::kRaised;
    Instant at;
    engine::Owner owner;
    engine::TierId tier;  // that it is in from then on
    AlertSource source;   // of the evidence; else of the alert
    bool operator==(const Alert&) const = default;
  };
  struct AlertNow {
    engine::TierId tier;
    AlertSource source;  // that it was raised by
    engine::Owner owner;
    bool operator==(const AlertNow&) const = default;
  };
  // From a referral to the end of the care that it led to; a case that is
  // opened again has several. The route is that of its first referral, the
  // wait that of the earliest.
  struct Referred {
    ReferralId id;
    engine::RouteId route;
    Instant wait_from;
    bool operator==(const Referred&) const = default;
  };
  struct Episode {
    Instant opened_at;
    std::optional<Instant> closed_at;
    std::string route;
    std::optional<Instant> referred_at;    // where the legal wait starts
    std::vector<Referred> referrals = {};  // in order
    bool operator==(const Episode&) const = default;
  };
  struct Enrolment {
    std::string program;  // its id in the catalogue
    Instant at;
    uint32_t modules = 0;  // that everybody is given
    bool operator==(const Enrolment&) const = default;
  };
  // Who is responsible from then on; nobody in person: none.
  struct Owning {
    Instant at;
    StaffId staff;
    bool operator==(const Owning&) const = default;
  };
  struct TextFact {
    engine::FactId fact;
    Instant at;
    std::string text;
    bool operator==(const TextFact&) const = default;
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
  std::vector<AlertNow> alerts_now;  // by their number
  std::vector<engine::FollowUpState> follow_ups;
  std::vector<ModuleDone> modules_done;
  std::vector<Instant> programs_completed;  // when
  std::vector<Episode> episodes;
  std::vector<Enrolment> enrolments;
  std::vector<Owning> owners;
  std::vector<TextFact> text_facts;  // as they were said, by time of recording
  uint32_t referrals = 0, voided_responses = 0;
  StaffId acting;  // who gave the command of the events taken last
  uint32_t done_last = UINT32_MAX;  // the item that was finished last
  bool operator==(const Course&) const = default;

  // Events of one case in order of their numbers; `protocol` is the one that
  // the event was written under. After a migration the course has the numbers
  // of the version that the case is on then.
  void Take(const engine::Event& event, const protocol::Protocol& protocol);
};

// A finished item of staff that somebody worked on (what rules decided costs
// no minutes).
bool IsStaffWork(const Course::Item& item);

// When the person was seen for treatment: the finished items that the protocol
// counts as contacts, in order of time.
std::vector<Instant> ContactsOf(const Course& course);

// From one time to another, both belong to it.
struct Window {
  Instant from = kInstantMin, to = Instant::Never();
  bool Contains(Instant at) const { return from <= at && at <= to; }
};

// The first and the last valid score of an instrument by when it was answered;
// both absent when there is none, `last` absent when there is one only.
struct ScorePair {
  std::optional<double> first, last;
  uint32_t left_out = 0;  // valid scores that were prorated
};
enum class Prorated : uint8_t { kCounts, kIsLeftOut };
ScorePair FirstAndLast(const Course& course, engine::InstrumentRef instrument,
                       const Window& window = {},
                       Prorated prorated = Prorated::kCounts);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_COURSE_H_
