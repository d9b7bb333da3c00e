// What is wrong with a command, seen by whoever embeds the library: staff and
// host get an error or a rejection and nothing is changed; a patient gets a
// receipt and nothing is lost.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::stepwell::testing::StatusIs;
using Code = absl::StatusCode;

constexpr char kGood[] = R"("answers":[1,1,1,1,1,1,1,1,0])";
constexpr char kRisk[] = R"("answers":[1,1,1,1,1,1,1,1,3])";
constexpr char kWork[] =
    R"("command":"work_item","item":"screen_gad7","action":"skip")";

class BadCommand : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
  }

  // The input was kept: it stands on the list of parked input with this code.
  void ExpectParked(const absl::StatusOr<Reply>& reply,
                    const std::string& code) {
    ASSERT_OK(reply);
    EXPECT_EQ(reply->kind, Reply::Kind::kParked);
    EXPECT_EQ(reply->code, code);
    EXPECT_FALSE(reply->receipt.empty());
    WorklistQuery query;
    query.kind = "parked";
    ASSERT_OK_AND_ASSIGN(const Worklist list,
                         service_->QueryWorklist(query, now_));
    bool listed = false;
    for (const WorkLine& line : list.lines) {
      listed = listed || line.what == reply->receipt;
      EXPECT_FALSE(line.owner_pool.empty() && line.owner_staff.empty());
      EXPECT_FALSE(line.due.IsNever());
    }
    EXPECT_TRUE(listed) << ToJson(list);
  }

  // Every text that the store keeps in this space, one after another.
  std::string Stored(const std::string& space) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(Path().c_str(), &db), SQLITE_OK);
    std::string all;
    const std::string sql =
        "SELECT CAST(bytes AS TEXT) FROM document"
        " WHERE space = '" +
        space + "'";
    EXPECT_EQ(sqlite3_exec(
                  db, sql.c_str(),
                  [](void* out, int, char** values, char**) {
                    absl::StrAppend(static_cast<std::string*>(out), values[0],
                                    "\n");
                    return 0;
                  },
                  &all, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
    return all;
  }
};

TEST_F(BadCommand, OfStaffForAnUnknownCaseIsAnError) {
  const std::string before = Everything();
  EXPECT_THAT(
      Try(absl::StrCat(R"({"id":"a","actor":{"role":"staff","staff":"anna"},)",
                       R"("reason":"x","case":"0000000000ABC",)", kWork, "}")),
      StatusIs(Code::kNotFound, "unknown_case"));
  EXPECT_EQ(Everything(), before);
}

TEST_F(BadCommand, OfStaffForTheWrongPersonIsRejected) {
  const std::string before = Everything();
  const auto reply = Try(Staff(
      "a", absl::StrCat(
               R"("person":{"system":"urn:clinic","value":"somebody-else"},)",
               kWork)));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->kind, Reply::Kind::kRejected);
  EXPECT_EQ(reply->code, "wrong_person");
  EXPECT_EQ(Everything(), before);
}

TEST_F(BadCommand, OfStaffWithAStaleVersionIsAConflict) {
  const std::string before = Everything();
  EXPECT_THAT(Try(Staff("a", absl::StrCat(R"("expected_version":1,)", kWork))),
              StatusIs(Code::kAborted, "read it again"));
  EXPECT_EQ(Everything(), before);
}

TEST_F(BadCommand, SentTwiceHasOneEffectAndOneReply) {
  const std::string command = Staff("a", kWork);
  const Reply first = Do(command);
  const std::string before = Everything();
  Reply again = Do(command);
  EXPECT_TRUE(again.repeated);
  again.repeated = false;
  EXPECT_EQ(ToJson(again), ToJson(first));
  EXPECT_EQ(Everything(), before);
}

TEST_F(BadCommand, OfStaffUnderAUsedIdIsAnError) {
  Do(Staff("a", kWork));
  const std::string before = Everything();
  EXPECT_THAT(Try(Staff("a", R"("command":"resume_case")")),
              StatusIs(Code::kAlreadyExists, "a"));
  EXPECT_EQ(Everything(), before);
}

TEST_F(BadCommand, OfStaffBehindTheStreamIsRejectedAndOfThePatientTaken) {
  Do(Patient("q1", kGood));
  const std::string before = Everything();
  const Instant then = now_;
  now_ = now_ - Minutes(6);
  const auto reply = Try(Staff("a", kWork));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->kind, Reply::Kind::kRejected);
  EXPECT_EQ(reply->code, "clock_behind");
  const Reply taken = Do(Patient("q2", kRisk));
  EXPECT_NE(ToJson(taken).find("SkewRecorded"), std::string::npos);
  EXPECT_NE(ToJson(taken).find("AlertRaised"), std::string::npos);
  now_ = then;
  EXPECT_NE(Everything(), before);
  ExpectHealthy();
}

TEST_F(BadCommand, AnAdvanceByAYearNeedsACatchUp) {
  const std::string before = Everything();
  const Instant later = now_ + Hours(24 * 365);
  EXPECT_THAT(service_->Advance(later, {}),
              StatusIs(Code::kFailedPrecondition, "catch-up"));
  EXPECT_EQ(Everything(), before);
  ASSERT_OK_AND_ASSIGN(const AdvancePreview preview,
                       service_->PreviewAdvance(later));
  EXPECT_TRUE(preview.needs_catch_up);
  EXPECT_GT(preview.due, 0u);
  AdvanceOptions options;
  options.catch_up = true;
  ASSERT_OK_AND_ASSIGN(const AdvanceResult result,
                       service_->Advance(later, options));
  EXPECT_GE(result.fired, preview.due);
  now_ = later;
  ExpectHealthy();
}

TEST_F(BadCommand, OfAPatientForAnUnknownCaseIsParkedAndItsRiskIsSeen) {
  const auto reply = Try(absl::StrCat(
      R"({"id":"q","command":"submit_response","instrument":"phq9",)",
      R"("actor":{"role":"patient"},"case":"0000000000ABC",)", kRisk, "}"));
  ExpectParked(reply, "unknown_case");
  EXPECT_FALSE(reply->show_now.empty());
}

TEST_F(BadCommand, OfAPatientForTheWrongPersonIsParkedAndNotFiled) {
  const std::string before = ToJson(service_->QueryCase(case_, now_).value());
  ExpectParked(
      Try(Patient("q",
                  absl::StrCat(R"("person":{"system":"urn:clinic","value":)",
                               R"("somebody-else"},)", kRisk))),
      "wrong_person");
  EXPECT_EQ(ToJson(service_->QueryCase(case_, now_).value()), before);
}

TEST_F(BadCommand, OfAPatientWithoutAVerbThatIsOneIsParked) {
  for (const std::string verb :
       {R"("command":"submit_respons",)", R"("command":7,)", ""}) {
    const auto reply = Try(absl::StrCat(
        R"({"id":"v)", verb.size(), R"(",)", verb,
        R"("actor":{"role":"patient"},"instrument":"phq9","case":")", case_,
        "\",", kRisk, "}"));
    ExpectParked(reply, "unknown_command");
    EXPECT_FALSE(reply->show_now.empty()) << "its risk was not seen";
  }
  EXPECT_FALSE(Try(R"({"id":"v","command":"submit_respons",
                       "actor":{"role":"integration"}})")
                   .ok());
}

TEST_F(BadCommand, OfAPatientMayNameAnOldVersion) {
  Do(Patient("q", absl::StrCat(R"("expected_version":1,)", kGood)));
}

TEST_F(BadCommand, OfAPatientUnderAUsedIdIsParked) {
  Do(Patient("q", kGood));
  const auto reply = Try(Patient("q", kRisk));
  ExpectParked(reply, "command_id_used");
  EXPECT_FALSE(reply->show_now.empty());
}

TEST_F(BadCommand, OfAPatientWithAnswersOutOfRangeIsKeptUnscored) {
  const std::vector<std::string> answers = {"[9,1,1,1,1,1,1,1,0]",
                                            "[-1,1,1,1,1,1,1,1,0]",
                                            "[1,1,1,1,1,1,1,1,99]",
                                            "[1,1,1,1,1,1,1,1,1e300]",
                                            "[1,1,1,1,1,1,1,1,\"often\"]",
                                            "[]",
                                            "\"?\""};
  for (size_t i = 0; i < answers.size(); ++i) {
    const Reply reply = Do(Patient(absl::StrCat("q", i),
                                   absl::StrCat("\"answers\":", answers[i])));
    const std::string text = ToJson(reply);
    EXPECT_NE(text.find("ResponseReceived"), std::string::npos) << answers[i];
    EXPECT_NE(text.find("ItemOpened"), std::string::npos)
        << answers[i] << ": nobody is asked to look at it";
  }
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(case_, now_));
  for (const auto& [instrument, score] : summary.scores) {
    EXPECT_TRUE(score.empty() || score == "-" || score == "none")
        << instrument << " " << score;
  }
  ExpectHealthy();
}

TEST_F(BadCommand, OfAPatientWithHalfASurrogateIsTakenAndKeptAsItCame) {
  const std::string text = Patient(
      "h1", std::string(kRisk) + R"(,"language":"sv\ud83d","response_id":"h")");
  ASSERT_OK_AND_ASSIGN(const Reply reply, Try(text));
  EXPECT_EQ(reply.kind, Reply::Kind::kAccepted) << reply.reason;
  EXPECT_EQ(reply.receipt, "h");
  EXPECT_FALSE(reply.show_now.empty()) << "the risk was not seen";
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_EQ(health.open_alerts, 1u);
  EXPECT_NE(Stored("raw").find(text), std::string::npos);
  const std::string message = absl::StrCat(
      R"({"id":"h2","command":"receive_message","actor":{"role":"patient"},)",
      R"("case":")", case_, R"(","message_id":"m","text":"to die \ude00!"})");
  ASSERT_OK_AND_ASSIGN(const Reply taken, Try(message));
  EXPECT_EQ(taken.kind, Reply::Kind::kAccepted) << taken.reason;
  EXPECT_NE(Stored("raw").find("to die \xEF\xBF\xBD!"), std::string::npos);
  EXPECT_NE(Stored("raw").find(message), std::string::npos);
  EXPECT_TRUE(Try(message)->repeated);
  // Of staff it is an error as ever.
  EXPECT_FALSE(
      Try(Staff("h3", R"("command":"close_message","note":"\ud83d")")).ok());
  ExpectHealthy();
}

TEST_F(BadCommand, OfAPatientWithAKeyTwiceIsParkedAndSaysSo) {
  // Whichever answers were meant, some disclose risk; whichever case.
  const std::string text =
      Patient("k1", std::string(kRisk) + "," + kGood + R"(,"item":"x")");
  const auto parked = Try(text);
  ExpectParked(parked, "repeated_key");
  EXPECT_NE(parked->reason.find("/answers"), std::string::npos)
      << parked->reason;
  EXPECT_NE(Stored("raw").find(text), std::string::npos);
  EXPECT_TRUE(Try(text)->repeated);
  // What may disclose risk is not waved away without an outcome.
  const auto waved =
      Try(Staff("k2", R"("command":"dismiss_parked","parked":")" +
                          parked->receipt + "\""));
  ASSERT_OK(waved);
  EXPECT_EQ(waved->kind, Reply::Kind::kRejected) << ToJson(*waved);
  // A person files it: what cannot be told apart is unknown, and is looked at.
  Do(Staff("k3",
           R"("command":"file_parked","parked":")" + parked->receipt + "\""));
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_EQ(health.open_alerts, 1u);
  ExpectHealthy();
  // Of staff a repeated key is an error as ever, and so is no object.
  EXPECT_FALSE(Try(Staff("k4", R"("command":"close_message","note":"a",)"
                               R"("note":"b")"))
                   .ok());
}

TEST_F(BadCommand, AMessageWhoseTextIsThereTwiceIsReadAsItCame) {
  const std::string text = absl::StrCat(
      R"({"id":"t1","command":"receive_message","actor":{"role":"patient"},)",
      R"("case":")", case_, R"(","message_id":"m","text":"help","text":"me"})");
  const auto parked = Try(text);
  ExpectParked(parked, "repeated_key");
  Do(Staff("t2",
           R"("command":"file_parked","parked":")" + parked->receipt + "\""));
  ASSERT_OK_AND_ASSIGN(const Worklist list, service_->QueryWorklist({}, now_));
  bool listed = false;
  for (const WorkLine& line : list.lines) {
    listed = listed || (line.kind == "message" && line.what == "m");
  }
  EXPECT_TRUE(listed) << ToJson(list);
  ExpectHealthy();
}

// Beyond the bound of one command nothing is taken, not even by half, and the
// sender sees it.
TEST_F(BadCommand, OfAPatientBeyondTheBoundOfACommandIsAnErrorAsAWhole) {
  const std::string before = Everything();
  const std::string huge = absl::StrCat(
      R"({"id":"b","command":"receive_message","actor":{"role":"patient"},)",
      R"("case":")", case_, R"(","message_id":"b","text":")");
  EXPECT_THAT(Try(huge + std::string(2u << 20, 'x') + "\"}"),
              StatusIs(Code::kResourceExhausted, "1048576"));
  EXPECT_THAT(Try(Patient("d", R"("answers":)" + std::string(300, '[') +
                                   std::string(300, ']'))),
              StatusIs(Code::kInvalidArgument, "256 levels"));
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Stored("raw"), "");
}

TEST_F(BadCommand, BytesThatAreNoJsonAreTheOnlyThingRefused) {
  const std::string before = Everything();
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("\xff\xfe"),
        std::string(10'000, '['), std::string("\0", 1),
        Patient("q", kGood).substr(0, 60)}) {
    const auto reply = Try(text);
    EXPECT_FALSE(reply.ok()) << text.substr(0, 40);
    EXPECT_FALSE(std::string(reply.status().message()).empty());
  }
  EXPECT_EQ(Everything(), before);
}

}  // namespace
}  // namespace stepwell::host
