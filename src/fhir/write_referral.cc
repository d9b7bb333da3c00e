// Referrals: the ServiceRequest that asks, the Consents that came with it, and
// the Task in which the referrer follows what becomes of it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {

std::string ReferralResourceId(ReferralId id) { return IdToText(id.value); }

namespace {

using engine::Episode;
using engine::Referral;

// How far the service is with what a referral asked for.
struct Progress {
  bool closed = false;     // the episode has ended
  bool enrolled = false;   // a treatment began in it
  bool completed = false;  // ... and was completed
  bool paused = false;
};

Progress ProgressOf(const engine::CaseState& state, const Referral& referral) {
  Progress progress;
  const size_t episode = referral.episode;
  if (episode == 0 || episode > state.episodes.size()) return progress;
  progress.closed = state.episodes[episode - 1].closed_at.has_value();
  progress.paused =
      episode == state.episodes.size() && state.paused_at.has_value();
  for (const engine::EnrolmentState& enrolment : state.enrolments) {
    if (enrolment.episode != episode) continue;
    progress.enrolled = true;
    progress.completed = progress.completed || enrolment.completed;
  }
  return progress;
}

// The request-status. R4: completed = what was asked for was done; revoked =
// ended before that, no further activity should occur.
const char* RequestStatus(const Progress& progress, const Referral& referral) {
  if (referral.ended_as) {
    return *referral.ended_as == engine::EndedAs::kCompleted ? "completed"
                                                             : "revoked";
  }
  if (!progress.closed) return "active";
  return progress.completed ? "completed" : "revoked";
}

// The Task machine: requested -> received -> accepted -> in-progress (on-hold)
// -> completed or failed; rejected when it ended before a treatment.
const char* TrackingStatus(const Progress& progress, bool answered) {
  if (progress.closed) {
    if (progress.completed) return "completed";
    if (progress.enrolled) return "failed";
    return answered ? "rejected" : "cancelled";
  }
  if (progress.enrolled) return progress.paused ? "on-hold" : "in-progress";
  return answered ? "accepted" : "received";
}

class ReferralWriter {
 public:
  explicit ReferralWriter(const WriteContext& context)
      : context_(context), state_(context.state()) {}

  void Write() {
    for (size_t i = 0; i < state_.consents.size(); ++i) WriteConsent(i);
    for (const Referral& referral : state_.referrals) {
      WriteRequest(referral);
      // Nobody here follows what became of one that had ended before.
      if (!referral.ended_as) WriteTracking(referral);
    }
    for (ReferralId id : context_.person.taken_back) WriteTakenBack(id);
  }

 private:
  std::string RouteName(const Referral& referral) const {
    const auto& routes = context_.protocol().routes;
    return referral.route.value < routes.size()
               ? routes[referral.route.value].id
               : "";
  }

  // A referral without a referrer on the route of that name is the person's.
  bool IsByPerson(const Referral& referral) const {
    return referral.referrer.empty() && RouteName(referral) == "self";
  }

  std::vector<Identifier> KeysOf(ReferralId referral) const {
    std::vector<Identifier> keys;
    for (const auto& [id, known] : context_.person.referral_keys) {
      if (id != referral) continue;
      for (const Identifier& key : known) {
        keys.push_back(PublicIdentifier(key));
      }
    }
    const Identifier own = {OwnSystem("referral"),
                            ReferralResourceId(referral)};
    if (std::find(keys.begin(), keys.end(), own) == keys.end()) {
      keys.push_back(own);
    }
    return keys;
  }

  std::string ConsentId(size_t consent) const {
    return absl::StrCat(context_.case_id, "-c", consent);
  }

  void WriteConsent(size_t index) {
    const engine::ConsentState& consent = state_.consents[index];
    const auto& purposes = context_.protocol().purposes;
    if (consent.purpose.value >= purposes.size()) return;
    json::Writer w = BeginResource("Consent", ConsentId(index));
    w.Key("status").String(consent.ended   ? "inactive"
                           : consent.given ? "active"
                                           : "rejected");
    PutConcept(w, "scope", Hl7("consentscope", "treatment"));
    PutConcepts(w, "category",
                {std::string(kConsentPurposeSystem),
                 purposes[consent.purpose.value], "", ""});
    context_.PutPatient(w, "patient");
    PutInstant(w, "dateTime", consent.at);
    if (!consent.by.empty()) {  // a guardian's word, not the patient's own
      w.Key("performer").BeginArray();
      WriteContext::PutRelated(w, consent.by);
      w.EndArray();
    }
    PutConcept(w, "policyRule",
               Hl7("v3-ActCode", consent.given ? "OPTIN" : "OPTOUT"));
    w.Key("provision").BeginObject();
    w.Key("type").String(consent.given ? "permit" : "deny");
    w.EndObject();
    context_.out.push_back(EndResource(w, "Consent", ConsentId(index)));
  }

  void WriteRequest(const Referral& referral) {
    const std::string id = ReferralResourceId(referral.id);
    const Progress progress = ProgressOf(state_, referral);
    const bool answered = !referral.disposition.IsNone();
    json::Writer w = BeginResource("ServiceRequest", id);
    if (answered) WriteOutcome(w, referral);
    w.Key("identifier").BeginArray();
    for (const Identifier& key : KeysOf(referral.id)) PutIdentifier(w, key);
    w.EndArray();
    w.Key("status").String(RequestStatus(progress, referral));
    // What a person asks for themselves is a proposal until it is taken up.
    const bool taken_up =
        answered || progress.enrolled || referral.ended_as.has_value();
    w.Key("intent").String(IsByPerson(referral) && !taken_up ? "proposal"
                                                             : "order");
    WriteCategories(w, referral);
    context_.PutPatient(w, "subject");
    PutClinicalTime(w, "authoredOn", referral.wait_from);
    WriteRequester(w, referral);
    WriteSupport(w, referral);
    context_.out.push_back(EndResource(w, "ServiceRequest", id));
  }

  // It was never of this patient: whoever holds it hears so, and nothing of
  // what it said.
  void WriteTakenBack(ReferralId referral) {
    const std::string id = ReferralResourceId(referral);
    json::Writer w = BeginResource("ServiceRequest", id);
    w.Key("identifier").BeginArray();
    for (const Identifier& key : KeysOf(referral)) PutIdentifier(w, key);
    w.EndArray();
    w.Key("status").String("entered-in-error");
    w.Key("intent").String("order");
    context_.PutPatient(w, "subject");
    context_.out.push_back(EndResource(w, "ServiceRequest", id));
  }

  void WriteOutcome(json::Writer& w, const Referral& referral) {
    w.Key("extension").BeginArray().BeginObject();
    w.Key("url").String(kStatusReasonExtension);
    PutConcept(w, "valueCodeableConcept",
               Own("outcome", context_.OutcomeName(referral.disposition)));
    w.EndObject().EndArray();
  }

  void WriteCategories(json::Writer& w, const Referral& referral) {
    const std::string route = RouteName(referral);
    const bool source = IsCode(referral.information_source);
    if (route.empty() && !source) return;
    w.Key("category").BeginArray();
    if (!route.empty()) {
      PutConcept(w, nullptr, {std::string(kRouteSystem), route, "", ""});
    }
    if (source) {
      PutConcept(w, nullptr,
                 {std::string(kInformationSourceSystem),
                  referral.information_source, "", ""});
    }
    w.EndArray();
  }

  void WriteRequester(json::Writer& w, const Referral& referral) {
    if (!referral.referrer.empty()) {
      PutReferrer(w, "requester", referral.referrer);
    } else if (IsByPerson(referral)) {
      context_.PutPatient(w, "requester");
    }
  }

  void WriteSupport(json::Writer& w, const Referral& referral) {
    if (referral.documents.empty() && state_.consents.empty()) return;
    w.Key("supportingInfo").BeginArray();
    for (const std::string& kind : referral.documents) {
      if (!IsCode(kind)) continue;
      w.BeginObject();
      w.Key("identifier").BeginObject();
      PutConcept(w, "type", {std::string(kDocumentKindSystem), kind, "", ""});
      w.EndObject();
      w.Key("display").String(CleanText(kind));
      w.EndObject();
    }
    for (size_t i = 0; i < state_.consents.size(); ++i) {
      PutReference(w, nullptr, "Consent", ConsentId(i));
    }
    w.EndArray();
  }

  // The phases that the case is in, as the service calls them.
  void WriteBusinessStatus(json::Writer& w) {
    w.Key("businessStatus").BeginObject();
    w.Key("coding").BeginArray();
    const protocol::Protocol& protocol = context_.protocol();
    std::string text;
    for (size_t t = 0; t < state_.tracks.size(); ++t) {
      const protocol::PhaseId phase = state_.tracks[t].phase;
      if (phase.IsNone()) continue;
      const protocol::Phase& at = protocol.at(phase);
      PutCoding(
          w, Own("phase", absl::StrCat(protocol.id, "/", protocol.tracks[t].id,
                                       "/", at.id)));
      if (text.empty()) text = at.title.empty() ? at.id : at.title;
    }
    w.EndArray();
    PutText(w, "text", text);
    w.EndObject();
  }

  bool HasPhase() const {
    return std::any_of(
        state_.tracks.begin(), state_.tracks.end(),
        [](const engine::TrackState& track) { return !track.phase.IsNone(); });
  }

  // Phases are the last episode's; what came of an earlier one is told by its
  // status and its outcome.
  bool IsCurrent(const Referral& referral) const {
    return referral.episode == state_.episodes.size();
  }

  void WriteTracking(const Referral& referral) {
    const std::string id =
        absl::StrCat(ReferralResourceId(referral.id), "-fulfill");
    const Progress progress = ProgressOf(state_, referral);
    const bool answered = !referral.disposition.IsNone();
    json::Writer w = BeginResource("Task", id);
    context_.PutCase(w);
    w.Key("status").String(TrackingStatus(progress, answered));
    if (answered) {
      PutConcept(w, "statusReason",
                 Own("outcome", context_.OutcomeName(referral.disposition)));
    }
    if (IsCurrent(referral) && HasPhase()) WriteBusinessStatus(w);
    w.Key("intent").String("order");
    PutConcept(w, "code",
               {"http://hl7.org/fhir/CodeSystem/task-code", "fulfill", "", ""});
    PutReference(w, "focus", "ServiceRequest", ReferralResourceId(referral.id));
    context_.PutPatient(w, "for");
    Instant end = Instant::Never();
    if (progress.closed) {
      end = *state_.episodes[referral.episode - 1].closed_at;
    }
    PutPeriod(w, "executionPeriod", referral.received_at, end);
    PutInstant(w, "authoredOn", referral.received_at);
    PutInstant(w, "lastModified", state_.last_at);
    WriteRequester(w, referral);
    context_.PutOwner(w, state_.owner);
    context_.out.push_back(EndResource(w, "Task", id));
  }

  const WriteContext& context_;
  const engine::CaseState& state_;
};

}  // namespace

void WriteReferrals(const WriteContext& context) {
  ReferralWriter(context).Write();
}

}  // namespace stepwell::fhir
