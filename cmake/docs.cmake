# Man pages and completion, printed from the tables of commands, options and profile keys by man/docgen.c: they
# say what the program does because they are made of the same rows. build/<preset>/man, build/<preset>/completions.
include(GNUInstallDirs)

add_executable(docgen man/docgen.c)
target_include_directories(docgen PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(docgen PRIVATE ${PH_WARNINGS})
target_link_libraries(docgen PRIVATE ph_flags command profile)

set(PH_PAGES)
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.in)
foreach(template ${templates})
  get_filename_component(page ${template} NAME)
  string(REGEX REPLACE "\\.in$" "" page ${page})
  string(REGEX REPLACE ".*\\." "" section ${page})
  set(out ${CMAKE_BINARY_DIR}/man/${page})
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
    COMMAND docgen page ${template} ${out}
    DEPENDS docgen ${template} VERBATIM)
  list(APPEND PH_PAGES ${out})
  install(FILES ${out} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

set(PH_COMPLETION ${CMAKE_BINARY_DIR}/completions/pilothouse)
add_custom_command(OUTPUT ${PH_COMPLETION}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completions
  COMMAND docgen bash ${PH_COMPLETION}
  DEPENDS docgen VERBATIM)
install(FILES ${PH_COMPLETION} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

add_custom_target(docs ALL DEPENDS ${PH_PAGES} ${PH_COMPLETION})

if(NOT DEFINED BUILD_TESTING OR BUILD_TESTING)
  enable_testing()
  add_test(NAME lint.man COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/lint.sh man ${PH_PAGES})
  set_tests_properties(lint.man PROPERTIES LABELS lint SKIP_RETURN_CODE 77)
  add_test(NAME unit.command.completion
    COMMAND ${CMAKE_SOURCE_DIR}/tests/unit/command/completion.sh ${PH_COMPLETION})
  set_tests_properties(unit.command.completion PROPERTIES LABELS unit SKIP_RETURN_CODE 77)
endif()
