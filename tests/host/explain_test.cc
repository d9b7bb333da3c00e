// Why nobody is in a program, by the item that takes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(HostTest, AnItemThatTakesAProgramIsExplained) {
  Begin();
  const auto explain = [&](const std::string& who) {
    auto told = service_->Explain(who, "program", now_);
    EXPECT_OK(told);
    return told.ok() ? *told : Explanation();
  };
  const Explanation before = explain(case_);
  EXPECT_EQ(before.state, "blocked");
  EXPECT_THAT(before.reasons,
              ElementsAre("tracks.pathway = 'intake', not 'treatment'"));
  EXPECT_THAT(before.would_open,
              ElementsAre("entering the phase pathway/treatment"));

  Do(R"({"id":"e1","command":"register_person","actor":)"
     R"({"role":"integration"},"person":{"system":"s","value":"e"}})");
  const std::string adopted =
      Do(R"({"id":"e2","command":"adopt_case","actor":{"role":"integration"},)"
         R"("person":{"system":"s","value":"e"},"reason":"go-live",)"
         R"("referrals":[{"route":"self",)"
         R"("received_at":"2026-01-05T09:00:00Z"}],)"
         R"("tracks":[{"track":"pathway","phase":"treatment",)"
         R"("since":"2026-01-20T09:00:00Z"}],"owner":{"pool":"therapists"},)"
         R"("enrolments":[{"program":"depression",)"
         R"("started_at":"2026-01-20T09:00:00Z"}]})")
          .case_id;
  EXPECT_EQ(explain(adopted).state, "running");
  EXPECT_THAT(explain(adopted).reasons, IsEmpty());
  Do(absl::StrCat(R"({"id":"e3","command":"change_enrolment","actor":)",
                  R"({"role":"staff","staff":"anna"},"program":"depression",)",
                  R"("action":"end","reason":"it does not fit her","case":")",
                  adopted, "\"}"));
  const Explanation after = explain(adopted);
  EXPECT_EQ(after.state, "ended");
  EXPECT_THAT(after.reasons,
              ElementsAre("the enrolment in depression has ended"));
  EXPECT_FALSE(service_->Explain(adopted, "programme", now_).ok());
}

}  // namespace
}  // namespace stepwell::host
