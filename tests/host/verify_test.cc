// What is derived from the log and changed behind the library's back is found.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

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

}  // namespace
}  // namespace stepwell::host
