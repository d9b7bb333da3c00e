# The two products, from the same objects.
set(room_objects)
foreach(room ${STEPWELL_ROOMS})
  list(APPEND room_objects $<TARGET_OBJECTS:stepwell_${room}>)
endforeach()

# stepwell::core, the static library for C++ users who build from source.
add_library(stepwell_core STATIC ${room_objects})
add_library(stepwell::core ALIAS stepwell_core)
target_include_directories(stepwell_core PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_link_libraries(stepwell_core PUBLIC
  absl::status absl::statusor absl::strings absl::cord absl::time
  absl::flat_hash_map absl::flat_hash_set
  PRIVATE stepwell_sodium stepwell_re2 SQLite::SQLite3)
set_target_properties(stepwell_core PROPERTIES LINKER_LANGUAGE CXX)

# libstepwell.so: the C interface and nothing else. What it is made of is
# linked privately, so its users need none of it to build.
file(GLOB capi_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/capi/*.cc)
set(map ${PROJECT_SOURCE_DIR}/capi/stepwell.map)
add_library(stepwell SHARED ${capi_sources} ${room_objects})
add_library(stepwell::stepwell ALIAS stepwell)
target_compile_definitions(stepwell PRIVATE STEPWELL_BUILDING)
target_include_directories(stepwell PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:include>)
target_link_libraries(stepwell PRIVATE stepwell_flags
  absl::status absl::statusor absl::strings absl::cord absl::time
  absl::flat_hash_map absl::flat_hash_set
  stepwell_sodium stepwell_re2 SQLite::SQLite3)
set_target_properties(stepwell PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION 0 LINK_DEPENDS ${map})
target_link_options(stepwell PRIVATE
  LINKER:--version-script=${map} LINKER:--exclude-libs,ALL)
# A sanitizer's functions come from the program.
if(NOT STEPWELL_SANITIZE AND NOT STEPWELL_FUZZ)
  target_link_options(stepwell PRIVATE LINKER:--no-undefined)
endif()
if(STEPWELL_PCH)
  target_precompile_headers(stepwell REUSE_FROM stepwell_pch)
endif()

# What stepwell_build_info tells. Versions are those built against.
math(EXPR version_number "${PROJECT_VERSION_MAJOR} * 1000000 + \
${PROJECT_VERSION_MINOR} * 1000 + ${PROJECT_VERSION_PATCH}")
set(version_source ${PROJECT_SOURCE_DIR}/src/host/version.cc)
set_source_files_properties(${version_source} PROPERTIES
  SKIP_PRECOMPILE_HEADERS ON)
set_property(SOURCE ${version_source} PROPERTY COMPILE_DEFINITIONS
  STEPWELL_BUILD_VERSION="${PROJECT_VERSION}"
  STEPWELL_BUILD_VERSION_NUMBER=${version_number}
  STEPWELL_BUILD_TYPE="${CMAKE_BUILD_TYPE}"
  STEPWELL_BUILD_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
  STEPWELL_BUILD_ABSEIL="${absl_VERSION}"
  STEPWELL_BUILD_BOOST="${Boost_VERSION}"
  STEPWELL_BUILD_SODIUM="${SODIUM_VERSION}"  # RE2 tells no version
  STEPWELL_BUILD_SQLITE="${SQLite3_VERSION}")
