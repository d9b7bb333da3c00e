// Outcomes from the log of a service: the national figures, groups, what was
// known at a time, what later corrections make of it; as events come and all
// anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "host/treated_support.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;

class OutcomesTest : public TreatedService {
 protected:
  std::string Ask(const LogOutcomesRequest& request = {}) {
    const auto report = service_->QueryOutcomes(request, now_);
    EXPECT_OK(report);
    return report.ok() ? report->json : "{}";
  }
};

json::Document Read(const std::string& text) {
  auto document = json::Parse(text);
  EXPECT_OK(document);
  return *std::move(document);
}

json::Value Entry(json::Value list, const char* key, const std::string& is) {
  for (const json::Value entry : json::Children(list)) {
    if (entry.Find(key) && entry.Find(key).string_value() == is) return entry;
  }
  ADD_FAILURE() << "there is no " << is;
  return {};
}

// "numerator/denominator, missing" of a measure.
std::string Share(json::Value report, const std::string& id) {
  const json::Value figure = Entry(report.Find("measures"), "id", id);
  if (!figure) return "";
  return absl::StrCat(std::string(figure.Find("numerator").number_text()), "/",
                      std::string(figure.Find("denominator").number_text()),
                      ", ", std::string(figure.Find("missing").number_text()));
}

TEST_F(OutcomesTest, EveryMeasureComesFromTheLog) {
  Treat(15, 12, 6, 4);            // recovered, reliably
  Treat(12, 5, 11, 5, "gp", 50);  // no change, too late for 6 weeks
  Treat(5, 4, 12, 5);             // no case; worse
  const std::string open = Refer();
  Answer(open, "phq9", 20);
  const std::string once = Refer();  // one contact, no last score
  Answer(once, "phq9", 14);
  Answer(once, "gad7", 10);
  Work(once, "call", "");
  Work(once, "ending", R"(,"outcome":"redirected")");
  LogOutcomesRequest request;
  request.core_modules = 1;
  const json::Document document = Read(Ask(request));
  const json::Value report = document.root();
  EXPECT_EQ(Share(report, "recovery"), "1/2, 0");
  EXPECT_EQ(Share(report, "reliable_recovery"), "1/2, 0");
  EXPECT_EQ(Share(report, "reliable_improvement"), "1/3, 0");
  EXPECT_EQ(Share(report, "reliable_deterioration"), "1/3, 0");
  EXPECT_EQ(Share(report, "no_reliable_change"), "1/3, 0");
  EXPECT_EQ(Share(report, "wait_6_weeks_finished"), "2/3, 0");
  EXPECT_EQ(Share(report, "wait_18_weeks_finished"), "3/3, 0");
  EXPECT_EQ(Share(report, "wait_6_weeks_started"), "3/4, 0");
  EXPECT_EQ(Share(report, "second_wait_over_90_days"), "0/3, 0");
  EXPECT_EQ(Share(report, "reliable_recovery_completers"), "1/2, 0");
  EXPECT_EQ(Share(report, "reliable_recovery_carried_forward"), "1/2, 0");
  EXPECT_EQ(Share(report, "reliable_recovery_all_started"), "1/3, 1");
  EXPECT_EQ(report.Find("estimand_gap").number_text(), "16.7");
  EXPECT_EQ(Share(report, "effect_phq9"), "3/3, 0");
  EXPECT_EQ(Share(report, "forms_completed"), "4/4, 0");
  EXPECT_EQ(Share(report, "core_dose"), "0/0, 0");
  // A call and a session of 30 and 50 minutes, and a decision that nobody timed
  // and that counts as the mean of all.
  EXPECT_EQ(Share(report, "therapist_minutes"), "240/3, 3");
  EXPECT_EQ(Share(report, "minutes_per_piece"), "240/6, 3");
  const json::Value minutes =
      Entry(report.Find("measures"), "id", "therapist_minutes");
  EXPECT_EQ(minutes.Find("value").number_text(), "120");
  EXPECT_EQ(minutes.Find("definition").string_value(),
            "stepwell-log@1/therapist_minutes");
  EXPECT_EQ(report.Find("counts").Find("courses").number_text(), "5");
}

// The measure of panic is asked by a questionnaire with another id.
TEST_F(OutcomesTest, TheComplaintCallsForItsQuestionnaire) {
  const auto refer = [&](const char* code) {
    const std::string id = Refer();
    Do(absl::StrCat(R"({"id":")", Id(),
                    R"(","command":"record_fact","actor":{"role":)"
                    R"("integration"},"case":")",
                    id, R"(","fact":"complaint","value":")", code, "\"}"));
    return id;
  };
  const std::string once = refer("f410");
  Answer(once, "panic", 14);
  Finish(once, 5, 5, 5, 5);
  Finish(refer("Z99"), 5, 5, 5, 5);
  Treat(5, 5, 5, 5);
  LogOutcomesRequest request;
  request.complaint = "complaint";
  const json::Document before = Read(Ask(request));
  EXPECT_EQ(before.root().Find("counts").Find("at_caseness").number_text(),
            "0");
  EXPECT_EQ(json::ToText(before.root().Find("complaints")),
            R"({"given":2,"known":1})");
  const std::string other = refer("F41.0");
  Answer(other, "panic", 14);
  Later(1);
  Answer(other, "panic", 0);
  Finish(other, 5, 5, 5, 5);
  const json::Document after = Read(Ask(request));
  EXPECT_EQ(Share(after.root(), "recovery"), "1/1, 0");
  EXPECT_EQ(Share(after.root(), "reliable_improvement"), "1/4, 0");
}

TEST_F(OutcomesTest, TheyAreCountedByGroupsToo) {
  const std::string first = Refer();
  Staff(first, R"("command":"assign_case","pool":"team","staff":"bo")");
  Finish(first, 15, 12, 6, 4);
  Treat(12, 5, 11, 5, "gp", 50);
  Treat(15, 12, 14, 12, "gp");
  for (const auto& [by, name, finished] : {std::tuple("route", "gp", "2"),
                                           {"route", "self", "1"},
                                           {"month", "2026-03", "1"},
                                           {"month", "2026-05", "2"},
                                           {"month", "2026-04", "0"},
                                           {"quarter", "2026-Q2", "2"},
                                           {"year", "2026", "3"},
                                           {"program", "", "3"},
                                           {"therapist", "", "2"},
                                           {"therapist", "bo", "1"}}) {
    LogOutcomesRequest request;
    request.by = by;
    const json::Document document = Read(Ask(request));
    const json::Value counts =
        Entry(document.root().Find("groups"), "name", name).Find("counts");
    EXPECT_EQ(counts.Find("finished").number_text(), finished)
        << by << " " << name;
    // All of them had ended care: no group has the courses of another one.
    EXPECT_EQ(counts.Find("courses").number_text(), finished)
        << by << " " << name;
  }
}

TEST_F(OutcomesTest, ThePeriodBoundsWhatCounts) {
  Treat(15, 12, 6, 4);  // until 16 March
  Later(30);
  LogOutcomesRequest request;
  request.from = "2026-03-16";
  request.to = "2026-03-16";
  EXPECT_EQ(Share(Read(Ask(request)).root(), "recovery"), "1/1, 0");
  request.from = request.to = "2026-03-17";
  EXPECT_EQ(Share(Read(Ask(request)).root(), "recovery"), "0/0, 0");
}

// The report of March, done again in June: whatever has been corrected since,
// the bytes are the same; and the corrections are listed, no more and no less.
TEST_F(OutcomesTest, AReportIsDoneAgainToTheByte) {
  const std::string good = Treat(15, 12, 6, 4);
  const std::string other = Treat(12, 9, 11, 9);
  LogOutcomesRequest march;
  march.to = "2026-03-31";
  march.by = "route";
  const Instant then = now_;
  const std::string report = Ask(march);
  EXPECT_THAT(report, HasSubstr(R"("as_known_at":"2026-03-30T09:00:00Z")"));
  EXPECT_THAT(report, HasSubstr(R"("log_head":")"));
  EXPECT_THAT(report, HasSubstr(R"("id":"minimal@1")"));
  Later(70);
  // The first one's last GAD-7 was of another patient; the other one's first
  // PHQ-9 was mistyped.
  Staff(good, absl::StrCat(R"("command":"void_event","target":)",
                           SeqOf(good, "ResponseReceived")));
  Answer(other, "phq9", 21, absl::StrCat("first-", other));
  Treat(20, 20, 2, 2);
  EXPECT_NE(Ask(march), report);
  march.as_known_at = then;
  EXPECT_EQ(Ask(march), report);
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  EXPECT_EQ(Ask(march), report);
  march.as_corrected = true;
  const json::Document document = Read(Ask(march));
  const json::Value corrected = document.root().Find("as_corrected");
  std::vector<std::string> courses;
  for (const json::Value one : json::Children(corrected.Find("courses"))) {
    const std::string id(one.Find("case").string_value());
    courses.push_back(
        absl::StrCat(id == good    ? "good"
                     : id == other ? "other"
                                   : "new",
                     " ", std::string(one.Find("column").string_value()), " ",
                     json::ToText(one.Find("as_known")), "->",
                     json::ToText(one.Find("as_corrected"))));
  }
  // The course of June is none of March.
  EXPECT_THAT(courses,
              ::testing::UnorderedElementsAre("good gad7_last 4->null",
                                              "other phq9_first 12->21"));
  // Of the figures of March, all those that hang on the two.
  const json::Value recovery =
      Entry(corrected.Find("differences"), "id", "recovery");
  EXPECT_EQ(json::ToText(recovery.Find("group")), "null");
  EXPECT_EQ(recovery.Find("as_known").Find("numerator").number_text(), "1");
  EXPECT_EQ(recovery.Find("as_corrected").Find("numerator").number_text(), "0");
  EXPECT_EQ(recovery.Find("as_corrected").Find("missing").number_text(), "1");
  for (const json::Value one : json::Children(corrected.Find("differences"))) {
    EXPECT_NE(json::ToText(one.Find("as_known")),
              json::ToText(one.Find("as_corrected")));
    EXPECT_NE(one.Find("id").string_value(), "wait_6_weeks_finished");
  }
}

// What comes to the very instant of a report after it was made cannot be told
// from what it knew: with the head of its stamp that is an error and no other
// report.
TEST_F(OutcomesTest, AnotherLogUnderTheSameTimeIsSaid) {
  const std::string id = Treat(15, 12, 6, 4);
  LogOutcomesRequest again;
  again.as_known_at = now_;
  const std::string report = Ask();
  EXPECT_EQ(Ask(again), report);
  const json::Document document = Read(report);
  again.log_head = std::string(
      document.root().Find("stamp").Find("log_head").string_value());
  EXPECT_EQ(Ask(again), report);
  Answer(id, "phq9", 27, absl::StrCat("last-", id));  // at the same instant
  EXPECT_THAT(
      service_->QueryOutcomes(again, now_),
      testing::StatusIs(absl::StatusCode::kFailedPrecondition, "very instant"));
  again.as_known_at = now_ - Hours(1);
  again.log_head.clear();
  const std::string before = Ask(again);
  Answer(id, "phq9", 9, absl::StrCat("last-", id));
  EXPECT_EQ(Ask(again), before);
}

TEST_F(OutcomesTest, WithoutCorrectionsNothingIsListed) {
  Treat(15, 12, 6, 4);
  LogOutcomesRequest request;
  request.as_known_at = now_;
  request.as_corrected = true;
  Later(1);
  const std::string report = Ask(request);
  EXPECT_THAT(report, HasSubstr(R"("courses":[],"differences":[])"));
}

TEST_F(OutcomesTest, FewPeopleAreKeptBack) {
  for (int n = 0; n < 6; ++n) Treat(15, 12, 6, 4);
  for (int n = 0; n < 5; ++n) Treat(15, 12, 6, 4, "gp");
  Later(1);
  LogOutcomesRequest request;
  request.by = "route";
  request.suppress_below = 6;
  const json::Document document = Read(Ask(request));
  // One alone could be worked out of the total: the other goes with it.
  for (const char* route : {"gp", "self"}) {
    const json::Value group =
        Entry(document.root().Find("groups"), "name", route);
    const json::Value figure = Entry(group.Find("measures"), "id", "recovery");
    EXPECT_TRUE(figure.Find("numerator").is_null()) << route;
    // All who finished stand under the minutes, too.
    EXPECT_TRUE(Entry(group.Find("measures"), "id", "therapist_minutes")
                    .Find("denominator")
                    .is_null())
        << route;
    EXPECT_TRUE(group.Find("counts").Find("finished").is_null()) << route;
    EXPECT_TRUE(group.Find("counts").Find("recovered").is_null()) << route;
  }
  EXPECT_EQ(Share(document.root(), "recovery"), "11/11, 0");
}

TEST_F(OutcomesTest, WhatCannotBeCountedIsSaid) {
  const auto refused = [&](LogOutcomesRequest request, const char* says) {
    const auto report = service_->QueryOutcomes(request, now_);
    ASSERT_FALSE(report.ok()) << says;
    EXPECT_THAT(std::string(report.status().message()), HasSubstr(says));
  };
  LogOutcomesRequest request;
  request.definition = "nhs";
  refused(request, "nhs-tt");
  request = {};
  request.by = "team";
  refused(request, "route, program, therapist");
  request = {};
  request.from = "March";
  refused(request, "YYYY-MM-DD");
  request.from = "2026-04-01";
  request.to = "2026-03-01";
  refused(request, "before it begins");
  request = {};
  request.complaint = "diagnose";
  refused(request, "has a fact");
  request = {};
  request.as_known_at = now_ + Hours(1);
  refused(request, "lies ahead");
  request = {};
  request.as_corrected = true;
  request.suppress_below = 5;
  refused(request, "suppress_below");
}

// Random commands, corrections among them: what has been counted as the events
// came equals what a new process counts from the whole log, at every step.
TEST_F(OutcomesTest, AsEventsComeEqualsAllAnew) {
  std::mt19937 dice(20260302);  // NOLINT: the same run every time
  LogOutcomesRequest request;
  request.by = "route";
  request.core_modules = 1;
  for (int step = 0; step < 60; ++step) {
    RandomStep(dice);
    const std::string counted = Ask(request);
    ASSERT_OK_AND_ASSIGN(const auto anew, Service::Open(Url()));
    ASSERT_OK_AND_ASSIGN(const InstrumentReport all,
                         anew->QueryOutcomes(request, now_));
    ASSERT_EQ(counted, all.json) << "after step " << step;
  }
  EXPECT_THAT(Ask(), HasSubstr(R"("courses":)"));
}

}  // namespace
}  // namespace stepwell::host
