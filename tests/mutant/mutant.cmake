# The table of checks and the policy's rules with one row spoilt at a time; a sample daily, all with label full.
if(NOT PH_HARDEN AND NOT PH_FUZZ)
  add_executable(mutants ${CMAKE_CURRENT_SOURCE_DIR}/mutant/mutants.c ${CMAKE_SOURCE_DIR}/core/adapters/attest/verify.c
                         ${CMAKE_SOURCE_DIR}/core/rules/proof.c)
  target_include_directories(mutants PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_compile_options(mutants PRIVATE ${PH_WARNINGS})
  target_compile_definitions(mutants PRIVATE PH_MUTANT="tests/mutant/mutant.h")
  target_link_libraries(mutants PRIVATE ph_flags attest rules authority PkgConfig::crypto)
  set_target_properties(mutants PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME mutant.sample COMMAND mutants 7)
  set_tests_properties(mutant.sample PROPERTIES LABELS unit TIMEOUT 120)
  add_test(NAME mutant.all COMMAND mutants)
  set_tests_properties(mutant.all PROPERTIES LABELS full TIMEOUT 1200)
endif()
