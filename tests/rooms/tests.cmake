# The doors between rooms hold, and the check that says so can fail.
stepwell_python_test(rooms.EveryIncludeGoesThroughAnAllowedDoor
                     ${PROJECT_SOURCE_DIR}/tools/check_rooms.py)
stepwell_python_test(rooms.ForbiddenIncludesAreRefusedByFileAndLine
                     ${CMAKE_CURRENT_LIST_DIR}/rooms_test.py)
