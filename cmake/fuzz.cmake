# tests/fuzz/NAME_fuzz.cc -> the program NAME_fuzz, which links the room NAME,
# or everything when there is no such room. With STEPWELL_FUZZ (clang) it is a
# libFuzzer target; otherwise a plain driver replays the seeds and a bounded
# number of mutations, as a CTest. The target fuzz_targets builds them all.
#
# Seeds are the files of tests/fuzz/corpus/NAME and of the folders that a line
# `// seeds: FOLDER...` of the source names, relative to the project. A line
# `// room: NAME` names another room to link, each line
# `// support: FOLDER/NAME...` files tests/FOLDER/NAME_support.cc.
file(GLOB fuzz_sources CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cc)
file(GLOB fuzz_support CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/tests/fuzz/*_support.cc)
add_custom_target(fuzz_targets)
foreach(source ${fuzz_sources})
  get_filename_component(program ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${program})

  set(seeds)
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(EXISTS ${corpus})
    list(APPEND seeds ${corpus})
  endif()
  file(STRINGS ${source} seed_lines REGEX "^// seeds: ")
  foreach(line ${seed_lines})
    string(REGEX REPLACE "^// seeds: *" "" line ${line})
    separate_arguments(folders UNIX_COMMAND ${line})
    list(TRANSFORM folders PREPEND ${PROJECT_SOURCE_DIR}/)
    list(APPEND seeds ${folders})
  endforeach()
  list(JOIN seeds "\n" seed_text)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${program}.seeds
       CONTENT "${seed_text}\n" @ONLY)

  add_executable(${program} ${source} ${fuzz_support})
  file(STRINGS ${source} support_lines REGEX "^// support: ")
  foreach(support_line IN LISTS support_lines)
    string(REGEX REPLACE "^// support: *" "" support ${support_line})
    separate_arguments(support UNIX_COMMAND ${support})
    list(TRANSFORM support PREPEND ${PROJECT_SOURCE_DIR}/tests/)
    list(TRANSFORM support APPEND _support.cc)
    target_sources(${program} PRIVATE ${support})
  endforeach()
  add_dependencies(fuzz_targets ${program})
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  set(room ${name})
  file(STRINGS ${source} room_line REGEX "^// room: " LIMIT_COUNT 1)
  if(room_line)
    string(REGEX REPLACE "^// room: *" "" room ${room_line})
  endif()
  if(TARGET stepwell_${room})
    target_link_libraries(${program} PRIVATE stepwell_${room})
  else()
    target_link_libraries(${program} PRIVATE stepwell_host)
  endif()
  target_link_libraries(${program} PRIVATE stepwell_flags)
  if(STEPWELL_FUZZ)
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${program} PRIVATE
                   ${PROJECT_SOURCE_DIR}/tools/fuzz/driver.cc)
    add_test(NAME fuzz.${name} COMMAND ${program} -runs=2000 ${seeds})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz)
  endif()
endforeach()
