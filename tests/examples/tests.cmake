# Each example runs and prints what the tutorial says.
function(stepwell_example_test name folder program)
  stepwell_python_test(examples.${name}
                       ${CMAKE_CURRENT_LIST_DIR}/example_test.py
                       ${PROJECT_SOURCE_DIR}/examples/${folder}/expected.txt
                       $<TARGET_FILE:${program}>)
endfunction()

stepwell_example_test(FirstCaseInC first_case example_first_case_c)
stepwell_example_test(FirstCaseInCxx first_case example_first_case_cc)
stepwell_example_test(HostLoopInC host_loop example_host_loop)
stepwell_example_test(OwnTablesInC own_tables example_own_tables)
stepwell_python_test(examples.TheTutorialIsCurrent
                     ${PROJECT_SOURCE_DIR}/tools/tutorial.py)
stepwell_python_test(examples.StalePagesAreFound
                     ${CMAKE_CURRENT_LIST_DIR}/tutorial_test.py)
stepwell_python_test(examples.ChangedOutputIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/tutorial_play_test.py)
if(TARGET stepwell_cli)
  stepwell_python_test(examples.OwnServiceIsPlayed
                       ${PROJECT_SOURCE_DIR}/tools/tutorial_play.py
                       $<TARGET_FILE:stepwell_cli>
                       ${PROJECT_SOURCE_DIR}/docs/tutorial/own_service.md)
  stepwell_python_test(examples.GoLiveIsPlayed
                       ${PROJECT_SOURCE_DIR}/tools/tutorial_play.py
                       $<TARGET_FILE:stepwell_cli>
                       ${PROJECT_SOURCE_DIR}/docs/guides/go_live.md)
endif()
