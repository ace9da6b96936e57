# Faults at the N-th call of the real programs. The daily run takes samples, and every point around the journal and the
# line; label `full` takes every N of everything.
add_library(fault_shim MODULE ${CMAKE_CURRENT_SOURCE_DIR}/fault/shim.c ${CMAKE_CURRENT_SOURCE_DIR}/fault/record.c)
target_include_directories(fault_shim PRIVATE ${CMAKE_SOURCE_DIR})
set_target_properties(fault_shim PROPERTIES OUTPUT_NAME fault PREFIX lib C_VISIBILITY_PRESET default
  INTERPROCEDURAL_OPTIMIZATION OFF LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
# without sanitizers and fortified wrappers of its own: it stands below libc. dlsym gives functions as void *
target_compile_definitions(fault_shim PRIVATE _GNU_SOURCE)
target_compile_options(fault_shim PRIVATE ${PH_WARNINGS} -Wno-pedantic -U_FORTIFY_SOURCE -fno-builtin)
target_link_libraries(fault_shim PRIVATE ${CMAKE_DL_LIBS})

# That refuses memory, in the same terms.
add_library(fault_memory MODULE ${CMAKE_CURRENT_SOURCE_DIR}/fault/memory.c)
set_target_properties(fault_memory PROPERTIES OUTPUT_NAME memory PREFIX lib C_VISIBILITY_PRESET default
  INTERPROCEDURAL_OPTIMIZATION OFF LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_compile_definitions(fault_memory PRIVATE _GNU_SOURCE)
target_compile_options(fault_memory PRIVATE ${PH_WARNINGS} -U_FORTIFY_SOURCE -fno-builtin)

add_executable(fault_sweep ${CMAKE_CURRENT_SOURCE_DIR}/fault/sweep.c ${CMAKE_CURRENT_SOURCE_DIR}/fault/acts.c)
target_include_directories(fault_sweep PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(fault_sweep PRIVATE ${PH_WARNINGS})
target_link_libraries(fault_sweep PRIVATE badline base ph_flags)
set_target_properties(fault_sweep PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_dependencies(fault_sweep fault_shim fault_memory pilothouse pilothouse-engine pilothouse-drill)

add_executable(fault_power ${CMAKE_CURRENT_SOURCE_DIR}/fault/power.c ${CMAKE_CURRENT_SOURCE_DIR}/fault/acts.c
  ${CMAKE_CURRENT_SOURCE_DIR}/fault/stand.c)
target_include_directories(fault_power PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(fault_power PRIVATE ${PH_WARNINGS})
target_link_libraries(fault_power PRIVATE store base ph_flags)
set_target_properties(fault_power PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_dependencies(fault_power fault_shim pilothouse pilothouse-engine pilothouse-drill)

function(ph_fault label act kind)
  add_test(NAME ${label}.${act}.${kind}
    COMMAND fault_sweep ${CMAKE_BINARY_DIR}/bin $<TARGET_FILE:fault_shim> ${act} ${kind} ${ARGN})
  set_tests_properties(${label}.${act}.${kind} PROPERTIES LABELS ${label} TIMEOUT 3600 SKIP_RETURN_CODE 77)
endfunction()

function(ph_power label act kind)
  add_test(NAME ${label}.${act}.${kind}
    COMMAND fault_power ${CMAKE_BINARY_DIR}/bin $<TARGET_FILE:fault_shim> ${act} ${ARGN})
  set_tests_properties(${label}.${act}.${kind} PROPERTIES LABELS ${label} TIMEOUT 3600)
endfunction()

ph_fault(fault dispatch twice)
ph_fault(fault approve twice)
ph_fault(fault dispatch kill --samples 12)
ph_fault(fault dispatch kill-journal --samples 12)
ph_fault(fault dispatch kill-line --samples 8)
ph_fault(fault dispatch full-disk --samples 6)
ph_fault(fault dispatch cut --samples 8)
ph_fault(fault approve kill-journal --samples 4)
ph_fault(fault rollback kill-journal --samples 4)
ph_fault(fault release-pr twice)
ph_fault(fault revert-pin twice)
ph_fault(fault release-pr kill-journal --samples 4)
ph_fault(fault revert-pin kill-journal --samples 8)
ph_fault(fault revert-pin kill-line --samples 6)
ph_fault(fault revert-pin cut --samples 6)
ph_fault(fault retag kill-journal --samples 4)
ph_fault(fault sync kill --samples 6)
ph_fault(fault dispatch race --samples 4)
ph_fault(fault freeze race --samples 2)
ph_fault(fault dispatch read-only --only 1)
ph_fault(fault dispatch memory --samples 6)
ph_fault(fault dispatch memory-forever --samples 4)
ph_fault(fault freeze line-502 --samples 2)
ph_fault(fault release-merge line-silent --samples 2)
ph_fault(fault retag line-cut --samples 2)
ph_fault(fault cancel line-lost --samples 2)
foreach(act reject cancel rerun label thaw)
  ph_fault(fault ${act} kill-line --samples 1)
endforeach()
foreach(act dispatch rollback approve reject cancel rerun replay label freeze thaw release-pr release-merge revert-pin
    revert-merge retag)
  foreach(kind kill read-only full-disk full-cache torn io-error cut cut-send line-silent line-lost line-cut line-reset
      line-502 line-portal)
    ph_fault(full ${act} ${kind})
  endforeach()
  # an act takes tens of thousands of pieces of memory: a sample of them even here
  ph_fault(full ${act} memory --samples 100)
  ph_fault(full ${act} memory-forever --samples 50)
  if(NOT act STREQUAL dispatch)
    ph_fault(full ${act} race --samples 10)
  endif()
  ph_power(full ${act} power)
endforeach()
ph_fault(full dispatch race --samples 60)
ph_fault(full sync kill)
ph_fault(full sync full-cache)
# the last proves the others: a disk that does not hear fsync must lose something
ph_power(fault dispatch power --every 2)
ph_power(fault approve power --every 2)
ph_power(fault revert-pin power --every 4)
ph_power(fault dispatch power-deaf --deaf 1 --every 5)

# The corpus of hostile text through the verbs.
add_executable(fault_corpus ${CMAKE_CURRENT_SOURCE_DIR}/fault/test_corpus.c)
target_include_directories(fault_corpus PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(fault_corpus PRIVATE ${PH_WARNINGS})
target_link_libraries(fault_corpus PRIVATE ph_flags view store base PkgConfig::cmocka)
target_compile_definitions(fault_corpus PRIVATE PH_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
set_target_properties(fault_corpus PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_dependencies(fault_corpus pilothouse)
add_test(NAME fault.test_corpus COMMAND fault_corpus --every 19)
set_tests_properties(fault.test_corpus PROPERTIES LABELS fault TIMEOUT 300)
add_test(NAME full.corpus COMMAND fault_corpus)
set_tests_properties(full.corpus PROPERTIES LABELS full TIMEOUT 3600)
