// What is wrong with a store's file, seen by whoever embeds the library: a
// clear error, and nothing that was acknowledged is lost.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::stepwell::testing::StatusIs;
using Code = absl::StatusCode;

constexpr char kAnswers[] = R"("answers":[1,1,1,1,1,1,1,1,0])";

// A connection of somebody else to the file.
class OtherUser {
 public:
  explicit OtherUser(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
  }
  ~OtherUser() { sqlite3_close(db_); }
  OtherUser(const OtherUser&) = delete;
  OtherUser& operator=(const OtherUser&) = delete;
  void Run(const char* sql) {
    EXPECT_EQ(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db_);
  }

 private:
  sqlite3* db_ = nullptr;
};

class BadStore : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
    Do(Patient("before", kAnswers));
    kept_ = Everything();
  }

  std::string Bytes() const {
    std::ifstream in(Path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  void Reopen() {
    service_.reset();
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  }

  std::string kept_;
};

TEST_F(BadStore, ThatIsMissingIsNotMadeByOpening) {
  const std::string path = (folder_ / "none.db").string();
  EXPECT_THAT(Service::Open("sqlite:" + path),
              StatusIs(Code::kNotFound, "none.db"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(BadStore, ThatExistsIsNotOverwrittenByCreating) {
  ServiceOptions options;
  options.protocol = "catalogue:minimal";
  options.prototype = true;
  EXPECT_FALSE(Service::Create(Url(), options, now_).ok());
  EXPECT_EQ(Everything(), kept_);
}

TEST_F(BadStore, ThatIsReadOnlyIsUnavailableAndKeepsAll) {
  service_.reset();
  // Modes do not bind root, who becomes somebody else instead.
  const bool root = getuid() == 0;
  chmod(folder_.c_str(), root ? 0755 : 0555);
  chmod(Path().c_str(), root ? 0644 : 0444);
  const pid_t child = fork();
  if (child == 0) {
    if (root && setuid(65534) != 0) _exit(2);
    const absl::Status status = Service::Open(Url()).status();
    _exit(absl::IsUnavailable(status) &&
                  std::string(status.message()).find("read-only") !=
                      std::string::npos
              ? 0
              : 1);
  }
  int ended = 0;
  waitpid(child, &ended, 0);
  EXPECT_EQ(ended, 0);
  chmod(folder_.c_str(), 0755);
  chmod(Path().c_str(), 0644);
  Reopen();
  EXPECT_EQ(Everything(), kept_);
}

TEST_F(BadStore, ThatIsLockedIsUnavailableAndThenUsable) {
  OtherUser other(Path());
  other.Run("BEGIN IMMEDIATE");
  EXPECT_THAT(Try(Patient("locked", kAnswers)),
              StatusIs(Code::kUnavailable, "locked"));
  EXPECT_EQ(Everything(), kept_);
  other.Run("ROLLBACK");
  EXPECT_FALSE(Do(Patient("locked", kAnswers)).repeated);
  ExpectHealthy();
}

TEST_F(BadStore, ThatWasCutOffIsDamageAndIsNotWritten) {
  service_.reset();
  const std::string bytes = Bytes();
  for (size_t part : {1u, 2u, 3u}) {
    const std::string cut = bytes.substr(0, bytes.size() * part / 4 + 17);
    std::ofstream(Path(), std::ios::binary | std::ios::trunc) << cut;
    const auto opened = Service::Open(Url());
    const absl::Status status =
        opened.ok() ? (*opened)->Verify().status() : opened.status();
    EXPECT_FALSE(status.ok()) << part;
    EXPECT_FALSE(std::string(status.message()).empty());
    EXPECT_EQ(Bytes(), cut) << part;
  }
  std::ofstream(Path(), std::ios::binary | std::ios::trunc) << bytes;
  Reopen();
  EXPECT_EQ(Everything(), kept_);
}

TEST_F(BadStore, OfAnotherProgramIsRefusedAndLeftAlone) {
  const std::string path = (folder_ / "foreign.db").string();
  OtherUser(path).Run(
      "CREATE TABLE accounts(n); INSERT INTO accounts SELECT 1");
  EXPECT_THAT(Service::Open("sqlite:" + path),
              StatusIs(Code::kFailedPrecondition, "foreign.db"));
  ServiceOptions options;
  options.protocol = "catalogue:minimal";
  options.prototype = true;
  EXPECT_FALSE(Service::Create("sqlite:" + path, options, now_).ok());
  OtherUser(path).Run("SELECT n FROM accounts");
}

TEST_F(BadStore, OfANewerVersionIsRefusedAndLeftAlone) {
  service_.reset();
  OtherUser(Path()).Run("PRAGMA user_version = 1000000");
  EXPECT_THAT(Service::Open(Url()),
              StatusIs(Code::kFailedPrecondition, "newer"));
}

// The process may write no file beyond its present size: what the system says
// then is not "no space", but a write fails all the same.
TEST_F(BadStore, ThatCannotGrowLosesNothing) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    service_.reset();
    auto opened = Service::Open(Url());
    if (!opened.ok()) _exit(2);
    const rlimit limit = {4096, 4096};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(3);
    int refused = 0;
    for (int i = 0; i < 20; ++i) {
      const auto reply =
          (*opened)->Submit(Patient(absl::StrCat("full", i), kAnswers), now_);
      if (!reply.ok()) {
        if (!absl::IsUnavailable(reply.status())) _exit(4);
        ++refused;
      }
    }
    _exit(refused == 20 ? 0 : 5);
  }
  int ended = 0;
  waitpid(child, &ended, 0);
  EXPECT_EQ(ended, 0);
  Reopen();
  EXPECT_EQ(Everything(), kept_);
  EXPECT_FALSE(Do(Patient("full0", kAnswers)).repeated);
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
