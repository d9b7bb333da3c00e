# Every listed mutation still has its place; that each is caught takes a compile
# and a run apiece: `./dev long` does it, other runs skip it.
stepwell_python_test(mutations.EachStillHasItsPlace
                     ${PROJECT_SOURCE_DIR}/tools/mutate.py --check)
stepwell_python_test(mutations.EachIsCaught
                     ${PROJECT_SOURCE_DIR}/tools/mutate.py
                     --build ${PROJECT_BINARY_DIR}
                     --if-set STEPWELL_LONG)
set_tests_properties(mutations.EachIsCaught PROPERTIES LABELS long
                                                       SKIP_RETURN_CODE 77
                                                       TIMEOUT 7200)
