# stepwell_room(NAME LINK targets...): the static library of src/NAME. Rooms
# see src/ and include/; whom they may include is tools/rooms.txt's business.
set(STEPWELL_ROOMS "" CACHE INTERNAL "")

# One precompiled header for all rooms: what nearly every source includes.
if(STEPWELL_PCH)
  add_library(stepwell_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(stepwell_pch PRIVATE stepwell_flags absl::statusor
                        absl::strings absl::flat_hash_map)
  target_precompile_headers(stepwell_pch PRIVATE
    <algorithm> <cstdint> <functional> <map> <memory> <optional> <span>
    <string> <string_view> <variant> <vector>
    <absl/status/status.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/container/flat_hash_map.h>)
endif()

function(stepwell_room name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc)
  if(NOT sources)
    add_library(stepwell_${name} INTERFACE)
    target_link_libraries(stepwell_${name} INTERFACE ${ARG_LINK})
    return()
  endif()
  add_library(stepwell_${name} STATIC ${sources})
  target_include_directories(stepwell_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(stepwell_${name} PUBLIC ${ARG_LINK}
                        PRIVATE stepwell_flags)
  if(STEPWELL_PCH)
    target_precompile_headers(stepwell_${name} REUSE_FROM stepwell_pch)
  endif()
  set(STEPWELL_ROOMS ${STEPWELL_ROOMS} ${name} CACHE INTERNAL "")
endfunction()
