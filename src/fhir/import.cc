// The order of the reading: the text taken apart, persons first, then what
// refers to them; repeated things made one; everything accounted for.
#include "fhir/import.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "fhir/bundle.h"
#include "fhir/read_person.h"
#include "fhir/read_questionnaire.h"
#include "fhir/read_referral.h"
#include "fhir/read_response.h"

namespace stepwell::fhir {
namespace {

// By kind. Care that goes on comes before care that has ended: what a case
// is opened for is what is asked now.
std::pair<size_t, bool> OrderOf(const Entry& entry) {
  const auto* referral = std::get_if<ImportedReferral>(&entry.body);
  return {entry.body.index(), referral != nullptr && referral->HasEnded()};
}

class Importer {
 public:
  Importer(const SourceText& text, const ReadOptions& options)
      : text_(text),
        references_(text, options.source),
        persons_(text, references_, &batch_.notes),
        questionnaires_(text, references_),
        names_(options),
        context_{references_,      persons_, options,
                 &questionnaires_, &names_,  &batch_.notes} {}

  ImportBatch Run() {
    for (size_t i = 0; i < text_.resources.size(); ++i) Take(i);
    std::stable_sort(
        batch_.entries.begin(), batch_.entries.end(),
        [](const Entry& a, const Entry& b) { return OrderOf(a) < OrderOf(b); });
    batch_.notes.insert(batch_.notes.begin(), text_.notes.begin(),
                        text_.notes.end());
    batch_.read = text_.read;
    batch_.hoisted = text_.hoisted;
    batch_.ignored_types.assign(ignored_types_.begin(), ignored_types_.end());
    return std::move(batch_);
  }

 private:
  void Take(size_t index) {
    const Resource& resource = text_.resources[index];
    if (resource.refused.has_value()) {
      batch_.refused.push_back(*resource.refused);
    } else if (resource.ignored.has_value()) {
      Push(resource, "", *resource.ignored);
    } else if (resource.type == "Patient") {
      TakePerson(index);
    } else if (resource.type == "ServiceRequest") {
      TakeReferral(resource);
    } else if (resource.type == "QuestionnaireResponse") {
      TakeResponse(resource);
    } else {
      ++ignored_types_[resource.type];
      Push(resource, "",
           Ignored{"other_type", "resources of this type are not read"});
    }
  }

  template <class Body>
  void Push(const Resource& resource, std::string fingerprint, Body body) {
    batch_.entries.push_back({resource.path, resource.label(),
                              std::move(fingerprint), std::move(body)});
  }

  void TakePerson(size_t index) {
    const Resource& resource = text_.resources[index];
    const PersonRegister::Outcome& outcome = persons_.OutcomeOf(index);
    switch (outcome.kind) {
      case PersonRegister::Outcome::Kind::kPerson:
        return Push(resource, persons_.ContentOf(index),
                    persons_.PersonOf(index));
      case PersonRegister::Outcome::Kind::kMerged:
        return Push(resource, "",
                    Ignored{"merged",
                            "another entry is the same "
                            "person"});
      case PersonRegister::Outcome::Kind::kRefused:
        batch_.refused.push_back(outcome.refused);
        return;
    }
  }

  void TakeReferral(const Resource& resource) {
    ReferralReading reading = ReadReferral(resource, context_);
    if (auto* refused = std::get_if<Finding>(&reading)) {
      batch_.refused.push_back(std::move(*refused));
      return;
    }
    if (auto* ignored = std::get_if<Ignored>(&reading)) {
      return Push(resource, "", std::move(*ignored));
    }
    auto& referral = std::get<ImportedReferral>(reading);
    const auto [known, is_new] =
        referrals_.emplace(referral.key, batch_.entries.size());
    if (!is_new) {
      Entry& before = batch_.entries[known->second];
      if (std::get<ImportedReferral>(before.body).subject != referral.subject) {
        batch_.refused.push_back(
            {"referral_mismatch", resource.At("subject"), resource.label(),
             absl::StrCat("the same identifier as ", before.path,
                          ", but about another person"),
             "one identifier names one request"});
        return;
      }
      MarkMerged(&before, resource);
      known->second = batch_.entries.size();
    }
    Push(resource, ContentFingerprint(resource), std::move(referral));
  }

  // What a patient said is kept, however often: only an exact repetition is
  // dropped. Another content under the same key comes later in the list.
  void TakeResponse(const Resource& resource) {
    ImportedResponse response = ReadResponse(resource, context_);
    std::string fingerprint = ContentFingerprint(resource);
    const auto [known, is_new] = responses_.emplace(
        std::make_pair(response.key, fingerprint), batch_.entries.size());
    if (!is_new) {
      Entry& before = batch_.entries[known->second];
      // The same words about another person are another matter.
      if (std::get<ImportedResponse>(before.body).subject == response.subject) {
        MarkMerged(&before, resource);
        known->second = batch_.entries.size();
      }
    } else if (!response_keys_.insert(response.key).second) {
      batch_.notes.push_back(
          {"amended", resource.path, resource.label(),
           "an earlier response of the text has the same key; both are kept, "
           "this one as the later",
           ""});
    }
    Push(resource, std::move(fingerprint), std::move(response));
  }

  void MarkMerged(Entry* before, const Resource& later) {
    batch_.notes.push_back(
        {"merged", before->path, before->resource,
         absl::StrCat("the same as ", later.path, ", which counts"), ""});
    before->body = Ignored{"merged", "a later entry has the same key"};
    before->fingerprint.clear();
  }

  const SourceText& text_;
  ImportBatch batch_;
  const ReferenceIndex references_;
  const PersonRegister persons_;
  QuestionnaireIndex questionnaires_;
  InstrumentNames names_;
  const ReadContext context_;
  std::map<Identifier, size_t> referrals_;
  std::map<std::pair<Identifier, std::string>, size_t> responses_;
  std::set<Identifier> response_keys_;
  std::map<std::string, uint64_t> ignored_types_;
};

}  // namespace

absl::StatusOr<ImportBatch> ReadFhir(std::string_view text,
                                     const ReadOptions& options) {
  SourceText source;
  STEPWELL_RETURN_IF_ERROR(ReadSource(text, &source));
  return Importer(source, options).Run();
}

}  // namespace stepwell::fhir
