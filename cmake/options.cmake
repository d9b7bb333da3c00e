# Compiler options and dependencies. Debian 12's versions are the oldest
# supported ones.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE
   AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(STEPWELL_CCACHE ccache)
if(STEPWELL_CCACHE AND PROJECT_IS_TOP_LEVEL)
  # Precompiled headers need the sloppiness to be cached at all; without the
  # folder in the key, clones share what they compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
      CCACHE_PCH_EXTSUM=1
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${STEPWELL_CCACHE})
endif()

find_package(Boost 1.81 REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
add_library(stepwell_sodium ALIAS PkgConfig::SODIUM)
add_library(stepwell_re2 ALIAS PkgConfig::RE2)

# Flags of every target of ours. No -march and no contraction of
# floating-point operations: the same input gives the same bytes everywhere.
add_library(stepwell_flags INTERFACE)
target_compile_options(stepwell_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -ffp-contract=off -pthread
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>
  # gcc 12 sees overlapping copies in std::string's operator+ (gcc bug 105651).
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>)
# A compiler newer than ours may warn of more: only those who work on Stepwell
# are stopped by it. Optimised, gcc 12 also sees accesses that no path makes.
if((STEPWELL_DEV OR STEPWELL_FUZZ) AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(stepwell_flags INTERFACE -Werror)
endif()
if(STEPWELL_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Release")
  # Wrong where instrumentation or inlining hides the check before the use.
  target_compile_options(stepwell_flags INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
endif()
if(STEPWELL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(STEPWELL_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(STEPWELL_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
