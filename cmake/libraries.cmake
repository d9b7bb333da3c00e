# stepwell::core, the static library for C++ users who build from source: the
# objects of all rooms in one archive.
add_library(stepwell_core STATIC)
add_library(stepwell::core ALIAS stepwell_core)
foreach(room ${STEPWELL_ROOMS})
  target_sources(stepwell_core PRIVATE $<TARGET_OBJECTS:stepwell_${room}>)
endforeach()
target_include_directories(stepwell_core PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_link_libraries(stepwell_core PUBLIC
  absl::status absl::statusor absl::strings absl::cord absl::time
  absl::flat_hash_map absl::flat_hash_set
  PRIVATE stepwell_sodium stepwell_re2 SQLite::SQLite3)
set_target_properties(stepwell_core PROPERTIES LINKER_LANGUAGE CXX)
