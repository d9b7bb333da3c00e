// The case as it clinically was at a time, by what is known now. Where nothing
// is noted late and nothing is taken back, it is what was known then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ClinicalAxis : public ClinicTest {
 protected:
  void SetUp() override { Found("memory:", "catalogue:minimal", R"("team")"); }

  // `at`: when it happened, if not now.
  void Answer(const std::string& id, const std::string& name,
              const std::string& answers,
              std::optional<Instant> at = std::nullopt) {
    Do(absl::StrCat(R"({"id":"a)", name, R"(","command":"submit_response",)",
                    R"("actor":{"role":"patient"},"case":")", id,
                    R"(","response_id":"x)", name, R"(","instrument":"phq9",)",
                    at ? absl::StrCat(R"("at":")", TimeText(*at), "\",") : "",
                    R"("answers":[)", answers, "]}"));
  }

  absl::StatusOr<CaseSummary> At(const std::string& id, Instant at, Axis axis) {
    return service_->QueryCase(id, now_, at, axis);
  }
};

constexpr char kCalm[] = "1,1,1,1,1,1,1,1,0";
constexpr char kAtRisk[] = "1,1,1,1,1,1,1,1,2";

TEST_F(ClinicalAxis, WhatWasNotedLateIsThereFromWhenItHappened) {
  const std::string id = Refer(1);
  const Instant friday = now_ + WallDays(4), saturday = now_ + WallDays(5);
  now_ = now_ + WallDays(7);
  Answer(id, "1", kAtRisk, friday);
  ASSERT_OK_AND_ASSIGN(const CaseSummary known,
                       At(id, saturday, Axis::kRecorded));
  EXPECT_THAT(known.scores, IsEmpty());
  EXPECT_THAT(known.open_alerts, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const CaseSummary was,
                       At(id, saturday, Axis::kClinical));
  EXPECT_THAT(was.scores, SizeIs(1));
  EXPECT_THAT(was.open_alerts, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const CaseSummary before,
                       At(id, friday - Hours(1), Axis::kClinical));
  EXPECT_THAT(before.scores, IsEmpty());
  EXPECT_THAT(before.open_items, IsEmpty());
  EXPECT_THAT(known.open_items, IsEmpty());
  // What it opened is there with it.
  ASSERT_THAT(was.open_items, SizeIs(1));
  EXPECT_EQ(was.open_items[0].what, "call");
  EXPECT_THAT(At(id, now_ - WallDays(8), Axis::kClinical).status(),
              StatusIs(absl::StatusCode::kNotFound, "there was no case"));
}

TEST_F(ClinicalAxis, WhatWillBeIsNotKnown) {
  const std::string id = Refer(1);
  for (const Axis axis : {Axis::kRecorded, Axis::kClinical}) {
    EXPECT_OK(At(id, now_, axis));
    const auto later = At(id, now_ + Hours(1), axis).status();
    EXPECT_THAT(later,
                StatusIs(absl::StatusCode::kInvalidArgument, "is after"));
    EXPECT_THAT(
        service_->Explain(id, "form", now_, now_ + Hours(1), axis).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, "is after"));
  }
}

TEST_F(ClinicalAxis, WhatWasTakenBackHasNeverBeen) {
  const std::string id = Refer(1);
  Answer(id, "1", kCalm);
  const Instant then = now_ + Hours(1);
  now_ = now_ + WallDays(1);
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(id, now_));
  for (const auto& event : summary.timeline) {
    if (event.event != "ResponseReceived") continue;
    Do(absl::StrCat(
        R"({"id":"v1","command":"void_event","reason":"the wrong patient",)",
        R"("actor":{"role":"staff","staff":"anna"},"case":")", id,
        R"(","target":)", event.seq, "}"));
  }
  ASSERT_OK_AND_ASSIGN(const CaseSummary known, At(id, then, Axis::kRecorded));
  EXPECT_THAT(known.scores, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const CaseSummary was, At(id, then, Axis::kClinical));
  EXPECT_THAT(was.scores, IsEmpty());
  ASSERT_OK_AND_ASSIGN(
      const Explanation why,
      service_->Explain(id, "ending", now_, then, Axis::kClinical));
  EXPECT_EQ(why.item, "ending");
}

// Of two facts the clinically later one holds, whatever was noted first.
TEST_F(ClinicalAxis, CommandsCountInClinicalOrder) {
  const std::string id = Refer(1);
  const Instant tuesday = now_ + WallDays(1);
  now_ = now_ + WallDays(3);
  Answer(id, "late", "3,3,3,3,3,3,3,3,0");
  Answer(id, "early", kCalm, tuesday);
  ASSERT_OK_AND_ASSIGN(const CaseSummary was, At(id, now_, Axis::kClinical));
  ASSERT_THAT(was.scores, SizeIs(2));
  EXPECT_EQ(was.scores[0].second, "8");
  EXPECT_EQ(was.scores[1].second, "24");
}

// Opened here on Thursday, and done on Tuesday: no step is left out.
TEST_F(ClinicalAxis, WhatWasDoneBeforeItWasOpenedHereIsDone) {
  const std::string id = Refer(1);
  const Instant tuesday = now_ + WallDays(1), wednesday = now_ + WallDays(2);
  now_ = now_ + WallDays(3);
  Answer(id, "1", kAtRisk);
  Do(absl::StrCat(R"({"id":"c1","command":"work_item","item":"call",)",
                  R"("actor":{"role":"staff","staff":"anna"},"case":")", id,
                  R"(","action":"complete","at":")", TimeText(tuesday),
                  R"("})"));
  for (const Axis axis : {Axis::kRecorded, Axis::kClinical}) {
    ASSERT_OK_AND_ASSIGN(const Explanation why,
                         service_->Explain(id, "call", now_, now_, axis));
    EXPECT_EQ(why.state, "done") << static_cast<int>(axis);
    ASSERT_OK_AND_ASSIGN(const CaseSummary was, At(id, now_, axis));
    for (const auto& item : was.open_items) EXPECT_NE(item.what, "call");
  }
  // Whoever opened it stands before whoever did it.
  ASSERT_OK_AND_ASSIGN(const CaseSummary before,
                       At(id, wednesday, Axis::kClinical));
  EXPECT_THAT(before.open_items, IsEmpty());
  EXPECT_THAT(before.open_alerts, IsEmpty());
}

// What asked for them was opened here later; they were given all the same.
TEST_F(ClinicalAxis, AnswersCountFromWhenTheyWereGiven) {
  const std::string id = Refer(1);
  const Instant tuesday = now_ + WallDays(1), wednesday = now_ + WallDays(2);
  now_ = now_ + WallDays(3);
  Answer(id, "1", kAtRisk);
  Do(absl::StrCat(
      R"({"id":"q1","command":"submit_response","case":")", id,
      R"(","actor":{"role":"patient"},"response_id":"s",)",
      R"("instrument":"risk_screen","at":")", TimeText(tuesday),
      R"(","answers":{"plan":false,"intent":false,"means":false}})"));
  ASSERT_OK_AND_ASSIGN(const CaseSummary was,
                       At(id, wednesday, Axis::kClinical));
  const auto is_answer = [](const auto& event) {
    return event.event == "ResponseReceived";
  };
  EXPECT_EQ(std::ranges::count_if(was.timeline, is_answer), 1);
}

// Without late notes and corrections both axes say the same, at every event of
// random histories; with late notes every time can still be asked for.
TEST_F(ClinicalAxis, IsTheRecordedOneWhereNothingCameLate) {
  std::mt19937 random(4711);
  for (int n = 0; n < 20; ++n) {
    const bool late = n >= 10;
    const std::string id = Refer(n);
    for (int step = 0; step < 8; ++step) {
      now_ = now_ + Hours(1 + static_cast<int>(random() % 50));
      (void)service_->Advance(now_, {});
      const std::optional<Instant> at =
          late ? std::optional(now_ - Hours(static_cast<int>(random() % 200)))
               : std::nullopt;
      Answer(id, absl::StrCat(n, "_", step),
             random() % 3 == 0 ? kAtRisk : kCalm, at);
    }
    ASSERT_OK_AND_ASSIGN(const CaseSummary whole,
                         service_->QueryCase(id, now_));
    for (const auto& event : whole.timeline) {
      const auto was = At(id, event.recorded, Axis::kClinical);
      if (late) {
        EXPECT_TRUE(was.ok() ||
                    was.status().code() == absl::StatusCode::kNotFound);
        continue;
      }
      ASSERT_OK_AND_ASSIGN(const CaseSummary known,
                           At(id, event.recorded, Axis::kRecorded));
      ASSERT_OK(was);
      EXPECT_EQ(ToJson(*was), ToJson(known));
    }
  }
}

// The names are those of the version that the case is on now.
TEST_F(ClinicalAxis, ACaseThatMovedOnIsReadInTheNamesOfNow) {
  const std::string id = Refer(1);
  Answer(id, "1", kCalm);
  const Instant then = now_ + Hours(1);
  now_ = now_ + WallDays(1);
  DeployOptions newer;
  newer.protocol = absl::StrReplaceAll(
      CatalogueDocument("protocols/minimal.json").value(),
      {{R"("version": "1", "status")", R"("version": "2", "status")"},
       {"\"call\"", "\"talk\""}});
  newer.prototype = true;
  ASSERT_OK(service_->Deploy(newer, now_).status());
  MigrationOptions options;
  options.migration =
      R"({"migration":"m","reason":"r","from":"minimal@1",
          "to":"minimal@2","items":{"call":"talk"}})";
  options.apply = true;
  ASSERT_OK_AND_ASSIGN(const MigrationReport done,
                       service_->Migrate(options, now_));
  ASSERT_EQ(done.fine, 1u);
  ASSERT_OK_AND_ASSIGN(const CaseSummary was, At(id, then, Axis::kClinical));
  ASSERT_THAT(was.open_items, SizeIs(1));
  EXPECT_EQ(was.open_items[0].what, "talk");
}

}  // namespace
}  // namespace stepwell::testing
