// ServiceRequests. What cannot be understood safely is refused with its path;
// what asks for nothing, or for nothing of ours, is ignored with a note.
#include "fhir/read_referral.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "fhir/read_element.h"
#include "fhir/read_response.h"
#include "fhir/systems.h"

namespace stepwell::fhir {
namespace {

// Required bindings of R4 4.0.1: request-status, request-intent and
// request-priority.
constexpr std::string_view kStatuses[] = {
    "draft",     "active",           "on-hold", "revoked",
    "completed", "entered-in-error", "unknown"};
constexpr std::string_view kIntents[] = {
    "proposal",     "plan",         "directive",      "order", "original-order",
    "reflex-order", "filler-order", "instance-order", "option"};
constexpr std::string_view kPriorities[] = {"routine", "urgent", "asap",
                                            "stat"};

// SNOMED CT categories of orders that no care service of talking receives.
constexpr std::string_view kSnomed = "http://snomed.info/sct";
constexpr std::string_view kOtherCategories[] = {
    "108252007",  // laboratory procedure
    "363679005",  // imaging
    "387713003",  // surgical procedure
    "103693007",  // diagnostic procedure
};

bool Contains(std::span<const std::string_view> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string ListText(std::span<const std::string_view> list) {
  return absl::StrJoin(list, ", ", [](std::string* out, std::string_view one) {
    out->append(one);
  });
}

class ReferralReader {
 public:
  ReferralReader(const Resource& resource, const ReadContext& context)
      : resource_(resource), value_(resource.value), context_(context) {}

  ReferralReading Read() {
    if (!CheckModifiers() || !CheckCodes()) return Result();
    out_.identifiers =
        ReadIdentifiers(value_, std::string(context_.references.source()));
    if (SkipByMeaning()) return Result();
    if (!ReadAuthored() || !ReadSubject()) return Result();
    out_.key = KeyOf(resource_, context_.references);
    out_.status = std::string(StringOf(value_, "status"));
    if (out_.HasEnded()) out_.outcome = OutcomeName();
    out_.priority = std::string(StringOf(value_, "priority"));
    ReadRouteAndReferrer();
    out_.information_source =
        std::string(CodeIn(value_, "category", kInformationSourceSystem));
    ReadReason();
    ReadSupport();
    return std::move(out_);
  }

 private:
  ReferralReading Result() {
    if (refused_.has_value()) return *std::move(refused_);
    return *std::move(ignored_);
  }

  bool Refuse(std::string code, std::string_view element, std::string reason,
              std::string hint) {
    refused_ = Finding{std::move(code), resource_.At(element),
                       resource_.label(), std::move(reason), std::move(hint)};
    return false;
  }

  void Note(std::string code, std::string_view element, std::string reason,
            std::string hint) {
    context_.notes->push_back({std::move(code), resource_.At(element),
                               resource_.label(), std::move(reason),
                               std::move(hint)});
  }

  bool Ignore(std::string code, std::string_view element, std::string reason,
              std::string hint = "") {
    Note(code, element, reason, std::move(hint));
    ignored_ = Ignored{std::move(code), std::move(reason)};
    return true;
  }

  bool CheckModifiers() {
    const std::string modifier = FindModifier(value_);
    if (modifier.empty()) return true;
    return Refuse("modifier", modifier,
                  "it changes the meaning of the request in a way that is not "
                  "understood here",
                  "send the request without it, or enter the referral by hand");
  }

  bool CheckCode(std::string_view element, bool required,
                 std::span<const std::string_view> codes) {
    const json::Value value = value_.Find(element);
    if (!value || value.is_null()) {
      return !required ||
             Refuse("missing", element,
                    absl::StrCat("\"", ToAbsl(element), "\" is missing"),
                    ListText(codes));
    }
    if (Contains(codes, StringOf(value_, element))) return true;
    return Refuse("unknown_code", element,
                  value.is_string()
                      ? absl::StrCat("\"", Shown(value.string_value()),
                                     "\" is no code of this element")
                      : std::string("this is no code"),
                  ListText(codes));
  }

  bool CheckCodes() {
    if (!CheckCode("status", true, kStatuses) ||
        !CheckCode("intent", true, kIntents) ||
        !CheckCode("priority", false, kPriorities)) {
      return false;
    }
    const json::Value not_to_do = value_.Find("doNotPerform");
    if (!not_to_do || not_to_do.is_null() || not_to_do.is_bool()) return true;
    return Refuse("wrong_type", "doNotPerform", "this is no boolean",
                  "true or false");
  }

  // True when the request is understood and there is nothing to take in.
  bool SkipByMeaning() {
    const std::string_view status = StringOf(value_, "status");
    const bool kept =
        (status == "revoked" || status == "completed") && IsKept();
    if (!kept && (status == "revoked" || status == "entered-in-error")) {
      return Ignore(
          "withdrawn", "status",
          absl::StrCat("the request is withdrawn (", ToAbsl(status), ")"),
          "if it was taken in before, answer it by hand");
    }
    if (!kept && (status == "draft" || status == "completed")) {
      return Ignore("not_asked", "status",
                    absl::StrCat("a request that is ", ToAbsl(status),
                                 " asks for nothing now"));
    }
    const json::Value not_to_do = value_.Find("doNotPerform");
    if (not_to_do && not_to_do.is_bool() && not_to_do.bool_value()) {
      return Ignore("not_asked", "doNotPerform",
                    "the request asks that something be not done");
    }
    if (!RouteCode().empty()) return false;
    for (const char* element : {"category", "code"}) {
      for (const Coding& coding : CodingsOf(value_, element)) {
        if (coding.system == kSnomed &&
            Contains(kOtherCategories, coding.code)) {
          return Ignore("not_ours", element,
                        "an order for laboratory, imaging, surgery or "
                        "diagnostics is no referral");
        }
      }
    }
    if (!kept && status != "active") {
      Note("status", "status",
           absl::StrCat("a referral whose status is ", ToAbsl(status),
                        " is taken in"),
           "");
    }
    return false;
  }

  // A service like this took it in, or this one did: that it has ended is worth
  // hearing. Of other requests that ask for nothing there is no end.
  bool IsKept() const {
    const auto& known = context_.options.is_known_referral;
    return std::any_of(out_.identifiers.begin(), out_.identifiers.end(),
                       [&](const Identifier& one) {
                         return one.system == OwnSystem("referral") ||
                                (known && known(one));
                       });
  }

  std::string OutcomeName() const {
    for (json::Value extension : ListOf(value_, "extension")) {
      if (StringOf(extension, "url") != kStatusReasonExtension) continue;
      for (json::Value coding :
           ListOf(extension.Find("valueCodeableConcept"), "coding")) {
        if (StringOf(coding, "system") != OwnCodeSystem("outcome")) continue;
        return std::string(StringOf(coding, "code"));
      }
    }
    return "";
  }

  bool ReadAuthored() {
    const json::Value value = value_.Find("authoredOn");
    if (!value || value.is_null()) return true;
    const std::string_view text = StringOf(value_, "authoredOn");
    const FhirTime time = ParseFhirTime(text);
    if (!time.legal) {
      return Refuse("bad_time", "authoredOn",
                    absl::StrCat("\"", Shown(text), "\" is no dateTime"),
                    std::string(kTimeHint));
    }
    out_.authored = time.instant;
    out_.authored_date = time.date;
    out_.authored_text = std::string(text);
    return true;
  }

  bool ReadSubject() {
    const json::Value element = value_.Find("subject");
    const Subject subject = context_.persons.Resolve(element, resource_);
    constexpr const char* kHint =
        "name a Patient of the text by reference or identifier, or import the "
        "Patient first";
    switch (subject.state) {
      case Subject::State::kNone:
        return Refuse("no_subject", "subject", "no patient is named", kHint);
      case Subject::State::kUnusable:
        return Refuse(subject.code, "subject", subject.reason, kHint);
      case Subject::State::kUnknown:
        if (!context_.options.is_known_person ||
            !context_.options.is_known_person(subject.key)) {
          return Refuse("subject_unresolved", "subject",
                        "the patient is neither in the text nor known", kHint);
        }
        break;
      case Subject::State::kFound:
        break;
    }
    out_.subject = subject.key;
    return true;
  }

  std::string_view RouteCode() const {
    const std::string_view code = CodeIn(value_, "category", kRouteSystem);
    return code.empty() ? CodeIn(value_, "code", kRouteSystem) : code;
  }

  void ReadRouteAndReferrer() {
    const json::Value requester = value_.Find("requester");
    const std::string_view reference = StringOf(requester, "reference");
    std::string_view type = StringOf(requester, "type");
    if (type.empty()) type = TypeInReference(reference);
    const json::Value who = context_.references.FindValue(reference, resource_);
    if (who) type = StringOf(who, "resourceType");
    const bool by_person = type == "Patient" || type == "RelatedPerson";
    out_.route = std::string(RouteCode());
    if (out_.route.empty()) out_.route = by_person ? "self" : "gp";
    if (by_person) return;
    const std::string source(context_.references.source());
    Identifier identifier =
        ReadIdentifier(requester.Find("identifier"), source);
    if (identifier.IsNone() && who) {
      const std::vector<Identifier> all = ReadIdentifiers(who, source);
      if (!all.empty()) identifier = all.front();
    }
    if (identifier.system == kReferenceSystem) {
      // A reference that an export of ours could not give as one.
      out_.referrer = identifier.value;
    } else if (!identifier.IsNone()) {
      out_.referrer = absl::StrCat(identifier.system, "|", identifier.value);
    } else if (!reference.empty()) {
      out_.referrer = context_.references.Absolute(reference, resource_);
    } else {
      out_.referrer = std::string(StringOf(requester, "display"));
    }
  }

  void ReadReason() {
    for (json::Value reason : ListOf(value_, "reasonCode")) {
      std::string_view text = StringOf(reason, "text");
      for (json::Value coding : ListOf(reason, "coding")) {
        if (text.empty()) text = StringOf(coding, "display");
      }
      if (text.empty()) continue;
      if (!out_.reason_text.empty()) out_.reason_text += "; ";
      out_.reason_text += text;
      if (out_.reason_text.size() > limits::kTextBytesMax) {
        out_.reason_text = Shown(out_.reason_text, limits::kTextBytesMax);
        return;
      }
    }
  }

  void ReadSupport() {
    size_t index = 0;
    for (json::Value reference : ListOf(value_, "supportingInfo")) {
      const std::string element = absl::StrCat("supportingInfo[", index, "]");
      if (++index > limits::kFhirSupportMax) {
        Note("too_many", element, "what follows is not read", "");
        break;
      }
      const json::Value support = context_.references.FindValue(
          StringOf(reference, "reference"), resource_);
      if (StringOf(support, "resourceType") == "Consent") {
        ReadConsent(support, element);
      } else {
        ReadDocument(reference, support, element);
      }
    }
    auto& documents = out_.documents;
    std::sort(documents.begin(), documents.end());
    documents.erase(std::unique(documents.begin(), documents.end()),
                    documents.end());
  }

  void ReadDocument(json::Value reference, json::Value support,
                    const std::string& element) {
    std::string kind(
        CodeIn(reference.Find("identifier"), "type", kDocumentKindSystem));
    for (const char* key : {"type", "category", "code"}) {
      if (kind.empty()) {
        kind = std::string(CodeIn(support, key, kDocumentKindSystem));
      }
    }
    std::string_view type = StringOf(support, "resourceType");
    if (type.empty()) type = StringOf(reference, "type");
    if (type.empty()) type = TypeInReference(StringOf(reference, "reference"));
    if (kind.empty() && type == "QuestionnaireResponse") {
      kind = context_.names->ByCanonical(CanonicalOf(support));
    }
    if (kind.empty() && type == "Consent") {
      return Note("consent_not_found", element,
                  "the consent is not in the text; it is not taken in",
                  "the Consent in the same text");
    }
    if (kind.empty()) kind = SnakeCase(type);
    if (kind.empty()) {
      return Note("unknown_document", element,
                  "what kind of document this is cannot be told",
                  absl::StrCat("a type coding of system ",
                               ToAbsl(kDocumentKindSystem)));
    }
    out_.documents.push_back(std::move(kind));
  }

  void ReadConsent(json::Value consent, const std::string& element) {
    const std::string_view status = StringOf(consent, "status");
    const std::string_view purpose =
        CodeIn(consent, "category", kConsentPurposeSystem);
    if (purpose.empty()) {
      return Note("unknown_consent", element,
                  "the consent names no purpose of the service",
                  absl::StrCat("a category coding of system ",
                               ToAbsl(kConsentPurposeSystem)));
    }
    if (!FindModifier(consent).empty()) {
      return Note("modifier", element,
                  "the consent has a modifier that is not understood; it is "
                  "not taken in",
                  "");
    }
    const Subject whose =
        context_.persons.Resolve(consent.Find("patient"), resource_);
    if (whose.state != Subject::State::kNone && whose.key != out_.subject) {
      return Note("consent_mismatch", element,
                  "the consent is another person's; it is not taken in", "");
    }
    if (status != "active" && status != "rejected" && status != "inactive") {
      return Note("unknown_consent", element,
                  absl::StrCat("a consent whose status is \"", Shown(status),
                               "\" says nothing"),
                  "active, rejected or inactive");
    }
    const bool given = status == "active" &&
                       StringOf(consent.Find("provision"), "type") != "deny";
    ImportedConsent said{std::string(purpose), given, RoleOf(consent)};
    const std::string_view text = StringOf(consent, "dateTime");
    const FhirTime time = ParseFhirTime(text);
    if (time.legal) {
      said.at = time.instant;
      said.day = time.date;
    } else if (!text.empty()) {
      Note("bad_time", element,
           absl::StrCat("\"", Shown(text),
                        "\" is no dateTime: the consent "
                        "counts as said now"),
           std::string(kTimeHint));
    }
    out_.consents.push_back(std::move(said));
  }

  // Whose word it is: of a role of related persons, or (empty) the patient's.
  static std::string RoleOf(json::Value consent) {
    for (const json::Value who : json::Children(consent.Find("performer"))) {
      const json::Value identifier = who.Find("identifier");
      if (StringOf(identifier, "system") == kRelatedRoleSystem) {
        return std::string(StringOf(identifier, "value"));
      }
    }
    return "";
  }

  const Resource& resource_;
  const json::Value value_;
  const ReadContext& context_;
  ImportedReferral out_;
  std::optional<Finding> refused_;
  std::optional<Ignored> ignored_;
};

}  // namespace

ReferralReading ReadReferral(const Resource& resource,
                             const ReadContext& context) {
  return ReferralReader(resource, context).Read();
}

}  // namespace stepwell::fhir
