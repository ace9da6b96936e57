#include "core/engine/plandoc.h"

#include "base/json_canonical.h"
#include "base/text.h"
#include "core/engine/ways.h"

#include <string.h>

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static void kraw(struct jw *w, const char *key, const char *value)
{
	jw_key(w, key);
	if (value)
		jw_raw_str(w, value);
	else
		jw_null(w);
}

static int write_profile(struct jw *w, const struct ask *k, struct err *e)
{
	autofree(buf) struct buf said = BUF_INIT(PLAN_DOCUMENT_MAX), form = BUF_INIT(PLAN_DOCUMENT_MAX);
	char hex[DIGEST_HEX];
	struct jw inner;
	int r;

	jw_init(&inner, &said);
	profile_json(&inner, k->plan.profile);
	r = json_canonical_text(&form, said.n ? said.s : "", said.n, e);
	if (r < 0)
		return r;
	k->acts->en->o.sha256(form.s, form.n, hex);
	jw_kopen(w, "profile", '{');
	kraw(w, "name", k->plan.profile->name);
	kraw(w, "sha256", hex);
	jw_close(w, '}');
	return 0;
}

static void write_requests(struct jw *w, const struct plan *p)
{
	jw_kopen(w, "requests", '[');
	vec_each (s, &p->steps) {
		jw_open(w, '{');
		kraw(w, "request", s->request);
		kraw(w, "body", s->body);
		kraw(w, "what", s->words);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static const char *state_word(enum fact_state s)
{
	switch (s) {
	case FACT_OK:
		return "ok";
	case FACT_ABSENT:
		return "absent";
	case FACT_UNREAD:
		return "not read";
	case FACT_FAILED:
		break;
	}
	return "not readable";
}

static void write_facts(struct jw *w, const struct facts *fs)
{
	jw_kopen(w, "relies_on", '{');
	vec_each (f, fs) {
		if (!f->pinned)
			continue;
		jw_kopen(w, f->name, '{');
		kraw(w, "state", state_word(f->state));
		kraw(w, "value", f->state == FACT_OK && f->value ? f->value : "");
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static void write_limits(struct jw *w, const struct profile_lane *l)
{
	jw_kopen(w, "limits", '{');
	jw_kint(w, "facts_ms", PLAN_FACTS_MAX_AGE);
	jw_kopen(w, "needs", '{');
	vec_each (n, &l->needs)
		if (n->max_age_h)
			jw_kint(w, n->name, n->max_age_h);
	jw_close(w, '}');
	jw_close(w, '}');
}

static int write_document(struct jw *w, const struct ask *k, struct err *e)
{
	const struct plan *p = &k->plan;
	struct arena a = ARENA_INIT;
	int r;

	jw_open(w, '{');
	kraw(w, "format", PLAN_FORMAT);
	kraw(w, "api", k->acts->en->o.api);
	kraw(w, "repo", p->repo);
	kraw(w, "lane", p->lane->name);
	kraw(w, "act", p->act);
	kraw(w, "command", command_line(&k->cmd, &a));
	kraw(w, "confirm", p->confirm);
	jw_kbool(w, "production", p->lane->production);
	kraw(w, "release", p->release);
	kraw(w, "sha", p->sha);
	r = write_profile(w, k, e);
	write_requests(w, p);
	write_facts(w, &p->facts);
	write_limits(w, p->lane);
	jw_close(w, '}');
	arena_done(&a);
	return r;
}

int plan_name(struct ask *k, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(PLAN_DOCUMENT_MAX), form = BUF_INIT(PLAN_DOCUMENT_MAX);
	struct jw w;
	int r;

	jw_init(&w, &text);
	r = write_document(&w, k, e);
	if (r >= 0 && text.over)
		r = err_set(e, ERR_INVALID, "the plan is larger than %d MiB", (int)(PLAN_DOCUMENT_MAX >> 20));
	if (r >= 0)
		r = json_canonical_text(&form, text.s, text.n, e);
	if (r < 0)
		return r;
	k->acts->en->o.sha256(form.s, form.n, k->plan.id);
	k->plan.document = arena_strndup(&k->arena, form.s, form.n);
	return 0;
}

bool plan_is_name(const char *given)
{
	size_t n = strlen(given);

	return n >= PLAN_SHOWN && n < DIGEST_HEX && strspn(given, "0123456789abcdef") == n;
}

bool plan_is_named(const char *id, const char *given)
{
	return given && plan_is_name(given) && text_starts(id, given);
}

/* ---- comparing ------------------------------------------------------------------------------------------------------- */

struct differing {
	struct plan_lines *out;
	struct arena *a;
};

static const char *words_of(const struct json *j, struct arena *a)
{
	autofree(buf) struct buf out = BUF_INIT(PLAN_DOCUMENT_MAX);

	if (!j)
		return "nothing";
	if (json_type(j) == JSON_STRING)
		return *json_str(j, "") ? arena_strdup(a, json_str(j, "")) : "nothing";
	json_dump(&out, j);
	return arena_strndup(a, out.s ? out.s : "", out.n);
}

static void differ(struct differing *d, const char *path, const struct json *was, const struct json *is);

static const char *below(struct differing *d, const char *path, const char *key)
{
	return *path ? arena_printf(d->a, "%s.%s", path, key) : key;
}

/* json_get() reads a dot in a key as a path. */
static const struct json *member(const struct json *object, const char *key)
{
	const struct json *value;
	const char *name;

	for (size_t i = 0; (value = json_member(object, i, &name)); i++)
		if (!strcmp(name, key))
			return value;
	return NULL;
}

static void differ_objects(struct differing *d, const char *path, const struct json *was,
			   const struct json *is)
{
	const struct json *value;
	const char *key;

	for (size_t i = 0; (value = json_member(was, i, &key)); i++)
		differ(d, below(d, path, key), value, member(is, key));
	for (size_t i = 0; (value = json_member(is, i, &key)); i++)
		if (!member(was, key))
			differ(d, below(d, path, key), NULL, value);
}

static void differ_arrays(struct differing *d, const char *path, const struct json *was,
			  const struct json *is)
{
	size_t n = json_size(was) > json_size(is) ? json_size(was) : json_size(is);

	for (size_t i = 0; i < n; i++)
		differ(d, arena_printf(d->a, "%s[%zu]", path, i), json_at(was, i), json_at(is, i));
}

/* A body or an environment's rules are JSON in a text: what differs is in there. */
static bool differ_texts(struct differing *d, const char *path, const struct json *was, const struct json *is)
{
	autofree(json) struct json *a = NULL, *b = NULL;
	const char *s = json_str(was, ""), *t = json_str(is, "");

	if (!s || !t || *s != '{' || *t != '{' || json_parse(&a, s, strlen(s), PLAN_DOCUMENT_MAX, NULL) < 0 ||
	    json_parse(&b, t, strlen(t), PLAN_DOCUMENT_MAX, NULL) < 0)
		return false;
	differ_objects(d, path, a, b);
	return true;
}

static bool are_equal(const struct json *was, const struct json *is, struct arena *a)
{
	return was && is && json_type(was) == json_type(is) && text_eq(words_of(was, a), words_of(is, a));
}

static void differ(struct differing *d, const char *path, const struct json *was, const struct json *is)
{
	if (are_equal(was, is, d->a))
		return;
	if (json_type(was) == JSON_OBJECT && json_type(is) == JSON_OBJECT)
		differ_objects(d, path, was, is);
	else if (json_type(was) == JSON_ARRAY && json_type(is) == JSON_ARRAY)
		differ_arrays(d, path, was, is);
	else if (!differ_texts(d, path, was, is))
		*(const char **)vec_push(d->out, d->a) =
			arena_printf(d->a, "%s: %s -> %s", path, words_of(was, d->a), words_of(is, d->a));
}

static const char *fact_words(const struct json *f, struct arena *a)
{
	const char *state = json_str(f, "state");

	return text_eq(state, "ok") ? words_of(json_get(f, "value"), a) : words_of(json_get(f, "state"), a);
}

static void fact_moved(struct differing *d, const char *name, const struct json *was, const struct json *is)
{
	const char *from = fact_words(was, d->a), *to = fact_words(is, d->a);
	struct plan_lines inner = { 0 };
	struct differing deeper = { &inner, d->a };

	if (text_eq(json_str(was, "state"), json_str(is, "state")) &&
	    differ_texts(&deeper, "", json_get(was, "value"), json_get(is, "value")) && inner.n) {
		vec_each (line, &inner)
			*(const char **)vec_push(d->out, d->a) =
				arena_printf(d->a, "%s moved: %s", name, *line);
		return;
	}
	*(const char **)vec_push(d->out, d->a) = arena_printf(d->a, "%s moved: %s -> %s", name, from, to);
}

static void differ_facts(struct differing *d, const struct json *was, const struct json *is)
{
	const struct json *value;
	const char *key;

	for (size_t i = 0; (value = json_member(was, i, &key)); i++) {
		const struct json *now = member(is, key);

		if (!now)
			*(const char **)vec_push(d->out, d->a) = arena_printf(
				d->a, "%s was %s and is not known now", key, fact_words(value, d->a));
		else if (!are_equal(value, now, d->a))
			fact_moved(d, key, value, now);
	}
	for (size_t i = 0; (value = json_member(is, i, &key)); i++)
		if (!member(was, key))
			*(const char **)vec_push(d->out, d->a) =
				arena_printf(d->a, "%s is new: %s", key, fact_words(value, d->a));
}

static bool is_document(const char *text, struct json **out)
{
	return text && json_parse(out, text, strlen(text), PLAN_DOCUMENT_MAX, NULL) == 0 &&
	       json_type(*out) == JSON_OBJECT && json_type(json_get(*out, "relies_on")) == JSON_OBJECT;
}

void plan_diff(const char *was, const char *is, struct plan_lines *out, struct arena *a)
{
	autofree(json) struct json *x = NULL, *y = NULL;
	struct differing d = { out, a };
	const struct json *value;
	const char *key;

	if (!is_document(was, &x) || !is_document(is, &y)) {
		*(const char **)vec_push(out, a) = "one of them is no plan";
		return;
	}
	differ_facts(&d, json_get(x, "relies_on"), json_get(y, "relies_on"));
	for (size_t i = 0; (value = json_member(x, i, &key)); i++)
		if (strcmp(key, "relies_on") != 0)
			differ(&d, key, value, member(y, key));
	for (size_t i = 0; (value = json_member(y, i, &key)); i++)
		if (!member(x, key))
			differ(&d, key, NULL, value);
}
