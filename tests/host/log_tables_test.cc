// Tables from the log: their columns are those of the page, joins keep counts,
// and counted as a table of courses they give what the log gives.
#include "host/log_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "host/table_support.h"
#include "json/json.h"
#include "stepwell/tables.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using LogTablesTest = TableTest;

int64_t Sum(const Table& table, const std::string& name) {
  int64_t sum = 0;
  for (const std::string& cell : Select(table, {name})) {
    if (cell != "null") sum += std::stoll(cell);
  }
  return sum;
}

// Every row of `from` has exactly one of `to` by these columns.
void ExpectJoins(const Table& from, const Table& to,
                 const std::vector<std::string>& names) {
  std::map<std::string, int> there;
  for (const std::string& key : Select(to, names)) ++there[key];
  for (const std::string& key : Select(from, names)) {
    if (key.find("null") != std::string::npos) continue;
    EXPECT_EQ(there[key], 1) << from.name << " " << key;
  }
}

// `STEPWELL_UPDATE=1 build/dev/host_test --gtest_filter=LogTablesPage.*` writes
// the page; a look at what has changed is a look at a promise.
TEST(LogTablesPage, IsMadeFromTheTables) {
  const std::string path = "docs/formats/tables.md";
  if (std::getenv("STEPWELL_UPDATE") != nullptr) {
    std::ofstream(path) << TablesPage();
  }
  EXPECT_EQ(testing::ReadFileText(path), TablesPage());
}

TEST_F(LogTablesTest, EveryTableHasTheColumnsOfItsPage) {
  Treat(15, 12, 6, 4);
  const std::string page = testing::ReadFileText("docs/formats/tables.md");
  for (const TableSpec& spec : LogTableSpecs()) {
    if (std::string_view(spec.name) == "rescored") continue;
    const Table table = Read(spec.name);
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n## ", spec.name, "\n")));
    ASSERT_EQ(table.columns.size(), spec.columns.size()) << spec.name;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      EXPECT_EQ(table.columns[i].name(), spec.columns[i].name);
      EXPECT_EQ(table.columns[i].type(), spec.columns[i].type);
      EXPECT_EQ(table.columns[i].size(), table.rows())
          << spec.name << " " << spec.columns[i].name;
    }
  }
}

TEST_F(LogTablesTest, RowsSayWhatHappened) {
  const std::string id = Treat(15, 12, 6, 4);
  Staff(id, absl::StrCat(R"("command":"void_event","target":)",
                         SeqOf(id, "ResponseReceived")));
  Answer(id, "phq9", 18, absl::StrCat("first-", id));
  EXPECT_THAT(Select(Read("referral"), {"case", "route", "disposition"}),
              ElementsAre(id + " self helped"));
  EXPECT_THAT(Select(Read("episode"), {"case", "episode", "reason"}),
              ElementsAre(id + " 1 helped"));
  EXPECT_THAT(
      Select(Read("response"), {"instrument", "fit", "answers", "void"}),
      ElementsAre("phq-9 item 9 false", "gad-7 unasked 7 false",
                  "phq-9 unasked 9 false", "gad-7 unasked 7 true",
                  "phq-9 amendment 9 false"));
  EXPECT_THAT(
      Select(Read("score"), {"instrument", "score", "band", "void"}),
      ElementsAre("phq-9 15 moderately_severe true", "gad-7 12 moderate false",
                  "phq-9 6 mild false", "gad-7 4 minimal true",
                  "phq-9 18 moderately_severe false"));
  EXPECT_THAT(Select(Read("contact_minutes"),
                     {"activity", "item", "staff", "contact", "minutes"}),
              ElementsAre("task call anna true 30", "task session anna true 50",
                          "decision ending anna false null"));
  EXPECT_THAT(Select(Read("staff_week"),
                     {"staff", "week", "pieces", "minutes", "timed"}),
              ElementsAre("anna 2026-03-09 1 30 1", "anna 2026-03-16 2 50 1"));
  EXPECT_THAT(Select(Read("course"),
                     {"case", "course", "phq9_first", "phq9_last", "gad7_last",
                      "treatment_contacts", "referral_received", "discharged"}),
              ElementsAre(id + " 1 18 6 null 2 2026-03-02 2026-03-16"));
  EXPECT_THAT(Select(Read("answer"), {"item", "number"}),
              ::testing::Contains("q1 3"));
}

// What somebody did in a week stands beside what they were to do in one.
TEST_F(LogTablesTest, AWeekHasTheMinutesOfTheRegister) {
  Treat(15, 12, 6, 4);
  const std::vector<std::string> said = {"staff",
                                         "minutes",
                                         "weekly_minutes",
                                         "direct_minutes",
                                         "supervision_minutes",
                                         "admin_minutes"};
  EXPECT_THAT(Select(Read("staff_week"), said),
              ElementsAre("anna 30 null null null null",
                          "anna 50 null null null null"));
  Do(R"({"id":"hours","command":"add_staff","staff":"anna","pools":["team"],)"
     R"("actor":{"role":"integration"},"weekly_minutes":1800,)"
     R"("direct_minutes":1200,"supervision_minutes":0})");
  EXPECT_THAT(
      Select(Read("staff_week"), said),
      ElementsAre("anna 30 1800 1200 0 null", "anna 50 1800 1200 0 null"));
}

// What called whom, by tier and by what it came of.
TEST_F(LogTablesTest, AWeekHasItsAlertsByWhatTheyComeOf) {
  const std::string id = Refer();
  Answer(id, "phq9", 27);
  const auto flag = [&](const std::string& where, const std::string& tier) {
    Do(absl::StrCat(R"({"id":")", Id(), R"(","command":"flag_risk","case":")",
                    id, R"(","actor":{"role":"integration"},"source":")", where,
                    R"(","tier":")", tier, "\"}"));
  };
  flag("m-1", "unscreened");
  flag("m-2", "high");
  Staff(id, R"("command":"handle_alert","alert":1,"action":"acknowledge")");
  Staff(id, R"("command":"handle_alert","alert":1,"action":"assess",)"
            R"("outcome":"no_danger")");
  Staff(id, R"("command":"handle_alert","alert":1,)"
            R"("action":"reviewed_unchanged",)"
            R"("until":"2026-03-20T09:00:00Z")");
  flag("m-2", "high");
  EXPECT_THAT(
      Select(Read("alert_week"), {"week", "pool", "staff", "tier", "source",
                                  "raised", "rearmed", "logged", "retiered"}),
      ElementsAre("2026-03-02 team anna high flag 1 0 1 0",
                  "2026-03-02 team anna unscreened flag 0 1 0 0",
                  "2026-03-02 team anna unscreened phq-9 1 0 0 0"));
  EXPECT_THAT(Select(Read("alert"), {"tier", "evidence", "source", "flagged"}),
              ElementsAre("unscreened 2 phq-9 null", "high 2 flag m-2"));
}

TEST_F(LogTablesTest, ARepeatOfTheLastRungPassesAnAlertOnToNobody) {
  for (const int64_t minutes : {5, 6000}) {
    HostTest::TearDown();
    HostTest::SetUp();
    Begin();
    for (const char* name : {"lead", "on_call_fallback"}) {
      Do(absl::StrCat(R"({"id":")", name, R"(","command":"add_staff",)",
                      R"("actor":{"role":"integration"},"staff":")", name,
                      R"(","pools":[")", name, "\"]}"));
    }
    Do(Patient("x", R"("response_id":"x","answers":[1,1,1,1,1,1,1,1,1])"));
    for (int64_t i = 0; i < 6000; i += minutes) {
      ASSERT_OK(service_->Advance(now_ = now_ + Minutes(minutes), {}));
    }
    EXPECT_THAT(Select(Read("alert_week"), {"staff", "raised", "escalated"}),
                ElementsAre("anna 1 0", "lead 0 1", "on_call_fallback 0 1"));
    EXPECT_THAT(Select(Read("alert"), {"escalations"}), ElementsAre("2"));
  }
}

TEST_F(LogTablesTest, TheyAreAsKnownAtATime) {
  const std::string id = Refer();
  Answer(id, "phq9", 15, "one");
  const std::string then = R"({"as_known_at": "2026-03-02T09:00:00Z"})";
  const auto before = Select(Read("score"), {"score", "void"});
  Later(1);
  Answer(id, "phq9", 6, "one");
  EXPECT_THAT(Select(Read("score"), {"score", "void"}),
              ElementsAre("15 true", "6 false"));
  EXPECT_EQ(Select(Read("score", then), {"score", "void"}), before);
  EXPECT_FALSE(ServiceTable(*service_, "score", then, now_ - Hours(48)).ok());
}

// An amendment that is taken back: what it had replaced stands again.
TEST_F(LogTablesTest, WhatWasReplacedStandsAgain) {
  const std::string id = Refer();
  Answer(id, "phq9", 15, "one");
  Answer(id, "phq9", 6, "one");
  EXPECT_THAT(Select(Read("score"), {"score", "void"}),
              ElementsAre("15 true", "6 false"));
  Staff(id, absl::StrCat(R"("command":"void_event","target":)",
                         SeqOf(id, "ResponseReceived")));
  EXPECT_THAT(Select(Read("score"), {"score", "void"}),
              ElementsAre("15 false", "6 true"));
  EXPECT_THAT(Select(Read("response"), {"replaced_by", "void"}),
              ElementsAre("null false", "null true"));
  EXPECT_THAT(Select(Read("course"), {"phq9_first"}), ElementsAre("15"));
  const std::string other =
      absl::StrReplaceAll(CatalogueDocument("instruments/phq-9.json").value(),
                          {{R"("version": "1")", R"("version": "1.1")"},
                           {R"("to": 14)", R"("to": 15)"},
                           {R"("from": 15)", R"("from": 16)"}});
  EXPECT_THAT(Select(Read("rescored", "{\"instrument\": " + other + "}"),
                     {"score_after", "band_after"}),
              ElementsAre("15 moderate"));
}

// Random services: whatever happens, joins keep counts, and every other way of
// counting gives the same.
TEST_F(LogTablesTest, JoinsKeepCounts) {
  std::mt19937 dice(7);  // NOLINT: the same run every time
  for (int step = 0; step < 150; ++step) RandomStep(dice);
  const Table referrals = Read("referral"), episodes = Read("episode"),
              responses = Read("response"), answers = Read("answer"),
              scores = Read("score"), alerts = Read("alert"),
              work = Read("contact_minutes"), weeks = Read("staff_week"),
              clocks = Read("clock_interval"), enrolments = Read("enrolment"),
              assignments = Read("assignment"), courses = Read("course");
  for (const Table* table :
       {&referrals, &responses, &scores, &alerts, &work, &enrolments}) {
    ExpectJoins(*table, episodes, {"case", "episode"});
  }
  for (const Table* table : {&answers, &scores, &alerts}) {
    ExpectJoins(*table, responses, {"case", "response"});
  }
  EXPECT_EQ(Sum(responses, "answers"), static_cast<int64_t>(answers.rows()));
  EXPECT_EQ(courses.rows(), episodes.rows());
  // Keys are keys.
  for (const TableSpec& spec : LogTableSpecs()) {
    if (std::string_view(spec.name) == "rescored") continue;
    std::vector<std::string> key;
    for (std::string_view rest = spec.key; !rest.empty();) {
      const size_t comma = std::min(rest.find(", "), rest.size());
      key.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 2, rest.size()));
    }
    const auto keys = Select(Read(spec.name), key);
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(),
              keys.size())
        << spec.name;
  }
  ASSERT_OK_AND_ASSIGN(const ServiceSummary summary, service_->Summarise(now_));
  EXPECT_EQ(referrals.rows(), summary.referrals);
  EXPECT_EQ(alerts.rows(), summary.alerts);
  uint64_t minutes = 0, timed = 0, pieces = 0;
  for (const std::string& cell : Select(work, {"minutes", "void"})) {
    if (cell.find("true") != std::string::npos) continue;
    ++pieces;
    if (cell.rfind("null", 0) == 0) continue;
    ++timed;
    minutes += std::stoull(cell);
  }
  EXPECT_EQ(minutes, summary.minutes);
  EXPECT_EQ(timed, summary.minutes_recorded);
  EXPECT_EQ(pieces, summary.minutes_recorded + summary.minutes_missing);
  EXPECT_EQ(Sum(weeks, "minutes"), static_cast<int64_t>(minutes));
  EXPECT_EQ(Sum(weeks, "pieces"), static_cast<int64_t>(pieces));
  EXPECT_EQ(Sum(courses, "work_pieces"), static_cast<int64_t>(pieces));
  EXPECT_GT(clocks.rows(), 0u);
  EXPECT_GE(assignments.rows(), courses.rows() / 2);
}

// A row of values as data frames write it: empty where there is none, and
// scores, which are no integers there, with a point.
std::string CsvRow(const std::string& row, size_t scores) {
  std::vector<std::string> cells = absl::StrSplit(row, ' ');
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] == "null") {
      cells[i].clear();
    } else if (i < scores) {
      cells[i] += ".0";
    }
  }
  return absl::StrJoin(cells, ",") + "\n";
}

// The table of courses, counted as any such table is, gives what the log gives.
TEST_F(LogTablesTest, CoursesCountTheSameAsTheLog) {
  std::mt19937 dice(11);  // NOLINT: the same run every time
  for (int step = 0; step < 150; ++step) RandomStep(dice);
  for (int n = 0; n < 3; ++n) Treat(15 - n, 12, 6 + n, 4);
  const Table courses = Read("course");
  const std::vector<std::string> names = {
      "phq9_first",      "phq9_last",          "gad7_first",
      "gad7_last",       "treatment_contacts", "referral_received",
      "first_treatment", "second_treatment",   "discharged",
      "route",           "specific_measure",   "specific_first",
      "specific_last"};
  OutcomesRequest table;
  table.by = "route";
  table.csv = absl::StrJoin(names, ",") + "\n";
  for (const std::string& row : Select(courses, names)) {
    table.csv += CsvRow(row, 4);
  }
  LogOutcomesRequest log;
  log.by = "route";
  ASSERT_OK_AND_ASSIGN(const InstrumentReport by_table, OutcomesOfTable(table));
  ASSERT_OK_AND_ASSIGN(const InstrumentReport by_log,
                       service_->QueryOutcomes(log, now_));
  ASSERT_OK_AND_ASSIGN(const json::Document a, json::Parse(by_table.json));
  ASSERT_OK_AND_ASSIGN(const json::Document b, json::Parse(by_log.json));
  EXPECT_EQ(json::ToText(a.root().Find("counts")),
            json::ToText(b.root().Find("counts")));
  size_t compared = 0;
  for (const json::Value figure : json::Children(a.root().Find("measures"))) {
    if (figure.Find("id").string_value() == "therapist_minutes") continue;
    for (const json::Value other : json::Children(b.root().Find("measures"))) {
      if (other.Find("id").string_value() != figure.Find("id").string_value()) {
        continue;
      }
      EXPECT_EQ(json::ToText(figure), json::ToText(other));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 16u);
}

TEST_F(LogTablesTest, OutcomesAreATableToo) {
  Treat(15, 12, 6, 4);
  Treat(12, 9, 11, 9, "gp");
  const Table table = Read("outcomes", R"({"by": "route"})");
  std::vector<std::string> recovery;
  for (const std::string& row :
       Select(table, {"group", "id", "numerator", "denominator", "value"})) {
    if (row.find(" recovery ") != std::string::npos) recovery.push_back(row);
  }
  EXPECT_THAT(recovery, ElementsAre("null recovery 1 2 50", "gp recovery 0 1 0",
                                    "self recovery 1 1 100"));
}

// A document with another band and another rule for what is missing.
TEST_F(LogTablesTest, AnotherDocumentScoresOtherwise) {
  const std::string id = Treat(15, 12, 6, 4);
  Answer(id, "phq9", 14, "kept");
  Answer(id, "phq9", 16, "again");
  Answer(id, "phq9", 3, "again");  // an amendment: only the last counts
  const std::string document =
      CatalogueDocument("instruments/phq-9.json").value();
  const auto query = [](const std::string& instrument) {
    return "{\"instrument\": " + instrument + "}";
  };
  EXPECT_EQ(Read("rescored", query(document)).rows(), 0u);
  const std::string other = absl::StrReplaceAll(
      document, {{R"("version": "1")", R"("version": "1.1")"},
                 {R"("to": 14)", R"("to": 13)"},
                 {R"("from": 15)", R"("from": 14)"}});
  EXPECT_THAT(Select(Read("rescored", query(other)),
                     {"case", "version_before", "version_after", "score_before",
                      "score_after", "band_before", "band_after"}),
              ElementsAre(id + " 1 1.1 14 14 moderate moderately_severe"));
  EXPECT_THAT(ServiceTable(*service_, "rescored", query("{}"), now_),
              ::testing::Not(testing::IsOk()));
  EXPECT_FALSE(ServiceTable(*service_, "rescored", "", now_).ok());
  // What nobody is asked here was not looked at.
  EXPECT_THAT(
      ServiceTable(*service_, "rescored",
                   query(CatalogueDocument("instruments/pcl-5.json").value()),
                   now_),
      testing::StatusIs(absl::StatusCode::kNotFound, "pcl-5"));
}

// What a questionnaire without a total says, and an item for women only.
class SubscaleTest : public LogTablesTest {
 protected:
  void Say(const std::string& id, const std::string& instrument,
           const std::string& answers, const std::string& response) {
    Do(absl::StrCat(R"({"id":")", Id(), R"(","command":"submit_response",)",
                    R"("actor":{"role":"patient"},"case":")", id,
                    R"(","instrument":")", instrument, R"(","response_id":")",
                    response, R"(","answers":)", answers, "}"));
  }
  // Anxious (14) and not depressed (0), but for the questions without answer.
  static constexpr char kAnxious[] = "[2,0,2,0,2,0,2,0,2,0,2,0,2,0]";
};

TEST_F(SubscaleTest, TheyAreATable) {
  const std::string id = Refer();
  Say(id, "hads", kAnxious, "one");
  Say(id, "hads", "[2,0,2,0,2,0,2,0,2,0,2,0,null,0]", "two");
  Say(id, "hads", "[0,0,0,0,0,0,0,0,0,0,0,0,0,0]", "one");  // an amendment
  EXPECT_THAT(
      Select(Read("subscale"),
             {"instrument", "subscale", "score", "band", "void"}),
      ElementsAre(
          "hads anxiety 14 abnormal true", "hads depression 0 normal true",
          "hads anxiety null null false", "hads depression 0 normal false",
          "hads anxiety 0 normal false", "hads depression 0 normal false"));
  EXPECT_THAT(
      Select(Read("score"), {"score", "flags"}),
      ElementsAre("null anxiety_case", "null anxiety_case", "null null"));
}

// Item 4 is for women: of a man it is not missing, once the case knows that.
TEST_F(SubscaleTest, TheSexOfThePatientReachesScoring) {
  const std::string id = Refer();
  const std::string answers = "[1,1,1,null,1,1,1,1,1,1,1,1,1,1,1]";
  Say(id, "somatic", answers, "before");
  Do(absl::StrCat(R"({"id":")", Id(),
                  R"(","command":"record_fact","actor":{"role":)"
                  R"("integration"},"case":")",
                  id, R"(","fact":"sex","value":"male"})"));
  Say(id, "somatic", answers, "after");
  EXPECT_THAT(Select(Read("score"), {"score", "missing"}),
              ElementsAre("null 1", "14 0"));
  // What was recorded stays, and a look-back goes by what was known then.
  const std::string query = absl::StrCat(
      "{\"instrument\": ", CatalogueDocument("instruments/phq-15.json").value(),
      "}");
  EXPECT_EQ(Read("rescored", query).rows(), 0u);
}

// A questionnaire without a total differs by its subscales; what nobody can
// tell any more is a difference too.
TEST_F(LogTablesTest, SubscalesAndWhatCannotBeToldAreScoredAnew) {
  const std::string id = Refer();
  const auto submit = [&](const char* instrument, const char* answers) {
    Do(absl::StrCat(R"({"id":")", Id(), R"(","command":"submit_response",)",
                    R"("actor":{"role":"patient"},"case":")", id,
                    R"(","instrument":")", instrument, R"(","response_id":")",
                    Id(), R"(","answers":)", answers, "}"));
  };
  submit("dass21", "[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,null]");
  const std::string dass =
      CatalogueDocument("instruments/dass-21.json").value();
  const auto rescored = [&](const std::string& document,
                            const std::vector<std::string>& columns) {
    return Select(Read("rescored", "{\"instrument\": " + document + "}"),
                  columns);
  };
  EXPECT_THAT(rescored(dass, {"case"}), ElementsAre());
  const std::string other = absl::StrReplaceAll(
      dass, {{R"({"id": "extremely_severe", "from": 20, "to": 42})",
              R"({"id": "very_severe", "from": 20, "to": 42})"}});
  ASSERT_NE(other, dass);
  EXPECT_THAT(
      rescored(other, {"score_before", "subscales_before", "subscales_after"}),
      ElementsAre("none D none; A 28 extremely_severe; S 28 severe "
                  "D none; A 28 very_severe; S 28 severe"));
  submit("phq9", "[3,3,3,3,3,3,null,0,0]");
  const std::string phq9 = CatalogueDocument("instruments/phq-9.json").value();
  EXPECT_THAT(rescored(phq9, {"case"}), ElementsAre());
  // A rule of the service that is there for more than answered questions.
  const std::string strict = absl::StrReplaceAll(
      phq9, {{R"("flags": [)",
              R"("flags": [{"id": "tired", "source": "s", "mark": "assumption",
                  "when": {"item": "q7", "at_least": 1}},)"}});
  ASSERT_NE(strict, phq9);
  const auto flags = rescored(strict, {"flags_before", "flags_after"});
  ASSERT_EQ(flags.size(), 1u);
  EXPECT_EQ(flags[0].find("tired?"), flags[0].rfind("tired?"));
  EXPECT_THAT(flags[0], HasSubstr("tired?"));
}

// Flags are those of the first profile, live and looked back at.
TEST_F(LogTablesTest, AnotherProfileChangesNoFlag) {
  Answer(Refer(), "phq9", 9);
  const std::string document =
      CatalogueDocument("instruments/phq-9.json").value();
  const std::string other =
      absl::StrReplaceAll(document, {{"    }\n  ],\n  \"reliability\": [",
                                      R"(    }, {"id": "other", "cutoffs": [
                      {"id": "caseness", "kind": "caseness", "at_least": 5,
                       "source": "s", "mark": "assumption"}]}],
                  "reliability": [)"}});
  ASSERT_NE(other, document);
  EXPECT_THAT(Select(Read("rescored", "{\"instrument\": " + other + "}"),
                     {"flags_after"}),
              ElementsAre());
}

// A step of an alert that is taken back is no work, in no table.
TEST_F(LogTablesTest, WorkOfAStepThatIsTakenBackIsVoid) {
  const std::string id = Refer();
  Answer(id, "phq9", 27);
  Staff(id, R"("command":"handle_alert","alert":0,"action":"acknowledge",
                "minutes":10)");
  EXPECT_THAT(Select(Read("contact_minutes"), {"activity", "minutes", "void"}),
              ElementsAre("alert 10 false"));
  Staff(id, absl::StrCat(R"("command":"void_event","target":)",
                         SeqOf(id, "AlertStepped")));
  EXPECT_THAT(Select(Read("contact_minutes"), {"activity", "minutes", "void"}),
              ElementsAre("alert 10 true"));
  EXPECT_EQ(Read("staff_week").rows(), 0u);
  EXPECT_THAT(Select(Read("course"), {"work_pieces", "work_minutes"}),
              ElementsAre("0 0"));
  ASSERT_OK_AND_ASSIGN(const ServiceSummary summary, service_->Summarise(now_));
  EXPECT_EQ(summary.minutes_recorded + summary.minutes_missing, 0u);
  Staff(id, R"("command":"handle_alert","alert":0,"action":"acknowledge",
                "minutes":4)");
  EXPECT_THAT(Select(Read("contact_minutes"), {"minutes", "void"}),
              ElementsAre("10 true", "4 false"));
}

// The mean of the summary is that of outcomes: a third of the minutes left out
// does not lower it, and care that is taken up again is a course of its own.
TEST_F(LogTablesTest, TheSummaryCountsMinutesAndChangesAsOutcomesDo) {
  for (int n = 0; n < 6; ++n) {
    const std::string id = Refer();
    Answer(id, "phq9", 15);
    Work(id, "call", n % 3 == 0 ? "" : R"(,"minutes":30)");
    Session(id, n % 3 == 1 ? "" : R"(,"minutes":50)");
    Work(id, "ending", R"(,"outcome":"helped","minutes":5)");
  }
  ASSERT_OK_AND_ASSIGN(const ServiceSummary summary, service_->Summarise(now_));
  EXPECT_EQ(summary.minutes_per_patient, 85.0);
  EXPECT_EQ(summary.minutes_missing, 4u);
  EXPECT_EQ(summary.minutes_recorded, 14u);
  ASSERT_EQ(summary.changes.size(), 1u);
  EXPECT_EQ(summary.changes[0].unpaired, 6u);
  // The last of them comes again, and has a first score of its own.
  Later(30);
  const std::string id =
      Do(absl::StrCat(R"({"id":")", Id(), R"(","command":"receive_referral",)",
                      R"("actor":{"role":"integration"},"person":)",
                      R"({"system":"urn:x","value":")", people_,
                      R"("},"route":"self"})"))
          .case_id;
  Answer(id, "phq9", 3);
  ASSERT_OK_AND_ASSIGN(const ServiceSummary later, service_->Summarise(now_));
  EXPECT_EQ(later.changes[0].pairs, 0u);
  EXPECT_EQ(later.changes[0].unpaired, 7u);
  Answer(id, "phq9", 2);
  ASSERT_OK_AND_ASSIGN(const ServiceSummary last, service_->Summarise(now_));
  EXPECT_EQ(last.changes[0].pairs, 1u);
  EXPECT_EQ(last.changes[0].mean_change, -1.0);
}

TEST_F(LogTablesTest, WhatThereIsNotIsSaid) {
  const auto none = ServiceTable(*service_, "scores", "", now_);
  EXPECT_THAT(none, testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                      "docs/formats/tables.md"));
  EXPECT_FALSE(ServiceTable(*service_, "score", R"({"who": "x"})", now_).ok());
}

}  // namespace
}  // namespace stepwell::host
