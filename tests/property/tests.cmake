# Every listed mutation still has its place; that each is caught takes a compile
# and a run apiece, so it is asked for by name.
stepwell_python_test(mutations.EachStillHasItsPlace
                     ${PROJECT_SOURCE_DIR}/tools/mutate.py --check)
stepwell_python_test(mutations.EachIsCaught
                     ${PROJECT_SOURCE_DIR}/tools/mutate.py
                     --build ${PROJECT_BINARY_DIR})
set_tests_properties(mutations.EachIsCaught PROPERTIES LABELS long
                                                       TIMEOUT 7200)
