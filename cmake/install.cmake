# What `cmake --install` lays down: the shared library with its C header, a
# CMake package, a pkg-config file, the catalogue and the command line tool.
# The C++ headers are not among it: the shared library exports no C++, and who
# uses that interface builds Stepwell as a part of their own project.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS stepwell EXPORT stepwell
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/include/stepwell.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/catalogue
        DESTINATION ${CMAKE_INSTALL_DATADIR}/stepwell)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET stepwell_cli)
  install(TARGETS stepwell_cli
          RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/stepwell)
install(EXPORT stepwell NAMESPACE stepwell:: FILE stepwell-config.cmake
        DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/stepwell-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/stepwell-config-version.cmake
        DESTINATION ${package_dir})

# The path from the .pc file to the prefix, so that the tree may be moved.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_to_prefix /${pc_dir} /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/stepwell.pc.in
               ${PROJECT_BINARY_DIR}/stepwell.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/stepwell.pc DESTINATION ${pc_dir})
