// Matchers for absl::Status and absl::StatusOr, which Debian 12's Abseil does
// not bring.
#ifndef STEPWELL_TESTS_SUPPORT_MATCHERS_H_
#define STEPWELL_TESTS_SUPPORT_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stepwell::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}

// The status has this code and its message contains `text`.
MATCHER_P2(StatusIs, code, text, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         std::string(status.message()).find(text) != std::string::npos;
}

}  // namespace stepwell::testing

#define STEPWELL_TEST_CONCAT_INNER_(a, b) a##b
#define STEPWELL_TEST_CONCAT_(a, b) STEPWELL_TEST_CONCAT_INNER_(a, b)
#define ASSERT_OK(expr) ASSERT_THAT((expr), ::stepwell::testing::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT((expr), ::stepwell::testing::IsOk())
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ASSERT_OK_AND_ASSIGN_IMPL_(STEPWELL_TEST_CONCAT_(or_, __LINE__), lhs, expr)
#define ASSERT_OK_AND_ASSIGN_IMPL_(var, lhs, expr) \
  auto var = (expr);                               \
  ASSERT_OK(var);                                  \
  lhs = *std::move(var)

#endif  // STEPWELL_TESTS_SUPPORT_MATCHERS_H_
