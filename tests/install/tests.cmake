# What is installed can be used. Not under a sanitizer: a foreign program
# would not have its run time.
if(NOT STEPWELL_SANITIZE AND PROJECT_IS_TOP_LEVEL)
  stepwell_python_test(install.APlainCProjectFindsAndUsesIt
                       ${CMAKE_CURRENT_LIST_DIR}/install_test.py
                       ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND}
                       ${CMAKE_C_COMPILER} ${PROJECT_VERSION})
endif()
