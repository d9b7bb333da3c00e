# The demo's Bundle is checked in; its script writes the same bytes.
stepwell_python_test(fhir.TheDemoBundleIsWhatItsScriptWrites
                     ${PROJECT_SOURCE_DIR}/examples/demo/make_referrals.py
                     --check)

# The table of required codes is what its script makes of the shared data.
stepwell_python_test(fhir.TheTablesAreWhatTheirScriptsWrite
                     ${PROJECT_SOURCE_DIR}/tests/fhir/tables_test.py)

# `stepwell fhir validate` on the official examples and seeded violations.
stepwell_python_test(fhir.ValidateFindsWhatIsWrongAndNothingElse
                     ${PROJECT_SOURCE_DIR}/tests/fhir/validate_figures.py
                     --stepwell $<TARGET_FILE:stepwell_cli>)

stepwell_python_test(fhir.TheReferenceNamesEveryFunctionAndSkip
                     ${PROJECT_SOURCE_DIR}/tests/fhir/reference_test.py)
