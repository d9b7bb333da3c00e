# The scenarios; and the same calls from C and Python and by the command line.
target_sources(doors_test PRIVATE
  ${PROJECT_SOURCE_DIR}/tests/scenarios/files_support.cc)

add_executable(doors_calls ${CMAKE_CURRENT_LIST_DIR}/calls.c)
target_include_directories(doors_calls PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(doors_calls PRIVATE -Wall -Wextra -Werror)
set_target_properties(doors_calls PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF)
target_link_libraries(doors_calls PRIVATE stepwell)

if(NOT STEPWELL_SANITIZE)  # a plain Python could not load that library
  stepwell_python_test(doors.CPythonAndTheCommandLineComeToTheSameStates
                       ${CMAKE_CURRENT_LIST_DIR}/doors_test.py
                       ${PROJECT_BINARY_DIR})
endif()
