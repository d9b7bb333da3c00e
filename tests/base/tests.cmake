# The compiled time zones against Python's zoneinfo, and against a fresh run of
# the generator. The second skips (77) when this machine's tzdata is another
# release; the first asks the packages of the Python tests then.
find_package(Python3 COMPONENTS Interpreter)
add_executable(zone_dump ${CMAKE_CURRENT_LIST_DIR}/zone_dump.cc)
target_link_libraries(zone_dump PRIVATE stepwell_base stepwell_flags)
if(Python3_FOUND)
  add_test(NAME Zones.AgreeWithPythonAtEveryChange
           COMMAND ${Python3_EXECUTABLE}
                   ${CMAKE_CURRENT_LIST_DIR}/zone_oracle.py
                   $<TARGET_FILE:zone_dump> ${PROJECT_SOURCE_DIR}/build/venv)
  add_test(NAME Zones.TableIsWhatTheGeneratorPrints
           COMMAND ${Python3_EXECUTABLE}
                   ${PROJECT_SOURCE_DIR}/tools/zones/generate.py
                   --check ${PROJECT_SOURCE_DIR}/src/base/zone_data.cc)
  set_tests_properties(
    Zones.AgreeWithPythonAtEveryChange Zones.TableIsWhatTheGeneratorPrints
    PROPERTIES SKIP_RETURN_CODE 77 LABELS base)
endif()
