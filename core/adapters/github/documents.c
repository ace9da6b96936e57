#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/text.h"

enum { MAX_TEXT = 8 << 20, MAX_PAYLOAD = 65536 };

/* The text of a JSON value as a value of the arena. */
static const char *keep(struct buf *b, struct arena *a)
{
	const char *s = arena_strndup(a, b->s, b->n);

	buf_done(b);
	return s;
}

static void put_str(struct jw *w, const char *key, const struct json *j, const char *path)
{
	jw_key(w, key);
	if (json_str(j, path))
		jw_raw_str(w, json_str(j, path));
	else
		jw_null(w);
}

static void put_int(struct jw *w, const char *key, const struct json *j, const char *path)
{
	jw_key(w, key);
	if (json_type(json_get(j, path)) == JSON_INT)
		jw_int(w, json_int(j, path, 0));
	else
		jw_null(w);
}

static void put_bool(struct jw *w, const char *key, const struct json *j, const char *path)
{
	jw_key(w, key);
	if (json_type(json_get(j, path)) == JSON_BOOL)
		jw_bool(w, json_bool(j, path, false));
	else
		jw_null(w);
}

/* An absent or null array is empty; anything else that is no array is damage. */
static int array_of(const struct json **out, const struct json *j, const char *path, struct err *e)
{
	enum json_type t;

	*out = json_get(j, path);
	t = json_type(*out);
	if (t == JSON_NULL)
		*out = NULL;
	if (t != JSON_ARRAY && t != JSON_NULL && t != JSON_ABSENT)
		return err_set(e, ERR_CORRUPT, "%s is no array", path);
	return 0;
}

static size_t count(const struct json *array)
{
	return array ? json_size(array) : 0;
}

static const char *first_line(const char *text, struct arena *a)
{
	return text ? arena_strndup(a, text, strcspn(text, "\r\n")) : "";
}

/* ---- completing records ------------------------------------------------------------------------------------------- */

/* Newer answers say ".github/workflows/build.yml@main"; the file is what we compare. */
void finish_run(void *record, struct arena *a)
{
	struct run *run = record;

	if (run->path && strchr(run->path, '@'))
		run->path = arena_strndup(a, run->path, strcspn(run->path, "@"));
}

/* A place that is asked for without "refs/" is named without it too. */
void finish_ref(void *record, struct arena *a maybe_unused)
{
	struct git_ref *ref = record;

	if (ref->name && text_starts(ref->name, "refs/"))
		ref->name += strlen("refs/");
}

static void put_step(struct jw *w, const struct json *step)
{
	jw_open(w, '{');
	put_int(w, "number", step, "number");
	put_str(w, "name", step, "name");
	put_str(w, "status", step, "status");
	put_str(w, "conclusion", step, "conclusion");
	put_str(w, "started_at", step, "started_at");
	put_str(w, "completed_at", step, "completed_at");
	jw_close(w, '}');
}

static void put_asset(struct jw *w, const struct json *asset)
{
	jw_open(w, '{');
	put_str(w, "name", asset, "name");
	put_int(w, "size", asset, "size");
	put_str(w, "digest", asset, "digest");
	put_int(w, "id", asset, "id");
	put_str(w, "updated_at", asset, "updated_at");
	jw_close(w, '}');
}

/* An array of objects as JSON text, each written by `put`. */
static int array_text(const char **out, const struct json *j, const char *path,
		      void (*put)(struct jw *, const struct json *), struct arena *a, struct err *e)
{
	struct buf text = BUF_INIT(MAX_TEXT);
	const struct json *array;
	struct jw w;
	int r = array_of(&array, j, path, e);

	if (r < 0)
		return r;
	jw_init(&w, &text);
	jw_open(&w, '[');
	for (size_t i = 0; i < count(array); i++) {
		if (json_type(json_at(array, i)) != JSON_OBJECT) {
			buf_done(&text);
			return err_set(e, ERR_CORRUPT, "%s has an element that is no object", path);
		}
		put(&w, json_at(array, i));
	}
	jw_close(&w, ']');
	*out = keep(&text, a);
	return 0;
}

int complete_job(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct job *job = record;

	return array_text(&job->steps, j, "steps", put_step, a, e);
}

int complete_release(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct release *release = record;

	return array_text(&release->assets, j, "assets", put_asset, a, e);
}

/* Names at `path` or `other` of every element, joined by commas. */
static const char *joined(const struct json *array, const char *path, const char *other, struct arena *a)
{
	struct buf names = BUF_INIT(MAX_TEXT);

	for (size_t i = 0; i < count(array); i++) {
		const struct json *item = json_at(array, i);
		const char *name = json_str(item, path);

		if (!name && other)
			name = json_str(item, other);
		buf_fmt(&names, "%s%s", names.n ? "," : "", name ? name : "?");
	}
	return keep(&names, a);
}

int complete_review(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct review *review = record;
	const struct json *environments;
	int r = array_of(&environments, j, "environments", e);

	if (r >= 0)
		review->environments = joined(environments, "name", NULL, a);
	return r;
}

/* Written by workflows as an object, or as text that should have been one (both are in recordings). */
int complete_deployment(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct deployment *deployment = record;
	const struct json *payload = json_get(j, "payload");
	const char *text = json_str(payload, "");
	autofree(json) struct json *inner = NULL;
	struct buf out = BUF_INIT(MAX_PAYLOAD);

	if (text && json_parse(&inner, text, strlen(text), MAX_PAYLOAD, NULL) >= 0)
		payload = inner;
	if (json_size(payload) || (text && *text))
		json_dump(&out, payload);
	if (out.over) {
		buf_done(&out);
		return err_set(e, ERR_CORRUPT, "deployment: payload is larger than %d bytes",
			       (int)MAX_PAYLOAD);
	}
	deployment->payload = keep(&out, a);
	return 0;
}

/* A fork that is gone has no id any more. Where the forge names neither side (older servers) nothing is told. */
int complete_artifact(const struct json *j, void *record, struct arena *a maybe_unused,
		      struct err *e maybe_unused)
{
	struct artifact *artifact = record;
	int64_t ours = json_int(j, "workflow_run.repository_id", 0);

	artifact->foreign = ours && json_int(j, "workflow_run.head_repository_id", 0) != ours;
	return 0;
}

static bool is_from_fork(const struct json *j)
{
	const char *head = json_str(j, "head.repo.full_name"), *base = json_str(j, "base.repo.full_name");

	if (json_type(json_get(j, "head.repo")) == JSON_NULL)
		return true; /* a fork that is gone */
	return head && base && strcmp(head, base) != 0;
}

/* Before the merge its commit is the forge's trial, which nobody ever has. Another's branch is named with its owner, so
 * that it cannot pass for ours. */
int complete_pull(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct pull *pull = record;
	const struct json *labels;
	int r = array_of(&labels, j, "labels", e);

	if (r < 0)
		return r;
	pull->labels = joined(labels, "name", NULL, a);
	pull->merged = json_bool(j, "merged", false) || json_str(j, "merged_at") ||
		       json_str(j, "pull_request.merged_at");
	if (!pull->merged)
		pull->merge_sha = "";
	if (is_from_fork(j) && json_str(j, "head.label"))
		pull->head = arena_strdup(a, json_str(j, "head.label"));
	return 0;
}

int complete_history(const struct json *j, void *record, struct arena *a, struct err *e maybe_unused)
{
	struct history *commit = record;
	const char *login = json_str(j, "author.login");

	commit->title = first_line(json_str(j, "commit.message"), a);
	if (login)
		commit->author = arena_strdup(a, login);
	return 0;
}

int complete_git_commit(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct git_commit *commit = record;
	const struct json *parents;
	int r = array_of(&parents, j, "parents", e);

	if (r < 0)
		return r;
	commit->parent = count(parents) ? arena_strdup(a, json_str(json_at(parents, 0), "sha")) : "";
	return commit->parent ? 0 : err_set(e, ERR_CORRUPT, "commit: a parent has no sha");
}

static int timer_end(struct gate *gate, const struct json *j, struct err *e)
{
	const char *started = json_str(j, "wait_timer_started_at");
	struct when from;

	if (!started || gate->wait_timer <= 0)
		return 0;
	if (gate->wait_timer > 43200) /* minutes; the forge's own limit (github.md 1.2) */
		return err_set(e, ERR_CORRUPT, "gate: wait_timer is out of range");
	if (when_parse(&from, started) < 0)
		return err_set(e, ERR_CORRUPT, "gate: wait_timer_started_at is no time");
	gate->wait_until.ms = from.ms + gate->wait_timer * 60000;
	return 0;
}

int complete_gate(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct gate *gate = record;
	const struct json *reviewers;
	int r = array_of(&reviewers, j, "reviewers", e);

	if (r < 0)
		return r;
	gate->reviewers = joined(reviewers, "reviewer.login", "reviewer.slug", a);
	if (gate->can_approve)
		gate->why_not = "";
	else if (!count(reviewers) && gate->wait_timer > 0)
		gate->why_not = "only its timer opens it";
	else
		gate->why_not = "the forge does not let this token's user approve it";
	return timer_end(gate, j, e);
}

/* ---- documents ------------------------------------------------------------------------------------------------------ */

static int missing(struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "%s is missing", what);
}

static bool is_sha(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return (n == 40 || n == 64) && strspn(s, "0123456789abcdef") == n;
}

int document_commit(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	if (!is_sha(json_str(j, "sha")))
		return err_set(e, ERR_CORRUPT, "commit: sha is no commit id");
	out->text = arena_strdup(a, json_str(j, "sha"));
	out->text2 = first_line(json_str(j, "commit.message"), a);
	return 0;
}

static void put_commit(struct jw *w, const struct json *commit, struct arena *a)
{
	const char *login = json_str(commit, "author.login");

	jw_open(w, '{');
	put_str(w, "sha", commit, "sha");
	jw_key(w, "title");
	jw_raw_str(w, first_line(json_str(commit, "commit.message"), a));
	put_str(w, "author", commit, login ? "author.login" : "commit.author.name");
	put_str(w, "date", commit, "commit.author.date");
	jw_close(w, '}');
}

/* The forge lists them oldest first. */
int document_compare(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	struct buf text = BUF_INIT(MAX_TEXT);
	const struct json *commits;
	struct jw w;
	int r = array_of(&commits, j, "commits", e);

	out->number = json_int(j, "ahead_by", -1);
	out->number2 = json_int(j, "behind_by", -1);
	if (r < 0)
		return r;
	if (out->number < 0 || out->number2 < 0)
		return missing(e, "comparison: ahead_by or behind_by");
	jw_init(&w, &text);
	jw_open(&w, '[');
	for (size_t i = count(commits); i-- > 0;)
		put_commit(&w, json_at(commits, i), a);
	jw_close(&w, ']');
	out->cut = (uint64_t)out->number > count(commits);
	out->text = keep(&text, a);
	return 0;
}

static const struct json *rule_of(const struct json *rules, const char *type)
{
	for (size_t i = 0; i < count(rules); i++)
		if (text_eq(json_str(json_at(rules, i), "type"), type))
			return json_at(rules, i);
	return NULL;
}

static const char *branch_policy(const struct json *j)
{
	const struct json *policy = json_get(j, "deployment_branch_policy");

	if (json_type(policy) == JSON_NULL)
		return "none";
	if (json_bool(policy, "custom_branch_policies", false))
		return "custom";
	return json_bool(policy, "protected_branches", false) ? "protected" : NULL;
}

static void put_reviewers(struct jw *w, const struct json *rule)
{
	const struct json *list = json_get(rule, "reviewers");

	jw_kopen(w, "reviewers", '[');
	for (size_t i = 0; json_type(list) == JSON_ARRAY && i < json_size(list); i++) {
		const char *login = json_str(json_at(list, i), "reviewer.login");
		const char *slug = json_str(json_at(list, i), "reviewer.slug");

		jw_raw_str(w, login ? login : slug ? slug : "?");
	}
	jw_close(w, ']');
}

/* The member of a rule. No such rule among rules that can be seen: `none` as JSON; else what is not said is null, for
 * what cannot be seen is not absent. */
static void put_rule(struct jw *w, const char *key, const struct json *rules, const struct json *rule,
		     void (*put)(struct jw *, const char *, const struct json *, const char *),
		     const char *none)
{
	if (rule || !rules) {
		put(w, key, rule, key);
		return;
	}
	jw_key(w, key);
	jw_json(w, none);
}

static void put_environment(struct jw *w, const struct json *j, const struct json *rules)
{
	const struct json *people = rule_of(rules, "required_reviewers");

	jw_open(w, '{');
	put_int(w, "id", j, "id");
	put_str(w, "name", j, "name");
	put_reviewers(w, people);
	put_rule(w, "prevent_self_review", rules, people, put_bool, "false");
	put_rule(w, "wait_timer", rules, rule_of(rules, "wait_timer"), put_int, "0");
	jw_key(w, "branch_policy");
	jw_str(w, branch_policy(j));
	put_bool(w, "can_admins_bypass", j, "can_admins_bypass");
	jw_close(w, '}');
}

int document_environment(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	struct buf text = BUF_INIT(MAX_TEXT);
	const struct json *rules;
	struct jw w;
	int r = array_of(&rules, j, "protection_rules", e);

	if (r < 0)
		return r;
	if (json_int(j, "id", 0) <= 0 || !json_str(j, "name"))
		return missing(e, "environment: id or name");
	jw_init(&w, &text);
	put_environment(&w, j, rules);
	out->text = keep(&text, a);
	return 0;
}

static const struct jmap status_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "state", "state", JMAP_REQUIRED },
	{ "description", "description", 0 },
	{ "created_at", "created", 0 },
};

/* Newest first by their ids, by insertion: no order is promised, and a page is all that is read. */
static int take_statuses(const struct json *list, struct deployment_status **out, struct arena *a,
			 struct err *e)
{
	struct deployment_status *all = arena_array(a, struct deployment_status, json_size(list) + 1);

	for (size_t n = 0; n < json_size(list); n++) {
		struct deployment_status one = { 0 };
		size_t at = n;
		int r = json_map(json_at(list, n), status_map, countof(status_map), &rec_deployment_status,
				 &one, a, e);

		if (r < 0)
			return r;
		if (one.id <= 0)
			return missing(e, "deployment status: id");
		for (; at > 0 && all[at - 1].id < one.id; at--)
			all[at] = all[at - 1];
		all[at] = one;
	}
	*out = all;
	return 0;
}

static const char *url_of(const struct json *status)
{
	static const char *const keys[] = { "log_url", "target_url", "environment_url" };

	for (size_t i = 0; i < countof(keys); i++) {
		const char *url = json_str(status, keys[i]);

		if (url && *url)
			return url;
	}
	return "";
}

int document_deployment(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	struct deployment_status *all = NULL;
	int r;

	if (json_type(j) != JSON_ARRAY)
		return err_set(e, ERR_CORRUPT, "deployment statuses: they are no array");
	if (!json_size(j))
		return err_set(e, ERR_MISSING, "the deployment has no status yet");
	r = take_statuses(j, &all, a, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_size(j); i++)
		if (json_int(json_at(j, i), "id", 0) == all->id)
			out->text2 = arena_strdup(a, url_of(json_at(j, i)));
	out->text = all->state;
	out->items = all;
	out->n = json_size(j);
	return 0;
}

int document_workflow(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	out->number = json_int(j, "id", 0);
	if (out->number <= 0 || !json_str(j, "state"))
		return missing(e, "workflow: id or state");
	out->text = arena_strdup(a, json_str(j, "state"));
	out->text2 = arena_strdup(a, json_str(j, "name") ? json_str(j, "name") : "");
	return 0;
}

int document_user(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	if (!json_str(j, "login"))
		return missing(e, "user: login");
	out->text = arena_strdup(a, json_str(j, "login"));
	return 0;
}

int document_variable(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	const char *at = json_str(j, "updated_at");

	if (!json_str(j, "name") || !json_str(j, "value"))
		return missing(e, "variable: name or value");
	out->text = arena_strdup(a, json_str(j, "value"));
	out->text2 = arena_strdup(a, at ? at : "");
	return 0;
}

int document_access(const struct json *j, struct forge_answer *out, struct arena *a maybe_unused,
		    struct err *e)
{
	const struct json *push = json_get(j, "permissions.push");

	if (!json_str(j, "full_name"))
		return missing(e, "repository: full_name");
	out->number = json_type(push) == JSON_BOOL ? json_bool(j, "permissions.push", false) : -1;
	return 0;
}

/* The newer API version has only resources.core; the older both. */
int document_rate(const struct json *j, struct forge_answer *out, struct arena *a maybe_unused, struct err *e)
{
	const struct json *core = json_get(j, "resources.core");
	int64_t reset;

	if (!core)
		core = json_get(j, "rate");
	out->rate.limit = json_int(core, "limit", -1);
	out->rate.remaining = json_int(core, "remaining", -1);
	reset = json_int(core, "reset", 0);
	if (out->rate.limit < 0 || out->rate.remaining < 0)
		return missing(e, "rate limit: limit or remaining");
	out->rate.reset.ms = reset > 0 && reset < INT64_MAX / 1000 ? reset * 1000 : 0;
	return 0;
}
