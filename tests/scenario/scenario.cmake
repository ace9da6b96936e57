# Every built-in drill is played by its own script, against the real engine, in compressed time.
file(GLOB drills CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/adapters/sim/drills/*.yml)
foreach(f ${drills})
  get_filename_component(name ${f} NAME_WE)
  add_test(NAME scenario.${name} COMMAND pilothouse-drill ${name} --headless --json)
  set_tests_properties(scenario.${name} PROPERTIES LABELS scenario TIMEOUT 300
    ENVIRONMENT "HOME=${CMAKE_CURRENT_BINARY_DIR}")
endforeach()
