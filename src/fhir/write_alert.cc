// Alerts: what was found (DetectedIssue) with what people did about it, the
// warning on the record while it is open (Flag), and whose work it is (Task).
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

using engine::AlertStage;
using engine::AlertState;

const char* StageName(AlertStage stage) {
  switch (stage) {
    case AlertStage::kRaised:
      return "raised";
    case AlertStage::kAcknowledged:
      return "acknowledged";
    case AlertStage::kAssessed:
      return "assessed";
    case AlertStage::kClosed:
      break;
  }
  return "closed";
}

// A step that a person took, as an event.
struct Step {
  AlertStage stage = AlertStage::kRaised;
  bool reviewed = false;  // "reviewed, unchanged"
  protocol::OutcomeId outcome;
  Instant at;
  uint64_t seq = 0;
};

class AlertWriter {
 public:
  explicit AlertWriter(const WriteContext& context)
      : context_(context), state_(context.state()) {}

  void Write(uint32_t ordinal) {
    const AlertState& alert = state_.alerts[ordinal];
    id_ = absl::StrCat(context_.case_id, "-a", ordinal);
    Collect(ordinal);
    WriteIssue(alert);
    WriteFlag(alert);
    WriteTask(alert);
  }

 private:
  void Collect(uint32_t ordinal) {
    steps_.clear();
    responses_.clear();
    flags_.clear();
    closed_at_ = Instant::Never();
    const AlertState& alert = state_.alerts[ordinal];
    if (alert.response_seq != 0) responses_.push_back(alert.response_seq);
    const engine::Event* raised = context_.EventAt(alert.raised_seq);
    const auto* by = raised == nullptr
                         ? nullptr
                         : std::get_if<engine::AlertRaised>(&raised->body);
    raised_by_ = by == nullptr ? 0 : by->flag_seq;
    CollectFlag(raised_by_);
    for (const engine::Event& event : context_.person.events) {
      if (const auto* step = std::get_if<engine::AlertStepped>(&event.body)) {
        if (step->alert != ordinal) continue;
        steps_.push_back(
            {step->stage, false, step->outcome, event.at, event.seq});
        if (step->stage == AlertStage::kClosed) closed_at_ = event.at;
      } else if (const auto* reviewed =
                     std::get_if<engine::AlertReviewed>(&event.body)) {
        if (reviewed->alert != ordinal) continue;
        steps_.push_back({AlertStage::kRaised, true, {}, event.at, event.seq});
      } else if (const auto* more =
                     std::get_if<engine::AlertEvidenceAdded>(&event.body)) {
        if (more->alert != ordinal) continue;
        if (more->response_seq != 0) responses_.push_back(more->response_seq);
        CollectFlag(more->flag_seq);
      }
    }
  }

  void CollectFlag(uint64_t seq) {
    const engine::Event* event = seq == 0 ? nullptr : context_.EventAt(seq);
    const auto* flag = event == nullptr
                           ? nullptr
                           : std::get_if<engine::RiskFlagged>(&event->body);
    if (flag != nullptr &&
        std::find(flags_.begin(), flags_.end(), flag->source) == flags_.end()) {
      flags_.push_back(flag->source);
    }
  }

  // Whoever of the staff has seen the risk that it was raised for.
  void PutAuthor(json::Writer& w) {
    const engine::Envelope* by =
        raised_by_ == 0 ? nullptr : context_.EnvelopeOf(raised_by_);
    if (by != nullptr) context_.PutStaff(w, "author", by->actor.staff);
  }

  Concept TierOf(const AlertState& alert) const {
    return Own("risk-tier",
               absl::StrCat(context_.protocol().id, "/",
                            context_.protocol().at(alert.tier).id));
  }

  // By the place among the tiers' severities: a third each, the graver one
  // where they do not come out even. Nobody has looked at an unscreened alert,
  // so that it counts as high.
  const char* SeverityOf(const AlertState& alert) const {
    const protocol::RiskPolicy& policy = context_.protocol().risk;
    if (alert.tier == policy.unscreened) return "high";
    int graver = 0, others = 0;
    for (size_t i = 0; i < policy.tiers.size(); ++i) {
      if (policy.unscreened.value == i) continue;
      if (policy.tiers[i].severity > policy.tiers[alert.tier.value].severity) {
        ++graver;
      }
      ++others;
    }
    if (3 * graver < others) return "high";
    return 3 * graver < 2 * others ? "moderate" : "low";
  }

  void WriteIssue(const AlertState& alert) {
    json::Writer w = BeginResource("DetectedIssue", id_);
    const bool looked_at = alert.stage == AlertStage::kAssessed ||
                           alert.stage == AlertStage::kClosed;
    w.Key("status").String(looked_at ? "final" : "preliminary");
    PutConcept(w, "code", TierOf(alert));
    w.Key("severity").String(SeverityOf(alert));
    context_.PutPatient(w, "patient");
    PutInstant(w, "identifiedDateTime", alert.raised_at);
    PutAuthor(w);
    WriteImplicated(w);
    WriteEvidence(w);
    if (alert.evidence_void) {
      w.Key("detail").String(
          "Some of the answers that led here were taken "
          "back.");
    }
    WriteSteps(w);
    context_.out.push_back(EndResource(w, "DetectedIssue", id_));
  }

  void WriteImplicated(json::Writer& w) {
    bool any = false;
    for (const uint64_t seq : responses_) {
      const std::string response = context_.ResponseIdOf(seq);
      if (response.empty()) continue;
      if (!any) w.Key("implicated").BeginArray();
      any = true;
      PutReference(w, nullptr, "QuestionnaireResponse", response);
    }
    if (any) w.EndArray();
  }

  // The scores of those responses, and where a risk was seen that was flagged.
  void WriteEvidence(json::Writer& w) {
    std::vector<const engine::ScoreState*> scores;
    for (const engine::ScoreState& score : state_.scores) {
      const bool of_this = std::find(responses_.begin(), responses_.end(),
                                     score.response_seq) != responses_.end();
      if (of_this && HasObservation(score)) scores.push_back(&score);
    }
    if (scores.empty() && flags_.empty()) return;
    w.Key("evidence").BeginArray();
    for (const engine::ScoreState* score : scores) {
      w.BeginObject();
      PutReferences(w, "detail", "Observation",
                    absl::StrCat(context_.case_id, "-s", score->seq));
      w.EndObject();
    }
    for (const std::string& source : flags_) WriteFlagged(w, source);
    w.EndArray();
  }

  // As it was named; and the message, or the answers, that bear the name.
  void WriteFlagged(json::Writer& w, const std::string& source) {
    const auto place_in = [&source](const auto& list) {
      return std::find_if(list.begin(), list.end(),
                          [&](const auto& one) { return one.id == source; }) -
             list.begin();
    };
    w.BeginObject();
    PutConcepts(w, "code", Own("evidence", "flag", source));
    const auto message = place_in(state_.messages);
    const auto response = place_in(state_.responses);
    if (message < std::ssize(state_.messages)) {
      PutReferences(w, "detail", "Communication",
                    absl::StrCat(context_.case_id, "-m", message));
    } else if (response < std::ssize(state_.responses)) {
      PutReferences(w, "detail", "QuestionnaireResponse",
                    absl::StrCat(context_.case_id, "-r", response));
    }
    w.EndObject();
  }

  bool HasObservation(const engine::ScoreState& score) const {
    return !score.instrument.IsNone() &&
           (score.tier != 0xFF ||
            context_.protocol().at(score.instrument).instrument->has_total());
  }

  void WriteSteps(json::Writer& w) {
    if (steps_.empty()) return;
    w.Key("mitigation").BeginArray();
    for (const Step& step : steps_) {
      w.BeginObject();
      Concept action = Own("alert-step", step.reviewed ? "reviewed-unchanged"
                                                       : StageName(step.stage));
      action.text = context_.OutcomeName(step.outcome);
      PutConcept(w, "action", action);
      PutInstant(w, "date", step.at);
      if (const engine::Envelope* by = context_.EnvelopeOf(step.seq)) {
        context_.PutStaff(w, "author", by->actor.staff);
      }
      w.EndObject();
    }
    w.EndArray();
  }

  void WriteFlag(const AlertState& alert) {
    json::Writer w = BeginResource("Flag", id_);
    w.Key("status").String(alert.stage == AlertStage::kClosed ? "inactive"
                                                              : "active");
    PutConcepts(w, "category", Hl7("flag-category", "safety"));
    PutConcept(w, "code", TierOf(alert));
    context_.PutPatient(w, "subject");
    PutPeriod(
        w, "period", alert.raised_at,
        alert.stage == AlertStage::kClosed ? closed_at_ : Instant::Never());
    PutAuthor(w);
    context_.out.push_back(EndResource(w, "Flag", id_));
  }

  void WriteTask(const AlertState& alert) {
    json::Writer w = BeginResource("Task", id_);
    context_.PutCase(w);
    const bool closed = alert.stage == AlertStage::kClosed;
    w.Key("status").String(alert.stage == AlertStage::kRaised ? "ready"
                           : closed                           ? "completed"
                                                              : "in-progress");
    PutConcept(w, "businessStatus", Own("alert-step", StageName(alert.stage)));
    w.Key("intent").String("order");
    PutConcept(w, "code", Own("task-code", "risk-review"));
    PutReference(w, "focus", "DetectedIssue", id_);
    context_.PutPatient(w, "for");
    PutPeriod(w, "executionPeriod",
              steps_.empty() ? Instant::Never() : steps_.front().at,
              closed ? closed_at_ : Instant::Never());
    PutInstant(w, "authoredOn", alert.raised_at);
    PutInstant(w, "lastModified",
               steps_.empty() ? alert.raised_at
                              : std::max(alert.raised_at, steps_.back().at));
    context_.PutOwner(w, alert.owner);
    if (!closed) PutDeadline(w, alert.deadline);
    WriteOutcome(w, alert);
    context_.out.push_back(EndResource(w, "Task", id_));
  }

  void WriteOutcome(json::Writer& w, const AlertState& alert) {
    const std::string outcome = context_.OutcomeName(alert.outcome);
    if (outcome.empty()) return;
    w.Key("output").BeginArray().BeginObject();
    PutConcept(w, "type", Own("task-part", "outcome"));
    PutConcept(w, "valueCodeableConcept", Own("outcome", outcome));
    w.EndObject().EndArray();
  }

  const WriteContext& context_;
  const engine::CaseState& state_;
  std::string id_;
  std::vector<Step> steps_;
  std::vector<uint64_t> responses_;
  std::vector<std::string> flags_;  // their sources
  uint64_t raised_by_ = 0;          // the flag that it was raised for
  Instant closed_at_;
};

}  // namespace

void WriteAlerts(const WriteContext& context) {
  AlertWriter writer(context);
  for (uint32_t i = 0; i < context.state().alerts.size(); ++i) writer.Write(i);
}

}  // namespace stepwell::fhir
