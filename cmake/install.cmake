# What `cmake --install` puts where, and the Debian package made of the same (`cpack -G DEB` in the build folder).
# Man pages and completion are installed by docs.cmake, which makes them.
include(GNUInstallDirs)

install(TARGETS pilothouse pilothouse-wall pilothouse-engine pilothouse-drill DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md ARCHITECTURE.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# The unit names the program by its full path, which is known only now: /usr in the package, else the prefix.
set(PH_UNIT_DIR lib/systemd/user)  # user units are architecture-independent: not CMAKE_INSTALL_LIBDIR
install(CODE "
  set(CMAKE_INSTALL_FULL_BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  configure_file(\"${CMAKE_SOURCE_DIR}/cmake/pilothouse-engine.service.in\"
                 \"${CMAKE_BINARY_DIR}/gen/pilothouse-engine.service\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/gen/pilothouse-engine.service DESTINATION ${PH_UNIT_DIR})

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # keeps CMAKE_INSTALL_PREFIX true while packing, for the unit
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME pilothouse)
set(CPACK_PACKAGE_VENDOR pilothouse)
set(CPACK_PACKAGE_CONTACT "pilothouse maintainers <maintainers@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "terminal console for release captains")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION " Shows every lane, run, gate and act of the delivery systems of an organisation from a
 local cache, and lets a release captain dispatch production with a release tag,
 approve gates and go back, through one engine that never acts twice.")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "pilothouse maintainers <maintainers@example.org>")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS bash-completion)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
