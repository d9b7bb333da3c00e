// Internal to the host: what the events of one case are as rows of tables
// (docs/formats/tables.md). Names are those of the version of the protocol that
// each event was written under.
#ifndef STEPWELL_HOST_LOG_ROWS_H_
#define STEPWELL_HOST_LOG_ROWS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.h"
#include "host/score_again.h"
#include "metrics/course.h"
#include "wire/names.h"

namespace stepwell::host {

// When it happened, and when it was written down.
struct RowTimes {
  Instant at, recorded;
};

struct ReferralRow {
  ReferralId id;
  RowTimes times;
  uint16_t episode = 0;  // 0: of care elsewhere
  std::string route, referrer, information_source, disposition, ended_as;
  Instant wait_from, answered_at;
};
struct EpisodeRow {
  uint16_t episode = 0;
  RowTimes times;
  std::optional<RowTimes> closed;
  std::string reason;
};
struct EnrolmentRow {
  uint32_t enrolment = 0;  // from 1
  uint16_t episode = 0;
  RowTimes times;
  std::string program, version, language;
  int guidance = 0;
  Instant ended_at;  // none: it goes on
  bool completed = false;
};
struct AnswerRow {
  uint32_t position = 0;
  std::string item;
  std::optional<int64_t> number;
  std::string text;
};
struct ResponseRow {
  uint64_t seq = 0;
  uint16_t episode = 0;
  RowTimes times;
  std::string id, instrument, version, fit, language;
  std::optional<uint64_t> replaced_by;
  bool is_void = false;
  std::vector<AnswerRow> answers;
};
struct SubscaleRow {
  std::string id, band, norm_band;
  std::optional<double> score, norm;
  bool prorated = false;
};
struct ScoreRow {
  uint64_t seq = 0, response = 0;
  uint16_t episode = 0;
  RowTimes times;
  std::string instrument, version, band, tier, risk;
  std::optional<engine::Ratio> score, first_score;  // as it was recorded first
  bool prorated = false, corrected = false, is_void = false;
  uint32_t missing = 0;
  std::string flags;  // that hold, as they were recorded
  std::vector<SubscaleRow> subscales;
};
struct AlertRow {
  uint32_t alert = 0;
  uint16_t episode = 0;
  RowTimes times;
  std::string first_tier, tier, outcome;
  uint64_t response = 0;  // 0: of none
  uint32_t evidence = 0, escalations = 0;
  Instant acknowledged_at, assessed_at, closed_at;
  // What raised it: an instrument, "flag" or "rule"; and where the flag was.
  std::string source, flagged;
  engine::Owner owner;
};
// What makes somebody look at an alert.
enum class AlertCall : uint8_t {
  kRaised,
  kRearmed,    // new evidence: it starts over
  kLogged,     // new evidence under "reviewed, unchanged": nobody is called
  kRetiered,   // by the screen: it starts over
  kEscalated,  // nobody acted in time
};
inline constexpr size_t kAlertCalls = 5;
struct AlertCallRow {
  AlertCall call = AlertCall::kRaised;
  Instant at;
  std::string pool, tier, source;  // tier after it; source of the evidence
  StaffId staff;
};
struct ChecklistRow {
  uint64_t seq = 0;
  uint16_t episode = 0;
  RowTimes times;
  std::string review, month, about, question, answer;
  StaffId of, by;
};
struct WorkRow {
  uint64_t seq = 0;
  uint16_t episode = 0;
  RowTimes times;
  std::string item;
  metrics::Activity activity = metrics::Activity::kTask;
  StaffId staff;
  std::optional<int32_t> minutes;
  std::optional<uint32_t> alert;  // that it is a step of
  bool is_contact = false, is_void = false;
};
struct ClockRow {
  uint32_t clock = 0;
  RowTimes times;
  std::string name, about;
  uint32_t ordinal = 0;  // of what it is about
  Instant started_at, due, fired_at, stopped_at;
  uint32_t fired = 0;  // rungs
};
struct AssignmentRow {
  uint32_t number = 0;  // from 1
  RowTimes times;
  std::string pool, staff;
  Instant until;
};

// Takes the events of one case in order.
class CaseRows {
 public:
  std::vector<ReferralRow> referrals;
  std::vector<EpisodeRow> episodes;
  std::vector<EnrolmentRow> enrolments;
  std::vector<ResponseRow> responses;
  std::vector<ScoreRow> scores;
  std::vector<AlertRow> alerts;
  std::vector<AlertCallRow> alert_calls;
  std::vector<ChecklistRow> checklists;
  std::vector<WorkRow> work;
  std::vector<ClockRow> clocks;
  std::vector<AssignmentRow> assignments;
  PersonId person;
  bool with_subscales = false;  // set before the first event

  // `names` are those of the protocol that the event was written under.
  void Take(const engine::Event& event, const wire::Names& names);

 private:
  friend struct RowTaker;
  struct Item {
    std::string name;
    metrics::Activity activity = metrics::Activity::kTask;
    bool of_staff = false, is_contact = false;
    uint64_t done_seq = 0;
    // Who completed it, and by which event, while a second person is to sign.
    StaffId first_by = {};
    uint64_t first_seq = 0;
  };
  std::vector<Item> items_;
  std::map<uint32_t, engine::ReviewDrawn> reviews_;  // by the item
  std::map<uint64_t, std::string> flags_;            // by the event: where
  StaffId acting_;
  AnswerBook answers_;  // with subscales
};

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_LOG_ROWS_H_
