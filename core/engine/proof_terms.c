/*
 * proof_terms.c - by which policy a lane's proofs are judged, as a name, and what a change of it does to rows that are kept: a
 * status says nothing under a policy that it was not judged by. That must not wait for a look, which an outage may hold up.
 */
#include "core/engine/proofs.h"
#include "core/engine/survey_fleet.h"

#include "base/json_canonical.h"
#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY_MAX ((size_t)1 << 20)
#define OTHER      "not checked yet: it was judged by another policy"

/* ---- names --------------------------------------------------------------------------------------------------------------- */

/* A pipe in its place would hold the loop for as long as nobody writes. */
static int read_regular(struct buf *out, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = err_set(e, ERR_MISSING, "%s: %s", path, strerrordesc_np(errno));
	else
		r = S_ISREG(st.st_mode) ? path_read_open(out, fd, path, e)
					: err_set(e, ERR_INVALID, "%s is no regular file", path);
	if (fd >= 0)
		close(fd);
	return r;
}

const char *proof_key_read(const struct profile_proof *p, const char **why, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(PROOF_KEY_MAX);
	struct err e = ERR_INIT;

	*why = NULL;
	if (!p->key)
		return NULL;
	if (read_regular(&text, p->key, &e) < 0) {
		*why = arena_printf(a, "the key is not read: %s", e.message);
		return NULL;
	}
	return arena_strndup(a, text.n ? text.s : "", text.n);
}

const char *proof_policy_name(const struct profile_proof *p, const char *key, sha256_fn sha256,
			      struct arena *a)
{
	autofree(buf) struct buf said = BUF_INIT(POLICY_MAX), form = BUF_INIT(POLICY_MAX);
	char *hex = arena_alloc(a, DIGEST_HEX);
	struct err e = ERR_INIT;
	struct jw w;

	jw_init(&w, &said);
	jw_open(&w, '[');
	profile_proof_json(&w, p);
	jw_str(&w, key ? key : "");
	jw_close(&w, ']');
	if (said.over || json_canonical_text(&form, said.s, said.n, &e) < 0)
		return ""; /* no row has that name, so none is kept */
	sha256(form.s, form.n, hex);
	return hex;
}

/* ---- rows that are kept --------------------------------------------------------------------------------------------------- */

struct declaring {
	struct engine *en;
	const struct profile_lane *l;
	struct arena a;
	struct proofs old;
	struct proof_books books;
	const char *policy; /* NULL: nothing is wanted */
	bool changed;
};

static bool is_known_unchecked(const struct proof *row)
{
	return row->status == PROOF_UNCHECKED && text_eq(row->detail, OTHER);
}

static int keep_row(struct declaring *d, const struct proof *row, struct err *e)
{
	struct proof_book *b = vec_push(&d->books, &d->a);

	b->row = *row;
	/* what failed stays so until it is looked at again: break-glass lets the unchecked through, and never that */
	if (is_of_machines(row) || is_known_unchecked(row) || row->status == PROOF_FAILED ||
	    text_eq(row->policy, d->policy))
		return store_proof_checks_read(&b->checks, d->en->o.cache, row, &d->a, e);
	d->changed = true;
	b->row.status = PROOF_UNCHECKED;
	b->row.reason = PROOF_OK;
	b->row.detail = OTHER;
	return 0;
}

static bool is_wanted(const struct declaring *d, const struct proof *row)
{
	return is_of_machines(row) || (d->policy && !text_eq(row->policy, PROOF_POLICY_NONE));
}

static void say_unattested(struct declaring *d, const char *why)
{
	const struct proof row = {
		.release = "",
		.subject = "releases",
		.digest = "",
		.check = "attestation",
		.status = PROOF_UNCHECKED,
		.detail = arena_printf(&d->a, "not attested: %s", why),
		.source = "",
		.evidence = "",
		.root = "",
		.builder = "",
		.commit = "",
		.policy = PROOF_POLICY_NONE,
	};

	vec_push(&d->books, &d->a)->row = row;
	d->changed = true;
}

static int declare_lane(struct declaring *d, struct err *e)
{
	const struct profile_proof *terms = lane_terms(d->l);
	struct store *cache = d->en->o.cache;
	const char *why;
	int r = store_proofs_read(&d->old, cache, d->l->name, NULL, &d->a, e);

	if (terms)
		d->policy =
			proof_policy_name(terms, proof_key_read(terms, &why, &d->a), d->en->o.sha256, &d->a);
	vec_each (row, &d->old) {
		if (r >= 0 && is_wanted(d, row))
			r = keep_row(d, row, e);
		else
			d->changed = true;
	}
	if (lane_unattested(d->l))
		say_unattested(d, lane_unattested(d->l));
	if (r < 0 || !d->changed)
		return r;
	return store_proofs_put(cache, d->l->name, d->books.items, d->books.n, e);
}

int proofs_declare(struct engine *en, struct err *e)
{
	int r = 0;

	vec_each (p, en->o.profiles)
		vec_each (l, &p->lanes) {
			struct declaring d = { .en = en, .l = l };

			if (r >= 0 && en->prover)
				r = declare_lane(&d, e);
			arena_done(&d.a);
		}
	return r < 0 ? r : 0;
}
