target_sources(switches_test PRIVATE
  ${PROJECT_SOURCE_DIR}/tests/scenarios/files_support.cc)
