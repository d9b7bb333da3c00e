// Round trips: an export taken in again changes nothing; taken in by a new
// service it means the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "fhir/import.h"
#include "host/export_support.h"
#include "support/shared_data.h"

namespace stepwell {
namespace {

constexpr std::string_view kStart = "2020-01-01T00:00:00Z";
constexpr std::string_view kLater = "2028-12-31T00:00:00Z";

std::string Key(const fhir::Identifier& identifier) {
  return absl::StrCat(identifier.system, "|", identifier.value);
}

std::string Show(const fhir::ImportedPerson& person) {
  std::string text;
  for (const fhir::Identifier& identifier : person.identifiers) {
    // Names by their place in the text are not the person's.
    if (identifier.system == "reference" &&
        identifier.value.find("/Patient/") != std::string::npos) {
      continue;
    }
    absl::StrAppend(&text, Key(identifier), " ");
  }
  return absl::StrCat(text, person.birth_date_text, " ", person.sex, " ",
                      person.language, " ", person.zone, " ",
                      person.deceased ? "died " : "", person.personal_json);
}

std::string Show(const fhir::ImportedReferral& referral) {
  std::set<std::string> consents;
  for (const auto& consent : referral.consents) {
    consents.insert(absl::StrCat(" ", consent.purpose, " ", consent.by,
                                 consent.given ? "+" : "-"));
  }
  return absl::StrCat(Key(referral.key), " of ", Key(referral.subject), " ",
                      referral.route, " by ", referral.referrer, " from ",
                      referral.authored_text, " ", referral.status, " ",
                      referral.outcome, " ", referral.information_source,
                      " with ", absl::StrJoin(referral.documents, ","),
                      absl::StrJoin(consents, ""));
}

std::string Show(const fhir::ImportedResponse& response) {
  std::string text =
      absl::StrCat(Key(response.key), " of ", Key(response.subject), " ",
                   response.questionnaire, "|", response.version, " ",
                   response.authored_text, " ", response.language,
                   response.status == "entered-in-error" ? " in error" : "");
  for (const fhir::ImportedAnswer& answer : response.answers) {
    absl::StrAppend(&text, " ", answer.link_id, "=", answer.value, "/",
                    static_cast<int>(answer.type), "/", answer.ordinal);
  }
  return text;
}

// One line a value of one kind, sorted.
template <class Body>
std::string Lines(const fhir::ImportBatch& batch,
                  const std::set<std::string>* persons = nullptr) {
  std::set<std::string> lines;
  for (const fhir::Entry& entry : batch.entries) {
    const auto* body = std::get_if<Body>(&entry.body);
    if (body == nullptr) continue;
    if constexpr (!std::is_same_v<Body, fhir::ImportedPerson>) {
      if (persons != nullptr && persons->count(Key(body->subject)) == 0)
        continue;
    }
    lines.insert(Show(*body));
  }
  return absl::StrJoin(lines, "\n");
}

fhir::ImportBatch Read(const std::string& text) {
  auto batch = fhir::ReadFhir(text);
  EXPECT_OK(batch);
  EXPECT_TRUE(batch->refused.empty());
  return *std::move(batch);
}

// Whose care goes on, or has ended: a new service has a case for them.
std::set<std::string> WithReferral(const fhir::ImportBatch& batch) {
  std::set<std::string> persons;
  for (const fhir::Entry& entry : batch.entries) {
    const auto* referral = std::get_if<fhir::ImportedReferral>(&entry.body);
    if (referral != nullptr) persons.insert(Key(referral->subject));
  }
  return persons;
}

template <class Body>
size_t Count(const fhir::ImportBatch& batch) {
  return static_cast<size_t>(std::count_if(
      batch.entries.begin(), batch.entries.end(), [](const fhir::Entry& entry) {
        return std::holds_alternative<Body>(entry.body);
      }));
}

// Parked input that is a response which can be read still.
size_t ParkedTexts(Service& service) {
  size_t texts = 0;
  const Exported exported(Ndjson(service, "", {"Task"}));
  for (const json::Value task : exported.Of("Task")) {
    if (json::Canonical(task.Find("code")).find("file-input") ==
        std::string::npos) {
      continue;
    }
    const json::Value attached =
        task.Find("input").at(1).Find("valueAttachment").Find("data");
    std::string text;
    EXPECT_TRUE(attached.is_string() &&
                absl::Base64Unescape(ToAbsl(attached.string_value()), &text));
    texts += Count<fhir::ImportedResponse>(Read(text));
  }
  return texts;
}

std::string Report(const ImportReport& report) { return ToJson(report); }

void ExpectNothingChanges(Service& service) {
  const std::string before = Bundle(service);
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       service.Import(before, {}, At(kLater)));
  EXPECT_TRUE(report.refused.empty()) << Report(report);
  EXPECT_EQ(
      report.persons + report.referrals + report.responses + report.parked, 0u)
      << Report(report);
  EXPECT_EQ(report.unchanged + report.ignored, report.entries)
      << Report(report);
  EXPECT_GT(report.unchanged, 0u);
  EXPECT_EQ(Bundle(service), before);
  ASSERT_OK_AND_ASSIGN(const Verification verification, service.Verify());
  EXPECT_TRUE(verification.differences.empty());
}

// Answers of persons whom nobody has referred: there is no case for them.
std::set<std::string> ResponsesWithout(const std::set<std::string>& referred,
                                       const fhir::ImportBatch& batch) {
  std::set<std::string> resources;
  for (const fhir::Entry& entry : batch.entries) {
    const auto* response = std::get_if<fhir::ImportedResponse>(&entry.body);
    if (response == nullptr || referred.count(Key(response->subject)) > 0)
      continue;
    EXPECT_TRUE(resources.insert(entry.resource).second) << entry.resource;
  }
  return resources;
}

// These and no others wait for somebody, whole, and the report says why.
void ExpectEachIsParked(const std::set<std::string>& resources,
                        const ImportReport& report, Service& service) {
  EXPECT_EQ(report.parked, resources.size()) << Report(report);
  std::set<std::string> told;
  for (const ImportReport::Refusal& entry : report.parked_entries) {
    EXPECT_TRUE(told.insert(entry.resource).second) << entry.resource;
    EXPECT_EQ(entry.reason, "no_case: the person has no case in this service");
    EXPECT_NE(entry.path.find("Bundle.entry["), std::string::npos);
  }
  EXPECT_EQ(told, resources);
  WorklistQuery query;
  query.kind = "parked";
  query.limit = 1000;
  ASSERT_OK_AND_ASSIGN(const Worklist list,
                       service.QueryWorklist(query, At(kLater)));
  EXPECT_EQ(list.total, resources.size());
  for (const WorkLine& line : list.lines) {
    EXPECT_FALSE(line.owner_pool.empty() && line.owner_staff.empty());
    EXPECT_FALSE(line.due.IsNever());
  }
  // What they say is there, to be filed.
  EXPECT_EQ(ParkedTexts(service), resources.size());
}

// When the last thing happened there. Later than that consents run out.
Instant EndOf(Service& service) {
  Instant end = At(kStart);
  const auto cases = service.ListCases("", 1000);
  EXPECT_OK(cases);
  for (const std::string& id : *cases) {
    const auto summary = service.QueryCase(id, At(kLater));
    EXPECT_OK(summary);
    for (const TimelineEntry& entry : summary->timeline) {
      end = std::max(end, entry.recorded);
    }
  }
  return end;
}

void ExpectSameMeaningElsewhere(Service& service, Service& other) {
  const std::string text = Bundle(service);
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       other.Import(text, {}, EndOf(service)));
  EXPECT_TRUE(report.refused.empty()) << Report(report);
  const fhir::ImportBatch ours = Read(text);
  const std::string theirs_text = Bundle(other);
  const fhir::ImportBatch theirs = Read(theirs_text);
  EXPECT_EQ(Lines<fhir::ImportedPerson>(ours),
            Lines<fhir::ImportedPerson>(theirs));
  EXPECT_EQ(Lines<fhir::ImportedReferral>(ours),
            Lines<fhir::ImportedReferral>(theirs));
  const std::set<std::string> referred = WithReferral(ours);
  EXPECT_EQ(Lines<fhir::ImportedResponse>(ours, &referred),
            Lines<fhir::ImportedResponse>(theirs, &referred));
  ExpectEachIsParked(ResponsesWithout(referred, ours), report, other);
  ExpectNothingChanges(other);
}

class RoundTrip : public ::testing::TestWithParam<std::string> {};

TEST_P(RoundTrip, ChangesNothingHereAndMeansTheSameElsewhere) {
  const Folder folder;
  const auto service = PlayedService(GetParam(), folder);
  ASSERT_NE(service, nullptr);
  ExpectNothingChanges(*service);
  // A service of the same kind: one of another knows other words.
  const auto other =
      NewService(ProtocolOf(GetParam()), FormatInstantUtc(EndOf(*service)));
  ExpectSameMeaningElsewhere(*service, *other);
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip, ::testing::ValuesIn(ScenarioNames()),
                         [](const auto& test) { return test.param; });

TEST(RoundTripOfAnImport, TheDemoBundleComesOutAsItWentIn) {
  const std::string text = testing::ReadFileText(
      std::string(STEPWELL_SOURCE_DIR) + "/examples/demo/referrals.json");
  const auto service = NewService("catalogue:icbt_base", kLater);
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       service->Import(text, {}, At(kLater)));
  EXPECT_GT(report.responses, 20u);
  const Exported exported(Ndjson(*service));
  EXPECT_EQ(StructureErrors(exported), "");
  ExpectNothingChanges(*service);
  // The sender's own text is still known after the export was taken in.
  ASSERT_OK_AND_ASSIGN(const ImportReport again,
                       service->Import(text, {}, At(kLater)));
  EXPECT_EQ(again.persons + again.referrals + again.responses, 0u)
      << Report(again);
  const auto other = NewService("catalogue:icbt_base", kLater);
  ExpectSameMeaningElsewhere(*service, *other);
}

TEST(RoundTripOfEndedCare, IsOnFileThereAndBeginsNothing) {
  const Folder folder;
  const auto service = PlayedService("redirect", folder);
  const auto other = NewService("catalogue:icbt_base", kLater);
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       other->Import(Bundle(*service), {}, At(kLater)));
  EXPECT_EQ(report.ended, 1u) << Report(report);
  EXPECT_EQ(report.referrals, 0u);
  EXPECT_GT(report.responses, 0u);
  EXPECT_EQ(report.parked, 0u);
  WorklistQuery query;
  ASSERT_OK_AND_ASSIGN(const Worklist list,
                       other->QueryWorklist(query, At(kLater)));
  EXPECT_EQ(list.total, 0u);
  ASSERT_OK_AND_ASSIGN(const ServiceSummary summary,
                       other->Summarise(At(kLater)));
  EXPECT_EQ(summary.cases + summary.referrals + summary.closed, 0u);
  EXPECT_TRUE(summary.changes.empty());
  const Exported exported(Ndjson(*other));
  EXPECT_EQ(StructureErrors(exported), "");
  const json::Value request = exported.Only("ServiceRequest");
  EXPECT_EQ(TextIn(request, "status"), "revoked");
  EXPECT_EQ(TextIn(request, "extension/0/valueCodeableConcept/coding/0/code"),
            "redirected");
  EXPECT_TRUE(exported.Of("EpisodeOfCare").empty());
  // Nobody there follows what became of it.
  for (const json::Value task : exported.Of("Task")) {
    EXPECT_NE(TextIn(task, "code/coding/0/code"), "fulfill");
  }
}

TEST(RoundTripOfEndedCare, ThatGoesOnHereIsForAPersonToHear) {
  const Folder folder;
  const auto service = PlayedService("redirect", folder);
  std::string text = Bundle(*service);
  const std::string revoked = R"("status":"revoked")";
  const size_t at = text.find(revoked);
  ASSERT_NE(at, std::string::npos);
  std::string active = text;
  active.replace(at, revoked.size(), R"("status":"active")");
  const auto other = NewService("catalogue:icbt_base", kLater);
  ASSERT_OK_AND_ASSIGN(const ImportReport first,
                       other->Import(active, {}, At(kLater)));
  EXPECT_EQ(first.referrals, 1u) << Report(first);
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       other->Import(text, {}, At(kLater)));
  EXPECT_EQ(report.ended, 0u);
  ASSERT_EQ(report.refused.size(), 1u) << Report(report);
  EXPECT_EQ(report.refused[0].reason,
            "withdrawn: the request is revoked and its care goes on here: end "
            "it by hand");
}

// The export with another status of the only request, which the sender knows by
// `key` too.
std::string WithStatus(const std::string& text, const std::string& status,
                       bool own = true) {
  std::string out;
  const auto bundle = json::Parse(text);
  for (json::Value entry : json::Children(bundle->root().Find("entry"))) {
    const json::Value resource = entry.Find("resource");
    std::string one = json::Canonical(resource);
    if (TextIn(resource, "resourceType") == "ServiceRequest") {
      const std::string was =
          absl::StrCat("\"status\":\"", TextIn(resource, "status"), "\"");
      one.replace(one.find(was), was.size(),
                  absl::StrCat("\"status\":\"", status, "\""));
      const std::string sid = "https://stepwell.dev/fhir/sid/referral";
      const size_t at = one.find(sid);
      if (!own) one.replace(at, sid.size(), "urn:gp");
    }
    absl::StrAppend(&out, one, "\n");
  }
  return out;
}

TEST(RoundTripOfEndedCare, ThatIsAskedForAnewBeginsCare) {
  const Folder folder;
  const auto service = PlayedService("redirect", folder);
  const std::string ended = Bundle(*service);
  for (const char* status : {"active", "on-hold"}) {
    const auto other = NewService("catalogue:icbt_base", kLater);
    ASSERT_OK_AND_ASSIGN(const ImportReport first,
                         other->Import(ended, {}, At(kLater)));
    EXPECT_EQ(first.ended, 1u);
    const std::string again = WithStatus(ended, status);
    ASSERT_OK_AND_ASSIGN(const ImportReport report,
                         other->Import(again, {}, At(kLater)));
    EXPECT_EQ(report.referrals, 1u) << status << " " << Report(report);
    ASSERT_OK_AND_ASSIGN(const Worklist list,
                         other->QueryWorklist({}, At(kLater)));
    ASSERT_OK_AND_ASSIGN(const Health health, other->CheckHealth(At(kLater)));
    EXPECT_EQ(health.open_cases, 1u);
    EXPECT_TRUE(health.violations.empty());
    ASSERT_OK_AND_ASSIGN(const ImportReport third,
                         other->Import(again, {}, At(kLater)));
    EXPECT_EQ(third.referrals + third.ended, 0u) << Report(third);
    ASSERT_OK_AND_ASSIGN(const Verification verification, other->Verify());
    EXPECT_TRUE(verification.differences.empty());
  }
}

TEST(RoundTripOfEndedCare, CalledOffByItsSenderIsForAPersonToHear) {
  const Folder folder;
  const auto service = PlayedService("redirect", folder);
  const std::string text = Bundle(*service);
  const auto other = NewService("catalogue:icbt_base", kLater);
  ASSERT_OK_AND_ASSIGN(
      const ImportReport first,
      other->Import(WithStatus(text, "active", false), {}, At(kLater)));
  EXPECT_EQ(first.referrals, 1u) << Report(first);
  ASSERT_OK_AND_ASSIGN(
      const ImportReport report,
      other->Import(WithStatus(text, "revoked", false), {}, At(kLater)));
  ASSERT_EQ(report.refused.size(), 1u) << Report(report);
  EXPECT_EQ(report.refused[0].reason.substr(0, 9), "withdrawn");
  // One that nobody knows here asks for nothing.
  const auto third = NewService("catalogue:icbt_base", kLater);
  ASSERT_OK_AND_ASSIGN(
      const ImportReport unknown,
      third->Import(WithStatus(text, "revoked", false), {}, At(kLater)));
  EXPECT_EQ(unknown.ended + unknown.referrals, 0u) << Report(unknown);
}

// A text that comes by parts, as bulk data does: one type a file.
TEST(RoundTripOfAnImport, FilesOfOneTypeEachFindTheirPersons) {
  const Folder folder;
  const auto service = PlayedService("void", folder);
  const auto other = NewService("catalogue:icbt_base", kLater);
  uint64_t referrals = 0;
  for (const char* type :
       {"Patient", "ServiceRequest", "QuestionnaireResponse"}) {
    const std::string text = Ndjson(*service, "", {type});
    ASSERT_NE(text, "");
    ASSERT_OK_AND_ASSIGN(const ImportReport report,
                         other->Import(text, {}, At(kLater)));
    EXPECT_TRUE(report.refused.empty()) << Report(report);
    EXPECT_EQ(report.parked, 0u) << Report(report);
    referrals += report.referrals;
    // Known persons' answers have nothing wrong with them.
    ASSERT_OK_AND_ASSIGN(const Worklist list,
                         other->QueryWorklist({}, At(kLater)));
    for (const WorkLine& line : list.lines) {
      EXPECT_EQ(line.note.find("do not fit"), std::string::npos) << line.note;
    }
    ASSERT_OK_AND_ASSIGN(const ImportReport again,
                         service->Import(text, {}, At(kLater)));
    EXPECT_EQ(again.unchanged, again.entries) << Report(again);
  }
  EXPECT_EQ(referrals, 1u);
}

std::string Register(const std::string& id, const std::string& members) {
  return R"({"id":")" + id +
         R"(","command":"register_person","actor":{"role":"integration"},)" +
         members + "}";
}

TEST(RoundTripOfCommands, StrangeNamesAndSystemsComeBack) {
  const auto service = NewService();
  const std::string now = "2026-03-02T09:00:00Z";
  Do(*service,
     Register("p1",
              R"("person":{"system":"my clinic","value":"a|b \"c\""},)"
              R"("name":"Åsa \"Q\" <Ek>\n\\ 😀","birth_date":"1985-06-30")"),
     now);
  Do(*service,
     Register("p2", R"("person":{"system":"reference","value":"Patient/77"})"),
     now);
  const Exported exported(Ndjson(*service));
  EXPECT_EQ(StructureErrors(exported), "");
  EXPECT_EQ(exported.Of("Patient").size(), 2u);
  ExpectNothingChanges(*service);
  const auto other = NewService("catalogue:icbt_base", kLater);
  ExpectSameMeaningElsewhere(*service, *other);
}

TEST(RoundTripOfCommands, AResponseOfAnyIdIsKnownAgain) {
  const auto service = NewService();
  const std::string now = "2026-03-02T09:00:00Z";
  Do(*service, Register("p1", R"("person":{"system":"urn:s","value":"1"})"),
     now);
  Do(*service,
     R"({"id":"r","command":"receive_referral","actor":{"role":"referrer"},)"
     R"("person":{"system":"urn:s","value":"1"},"route":"self"})",
     now);
  int n = 0;
  for (const char* id : {"plain", "urn:x|7", "a|b|c", "tail|", "with blank"}) {
    Do(*service,
       absl::StrCat(R"({"id":"q)", n,
                    R"(","command":"submit_response",)"
                    R"("person":{"system":"urn:s","value":"1"},)"
                    R"("instrument":"phq9","response_id":")",
                    id, R"(","answers":[1,1,1,1,1,1,1,)", n % 3, R"(,0]})"),
       now);
    ++n;
  }
  EXPECT_EQ(Exported(Ndjson(*service)).Of("QuestionnaireResponse").size(), 5u);
  ExpectNothingChanges(*service);
}

}  // namespace
}  // namespace stepwell
