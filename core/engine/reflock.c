#include "core/engine/reflock.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

enum { MESSAGE_MAX = 65536, TEXTS_MAX = 100 };
#define EPOCH_MAX (INT64_C(1) << 53) /* what every reader of JSON has as a whole number */

static const char *const state_words[] = { "free", "held", "expired", "damaged" };
const struct names reflock_state_names = NAMES(state_words);

const char *reflock_lane(const char *lane, struct arena *a)
{
	return arena_printf(a, REFLOCK_ROOT "/lock/%s", lane);
}

const char *reflock_system(const char *system, struct arena *a)
{
	return arena_printf(a, REFLOCK_ROOT "/freeze/%s", system);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static const char *text_of(const struct json *j, const char *key, struct arena *a)
{
	const char *s = json_str(j, key);

	return arena_strdup(a, s ? s : "");
}

/* Absent or null: none. False: it is no time. */
static bool time_of(const struct json *j, const char *key, struct when *out)
{
	const char *s = json_str(j, key);

	*out = WHEN_NONE;
	if (json_type(json_get(j, key)) == JSON_NULL || !json_get(j, key))
		return true;
	return s && when_parse(out, s) >= 0;
}

/* Absent or null: none. False: it is no list of texts. Of too many the last says how many are not told. */
static bool texts_of(struct texts *out, const struct json *j, const char *key, struct arena *a)
{
	const struct json *list = json_get(j, key);
	size_t n = json_size(list);

	*out = (struct texts){ 0 };
	if (!list || json_type(list) == JSON_NULL)
		return true;
	if (json_type(list) != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < n && i < TEXTS_MAX; i++) {
		if (!json_str(json_at(list, i), ""))
			return false;
		*vec_push(out, a) = text_of(json_at(list, i), "", a);
	}
	if (n > TEXTS_MAX)
		*vec_push(out, a) =
			arena_printf(a, "and %zu more, which only the commit tells", n - TEXTS_MAX);
	return true;
}

void reflock_write_texts(struct jw *w, const struct texts *list)
{
	jw_open(w, '[');
	vec_each (text, list)
		jw_str(w, *text);
	jw_close(w, ']');
}

static const char *damage_of(const struct reflock *l, const struct json *j, bool times, bool texts)
{
	const char *state = json_str(j, "state");

	if (json_type(j) != JSON_OBJECT)
		return "its newest commit says nothing that is known here";
	if (!times || !when_known(l->created))
		return "its newest commit has no time that can be read";
	if (!*l->id || !*l->who || l->epoch < 1 || l->epoch >= EPOCH_MAX)
		return "its newest commit lacks id, who or epoch";
	if (!text_eq(state, "held") && !text_eq(state, "released"))
		return "its newest commit is neither held nor released";
	if (!texts)
		return "its newest commit hands over what cannot be read";
	return NULL;
}

void reflock_read(struct reflock *out, const struct git_commit *c, struct arena *a)
{
	autofree(json) struct json *j = NULL;
	bool times, texts;

	out->sha = arena_strdup(a, c->sha);
	out->tree = arena_strdup(a, c->tree ? c->tree : "");
	out->committed = c->at;
	(void)!json_parse(&j, c->message, strlen(c->message), MESSAGE_MAX, NULL);
	out->id = text_of(j, "id", a);
	out->who = text_of(j, "who", a);
	out->host = text_of(j, "host", a);
	out->purpose = text_of(j, "purpose", a);
	out->epoch = json_int(j, "epoch", 0);
	out->held = !text_eq(json_str(j, "state"), "released");
	texts = texts_of(&out->lines, j, "lines", a);
	texts = texts_of(&out->accepted, j, "accepted", a) && texts;
	times = time_of(j, "created", &out->created);
	times = time_of(j, "expires", &out->expires) && times;
	out->damage = damage_of(out, j, times, texts);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void put_time(struct jw *w, const char *key, struct when at, const char *drawn)
{
	char iso[WHEN_TEXT];

	jw_key(w, key);
	if (when_known(at))
		jw_str(w, when_iso(at, iso));
	else if (drawn)
		jw_str(w, drawn);
	else
		jw_null(w);
}

static void write_link(struct buf *out, const struct reflock *l, const char *drawn)
{
	struct jw w;

	jw_init(&w, out);
	jw_open(&w, '{');
	jw_kstr(&w, "id", l->id);
	jw_kstr(&w, "who", l->who);
	jw_kstr(&w, "host", l->host);
	jw_kstr(&w, "purpose", l->purpose);
	put_time(&w, "created", l->created, drawn);
	put_time(&w, "expires", l->expires, when_known(l->created) ? NULL : drawn);
	jw_kint(&w, "epoch", l->epoch);
	jw_kstr(&w, "state", l->held ? "held" : "released");
	if (l->lines.n)
		jw_key(&w, "lines"), reflock_write_texts(&w, &l->lines);
	if (l->accepted.n)
		jw_key(&w, "accepted"), reflock_write_texts(&w, &l->accepted);
	if (l->audit && *l->audit)
		jw_kstr(&w, "audit", l->audit);
	jw_close(&w, '}');
}

/* What a whole list would not leave room for. */
static void in_one_line(struct texts *list, struct arena *a)
{
	const char *line = arena_printf(a, "%zu lines, too long to be told here", list->n);

	if (list->n) {
		*list = (struct texts){ 0 };
		*vec_push(list, a) = line;
	}
}

const char *reflock_message(const struct reflock *l, const char *drawn, struct arena *a)
{
	autofree(buf) struct buf out = BUF_INIT(MESSAGE_MAX);
	struct reflock shorter = *l;

	write_link(&out, l, drawn);
	if (out.over) {
		in_one_line(&shorter.lines, a);
		in_one_line(&shorter.accepted, a);
		buf_done(&out);
		out = (struct buf)BUF_INIT(MESSAGE_MAX);
		write_link(&out, &shorter, drawn);
	}
	return arena_strdup(a, out.over ? "" : out.s);
}

/* ---- judging ------------------------------------------------------------------------------------------------------ */

enum reflock_state reflock_state(const struct reflock *l, struct when server)
{
	if (!l->sha)
		return REFLOCK_FREE;
	if (l->damage)
		return REFLOCK_DAMAGED;
	if (!l->held)
		return REFLOCK_FREE;
	if (when_known(l->expires) && when_diff(server, l->expires) > REFLOCK_GRACE)
		return REFLOCK_EXPIRED;
	return REFLOCK_HELD;
}

#define AGE_LEAST INT64_C(1500000000) /* seconds; a commit that is dated before is dated wrongly */
#define AGE_MOST  INT64_C(9000000000)

int64_t reflock_next_epoch(const struct reflock *l)
{
	int64_t age = when_known(l->committed) ? l->committed.ms / 1000 : 0;
	int64_t known = l->epoch > 0 && l->epoch < AGE_MOST ? l->epoch : 0;

	if (!l->damage)
		return l->epoch + 1;
	age = age < AGE_LEAST || age > AGE_MOST ? AGE_LEAST : age;
	return (known > age ? known : age) + 1;
}

bool reflock_is_of(const struct reflock *l, const char *who, const char *host)
{
	return l->sha && !l->damage && who && *who && text_eq(l->who, who) &&
	       text_eq(l->host, host ? host : "?");
}

/* "2026-11-21 07:00Z", without the day that was told already. */
static const char *minute_of(struct when w, struct when told, struct arena *a)
{
	char iso[WHEN_TEXT], before[WHEN_TEXT], hhmm[WHEN_TEXT];

	when_iso(w, iso);
	when_iso(told, before);
	when_hhmm(w, hhmm);
	if (strncmp(iso, before, 10) == 0)
		return arena_strdup(a, hhmm);
	return arena_printf(a, "%.10s %s", iso, hhmm);
}

const char *reflock_words(const struct reflock *l, struct arena *a)
{
	if (l->damage)
		return l->damage;
	return arena_printf(a, "%s (%s), since %s, %s%s%s%s", l->who, l->host,
			    minute_of(l->created, WHEN_NONE, a),
			    when_known(l->expires) ? "until " : "until it is released",
			    when_known(l->expires) ? minute_of(l->expires, l->created, a) : "",
			    *l->purpose ? ": " : "", l->purpose);
}
