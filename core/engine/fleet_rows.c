#include "core/engine/survey_fleet.h"

#include "base/text.h"
#include "core/engine/alarms.h"
#include "store/holds.h"

#include <string.h>

#define SUBJECT "machines " /* of alarms: "machines easy/prod differ" */

bool is_of_machines(const struct proof *row)
{
	return text_eq(row->subject, FLEET_SUBJECT);
}

/* ---- the lane's proofs -------------------------------------------------------------------------------------------------- */

static const char *count_text(struct look *k, const struct fleet_sum *sum, const struct watching *w)
{
	const char *more = w->total > sum->n ? arena_printf(&k->arena, "; %" PRId64 " more are not known: %s",
							    w->total - sum->n,
							    w->damage ? w->damage : "they were not told")
					     : "";

	return arena_printf(&k->arena, "%" PRId64 " of %" PRId64 "%s%s%s", sum->ok,
			    w->total > sum->n ? w->total : sum->n, sum->worst_text ? ": " : "",
			    sum->worst_text ? sum->worst_text : "", more);
}

static void describe(struct look *k, struct proof *row, const struct fleet_sum *sum)
{
	const struct watching *w = k->own;

	if (!sum->n && w->total <= 0) {
		row->status = PROOF_MISSING;
		row->reason = PROOF_ATT_NONE;
		row->detail = "the control plane has no machines";
		return;
	}
	row->status = (int)sum->worst;
	row->reason = (int)sum->reason;
	row->detail = count_text(k, sum, w);
	if (w->total > sum->n) /* whoever is not told of proves nothing */
		row->status = (int)proof_worse(sum->n ? sum->worst : PROOF_VERIFIED, PROOF_MISSING);
}

/* What was known, with its age; what was never known is not checked. */
static void keep_old(struct look *k, struct proof *row, const struct proofs *old)
{
	const struct watching *w = k->own;
	const struct proof *was = NULL;

	vec_each (o, old)
		if (is_of_machines(o) && text_eq(o->check, row->check))
			was = o;
	row->status = PROOF_UNCHECKED;
	row->detail = w->why;
	row->at = was ? was->at : WHEN_NONE;
	if (!was || was->status == PROOF_UNCHECKED)
		return;
	row->status = (int)proof_worse(PROOF_STALE, (enum proof_status)was->status);
	row->reason =
		was->status == PROOF_FAILED || was->status == PROOF_MISSING ? was->reason : PROOF_EVID_OLD;
	row->detail = arena_printf(&k->arena, "%s; %.300s", w->why, was->detail);
	if (text_starts(was->detail, w->why))
		row->detail = was->detail;
}

static void lane_row(struct look *k, struct proof_books *out, const char *check, const struct fleet_sum *sum,
		     const struct proofs *old)
{
	const struct watching *w = k->own;
	const struct profile_attestation *t = k->lane->attestation;
	struct proof_book *b = vec_push(out, &k->arena);

	b->row = (struct proof){ .release = k->known->row.live,
				 .subject = FLEET_SUBJECT,
				 .digest = "",
				 .check = check,
				 .required = true,
				 .strict = t->policy == PROOFS_STRICT,
				 .detail = "",
				 .source = t->list,
				 .evidence = "",
				 .root = w->rules.trust ? w->rules.trust->collateral_sha : "",
				 .builder = "",
				 .commit = "",
				 .verified_at = look_now(k),
				 .at = look_now(k) };
	if (w->why)
		keep_old(k, &b->row, old);
	else
		describe(k, &b->row, sum);
}

static int put_proofs(struct look *k, struct err *e)
{
	const struct watching *w = k->own;
	const struct profile_attestation *t = k->lane->attestation;
	bool quote = attestation_wants(t, "quote") || !attestation_wants(t, "token");
	struct proofs old = { 0 };
	struct proof_books books = { 0 };
	int r = store_proofs_read(&old, look_cache(k), k->lane->name, NULL, &k->arena, e);

	vec_each (o, &old) {
		struct proof_book *b = is_of_machines(o) ? NULL : vec_push(&books, &k->arena);

		if (!b)
			continue;
		b->row = *o;
		if (r >= 0)
			r = store_proof_checks_read(&b->checks, look_cache(k), o, &k->arena, e);
	}
	if (quote)
		lane_row(k, &books, "quote", &w->quote, &old);
	if (attestation_wants(t, "token"))
		lane_row(k, &books, "token", &w->token, &old);
	return r < 0 ? r : store_proofs_put(look_cache(k), k->lane->name, books.items, books.n, e);
}

/* ---- facts of the control plane ----------------------------------------------------------------------------------------- */

struct reading_file {
	const char *component, *value;
	struct arena *a;
};

static int take_drift(void *ctx, const void *row)
{
	struct reading_file *g = ctx;
	const struct drift *d = row;

	if (text_eq(d->component, g->component) && text_eq(d->platform, "file") && *d->live)
		g->value = d->live;
	return 0;
}

/* As the workflow file at the live commit declares it, else as the profile does. */
static const char *declared(struct look *k, const struct profile_knob *knob)
{
	const struct key key = { .name = k->lane->name };
	struct reading_file g = { arena_printf(&k->arena, "policy %s", knob->name), NULL, &k->arena };

	(void)!store_each(look_cache(k), Q_drifts_by_lane, &rec_key, &key, &rec_drift, &k->arena, take_drift,
			  &g, NULL);
	return g.value && !strstr(g.value, "${{") ? g.value : knob->declared;
}

static bool is_setting(const struct fleet_fact *f, const char *name)
{
	return f->kind == FLEET_POLICY && text_eq(f->name, name);
}

static void not_told(struct look *k, struct watching *w, const char *name)
{
	struct fleet_fact *f = vec_push(&w->facts, &k->arena);

	*f = (struct fleet_fact){ .kind = FLEET_POLICY,
				  .name = name,
				  .effective = "",
				  .source = "",
				  .detail = w->why            ? w->why
					    : w->settings_why ? w->settings_why
							      : "",
				  .at = look_now(k) };
}

/* What is in force of two that are told is not known: the one that is further from what is declared stands for both, and names the
 * other. */
static struct fleet_fact *of_both(struct look *k, struct fleet_fact *a, struct fleet_fact *b)
{
	static const int far[] = { [DRIFT_EQUAL] = 0,
				   [DRIFT_AHEAD] = 1,
				   [DRIFT_UNKNOWN] = 2,
				   [DRIFT_BEHIND] = 3,
				   [DRIFT_OTHER] = 4 };
	bool second = far[b->verdict] > far[a->verdict];
	struct fleet_fact *stands = second ? b : a, *other = second ? a : b;

	if (!text_eq(a->effective, b->effective))
		stands->detail = arena_printf(&k->arena, "told twice, also as %.40s (%.40s)%s%s",
					      *other->effective ? other->effective : "no value",
					      *other->source ? other->source : "no source",
					      *stands->detail ? ": " : "", stands->detail);
	other->verdict = DRIFT_UNKNOWN;
	other->declared = "";
	return stands;
}

static void policy_fact(struct look *k, const struct profile_knob *knob)
{
	struct watching *w = k->own;
	const char *wanted = declared(k, knob);
	struct fleet_fact *stands = NULL;
	bool told = false;

	vec_each (f, &w->facts)
		told |= is_setting(f, knob->key);
	if (!told)
		not_told(k, w, knob->key);
	vec_each (f, &w->facts) {
		if (!is_setting(f, knob->key))
			continue;
		f->declared = wanted;
		fleet_policy_judge(f, knob->order, k->lane->production, &k->arena);
		stands = stands ? of_both(k, stands, f) : f;
	}
}

/* Settings that the profile does not declare are not kept: they may be anything. */
static int put_facts(struct look *k, struct err *e)
{
	struct watching *w = k->own;
	struct fleet_facts kept = { 0 };

	vec_each (knob, &k->lane->knobs)
		if (knob->live && knob->key)
			policy_fact(k, knob);
	vec_each (f, &w->facts) {
		if (f->kind == FLEET_MRTD)
			fleet_mrtd_judge(f, w->has_values ? &w->values : NULL);
		if (f->kind == FLEET_MRTD || f->declared[0])
			*vec_push(&kept, &k->arena) = *f;
	}
	return store_fleet_facts_put(look_cache(k), k->lane->name, kept.items, kept.n, e);
}

/* ---- alarms ------------------------------------------------------------------------------------------------------------- */

static bool is_ours(const char *subject)
{
	return text_starts(subject, SUBJECT);
}

static void raise(struct look *k, struct alarms *now, const char *about, const char *text, const char *fix)
{
	*vec_push(now, &k->arena) = (struct alarm){
		.kind = ALARM_FLEET,
		.subject = arena_printf(&k->arena, SUBJECT "%s %s", k->lane->name, about),
		.lane = k->lane->name,
		.text = text,
		.fix = fix,
		.since = look_now(k),
		.at = look_now(k),
	};
}

static void raise_facts(struct look *k, struct alarms *now)
{
	const struct watching *w = k->own;
	const struct fleet_fact *mrtd = NULL, *policy = NULL;
	int64_t mrtds = 0, policies = 0;

	vec_each (f, &w->facts) {
		if (f->kind == FLEET_MRTD && f->verdict == DRIFT_OTHER && !mrtds++)
			mrtd = f;
		if (f->kind == FLEET_POLICY && (f->verdict == DRIFT_OTHER || f->verdict == DRIFT_BEHIND) &&
		    text_eq(f->source, "db") && !policies++)
			policy = f;
	}
	if (mrtd)
		raise(k, now, "trust",
		      arena_printf(&k->arena,
				   "the control plane of %s trusts %" PRId64
				   " %s that the release does not pin: %.16s..",
				   k->lane->name, mrtds, mrtds == 1 ? "image" : "images", mrtd->name),
		      "find out who added it, and take it off the list");
	if (policy)
		raise(k, now, "policy",
		      arena_printf(&k->arena, "%s of %s is %s in the running system, and %s is declared%s",
				   policy->name, k->lane->name, policy->effective, policy->declared,
				   policies > 1 ? ", and it is not the only one" : ""),
		      "set it back, or declare it");
}

static bool is_of_lane(const struct look *k, const struct alarm *one)
{
	return text_eq(one->lane, k->lane->name);
}

/* What could not be looked at is as it was. */
static bool stands(const struct watching *w, const struct alarm *was)
{
	size_t n = strlen(was->subject);
	bool trust = n > 6 && text_eq(was->subject + n - 6, " trust"),
	     policy = n > 7 && text_eq(was->subject + n - 7, " policy");

	if (trust)
		return !w->has_trusted || !w->has_values;
	return policy ? w->why || w->settings_why : w->why != NULL;
}

static bool is_raised(const struct alarms *now, const struct alarm *was)
{
	vec_each (one, now)
		if (text_eq(one->subject, was->subject))
			return true;
	return false;
}

static int settle(struct look *k, struct err *e)
{
	const struct watching *w = k->own;
	struct alarms now = { 0 }, open = { 0 };
	int r = store_alarms_read(&open, look_cache(k), NULL, &k->arena, e);

	if (w->differ && !w->why)
		raise(k, &now, "differ",
		      arena_printf(&k->arena, "%" PRId64 " %s of %s: sources contradict each other: %s",
				   w->differ, w->differ == 1 ? "machine" : "machines", k->lane->name,
				   w->differs),
		      "look at the machine: proof, then attest");
	raise_facts(k, &now);
	vec_each (was, &open)
		if (was->kind == ALARM_FLEET && !is_raised(&now, was) &&
		    (!is_of_lane(k, was) || stands(w, was)))
			*vec_push(&now, &k->arena) = *was;
	return r < 0 ? r : alarms_settle(k->s->en, NULL, &now, is_ours, e);
}

/* How old the collateral is, for whoever reads a verdict that rests on it. */
static int note_collateral(struct look *k, struct err *e)
{
	const struct watching *w = k->own;
	const struct fleet_trust *t = w->rules.trust;
	char at[WHEN_TEXT];

	if (!t || !*t->collateral_sha || !when_known(t->collateral_at))
		return 0;
	return note_setting(k->s->en, arena_printf(&k->arena, ROOT_SETTING "%s", t->collateral_sha),
			    when_iso(t->collateral_at, at), e);
}

int fleet_rows_put(struct look *k, struct err *e)
{
	const struct watching *w = k->own;
	int r = put_proofs(k, e);

	if (r >= 0)
		r = note_collateral(k, e);

	if (r >= 0 && (!w->why || w->facts.n))
		r = put_facts(k, e);
	return r < 0 ? r : settle(k, e);
}
