/*
 * proof_plan.c - what a plan relies on of the proofs of its release. Each is a pinned fact (what was verified, by which
 * evidence and root), so a proof that changes voids the plan; and each is a check. In a strict lane what is missing, out of
 * date or not checked stops the act until it is let through by break-glass, and what failed stops it for good
 * (core/rules/glass.h); in a relaxed one it is told.
 *
 * The machines that run now are no proof of what goes out: a dispatch of the very release that they run may be what mends
 * them. Their rows are told, and stop only who builds on them: a canary's promotion, or whatever the profile says.
 */
#include "core/engine/proofs.h"
#include "core/engine/steer.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/evidence.h"

#include <string.h>

#define FILE_MAX ((size_t)4 << 20) /* as needs.c reads it */
#define ASK_AGAIN_MS \
	60000 /* what is not good and was looked at so lately is not looked at again for a plan */

/* A thing that must be proved, by the bytes that were read for this plan. */
struct brought {
	const char *name, *digest; /* sha256:HEX; "" it has none */
	bool required;
};

struct proof_plan {
	bool asked;
	struct VEC_OF(struct brought) brought;
};

static struct proof_plan *of_plan(struct ask *k)
{
	if (!k->plan.proofs)
		k->plan.proofs = arena_new(&k->arena, struct proof_plan);
	return k->plan.proofs;
}

/* The release that the act brings, or NULL: it brings none. */
static const char *brings(struct ask *k)
{
	const struct plan *p = &k->plan;

	if (!p->lane ||
	    !(p->stops_wanted || plan_goes_back(k) || act_is(k, CMD_PROMOTE) || run_brings_new(k)))
		return NULL;
	if (p->release && *p->release)
		return p->release;
	if (p->pf.run && p->pf.run->release && *p->pf.run->release)
		return p->pf.run->release;
	return p->sha ? p->sha : "";
}

/* The same, of which the lane wants proof. */
static const char *release_of(struct ask *k)
{
	return k->plan.lane && lane_terms(k->plan.lane) ? brings(k) : NULL;
}

/* What is proved of the release, or of the machines that run it. */
static int rows_of(struct ask *k, const char *release, bool machines, struct proofs *out)
{
	struct store *cache = k->acts->en->o.cache;
	struct proofs all = { 0 };
	struct err e = ERR_INIT;
	int r = cache ? store_proofs_read(&all, cache, k->plan.lane->name, release, &k->arena, &e) : -1;

	*out = (struct proofs){ 0 };
	vec_each (row, &all)
		if (r >= 0 && text_eq(row->subject, AGENTS_SUBJECT) == machines)
			*vec_push(out, &k->arena) = *row;
	return r;
}

static enum proof_status status_now(struct ask *k, const struct proof *row, const struct profile_proof *p)
{
	return proof_now(row, &(struct proof_terms_now){ p->policy == PROOFS_STRICT, proof_max_age(p),
							 engine_now(k->acts->en) });
}

/* ---- what the act brings ----------------------------------------------------------------------------------------------- */

static void bring(struct ask *k, const char *name, const char *digest, bool required)
{
	*vec_push(&of_plan(k)->brought, &k->arena) = (struct brought){ name, digest ? digest : "", required };
}

static void bring_images(struct ask *k, const struct profile_subject *s, const struct brought_file *f)
{
	autofree(json) struct json *doc = NULL;
	bool whole = json_parse(&doc, f->text, f->n, FILE_MAX, NULL) >= 0;

	for (const char *const *p = s->pointers; *p; p++) {
		const char *word = whole ? evidence_word(evidence_at(doc, *p), &k->arena) : NULL;

		bring(k, arena_printf(&k->arena, "%s%s", f->name, *p), word ? strstr(word, "sha256:") : NULL,
		      !s->informs);
	}
}

/* A file of the release was read for the plan; what was looked at before may have been another one of that name, or one that
 * named other images. */
void proofs_brought(struct ask *k, const char *need, const struct brought_file *f)
{
	const struct profile_proof *p = lane_terms(k->plan.lane);

	for (size_t i = 0; p && i < p->subjects.n; i++) {
		const struct profile_subject *s = &p->subjects.items[i];

		if (!s->asset || !text_eq(s->asset, need))
			continue;
		if (s->pointers)
			bring_images(k, s, f);
		else
			bring(k, arena_strdup(&k->arena, f->name),
			      arena_printf(&k->arena, "sha256:%s", f->hex), !s->informs);
	}
}

static bool was_looked_at(const struct brought *b, const struct proofs *rows)
{
	vec_each (row, rows)
		if (text_eq(row->digest, b->digest) && (*b->digest || text_eq(row->subject, b->name)) &&
		    (row->required || !b->required))
			return true;
	return false;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

/* What was judged before the engine began was judged by another profile, for all that is known. */
static bool is_good(struct ask *k, const struct proofs *rows)
{
	vec_each (b, &of_plan(k)->brought)
		if (!was_looked_at(b, rows))
			return false;
	vec_each (row, rows) {
		int64_t age = when_diff(engine_now(k->acts->en), row->at);

		if (k->acts->en->prover && when_diff(row->at, k->acts->en->began) < 0)
			return false;
		if (row->required && proof_verdict(status_now(k, row, k->plan.lane->proof)) != CHECK_OK &&
		    !(when_known(row->at) && age >= 0 && age < ASK_AGAIN_MS))
			return false;
	}
	return rows->n > 0;
}

struct proof_ask {
	struct ask *k;
	size_t fact;
};

static void proved(void *ctx)
{
	struct proof_ask *a = ctx;
	struct ask *k = a->k;

	if (!fact_answered(k, a->fact, NULL))
		return;
	k->plan.facts.items[a->fact].state = FACT_OK;
	fact_taken(k);
}

/* Looks first when there is nothing to rely on, once a plan. True: `then` follows when that is done. */
bool proofs_read(struct ask *k, ask_step then)
{
	struct proofs rows = { 0 };
	const char *release = release_of(k);
	struct proof_ask *a;

	if (!release || !*release || of_plan(k)->asked || rows_of(k, release, false, &rows) < 0 ||
	    is_good(k, &rows))
		return false;
	of_plan(k)->asked = true;
	a = arena_new(&k->arena, struct proof_ask);
	a->k = k;
	a->fact = fact_reading(k, "proofs", false);
	ask_then(k, then);
	if (survey_prove(k->acts->en->survey, k->plan.lane, release, proved, a))
		return true;
	proved(a);
	return true;
}

/* ---- checks ---------------------------------------------------------------------------------------------------------------- */

static const char *check_name(struct ask *k, const char *about, bool counts)
{
	bool strict = k->plan.lane->proof->policy == PROOFS_STRICT;

	return arena_printf(&k->arena, "%sproof%s", strict && counts ? "" : "note:", about);
}

/* The bytes that were read for this plan are those that the proof is about. NULL: they are, or were not read. */
static const char *other_bytes(struct ask *k, const struct proof *row)
{
	vec_each (f, &k->plan.facts) {
		const char *value = f->value, *hex = value ? strstr(value, " sha256:") : NULL;
		size_t n = strlen(row->subject);

		if (!text_starts(f->name, "asset:") || !hex || (size_t)(hex - value) != n ||
		    strncmp(value, row->subject, n) != 0 || !*row->digest || text_eq(hex + 1, row->digest))
			continue;
		return arena_printf(&k->arena, "%s is %s now, and what was checked is %s", row->subject,
				    hex + 1, row->digest);
	}
	return NULL;
}

static const char *words_of(struct ask *k, const struct proof *row, enum proof_status s)
{
	const char *word = names_word(&proof_status_names, (int)s);
	char at[WHEN_TEXT];

	if (s == PROOF_VERIFIED)
		return arena_printf(&k->arena, "verified: signed by %s, %s", row->builder,
				    when_iso(row->signed_at, at));
	if (s != (enum proof_status)row->status)
		return arena_printf(&k->arena, "%s: %s, checked %s", word,
				    proof_reason_meaning(PROOF_EVID_OLD), when_iso(row->at, at));
	return arena_printf(&k->arena, "%s: %s", word, row->detail);
}

static void judge_row(struct ask *k, const struct proof *row)
{
	const char *about = arena_printf(&k->arena, ":%s %s", row->subject, row->check);
	const char *fact = arena_printf(&k->arena, "proof%s", about), *other = other_bytes(k, row);
	enum proof_status s = status_now(k, row, k->plan.lane->proof);

	fact_pinned(k, fact,
		    arena_printf(&k->arena, "%s %s evidence %s root %s",
				 names_word(&proof_status_names, (int)s), *row->digest ? row->digest : "-",
				 *row->evidence ? row->evidence : "-", *row->root ? row->root : "-"));
	plan_said(k, check_name(k, about, row->required), other ? CHECK_BAD : proof_verdict(s),
		  other ? other : words_of(k, row, s),
		  (other || s == PROOF_FAILED) && k->plan.lane->proof->policy == PROOFS_STRICT
			  ? "see `pilothouse proof`: what failed is never let through"
			  : "see `pilothouse proof`: have it attested, or let it through by override",
		  fact);
}

static void judge_brought(struct ask *k, const struct proofs *rows)
{
	vec_each (b, &of_plan(k)->brought) {
		const char *fact = arena_printf(&k->arena, "proof:%s", b->name);
		const char *is = *b->digest ? b->digest : "no digest";

		if (was_looked_at(b, rows))
			continue;
		fact_pinned(k, fact, arena_printf(&k->arena, "%s was not checked", is));
		plan_said(k, check_name(k, arena_printf(&k->arena, ":%s", b->name), b->required),
			  CHECK_UNCHECKED,
			  arena_printf(&k->arena, "%s has %s now, and that was not checked", b->name, is),
			  "pilothouse sync --once", fact);
	}
}

/* ---- machines ------------------------------------------------------------------------------------------------------------ */

/* More traffic for a canary: on whatever runs now, which is not yet the release that it brings. */
static bool builds_on_them(struct ask *k)
{
	return act_is(k, CMD_PROMOTE) || steer_gate_promotes(k);
}

static bool machines_stop(struct ask *k, const struct profile_attestation *t)
{
	return t->policy == PROOFS_STRICT && (t->stops || builds_on_them(k));
}

static void judge_machines(struct ask *k, const struct proof *row, const struct profile_attestation *t)
{
	enum proof_status s = status_now(k, row, &(struct profile_proof){ .policy = t->policy });
	const char *about = arena_printf(&k->arena, "proof:%s %s", row->subject, row->check);
	const char *word = names_word(&proof_status_names, (int)s);
	bool stops = machines_stop(k, t);

	if (stops)
		fact_pinned(k, about, arena_printf(&k->arena, "%s machines", word));
	plan_said(
		k, stops ? about : arena_printf(&k->arena, "note:%s", about), proof_verdict(s),
		s == (enum proof_status)row->status
			? arena_printf(&k->arena, "what runs now is %s: %s", word, row->detail)
			: arena_printf(&k->arena, "what runs now was not checked for long: %s", row->detail),
		proof_verdict(s) == CHECK_OK ? "" : "see `pilothouse proof --machines`", row->source);
}

static void judge_fleet(struct ask *k, const char *release)
{
	const struct profile_attestation *t = k->plan.lane->attestation;
	bool onward = builds_on_them(k);
	struct proofs rows = { 0 };

	if (!t || (!onward && !*release))
		return;
	if (rows_of(k, onward ? NULL : release, true, &rows) < 0)
		rows.n = 0;
	vec_each (row, &rows)
		judge_machines(k, row, t);
	if (rows.n || !machines_stop(k, t) || (!onward && !text_eq(release, k->plan.pf.live)))
		return;
	fact_pinned(k, "proof:machines", "nothing was checked");
	plan_said(k, "proof:machines", CHECK_UNCHECKED, "nothing is known of the machines that run it",
		  "pilothouse sync --once", "proof:machines");
}

/* It stops nothing, and nobody is to take it for good. */
static void tell_unattested(struct ask *k)
{
	const char *why = brings(k) ? lane_unattested(k->plan.lane) : NULL;

	if (why)
		plan_said(k, "note:proof", CHECK_UNCHECKED, arena_printf(&k->arena, "not attested: %s", why),
			  "ask whoever builds it for attestations", "none");
}

/* Before the plan gets its name. */
void proofs_judge(struct ask *k)
{
	struct proofs rows = { 0 };
	const char *release = brings(k);

	if (release || (k->plan.lane && builds_on_them(k))) /* machines have terms of their own */
		judge_fleet(k, release ? release : "");
	release = release_of(k);
	tell_unattested(k);
	if (!release)
		return;
	if (*release && rows_of(k, release, false, &rows) < 0)
		rows.n = 0;
	vec_each (row, &rows)
		judge_row(k, row);
	if (rows.n)
		judge_brought(k, &rows);
	if (!rows.n) {
		fact_pinned(k, "proof", "nothing was checked");
		plan_said(k, check_name(k, "", true), CHECK_UNCHECKED,
			  arena_printf(&k->arena, "nothing is known of proofs of %s",
				       *release ? release : "what it brings"),
			  "pilothouse sync --once", "proof");
	}
}
