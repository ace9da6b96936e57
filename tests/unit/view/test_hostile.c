/* Text that attacks a terminal, in every field of the cache and of the engine's answers: nothing of it may come out. */
#include "core/view/journal.h"
#include "core/view/plan.h"
#include "tests/golden/world_fill.h"
#include "tests/golden/world_proof.h"

#include "base/text.h"
#include "core/view/proof.h"
#include "core/view/view.h"

static const struct when now = { WORLD_NOW };

static void check_text(const char *what, const char *s)
{
	if (!s)
		fail_msg("%s is NULL", what);
	if (!text_is_safe(s))
		fail_msg("%s is not safe: %s", what, s);
}

/* JSON on stdout goes to terminals as well. */
static void check_json(const char *what, const struct buf *out)
{
	struct json *j = NULL;
	struct err e = ERR_INIT;
	assert_false(out->over);
	if (json_parse(&j, out->s, out->n, 1 << 24, &e) < 0)
		fail_msg("%s: %s", what, e.message);
	json_free(j);
	for (size_t i = 0; i < out->n; i++)
		if ((unsigned char)out->s[i] < 0x20 || out->s[i] == 0x7f)
			fail_msg("%s: byte %02x", what, (unsigned)(unsigned char)out->s[i]);
	assert_null(strstr(out->s, "\xe2\x80\xae"));
	assert_null(strstr(out->s, "\xe2\x80\x8b"));
	assert_null(strstr(out->s, "\xc2\x9b"));
	assert_null(strstr(out->s, "\\u001b"));
	assert_null(strstr(out->s, "\\u202e"));
}

#define TEXT(row, member) check_text(#member, (row)->member)

static void check_run_row(const struct run_row *r)
{
	TEXT(r, lane), TEXT(r, workflow), TEXT(r, title), TEXT(r, event), TEXT(r, branch), TEXT(r, sha);
	TEXT(r, actor), TEXT(r, url), TEXT(r, status), TEXT(r, conclusion), TEXT(r, age), TEXT(r, duration);
	TEXT(r, release);
}

static void check_gate_rows(const struct gate_rows *v)
{
	assert_true(v->n > 0);
	vec_each (g, v) {
		TEXT(g, lane), TEXT(g, environment), TEXT(g, reviewers), TEXT(g, why_not), TEXT(g, since);
		TEXT(g, wait_until), TEXT(g, title), TEXT(g, release);
		assert_string_equal(g->key, HOSTILE);
	}
}

static void check_header(struct world *w)
{
	struct view_header h;
	assert_int_equal(view_header(&h, w->store, now, &w->a, &w->e), 0);
	TEXT(&h, drill), TEXT(&h, login), TEXT(&h, banner);
	assert_int_equal(h.api_remaining, -1);
}

static void check_lanes(struct world *w, struct jw *j)
{
	struct lane_rows v = { 0 };
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, 1);
	const struct lane_row *l = &v.items[0];
	TEXT(l, name), TEXT(l, system), TEXT(l, environment), TEXT(l, repo), TEXT(l, live), TEXT(l, next);
	TEXT(l, progress), TEXT(l, since), TEXT(l, unsettled);
	assert_true(*l->unsettled != 0);
	assert_int_equal(l->reasons_n, 1);
	TEXT(l, reasons[0]);
	view_lanes_json(j, &v, now);
}

static void check_runs(struct world *w, struct jw *j)
{
	struct run_rows v = { 0 };
	assert_int_equal(view_runs(&v, w->store, NULL, 0, 10, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, 1);
	check_run_row(&v.items[0]);
	view_runs_json(j, &v, now);
}

static void check_run(struct world *w, struct jw *j)
{
	struct run_view v;
	assert_int_equal(view_run(&v, w->store, 7, now, &w->a, &w->e), 0);
	check_run_row(&v.run);
	check_gate_rows(&v.gates);
	TEXT(&v, intent);
	assert_int_equal(v.jobs_n, 1);
	TEXT(&v.jobs[0], name), TEXT(&v.jobs[0], stage), TEXT(&v.jobs[0], duration);
	assert_int_equal(v.jobs[0].steps_n, 3);
	for (int i = 0; i < v.jobs[0].steps_n; i++) {
		const struct step_row *s = &v.jobs[0].steps[i];
		TEXT(s, name), TEXT(s, status), TEXT(s, conclusion), TEXT(s, duration);
		assert_int_not_equal(s->conclusion_value, CONCLUSION_SUCCESS); /* damage is never good */
	}
	view_run_json(j, &v, now);
}

static void check_gates(struct world *w, struct jw *j)
{
	struct gate_rows v = { 0 };
	assert_int_equal(view_gates(&v, w->store, false, now, &w->a, &w->e), 0);
	check_gate_rows(&v);
	view_gates_json(j, &v, now);
}

static void check_journal(struct world *w, struct jw *j)
{
	struct intent_rows v = { 0 };
	assert_int_equal(view_journal(&v, w->store, 10, true, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, 1);
	const struct intent_row *i = &v.items[0];
	TEXT(i, act), TEXT(i, lane), TEXT(i, subject), TEXT(i, who), TEXT(i, reason), TEXT(i, state);
	TEXT(i, note), TEXT(i, when), TEXT(i, plan_id), TEXT(i, nonce), TEXT(i, run_url);
	view_journal_json(j, &v, now);
}

static void check_why(struct world *w, struct jw *j)
{
	struct why_rows v = { 0 };
	assert_int_equal(view_why(&v, w->store, HOSTILE, now, &w->a, &w->e), 0);
	assert_true(v.n >= 4);
	vec_each (row, &v)
		TEXT(row, text), TEXT(row, source), TEXT(row, age), TEXT(row, fix);
	view_why_json(j, &v, now);
}

static void check_opinions(struct world *w, const struct proof_row *p)
{
	struct proof_opinion opinions[PROOF_OPINIONS];
	view_proof_opinions(opinions, p, "acme/easy", &w->a);
	for (int i = 0; i < PROOF_OPINIONS; i++) {
		TEXT(&opinions[i], tool), TEXT(&opinions[i], line), TEXT(&opinions[i], note);
		assert_true(*opinions[i].line || *opinions[i].note);
	}
}

static void check_proofs(struct world *w, struct jw *j)
{
	struct proof_rows v = { 0 };
	assert_int_equal(view_proofs(&v, w->store, HOSTILE, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, 2);
	vec_each (row, &v) {
		TEXT(row, lane), TEXT(row, release), TEXT(row, subject), TEXT(row, digest), TEXT(row, status);
		TEXT(row, digest_short), TEXT(row, commit_short), TEXT(row, builder_short), TEXT(row, reason);
		TEXT(row, meaning), TEXT(row, age);
		assert_int_equal(view_proof_steps(row, w->store, &w->a, &w->e), 0);
		assert_int_not_equal(row->status_value, PROOF_VERIFIED); /* damage is never good */
		assert_int_equal(row->items_n, 1);
		const struct proof_row *p = row->items;
		TEXT(p, check), TEXT(p, status), TEXT(p, detail), TEXT(p, source), TEXT(p, evidence);
		TEXT(p, root), TEXT(p, builder), TEXT(p, commit), TEXT(p, signed_at), TEXT(p, verified_at);
		assert_true(p->steps_n > 0);
		for (int i = 0; i < p->steps_n; i++) {
			const struct proof_step_row *s = &p->steps[i];
			TEXT(s, id), TEXT(s, name), TEXT(s, result), TEXT(s, reason), TEXT(s, meaning);
			TEXT(s, expected), TEXT(s, found);
		}
		check_opinions(w, p);
	}
	view_proofs_json(j, &v, now);
}

static const struct {
	const char *name;
	void (*check)(struct world *w, struct jw *j);
} views[] = {
	{ "lanes", check_lanes },   { "runs", check_runs },       { "run", check_run },
	{ "gates", check_gates },   { "journal", check_journal }, { "why", check_why },
	{ "proofs", check_proofs },
};

static void test_cache(void **state)
{
	struct world w;
	(void)state;
	world_open(&w);
	world_fill(&w, WORLD_HOSTILE, 0);
	world_proof(&w, WORLD_HOSTILE, 0);
	check_header(&w);
	for (size_t i = 0; i < countof(views); i++) {
		struct buf out = BUF_INIT(1 << 20);
		struct jw j;
		jw_init(&j, &out);
		views[i].check(&w, &j);
		check_json(views[i].name, &out);
		buf_done(&out);
	}
	world_close(&w);
}

/* The engine is ours, but what it says about a plan is made of foreign names. */
static void test_plan(void **state)
{
#define BAD "\\u001b[2J\\u202edrawer\\u009b31m\\r\\n\\u200b"
	static const char text[] =
		"{\"plan_id\":\"" BAD "\",\"act\":\"" BAD "\",\"lane\":\"" BAD "\",\"release\":\"" BAD
		"\",\"sha\":\"" BAD "\",\"verdict\":\"" BAD "\",\"confirm\":\"" BAD "\",\"made\":\"" BAD
		"\",\"back\":\"" BAD "\",\"note\":\"" BAD "\",\"requests\":[{\"request\":\"" BAD
		"\",\"body\":{\"x\":\"" BAD "\"}},{\"request\":\"y\",\"body\":\"" BAD
		"\"},3],\"command\":\"" BAD "\",\"undo\":\"" BAD "\",\"inputs\":[{\"name\":\"" BAD
		"\",\"type\":\"" BAD "\",\"default\":\"" BAD "\",\"description\":\"" BAD "\",\"value\":\"" BAD
		"\",\"note\":\"" BAD "\",\"options\":[\"" BAD "\",9]},5],\"changes\":[{\"sha\":\"" BAD
		"\",\"title\":\"" BAD "\",\"author\":\"" BAD "\",\"at\":\"" BAD
		"\"},null],\"checks\":[{\"name\":\"" BAD "\",\"status\":\"" BAD "\",\"detail\":\"" BAD
		"\",\"fix\":\"" BAD "\",\"source\":\"" BAD "\"},7]}";
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct plan_view p;
	struct json *j = NULL;
	(void)state;
	assert_int_equal(json_parse(&j, text, sizeof(text) - 1, 1 << 16, &e), 0);
	assert_int_equal(view_plan(&p, j, now, &a, &e), 0);
	TEXT(&p, plan_id), TEXT(&p, act), TEXT(&p, lane), TEXT(&p, release), TEXT(&p, sha), TEXT(&p, verdict);
	TEXT(&p, confirm), TEXT(&p, made), TEXT(&p, back), TEXT(&p, note);
	for (int i = 0; i < p.requests_n; i++)
		TEXT(&p.requests[i], what), TEXT(&p.requests[i], request), TEXT(&p.requests[i], body);
	for (int i = 0; i < p.inputs_n; i++) {
		const struct input_row *in = &p.inputs[i];
		TEXT(in, name), TEXT(in, type), TEXT(in, fallback), TEXT(in, description), TEXT(in, value);
		TEXT(in, note);
		assert_true(in->fixed); /* what does not say otherwise */
		for (int k = 0; k < in->options_n; k++)
			check_text("option", in->options[k]);
	}
	TEXT(&p, command), TEXT(&p, undo);
	for (int i = 0; i < p.changes_n; i++)
		check_text("change", p.changes[i]);
	for (int i = 0; i < p.checks_n; i++) {
		TEXT(&p.checks[i], name), TEXT(&p.checks[i], detail), TEXT(&p.checks[i], fix);
		TEXT(&p.checks[i], source), TEXT(&p.checks[i], age);
		assert_int_not_equal(p.checks[i].status, CHECK_OK);
	}
	assert_false(p.go);
	json_free(j);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cache), cmocka_unit_test(test_plan) };
	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
