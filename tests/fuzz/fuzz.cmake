# Every tests/fuzz/fuzz_*.c is a fuzzer for libFuzzer; tests/fuzz/corpus/<name> holds its seeds. A first line
# `/* links: lib1 lib2 */` names the libraries it needs (base when there is none).
#
# With PH_FUZZ (clang) each is fuzzed for a few seconds from its seeds; what it finds stays in the build folder. Without,
# standalone.c runs every seed and every beginning of one, so that the seeds are a test everywhere.
set(PH_FUZZ_SECONDS 5 CACHE STRING "Seconds that each fuzzer runs in a test")

function(ph_fuzzer source)
  get_filename_component(program ${source} NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" name ${program})
  file(STRINGS ${source} first LIMIT_COUNT 1)
  set(libraries base)
  if(first MATCHES "^/\\* links: (.*) \\*/")
    string(REGEX MATCHALL "[A-Za-z0-9_]+" libraries "${CMAKE_MATCH_1}")
  endif()
  set(seeds ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  file(GLOB seed_files CONFIGURE_DEPENDS ${seeds}/*)

  add_executable(${program} ${source})
  target_include_directories(${program} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_compile_options(${program} PRIVATE ${PH_WARNINGS})
  target_link_libraries(${program} PRIVATE ph_flags ${libraries})
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(PH_FUZZ)
    set(found ${CMAKE_BINARY_DIR}/tests/found/${name})
    file(MAKE_DIRECTORY ${found})
    target_compile_options(${program} PRIVATE -fsanitize=fuzzer)
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    set(arguments -max_total_time=${PH_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
                  -artifact_prefix=${found}- ${found})
    if(seed_files)
      list(APPEND arguments ${seeds})
    endif()
  else()
    target_sources(${program} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/standalone.c)
    target_link_libraries(${program} PRIVATE base)
    set(arguments ${seed_files})
  endif()
  if(PH_FUZZ OR seed_files)
    add_test(NAME fuzz.${name} COMMAND ${program} ${arguments})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
endfunction()

file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/fuzz_*.c)
foreach(source ${fuzzers})
  ph_fuzzer(${source})
endforeach()
