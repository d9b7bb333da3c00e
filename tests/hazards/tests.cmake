# No link of the hazard log leads nowhere, and a dangling one is found.
stepwell_python_test(hazards.EveryLinkLeadsSomewhere
                     ${PROJECT_SOURCE_DIR}/tools/check_hazards.py)
stepwell_python_test(hazards.ADanglingLinkIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/hazards_test.py)
