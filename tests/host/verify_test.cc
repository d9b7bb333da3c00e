// What is derived from the log and changed behind the library's back is found.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/service_stream.h"
#include "host/host_support.h"
#include "support/matchers.h"
#include "wire/record.h"

namespace stepwell::host {
namespace {

struct Damage {
  const char* name;
  const char* sql;
  const char* found;  // in the difference that is told
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

class DerivedRows : public HostTest,
                    public ::testing::WithParamInterface<Damage> {};

TEST_P(DerivedRows, AreComparedWithTheLog) {
  Begin();
  Do(Patient("a1", R"("response_id":"x","answers":[1,1,1,1,1,1,1,1,1])"));
  EXPECT_OK(Try(
      R"({"id":"q1","command":"receive_message","actor":{"role":"patient"},)"
      R"("person":{"system":"urn:clinic","value":"nobody"},)"
      R"("message_id":"m","text":"hello"})"));
  now_.us += 16 * 60'000'000LL;
  ASSERT_OK(service_->Advance(now_, {}));
  ExpectHealthy();
  service_.reset();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(Path().c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, GetParam().sql, nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(db);
  EXPECT_GE(sqlite3_changes(db), 1) << "nothing was damaged";
  sqlite3_close(db);
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  ASSERT_OK_AND_ASSIGN(const Verification proof, service_->Verify());
  EXPECT_NE(ToJson(proof).find(GetParam().found), std::string::npos)
      << ToJson(proof);
}

INSTANTIATE_TEST_SUITE_P(
    Of, DerivedRows,
    ::testing::Values(
        Damage{"ADeadlineThatIsGone",
               "DELETE FROM clock WHERE stream_kind = 1 AND clock ="
               " (SELECT MAX(clock) FROM clock WHERE stream_kind = 1)",
               "the deadlines differ"},
        Damage{"ADeadlineThatMoved",
               "UPDATE clock SET due = due + 1 WHERE stream_kind = 1",
               "the deadlines differ"},
        Damage{"ADeadlineOfParkedInput",
               "UPDATE clock SET due = due + 1 WHERE stream_kind = 3",
               "service 0000000000001: the deadlines differ"},
        Damage{"AWorkLine", "UPDATE work SET rank = rank - 1", "the worklist"},
        Damage{"AnEffectThatIsGone", "DELETE FROM outbox",
               "is not offered as the log asks"},
        Damage{"AnEffectThatSaysOther",
               "UPDATE outbox SET valid_until = valid_until - 1",
               "for which no case waits"},
        Damage{"AnEffectThatNobodyAskedFor",
               "INSERT INTO outbox SELECT position + 100, effect + 1,"
               " stream_kind, stream, valid_until, payload FROM outbox;"
               " UPDATE sqlite_sequence SET seq = 1000",
               "for which no case waits"},
        Damage{"ACounter",
               "UPDATE counter SET value = value + 1"
               " WHERE name = 'referrals/in'",
               "the counter referrals/in"},
        Damage{"ACounterThatIsGone",
               "DELETE FROM counter WHERE name = 'alerts/open'",
               "the counter alerts/open is missing"},
        Damage{"AStateRow",
               "UPDATE stream SET state = CAST(state || x'00' AS BLOB)"
               " WHERE stream_kind = 1",
               "replay differs"}),
    [](const auto& test) { return std::string(test.param.name); });

class OlderStore : public HostTest {
 protected:
  // A row of the service's own stream, `change`d.
  template <class Change>
  void Rewrite(const char* select, const char* update, const Change& change) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(Path().c_str(), &db), SQLITE_OK);
    sqlite3_stmt *rows = nullptr, *write = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db, select, -1, &rows, nullptr), SQLITE_OK);
    ASSERT_EQ(sqlite3_prepare_v2(db, update, -1, &write, nullptr), SQLITE_OK);
    std::vector<std::pair<int64_t, std::string>> changed;
    while (sqlite3_step(rows) == SQLITE_ROW) {
      const std::string bytes(
          static_cast<const char*>(sqlite3_column_blob(rows, 1)),
          static_cast<size_t>(sqlite3_column_bytes(rows, 1)));
      changed.emplace_back(sqlite3_column_int64(rows, 0), change(bytes));
    }
    sqlite3_finalize(rows);
    EXPECT_FALSE(changed.empty());
    for (const auto& [seq, bytes] : changed) {
      sqlite3_bind_blob(write, 1, bytes.data(), static_cast<int>(bytes.size()),
                        SQLITE_STATIC);
      sqlite3_bind_int64(write, 2, seq);
      EXPECT_EQ(sqlite3_step(write), SQLITE_DONE) << sqlite3_errmsg(db);
      sqlite3_reset(write);
    }
    sqlite3_finalize(write);
    sqlite3_close(db);
  }

  Reply Switch(const std::string& id, bool on) {
    return Do(absl::StrCat(
        R"({"id":")", id, R"(","command":"set_safe_mode","on":)",
        on ? "true" : "false", R"(,"actor":{"role":"staff","staff":"anna"},)",
        R"("reason":"wrong texts"})"));
  }
};

// There was a time when the event of a switch said neither by whom nor why, and
// the row of the service kept nothing of it.
TEST_F(OlderStore, OfSwitchesThatDoNotSayByWhomIsWhatItsLogGives) {
  Begin();
  Switch("on", true);
  Switch("off", false);
  service_.reset();
  Rewrite("SELECT seq, bytes FROM record WHERE stream_kind = 3",
          "UPDATE record SET bytes = ?1 WHERE stream_kind = 3 AND seq = ?2",
          [](const std::string& bytes) {
            auto event = wire::DecodeServiceEvent(bytes);
            EXPECT_OK(event);
            auto* set = std::get_if<engine::SafeModeSet>(&event->body);
            if (set != nullptr) set->by = set->reason = "";
            return wire::EncodeEvent(*event);
          });
  Rewrite("SELECT stream, state FROM stream WHERE stream_kind = 3",
          "UPDATE stream SET state = ?1 WHERE stream_kind = 3 AND stream = ?2",
          [](const std::string& bytes) {
            auto state = wire::DecodeServiceState(bytes);
            EXPECT_OK(state);
            state->safe_on.reset();
            state->safe_off.reset();
            return wire::EncodeState(*state);
          });
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  ExpectHealthy();
  // And goes on being so with what is written from now on.
  Switch("on again", true);
  ExpectHealthy();
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  ASSERT_TRUE(health.safe_on.has_value());
  EXPECT_EQ(health.safe_on->by, "anna");
  EXPECT_FALSE(health.safe_off.has_value());
}

}  // namespace
}  // namespace stepwell::host
