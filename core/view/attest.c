#include "core/view/attest.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/view/words.h"

const char fleet_limits[] =
	"verified: signed by a platform that Intel has certified. It does not prove that nobody "
	"has opened that machine.";

/* ---- counts ---- */

static void count(struct fleet_counts *c, int status)
{
	c->total++;
	c->of[proof_status_shown(status)]++;
}

int fleet_worst(const struct fleet_counts *c)
{
	int worst = PROOF_VERIFIED;

	for (int s = 0; s <= PROOF_FAILED; s++)
		if (c->of[s] && proof_rank(s) < proof_rank(worst))
			worst = s;
	return c->total ? worst : PROOF_UNCHECKED;
}

static int status_of_rank(int rank)
{
	for (int s = 0; s <= PROOF_FAILED; s++)
		if (proof_rank(s) == rank)
			return s;
	return PROOF_FAILED;
}

const char *fleet_counts_words(const struct fleet_counts *c, bool ascii, struct arena *a)
{
	const char *words = "";

	for (int rank = 0; rank <= PROOF_FAILED; rank++) {
		int s = status_of_rank(rank);

		if (c->of[s])
			words = arena_printf(a, "%s%s%s%" PRId64, words, *words ? " " : "",
					     proof_glyph(s, ascii), c->of[s]);
	}
	return words;
}

static bool group_is_worse(const struct fleet_group *a, const struct fleet_group *b)
{
	int x = proof_rank(fleet_worst(&a->counts)), y = proof_rank(fleet_worst(&b->counts));

	return x != y ? x < y : strcmp(a->raw, b->raw) < 0;
}

#define GROUPS_MAX 64 /* as a person can read; the others are counted as one */

static void add_to_group(struct fleet_groups *groups, const char *raw, int status, struct arena *a)
{
	struct fleet_group *g = NULL;

	vec_each (one, groups)
		if (!strcmp(one->raw, raw))
			g = one;
	if (!g && groups->n == GROUPS_MAX)
		g = &groups->items[GROUPS_MAX - 1];
	if (!g) {
		g = vec_push(groups, a);
		g->raw = raw;
		g->name = view_safe(a, raw);
	}
	if (groups->n == GROUPS_MAX && strcmp(g->raw, raw) != 0)
		g->name = "others";
	count(&g->counts, status);
}

static void sort_groups(struct fleet_groups *groups)
{
	for (size_t i = 1; i < groups->n; i++)
		for (size_t k = i; k && group_is_worse(&groups->items[k], &groups->items[k - 1]); k--) {
			struct fleet_group other = groups->items[k];

			groups->items[k] = groups->items[k - 1];
			groups->items[k - 1] = other;
		}
}

/* ---- machines ---- */

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* A total order, so that nothing moves but what changed. */
static int by_severity(const void *left, const void *right)
{
	const struct agent *a = left, *b = right;
	int x = proof_rank(a->status), y = proof_rank(b->status);
	int by_name = x - y ? x - y : strcmp(or_empty(a->name), or_empty(b->name));

	return by_name ? by_name : strcmp(or_empty(a->id), or_empty(b->id));
}

static bool is_news(struct when changed, struct when now)
{
	int64_t ms = view_age_ms(changed, now);

	return ms >= 0 && ms < FLEET_NEWS_MS;
}

static void take_age(struct fleet_view *v, int64_t ms, bool first)
{
	if (first || ms < 0 || (v->age_ms >= 0 && ms > v->age_ms))
		v->age_ms = ms;
}

static void tell(struct fleet_view *v, struct arena *a)
{
	char words[WHEN_TEXT];

	v->age_ms = -1;
	for (size_t i = 0; i < v->machines.n; i++) {
		const struct agent *m = &v->machines.items[i];
		int status = proof_status_shown(m->status);

		count(&v->counts, status);
		add_to_group(&v->sizes, or_empty(m->size), status, a);
		add_to_group(&v->places, or_empty(m->datacenter), status, a);
		v->news += is_news(m->changed, v->now);
		v->belied += m->said_verified && (status == PROOF_FAILED || status == PROOF_MISSING);
		v->differing += m->differs && *m->differs;
		take_age(v, view_age_ms(m->at, v->now), i == 0);
	}
	v->age = v->age_ms < 0 ? "-" : arena_strdup(a, when_age_minutes(v->age_ms, words));
	sort_groups(&v->sizes);
	sort_groups(&v->places);
}

/* ---- what the control plane says of itself ---- */

static void fact_from(struct fleet_fact_row *row, const struct fleet_fact *f, struct when now,
		      struct arena *a)
{
	bool known = f->verdict > DRIFT_UNKNOWN && f->verdict <= DRIFT_OTHER;

	*row = (struct fleet_fact_row){
		.kind = names_word(&fleet_fact_kind_names, f->kind),
		.name = view_safe(a, f->name),
		.declared = view_safe(a, f->declared),
		.effective = view_safe(a, f->effective),
		.source = view_safe(a, f->source),
		.verdict = names_word(&drift_verdict_names, known ? f->verdict : DRIFT_UNKNOWN),
		.detail = view_safe(a, f->detail),
		.age = view_age_minutes(a, f->at, now),
		.verdict_value = known ? f->verdict : DRIFT_UNKNOWN,
		.extra = f->kind == FLEET_MRTD && !*or_empty(f->declared),
		.age_ms = view_age_ms(f->at, now),
	};
}

/* What is not as declared first, then what is not known: in passes, each in the order of names. */
static int facts_from(struct fleet_fact_rows *out, const struct fleet_facts *all, int kind, int *unknown,
		      struct when now, struct arena *a)
{
	static const int order[] = { DRIFT_OTHER, DRIFT_AHEAD, DRIFT_BEHIND, DRIFT_UNKNOWN, DRIFT_EQUAL };
	struct fleet_fact_row row;
	int wrong = 0;

	for (size_t pass = 0; pass < countof(order); pass++)
		vec_each (f, all) {
			if ((f->kind == FLEET_MRTD) != (kind == FLEET_MRTD))
				continue;
			fact_from(&row, f, now, a);
			if (row.verdict_value != order[pass])
				continue;
			*vec_push(out, a) = row;
			wrong += row.verdict_value != DRIFT_EQUAL && row.verdict_value != DRIFT_UNKNOWN;
			*unknown += row.verdict_value == DRIFT_UNKNOWN;
		}
	return wrong;
}

/* "2 of 7 not as declared, 1 not known": what nobody could read is not as declared. */
static const char *fact_words(const struct fleet_fact_rows *rows, int wrong, int unknown, const char *bad,
			      const char *good, struct arena *a)
{
	int known = (int)rows->n - unknown;

	if (!known)
		return arena_printf(a, "%zu, not known whether %s", rows->n, good);
	return arena_printf(a, "%d%s %s%s", wrong ? wrong : known,
			    wrong || unknown ? arena_printf(a, " of %zu", rows->n) : "", wrong ? bad : good,
			    unknown ? arena_printf(a, ", %d not known", unknown) : "");
}

const char *fleet_facts_words(const struct fleet_view *v, struct arena *a)
{
	const char *policy = "settings: not known", *list = "", *collateral = "";
	const char *age = or_empty(v->collateral_age);

	if (!v->policy.n && !v->list.n && !*age)
		return NULL;
	if (v->policy.n)
		policy = arena_printf(
			a, "settings: %s",
			fact_words(&v->policy, v->relaxed, v->unread, "not as declared", "as declared", a));
	if (v->list.n)
		list = arena_printf(a, "; trust list: %s",
				    fact_words(&v->list, v->extras, v->unpinned, "not pinned by the release",
					       "as pinned", a));
	if (*age)
		collateral = arena_printf(a, "collateral %s old; ", age);
	return arena_printf(a, "%s%s%s", collateral, policy, list);
}

/* ---- the view ---- */

static int read_lane(struct store *s, const char *lane, struct arena *a, struct err *e)
{
	struct key key = { .name = lane };
	struct lane known;

	return store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, a, e);
}

/* The lane's rows about its machines rest on it. */
static int read_collateral(struct fleet_view *v, struct store *s, const char *lane, struct arena *a,
			   struct err *e)
{
	struct proofs rows = { 0 };
	struct when taken = WHEN_NONE;
	const char *sha = "";
	int r = store_proofs_read(&rows, s, lane, NULL, a, e);

	vec_each (p, &rows)
		if (text_eq(p->subject, AGENTS_SUBJECT) && p->root && *p->root)
			sha = p->root;
	if (r >= 0 && *sha)
		r = view_root_taken(&taken, s, sha, a, e);
	v->collateral = view_safe(a, sha);
	v->collateral_age = when_known(taken) ? view_age_minutes(a, taken, v->now) : "";
	v->collateral_age_ms = when_known(taken) ? view_age_ms(taken, v->now) : -1;
	return r;
}

int view_fleet(struct fleet_view *out, struct store *s, const char *lane, struct when now, struct arena *a,
	       struct err *e)
{
	struct fleet_view v = { .lane = view_safe(a, lane), .now = now };
	struct fleet_facts facts = { 0 };
	int r = read_lane(s, lane, a, e);

	if (r)
		return r;
	r = view_forge_now(&v.forge_now, s, now, a, e);
	if (r >= 0)
		r = store_agents_after(&v.machines, s, lane, "", AGENTS_MAX, a, e);
	if (r >= 0)
		r = store_fleet_facts_read(&facts, s, lane, a, e);
	if (r >= 0)
		r = read_collateral(&v, s, lane, a, e);
	if (r < 0)
		return r;
	if (v.machines.n)
		qsort(v.machines.items, v.machines.n, sizeof(*v.machines.items), by_severity);
	tell(&v, a);
	v.relaxed = facts_from(&v.policy, &facts, FLEET_POLICY, &v.unread, now, a);
	v.extras = facts_from(&v.list, &facts, FLEET_MRTD, &v.unpinned, now, a);
	*out = v;
	return 0;
}

/* Of the bytes signed by Trust Authority, which name the end themselves. */
static const char *token_words(const struct agent *m, struct when now, struct arena *a)
{
	char words[WHEN_TEXT];
	int64_t left = when_known(m->token_until) ? when_diff(m->token_until, now) : 0;

	if (!when_known(m->token_until))
		return "";
	when_age_minutes(left < 0 ? -left : left, words);
	return left < 0 ? arena_printf(a, "over %s", words) : arena_printf(a, "%s left", words);
}

void view_agent_row(struct agent_row *out, const struct fleet_view *v, size_t i, struct arena *a)
{
	const struct agent *m = &v->machines.items[i];

	*out = (struct agent_row){
		.id = view_safe(a, m->id),
		.name = view_safe(a, m->name),
		.size = view_safe(a, m->size),
		.datacenter = view_safe(a, m->datacenter),
		.status = proof_status_word(m->status),
		.reason = proof_reason_word(m->reason),
		.meaning = proof_reason_meaning((enum proof_reason)m->reason),
		.detail = view_safe(a, m->detail),
		.says = m->said_verified ? "says verified" : "says no",
		.word = view_safe(a, m->word),
		.complaint = view_safe(a, m->complaint),
		.differs = view_safe(a, m->differs),
		.tcb = view_safe(a, m->tcb),
		.quote = names_word(&proof_status_names, proof_status_shown(m->quote)),
		.quote_reason = proof_reason_word(m->quote_reason),
		.token = names_word(&proof_status_names, proof_status_shown(m->token)),
		.token_reason = proof_reason_word(m->token_reason),
		.token_words = token_words(m, v->forge_now, a),
		.quote_sha = view_safe(a, m->quote_sha),
		.token_sha = view_safe(a, m->token_sha),
		.taken = view_age_minutes(a, m->taken, v->forge_now),
		.heard = view_age_minutes(a, m->heard, v->forge_now),
		.changed = view_age_minutes(a, m->changed, v->now),
		.age = view_age_minutes(a, m->at, v->now),
		.status_value = proof_status_shown(m->status),
		.quote_value = proof_status_shown(m->quote),
		.token_value = proof_status_shown(m->token),
		.said_verified = m->said_verified,
		.is_new = is_news(m->changed, v->now),
		.age_ms = view_age_ms(m->at, v->now),
		.token_until = m->token_until,
		.heard_at = m->heard,
		.changed_at = m->changed,
		.taken_at = m->taken,
	};
}

/* ---- one of them --------------------------------------------------------------------------------------------------------- */

int fleet_view_named(struct fleet_view *v, const char *name, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < v->machines.n; i++)
		if (text_eq(v->machines.items[i].name, name) || text_eq(v->machines.items[i].id, name))
			v->machines.items[n++] = v->machines.items[i];
	v->machines.n = n;
	if (n)
		return 0;
	err_set(e, ERR_MISSING, "%.80s has no machine %.80s", v->lane, name);
	return err_hint(e, "pilothouse proof %.80s --machines", v->lane);
}

int fleet_view_only(struct fleet_view *v, const char *name, struct err *e)
{
	int r = fleet_view_named(v, name, e);

	for (size_t i = 0; r == 0 && i < v->machines.n; i++)
		if (text_eq(v->machines.items[i].id, name)) {
			v->machines.items[0] = v->machines.items[i];
			v->machines.n = 1;
		}
	if (r < 0 || v->machines.n == 1)
		return r;
	err_set(e, ERR_INVALID, "%zu machines of %.80s are named %.80s", v->machines.n, v->lane, name);
	return err_hint(e, "name one by its id: pilothouse proof %.80s --machine %.80s", v->lane, name);
}
