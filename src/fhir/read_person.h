// Internal. The persons of a text: Patients read, those that are one person
// made one, and the subjects of other resources traced back to them.
#ifndef STEPWELL_FHIR_READ_PERSON_H_
#define STEPWELL_FHIR_READ_PERSON_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/bundle.h"
#include "fhir/import.h"

namespace stepwell::fhir {

// The key of a resource other than a Patient: identifier, else name, else
// content.
Identifier KeyOf(const Resource& resource, const ReferenceIndex& references);

// Whom a resource is about.
struct Subject {
  enum class State : uint8_t {
    kNone,      // nobody is named
    kFound,     // `key` is the key of a person of the text
    kUnknown,   // `key` names somebody who is not in the text
    kUnusable,  // named in a way that no person can be: `code`, `reason`
  };
  State state = State::kNone;
  Identifier key;
  std::string code;
  std::string reason;
};

class PersonRegister {
 public:
  // Reads all Patients of the text.
  PersonRegister(const SourceText& text, const ReferenceIndex& references,
                 std::vector<Finding>* notes);

  // What became of the Patient with this index in the text.
  struct Outcome {
    enum class Kind : uint8_t { kPerson, kMerged, kRefused };
    Kind kind = Kind::kPerson;
    Finding refused;
  };
  const Outcome& OutcomeOf(size_t resource) const {
    return outcomes_.at(resource);
  }
  // The person of a kPerson outcome, with what the merged ones brought.
  ImportedPerson PersonOf(size_t resource) const;
  std::string ContentOf(size_t resource) const;  // its fingerprint

  Subject Resolve(json::Value reference, const Resource& from) const;

 private:
  static constexpr size_t kSeveral = static_cast<size_t>(-1);
  struct Person {
    ImportedPerson person;
    std::vector<std::string> names;  // references, in order of the text
    std::string fingerprint;
    size_t resource = 0;  // the one whose content counts
  };

  void Add(size_t index);
  void Merge(size_t index, Person* known, Person added);
  static void FillGaps(const Person& loser, Person* winner);
  void Register(const Identifier& identifier, size_t person,
                const Resource& resource);
  Identifier KeyOfPerson(size_t person) const;
  Subject ResolveLiteral(std::string_view text, const Resource& from) const;
  Subject ResolveIdentifier(const Identifier& identifier) const;

  const SourceText& text_;
  const ReferenceIndex& references_;
  std::vector<Finding>* notes_;
  std::vector<Person> persons_;
  std::map<Identifier, size_t> by_key_;
  std::map<Identifier, size_t> by_identifier_;  // kSeveral when shared
  std::map<size_t, size_t> by_resource_;
  std::map<size_t, Outcome> outcomes_;
};

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_READ_PERSON_H_
