// What a commit has only read: versions that must still stand, and the clocks
// of one stream. Over every store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

using ::stepwell::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReadCheck : public ::testing::TestWithParam<const char*> {
 protected:
  ReadCheck() {
    const std::string url = GetParam() == std::string("memory")
                                ? "memory:"
                                : "sqlite:" + dir_.File("store.db");
    store_ = Value(OpenStore(url, OpenMode::kCreate));
  }

  // The commit fails and leaves no trace.
  void ExpectRefused(const CommitRequest& request, size_t index) {
    const std::string before = Dump(*store_);
    const absl::Status status = store_->Commit(request);
    EXPECT_EQ(CheckFailureOf(status),
              (CheckFailure{FailedCheck::kUnchanged, index}))
        << status;
    EXPECT_EQ(Dump(*store_), before);
  }

  TempDir dir_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, ReadCheck,
                         ::testing::Values("memory", "sqlite"),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

TEST_P(ReadCheck, WhatACommandHasReadMustStillStandThere) {
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 0, {"one"}))));
  ASSERT_OK(store_->Commit(Commit(Write(Case(2), 0, {"one", "two"}))));
  CommitRequest request = Commit(Write(Case(1), 1, {"next"}));
  request.unchanged = {{Case(2), 2}, {Case(3), 0}};
  EXPECT_OK(store_->Commit(request));
  request = Commit(Write(Case(1), 2, {"next"}));
  request.unchanged = {{Case(2), 2}, {Case(2), 1}};
  ExpectRefused(request, 1);
  request.unchanged = {{Case(1), 2}};
  EXPECT_THAT(store_->Commit(request),
              StatusIs(absl::StatusCode::kInvalidArgument, "is written"));
  // Also when nothing is written: a refusal is of what was read.
  CommitRequest refusal;
  refusal.command = CommandRow{"c", "f", "no"};
  refusal.unchanged = {{Case(3), 1}};
  ExpectRefused(refusal, 0);
  refusal.unchanged = {{Case(2), 2}};
  EXPECT_OK(store_->Commit(refusal));
  EXPECT_TRUE(Value(store_->FindCommand("c")).has_value());
}

TEST_P(ReadCheck, TheClocksOfAStreamAreListedByNumber) {
  StreamWrite write = Write(Case(1), 0, {"one"});
  write.clocks_set = {
      {9, Instant{5}}, {UINT64_MAX, Instant{1}}, {2, Instant{7}}};
  ASSERT_OK(store_->Commit(Commit(write)));
  EXPECT_THAT(Value(store_->ClocksOf(Case(1))),
              ElementsAre(ClockRow{2, Instant{7}}, ClockRow{9, Instant{5}},
                          ClockRow{UINT64_MAX, Instant{1}}));
  EXPECT_THAT(Value(store_->ClocksOf(Case(2))), IsEmpty());
}

}  // namespace
}  // namespace stepwell::store
