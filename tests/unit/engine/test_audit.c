/*
 * What is done to a chain is named. Each case makes the acts of a small history, spoils the file as a second pair of hands
 * would, and reads what verifying says.
 */
#include "rig.h"

#include "base/json_canonical.h"
#include "base/text.h"
#include "core/engine/audit.h"
#include "store/private.h"

#define ROUNDS 4

static void raw(struct rig *r, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(sqlite3_open(rig_path(r, "journal.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message))
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

/* Four acts that were sent and linked: a genesis line, and three lines each (armed, sent, linked). */
static void make_act(struct rig *r, int n)
{
	static const int states[] = { INTENT_SENT, INTENT_LINKED };
	struct intent twin, in = { .nonce = arena_printf(&r->a, "%032d", n),
				   .plan_id = "0a1b2c3d",
				   .act = "dispatch",
				   .lane = "easy/prod",
				   .repo = "easyenclave/easyenclave",
				   .subject = "v0.9.4",
				   .line = "dispatch easy/prod v0.9.4",
				   .request = "POST /x",
				   .body = "{}",
				   .who = "ana@bastion (octo-ana)",
				   .relies_on = "[]",
				   .target = "{\"workflow\":\"w.yml\"}",
				   .created = { 1000 + n } };

	assert_int_equal(journal_add(r->journal, &in, &twin, &r->a, NULL), 0);
	for (size_t i = 0; i < countof(states); i++) {
		in.state = states[i];
		in.run_id = 100 + n;
		in.note = "as it \xff was";
		assert_int_equal(journal_advance(r->journal, &in, (struct when){ 2000 + n }, NULL), 0);
	}
}

static void make_history(struct rig *r)
{
	for (int i = 0; i < ROUNDS; i++)
		make_act(r, i);
}

static const char *report_words(struct rig *r, const struct audit_report *rep)
{
	struct buf b = BUF_INIT(8192);
	const char *text;

	vec_each (f, &rep->findings)
		buf_fmt(&b, "%s %" PRId64 "\n", names_word(&audit_tamper_names, (int)f->kind), f->seq);
	text = arena_strdup(&r->a, b.s);
	buf_done(&b);
	return text;
}

static const char *verify(struct rig *r, struct audit_report *out)
{
	struct audit_report own;
	struct err e = ERR_INIT;

	out = out ? out : &own;
	if (audit_verify(r->journal, rig_digest, out, &r->a, &e) < 0)
		fail_msg("%s", e.message);
	return report_words(r, out);
}

static void an_untouched_chain_is_whole(void **state)
{
	struct rig *r = *state;
	struct audit_report rep;

	make_history(r);
	assert_string_equal(verify(r, &rep), "");
	assert_int_equal(rep.lines, 1 + 3 * ROUNDS);
	assert_int_equal(rep.last.seq, rep.lines);
}

/* ---- a second pair of hands ------------------------------------------------------------------------------------------ */

struct row {
	int64_t seq, log;
	char *line, *hash;
};
struct rows {
	VEC(struct row) list;
	struct arena *a;
};

static int take_row(void *ctx, const void *row)
{
	const struct audit_line *l = row;
	struct rows *rows = ctx;

	*vec_push(&rows->list, rows->a) = (struct row){ l->seq, l->log, arena_strdup(rows->a, l->line),
							arena_strdup(rows->a, l->hash) };
	return 0;
}

static struct rows rows_of(struct rig *r)
{
	struct rows rows = { .a = &r->a };

	assert_int_equal(audit_each(r->journal, take_row, &rows, NULL), 0);
	return rows;
}

/* What stands behind a key of a line, written over: as long as before, or of the same meaning to a reader. */
static void put(struct rig *r, struct row *row, const char *key, const char *value, size_t old)
{
	char *at = strstr(row->line, key);

	assert_non_null(at);
	at += strlen(key);
	row->line = arena_printf(&r->a, "%.*s%s%s", (int)(at - row->line), row->line, value, at + old);
}

static void save(struct rig *r, const struct row *row)
{
	raw(r, arena_printf(&r->a, "UPDATE audit SET line = '%s', hash = '%s', log = %d WHERE seq = %d",
			    row->line, row->hash, (int)row->log, (int)row->seq));
}

/* As a thief with the program's own source would: every line from `from` on follows the one before it again. */
static void chain_anew(struct rig *r, size_t from)
{
	struct rows rows = rows_of(r);

	for (size_t i = from - 1; i < rows.list.n; i++) {
		struct row *row = &rows.list.items[i];

		row->seq = (int64_t)i + 1;
		if (i)
			put(r, row, "\"prev\":\"", rows.list.items[i - 1].hash, 64);
		rig_digest(row->line, strlen(row->line), row->hash);
		save(r, row);
	}
}

static void edit_line(struct rig *r)
{
	struct rows rows = rows_of(r);

	put(r, &rows.list.items[4], "\"who\":\"", "eve", 3);
	save(r, &rows.list.items[4]);
}

static void edit_and_hash(struct rig *r)
{
	struct rows rows = rows_of(r);
	struct row *row = &rows.list.items[4];

	put(r, row, "\"state\":\"", "other", 5); /* line 5 is armed */
	rig_digest(row->line, strlen(row->line), row->hash);
	save(r, row);
}

static void edit_and_chain(struct rig *r)
{
	edit_and_hash(r);
	chain_anew(r, 5);
}

static void edit_hash(struct rig *r)
{
	raw(r, "UPDATE audit SET hash = 'f' || substr(hash, 2) WHERE seq = 6 AND hash NOT LIKE 'f%';"
	       "UPDATE audit SET hash = 'e' || substr(hash, 2) WHERE seq = 6 AND hash LIKE 'f%'");
}

static void edit_last_hash(struct rig *r)
{
	raw(r, "UPDATE audit SET hash = 'g' || substr(hash, 2) WHERE seq = 13");
}

static void no_json(struct rig *r)
{
	raw(r, "UPDATE audit SET line = '}{' WHERE seq = 7");
}

static void delete_one(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq = 6");
}

static void delete_some(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq BETWEEN 3 AND 5");
}

static void delete_genesis(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq = 1");
}

static void delete_and_number(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq - 1 WHERE seq > 6;"
	       "UPDATE sqlite_sequence SET seq = 12 WHERE name = 'audit'");
}

static void swap(struct rig *r)
{
	raw(r, "UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 9;"
	       "UPDATE audit SET seq = 9 WHERE seq = -1");
}

static void swap_neighbours(struct rig *r)
{
	raw(r, "UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6;"
	       "UPDATE audit SET seq = 6 WHERE seq = -1");
}

/* A line that follows the fifth as well as the sixth does, and says that it is the sixth. */
static void insert(struct rig *r)
{
	struct rows rows = rows_of(r);
	struct row row = rows.list.items[5];

	put(r, &row, "\"who\":\"", "eve", 3);
	rig_digest(row.line, strlen(row.line), row.hash);
	raw(r, "UPDATE audit SET seq = -seq - 1 WHERE seq > 5; UPDATE audit SET seq = -seq WHERE seq < 0");
	raw(r, arena_printf(&r->a, "INSERT INTO audit VALUES (6, %d, '%s', '%s')", (int)row.log, row.line,
			    row.hash));
}

static void append(struct rig *r, const char *prev)
{
	struct rows rows = rows_of(r);
	struct row row = rows.list.items[12];

	put(r, &row, "\"prev\":\"", prev ? prev : row.hash, 64);
	put(r, &row, "\"seq\":", "14", 2);
	put(r, &row, "\"log\":", "99", 2);
	row.hash = arena_strdup(&r->a, row.hash);
	rig_digest(row.line, strlen(row.line), row.hash);
	raw(r, arena_printf(&r->a, "INSERT INTO audit VALUES (14, 99, '%s', '%s')", row.line, row.hash));
}

static void append_chained(struct rig *r)
{
	append(r, NULL);
}

static void append_loose(struct rig *r)
{
	append(r, AUDIT_ZEROS);
}

#define FARTHEST "9223372036854775807"

/* It says that it stands behind all that can be numbered. */
static void claim_the_farthest(struct rig *r)
{
	struct rows rows = rows_of(r);
	struct row row = rows.list.items[12];

	put(r, &row, "\"prev\":\"", row.hash, 64);
	put(r, &row, "\"seq\":", FARTHEST, 2);
	row.hash = arena_strdup(&r->a, row.hash);
	rig_digest(row.line, strlen(row.line), row.hash);
	raw(r, arena_printf(&r->a, "INSERT INTO audit VALUES (14, 99, '%s', '%s')", row.line, row.hash));
}

static void stand_the_farthest(struct rig *r)
{
	raw(r, "INSERT INTO audit VALUES (" FARTHEST ", " FARTHEST ", '}{', 'x')");
}

static void truncate_tail(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq > 10");
}

static void truncate_and_count(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq > 10; UPDATE sqlite_sequence SET seq = 10 WHERE name = 'audit'");
}

static void delete_all(struct rig *r)
{
	raw(r, "DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name = 'audit'");
}

/* The last act is gone from every table, counters and all: no second account is left here. */
static void forget_the_last_act(struct rig *r)
{
	raw(r, "DELETE FROM audit WHERE seq > 10; DELETE FROM intent_log WHERE intent = 4;"
	       "DELETE FROM intent WHERE id = 4; UPDATE sqlite_sequence SET seq = 10 WHERE name = 'audit'");
}

static void edit_intent(struct rig *r)
{
	raw(r, "UPDATE intent SET who = 'eve@bastion (octo-eve)' WHERE id = 2");
}

static void edit_outcome(struct rig *r)
{
	raw(r, "UPDATE intent SET run_id = 999 WHERE id = 3");
}

static void edit_facts(struct rig *r)
{
	raw(r, "UPDATE intent SET relies_on = '[1]' WHERE id = 3");
}

static void edit_body(struct rig *r)
{
	raw(r, "UPDATE intent SET body = '{\"ref\":\"x\"}' WHERE id = 3");
}

static void edit_move(struct rig *r)
{
	raw(r, "UPDATE intent_log SET note = 'all is well' WHERE id = 5");
}

static void edit_time(struct rig *r)
{
	raw(r, "UPDATE intent_log SET at = at + 1 WHERE id = 5");
}

static void unsealed_intent(struct rig *r)
{
	raw(r, "INSERT INTO intent SELECT 77, 'n77', plan_id, act, lane, repo, subject, line, request, body, "
	       "who, reason, "
	       "relies_on, state, run_id, run_url, note, sends, exclude_run, created, sent, settled, steps, "
	       "done, "
	       "step, client, target FROM intent WHERE id = 4");
}

static void delete_intent(struct rig *r)
{
	raw(r, "DELETE FROM intent WHERE id = 2");
}

static void delete_move(struct rig *r)
{
	raw(r, "DELETE FROM intent_log WHERE id = 5");
}

static const struct {
	const char *what;
	void (*spoil)(struct rig *r);
	const char *findings;
} cases[] = {
	{ "an edited line", edit_line, "edited 5\n" },
	{ "an edited line with a new hash", edit_and_hash, "edited 5\n" },
	{ "the same, and all that follows", edit_and_chain, "disagrees 5\n" },
	{ "an edited hash", edit_hash, "edited 6\n" },
	{ "the newest hash", edit_last_hash, "edited 13\n" },
	{ "what is no JSON", no_json, "edited 7\n" },
	{ "a deleted line", delete_one, "deleted 6\n" },
	{ "deleted lines", delete_some, "deleted 3\n" },
	{ "no beginning", delete_genesis, "deleted 1\n" },
	{ "a deleted line, numbered anew", delete_and_number, "deleted 6\n" },
	{ "swapped lines", swap, "swapped 5\n" },
	{ "swapped neighbours", swap_neighbours, "swapped 5\n" },
	{ "a line put in", insert, "inserted 6\n" },
	{ "a line put at the end", append_chained, "inserted 14\n" },
	{ "a line put at the end that follows none", append_loose, "inserted 14\n" },
	{ "a line that claims the farthest place", claim_the_farthest,
	  "edited 14\ndeleted 14\ninserted 14\n" },
	{ "a line at the farthest place", stand_the_farthest, "deleted 14\nedited " FARTHEST "\n" },
	{ "a cut", truncate_tail, "truncated 11\n" },
	{ "a cut that SQLite does not remember", truncate_and_count, "truncated 11\n" },
	{ "no line at all", delete_all, "truncated 1\n" },
	{ "a forgotten act", forget_the_last_act, "" }, /* a witness must have seen it: below */
	{ "who it was", edit_intent, "disagrees 7\n" },
	{ "what came of it", edit_outcome, "disagrees 10\n" },
	{ "what it relied on", edit_facts, "disagrees 10\n" },
	{ "what was sent", edit_body, "disagrees 10\n" },
	{ "a move's words", edit_move, "disagrees 6\n" },
	{ "a move's time", edit_time, "disagrees 6\n" },
	{ "an intent that was never entered", unsealed_intent, "disagrees 0\n" },
	{ "a move that is gone", delete_move, "inserted 6\n" },
	{ "an intent that is gone", delete_intent, "deleted 5\n" },
};

static void every_tampering_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *found;
		void *one;
		struct rig *r;

		assert_int_equal(rig_setup(&one), 0);
		r = one;
		make_history(r);
		assert_string_equal(verify(r, NULL), "");
		cases[i].spoil(r);
		found = verify(r, NULL);
		if (strcmp(found, cases[i].findings) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].what, found, cases[i].findings);
		rig_teardown(&one);
	}
}

/* What the chain and the rows cannot show: somebody else has seen the head. */
static void a_witness_shows_what_was_cut_or_chained_anew(void **state)
{
	static const struct {
		void (*spoil)(struct rig *r);
		const char *findings;
	} both[] = { { forget_the_last_act, "truncated 13\n" },
		     { edit_and_chain, "disagrees 5\nrechained 13\n" } };

	(void)state;
	for (size_t i = 0; i < countof(both); i++) {
		struct audit_report rep;
		const char *mark, *hash;
		void *one;
		struct rig *r;

		assert_int_equal(rig_setup(&one), 0);
		r = one;
		make_history(r);
		mark = audit_head(r->en, &r->a);
		assert_true(text_starts(mark, "13 "));
		hash = mark + 3;
		assert_int_equal(strlen(hash), AUDIT_MARK_HEX);
		verify(r, &rep);
		assert_true(audit_mark_fits(r->journal, 13, hash, "a comment", &rep, &r->a));
		both[i].spoil(r);
		verify(r, &rep);
		assert_false(audit_mark_fits(r->journal, 13, hash, "a comment", &rep, &r->a));
		assert_string_equal(report_words(r, &rep), both[i].findings);
		rig_teardown(&one);
	}
}

static void a_short_mark_is_none(void **state)
{
	struct rig *r = *state;
	struct audit_report rep = { 0 };
	char eight[9] = "";

	make_history(r);
	memcpy(eight, audit_head(r->en, &r->a) + 3, 8);
	assert_false(audit_mark_fits(r->journal, 13, eight, "a comment", &rep, &r->a));
}

/* Nothing new follows a line that was changed, and what became of the old is entered all the same. */
static void a_spoilt_head_stops_acts(void **state)
{
	struct rig *r = *state;
	struct intents list;
	struct audit_line last;

	make_history(r);
	edit_last_hash(r);
	assert_int_equal(rig_ask(r, DISPATCH), 6);
	assert_non_null(strstr(rig_str(r, "error.message"), "line 13 of the audit chain"));
	assert_int_equal(rig_intents(r, &list), ROUNDS);
	list.items[0].note = "seen later";
	assert_int_equal(journal_advance(r->journal, &list.items[0], (struct when){ 9000 }, NULL), 0);
	assert_int_equal(audit_last(r->journal, &last, &r->a, NULL), 0);
	assert_int_equal(last.seq, 14);
}

/* Who, from where, what on which facts: all of it is in the line of a real act. */
static void a_line_says_who_and_what(void **state)
{
	static const struct {
		const char *path, *value;
	} texts[] = {
		{ "kind", "act" },
		{ "by.user", "ana@bastion" },
		{ "by.client", "203.0.113.9 52144 198.51.100.2 22" },
		{ "intent.act", "dispatch" },
		{ "intent.lane", "easy/prod" },
		{ "intent.client", "203.0.113.9 52144 198.51.100.2 22" },
		{ "intent.who", "ana@bastion (octo-ana)" },
		{ "intent.target.release", "v0.9.4" },
		{ "intent.target.sha", SHA },
		{ "intent.target.workflow", "production-rollout.yml" },
		{ "move.state", "armed" },
	};
	struct rig *r = *state;
	struct audit_line line;
	struct json *j = NULL;

	engine_asks_from(r->en, "203.0.113.9 52144 198.51.100.2 22");
	rig_begin(r, DISPATCH, NULL);
	engine_asks_from(r->en, NULL);
	rig_wait(r, 1);
	assert_int_equal(r->status, 0);
	assert_int_equal(audit_by_seq(r->journal, 2, &line, &r->a, NULL), 0);
	assert_true(json_is_canonical(line.line, strlen(line.line)));
	assert_int_equal(json_parse(&j, line.line, strlen(line.line), 1 << 20, NULL), 0);
	for (size_t i = 0; i < countof(texts); i++) {
		const char *s = json_str(j, texts[i].path);

		if (!s || strcmp(s, texts[i].value) != 0)
			fail_msg("%s is %s", texts[i].path, s ? s : "none");
	}
	assert_int_equal(json_int(j, "by.uid", -1), getuid());
	assert_int_equal(strlen(json_str(j, "intent.relies_on")), 64);
	assert_int_equal(strlen(json_str(j, "sent.body")), 64);
	assert_string_equal(verify(r, NULL), "");
	json_free(j);
}

static void a_mark_is_found_in_a_comment(void **state)
{
#define MARK "[pilothouse audit 12 00112233445566778899aabbccddeeff]"
	static const struct {
		const char *text;
		int64_t seq;
	} marks[] = {
		{ MARK, 12 },
		{ "ok [pilothouse 0a] " MARK " and more", 12 },
		{ NULL, 0 },
		{ "[pilothouse audit 12]", 0 },
		{ "[pilothouse audit 12 00112233]", 0 },
		{ "[pilothouse audit 12 00112233445566778899aabbccddeeff00]", 0 },
		{ "[pilothouse audit x 00112233445566778899aabbccddeeff]", 0 },
		{ "[pilothouse audit 99999999999999999999 00112233445566778899aabbccddeeff]", 0 },
		{ "[pilothouse audit 0 00112233445566778899aabbccddeeff]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(marks); i++) {
		char hash[AUDIT_MARK_HEX + 1] = "";
		int64_t seq = 0;

		assert_int_equal(audit_mark_in(marks[i].text, &seq, hash), marks[i].seq != 0);
		assert_int_equal(seq, marks[i].seq);
		if (seq)
			assert_string_equal(hash, "00112233445566778899aabbccddeeff");
	}
}

static int take_anchor(void *ctx, const void *row)
{
	const struct audit_anchor *an = row;
	struct buf *out = ctx;

	buf_fmt(out, "%s %s %" PRId64 " %.8s\n", an->witness, an->place, an->seq, an->hash);
	return 0;
}

/* The head before the act stands in its comment, and where that is found is remembered. */
static void a_review_shows_the_head_to_the_forge(void **state)
{
	autofree(buf) struct buf anchors = BUF_INIT(4096);
	struct rig *r = *state;
	struct audit_line line;
	char hash[AUDIT_MARK_HEX + 1];
	int64_t seq = 0;

	rig_ask(r, DISPATCH);
	r->fake.login = "ben"; /* nobody approves what he started */
	r->fake.gates[0] =
		(struct gate){ .environment_id = 99, .environment = "production", .can_approve = true };
	r->fake.gates_n = 1;
	assert_int_equal(rig_ask(r, "plan approve 5000 production --comment ok"), 0);
	assert_non_null(strstr(r->text, "[pilothouse audit (drawn at confirm)]"));
	assert_int_equal(rig_ask(r, "approve 5000 production --comment ok --confirm 'easy/prod v0.9.4'"), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_true(audit_mark_in(r->fake.body, &seq, hash));
	assert_int_equal(seq, 4);
	assert_int_equal(audit_by_seq(r->journal, seq, &line, &r->a, NULL), 0);
	assert_memory_equal(line.hash, hash, AUDIT_MARK_HEX);
	assert_int_equal(audit_each_anchor(r->journal, take_anchor, &anchors, NULL), 0);
	assert_string_equal(anchors.s, arena_printf(&r->a, "comment easyenclave/easyenclave 5000 %s 4 %.8s\n",
						    rig_str(r, "nonce"), hash));
}

static void a_workflow_that_asks_for_the_head_is_given_it(void **state)
{
	struct rig *r = *state;
	const char *mark = audit_head(r->en, &r->a);

	r->fake.file =
		"on:\n  workflow_dispatch:\n    inputs:\n      release_tag: {required: true}\n"
		"      rc_intent: {required: false}\n      expected_sha: {required: false}\n"
		"      cp_url: {required: false}\n      audit_head: {required: false}\n"
		"jobs:\n  bootstrap:\n    with: {tcb_enforcement_mode: strict, nonce_enforcement_mode: "
		"required, rtmr_enforcement_mode: strict, signature_verification_mode: strict, "
		"auth_require_github_oauth_in_production: 'true', "
		"billing_capacity_request_dev_simulation: 'false'}\n";
	if (rig_ask(r, DISPATCH) != 0)
		fail_msg("%s", r->text);
	assert_true(text_starts(mark, "1 "));
	assert_non_null(strstr(r->fake.body, arena_printf(&r->a, "\"audit_head\":\"%s\"", mark)));
}

/* Acts from before the chain get no line of their own: the first line counts and hashes them. */
static void what_was_before_is_counted_and_hashed(void **state)
{
	struct rig *r = *state;
	struct audit_report rep;

	make_history(r);
	raw(r, "DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name = 'audit'");
	rig_crash(r);
	make_act(r, 70);
	assert_string_equal(verify(r, &rep), "");
	assert_int_equal(rep.acts_before, ROUNDS);
	assert_int_equal(rep.lines, 4);
	edit_intent(r);
	assert_string_equal(verify(r, &rep), "disagrees 1\n");
}

/* No line can follow it: then no act can be entered, and so none is sent. */
static void nothing_follows_the_farthest(void **state)
{
	static const char *const places[] = { FARTHEST, "-5" };

	for (size_t i = 0; i < countof(places); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		make_history(r);
		if (i)
			delete_all(r);
		raw(r, arena_printf(&r->a, "INSERT INTO audit VALUES (%s, 99, '{}', 'x')", places[i]));
		assert_int_equal(rig_ask(r, DISPATCH), 6);
		assert_non_null(strstr(r->text, "which none can follow"));
		assert_int_equal(r->fake.sends, 0);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_untouched_chain_is_whole),
		TEST(nothing_follows_the_farthest),
		cmocka_unit_test(every_tampering_is_named),
		cmocka_unit_test(a_witness_shows_what_was_cut_or_chained_anew),
		TEST(a_short_mark_is_none),
		TEST(a_spoilt_head_stops_acts),
		TEST(a_line_says_who_and_what),
		cmocka_unit_test(a_mark_is_found_in_a_comment),
		TEST(a_review_shows_the_head_to_the_forge),
		TEST(a_workflow_that_asks_for_the_head_is_given_it),
		TEST(what_was_before_is_counted_and_hashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
