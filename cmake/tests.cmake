# One test program a folder: tests/ROOM/*_test.cc -> ROOM_test, which links its
# own room; a folder that is no room links everything. Benchmarks likewise:
# bench/ROOM_bench.cc.
enable_testing()
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
include(GoogleTest)

function(stepwell_program name room)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(TARGET stepwell_${room})
    target_link_libraries(${name} PRIVATE stepwell_${room})
  else()
    target_link_libraries(${name} PRIVATE stepwell_host)
  endif()
  target_link_libraries(${name} PRIVATE stepwell_flags)
  target_compile_definitions(${name} PRIVATE
    STEPWELL_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    STEPWELL_BINARY_DIR="${PROJECT_BINARY_DIR}")
endfunction()

file(GLOB test_dirs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*)
foreach(dir ${test_dirs})
  get_filename_component(name ${dir} NAME)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*_test.cc)
  file(GLOB support CONFIGURE_DEPENDS ${dir}/*_support.cc)
  if(sources)
    stepwell_program(${name}_test ${name} ${sources} ${support})
    target_link_libraries(${name}_test PRIVATE GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST
                         PROPERTIES LABELS ${name})
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
endforeach()
