# A simulated effect does not fit into a live outbox: each misuse is compiled,
# and must fail; without misuse the same file compiles.
set(misuse_flags -std=c++20 -fsyntax-only
    -I${PROJECT_SOURCE_DIR}/src -I${PROJECT_SOURCE_DIR}/include)
foreach(misuse RANGE 0 7)
  set(test sim.SimulatedEffectInALiveOutbox_${misuse})
  add_test(NAME ${test}
           COMMAND ${CMAKE_CXX_COMPILER} ${misuse_flags} -DMISUSE=${misuse}
                   ${CMAKE_CURRENT_LIST_DIR}/outbox_must_not_compile.cc)
  set_tests_properties(${test} PROPERTIES LABELS sim)
  if(misuse GREATER 0)
    # It fails for what is misused, not because the file does not stand.
    set_tests_properties(${test} PROPERTIES PASS_REGULAR_EXPRESSION
                         "SimulatedEffect")
  endif()
endforeach()

stepwell_python_test(sim.AStaleAlertLoadIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/alert_load_test.py)
if(TARGET stepwell_cli)
  stepwell_python_test(sim.AlertLoadOfEveryShippedService
                       ${PROJECT_SOURCE_DIR}/tools/alert_load.py
                       $<TARGET_FILE:stepwell_cli>
                       ${PROJECT_SOURCE_DIR}/docs/reference/alert_load.md)
endif()
