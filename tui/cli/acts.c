/* acts.c - `journal` and `outbox`: what was done here, as the journal itself has it. The cache's copies are for screens. */
#include "tui/cli/cli.h"

#include "core/view/journal.h"
#include "tui/cli/table.h"

/*
 * What the cache knows the journal must know, or it was lost. A cache that is gone knows nothing, and takes no act with it;
 * one that is damaged does not hide them either. 1: there is no journal, and no cache that would tell that nothing was done.
 */
static int is_whole(const struct cli *c, struct journal *j, struct err *e)
{
	const char *path = c->places->journal_path;
	autofree(store) struct store *cache = NULL;
	int r = store_open(&cache, c->places->cache_path, STORE_READ, e);

	if (r == 0)
		return journal_holds_known(j, path, cache, e);
	if (!j)
		return r;
	if (r < 0)
		cli_note(arena_printf(c->arena, "whether the journal lost something cannot be told: %s",
				      e->message));
	return 0;
}

static int read_acts(const struct cli *c, struct intents *out, struct err *e)
{
	autofree(journal) struct journal *j = NULL;
	int r = journal_open_reader(&j, c->places->journal_path, e);

	if (r >= 0)
		r = is_whole(c, j, e);
	if (r || !j)
		return r;
	if (c->command->info->id == CMD_OUTBOX)
		return journal_open_intents(j, out, c->arena, e);
	return journal_recent(j, (int)command_number(c->command, OPT_LIMIT, 50), out, c->arena, e);
}

static void write_table(struct buf *out, const struct intent_rows *rows, struct arena *a)
{
	static const char *const heads[] = { "INTENT",  "AGO", "STATE", "ACT",  "LANE",
					     "SUBJECT", "WHO", "RUN",   "NOTE", NULL };
	struct table t = { .heads = heads };

	vec_each (row, rows)
		*table_add(&t, a) = (struct table_row){ { table_number(a, row->id), row->when, row->state,
							  row->act, row->lane, row->subject_short, row->who,
							  row->run_id ? table_number(a, row->run_id) : "-",
							  *row->reason ? row->reason : row->note } };
	table_print(&t, out);
}

int cli_acts(struct cli *c)
{
	struct intents acts = { 0 };
	struct intent_rows rows = { 0 };
	struct buf out = BUF_INIT(64 << 20);
	struct when now = clock_wall(c->clock);
	struct err e = ERR_INIT;
	int r = read_acts(c, &acts, &e);

	if (r)
		return r < 0 ? cli_fail(c, &e) : cli_never_read(c);
	view_intents(&rows, &acts, now, c->arena);
	if (c->json) {
		struct jw w;
		jw_init(&w, &out);
		view_journal_json(&w, &rows, now);
	} else {
		write_table(&out, &rows, c->arena);
	}
	int status = cli_print(&out, c->json);
	buf_done(&out);
	return status;
}
