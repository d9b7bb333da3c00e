// The invented people of the demo: how patients and staff behave. What they do
// depends on their case id and the day alone, so every run is the same.
#ifndef STEPWELL_EXAMPLES_DEMO_PEOPLE_H_
#define STEPWELL_EXAMPLES_DEMO_PEOPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stepwell/service.h"

namespace demo {

// Sends commands and counts them; stops the program when one cannot be done.
class Clinic {
 public:
  Clinic(stepwell::Service& service, stepwell::Instant now)
      : service_(service), now_(now) {}

  stepwell::Instant now() const { return now_; }
  stepwell::Service& service() { return service_; }
  uint64_t commands() const { return commands_; }

  // `members` are JSON members after the id: "\"command\":...".
  stepwell::Reply Do(const std::string& members);
  stepwell::Reply Patient(const std::string& case_id,
                          const std::string& members);
  stepwell::Reply Staff(const std::string& who, const std::string& members);
  // Moves the clock and fires what is due on the way.
  void AdvanceTo(stepwell::Instant now);
  // The outside world delivers every message.
  void DeliverEffects();

 private:
  stepwell::Service& service_;
  stepwell::Instant now_;
  uint64_t commands_ = 0;
};

// One evening: patients do some of what their portal shows.
void LiveOneEvening(Clinic& clinic, const std::vector<std::string>& cases,
                    int day);
// One working day: staff go through their worklists.
void WorkOneDay(Clinic& clinic, int day);

// A number from 0 to n-1 that depends on the texts alone.
uint64_t Pick(const std::string& a, const std::string& b, uint64_t n);
[[noreturn]] void Stop(const std::string& what);

}  // namespace demo

#endif  // STEPWELL_EXAMPLES_DEMO_PEOPLE_H_
