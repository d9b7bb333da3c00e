# Changes of documents, as the tests of the protocol make them.
target_sources(scenarios_test PRIVATE
  ${PROJECT_SOURCE_DIR}/tests/protocol/protocol_support.cc)
