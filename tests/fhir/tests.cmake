# The demo's Bundle is checked in; its script writes the same bytes.
stepwell_python_test(fhir.TheDemoBundleIsWhatItsScriptWrites
                     ${PROJECT_SOURCE_DIR}/examples/demo/make_referrals.py
                     --check)
