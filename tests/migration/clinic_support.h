// A small clinic: a service, what is told to it, and patients who come to it.
#ifndef STEPWELL_TESTS_MIGRATION_CLINIC_SUPPORT_H_
#define STEPWELL_TESTS_MIGRATION_CLINIC_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::testing {

class ClinicTest : public ::testing::Test {
 protected:
  // `protocol`: a document, or the name of one that is shipped. Anna works in
  // the pools: `"team"`.
  void Found(const std::string& url, const std::string& protocol,
             const std::string& pools) {
    ServiceOptions options;
    options.protocol = protocol;
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
    Do(absl::StrCat(
        R"({"id":"s1","command":"add_staff","actor":{"role":"integration"},)",
        R"("staff":"anna","pools":[)", pools, "]}"));
  }

  // It is accepted.
  Reply Do(const std::string& command) {
    auto reply = service_->Submit(command, now_);
    EXPECT_OK(reply) << command;
    if (!reply.ok()) return Reply();
    EXPECT_EQ(reply->kind, Reply::Kind::kAccepted) << command << reply->reason;
    return *std::move(reply);
  }

  // The id of the case of a new patient.
  std::string Refer(uint64_t n) {
    const std::string host = R"("actor":{"role":"integration"},)";
    const std::string person =
        absl::StrCat(R"("person":{"system":"urn:clinic","value":")", n, "\"}");
    Do(absl::StrCat(R"({"id":"p)", n, R"(","command":"register_person",)", host,
                    person, "}"));
    return Do(absl::StrCat(R"({"id":"r)", n,
                           R"(","command":"receive_referral",)", host, person,
                           R"(,"route":"self"})"))
        .case_id;
  }

  std::unique_ptr<Service> service_;
  Instant now_ = TimeFromText("2026-03-02T09:00:00Z").value();
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_MIGRATION_CLINIC_SUPPORT_H_
