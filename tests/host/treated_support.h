// A small service whose cases are treated: referred, asked, seen, discharged,
// corrected.
#ifndef STEPWELL_TESTS_HOST_TREATED_SUPPORT_H_
#define STEPWELL_TESTS_HOST_TREATED_SUPPORT_H_

#include <random>
#include <string>
#include <vector>

#include "host/host_support.h"

namespace stepwell::host {

class TreatedService : public HostTest {
 protected:
  void SetUp() override;

  std::string Id() { return "c" + std::to_string(++commands_); }
  void Later(int days);

  // A new person's case.
  std::string Refer(const std::string& route = "self");
  // Answers that add up to `points`.
  void Answer(const std::string& id, const std::string& instrument, int points,
              const std::string& response = "");
  std::string OfStaff(const std::string& id, const std::string& members);
  void Staff(const std::string& id, const std::string& members) {
    Do(OfStaff(id, members));
  }
  void Work(const std::string& id, const std::string& item,
            const std::string& more = "");
  void Session(const std::string& id, const std::string& more);
  // From referral to discharge with two contacts and both scores.
  std::string Treat(int phq9, int gad7, int phq9_last, int gad7_last,
                    const std::string& route = "self", int wait = 7) {
    return Finish(Refer(route), phq9, gad7, phq9_last, gad7_last, wait);
  }
  std::string Finish(const std::string& id, int phq9, int gad7, int phq9_last,
                     int gad7_last, int wait = 7);
  // The seq of the last event of the case with this name.
  uint64_t SeqOf(const std::string& id, const std::string& event);

  // Something that patients or staff do, corrections among it; what is refused
  // is part of the game.
  void RandomStep(std::mt19937& dice);

  int commands_ = 0, people_ = 0;
  std::vector<std::string> cases_;  // of random steps
};

}  // namespace stepwell::host

#endif  // STEPWELL_TESTS_HOST_TREATED_SUPPORT_H_
