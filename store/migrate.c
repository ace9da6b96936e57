#include "store/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "cache 2" is version 2 of the flavour "cache", else 0. */
static int step_version(const struct flavour *flavour, const struct store_step *step)
{
	size_t n = strlen(flavour->steps);

	if (strncmp(step->name, flavour->steps, n) != 0 || step->name[n] != ' ')
		return 0;
	return (int)strtol(step->name + n + 1, NULL, 10);
}

int store_latest(const struct flavour *flavour, const struct store_step *steps)
{
	int latest = 1;

	for (; steps->name; steps++) {
		int v = step_version(flavour, steps);
		latest = v > latest ? v : latest;
	}
	return latest;
}

static int schema_make(struct store *s, struct err *e)
{
	for (const char *const *sql = s->flavour->schema; *sql; sql++) {
		int r = store_exec(s, *sql, e);
		if (r)
			return r;
	}
	return 0;
}

static int steps_run(struct store *s, const struct store_step *steps, int from, struct err *e)
{
	for (; steps->name; steps++) {
		if (step_version(s->flavour, steps) <= from)
			continue;
		int r = store_exec(s, steps->sql, e);
		if (r)
			return r;
	}
	return 0;
}

/* The two numbers of the file's header are part of the transaction, like any page. */
static int header_write(struct store *s, int version, struct err *e)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d",
		 s->flavour->application_id, version);
	return store_exec(s, sql, e);
}

static int migrate_locked(struct store *s, const struct store_step *steps, int latest, struct err *e)
{
	int64_t version = 0;
	int r = store_number(s, "PRAGMA user_version", &version, e);

	/* Another process may have been faster while we waited for the lock. */
	if (r || version == latest)
		return r;
	r = version == 0 ? schema_make(s, e) : steps_run(s, steps, (int)version, e);
	return r ? r : header_write(s, latest, e);
}

int store_migrate(struct store *s, const struct store_step *steps, struct err *e)
{
	int64_t version = 0;
	int latest = store_latest(s->flavour, steps);
	int r = store_number(s, "PRAGMA user_version", &version, e);

	if (r || version == latest)
		return r;
	if (version > latest) {
		r = err_set(e, ERR_STORE, "%s %s has schema %d, this program knows up to %d",
			    s->flavour->word, s->path, (int)version, latest);
		err_hint(e, "a newer pilothouse wrote it: use that one");
		return r;
	}
	r = store_begin(s, e);
	if (r)
		return r;
	r = migrate_locked(s, steps, latest, e);
	if (r) {
		store_undo(s);
		return r;
	}
	return store_end(s, e);
}
