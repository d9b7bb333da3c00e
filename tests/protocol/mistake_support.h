// A mistake of an author, for the tables of mistakes.
#ifndef STEPWELL_TESTS_PROTOCOL_MISTAKE_SUPPORT_H_
#define STEPWELL_TESTS_PROTOCOL_MISTAKE_SUPPORT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "protocol/protocol_support.h"

namespace stepwell::protocol {

struct Mistake {
  std::string name;
  std::vector<Change> changes;  // of minimal.json
  std::string code;
  std::string pointer;
  std::string text;  // part of the message or the hint
  bool warning = false;
};

inline void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

inline constexpr char kForm[] = "/tracks/0/phases/0/items/0";
inline constexpr char kCall[] = "/tracks/0/phases/0/items/1";
inline constexpr char kEnding[] = "/tracks/0/phases/0/items/2";

inline std::string In(const char* pointer, const char* field) {
  return std::string(pointer) + "/" + field;
}

inline std::string NameOf(const ::testing::TestParamInfo<Mistake>& info) {
  return info.param.name;
}

// Puts the mistake into the shipped `document` and expects its issue.
inline void ExpectFound(std::string_view document, const Mistake& mistake) {
  const LoadResult result = Load(Changed(Shipped(document), mistake.changes));
  const Issue* issue = FindIssue(result.issues, mistake.code, mistake.pointer);
  ASSERT_TRUE(issue != nullptr) << Print(result.issues);
  EXPECT_THAT(issue->message + " | " + issue->hint,
              ::testing::HasSubstr(mistake.text));
  EXPECT_FALSE(issue->message.empty());
  EXPECT_EQ(issue->severity == Severity::kWarning, mistake.warning);
  EXPECT_EQ(result.protocol != nullptr, mistake.warning);
}

}  // namespace stepwell::protocol

#endif  // STEPWELL_TESTS_PROTOCOL_MISTAKE_SUPPORT_H_
