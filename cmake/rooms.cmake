# stepwell_room(NAME LINK targets...): the static library of src/NAME. Rooms
# see src/ and include/; whom they may include is tools/rooms.txt's business.
set(STEPWELL_ROOMS "" CACHE INTERNAL "")

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
    target_precompile_headers(stepwell_${name} PRIVATE
      <string> <vector> <optional> <string_view> <absl/status/statusor.h>
      <absl/strings/str_cat.h> <absl/container/flat_hash_map.h>)
  endif()
  set(STEPWELL_ROOMS ${STEPWELL_ROOMS} ${name} CACHE INTERNAL "")
endfunction()
