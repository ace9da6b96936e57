#include "core/engine/tidy.h"

#include "base/json.h"
#include "base/jobs.h"
#include "base/path.h"
#include "base/text.h"
#include "core/engine/fleets.h"
#include "core/engine/plandoc.h"
#include "core/engine/prover.h"
#include "store/audit.h"
#include "store/evidence.h"
#include "store/proofs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define HEX    64
#define DIGITS "0123456789abcdef"

struct tidy {
	struct engine *en;
	struct timer *timer;
	bool busy;
	char *told; /* the last that was logged, heap; NULL: all was well */
};

struct piece {
	char hex[DIGEST_HEX];
	bool named;
};

/* One tidying, on its way through the thread. */
struct errand {
	struct tidy *t;
	struct arena arena;
	struct VEC_OF(struct evidence_box)
		boxes; /* the first is where bundles lie, the others are folders that nobody has */
	struct VEC_OF(const char *) lanes;  /* folders that somebody has */
	struct VEC_OF(struct piece) seeds;  /* named by the cache and the prover */
	struct VEC_OF(struct piece) pieces; /* that lie there, sorted */
	const char *journal, *plans;
	struct when now;
	int64_t bytes, gone;
	struct err err;
};

/* ---- what lies there ---------------------------------------------------------------------------------------------------- */

static void saw(void *ctx, const char *hex, int64_t bytes)
{
	struct errand *x = ctx;
	struct piece *p = vec_push(&x->pieces, &x->arena);

	memcpy(p->hex, hex, DIGEST_HEX);
	x->bytes += bytes;
}

static int by_hex(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool has_lane(const struct errand *x, const char *path)
{
	vec_each (lane, &x->lanes)
		if (text_eq(*lane, path))
			return true;
	return false;
}

static int find_left(struct errand *x, struct err *e)
{
	const struct evidence_box all = x->boxes.items[0];
	DIR *dir = opendir(all.dir);
	const struct dirent *one;

	if (!dir)
		return errno == ENOENT ? 0 : err_set(e, ERR_STORE, "%s: %s", all.dir, strerrordesc_np(errno));
	while ((one = readdir(dir))) {
		const char *path = path_join(&x->arena, all.dir, one->d_name);

		if (one->d_type == DT_DIR && text_starts(one->d_name, FLEET_FOLDER) && !has_lane(x, path))
			*vec_push(&x->boxes, &x->arena) =
				(struct evidence_box){ .dir = path, .sha256 = all.sha256 };
	}
	closedir(dir);
	return 0;
}

/* The same bytes may lie in several folders: they are one piece. */
static void sort_pieces(struct errand *x)
{
	size_t n = 0;

	if (x->pieces.n)
		qsort(x->pieces.items, x->pieces.n, sizeof(*x->pieces.items), by_hex);
	vec_each (p, &x->pieces)
		if (!n || strcmp(x->pieces.items[n - 1].hex, p->hex) != 0)
			x->pieces.items[n++] = *p;
	x->pieces.n = n;
}

static int list_all(struct errand *x, struct err *e)
{
	int r = find_left(x, e);

	vec_each (box, &x->boxes)
		if (r >= 0)
			r = evidence_each(box, saw, x, e);
	sort_pieces(x);
	return r;
}

/* ---- what is named -------------------------------------------------------------------------------------------------------- */

static struct piece *piece_of(const struct errand *x, const char hex[DIGEST_HEX])
{
	return x->pieces.n ? bsearch(hex, x->pieces.items, x->pieces.n, sizeof(*x->pieces.items), by_hex)
			   : NULL;
}

static void name_it(struct errand *x, const char hex[DIGEST_HEX])
{
	struct piece *p = piece_of(x, hex);

	if (p)
		p->named = true;
}

/* Wherever 64 digits stand, also within more of them: rather one too many is kept. */
static void name_text(struct errand *x, const char *s)
{
	char hex[DIGEST_HEX] = "";

	while (s && *s) {
		size_t n = strspn(s, DIGITS);

		for (size_t i = 0; i + HEX <= n; i++) {
			memcpy(hex, s + i, HEX);
			name_it(x, hex);
		}
		s += n + !!s[n];
	}
}

static int name_intent(void *ctx, const void *row)
{
	const struct intent *in = row;
	const char *const texts[] = { in->request, in->body, in->relies_on, in->line,
				      in->note,    in->step, in->target,    in->subject };

	for (size_t i = 0; i < countof(texts); i++)
		name_text(ctx, texts[i]);
	return 0;
}

static int name_move(void *ctx, const void *row)
{
	name_text(ctx, ((const struct journal_log *)row)->note);
	return 0;
}

static int name_journal(struct errand *x, struct err *e)
{
	autofree(journal) struct journal *j = NULL;
	int r = journal_open_reader(&j, x->journal, e);

	if (r == STORE_ABSENT)
		return err_set(e, ERR_MISSING, "there is no journal %s", x->journal);
	if (r >= 0)
		r = audit_each_intent(j, name_intent, x, e);
	return r < 0 ? r : audit_each_log(j, name_move, x, e);
}

static int name_plan(struct errand *x, const char *path, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(PLAN_DOCUMENT_MAX);
	int r = path_read(&text, path, e);

	if (r == -ERR_MISSING)
		return 0;
	for (size_t i = 0; i < text.n; i++) /* a NUL in a damaged one hides nothing */
		text.s[i] = text.s[i] ? text.s[i] : ' ';
	name_text(x, text.n ? text.s : "");
	return r;
}

static int name_plans(struct errand *x, struct err *e)
{
	DIR *dir = x->plans ? opendir(x->plans) : NULL;
	const struct dirent *one;
	int r = 0;

	if (!dir)
		return !x->plans || errno == ENOENT
			       ? 0
			       : err_set(e, ERR_STORE, "%s: %s", x->plans, strerrordesc_np(errno));
	while (r >= 0 && (one = readdir(dir)))
		if (strspn(one->d_name, DIGITS) == HEX && text_eq(one->d_name + HEX, ".json"))
			r = name_plan(x, path_join(&x->arena, x->plans, one->d_name), e);
	closedir(dir);
	return r;
}

/* Of a bundle over a message: what it is about, which may be a payload that is kept beside it. */
static void name_message(struct errand *x, const char *bundle, size_t n)
{
	autofree(json) struct json *j = NULL;
	autofree(buf) struct buf sum = BUF_INIT(HEX);
	char hex[DIGEST_HEX];
	const char *digest;

	if (!n || !memmem(bundle, n, "messageSignature", 16) ||
	    json_parse(&j, bundle, n, EVIDENCE_MAX, NULL) < 0)
		return;
	digest = json_str(json_get(json_get(j, "messageSignature"), "messageDigest"), "digest");
	if (!digest || !text_unbase64(&sum, digest, strlen(digest)) || sum.n != HEX / 2)
		return;
	for (size_t i = 0; i < HEX / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)sum.s[i]);
	name_it(x, hex);
}

/* One that is damaged, or is not among the bundles, names nothing. */
static int name_messages(struct errand *x, struct err *e)
{
	int r = 0;

	vec_each (p, &x->pieces) {
		autofree(buf) struct buf bytes = BUF_INIT(EVIDENCE_MAX);
		struct err one = ERR_INIT;

		if (r < 0 || !p->named)
			continue;
		r = evidence_read(&x->boxes.items[0], p->hex, &bytes, &one);
		if (r >= 0)
			name_message(x, bytes.s, bytes.n);
		else if (r == -ERR_MISSING || r == -ERR_CORRUPT || r == -ERR_INVALID)
			r = 0;
		else
			*e = one;
	}
	return r;
}

static int name_all(struct errand *x, struct err *e)
{
	int r = name_journal(x, e);

	vec_each (seed, &x->seeds)
		name_it(x, seed->hex);
	if (r >= 0)
		r = name_plans(x, e);
	return r >= 0 ? name_messages(x, e) : r;
}

/* ---- the errand ------------------------------------------------------------------------------------------------------------- */

/* What came since it was listed is none of this errand's. */
static bool is_named(void *ctx, const char *hex)
{
	const struct piece *p = piece_of(ctx, hex);

	return !p || p->named;
}

static int trim(struct errand *x, msec age, struct err *e)
{
	const struct when before = { x->now.ms - age };
	int r = 0;

	vec_each (box, &x->boxes) {
		struct err one = ERR_INIT;
		int64_t n = 0;

		if (evidence_trim(box, before, is_named, x, &n, &one) < 0 && r >= 0) {
			*e = one;
			r = -1;
		}
		x->gone += n;
		if (box != x->boxes.items)
			(void)rmdir(box->dir); /* when it is empty now */
	}
	return r;
}

/* On the thread: touches the errand only. */
static void errand_work(void *ctx)
{
	struct errand *x = ctx;
	int r = list_all(x, &x->err);

	if (r >= 0 && x->pieces.n)
		r = name_all(x, &x->err);
	if (r >= 0)
		(void)!trim(x, x->bytes > TIDY_BYTES ? TIDY_SOON : TIDY_AGE, &x->err);
}

static void tell(struct tidy *t, const struct errand *x)
{
	const struct log *log = t->en->o.log;
	const char *why = x->err.kind == ERR_NONE ? NULL : x->err.message;

	if (log && x->gone)
		log_line(log, "evidence", "%" PRId64 " that nothing names any more removed", x->gone);
	if (log && why && !text_eq(why, t->told))
		log_line(log, "evidence", "old evidence stays: %s", why);
	free(t->told);
	t->told = why ? x_strdup(why) : NULL;
}

static void errand_done(void *ctx, bool ran)
{
	struct errand *x = ctx;

	x->t->busy = false;
	if (ran)
		tell(x->t, x);
	arena_done(&x->arena);
	free(x);
}

/* ---- when -------------------------------------------------------------------------------------------------------------------- */

static void seed(void *ctx, const char *hex)
{
	struct errand *x = ctx;

	if (strlen(hex) == HEX)
		memcpy(vec_push(&x->seeds, &x->arena)->hex, hex, DIGEST_HEX);
}

static int seed_rows(struct errand *x, struct err *e)
{
	struct proofs rows = { 0 };
	int r = store_proofs_read(&rows, x->t->en->o.cache, NULL, NULL, &x->arena, e);

	vec_each (row, &rows) {
		seed(x, row->evidence);
		seed(x, row->root);
	}
	return r;
}

static void add_lanes(struct errand *x)
{
	const struct engine_options *o = &x->t->en->o;

	for (size_t i = 0; o->profiles && i < o->profiles->n; i++)
		vec_each (lane, &o->profiles->items[i].lanes)
			*vec_push(&x->lanes, &x->arena) =
				fleet_kept_dir(o->evidence_dir, lane->name, o->sha256, &x->arena);
}

static void tidy_now(void *ctx)
{
	struct tidy *t = ctx;
	const struct engine_options *o = &t->en->o;
	struct errand *x;

	timer_in(t->timer, TIDY_DAY);
	if (t->busy)
		return;
	x = x_alloc(sizeof(*x));
	*x = (struct errand){
		.t = t, .journal = o->journal_path, .plans = o->plans_dir, .now = engine_now(t->en)
	};
	*vec_push(&x->boxes, &x->arena) =
		(struct evidence_box){ .dir = o->evidence_dir, .sha256 = o->sha256 };
	add_lanes(x);
	prover_names(t->en->prover, seed, x);
	t->busy = true;
	if (seed_rows(x, &x->err) < 0 || !jobs_add(prover_jobs(t->en->prover), errand_work, errand_done, x))
		errand_done(x, x->err.kind != ERR_NONE);
}

struct tidy *tidy_new(struct engine *en)
{
	struct tidy *t;

	if (!en->prover || !en->o.evidence_dir || !en->o.journal_path)
		return NULL;
	t = x_alloc(sizeof(*t));
	t->en = en;
	t->timer = timer_new(en->o.loop, tidy_now, t);
	timer_in(t->timer, TIDY_FIRST);
	return t;
}

void tidy_free(struct tidy *t)
{
	if (!t)
		return;
	timer_free(t->timer);
	free(t->told);
	free(t);
}
