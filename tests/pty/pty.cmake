# tests/pty/test_*.c: the real programs in a pseudo-terminal.
add_library(pty STATIC ${CMAKE_CURRENT_SOURCE_DIR}/pty/pty.c)
target_include_directories(pty PUBLIC ${CMAKE_SOURCE_DIR})
target_link_libraries(pty PUBLIC PkgConfig::vterm PRIVATE util ph_flags)
file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/pty/test_*.c)
foreach(f ${found})
  get_filename_component(stem ${f} NAME_WE)
  add_executable(pty_${stem} ${f})
  target_link_libraries(pty_${stem} PRIVATE pty store base PkgConfig::cmocka ph_flags)
  target_compile_definitions(pty_${stem} PRIVATE PH_BIN_DIR="${CMAKE_BINARY_DIR}/bin"
    PH_SHIM="${CMAKE_BINARY_DIR}/tests/libfault.so")
  set_target_properties(pty_${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_dependencies(pty_${stem} fault_shim pilothouse pilothouse-wall pilothouse-engine pilothouse-drill)
  add_test(NAME pty.${stem} COMMAND pty_${stem})
  set_tests_properties(pty.${stem} PROPERTIES LABELS pty TIMEOUT 300)
endforeach()
# The same for half a minute.
add_test(NAME pty.test_stall_30s COMMAND ${CMAKE_COMMAND} -E env STALL_MS=30000 $<TARGET_FILE:pty_test_stall>)
set_tests_properties(pty.test_stall_30s PROPERTIES LABELS full TIMEOUT 300)
