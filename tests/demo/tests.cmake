add_test(NAME demo.shows_its_sections_twice_the_same
         COMMAND ${PROJECT_SOURCE_DIR}/tests/demo/check.sh
                 $<TARGET_FILE:stepwell_demo> ${PROJECT_SOURCE_DIR}
                 $<TARGET_FILE:stepwell_cli>)
set_tests_properties(demo.shows_its_sections_twice_the_same PROPERTIES
                     LABELS demo)
add_test(NAME demo.what_if_shows_its_sections_twice_the_same
         COMMAND ${CMAKE_CURRENT_LIST_DIR}/check_what_if.sh
                 $<TARGET_FILE:stepwell_what_if>
                 $<TARGET_FILE:stepwell_cli>)
set_tests_properties(demo.what_if_shows_its_sections_twice_the_same PROPERTIES
                     LABELS demo TIMEOUT 3000)
