# The Python package: stepwell_python_package(DIR) lays it out in DIR/stepwell,
# as links to its sources with the declarations made from capi/api.json, so
# that PYTHONPATH=DIR imports it. The library is not among it.
set(python_package_dir ${CMAKE_CURRENT_LIST_DIR})
set(python_api_list ${CMAKE_CURRENT_LIST_DIR}/../../capi/api.json)

# stepwell_python_api(OUTPUT VERSION): a target that makes _api.py.
function(stepwell_python_api output version)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${Python3_EXECUTABLE} ${python_package_dir}/generate.py
            --api ${python_api_list} --version ${version} --output ${output}
    DEPENDS ${python_package_dir}/generate.py ${python_api_list}
    COMMENT "Generating the Python declarations"
    VERBATIM)
  add_custom_target(stepwell_python_api ALL DEPENDS ${output})
endfunction()

function(stepwell_python_package dir version)
  file(GLOB sources CONFIGURE_DEPENDS ${python_package_dir}/src/stepwell/*)
  file(MAKE_DIRECTORY ${dir}/stepwell)
  foreach(source ${sources})
    get_filename_component(name ${source} NAME)
    if(NOT IS_DIRECTORY ${source})
      file(CREATE_LINK ${source} ${dir}/stepwell/${name} SYMBOLIC)
    endif()
  endforeach()
  stepwell_python_api(${dir}/stepwell/_api.py ${version})
endfunction()
