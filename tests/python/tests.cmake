# The Python package: laid out in the build tree (build/dev/python), tested
# through the interpreter of build/venv, which `./dev test` fills. run.py skips
# (77), or fails under STEPWELL_REQUIRE_PYTHON=1, when that is not there. Under
# AddressSanitizer its run time is loaded before Python; not under others.
set(python_preload)
if(STEPWELL_SANITIZE STREQUAL "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  foreach(runtime libasan.so libubsan.so)
    execute_process(
      COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${runtime}
      OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(APPEND python_preload "${found} ")
  endforeach()
endif()
if((NOT STEPWELL_SANITIZE OR python_preload) AND PROJECT_IS_TOP_LEVEL)
  include(${PROJECT_SOURCE_DIR}/bindings/python/package.cmake)
  set(python_dir ${PROJECT_BINARY_DIR}/python)
  stepwell_python_package(${python_dir} ${PROJECT_VERSION})
  add_custom_command(TARGET stepwell POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E create_symlink $<TARGET_FILE:stepwell>
            ${python_dir}/stepwell/$<TARGET_SONAME_FILE_NAME:stepwell>)
  set(STEPWELL_VENV ${PROJECT_SOURCE_DIR}/build/venv CACHE PATH
      "The virtual environment of the Python tests")

  # stepwell_venv_test(NAME ARGUMENTS...): arguments of the interpreter.
  function(stepwell_venv_test name)
    add_test(NAME python.${name}
             COMMAND ${Python3_EXECUTABLE} -B tests/python/run.py
                     ${STEPWELL_VENV} ${PROJECT_BINARY_DIR} ${ARGN}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(python.${name} PROPERTIES
                         LABELS python SKIP_RETURN_CODE 77 TIMEOUT 300
                         ENVIRONMENT "STEPWELL_PRELOAD=${python_preload}")
  endfunction()

  file(GLOB python_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.py)
  if(STEPWELL_SANITIZE)  # a plain Python could not load that library
    list(FILTER python_tests EXCLUDE REGEX "test_wheel")
  endif()
  foreach(source ${python_tests})
    get_filename_component(name ${source} NAME_WE)
    string(REPLACE "test_" "" name ${name})
    stepwell_venv_test(${name} -m pytest -q -p no:cacheprovider
                       --rootdir tests/python ${source})
  endforeach()
  # What `./dev long` runs with big counts, or from the sources.
  foreach(name stateful wheel)
    if(TEST python.${name})
      set_tests_properties(python.${name} PROPERTIES
                           LABELS "python;long" TIMEOUT 3600)
    endif()
  endforeach()
  file(GLOB python_examples CONFIGURE_DEPENDS
       ${PROJECT_SOURCE_DIR}/examples/*/*.py)
  list(FILTER python_examples EXCLUDE REGEX "/examples/demo/")
  if(NOT STEPWELL_SANITIZE)
    stepwell_venv_test(notebook tests/demo/check_notebook.py
      ${PROJECT_SOURCE_DIR})
    stepwell_venv_test(types -m mypy --strict --python-version 3.11
      --cache-dir ${python_dir}/mypy_cache
      ${python_dir}/stepwell tests/python/typed_use.py ${python_examples})
  endif()

  # `./dev bench python`: the C loop that Python is measured against, and what
  # `dev` runs.
  add_library(stepwell_python_floor MODULE
              ${PROJECT_SOURCE_DIR}/bench/python_floor.c)
  target_include_directories(stepwell_python_floor PRIVATE
                             ${PROJECT_SOURCE_DIR}/include)
  target_compile_options(stepwell_python_floor PRIVATE -Wall -Wextra -Werror)
  set_target_properties(stepwell_python_floor PROPERTIES
    OUTPUT_NAME python_floor PREFIX "" C_VISIBILITY_PRESET default
    C_EXTENSIONS ON)
  configure_file(${PROJECT_SOURCE_DIR}/bench/python_bench.in
                 ${PROJECT_BINARY_DIR}/python_bench @ONLY
                 FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  configure_file(${PROJECT_SOURCE_DIR}/bench/outcomes_bench.in
                 ${PROJECT_BINARY_DIR}/outcomes_bench @ONLY
                 FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endif()
