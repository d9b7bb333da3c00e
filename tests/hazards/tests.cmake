# No link of the hazard log leads nowhere, and a dangling one is found.
if(EXISTS ${PROJECT_SOURCE_DIR}/docs/safety/hazards.json)
  stepwell_python_test(hazards.EveryLinkLeadsSomewhere
                       ${PROJECT_SOURCE_DIR}/tools/check_hazards.py)
endif()
stepwell_python_test(hazards.ADanglingLinkIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/hazards_test.py)
