/*
 * check_parts.c - the rules of each part of a lane: what one part contradicts in itself.
 */
#include "core/profile/check.h"

#include "base/cron.h"
#include "base/text.h"
#include "core/model/model.h"

#include <string.h>

#include <regex.h>

enum {
	LABEL_MAX = 50,       /* of the forge */
	WAIT_MAX = 43200,     /* minutes, of the forge: 30 days */
	QUEUE_MAX = 100,      /* of the forge, with queue: max */
	ROUNDS_MAX = 10,      /* nobody approves one release more often */
	HOURS_MAX = 24 * 366, /* older than a year is not fresh by anybody's rule */
	EXPRESSION_MAX = 256, /* bytes of a tag's grammar */
	REPEAT_MAX = 64, /* {n,m} of a grammar, all of them multiplied: what it is compiled to grows so */
	GROUPS_MAX = 16,
};

/* ---- input ---- */

static bool fits_type(const struct profile_input *in)
{
	static const char digits[] = "0123456789";

	if (!in->value || strchr(in->value, '{'))
		return true;
	if (in->type == INPUT_BOOLEAN)
		return strcmp(in->value, "true") == 0 || strcmp(in->value, "false") == 0;
	if (in->type == INPUT_NUMBER)
		return *in->value && in->value[strspn(in->value, digits)] == 0;
	return in->type != INPUT_CHOICE || check_in(in->choices, in->value);
}

static int check_type(const struct profile_input *in, const struct yaml *map, struct err *e)
{
	if (in->type == INPUT_CHOICE && !check_given(map, "choices"))
		return yaml_error(e, map, "input %s: a choice needs choices", in->name);
	if (in->type != INPUT_CHOICE && check_given(map, "choices"))
		return yaml_error(e, check_at(map, "choices"), "choices need type: choice");
	if (!fits_type(in))
		return yaml_error(e, check_at(map, "value"), "%s is no %s here", in->value,
				  names_word(&input_type_names, in->type));
	if (in->exception && !in->value)
		return yaml_error(e, check_at(map, "exception"), "exception needs a value to differ from");
	return 0;
}

int profile_check_input(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_input *in = object;
	int r;

	(void)a;
	if (strchr(in->name, '=') || strchr(in->name, ' '))
		return yaml_error(e, check_at(map, "name"), "%s is no name of an input", in->name);
	if (in->pattern && in->value && !strchr(in->value, '{') && !text_glob(in->pattern, in->value))
		return yaml_error(e, check_at(map, "value"), "%s does not match the pattern %s", in->value,
				  in->pattern);
	r = check_template(check_at(map, "value"), in->value, ALL_WORDS, e);
	return r == 0 ? check_type(in, map, e) : r;
}

/* ---- needs ---- */

int profile_check_value(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_value *v = object;
	int r = check_pointer(check_at(map, "pointer"), v->pointer, e);

	(void)a;
	if (r == 0 && v->equals && (v->is == VALUE_OBJECT || v->is == VALUE_LIST))
		r = yaml_error(e, check_at(map, "equals"), "%s is compared with no text",
			       names_word(&value_kind_names, v->is));
	return r == 0 ? check_template(check_at(map, "equals"), v->equals, NO_NONCE, e) : r;
}

static const struct kind_keys need_rules[] = {
	[NEED_OTHER] = { "", "" },
	[NEED_RELEASE] = { "", "" },
	[NEED_ASSET] = { "name files", "values workflow" },
	[NEED_ARTIFACT] = { "artifact", "name workflow branch entry values" },
	[NEED_FRESH] = { "workflow max_age_h", "name branch artifact" },
	[NEED_FILE] = { "files", "name ref absent values" },
	[NEED_LABEL] = { "name", "absent" },
	[NEED_TAG] = { "name", "absent" },
};

static int check_need_files(const struct profile_need *n, const struct yaml *map, struct err *e)
{
	unsigned allowed = n->kind == NEED_ASSET ? W(RELEASE) | W(VERSION) : NO_NONCE;
	int r = check_templates(map, "files", allowed, e);

	yaml_each(it, yaml_get(map, "files"))
	{
		if (r == 0 && n->kind == NEED_ASSET && strchr(it->scalar, '/'))
			r = yaml_error(e, it, "%s is no name of an asset", it->scalar);
		if (r == 0)
			r = check_path(map, "files", it->scalar, e);
	}
	return r;
}

static int check_need_texts(const struct profile_need *n, const struct yaml *map, struct err *e)
{
	int r = check_template(check_at(map, "name"), n->name, NO_NONCE, e);

	if (r == 0)
		r = check_workflow(check_at(map, "workflow"), n->workflow, e);
	if (r == 0)
		r = check_template(check_at(map, "artifact"), n->artifact, NO_NONCE, e);
	if (r == 0)
		r = check_template(check_at(map, "ref"), n->ref, NO_NONCE, e);
	if (r == 0)
		r = check_plain_ref(map, "branch", n->branch, e);
	return r == 0 ? check_template(check_at(map, "fix"), n->fix, NO_NONCE, e) : r;
}

static int check_need_sense(const struct profile_need *n, const struct yaml *map, struct err *e)
{
	if (n->absent && n->values.n)
		return yaml_error(e, check_at(map, "values"), "what must be absent holds no values");
	if (n->kind == NEED_ARTIFACT && n->values.n && !n->entry)
		return yaml_error(e, check_at(map, "values"), "values need entry: the file that holds them");
	if (n->kind == NEED_ARTIFACT && n->entry && !n->values.n)
		return yaml_error(e, check_at(map, "entry"), "entry needs values: what it must hold");
	if (n->kind == NEED_FRESH)
		return check_range(map, "max_age_h", n->max_age_h, 1, HOURS_MAX, e);
	return 0;
}

static const char *need_name(const struct profile_need *n)
{
	if (n->name)
		return n->name;
	if (n->kind == NEED_ARTIFACT)
		return n->artifact;
	if (n->kind == NEED_FRESH)
		return n->workflow;
	return n->kind == NEED_FILE ? n->files[0] : NULL;
}

int profile_check_need(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_need *n = object;
	int r;

	(void)a;
	if (n->kind == NEED_OTHER)
		return yaml_error(e, check_at(map, "kind"),
				  "need: kind must be release, asset, artifact, fresh, file, label or tag");
	r = check_kind(map, "need", names_word(&need_kind_names, n->kind), &need_rules[n->kind],
		       "kind informs replay fix", e);
	if (r == 0)
		r = check_need_files(n, map, e);
	if (r == 0)
		r = check_need_texts(n, map, e);
	if (r == 0)
		r = check_need_sense(n, map, e);
	if (r == 0)
		n->name = need_name(n);
	return r;
}

/* ---- runs ---- */

int profile_check_stage(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_stage *s = object;

	(void)a;
	if (!s->jobs || !s->jobs[0])
		return yaml_error(e, check_at(map, "jobs"), "stage %s: jobs is missing", s->name);
	return 0;
}

int profile_check_follow(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_follow *f = object;
	int r = check_workflow(check_at(map, "workflow"), f->workflow, e);

	(void)a;
	if (!f->name)
		f->name = f->workflow;
	if (!f->window_min && !check_given(map, "window_min"))
		f->window_min = 60;
	if (r == 0)
		r = check_range(map, "window_min", f->window_min, 1, 1440, e);
	return r == 0 ? check_template(check_at(map, "ref"), f->ref, NO_NONCE, e) : r;
}

static int check_cron(const struct yaml *map, const char *cron, struct err *e)
{
	struct when last;

	/* Any time will do: it is about how it reads. */
	if (cron && cron_last(&last, cron, (struct when){ INT64_C(1800000000000) }) < 0)
		return yaml_error(e, check_at(map, "cron"), "%s is no schedule of five fields", cron);
	return 0;
}

static int check_expected(const struct profile_expect *x, const struct yaml *map, struct err *e)
{
	static const struct {
		int kind;
		const char *key;
	} needs[] = {
		{ EXPECT_PUSH, "branch" },
		{ EXPECT_SCHEDULE, "cron" },
		{ EXPECT_RUN, "from" },
	};

	if (x->kind == EXPECT_OTHER)
		return yaml_error(e, map, "expects needs a kind: push, schedule or run");
	for (size_t i = 0; i < countof(needs); i++) {
		const char *key = needs[i].key;
		bool own = x->kind == needs[i].kind;

		if (own && !check_given(map, key))
			return yaml_error(e, map, "expects of kind %s needs %s",
					  names_word(&expect_kind_names, x->kind), key);
		if (!own && needs[i].kind != EXPECT_PUSH && check_given(map, key))
			return yaml_error(e, check_at(map, key), "expects of kind %s has no %s",
					  names_word(&expect_kind_names, x->kind), key);
	}
	return 0;
}

int profile_check_expect(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_expect *x = object;
	int r = check_expected(x, map, e);

	(void)a;
	if (r == 0)
		r = check_workflow(check_at(map, "workflow"), x->workflow, e);
	if (r == 0)
		r = check_workflow(check_at(map, "from"), x->from, e);
	if (r == 0)
		r = check_cron(map, x->cron, e);
	if (r < 0 || !check_given(map, "within_min"))
		return r;
	return check_range(map, "within_min", x->within_min, 1, 1440, e);
}

int profile_check_meaning(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_meaning *m = object;

	(void)a;
	if (m->means == MEANS_OTHER)
		return yaml_error(e, check_at(map, "means"),
				  "meaning: means must be skipped, not-required, warned or vacuous");
	if (check_given(map, "conclusion") && m->conclusion == CONCLUSION_OTHER)
		return yaml_error(e, check_at(map, "conclusion"), "conclusion must be one of the forge's");
	if (m->whole && m->means == MEANS_WARNED)
		return yaml_error(e, check_at(map, "whole"), "a run that warned did its work");
	if (!m->words)
		m->words = names_word(&meaning_kind_names, m->means);
	return 0;
}

static int check_disjoint(const struct profile_decision *d, const struct yaml *map, struct err *e)
{
	static const char *const keys[] = { "no", "na" };

	for (size_t i = 0; i < countof(keys); i++) {
		yaml_each(it, yaml_get(map, keys[i]))
		{
			if (check_in(d->yes, it->scalar) || (i && check_in(d->no, it->scalar)))
				return yaml_error(e, it, "%s has two meanings", it->scalar);
		}
	}
	return 0;
}

static const struct kind_keys decision_rules[] = {
	{ "artifact entry pointers yes", "reasons" },
	{ "job yes", "" },
};

int profile_check_decision(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_decision *d = object;
	int r = check_kind(map, "decision", d->job ? "log" : "artifact", &decision_rules[d->job != NULL],
			   "name no na stage", e);

	(void)a;
	if (r == 0)
		r = check_template(check_at(map, "artifact"), d->artifact, NO_NONCE, e);
	if (r == 0)
		r = check_pointers(map, "pointers", e);
	if (r == 0)
		r = check_pointer(check_at(map, "reasons"), d->reasons, e);
	return r == 0 ? check_disjoint(d, map, e) : r;
}

/* ---- shared ground ---- */

/* A group is named as its workflow file names it: the forge's own expressions stand in it as they are. */
static int check_group(const struct yaml *where, const char *group, struct arena *a, struct err *e)
{
	const char *rest = "", *at;

	while (group && (at = strstr(group, "${{")) != NULL) {
		const char *end = strstr(at, "}}");

		if (!end)
			return yaml_error(e, where, "the expression in %s never ends", group);
		rest = arena_printf(a, "%s%.*s", rest, (int)(at - group), group);
		group = end + 2;
	}
	return check_template(where, arena_printf(a, "%s%s", rest, group ? group : ""),
			      W(RELEASE) | W(REF) | W(SHA) | W(VERSION) | W(REPO), e);
}

int profile_check_lock(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_lock *l = object;
	int r = check_group(check_at(map, "group"), l->group, a, e);

	if (!check_given(map, "queue"))
		l->queue = 1;
	if (r == 0)
		r = check_range(map, "queue", l->queue, 1, QUEUE_MAX, e);
	if (r == 0 && l->cancels && l->queue > 1)
		r = yaml_error(e, check_at(map, "queue"), "nobody queues for what a newcomer cancels");
	return r == 0 ? check_workflows(map, "workflows", e) : r;
}

int profile_check_approval(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_approval *p = object;
	int r;

	(void)a;
	if (!check_given(map, "rounds"))
		p->rounds = 1;
	if (!check_given(map, "wanted"))
		p->wanted = 1;
	r = check_range(map, "rounds", p->rounds, 1, ROUNDS_MAX, e);
	if (r == 0)
		r = check_range(map, "wanted", p->wanted, 1, ROUNDS_MAX, e);
	if (r == 0)
		r = check_range(map, "signatures", p->signatures, 0, ROUNDS_MAX, e);
	return r == 0 ? check_range(map, "wait_min", p->wait_min, 0, WAIT_MAX, e) : r;
}

int check_site_path(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (!s || (*s == '/' && s[1] != '/' && !strchr(s, ' ') && !strstr(s, "..")))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is no path below a site: it begins with one slash", s);
}

int profile_check_knob(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_knob *k = object;
	int r = check_pair(map, "file", "pointer", e);

	(void)a;
	if (r == 0)
		r = check_pair(map, "live", "key", e);
	if (r == 0 && !k->file && !k->live)
		r = yaml_error(e, map, "knob %s: file and pointer, or live and key, are missing", k->name);
	if (r == 0 && k->file)
		r = strchr(k->file, '/') ? check_path(map, "file", k->file, e)
					 : check_workflow(check_at(map, "file"), k->file, e);
	if (r == 0)
		r = check_pointer(check_at(map, "pointer"), k->pointer, e);
	if (r == 0)
		r = check_site_path(map, "live", k->live, e);
	if (r == 0 && k->order && !check_in(k->order, k->declared))
		r = yaml_error(e, check_at(map, "order"), "%s, which is declared, is not in the order",
			       k->declared);
	return r;
}

/* ---- what runs ---- */

/* What {n,m} multiply to; -1: braces that are no repetition, or too much of it. */
static int repetitions(const char *s)
{
	int all = 1;

	for (; *s; s++) {
		int n = 0;

		if (*s == '\\' && s[1]) {
			s++;
			continue;
		}
		if (*s != '{')
			continue;
		for (s++; *s && *s != '}'; s++) {
			n = *s == ',' ? 0 : n * 10 + (*s - '0');
			if ((*s != ',' && (*s < '0' || *s > '9')) || n > REPEAT_MAX)
				return -1;
		}
		all *= n > 0 ? n : 1;
		if (!*s || all > REPEAT_MAX * REPEAT_MAX)
			return -1;
	}
	return all;
}

static bool has_back_reference(const char *s)
{
	for (; *s; s++)
		if (*s == '\\' && *++s >= '1' && *s <= '9')
			return true;
	return false;
}

static int check_expression(const struct profile_grammar *g, const struct yaml *where, size_t *groups,
			    struct err *e)
{
	char why[128];
	regex_t re;
	int r;

	if (strlen(g->tag) > EXPRESSION_MAX)
		return yaml_error(e, where, "the expression is longer than %d bytes", EXPRESSION_MAX);
	if (repetitions(g->tag) < 0)
		return yaml_error(e, where, "the expression repeats too much");
	if (has_back_reference(g->tag))
		return yaml_error(e, where, "the expression has a back reference");
	r = regcomp(&re, g->tag, REG_EXTENDED);
	if (r != 0) {
		regerror(r, &re, why, sizeof(why));
		return yaml_error(e, where, "the expression does not compile: %s", why);
	}
	*groups = re.re_nsub;
	regfree(&re);
	return 0;
}

int profile_check_grammar(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_grammar *g = object;
	const struct yaml *groups = yaml_get(map, "groups");
	unsigned seen = 0;
	size_t n = 0;
	int r = check_expression(g, check_at(map, "tag"), &n, e);

	(void)a;
	if (r != 0)
		return r;
	if ((size_t)(groups ? groups->n : 0) != n || n > GROUPS_MAX)
		return yaml_error(e, check_at(map, "groups"),
				  "the expression has %zu groups and %d are named", n,
				  groups ? groups->n : 0);
	yaml_each(it, groups)
	{
		int which = profile_group(it->scalar);

		if (which < 0)
			return yaml_error(e, it, "a group is version, date, time, sha or skip, not %s",
					  it->scalar);
		if (which != GROUP_SKIP && (seen & (1u << which)))
			return yaml_error(e, it, "%s is here twice", it->scalar);
		seen |= 1u << which;
	}
	if (!(seen & ~(1u << GROUP_SKIP)))
		return yaml_error(e, check_at(map, "groups"), "a grammar that keeps nothing");
	return 0;
}

int profile_check_component(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_component *c = object;

	(void)a;
	return check_pointer(check_at(map, "pointer"), c->pointer, e);
}

static const struct kind_keys probe_rules[] = {
	[PROBE_OTHER] = { "", "" },
	[PROBE_DEPLOYMENTS] = { "environment components", "declared_artifact declared_entry declared" },
	[PROBE_URL] = { "pointer", "url run_pointer run_like" },
	[PROBE_PINS] = { "files pointers ref", "subject" },
	[PROBE_IMAGE] = { "image tag", "realm" },
};

int check_url(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (!s || (!strchr(s, ' ') && (text_starts(s, "https://") || text_starts(s, "http://127.0.0.1") ||
				       text_starts(s, "http://[::1]"))))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is no URL: https, or http to this machine", s);
}

/* What was declared goes by the same names as what runs, or nothing can be compared. */
static int check_declared(const struct profile_probe *p, const struct yaml *map, struct err *e)
{
	int r = check_pair(map, "declared_artifact", "declared_entry", e);

	if (r == 0)
		r = check_pair(map, "declared_artifact", "declared", e);
	yaml_each(it, yaml_get(map, "declared"))
	{
		const char *name = yaml_str(it, "name", "");
		bool found = false;

		vec_each (c, &p->components)
			found |= strcmp(c->name, name) == 0;
		if (r == 0 && !found)
			r = yaml_error(e, it, "%s is not among the components", name);
	}
	if (r == 0)
		r = check_twice(yaml_get(map, "components"), "name", e);
	if (r == 0)
		r = check_twice(yaml_get(map, "declared"), "name", e);
	return r == 0 ? check_template(check_at(map, "declared_artifact"), p->declared_artifact, NO_NONCE, e)
		      : r;
}

static int check_probe_url(const struct profile_probe *p, const struct yaml *map, struct err *e)
{
	int r = p->url && *p->url == '/' ? check_site_path(map, "url", p->url, e)
					 : check_url(map, "url", p->url, e);

	if (r == 0)
		r = check_pointer(check_at(map, "pointer"), p->pointer, e);
	if (r == 0)
		r = check_pointer(check_at(map, "run_pointer"), p->run_pointer, e);
	if (r == 0 && p->run_like && !p->run_pointer)
		r = yaml_error(e, check_at(map, "run_like"), "run_like needs run_pointer");
	return r == 0 ? check_once(check_at(map, "run_like"), "run_like", p->run_like, "{run}", e) : r;
}

int profile_check_probe(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_probe *p = object;
	int r;

	(void)a;
	if (p->kind == PROBE_OTHER)
		return yaml_error(e, check_at(map, "kind"),
				  "probe: kind must be deployments, url, pins or image");
	r = check_kind(map, "probe", names_word(&probe_kind_names, p->kind), &probe_rules[p->kind],
		       "kind name platform", e);
	if (r == 0)
		r = check_probe_url(p, map, e);
	if (r == 0)
		r = check_url(map, "realm", p->realm, e);
	if (r == 0)
		r = check_pointers(map, "pointers", e);
	if (r == 0)
		r = check_plain_ref(map, "ref", p->ref, e);
	if (r == 0)
		r = check_template(check_at(map, "image"), p->image, W(REPO), e);
	return r == 0 ? check_declared(p, map, e) : r;
}

/* ---- ways to act ---- */

int profile_check_replay(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_replay *p = object;
	int r = check_workflow(check_at(map, "workflow"), p->workflow, e);

	(void)a;
	if (r == 0)
		r = check_workflows(map, "aliases", e);
	if (r == 0)
		r = check_plain_ref(map, "ref", p->ref, e);
	if (r == 0)
		r = check_template(check_at(map, "package"), p->package, ONLY_RELEASE, e);
	return r == 0 ? check_once(check_at(map, "package"), "package", p->package, "{release}", e) : r;
}

int profile_check_release_pr(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	static const char *const methods[] = { "merge", "squash", "rebase", NULL };
	struct profile_release_pr *p = object;
	int r = check_plain_ref(map, "head", p->head, e);

	(void)a;
	if (r == 0)
		r = check_plain_ref(map, "base", p->base, e);
	if (r == 0 && strcmp(p->head, p->base) == 0)
		r = yaml_error(e, check_at(map, "base"), "head and base are the same branch");
	if (r == 0)
		r = check_template(check_at(map, "title"), p->title, W(SHA) | W(SHA7), e);
	if (r == 0 && !strchr(p->title, '{'))
		r = yaml_error(e, check_at(map, "title"), "title must hold {sha} or {sha7}");
	if (!p->method)
		p->method = methods[0];
	if (r == 0 && !check_in(methods, p->method))
		r = yaml_error(e, check_at(map, "method"), "method must be merge, squash or rebase");
	return r;
}

int profile_check_label(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_label *l = object;

	(void)a;
	if (!l->words)
		l->words = l->name;
	if (strlen(l->name) <= LABEL_MAX && !strchr(l->name, ','))
		return 0;
	return yaml_error(e, check_at(map, "name"), "%s is no label: at most %d bytes and no comma", l->name,
			  LABEL_MAX);
}

/* ---- freeze ---- */

static const struct kind_keys freeze_rules[] = {
	[FREEZE_OTHER] = { "", "" },
	[FREEZE_TAG] = { "name", "" },
	[FREEZE_LABEL] = { "name", "" },
	[FREEZE_FILE] = { "path pointer ref", "expires override_path override_pointer override_expires" },
};

static int check_freeze_pointers(const struct profile_freeze *f, const struct yaml *map, struct err *e)
{
	int r = check_pair(map, "override_path", "override_pointer", e);

	if (r == 0 && f->override_expires && !f->override_path)
		r = yaml_error(e, check_at(map, "override_expires"), "override_expires needs override_path");
	if (r == 0)
		r = check_pointer(check_at(map, "pointer"), f->pointer, e);
	if (r == 0)
		r = check_pointer(check_at(map, "expires"), f->expires, e);
	if (r == 0)
		r = check_pointer(check_at(map, "override_pointer"), f->override_pointer, e);
	return r == 0 ? check_pointer(check_at(map, "override_expires"), f->override_expires, e) : r;
}

int profile_check_freeze(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_freeze *f = object;
	int r;

	(void)a;
	if (f->kind == FREEZE_OTHER)
		return yaml_error(e, check_at(map, "kind"), "freeze: kind must be tag, label or file");
	r = check_kind(map, "freeze", names_word(&freeze_kind_names, f->kind), &freeze_rules[f->kind], "kind",
		       e);
	if (r == 0)
		r = check_path(map, "path", f->path, e);
	if (r == 0)
		r = check_path(map, "override_path", f->override_path, e);
	if (r == 0)
		r = check_plain_ref(map, "ref", f->ref, e);
	if (r == 0 && f->kind == FREEZE_TAG)
		r = check_plain_ref(map, "name", f->name, e);
	return r == 0 ? check_freeze_pointers(f, map, e) : r;
}
