/*
 * audit_verify.c - names what was done to a chain.
 *
 * The lines are walked once. What a line says of itself (its own seq, the hash before it) counts as its identity as long as
 * the line is what was hashed; where it stands in the table is only where somebody put it. So a line that was moved, left
 * out or put in between is told from one that was changed. The rows of the journal are the second account: they find what
 * a chain that is whole again does not show by itself.
 */
#include "core/engine/audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_canonical.h"
#include "base/text.h"

#define LINE_MAX_BYTES ((size_t)16 << 20)

static const char *const tamper_words[] = {
	[AUDIT_EDITED] = "edited",       [AUDIT_DELETED] = "deleted",     [AUDIT_SWAPPED] = "swapped",
	[AUDIT_INSERTED] = "inserted",   [AUDIT_TRUNCATED] = "truncated", [AUDIT_RECHAINED] = "rechained",
	[AUDIT_DISAGREES] = "disagrees",
};
const struct names audit_tamper_names = NAMES(tamper_words);

/* What is remembered of a row. */
struct link {
	int64_t seq;    /* where it stands */
	int64_t claims; /* where it says it stands; 0: it does not say */
	int64_t log, intent;
	char hash[DIGEST_HEX]; /* as stored */
	char own[DIGEST_HEX];  /* of the line as it is */
	char prev[DIGEST_HEX]; /* that the line names */
	bool told;             /* a finding is about it already */
	bool kept;             /* the journal has the intent that it names */
};

struct proof {
	struct journal *j;
	sha256_fn sha;
	struct audit_report *out;
	struct arena *a;
	VEC(struct link) links;
	int64_t past_intent, past_log; /* up to these the genesis line speaks */
	size_t at;                     /* links: where the walk over rows is */
};

static void find(struct proof *p, enum audit_tamper kind, int64_t seq, const char *words)
{
	*vec_push(&p->out->findings, p->a) = (struct audit_finding){ kind, seq, words };
}

/* Numbers are as somebody may have written them: behind the farthest place there is none. */
static int64_t place_after(int64_t seq)
{
	return seq < INT64_MAX ? seq + 1 : seq;
}

static bool is_whole(const struct link *l)
{
	return !strcmp(l->own, l->hash);
}

static void copy_hash(char out[DIGEST_HEX], const char *s)
{
	(void)snprintf(out, DIGEST_HEX, "%s", s && strlen(s) == DIGEST_HEX - 1 ? s : "?");
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static int take_line(void *ctx, const void *row)
{
	const struct audit_line *line = row;
	struct proof *p = ctx;
	struct link *l = vec_push(&p->links, p->a);
	autofree(json) struct json *j = NULL;
	size_t n = strlen(line->line);

	*l = (struct link){ .seq = line->seq, .log = line->log };
	copy_hash(l->hash, line->hash);
	p->sha(line->line, n, l->own);
	copy_hash(l->prev, NULL);
	if (json_parse(&j, line->line, n, LINE_MAX_BYTES, NULL) < 0)
		return 0;
	if (json_int(j, "log", 0) != line->log)
		find(p, AUDIT_EDITED, line->seq, "its row names another move than the line");
	l->claims = json_int(j, "seq", 0);
	l->intent = json_int(j, "intent.id", 0);
	copy_hash(l->prev, json_str(j, "prev"));
	return 0;
}

/* ---- the chain by itself ------------------------------------------------------------------------------------------- */

static struct link *link_at(struct proof *p, int64_t seq)
{
	vec_each (l, &p->links)
		if (l->seq == seq)
			return l;
	return NULL;
}

static void find_edits(struct proof *p)
{
	for (size_t i = 0; i < p->links.n; i++) {
		struct link *l = &p->links.items[i];
		const struct link *next = i + 1 < p->links.n ? l + 1 : NULL;
		bool hash_only = next && !strcmp(next->prev, l->own);

		if (is_whole(l))
			continue;
		l->told = true;
		find(p, AUDIT_EDITED, l->seq,
		     hash_only ? "its hash was edited: the line is what the next one follows"
			       : "the line is not what was hashed");
	}
}

static void find_swaps(struct proof *p)
{
	vec_each (l, &p->links) {
		struct link *other = l->told || l->claims == l->seq ? NULL : link_at(p, l->claims);

		if (!other || other == l || other->told || other->claims != l->seq)
			continue;
		l->told = other->told = true;
		find(p, AUDIT_SWAPPED, l->seq,
		     arena_printf(p->a, "it stands where line %" PRId64 " belongs, and that one here",
				  l->claims));
	}
}

static const char *lines_words(struct proof *p, int64_t first, int64_t last)
{
	if (first == last)
		return arena_printf(p->a, "line %" PRId64, first);
	return arena_printf(p->a, "lines %" PRId64 " to %" PRId64, first, last);
}

/* Lines that nobody follows: the one after them follows the one before them. */
static bool find_insertion(struct proof *p, size_t i)
{
	const char *prev = p->links.items[i].prev;

	for (size_t back = i; back-- > 0;) {
		const struct link *l = &p->links.items[back];

		if (strcmp(l->hash, prev) != 0)
			continue;
		if (back + 1 == i)
			return false;
		find(p, AUDIT_INSERTED, p->links.items[back + 1].seq,
		     arena_printf(p->a, "%s: what comes after follows line %" PRId64,
				  lines_words(p, p->links.items[back + 1].seq, p->links.items[i].seq - 1),
				  l->seq));
		for (size_t k = back + 1; k < i; k++)
			p->links.items[k].told = true;
		return true;
	}
	return false;
}

/* By what the line says of itself: rows may have been numbered anew after others were left out. */
static void find_deletion(struct proof *p, int64_t expected, const struct link *l)
{
	find(p, AUDIT_DELETED, expected,
	     arena_printf(p->a, "%s: the one that stands at %" PRId64 " follows another",
			  lines_words(p, expected, l->claims - 1), l->seq));
}

static bool agrees(struct proof *p, const struct link *l);

/* One of two was written anew and hashed so: the one that the journal's own row does not bear out. */
static void find_odd(struct proof *p, struct link *before, struct link *l)
{
	bool this_one = agrees(p, before);
	struct link *odd = this_one ? l : before;

	odd->told = true;
	if (this_one && !agrees(p, l))
		find(p, AUDIT_INSERTED, l->seq, "it follows no line, and stands for no move of the journal");
	else
		find(p, AUDIT_EDITED, odd->seq,
		     this_one ? "it does not follow the line before it"
			      : arena_printf(p->a, "it was hashed anew: line %" PRId64 " follows another",
					     l->seq));
}

/* The link between this line and the one before it does not hold. */
static void find_break(struct proof *p, size_t i, int64_t expected)
{
	struct link *l = &p->links.items[i];
	struct link *before = i ? l - 1 : NULL;

	if (l->claims > expected)
		find_deletion(p, expected, l);
	else if (!before)
		find(p, AUDIT_EDITED, l->seq, "the first line follows something");
	else if (!before->told && !find_insertion(p, i))
		find_odd(p, before, l);
}

static void find_breaks(struct proof *p)
{
	const char *before = AUDIT_ZEROS;
	int64_t expected = 1;

	for (size_t i = 0; i < p->links.n; i++) {
		const struct link *l = &p->links.items[i];
		bool holds = !strcmp(l->prev, before) && l->claims == expected;

		/* an edited line may say anything of itself; where it stands counts */
		if (is_whole(l) && !l->told && !holds)
			find_break(p, i, expected);
		else if (l->seq > expected && !is_whole(l))
			find(p, AUDIT_DELETED, expected, lines_words(p, expected, l->seq - 1));
		before = l->hash;
		expected = place_after(is_whole(l) && !l->told && l->claims > 0 ? l->claims : l->seq);
	}
}

static int find_truncation(struct proof *p, struct err *e)
{
	int64_t made = 0, last = p->links.n ? p->links.items[p->links.n - 1].seq : 0;
	int r = audit_made(p->j, &made, e);

	if (r < 0 || made <= last)
		return r;
	find(p, AUDIT_TRUNCATED, last + 1,
	     arena_printf(p->a, "%s: the journal has numbered them", lines_words(p, last + 1, made)));
	return 0;
}

/* ---- the journal's own rows ------------------------------------------------------------------------------------------ */

static struct json *line_json(struct proof *p, int64_t seq)
{
	struct arena a = ARENA_INIT;
	struct json *j = NULL;
	struct audit_line line;

	if (audit_by_seq(p->j, seq, &line, &a, NULL) != 0 ||
	    json_parse(&j, line.line, strlen(line.line), LINE_MAX_BYTES, NULL) < 0)
		j = NULL;
	arena_done(&a);
	return j;
}

/* The first member in which two objects of the same form differ. */
static const char *differs_in(const struct json *one, const struct json *other)
{
	for (size_t i = 0; i < json_size(one); i++) {
		autofree(buf) struct buf a = BUF_INIT(LINE_MAX_BYTES), b = BUF_INIT(LINE_MAX_BYTES);
		const char *key;

		json_dump(&a, json_member(one, i, &key));
		json_dump(&b, json_get(other, key));
		if (strcmp(a.s, b.s) != 0)
			return key;
	}
	return "its members";
}

/* True when the part of the line is what the row says; else the finding. */
static bool part_agrees(struct proof *p, const struct link *l, const struct json *line,
			const struct audit_part *part, const struct intent *in, bool quiet)
{
	autofree(buf) struct buf form = BUF_INIT(LINE_MAX_BYTES);
	autofree(json) struct json *row = NULL;
	const struct json *said = json_get(line, part->key);
	struct arena a = ARENA_INIT;
	const char *text = audit_part_text(part, in, p->sha, &a);
	bool same = text && said && json_canonical(&form, said, NULL) == 0 && !strcmp(form.s, text);

	if (quiet)
		same = same && json_int(line, "log", 0) == l->log;
	else if (!same && (!text || json_parse(&row, text, strlen(text), LINE_MAX_BYTES, NULL) < 0))
		row = NULL;
	if (!same && !quiet)
		find(p, AUDIT_DISAGREES, l->seq,
		     arena_printf(p->a, "intent %" PRId64 " of the journal says another %s (%s)", in->id,
				  row ? arena_strdup(p->a, differs_in(row, said)) : "thing", part->key));
	arena_done(&a);
	return same;
}

/* Whether the row that the line was written with says the same. */
static bool agrees(struct proof *p, const struct link *l)
{
	autofree(json) struct json *j = line_json(p, l->seq);
	struct arena a = ARENA_INIT;
	struct journal_log log;
	struct intent in;
	bool same = !l->log;

	if (l->log && audit_log(p->j, l->log, &log, &a, NULL) == 0) {
		in = audit_of_log(&log);
		same = part_agrees(p, l, j, &audit_move, &in, true);
	}
	arena_done(&a);
	return same;
}

static bool is_gap(const struct proof *p)
{
	vec_each (f, &p->out->findings)
		if (f->kind == AUDIT_DELETED || f->kind == AUDIT_EDITED || f->kind == AUDIT_TRUNCATED)
			return true;
	return false;
}

static void find_unwritten(struct proof *p, const struct journal_log *log)
{
	const struct link *last = p->links.n ? &p->links.items[p->links.n - 1] : NULL;

	if (is_gap(p))
		return; /* whose line it was is told already */
	if (!last || log->id > last->log)
		find(p, AUDIT_TRUNCATED, last ? place_after(last->seq) : 1,
		     arena_printf(p->a, "move %" PRId64 " of the journal, and what came after, has no line",
				  log->id));
	else
		find(p, AUDIT_DELETED, 0,
		     arena_printf(p->a, "move %" PRId64 " of the journal has no line", log->id));
}

static int check_log(void *ctx, const void *row)
{
	const struct journal_log *log = row;
	struct intent in = audit_of_log(log);
	struct proof *p = ctx;
	struct link *l = NULL;

	for (; p->at < p->links.n && p->links.items[p->at].log < log->id; p->at++)
		;
	if (p->at < p->links.n && p->links.items[p->at].log == log->id)
		l = &p->links.items[p->at];
	if (log->id <= p->past_log)
		return 0;
	if (!l) {
		find_unwritten(p, log);
	} else if (is_whole(l) && !l->told) {
		autofree(json) struct json *j = line_json(p, l->seq);
		char text[AUDIT_TIME];

		part_agrees(p, l, j, &audit_move, &in, false);
		if (!text_eq(audit_time(log->at, text), json_str(j, "at")))
			find(p, AUDIT_DISAGREES, l->seq,
			     arena_printf(p->a, "move %" PRId64 " of the journal says another time",
					  log->id));
		l->told = true; /* it stands for a move */
	}
	return 0;
}

/* The newest line of an intent says all that the intent says; each of its lines says who and what. */
static int check_intent(void *ctx, const void *row)
{
	const struct intent *in = row;
	struct proof *p = ctx;
	const struct link *newest = NULL;

	for (; p->at < p->links.n && p->links.items[p->at].intent <= in->id; p->at++) {
		struct link *l = &p->links.items[p->at];

		l->kept = l->intent == in->id;
		if (l->kept && is_whole(l))
			newest = l;
	}
	if (newest) {
		autofree(json) struct json *j = line_json(p, newest->seq);

		/* where lines are missing the newest may be among them */
		if (part_agrees(p, newest, j, &audit_identity, in, false) && !is_gap(p) &&
		    part_agrees(p, newest, j, &audit_move, in, false))
			part_agrees(p, newest, j, &audit_sent, in, false);
	} else if (in->id > p->past_intent && !is_gap(p)) {
		find(p, AUDIT_DISAGREES, 0, arena_printf(p->a, "intent %" PRId64 " has no line", in->id));
	}
	return 0;
}

/* A line that nothing in the journal made, though it may be chained well. */
static void find_strangers(struct proof *p)
{
	vec_each (l, &p->links)
		if (!l->told && is_whole(l) && l->seq != 1)
			find(p, AUDIT_INSERTED, l->seq, "it stands for no move of the journal");
}

/* The links are in the order of their intents, and check_intent() has seen each that there is. */
static void find_gone(struct proof *p)
{
	int64_t before = 0;

	vec_each (l, &p->links) {
		if (l->intent > 0 && l->intent != before && !l->kept && is_whole(l))
			find(p, AUDIT_DELETED, l->seq,
			     arena_printf(p->a, "intent %" PRId64 " is gone from the journal", l->intent));
		before = l->intent;
	}
}

static int check_past(struct proof *p, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct audit_past past;
	int r;

	if (!p->links.n || !(j = line_json(p, p->links.items[0].seq)) ||
	    !text_eq(json_str(j, "kind"), "genesis"))
		return 0;
	p->past_intent = json_int(j, "last_intent", 0);
	p->past_log = json_int(j, "last_log", 0);
	p->out->acts_before = json_int(j, "intents", 0);
	r = audit_past(p->j, p->past_intent, p->past_log, p->sha, &past, e);
	if (!r && is_whole(&p->links.items[0]) && !text_eq(past.hash, json_str(j, "past")))
		find(p, AUDIT_DISAGREES, 1, "what the journal held before the chain is not what it was");
	return r;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static int by_seq(const void *one, const void *other)
{
	int64_t a = ((const struct audit_finding *)one)->seq, b = ((const struct audit_finding *)other)->seq;

	return (a > b) - (a < b);
}

/* A line that was put in may name the move of another: that one comes first. */
static int by_log(const void *one, const void *other)
{
	const struct link *a = one, *b = other;

	return a->log == b->log ? a->told - b->told : (a->log > b->log) - (a->log < b->log);
}

static int by_intent(const void *one, const void *other)
{
	const struct link *a = one, *b = other;

	return a->intent == b->intent ? (a->claims > b->claims) - (a->claims < b->claims)
				      : (a->intent > b->intent) - (a->intent < b->intent);
}

static void sort(void *items, size_t n, size_t size, int (*by)(const void *, const void *))
{
	if (n)
		qsort(items, n, size, by);
}

static int prove(struct proof *p, struct err *e)
{
	int r = audit_each(p->j, take_line, p, e);

	if (r < 0)
		return r;
	find_edits(p);
	find_swaps(p);
	find_breaks(p);
	r = find_truncation(p, e);
	if (!r)
		r = check_past(p, e);
	sort(p->links.items, p->links.n, sizeof(*p->links.items), by_log);
	if (!r)
		r = audit_each_log(p->j, check_log, p, e);
	if (r)
		return r;
	find_strangers(p);
	p->at = 0;
	sort(p->links.items, p->links.n, sizeof(*p->links.items), by_intent);
	r = audit_each_intent(p->j, check_intent, p, e);
	if (!r)
		find_gone(p);
	return r;
}

int audit_verify(struct journal *j, sha256_fn sha, struct audit_report *out, struct arena *a, struct err *e)
{
	struct proof p = { .j = j, .sha = sha, .out = out, .a = a };
	int r = journal_snapshot(j, e);

	*out = (struct audit_report){ 0 };
	if (r < 0)
		return r;
	r = prove(&p, e);
	if (!r && audit_last(j, &out->last, a, e) < 0)
		r = -ERR_CORRUPT;
	journal_snapshot_end(j);
	out->lines = (int64_t)p.links.n;
	sort(out->findings.items, out->findings.n, sizeof(*out->findings.items), by_seq);
	return r;
}

bool audit_mark_fits(struct journal *j, int64_t seq, const char *hash, const char *witness,
		     struct audit_report *out, struct arena *a)
{
	struct audit_line line;
	struct audit_finding f = { .seq = seq };
	size_t n = strlen(hash);
	int r = audit_by_seq(j, seq, &line, a, NULL);

	if (r == 0 && n >= AUDIT_MARK_HEX && !strncmp(line.hash, hash, n))
		return true;
	f.kind = r ? AUDIT_TRUNCATED : AUDIT_RECHAINED;
	f.words = r ? arena_printf(a, "%s has seen line %" PRId64 ", and there is none", witness, seq)
		    : arena_printf(a, "%s has seen %.*s.. as line %" PRId64 ", and it is %.8s.. now", witness,
				   8, hash, seq, line.hash);
	*vec_push(&out->findings, a) = f;
	return false;
}
