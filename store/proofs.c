#include "store/proofs.h"

#include <string.h>

static int put_checks(struct store *s, const struct proof *of, const struct proof_checks *checks,
		      struct err *e)
{
	int64_t ordinal = 0;
	int r = 0;

	vec_each (check, checks) {
		struct proof_check row = *check;

		row.lane = of->lane;
		row.proof = of->ordinal;
		row.ordinal = ordinal++;
		if (r >= 0)
			r = store_run(s, Q_proof_check_put, &rec_proof_check, &row, e);
	}
	return r;
}

int store_proofs_put(struct store *s, const char *lane, const struct proof_book *books, size_t n,
		     struct err *e)
{
	const struct key key = { .name = lane };
	int r = store_run(s, Q_proofs_forget, &rec_key, &key, e);

	if (r >= 0)
		r = store_run(s, Q_proof_checks_forget, &rec_key, &key, e);
	for (size_t i = 0; i < n && r >= 0; i++) {
		struct proof row = books[i].row;

		row.lane = lane;
		row.ordinal = (int64_t)i;
		r = store_run(s, Q_proof_put, &rec_proof, &row, e);
		if (r >= 0)
			r = put_checks(s, &row, &books[i].checks, e);
	}
	return r;
}

int store_proofs_trim(struct store *s, struct err *e)
{
	int r = store_run(s, Q_proofs_trim, NULL, NULL, e);

	return r < 0 ? r : store_run(s, Q_proof_checks_trim, NULL, NULL, e);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

int store_proofs_read(struct proofs *out, struct store *s, const char *lane, const char *release,
		      struct arena *a, struct err *e)
{
	const struct key key = { .name = lane, .text = release };

	if (!lane)
		return store_list(s, Q_proofs, NULL, NULL, &rec_proof, out, a, e);
	return store_list(s, release ? Q_proofs_by_release : Q_proofs_by_lane, &rec_key, &key, &rec_proof,
			  out, a, e);
}

int store_proof_checks_read(struct proof_checks *out, struct store *s, const struct proof *of,
			    struct arena *a, struct err *e)
{
	const struct key key = { .name = of->lane, .number = of->ordinal };

	return store_list(s, Q_proof_checks_by_proof, &rec_key, &key, &rec_proof_check, out, a, e);
}

struct gather {
	void *out;
	struct arena *a;
};

/* Rows come by lane. A status that this program does not know is the worst there is. */
static int push_count(void *ctx, const void *row)
{
	struct gather *g = ctx;
	struct proof_counts *out = g->out;
	const struct key *k = row;
	enum proof_status status =
		k->number >= 0 && k->number <= PROOF_FAILED ? (enum proof_status)k->number : PROOF_FAILED;
	bool first = !out->n || strcmp(out->items[out->n - 1].lane, k->name) != 0;
	struct proof_count *c = first ? vec_push(out, g->a) : &out->items[out->n - 1];

	if (first)
		*c = (struct proof_count){ .lane = k->name, .worst = PROOF_VERIFIED };
	c->required += k->limit;
	if (proof_verdict(status) == CHECK_OK)
		c->ok += k->limit;
	c->worst = (int)proof_worse((enum proof_status)c->worst, status);
	return 0;
}

int store_proof_counts_read(struct proof_counts *out, struct store *s, struct arena *a, struct err *e)
{
	struct gather g = { out, a };

	return store_each(s, Q_proof_counts, NULL, NULL, &rec_key, a, push_count, &g, e);
}
