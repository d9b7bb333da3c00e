// The order of an export: a person, then what their case holds.
#include "fhir/export.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {

std::vector<WrittenResource> WritePerson(const ExportedPerson& person,
                                         std::vector<ExportNote>* notes) {
  std::vector<WrittenResource> out;
  WriteContext context{person, out, *notes, IdToText(person.id.value), ""};
  WritePatient(context);
  if (person.state == nullptr) return out;
  context.case_id = IdToText(person.state->id.value);
  WriteReferrals(context);
  WriteEpisodes(context);
  WriteItems(context);
  WriteResponses(context);
  WriteScores(context);
  WriteAlerts(context);
  WriteMessages(context);
  return out;
}

std::string DefaultBase(std::string_view tenant) {
  std::string base = absl::StrCat(ToAbsl(kProjectBase), "/");
  for (const char c : tenant) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      base.push_back(c);
    } else {
      absl::StrAppend(
          &base, "%",
          absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return base;
}

std::string TransactionEntry(const WrittenResource& resource,
                             std::string_view base_url) {
  const std::string name = absl::StrCat(resource.type, "/", resource.id);
  json::Writer w;
  w.BeginObject();
  w.Key("fullUrl").String(absl::StrCat(ToAbsl(base_url), "/", name));
  w.Key("resource").Raw(resource.json);
  w.Key("request").BeginObject();
  w.Key("method").String("PUT");
  w.Key("url").String(name);
  w.EndObject().EndObject();
  return w.Take();
}

}  // namespace stepwell::fhir
