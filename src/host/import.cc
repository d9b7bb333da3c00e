// FHIR R4 in: what the fhir room read becomes commands with derived ids, so
// that the same text imported twice changes nothing.
#include "fhir/import.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "host/command_parts.h"
#include "host/names.h"
#include "host/own_export.h"
#include "host/service_impl.h"
#include "instruments/score.h"
#include "json/json.h"

namespace stepwell::host {

using fhir::Entry;
using fhir::Identifier;
using runtime::PersonReference;
using runtime::Receipt;
using runtime::ReceiptKind;

namespace {

std::string DerivedId(const char* kind, const Identifier& key,
                      const std::string& fingerprint) {
  return absl::StrCat(
      "import/", kind, "/",
      IdToText(DeriveId(kind, absl::StrCat(key.system, "|", key.value),
                        fingerprint)));
}

engine::Envelope ImportEnvelope(std::string command_id, const Entry& entry) {
  engine::Envelope envelope;
  envelope.command_id = std::move(command_id);
  envelope.actor.role = engine::Role::kIntegration;
  envelope.source_document = entry.resource;
  return envelope;
}

Instant AtOf(const std::optional<Instant>& instant,
             const std::optional<Date>& date, Instant now) {
  if (instant) return std::min(*instant, now);
  if (date) return std::min(Instant{} + WallDays(date->days), now);
  return now;
}

// Years of age on the day of `now`; the birth date itself stays erasable.
std::optional<int64_t> AgeAt(const std::optional<Date>& birth, Instant now) {
  if (!birth) return std::nullopt;
  const CivilFields born = FieldsOf(*birth);
  const CivilFields today =
      FieldsOf(Date{static_cast<int32_t>(now.us / (86'400 * 1'000'000LL))});
  int64_t age = today.year - born.year;
  if (today.month < born.month ||
      (today.month == born.month && today.day < born.day)) {
    --age;
  }
  return age;
}

std::string PersonalText(const fhir::ImportedPerson& person) {
  json::Writer writer;
  writer.BeginObject();
  if (!person.birth_date_text.empty()) {
    writer.Key("birth_date").String(person.birth_date_text);
  }
  if (!person.language.empty()) {
    writer.Key("language").String(person.language);
  }
  if (!person.personal_json.empty()) {
    writer.Key("resource").Raw(person.personal_json);
  }
  if (!person.sex.empty()) writer.Key("sex").String(person.sex);
  writer.EndObject();
  return writer.Take();
}

void ReadAnswers(const instruments::Instrument& instrument,
                 const fhir::ImportedResponse& response,
                 engine::SubmitResponse& body) {
  const std::vector<instruments::RawAnswer> raw =
      fhir::RawAnswersOf(response, instrument);
  const instruments::MatchResult match =
      instruments::MatchAnswers(instrument, raw);
  for (uint16_t i = 0; i < match.answers.size(); ++i) {
    const instruments::Answer& answer = match.answers[i];
    using State = instruments::Answer::State;
    if (answer.state == State::kMissing) continue;
    // In place of a text any word would be one: what came is kept raw.
    if (answer.state == State::kUnreadable &&
        instrument.items()[i].kind == instruments::ItemKind::kText) {
      continue;
    }
    engine::GivenAnswer given;
    given.item = i;
    if (answer.state == State::kValue) given.number = answer.value;
    if (answer.state == State::kText) {
      given.text = std::string(match.answers.text(i));
    } else if (answer.state == State::kNotApplicable) {
      given.text = "not-applicable";
    } else if (answer.state == State::kUnreadable) {
      given.text = "unreadable";
    }
    body.answers.push_back(std::move(given));
  }
  for (const instruments::AnswerProblem& problem : match.problems) {
    body.problems.push_back(
        absl::StrCat(problem.code, " ", problem.item, ": ", problem.message));
  }
}

// The response as the case takes it; what could not be read is kept raw.
absl::StatusOr<engine::SubmitResponse> ToCommand(
    runtime::Runtime& runtime, const protocol::Protocol& protocol,
    const fhir::ImportedResponse& response, std::string response_id) {
  engine::SubmitResponse body;
  body.response_id = std::move(response_id);
  body.instrument = protocol.FindInstrument(response.instrument);
  body.language = response.language;
  for (const fhir::Finding& problem : response.problems) {
    body.problems.push_back(absl::StrCat(problem.path, ": ", problem.reason));
  }
  if (!body.instrument.IsNone()) {
    ReadAnswers(*protocol.at(body.instrument).instrument, response, body);
  }
  if (body.instrument.IsNone() || !body.problems.empty()) {
    body.raw_key = ToHex(FingerprintOf(response.raw));
    store::CommitRequest request;
    request.documents.push_back({"raw", body.raw_key, response.raw});
    STEPWELL_RETURN_IF_ERROR(runtime.store().Commit(request));
  }
  return body;
}

}  // namespace

// Takes one batch in, entry by entry.
class Importer {
 public:
  Importer(runtime::Runtime& runtime, Instant now, ImportReport& report)
      : runtime_(runtime), now_(now), report_(report) {}

  absl::Status Take(const Entry& entry) {
    switch (entry.kind()) {
      case Entry::kPerson:
        return Person(entry, std::get<fhir::ImportedPerson>(entry.body));
      case Entry::kReferral:
        return Referral(entry, std::get<fhir::ImportedReferral>(entry.body));
      case Entry::kResponse:
        return Response(entry, std::get<fhir::ImportedResponse>(entry.body));
      case Entry::kIgnored:
        ++report_.ignored;
        return absl::OkStatus();
    }
    return absl::OkStatus();
  }

 private:
  void Count(const Entry& entry, const Receipt& receipt, uint64_t& counter) {
    if (receipt.repeated || receipt.code == "referral_known") {
      ++report_.unchanged;
    } else if (receipt.kind == ReceiptKind::kRejected) {
      report_.refused.push_back(
          {entry.path, entry.resource,
           absl::StrCat(receipt.code, ": ", receipt.reason)});
    } else if (receipt.kind == ReceiptKind::kParked) {
      ++report_.parked;
    } else {
      ++counter;
    }
  }

  absl::Status Unchanged() {
    ++report_.unchanged;
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<PersonId>> Find(const Identifier& key) {
    return FindPerson(runtime_, key);
  }

  absl::Status Person(const Entry& entry, const fhir::ImportedPerson& person) {
    runtime::RegisterPerson command;
    const Identifier& key = person.identifiers.front();
    command.envelope =
        ImportEnvelope(DerivedId("person", key, entry.fingerprint), entry);
    for (const Identifier& identifier : person.identifiers) {
      // A name that an export gave them is no identifier that somebody keeps.
      if (&identifier != &key && IsOwnName(identifier, PersonOf(key))) continue;
      command.identifiers.push_back({identifier.system, identifier.value});
    }
    command.personal = PersonalText(person);
    if (person.deceased) command.died = true;
    command.zone = person.zone;
    ages_[absl::StrCat(key.system, "|", key.value)] =
        AgeAt(person.birth_date, now_);
    STEPWELL_ASSIGN_OR_RETURN(const bool held, HoldsPerson(runtime_, person));
    if (held) return Unchanged();
    STEPWELL_ASSIGN_OR_RETURN(const Receipt receipt,
                              runtime_.Register(command, now_));
    Count(entry, receipt, report_.persons);
    return absl::OkStatus();
  }

  absl::Status Referral(const Entry& entry,
                        const fhir::ImportedReferral& referral) {
    STEPWELL_ASSIGN_OR_RETURN(const auto person, Find(referral.subject));
    if (!person) {
      report_.refused.push_back({entry.path, entry.resource,
                                 "unknown_subject: the person is not known"});
      return absl::OkStatus();
    }
    STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState state,
                              runtime_.LoadPerson(*person));
    std::vector<Identifier> names = referral.identifiers;
    names.insert(names.begin(), referral.key);
    for (const Identifier& name : names) {
      STEPWELL_ASSIGN_OR_RETURN(const ReferralId held,
                                FindReferral(runtime_, state, name));
      if (held == ReferralId()) continue;
      return Known(entry, referral, *person, state.case_id, held);
    }
    return NewReferral(entry, referral, *person);
  }

  // What was taken in before changes nothing, unless what is on file as ended
  // is asked for now. That care was called off which goes on here is for a
  // person to hear.
  absl::Status Known(const Entry& entry, const fhir::ImportedReferral& referral,
                     PersonId person, CaseId case_id, ReferralId id) {
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_.LoadCase(case_id));
    const engine::CaseState& state = *loaded.state;
    const auto it = std::find_if(
        state.referrals.begin(), state.referrals.end(),
        [&](const engine::Referral& known) { return known.id == id; });
    if (it == state.referrals.end()) return Unchanged();
    if (!referral.HasEnded()) {
      return it->ended_as ? NewReferral(entry, referral, person) : Unchanged();
    }
    if (it->ended_as || state.episodes[it->episode - 1u].closed_at) {
      return Unchanged();
    }
    report_.refused.push_back(
        {entry.path, entry.resource,
         absl::StrCat("withdrawn: the request is ", referral.status,
                      " and its care goes on here: end it by hand")});
    return absl::OkStatus();
  }

  // Of a day without an hour a refusal counts as said last.
  std::optional<Instant> SaidAt(const fhir::ImportedConsent& consent) const {
    if (!consent.at && !consent.day) return std::nullopt;
    const Instant at = AtOf(consent.at, consent.day, now_);
    if (consent.at || consent.given) return at;
    return std::min(at + WallDays(1), now_);
  }

  absl::Status NewReferral(const Entry& entry,
                           const fhir::ImportedReferral& referral,
                           PersonId person) {
    runtime::NewReferral command;
    command.envelope = ImportEnvelope(
        DerivedId("referral", referral.key, entry.fingerprint), entry);
    command.person = person;
    command.content = entry.fingerprint;
    command.key = PersonReference{referral.key.system, referral.key.value};
    command.route = referral.route;
    command.referral.referrer = referral.referrer;
    command.referral.received_at = now_;
    command.referral.wait_from =
        AtOf(referral.authored, referral.authored_date, now_);
    command.referral.information_source = referral.information_source;
    command.referral.documents = referral.documents;
    if (referral.HasEnded()) {
      command.referral.ended_as = referral.status == "completed"
                                      ? engine::EndedAs::kCompleted
                                      : engine::EndedAs::kRevoked;
      command.outcome = referral.outcome;
    }
    for (const fhir::ImportedConsent& consent : referral.consents) {
      command.told_consents.push_back(
          {consent.purpose, consent.by, consent.given, SaidAt(consent)});
    }
    const auto age = ages_.find(
        absl::StrCat(referral.subject.system, "|", referral.subject.value));
    if (age != ages_.end() && age->second) {
      command.facts.push_back(
          {"age", {engine::FactValue::Kind::kInteger, *age->second, ""}});
    }
    STEPWELL_ASSIGN_OR_RETURN(const Receipt receipt,
                              runtime_.Refer(command, now_));
    Count(entry, receipt,
          referral.HasEnded() ? report_.ended : report_.referrals);
    return absl::OkStatus();
  }

  absl::Status Response(const Entry& entry,
                        const fhir::ImportedResponse& response) {
    engine::Envelope envelope = ImportEnvelope(
        DerivedId("response", response.key, entry.fingerprint), entry);
    envelope.actor.role = engine::Role::kPatient;
    envelope.at = AtOf(response.authored, response.authored_date, now_);
    const std::optional<uint32_t> waiting = FindParked(envelope.command_id);
    if (waiting && !runtime_.service().parked[*waiting].open) {
      // A person has filed or dismissed it: that stands.
      ++report_.unchanged;
      return absl::OkStatus();
    }
    STEPWELL_ASSIGN_OR_RETURN(const auto person, Find(response.subject));
    std::string code, reason;
    CaseId case_id;
    if (!person) {
      code = "unknown_person";
      reason = "the subject of the response is not known";
    } else {
      STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState state,
                                runtime_.LoadPerson(*person));
      case_id = state.case_id;
      if (case_id.value == 0) {
        code = "no_case";
        reason = "the person has no case in this service";
      }
    }
    if (!code.empty()) {
      // Parked under an id of its own: once there is a case, the same text
      // goes in.
      return Park(entry, response, std::move(envelope), std::move(code),
                  std::move(reason));
    }
    STEPWELL_ASSIGN_OR_RETURN(const bool held,
                              HoldsResponse(runtime_, case_id, response));
    if (held) {
      return waiting ? SettleFound(*waiting, case_id, entry) : Unchanged();
    }
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_.LoadCase(case_id));
    engine::Command command;
    command.envelope = std::move(envelope);
    command.case_id = case_id;
    if (waiting) {
      command.waited = WaitedAs(runtime_.service().parked[*waiting]);
    }
    STEPWELL_ASSIGN_OR_RETURN(command.body,
                              ToCommand(runtime_, *loaded.protocol, response,
                                        ResponseIdOf(response.key)));
    const absl::StatusOr<Receipt> receipt =
        runtime_.SubmitToCase(command, now_, entry.fingerprint);
    if (!receipt.ok() && !absl::IsUnavailable(receipt.status())) {
      // Nothing a patient sends is lost because the case cannot take it now.
      return Park(entry, response, std::move(command.envelope), "not_decided",
                  std::string(receipt.status().message()));
    }
    STEPWELL_RETURN_IF_ERROR(receipt.status());
    Count(entry, *receipt, report_.responses);
    return waiting ? SettleFound(*waiting, case_id, entry) : absl::OkStatus();
  }

  // The place in the queue of this very text; none: it never came, or went
  // straight to its case.
  std::optional<uint32_t> FindParked(const std::string& filed_as) const {
    const auto& parked = runtime_.service().parked;
    for (uint32_t i = 0; i < parked.size(); ++i) {
      if (parked[i].filed_as == filed_as) return i;
    }
    return std::nullopt;
  }

  // What waited in the queue has found its case by the sender's own name.
  absl::Status SettleFound(uint32_t ordinal, CaseId case_id,
                           const Entry& entry) {
    engine::Envelope envelope = ImportEnvelope(
        absl::StrCat("import/found/",
                     runtime_.service().parked[ordinal].filed_as),
        entry);
    envelope.reason = "imported again: the person has a case now";
    return runtime_.SettleParked(envelope, {ordinal, case_id, ""}, now_)
        .status();
  }

  // `envelope` is that of the command it would have been.
  absl::Status Park(const Entry& entry, const fhir::ImportedResponse& response,
                    engine::Envelope envelope, std::string code,
                    std::string reason) {
    runtime::ParkInput input;
    input.filed_as = std::move(envelope.command_id);
    input.content = entry.fingerprint;
    input.envelope = std::move(envelope);
    input.envelope.command_id =
        DerivedId("parked", response.key, entry.fingerprint);
    input.code = std::move(code);
    input.reason = std::move(reason);
    input.receipt = ResponseIdOf(response.key);
    input.raw = response.raw;
    const protocol::InstrumentRef ref =
        runtime_.current()->FindInstrument(response.instrument);
    if (!ref.IsNone()) {
      const instruments::Instrument& instrument =
          *runtime_.current()->at(ref).instrument;
      const auto raw = fhir::RawAnswersOf(response, instrument);
      const auto match = instruments::MatchAnswers(instrument, raw);
      switch (instruments::Score(instrument, match.answers.view()).risk()) {
        case instruments::Tri::kTrue:
          input.risk = engine::Answer3::kYes;
          break;
        case instruments::Tri::kFalse:
          input.risk = engine::Answer3::kNo;
          break;
        case instruments::Tri::kUnknown:
          break;
      }
    }
    STEPWELL_ASSIGN_OR_RETURN(const Receipt receipt,
                              runtime_.Park(input, now_));
    if (receipt.repeated) {
      ++report_.unchanged;
    } else {
      ++report_.parked;
      report_.parked_entries.push_back(
          {entry.path, entry.resource,
           absl::StrCat(receipt.code, ": ", receipt.reason)});
    }
    return absl::OkStatus();
  }

  runtime::Runtime& runtime_;
  Instant now_;
  ImportReport& report_;
  std::map<std::string, std::optional<int64_t>> ages_;
};

// The parked text goes to the case that a person named, as the patient's own
// answers: scored and looked at for risk as if it had come right. Its id is the
// one that an import would give it, so it is taken in once.
absl::StatusOr<Receipt> ServiceImpl::FileParkedFhir(
    const engine::ParkedState& parked, std::string_view raw, CaseId target,
    Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const fhir::ImportBatch batch, fhir::ReadFhir(raw));
  const auto entry =
      std::find_if(batch.entries.begin(), batch.entries.end(),
                   [](const Entry& e) { return e.kind() == Entry::kResponse; });
  if (entry == batch.entries.end()) {
    return Corrupt("a parked text is no response any more");
  }
  const auto& response = std::get<fhir::ImportedResponse>(entry->body);
  engine::Command command;
  command.envelope = ImportEnvelope(
      parked.filed_as.empty()
          ? absl::StrCat("import/filed/", parked.receipt, "/", parked.raw_key)
          : parked.filed_as,
      *entry);
  command.envelope.actor.role = engine::Role::kPatient;
  command.envelope.at = AtOf(response.authored, response.authored_date, now);
  command.case_id = target;
  command.waited = WaitedAs(parked);
  STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_->LoadCase(target));
  // A newer one under the same id is not replaced by what waited.
  const bool newer = std::any_of(
      loaded.state->responses.begin(), loaded.state->responses.end(),
      [&](const auto& known) { return known.id == parked.receipt; });
  STEPWELL_ASSIGN_OR_RETURN(
      command.body, ToCommand(*runtime_, *loaded.protocol, response,
                              newer ? absl::StrCat(parked.receipt, "/parked")
                                    : parked.receipt));
  return runtime_->SubmitToCase(
      command, now, parked.content.empty() ? parked.raw_key : parked.content);
}

absl::StatusOr<ImportReport> ServiceImpl::Import(std::string_view text,
                                                 const ImportOptions& options,
                                                 Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  fhir::ReadOptions read;
  read.source = options.source;
  read.is_known_person = [this](const Identifier& key) {
    const auto found = FindPerson(*runtime_, key);
    return found.ok() && found->has_value();
  };
  read.is_known_referral = [this](const Identifier& key) {
    const auto found =
        runtime_->store().FindExternalId("referral:" + key.system, key.value);
    return found.ok() && found->has_value();
  };
  STEPWELL_ASSIGN_OR_RETURN(const fhir::ImportBatch batch,
                            fhir::ReadFhir(text, read));
  ImportReport report;
  report.entries = batch.read;
  for (const fhir::Finding& finding : batch.refused) {
    report.refused.push_back(
        {finding.path, finding.resource,
         absl::StrCat(finding.code, ": ", finding.reason)});
  }
  Importer importer(*runtime_, now, report);
  for (const Entry& entry : batch.entries) {
    const absl::Status status = importer.Take(entry);
    if (status.ok()) continue;
    // The store failed: nothing more can be done. Anything else concerns this
    // entry alone.
    if (absl::IsUnavailable(status) || absl::IsDataLoss(status)) return status;
    report.refused.push_back(
        {entry.path, entry.resource, std::string(status.message())});
  }
  return report;
}

}  // namespace stepwell::host
