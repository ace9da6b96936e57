#include "store/agents.h"

#include <string.h>

static const struct field filter_fields[] = {
	FIELD(agent_filter, lane),  FIELD(agent_filter, status), FIELD(agent_filter, size),
	FIELD(agent_filter, holds), FIELD(agent_filter, skip),   FIELD(agent_filter, datacenter),
	FIELD(agent_filter, limit),
};
const struct rec rec_agent_filter = REC(struct agent_filter, filter_fields, "agent_filter");

/* ---- writing -------------------------------------------------------------------------------------------------------------- */

static int put_one(struct store *s, const struct agent *row, size_t *written, struct arena *a, struct err *e)
{
	struct agent old = { 0 };
	int r = store_agent_read(&old, s, row->lane, row->id, a, e);

	if (r == 0 && when_diff(row->at, old.at) < AGENT_AT_MS && when_diff(row->at, old.at) >= 0) {
		old.at = row->at;
		if (rec_equal(&rec_agent, row, &old, NULL))
			return 0;
	}
	if (r >= 0) {
		r = store_run(s, Q_agent_put, &rec_agent, row, e);
		*written += 1;
	}
	return r;
}

int store_agents_put(struct store *s, const char *lane, const struct agent *rows, size_t n, size_t *written,
		     struct err *e)
{
	struct arena a = ARENA_INIT;
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		struct agent row = rows[i];

		row.lane = lane;
		arena_reset(&a);
		r = put_one(s, &row, &count, &a, e);
	}
	arena_done(&a);
	if (written)
		*written = count;
	return r < 0 ? r : 0;
}

int store_agent_forget(struct store *s, const char *lane, const char *id, struct err *e)
{
	const struct key key = { .name = lane, .text = id };
	int r = store_run(s, Q_agent_forget, &rec_key, &key, e);

	return r < 0 ? r : store_run(s, Q_agent_tree_forget, &rec_key, &key, e);
}

int store_agents_trim(struct store *s, struct err *e)
{
	static const enum query all[] = { Q_agents_trim, Q_agent_trees_trim, Q_fleet_facts_trim };
	int r = 0;

	for (size_t i = 0; i < countof(all) && r >= 0; i++)
		r = store_run(s, all[i], NULL, NULL, e);
	return r;
}

int store_agent_tree_put(struct store *s, const struct agent_tree *row, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct agent_tree old = { 0 };
	int r = store_agent_tree_read(&old, s, row->lane, row->id, &a, e);
	bool same = r == 0 && !strcmp(old.tree, row->tree);

	arena_done(&a);
	if (r < 0 || same)
		return r;
	return store_run(s, Q_agent_tree_put, &rec_agent_tree, row, e);
}

int store_fleet_facts_put(struct store *s, const char *lane, const struct fleet_fact *rows, size_t n,
			  struct err *e)
{
	const struct key key = { .name = lane };
	int r = store_run(s, Q_fleet_facts_forget, &rec_key, &key, e);

	for (size_t i = 0; i < n && r >= 0; i++) {
		struct fleet_fact row = rows[i];

		row.lane = lane;
		r = store_run(s, Q_fleet_fact_put, &rec_fleet_fact, &row, e);
	}
	return r;
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

static const enum proof_status by_severity[] = { PROOF_FAILED, PROOF_MISSING,   PROOF_STALE,
						 PROOF_WARN,   PROOF_UNCHECKED, PROOF_VERIFIED };

static struct agent_filter filter_of(const struct agent_filter *f, int status)
{
	struct agent_filter one = *f;

	one.status = status;
	one.size = f->size ? f->size : "";
	one.datacenter = f->datacenter ? f->datacenter : "";
	one.holds = f->holds ? f->holds : "";
	return one;
}

static int count_one(int64_t *out, struct store *s, const struct agent_filter *one, struct arena *a,
		     struct err *e)
{
	struct key row = { 0 };
	int r = store_one(s, Q_agents_count, &rec_agent_filter, one, &rec_key, &row, a, e);

	*out = row.number;
	return r < 0 ? r : 0;
}

/* What fits of one status, and what is left of the window then. */
static int read_one(struct agents *out, struct store *s, struct agent_filter *one, struct arena *a,
		    struct err *e)
{
	size_t before = out->n;
	int64_t n = 0;
	int r = one->skip ? count_one(&n, s, one, a, e) : 0;

	if (r < 0 || (one->skip && n <= one->skip)) {
		one->skip -= n;
		return r;
	}
	r = store_list(s, Q_agents_by_status, &rec_agent_filter, one, &rec_agent, out, a, e);
	one->skip = 0;
	one->limit -= (int64_t)(out->n - before);
	return r;
}

int store_agents_read(struct agents *out, struct store *s, const struct agent_filter *f, struct arena *a,
		      struct err *e)
{
	struct agent_filter one = filter_of(f, 0);
	int r = 0;

	for (size_t i = 0; i < countof(by_severity) && r >= 0 && one.limit > 0; i++) {
		one.status = (int)by_severity[i];
		if (f->status < 0 || f->status == one.status)
			r = read_one(out, s, &one, a, e);
	}
	return r < 0 ? r : 0;
}

int store_agents_after(struct agents *out, struct store *s, const char *lane, const char *id, int64_t limit,
		       struct arena *a, struct err *e)
{
	const struct key key = { .name = lane, .text = id, .limit = limit };

	return store_list(s, Q_agents_by_lane, &rec_key, &key, &rec_agent, out, a, e);
}

int store_agent_read(struct agent *out, struct store *s, const char *lane, const char *id, struct arena *a,
		     struct err *e)
{
	const struct key key = { .name = lane, .text = id };

	return store_one(s, Q_agent_by_id, &rec_key, &key, &rec_agent, out, a, e);
}

int store_agent_tree_read(struct agent_tree *out, struct store *s, const char *lane, const char *id,
			  struct arena *a, struct err *e)
{
	const struct key key = { .name = lane, .text = id };

	return store_one(s, Q_agent_tree_by_id, &rec_key, &key, &rec_agent_tree, out, a, e);
}

int store_fleet_facts_read(struct fleet_facts *out, struct store *s, const char *lane, struct arena *a,
			   struct err *e)
{
	const struct key key = { .name = lane };

	if (!lane)
		return store_list(s, Q_fleet_facts, NULL, NULL, &rec_fleet_fact, out, a, e);
	return store_list(s, Q_fleet_facts_by_lane, &rec_key, &key, &rec_fleet_fact, out, a, e);
}
