# The catalogue inside the library: every catalogue/**/*.json becomes one
# entry of a table in a source that is generated at build time, so that a
# program that links the library needs no file of ours at run time.
file(GLOB_RECURSE STEPWELL_CATALOGUE_FILES CONFIGURE_DEPENDS
     RELATIVE ${PROJECT_SOURCE_DIR}/catalogue
     ${PROJECT_SOURCE_DIR}/catalogue/*.json)
list(SORT STEPWELL_CATALOGUE_FILES COMPARE STRING)

# The list travels in a file: a catalogue may be longer than a command line,
# and a changed list must re-run the generator.
set(catalogue_list ${PROJECT_BINARY_DIR}/catalogue/files.txt)
string(REPLACE ";" "\n" catalogue_lines "${STEPWELL_CATALOGUE_FILES}")
file(CONFIGURE OUTPUT ${catalogue_list} CONTENT "${catalogue_lines}\n" @ONLY)

set(catalogue_source ${PROJECT_BINARY_DIR}/catalogue/catalogue_data.cc)
list(TRANSFORM STEPWELL_CATALOGUE_FILES
     PREPEND ${PROJECT_SOURCE_DIR}/catalogue/ OUTPUT_VARIABLE catalogue_inputs)
add_custom_command(
  OUTPUT ${catalogue_source}
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}/catalogue
          -DLIST=${catalogue_list} -DOUT=${catalogue_source}
          -P ${PROJECT_SOURCE_DIR}/tools/catalogue/embed.cmake
  DEPENDS ${catalogue_inputs} ${catalogue_list}
          ${PROJECT_SOURCE_DIR}/tools/catalogue/embed.cmake
  COMMENT "Embedding the catalogue"
  VERBATIM)
target_sources(stepwell_base PRIVATE ${catalogue_source})
set_source_files_properties(${catalogue_source} PROPERTIES
                            SKIP_PRECOMPILE_HEADERS ON)
# What clang-tidy needs built before it can read the sources.
add_custom_target(stepwell_generated DEPENDS ${catalogue_source})
add_dependencies(stepwell_base stepwell_generated)
