# The command line as its users meet it: the program is run.
if(TARGET stepwell_cli)
  foreach(name good bad_input measure tables schemas export validate
          diagram)
    stepwell_python_test(cli.${name} tests/cli/${name}_test.py
                         $<TARGET_FILE:stepwell_cli>)
    set_tests_properties(cli.${name} PROPERTIES TIMEOUT 300)
  endforeach()
endif()
