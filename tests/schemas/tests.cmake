stepwell_python_test(schemas.RealValuesFitAndEveryPropertyOccurs
                     ${CMAKE_CURRENT_LIST_DIR}/schemas_test.py
                     $<TARGET_FILE:schemas_test> $<TARGET_FILE:kernel_test>)
set_tests_properties(schemas.RealValuesFitAndEveryPropertyOccurs PROPERTIES
                     SKIP_RETURN_CODE 77)
stepwell_python_test(schemas.OverlaysAreProtocolsThatMayBePartial
                     ${CMAKE_CURRENT_LIST_DIR}/overlay_schema_test.py
                     $<TARGET_FILE:stepwell_cli>)
set_tests_properties(schemas.OverlaysAreProtocolsThatMayBePartial PROPERTIES
                     SKIP_RETURN_CODE 77)
