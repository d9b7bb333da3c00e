// The library's version through the C interface.
#include "stepwell/version.h"

#include <cstdint>
#include <string>

#include "stepwell.h"

int32_t stepwell_version_number(void) noexcept {
  return stepwell::VersionNumber();
}

const char* stepwell_build_info(void) noexcept {
  try {
    // Never destroyed: the pointer stays good while the process ends.
    static const std::string& text = *new std::string(stepwell::BuildInfo());
    return text.c_str();
  } catch (...) {
    return nullptr;
  }
}
