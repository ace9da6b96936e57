# Clients that we did not write, against the simulated forge.
add_test(NAME contract.gh COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/gh.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.gh PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 180)

# A registry that we did not write. On Debian it is the package docker-registry.
add_executable(contract_registry ${CMAKE_CURRENT_SOURCE_DIR}/contract/registry.c)
target_include_directories(contract_registry PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(contract_registry PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_registry PRIVATE ph_flags engine registry digest http base)
set_target_properties(contract_registry PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME contract.registry COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/registry.sh $<TARGET_FILE:contract_registry>)
set_tests_properties(contract.registry PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 120)

# The drill's Prometheus against one that we did not write. On Debian it is the package prometheus.
add_test(NAME contract.promsim COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/promsim.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.promsim PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 120)

# The cluster that we did write: the same stories in the process and over HTTP.
add_executable(contract_kube ${CMAKE_CURRENT_SOURCE_DIR}/contract/kube.c)
target_include_directories(contract_kube PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(contract_kube PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_kube PRIVATE ph_flags kube rules http sim_serve sim base PkgConfig::cmocka)
set_target_properties(contract_kube PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME contract.kube COMMAND contract_kube)
add_executable(contract_cluster ${CMAKE_CURRENT_SOURCE_DIR}/contract/cluster.c)
target_include_directories(contract_cluster PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(contract_cluster PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_cluster PRIVATE ph_flags sim_serve sim base)
set_target_properties(contract_cluster PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_dependencies(contract_cluster pilothouse pilothouse-engine)
add_test(NAME contract.cluster_tls COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/cluster_tls.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.cluster_tls PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 120)
add_test(NAME contract.cluster COMMAND contract_cluster ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.cluster PROPERTIES LABELS contract TIMEOUT 120)
set_tests_properties(contract.kube PROPERTIES LABELS contract TIMEOUT 120)

# A Prometheus that we did not write, and a peer that gives its answers: the same questions of both. On Debian it is the
# package prometheus.
file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/contract/metrics*.c)
add_executable(contract_metrics ${found})
target_include_directories(contract_metrics PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_compile_options(contract_metrics PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_metrics PRIVATE ph_flags profile rules prometheus http model base PkgConfig::cmocka)
set_target_properties(contract_metrics PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME contract.metrics_fake COMMAND contract_metrics fake)
add_test(NAME contract.metrics COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/metrics.sh $<TARGET_FILE:contract_metrics>)
set_tests_properties(contract.metrics_fake contract.metrics PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 300)

# From what it counted to what a person reads, by the programs.
add_test(NAME contract.canary COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/canary.sh ${CMAKE_BINARY_DIR}/bin
  $<TARGET_FILE:contract_metrics> ${CMAKE_SOURCE_DIR}/core/profile/data/release-train.yml)
set_tests_properties(contract.canary PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 600)

add_test(NAME contract.tls COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/tls.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.tls PROPERTIES LABELS contract SKIP_RETURN_CODE 77 TIMEOUT 180)

add_test(NAME contract.proof COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/proof.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.proof PROPERTIES LABELS contract TIMEOUT 120)

add_test(NAME contract.fleet_secret COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/fleet_secret.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.fleet_secret PROPERTIES LABELS contract TIMEOUT 120)

add_test(NAME contract.fleet_export COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/fleet_export.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.fleet_export PROPERTIES LABELS contract TIMEOUT 180)

add_test(NAME contract.lock COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/lock.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.lock PROPERTIES LABELS contract TIMEOUT 240)
add_test(NAME contract.lost_output
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/lost_output.sh ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.lost_output PROPERTIES LABELS contract TIMEOUT 120)

# The user unit's engine, killed and started again under a guard that is armed.
add_executable(contract_canary ${CMAKE_CURRENT_SOURCE_DIR}/contract/canary.c)
target_include_directories(contract_canary PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(contract_canary PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_canary PRIVATE store base ph_flags)
set_target_properties(contract_canary PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME contract.guard COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/contract/guard.sh ${CMAKE_BINARY_DIR}/bin
  ${CMAKE_SOURCE_DIR}/cmake/pilothouse-engine.service.in $<TARGET_FILE:contract_canary>)
set_tests_properties(contract.guard PROPERTIES LABELS contract TIMEOUT 180)

# tests/contract/test_*.c: the real programs on a bad line to the simulated forge.
add_library(badline STATIC ${CMAKE_CURRENT_SOURCE_DIR}/contract/badline.c ${CMAKE_CURRENT_SOURCE_DIR}/fault/stand.c)
target_include_directories(badline PUBLIC ${CMAKE_SOURCE_DIR})
target_compile_options(badline PRIVATE ${PH_WARNINGS})
target_link_libraries(badline PUBLIC base PRIVATE ph_flags)
file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/contract/test_*.c)
foreach(f ${found})
  get_filename_component(stem ${f} NAME_WE)
  add_executable(contract_${stem} ${f})
  target_link_libraries(contract_${stem} PRIVATE badline pty PkgConfig::cmocka ph_flags)
  target_compile_definitions(contract_${stem} PRIVATE PH_BIN_DIR="${CMAKE_BINARY_DIR}/bin"
    PH_SHIM="${CMAKE_BINARY_DIR}/tests/libfault.so")
  set_target_properties(contract_${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_dependencies(contract_${stem} fault_shim pilothouse pilothouse-wall pilothouse-engine pilothouse-drill)
  add_test(NAME contract.${stem} COMMAND contract_${stem})
  set_tests_properties(contract.${stem} PROPERTIES LABELS contract TIMEOUT 300)
endforeach()

# Words, exit statuses and first lines of verify-bundle.
add_executable(contract_verify_bundle ${CMAKE_CURRENT_SOURCE_DIR}/contract/verify_bundle.c)
target_include_directories(contract_verify_bundle PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(contract_verify_bundle PRIVATE ${PH_WARNINGS})
target_link_libraries(contract_verify_bundle PRIVATE ph_flags attest rules authority PkgConfig::cmocka)
set_target_properties(contract_verify_bundle PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_dependencies(contract_verify_bundle pilothouse pilothouse-engine)
add_test(NAME contract.verify_bundle COMMAND contract_verify_bundle ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(contract.verify_bundle PROPERTIES LABELS contract TIMEOUT 120)
