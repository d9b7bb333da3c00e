// A member that the action of a command makes no use of is a mistake: whoever
// sent it meant something, and nothing of it would happen.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "support/matchers.h"
#include "wire/command_json.h"
#include "wire/json_support.h"

namespace stepwell::wire {
namespace {

using testing::StatusIs;

class CommandUse : public ::testing::Test {
 protected:
  void SetUp() override {
    protocol_ = CatalogueProtocol("icbt_base");
    ASSERT_NE(protocol_, nullptr);
  }

  absl::StatusOr<CommandBody> Read(const std::string& actor,
                                   const std::string& members) {
    STEPWELL_ASSIGN_OR_RETURN(
        const json::Document document,
        ParseCommand(absl::StrCat(R"({"id":"c","actor":{"role":")", actor,
                                  R"("},"case":"0123456789ABC",)", members,
                                  "}")));
    STEPWELL_ASSIGN_OR_RETURN(const CommandHead head,
                              ReadCommandHead(document.root()));
    return ReadCommandBody(head, document.root(), NamesOfProtocol(*protocol_));
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
};

struct Unused {
  const char *verb, *action, *key, *value, *belongs_to;
};

constexpr char kWork[] = R"("work_item","item":"inclusion")";
constexpr char kTaking[] = R"("change_enrolment","program":"depression")";
constexpr char kVisit[] = R"("change_appointment","item":"video_assessment")";
constexpr char kTransfer[] = R"("transfer_case")";
constexpr char kAlert[] = R"("handle_alert","alert":0)";
constexpr char kTime[] = R"("2026-03-02T08:00:00Z")";

constexpr Unused kUnused[] = {
    {kWork, "sign", "outcome", R"("include")", "complete"},
    {kWork, "return", "outcome", R"("include")", "complete"},
    {kWork, "skip", "value", "1", "complete"},
    {kWork, "sign", "checklist", "{}", "complete"},
    {kWork, "skip", "minutes", "5", "complete, sign, return"},
    {kWork, "complete", "until", kTime, "defer"},
    {kWork, "claim", "pool", R"("therapists")", "hand_over"},
    {kWork, "release", "member", R"("anna")", "hand_over"},
    {kWork, "open", "occurrence", "2",
     "start, complete, skip, cancel, claim, release, defer, hand_over, sign, "
     "return"},
    {kTaking, "end", "to", R"("depression")", "switch"},
    {kTaking, "end", "modules", R"(["m1"])", "reorder, include, exclude"},
    {kTaking, "exclude", "set", R"("sleep")", "include"},
    {kTaking, "end", "guidance", R"("weekly")", "start, switch, guidance"},
    {kTaking, "end", "language", R"("sv")", "start, switch, language"},
    {kVisit, "cancel", "slot", R"("s")", "propose, book, reschedule"},
    {kVisit, "cancel", "group", R"("g")", "propose, book, reschedule"},
    {kVisit, "no_show", "starts_at", kTime, "propose, book, reschedule"},
    {kVisit, "no_show", "mode", R"("video")",
     "propose, book, reschedule, mode"},
    {kTransfer, "confirm", "to", R"("t")", "hand_over"},
    {kTransfer, "confirm", "text", R"("t")", "hand_over"},
    {kTransfer, "withdraw", "body_key", R"("k")", "hand_over"},
    {kAlert, "close", "outcome", R"("no_danger")", "assess"},
    {kAlert, "close", "until", kTime, "reviewed_unchanged"},
    {kAlert, "reviewed_unchanged", "minutes", "5",
     "acknowledge, assess, close"},
};

TEST_F(CommandUse, WhatTheActionDoesNotUseIsAMistakeOfStaff) {
  for (const Unused& row : kUnused) {
    const auto read =
        Read("integration",
             absl::StrCat(R"("command":)", row.verb, R"(,"action":")",
                          row.action, R"(",")", row.key, "\":", row.value));
    EXPECT_THAT(
        read,
        StatusIs(absl::StatusCode::kInvalidArgument,
                 absl::StrCat("`", row.action, "` makes no use of `", row.key,
                              "`; it belongs to ", row.belongs_to)))
        << row.verb;
    EXPECT_EQ(PlaceOf(read.status()).pointer, absl::StrCat("/", row.key));
  }
}

TEST_F(CommandUse, WhatTheActionUsesIsRead) {
  const std::string work = absl::StrCat(R"("command":)", kWork, ",");
  const auto handed =
      Read("system", work + R"("action":"hand_over","pool":"therapists",
                          "member":"anna","occurrence":3)");
  ASSERT_OK(handed);
  const auto& to = std::get<engine::WorkItem>(handed->body);
  EXPECT_EQ(to.action, engine::ItemVerb::kHandOver);
  EXPECT_EQ(to.pool, protocol_->FindPool("therapists"));
  EXPECT_EQ(to.staff, StaffId(1));
  EXPECT_EQ(to.occurrence, 3);
  const auto deferred = Read(
      "system", work + R"("action":"defer","until":"1970-01-01T00:00:05Z")");
  ASSERT_OK(deferred);
  EXPECT_EQ(std::get<engine::WorkItem>(deferred->body).until,
            Instant{5'000'000});
}

TEST_F(CommandUse, NothingOfThePatientsIsRefusedForIt) {
  const auto read =
      Read("patient", absl::StrCat(R"("command":)", kVisit,
                                   R"(,"action":"cancel","occurrence":2,)",
                                   R"("mode":"video")"));
  ASSERT_OK(read);
  const auto& said = std::get<engine::ChangeAppointment>(read->body);
  EXPECT_EQ(said.action, engine::AppointmentVerb::kCancel);
  EXPECT_EQ(said.occurrence, 2);
}

}  // namespace
}  // namespace stepwell::wire
