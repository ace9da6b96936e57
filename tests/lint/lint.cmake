foreach(check layers sql banned folders sizes functions format words paths headers verbs)
  add_test(NAME lint.${check} COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/lint.sh ${check})
  set_tests_properties(lint.${check} PROPERTIES LABELS lint SKIP_RETURN_CODE 77)
endforeach()
# That each lint can fail: a tree with one offence of each kind must be refused.
add_test(NAME lint.bites COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/bites.sh $<TARGET_FILE:pilothouse-engine> ${CMAKE_C_COMPILER})
set_tests_properties(lint.bites PROPERTIES LABELS lint)
# No heavy library in the screen programs (DESIGN 2): what the dynamic linker would load first.
foreach(program pilothouse pilothouse-wall)
  add_test(NAME lint.needed.${program}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/needed.sh $<TARGET_FILE:${program}>)
  set_tests_properties(lint.needed.${program} PROPERTIES LABELS unit)
endforeach()
# The table of the fault model names tests that exist; most are unit tests, which not every preset builds.
if(NOT PH_HARDEN AND NOT PH_FUZZ)
  add_test(NAME lint.faults COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/faults.sh ${CMAKE_BINARY_DIR})
  set_tests_properties(lint.faults PROPERTIES LABELS lint)
endif()
# Public functions that only tests use. Objects of link-time optimisation have no calls to read.
if(NOT PH_HARDEN)
  get_property(libraries GLOBAL PROPERTY PH_LIBRARIES)
  get_property(programs GLOBAL PROPERTY PH_PROGRAMS)
  list(TRANSFORM libraries REPLACE "(.+)" "$<TARGET_FILE:\\1>")
  list(TRANSFORM programs REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")
  add_test(NAME lint.unused
    COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/unused.sh ${libraries} ${programs} $<TARGET_OBJECTS:docgen> $<TARGET_OBJECTS:sqlgen>
    COMMAND_EXPAND_LISTS)
  set_tests_properties(lint.unused PROPERTIES LABELS lint)
endif()
