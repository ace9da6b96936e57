# Clients that we did not write, against the simulated forge.
add_test(NAME contract.gh COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/gh.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.gh PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 180)
