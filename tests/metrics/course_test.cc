// The course of a case from its events, and the figures of waits.
#include "metrics/course.h"

#include <gtest/gtest.h>

#include <vector>

#include "metrics/course_support.h"
#include "metrics/follow_up.h"
#include "metrics/waits.h"

namespace stepwell::metrics {
namespace {

using namespace engine;  // NOLINT: the events' names

Instant Day(double days) { return DaysAfter(kStart, days); }

class CourseTest : public CourseFixture {
 protected:
  uint32_t OpenItem(double day, const char* element, bool of_patient) {
    ItemOpened opened;
    opened.key.element = protocol_->FindElement(element);
    if (of_patient) opened.owner = Patient();
    Take(day, opened);
    return static_cast<uint32_t>(course_.items.size() - 1);
  }

  Point At(const char* text) {
    std::string problem;
    const auto point = ParsePoint(text, *protocol_, &problem);
    EXPECT_TRUE(point) << problem;
    return point.value_or(Point());
  }
};

TEST_F(CourseTest, KnowsWhenWhatHappenedAndWhatItCost) {
  Take(0, CaseOpened{});
  Referral referral;
  referral.wait_from = Day(0);
  Take(0, ReferralAttached{referral});
  const uint32_t call = OpenItem(1, "call_applicant", false);
  Take(2, ItemStarted{call});
  Take(3, ItemDone{call, {}, 12});
  const MilestoneId started = protocol_->FindMilestone("started");
  Take(5, MilestoneReached{started});
  EXPECT_EQ(TimeOf(course_, At("referral")), Day(0));
  EXPECT_EQ(TimeOf(course_, At("opened:call_applicant")), Day(1));
  EXPECT_EQ(TimeOf(course_, At("started:call_applicant")), Day(2));
  EXPECT_EQ(TimeOf(course_, At("done:call_applicant")), Day(3));
  EXPECT_EQ(TimeOf(course_, At("milestone:started")), Day(5));
  EXPECT_FALSE(TimeOf(course_, At("contact:1")));
  ASSERT_TRUE(IsStaffWork(course_.items[call]));
  EXPECT_EQ(course_.items[call].minutes, 12);
}

// A rung that comes again passes an alert on to nobody; who takes it has it.
TEST_F(CourseTest, AnAlertIsPassedOnToSomebodyElseOnly) {
  const auto owner = [&](const char* pool, uint32_t staff) {
    return Owner{OwnerKind::kPool, protocol_->FindPool(pool), StaffId(staff)};
  };
  Take(0, CaseOpened{});
  Take(1, AlertRaised{protocol_->FindTier("high"), owner("duty", 1), Day(1)});
  Take(2, AlertEscalated{0, owner("lead", 2)});
  Take(3, AlertEscalated{0, owner("lead", 2)});
  Take(4, AlertEscalated{0, owner("lead", 3)});
  Take(5, AlertStepped{
              0, AlertStage::kAcknowledged, {}, owner("lead", 2), {}, {}});
  Take(6, AlertEscalated{0, owner("lead", 2)});
  Take(7, AlertEscalated{0, owner("lead", 3)});
  std::vector<Instant> passed;
  for (const Course::Alert& alert : course_.alerts) {
    if (alert.kind == Course::AlertKind::kEscalated) passed.push_back(alert.at);
  }
  EXPECT_EQ(passed, (std::vector<Instant>{Day(2), Day(4), Day(7)}));
}

// `counts_as_contact` of the document decides, and nothing else.
TEST_F(CourseTest, AContactIsWhatTheDocumentCallsOne) {
  Take(0, CaseOpened{});
  Take(1, ItemDone{OpenItem(1, "call_applicant", false), {}, 12});
  EXPECT_FALSE(TimeOf(course_, At("contact:1")));
  Take(2, ItemDone{OpenItem(2, "contact", false), {}, 12});
  Take(4, ItemDone{OpenItem(3, "m1_check", false), {}, 12});
  EXPECT_EQ(TimeOf(course_, At("contact:1")), Day(2));
  EXPECT_EQ(TimeOf(course_, At("contact:2")), Day(4));
}

// Minutes are of whom gave the command, whoever owned the work.
TEST_F(CourseTest, KnowsWhoDidTheWork) {
  CommandRecorded by_staff;
  by_staff.envelope.actor.role = Role::kStaff;
  by_staff.envelope.actor.staff = StaffId(3);
  const uint32_t call = OpenItem(1, "call_applicant", false);
  Take(2, by_staff);
  Take(2, ItemDone{call, {}, 12});
  AlertStepped step;
  step.minutes = 5;
  Take(2, step);
  Take(3, CommandRecorded{});
  const uint32_t second = OpenItem(3, "call_applicant", false);
  Take(3, ItemDone{second, {}, 4});
  EXPECT_EQ(course_.items[call].ended_by, StaffId(3));
  EXPECT_EQ(course_.efforts[0].by, StaffId(3));
  EXPECT_EQ(course_.items[second].ended_by, StaffId());
}

TEST_F(CourseTest, WhatIsVoidedLeavesNoTrace) {
  Take(0, CaseOpened{});
  const uint32_t call = OpenItem(1, "call_inactive", false);
  Take(2, ItemDone{call, {}, 12});
  const InstrumentRef phq9 = protocol_->FindInstrument("phq9");
  ResponseReceived received;
  received.response_id = "r1";
  received.instrument = phq9;
  ScoreRecorded score;
  score.instrument = phq9;
  score.response_seq = Take(2, received);
  score.score = Ratio{20, 1};
  const uint64_t first = Take(2, score);
  const MilestoneId started = protocol_->FindMilestone("started");
  Take(3, MilestoneReached{started});
  Take(3, ModuleCompleted{});
  EXPECT_EQ(ContactsOf(course_).size(), 1u);
  EXPECT_EQ(FirstAndLast(course_, phq9).first, 20);
  Voided voided;
  voided.responses = {score.response_seq};
  voided.scores = {first};
  voided.milestones = {started};
  voided.items_reopened = {call};
  voided.modules = {ProgramRef()};
  Take(4, voided);
  EXPECT_TRUE(ContactsOf(course_).empty());
  EXPECT_FALSE(IsStaffWork(course_.items[call]));
  EXPECT_FALSE(FirstAndLast(course_, phq9).first);
  EXPECT_TRUE(course_.milestones.empty());
  EXPECT_TRUE(course_.modules_done.empty());
  EXPECT_EQ(course_.voided_responses, 1u);
}

// The work of a step that is taken back is no work; that of other alerts, and
// of earlier steps, is.
TEST_F(CourseTest, AStepThatIsTakenBackTakesItsMinutesAlong) {
  Take(0, CaseOpened{});
  const auto step = [&](uint32_t alert, AlertStage stage, int32_t minutes) {
    AlertStepped stepped;
    stepped.alert = alert;
    stepped.stage = stage;
    stepped.minutes = minutes;
    Take(1, stepped);
  };
  step(0, AlertStage::kAcknowledged, 10);
  step(0, AlertStage::kAssessed, 20);
  step(1, AlertStage::kAcknowledged, 5);
  MessageSent message;
  message.minutes = 7;
  Take(1, message);
  Voided voided;
  voided.alerts_before = {{0, AlertStage::kAcknowledged, {}, 0}};
  Take(2, voided);
  int32_t minutes = 0;
  for (const Course::Effort& effort : course_.efforts) {
    minutes += effort.minutes.value_or(0);
  }
  EXPECT_EQ(course_.efforts.size(), 3u);
  EXPECT_EQ(minutes, 10 + 5 + 7);
}

// Which module is taken back tells its item, not the order.
TEST_F(CourseTest, AModuleThatIsTakenBackIsTheOneThatIsOpenAgain) {
  Take(0, CaseOpened{});
  const ProgramRef program(0);
  const auto& modules = protocol_->programs[0].modules;
  std::vector<uint32_t> items;
  for (size_t m = 0; m < 3; ++m) {
    ItemOpened opened;
    opened.key.element = modules[m];
    Take(1, opened);
    items.push_back(static_cast<uint32_t>(course_.items.size() - 1));
    Take(2 + static_cast<double>(m), ItemDone{items[m], {}, std::nullopt});
    Take(2 + static_cast<double>(m),
         ModuleCompleted{program, static_cast<uint16_t>(m)});
  }
  Voided voided;
  voided.items_reopened = {items[0]};
  voided.modules = {program};
  Take(9, voided);
  ASSERT_EQ(course_.modules_done.size(), 2u);
  EXPECT_EQ(course_.modules_done[0].item, items[1]);
  EXPECT_EQ(course_.modules_done[1].item, items[2]);
}

// The same response id again replaces what it said before.
TEST_F(CourseTest, AnAmendedResponseCountsOnce) {
  const InstrumentRef phq9 = protocol_->FindInstrument("phq9");
  for (const int64_t points : {20, 9}) {
    ResponseReceived received;
    received.response_id = "r1";
    received.instrument = phq9;
    ScoreRecorded score;
    score.instrument = phq9;
    score.response_seq = Take(2, received);
    score.score = Ratio{points, 1};
    Take(2, score);
  }
  EXPECT_EQ(FirstAndLast(course_, phq9).first, 9);
  EXPECT_FALSE(FirstAndLast(course_, phq9).last);
}

TEST_F(CourseTest, PointsThatAreNoneAreNamed) {
  for (const char* text : {"", "referal", "milestone:none", "done:none",
                           "contact:0", "contact:x", "done"}) {
    std::string problem;
    EXPECT_FALSE(ParsePoint(text, *protocol_, &problem)) << text;
    EXPECT_FALSE(problem.empty()) << text;
  }
}

Wait Reached(double from, double days) {
  return {Day(from), Day(from + days) - Day(from), Wait::End::kReached};
}

// Worked by hand: who waits counts as late once the limit has passed.
TEST(Waits, CountThoseWhoStillWait) {
  const Instant now = Day(200);
  std::vector<Wait> waits = {
      Reached(0, 10),                                    // in time
      Reached(0, 60),                                    // late for 6 weeks
      {Day(0), Day(200) - Day(0), Wait::End::kWaiting},  // late for both
      {Day(0), Day(20) - Day(0), Wait::End::kLeft},      // left in time
      {Day(0), Day(150) - Day(0), Wait::End::kLeft},     // left too late
      Reached(190, 5),                                   // too young to count
  };
  const WaitFigures figures = FiguresOf(waits, now);
  EXPECT_EQ(figures.reached, 3u);
  EXPECT_EQ(figures.waiting, 1u);
  EXPECT_EQ(figures.left, 2u);
  EXPECT_DOUBLE_EQ(*figures.mean_days, 25);
  EXPECT_DOUBLE_EQ(*figures.share_6_weeks, 1.0 / 4);
  EXPECT_DOUBLE_EQ(*figures.share_18_weeks, 2.0 / 4);
  EXPECT_FALSE(FiguresOf({}, now).share_6_weeks);
  EXPECT_FALSE(FiguresOf({}, now).share_reached);
}

// Who leaves before the limit is not among those in time; of all who came they
// did not get there.
TEST(Waits, GettingThereAtAllCountsThoseWhoLeft) {
  std::vector<Wait> waits = {Reached(0, 10), Reached(0, 20)};
  for (int i = 0; i < 6; ++i) {
    waits.push_back({Day(0), Day(30) - Day(0), Wait::End::kLeft});
  }
  const WaitFigures figures = FiguresOf(waits, Day(100));
  EXPECT_EQ(figures.share_6_weeks, 1);
  EXPECT_DOUBLE_EQ(*figures.share_reached, 0.25);
}

FollowUp Followed(std::vector<std::pair<double, bool>> people) {
  FollowUp follow_up;
  for (const auto& [days, is_over] : people) {
    follow_up.AddPerson(Day(days) - Day(0), is_over);
  }
  return follow_up;
}

TEST(FollowUpMean, OfAllSeenToTheEndIsThePlainMean) {
  FollowUp follow_up = Followed({{10, true}, {20, true}, {20, true}});
  for (const double age : {5, 10, 15, 20}) {
    follow_up.Add(Day(age) - Day(0), 1);
  }
  EXPECT_DOUBLE_EQ(*follow_up.PerPerson(), 4.0 / 3);
}

// By hand: at 4 all four are seen; at 8, with one of four over at 6, three
// quarters are under way and two are seen, since one was lost at 7.
TEST(FollowUpMean, WeighsWhatIsSeenByWhoIsSeen) {
  FollowUp follow_up = Followed({{6, true}, {7, false}, {8, true}, {9, true}});
  follow_up.Add(Day(4) - Day(0), 1);
  follow_up.Add(Day(8) - Day(0), 1);
  EXPECT_DOUBLE_EQ(*follow_up.PerPerson(), 1.0 / 4 + 0.75 / 2);
}

// Half complete after 10 days, half are over after 60 without; somebody comes
// every day. Those whose end was seen complete in more than half.
TEST(FollowUpMean, QuickEndsAreNotPreferred) {
  FollowUp follow_up;
  double over = 0, done = 0;
  for (int day = 0; day < 200; ++day) {
    const double end = day % 2 == 0 ? 10 : 60;
    const bool seen = day + end <= 200;
    follow_up.AddPerson(Day(seen ? end : 200 - day) - Day(0), seen);
    over += seen ? 1 : 0;
    if (seen && end == 10) {
      done += 1;
      follow_up.Add(Day(10) - Day(0), 1);
    }
  }
  EXPECT_GT(done / over, 0.57);
  EXPECT_NEAR(*follow_up.PerPerson(), 0.5, 0.01);
}

TEST(FollowUpMean, NothingIsSaidOfAnEndThatFewSaw) {
  EXPECT_FALSE(FollowUp().PerPerson());
  EXPECT_FALSE(Followed({{10, true}, {20, false}}).PerPerson());
  EXPECT_EQ(Followed({{10, true}, {9, false}}).PerPerson(), 0);
}

// At the edge of 42 days, to the microsecond.
TEST(Waits, TheLimitItselfIsInTime) {
  const Instant now = Day(400);
  Wait exact = Reached(0, 42);
  EXPECT_EQ(FiguresOf({exact}, now).share_6_weeks, 1);
  exact.length = exact.length + Microseconds(1);
  EXPECT_EQ(FiguresOf({exact}, now).share_6_weeks, 0);
}

// The example of Kaplan and Meier's way: 1, 2+, 3, 4+, 5 with + censored.
TEST(Waits, QuantilesCountTheCensored) {
  const std::vector<TimeToEvent> times = {
      {5, true}, {4, false}, {3, true}, {2, false}, {1, true}};
  // S(1) = 4/5, S(3) = 4/5 * 2/3 = 8/15, S(5) = 0.
  EXPECT_EQ(KaplanMeierQuantile(times, 0.2), 1);
  EXPECT_EQ(KaplanMeierQuantile(times, 0.4), 3);
  EXPECT_EQ(KaplanMeierQuantile(times, 0.5), 5);
  EXPECT_EQ(KaplanMeierQuantile(times, 1), 5);
  EXPECT_FALSE(KaplanMeierQuantile({{1, true}, {2, false}}, 0.9));
}

}  // namespace
}  // namespace stepwell::metrics
