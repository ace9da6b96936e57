# Screens as text: tests/golden/*.txt hold what each screen shows, cell by cell. GENERATE=1 tests/golden rewrites them.
add_executable(golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/golden.c)
target_include_directories(golden PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(golden PRIVATE ph_flags tui view store PkgConfig::cmocka)
target_compile_definitions(golden PRIVATE PH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
set_target_properties(golden PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME golden.screens COMMAND golden)
set_tests_properties(golden.screens PROPERTIES LABELS golden TIMEOUT 900)
# The pictures in the README are some of them.
add_test(NAME golden.pictures COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/pictures.sh)
set_tests_properties(golden.pictures PROPERTIES LABELS golden DEPENDS golden.screens)
# The whole corpus of hostile text.
add_test(NAME golden.corpus COMMAND ${CMAKE_COMMAND} -E env CORPUS=1 $<TARGET_FILE:golden>)
set_tests_properties(golden.corpus PROPERTIES LABELS full TIMEOUT 900)
add_test(NAME golden.profile COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/profile.sh $<TARGET_FILE_DIR:pilothouse>)
set_tests_properties(golden.profile PROPERTIES LABELS golden TIMEOUT 120)
add_test(NAME golden.refusals COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/refusals.sh $<TARGET_FILE_DIR:pilothouse>)
set_tests_properties(golden.refusals PROPERTIES LABELS golden TIMEOUT 300)
# Link-time optimisation folds functions into others: their names say nothing then.
if(NOT PH_HARDEN)
  add_test(NAME golden.wall_alone
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/alone.sh $<TARGET_FILE:pilothouse-wall>)
  set_tests_properties(golden.wall_alone PROPERTIES LABELS golden SKIP_RETURN_CODE 77)
endif()
