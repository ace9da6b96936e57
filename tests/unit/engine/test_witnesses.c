/* `audit verify --anchors`: what each kind of witness may say, and what is made of it. */
#include "oracle.h"
#include "rig.h"

#include "diverted.h"

#include "core/engine/audit.h"
#include "core/engine/tool.h"
#include "core/rules/preflight.h"

#define SEEN  2 /* the line that was shown */
#define HEX32 "00112233445566778899aabbccddeeff"

/* What is written where the anchor points. */
enum mark {
	NO_MARK,
	TRUE_MARK,
	OTHER_MARK,  /* another hash */
	BEYOND_MARK, /* a line that the chain has not */
	HEAD_MARK,   /* the last line */
};

struct asking {
	struct rig *r;
	struct oracle oracle;
	struct witness *witness;
	struct audit_report rep;
};

static const char *mark_text(struct rig *r, enum mark mark)
{
	struct audit_line line;

	assert_int_equal(audit_by_seq(r->journal, SEEN, &line, &r->a, NULL), 0);
	switch (mark) {
	case NO_MARK:
		break;
	case TRUE_MARK:
		return arena_printf(&r->a, "[pilothouse audit %d %.*s]", SEEN, AUDIT_MARK_HEX, line.hash);
	case OTHER_MARK:
		return "[pilothouse audit 2 " HEX32 "]";
	case BEYOND_MARK:
		return "[pilothouse audit 77 " HEX32 "]";
	case HEAD_MARK:
		assert_int_equal(audit_last(r->journal, &line, &r->a, NULL), 0);
		return arena_printf(&r->a, "[pilothouse audit %" PRId64 " %.*s]", line.seq, AUDIT_MARK_HEX,
				    line.hash);
	}
	return "";
}

static void begin(struct asking *k, const struct oracle_row *rows, size_t n)
{
	void *r;

	*k = (struct asking){ 0 };
	assert_int_equal(rig_setup(&r), 0);
	k->r = r;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	oracle_up(&k->oracle, k->r->loop, rows, n);
}

static void end(struct asking *k)
{
	void *r = k->r;

	timer_free(k->oracle.timer);
	rig_teardown(&r);
}

static void remember(struct asking *k, const char *witness, const char *place)
{
	const struct audit_anchor an = {
		.seq = SEEN, .hash = HEX32, .witness = witness, .place = place, .at = { 1000 }
	};

	assert_int_equal(audit_anchor_add(k->r->journal, &an, NULL), 0);
}

static void ask(struct asking *k)
{
	struct tool t = { .witness = k->witness,
			  .journal_path = "journal.db",
			  .loop = k->r->loop,
			  .open = oracle_open,
			  .ctx = &k->oracle,
			  .arena = &k->r->a };
	struct err e = ERR_INIT;

	if (audit_ask_witnesses(&t, k->r->journal, &k->rep, &e) < 0)
		fail_msg("%s", e.message);
}

static void expect(const char *what, const struct asking *k, size_t i, const char *status, const char *detail)
{
	const struct audit_asked *item = &k->rep.asked.items[i];

	assert_true(i < k->rep.asked.n);
	if (!text_eq(names_word(&verdict_names, item->status), status) || !text_eq(item->detail, detail))
		fail_msg("%s: %s, %s", what, names_word(&verdict_names, item->status), item->detail);
}

/* "rechained 2 ", in their order. */
static void expect_findings(const char *what, const struct asking *k, const char *want)
{
	char have[120] = "";

	vec_each (f, &k->rep.findings) {
		size_t n = strlen(have);

		snprintf(have + n, sizeof(have) - n, "%s %" PRId64 " ",
			 names_word(&audit_tamper_names, (int)f->kind), f->seq);
	}
	if (!text_eq(have, want))
		fail_msg("%s: findings \"%s\"", what, have);
}

#define FITS    "the chain is what it has seen"
#define FITSNOT "the chain is not what it has seen"

/* ---- commits: of a lock, of the ledger ---------------------------------------------------------------------------- */

#define AT_FORGE REPO " c0ffee"
#define NO_ITEM  "the commit bears no mark"

static const struct {
	const char *what, *witness;
	enum mark mark;
	bool none; /* an answer with nothing in it */
	enum err_kind fails, bars;
	const char *status, *detail, *findings;
} commits[] = {
	{ "a lock's", "lock", TRUE_MARK, false, ERR_NONE, ERR_NONE, "ok", FITS, "" },
	{ "the ledger's", "ledger", TRUE_MARK, false, ERR_NONE, ERR_NONE, "ok", FITS, "" },
	{ "chained anew", "lock", OTHER_MARK, false, ERR_NONE, ERR_NONE, "bad", FITSNOT, "rechained 2 " },
	{ "cut", "ledger", BEYOND_MARK, false, ERR_NONE, ERR_NONE, "bad", FITSNOT, "truncated 77 " },
	{ "no mark", "lock", NO_MARK, false, ERR_NONE, ERR_NONE, "unchecked", NO_ITEM, "" },
	{ "nothing", "lock", TRUE_MARK, true, ERR_NONE, ERR_NONE, "unchecked", NO_ITEM, "" },
	{ "gone", "lock", TRUE_MARK, false, ERR_MISSING, ERR_NONE, "unchecked", "the forge answers so", "" },
	{ "offline", "ledger", TRUE_MARK, false, ERR_OFFLINE, ERR_NONE, "unchecked", "the forge answers so",
	  "" },
	{ "not asked", "lock", TRUE_MARK, false, ERR_NONE, ERR_RATE, "unchecked", "it is not asked", "" },
};

static void commits_are_held_against_the_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(commits); i++) {
		struct git_commit commit = { .sha = "c0ffee", .parent = "" };
		const struct oracle_row row = { .kind = FORGE_GIT_COMMIT,
						.name = "c0ffee",
						.items = &commit,
						.n = !commits[i].none,
						.fails = commits[i].fails,
						.bars = commits[i].bars };
		struct asking k;

		begin(&k, &row, 1);
		commit.message = arena_printf(&k.r->a, "take it %s", mark_text(k.r, commits[i].mark));
		remember(&k, commits[i].witness, AT_FORGE);
		ask(&k);
		expect(commits[i].what, &k, 1, commits[i].status, commits[i].detail);
		expect_findings(commits[i].what, &k, commits[i].findings);
		assert_int_equal(k.oracle.asked, 1);
		end(&k);
	}
}

/* ---- comments of reviews ---------------------------------------------------------------------------------------------- */

#define NONCE  "0123456789abcdef0123456789abcdef"
#define NO_ONE "the run has no such comment"

static const struct {
	const char *what;
	struct {
		const char *text; /* NULL: no comment at all */
		enum mark mark;
	} said[3];
	size_t n;
	enum err_kind fails;
	const char *status, *detail, *findings;
} comments[] = {
	{ "ours", { { NONCE, TRUE_MARK } }, 1, ERR_NONE, "ok", FITS, "" },
	{ "ours of three",
	  { { NULL, NO_MARK }, { "go", OTHER_MARK }, { NONCE, TRUE_MARK } },
	  3,
	  ERR_NONE,
	  "ok",
	  FITS,
	  "" },
	{ "ours, another chain", { { NONCE, OTHER_MARK } }, 1, ERR_NONE, "bad", FITSNOT, "rechained 2 " },
	{ "ours, a longer chain", { { NONCE, BEYOND_MARK } }, 1, ERR_NONE, "bad", FITSNOT, "truncated 77 " },
	{ "twice, once spoilt",
	  { { NONCE, OTHER_MARK }, { NONCE, TRUE_MARK } },
	  2,
	  ERR_NONE,
	  "ok",
	  FITS,
	  "rechained 2 " },
	{ "ours without a mark", { { NONCE, NO_MARK } }, 1, ERR_NONE, "unchecked", NO_ONE, "" },
	{ "a stranger's", { { "0123", TRUE_MARK } }, 1, ERR_NONE, "unchecked", NO_ONE, "" },
	{ "none with words", { { NULL, NO_MARK } }, 1, ERR_NONE, "unchecked", NO_ONE, "" },
	{ "none", { { NULL, NO_MARK } }, 0, ERR_NONE, "unchecked", NO_ONE, "" },
	{ "refused", { { NONCE, TRUE_MARK } }, 1, ERR_FORBIDDEN, "unchecked", "the forge answers so", "" },
};

static void comments_are_found_by_their_nonce(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(comments); i++) {
		struct review reviews[3] = { { 0 } };
		const struct oracle_row row = { .kind = FORGE_REVIEWS,
						.id = 5000,
						.items = reviews,
						.n = comments[i].n,
						.fails = comments[i].fails };
		struct asking k;

		begin(&k, &row, 1);
		for (size_t c = 0; c < comments[i].n; c++)
			if (comments[i].said[c].text)
				reviews[c].comment =
					arena_printf(&k.r->a, "ok %s %s", comments[i].said[c].text,
						     mark_text(k.r, comments[i].said[c].mark));
		remember(&k, "comment", REPO " 5000 " NONCE);
		ask(&k);
		expect(comments[i].what, &k, 1, comments[i].status, comments[i].detail);
		expect_findings(comments[i].what, &k, comments[i].findings);
		end(&k);
	}
}

/* ---- who cannot be asked ---------------------------------------------------------------------------------------------- */

static void nobody_asks_what_is_not_understood(void **state)
{
	static const char *const anchors[][2] = {
		{ "comment", REPO " 5000" }, /* whose? */
		{ "comment", REPO " x " NONCE },
		{ "comment", REPO " 0 " NONCE },
		{ "comment", REPO },
		{ "comment", "" },
		{ "input", REPO " 5000 " NONCE },
		{ "gossip", REPO " c0ffee" },
		{ "", "" },
	};
	struct asking k;

	(void)state;
	begin(&k, NULL, 0);
	for (size_t i = 0; i < countof(anchors); i++)
		remember(&k, anchors[i][0], anchors[i][1]);
	ask(&k);
	assert_int_equal(k.rep.asked.n, 1 + countof(anchors));
	for (size_t i = 0; i < countof(anchors); i++)
		expect(anchors[i][1], &k, 1 + i, "unchecked", "nobody here knows how to ask it");
	assert_int_equal(k.oracle.asked + k.oracle.opened, 0);
	end(&k);
}

/* Tried once for all of them: each try may ask a keeper of tokens. */
static void a_forge_that_does_not_open_is_tried_once(void **state)
{
	struct asking k;

	(void)state;
	begin(&k, NULL, 0);
	k.oracle.shut = ERR_AUTH;
	remember(&k, "lock", AT_FORGE);
	remember(&k, "comment", REPO " 5000 " NONCE);
	ask(&k);
	expect("a lock", &k, 1, "unchecked", "there is no token");
	expect("a comment", &k, 2, "unchecked", "there is no token");
	assert_int_equal(k.oracle.opened, 1);
	assert_int_equal(k.oracle.asked, 0);
	expect_findings("neither", &k, "");
	end(&k);
}

/* ---- the host's log --------------------------------------------------------------------------------------------------- */

struct host {
	struct witness port; /* first */
	const enum mark *words;
	size_t n, told;
	int result; /* 0, 1: there is none */
	struct rig *r;
};

static int host_ask(struct witness *w, const char *journal, witness_fn fn, void *ctx, struct err *e)
{
	struct host *h = (struct host *)w;

	assert_non_null(strstr(journal, "journal.db"));
	for (size_t i = 0; i < h->n; i++) {
		struct audit_line line = { 0 };
		struct witness_word word = { .journal = journal, .seq = SEEN };
		bool head = h->words[i] == HEAD_MARK;

		assert_int_equal(head ? audit_last(h->r->journal, &line, &h->r->a, NULL)
				      : audit_by_seq(h->r->journal, SEEN, &line, &h->r->a, NULL),
				 0);
		word.seq = h->words[i] == BEYOND_MARK ? 77 : line.seq;
		word.hash = head || h->words[i] == TRUE_MARK ? line.hash : HEX32 HEX32;
		h->told++;
		if (fn(ctx, &word))
			break;
	}
	return h->result < 0 ? err_set(e, ERR_STORE, "the log cannot be read") : h->result;
}

static const struct witness_ops host_ops = { .ask = host_ask };

static const struct {
	const char *what;
	enum mark words[3];
	size_t n, told;
	int result;
	const char *status, *detail, *findings;
} hosts[] = {
	{ "there is none", { NO_MARK }, 0, 0, 1, "unchecked", "there is no journald here", "" },
	{ "unreadable", { NO_MARK }, 0, 0, -1, "unchecked", "the log cannot be read", "" },
	{ "knows nothing", { NO_MARK }, 0, 0, 0, "unchecked", "it has heard nothing of this chain", "" },
	{ "heard it", { TRUE_MARK }, 1, 1, 0, "ok", FITS, "" },
	{ "heard it, and is torn", { TRUE_MARK }, 1, 1, -1, "unchecked", "the log cannot be read", "" },
	{ "heard another", { TRUE_MARK, OTHER_MARK, TRUE_MARK }, 3, 2, 0, "bad", FITSNOT, "rechained 2 " },
	{ "heard more", { BEYOND_MARK, TRUE_MARK }, 2, 1, 0, "bad", FITSNOT, "truncated 77 " },
};

static void the_hosts_log_is_asked_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(hosts); i++) {
		struct host h = { .port = { &host_ops },
				  .words = hosts[i].words,
				  .n = hosts[i].n,
				  .result = hosts[i].result };
		struct asking k;

		begin(&k, NULL, 0);
		h.r = k.r;
		k.witness = &h.port;
		ask(&k);
		assert_int_equal(k.rep.asked.n, 1);
		assert_string_equal(k.rep.asked.items[0].witness, "journald");
		expect(hosts[i].what, &k, 0, hosts[i].status, hosts[i].detail);
		assert_int_equal(k.rep.asked.items[0].silent, !hosts[i].n && hosts[i].result >= 0);
		expect_findings(hosts[i].what, &k, hosts[i].findings);
		assert_int_equal(h.told, hosts[i].told);
		end(&k);
	}
}

static void a_host_without_a_log_is_said(void **state)
{
	struct asking k;

	(void)state;
	begin(&k, NULL, 0);
	ask(&k);
	expect("none", &k, 0, "unchecked", "there is no journald here");
	end(&k);
}

/* ---- what is made of them all ------------------------------------------------------------------------------------------ */

#define WHOLE      "the chain is whole: "
#define NO_WITNESS "no witness confirms it: that nothing was chained anew is not proved"
#define NOT_ALL    "not every witness could be asked: that nothing was chained anew is not proved"
#define UP_TO      "witnesses confirm it up to line 2: that nothing after that was chained anew is not proved"

static const struct {
	const char *what;
	bool anchors;
	enum mark heard; /* NO_MARK: the host's log has heard nothing */
	int log;         /* 1: there is none */
	enum mark lock;  /* a commit's; NO_MARK: there is none */
	enum err_kind fails;
	const char *verdict, *says, *omits;
	int status;
} verdicts[] = {
	{ "nobody is asked", false, NO_MARK, 1, NO_MARK, ERR_NONE, "ok", WHOLE, "proved", 0 },
	{ "there is no log", true, NO_MARK, 1, NO_MARK, ERR_NONE, "unchecked", NO_WITNESS, NOT_ALL, 1 },
	{ "a log that was emptied", true, NO_MARK, 0, NO_MARK, ERR_NONE, "unchecked", NO_WITNESS, NOT_ALL,
	  1 },
	{ "a log that cannot be read", true, NO_MARK, -1, NO_MARK, ERR_NONE, "unchecked", NO_WITNESS, NOT_ALL,
	  1 },
	{ "the log confirms", true, HEAD_MARK, 0, NO_MARK, ERR_NONE, "ok", WHOLE, "proved", 0 },
	{ "the log confirms the beginning", true, TRUE_MARK, 0, NO_MARK, ERR_NONE, "ok", UP_TO, NOT_ALL, 0 },
	{ "a lock does, beside no log", true, NO_MARK, 1, TRUE_MARK, ERR_NONE, "ok", UP_TO, NOT_ALL, 0 },
	{ "a lock does all, beside an empty one", true, NO_MARK, 0, HEAD_MARK, ERR_NONE, "ok", WHOLE,
	  "proved", 0 },
	{ "a log the rest of it", true, HEAD_MARK, 0, TRUE_MARK, ERR_NONE, "ok", WHOLE, "proved", 0 },
	{ "a lock that is out of reach", true, NO_MARK, 0, TRUE_MARK, ERR_OFFLINE, "unchecked", NO_WITNESS,
	  NOT_ALL, 1 },
	{ "that, and a log that confirms", true, TRUE_MARK, 0, TRUE_MARK, ERR_OFFLINE, "unchecked", NOT_ALL,
	  NO_WITNESS, 1 },
	{ "the log contradicts", true, OTHER_MARK, 0, TRUE_MARK, ERR_NONE, "bad", "tampered", WHOLE, 1 },
};

/* The document; its text is in *text. */
static int verify(struct asking *k, bool anchors, bool json, const char **text)
{
	static const char *const words[] = { "audit", "verify", "--anchors" };
	struct arena *a = &k->r->a;
	const char *out = rig_path(k->r, "out");
	struct tool t = { .words = words,
			  .words_n = anchors ? 3 : 2,
			  .json = json,
			  .witness = k->witness,
			  .journal_path = rig_path(k->r, "journal.db"),
			  .sha256 = rig_digest,
			  .loop = k->r->loop,
			  .open = oracle_open,
			  .ctx = &k->oracle,
			  .arena = a };
	int keep = divert(stdout, out), status = tool_run(&t);

	*text = give_back(stdout, out, keep, a);
	return status;
}

/* A silence alone decides nothing, and it confirms nothing either: whoever empties a log would have any chain pass. */
static void a_chain_that_no_witness_confirms_is_not_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(verdicts); i++) {
		struct git_commit commit = { .sha = "c0ffee", .parent = "" };
		const struct oracle_row row = { .kind = FORGE_GIT_COMMIT,
						.name = "c0ffee",
						.items = &commit,
						.n = 1,
						.fails = verdicts[i].fails };
		struct host h = { .port = { &host_ops },
				  .words = &verdicts[i].heard,
				  .n = verdicts[i].heard != NO_MARK,
				  .result = verdicts[i].log };
		autofree(json) struct json *doc = NULL;
		const char *text, *said;
		struct asking k;

		begin(&k, &row, 1);
		h.r = k.r;
		k.witness = &h.port;
		commit.message = mark_text(k.r, verdicts[i].lock);
		if (verdicts[i].lock != NO_MARK)
			remember(&k, "lock", AT_FORGE);
		if (verify(&k, verdicts[i].anchors, false, &text) != verdicts[i].status ||
		    !strstr(text, verdicts[i].says) || strstr(text, verdicts[i].omits))
			fail_msg("%s: %s", verdicts[i].what, text);
		assert_int_equal(verify(&k, verdicts[i].anchors, true, &text), verdicts[i].status);
		assert_true(json_parse(&doc, text, strlen(text), 4096, NULL) >= 0);
		said = json_str(doc, "verdict");
		if (!text_eq(said, verdicts[i].verdict))
			fail_msg("%s: %s", verdicts[i].what, said);
		if (text_eq(verdicts[i].says, UP_TO))
			assert_int_equal(json_int(doc, "confirmed", -1), SEEN);
		end(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commits_are_held_against_the_chain),
		cmocka_unit_test(comments_are_found_by_their_nonce),
		cmocka_unit_test(nobody_asks_what_is_not_understood),
		cmocka_unit_test(a_forge_that_does_not_open_is_tried_once),
		cmocka_unit_test(the_hosts_log_is_asked_first),
		cmocka_unit_test(a_host_without_a_log_is_said),
		cmocka_unit_test(a_chain_that_no_witness_confirms_is_not_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
