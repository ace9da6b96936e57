# Clients that we did not write, against the simulated forge.
add_test(NAME contract.gh COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/gh.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.gh PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 180)

# A registry that we did not write. On Debian it is the package docker-registry.
add_executable(contract_registry ${CMAKE_CURRENT_SOURCE_DIR}/contract/registry.c)
target_include_directories(contract_registry PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(contract_registry PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_registry PRIVATE ph_flags registry digest http base)
set_target_properties(contract_registry PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME contract.registry COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/registry.sh $<TARGET_FILE:contract_registry>)
set_tests_properties(contract.registry PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 120)
