/* attest.c - what is proved, opened: the steps of a subject, the machines of a lane, one of them, and their fleet. */
#include "tui/app.h"

#include <string.h>

#include "base/text.h"
#include "tui/filter.h"

/* ---- rows ---- */

/* Raw text is compared, never shown. */
static bool machine_fits(struct app *app, const struct agent *m, struct arena *a)
{
	const struct filter_field fields[] = {
		{ "state", proof_status_word(m->status) },
		{ "size", m->size },
		{ "dc", m->datacenter },
		{ "says", m->said_verified ? "verified" : "not" },
		{ "differs", m->differs },
		{ "tcb", m->tcb },
		{ "reason", proof_reason_word(m->reason) },
	};

	arena_reset(a);
	return filter_matches(app->filter, fields, countof(fields),
			      arena_printf(a, "%s %s %s %s %s %s %s %s", m->name, m->id, m->size,
					   m->datacenter, m->differs, m->detail, m->word, m->complaint));
}

static void filter_machines(struct app *app)
{
	struct agents *v = &app->shown.fleet.machines;
	struct arena a = ARENA_INIT;
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (machine_fits(app, &v->items[i], &a))
			v->items[n++] = v->items[i];
	v->n = n;
	arena_done(&a);
}

int attest_load(struct app *app, struct when now, struct err *e)
{
	int r = view_fleet(&app->shown.fleet, app->store, app_here(app)->lane, now, &app->arena, e);

	if (r == 0 && *app->filter)
		filter_machines(app);
	return r < 0 ? r : 0;
}

/* The tables of the machine that the pane is about: read alone, for a cursor that moves must not read thousands again. */
int attest_pane(struct app *app, struct err *e)
{
	const struct agents *v = &app->shown.fleet.machines;
	int r = 1;

	arena_reset(&app->pane_arena);
	app->shown.machine = (struct agent_tree_rows){ .damage = "", .age = "-" };
	if (app->store && app->pane_at >= 0 && (size_t)app->pane_at < v->n)
		r = view_agent_tree(&app->shown.machine, app->store, app_here(app)->lane,
				    v->items[app->pane_at].id, clock_wall(&app->clock), &app->pane_arena, e);
	return r < 0 ? r : 0;
}

void attest_settle(struct app *app)
{
	struct err e = ERR_INIT;

	if (attest_pane(app, &e) < 0)
		app_say(app, ROLE_FAIL, "%s", e.message);
}

/* ---- what Enter opens ---- */

static void begin_sheet(struct app *app)
{
	arena_reset(&app->sheet_arena);
	app->lines = (struct lines){ 0 };
}

/* The tree of the subject under the cursor, as long as it is; of the line of machines, those. */
void attest_open_proof(struct app *app)
{
	const struct proof_subject_row *row = app_proof(app);
	const struct lane_row *lane = app_lane(app);

	if (!row) {
		app_say(app, ROLE_DIM, "no subject is under the cursor");
		return;
	}
	if (row->machines && lane) {
		app_go(app, SCREEN_ATTEST, lane->name, 0);
		return;
	}
	begin_sheet(app);
	sheet_proof(&app->lines, row, lane ? lane->repo : "", app->grid.cols, app->grid.ascii,
		    &app->sheet_arena);
	sheet_open(app, SHEET_PROOF);
}

void attest_open_machine(struct app *app)
{
	size_t at = (size_t)app_here(app)->list.cursor;
	struct agent_tree_rows tree = { .damage = "", .age = "-" };
	struct err e = ERR_INIT;

	if (at >= app->shown.fleet.machines.n || !app->store) {
		app_say(app, ROLE_DIM, "no machine is under the cursor");
		return;
	}
	begin_sheet(app);
	if (view_agent_tree(&tree, app->store, app_here(app)->lane, app->shown.fleet.machines.items[at].id,
			    clock_wall(&app->clock), &app->sheet_arena, &e) < 0)
		app_say(app, ROLE_FAIL, "%s", e.message);
	sheet_machine(&app->lines, &app->shown.fleet, at, &tree, app->grid.cols, app->grid.ascii,
		      &app->sheet_arena);
	sheet_open(app, SHEET_ATTEST);
}

/* Policy, trust list and counts: of the fleet, whichever machine the cursor is on. */
void attest_open_fleet(struct app *app)
{
	begin_sheet(app);
	sheet_fleet(&app->lines, &app->shown.fleet, app->grid.cols, app->grid.ascii, &app->sheet_arena);
	sheet_open(app, SHEET_ATTEST);
}

const char *attest_enter_words(const struct app *app)
{
	const struct proof_rows *v = &app->shown.proofs;

	if (app_here(app)->screen == SCREEN_ATTEST)
		return "machine";
	return app->pane_at >= 0 && (size_t)app->pane_at < v->n && v->items[app->pane_at].machines
		       ? "machines"
		       : "proof";
}
