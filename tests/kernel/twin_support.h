// The same commands to a service and to the kernel, side by side.
#ifndef STEPWELL_TESTS_KERNEL_TWIN_SUPPORT_H_
#define STEPWELL_TESTS_KERNEL_TWIN_SUPPORT_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "stepwell/kernel.h"
#include "stepwell/service.h"
#include "store/store.h"

namespace stepwell::testing {

// A host that keeps one case by itself: rows in maps, clocks fired by hand.
class Keeper {
 public:
  explicit Keeper(const std::string& protocol);
  // Decides and keeps; the reply as JSON.
  std::string Submit(const std::string& command, Instant now);
  void Advance(Instant now);

  std::shared_ptr<const Protocol> protocol;
  KernelWorld world;
  std::string state, case_id;
  std::vector<std::string> records;
  std::map<uint64_t, Instant> clocks;
  std::map<std::string, std::string> work;  // key -> line
  std::set<std::string> outbox;
  std::map<std::string, int64_t> counters;
  std::vector<std::string> outputs;  // the JSON of every decision

 private:
  void Keep(const KernelDecision& decision);
};

class Twins {
 public:
  explicit Twins(const std::string& protocol);
  ~Twins();
  // `members` of the command without id; both must reply the same.
  void Staff(const std::string& who, const std::string& members);
  void Patient(const std::string& members);
  void Host(const std::string& members);
  void Register();
  // News of the person by this role, whose replies differ: a service has the
  // person to tell of, the kernel the case.
  void Tell(const std::string& role, const std::string& members);
  // Takes back the first event of this name.
  void VoidFirst(const std::string& event);
  void AddStaff(const std::string& who, const std::string& pool);
  void AdvanceTo(const std::string& time);
  void Wait(Duration time);
  // Records, state, deadlines, worklist, outbox and counters are alike.
  void ExpectAlike();

  Keeper keeper;
  Instant now;

 private:
  std::string Command(const std::string& actor, const std::string& members);
  void Both(const std::string& actor, const std::string& members);
  std::string path_;
  std::unique_ptr<Service> service_;
  int commands_ = 0;
};

// From self-referral to discharge with a risk alert, a void and a pause.
void PlayWholeCase(Twins& twins);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_KERNEL_TWIN_SUPPORT_H_
