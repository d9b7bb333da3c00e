// Internal to the simulator: a virtual patient. All that is random about a
// person is drawn from their own streams, so that the same person comes to
// every policy, however many others do.
#ifndef STEPWELL_SIM_PATIENT_H_
#define STEPWELL_SIM_PATIENT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "engine/types.h"
#include "sim/plan.h"

namespace stepwell::sim {

class Patient {
 public:
  Patient() = default;
  // `number` is the how-manieth person of the route.
  Patient(const Plan& plan, const RandomStream& random, uint32_t route_draw,
          uint32_t number);

  // A uniform number in (0, 1) of this person alone.
  double Draw(uint32_t purpose, uint32_t index) const {
    return UniformOpen(random_.Words(entity_, purpose, index));
  }

  // The answers to an instrument on its `occasion`-th time; `weeks` since the
  // treatment started.
  std::vector<engine::GivenAnswer> Answer(const Plan& plan,
                                          const Protocol& protocol,
                                          InstrumentRef instrument,
                                          uint32_t occasion,
                                          double weeks) const;

  // Left: does nothing of their own accord any more.
  bool has_left = false;
  bool dropped_out = false;  // left during the modules
  uint32_t messages = 0;
  bool message_planned = false;
  uint32_t appointments = 0;          // held or missed
  std::vector<uint32_t> occasions;    // responses, by instrument
  std::optional<Instant> started_at;  // of treatment

 private:
  double Total(const Plan& plan, const InstrumentAnswers& answers,
               uint32_t occasion, double weeks) const;
  int64_t ItemValue(const ItemAnswers& item, uint32_t occasion) const;
  void SpreadTotal(const Protocol& protocol, const InstrumentAnswers& answers,
                   uint32_t occasion, int64_t total,
                   std::vector<engine::GivenAnswer>& given) const;

  RandomStream random_;
  uint64_t entity_ = 0;
  double severity_ = 0;  // standard normal: common to all instruments
  const Trajectory::Class* kind_ = nullptr;  // into the plan; null = none
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_PATIENT_H_
