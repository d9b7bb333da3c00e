// What a simulation did, done again: its log folded, and its commands submitted
// to a live service at their times, give the same cases.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "engine/apply.h"
#include "host/course_book.h"
#include "host/line_rows.h"
#include "host/lines.h"
#include "metrics/log_courses.h"
#include "runtime/runtime.h"
#include "sim/sim_support.h"
#include "store/store.h"
#include "support/matchers.h"
#include "wire/record.h"

namespace stepwell::sim {
namespace {

// Keeps the log of every case as bytes, and the last state.
struct LogKeeper : Observer {
  struct Kept {
    std::vector<std::string> records;
    engine::CaseState state;
  };
  absl::flat_hash_map<CaseId, Kept> cases;

  void Decided(const engine::Command&, Instant,
               std::span<const engine::Event> events,
               const engine::CaseState& state) override {
    Kept& kept = cases[state.id];
    for (const engine::Event& event : events) {
      kept.records.push_back(wire::EncodeEvent(event));
    }
    kept.state = state;
  }
};

// Submits what it is told to a live service on a memory store.
class LiveTwin : public Observer {
 public:
  LiveTwin(std::shared_ptr<const Protocol> protocol, const Plan& plan)
      : plan_(plan), protocol_(protocol) {
    auto store = store::OpenStore("memory:", store::OpenMode::kCreate);
    EXPECT_TRUE(store.ok());
    auto runtime = runtime::Runtime::Create(*std::move(store), "simulation",
                                            std::move(protocol), plan.start);
    EXPECT_TRUE(runtime.ok());
    runtime_ = *std::move(runtime);
    book_ = std::make_unique<host::CourseBook>(*runtime_);
    for (uint32_t m = 0; m < plan.staff.size(); ++m) AddMember(m);
    for (const Arrivals& arrivals : plan.arrivals) {
      for (uint32_t n = 0; n < 20'000; ++n) {
        const std::string name = absl::StrCat(arrivals.id, "/", n);
        names_[PersonId(DeriveId("person", "sim", name))] = name;
      }
    }
  }

  void Decided(const engine::Command& command, Instant now,
               std::span<const engine::Event> events,
               const engine::CaseState& state) override {
    ids_.insert(state.id);
    for (const engine::Event& event : events) {
      courses_[state.id].Take(event, *protocol_);
    }
    last_[state.id] = wire::EncodeState(state);
    if (++commands_ % 2000 == 0) ReadOn();
    // A live host advances all the time; up to here nothing is due.
    if (now - advanced_ > Hours(12)) {
      advanced_ = now - Microseconds(1);
      const auto quiet = runtime_->Advance(advanced_, {});
      ASSERT_TRUE(quiet.ok()) << quiet.status();
      ASSERT_EQ(quiet->fired, 0u);
    }
    if (std::get_if<engine::FireClock>(&command.body) != nullptr) {
      // All clocks of an instant fire at once.
      const auto advanced = runtime_->Advance(now, {});
      ASSERT_TRUE(advanced.ok()) << advanced.status();
      ASSERT_TRUE(advanced->failed.empty()) << advanced->failed[0];
    } else if (const auto* referral =
                   std::get_if<engine::ReceiveReferral>(&command.body)) {
      Refer(command, *referral, now);
    } else {
      Check(runtime_->SubmitToCase(command, now), command);
    }
  }

  size_t cases() const { return ids_.size(); }
  uint64_t commands() const { return commands_; }

  // What measures are made of: as the simulated events came, and from the live
  // log, part by part and all anew.
  void CompareCourses() {
    host::CourseBook anew(*runtime_);
    for (host::CourseBook* book : {book_.get(), &anew}) {
      size_t seen = 0;
      const auto same = [&](CaseId id, const host::CaseCourse& known) {
        ++seen;
        EXPECT_EQ(known.course, courses_[id]) << IdToText(id.value);
        EXPECT_EQ(metrics::CoursesOf(known.course, *known.protocol, {}),
                  metrics::CoursesOf(courses_[id], *protocol_, {}));
        return absl::OkStatus();
      };
      ASSERT_TRUE(book->ForEach(std::nullopt, same).ok());
      ASSERT_EQ(seen, courses_.size());
    }
  }

  // Overdue is one fact: the figures of the simulation, the lines that the live
  // log has had, and the worklists of the live service say the same.
  void CompareOverdue(const Replication& run) {
    const auto measured = [this](Instant at) {
      return plan_.from <= at && at < plan_.to;
    };
    std::map<std::string, std::pair<double, double>> counted;  // late, all
    std::set<std::pair<uint64_t, uint64_t>> late_now, listed;
    const auto take = [&](CaseId id, const std::vector<host::LineRow>& lines) {
      for (const host::LineRow& line : lines) {
        const service::LineDeadlines& known = line.deadlines;
        if (!line.ended && service::IsOverdue(known.due, plan_.to)) {
          late_now.insert({id.value, KeyOf(line)});
        }
        const bool late = known.WasOverdue();
        if (!late && (!line.ended || known.due.IsNever())) continue;
        if (!measured(late ? known.overdue_from : line.ended->recorded)) {
          continue;
        }
        for (const char* stratum : {"all", host::KindName(line.kind)}) {
          counted[stratum].first += late ? 1 : 0;
          counted[stratum].second += 1;
        }
      }
    };
    ASSERT_OK(
        host::ForEachCaseLines(*runtime_, Instant::Never(), plan_.to, take));
    EXPECT_GT(counted["all"].first, 10);
    const double weeks =
        static_cast<double>((plan_.to - plan_.from).us) / Hours(7 * 24).us;
    for (const Figure& figure : run.figures) {
      if (figure.name != "overdue" || figure.stratum.find("team") == 0) {
        continue;
      }
      const auto [late, all] = counted[figure.stratum];
      if (figure.statistic == "per_week") {
        EXPECT_NEAR(*figure.value, late / weeks, 1e-9) << figure.stratum;
      } else if (all > 0) {
        EXPECT_NEAR(*figure.value, late / all, 1e-9) << figure.stratum;
      } else {
        EXPECT_FALSE(figure.value.has_value()) << figure.stratum;
      }
    }
    store::WorkScan scan;
    scan.kinds = host::kWorkKinds;
    scan.due_before = plan_.to;
    scan.limit = 1'000'000;
    const auto lines = runtime_->store().ScanWork(scan);
    ASSERT_OK(lines);
    for (const store::WorkLine& line : *lines) {
      listed.insert({line.stream.id, line.row.key});
    }
    EXPECT_GT(listed.size(), 0u);
    EXPECT_EQ(listed, late_now);
  }

  // Cases whose live state is not that of the simulation.
  int Differences() {
    int differences = 0;
    for (const CaseId id : ids_) {
      const auto loaded = runtime_->LoadCase(id);
      const bool same =
          loaded.ok() && wire::EncodeState(*loaded->state) == last_[id];
      if (!same && ++differences <= 3) {
        ADD_FAILURE() << "case " << IdToText(id.value) << " is another";
      }
    }
    return differences;
  }

 private:
  // The book takes what has come since it was read last.
  void ReadOn() {
    const auto read = [](CaseId, const host::CaseCourse&) {
      return absl::OkStatus();
    };
    ASSERT_TRUE(book_->ForEach(std::nullopt, read).ok());
  }

  static uint64_t KeyOf(const host::LineRow& line) {
    using service::WorkKind;
    const bool is_item =
        line.kind != WorkKind::kAlert && line.kind != WorkKind::kMessage;
    return service::WorkKey(is_item ? WorkKind::kItem : line.kind,
                            line.ordinal);
  }

  void AddMember(uint32_t m) {
    const Member& member = plan_.staff[m];
    engine::StaffState staff;
    staff.reference = member.id;
    for (const PoolId pool : member.pools) {
      staff.pools.push_back(runtime_->current()->at(pool).id);
    }
    engine::Envelope envelope;
    envelope.command_id = "staff/" + member.id;
    EXPECT_TRUE(runtime_->AddStaff(envelope, staff, plan_.start).ok());
    int number = 0;
    for (const Member::Leave& leave : member.leave) {
      envelope.command_id = absl::StrCat("leave/", member.id, "/", ++number);
      EXPECT_TRUE(runtime_
                      ->SetLeave(envelope, StaffId(m + 1),
                                 {leave.from, leave.to}, plan_.start)
                      .ok());
    }
  }

  void Refer(const engine::Command& command,
             const engine::ReceiveReferral& referral, Instant now) {
    runtime::RegisterPerson person;
    person.identifiers = {{"sim", names_[referral.person]}};
    person.envelope.command_id = "person/" + names_[referral.person];
    ASSERT_TRUE(runtime_->Register(person, now).ok());
    runtime::NewReferral refer;
    refer.envelope = command.envelope;
    refer.person = referral.person;
    refer.referral = referral.referral;
    const protocol::Protocol& protocol = *runtime_->current();
    refer.route = protocol.at(referral.referral.route).id;
    for (const engine::ConsentState& consent : referral.consents) {
      refer.consents.push_back(
          {protocol.purposes[consent.purpose.value], consent.given});
    }
    Check(runtime_->Refer(refer, now), command);
  }

  void Check(const absl::StatusOr<runtime::Receipt>& receipt,
             const engine::Command& command) {
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    ASSERT_EQ(receipt->kind, runtime::ReceiptKind::kAccepted)
        << command.envelope.command_id << ": " << receipt->reason;
  }

  const Plan& plan_;
  const std::shared_ptr<const Protocol> protocol_;
  std::unique_ptr<runtime::Runtime> runtime_;
  std::unique_ptr<host::CourseBook> book_;
  absl::flat_hash_map<CaseId, metrics::Course> courses_;
  absl::flat_hash_map<PersonId, std::string> names_;
  absl::flat_hash_map<CaseId, std::string> last_;
  std::set<CaseId> ids_;
  uint64_t commands_ = 0;
  Instant advanced_;
};

// A third more people than the staff can take, and a leave: overdue work and
// escalations happen too. Simulated staff and patients do only what the rules
// allow: nothing of it is ever rejected.
const Settings kBusy = {{"arrivals.self.per_year", "2000"},
                        {"staff.therapist_2.leave",
                         R"([{"from": "2025-10-01", "to": "2025-11-01"}])"}};

TEST(Replay, LogsFoldToTheStatesOfTheSimulation) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden", kBusy);
  ASSERT_NE(loaded.plan, nullptr);
  const uint64_t wanted =
      CountFrom("STEPWELL_SIM_CASES", IsLong() ? 10'000 : 1);
  uint64_t cases = 0;
  for (uint32_t r = 0; cases < wanted; ++r) {
    LogKeeper keeper;
    SimulatorOptions options;
    options.random = {7, r};
    options.observer = &keeper;
    const auto run = Simulator(*loaded.protocol, *loaded.plan, options).Run();
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run->rejections, 0u);
    for (const auto& [id, kept] : keeper.cases) {
      engine::CaseState folded;
      for (const std::string& record : kept.records) {
        const auto event = wire::DecodeEvent(record);
        ASSERT_TRUE(event.ok()) << event.status();
        engine::Apply(*event, folded);
      }
      ASSERT_EQ(folded, kept.state) << IdToText(id.value);
    }
    cases += keeper.cases.size();
  }
  RecordProperty("cases", static_cast<int>(cases));
  std::printf("cases folded: %llu\n", static_cast<unsigned long long>(cases));
}

TEST(Replay, CommandsGiveTheSameCasesInALiveService) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden", kBusy);
  ASSERT_NE(loaded.plan, nullptr);
  const uint64_t wanted =
      CountFrom("STEPWELL_SIM_CASES", IsLong() ? 10'000 : 1);
  uint64_t cases = 0, commands = 0;
  for (uint32_t r = 0; cases < wanted; ++r) {
    LiveTwin twin(loaded.protocol, *loaded.plan);
    SimulatorOptions options;
    options.random = {8, r};
    options.observer = &twin;
    // A live service takes no id of a simulation.
    options.id_prefix = "";
    const auto run = Simulator(*loaded.protocol, *loaded.plan, options).Run();
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run->rejections, 0u);
    EXPECT_EQ(twin.Differences(), 0);
    twin.CompareCourses();
    twin.CompareOverdue(*run);
    cases += twin.cases();
    commands += twin.commands();
  }
  std::printf("cases replayed: %llu, commands: %llu\n",
              static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(commands));
}

}  // namespace
}  // namespace stepwell::sim
