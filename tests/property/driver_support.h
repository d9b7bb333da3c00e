// A service under random requests, with every check after every request.
#ifndef STEPWELL_TESTS_PROPERTY_DRIVER_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_DRIVER_SUPPORT_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "property/checks_support.h"
#include "property/dice.h"
#include "property/generator_support.h"
#include "property/ownership_support.h"
#include "store/store.h"

namespace stepwell::testing {

// In Driver::seen: cases that are whose they were after a leave.
inline constexpr char kKeptOverLeave[] = "kept over a leave";

// A policy gave a case in one command to one and then to another, because it
// had become too heavy for the first; a person gave somebody a case too many.
inline constexpr char kChosenAgain[] = "chosen again at its weight";
inline constexpr char kPassedLimit[] = "passed a limit";
// Of a case that is somebody's.
inline constexpr char kOtherWeight[] = "went over to another weight";

struct DriverOptions {
  std::string protocol = "icbt_base";
  uint32_t seed = 1;
  uint32_t service = 0;
  size_t persons = 12;
  bool calm = false;  // people mostly do what is wanted
  // Scans over all cases every so many requests.
  size_t scan_every = 200;
};

class Driver {
 public:
  Driver(const DriverOptions& options, std::unique_ptr<store::Store> store);

  // One request with its checks; "" or what is wrong.
  std::string Step();
  // The checks of the end: every case replayed, every index scanned.
  std::string Finish();

  // Seed, number and log of the case that was touched last.
  std::string Story();
  runtime::Runtime& runtime() { return *runtime_; }
  // What every request got, in order.
  const std::vector<std::string>& receipts() const { return receipts_; }
  // How often each event was recorded, and each code a rejection.
  const std::map<std::string, uint64_t>& seen() const { return seen_; }

 private:
  struct Sent {
    Request request;
    std::string receipt;
  };

  std::string Perform(const Request& request);
  std::string AfterCommand(const Request& request,
                           const runtime::Receipt& receipt);
  bool IsTooFarAhead(const Request& request);
  std::string AfterFailure(const Request& request, const absl::Status& status);
  // Whoever has registered a death: the person's case knows of it.
  std::string CheckDeath(const runtime::Receipt& receipt);
  bool IsSafe() const { return runtime_->service().safe_since.has_value(); }
  std::string CheckDue(Instant now);
  // Whoever goes on leave, or leaves the service, by this request.
  void NoteAbsence(const Request& request);
  std::string ByItself(const std::vector<engine::Event>& events);
  std::string CheckChanged(bool advance);
  // `alone`: no other case has changed.
  std::string CheckTouched(CaseId id, bool advance, bool alone = true);
  bool ComesToNobody(const protocol::Protocol& protocol,
                     const std::vector<engine::Event>& events);
  bool IsBeyondLimit(const engine::CaseState& before,
                     const engine::CaseState& after,
                     const protocol::Protocol& protocol,
                     const std::vector<engine::Event>& events);
  std::string Repeat();
  // The same command once more, at once: nothing changes.
  std::string SendAgain(const Request& request, const runtime::Receipt& first);
  std::string SendRepeated(const Request& request, const std::string& first);
  std::string RepeatChanged();
  std::string DecideTwice(const Request& request);
  std::string Fingerprint();

  DriverOptions options_;
  std::shared_ptr<const protocol::Protocol> protocol_;
  std::unique_ptr<runtime::Runtime> runtime_;
  Dice dice_;  // of the checks: apart from the generator's
  std::unique_ptr<Generator> generator_;
  std::vector<Sent> sent_;
  std::vector<std::string> receipts_;
  std::map<CaseId, CaseWatch> watches_;
  std::map<CaseId, engine::CaseState> folded_;  // from the log, as it grows
  OwnerWatch owners_;
  std::set<uint64_t> effects_;
  std::map<std::string, uint64_t> seen_;
  uint64_t steps_ = 0;
  CaseId touched_;
  std::string last_verb_;
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_DRIVER_SUPPORT_H_
