// A plan: who comes to a service, how they behave, who works there and for how
// long (docs/formats/plan.md). Read, checked against its protocol and compiled
// into this value; every number has a source.
#ifndef STEPWELL_SIM_PLAN_H_
#define STEPWELL_SIM_PLAN_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/fingerprint.h"
#include "metrics/waits.h"
#include "protocol/protocol.h"
#include "sim/numbers.h"
#include "stepwell/issue.h"

namespace stepwell::sim {

using protocol::ElementId;
using protocol::InstrumentRef;
using protocol::MilestoneId;
using protocol::OutcomeId;
using protocol::PoolId;
using protocol::ProgramRef;
using protocol::Protocol;

// A choice among values; one uniform number a draw.
template <class T>
struct Shares {
  std::vector<std::pair<T, double>> values;  // shares sum to 1
  bool empty() const { return values.empty(); }
  const T& At(double u) const {
    double sum = 0;
    for (const auto& [value, share] : values) {
      sum += share;
      if (u < sum) return value;
    }
    return values.back().first;
  }
};

// People who come by one route.
struct Arrivals {
  std::string id;
  protocol::RouteId route;
  double per_year = 0;  // Poisson; a year has 365 days
  std::vector<std::string> documents;
  std::string referrer, information_source;
  struct Consent {
    protocol::PurposeId purpose;
    double share = 1;
    uint32_t draw = 0;
  };
  std::vector<Consent> consents;
  uint32_t draw_gap = 0;
};

// How an item of a questionnaire is answered.
struct ItemAnswers {
  uint16_t item = 0;
  Shares<int64_t> values;  // empty: from the total, a range or a text
  bool is_range = false;
  int64_t low = 0, high = 0;  // each as likely
  std::string text;
  double persists = 0;  // share of occasions on which the first draw holds
  uint32_t draw = 0, draw_again = 0;
};

struct InstrumentAnswers {
  InstrumentRef instrument;
  bool has_total = false;
  double mean = 0, sd = 0;         // of the first total
  std::vector<ItemAnswers> items;  // in the order of the instrument
  std::vector<uint16_t> by_total;  // items that share what is left of it
  uint32_t draw_total = 0, draw_noise = 0, draw_order = 0;
};

// How totals change from the start of treatment on, in standard deviations.
struct Trajectory {
  struct Class {
    double change = 0, weeks = 1;
  };
  Shares<Class> classes;
  double noise = 0;
  MilestoneId start;
};

// How patients do a group of items of theirs.
struct Behaviour {
  std::string id;
  std::vector<ElementId> elements;
  double answers = 1;         // share that does them
  double after_drop_out = 0;  // the same, of those who dropped out
  double reminded = 0;        // share of the others that a reminder moves
  bool together = false;      // all or none: one draw a patient
  bool leaves = false;        // who does not do them has left
  Distribution delay;         // days
  uint32_t draw_answers = 0, draw_delay = 0, draw_reminded = 0;
};

struct ModuleBehaviour {
  ProgramRef program;
  std::vector<double> drop_out;  // by module, once it is released
  Distribution opens_after;      // days; negative: it is not opened apart
  Distribution hands_in_after;   // days from the release
  bool opens = false;
  std::vector<uint32_t> draw_drop_out, draw_opens, draw_duration;  // by module
};

struct Messages {
  double per_week = 0;
  protocol::PhaseId phase;  // while the case is in it
  Distribution minutes;     // of the answer
  uint32_t draw_gap = 0, draw_minutes = 0;
};

// The outcomes of a decision: the first list whose condition holds.
struct Outcomes {
  bool if_left = false;  // the patient has left
  MilestoneId after;     // the case has reached it; none: always
  Shares<OutcomeId> shares;
};

// What it takes staff to do a piece of work.
struct Work {
  Distribution minutes;
  std::vector<Outcomes> outcomes;
  Shares<int64_t> fact;  // the answer to a question that sets a fact
  bool starts = false;   // the beginning is recorded too
  // Appointments.
  double no_show = 0;
  Distribution notice;   // days from the booking to the first slot
  Distribution booking;  // minutes that booking takes
  uint32_t draw_minutes = 0, draw_outcome = 0, draw_fact = 0, draw_no_show = 0,
           draw_booking = 0;
};

enum class AlertStep : uint8_t { kAcknowledge, kAssess, kClose };

struct AlertWork {
  std::array<Distribution, 3> minutes;  // by AlertStep
  Shares<OutcomeId> outcomes;
  std::array<uint32_t, 3> draw_minutes{};
  uint32_t draw_outcome = 0;
};

struct Member {
  std::string id;
  std::vector<PoolId> pools;  // the first one's calendar are the hours
  double weekly_minutes = 0;
  struct Leave {
    Instant from, to;
  };
  std::vector<Leave> leave;
};

struct WaitMeasure {
  std::string id, title;
  metrics::Point from, to;
};

struct Plan {
  std::string id, version;
  Fingerprint hash;  // of the canonical document, after `set`
  Instant start;     // the clocks of the simulation begin here
  Instant from, to;  // what is measured
  Instant arrivals_end;
  double delivery_minutes = 0;  // until an effect has reached whom it is for

  std::vector<Arrivals> arrivals;
  double correlation = 0;  // of the first totals with each other, as shares
  uint32_t draw_severity = 0, draw_class = 0;
  std::vector<InstrumentAnswers> answers;  // by InstrumentRef; may be unset
  Trajectory trajectory;
  std::vector<Behaviour> behaviours;
  std::vector<int16_t> behaviour_of;     // by ElementId; -1 = none
  std::vector<ModuleBehaviour> modules;  // by ProgramRef
  Messages messages;
  std::vector<Work> works;
  std::vector<int16_t> work_of;  // by ElementId; -1 = none
  AlertWork alerts;
  std::vector<Member> staff;
  std::vector<WaitMeasure> waits;
  std::vector<InstrumentRef> changes;  // instruments whose change is measured
};

struct PlanResult {
  std::shared_ptr<const Plan> plan;  // null when an issue is an error
  // The protocol with what the plan changes in its pools.
  std::shared_ptr<const Protocol> protocol;
  std::string name;  // "icbt_sweden@1"
  std::string hash;
  Issues issues;
};

using Settings = std::vector<std::pair<std::string, std::string>>;

// The document with the values put in, as JSON text. InvalidInput names the
// setting, how far its path leads and what is there.
absl::StatusOr<std::string> ApplySettings(std::string_view document,
                                          const Settings& settings);

// Reads and checks a plan for a protocol. A Status is for what is no JSON.
absl::StatusOr<PlanResult> LoadPlan(std::string_view document,
                                    const Settings& settings,
                                    std::shared_ptr<const Protocol> protocol);

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_PLAN_H_
