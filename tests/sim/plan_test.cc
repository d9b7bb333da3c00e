// What is wrong with a plan is said with a code, a place and a hint; all of it
// at once. The shipped plan is the good one that each row breaks in one place.
#include "sim/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "protocol/load_stored.h"
#include "sim/sim_support.h"
#include "support/matchers.h"

namespace stepwell::sim {
namespace {

struct Mistake {
  const char* path;
  const char* value;
  const char* code;
  const char* place;  // a JSON pointer without its first slash
};

// Made with the path of `--set`, so that paths are tested too.
const Mistake kMistakes[] = {
    // impossible numbers
    {"arrivals.self.per_year", "-1", "negative", "arrivals/0/per_year"},
    {"arrivals.self.per_year", "1e300", "out_of_range", "arrivals/0/per_year"},
    {"arrivals.self.per_year", "9e8", "out_of_range", "arrivals"},
    {"arrivals.self.consents.care", "1.5", "out_of_range",
     "arrivals/0/consents/care"},
    {"patients.correlation", "1.01", "out_of_range", "patients/correlation"},
    {"patients.behaviour.forms.share", "2", "out_of_range",
     "patients/behaviour/0/share"},
    {"patients.modules.depression.drop_out", "-0.1", "negative",
     "patients/modules/0/drop_out"},
    {"patients.modules.depression.drop_out", "[0.1, 0.2]", "out_of_range",
     "patients/modules/0/drop_out"},
    {"patients.answers.phq9.total.mean", "28", "out_of_range",
     "patients/answers/1/total/mean"},
    {"patients.answers.phq9.items.q9.values", R"({"4": 1})", "out_of_range",
     "patients/answers/1/items/0/values/4"},
    {"patients.trajectory.classes.unchanged.share", "0.5", "shares_sum",
     "patients/trajectory/classes"},
    {"work.inclusion.outcomes", R"({"include": 0.5})", "shares_sum",
     "work/1/outcomes"},
    {"work.assessment.minutes", R"({"minutes": -5})", "negative",
     "work/0/minutes/minutes"},
    {"work.assessment.minutes", R"({"minutes": 5, "hours": 1})",
     "missing_field", "work/0/minutes"},
    {"work.assessment.minutes", R"({"minutes": {"gamma": {"mean": 1}}})",
     "unknown_field", "work/0/minutes/minutes/gamma"},
    {"work.assessment.minutes",
     R"({"minutes": {"uniform": {"from": 3, "to": 2}}})", "out_of_range",
     "work/0/minutes/minutes/uniform/to"},
    {"work.assessment.minutes",
     R"({"minutes": {"lognormal": {"mean": 0, "sd": 2}}})", "out_of_range",
     "work/0/minutes/minutes/lognormal/mean"},
    {"work.assessment.appointment.no_show", "7", "out_of_range",
     "work/0/appointment/no_show"},
    {"staff.lead.weekly_minutes", "10081", "out_of_range",
     "staff/6/weekly_minutes"},
    {"staff.lead.weekly_minutes", "\"many\"", "wrong_type",
     "staff/6/weekly_minutes"},
    {"horizon.days", "0", "out_of_range", "horizon/days"},
    {"horizon.start", "\"2026-02-30\"", "bad_date", "horizon/start"},
    {"horizon.start", "\"9999-12-31\"", "out_of_range", "horizon/days"},
    // numbers without a source
    {"arrivals.self.source", "\"skr18\"", "unknown_reference",
     "arrivals/0/source"},
    {"staff.lead", R"({"id": "lead", "pools": ["lead"], "weekly_minutes": 9})",
     "no_source", "staff/6/weekly_minutes"},
    // what is missing
    {"horizon", R"({"source": "assumption"})", "missing_field", "horizon"},
    {"staff.lead", R"({"id": "lead", "source": "assumption"})", "missing_field",
     "staff/6"},
    {"staff.lead.pools", "[]", "missing_field", "staff/6/pools"},
    {"work.inclusion.items", "[]", "unplanned_work", "work"},
    {"work.inclusion",
     R"({"id": "inclusion", "items": ["inclusion"], "minutes": {"minutes": 1},
         "source": "assumption"})",
     "missing_field", "work"},
    {"work.region",
     R"({"id": "region", "items": ["check_region"], "minutes": {"minutes": 1},
         "source": "assumption"})",
     "missing_field", "work"},
    {"patients.behaviour.weekly.items", "[]", "unplanned_work",
     "patients/behaviour"},
    {"patients.answers.wsas",
     R"({"id": "wsas", "items": [], "source": "assumption"})", "missing_field",
     "patients/answers/3/items"},
    // names that the protocol does not know
    {"protocol", "\"icbt_base\"", "unknown_reference", "protocol"},
    {"arrivals.self.id", "\"selff\"", "unknown_reference", "arrivals/0/id"},
    {"work.inclusion.items", "[\"inclusionn\"]", "unknown_reference",
     "work/1/items/0"},
    {"work.inclusion.outcomes", R"({"includd": 1})", "unknown_reference",
     "work/1/outcomes/includd"},
    {"work.inclusion.outcomes", R"({"withdrawn": 1})", "unknown_value", "work"},
    {"work.feedback.kinds", "[\"checks\"]", "unknown_value", "work/6/kinds/0"},
    {"work.discharge.outcomes_after.completed.id", "\"complete\"",
     "unknown_reference", "work/10/outcomes_after/0/id"},
    {"staff.lead.pools", "[\"leads\"]", "unknown_reference", "staff/6/pools/0"},
    {"pools.therapists.id", "\"therapist\"", "unknown_reference", "pools/0/id"},
    {"messages.phase", "\"treatments\"", "unknown_reference", "messages/phase"},
    {"measures.waits.referral_to_start.to", "\"milestone:begun\"",
     "unknown_reference", "measures/waits/2/to"},
    {"measures.change", "[\"phq8\"]", "unknown_reference", "measures/change/0"},
    {"patients.answers.phq9.id", "\"phq8\"", "unknown_reference",
     "patients/answers/1/id"},
    {"patients.answers.phq9.items.q9.id", "\"q10\"", "unknown_reference",
     "patients/answers/1/items/0/id"},
    {"patients.modules.depression.id", "\"panic\"", "unknown_reference",
     "patients/modules/0/id"},
    // whose work it is
    {"patients.behaviour.weekly.items", "[\"weekly_phq9\", \"inclusion\"]",
     "not_the_patients", "patients/behaviour/1/items/1"},
    {"work.inclusion.items", "[\"inclusion\", \"weekly_phq9\"]",
     "not_the_staffs", "work/1/items/1"},
    // twice
    {"staff.lead.id", "\"duty\"", "duplicate_id", "staff/7/id"},
    {"work.letters.kinds", "[\"letter\", \"task\"]", "duplicate",
     "work/13/kinds/1"},
    {"patients.behaviour.weekly.items", "[\"weekly_phq9\", \"risk_form\"]",
     "duplicate", "patients/behaviour/4/items/0"},
    {"staff.lead.pools", "[\"lead\", \"lead\"]", "duplicate",
     "staff/6/pools/1"},
    // words that are no fields
    {"staff.lead.minutes", "3", "unknown_field", "staff/6/minutes"},
    {"horizont", "3", "unknown_field", "horizont"},
    {"patients.behaviour.forms.probability", "0.5", "unknown_field",
     "patients/behaviour/0/probability"},
    // leave
    {"staff.lead.leave", R"([{"from": "2026-08-02", "to": "2026-08-01"}])",
     "out_of_range", "staff/6/leave/0/to"},
    {"staff.lead.leave",
     R"([{"from": "2026-08-01", "to": "2026-08-09"},
         {"from": "2026-08-08", "to": "2026-08-12"}])",
     "duplicate", "staff/6/leave"},
};

TEST(Plan, TheShippedOneIsFine) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden");
  EXPECT_NE(loaded.plan, nullptr);
  EXPECT_TRUE(loaded.issues.empty());
}

TEST(Plan, EachMistakeIsNamedWithItsPlace) {
  for (const Mistake& mistake : kMistakes) {
    const Loaded loaded =
        LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden",
                 {{mistake.path, mistake.value}});
    EXPECT_EQ(loaded.plan, nullptr) << mistake.path << "=" << mistake.value;
    std::string found;
    bool named = false;
    for (const Issue& issue : loaded.issues) {
      absl::StrAppend(&found, issue.code, " ", issue.pointer, " ",
                      issue.message, "\n");
      named = named || (issue.code == mistake.code &&
                        issue.pointer == absl::StrCat("/", mistake.place));
      EXPECT_FALSE(issue.message.empty());
    }
    EXPECT_TRUE(named) << mistake.path << "=" << mistake.value << " should be "
                       << mistake.code << " at /" << mistake.place
                       << ", and is:\n"
                       << found;
  }
}

// Of every member of staff that is told, and nothing else is wrong.
void ExpectNothingOpens(const Issues& issues) {
  size_t told = 0;
  for (const Issue& issue : issues) {
    if (issue.severity != Severity::kError) continue;
    ++told;
    EXPECT_EQ(issue.code, "never_opens") << issue.pointer << issue.message;
    EXPECT_EQ(issue.pointer.rfind("/staff/", 0), 0u) << issue.pointer;
    EXPECT_FALSE(issue.hint.empty());
  }
  EXPECT_EQ(told, 7u);
}

// Hours that never come: the calendar is closed on every day. The checker
// refuses that, but a store may hold a protocol from before it did. Calendars
// come from the catalogue, which no caller of the library can change: this one
// is put in below the public interface.
TEST(Plan, ACalendarThatNeverOpensIsRefused) {
  const auto built_in = protocol::BuiltInCatalogue();
  const auto read = protocol::LoadStored(
      CatalogueText("protocols/icbt_sweden.json"),
      [&](std::string_view path) -> std::optional<std::string> {
        if (path != "calendars/stockholm-clinic.json") return built_in(path);
        return R"({"calendar": "stockholm-clinic", "version": "1",
          "title": "Never", "zone": "Europe/Stockholm", "week": {
          "monday": [], "tuesday": [], "wednesday": [], "thursday": [],
          "friday": [], "saturday": [], "sunday": []}, "holidays": []})";
      });
  ASSERT_TRUE(read.ok());
  ASSERT_NE(read->protocol, nullptr);
  const auto result =
      LoadPlan(CatalogueText("plans/icbt_sweden.json"), {}, read->protocol);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->plan, nullptr);
  ExpectNothingOpens(result->issues);
}

// What a caller can do: simulate a time in which no office is open.
TEST(Plan, ATimeInWhichNoOfficeOpensIsRefused) {
  SimulationOptions options;
  options.protocol = options.plan = "catalogue:icbt_sweden";
  options.set = {{"horizon.start", "\"2026-01-03\""},  // a Saturday
                 {"horizon.warm_up_days", "0"},
                 {"horizon.days", "2"}};
  ASSERT_OK_AND_ASSIGN(const SimulationResult closed, Simulate(options));
  EXPECT_FALSE(closed.ok);
  EXPECT_TRUE(closed.measures.empty());
  ExpectNothingOpens(closed.plan_issues);
  options.set.back().second = "3";  // with the Monday
  ASSERT_OK_AND_ASSIGN(const SimulationResult open, Simulate(options));
  EXPECT_TRUE(open.ok);
}

TEST(Plan, AllMistakesComeAtOnce) {
  const Loaded loaded = LoadBoth(
      "catalogue:icbt_sweden", "catalogue:icbt_sweden",
      {{"arrivals.self.per_year", "-1"}, {"staff.lead.weekly_minutes", "-1"}});
  size_t negatives = 0;
  for (const Issue& issue : loaded.issues) {
    negatives += issue.code == "negative" ? 1 : 0;
  }
  EXPECT_EQ(negatives, 2u);
}

TEST(Plan, APoolWithoutStaffIsAWarning) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden",
               {{"staff.on_call.pools", "[\"duty\"]"}});
  EXPECT_NE(loaded.plan, nullptr);
  ASSERT_EQ(loaded.issues.size(), 1u);
  EXPECT_EQ(loaded.issues[0].code, "pool_without_staff");
}

// A limit of the plan is a limit of the protocol that is simulated.
TEST(Plan, ItsCaseloadLimitReachesTheProtocol) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden",
               {{"pools.therapists.caseload_max", "17"}});
  ASSERT_NE(loaded.plan, nullptr);
  EXPECT_EQ(
      loaded.protocol->at(loaded.protocol->FindPool("therapists")).caseload_max,
      17);
}

TEST(PlanSettings, PathsThatLeadNowhereSaySo) {
  const std::string plan = CatalogueText("plans/icbt_sweden.json");
  const struct {
    const char* path;
    const char* value;
    const char* says;
  } bad[] = {
      {"arrivals.selv.per_year", "1", "arrivals has no `selv`"},
      {"arrivals.self.per_year", "x", "is no JSON value"},
      {"arrivals.self.per_year.more", "1", "has no `more`"},
      {"staff.9", "1", "staff has no `9`"},
      {"", "1", "the plan has no ``"},
      {"nothing.here", "1", "the plan has no `nothing`"},
  };
  for (const auto& row : bad) {
    EXPECT_THAT(ApplySettings(plan, {{row.path, row.value}}),
                testing::StatusIs(absl::StatusCode::kInvalidArgument, row.says))
        << row.path;
  }
  EXPECT_THAT(ApplySettings(plan, {{"arrivals.selv.per_year", "1"}}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                "did you mean `self`?"));
}

TEST(PlanSettings, PutValuesInByNamePositionAndPointer) {
  const std::string plan = R"({"a": [{"id": "x", "n": 1}, 2], "b": {}})";
  const struct {
    const char* path;
    const char* value;
    const char* result;
  } good[] = {
      {"a.x.n", "7", R"({"a":[{"id":"x","n":7},2],"b":{}})"},
      {"a.0.n", "7", R"({"a":[{"id":"x","n":7},2],"b":{}})"},
      {"a.1", "[3]", R"({"a":[{"id":"x","n":1},[3]],"b":{}})"},
      {"/a/0/n", "7", R"({"a":[{"id":"x","n":7},2],"b":{}})"},
      {"b.new", "{\"c\": 1}",
       R"({"a":[{"id":"x","n":1},2],"b":{"new":{"c":1}}})"},
      {"a.x", "null", R"({"a":[null,2],"b":{}})"},
  };
  for (const auto& row : good) {
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         ApplySettings(plan, {{row.path, row.value}}));
    EXPECT_EQ(text, row.result) << row.path;
  }
}

}  // namespace
}  // namespace stepwell::sim
