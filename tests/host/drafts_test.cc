// The text of a draft: whoever wrote it gets it back, nobody else sees it, and
// it is gone when the draft is over.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "host/host_support.h"
#include "stepwell/requests.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

constexpr char kSecret[] = "the-zebra-crossing";

class Drafts : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
  }

  Reply Save(const std::string& id, const std::string& draft,
             const std::string& item = "screen_phq9") {
    return Do(absl::StrCat(R"({"id":")", id,
                           R"(","command":"patient_item","case":")", case_,
                           R"(","item":")", item, R"(","draft":)", draft, "}"));
  }

  // The draft as the portal gives it back; "" when there is none.
  std::string Drafted(const std::string& item = "screen_phq9",
                      const std::string& who = "urn:clinic|p-1") {
    const auto portal = service_->QueryPortal(who, now_);
    EXPECT_OK(portal);
    for (const PortalEntry& entry : portal->entries) {
      if (entry.item == item) return entry.draft;
    }
    return "";
  }

  // All that others than the patient are shown.
  std::string Shown() {
    WorklistQuery query;
    query.with_text = true;
    const auto list = service_->QueryWorklist(query, now_);
    EXPECT_OK(list);
    return Everything() + (list.ok() ? ToJson(*list) : "");
  }

  // The text stands somewhere in the files of the store.
  bool IsInFiles(const std::string& text) {
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      std::ostringstream bytes;
      bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
      if (bytes.str().find(text) != std::string::npos) return true;
    }
    return false;
  }

  ItemProgress ProgressOf(const std::string& item) {
    const auto summary = service_->QueryCase(case_, now_);
    EXPECT_OK(summary);
    for (const ItemProgress& progress : summary->progress) {
      if (progress.item == item) return progress;
    }
    return {};
  }
};

TEST_F(Drafts, GoBackToWhoeverWroteThemAndToNobodyElse) {
  const Instant first = now_;
  Save("d1", absl::StrCat(R"({"q9":3,"words":")", kSecret, R"("})"));
  now_ = now_ + Hours(2);
  Save("d2", absl::StrCat(R"({"words":")", kSecret, R"(","q9":2})"));
  EXPECT_EQ(Drafted(), absl::StrCat(R"({"q9":2,"words":")", kSecret, R"("})"));
  ASSERT_OK_AND_ASSIGN(const Portal portal,
                       service_->QueryPortal("urn:clinic|p-1", now_));
  EXPECT_NE(ToJson(portal).find(kSecret), std::string::npos);
  EXPECT_EQ(Shown().find(kSecret), std::string::npos);
  const ItemProgress progress = ProgressOf("screen_phq9");
  EXPECT_EQ(progress.state, "active");
  EXPECT_EQ(progress.draft_since, first);
  EXPECT_EQ(progress.draft_at, now_);
  EXPECT_TRUE(progress.draft_abandoned_at.IsNever());
  // Half a questionnaire is none: nobody is alarmed by what was not said.
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(case_, now_));
  EXPECT_TRUE(summary.open_alerts.empty());
  EXPECT_TRUE(summary.scores.empty());
  ExpectHealthy();
}

TEST_F(Drafts, AreErasedWhenTheyAreOver) {
  Save("d1", absl::StrCat("\"", kSecret, "-1\""));
  Save("d2", absl::StrCat("\"", kSecret, "-2\""));
  Do(Patient("r2", R"("answers":[1,0,0,0,0,0,0,0,0])"));
  EXPECT_EQ(Drafted(), "");
  Do(absl::StrCat(R"({"id":"d5","command":"patient_item","case":")", case_,
                  R"(","item":"screen_wsas","x":1,"draft":")", kSecret,
                  R"(-4"})"));
  Do(Staff("w2", R"("command":"work_item","item":"screen_wsas",)"
                 R"("action":"skip")"));
  // The same command again brings nothing back.
  EXPECT_TRUE(Save("d2", absl::StrCat("\"", kSecret, "-2\"")).repeated);
  EXPECT_EQ(Drafted(), "");
  EXPECT_EQ(ProgressOf("screen_phq9").item, "");
  Save("d3", absl::StrCat("\"", kSecret, "-3\""), "screen_gad7");
  Save("d4", "{}", "screen_gad7");
  EXPECT_EQ(Drafted("screen_gad7"), "");
  ExpectHealthy();
  service_.reset();
  EXPECT_FALSE(IsInFiles(kSecret));
}

TEST_F(Drafts, ThatNobodyHandedInStayVisibleAsAbandoned) {
  Save("d1", absl::StrCat("\"", kSecret, "\""));
  now_ = now_ + Hours(1);
  Do(Staff("w1", R"("command":"work_item","item":"screen_phq9",)"
                 R"("action":"cancel")"));
  const ItemProgress progress = ProgressOf("screen_phq9");
  EXPECT_EQ(progress.state, "cancelled");
  EXPECT_EQ(progress.draft_abandoned_at, now_);
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(case_, now_));
  EXPECT_NE(ToJson(summary).find("draft_abandoned_at"), std::string::npos);
  ExpectHealthy();
  service_.reset();
  EXPECT_FALSE(IsInFiles(kSecret));
}

TEST_F(Drafts, AreNotLostWhereTheItemTakesNone) {
  Do(Staff("w1", R"("command":"work_item","item":"screen_phq9",)"
                 R"("action":"cancel")"));
  const Reply reply = Save("d1", absl::StrCat("\"", kSecret, "\""));
  EXPECT_EQ(std::count(reply.events.begin(), reply.events.end(), "InputKept"),
            1);
  EXPECT_EQ(Shown().find(kSecret), std::string::npos);
  ExpectHealthy();
  service_.reset();
  EXPECT_TRUE(IsInFiles(kSecret));
}

TEST_F(Drafts, HaveALimitBeyondWhichTheyAreKeptAsUnread) {
  const std::string longest(limits::kTextBytesMax - 2, 'x');
  Save("d1", absl::StrCat("\"", longest, "\""));
  EXPECT_EQ(Drafted().size(), limits::kTextBytesMax);
  const Reply reply = Save("d2", absl::StrCat("\"", longest, "y\""));
  EXPECT_EQ(std::count(reply.events.begin(), reply.events.end(), "InputKept"),
            1);
  EXPECT_EQ(std::count(reply.events.begin(), reply.events.end(), "ItemDrafted"),
            0);
  EXPECT_EQ(Drafted().size(), limits::kTextBytesMax);  // that of before
  EXPECT_NE(Shown().find("/draft"), std::string::npos);
  EXPECT_EQ(Shown().find("xxx"), std::string::npos);
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
