// A service in a folder of its own, through the public interface only.
#ifndef STEPWELL_TESTS_HOST_HOST_SUPPORT_H_
#define STEPWELL_TESTS_HOST_HOST_SUPPORT_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "stepwell/service.h"

namespace stepwell::host {

class HostTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // A service on SQLite with Anna, and a case of the person p-1.
  void Begin(const std::string& protocol = "catalogue:icbt_base");
  std::string Path() const { return (folder_ / "clinic.db").string(); }
  std::string Url() const { return "sqlite:" + Path(); }

  // What must be accepted.
  Reply Do(const std::string& command);
  absl::StatusOr<Reply> Try(const std::string& command);
  // `members` without braces: "\"answers\":[...]".
  std::string Patient(std::string_view id, std::string_view members) const;
  std::string Staff(std::string_view id, std::string_view members) const;
  // All that the store says of the case, to be compared before and after.
  std::string Everything();
  // The replayed log is the stored state, and every law holds.
  void ExpectHealthy();

  std::filesystem::path folder_;
  std::unique_ptr<Service> service_;
  Instant now_;
  std::string case_;
};

}  // namespace stepwell::host

#endif  // STEPWELL_TESTS_HOST_HOST_SUPPORT_H_
