// Internal to the simulator: numbers as text for people.
#ifndef STEPWELL_SIM_TEXT_H_
#define STEPWELL_SIM_TEXT_H_

#include <string>

namespace stepwell::sim {

// With so many decimals; the same text on any machine.
std::string Fixed(double value, int decimals);

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_TEXT_H_
