#include "core/engine/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/engine/audit.h"

#define SOON_MS   2000  /* moves of one act come together */
#define LATER_MS  60000 /* the forge did not take it */
#define TRIES     5     /* in a row against other consoles, before LATER */
#define BATCH     20    /* lines */
#define BATCH_MAX 32768 /* bytes of a message */
#define WORD_MAX \
	1024 /* bytes of one word of an act: a reason of any length must not stop what comes after it */
#define LOOK_BACK 20 /* commits, for one of ours whose answer was lost */
#define TREE_PATH "README"
#define TREE_TEXT                                                                                       \
	"This is no source: the commit messages of this ref say who has done what. See pilothouse(1), " \
	"AUDIT.\n"

struct ledger {
	struct engine *en; /* NULL: gone, an answer is still awaited */
	struct timer *timer;
	struct arena arena; /* one try's */
	bool due;           /* there may be something to tell */
	bool busy, unsure;  /* unsure: one of ours may be there already */
	int tries, looked;
	int64_t told; /* newest line that is in the ledger; 0: the anchors were not asked yet */
	int64_t from, to;
	const char *id, *hash; /* of line `to` */
	const char *message, *head, *tree;
};

static void ledger_drop(struct ledger *l)
{
	arena_done(&l->arena);
	free(l);
}

/* True when an answer finds nobody any more. */
static bool is_gone(struct ledger *l)
{
	if (l->en)
		return false;
	ledger_drop(l);
	return true;
}

static void again(struct ledger *l, const struct err *err)
{
	bool raced = err->kind == ERR_CONFLICT && l->tries++ < TRIES;

	l->busy = false;
	l->unsure = true;
	if (l->en->o.log)
		log_line(l->en->o.log, "ledger", "%s", err->message);
	timer_in(l->timer, raced ? SOON_MS : LATER_MS);
}

static void written(struct ledger *l, const char *sha)
{
	const struct audit_anchor an = {
		.seq = l->to,
		.hash = arena_printf(&l->arena, "%.*s", AUDIT_MARK_HEX, l->hash),
		.witness = "ledger",
		.place = arena_printf(&l->arena, "%s %s", l->en->o.ledger, sha),
		.at = engine_now(l->en),
	};
	struct err e = ERR_INIT;

	if (audit_anchor_add(l->en->o.journal, &an, &e) < 0) {
		again(l, &e);
		return;
	}
	l->busy = l->unsure = false;
	l->told = l->to;
	l->tries = 0;
	timer_in(l->timer, SOON_MS); /* there may be more */
}

/* ---- what is told --------------------------------------------------------------------------------------------------- */

static int newest_told(void *ctx, const void *row)
{
	const struct audit_anchor *an = row;
	int64_t *seq = ctx;

	if (text_eq(an->witness, "ledger") && an->seq > *seq)
		*seq = an->seq;
	return 0;
}

static void write_word(struct jw *w, const char *key, const char *text)
{
	struct arena a = ARENA_INIT;

	jw_kstr(w, key, text ? text_safe_dup(&a, text, WORD_MAX) : NULL);
	arena_done(&a);
}

static void write_act(struct jw *w, const char *line)
{
	static const char *const members[][2] = {
		{ "at", "at" },
		{ "act", "intent.act" },
		{ "lane", "intent.lane" },
		{ "subject", "intent.subject" },
		{ "who", "intent.who" },
		{ "reason", "intent.reason" },
		{ "state", "move.state" },
	};
	autofree(json) struct json *j = NULL;

	if (json_parse(&j, line, strlen(line), (size_t)16 << 20, NULL) < 0)
		return;
	jw_open(w, '{');
	for (size_t i = 0; i < countof(members); i++)
		write_word(w, members[i][0], json_str(j, members[i][1]));
	jw_kint(w, "run", json_int(j, "move.run_id", 0));
	jw_close(w, '}');
}

/* As many lines as there is room for, at least one. */
static void write_acts(struct ledger *l, struct jw *w, int64_t last)
{
	struct audit_line line;

	jw_kopen(w, "acts", '[');
	for (int64_t seq = l->from; seq <= last && seq < l->from + BATCH && w->out->n < BATCH_MAX / 2;
	     seq++) {
		if (audit_by_seq(l->en->o.journal, seq, &line, &l->arena, NULL) != 0)
			break;
		write_act(w, line.line);
		l->to = seq;
		l->hash = line.hash;
	}
	jw_close(w, ']');
}

/* Asked once: nobody but this engine tells what its journal holds. */
static bool find_told(struct ledger *l)
{
	int64_t told = 1; /* the genesis line is no act */

	if (!l->told && audit_each_anchor(l->en->o.journal, newest_told, &told, NULL) == 0)
		l->told = told;
	return l->told > 0;
}

/* False: there is nothing to tell. */
static bool make_message(struct ledger *l)
{
	autofree(buf) struct buf out = BUF_INIT(4 * BATCH_MAX);
	struct audit_line last;
	struct jw w;

	if (!find_told(l) || audit_last(l->en->o.journal, &last, &l->arena, NULL) != 0 || last.seq <= l->told)
		return false;
	l->from = l->told + 1;
	l->to = 0;
	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kstr(&w, "host", l->en->o.who);
	jw_kint(&w, "from", l->from);
	write_acts(l, &w, last.seq);
	if (!l->to)
		return false;
	l->id = arena_printf(&l->arena, "%.32s", l->hash);
	jw_kint(&w, "to", l->to);
	jw_kstr(&w, "id", l->id);
	jw_kstr(&w, "audit",
		arena_printf(&l->arena, "[pilothouse audit %" PRId64 " %.*s]", l->to, AUDIT_MARK_HEX,
			     l->hash));
	jw_close(&w, '}');
	l->message = arena_strdup(&l->arena, out.s);
	return !out.over;
}

/* ---- the chain ------------------------------------------------------------------------------------------------------- */

static void act(struct ledger *l, const struct forge_act *a, forge_acted done)
{
	struct err e = ERR_INIT;

	if (forge_act(l->en->o.forge, a, done, l, &e) < 0)
		again(l, &e);
}

static void on_moved(void *ctx, const struct forge_result *res maybe_unused, const struct err *err)
{
	struct ledger *l = ctx;

	if (is_gone(l))
		return;
	if (err)
		again(l, err);
	else
		written(l, l->head);
}

static void on_commit_made(void *ctx, const struct forge_result *res, const struct err *err)
{
	struct ledger *l = ctx;
	struct forge_act a = { .kind = FORGE_REF_UPDATE, .repo = NULL, .ref = LEDGER_REF };

	if (is_gone(l))
		return;
	if (err) {
		again(l, err);
		return;
	}
	a.kind = l->head ? FORGE_REF_UPDATE : FORGE_REF_CREATE;
	a.repo = l->en->o.ledger;
	a.sha = l->head = arena_strdup(&l->arena, res->sha);
	act(l, &a, on_moved);
}

static void make_commit(struct ledger *l)
{
	const struct forge_act a = { .kind = FORGE_COMMIT_CREATE,
				     .repo = l->en->o.ledger,
				     .title = l->message,
				     .tree = l->tree,
				     .parent = l->head };

	act(l, &a, on_commit_made);
}

static void on_tree_made(void *ctx, const struct forge_result *res, const struct err *err)
{
	struct ledger *l = ctx;

	if (is_gone(l))
		return;
	if (err) {
		again(l, err);
		return;
	}
	l->tree = arena_strdup(&l->arena, res->sha);
	make_commit(l);
}

static void begin_chain(struct ledger *l)
{
	const struct forge_act a = {
		.kind = FORGE_TREE_CREATE, .repo = l->en->o.ledger, .path = TREE_PATH, .content = TREE_TEXT
	};

	act(l, &a, on_tree_made);
}

static void read_commit(struct ledger *l, const char *sha);

static bool is_this(struct ledger *l, const struct git_commit *c)
{
	autofree(json) struct json *j = NULL;

	return c->message && json_parse(&j, c->message, strlen(c->message), 1 << 20, NULL) == 0 &&
	       text_eq(json_str(j, "id"), l->id);
}

static void on_commit(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	struct ledger *l = ctx;
	const struct git_commit *c = answer && answer->n ? answer->items : NULL;

	if (is_gone(l))
		return;
	if (!c) {
		again(l,
		      err ? err : &(struct err){ .kind = ERR_SERVER, .message = "the commit says nothing" });
		return;
	}
	if (!l->tree)
		l->tree = arena_strdup(&l->arena, c->tree);
	if (is_this(l, c))
		written(l, arena_strdup(&l->arena, c->sha));
	else if (l->unsure && c->parent && *c->parent && ++l->looked < LOOK_BACK)
		read_commit(l, arena_strdup(&l->arena, c->parent));
	else
		make_commit(l);
}

static void read_it(struct ledger *l, const struct forge_read *r, forge_done done)
{
	struct err e = ERR_INIT;

	if (engine_read(l->en, r, done, l, &e) < 0)
		again(l, &e);
}

static void read_commit(struct ledger *l, const char *sha)
{
	const struct forge_read r = { .kind = FORGE_GIT_COMMIT, .repo = l->en->o.ledger, .name = sha };

	read_it(l, &r, on_commit);
}

static void on_ref(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	struct ledger *l = ctx;
	const struct git_ref *ref = answer && answer->n ? answer->items : NULL;

	if (is_gone(l))
		return;
	if (ref) {
		l->head = arena_strdup(&l->arena, ref->sha);
		read_commit(l, l->head);
	} else if (err && err->kind == ERR_MISSING) {
		begin_chain(l);
	} else {
		again(l, err ? err : &(struct err){ .kind = ERR_SERVER, .message = "the ref leads nowhere" });
	}
}

static void tick(void *ctx)
{
	struct ledger *l = ctx;
	const struct forge_read r = { .kind = FORGE_REF, .repo = l->en->o.ledger, .name = LEDGER_REF };

	if (l->busy)
		return;
	arena_reset(&l->arena);
	l->head = l->tree = NULL;
	l->looked = 0;
	l->due = make_message(l);
	if (!l->due)
		return;
	l->busy = true;
	read_it(l, &r, on_ref);
}

struct ledger *ledger_new(struct engine *en)
{
	struct ledger *l;

	if (!en->o.ledger || !en->o.journal || en->o.read_only)
		return NULL;
	l = x_alloc(sizeof(*l));
	l->en = en;
	l->unsure = l->due = true;
	l->timer = timer_new(en->o.loop, tick, l);
	timer_in(l->timer, SOON_MS);
	return l;
}

bool ledger_is_busy(const struct ledger *l)
{
	return l && (l->due || l->busy);
}

void ledger_wake(struct ledger *l)
{
	if (!l)
		return;
	l->due = true;
	if (!l->busy)
		timer_in(l->timer, SOON_MS);
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	timer_free(l->timer);
	l->en = NULL;
	if (!l->busy)
		ledger_drop(l);
}
