// A service on a file is killed at random moments while it takes commands.
// Whatever it had acknowledged is there, once, with the same receipt; the
// command it was at is there whole or not at all, and sending it again does no
// harm. A twin in memory says what the file must hold.
// STEPWELL_KILL_CYCLES sets how often (100; `./dev long` asks for 500).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "property/checks_support.h"
#include "property/generator_support.h"
#include "support/matchers.h"
#include "wire/record.h"

namespace stepwell::testing {
namespace {

using runtime::Receipt;
using runtime::Runtime;

constexpr int kCyclesPerFile = 25;

int Cycles() {
  const char* cycles = std::getenv("STEPWELL_KILL_CYCLES");
  return cycles == nullptr ? 100 : std::atoi(cycles);
}

// Where two lists of records part, in words.
std::string Difference(const std::vector<std::string>& found,
                       const std::vector<std::string>& wanted) {
  const auto name = [](const std::string& record) {
    const auto event = wire::DecodeEvent(record);
    if (!event.ok()) return std::string("no event of a case");
    return absl::StrCat(
        event->seq, " ", event->recorded.us, " ",
        std::visit([](const auto& e) { return e.kName; }, event->body), " ",
        absl::BytesToHexString(record));
  };
  std::string text =
      absl::StrCat(found.size(), " records, wanted ", wanted.size(), "\n");
  const size_t size = std::min(found.size(), wanted.size());
  for (size_t i = 0; i < size; ++i) {
    if (found[i] == wanted[i]) continue;
    for (size_t k = i < 3 ? 0 : i - 3; k < std::min(size, i + 4); ++k) {
      absl::StrAppend(&text, "found  ", name(found[k]), "\nwanted ",
                      name(wanted[k]), "\n");
    }
    break;
  }
  return text;
}

class KillTest : public ::testing::Test {
 protected:
  void TearDown() override { RemoveFile(); }

  void RemoveFile() {
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path_ + end);
    }
  }

  void NewService(uint32_t number) {
    RemoveFile();
    path_ = (std::filesystem::temp_directory_path() /
             absl::StrCat("stepwell_kill_", getpid(), "_", number, ".db"))
                .string();
    const auto protocol = ProtocolNamed("icbt_base");
    const Instant start = *ParseInstant("2026-03-02T09:00:00Z");
    ASSERT_OK_AND_ASSIGN(
        auto file, store::OpenSqliteStore(path_, store::OpenMode::kCreate));
    ASSERT_OK(Runtime::Create(std::move(file), "kill", protocol, start));
    ASSERT_OK_AND_ASSIGN(twin_, Runtime::Create(store::NewMemoryStore(), "kill",
                                                protocol, start));
    // One request is one transaction here: nothing goes over to a version.
    generator_ = std::make_unique<Generator>(protocol, SecondVersion(), 11,
                                             number, 8, start);
  }

  // Takes commands until it is killed; a byte for each that came back.
  [[noreturn]] void ServeForEver(int acknowledgements) {
    auto file = store::OpenSqliteStore(path_, store::OpenMode::kExisting);
    if (!file.ok()) _exit(1);
    auto service = Runtime::Open(std::move(*file));
    if (!service.ok()) _exit(1);
    while (true) {
      const Request request = generator_->Next(**service);
      const auto receipt = Send(**service, request);
      if (receipt.ok()) generator_->Learn(request, *receipt);
      const char done = receipt.ok() ? 'y' : 'n';
      if (write(acknowledgements, &done, 1) != 1) _exit(1);
    }
  }

  // Lets a process serve for a while; one byte for each acknowledgement.
  std::string KillOne() {
    int ends[2] = {};
    EXPECT_EQ(pipe(ends), 0);
    const uint64_t wanted = dice_.Chance(20) ? 0 : 1 + dice_.Below(30);
    const auto delay = static_cast<useconds_t>(dice_.Below(4'000));
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      ServeForEver(ends[1]);
    }
    close(ends[1]);
    std::string acknowledged;
    char done = 0;
    while (acknowledged.size() < wanted && read(ends[0], &done, 1) == 1) {
      acknowledged += done;
    }
    usleep(delay);
    kill(child, SIGKILL);
    while (read(ends[0], &done, 1) == 1) acknowledged += done;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return acknowledged;
  }

  // Sends to both what the dead process was sent, and the one it was at.
  void Verify(const std::string& acknowledged) {
    ASSERT_OK_AND_ASSIGN(
        auto file, store::OpenSqliteStore(path_, store::OpenMode::kExisting));
    ASSERT_OK_AND_ASSIGN(auto service, Runtime::Open(std::move(file)));
    for (size_t i = 0; i <= acknowledged.size(); ++i) {
      const Request request = generator_->Next(*twin_);
      const bool was_acknowledged = i < acknowledged.size();
      const auto expected = Send(*twin_, request);
      // An advance is no command: sent again later, it would fire what has
      // become due since. One that was cut short goes on where it was.
      if (request.IsAdvance() && was_acknowledged) continue;
      const auto again = Send(*service, request);
      // A stale version stays stale; which one it is now is said in the text.
      ASSERT_EQ(again.status().code(), expected.status().code())
          << VerbOf(request) << ": " << again.status().ToString();
      if (was_acknowledged) {
        ASSERT_EQ(acknowledged[i], expected.ok() ? 'y' : 'n');
      }
      if (!expected.ok()) continue;
      generator_->Learn(request, *expected);
      ASSERT_EQ(Bytes(*again), Bytes(*expected)) << VerbOf(request);
      if (request.IsAdvance()) continue;
      if (was_acknowledged) {
        ++acknowledged_;
        ASSERT_TRUE(again->repeated) << VerbOf(request) << " was lost";
      } else {
        ++(again->repeated ? committed_ : lost_);
      }
    }
    const auto found = AllRecords(*service);
    const auto wanted = AllRecords(*twin_);
    ASSERT_TRUE(found == wanted) << Difference(found, wanted);
    ASSERT_EQ(CheckIndexes(*service, generator_->cases()), "");
    for (CaseId id : generator_->cases()) {
      ASSERT_EQ(CheckReplay(*service, id), "");
    }
    ASSERT_OK(service->store().CheckStructure());
  }

  Dice dice_{20260302, 0};
  std::string path_;
  std::unique_ptr<Runtime> twin_;
  std::unique_ptr<Generator> generator_;
  uint64_t acknowledged_ = 0;
  uint64_t committed_ = 0;  // not acknowledged, and there
  uint64_t lost_ = 0;       // not acknowledged, and not there
};

TEST_F(KillTest, NoAcknowledgedCommandIsLostAndNoneIsDoubled) {
  for (int cycle = 0; cycle < Cycles(); ++cycle) {
    SCOPED_TRACE(absl::StrCat("cycle ", cycle));
    if (cycle % kCyclesPerFile == 0) {
      NewService(static_cast<uint32_t>(cycle / kCyclesPerFile));
    }
    if (HasFatalFailure()) return;
    Verify(KillOne());
    if (HasFatalFailure()) return;
  }
  std::printf(
      "%d kills: %lu acknowledged commands found again; of those in "
      "flight %lu were there and %lu were not\n",
      Cycles(), acknowledged_, committed_, lost_);
  // The processes lived long enough to be killed at work.
  EXPECT_GT(acknowledged_, static_cast<uint64_t>(Cycles()));
}

}  // namespace
}  // namespace stepwell::testing
