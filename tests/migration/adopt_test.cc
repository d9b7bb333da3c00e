// Patients in mid-treatment are adopted: random declarations keep every law,
// nothing is concluded from their past, and from then on everything works.
// STEPWELL_ADOPTED_CASES sets how many there are (1,000).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "migration/clinic_support.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

uint64_t Cases() {
  const char* cases = std::getenv("STEPWELL_ADOPTED_CASES");
  return cases == nullptr ? 1000 : std::strtoull(cases, nullptr, 10);
}

class Adopted : public ClinicTest {
 protected:
  void SetUp() override {
    Found("memory:", "catalogue:icbt_base", R"("therapists","duty")");
  }

  void Register(uint64_t n) {
    Do(absl::StrCat(R"({"id":"p)", n, R"(","command":"register_person",)",
                    R"("actor":{"role":"integration"},"person":)", Person(n),
                    "}"));
  }
  static std::string Person(uint64_t n) {
    return absl::StrCat(R"({"system":"urn:clinic","value":")", n, "\"}");
  }
  std::string DaysAgo(int days) const {
    return absl::StrCat("\"", TimeText(now_ - WallDays(days)), "\"");
  }
  int Below(int n) {
    return static_cast<int>(random_() % static_cast<unsigned>(n));
  }

  std::string Item(const std::string& item, const std::string& state,
                   int opened, int ended) {
    const bool open = state == "available" || state == "active";
    return absl::StrCat(
        R"({"item":")", item, R"(","state":")", state, R"(","opened_at":)",
        DaysAgo(opened),
        open ? "" : absl::StrCat(R"(,"ended_at":)", DaysAgo(ended)), "}");
  }

  // Scores, most of them high, with their dates.
  std::string Scores(int since) {
    std::vector<std::string> scores;
    for (int day = since; day > 0; day -= 7 + Below(7)) {
      scores.push_back(
          absl::StrCat(R"({"instrument":"phq9","version":"1","score":)",
                       Below(28), R"(,"at":)", DaysAgo(day), "}"));
    }
    return absl::StrJoin(scores, ",");
  }

  std::string Alerts(uint64_t& declared) {
    constexpr const char* kTiers[] = {"moderate", "unscreened", "high"};
    constexpr const char* kStages[] = {"raised", "acknowledged", "assessed"};
    std::vector<std::string> alerts;
    for (const char* tier : kTiers) {
      if (Below(5) != 0) continue;
      const int stage = Below(3);
      alerts.push_back(absl::StrCat(
          R"({"tier":")", tier, R"(","stage":")", kStages[stage], "\"",
          stage == 2 ? R"(,"outcome":"safety_plan")" : "", R"(,"pool":"duty")",
          Below(2) == 0 ? R"(,"staff":"anna")" : "", R"(,"raised_at":)",
          DaysAgo(1 + Below(3)),
          Below(2) == 0 ? absl::StrCat(R"(,"deadline":)", DaysAgo(-1)) : "",
          "}"));
    }
    declared = alerts.size();
    return absl::StrJoin(alerts, ",");
  }

  std::string InTreatment(int since) {
    std::vector<std::string> items;
    const int done = Below(10);
    for (int i = 1; i <= done; ++i) {
      items.push_back(Item(absl::StrCat("m", i),
                           Below(6) == 0 ? "skipped" : "done", since - i,
                           since - i));
    }
    items.push_back(Item(absl::StrCat("m", done + 1),
                         Below(2) == 0 ? "active" : "available", 2, 0));
    items.push_back(Item("weekly_phq9", "done", 9 + Below(20), 4));
    if (Below(3) == 0)
      items.push_back(Item("call_inactive", "available", 1, 0));
    return absl::StrCat(
        R"("enrolments":[{"program":"depression","started_at":)",
        DaysAgo(since), R"(}],"milestones":[{"milestone":"started","at":)",
        DaysAgo(since), R"(}],"items":[)", absl::StrJoin(items, ","),
        R"(],"clocks":[{"clock":"treatment_length","started_at":)",
        DaysAgo(since), R"(,"remaining":")", 1 + Below(60), R"( days"})",
        Below(2) == 0
            ? absl::StrCat(R"(,{"clock":"inactivity","started_at":)",
                           DaysAgo(5), R"(,"due":)", DaysAgo(-Below(9)), "}")
            : "",
        "],");
  }

  // A random declaration; the number of its open alerts.
  std::string Declaration(uint64_t n, uint64_t& alerts) {
    constexpr const char* kPhases[] = {"intake",    "assessment", "start",
                                       "treatment", "treatment",  "dormant",
                                       "follow_up"};
    const std::string phase = kPhases[Below(7)];
    const int since = 15 + Below(60);
    std::string members;
    if (phase == "treatment") members = InTreatment(since);
    if (phase == "assessment") {
      members = absl::StrCat(R"("items":[)",
                             Item("video_assessment", "available", 3, 0), "],");
    }
    return absl::StrCat(
        R"({"id":"ad)", n, R"(","command":"adopt_case","actor":)",
        R"({"role":"integration"},"reason":"go-live","person":)", Person(n),
        R"(,"referrals":[{"route":")", Below(2) == 0 ? "gp" : "self",
        R"(","received_at":)", DaysAgo(since + 20), R"(,"wait_from":)",
        DaysAgo(since + 22), R"(}],"tracks":[{"track":"pathway","phase":")",
        phase, R"(","since":)", DaysAgo(since),
        R"(}],"owner":{"pool":"therapists")",
        Below(3) == 0 ? R"(,"staff":"anna")" : "", R"(},"facts":{"age":)",
        18 + Below(60), R"(},"consents":[{"purpose":"care","given":true,"at":)",
        DaysAgo(since + 20), "}],", members, R"("scores":[)", Scores(since),
        R"(],"alerts":[)", Alerts(alerts), "]}");
  }

  void ExpectHealthy() {
    ASSERT_OK_AND_ASSIGN(const Verification replayed, service_->Verify());
    EXPECT_THAT(replayed.differences, IsEmpty());
    ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
    EXPECT_THAT(health.violations, IsEmpty());
  }

  std::mt19937 random_{4711};
};

TEST_F(Adopted, NothingIsConcludedFromThePastAndEverythingWorksFromThenOn) {
  const uint64_t cases = Cases();
  std::map<std::string, uint64_t> declared;
  uint64_t total = 0;
  std::vector<std::string> commands;
  for (uint64_t n = 0; n < cases; ++n) {
    Register(n);
    uint64_t alerts = 0;
    commands.push_back(Declaration(n, alerts));
    const Reply reply = Do(commands.back());
    EXPECT_THAT(reply.events, Not(Contains("EffectRequested")));
    declared[reply.case_id] = alerts;
    total += alerts;
  }
  ExpectHealthy();
  ASSERT_OK_AND_ASSIGN(const OutboxPage nothing, service_->Outbox(0, 10));
  EXPECT_THAT(nothing.effects, IsEmpty());
  uint64_t derived = 0, owned = 0;
  for (const auto& [id, alerts] : declared) {
    ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                         service_->QueryCase(id, now_));
    derived += summary.open_alerts.size() - alerts;
    for (const WorkLine& alert : summary.open_alerts) {
      owned += alert.owner_pool == "duty" && !alert.due.IsNever();
    }
  }
  std::printf(
      "adopted %llu cases: %llu alerts declared, %llu owned with a "
      "deadline, %llu derived, %zu messages\n",
      static_cast<unsigned long long>(cases),
      static_cast<unsigned long long>(total),
      static_cast<unsigned long long>(owned),
      static_cast<unsigned long long>(derived), nothing.effects.size());
  EXPECT_EQ(derived, 0u);
  EXPECT_EQ(owned, total);
  EXPECT_GT(total, cases / 4);
  // The file again: every line is known.
  for (const std::string& command : commands) {
    EXPECT_TRUE(Do(command).repeated);
  }
  // From now on an answer is heard.
  now_ = now_ + Hours(1);
  uint64_t n = 0;
  for (const auto& [id, alerts] : declared) {
    const Reply heard = Do(absl::StrCat(
        R"({"id":"a)", n, R"(","command":"submit_response","actor":)",
        R"({"role":"patient"},"case":")", id, R"(","response_id":"x)", n,
        R"(","instrument":"phq9","answers":[1,1,1,1,1,1,1,1,2]})"));
    ++n;
    const bool raised =
        std::count(heard.events.begin(), heard.events.end(), "AlertRaised") +
            std::count(heard.events.begin(), heard.events.end(),
                       "AlertEvidenceAdded") ==
        1;
    EXPECT_TRUE(raised) << id;
  }
  ExpectHealthy();
  for (int day = 1; day <= 30; day += 5) {
    now_ = now_ + WallDays(5);
    ASSERT_OK_AND_ASSIGN(const AdvanceResult advanced,
                         service_->Advance(now_, {}));
    EXPECT_THAT(advanced.failed, IsEmpty());
  }
  ExpectHealthy();
}

// A reminder of a date before the go-live reaches nobody, not even with the
// first advance; what is overdue for staff is still told to them.
TEST_F(Adopted, WhatRanOutBeforeIsSaidToNoPatient) {
  Register(0);
  const Reply reply = Do(absl::StrCat(
      R"({"id":"ad","command":"adopt_case","actor":{"role":"integration"},)",
      R"("reason":"go-live","person":)", Person(0),
      R"(,"referrals":[{"route":"self","received_at":)", DaysAgo(60),
      R"(}],"tracks":[{"track":"pathway","phase":"treatment","since":)",
      DaysAgo(40), R"(}],"owner":{"pool":"therapists"},"facts":{"age":40},)",
      R"("enrolments":[{"program":"depression","started_at":)", DaysAgo(40),
      R"(}],"milestones":[{"milestone":"started","at":)", DaysAgo(40),
      R"(}],"items":[{"item":"m1","state":"active","opened_at":)", DaysAgo(30),
      R"(},{"item":"weekly_phq9","state":"available","opened_at":)", DaysAgo(6),
      R"(,"due":)", DaysAgo(3), R"(}],"clocks":[{"clock":"inactivity",)",
      R"("started_at":)", DaysAgo(40), R"(,"due":)", DaysAgo(20), "}]}"));
  ASSERT_EQ(reply.kind, Reply::Kind::kAccepted) << reply.reason;
  now_ = now_ + Minutes(1);
  ASSERT_OK(service_->Advance(now_, {}).status());
  ASSERT_OK_AND_ASSIGN(const OutboxPage outbox, service_->Outbox(0, 10));
  for (const Effect& effect : outbox.effects) {
    EXPECT_NE(effect.to, "patient") << effect.message_template;
  }
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(reply.case_id, now_));
  const auto dormancy = [](const WorkLine& line) {
    return line.what == "dormancy";
  };
  EXPECT_TRUE(std::any_of(summary.open_items.begin(), summary.open_items.end(),
                          dormancy));
  ExpectHealthy();
}

TEST_F(Adopted, GuardsReadTheScoresOfBefore) {
  Register(1);
  uint64_t alerts = 0;
  random_.seed(3);
  std::string declaration;
  do {
    declaration = Declaration(1, alerts);
  } while (declaration.find("treatment_length") == std::string::npos);
  const Reply reply = Do(declaration);
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(reply.case_id, now_));
  EXPECT_FALSE(summary.scores.empty());
  EXPECT_EQ(summary.phases.at(0).second, "treatment");
  EXPECT_EQ(summary.owner_pool, "therapists");
  bool clock = false;
  for (const auto& event : summary.timeline) {
    clock = clock || (event.event == "ClockAdopted" &&
                      event.text.find("treatment_length") != std::string::npos);
  }
  EXPECT_TRUE(clock);
}

// Each line changes one thing of a good declaration.
TEST_F(Adopted, WhatDoesNotFitIsRefusedWithItsPlaceOrItsCode) {
  Register(1);
  const std::string good = absl::StrCat(
      R"({"id":"ad","command":"adopt_case","actor":{"role":"integration"},)",
      R"("person":)", Person(1), R"(,"referrals":[{"route":"gp",)",
      R"("received_at":)", DaysAgo(40), R"(}],"tracks":[{"track":"pathway",)",
      R"("phase":"treatment","since":)", DaysAgo(20),
      R"(}],"owner":{"pool":"therapists"},"enrolments":[{"program":)",
      R"("depression","started_at":)", DaysAgo(20), R"(}],"items":[)",
      Item("m1", "active", 5, 0), R"(],"clocks":[{"clock":"treatment_length",)",
      R"("started_at":)", DaysAgo(20), R"(,"remaining":"9 days"}],"alerts":[)",
      R"({"tier":"high","stage":"raised","pool":"duty","raised_at":)",
      DaysAgo(1), "}]}");
  struct Change {
    const char *from, *to, *says;
  };
  const Change changes[] = {
      {"\"treatment\"", "\"treatmnt\"", "/tracks/0/phase"},
      {"\"m1\"", "\"m99\"", "/items/0/item"},
      {R"("pool":"duty",)", "", "alert_without_owner"},
      {"\"treatment_length\"", "\"no_clock\"", "/clocks/0/clock"},
      {R"(,"remaining":"9 days")", "", "what is left of it"},
      {"\"9 days\"", "\"nine days\"", "/clocks/0/remaining"},
      {"\"9 days\"", "\"9 workdays\"", "no calendar"},
      {"\"high\"", "\"higher\"", "/alerts/0/tier"},
      {"\"gp\"", "\"gpp\"", "/referrals/0/route"},
      {R"("owner":{"pool":"therapists"})", R"("owner":{})", "/owner"},
      {"\"treatment\"", "\"closed\"", "phase_final"},
      {"\"treatment\"", "\"intake\"", "item_elsewhere"},
      {"\"treatment_length\"", "\"work_due\"", "not_a_case_clock"},
      {R"("enrolments":[{"program":"depression",)",
       R"("enrolments":[],"zone":"","facts":{},"consents":[],"scores":[],
          "milestones":[],"unknown":[{"program":"depression",)",
       "unknown"},
      {R"("stage":"raised")", R"("stage":"closed")", "alert_closed"},
      {R"("stage":"raised")", R"("stage":"assessed")", "outcome_required"},
  };
  for (const Change& change : changes) {
    const std::string bad = absl::StrReplaceAll(
        good, {{change.from, change.to},
               {R"("id":"ad")",
                absl::StrCat(R"("id":"ad)", &change - changes, "\"")}});
    ASSERT_NE(bad, good);
    const auto reply = service_->Submit(bad, now_);
    if (reply.ok()) {
      EXPECT_EQ(reply->kind, Reply::Kind::kRejected) << bad;
      EXPECT_EQ(reply->code, change.says);
    } else {
      EXPECT_THAT(std::string(reply.status().ToString()),
                  HasSubstr(change.says));
    }
  }
  Do(good);
  const auto twice = service_->Submit(
      absl::StrReplaceAll(good, {{R"("id":"ad")", R"("id":"ad2")"}}), now_);
  ASSERT_OK(twice);
  EXPECT_EQ(twice->code, "case_known");
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::testing
