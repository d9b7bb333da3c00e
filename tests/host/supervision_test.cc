// Reviews are drawn by a rule that anybody can work out again; what supervision
// has not come to is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/fingerprint.h"
#include "base/time_text.h"
#include "host/host_support.h"
#include "stepwell/tables.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kCases = 12;

Instant Utc(const char* time) {
  return ParseInstant(time).value_or(Instant::Never());
}

class SupervisionTest : public HostTest {
 protected:
  static std::string Document() {
    return testing::ReadFileText(STEPWELL_SOURCE_DIR
                                 "/tests/protocols/supervision.json");
  }
  // Another version of it, with the reviews or without.
  static std::string Version(const std::string& version, bool reviews) {
    std::string text = absl::StrReplaceAll(
        Document(),
        {{R"("supervision", "version": "1")",
          absl::StrCat(R"("supervision", "version": ")", version, "\"")}});
    const size_t from = text.find(R"("supervision": {)");
    return reviews ? text : text.substr(0, text.rfind(',', from)) + "\n}\n";
  }
  void Deploy(const std::string& document, const std::string& from,
              const std::string& to) {
    DeployOptions deployed;
    deployed.protocol = document;
    deployed.prototype = true;
    deployed.actor = "lena";
    deployed.reason = "reviews";
    ASSERT_OK_AND_ASSIGN(const DeployResult result,
                         service_->Deploy(deployed, now_));
    ASSERT_TRUE(result.deployed);
    MigrationOptions moved;
    moved.migration =
        absl::StrCat(R"({"migration":"m)", to,
                     R"(","reason":"reviews","from":"supervision@)", from,
                     R"(","to":"supervision@)", to, "\"}");
    moved.apply = true;
    moved.actor = "lena";
    ASSERT_OK(service_->Migrate(moved, now_));
  }
  void Open(const std::string& url, const std::string& document = Document()) {
    now_ = Utc("2026-03-02T09:00:00Z");
    ServiceOptions options;
    options.protocol = document;
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
    for (const char* member :
         {R"("tea","pools":["team"])", R"("bo","pools":["team"])",
          R"("lena","pools":["leads"])"}) {
      Host("add_staff", absl::StrCat(R"("staff":)", member));
    }
  }
  // A command whose id is what it says, so that it is the same in any order.
  Reply Host(const std::string& verb, const std::string& members) {
    return Send(R"({"role":"integration"})", verb, members);
  }
  Reply Staff(const std::string& who, const std::string& verb,
              const std::string& members) {
    return Send(absl::StrCat(R"({"role":"staff","staff":")", who, "\"}"), verb,
                members);
  }
  Reply Send(const std::string& actor, const std::string& verb,
             const std::string& members) {
    const std::string id =
        ToHex(FingerprintOf(absl::StrCat(actor, verb, members)));
    const auto reply =
        Try(absl::StrCat(R"({"id":")", id, R"(","command":")", verb,
                         R"(","actor":)", actor, ",", members, "}"));
    EXPECT_OK(reply);
    return reply.ok() ? *reply : Reply();
  }
  void WriteTo(int number) {
    const std::string person =
        absl::StrCat(R"("person":{"system":"s","value":"p)", number, R"("})");
    Host("register_person", person);
    const Reply referred =
        Host("receive_referral", absl::StrCat(person, R"(,"route":"self")"));
    cases_.push_back(referred.case_id);
    Staff("tea", "send_message",
          absl::StrCat(R"("case":")", referred.case_id,
                       R"(","thread":"t","message_id":"m","body_key":"k")"));
  }
  // The cases whose threads are reviewed.
  std::vector<std::string> Drawn() {
    Host("draw_reviews", R"("month":"2026-03")");
    std::vector<std::string> cases;
    WorklistQuery query;
    query.owner = "leads";
    const auto list = service_->QueryWorklist(query, now_);
    EXPECT_OK(list);
    if (!list.ok()) return cases;
    for (const WorkLine& line : list->lines) {
      if (line.what != "thread_review") continue;
      EXPECT_EQ(line.of, "tea");
      EXPECT_EQ(line.note, "messages t of tea, 2026-03");
      cases.push_back(line.case_id);
    }
    std::sort(cases.begin(), cases.end());
    return cases;
  }
  // docs/formats/protocol.md, Supervision: the two of the lowest digest.
  std::vector<std::string> ByTheRule() const {
    std::vector<std::pair<std::string, std::string>> ranked;
    for (const std::string& id : cases_) {
      std::string content;
      for (const std::string& part :
           {std::string("default"), std::string("threads"), std::string("tea"),
            std::string("2026-03"), id, std::string("t")}) {
        absl::StrAppend(&content, part.size(), ":", part);
      }
      ranked.emplace_back(ToHex(FingerprintOf(content)), id);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::string> lowest = {ranked[0].second, ranked[1].second};
    std::sort(lowest.begin(), lowest.end());
    return lowest;
  }
  std::vector<std::string> Warnings() {
    const auto health = service_->CheckHealth(now_);
    EXPECT_OK(health);
    return health.ok() ? health->warnings : std::vector<std::string>();
  }
  void AdvanceTo(const char* time) {
    now_ = Utc(time);
    EXPECT_OK(service_->Advance(now_, {}));
  }

  std::vector<std::string> cases_;
};

TEST_F(SupervisionTest, TheDrawIsTheSameInAnyOrderAndOnAnyStore) {
  Open("memory:");
  for (int i = 0; i < kCases; ++i) WriteTo(i);
  AdvanceTo("2026-04-01T09:00:00Z");
  const std::vector<std::string> drawn = Drawn();
  EXPECT_THAT(drawn, ElementsAreArray(ByTheRule()));

  cases_.clear();
  Open(Url());
  for (int i = kCases; i-- > 0;) WriteTo(i);
  AdvanceTo("2026-04-01T09:00:00Z");
  EXPECT_THAT(Drawn(), ElementsAreArray(drawn));
}

TEST_F(SupervisionTest, HealthTellsWhatIsOverdueAndWhatWasNotDrawn) {
  Open("memory:");
  WriteTo(1);
  EXPECT_THAT(Warnings(), Not(Contains(HasSubstr("have not been drawn"))));
  AdvanceTo("2026-05-01T09:00:00Z");
  EXPECT_THAT(Warnings(),
              Contains("the reviews of 2026-03, 2026-04 have not been drawn: "
                       "draw_reviews"));
  Host("draw_reviews", R"("month":"2026-04")");
  EXPECT_THAT(Warnings(),
              Contains("the reviews of 2026-03 have not been drawn: "
                       "draw_reviews"));
  EXPECT_EQ(Drawn().size(), 1u);  // of March
  EXPECT_THAT(Warnings(), Not(Contains(HasSubstr("have not been drawn"))));
  AdvanceTo("2026-05-16T09:00:00Z");
  EXPECT_THAT(Warnings(),
              Contains("reviews of staff are overdue: 1 of 1 that are open"));
}

TEST_F(SupervisionTest, NothingIsToBeDrawnOfMonthsWithoutACase) {
  Open("memory:");
  AdvanceTo("2026-04-20T09:00:00Z");
  EXPECT_THAT(Warnings(), Not(Contains(HasSubstr("have not been drawn"))));
  WriteTo(1);
  AdvanceTo("2026-05-01T09:00:00Z");
  EXPECT_THAT(Warnings(),
              Contains("the reviews of 2026-04 have not been drawn: "
                       "draw_reviews"));
  const Reply before = Host("draw_reviews", R"("month":"2026-02")");
  EXPECT_EQ(before.code, "month_unknown");  // the service began in March
}

TEST_F(SupervisionTest, NothingIsToBeDrawnOfMonthsBeforeThereWereReviews) {
  Open("memory:", Version("1", false));
  WriteTo(1);
  AdvanceTo("2026-04-10T09:00:00Z");
  AdvanceTo("2026-05-10T09:00:00Z");
  Deploy(Version("2", true), "1", "2");
  AdvanceTo("2026-05-31T09:00:00Z");
  EXPECT_THAT(Warnings(), Not(Contains(HasSubstr("have not been drawn"))));
  AdvanceTo("2026-07-01T09:00:00Z");
  const std::string of_two =
      "the reviews of 2026-05, 2026-06 have not been drawn: draw_reviews";
  EXPECT_THAT(Warnings(), Contains(of_two));

  // Months without them in between, too.
  AdvanceTo("2026-07-10T09:00:00Z");
  Deploy(Version("3", false), "2", "3");
  AdvanceTo("2026-08-15T09:00:00Z");
  AdvanceTo("2026-09-20T09:00:00Z");
  EXPECT_THAT(Warnings(), Not(Contains(HasSubstr("have not been drawn"))));
  Deploy(Version("4", true), "3", "4");
  AdvanceTo("2026-10-01T09:00:00Z");
  EXPECT_THAT(Warnings(),
              Contains("the reviews of 2026-05, 2026-06, 2026-07, 2026-09 have "
                       "not been drawn: draw_reviews"));
}

TEST_F(SupervisionTest, HealthTellsOfSecondSignsThatAreLate) {
  Open("memory:");
  Host("add_staff",
       R"("staff":"nils","pools":["team"],"new_until":"2026-06-01T00:00:00Z")");
  WriteTo(1);
  const std::string item =
      absl::StrCat(R"("case":")", cases_[0], R"(","item":)");
  Staff("nils", "work_item",
        absl::StrCat(item, R"("call","action":"open","reason":"r")"));
  Staff("nils", "work_item",
        absl::StrCat(item, R"("ending","action":"open","reason":"r")"));
  const Reply asked = Staff(
      "nils", "work_item",
      absl::StrCat(item,
                   R"("ending","action":"complete","outcome":"redirected")"));
  EXPECT_THAT(asked.events, Contains("SignAsked"));
  WorklistQuery query;
  query.owner = "leads";
  ASSERT_OK_AND_ASSIGN(const Worklist list,
                       service_->QueryWorklist(query, now_));
  ASSERT_EQ(list.lines.size(), 1u);
  EXPECT_EQ(list.lines[0].state, "signed_once");
  EXPECT_EQ(list.lines[0].of, "nils");
  EXPECT_EQ(list.lines[0].due, Utc("2026-03-03T09:00:00Z"));
  EXPECT_THAT(ToJson(list), HasSubstr(R"("of":"nils")"));
  AdvanceTo("2026-03-03T10:00:00Z");
  EXPECT_THAT(Warnings(),
              Contains("second signs are overdue: 1 of 1 that are awaited"));
}

// What reviews were answered is a table, a row a question.
TEST_F(SupervisionTest, ChecklistsAreATable) {
  Open("memory:");
  WriteTo(1);
  now_ = Utc("2026-04-01T09:00:00Z");
  ASSERT_OK(service_->Advance(now_, {}).status());
  ASSERT_EQ(Drawn().size(), 1u);
  Staff("lena", "work_item",
        absl::StrCat(R"("case":")", cases_[0],
                     R"(","item":"thread_review","action":"complete",)",
                     R"("checklist":{"warm":"yes","next_step":"no"})"));
  ASSERT_OK_AND_ASSIGN(const Table table,
                       ServiceTable(*service_, "checklist", "", now_));
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_THAT(CsvHeader(table),
              HasSubstr("question,answer,review,month,of,about,by,episode,"));
  EXPECT_THAT(CsvRow(table, 0),
              HasSubstr(",warm,yes,thread_review,2026-03,tea,t,lena,1,"));
  EXPECT_THAT(CsvRow(table, 1),
              HasSubstr(",next_step,no,thread_review,2026-03,tea,t,lena,1,"));
}

// The first person has treated the patient, the second has supervised; what was
// given back was work all the same.
TEST_F(SupervisionTest, MinutesAreOfWhoDidTheWork) {
  Open("memory:");
  Host("add_staff",
       R"("staff":"nils","pools":["team"],"new_until":"2026-06-01T00:00:00Z")");
  WriteTo(1);
  const std::string item =
      absl::StrCat(R"("case":")", cases_[0], R"(","item":)");
  const auto work = [&](const char* who, const char* rest) {
    EXPECT_EQ(Staff(who, "work_item", absl::StrCat(item, rest)).kind,
              Reply::Kind::kAccepted)
        << rest;
  };
  work("nils", R"("call","action":"open","reason":"r")");
  work("nils", R"("ending","action":"open","reason":"r")");
  work("nils",
       R"("ending","action":"complete","outcome":"redirected","minutes":20)");
  work("lena", R"("ending","action":"return","minutes":3,"reason":"why?")");
  work("nils",
       R"("ending","action":"complete","outcome":"redirected","minutes":10)");
  work("lena", R"("ending","action":"sign","minutes":4)");
  ASSERT_OK_AND_ASSIGN(const Table rows,
                       ServiceTable(*service_, "contact_minutes", "", now_));
  ASSERT_EQ(rows.rows(), 5u);  // the first is the message
  EXPECT_THAT(CsvRow(rows, 1),
              HasSubstr(",decision,ending,nils,false,20,false,"));
  EXPECT_THAT(CsvRow(rows, 2),
              HasSubstr(",supervision,ending,lena,false,3,false,"));
  EXPECT_THAT(CsvRow(rows, 3),
              HasSubstr(",supervision,ending,lena,false,4,false,"));
  EXPECT_THAT(CsvRow(rows, 4),
              HasSubstr(",decision,ending,nils,false,10,false,"));
  ASSERT_OK_AND_ASSIGN(const Table weeks,
                       ServiceTable(*service_, "staff_week", "", now_));
  ASSERT_EQ(weeks.rows(), 3u);
  EXPECT_THAT(CsvRow(weeks, 0), HasSubstr("lena,2026-03-02,1,2,0,7,2,"));
  EXPECT_THAT(CsvRow(weeks, 1), HasSubstr("nils,2026-03-02,1,2,0,30,2,"));
  ASSERT_OK_AND_ASSIGN(const ServiceSummary summary, service_->Summarise(now_));
  EXPECT_EQ(summary.minutes, 37u);
  EXPECT_EQ(summary.minutes_recorded, 4u);
  EXPECT_EQ(summary.minutes_missing, 1u);
}

TEST_F(SupervisionTest, HealthTellsOfCasesWhoseOwnerIsOfAnotherPool) {
  Open("memory:");
  WriteTo(1);
  Host("assign_case", absl::StrCat(R"("case":")", cases_[0],
                                   R"(","pool":"team","staff":"bo")"));
  const std::string warning =
      "of the cases of bo, 1 is of a pool that they do not belong to any more: "
      "assign them";
  EXPECT_THAT(Warnings(), Not(Contains(warning)));
  Host("add_staff", R"("staff":"bo","pools":["leads"])");
  EXPECT_THAT(Warnings(), Contains(warning));
}

}  // namespace
}  // namespace stepwell::host
