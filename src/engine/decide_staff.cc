// Staff and host: alerts, pauses, facts, consents.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::TriggerKind;

namespace {

bool ByPerson(Macrostep& m) {
  if (m.command.envelope.actor.role == Role::kStaff) return true;
  m.Reject("person_required", "this step is taken by a member of staff");
  return false;
}

bool HasReason(Macrostep& m, const char* what) {
  if (!m.command.envelope.reason.empty()) return true;
  m.Reject("reason_required", absl::StrCat(what, " needs a reason"));
  return false;
}

bool IsOutcomeOfAlerts(const Macrostep& m, OutcomeId outcome) {
  const auto& outcomes = m.protocol.risk.outcomes;
  return std::find(outcomes.begin(), outcomes.end(), outcome) != outcomes.end();
}

// How long a risk answer may be logged only, unless the protocol says less.
Instant LatestMark(const Macrostep& m) {
  const std::optional<Span>& max = m.protocol.risk.reviewed_max;
  return max ? m.After(*max, nullptr, m.risk_now)
             : m.risk_now + WallDays(limits::kReviewedUnchangedDaysMax);
}

// What the patient has answered and a person confirms is that person's word
// from then on: no amendment of the answer takes it away.
void Vouch(Macrostep& m, FactId fact, const FactValue& value) {
  for (const FactState& known : m.state.facts) {
    if (known.fact != fact || known.value != value) continue;
    if (known.response_seq != 0 || known.at < m.fact_at()) {
      m.Emit(FactRecorded{fact, value, 0});
    }
    return;
  }
}

}  // namespace

bool RefuseStranger(Macrostep& m, const Owner& owner, PoolId pool,
                    std::string_view what) {
  const StaffId staff = m.command.envelope.actor.staff;
  const auto is_theirs = [&](PoolId of) {
    return StandsBehind(m.protocol, m.world, of, staff, m.due_now);
  };
  const auto is_attended = [&](PoolId of) {
    return IsAnybodyOnDuty(m.protocol, m.world, of, m.due_now);
  };
  if (staff.value == 0) return false;
  if (m.world.IsToCome(staff, m.due_now)) {
    m.Reject("not_begun", absl::StrCat("who takes the step of ", ToAbsl(what),
                                       " begins later"));
    return true;
  }
  if (!is_attended(owner.pool) && !is_attended(pool)) return false;
  if (m.world.HasLeft(staff, m.due_now)) {
    m.Reject("has_left", absl::StrCat("who takes the step of ", ToAbsl(what),
                                      " has left the service"));
    return true;
  }
  if (staff == owner.staff || is_theirs(owner.pool) || is_theirs(pool)) {
    return false;
  }
  const PoolId named = pool.IsNone() ? owner.pool : pool;
  m.Reject("not_a_member", absl::StrCat(ToAbsl(what), " is for members of ",
                                        m.protocol.at(named).id,
                                        ", or of a pool that stands behind"));
  return true;
}

void Handle(Macrostep& m, const HandleAlert& c) {
  if (!ByPerson(m)) return;
  if (c.alert >= m.state.alerts.size()) {
    m.Reject("unknown_alert", "the case has no such alert");
    return;
  }
  const AlertState alert = m.state.alerts[c.alert];
  if (RefuseMinutes(m, c.minutes) ||
      RefuseStranger(m, alert.owner, m.protocol.at(alert.tier).pool,
                     "the alert")) {
    return;
  }
  if (alert.stage == AlertStage::kClosed) {
    m.Reject("alert_closed", "the alert is closed");
    return;
  }
  switch (c.action) {
    case AlertVerb::kAcknowledge:
      if (alert.stage != AlertStage::kRaised) {
        m.Reject("alert_not_raised", "it is acknowledged already");
        return;
      }
      m.StepAlert(c.alert, AlertStage::kAcknowledged, {}, c.minutes);
      return;
    case AlertVerb::kAssess:
      if (alert.stage != AlertStage::kAcknowledged) {
        m.Reject("alert_not_acknowledged",
                 alert.stage == AlertStage::kAssessed
                     ? "the alert is assessed already"
                     : "an alert is acknowledged before it is assessed");
      } else if (!IsOutcomeOfAlerts(m, c.outcome)) {
        m.Reject("outcome_required",
                 "an assessment ends in one of the outcomes of the protocol");
      } else {
        m.StepAlert(c.alert, AlertStage::kAssessed, c.outcome, c.minutes);
      }
      return;
    case AlertVerb::kClose:
      if (alert.stage != AlertStage::kAssessed) {
        m.Reject("alert_not_assessed", "an alert is assessed before it closes");
      } else if (HasReason(m, "closing an alert")) {
        m.StepAlert(c.alert, AlertStage::kClosed, {}, c.minutes);
      }
      return;
    case AlertVerb::kReviewedUnchanged:
      if (alert.stage != AlertStage::kAssessed) {
        m.Reject("alert_not_assessed", "only an assessed alert is reviewed");
      } else if (c.until == Instant()) {
        m.Reject("expiry_required", "the mark needs a time it ends at");
      } else if (c.until <= m.risk_now) {
        m.Reject("time_in_past", "the mark ends at a time to come");
      } else if (c.until > LatestMark(m)) {
        m.Reject(
            "mark_too_long",
            absl::StrCat("the mark ends at ", FormatInstantUtc(LatestMark(m)),
                         " at the latest: then a person looks again"));
      } else if (HasReason(m, "the mark")) {
        m.Emit(AlertReviewed{c.alert, c.until});
        m.KeepToMark(c.alert, /*asks=*/false);
      }
      return;
  }
  m.Reject("unknown_action",
           "alerts are acknowledged, assessed, closed or "
           "reviewed");
}

void Handle(Macrostep& m, const PauseCase& c) {
  if (m.state.IsClosed()) {
    m.Reject("case_closed", "a closed case cannot be paused");
  } else if (m.state.paused_at) {
    m.Reject("case_paused", "the case is paused already");
  } else if (c.review_at == Instant()) {
    m.Reject("review_required", "a pause has a time it is reviewed at");
  } else if (c.review_at <= m.due_now) {
    m.Reject("time_in_past", "a pause is reviewed at a time to come");
  } else if (c.review_at - m.due_now > WallDays(limits::kPauseReviewDaysMax)) {
    m.Reject("review_too_late",
             absl::StrCat("a pause is reviewed within ",
                          limits::kPauseReviewDaysMax, " days"));
  } else if (HasReason(m, "a pause")) {
    m.Emit(CasePaused{c.review_at});
    StopReminders(m, "the case is paused");
    m.PauseClocks();
    ClockStarted review;
    review.clock = m.state.next_clock;
    review.def = m.protocol.review_clock;
    review.started_at = m.due_now;
    review.due = c.review_at;
    review.next_due = c.review_at;
    m.Emit(review);
    m.Raise(TriggerKind::kCasePaused, 0xFFFF, {}, {}, m.now);
  }
}

void Handle(Macrostep& m, const ResumeCase&) {
  if (!m.state.paused_at) {
    m.Reject("case_not_paused", "the case is not paused");
    return;
  }
  m.ResumeClocks();
  m.StopClocksOf(m.protocol.review_clock);
  m.Emit(CaseResumed{});
  EndReviews(m, kPauseIsUp);
  m.Raise(TriggerKind::kCaseResumed, 0xFFFF, {}, {}, m.now);
}

void Handle(Macrostep& m, const RecordFact& c) {
  if (c.fact.IsNone()) {
    m.Reject("unknown_fact", "the protocol of the case has no such fact");
  } else if (c.value.kind != m.protocol.at(c.fact).kind) {
    m.Reject("fact_type", absl::StrCat(m.protocol.at(c.fact).id,
                                       " takes a value of another type"));
  } else {
    Vouch(m, c.fact, c.value);
    m.SetFact(c.fact, c.value);
  }
}

}  // namespace stepwell::engine
