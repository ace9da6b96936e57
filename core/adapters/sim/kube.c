#include "core/adapters/sim/kube.h"

#include "base/text.h"

#include <string.h>

enum { PATCH_MAX = 1 << 16 };

/* ---- objects of a scenario -------------------------------------------------------------------------------------------- */

static int64_t integer(const struct yaml *map, const char *key, int64_t fallback)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, INT32_MAX) == 0 ? n : fallback;
}

static bool yes(const struct yaml *map, const char *key)
{
	return strcmp(yaml_str(map, key, ""), "true") == 0;
}

/* {weight: 5} · {pause: 5m} or {pause: forever} · {analysis: Successful, takes: 1m} */
static int step_load(struct sim_rollout *ro, const struct yaml *it, struct err *e)
{
	struct sim_rollout_step *s = &ro->steps[ro->steps_n];

	if (ro->steps_n == KUBE_STEPS)
		return yaml_error(e, it, "more than %d steps", (int)KUBE_STEPS);
	*s = (struct sim_rollout_step){ .weight = integer(it, "weight", -1),
					.analysis = yaml_str(it, "analysis", NULL) };
	ro->steps_n++;
	if (strcmp(yaml_str(it, "pause", ""), "forever") == 0)
		s->pause_ms = -1;
	else if (sim_span_of(&s->pause_ms, it, "pause", 0, e) < 0)
		return -ERR_INVALID;
	return sim_span_of(&s->takes_ms, it, "takes", MINUTE, e);
}

static void hooks_load(struct sim_rollout *ro, const struct yaml *list)
{
	static const char *const words[] = { "other", "rollout", "increase", "promotion", "rollback" };
	static const struct names names = NAMES(words);

	yaml_each(it, list)
	{
		int hook = names_value(&names, it->scalar);

		ro->hooks |= hook ? 1U << (hook - 1) : 0;
	}
}

static int rollout_load(struct world *w, const struct yaml *it, struct err *e)
{
	struct sim_rollout *ro = vec_push(&w->kube->rollouts, &w->arena);
	int64_t begins = 0, breach = 0;
	int r;

	*ro = (struct sim_rollout){ .flagger = strcmp(yaml_str(it, "kind", ""), "flagger") == 0,
				    .namespace = yaml_str(it, "namespace", "default"),
				    .name = yaml_str(it, "name", "web"),
				    .generation = 1,
				    .version = 1000,
				    .phase = "",
				    .message = "",
				    .stable = "5c4d8b7f6",
				    .current = "5c4d8b7f6",
				    .entered = -1,
				    .analysis = "",
				    .routed = yes(it, "routed"),
				    .step_weight = integer(it, "step", 10),
				    .max_weight = integer(it, "max", 50),
				    .threshold = integer(it, "threshold", 3),
				    .gate_open = strcmp(yaml_str(it, "gate", "shut"), "open") == 0,
				    .due = w->now };
	hooks_load(ro, yaml_get(it, "asks"));
	r = sim_span_of(&begins, it, "begins", 0, e);
	if (r == 0)
		r = sim_span_of(&breach, it, "breach", 0, e);
	if (r == 0)
		r = sim_span_of(&ro->interval, it, "interval", 10 * SECOND, e);
	ro->begins = w->now + begins;
	ro->breach_from = breach ? w->now + breach : 0;
	yaml_each(step, yaml_get(it, "steps"))
	{
		if (r == 0)
			r = step_load(ro, step, e);
	}
	if (!ro->flagger)
		ro->step = ro->steps_n;
	return r;
}

int sim_kube_load(struct world *w, const struct yaml *list, struct err *e)
{
	int r = 0;

	if (list && !w->kube)
		w->kube = arena_new(&w->arena, struct sim_kube);
	yaml_each(it, list)
	{
		if (r == 0)
			r = rollout_load(w, it, e);
	}
	return r;
}

int world_kube(struct world *w, const char *yaml, struct err *e)
{
	struct yaml *map;
	int r = yaml_parse(&map, "kube", yaml, strlen(yaml), &w->arena, e);

	return r < 0 ? r : sim_kube_load(w, yaml_get(map, "kube"), e);
}

/* ---- the controllers -------------------------------------------------------------------------------------------------- */

void sim_rollout_phase(struct sim_rollout *ro, const char *phase, const char *message, int64_t at)
{
	ro->version++;
	if (strcmp(ro->phase, phase) != 0)
		ro->changed = at;
	ro->phase = phase;
	ro->message = message;
}

/* Everything that has come due, each at its own time. */
static void look(struct sim_rollout *ro, int64_t now)
{
	while (ro->due && ro->due <= now) {
		int64_t at = ro->due;

		ro->due = 0;
		if (ro->flagger)
			sim_flagger_look(ro, at);
		else
			sim_argo_look(ro, at);
	}
}

/* ---- the API server --------------------------------------------------------------------------------------------------- */

static void refuse(struct call *c, int status, const char *reason, const char *message)
{
	buf_reset(&c->out);
	jw_init(&c->j, &c->out);
	jw_open(&c->j, '{');
	put_str(&c->j, "kind", "Status");
	put_str(&c->j, "apiVersion", "v1");
	jw_key(&c->j, "metadata");
	jw_json(&c->j, "{}");
	put_str(&c->j, "status", "Failure");
	put_str(&c->j, "message", message);
	put_str(&c->j, "reason", reason);
	jw_kint(&c->j, "code", status);
	jw_close(&c->j, '}');
	c->status = status;
}

static void put_object(struct call *c, const struct sim_rollout *ro)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "apiVersion", ro->flagger ? "flagger.app/v1beta1" : "argoproj.io/v1alpha1");
	put_str(&c->j, "kind", ro->flagger ? "Canary" : "Rollout");
	jw_kopen(&c->j, "metadata", '{');
	jw_kint(&c->j, "generation", ro->generation);
	put_str(&c->j, "name", ro->name);
	put_str(&c->j, "namespace", ro->namespace);
	put_str(&c->j, "resourceVersion", arena_printf(c->a, "%" PRId64, ro->version));
	jw_close(&c->j, '}');
	if (ro->flagger)
		sim_flagger_put(c, ro);
	else
		sim_argo_put(c, ro);
	jw_close(&c->j, '}');
}

static const char *plural(const struct sim_rollout *ro)
{
	return ro->flagger ? "canaries" : "rollouts";
}

/* A patch that names a version is of that one only. */
static void patch_object(struct call *c, struct sim_rollout *ro, bool status)
{
	const char *from;

	if (json_parse(&c->body, c->rq->body ? c->rq->body : "", c->rq->body_n, PATCH_MAX, NULL) < 0) {
		refuse(c, 400, "BadRequest", "error decoding patch: it is no JSON");
		return;
	}
	from = json_str(c->body, "metadata.resourceVersion");
	if (from && strcmp(from, arena_printf(c->a, "%" PRId64, ro->version)) != 0) {
		refuse(c, 409, "Conflict",
		       arena_printf(c->a,
				    "Operation cannot be fulfilled on %s \"%s\": the object has been "
				    "modified; please "
				    "apply your changes to the latest version and try again",
				    plural(ro), ro->name));
		return;
	}
	if (ro->flagger)
		sim_flagger_patch(ro, c->body, status);
	else
		sim_argo_patch(ro, c->body, status);
	ro->version++;
	if (!ro->flagger && (!ro->due || ro->due > c->w->now + KUBE_LOOK_MS))
		ro->due = c->w->now + KUBE_LOOK_MS;
	put_object(c, ro);
}

static struct sim_rollout *find(struct world *w, const char *namespace, const char *name, const char *kind)
{
	for (size_t i = 0; w->kube && i < w->kube->rollouts.n; i++) {
		struct sim_rollout *ro = &w->kube->rollouts.items[i];

		if (!strcmp(ro->namespace, namespace) && !strcmp(ro->name, name) &&
		    (!kind || !strcmp(kind, plural(ro))))
			return ro;
	}
	return NULL;
}

/* Who may: a token that begins with "reader" gets, any other gets and patches; none, or a revoked one, is nobody. */
static bool admit(struct call *c, const char *kind, const char *sub)
{
	const char *authorization = c->rq->authorization, *token;
	bool read = strcmp(c->rq->method, "GET") == 0;

	token = authorization && text_starts(authorization, "Bearer ") ? authorization + strlen("Bearer ")
								       : "";
	if (!*token || text_starts(token, "revoked")) {
		refuse(c, 401, "Unauthorized", "Unauthorized");
		return false;
	}
	if (text_starts(token, "outsider") || (!read && text_starts(token, "reader"))) {
		refuse(c, 403, "Forbidden",
		       arena_printf(c->a, "%s%s is forbidden: User \"captain\" cannot %s resource \"%s%s\"",
				    kind, sub, read ? "get" : "patch", kind, sub));
		return false;
	}
	return true;
}

/* /apis/GROUP/VERSION/namespaces/NS/KIND/NAME[/status] */
static void serve_api(struct call *c, const char *path)
{
	static const char *const groups[] = { "argoproj.io/v1alpha1/namespaces/",
					      "flagger.app/v1beta1/namespaces/" };
	const char *part[4] = { "", "", "", "" };
	struct sim_rollout *ro;
	bool known = false;

	for (size_t i = 0; i < countof(groups); i++)
		if (text_starts(path, groups[i])) {
			path += strlen(groups[i]);
			known = true;
		}
	for (size_t i = 0; known && i < countof(part) && *path; i++) {
		part[i] = arena_strndup(c->a, path, strcspn(path, "/"));
		path += strcspn(path, "/");
		path += *path == '/';
	}
	if (!admit(c, part[1], *part[3] ? "/status" : ""))
		return;
	ro = find(c->w, part[0], part[2], part[1]);
	if (!known || !ro || (*part[3] && strcmp(part[3], "status") != 0))
		refuse(c, 404, "NotFound", arena_printf(c->a, "%s \"%s\" not found", part[1], part[2]));
	else if (strcmp(c->rq->method, "GET") == 0)
		put_object(c, ro);
	else if (strcmp(c->rq->method, "PATCH") != 0)
		refuse(c, 405, "MethodNotAllowed",
		       "the server does not allow this method on the requested resource");
	else
		patch_object(c, ro, *part[3] != 0);
}

/* ---- Flagger's load tester -------------------------------------------------------------------------------------------- */

/* Whose gate it is stands in the body; nobody is asked who they are. */
static void serve_gate(struct call *c, const char *what)
{
	static const struct {
		const char *what;
		bool rollback, asks, opens;
	} doors[] = {
		{ "/gate/check", false, true, false },   { "/gate/open", false, false, true },
		{ "/gate/close", false, false, false },  { "/rollback/check", true, true, false },
		{ "/rollback/open", true, false, true }, { "/rollback/close", true, false, false },
	};
	struct sim_rollout *ro = NULL;
	size_t i = 0;
	bool *gate;

	while (i < countof(doors) && strcmp(doors[i].what, what) != 0)
		i++;
	c->type = "text/plain";
	if (json_parse(&c->body, c->rq->body ? c->rq->body : "", c->rq->body_n, PATCH_MAX, NULL) >= 0)
		ro = find(c->w, json_str(c->body, "namespace") ? json_str(c->body, "namespace") : "",
			  json_str(c->body, "name") ? json_str(c->body, "name") : "", "canaries");
	c->status = i == countof(doors) ? 404 : !ro ? 400 : 202;
	if (c->status != 202)
		return;
	gate = doors[i].rollback ? &ro->rollback_open : &ro->gate_open;
	if (!doors[i].asks) {
		*gate = doors[i].opens;
		return;
	}
	c->status = *gate ? 200 : 403;
	buf_str(&c->out, *gate ? "Approved" : "Forbidden");
}

void kube_serve(struct call *c)
{
	const char *path = c->path + strlen("/kube");

	for (size_t i = 0; c->w->kube && i < c->w->kube->rollouts.n; i++)
		look(&c->w->kube->rollouts.items[i], c->w->now);
	if (text_starts(path, "/loadtester/"))
		serve_gate(c, path + strlen("/loadtester"));
	else
		serve_api(c, text_starts(path, "/apis/") ? path + strlen("/apis/") : "");
}

bool world_has_kube(const struct world *w)
{
	return w->kube != NULL;
}
