/* proof_back.c - is what a lane would go back to proved? */
#include "core/engine/proofs.h"
#include "core/engine/survey_back.h"

#include "base/text.h"

static const char *of_row(struct look *k, const struct proof *row, enum proof_status s, size_t ok, size_t n)
{
	if (row && s != (enum proof_status)row->status)
		return arena_printf(&k->arena, "%zu of %zu proved; %s %s is too old, or by another policy",
				    ok, n, row->subject, row->check);
	if (!row)
		return arena_printf(&k->arena, "%zu of %zu proved", ok, n);
	return arena_printf(&k->arena, "%zu of %zu proved; %s %s is %s: %s", ok, n, row->subject, row->check,
			    names_word(&proof_status_names, row->status), row->detail);
}

void back_attested(struct look *k)
{
	const struct back *b = k->own;
	const struct profile_proof *p = lane_terms(k->lane);
	enum proof_status worst = PROOF_VERIFIED;
	const struct proof *bad = NULL;
	struct proofs rows = { 0 };
	struct err e = ERR_INIT;
	size_t ok = 0, n = 0;
	const char *none = lane_unattested(k->lane);
	int r = p && b->target
			? store_proofs_read(&rows, look_cache(k), k->lane->name, b->target, &k->arena, &e)
			: 0;

	vec_each (row, &rows) {
		enum proof_status s;

		if (!row->required)
			continue;
		s = proof_now(row, &(struct proof_terms_now){ p->policy == PROOFS_STRICT, proof_max_age(p),
							      look_now(k) });
		n++;
		ok += proof_verdict(s) == CHECK_OK;
		if (s != worst && proof_worse(s, worst) == s && proof_verdict(s) != CHECK_OK) {
			worst = s;
			bad = row;
		}
	}
	if (r < 0 || !n)
		back_say(k, "attested", CHECK_UNCHECKED,
			 none ? arena_printf(&k->arena, "not attested: %s", none) : "not checked", "",
			 "none");
	else
		back_say(k, "attested", proof_verdict(worst), of_row(k, bad, worst, ok, n),
			 "have it attested again, or go back to what is", "proofs");
}
