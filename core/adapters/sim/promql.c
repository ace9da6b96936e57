#include "core/adapters/sim/canary.h"

#include "base/text.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * As much of the query language as the profiles use:
 *
 *	expr   := term (("+" | "-" | "or") term)*         term := factor (("*" | "/") factor)*
 *	factor := number | "(" expr ")" | selector | selector "[" span "]"
 *	        | ("rate" | "increase") "(" range ")" | "histogram_quantile" "(" number "," expr ")" | "vector" "(" number ")"
 *	        | ("sum" | "max" | "min" | "avg" | "count") ["by" "(" names ")"] "(" expr ")"
 *	selector := NAME ["{" label ("=" | "!=" | "=~" | "!~") "text", ... "}"]
 *
 * Everything is evaluated as it is read. Rates go to the edges of their range as the real ones do (two samples at least;
 * half a gap where the edge is farther than a gap and a tenth; never below nought), so that a count is no whole number.
 */

enum { LOOKBACK_MS = 5 * MINUTE, DEEP = 32, SAMPLES_MAX = 1000000 };

struct reading {
	const struct sim_canary *c;
	const char *text, *at;
	int64_t now, span; /* span: of the range read last */
	int depth;
	struct prom_trouble *trouble;
	struct arena *a;
};

static struct prom_value nothing(void)
{
	return (struct prom_value){ .kind = PROM_VECTOR };
}

static struct prom_value trouble(struct reading *r, int status, const char *words)
{
	if (r->trouble->status == 0) {
		r->trouble->status = status;
		r->trouble->words = status == 400 ? arena_printf(r->a, "1:%d: parse error: %s",
								 (int)(r->at - r->text) + 1, words)
						  : words;
	}
	r->at = ""; /* nothing more is read */
	return nothing();
}

static struct prom_value unexpected(struct reading *r)
{
	if (!*r->at)
		return trouble(r, 400, "unexpected end of input");
	if (*r->at == ')' && *r->at++) /* they stand behind it when they say so */
		return trouble(r, 400, "unexpected right parenthesis ')'");
	return trouble(r, 400, arena_printf(r->a, "unexpected character: '%c'", *r->at));
}

/* ---- words -------------------------------------------------------------------------------------------------------- */

static void blanks(struct reading *r)
{
	r->at += strspn(r->at, " \t\n");
}

static bool eat(struct reading *r, char c)
{
	blanks(r);
	if (*r->at != c || !c)
		return false;
	r->at++;
	return true;
}

static const char *word(struct reading *r)
{
	size_t n;

	blanks(r);
	n = strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789");
	r->at += n;
	return arena_strndup(r->a, r->at - n, n);
}

static bool eat_word(struct reading *r, const char *wanted)
{
	const char *before = r->at;

	if (strcmp(word(r), wanted) == 0)
		return true;
	r->at = before;
	return false;
}

static const char *quoted(struct reading *r)
{
	char quote[2] = { *r->at, '\0' };
	size_t n;
	const char *s;

	if (*r->at != '"' && *r->at != '\'') {
		unexpected(r);
		return "";
	}
	n = strcspn(++r->at, quote);
	s = arena_strndup(r->a, r->at, n);
	if (!r->at[n])
		trouble(r, 400, "unterminated quoted string");
	else
		r->at += n + 1;
	return s;
}

/* ---- labels ------------------------------------------------------------------------------------------------------- */

static const char *label(const struct prom_series *s, const char *name)
{
	for (int i = 0; i < s->labels_n; i++)
		if (strcmp(s->labels[i].name, name) == 0)
			return s->labels[i].value;
	return "";
}

static void label_add(struct prom_series *s, const char *name, const char *value)
{
	if (*value && s->labels_n < PROM_LABELS)
		s->labels[s->labels_n++] = (struct prom_label){ name, value };
}

/* All but its name, and but le when `bound` says so: what tells series apart after a function. */
static struct prom_series without(const struct prom_series *from, const char *bound)
{
	struct prom_series s = { .value = from->value };

	for (int i = 0; i < from->labels_n; i++)
		if (strcmp(from->labels[i].name, "__name__") != 0 &&
		    (!bound || strcmp(from->labels[i].name, bound) != 0))
			label_add(&s, from->labels[i].name, from->labels[i].value);
	return s;
}

static bool alike(const struct prom_series *a, const struct prom_series *b)
{
	for (int i = 0; i < a->labels_n; i++)
		if (strcmp(label(b, a->labels[i].name), a->labels[i].value) != 0)
			return false;
	return a->labels_n == b->labels_n;
}

static struct prom_series *series_find(struct prom_value *v, const struct prom_series *like)
{
	vec_each (it, &v->series) {
		if (alike(it, like))
			return it;
	}
	return NULL;
}

/* ---- selectors ---------------------------------------------------------------------------------------------------- */

struct matcher {
	const char *name, *value;
	bool not, pattern;
	regex_t regex;
};
enum { MATCHERS = 8 };
struct matchers {
	struct matcher v[MATCHERS];
	int n;
};

static bool matches(const struct matchers *m, const struct prom_series *s)
{
	for (int i = 0; i < m->n; i++) {
		const struct matcher *it = &m->v[i];
		const char *value = label(s, it->name);
		bool fits = it->pattern ? regexec(&it->regex, value, 0, NULL, 0) == 0
					: strcmp(value, it->value) == 0;

		if (fits == it->not )
			return false;
	}
	return true;
}

static void matcher_read(struct reading *r, struct matchers *all)
{
	struct matcher m = { .name = word(r) };

	blanks(r);
	m.not = *r->at == '!';
	m.pattern = r->at[0] && r->at[1] == '~';
	if (!*m.name || (*r->at != '=' && !m.not ) || (m.not &&r->at[1] != '=' && r->at[1] != '~')) {
		unexpected(r);
		return;
	}
	r->at += m.not || m.pattern ? 2 : 1;
	blanks(r);
	m.value = quoted(r);
	if (r->trouble->status)
		return;
	if (all->n == MATCHERS || (m.pattern && regcomp(&m.regex, arena_printf(r->a, "^(%s)$", m.value),
							REG_EXTENDED | REG_NOSUB) != 0)) {
		trouble(r, 400, "error parsing regexp");
		return;
	}
	all->v[all->n++] = m;
}

static void matchers_read(struct reading *r, struct matchers *all)
{
	if (!eat(r, '{'))
		return;
	while (!eat(r, '}') && !r->trouble->status) {
		matcher_read(r, all);
		if (!eat(r, ',') && *r->at != '}')
			unexpected(r);
	}
}

static void matchers_free(struct matchers *all)
{
	for (int i = 0; i < all->n; i++)
		if (all->v[i].pattern)
			regfree(&all->v[i].regex);
}

/* A series of the world: how its labels are and where its number stands in a scrape. */
struct world_series {
	const char *name;
	int codes; /* how many there are: 1 without a label of its own */
	const char *label;
	double (*value)(const struct sim_scrape *s, int track, int code);
};

static double of_code(const struct sim_scrape *s, int track, int code)
{
	return (double)(code ? s->bad[track] : s->good[track]);
}

static double of_bucket(const struct sim_scrape *s, int track, int code)
{
	return (double)s->bucket[track][code];
}

static double of_all(const struct sim_scrape *s, int track, int code)
{
	(void)code;
	return (double)s->bucket[track][BUCKETS - 1];
}

static double of_saturation(const struct sim_scrape *s, int track, int code)
{
	(void)code;
	return (double)s->saturation[track] / 1000;
}

static double of_share(const struct sim_scrape *s, int track, int code)
{
	(void)code;
	return s->share[track] < 0 ? (double)NAN : (double)s->share[track] / 1e6;
}

static const struct world_series world_series[] = {
	{ "http_requests_total", 2, "code", of_code },
	{ "http_request_duration_seconds_bucket", BUCKETS, "le", of_bucket },
	{ "http_request_duration_seconds_count", 1, NULL, of_all },
	{ "process_saturation", 1, NULL, of_saturation },
	{ "http_traffic_share", 1, NULL, of_share },
};

static const char *code_word(const struct world_series *ws, int code)
{
	static const char *const bounds[BUCKETS] = { "0.05", "0.1", "0.25", "0.5", "1",
						     "1.5",  "2.5", "5",    "10",  "+Inf" };

	if (!ws->label)
		return "";
	return strcmp(ws->label, "le") == 0 ? bounds[code] : code ? "500" : "200";
}

static bool has(const struct sim_scrape *s, int track)
{
	return s->there[track] && !s->lost;
}

/* The newest number, unless it is old or its series has ended. */
static bool value_now(const struct reading *r, const struct world_series *ws, int track, int code, double *v)
{
	long i = sim_scrape_at(r->c, r->now);
	const struct sim_scrape *s = i < 0 ? NULL : &r->c->scrapes[i];

	if (!s || !has(s, track) || r->now - s->at > LOOKBACK_MS)
		return false;
	*v = ws->value(s, track, code);
	return true;
}

static bool values_over(struct reading *r, const struct world_series *ws, int track, int code, int64_t span,
			struct prom_series *out)
{
	long to = sim_scrape_at(r->c, r->now), from = sim_scrape_at(r->c, r->now - span - 1) + 1;

	r->trouble->samples += to >= from ? (size_t)(to - from + 1) : 0;
	if (r->trouble->samples > SAMPLES_MAX) {
		trouble(r, 422,
			"query processing would load too many samples into memory in query execution");
		return false;
	}
	out->points = arena_array(r->a, struct prom_point, (size_t)(to >= from ? to - from + 1 : 1));
	for (long i = from; i <= to; i++) {
		const struct sim_scrape *s = &r->c->scrapes[i];

		if (has(s, track))
			out->points[out->points_n++] =
				(struct prom_point){ s->at, ws->value(s, track, code) };
	}
	return out->points_n > 0;
}

/* span 0: at this moment. */
static struct prom_value select_series(struct reading *r, const char *name, const struct matchers *m,
				       int64_t span)
{
	struct prom_value out = { .kind = span ? PROM_MATRIX : PROM_VECTOR };

	for (size_t i = 0; i < countof(world_series); i++) {
		const struct world_series *ws = &world_series[i];

		for (int t = 0; t < TRACKS * ws->codes && strcmp(ws->name, name) == 0; t++) {
			struct prom_series s = { 0 };
			int track = t / ws->codes, code = t % ws->codes;

			label_add(&s, "__name__", ws->name);
			label_add(&s, ws->label, code_word(ws, code));
			label_add(&s, "track", sim_tracks[track]);
			if (matches(m, &s) && (span ? values_over(r, ws, track, code, span, &s)
						    : value_now(r, ws, track, code, &s.value)))
				*vec_push(&out.series, r->a) = s;
		}
	}
	return out;
}

/* [30s], [1h30m]; 0: none is there. */
static int64_t span_read(struct reading *r)
{
	int64_t all = 0;

	if (!eat(r, '['))
		return 0;
	while (*r->at && *r->at != ']') {
		size_t digits = strspn(r->at, "0123456789"), n = digits + strspn(r->at + digits, "smhd");
		const struct yaml one = { .kind = YAML_SCALAR,
					  .scalar = arena_strndup(r->a, r->at, n),
					  .file = "" };
		int64_t ms;

		if (!n || sim_span(&ms, &one, NULL) < 0) {
			trouble(r, 400, "bad duration syntax");
			return 0;
		}
		all += ms;
		r->at += n;
	}
	if (!eat(r, ']') || !all)
		trouble(r, 400, *r->at ? "duration must be greater than 0" : "unclosed left bracket");
	return all;
}

static struct prom_value selector(struct reading *r, const char *name)
{
	struct matchers m = { .n = 0 };
	struct prom_value v = nothing();
	int64_t span;

	matchers_read(r, &m);
	blanks(r);
	span = r->span = span_read(r);
	if (!r->trouble->status)
		v = select_series(r, name, &m, span);
	matchers_free(&m);
	return v;
}

/* ---- functions ---------------------------------------------------------------------------------------------------- */

static struct prom_value either(struct reading *r);

static const char *const kind_words[] = { "scalar", "instant vector", "range vector" };

static bool wants(struct reading *r, const struct prom_value *v, enum prom_kind kind, const char *where)
{
	if (v->kind != kind)
		trouble(r, 400,
			arena_printf(r->a, "expected type %s in %s, got %s", kind_words[kind], where,
				     kind_words[v->kind]));
	return v->kind == kind && !r->trouble->status;
}

static struct prom_value argument(struct reading *r, enum prom_kind kind, const char *where)
{
	struct prom_value v = either(r);

	if (!r->trouble->status)
		(void)wants(r, &v, kind, where);
	return v;
}

/* What a counter grew by within the span that ends now, carried to its edges. */
static bool grown(const struct prom_series *s, int64_t from, int64_t to, bool a_second, double *out)
{
	const struct prom_point *first = s->points, *last;
	double sampled, gap, start, end, rise, factor;

	if (s->points_n < 2)
		return false;
	last = first + s->points_n - 1;
	rise = last->value - first->value;
	for (const struct prom_point *p = first + 1; p <= last; p++)
		rise += p->value < p[-1].value ? p[-1].value : 0; /* it began again at nought */
	sampled = (double)(last->at - first->at);
	gap = sampled / (double)(s->points_n - 1);
	start = (double)(first->at - from);
	end = (double)(to - last->at);
	if (rise > 0 && first->value >= 0 && sampled * (first->value / rise) < start)
		start = sampled * (first->value / rise);
	factor = (sampled + (start < gap * 1.1 ? start : gap / 2) + (end < gap * 1.1 ? end : gap / 2)) /
		 sampled;
	*out = rise * (a_second ? factor / ((double)(to - from) / SECOND) : factor);
	return true;
}

static struct prom_value growth(struct reading *r, bool a_second)
{
	const char *where = a_second ? "call to function \"rate\"" : "call to function \"increase\"";
	struct prom_value from = argument(r, PROM_MATRIX, where), out = nothing();

	vec_each (it, &from.series) {
		struct prom_series s = without(it, NULL);

		if (grown(it, r->now - r->span, r->now, a_second, &s.value))
			*vec_push(&out.series, r->a) = s;
	}
	return out;
}

static double bound_of(const struct prom_series *s)
{
	const char *le = label(s, "le");

	return strcmp(le, "+Inf") == 0 ? (double)INFINITY : strtod(le, NULL);
}

static int by_bound(const void *a, const void *b)
{
	double x = bound_of(a), y = bound_of(b);

	return (x > y) - (x < y);
}

static double quantile_in(double q, const struct prom_series *b, size_t n)
{
	double all = n ? b[n - 1].value : 0, rank = q * all, low = 0, below = 0;
	size_t i = 0;

	if (q < 0 || q > 1)
		return q < 0 ? -(double)INFINITY : (double)INFINITY;
	if (n < 2 || !isinf(bound_of(&b[n - 1])) || !(all > 0))
		return (double)NAN;
	while (i < n - 1 && b[i].value < rank)
		i++;
	if (i == n - 1)
		return bound_of(&b[n - 2]);
	if (i > 0) {
		low = bound_of(&b[i - 1]);
		below = b[i - 1].value;
	}
	return low + (bound_of(&b[i]) - low) * ((rank - below) / (b[i].value - below));
}

static struct prom_value quantile(struct reading *r)
{
	struct prom_value q = argument(r, PROM_SCALAR, "call to function \"histogram_quantile\""), in,
			  out = nothing();

	if (r->trouble->status || !eat(r, ','))
		return unexpected(r);
	in = argument(r, PROM_VECTOR, "call to function \"histogram_quantile\"");
	vec_each (it, &in.series) {
		struct prom_series s = without(it, "le");
		struct prom_value buckets = nothing();

		if (series_find(&out, &s))
			continue;
		vec_each (b, &in.series) {
			struct prom_series other = without(b, "le");

			if (*label(b, "le") && alike(&other, &s))
				*vec_push(&buckets.series, r->a) = *b;
		}
		if (!buckets.series.n)
			continue;
		qsort(buckets.series.items, buckets.series.n, sizeof(*buckets.series.items), by_bound);
		s.value = quantile_in(q.scalar, buckets.series.items, buckets.series.n);
		*vec_push(&out.series, r->a) = s;
	}
	return out;
}

static struct prom_value as_vector(struct reading *r)
{
	struct prom_value v = argument(r, PROM_SCALAR, "call to function \"vector\""), out = nothing();

	*vec_push(&out.series, r->a) = (struct prom_series){ .value = v.scalar };
	return out;
}

enum fold { FOLD_SUM, FOLD_MAX, FOLD_MIN, FOLD_AVG, FOLD_COUNT };

static double folded(enum fold how, double so_far, double v)
{
	switch (how) {
	case FOLD_SUM:
	case FOLD_AVG:
		return so_far + v;
	case FOLD_MAX:
		return v > so_far || isnan(so_far) ? v : so_far;
	case FOLD_MIN:
		return v < so_far || isnan(so_far) ? v : so_far;
	case FOLD_COUNT:
		return so_far + 1;
	}
	return so_far;
}

struct names_by {
	const char *v[PROM_LABELS];
	int n;
};

static void by_read(struct reading *r, struct names_by *by)
{
	if (!eat_word(r, "by"))
		return;
	if (!eat(r, '(')) {
		unexpected(r);
		return;
	}
	while (!eat(r, ')') && !r->trouble->status) {
		const char *name = word(r);

		if (!*name || by->n == PROM_LABELS)
			unexpected(r);
		else
			by->v[by->n++] = name;
		if (!eat(r, ',') && *r->at != ')')
			unexpected(r);
	}
}

static struct prom_value fold_over(struct reading *r, enum fold how, const struct names_by *by,
				   const struct prom_value *in)
{
	struct prom_value out = nothing();

	vec_each (it, &in->series) {
		struct prom_series s = { .value = it->value, .points_n = 1 }, *group;

		for (int i = 0; i < by->n; i++)
			label_add(&s, by->v[i], label(it, by->v[i]));
		group = series_find(&out, &s);
		if (group) {
			group->value = folded(how, group->value, it->value);
			group->points_n++;
			continue;
		}
		if (how == FOLD_COUNT)
			s.value = 1;
		*vec_push(&out.series, r->a) = s;
	}
	vec_each (it, &out.series) {
		if (how == FOLD_AVG)
			it->value /= (double)it->points_n;
		it->points_n = 0;
	}
	return out;
}

/* `by` may stand before the parentheses or after them. */
static struct prom_value aggregate(struct reading *r, enum fold how)
{
	struct names_by by = { .n = 0 };
	struct prom_value in;

	by_read(r, &by);
	if (r->trouble->status || !eat(r, '('))
		return unexpected(r);
	in = argument(r, PROM_VECTOR, "aggregation expression");
	if (r->trouble->status || !eat(r, ')'))
		return unexpected(r);
	by_read(r, &by);
	return fold_over(r, how, &by, &in);
}

/* ---- operators ---------------------------------------------------------------------------------------------------- */

static double apply(char op, double a, double b)
{
	switch (op) {
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	default:
		return a / b;
	}
}

static struct prom_value each_with(struct reading *r, const struct prom_value *v, char op, double other,
				   bool first)
{
	struct prom_value out = nothing();

	vec_each (it, &v->series) {
		struct prom_series s = without(it, NULL);

		s.value = first ? apply(op, other, it->value) : apply(op, it->value, other);
		*vec_push(&out.series, r->a) = s;
	}
	return out;
}

static struct prom_value pairs(struct reading *r, const struct prom_value *a, char op,
			       const struct prom_value *b)
{
	struct prom_value out = nothing();

	vec_each (it, &a->series) {
		struct prom_series s = without(it, NULL);
		int found = 0;

		vec_each (other, &b->series) {
			struct prom_series o = without(other, NULL);

			if (!alike(&s, &o))
				continue;
			s.value = apply(op, it->value, other->value);
			found++;
		}
		if (found > 1)
			return trouble(
				r, 422,
				"found duplicate series for the match group on the right hand-side of the "
				"operation; many-to-many matching not allowed: matching labels must be "
				"unique on one side");
		if (found)
			*vec_push(&out.series, r->a) = s;
	}
	return out;
}

static struct prom_value joined(struct reading *r, const struct prom_value *a, char op,
				const struct prom_value *b)
{
	if (r->trouble->status)
		return nothing();
	if (a->kind == PROM_MATRIX || b->kind == PROM_MATRIX)
		return trouble(r, 400, "binary expression must contain only scalar and instant vector types");
	if (a->kind == PROM_SCALAR && b->kind == PROM_SCALAR)
		return (struct prom_value){ .kind = PROM_SCALAR, .scalar = apply(op, a->scalar, b->scalar) };
	if (a->kind == PROM_SCALAR)
		return each_with(r, b, op, a->scalar, true);
	if (b->kind == PROM_SCALAR)
		return each_with(r, a, op, b->scalar, false);
	return pairs(r, a, op, b);
}

static struct prom_value united(struct reading *r, struct prom_value a, const struct prom_value *b)
{
	if (!r->trouble->status && (a.kind != PROM_VECTOR || b->kind != PROM_VECTOR))
		return trouble(r, 400, "set operator \"or\" not allowed in binary scalar expression");
	vec_each (it, &b->series) {
		if (!series_find(&a, it))
			*vec_push(&a.series, r->a) = *it;
	}
	return a;
}

/* ---- grammar ------------------------------------------------------------------------------------------------------ */

static struct prom_value call_of(struct reading *r, const char *name)
{
	struct prom_value v;

	if (strcmp(name, "rate") == 0 || strcmp(name, "increase") == 0)
		v = growth(r, *name == 'r');
	else if (strcmp(name, "histogram_quantile") == 0)
		v = quantile(r);
	else if (strcmp(name, "vector") == 0)
		v = as_vector(r);
	else
		return trouble(r, 400, arena_printf(r->a, "unknown function with name \"%s\"", name));
	return !r->trouble->status && !eat(r, ')') ? unexpected(r) : v;
}

static struct prom_value named(struct reading *r)
{
	static const char *const folds[] = { [FOLD_SUM] = "sum",
					     [FOLD_MAX] = "max",
					     [FOLD_MIN] = "min",
					     [FOLD_AVG] = "avg",
					     [FOLD_COUNT] = "count" };
	const char *name = word(r);

	if (!*name)
		return unexpected(r);
	for (size_t i = 0; i < countof(folds); i++)
		if (strcmp(folds[i], name) == 0)
			return aggregate(r, (enum fold)i);
	return eat(r, '(') ? call_of(r, name) : selector(r, name);
}

static struct prom_value one(struct reading *r)
{
	struct prom_value v;

	if (++r->depth > DEEP)
		return trouble(r, 400, "expression is nested too deeply");
	blanks(r);
	if (*r->at >= '0' && *r->at <= '9') {
		char *end;

		v = (struct prom_value){ .kind = PROM_SCALAR, .scalar = strtod(r->at, &end) };
		r->at = end;
	} else if (eat(r, '(')) {
		v = either(r);
		if (!r->trouble->status && !eat(r, ')'))
			v = trouble(r, 400, "unclosed left parenthesis");
	} else {
		v = named(r);
	}
	r->depth--;
	return v;
}

static struct prom_value products(struct reading *r)
{
	struct prom_value v = one(r);

	for (blanks(r); *r->at == '*' || *r->at == '/'; blanks(r)) {
		char op = *r->at++;
		struct prom_value other = one(r);

		v = joined(r, &v, op, &other);
	}
	return v;
}

static struct prom_value sums(struct reading *r)
{
	struct prom_value v = products(r);

	for (blanks(r); *r->at == '+' || *r->at == '-'; blanks(r)) {
		char op = *r->at++;
		struct prom_value other = products(r);

		v = joined(r, &v, op, &other);
	}
	return v;
}

static struct prom_value either(struct reading *r)
{
	struct prom_value v = sums(r);

	while (eat_word(r, "or")) {
		struct prom_value other = sums(r);

		v = united(r, v, &other);
	}
	return v;
}

struct prom_value prom_eval(const struct sim_canary *c, const char *expression, int64_t at,
			    struct prom_trouble *wrong, struct arena *a)
{
	struct reading r = {
		.c = c, .text = expression, .at = expression, .now = at, .trouble = wrong, .a = a
	};
	struct prom_value v;

	wrong->status = 0;
	blanks(&r);
	if (!*r.at) {
		wrong->status = 400;
		wrong->words = "1:1: parse error: no expression found in input";
		return nothing();
	}
	v = either(&r);
	blanks(&r);
	return !wrong->status && *r.at ? unexpected(&r) : v;
}

const char *prom_number(struct arena *a, double v)
{
	const char *s = "0";

	if (isnan(v))
		return "NaN";
	if (isinf(v))
		return v > 0 ? "+Inf" : "-Inf";
	for (int digits = 0; digits < 30; digits++) {
		s = arena_printf(a, "%.*f", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	return s;
}
