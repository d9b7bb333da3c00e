# stepwell.h compiles alone in every language that may include it, with every
# warning an error, by each compiler that is there. (That each C++ header
# compiles alone is the target headers_alone, see cmake/headers.cmake.)
set(header_flags -fsyntax-only -pedantic-errors -Wall -Wextra -Werror
    -I${PROJECT_SOURCE_DIR}/include)
find_program(STEPWELL_CLANG_C NAMES clang clang-14 clang-18)
set(compilers ${CMAKE_C_COMPILER})
if(STEPWELL_CLANG_C AND NOT CMAKE_C_COMPILER_ID MATCHES Clang)
  list(APPEND compilers ${STEPWELL_CLANG_C})
endif()
foreach(compiler ${compilers})
  get_filename_component(short ${compiler} NAME)
  foreach(language c99 c11 c++98 c++11 c++20)
    set(kind c)
    if(language MATCHES "\\+")
      set(kind c++)
    endif()
    set(test headers.StepwellHeaderIs_${language}_with_${short})
    add_test(NAME ${test}
             COMMAND ${compiler} -x ${kind} -std=${language} ${header_flags}
                     ${CMAKE_CURRENT_LIST_DIR}/stepwell_header.c)
    set_tests_properties(${test} PROPERTIES LABELS headers)
  endforeach()
endforeach()
if(NOT STEPWELL_CLANG_C AND NOT CMAKE_C_COMPILER_ID MATCHES Clang)
  add_test(NAME headers.StepwellHeaderWithClang
           COMMAND ${CMAKE_COMMAND} -E echo "skipped: no clang is installed")
  set_tests_properties(headers.StepwellHeaderWithClang PROPERTIES
                       LABELS headers SKIP_REGULAR_EXPRESSION "skipped")
endif()
