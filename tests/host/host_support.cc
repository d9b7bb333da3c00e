#include "host/host_support.h"

#include <stdlib.h>

#include "absl/strings/str_cat.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::host {

void HostTest::SetUp() {
  std::string name =
      (std::filesystem::temp_directory_path() / "stepwell-host-XXXXXX")
          .string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  folder_ = name;
  now_ = TimeFromText("2026-03-02T09:00:00Z").value();
}

void HostTest::TearDown() {
  service_.reset();
  std::filesystem::remove_all(folder_);
}

void HostTest::Begin(const std::string& protocol) {
  ServiceOptions options;
  options.protocol = protocol;
  options.prototype = true;
  ASSERT_OK_AND_ASSIGN(service_, Service::Create(Url(), options, now_));
  const std::string host = R"("actor":{"role":"integration"})";
  const std::string person =
      R"("person":{"system":"urn:clinic","value":"p-1"})";
  Do(absl::StrCat(R"({"id":"s1","command":"add_staff",)", host,
                  R"(,"staff":"anna","pools":["therapists","duty"]})"));
  Do(absl::StrCat(R"({"id":"p1","command":"register_person",)", host, ",",
                  person, "}"));
  Do(absl::StrCat(
      R"({"id":"p2","command":"register_person",)", host,
      R"(,"person":{"system":"urn:clinic","value":"somebody-else"}})"));
  case_ = Do(absl::StrCat(R"({"id":"r1","command":"receive_referral",)", host,
                          ",", person, R"(,"route":"self"})"))
              .case_id;
}

absl::StatusOr<Reply> HostTest::Try(const std::string& command) {
  return service_->Submit(command, now_);
}

Reply HostTest::Do(const std::string& command) {
  auto reply = Try(command);
  EXPECT_OK(reply) << command;
  if (!reply.ok()) return Reply();
  EXPECT_EQ(reply->kind, Reply::Kind::kAccepted)
      << command << " " << reply->code << ": " << reply->reason;
  return *reply;
}

std::string HostTest::Patient(std::string_view id,
                              std::string_view members) const {
  return absl::StrCat(
      R"({"id":")", std::string(id), R"(","command":"submit_response",)",
      R"("actor":{"role":"patient"},"instrument":"phq9","case":")", case_,
      "\",", std::string(members), "}");
}

std::string HostTest::Staff(std::string_view id,
                            std::string_view members) const {
  return absl::StrCat(
      R"({"id":")", std::string(id),
      R"(","actor":{"role":"staff","staff":"anna"},"reason":"a test","case":")",
      case_, "\",", std::string(members), "}");
}

std::string HostTest::Everything() {
  const auto summary = service_->QueryCase(case_, now_);
  EXPECT_OK(summary);
  const auto health = service_->CheckHealth(now_);
  EXPECT_OK(health);
  if (!summary.ok() || !health.ok()) return "";
  return ToJson(*summary) + ToJson(*health);
}

void HostTest::ExpectHealthy() {
  const auto verification = service_->Verify();
  ASSERT_OK(verification);
  EXPECT_EQ(ToJson(*verification).find("differs"), std::string::npos)
      << ToJson(*verification);
  EXPECT_TRUE(verification->differences.empty());
  const auto health = service_->CheckHealth(now_);
  ASSERT_OK(health);
  EXPECT_TRUE(health->violations.empty()) << ToJson(*health);
}

}  // namespace stepwell::host
