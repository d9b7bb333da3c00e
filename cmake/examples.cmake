# Examples see public headers only. The demo: examples/demo; the tutorial's:
# examples/first_case, host_loop, own_tables.
function(stepwell_example name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE stepwell::core stepwell_flags)
endfunction()
# In C, through the shared library like any user of it.
function(stepwell_c_example name)
  add_executable(${name} ${ARGN})
  target_compile_options(${name} PRIVATE
                         -pedantic-errors -Wall -Wextra -Werror)
  set_target_properties(${name} PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF
                        LINKER_LANGUAGE C)
  target_link_libraries(${name} PRIVATE stepwell::stepwell)
endfunction()

stepwell_example(stepwell_demo examples/demo/demo.cc examples/demo/people.cc)
target_include_directories(stepwell_demo PRIVATE
                           ${PROJECT_SOURCE_DIR}/examples/demo)
stepwell_example(stepwell_what_if examples/demo/what_if.cc)

stepwell_example(example_first_case_cc examples/first_case/first_case.cc)
stepwell_c_example(example_first_case_c examples/first_case/first_case.c)
stepwell_c_example(example_host_loop examples/host_loop/host_loop.c)
stepwell_c_example(example_own_tables examples/own_tables/own_tables.c)
target_link_libraries(example_own_tables PRIVATE SQLite::SQLite3)

# What `./dev demo` needs.
add_custom_target(demo DEPENDS stepwell_demo stepwell_what_if)
if(TARGET stepwell_cli)
  add_dependencies(demo stepwell_cli)
endif()
