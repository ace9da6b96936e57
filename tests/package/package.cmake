# What a person gets: the installed tree and the Debian package. Both hold all that the README names.
add_test(NAME package.install
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/package/package.sh install ${CMAKE_BINARY_DIR} ${CMAKE_COMMAND})
add_test(NAME package.deb
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/package/package.sh deb ${CMAKE_BINARY_DIR} ${CMAKE_CPACK_COMMAND})
# both write the unit into the build folder
set_tests_properties(package.install package.deb PROPERTIES LABELS package SKIP_RETURN_CODE 77 TIMEOUT 300
  RESOURCE_LOCK install)
