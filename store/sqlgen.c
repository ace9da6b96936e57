/*
 * sqlgen: proves the statements of store/ when the project is built, and writes them down as C.
 *
 *	sqlgen schema.sql journal.sql migrate.sql queries.sql OUT.h OUT.c
 *
 * Every named statement is prepared against its schema and its plan is read: a SCAN of a table or a sort is refused
 * unless the statement says why (scan: ...) (sort: ...), and a reason that is not needed any more is refused as well.
 * (ages) is of a statement that writes ages alone; every other one that writes the cache moves its generation.
 * (empty: TABLE) says that without rows in that table the statement has none; what asks so is OUT.c's store_sparse.
 * OUT.h has enum query; OUT.c the texts, the schemas statement by statement, and the steps of migration.
 * A tool of the build: its memory is one pool, and any fault simply exits.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 400, TEXT_MAX = 4000 };

struct statement {
	char *name;
	char *args, *row, *scan, *sort, *empty; /* what stands in parentheses; NULL without */
	char *sql;
	int line;
	bool journal, ages;
};

struct source {
	const char *path;
	char *text;
};

static struct statement statements[QUERY_MAX];
static int statement_n;

#define die(path, line, ...)                                \
	do {                                                \
		fprintf(stderr, "%s:%d: ", (path), (line)); \
		fprintf(stderr, __VA_ARGS__);               \
		fputc('\n', stderr);                        \
		exit(1);                                    \
	} while (0)

/* Zeroed memory for the life of the program. */
static char *room(size_t n)
{
	static char pool[16 << 20];
	static size_t used;

	if (n >= sizeof(pool) - used)
		die("sqlgen", 0, "the sources are too large");
	used += n + 1;
	return pool + used - n - 1;
}

static char *copy(const char *s, size_t n)
{
	return memcpy(room(n), s, n);
}

static struct source source_read(const char *path)
{
	struct source src = { .path = path };
	FILE *f = fopen(path, "re");
	size_t cap = 1 << 20;

	if (!f)
		die(path, 0, "cannot be read");
	src.text = room(cap);
	if (fread(src.text, 1, cap, f) == cap)
		die(path, 0, "is larger than 1 MiB");
	fclose(f);
	return src;
}

/* The value of "(key: value)" or "(key)" in a header line; parentheses do not nest. */
static char *option(const char *header, const char *key, bool *found)
{
	size_t n = strlen(key);

	for (const char *p = strchr(header, '('); p; p = strchr(p + 1, '(')) {
		const char *end = strchr(p, ')');
		if (!end || strncmp(p + 1, key, n) != 0 || (p[n + 1] != ':' && p[n + 1] != ')'))
			continue;
		if (found)
			*found = true;
		p += n + 1;
		p += strspn(p, ": ");
		return p < end ? copy(p, (size_t)(end - p)) : NULL;
	}
	return NULL;
}

static struct statement statement_begin(const char *header, int line)
{
	struct statement s = { .line = line };
	size_t n = strspn(header, "abcdefghijklmnopqrstuvwxyz_0123456789 "); /* a step is "cache 2" */

	while (n && header[n - 1] == ' ')
		n--;
	s.name = copy(header, n);
	s.args = option(header, "args", NULL);
	s.row = option(header, "row", NULL);
	s.scan = option(header, "scan", NULL);
	s.sort = option(header, "sort", NULL);
	s.empty = option(header, "empty", NULL);
	option(header, "journal", &s.journal);
	option(header, "ages", &s.ages);
	s.sql = room(TEXT_MAX + 1);
	return s;
}

static void statement_add(const struct source *src, struct statement *s, const char *line, size_t n)
{
	size_t have = strlen(s->sql);

	while (n && (*line == ' ' || *line == '\t'))
		line++, n--;
	if (have + n + 1 > TEXT_MAX)
		die(src->path, s->line, "%s is longer than %d bytes", s->name, TEXT_MAX);
	if (have && n)
		s->sql[have++] = ' ';
	memcpy(s->sql + have, line, n);
}

/* Blocks that begin with "-- <keyword>: <header>"; other comment lines are dropped. */
static int source_parse(const struct source *src, const char *keyword, struct statement *out, int max)
{
	int n = 0, line = 0;
	char mark[32];

	snprintf(mark, sizeof(mark), "-- %s: ", keyword);
	for (const char *p = src->text; *p; p += *p == '\n') {
		size_t len = strcspn(p, "\n");
		line++;
		if (!strncmp(p, mark, strlen(mark))) {
			if (n == max)
				die(src->path, line, "more than %d statements", max);
			out[n++] = statement_begin(copy(p + strlen(mark), len - strlen(mark)), line);
		} else if (strncmp(p, "--", 2) != 0 && len) {
			if (!n)
				die(src->path, line, "a statement without a name");
			statement_add(src, &out[n - 1], p, len);
		}
		p += len;
	}
	return n;
}

static sqlite3 *schema_open(const struct source *src)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	if (sqlite3_open(":memory:", &db) || sqlite3_exec(db, src->text, NULL, NULL, &message))
		die(src->path, 0, "%s", message ? message : "cannot open a database in memory");
	return db;
}

/* Does the plan have a line that begins with this? */
static bool plan_has(sqlite3 *db, const struct source *src, const struct statement *s, const char *what)
{
	sqlite3_stmt *plan = NULL;
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", s->sql);
	bool has = false;

	if (sqlite3_prepare_v2(db, explain, -1, &plan, NULL))
		die(src->path, s->line, "%s: %s", s->name, sqlite3_errmsg(db));
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(plan, 3);
		has = has ||
		      (!strncmp(detail, what, strlen(what)) && strcmp(detail, "SCAN CONSTANT ROW") != 0);
	}
	sqlite3_finalize(plan);
	sqlite3_free(explain);
	return has;
}

static void statement_prove(sqlite3 *db, const struct source *src, const struct statement *s)
{
	sqlite3_stmt *stmt = NULL;
	const char *tail = NULL;

	if (sqlite3_prepare_v2(db, s->sql, -1, &stmt, &tail))
		die(src->path, s->line, "%s: %s", s->name, sqlite3_errmsg(db));
	if (!stmt || *tail)
		die(src->path, s->line, "%s is not exactly one statement", s->name);
	if (sqlite3_bind_parameter_count(stmt) && !s->args)
		die(src->path, s->line, "%s has parameters but no (args: RECORD)", s->name);
	if (sqlite3_column_count(stmt) && !s->row)
		die(src->path, s->line, "%s has columns but no (row: RECORD)", s->name);
	if (s->ages && (s->row || s->journal))
		die(src->path, s->line, "%s: (ages) is of what writes the cache", s->name);
	if (plan_has(db, src, s, "SCAN") != (s->scan != NULL))
		die(src->path, s->line, "%s: (scan: reason) %s", s->name,
		    s->scan ? "is not needed: the plan has no scan" : "is missing: the plan scans a table");
	if (plan_has(db, src, s, "USE TEMP B-TREE") != (s->sort != NULL))
		die(src->path, s->line, "%s: (sort: reason) %s", s->name,
		    s->sort ? "is not needed: the plan does not sort" : "is missing: the plan sorts");
	sqlite3_finalize(stmt);
}

/* ---- tables that are often empty: one look at all of them spares the statements that would find nothing ---- */

static const char *sparse[32];
static int sparse_n;

static int sparse_bit(const struct statement *s, const struct source *src)
{
	int i = 0;

	if (!s->empty)
		return -1;
	if (s->journal)
		die(src->path, s->line, "%s: (empty: table) is of the cache only", s->name);
	while (i < sparse_n && strcmp(sparse[i], s->empty) != 0)
		i++;
	if (i == 32)
		die(src->path, s->line, "%s: more than 32 tables", s->name);
	sparse[i] = s->empty;
	sparse_n += i == sparse_n;
	return i;
}

static char *sparse_text(sqlite3 *db, const struct source *src)
{
	char *sql = room(TEXT_MAX + 1);
	sqlite3_stmt *stmt = NULL;
	int n = snprintf(sql, TEXT_MAX, "SELECT 0");

	for (int i = 0; i < sparse_n; i++)
		n += snprintf(sql + n, (size_t)(TEXT_MAX - n), " | (EXISTS (SELECT 1 FROM %s) << %d)",
			      sparse[i], i);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL))
		die(src->path, 0, "(empty: table): %s", sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	return sql;
}

static void write_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '\n')
			fputs("\\n", f);
		else if (*s == '\t')
			fputs("\\t", f);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else
			fputc(*s, f);
	}
	fputc('"', f);
}

static void write_header(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		die(path, 0, "cannot be written");
	fputs("/* Made by store/sqlgen.c from store/queries.sql. */\n#pragma once\n\nenum query {\n", f);
	for (int i = 0; i < statement_n; i++)
		fprintf(f, "\tQ_%s,\n", statements[i].name);
	fputs("\tQ_MAX_\n};\n", f);
	if (fclose(f))
		die(path, 0, "cannot be written");
}

/* One string a statement, so that no string is longer than a C compiler must take. Schemas have no ';' inside. */
static void write_schema(FILE *f, const struct source *src, const char *name)
{
	const char *p = src->text;

	fprintf(f, "const char *const %s[] = {\n", name);
	for (p += strspn(p, " \n"); *p; p += strspn(p, " \n")) {
		size_t n = strncmp(p, "--", 2) != 0 ? strcspn(p, ";") + 1 : strcspn(p, "\n");
		if (strncmp(p, "--", 2) != 0) {
			fputc('\t', f);
			write_string(f, copy(p, n));
			fputs(",\n", f);
		}
		p += n;
	}
	fputs("\t0,\n};\n\n", f);
}

static void write_steps(FILE *f, const struct source *src)
{
	static struct statement steps[64];
	int n = source_parse(src, "step", steps, 64);

	fputs("const struct store_step store_steps[] = {\n", f);
	for (int i = 0; i < n; i++) {
		fprintf(f, "\t{ \"%s\", ", steps[i].name);
		write_string(f, steps[i].sql);
		fputs(" },\n", f);
	}
	fputs("\t{ 0, 0 },\n};\n\n", f);
}

static void write_field(FILE *f, const char *s)
{
	if (s)
		write_string(f, s);
	else
		fputc('0', f);
	fputs(", ", f);
}

static void write_texts(const char *path, const struct source src[4], sqlite3 *cache)
{
	FILE *f = fopen(path, "we");

	if (!f)
		die(path, 0, "cannot be written");
	fputs("/* Made by store/sqlgen.c from store/ (all .sql files). */\n#include \"store/private.h\"\n\n",
	      f);
	write_schema(f, &src[0], "store_cache_schema");
	write_schema(f, &src[1], "store_journal_schema");
	write_steps(f, &src[2]);
	fputs("const struct query_text query_texts[Q_MAX_] = {\n", f);
	for (int i = 0; i < statement_n; i++) {
		const struct statement *s = &statements[i];
		fprintf(f, "\t[Q_%s] = { \"%s\", ", s->name, s->name);
		write_field(f, s->args);
		write_field(f, s->row);
		fprintf(f, "%d, %d, %d,\n\t\t", s->journal, !s->row && !s->journal && !s->ages,
			sparse_bit(s, &src[3]));
		write_string(f, s->sql);
		fputs(" },\n", f);
	}
	fputs("};\n\nconst char store_sparse[] = ", f);
	write_string(f, sparse_text(cache, &src[3]));
	fputs(";\n", f);
	if (fclose(f))
		die(path, 0, "cannot be written");
}

int main(int argc, char **argv)
{
	struct source src[4];
	sqlite3 *cache, *journal;

	if (argc != 7) {
		fputs("usage: sqlgen schema.sql journal.sql migrate.sql queries.sql OUT.h OUT.c\n", stderr);
		return 2;
	}
	for (int i = 0; i < 4; i++)
		src[i] = source_read(argv[i + 1]);
	cache = schema_open(&src[0]);
	journal = schema_open(&src[1]);
	statement_n = source_parse(&src[3], "query", statements, QUERY_MAX);
	for (int i = 0; i < statement_n; i++)
		statement_prove(statements[i].journal ? journal : cache, &src[3], &statements[i]);
	write_header(argv[5]);
	write_texts(argv[6], src, cache);
	sqlite3_close(cache);
	sqlite3_close(journal);
	return 0;
}
