# One test program a folder: tests/ROOM/*_test.cc -> ROOM_test, which links its
# own room; a folder that is no room links everything. A folder may add tests
# of other kinds in its tests.cmake. Benchmarks likewise: bench/ROOM_bench.cc.
enable_testing()
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(GoogleTest)

# Folders that are no room and need less than everything.
set(STEPWELL_TESTS_OF_property stepwell_runtime)
set(STEPWELL_TESTS_OF_agreement stepwell_fhir)
set(STEPWELL_TESTS_OF_guard stepwell_engine)
set(STEPWELL_TESTS_OF_sim stepwell_host)

# Folders whose tests have a big count that `./dev long` asks for.
set(STEPWELL_LONG_TESTS property crash sim migration)

if(STEPWELL_PCH)
  add_library(stepwell_test_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(stepwell_test_pch PRIVATE stepwell_flags GTest::gmock
                        absl::statusor absl::strings absl::flat_hash_map)
  # The same code model as the programs that use it.
  set_target_properties(stepwell_test_pch PROPERTIES
                        POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(stepwell_test_pch PRIVATE -fPIE)
  stepwell_precompile(stepwell_test_pch
    <algorithm> <cstdint> <functional> <map> <memory> <optional> <span>
    <string> <string_view> <variant> <vector>
    <absl/status/status.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/container/flat_hash_map.h> <gmock/gmock.h> <gtest/gtest.h>)
endif()

function(stepwell_program name room)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(DEFINED STEPWELL_TESTS_OF_${room})
    target_link_libraries(${name} PRIVATE ${STEPWELL_TESTS_OF_${room}})
  elseif(TARGET stepwell_${room})
    target_link_libraries(${name} PRIVATE stepwell_${room})
  else()
    target_link_libraries(${name} PRIVATE stepwell_host)
  endif()
  target_link_libraries(${name} PRIVATE stepwell_flags)
  # Tests run at the top of the tree and name its files from there: a path of
  # this machine in the objects would make every clone compile them anew.
  target_compile_definitions(${name} PRIVATE STEPWELL_SOURCE_DIR=".")
endfunction()

# stepwell_python_test(NAME SCRIPT ARGUMENTS...): a script as a CTest.
function(stepwell_python_test name script)
  add_test(NAME ${name}
           COMMAND ${Python3_EXECUTABLE} -B ${script} ${ARGN}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  string(REGEX REPLACE "[.].*" "" label ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${label})
endfunction()

file(GLOB test_dirs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*)
foreach(dir ${test_dirs})
  get_filename_component(name ${dir} NAME)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*_test.cc)
  file(GLOB support CONFIGURE_DEPENDS ${dir}/*_support.cc)
  if(name STREQUAL "capi")  # sees the shared library only: its tests.cmake
    set(sources)
  endif()
  if(sources)
    stepwell_program(${name}_test ${name} ${sources} ${support})
    target_link_libraries(${name}_test PRIVATE GTest::gmock GTest::gtest_main)
    if(STEPWELL_PCH)
      target_precompile_headers(${name}_test REUSE_FROM stepwell_test_pch)
    endif()
    set(label ${name})
    if(name IN_LIST STEPWELL_LONG_TESTS)
      set(label long)
    endif()
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST
                         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                         PROPERTIES LABELS ${label})
  endif()
  if(EXISTS ${dir}/tests.cmake)
    include(${dir}/tests.cmake)
  endif()
endforeach()

file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*_bench.cc)
foreach(source ${benches})
  get_filename_component(name ${source} NAME_WE)
  string(REPLACE "_bench" "" room ${name})
  stepwell_program(${name} ${room} ${source})
  target_link_libraries(${name} PRIVATE benchmark::benchmark_main)
  if(room STREQUAL "capi")  # C++ and C side by side
    target_link_libraries(${name} PRIVATE stepwell)
  endif()
endforeach()

include(cmake/headers.cmake)
