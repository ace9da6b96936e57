#include "core/engine/act.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>

#define BODY_MAX (256 * 1024) /* 25 inputs of the forge's 65,535 characters would be refused there anyway */

bool act_is(const struct ask *k, enum command_id id)
{
	return k->cmd.info->id == id;
}

static bool starts(const struct ask *k)
{
	return act_is(k, CMD_DISPATCH) || act_is(k, CMD_ROLLBACK);
}

static bool reviews(const struct ask *k)
{
	return act_is(k, CMD_APPROVE) || act_is(k, CMD_REJECT);
}

/* ---- which run ------------------------------------------------------------------------------------------------------ */

static const char *file_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* How well a lane fits a run: its workflow, then the environment asked for, then what the cache said before. */
static int lane_fit(const struct profile_lane *l, const struct run *r, const char *environment)
{
	int fit = 0;

	if (!text_eq(l->workflow, file_of(r->path)))
		return 0;
	fit = 1;
	if (environment && (text_eq(l->gate, environment) || text_eq(l->environment, environment)))
		fit += 2;
	if (r->lane && text_eq(l->name, r->lane))
		fit += 1;
	return fit;
}

const struct profile_lane *plan_lane_of_run(struct ask *k, const struct run *r, const char *environment)
{
	const struct profiles *set = k->acts->en->o.profiles;
	const struct profile_lane *best = NULL;
	int best_fit = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct profile *pr = &set->items[i];

		if (!text_eq(pr->repo, k->plan.repo))
			continue;
		for (size_t j = 0; j < pr->lanes.n; j++) {
			int fit = 2 * lane_fit(&pr->lanes.items[j], r, environment);

			if (fit && pr->lanes.items[j].production)
				fit++; /* of two that fit alike, the one to be careful with */

			if (fit <= best_fit)
				continue;
			best_fit = fit;
			best = &pr->lanes.items[j];
			k->plan.profile = pr;
		}
	}
	return best;
}

static bool cached_run(struct ask *k, int64_t id, struct run *out)
{
	struct key key = { .id = id };
	struct store *cache = k->acts->en->o.cache;

	return cache && store_one(cache, Q_run_by_id, &rec_key, &key, &rec_run, out, &k->arena, NULL) == 0;
}

/* The n-th repository to look in: where the cache has seen the run, then those of the profiles. */
static const char *repo_nth(struct ask *k, size_t n)
{
	const struct profiles *set = k->acts->en->o.profiles;
	VEC(const char *) list = { 0 };
	struct run seen;
	int64_t id = 0;

	if (text_int64(&id, k->subject, 1, INT64_MAX) == 0 && cached_run(k, id, &seen) && seen.repo &&
	    *seen.repo)
		*vec_push(&list, &k->arena) = seen.repo;
	for (size_t i = 0; i < set->n; i++) {
		bool known = !set->items[i].repo;

		for (size_t j = 0; j < list.n; j++)
			known = known || text_eq(list.items[j], set->items[i].repo);
		if (!known)
			*vec_push(&list, &k->arena) = set->items[i].repo;
	}
	return n < list.n ? list.items[n] : NULL;
}

static void find_next(struct ask *k);

static void find_answer(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "run");

	if (f->state == FACT_OK) {
		k->found(k);
	} else if (f->state == FACT_ABSENT) {
		k->repo_at++;
		find_next(k);
	} else {
		ask_fail_err(k, &k->plan.first_error);
	}
}

static void find_next(struct ask *k)
{
	const char *repo = repo_nth(k, k->repo_at);
	struct forge_read r = { .kind = FORGE_RUN, .repo = repo };

	if (text_int64(&r.id, k->subject, 1, INT64_MAX) < 0) {
		ask_fail(k, 2, "invalid", arena_printf(&k->arena, "%s is no run id", k->subject),
			 "see `pilothouse runs`");
		return;
	}
	if (!repo) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "there is no run %s, or no access to it", k->subject),
			 "see `pilothouse runs`");
		return;
	}
	k->plan.repo = repo;
	k->plan.facts.n = 0;
	ask_read(k, "run", true, &r, take_run);
	ask_then(k, find_answer);
}

void plan_find_run(struct ask *k, ask_step found)
{
	k->found = found;
	k->subject = k->cmd.args[0];
	k->repo_at = 0;
	find_next(k);
}

/* ---- the request ---------------------------------------------------------------------------------------------------- */

static const char *given_input(const struct ask *k, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < k->cmd.inputs_n; i++) {
		if (!strncmp(k->cmd.inputs[i], name, n) && k->cmd.inputs[i][n] == '=')
			return k->cmd.inputs[i] + n + 1;
	}
	return NULL;
}

static const struct profile_input *input_named(const struct profile_lane *l, const char *name, size_t n)
{
	for (size_t i = 0; i < l->inputs.n; i++) {
		if (strlen(l->inputs.items[i].name) == n && !strncmp(l->inputs.items[i].name, name, n))
			return &l->inputs.items[i];
	}
	return NULL;
}

static const char *input_value(struct ask *k, const struct profile_input *in,
			       const struct profile_words *words)
{
	const char *given = given_input(k, in->name);

	if (given)
		return given;
	if (in->value)
		return profile_expand(&k->arena, in->value, words);
	return text_eq(in->name, k->plan.lane->release_input) ? words->release : NULL;
}

/* Every input is sent, so that a default which changes between plan and run changes nothing. */
static const char *form_default(const struct ask *k, const char *name)
{
	vec_each (in, &k->plan.form)
		if (text_eq(in->name, name) && *in->fallback)
			return in->fallback;
	return NULL;
}

static void write_defaults(struct jw *w, const struct ask *k)
{
	const struct profile_lane *l = k->plan.lane;

	vec_each (in, &k->plan.form) {
		if (!*in->fallback || in->ours || given_input(k, in->name) ||
		    text_eq(in->name, l->release_input))
			continue;
		jw_key(w, in->name);
		jw_raw_str(w, in->fallback);
	}
}

/* The inputs object: the profile's in its order, the release where no input names it, then what a person added. */
static const char *inputs_json(struct ask *k, const char *nonce)
{
	const struct profile_lane *l = k->plan.lane;
	const struct profile_words words = {
		.release = k->plan.release, .sha = k->plan.sha, .nonce = nonce, .ref = k->plan.ref
	};
	autofree(buf) struct buf out = BUF_INIT(BODY_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	for (size_t i = 0; i < l->inputs.n; i++) {
		const char *v = input_value(k, &l->inputs.items[i], &words);

		if (!v)
			v = form_default(k, l->inputs.items[i].name);
		if (!v)
			continue;
		jw_key(&w, l->inputs.items[i].name);
		jw_raw_str(&w, v);
	}
	if (l->release_input && k->plan.release &&
	    !input_named(l, l->release_input, strlen(l->release_input))) {
		jw_key(&w, l->release_input);
		jw_raw_str(&w, k->plan.release);
	}
	for (int i = 0; i < k->cmd.inputs_n; i++) {
		const char *eq = strchr(k->cmd.inputs[i], '=');

		if (!eq || input_named(l, k->cmd.inputs[i], (size_t)(eq - k->cmd.inputs[i])))
			continue;
		jw_key(&w, arena_strndup(&k->arena, k->cmd.inputs[i], (size_t)(eq - k->cmd.inputs[i])));
		jw_raw_str(&w, eq + 1);
	}
	write_defaults(&w, k);
	jw_close(&w, '}');
	return arena_strdup(&k->arena, out.s);
}

static void fill_act(struct ask *k, const char *nonce, struct forge_act *out)
{
	struct plan *p = &k->plan;
	const char *comment = k->cmd.opt[OPT_COMMENT] ? k->cmd.opt[OPT_COMMENT] : k->cmd.opt[OPT_REASON];

	*out = (struct forge_act){ .repo = p->repo, .run = p->pf.run ? p->pf.run->id : 0 };
	if (starts(k)) {
		out->kind = FORGE_DISPATCH;
		out->workflow = p->lane->workflow;
		out->ref = p->ref;
		out->inputs = inputs_json(k, nonce);
	} else if (reviews(k)) {
		out->kind = FORGE_REVIEW;
		out->approve = act_is(k, CMD_APPROVE);
		out->environment_ids = p->environment_ids;
		out->environment_ids_n = p->pf.gate_row ? 1 : 0;
		out->comment = comment ? comment : "";
	} else if (act_is(k, CMD_CANCEL)) {
		out->kind = FORGE_CANCEL;
		out->force = k->cmd.opt[OPT_FORCE] != NULL;
	} else {
		out->kind = FORGE_RERUN;
		out->failed_only = k->cmd.opt[OPT_FAILED] != NULL;
	}
}

int plan_request(struct ask *k, const char *nonce, struct forge_act *out, const char **request,
		 const char **body, struct err *e)
{
	autofree(buf) struct buf rq = BUF_INIT(8192);
	autofree(buf) struct buf text = BUF_INIT(BODY_MAX);
	int r;

	fill_act(k, nonce, out);
	r = forge_describe(k->acts->en->o.forge, out, &rq, &text, e);
	if (r < 0)
		return r;
	if (rq.over || text.over)
		return err_set(e, ERR_INVALID, "the request is larger than %d bytes", BODY_MAX);
	*request = arena_strdup(&k->arena, rq.s);
	*body = arena_strdup(&k->arena, text.s);
	return 0;
}

/* ---- judging --------------------------------------------------------------------------------------------------------- */

static bool start_verb(const char *act)
{
	return text_eq(act, "dispatch") || text_eq(act, "rollback") || text_eq(act, "rerun");
}

static bool review_verb(const char *act)
{
	return text_eq(act, "approve") || text_eq(act, "reject");
}

/* Two starts on a lane, or two reviews of a run, must not both be open, whatever verb each of them is. */
static bool is_twin(const struct ask *k, const struct intent *in)
{
	const struct plan *p = &k->plan;

	if (!text_eq(in->lane, p->lane->name))
		return false;
	if (text_eq(in->act, p->act) || (start_verb(in->act) && start_verb(p->act)))
		return true;
	return review_verb(in->act) && review_verb(p->act) && text_eq(in->subject, k->subject);
}

/* NOT_FOUND and the very same request: the person repeats it, so the nonce stays (reliability 5.8). */
static bool is_repeat(struct ask *k, const struct intent *in)
{
	struct forge_act act;
	const char *request = "", *body = "";

	if (in->state != INTENT_NOT_FOUND || in->sends > 1 || !text_eq(in->act, k->plan.act))
		return false;
	return plan_request(k, in->nonce, &act, &request, &body, NULL) == 0 &&
	       text_eq(request, in->request) && text_eq(body, in->body);
}

static void find_twin(struct ask *k)
{
	struct journal *j = k->acts->en->o.journal;
	struct intents open = { 0 };
	struct err e = ERR_INIT;
	struct plan *p = &k->plan;
	int twins = 0;

	if (!j || journal_open_intents(j, &open, &k->arena, &e) < 0) {
		const char *why = j ? arena_strdup(&k->arena, e.message) : k->acts->en->o.journal_why;

		fact_local(k, "journal", FACT_FAILED, NULL, why ? why : "there is no journal");
		return;
	}
	fact_local(k, "journal", FACT_OK, "writable", NULL);
	for (size_t i = 0; i < open.n; i++) {
		if (!is_twin(k, &open.items[i]))
			continue;
		twins++;
		if (!p->twin || open.items[i].state != INTENT_NOT_FOUND)
			p->twin = &open.items[i];
	}
	p->repeats = twins == 1 && is_repeat(k, p->twin);
	fact_local(k, "twin", p->repeats ? FACT_OK : FACT_ABSENT, NULL, NULL);
}

int plan_claim(struct ask *k, struct intent *twin, struct err *e)
{
	const struct intent *mine = k->plan.repeats ? &k->intent : NULL;
	struct intents open = { 0 };
	int r = journal_open_intents(k->acts->en->o.journal, &open, &k->arena, e);
	bool found = false;

	if (r < 0)
		return r;
	vec_each (in, &open) {
		bool same = mine && in->id == mine->id && in->state == INTENT_NOT_FOUND &&
			    in->sends == mine->sends;

		found = found || same;
		if (same || !is_twin(k, in))
			continue;
		*twin = *in;
		return 1;
	}
	if (!mine || found)
		return 0;
	r = journal_get(k->acts->en->o.journal, mine->id, twin, &k->arena, e);
	return r > 0   ? err_set(e, ERR_STORE, "intent %" PRId64 " is not in the journal any more", mine->id)
	       : r < 0 ? r
		       : 1;
}

static void local_facts(struct ask *k)
{
	const char *reason = k->cmd.opt[OPT_REASON];

	if (act_is(k, CMD_ROLLBACK))
		fact_local(k, "reason", reason && *reason ? FACT_OK : FACT_ABSENT, reason, NULL);
	if (act_is(k, CMD_CANCEL) && k->cmd.opt[OPT_FORCE])
		fact_local(k, "force", FACT_OK, "asked for", NULL);
	find_twin(k);
}

/* Names what is missing; a value that does not fit its pattern is an error at once. */
static bool check_inputs(struct ask *k)
{
	const struct profile_lane *l = k->plan.lane;
	const struct profile_words words = {
		.release = k->plan.release, .sha = k->plan.sha, .nonce = PLAN_NONCE, .ref = k->plan.ref
	};

	for (size_t i = 0; i < l->inputs.n; i++) {
		const struct profile_input *in = &l->inputs.items[i];
		const char *v = input_value(k, in, &words);

		if (in->required && (!v || !*v))
			*vec_push(&k->plan.missing, &k->arena) = in->name;
		if (v && *v && in->pattern && !text_glob(in->pattern, v)) {
			ask_fail(k, 1, "policy",
				 arena_printf(&k->arena, "input %s is \"%s\" and must look like %s", in->name,
					      v, in->pattern),
				 arena_printf(&k->arena, "add --input %s=VALUE", in->name));
			return false;
		}
	}
	*vec_push(&k->plan.missing, &k->arena) = NULL;
	k->plan.pf.missing_inputs = k->plan.missing.items;
	return true;
}

static void fill_preflight(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct fact *runs = facts_find(&p->facts, "in_flight");
	struct preflight *pf = &p->pf;

	pf->act = p->act;
	pf->back = act_is(k, CMD_ROLLBACK);
	pf->lane = p->lane->name;
	pf->production = p->lane->production;
	pf->release = p->release;
	pf->now = engine_now(k->acts->en);
	pf->facts = &p->facts;
	pf->can_start = p->lane->start == START_DISPATCH;
	pf->rollback_ok = p->lane->rollback == BACK_DISPATCH;
	pf->workflow = p->lane->workflow;
	pf->needs = p->judged.items;
	pf->needs_n = p->judged.n;
	pf->in_flight = p->in_flight.items;
	pf->in_flight_n = p->in_flight.n;
	pf->own = p->own.items;
	pf->own_n = p->own.n;
	pf->gate = reviews(k) ? p->environment : p->lane->gate;
	pf->live = p->live ? p->live : "";
	pf->twin = p->twin;
	pf->behind = p->behind;
	pf->lane_age_ms = runs && runs->state == FACT_OK ? when_diff(pf->now, runs->at) : -1;
}

static void write_facts(struct jw *w, const struct facts *fs)
{
	jw_open(w, '[');
	for (size_t i = 0; i < fs->n; i++) {
		const struct fact *f = &fs->items[i];

		jw_open(w, '{');
		jw_kstr(w, "name", f->name);
		jw_kstr(w, "value",
			f->state == FACT_OK       ? f->value
			: f->state == FACT_ABSENT ? "absent"
						  : "not readable");
		jw_kwhen(w, "at", f->at);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

const char *plan_relies_on(struct ask *k)
{
	autofree(buf) struct buf out = BUF_INIT(BODY_MAX);
	struct jw w;

	jw_init(&w, &out);
	write_facts(&w, &k->plan.facts);
	return arena_strdup(&k->arena, out.over ? "[]" : out.s);
}

/* Over what would be sent and what it relies on; not over when it was looked at, nor over what only informs. */
static void hash_plan(struct ask *k)
{
	struct plan *p = &k->plan;
	struct hash h = HASH_INIT;
	char hex[33];

	hash_str(&h, p->act);
	hash_str(&h, p->lane->name);
	hash_str(&h, p->request);
	hash_str(&h, p->body);
	for (size_t i = 0; i < p->facts.n; i++) {
		const struct fact *f = &p->facts.items[i];

		if (!f->pinned)
			continue;
		hash_str(&h, f->name);
		hash_add(&h, &f->state, sizeof(f->state));
		hash_str(&h, f->value ? f->value : "");
	}
	memcpy(p->id, hash_hex(&h, hex), 8);
	p->id[8] = '\0';
}

/* Nothing answered: that is the network's exit status, not a plan full of "unchecked". */
static bool unreachable(const struct plan *p)
{
	return p->reads && p->reads_failed == p->reads;
}

static void plan_judge(struct ask *k)
{
	struct plan *p = &k->plan;
	struct err e = ERR_INIT;
	int r;

	if (unreachable(p)) {
		ask_fail_err(k, &p->first_error);
		return;
	}
	if (starts(k))
		contract_form(k);
	if (starts(k) && !check_inputs(k))
		return;
	needs_judge(k);
	stops_judge(k);
	local_facts(k);
	p->request = p->body = "";
	r = plan_request(k, PLAN_NONCE, &p->out, &p->request, &p->body, &e);
	if (starts(k))
		contract_judge(k);
	fill_preflight(k);
	preflight_run(&p->checks, &p->pf, &k->arena);
	p->verdict = preflight_verdict(&p->checks);
	if (r < 0 && p->verdict == PLAN_GO) {
		ask_fail_err(k, &e);
		return;
	}
	p->confirm = command_phrase(&k->cmd, p->lane->production, p->lane->name,
				    p->release ? p->release : p->sha, &k->arena);
	hash_plan(k);
	act_planned(k);
}

/* ---- lane acts -------------------------------------------------------------------------------------------------------- */

static void plan_compared(struct ask *k)
{
	facts_read_compare(k);
	if (k->plan.stops_wanted)
		stops_read_back(k);
	needs_read(k, plan_judge);
}

static void plan_read(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct profile_words words = { .release = p->release };

	p->ref = p->lane->ref ? profile_expand(&k->arena, p->lane->ref, &words) : "main";
	if (p->release)
		k->subject = p->release;
	facts_read_start(k);
	p->stops_wanted = act_is(k, CMD_DISPATCH);
	if (p->stops_wanted)
		stops_read(k);
	ask_then(k, plan_compared);
}

static void plan_newest(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "newest");

	if (f->state == FACT_FAILED) {
		ask_fail_err(k, &k->plan.first_error);
	} else if (f->state == FACT_ABSENT) {
		ask_fail(k, 1, "missing", "there is no published release", "publish one, or name a tag");
	} else {
		k->plan.release = f->value;
		k->plan.facts.n = 0;
		plan_read(k);
	}
}

static void plan_previous(struct ask *k)
{
	struct plan *p = &k->plan;

	if (facts_find(&p->facts, "history")->state == FACT_FAILED) {
		ask_fail_err(k, &p->first_error);
	} else if (p->broken && p->live && *p->live) {
		p->release =
			p->live; /* the way back from a run that failed half-way is to what ran before it */
		p->facts.n = 0;
		plan_read(k);
	} else if (!p->live || !*p->live || !p->previous) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "no earlier successful release of %s is known",
				      p->lane->name),
			 "name the release to go back to");
	} else {
		p->release = p->previous;
		p->facts.n = 0;
		plan_read(k);
	}
}

static bool takes_release(const struct profile_lane *l)
{
	return l->release_input || l->needs.n || (l->ref && strchr(l->ref, '{'));
}

static void plan_lane(struct ask *k)
{
	struct plan *p = &k->plan;
	const char *name = k->cmd.args[0];

	p->lane = profiles_lane(k->acts->en->o.profiles, name, &p->profile);
	if (!p->lane) {
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no lane %s", name),
			 "see `pilothouse lanes`");
		return;
	}
	p->repo = p->profile->repo;
	k->subject = "";
	if (!p->repo || !p->lane->workflow) {
		ask_fail(k, 2, "invalid", "the profile does not say which repository",
			 "add --repo OWNER/NAME");
	} else if (!takes_release(p->lane)) {
		if (k->cmd.n > 1)
			ask_fail(k, 1, "policy", arena_printf(&k->arena, "%s takes no release", name),
				 "leave it out");
		else
			plan_read(k);
	} else if (k->cmd.n > 1) {
		p->release = k->cmd.args[1];
		plan_read(k);
	} else if (act_is(k, CMD_ROLLBACK)) {
		facts_read_history(k);
		ask_then(k, plan_previous);
	} else {
		facts_read_releases(k);
		ask_then(k, plan_newest);
	}
}

/* ---- run acts --------------------------------------------------------------------------------------------------------- */

static void plan_run(struct ask *k)
{
	struct plan *p = &k->plan;
	struct run *r = arena_new(&k->arena, struct run);
	struct run cached;
	const char *want = reviews(k) ? k->cmd.args[1] : NULL;

	*r = *p->pf.run;
	if (cached_run(k, r->id, &cached))
		r->lane = cached.lane;
	p->lane = plan_lane_of_run(k, r, want);
	if (!p->lane) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "run %" PRId64 " (%s) belongs to no lane of the profiles",
				      r->id, file_of(r->path)),
			 "see `pilothouse lanes`");
		return;
	}
	p->release = profile_release_of(p->lane, r->title, r->branch, r->head_sha, &k->arena);
	p->sha = r->head_sha;
	p->environment = want;
	if (want && p->lane->gate && text_eq(want, p->lane->environment))
		p->environment = p->lane->gate;
	facts_read_run(k);
	ask_then(k, plan_judge);
}

void plan_begin(struct ask *k)
{
	struct plan *p = &k->plan;

	*p = (struct plan){
		.act = k->cmd.info->name,
		.ahead = -1,
		.behind = -1,
		.made = engine_now(k->acts->en),
		.began = clock_mono(loop_clock(k->acts->en->o.loop)),
	};
	p->pf.behind = -1;
	if (starts(k))
		plan_lane(k);
	else
		plan_find_run(k, plan_run);
}

/* ---- as JSON ---------------------------------------------------------------------------------------------------------- */

static void write_commits(struct jw *w, const char *key, const char *text)
{
	autofree(json) struct json *list = NULL;

	jw_key(w, key);
	jw_open(w, '[');
	if (text && json_parse(&list, text, strlen(text), (size_t)4 << 20, NULL) == 0) {
		for (size_t i = 0; i < json_size(list); i++) {
			const struct json *c = json_at(list, i);
			const char *at = json_str(c, "at");

			jw_open(w, '{');
			jw_kstr(w, "sha", json_str(c, "sha"));
			jw_kstr(w, "title", json_str(c, "title"));
			jw_kstr(w, "author", json_str(c, "author"));
			jw_kstr(w, "at", at ? at : json_str(c, "date"));
			jw_close(w, '}');
		}
	}
	jw_close(w, ']');
}

static void write_checks(struct jw *w, const struct checks *c)
{
	jw_key(w, "checks");
	jw_open(w, '[');
	for (size_t i = 0; i < c->n; i++) {
		jw_open(w, '{');
		jw_rec(w, &rec_check, &c->items[i]);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void write_request(struct jw *w, const struct plan *p)
{
	jw_key(w, "requests");
	jw_open(w, '[');
	if (*p->request) {
		jw_open(w, '{');
		jw_kstr(w, "request", p->request);
		jw_key(w, "body");
		if (!*p->body)
			jw_null(w);
		else if (text_is_safe(p->body))
			jw_json(w, p->body);
		else
			jw_str(w, p->body);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static const char *back_words(const struct ask *k, struct arena *a)
{
	const struct plan *p = &k->plan;

	if (!starts(k))
		return "";
	if (p->lane->rollback != BACK_DISPATCH)
		return "no way back by dispatch is known for this lane";
	if (!p->live || !*p->live)
		return "no earlier release is known to go back to";
	return arena_printf(a, "to %s: pilothouse rollback %s %s --reason WHY", p->live, p->lane->name,
			    p->live);
}

static const char *undo_words(const struct ask *k)
{
	if (starts(k) || act_is(k, CMD_RERUN))
		return "cancel the run while it waits or runs; what it has changed by then stays";
	return "cannot be undone";
}

void plan_write(struct jw *w, const struct ask *k)
{
	const struct plan *p = &k->plan;
	struct arena a = ARENA_INIT;

	jw_kstr(w, "plan_id", p->id);
	jw_kstr(w, "act", p->act);
	jw_kstr(w, "lane", p->lane->name);
	jw_kstr(w, "release", p->release);
	jw_kstr(w, "sha", p->sha);
	jw_kbool(w, "production", p->lane->production);
	jw_kwhen(w, "made", p->made);
	jw_kstr(w, "verdict", names_word(&plan_verdict_names, (int)p->verdict));
	jw_kstr(w, "confirm", p->confirm);
	write_request(w, p);
	jw_key(w, "relies_on");
	write_facts(w, &p->facts);
	write_checks(w, &p->checks);
	contract_write(w, k);
	write_commits(w, "changes", p->changes);
	jw_kint(w, "ahead", p->ahead);
	jw_kint(w, "behind", p->behind);
	write_commits(w, "not_included", p->not_included);
	jw_kstr(w, "back", back_words(k, &a));
	jw_kstr(w, "note", p->profile->note ? p->profile->note : "");
	jw_kstr(w, "live", p->live ? p->live : "");
	jw_kstr(w, "undo", undo_words(k));
	arena_done(&a);
}
