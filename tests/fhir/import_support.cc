#include "fhir/import_support.h"

#include <variant>

namespace stepwell::fhir {
namespace {

std::string Text(const Identifier& identifier) {
  return identifier.system + "|" + identifier.value;
}

struct Line {
  std::string operator()(const ImportedPerson& person) const {
    std::string text = "person";
    for (const Identifier& one : person.identifiers) text += " " + Text(one);
    return text + " " + person.birth_date_text + " " + person.personal_json;
  }
  std::string operator()(const ImportedReferral& referral) const {
    return "referral " + Text(referral.key) + " " + Text(referral.subject) +
           " " + referral.route + " " + referral.authored_text;
  }
  std::string operator()(const ImportedResponse& response) const {
    return "response " + Text(response.key) + " " + Text(response.subject) +
           " " + response.instrument + " " + response.raw;
  }
  std::string operator()(const Ignored& ignored) const {
    return "ignored " + ignored.code;
  }
};

}  // namespace

std::string Summary(const ImportBatch& batch) {
  std::string text;
  for (const Entry& entry : batch.entries) {
    text += entry.path + " " + entry.fingerprint + " " +
            std::visit(Line(), entry.body) + "\n";
  }
  return text + Show(batch.refused) + Show(batch.notes);
}

}  // namespace stepwell::fhir
