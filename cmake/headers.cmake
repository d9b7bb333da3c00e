# headers_alone: every header of include/ and src/ compiles by itself, without
# the precompiled one. Slow, so `./dev check` builds it and the tests do not.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
     ${PROJECT_SOURCE_DIR}/include/stepwell/*.h ${PROJECT_SOURCE_DIR}/src/*.h)
set(alone_sources)
foreach(header ${headers})
  string(REGEX REPLACE "^(src|include)/" "" name ${header})
  string(REPLACE "/" "_" source ${name})
  set(source ${PROJECT_BINARY_DIR}/headers_alone/${source}.cc)
  # Twice, so that a missing include guard shows.
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
       "#include \"${name}\"\n#include \"${name}\"  // NOLINT\n")
  list(APPEND alone_sources ${source})
endforeach()
add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${alone_sources})
target_include_directories(headers_alone PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(headers_alone PRIVATE stepwell_core stepwell_flags)
target_compile_options(headers_alone PRIVATE -O0 -g0)
