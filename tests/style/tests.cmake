# The style page's rules that a script can see, and the proof that it sees.
stepwell_python_test(style.NothingForbiddenAndNothingTooLong
                     ${PROJECT_SOURCE_DIR}/tools/check_style.py)
stepwell_python_test(style.EachOffenceIsFound
                     ${CMAKE_CURRENT_LIST_DIR}/style_test.py)
