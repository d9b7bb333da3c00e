# Examples see public headers only. The demo: examples/demo.
function(stepwell_example name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE stepwell::core stepwell_flags)
endfunction()

stepwell_example(stepwell_demo examples/demo/demo.cc examples/demo/people.cc)
target_include_directories(stepwell_demo PRIVATE
                           ${PROJECT_SOURCE_DIR}/examples/demo)

# What `./dev demo` needs.
add_custom_target(demo DEPENDS stepwell_demo)
if(TARGET stepwell_cli)
  add_dependencies(demo stepwell_cli)
endif()
