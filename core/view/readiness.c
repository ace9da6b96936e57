#include "core/rules/readiness.h"

#include "base/text.h"
#include "core/view/rows.h"
#include "core/view/words.h"

struct conditions VEC_OF(struct readiness);

struct gather {
	struct conditions rows;
	struct arena *a;
};

static struct check_row check_from(const struct readiness *r, struct when now, struct arena *a)
{
	return (struct check_row){
		.name = view_safe(a, r->name),
		.detail = view_safe(a, r->detail),
		.fix = view_safe(a, r->fix),
		.source = view_safe(a, r->source),
		.age = view_age_minutes(a, r->at, now),
		.status = (enum verdict)r->status,
	};
}

/* What stands always on screen: the target, and yes, no or not known with the condition that says so. */
static const char *back_words(const struct readiness_row *row, const struct readiness *why, struct arena *a)
{
	const char *name = why ? view_safe(a, why->name) : "not checked";
	const char *target = view_value(a, row->target);

	if (*row->why)
		return arena_printf(a, "back no: %s", row->why);
	if (row->ok == CHECK_OK)
		return arena_printf(a, "back %s ok", target);
	if (row->ok != CHECK_UNCHECKED)
		return *target ? arena_printf(a, "back %s no: %s", target, name)
			       : "back no: nothing to go to";
	return *target ? arena_printf(a, "back %s ? %s", target, name) : "back ? not checked";
}

static int64_t oldest(const struct conditions *rows, struct when now)
{
	int64_t age = -1;

	vec_each (r, rows) {
		int64_t one = view_age_ms(r->at, now);
		if (one < 0)
			return -1;
		age = one > age ? one : age;
	}
	return age;
}

/* How long it took others, as far as that is known. */
static const char *took_words(const struct conditions *rows, struct arena *a)
{
	vec_each (r, rows)
		if (text_eq(r->name, "duration") && r->status == CHECK_OK)
			return view_safe(a, r->detail);
	return "";
}

static int read_row(struct readiness_row *row, struct gather *g, struct store *s, const char *lane,
		    struct when now, struct err *e)
{
	struct key key = { .name = lane };
	const struct readiness *why = NULL;
	int r = store_list(s, Q_readiness_by_lane, &rec_key, &key, &rec_readiness, &g->rows, g->a, e);

	if (r < 0)
		return r;
	*row = (struct readiness_row){ .lane = view_safe(g->a, lane), .back = "", .why = "" };
	row->target = view_safe(g->a, readiness_target(g->rows.items, g->rows.n));
	row->took = took_words(&g->rows, g->a);
	row->age_ms = oldest(&g->rows, now);
	vec_each (c, &g->rows)
		view_sooner(&row->until, view_age_ends(c->at, READINESS_MAX_AGE, now));
	row->ok = readiness_judge(g->rows.items, g->rows.n, now, &why);
	/* that it goes back already is no alarm, and that no older one went well is: the condition knows which */
	row->why = why && row->ok == CHECK_BAD && text_eq(why->name, "target") ? view_safe(g->a, why->detail)
									       : "";
	if (g->rows.n)
		row->back = back_words(row, why, g->a);
	return 0;
}

int readiness_back_read(struct readiness_row *row, struct store *s, const char *lane, struct when now,
			struct arena *a, struct err *e)
{
	struct gather g = { .a = a };

	return read_row(row, &g, s, lane, now, e);
}

int readiness_row_read(struct readiness_row *row, struct store *s, const char *lane, struct when now,
		       struct arena *a, struct err *e)
{
	struct gather g = { .a = a };
	int r = read_row(row, &g, s, lane, now, e);

	if (r < 0)
		return r;
	row->checks = arena_array(a, struct check_row, g.rows.n ? g.rows.n : 1);
	vec_each (c, &g.rows)
		row->checks[row->checks_n++] = check_from(c, now, a);
	return 0;
}

struct lanes_gather {
	struct VEC_OF(const char *) names;
	struct arena *a;
};

static int add_lane(void *ctx, const void *record)
{
	struct lanes_gather *g = ctx;
	*vec_push(&g->names, g->a) = ((const struct lane *)record)->name;
	return 0;
}

static int read_all(struct readiness_rows *out, struct store *s, struct when now, struct arena *a,
		    struct err *e)
{
	struct lanes_gather g = { .a = a };
	int r = store_each(s, Q_lanes, NULL, NULL, &rec_lane, a, add_lane, &g, e);

	for (size_t i = 0; i < g.names.n && r >= 0; i++) {
		struct readiness_row row;
		r = readiness_row_read(&row, s, g.names.items[i], now, a, e);
		if (r >= 0 && row.checks_n)
			*vec_push(out, a) = row;
	}
	return r;
}

int view_readiness(struct readiness_rows *out, struct store *s, const char *lane, struct when now,
		   struct arena *a, struct err *e)
{
	struct key key = { .name = lane };
	struct readiness_row row;
	struct lane known;

	if (!lane)
		return read_all(out, s, now, a, e);
	int r = store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, a, e);
	if (r)
		return r;
	r = readiness_row_read(&row, s, lane, now, a, e);
	if (r >= 0 && row.checks_n)
		*vec_push(out, a) = row;
	return r;
}

static void check_json(struct jw *w, const struct check_row *c)
{
	jw_open(w, '{');
	jw_kstr(w, "name", c->name);
	jw_kstr(w, "status", names_word(&verdict_names, (int)c->status));
	jw_kstr(w, "detail", c->detail);
	jw_ktext(w, "fix", c->fix);
	jw_kstr(w, "source", c->source);
	jw_kstr(w, "age", c->age);
	jw_close(w, '}');
}

void view_readiness_json(struct jw *w, const struct readiness_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v) {
		jw_open(w, '{');
		jw_kstr(w, "lane", row->lane);
		jw_ktext(w, "target", row->target);
		jw_key(w, "ok");
		if (row->ok == CHECK_UNCHECKED)
			jw_null(w);
		else
			jw_bool(w, row->ok == CHECK_OK);
		jw_kstr(w, "back", row->back);
		jw_kopen(w, "checks", '[');
		for (int i = 0; i < row->checks_n; i++)
			check_json(w, &row->checks[i]);
		jw_close(w, ']');
		view_age_json(w, row->age_ms);
		jw_close(w, '}');
	}
	view_items_close(w);
}
