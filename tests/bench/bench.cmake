# How fast it is: build/release/bench/bench all. No test: figures of time are looked at, never asserted.
set(PH_BENCH ${CMAKE_CURRENT_SOURCE_DIR}/bench)
set(PH_BENCH_DIR ${CMAKE_BINARY_DIR}/bench)

function(ph_bench target name)
  cmake_parse_arguments(A "" "" "FILES;DEPS" ${ARGN})
  add_executable(${target} ${A_FILES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${PH_WARNINGS})
  target_compile_definitions(${target} PRIVATE PH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${A_DEPS} ph_flags)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PH_BENCH_DIR})
endfunction()

ph_bench(bench_mini mini FILES ${PH_BENCH}/mini.c DEPS PkgConfig::ncursesw)
ph_bench(bench_curl304 curl304 FILES ${PH_BENCH}/curl304.c DEPS PkgConfig::curl)
ph_bench(bench_ingest ingest FILES ${PH_BENCH}/ingest.c ${PH_BENCH}/tree.c DEPS github base_stream store model base PkgConfig::jansson)
ph_bench(bench_frame frame FILES ${PH_BENCH}/frame.c DEPS tui view store model base)
ph_bench(bench_quotes quotes FILES ${PH_BENCH}/quotes.c DEPS tdx rules model base)
ph_bench(bench_attest attest FILES ${PH_BENCH}/attest.c DEPS attest rules authority base PkgConfig::crypto)
ph_bench(bench_fleet fleet FILES ${PH_BENCH}/fleet.c DEPS engine tdx digest authority PkgConfig::cmocka)
target_compile_options(bench_fleet PRIVATE -w)  # the fakes of the unit tests are built without the warnings, as there
ph_bench(bench bench
  FILES ${PH_BENCH}/bench.c ${PH_BENCH}/start.c ${PH_BENCH}/queries.c ${PH_BENCH}/forge.c ${PH_BENCH}/fill.c ${PH_BENCH}/canary.c ${PH_BENCH}/sections.c
        ${PH_BENCH}/term.c ${PH_BENCH}/ssh.c ${PH_BENCH}/link.c ${PH_BENCH}/bytes.c ${PH_BENCH}/encoder.c ${CMAKE_CURRENT_SOURCE_DIR}/fault/stand.c
  DEPS view store rules model base util eye)
add_dependencies(bench bench_mini bench_curl304 bench_ingest bench_frame bench_quotes bench_attest bench_fleet pilothouse pilothouse-engine pilothouse-drill)
# What it measures with is tested like anything else.
if(NOT PH_HARDEN)
  add_executable(bench_test_encoder ${PH_BENCH}/test_encoder.c ${PH_BENCH}/encoder.c)
  target_include_directories(bench_test_encoder PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(bench_test_encoder PRIVATE ${PH_WARNINGS})
  target_link_libraries(bench_test_encoder PRIVATE eye ph_flags PkgConfig::cmocka)
  set_target_properties(bench_test_encoder PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME unit.bench.test_encoder COMMAND bench_test_encoder)
  set_tests_properties(unit.bench.test_encoder PROPERTIES LABELS unit TIMEOUT 120)
endif()
