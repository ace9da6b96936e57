find_package(PkgConfig REQUIRED)
foreach(pair ncursesw:ncursesw tinfo:tinfo curl:libcurl jansson:jansson sqlite3:sqlite3 git2:libgit2 yaml:yaml-0.1
             microhttpd:libmicrohttpd yajl:yajl utf8proc:libutf8proc zlib:zlib crypto:libcrypto
             snappy:snappy)
  string(REGEX REPLACE ":.*" "" target ${pair})
  string(REGEX REPLACE ".*:" "" package ${pair})
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET ${package})
endforeach()
find_package(Threads REQUIRED)
