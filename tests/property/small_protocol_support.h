// Small services by chance: complete, and small enough that all that can be
// done to a case in a few steps can be done.
#ifndef STEPWELL_TESTS_PROPERTY_SMALL_PROTOCOL_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_SMALL_PROTOCOL_SUPPORT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "protocol/protocol.h"

namespace stepwell::testing {

struct SmallProtocol {
  std::string text;  // an overlay of minimal.json
  std::shared_ptr<const protocol::Protocol> protocol;
  int tried = 0;  // documents that the checker refused before this one
};
// The same for the same numbers.
SmallProtocol MakeSmallProtocol(uint32_t seed, uint32_t number);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_SMALL_PROTOCOL_SUPPORT_H_
