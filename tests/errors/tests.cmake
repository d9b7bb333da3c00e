# The catalogue of errors is that of the tables and of the sources, and the
# comparison can fail.
stepwell_python_test(errors.ThePageTheTablesAndTheSourcesAgree
                     ${PROJECT_SOURCE_DIR}/tools/errors_page.py)
stepwell_python_test(errors.ADifferenceIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/errors_test.py)
