# The C interface as C programs see it: C99, through the shared library only.
function(stepwell_capi_program name)
  add_executable(capi_${name} ${ARGN})
  target_include_directories(capi_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(capi_${name} PRIVATE -Wall -Wextra -Werror)
  set_target_properties(capi_${name} PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF)
  target_link_libraries(capi_${name} PRIVATE stepwell)
  add_test(NAME capi.${name} COMMAND capi_${name})
  set_tests_properties(capi.${name} PROPERTIES LABELS capi)
endfunction()

file(GLOB capi_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.c)
foreach(source ${capi_tests})
  get_filename_component(name ${source} NAME_WE)
  stepwell_capi_program(${name} ${source})
  target_compile_options(capi_${name} PRIVATE -pedantic-errors)
  set_target_properties(capi_${name} PROPERTIES LINKER_LANGUAGE C)
endforeach()

find_package(Threads REQUIRED)
target_link_libraries(capi_handles_test PRIVATE Threads::Threads)

# In C++, for what C cannot do: throw.
stepwell_capi_program(callback_test ${CMAKE_CURRENT_LIST_DIR}/callback_test.cc)

# One wrong argument at a time, for every function of the list.
set(contract ${PROJECT_BINARY_DIR}/capi_contract_test.c)
add_custom_command(
  OUTPUT ${contract}
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/tools/capi_contract.py
          --out ${contract}
  DEPENDS ${PROJECT_SOURCE_DIR}/tools/capi_contract.py
          ${PROJECT_SOURCE_DIR}/capi/api.json
  VERBATIM)
stepwell_capi_program(contract_test ${contract})

stepwell_python_test(capi.ExportsHeaderAndListAgree
                     ${PROJECT_SOURCE_DIR}/tools/check_exports.py
                     --library $<TARGET_FILE:stepwell>)
stepwell_python_test(capi.DifferencesOfTheListsAreFound
                     ${CMAKE_CURRENT_LIST_DIR}/exports_test.py)
stepwell_python_test(capi.WhatIsMadeFromTheHeaderIsCurrent
                     ${PROJECT_SOURCE_DIR}/tools/capi_list.py)
stepwell_python_test(capi.EveryFunctionHasATest
                     ${CMAKE_CURRENT_LIST_DIR}/coverage_test.py)
