// "16 concurrent bookings of a group of 8 never seat 9": from threads on one
// service, from two processes on one file, and when one of them is killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

constexpr int kCases = 16;
constexpr int kPlaces = 8;

class GroupsTest : public HostTest {
 protected:
  // A service with a group of eight places, and sixteen cases that want one.
  void BeginGroup(const std::string& url) {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(STEPWELL_SOURCE_DIR
                                             "/tests/protocols/booking.json");
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
    const std::string host = R"(,"actor":{"role":"integration"})";
    Do(absl::StrCat(R"({"id":"s1","command":"add_staff")", host,
                    R"(,"staff":"anna","pools":["team"]})"));
    Do(absl::StrCat(R"({"id":"g1","command":"open_group")", host,
                    R"(,"group":"worry","kind":"course","minimum":2,)"
                    R"("places":8,"starts_at":"2026-04-01T09:00:00Z"})"));
    for (int i = 0; i < kCases; ++i) {
      const std::string person = absl::StrCat(
          R"(,"person":{"system":"urn:clinic","value":"p-)", i, "\"}");
      Do(absl::StrCat(R"({"id":"p)", i, R"(","command":"register_person")",
                      host, person, "}"));
      cases_.push_back(
          Do(absl::StrCat(R"({"id":"r)", i, R"(","command":"receive_referral")",
                          host, person, R"(,"route":"self"})"))
              .case_id);
      case_ = cases_.back();
      Do(Staff(absl::StrCat("o", i),
               R"("command":"work_item","item":"worry_course",)"
               R"("action":"open")"));
    }
  }

  static std::string Book(int i, const std::string& who) {
    return absl::StrCat(R"({"id":"b)", i,
                        R"(","command":"change_appointment",)",
                        R"("actor":{"role":"patient"},"case":")", who,
                        R"(","item":"worry_course","action":"book",)"
                        R"("group":"worry"})");
  }

  // What each case says of its seat: booked, waiting, or nothing.
  void ExpectEightSeated() {
    int booked = 0, waiting = 0;
    for (const std::string& who : cases_) {
      const auto portal = service_->QueryPortal(who, now_);
      ASSERT_OK(portal);
      for (const PortalEntry& entry : portal->entries) {
        booked += entry.appointment == "booked" ? 1 : 0;
        waiting += entry.appointment == "waiting" ? 1 : 0;
      }
    }
    EXPECT_EQ(booked, kPlaces);
    EXPECT_EQ(waiting, kCases - kPlaces);
    // The group's own stream agrees, counter and log alike.
    const auto verification = service_->Verify();
    ASSERT_OK(verification);
    EXPECT_TRUE(verification->differences.empty()) << ToJson(*verification);
    const auto groups = service_->QueryGroups();
    ASSERT_OK(groups);
    ASSERT_EQ(groups->size(), 1u);
    EXPECT_EQ((*groups)[0].seated, kPlaces);
    EXPECT_EQ((*groups)[0].waiting, kCases - kPlaces);
  }

  // A process of its own that books these cases; `killed_after` bookings it
  // kills itself without a word, -1: never.
  pid_t BookElsewhere(int first, int step, int killed_after) {
    const pid_t child = fork();
    if (child != 0) return child;
    auto own = Service::Open(Url());
    if (!own.ok()) _exit(1);
    int done = 0;
    for (int i = first; i < kCases; i += step) {
      if (done == killed_after) kill(getpid(), SIGKILL);
      const auto reply =
          (*own)->Submit(Book(i, cases_[static_cast<size_t>(i)]), now_);
      if (!reply.ok() || reply->kind != Reply::Kind::kAccepted) _exit(2);
      ++done;
    }
    _exit(0);
  }

  std::vector<std::string> cases_;
};

int ExitOf(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(GroupsTest, ThreadsNeverSeatNine) {
  BeginGroup("memory:");
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kCases; ++i) {
    threads.emplace_back([&, i] {
      const auto reply =
          service_->Submit(Book(i, cases_[static_cast<size_t>(i)]), now_);
      accepted += reply.ok() && reply->kind == Reply::Kind::kAccepted ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, kCases);
  ExpectEightSeated();
}

TEST_F(GroupsTest, TwoProcessesNeverSeatNine) {
  BeginGroup(Url());
  service_.reset();
  const pid_t even = BookElsewhere(0, 2, -1);
  const pid_t odd = BookElsewhere(1, 2, -1);
  EXPECT_EQ(ExitOf(even), 0);
  EXPECT_EQ(ExitOf(odd), 0);
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  ExpectEightSeated();
}

TEST_F(GroupsTest, NothingIsLostWhenOneIsKilled) {
  BeginGroup(Url());
  service_.reset();
  const pid_t even = BookElsewhere(0, 2, 3);
  const pid_t odd = BookElsewhere(1, 2, -1);
  EXPECT_EQ(ExitOf(even), -1);
  EXPECT_EQ(ExitOf(odd), 0);
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  // Every command is sent again: what was done is not done twice.
  for (int i = 0; i < kCases; ++i) Do(Book(i, cases_[static_cast<size_t>(i)]));
  ExpectEightSeated();
  // It begins, and everybody is told: those who still wait, too.
  now_ = TimeFromText("2026-04-01T09:00:00Z").value();
  ASSERT_OK(service_->Advance(now_, {}));
  const auto groups = service_->QueryGroups();
  ASSERT_OK(groups);
  EXPECT_EQ((*groups)[0].status, "started");
  int told = 0;
  for (const std::string& who : cases_) {
    const auto summary = service_->QueryCase(who, now_);
    ASSERT_OK(summary);
    told += ToJson(*summary).find("GroupTold") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(told, kCases);
  ExpectHealthy();
}

TEST_F(GroupsTest, OneSessionIsCalledOffAndNotTheSeat) {
  BeginGroup("memory:");
  for (int i = 0; i < 2; ++i) Do(Book(i, cases_[static_cast<size_t>(i)]));
  now_ = TimeFromText("2026-03-30T10:00:00Z").value();
  ASSERT_OK(service_->Advance(now_, {}));  // it is settled: it begins
  const auto seated = [this] {
    const auto groups = service_->QueryGroups();
    return groups.ok() && groups->size() == 1 ? (*groups)[0].seated : -1;
  };
  EXPECT_EQ(seated(), 2);
  Do(absl::StrCat(R"({"id":"c1","command":"change_appointment",)"
                  R"("actor":{"role":"patient"},"case":")",
                  cases_[0], R"(","item":"worry_course","action":"cancel"})"));
  EXPECT_EQ(seated(), 2);
  case_ = cases_[1];
  Do(Staff("c2", R"("command":"work_item","item":"worry_course",)"
                 R"("action":"cancel")"));
  EXPECT_EQ(seated(), 1);
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
