#include "core/engine/audit.h"
#include "core/engine/tool.h"

#include <string.h>

#include "base/text.h"

/* `audit verify --anchors`: what the witnesses have seen, held against the chain. Who cannot be asked proves nothing. */

struct asking {
	struct tool *t;
	struct journal *j;
	struct audit_report *out;
	struct arena *a;
	struct forge *forge;
	struct err no_forge;
	struct audit_anchor an; /* the one that is asked about */
	struct audit_asked *item;
	const char *nonce; /* of the comment */
	int64_t words;     /* of the host's log */
};

static struct audit_asked *item_new(struct asking *k, const char *witness, const char *place, int64_t seq)
{
	struct audit_asked *item = vec_push(&k->out->asked, k->a);

	*item = (struct audit_asked){ .witness = arena_strdup(k->a, witness),
				      .place = arena_strdup(k->a, place),
				      .seq = seq,
				      .status = CHECK_UNCHECKED,
				      .detail = "" };
	return item;
}

static void unchecked(struct asking *k, const char *why)
{
	k->item->status = CHECK_UNCHECKED;
	k->item->detail = arena_strdup(k->a, why);
}

static bool fits(struct asking *k, int64_t seq, const char *hash)
{
	bool good = audit_mark_fits(k->j, seq, hash, k->item->witness, k->out, k->a);

	k->item->status = good ? CHECK_OK : CHECK_BAD;
	k->item->seq = seq;
	k->item->detail = good ? "the chain is what it has seen" : "the chain is not what it has seen";
	return good;
}

/* ---- the host's log ------------------------------------------------------------------------------------------------- */

static int heard(void *ctx, const struct witness_word *w)
{
	struct asking *k = ctx;

	k->words++;
	return fits(k, w->seq, w->hash) ? 0 : 1; /* the first that does not fit says enough */
}

static void ask_host(struct asking *k)
{
	struct witness *w = k->t->witness;
	struct err e = ERR_INIT;
	int r;

	k->item = item_new(k, "journald", "this host", 0);
	r = w ? w->ops->ask(w, k->t->journal_path, heard, k, &e) : 1;
	if (r < 0)
		unchecked(k, e.message);
	else if (!k->words)
		unchecked(k, r ? "there is no journald here" : "it has heard nothing of this chain");
	k->item->silent = r >= 0 && !k->words;
}

/* ---- the forge ------------------------------------------------------------------------------------------------------ */

static void on_reviews(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	struct asking *k = ctx;
	const struct review *v = answer ? answer->items : NULL;
	char hash[AUDIT_MARK_HEX + 1];
	int64_t seq;

	unchecked(k, err ? err->message : "the run has no such comment");
	for (size_t i = 0; answer && i < answer->n; i++)
		if (v[i].comment && strstr(v[i].comment, k->nonce) && audit_mark_in(v[i].comment, &seq, hash))
			fits(k, seq, hash);
	loop_stop(k->t->loop);
}

static void on_commit(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	struct asking *k = ctx;
	const struct git_commit *c = answer && answer->n ? answer->items : NULL;
	char hash[AUDIT_MARK_HEX + 1];
	int64_t seq;

	if (c && audit_mark_in(c->message, &seq, hash))
		fits(k, seq, hash);
	else
		unchecked(k, err ? err->message : "the commit bears no mark");
	loop_stop(k->t->loop);
}

/* "OWNER/NAME WHAT [NONCE]" */
static const char *cut_word(struct asking *k, const char **rest)
{
	size_t n = strcspn(*rest, " ");
	const char *word = arena_strndup(k->a, *rest, n);

	*rest += n + ((*rest)[n] == ' ');
	return word;
}

static void ask_forge(struct asking *k, struct forge_read *q, forge_done done)
{
	struct err e = ERR_INIT;

	if (!k->forge && !k->no_forge.kind && k->t->open(k->t->ctx, &k->forge, &k->no_forge) < 0)
		k->forge = NULL;
	if (!k->forge)
		unchecked(k, k->no_forge.message);
	else if (forge_read(k->forge, q, done, k, &e) < 0)
		unchecked(k, e.message);
	else
		loop_run(k->t->loop);
}

static int ask_anchor(void *ctx, const void *row)
{
	const struct audit_anchor *an = row;
	struct asking *k = ctx;
	const char *rest = arena_strdup(k->a, an->place), *what;
	struct forge_read q = { .kind = FORGE_GIT_COMMIT };

	k->item = item_new(k, an->witness, an->place, an->seq);
	q.repo = cut_word(k, &rest);
	what = cut_word(k, &rest);
	if (text_eq(an->witness, "lock") || text_eq(an->witness, "ledger")) {
		q.name = what;
		ask_forge(k, &q, on_commit);
	} else if (text_eq(an->witness, "comment") && text_int64(&q.id, what, 1, INT64_MAX) == 0 && *rest) {
		q.kind = FORGE_REVIEWS;
		k->nonce = rest;
		ask_forge(k, &q, on_reviews);
	} else {
		unchecked(k, "nobody here knows how to ask it");
	}
	return 0;
}

int audit_ask_witnesses(struct tool *t, struct journal *j, struct audit_report *out, struct err *e)
{
	struct asking k = { .t = t, .j = j, .out = out, .a = t->arena };

	ask_host(&k);
	return audit_each_anchor(j, ask_anchor, &k, e);
}
