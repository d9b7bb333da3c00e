# stepwell_room(NAME LINK targets...): the static library of src/NAME. Rooms
# see src/ and include/; whom they may include is tools/rooms.txt's business.
set(STEPWELL_ROOMS "" CACHE INTERNAL "")

# stepwell_precompile(TARGET headers...): TARGET's precompiled header, with a
# checksum of what it holds for ccache. Its own bytes differ from folder to
# folder, so that without the checksum every clone compiles everything anew.
# Where the compiler cannot say what it holds, ccache reads the bytes.
function(stepwell_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(NOT STEPWELL_CCACHE)
    return()
  endif()
  list(TRANSFORM ARGN PREPEND "#include " OUTPUT_VARIABLE includes)
  list(JOIN includes "\n" includes)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir)
  file(WRITE ${folder}/pch_content.cc "${includes}\n")
  execute_process(
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -E -P -dD pch_content.cc
    WORKING_DIRECTORY ${folder} RESULT_VARIABLE failed
    OUTPUT_VARIABLE content ERROR_QUIET)
  if(failed)
    file(REMOVE ${folder}/cmake_pch.hxx.gch.sum)
  else()
    string(SHA256 sum "${target} ${CMAKE_BUILD_TYPE} ${content}")
    file(WRITE ${folder}/cmake_pch.hxx.gch.sum "${sum}\n")
  endif()
endfunction()

# One precompiled header for all rooms: what nearly every source includes.
if(STEPWELL_PCH)
  add_library(stepwell_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(stepwell_pch PRIVATE stepwell_flags absl::statusor
                        absl::strings absl::flat_hash_map)
  stepwell_precompile(stepwell_pch
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
