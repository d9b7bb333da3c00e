# The page of limits is the header's, and the comparison can fail.
stepwell_python_test(limits.ThePageAndTheHeaderAgree
                     ${PROJECT_SOURCE_DIR}/tools/check_limits.py)
stepwell_python_test(limits.ADifferenceIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/limits_test.py)
