#include "core/adapters/sim/fleet.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"

#include <string.h>

enum { AUTHORITY_DAYS = 400, RENEW = 2 * MINUTE, AGO = 20 * MINUTE, COUNT_MAX = 20000, REPORT_DATA = 64 };

/* ---- what is told of it -------------------------------------------------------------------------------------------- */

static bool is(const struct yaml *map, const char *key, const char *word)
{
	return strcmp(yaml_str(map, key, ""), word) == 0;
}

static int word_check(const struct yaml *at, const struct names *t, struct err *e)
{
	const char *word = at && at->scalar ? at->scalar : "";

	if (!at || strcmp(word, "none") == 0 || strcmp(names_word(t, names_value(t, word)), word) == 0)
		return 0;
	return yaml_error(e, at, "there is no fault %s", word);
}

static int machines_load(struct world *w, struct sim_fleet *f, const struct yaml *list, struct err *e)
{
	if (list)
		f->machines.n = 0;
	yaml_each(it, list)
	{
		const char *name = yaml_str(it, "name", "machine");
		int64_t n = 1;

		if (text_int64(&n, yaml_str(it, "count", "1"), 0, COUNT_MAX) != 0)
			return yaml_error(e, it, "count is no number up to %d", COUNT_MAX);
		for (int64_t i = 1; i <= n; i++) {
			struct sim_machine *m = vec_push(&f->machines, &w->arena);
			const char *sha = sim_sha(w, name, i);

			*m = (struct sim_machine){
				.id = arena_printf(&w->arena, "%.8s-%.4s-4%.3s-8%.3s-%.12s", sha, sha + 8,
						   sha + 12, sha + 15, sha + 18),
				.name = arena_printf(&w->arena, "%s-%02" PRId64, name, i),
				.size = yaml_str(it, "size", "tiny"),
				.datacenter = yaml_str(it, "datacenter", "baremetal:github-runner"),
				.number = (unsigned)f->machines.n - 1,
			};
		}
	}
	return 0;
}

static void settings_load(struct world *w, struct sim_fleet *f, const struct yaml *list, const char *by)
{
	yaml_each(it, list)
	{
		const char *key = yaml_str(it, "key", "");
		struct sim_setting *s = NULL;

		vec_each (old, &f->settings) {
			if (strcmp(old->key, key) == 0)
				s = old;
		}
		if (!s) {
			s = vec_push(&f->settings, &w->arena);
			*s = (struct sim_setting){ .key = key,
						   .fallback = yaml_str(it, "default", ""),
						   .about = yaml_str(it, "about", "") };
		}
		s->value = yaml_str(it, "value", s->fallback);
		s->source = yaml_str(it, "source", yaml_get(it, "value") ? by : "default");
	}
}

static const char *measurement_of(const char *text, struct arena *a)
{
	const char *one = sim_sha256(a, text, strlen(text)), *two = sim_sha256(a, one, strlen(one));

	return arena_printf(a, "%s%.32s", one, two);
}

/* A fault holds from now on: what was attested before is attested again. */
static int faults_load(struct world *w, struct sim_fleet *f, const struct yaml *list, struct err *e)
{
	int r = 0;

	yaml_each(it, list)
	{
		if (r == 0)
			r = word_check(yaml_get(it, "quote"), &tdx_fault_names, e);
		if (r == 0)
			r = word_check(yaml_get(it, "token"), &token_fault_names, e);
		*vec_push(&f->faults, &w->arena) = it;
	}
	vec_each (m, &f->machines) {
		vec_each (it, &f->faults) {
			if (text_glob(yaml_str(*it, "name", ""), m->name))
				m->fault = *it;
		}
	}
	f->slot = -1;
	return r;
}

static struct sim_fleet *fleet_of(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	const char *name = yaml_str(map, "lane", r->fleet ? r->fleet->lane->name : "");

	if (r->fleet)
		return r->fleet;
	vec_each (lane, &r->lanes) {
		if (strcmp(lane->name, name) != 0)
			continue;
		r->fleet = arena_new(&w->arena, struct sim_fleet);
		*r->fleet =
			(struct sim_fleet){ .repo = r, .lane = lane, .since = w->start - AGO, .slot = -1 };
		return r->fleet;
	}
	yaml_error(e, map, "there is no lane %s", name);
	return NULL;
}

int sim_fleet_change(struct world *w, struct sim_repo *r, const struct yaml *map, const char *by,
		     struct err *e)
{
	struct sim_fleet *f = map ? fleet_of(w, r, map, e) : NULL;
	int rc;

	if (!f)
		return map ? -ERR_INVALID : 0;
	rc = sim_span_of(&f->renew, map, "renew", f->renew ? f->renew : RENEW, e);
	if (rc == 0)
		rc = word_check(yaml_get(map, "collateral"), &tdx_fault_names, e);
	if (rc == 0)
		rc = machines_load(w, f, yaml_get(map, "machines"), e);
	if (yaml_get(map, "collateral"))
		f->collateral =
			(enum tdx_fault)names_value(&tdx_fault_names, yaml_str(map, "collateral", ""));
	f->open |= is(map, "admin", "open");
	settings_load(w, f, yaml_get(map, "settings"), by);
	yaml_each(it, yaml_get(map, "trusts"))
	{
		if (it->scalar)
			*vec_push(&f->trusts, &w->arena) = measurement_of(it->scalar, &w->arena);
	}
	return rc == 0 ? faults_load(w, f, yaml_get(map, "faults"), e) : rc;
}

void sim_fleet_free(struct sim_fleet *f)
{
	if (f)
		arena_done(&f->made);
}

struct sim_fleet *sim_fleet_of(const struct world *w, const struct sim_lane *lane)
{
	vec_each (r, &w->repos) {
		if ((*r)->fleet && (*r)->fleet->lane == lane)
			return (*r)->fleet;
	}
	return NULL;
}

/* ---- what the release pins ----------------------------------------------------------------------------------------- */

/* The trusted values of the lane's release; of the newest, where a lane follows a branch. */
static struct json *values_of(struct world *w, const struct sim_fleet *f)
{
	const struct sim_release *rel = sim_release_find(f->repo, f->lane->live);
	struct json *doc = NULL;

	(void)w;
	rel = rel ? rel : sim_release_latest(f->repo);
	for (size_t i = 0; rel && i < rel->assets.n; i++) {
		const char *text = rel->assets.items[i].content;

		if (text_starts(rel->assets.items[i].name, "trusted_values") &&
		    json_parse(&doc, text, strlen(text), 1 << 20, NULL) == 0)
			return doc;
	}
	return NULL;
}

/* What machines of a size should measure: of the lane's release. */
static struct sim_measured pinned_measures(struct world *w, const struct sim_fleet *f, const char *size,
					   struct arena *a)
{
	struct json *doc autofree(json) = values_of(w, f);
	const char *mrtd = json_str(doc, arena_printf(a, "mrtds_by_size.%s", size));
	struct sim_measured m = { .mrtd = arena_strdup(a, mrtd ? mrtd : measurement_of(size, a)) };

	for (int i = 0; i < QUOTE_RTMRS; i++) {
		const char *v = json_str(doc, arena_printf(a, "rtmrs_by_size.%s.rtmr%d", size, i));

		m.rtmr[i] = arena_strdup(a, v ? v : measurement_of(size, a));
	}
	return m;
}

size_t sim_fleet_trusted(struct world *w, const struct sim_fleet *f, const char *const **out, struct arena *a)
{
	struct json *doc autofree(json) = values_of(w, f);
	const char *all = json_str(doc, "mrtds");
	struct VEC_OF(const char *) list = { 0 };

	for (const char *at = all ? all : ""; *at;) {
		size_t n = strcspn(at, ",");

		*vec_push(&list, a) = arena_strndup(a, at, n);
		at += n + (at[n] == ',');
	}
	vec_each (it, &f->trusts)
		*vec_push(&list, a) = *it;
	*out = list.items;
	return list.n;
}

bool sim_fleet_trusts(struct world *w, const struct sim_fleet *f, const char *mrtd, struct arena *a)
{
	const char *const *all;
	size_t n = sim_fleet_trusted(w, f, &all, a);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i], mrtd) == 0)
			return true;
	return false;
}

bool sim_fleet_lets_in(const struct sim_fleet *f, const struct sim_machine *m)
{
	const char *key = yaml_str(m->fault, "refused", NULL);

	vec_each (it, &f->settings) {
		if (key && strcmp(it->key, key) == 0)
			return strcmp(it->value, "strict") != 0 && strcmp(it->value, "required") != 0;
	}
	return !key;
}

/* ---- evidence ------------------------------------------------------------------------------------------------------ */

static struct foundry *foundry_of(struct world *w)
{
	if (!w->foundry) {
		struct arena a autofree(arena) = ARENA_INIT;
		int64_t since = w->start / DAY * DAY - (int64_t)AUTHORITY_DAYS * DAY;

		w->foundry =
			foundry_new(arena_printf(&a, "machines %" PRIu64, w->seed), (struct when){ since });
	}
	return w->foundry;
}

/* m, but for what a fault says. */
static struct sim_measured measured(struct sim_measured m, const struct yaml *others, struct arena *a)
{
	const char *text = yaml_str(others, "mrtd", NULL);

	if (text)
		m.mrtd = measurement_of(text, a);
	for (int i = 0; i < QUOTE_RTMRS; i++) {
		text = yaml_str(others, arena_printf(a, "rtmr%d", i), NULL);
		if (text)
			m.rtmr[i] = measurement_of(text, a);
	}
	return m;
}

static void measure(struct sim_evidence *x, struct arena *a)
{
	x->shown = measured(x->pinned, yaml_get(x->fault, "measures"), a);
	x->told = is(x->fault, "reports", "pinned") ? x->pinned : x->shown;
	x->kept = yaml_get(x->fault, "drifted") ? x->pinned : x->told;
	x->chained = measured(x->kept, yaml_get(x->fault, "chained"), a);
}

static void quote_make(struct world *w, struct sim_evidence *x, struct arena *a)
{
	const char *word = yaml_str(x->fault, "quote", "good");
	const struct sim_measured *m = &x->shown;
	struct quote_order o = {
		.mrtd = m->mrtd,
		.rtmr = { m->rtmr[0], m->rtmr[1], m->rtmr[2], m->rtmr[3] },
		.report_data = x->report_data,
		.platform = x->number % FOUNDRY_PLATFORMS,
		.at = { x->at },
		.fault = (enum tdx_fault)names_value(&tdx_fault_names, word),
	};
	struct buf text autofree(buf) = BUF_INIT(1 << 20);
	struct arena made autofree(arena) = ARENA_INIT; /* much more than what comes out */
	const unsigned char *q;

	if (strcmp(word, "none") == 0)
		return;
	q = foundry_quote(foundry_of(w), &o, &x->quote_n, &made);
	text_base64(&text, (const char *)q, x->quote_n);
	x->quote = arena_strdup(a, text.s);
}

static const char *report_data_of(const struct sim_evidence *x, struct arena *a)
{
	size_t n = strlen(x->report_data);

	return arena_printf(a, "%s%0*d", x->report_data, (int)(2 * REPORT_DATA - n), 0);
}

static void token_make(struct world *w, struct sim_evidence *x, struct arena *a)
{
	const char *word = yaml_str(x->fault, "token", "good");
	enum token_fault fault = (enum token_fault)names_value(&token_fault_names, word);
	const struct sim_measured *m = &x->shown;
	struct token_order o = {
		.mrtd = m->mrtd,
		.rtmr = { m->rtmr[0], m->rtmr[1], m->rtmr[2], m->rtmr[3] },
		.report_data = report_data_of(x, a),
		.held = x->nonce,
		.tcb = yaml_str(x->fault, "tcb", NULL),
		.at = { fault == TOKEN_FAULT_expired ? x->at - AGO : x->at },
		.fault = fault,
	};

	struct arena made autofree(arena) = ARENA_INIT;

	if (strcmp(word, "none") == 0)
		return;
	x->token = arena_strdup(a, foundry_token(foundry_of(w), &o, &made));
	x->claims = foundry_claims(&o, a);
}

static const char *nonce_of(const struct sim_machine *m, int64_t slot, struct arena *a)
{
	const char *text = arena_printf(a, "%s/%" PRId64, m->id, slot);

	return arena_printf(a, "%.32s", sim_sha256(a, text, strlen(text)));
}

/* A release's trusted values are read once for all machines of a size. */
static struct sim_measured pinned_of(struct world *w, struct sim_fleet *f, const char *size)
{
	struct sim_pins *p;

	vec_each (it, &f->pins) {
		if (strcmp(it->size, size) == 0)
			return it->m;
	}
	p = vec_push(&f->pins, &f->made);
	*p = (struct sim_pins){ size, pinned_measures(w, f, size, &f->made) };
	return p->m;
}

static struct sim_evidence *evidence_make(struct world *w, struct sim_fleet *f, const struct sim_machine *m)
{
	struct arena *a = &f->made;
	struct sim_evidence *x = arena_new(a, struct sim_evidence);
	int64_t silent;

	*x = (struct sim_evidence){ .size = m->size, .fault = m->fault, .number = m->number };
	x->at = f->since + AGO + f->slot * f->renew - SECOND;
	if (sim_span_of(&silent, m->fault, "silent", 0, NULL) == 0 && silent)
		x->at = w->start - silent;
	x->pinned = pinned_of(w, f, m->size);
	measure(x, a);
	x->nonce = is(m->fault, "challenge", "none") ? "" : nonce_of(m, f->slot, a);
	x->report_data = x->nonce;
	quote_make(w, x, a);
	token_make(w, x, a);
	return x;
}

/* Everything is attested again in the same moment, and then the former evidence is gone. */
static void renew(struct world *w, struct sim_fleet *f)
{
	int64_t slot = (w->now - f->since - AGO) / f->renew;

	if (slot == f->slot && strcmp(f->release, f->lane->live) == 0)
		return;
	arena_done(&f->made);
	f->evidence = arena_array(&f->made, struct sim_evidence *, f->machines.n + 1);
	f->pins.items = NULL;
	f->pins.n = f->pins.cap = 0;
	f->slot = slot;
	f->release = f->lane->live;
}

const struct sim_evidence *sim_fleet_evidence(struct world *w, struct sim_fleet *f,
					      const struct sim_machine *m)
{
	renew(w, f);
	if (!f->evidence[m->number])
		f->evidence[m->number] = evidence_make(w, f, m);
	return f->evidence[m->number];
}

const char *sim_fleet_own(struct world *w, struct sim_fleet *f, const char *report_data,
			  struct sim_measured *m, struct arena *a)
{
	struct buf text autofree(buf) = BUF_INIT(1 << 20);
	struct quote_order o = { .report_data = report_data, .at = { w->now } };
	const unsigned char *q;
	size_t n;

	*m = pinned_measures(w, f, "standard", a);
	o.mrtd = m->mrtd;
	for (int i = 0; i < QUOTE_RTMRS; i++)
		o.rtmr[i] = m->rtmr[i];
	q = foundry_quote(foundry_of(w), &o, &n, a);
	text_base64(&text, (const char *)q, n);
	return arena_strdup(a, text.s);
}

/* ---- what one must believe, to verify it --------------------------------------------------------------------------- */

size_t world_evidence_files(struct world *w, const struct world_file **out, struct arena *a)
{
	struct world_file *all = arena_array(a, struct world_file, 4);
	struct when at = { w->now };
	enum tdx_fault fault = TDX_FAULTS;

	vec_each (r, &w->repos) {
		if ((*r)->fleet)
			fault = (*r)->fleet->collateral;
	}
	*out = all;
	if (fault == TDX_FAULTS)
		return 0;
	all[0] =
		(struct world_file){ "tdx-collateral.json", foundry_collateral(foundry_of(w), at, fault, a) };
	all[1] = (struct world_file){ "tdx-root.pem", foundry_root(foundry_of(w), a) };
	all[2] = (struct world_file){ "token-keys.json",
				      foundry_jwks(foundry_of(w), at, TOKEN_FAULT_good, a) };
	all[3] = (struct world_file){ "token-root.pem",
				      foundry_token_root(foundry_of(w), at, TOKEN_FAULT_good, a) };
	return 4;
}
