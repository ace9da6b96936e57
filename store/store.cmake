# The statements are compiled: sqlgen prepares every one against the schema, refuses bad plans, and writes the enum and
# the texts. It is a tool of the build: no sanitizers, no project code, one file.
add_executable(sqlgen ${CMAKE_SOURCE_DIR}/store/sqlgen.c)
target_compile_definitions(sqlgen PRIVATE _GNU_SOURCE)
target_compile_options(sqlgen PRIVATE ${PH_WARNINGS})
target_link_libraries(sqlgen PRIVATE PkgConfig::sqlite3)

set(STORE_SQL)
foreach(f schema journal migrate queries)
  list(APPEND STORE_SQL ${CMAKE_SOURCE_DIR}/store/${f}.sql)
endforeach()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/gen)
set(STORE_GENERATED ${CMAKE_BINARY_DIR}/gen/queries.gen.c)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/gen/queries.gen.h ${STORE_GENERATED}
  COMMAND sqlgen ${STORE_SQL} ${CMAKE_BINARY_DIR}/gen/queries.gen.h ${STORE_GENERATED}
  DEPENDS sqlgen ${STORE_SQL}
  COMMENT "Proving the statements of store/*.sql" VERBATIM)
add_custom_target(store_sql DEPENDS ${CMAKE_BINARY_DIR}/gen/queries.gen.h ${STORE_GENERATED})

# The journal stores struct intent, whose field table is the model's: plain data over base, below the store.
cmake_language(DEFER CALL target_link_libraries store PUBLIC model)
