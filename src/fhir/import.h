// FHIR R4 texts read into what a service takes in: persons, referrals and
// answers to questionnaires. Pure: text in, values out; nothing is looked up,
// nothing is stored. docs/guides/fhir-import.md says which element becomes
// what.
//
//   STEPWELL_ASSIGN_OR_RETURN(ImportBatch batch, ReadFhir(text));
//   for (const Entry& entry : batch.entries) {
//     if (const auto* person = std::get_if<ImportedPerson>(&entry.body)) ...
//   }
//
// Accounting: entries.size() + refused.size() == read + hoisted.
#ifndef STEPWELL_FHIR_IMPORT_H_
#define STEPWELL_FHIR_IMPORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "instruments/answers.h"
#include "instruments/instrument.h"
#include "stepwell/time.h"

namespace stepwell::fhir {

// The project's own code systems and extensions: neutral URLs, no web pages.
inline constexpr std::string_view kRouteSystem =
    "https://stepwell.dev/fhir/CodeSystem/referral-route";
inline constexpr std::string_view kInformationSourceSystem =
    "https://stepwell.dev/fhir/CodeSystem/information-source";
inline constexpr std::string_view kDocumentKindSystem =
    "https://stepwell.dev/fhir/CodeSystem/document-kind";
inline constexpr std::string_view kConsentPurposeSystem =
    "https://stepwell.dev/fhir/CodeSystem/consent-purpose";
inline constexpr std::string_view kRelatedRoleSystem =
    "https://stepwell.dev/fhir/sid/related-role";

// The systems of keys that are no business identifiers.
inline constexpr std::string_view kReferenceSystem = "reference";
inline constexpr std::string_view kContentSystem = "content";

// How the outside names something. `system` is the sender's namespace, or
//   "reference"  `value` is an absolute URL, "urn:uuid:...", or type and id
//                behind the source ("Patient/p1",
//                "https://ehr.example/Patient/p1")
//   "content"    `value` is the fingerprint of a resource without any name
//   ""           an identifier without a system, from a source without a name
struct Identifier {
  std::string system;
  std::string value;
  bool IsNone() const { return value.empty(); }
  auto operator<=>(const Identifier&) const = default;
};

// Something found while reading, as data. `path` is where: the way to the
// entry ("Bundle.entry[3].resource", "line 4") and on to the element
// ("Bundle.entry[3].resource.subject").
struct Finding {
  std::string code;  // stable, snake_case
  std::string path;
  std::string resource;  // "ServiceRequest/r1"; may be empty
  std::string reason;    // what is wrong
  std::string hint;      // what would be right; may be empty
  bool operator==(const Finding&) const = default;
};

struct ImportedPerson {
  // The first is the key. Other identifiers follow (old ones last), then the
  // references under which the text names the person.
  std::vector<Identifier> identifiers;
  std::optional<Date> birth_date;
  std::string birth_date_text;  // "1990-05" too: partial dates are kept
  std::string sex;              // female, male, other, unknown, or empty
  bool deceased = false;
  std::string language;  // BCP 47, the preferred one; or empty
  std::string zone;      // the IANA name of a zone that exists; or empty
  // A canonical object of name, telecom, address and contact, as they came:
  // kept apart from events, erasable.
  std::string personal_json;
};

struct ImportedConsent {
  std::string purpose;
  bool given = false;
  std::string by = {};  // a role of related persons; empty = the patient
  std::optional<Instant> at = {};  // a full date and time
  std::optional<Date> day = {};    // the date of it, or a date alone
  bool operator==(const ImportedConsent&) const = default;
};

struct ImportedReferral {
  Identifier key;
  std::vector<Identifier> identifiers;  // all that it has, the best first
  Identifier subject;                   // the key of the person
  // From a coding of kRouteSystem in category or code; without one "self"
  // when the requester is a Patient or RelatedPerson, otherwise "gp".
  std::string route;
  std::string referrer;  // "system|value", or the reference; empty when self
  std::optional<Instant> authored;    // a full date and time
  std::optional<Date> authored_date;  // the date of it, or a date alone
  std::string authored_text;          // as it came
  // active, on-hold, unknown; of one that is known, or that a service like this
  // has written (an identifier of the system sid:referral), completed and
  // revoked too
  std::string status;
  // How it ended, as that service calls it: "completed". Empty: not said.
  std::string outcome;
  std::string priority;                // routine, urgent, asap, stat, or empty
  std::vector<std::string> documents;  // kinds, sorted, each once
  std::string information_source;      // how the person heard of the service
  std::string reason_text;
  std::vector<ImportedConsent> consents;  // in order of the text

  bool HasEnded() const { return status == "completed" || status == "revoked"; }
};

enum class AnswerType : uint8_t {
  kBoolean,  // "true", "false"
  kDecimal,  // a number as it was written
  kInteger,
  kDate,
  kDateTime,
  kTime,
  kString,
  kUri,
  kCoding,    // `value` is the code
  kQuantity,  // `value` is the number
  kReference,
  kAttachment,     // `value` is the title or URL; the content is in `raw` only
  kNotApplicable,  // said so by a data-absent-reason
  kAbsent,         // given without a value: asked but not answered
  kUnreadable,     // `value` quotes what came
};

struct ImportedAnswer {
  std::string link_id;
  std::string code;  // LOINC code of the item when the text says one
  AnswerType type = AnswerType::kAbsent;
  std::string value;
  std::string system;   // kCoding
  std::string display;  // kCoding, kReference
  std::string ordinal;  // kCoding: ordinalValue or itemWeight, as written
  std::string unit;     // kQuantity
  std::string path;     // "item[2].answer[0]", from the resource on
};

// Never refused: what is wrong with it stands in `problems`.
struct ImportedResponse {
  Identifier key;
  // The key of the person when the text holds them; the reference as it came
  // when not ({"reference", "Patient/p9"}); none when nobody is named.
  Identifier subject;
  bool subject_found = false;  // the person is an entry of this batch
  std::string questionnaire;   // canonical URL without the version
  std::string version;         // behind "|"
  std::string instrument;      // id of the shipped catalogue, or empty
  std::string status;          // as it came, of a known code or not
  std::optional<Instant> authored;
  std::optional<Date> authored_date;
  std::string authored_text;
  std::string language;
  std::vector<ImportedAnswer> answers;  // flat, in document order
  std::vector<Finding> problems;
  // The resource as canonical JSON; the bytes as they came when they are no
  // JSON that can be read.
  std::string raw;
};

// The answers as `instruments::MatchAnswers` takes them; views into `response`.
// Answers that were asked and not given are left out.
std::vector<instruments::RawAnswer> RawAnswersOf(
    const ImportedResponse& response,
    const instruments::Instrument& instrument);

// A resource that is not taken in.
struct Ignored {
  std::string code;  // other_type, merged, withdrawn, not_asked, not_ours, ...
  std::string reason;
};

struct Entry {
  enum Kind : uint8_t { kPerson, kReferral, kResponse, kIgnored };  // as body
  std::string path;
  std::string resource;  // "Patient/p1", "Patient" without an id
  // BLAKE2b-256 of the resource's canonical text without `meta` and `text`:
  // equal for equal content, whenever it was exported.
  std::string fingerprint;
  std::variant<ImportedPerson, ImportedReferral, ImportedResponse, Ignored>
      body;
  Kind kind() const { return static_cast<Kind>(body.index()); }
};

struct ImportBatch {
  // Persons, then referrals (those that have ended last), then responses, then
  // what is ignored; each in the order of the text.
  std::vector<Entry> entries;
  // In the order of the text. Never a QuestionnaireResponse.
  std::vector<Finding> refused;
  // What was taken in but deserves a look.
  std::vector<Finding> notes;
  uint64_t read = 0;     // entries of the Bundle, lines of the NDJSON, or 1
  uint64_t hoisted = 0;  // contained resources that became entries
  // Resource types that are not read, and how often they came; sorted.
  std::vector<std::pair<std::string, uint64_t>> ignored_types;
};

struct ReadOptions {
  // Names the sender: a base URL ("https://ehr.example/fhir") or any word. It
  // stands before relative references and is the system of identifiers that
  // have none, so that two senders' "Patient/1" are two persons.
  std::string source;
  // Canonical URLs (without version) of questionnaires that do not name their
  // instrument, and the catalogue id of each.
  std::vector<std::pair<std::string, std::string>> questionnaire_aliases;
  // True when a person is known from before. A referral whose subject is
  // neither in the text nor known is refused. Empty: nobody is.
  std::function<bool(const Identifier&)> is_known_person;
  // Whether a referral was taken in before under this identifier; may be empty.
  std::function<bool(const Identifier&)> is_known_referral;
};

// A status means that nothing was read: the text is no JSON and no NDJSON, or
// is too large (kResourceExhausted; split it). Everything else is data.
absl::StatusOr<ImportBatch> ReadFhir(std::string_view text,
                                     const ReadOptions& options = {});

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_IMPORT_H_
