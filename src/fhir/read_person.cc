// Patients. No message quotes an identifier, a name or a date of birth: reports
// of imports are read by people who need not see them.
#include "fhir/read_person.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "base/zone.h"
#include "fhir/read_element.h"
#include "fhir/systems.h"

namespace stepwell::fhir {
namespace {

class PatientReader {
 public:
  PatientReader(const Resource& resource, std::vector<Finding>* notes)
      : resource_(resource), notes_(notes) {}

  ImportedPerson Read(std::string_view source) {
    const json::Value value = resource_.value;
    out_.identifiers = ReadIdentifiers(value, source);
    ReadBirthDate();
    ReadSex();
    ReadDeceased();
    ReadLanguage();
    ReadZone();
    ReadPersonal();
    if (const std::string modifier = FindModifier(value); !modifier.empty()) {
      Note("modifier", modifier, "a modifier that is not understood here");
    }
    const json::Value active = value.Find("active");
    if (active.is_bool() && !active.bool_value()) {
      Note("inactive_record", "active", "the record is marked as not in use");
    }
    for (json::Value link : ListOf(value, "link")) {
      if (StringOf(link, "type") == "replaced-by") {
        Note("replaced_record", "link", "another record replaces this one");
      }
    }
    return std::move(out_);
  }

 private:
  void Note(std::string code, std::string_view element, std::string reason,
            std::string_view hint = "") {
    notes_->push_back({std::move(code), resource_.At(element),
                       resource_.label(), std::move(reason),
                       std::string(hint)});
  }

  void ReadBirthDate() {
    const json::Value value = resource_.value.Find("birthDate");
    if (!value || value.is_null()) return;
    const std::string_view text = StringOf(resource_.value, "birthDate");
    const FhirTime time = ParseFhirTime(text);
    if (!time.legal || text.size() > 10) {
      return Note("birth_date_unreadable", "birthDate",
                  "the date of birth is no date; it is taken as unknown",
                  "1990, 1990-05 or 1990-05-17");
    }
    out_.birth_date = time.date;
    out_.birth_date_text = std::string(text);
  }

  void ReadSex() {
    const json::Value value = resource_.value.Find("gender");
    if (!value || value.is_null()) return;
    const std::string_view code = StringOf(resource_.value, "gender");
    for (const char* known : {"female", "male", "other", "unknown"}) {
      if (code == known) {
        out_.sex = known;
        return;
      }
    }
    Note("unknown_code", "gender",
         absl::StrCat("\"", Shown(code), "\" is no code of this element"),
         "female, male, other or unknown");
  }

  void ReadDeceased() {
    const json::Value flag = resource_.value.Find("deceasedBoolean");
    out_.deceased = (flag.is_bool() && flag.bool_value()) ||
                    !StringOf(resource_.value, "deceasedDateTime").empty();
  }

  void ReadLanguage() {
    for (json::Value known : ListOf(resource_.value, "communication")) {
      std::string_view code;
      for (const Coding& coding : CodingsOf(known, "language")) {
        if (code.empty()) code = coding.code;
      }
      const json::Value preferred = known.Find("preferred");
      const bool is_preferred = preferred.is_bool() && preferred.bool_value();
      if (!code.empty() && (out_.language.empty() || is_preferred)) {
        out_.language = std::string(code);
      }
      if (is_preferred) return;
    }
  }

  void ReadZone() {
    const json::Value extension =
        FindExtension(resource_.value, kZoneExtension);
    if (!extension) return;
    const std::string_view name = StringOf(extension, "valueCode");
    if (FindZone(name) != nullptr) {
      out_.zone = std::string(name);
      return;
    }
    Note("unknown_zone", "extension",
         absl::StrCat("\"", Shown(name),
                      "\" is no time zone; it is taken as unknown"),
         "an IANA name as valueCode, for example Europe/Stockholm");
  }

  void ReadPersonal() {
    json::Writer writer;
    writer.BeginObject();
    for (const char* key : {"address", "contact", "name", "telecom"}) {
      const json::Value value = resource_.value.Find(key);
      if (value && !value.is_null()) {
        writer.Key(key).Raw(json::Canonical(value));
      }
    }
    writer.EndObject();
    out_.personal_json = writer.Take();
  }

  const Resource& resource_;
  std::vector<Finding>* notes_;
  ImportedPerson out_;
};

// "1990" and "1990-05-17" may be one date of birth.
bool MayBeSame(std::string_view a, std::string_view b) {
  const size_t shared = std::min(a.size(), b.size());
  return a.substr(0, shared) == b.substr(0, shared);
}

template <class T>
void KeepWhatIsNew(const std::vector<T>& from, std::vector<T>* to) {
  for (const T& one : from) {
    if (to->size() < limits::kFhirIdentifiersMax &&
        std::find(to->begin(), to->end(), one) == to->end()) {
      to->push_back(one);
    }
  }
}

Subject Unusable(std::string code, std::string reason) {
  return {Subject::State::kUnusable, {}, std::move(code), std::move(reason)};
}

Subject NoPatient(std::string_view type) {
  return Unusable("subject_no_patient",
                  absl::StrCat("it is a ", Shown(type, 40), ", not a Patient"));
}

}  // namespace

Identifier KeyOf(const Resource& resource, const ReferenceIndex& references) {
  const bool nameless =
      resource.id.empty() &&
      (resource.full_url.empty() || resource.owner != Resource::kNoOwner);
  if (resource.value) {
    std::vector<Identifier> all =
        ReadIdentifiers(resource.value, references.source());
    if (!all.empty()) return std::move(all.front());
  }
  if (nameless) {
    return {std::string(kContentSystem), ContentFingerprint(resource)};
  }
  return {std::string(kReferenceSystem), references.NamesOf(resource).front()};
}

PersonRegister::PersonRegister(const SourceText& text,
                               const ReferenceIndex& references,
                               std::vector<Finding>* notes)
    : text_(text), references_(references), notes_(notes) {
  // A contained Patient is often a stub: it never changes what an entry of its
  // own says.
  for (const bool contained : {false, true}) {
    for (size_t i = 0; i < text.resources.size(); ++i) {
      const Resource& resource = text.resources[i];
      if (resource.type != "Patient" || !resource.value) continue;
      if ((resource.owner != Resource::kNoOwner) == contained) Add(i);
    }
  }
}

void PersonRegister::Add(size_t index) {
  const Resource& resource = text_.resources[index];
  Person added;
  added.resource = index;
  added.fingerprint = ContentFingerprint(resource);
  added.person = PatientReader(resource, notes_).Read(references_.source());
  for (const std::string& name : references_.NamesOf(resource)) {
    if (name.rfind(kContentName, 0) != 0) added.names.push_back(name);
  }
  if (added.person.identifiers.empty() && added.names.empty()) {
    outcomes_[index] = {
        Outcome::Kind::kRefused,
        {"nameless", resource.path, resource.label(),
         "the Patient has neither identifier nor id nor fullUrl: nobody could "
         "refer to it",
         "\"identifier\": [{\"system\": ..., \"value\": ...}]"}};
    return;
  }
  const Identifier key =
      added.person.identifiers.empty()
          ? Identifier{std::string(kReferenceSystem), added.names.front()}
          : added.person.identifiers.front();
  const auto [known, is_new] = by_key_.emplace(key, persons_.size());
  if (!is_new) return Merge(index, &persons_[known->second], std::move(added));
  for (const Identifier& identifier : added.person.identifiers) {
    Register(identifier, persons_.size(), resource);
  }
  by_resource_[index] = persons_.size();
  outcomes_[index] = {};
  persons_.push_back(std::move(added));
}

void PersonRegister::Register(const Identifier& identifier, size_t person,
                              const Resource& resource) {
  const auto [known, is_new] = by_identifier_.emplace(identifier, person);
  if (is_new || known->second == person) return;
  known->second = kSeveral;
  notes_->push_back({"identifier_shared", resource.At("identifier"),
                     resource.label(),
                     "another person of the text bears the same identifier; "
                     "it is not used to find either",
                     "one identifier names one person"});
}

// What the winner leaves out stays as the loser had it.
void PersonRegister::FillGaps(const Person& loser, Person* winner) {
  const ImportedPerson& from = loser.person;
  ImportedPerson& to = winner->person;
  if (to.birth_date_text.size() < from.birth_date_text.size()) {
    to.birth_date = from.birth_date;
    to.birth_date_text = from.birth_date_text;
  }
  if (to.sex.empty()) to.sex = from.sex;
  if (to.language.empty()) to.language = from.language;
  if (to.zone.empty()) to.zone = from.zone;
  if (to.personal_json == "{}") to.personal_json = from.personal_json;
  KeepWhatIsNew(from.identifiers, &to.identifiers);
  KeepWhatIsNew(loser.names, &winner->names);
  if (loser.fingerprint != winner->fingerprint) {
    winner->fingerprint =
        ToHex(FingerprintOf(loser.fingerprint + winner->fingerprint));
  }
}

void PersonRegister::Merge(size_t index, Person* known, Person added) {
  const Resource& resource = text_.resources[index];
  const Resource& before = text_.resources[known->resource];
  if (!MayBeSame(known->person.birth_date_text, added.person.birth_date_text)) {
    outcomes_[index] = {
        Outcome::Kind::kRefused,
        {"person_mismatch", resource.At("birthDate"), resource.label(),
         absl::StrCat("the same identifier as ", before.path,
                      ", but another date of birth"),
         "one identifier names one person; correct one of the two"}};
    return;
  }
  const size_t person = static_cast<size_t>(known - persons_.data());
  by_resource_[index] = person;
  const bool stub = resource.owner != Resource::kNoOwner;
  const Resource& merged = stub ? resource : before;
  notes_->push_back(
      {"merged", merged.path, merged.label(),
       absl::StrCat("the same person as ", stub ? before.path : resource.path),
       ""});
  FillGaps(stub ? added : *known, stub ? known : &added);
  outcomes_[index].kind =
      stub ? Outcome::Kind::kMerged : Outcome::Kind::kPerson;
  if (!stub) {
    outcomes_[known->resource].kind = Outcome::Kind::kMerged;
    *known = std::move(added);
  }
  for (const Identifier& identifier : known->person.identifiers) {
    Register(identifier, person, resource);
  }
}

ImportedPerson PersonRegister::PersonOf(size_t resource) const {
  const Person& found = persons_[by_resource_.at(resource)];
  ImportedPerson person = found.person;
  for (const std::string& name : found.names) {
    person.identifiers.push_back({std::string(kReferenceSystem), name});
  }
  return person;
}

Identifier PersonRegister::KeyOfPerson(size_t person) const {
  const Person& found = persons_[person];
  return found.person.identifiers.empty()
             ? Identifier{std::string(kReferenceSystem), found.names.front()}
             : found.person.identifiers.front();
}

std::string PersonRegister::ContentOf(size_t resource) const {
  return persons_[by_resource_.at(resource)].fingerprint;
}

Subject PersonRegister::ResolveIdentifier(const Identifier& identifier) const {
  Subject subject;
  subject.state = Subject::State::kUnknown;
  subject.key = identifier;
  const auto known = by_identifier_.find(identifier);
  if (known == by_identifier_.end()) return subject;
  if (known->second == kSeveral) {
    return Unusable("subject_ambiguous",
                    "several persons of the text bear this identifier");
  }
  subject.state = Subject::State::kFound;
  subject.key = KeyOfPerson(known->second);
  return subject;
}

Subject PersonRegister::ResolveLiteral(std::string_view text,
                                       const Resource& from) const {
  Subject subject;
  // "Patient?identifier=system|value": a conditional reference of a
  // transaction.
  constexpr std::string_view kByIdentifier = "Patient?identifier=";
  if (text.substr(0, kByIdentifier.size()) == kByIdentifier) {
    const std::string_view token = text.substr(kByIdentifier.size());
    const size_t bar = token.find('|');
    if (bar != std::string_view::npos && bar + 1 < token.size()) {
      return ResolveIdentifier({std::string(token.substr(0, bar)),
                                std::string(token.substr(bar + 1))});
    }
  }
  subject.key = {std::string(kReferenceSystem),
                 references_.Absolute(text, from)};
  subject.state = Subject::State::kUnknown;
  const std::string_view type = TypeInReference(text);
  const std::vector<size_t> found = references_.Find(text, from);
  std::optional<size_t> person;
  for (const size_t index : found) {
    if (text_.resources[index].type != "Patient") {
      return NoPatient(text_.resources[index].type);
    }
    const auto known = by_resource_.find(index);
    if (known == by_resource_.end()) {
      // A refused Patient: nothing may be filed under its namesake.
      return Unusable("subject_refused",
                      "the Patient that it names was refused");
    }
    if (person.has_value() && *person != known->second) {
      return Unusable("subject_ambiguous",
                      "several persons of the text bear this reference");
    }
    person = known->second;
  }
  if (person.has_value()) {
    subject.state = Subject::State::kFound;
    subject.key = KeyOfPerson(*person);
  } else if (!type.empty() && type != "Patient") {
    return NoPatient(type);
  } else if (text[0] == '#') {
    return Unusable("subject_unresolved", "no contained Patient has this id");
  }
  return subject;
}

Subject PersonRegister::Resolve(json::Value reference,
                                const Resource& from) const {
  Subject none;
  if (!reference || reference.is_null()) return none;
  if (!reference.is_object()) {
    return Unusable("wrong_type", "it is no Reference (a JSON object)");
  }
  const std::string_view type = StringOf(reference, "type");
  if (!type.empty() && type != "Patient") {
    return NoPatient(type);
  }
  const std::string_view literal = StringOf(reference, "reference");
  const Identifier logical =
      ReadIdentifier(reference.Find("identifier"), references_.source());
  if (literal.empty() && logical.IsNone()) return none;
  if (literal.empty()) return ResolveIdentifier(logical);
  const Subject by_literal = ResolveLiteral(literal, from);
  if (logical.IsNone()) return by_literal;
  const Subject by_identifier = ResolveIdentifier(logical);
  if (by_literal.state == Subject::State::kFound &&
      by_identifier.state == Subject::State::kFound &&
      by_literal.key != by_identifier.key) {
    return Unusable("subject_mismatch",
                    "its reference and its identifier name two persons");
  }
  return by_literal.state == Subject::State::kUnknown ? by_identifier
                                                      : by_literal;
}

}  // namespace stepwell::fhir
