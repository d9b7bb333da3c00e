// Who an effect is for, as a host meets them: patients and related persons,
// and how they may be reached.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RelatedTest : public HostTest {};

constexpr char kWrites[] = R"({"protocol": "writes", "version": "1",
  "base": "icbt_base@1", "status": "draft", "author": "The Stepwell authors",
  "related": [{"id": "guardian", "title": {"en": "Guardian"}}],
  "rules": [{"id": "told", "on": "message.received", "source": "assumption",
    "do": [{"notify": {"to": "guardian", "template": "forms_reminder",
      "valid_for": "3 days"}}]}]})";

TEST_F(RelatedTest, AnEffectNamesWhoItIsForAndInWhichRole) {
  Begin(kWrites);
  const std::string guardian =
      Do(R"({"id":"g0","command":"register_person",)"
         R"("actor":{"role":"integration"},)"
         R"("person":{"system":"urn:clinic","value":"somebody-else"}})")
          .person_id;
  Do(Staff("g1", absl::StrCat(R"("command":"relate_person","related":{"id":")",
                              guardian, R"("},"role":"guardian")")));
  Do(Staff("c1", R"("command":"set_safe_contact","channels":["letter"],)"
                 R"("leave_messages":false)"));
  Do(absl::StrCat(
      R"({"id":"m1","command":"receive_message","actor":{"role":"patient"},)",
      R"("case":")", case_, R"(","text":"hello"})"));
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 10));
  ASSERT_EQ(page.effects.size(), 1u);
  const Effect& effect = page.effects[0];
  EXPECT_EQ(effect.to, "related");
  EXPECT_EQ(effect.role, "guardian");
  EXPECT_EQ(effect.related_id, guardian);
  EXPECT_NE(effect.person_id, guardian);  // the patient, whom it is about
  // How the patient may be reached says nothing about the guardian.
  EXPECT_TRUE(effect.channels.empty());
  EXPECT_TRUE(effect.leave_messages);
  EXPECT_THAT(
      ToJson(page),
      HasSubstr(absl::StrCat(R"("to":"related","role":"guardian","related":")",
                             guardian, "\"")));
  ExpectHealthy();
}

constexpr char kAnswers[] = R"({"protocol": "answers", "version": "1",
  "base": "icbt_base@1", "status": "draft", "author": "The Stepwell authors",
  "rules": [{"id": "told", "on": "message.received", "source": "assumption",
    "do": [{"notify": {"to": "patient", "template": "forms_reminder",
      "valid_for": "3 days"}}]}]})";

TEST_F(RelatedTest, APatientWhoLeavesNoWayIsNotReachedByAnyWay) {
  Begin(kAnswers);
  const auto from_patient = [this](const char* id, const char* rest) {
    Do(absl::StrCat(R"({"id":")", id, R"(","actor":{"role":"patient"},)",
                    R"("case":")", case_, "\",", rest, "}"));
  };
  from_patient("m1", R"("command":"receive_message","text":"hello")");
  from_patient("c1", R"("command":"set_safe_contact","channels":[])");
  from_patient("m2", R"("command":"receive_message","text":"hello")");
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 10));
  ASSERT_EQ(page.effects.size(), 2u);
  EXPECT_FALSE(page.effects[0].no_channel);
  EXPECT_THAT(ToJson(OutboxPage{{page.effects[0]}}), Not(HasSubstr("channel")));
  EXPECT_TRUE(page.effects[1].no_channel);
  EXPECT_THAT(ToJson(OutboxPage{{page.effects[1]}}),
              HasSubstr(R"("channels":[],"no_channel":true)"));
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
