// Conformance data outside the repository: $STEPWELL_SHARED, default ../shared.
#ifndef STEPWELL_TESTS_SUPPORT_SHARED_DATA_H_
#define STEPWELL_TESTS_SUPPORT_SHARED_DATA_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace stepwell::testing {

inline std::filesystem::path SharedPath(const std::string& name) {
  const char* root = std::getenv("STEPWELL_SHARED");
  const std::filesystem::path base =
      root != nullptr
          ? std::filesystem::path(root)
          : std::filesystem::path(STEPWELL_SOURCE_DIR) / "../shared";
  return base / "data" / name;
}

inline std::string ReadFileText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace stepwell::testing

// Skips the test when the shared file is absent; fails instead when
// STEPWELL_REQUIRE_SHARED=1.
#define STEPWELL_NEEDS_SHARED(name)                                        \
  do {                                                                     \
    if (!std::filesystem::exists(::stepwell::testing::SharedPath(name))) { \
      const char* need = std::getenv("STEPWELL_REQUIRE_SHARED");           \
      if (need != nullptr && std::string(need) == "1") {                   \
        FAIL() << "shared data is required and absent: " << (name);        \
      }                                                                    \
      GTEST_SKIP() << "shared data is absent: " << (name);                 \
    }                                                                      \
  } while (false)

#endif  // STEPWELL_TESTS_SUPPORT_SHARED_DATA_H_
