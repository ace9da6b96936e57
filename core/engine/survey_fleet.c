#include "core/engine/survey_fleet.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/asset.h"
#include "core/engine/options.h"
#include "core/engine/internal.h"
#include "core/engine/proofs.h"
#include "core/engine/reconcile.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

static const char *dup(struct look *k, const char *s)
{
	return s ? arena_strdup(&k->arena, s) : NULL;
}

static void take_agent(struct look *k maybe_unused, struct fleet_agent *to, const struct fleet_agent *from)
{
	*to = *from;
	to->id = from->id ? from->id : "";
	to->name = from->name ? from->name : "";
	to->datacenter = from->datacenter ? from->datacenter : "";
	to->word = from->word ? from->word : "";
	to->complaint = from->complaint ? from->complaint : "";
}

static void copy_agent(struct look *k, struct fleet_agent *to, const struct fleet_agent *from)
{
	take_agent(k, to, from);
	to->id = dup(k, to->id);
	to->name = dup(k, to->name);
	to->size = dup(k, from->size);
	to->datacenter = dup(k, to->datacenter);
	to->word = dup(k, to->word);
	to->complaint = dup(k, to->complaint);
	to->mrtd = dup(k, from->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		to->rtmr[i] = dup(k, from->rtmr[i]);
	to->tcb = dup(k, from->tcb);
	to->quote = dup(k, from->quote);
	to->token = dup(k, from->token);
	to->event_log = dup(k, from->event_log);
	to->nonce = dup(k, from->nonce);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct fleet_agent *)a)->id, ((const struct fleet_agent *)b)->id);
}

static void take_agents(struct look *k, void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct watching *w = ctx;
	struct fleet_agent *all;

	if (err) {
		w->why = look_failed(k, err);
		return;
	}
	all = arena_array(&k->arena, struct fleet_agent, a->agents_n + 1);
	w->n = a->agents_n < AGENTS_MAX ? a->agents_n : AGENTS_MAX;
	for (size_t i = 0; i < w->n; i++)
		(a->own ? take_agent : copy_agent)(k, &all[i], &a->agents[i]);
	if (a->own)
		arena_adopt(&k->arena, a->own);
	qsort(all, w->n, sizeof(*all), by_id); /* one that is told of twice stands beside itself */
	w->agents = all;
	w->total = a->total > (int64_t)w->n ? a->total : (int64_t)w->n;
	w->damage = a->own ? a->first_damage : dup(k, a->first_damage);
}

static void take_facts(struct look *k, struct watching *w, const struct fleet_answer *a)
{
	for (size_t i = 0; i < a->facts_n; i++) {
		struct fleet_fact *f = vec_push(&w->facts, &k->arena);

		*f = (struct fleet_fact){ .kind = a->facts[i].kind,
					  .name = dup(k, a->facts[i].name ? a->facts[i].name : ""),
					  .effective =
						  dup(k, a->facts[i].effective ? a->facts[i].effective : ""),
					  .source = dup(k, a->facts[i].source ? a->facts[i].source : ""),
					  .declared = "",
					  .detail = "",
					  .at = look_now(k) };
	}
}

static void take_trusted(struct look *k, void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct watching *w = ctx;

	if (err)
		w->trusted_why = look_failed(k, err);
	else
		take_facts(k, w, a);
	/* one that was not told, or that is none, may be the one that somebody added */
	w->has_trusted = !err && !a->damaged && a->total <= (int64_t)a->facts_n;
}

static void take_settings(struct look *k, void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct watching *w = ctx;

	if (err)
		w->settings_why = look_failed(k, err);
	else
		take_facts(k, w, a);
}

/* /api/v1/admin/settings?group=operational: a path and a group. */
static void read_settings(struct look *k, const char *site)
{
	struct watching *w = k->own;
	const char *done[8];
	size_t n = 0;

	vec_each (knob, &k->lane->knobs) {
		const char *group = knob->live ? strstr(knob->live, "?group=") : NULL;
		bool had = !group || n == countof(done);

		for (size_t i = 0; i < n && !had; i++)
			had = text_eq(done[i], knob->live);
		if (had)
			continue;
		done[n++] = knob->live;
		w->asked_settings = true;
		look_fleet(k,
			   &(struct fleet_read){
				   .kind = FLEET_SETTINGS,
				   .site = site,
				   .path = arena_strndup(&k->arena, knob->live, (size_t)(group - knob->live)),
				   .name = group + 7 },
			   take_settings, w);
	}
}

static void read_fleet(struct look *k, const char *site)
{
	const struct profile_attestation *t = k->lane->attestation;

	look_fleet(k,
		   &(struct fleet_read){ .kind = FLEET_AGENTS,
					 .site = site,
					 .path = t->list,
					 .size_pointer = t->size_pointer,
					 .drop = t->drop },
		   take_agents, k->own);
	if (t->trusted)
		look_fleet(k, &(struct fleet_read){ .kind = FLEET_TRUSTED, .site = site, .path = t->trusted },
			   take_trusted, k->own);
	read_settings(k, site);
}

/* ---- pins --------------------------------------------------------------------------------------------------------------- */

static void take_values(struct look *k, void *ctx, const struct asset *a, const struct err *err)
{
	struct watching *w = ctx;
	struct err e = ERR_INIT;

	if (err) {
		w->values_why = look_failed(k, err);
		return;
	}
	memcpy(w->values_hex, a->hex, DIGEST_HEX);
	w->values_text = arena_copy(&k->arena, a->text, a->n);
	w->values_n = a->n;
	w->has_values = trusted_values_parse(&w->values, w->values_text, a->n, &k->arena, &e) >= 0;
	if (!w->has_values)
		w->values_why = arena_printf(&k->arena, "%s is damaged: %s", w->asset, e.message);
}

static void find_pins(struct look *k, struct watching *w, const struct release *row)
{
	const struct profile_need *need = asset_need(k->lane, k->lane->attestation->pins);
	const char *text = row->assets ? row->assets : "[]";
	autofree(json) struct json *assets = NULL;
	const struct json *one;

	if (json_parse(&assets, text, strlen(text), SURVEY_TEXT * 4, NULL) < 0) {
		w->values_why = "the release's list of assets is damaged";
		return;
	}
	one = asset_find(k, assets, need, row->tag, &w->asset);
	if (one)
		asset_read(k, one, true, take_values, w);
	else
		w->values_why =
			arena_printf(&k->arena, "release %s has no %s", row->tag, k->lane->attestation->pins);
}

static void take_release(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct watching *w = ctx;

	if (err)
		w->values_why = look_failed(k, err);
	else if (!a->n)
		w->values_why = "the release that is live is not there";
	else
		find_pins(k, w, a->items);
}

static void read_release(struct look *k)
{
	struct watching *w = k->own;

	if (!k->lane->attestation->pins)
		return;
	if (!*k->known->row.live)
		w->values_why = "which release is live is not known";
	else
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_RELEASE,
						.repo = k->profile->repo,
						.name = k->known->row.live },
			  take_release, w);
}

/* The bytes that pin are those whose provenance was verified: by the policy that is in force, not long ago, and in everything that
 * is wanted of them. */
static bool values_proved(struct look *k, const struct watching *w)
{
	const struct profile_proof *p = lane_terms(k->lane);
	struct proofs rows = { 0 };
	const char *digest = arena_printf(&k->arena, "sha256:%s", w->values_hex);
	struct err e = ERR_INIT;

	if (!p ||
	    store_proofs_read(&rows, look_cache(k), k->lane->name, k->known->row.live, &k->arena, &e) < 0)
		return false;
	return proof_stands(
		&rows, w->asset, digest,
		&(struct proof_terms_now){ p->policy == PROOFS_STRICT, proof_max_age(p), look_now(k) });
}

static bool values_must_be_proved(const struct profile_lane *l)
{
	if (lane_terms(l))
		vec_each (s, &l->proof->subjects)
			if (text_eq(s->asset, l->attestation->pins) && !s->pointers && !s->informs)
				return true;
	return l->attestation->signature == HARD_STRICT;
}

/* ---- judging ------------------------------------------------------------------------------------------------------------ */

#define FORGET_PAGE 250
static void fleet_write(struct look *k);
static void forget_gone(struct look *k);
static void next_batch(struct look *k);

static const char *line_of(struct look *k, const struct agent *row, const char *text)
{
	return arena_printf(&k->arena, "%s: %s", *row->name ? row->name : row->id, text);
}

static void sum_add(struct look *k, struct fleet_sum *sum, const struct agent *row, int status, int reason,
		    const char *text)
{
	enum proof_status s = (unsigned)status <= PROOF_FAILED ? (enum proof_status)status : PROOF_FAILED;
	bool first = !sum->n++;

	sum->ok += proof_verdict(s) == CHECK_OK;
	if (!first && proof_both(sum->worst, s) == sum->worst)
		return;
	sum->worst = s;
	sum->reason = (enum proof_reason)reason;
	sum->worst_text = s == PROOF_VERIFIED ? NULL : line_of(k, row, text);
}

static const char *meaning(int reason)
{
	return reason ? proof_reason_meaning((enum proof_reason)reason) : "not checked";
}

/* The first check that is wanted stands for all of the machine, so that nothing of it is left out of the counts. */
static void add_up(struct look *k, const struct agent *row)
{
	struct watching *w = k->own;
	const struct profile_attestation *t = k->lane->attestation;
	bool quote = attestation_wants(t, "quote") || !attestation_wants(t, "token");

	if (quote)
		sum_add(k, &w->quote, row, row->status, row->reason, row->detail);
	if (attestation_wants(t, "token"))
		sum_add(k, &w->token, row, quote ? row->token : row->status,
			quote ? row->token_reason : row->reason,
			quote ? meaning(row->token_reason) : row->detail);
	if (*row->differs && !w->differ++)
		w->differs = line_of(k, row, row->differs);
}

/* What the control plane says of it is always as it says now. */
static void said(struct agent *row, const struct fleet_agent *in)
{
	row->id = in->id;
	row->name = in->name;
	row->size = in->size ? in->size : "";
	row->datacenter = in->datacenter;
	row->word = in->word;
	row->said_verified = in->verified == 1;
	row->complaint = in->complaint;
	row->heard = in->heard;
}

static void name_one(struct watching *w, const char *hex)
{
	if (w->kept && hex && strlen(hex) == DIGEST_HEX - 1)
		memcpy(w->kept[w->kept_n++], hex, DIGEST_HEX);
}

static void name_kept(struct watching *w, const struct agent *row)
{
	name_one(w, row->quote_sha);
	name_one(w, row->token_sha);
}

/* Judged anew or not, the log is that which is judged. */
static void name_events(struct look *k, const struct fleet_machine *m)
{
	const char *text = m->in->event_log ? m->in->event_log : m->chain.events;
	char hex[DIGEST_HEX];

	if (!text || !*text)
		return;
	k->s->en->o.sha256(text, strlen(text), hex);
	name_one(k->own, hex);
}

static int put_machine(struct look *k, struct fleet_machine *m, struct arena *a, struct err *e)
{
	struct watching *w = k->own;
	struct store *cache = look_cache(k);
	struct agent old = { 0 }, *row = &m->row;
	int r = store_agent_read(&old, cache, k->lane->name, m->in->id, a, e);
	bool had = r == 0;

	if (r < 0)
		return r;
	if (m->same && !had) { /* the cache is not the one it was */
		fleets_forget(k->s->en->fleets, k->lane->name, m->in->id);
		m->row = (struct agent){
			.detail = "", .differs = "", .tcb = "", .quote_sha = "", .token_sha = ""
		};
	} else if (m->same) {
		m->row = old;
	}
	said(row, m->in);
	row->lane = k->lane->name;
	row->at = look_now(k);
	row->changed = !had                        ? WHEN_NONE /* the first sight of it is no change */
		       : old.status == row->status ? old.changed
						   : row->at;
	add_up(k, row);
	name_kept(w, row);
	name_events(k, m);
	if (had && row->changed.ms == row->at.ms)
		chains_changed(fleets_chains(k->s->en->fleets), k->lane->name, m->in->id, row->at);
	r = store_agents_put(cache, k->lane->name, row, 1, NULL, e);
	if (r >= 0 && m->tree)
		r = store_agent_tree_put(
			cache, &(struct agent_tree){ k->lane->name, m->in->id, m->tree, row->at }, e);
	return r;
}

static int put_batch(struct look *k, struct fleet_batch *b, struct err *e)
{
	int r = look_write(k, e) ? 0 : -1;

	for (size_t i = 0; i < b->n && r >= 0; i++)
		r = put_machine(k, &b->machines[i], &b->arena, e);
	if (r >= 0)
		r = store_end(look_cache(k), e);
	if (r < 0)
		store_undo(look_cache(k));
	return r;
}

static void batch_free(struct look *k)
{
	struct watching *w = k->own;

	arena_done(&w->batch->arena);
	w->batch = NULL;
}

static void judged(void *ctx, bool ran)
{
	struct look *k = ctx;
	struct watching *w = k->own;
	struct err e = ERR_INIT;

	k->pending--;
	if (ran && put_batch(k, w->batch, &e) >= 0)
		fleets_kept(k->s->en->fleets, w->batch);
	else if (ran)
		w->why = arena_printf(&k->arena, "not kept: %s", e.message);
	else
		w->why = "not judged: the engine is shutting down";
	batch_free(k);
	survey_wake(k->s);
}

static bool is_twice(const struct watching *w, const char *id)
{
	return w->next > 0 && text_eq(w->agents[w->next - 1].id, id);
}

static void compared(void *ctx, bool ran)
{
	struct look *k = ctx;
	struct watching *w = k->own;

	k->pending--;
	if (!ran)
		w->why = "not judged: the engine is shutting down";
	arena_adopt(&k->arena, &w->copies->arena);
	survey_wake(k->s);
}

static void find_copies(struct look *k)
{
	struct watching *w = k->own;

	look_then(k, next_batch);
	if (w->why || !w->agents)
		return;
	w->copies = arena_new(&k->arena, struct fleet_copies);
	*w->copies = (struct fleet_copies){ .agents = w->agents,
					    .n = w->n,
					    .lane = k->lane->name,
					    .site = sites_url(&k->s->en->o.sites, k->lane->name),
					    .challenged = k->lane->attestation->binding != BOUND_NONE };
	k->pending++;
	if (fleets_compare(k->s->en->fleets, w->copies, compared, k))
		return;
	k->pending--;
	w->why = "not judged: too much is being verified";
}

static void add_machine(struct fleet_batch *b, const struct watching *w, size_t i)
{
	b->machines[b->n++] = (struct fleet_machine){ .in = &w->agents[i],
						      .quote_of = w->copies->quote[i],
						      .token_of = w->copies->token[i] };
}

static void next_batch(struct look *k)
{
	struct watching *w = k->own;
	struct fleet_batch *b;

	if (w->why || w->next >= w->n) {
		look_then(k, forget_gone);
		return;
	}
	b = arena_new(&k->arena, struct fleet_batch);
	*b = (struct fleet_batch){ .rules = &w->rules, .lane = k->lane->name, .first = !w->next };
	for (; b->n < FLEET_BATCH && w->next < w->n; w->next++)
		if (*w->agents[w->next].id && !is_twice(w, w->agents[w->next].id))
			add_machine(b, w, w->next);
	w->batch = b;
	look_then(k, next_batch);
	k->pending++;
	if (fleets_judge(k->s->en->fleets, b, judged, k))
		return;
	k->pending--;
	batch_free(k);
	w->why = "not judged: too much is being verified";
}

/* ---- chains ------------------------------------------------------------------------------------------------------------- */

struct chain_ask {
	struct watching *w;
	const struct fleet_agent *of;
};

static void take_chain(struct look *k, void *ctx, const struct fleet_answer *a, const struct err *err)
{
	const struct chain_ask *x = ctx;
	const struct fleet_agent *told = err || a->agents_n != 1 ? NULL : a->agents;
	const char *why = err && err->kind == ERR_MISSING ? "the control plane has no chain of it"
			  : err                           ? look_failed(k, err)
			  : told                          ? NULL
							  : "not read: the answer is of no machine";

	chains_put(fleets_chains(k->s->en->fleets), k->lane->name, x->of, told, why, look_now(k));
	if (err && (err->kind == ERR_OFFLINE || err->kind == ERR_AUTH)) /* it is not of this machine alone */
		x->w->chains_n = 0;
}

/* A page at a time; what does not come is left to the rounds that follow. */
static void fleet_chains(struct look *k)
{
	struct watching *w = k->own;
	const struct profile_attestation *t = k->lane->attestation;
	const char *site = sites_url(&k->s->en->o.sites, k->lane->name);
	size_t end;

	if (!w->chains_next && !w->why && w->agents && t->chain)
		w->chains_n = chains_due(fleets_chains(k->s->en->fleets), k->lane->name, w->agents, w->n,
					 look_now(k), w->chains, &k->arena);
	if (w->chains_next >= w->chains_n) {
		look_then(k, find_copies);
		return;
	}
	look_then(k, fleet_chains);
	end = w->chains_next + FLEET_CHAIN_PAGE < w->chains_n ? w->chains_next + FLEET_CHAIN_PAGE
							      : w->chains_n;
	while (w->chains_next < end) {
		struct chain_ask *x = arena_new(&k->arena, struct chain_ask);

		*x = (struct chain_ask){ w, &w->agents[w->chains[w->chains_next++]] };
		look_fleet(k,
			   &(struct fleet_read){ .kind = FLEET_CHAIN,
						 .site = site,
						 .path = t->chain,
						 .id = x->of->id,
						 .size_pointer = t->size_pointer,
						 .drop = t->drop },
			   take_chain, x);
	}
}

static void trusted(void *ctx, const struct fleet_trust *trust)
{
	struct look *k = ctx;
	struct watching *w = k->own;

	k->pending--;
	w->rules.trust = trust;
	if (!trust)
		w->why = "not judged: the engine is shutting down";
	survey_wake(k->s);
}

/* ---- steps -------------------------------------------------------------------------------------------------------------- */

static void fleet_trust(struct look *k)
{
	struct watching *w = k->own;
	const struct profile_attestation *t = k->lane->attestation;

	w->rules = (struct fleet_rules){
		.t = t,
		.values = w->has_values ? &w->values : NULL,
		.values_sha = w->values_hex,
		.values_text = w->has_values ? w->values_text : NULL,
		.values_n = w->values_n,
		.release = *k->known->row.live ? k->known->row.live : NULL,
		.values_wanted = t->pins != NULL,
		.values_signed = w->has_values && values_proved(k, w),
		.values_signed_wanted = values_must_be_proved(k->lane),
		/* evidence is of others' clocks, which go with the forge's, as their ages on the screen do */
		.now = { open_server_now(k->s->en).ms / 1000 * 1000 },
	};
	look_then(k, fleet_chains);
	if (!w->agents)
		return;
	if (k->s->en->o.evidence_dir)
		w->kept = arena_alloc_array(&k->arena, FLEET_KEPT * w->n + FLEET_FILES + 1, DIGEST_HEX);
	k->pending++;
	if (fleets_load(k->s->en->fleets, t, trusted, k))
		return;
	k->pending--;
	w->why = "not judged: too much is being verified";
}

static void paused(void *ctx, bool ran)
{
	struct look *k = ctx;

	(void)ran;
	k->pending--;
	survey_wake(k->s);
}

/* Who is not told of any more is forgotten: but nobody when not all were told of. Both lists are by id; a page a turn. */
static int forget_page(struct look *k, const struct agents *page, struct err *e)
{
	struct watching *w = k->own;
	int r = 0;

	vec_each (row, page) {
		while (w->gone_at < w->n && strcmp(w->agents[w->gone_at].id, row->id) < 0)
			w->gone_at++;
		if (r >= 0 && (w->gone_at == w->n || strcmp(w->agents[w->gone_at].id, row->id) != 0))
			r = store_agent_forget(look_cache(k), k->lane->name, row->id, e);
	}
	return r;
}

static void forget_gone(struct look *k)
{
	struct watching *w = k->own;
	struct agents page = { 0 };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	int r = 0;

	look_then(k, fleet_write);
	if (!w->why && w->total <= (int64_t)w->n)
		r = store_agents_after(&page, look_cache(k), k->lane->name, w->gone_from ? w->gone_from : "",
				       FORGET_PAGE, &a, &e);
	if (r >= 0 && page.n)
		r = forget_page(k, &page, &e);
	if (r < 0)
		w->why = arena_printf(&k->arena, "not kept: %s", e.message);
	if (r >= 0 && page.n == FORGET_PAGE) {
		w->gone_from = arena_strdup(&k->arena, page.items[page.n - 1].id);
		look_then(k, forget_gone);
		k->pending += fleets_pause(k->s->en->fleets, paused, k);
	}
	arena_done(&a);
}

/* Only when all were told of: who was not may come back. */
static void trim_kept(struct look *k)
{
	struct watching *w = k->own;

	for (size_t i = 0; w->rules.trust && i < w->rules.trust->files_n; i++)
		name_one(w, w->rules.trust->files[i].sha);
	if (w->rules.values_text)
		name_one(w, w->values_hex);
	if (w->kept && !w->why && w->total <= (int64_t)w->n)
		fleets_trim(k->s->en->fleets, k->lane->name, w->kept, w->kept_n);
}

static void fleet_write(struct look *k)
{
	struct watching *w = k->own;
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	if (r >= 0)
		r = fleet_rows_put(k, &e);
	look_written(k, r, &e);
	trim_kept(k);
	if (w->rules.trust)
		fleets_release(k->s->en->fleets, w->rules.trust);
	look_end(k);
}

void look_at_machines(struct look *k)
{
	const char *site = sites_url(&k->s->en->o.sites, k->lane->name);
	struct watching *w = arena_new(&k->arena, struct watching);
	struct err e = ERR_INIT;

	k->own = w;
	if (survey_known(k, &e)) {
		look_end(k);
		return;
	}
	w->values_hex[0] = 0;
	look_then(k, fleet_trust);
	if (!site) {
		w->why = arena_printf(&k->arena, "where it runs is not known: --site %s=URL", k->lane->name);
		look_then(k, fleet_write);
		return;
	}
	read_fleet(k, site);
	read_release(k);
}
