/* Hold, resume, promote and abort of a canary, by each lever that a profile can name. */
#include "canaries.h"
#include "store/audit.h"

#define PHRASE " --confirm shop/prod"
#define ONWARD " --confirm 'shop/prod v2'"

static const char by_gate[] = CANARY_LANE(LEVERS(BY_GATE BY_CANCEL), GOES_BACK);
static const char by_variable[] = CANARY_LANE(LEVERS(BY_VARIABLE BY_CANCEL), GOES_BACK);
static const char by_tag[] = CANARY_LANE(LEVERS(BY_TAG BY_CANCEL), GOES_BACK);
static const char by_helm[] = CANARY_LANE(LEVERS(BY_CANCEL), BY_HELM);
static const char by_nothing[] = CANARY_LANE("", "");

/* ---- gate -------------------------------------------------------------------------------------------------------------- */

static void a_gate_is_held_by_leaving_it_alone(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	assert_int_equal(rig_ask(r, "plan hold shop/prod"), 0);
	assert_int_equal(json_size(json_get(r->json, "requests")), 0);
	assert_true(begins(rig_check(r, "mechanism"),
			   "ok by leaving gate prod-50 of run 21 unapproved: nothing"));
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 1);
	assert_int_equal(rig_ask(r, "hold shop/prod --reason 'errors look odd'" PHRASE), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_string_equal(rig_str(r, "note"), "nothing was sent");
	assert_int_equal(rig_ask(r, "approve 21 prod-50" ONWARD), 1);
	assert_string_equal(rig_check(r, "held"), "bad held by ana@bastion (octo-ana): errors look odd");
	assert_int_equal(rig_ask(r, "promote shop/prod" ONWARD), 1);
	assert_true(begins(rig_check(r, "held"), "bad held by ana"));
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
	rig_crash(r); /* it stands in the journal, and nowhere else */
	assert_int_equal(rig_ask(r, "approve 21 prod-50" ONWARD), 1);
	assert_int_equal(rig_ask(r, "reject 21 prod-50 --comment no --confirm x"), 1);
	assert_string_equal(rig_check(r, "held"), ""); /* rejecting takes nothing further */
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 0);
	assert_int_equal(r->g.sent_n, 0);
	assert_int_equal(rig_ask(r, "approve 21 prod-50 --comment ok" ONWARD), 0);
	assert_int_equal(r->g.sent_n, 1);
}

static void a_gate_is_promoted_by_its_approval(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	assert_int_equal(rig_ask(r, "promote shop/prod"), 1);
	assert_string_equal(rig_str(r, "confirm"), "shop/prod v2");
	assert_true(begins(rig_check(r, "mechanism"), "ok by approving gate prod-50 of run 21"));
	assert_true(begins(rig_check(r, "self_review"), "ok octo-ben started it"));
	assert_int_equal(rig_ask(r, "promote shop/prod" ONWARD), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_int_equal(r->g.reviews_n, 1);
	assert_string_equal(r->g.reviews[0].environments, "prod-50");
	assert_non_null(strstr(r->g.reviews[0].comment, rig_str(r, "nonce")));
}

/* What an act would do to its lane, and each condition of it. */
static void what_if_and_why(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "what-if promote shop/prod", "more of the traffic goes to the canary" },
		{ "what-if hold shop/prod", "the canary stays at its rung until it is resumed" },
		{ "what-if abort shop/prod --rollback",
		  "the canary is asked to end; what it changed by then decides" },
	};
	struct rig *r = canary_open(state, by_gate);
	struct err e = ERR_INIT;

	assert_true(lanes_judge(r->en, GROUND_REPO, &e) >= 0);
	for (size_t i = 0; i < countof(cases); i++) {
		const char *why;

		assert_int_equal(rig_ask(r, cases[i].line), 0);
		why = json_str(json_at(json_get(r->json, "effects"), 0), "why");
		assert_non_null(why);
		assert_true(begins(why, cases[i].why));
	}
	assert_int_equal(r->g.sent_n, 0);
}

static void started_by_me(struct rig *r)
{
	ground_run(&r->g, CARRIER)->actor = "octo-ana";
}
static void metrics_fail(struct rig *r)
{
	struct canary row = canary_now(r);

	row.verdict = VERDICT_FAIL;
	row.reason = "errors 2.3 over 1";
	canary_row(r, &row);
}
static void samples_are_old(struct rig *r)
{
	struct canary row = canary_now(r);

	row.sampled.ms -= 61000;
	canary_row(r, &row);
}
static void samples_are_to_come(struct rig *r)
{
	struct canary row = canary_now(r);

	row.sampled.ms += 3600000; /* our clock was set back */
	canary_row(r, &row);
}
static void rung_is_new(struct rig *r)
{
	struct canary row = canary_now(r);

	row.started = row.sampled;
	canary_row(r, &row);
}
static void another_run_was_judged(struct rig *r)
{
	struct canary row = canary_now(r);

	row.run = 20;
	canary_row(r, &row);
}
static void another_rung_was_judged(struct rig *r)
{
	struct canary row = canary_now(r);

	row.step = 1;
	row.set_bp = 500;
	canary_row(r, &row);
}
static void nothing_is_judged(struct rig *r)
{
	struct canary row = canary_now(r);

	row.phase = CANARY_ABSENT;
	canary_row(r, &row);
}
static void no_gate_waits(struct rig *r)
{
	r->g.gates_n = 0;
}
static void line_is_frozen(struct rig *r)
{
	ground_set_ref(&r->g, "tags/frozen/all", MAIN);
}

static void what_stops_a_promotion(void **state)
{
	static const struct {
		void (*make)(struct rig *r);
		const char *check, *says;
		bool with_reason; /* goes with one */
	} cases[] = {
		{ started_by_me, "self_review", "bad you started it: another must approve", false },
		{ metrics_fail, "verdict", "bad the verdict is fail: errors 2.3 over 1", true },
		{ samples_are_old, "verdict", "bad no sample is new enough to rely on", true },
		{ samples_are_to_come, "verdict", "bad no sample is new enough to rely on", true },
		{ rung_is_new, "verdict", "bad this rung was not judged yet", true },
		{ another_run_was_judged, "verdict", "bad run 20 was judged, and run 21 carries it", true },
		{ another_rung_was_judged, "verdict",
		  "bad the rung before that of 25% was judged, and the gate of that of 50% waits", true },
		{ nothing_is_judged, "verdict",
		  "bad nothing is known of this canary: its metrics were not judged", true },
		{ no_gate_waits, "mechanism", "bad cannot promote: gate: gate prod-50 does not wait yet",
		  false },
		{ line_is_frozen, "freeze:tag", "bad shop is frozen by tag frozen/all", false },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = canary_open(state, by_gate);

		cases[i].make(r);
		if (rig_ask(r, "promote shop/prod" ONWARD) != 1 ||
		    !text_starts(rig_check(r, cases[i].check), cases[i].says))
			fail_msg("case %zu: exit %d, %s", i, r->status, r->text);
		assert_int_equal(rig_ask(r, "approve 21 prod-50" ONWARD), 1);
		assert_int_equal(r->g.sent_n, 0);
		assert_int_equal(rig_ask(r, "promote shop/prod --reason why" ONWARD),
				 cases[i].with_reason ? 0 : 1);
	}
}

/* ---- variable, tag ------------------------------------------------------------------------------------------------------ */

static void a_variable_is_set_and_taken_away(void **state)
{
	struct rig *r = canary_open(state, by_variable);

	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 1);
	assert_string_equal(rig_check(r, "already"), "bad the variable CANARY_HOLD is gone already");
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 0);
	assert_string_equal(ground_variable(&r->g, "CANARY_HOLD")->value, "true");
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
	assert_string_equal(rig_check(r, "already"), "bad the variable CANARY_HOLD is \"true\" already");
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 0);
	assert_null(ground_variable(&r->g, "CANARY_HOLD"));
	ground_set_variable(&r->g, "CANARY_STEP", "25");
	assert_int_equal(rig_ask(r, "promote shop/prod" ONWARD), 0);
	assert_string_equal(ground_variable(&r->g, "CANARY_STEP")->value, "50");
	assert_int_equal(rig_ask(r, "promote shop/prod --full" ONWARD), 0);
	assert_string_equal(ground_variable(&r->g, "CANARY_STEP")->value, "100");
	assert_int_equal(r->g.sent_n, 4);
}

static void a_tag_is_made_and_deleted(void **state)
{
	struct rig *r = canary_open(state, by_tag);

	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 1);
	assert_string_equal(rig_check(r, "already"), "bad the tag hold/prod is gone already");
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 0);
	assert_string_equal(ground_ref(&r->g, "tags/hold/prod")->sha, MAIN);
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 1);
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 0);
	assert_null(ground_ref(&r->g, "tags/hold/prod"));
}

/* ---- faults of acts of one request -------------------------------------------------------------------------------------- */

static const struct one {
	const char *profile, *line, *wants; /* wants: a tag or a variable that is there afterwards */
} ones[] = {
	{ by_gate, "promote shop/prod" ONWARD, NULL },
	{ by_variable, "hold shop/prod" PHRASE, "CANARY_HOLD" },
	{ by_variable, "promote shop/prod" ONWARD, "CANARY_STEP" },
	{ by_tag, "hold shop/prod" PHRASE, "tags/hold/prod" },
	{ by_gate, "abort shop/prod" PHRASE, NULL },
};

static bool happened(struct rig *r, const struct one *o)
{
	if (text_starts(o->line, "abort"))
		return ground_run(&r->g, CARRIER)->status == RUN_COMPLETED;
	if (!o->wants)
		return r->g.reviews_n == 1;
	return ground_variable(&r->g, o->wants) || ground_ref(&r->g, o->wants);
}

static void lost(void **state, const struct one *o, bool happens, bool dies)
{
	struct rig *r = canary_open(state, o->profile);

	r->g.fault_at = 1;
	r->g.fault = ERR_UNKNOWN;
	r->g.fault_after = happens;
	r->g.dead = dies;
	rig_begin(r, o->line);
	for (int i = 0; i < 1000 && !r->g.sent_n; i++)
		loop_advance(r->loop, 20);
	if (dies)
		rig_crash(r);
	r->g.dead = false;
	rig_pass(r, 700);
	assert_int_equal(r->g.sent_n, 1);
	if (happened(r, o) != happens || rig_intent(r)->state != (happens ? INTENT_DONE : INTENT_NOT_FOUND))
		fail_msg("%s: happens %d, dies %d: %s", o->line, happens, dies, rig_intent(r)->note);
	if (happens)
		return;
	canary_sampled(r);
	if (rig_ask(r, o->line) != 0)
		fail_msg("%s: the repeat: %s", o->line, r->text);
	assert_true(happened(r, o));
	assert_int_equal(r->g.sent_n, 2);
	assert_int_equal(rig_intent(r)->sends, 2);
}

static void every_lost_answer_is_found_or_repeated(void **state)
{
	for (size_t i = 0; i < countof(ones); i++)
		for (int how = 0; how < 4; how++)
			lost(state, &ones[i], how & 1, how & 2);
}

static void refusals_are_told(void **state)
{
	for (size_t i = 0; i < countof(ones); i++) {
		struct rig *r = canary_open(state, ones[i].profile);

		r->g.fault_at = 1;
		r->g.fault = ERR_CONFLICT;
		assert_int_equal(rig_ask(r, ones[i].line), 1);
		assert_string_equal(rig_str(r, "state"), "refused");
		assert_int_equal(rig_intent(r)->state, INTENT_REFUSED);
	}
}

/* ---- abort and go back --------------------------------------------------------------------------------------------------- */

#define BACK "abort shop/prod --rollback --reason 'errors doubled'" PHRASE

static const struct run *newest(const struct rig *r)
{
	return &r->g.runs[r->g.runs_n - 1];
}

static void an_abort_may_go_back_in_one_act(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	assert_int_equal(rig_ask(r, "plan abort shop/prod --rollback"), 0);
	assert_int_equal(json_size(json_get(r->json, "requests")), 2);
	assert_string_equal(rig_str(r, "release"), "v1");
	assert_string_equal(rig_str(r, "confirm"), "shop/prod");
	r->g.deaf = true;
	rig_begin(r, BACK);
	rig_pass(r, 40);
	assert_int_equal(r->g.sent_n, 1);
	assert_int_equal(r->answers, 0);
	assert_non_null(strstr(rig_intent(r)->note, "the next leaves when run 21 has ended"));
	ground_run(&r->g, CARRIER)->status = RUN_COMPLETED;
	ground_run(&r->g, CARRIER)->conclusion = CONCLUSION_CANCELLED;
	for (int i = 0; i < 60 && !r->answers; i++)
		rig_pass(r, 1);
	if (r->status != 0)
		fail_msg("%s", r->text);
	assert_string_equal(rig_str(r, "state"), "linked");
	assert_int_equal(r->g.sent_n, 2);
	assert_int_equal(rig_intent(r)->run_id, newest(r)->id);
	assert_non_null(strstr(newest(r)->title, "\"tag\":\"v1\""));
	assert_non_null(strstr(newest(r)->title, rig_intent(r)->nonce));
	assert_string_equal(rig_intent(r)->subject, "v1");
	assert_int_equal(rig_intent(r)->done, 2);
	assert_int_equal(rig_intent(r)->sends, 1);
	assert_int_equal(rig_ask(r, BACK), 1); /* pressed twice */
	assert_true(begins(rig_check(r, "once"), "bad run 9003 is a way back itself, by intent 1"));
	assert_int_equal(r->g.sent_n, 2);
}

/* A request is cut, or the engine dies with it: whatever happened happens once, and the rest after a person's word. */
static void cut(void **state, size_t at, bool happens, bool dies)
{
	struct rig *r = canary_open(state, by_gate);
	size_t dispatched = 0;

	r->g.fault_at = at;
	r->g.fault = ERR_UNKNOWN;
	r->g.fault_after = happens;
	r->g.dead = dies;
	rig_begin(r, BACK);
	for (int i = 0; i < 3000 && r->g.sent_n < at; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->g.sent_n, at);
	if (dies)
		rig_crash(r);
	r->g.dead = false;
	rig_pass(r, 800);
	assert_int_equal(r->g.sent_n, at);
	rig_ask(r, "reconcile"); /* looking again counts no step twice */
	rig_ask(r, "reconcile");
	if (!(happens && at == 2)) {
		if (rig_intent(r)->state != INTENT_NOT_FOUND)
			fail_msg("%zu %d %d: %s", at, happens, dies, rig_intent(r)->note);
		assert_int_equal(rig_ask(r, "rollback shop/prod v1 --reason x" PHRASE), 1);
		assert_string_equal(rig_str(r, "error.code"), "twin");
		assert_int_equal(rig_ask(r, "promote shop/prod" ONWARD), 1);
		assert_string_equal(rig_str(r, "error.code"), "twin");
		if (rig_ask(r, BACK) != 0)
			fail_msg("%zu %d %d: the repeat: %s", at, happens, dies, r->text);
	}
	assert_int_equal(rig_intent(r)->state, INTENT_LINKED);
	assert_int_equal(ground_run(&r->g, CARRIER)->status, RUN_COMPLETED);
	for (size_t i = 0; i < r->g.runs_n; i++)
		dispatched += r->g.runs[i].id >= 9000;
	if (dispatched != 1)
		fail_msg("%zu %d %d: %zu dispatched, %zu sent, run %" PRId64 ", %s", at, happens, dies,
			 dispatched, r->g.sent_n, rig_intent(r)->run_id, rig_intent(r)->note);
	assert_int_equal(r->g.sent_n, happens ? 2 : 3);
}

static void cut_anywhere(void **state)
{
	for (size_t at = 1; at <= 2; at++)
		for (int how = 0; how < 4; how++)
			cut(state, at, how & 1, how & 2);
}

/* A run that does not end keeps the way back waiting, and then a person is asked. */
static void a_run_that_does_not_end(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	r->g.deaf = true;
	rig_begin(r, BACK);
	rig_pass(r, 930);
	assert_int_equal(r->answers, 1);
	assert_int_equal(r->status, 3);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_int_equal(rig_intent(r)->done, 1);
	assert_int_equal(r->g.sent_n, 1);
	rig_begin(r, BACK);
	rig_pass(r, 30);
	assert_int_equal(r->answers, 0); /* waits again */
	assert_int_equal(rig_intent(r)->state, INTENT_SENT);
	rig_crash(r);
	ground_run(&r->g, CARRIER)->status = RUN_COMPLETED;
	ground_run(&r->g, CARRIER)->conclusion = CONCLUSION_CANCELLED;
	rig_pass(r, 60);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_int_equal(rig_ask(r, BACK), 0);
	assert_int_equal(r->g.sent_n, 2);
}

/* While it waits the world moves on: what is left is planned again, and what stops it now leaves it open. */
static void the_rest_is_planned_on_facts_of_now(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	r->g.deaf = true;
	rig_begin(r, BACK);
	rig_pass(r, 20);
	ground_set_ref(&r->g, "tags/v1", NULL);
	ground_run(&r->g, CARRIER)->status = RUN_COMPLETED;
	ground_run(&r->g, CARRIER)->conclusion = CONCLUSION_CANCELLED;
	rig_pass(r, 20);
	assert_int_equal(r->answers, 1);
	assert_int_equal(r->status, 3);
	assert_int_equal(r->g.sent_n, 1);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_non_null(strstr(rig_intent(r)->note, "there is no tag v1"));
}

static void a_command_elsewhere_is_shown_and_not_run(void **state)
{
	struct rig *r = canary_open(state, by_helm);

	assert_int_equal(rig_ask(r, "plan abort shop/prod --rollback"), 0);
	assert_int_equal(json_size(json_get(r->json, "requests")), 1);
	assert_true(begins(rig_check(r, "note:outside"), "unchecked only the abort is done here; "));
	assert_string_equal(rig_str(r, "command"), "helm rollback shop v1");
	assert_int_equal(rig_ask(r, BACK), 0);
	assert_int_equal(r->g.sent_n, 1);
	assert_int_equal(rig_intent(r)->state, INTENT_DONE);
}

static void what_nothing_covers_is_said(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "hold shop/prod" PHRASE,
		  "bad cannot hold: the workflow has no gate, variable or tag for it" },
		{ "promote shop/prod" ONWARD, "bad cannot promote: the workflow has no gate" },
		{ "abort shop/prod" PHRASE, "bad cannot abort: the workflow has no gate" },
	};
	struct rig *r = canary_open(state, by_nothing);

	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(rig_ask(r, cases[i].line), 1);
		assert_true(begins(rig_check(r, "mechanism"), cases[i].says));
	}
	assert_int_equal(rig_ask(r, "abort shop/prod --rollback" PHRASE), 1);
	assert_string_equal(rig_check(r, "outside"), "bad shop/prod has no way back by its profile");
	assert_int_equal(r->g.sent_n, 0);
}

/* ---- a controller ---------------------------------------------------------------------------------------------------------- */

static const char by_argo[] = CANARY_LANE(LEVERS(BY_ARGO), GOES_BACK);

/* Answers at once after a moment, and does what it is told unless it shall not. */
struct cluster {
	struct rollout port;
	struct loop *loop;
	struct rollout_answer now;
	int asked, acts, fault_at;
	enum err_kind fault;
	bool fault_after;
};
struct cluster_call {
	struct cluster *c;
	struct timer *timer;
	rollout_done done;
	rollout_acted acted;
	void *ctx;
	enum err_kind fail;
};

static void cluster_fires(void *ctx)
{
	struct cluster_call *call = ctx;
	struct err e = ERR_INIT;

	if (call->fail)
		err_set(&e, call->fail, "the cluster failed");
	if (call->done)
		call->done(call->ctx, &call->c->now, NULL);
	else
		call->acted(call->ctx, call->fail ? 0 : 200, call->fail ? &e : NULL);
	timer_free(call->timer);
	free(call);
}

static struct cluster_call *cluster_call(struct cluster *c, void *ctx)
{
	struct cluster_call *call = x_alloc(sizeof(*call));

	*call = (struct cluster_call){ .c = c, .ctx = ctx };
	call->timer = timer_new(c->loop, cluster_fires, call);
	timer_in(call->timer, LATENCY);
	return call;
}

static int cluster_read(struct rollout *r, const struct rollout_name *n, rollout_done done, void *ctx,
			struct err *e maybe_unused)
{
	assert_string_equal(n->name, "web");
	cluster_call((struct cluster *)r, ctx)->done = done;
	return 0;
}

static void cluster_obeys(struct cluster *c, const struct rollout_act *a)
{
	static const enum canary_phase phases[] = { [ROLLOUT_HOLD] = CANARY_HELD,
						    [ROLLOUT_RESUME] = CANARY_WATCHING,
						    [ROLLOUT_PROMOTE] = CANARY_WATCHING,
						    [ROLLOUT_PROMOTE_FULL] = CANARY_DONE,
						    [ROLLOUT_ABORT] = CANARY_ABORTED };

	c->now.phase = phases[a->kind];
	c->now.spec_paused = a->kind == ROLLOUT_HOLD;
	c->now.aborted = a->kind == ROLLOUT_ABORT;
	c->now.promoted = a->kind == ROLLOUT_PROMOTE_FULL;
	c->now.set_bp = c->now.aborted ? 0 : c->now.set_bp;
	c->now.step += a->kind == ROLLOUT_PROMOTE && a->step == 1;
	c->now.word = names_word(&canary_phase_names, (int)c->now.phase);
	c->now.version = "8";
}

static int cluster_act(struct rollout *r, const struct rollout_act *a, rollout_acted done, void *ctx,
		       struct err *e maybe_unused)
{
	struct cluster *c = (struct cluster *)r;
	struct cluster_call *call = cluster_call(c, ctx);
	bool hit = ++c->acts == c->fault_at;

	call->acted = done;
	call->fail = hit ? c->fault : ERR_NONE;
	if (!hit || c->fault_after)
		cluster_obeys(c, a);
	return 0;
}

static int cluster_requests(struct rollout *r, const struct rollout_act *a, struct err *e)
{
	struct cluster *c = (struct cluster *)r;

	if (a->kind == ROLLOUT_RESUME && c->now.phase != CANARY_HELD)
		return err_set(e, ERR_INVALID, "it is not held");
	return a->kind == ROLLOUT_PROMOTE ? 2 : 1;
}

static int cluster_describe(struct rollout *r maybe_unused, const struct rollout_act *a, struct buf *request,
			    struct buf *body, struct err *e maybe_unused)
{
	buf_fmt(request, "PATCH rollouts/%s", a->name.name);
	buf_fmt(body, "{\"act\":%d,\"part\":%d}", (int)a->kind, a->step);
	return 0;
}

static const struct rollout_ops cluster_ops = {
	.read = cluster_read, .act = cluster_act, .requests = cluster_requests, .describe = cluster_describe
};

static struct rig *with_cluster(void **state, struct cluster *c)
{
	struct rig *r = canary_open(state, by_argo);

	*c = (struct cluster){ .port = { &cluster_ops },
			       .loop = r->loop,
			       .now = { .phase = CANARY_WATCHING,
					.word = "Progressing",
					.message = "",
					.step = 2,
					.set_bp = 2500,
					.seen_bp = -1,
					.settled = true,
					.version = "7" } };
	r->rollout = &c->port;
	rig_crash(r);
	return r;
}

static void a_controller_is_told(void **state)
{
	struct cluster c;
	struct rig *r = with_cluster(state, &c);

	assert_int_equal(rig_ask(r, "plan hold shop/prod"), 0);
	assert_true(
		begins(rig_check(r, "mechanism"), "ok by telling the Argo rollout web in the cluster: hold"));
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 1);
	assert_string_equal(rig_check(r, "mechanism"), "bad cannot resume: argo: it is not held");
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_string_equal(rig_str(r, "note"), "the controller says held");
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 0);
	assert_int_equal(rig_ask(r, "promote shop/prod" ONWARD), 0);
	assert_int_equal(c.acts, 4);
	assert_int_equal(rig_intent(r)->done, 2);
	assert_int_equal(rig_ask(r, "promote shop/prod --full" ONWARD), 0);
	assert_int_equal(c.now.phase, CANARY_DONE);
	assert_int_equal(r->g.sent_n, 0);
}

static void a_controller_takes_it_back_and_then_the_lane_does(void **state)
{
	struct cluster c;
	struct rig *r = with_cluster(state, &c);

	ground_run(&r->g, CARRIER)->status = RUN_COMPLETED; /* it has handed over to the controller */
	ground_run(&r->g, CARRIER)->conclusion = CONCLUSION_FAILURE;
	assert_int_equal(rig_ask(r, "abort shop/prod --rollback" PHRASE), 0);
	assert_int_equal(c.acts, 1);
	assert_int_equal(r->g.sent_n, 1);
	assert_non_null(strstr(newest(r)->title, "\"tag\":\"v1\""));
	assert_int_equal(rig_intent(r)->state, INTENT_LINKED);
}

static void what_a_controller_did_is_read(void **state)
{
	for (int after = 0; after < 2; after++) {
		struct cluster c;
		struct rig *r = with_cluster(state, &c);

		c.fault_at = 1;
		c.fault = ERR_UNKNOWN;
		c.fault_after = after;
		assert_int_equal(rig_ask(r, "abort shop/prod" PHRASE), 3);
		rig_pass(r, 700);
		assert_int_equal(c.acts, 1);
		assert_int_equal(rig_intent(r)->state, after ? INTENT_DONE : INTENT_NOT_FOUND);
	}
}

static void without_a_cluster_nothing_is_told(void **state)
{
	struct rig *r = canary_open(state, by_argo);

	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 5);
	assert_string_equal(rig_check(r, "mechanism"),
			    "unchecked cannot hold: argo: no cluster is named for it");
}

/* ---- what a plan relies on --------------------------------------------------------------------------------------------------- */

static void attempt_moves(struct rig *r)
{
	ground_run(&r->g, CARRIER)->attempt = 2;
}
static void run_moves(struct rig *r)
{
	struct canary row = canary_now(r);

	ground_run(&r->g, CARRIER)->status = RUN_COMPLETED;
	canary_run(r, 30, "Ship v3", RUN_WAITING);
	row.run = 30;
	canary_row(r, &row);
}
static void rung_moves(struct rig *r)
{
	struct canary row = canary_now(r);

	row.step = 3;
	canary_row(r, &row);
}
static void weight_moves(struct rig *r)
{
	struct canary row = canary_now(r);

	row.set_bp = 1000;
	canary_row(r, &row);
}
static void verdict_moves(struct rig *r)
{
	struct canary row = canary_now(r);

	row.verdict = VERDICT_FAIL;
	canary_row(r, &row);
}
static void gate_moves(struct rig *r)
{
	r->g.gates[0].environment_id = 51;
}
static void step_variable_moves(struct rig *r)
{
	ground_set_variable(&r->g, "CANARY_STEP", "5");
}
static void tag_moves(struct rig *r)
{
	ground_set_ref(&r->g, "tags/hold/prod", SHA("c"));
}
static void version_moves(struct rig *r)
{
	((struct cluster *)r->rollout)->now.version = "9";
}
static void it_is_promoted(struct rig *r)
{
	((struct cluster *)r->rollout)->now.promoted = true;
}
static void hold_comes(struct rig *r)
{
	assert_int_equal(rig_ask(r, "hold shop/prod" PHRASE), 0);
}

static void what_moves_voids_the_plan(void **state)
{
	static const struct {
		const char *profile, *line, *phrase;
		void (*moves)(struct rig *r);
		const char *says;
	} cases[] = {
		{ by_gate, "promote shop/prod", "'shop/prod v2'", attempt_moves, "run moved" },
		{ by_gate, "promote shop/prod", "'shop/prod v2'", rung_moves, "canary moved" },
		{ by_gate, "promote shop/prod", "'shop/prod v2'", weight_moves, "canary moved" },
		{ by_gate, "promote shop/prod", "'shop/prod v2'", verdict_moves, "canary moved" },
		{ by_gate, "promote shop/prod", "'shop/prod v2'", gate_moves, "gate moved" },
		{ by_gate, "promote shop/prod", "'shop/prod v2'", hold_comes, "held moved" },
		{ by_gate, "abort shop/prod", "shop/prod", run_moves, "canary moved" },
		{ by_gate, "abort shop/prod --rollback", "shop/prod", attempt_moves, "run moved" },
		{ by_gate, "hold shop/prod", "shop/prod", rung_moves, "canary moved" },
		{ by_variable, "promote shop/prod", "'shop/prod v2'", step_variable_moves,
		  "variable CANARY_STEP moved" },
		{ by_tag, "hold shop/prod", "shop/prod", tag_moves, "tag hold/prod moved" },
		{ by_argo, "promote shop/prod", "'shop/prod v2'", version_moves, "rollout web moved" },
		{ by_argo, "abort shop/prod", "shop/prod", it_is_promoted, "rollout web moved" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct cluster c;
		struct rig *r = cases[i].profile == by_argo ? with_cluster(state, &c)
							    : canary_open(state, cases[i].profile);
		const char *id;

		assert_int_equal(rig_ask(r, arena_printf(&r->a, "plan %s", cases[i].line)), 0);
		id = arena_strdup(&r->a, rig_str(r, "plan_id"));
		cases[i].moves(r);
		assert_int_equal(rig_ask(r, arena_printf(&r->a, "%s --confirm %s --plan %s", cases[i].line,
							 cases[i].phrase, id)),
				 1);
		if (strcmp(rig_str(r, "error.code"), "changed") != 0 ||
		    !strstr(rig_str(r, "error.message"), cases[i].says))
			fail_msg("case %zu: %s", i, rig_str(r, "error.message"));
		assert_int_equal(r->g.sent_n, 0);
	}
}

/* An abort is in a hurry: a verdict that changes does not void it. */
static void a_verdict_does_not_void_an_abort(void **state)
{
	struct rig *r = canary_open(state, by_gate);
	const char *id;

	assert_int_equal(rig_ask(r, "plan abort shop/prod"), 0);
	id = arena_strdup(&r->a, rig_str(r, "plan_id"));
	verdict_moves(r);
	assert_int_equal(rig_ask(r, arena_printf(&r->a, "abort shop/prod" PHRASE " --plan %s", id)), 0);
}

/* ---- the lock after it ------------------------------------------------------------------------------------------------------- */

static size_t chain_links(const struct rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->g.sent_n; i++)
		n += text_starts(r->g.sent[i],
				 arena_printf((struct arena *)&r->a, "act %d ", FORGE_TREE_CREATE));
	return n;
}

/* Also when the answer was lost, and a look found the run. */
static void a_way_back_that_is_found_later_locks_its_lane(void **state)
{
	static const char *const lines[] = { "rollback shop/prod v1 --reason bad" PHRASE, BACK };

	for (size_t i = 0; i < countof(lines); i++)
		for (int lost_at = 0; lost_at < 2; lost_at++) {
			struct rig *r = canary_open(state, by_gate);

			r->locks_back = true;
			rig_crash(r);
			r->g.fault = ERR_UNKNOWN;
			r->g.fault_after = true;
			r->g.fault_at = lost_at ? i + 1 : 0;
			rig_begin(r, lines[i]);
			rig_pass(r, 60);
			assert_int_equal(chain_links(r), 1);
		}
}

/* What the journal says of an intent, move by move. */
static int take_move(void *ctx, const void *row)
{
	const struct journal_log *log = row;
	struct buf *out = ctx;

	buf_fmt(out, "%s: %s\n", names_word(&intent_state_names, log->state), log->note ? log->note : "");
	return 0;
}

/* Going back while a canary runs: the plan says what it waits behind, and the journal tells each step of the way. */
static void what_is_written_of_a_hot_lane(void **state)
{
	static const struct {
		const char *line, *moves;
	} cases[] = {
		{ "rollback shop/prod v1 --reason bad" PHRASE, "armed: \nsent: \nlinked: \n" },
		{ BACK, "armed: \nsent: request 1 of 2: cancel the run\n"
			"sent: request 1 of 2 has happened; the next leaves when run 21 has ended\n"
			"not_found: request 2 of 2 is planned on what is known now\n"
			"sent: request 2 of 2: dispatch the workflow\nlinked: \n" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = canary_open(state, by_gate);
		struct buf words = BUF_INIT(8192);

		assert_int_equal(rig_ask(r, "plan rollback shop/prod v1 --reason bad"), 0);
		assert_string_equal(
			rig_check(r, "in_flight"),
			"ok it would wait behind run 21 waiting v2, which `pilothouse cancel 21` ends");
		assert_true(
			begins(rig_check(r, "live"), "ok v1 ran well last; since then run 21 v2 has begun"));
		assert_int_equal(rig_ask(r, cases[i].line), 0);
		assert_int_equal(audit_each_log(r->journal, take_move, &words, NULL), 0);
		assert_string_equal(words.s, cases[i].moves);
		assert_string_equal(rig_intent(r)->subject, "v1");
		assert_int_equal(ground_run(&r->g, CARRIER)->status, i ? RUN_COMPLETED : RUN_WAITING);
		buf_done(&words);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, canary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_gate_is_held_by_leaving_it_alone),
		TEST(a_gate_is_promoted_by_its_approval),
		TEST(what_if_and_why),
		TEST(what_stops_a_promotion),
		TEST(a_variable_is_set_and_taken_away),
		TEST(a_tag_is_made_and_deleted),
		TEST(every_lost_answer_is_found_or_repeated),
		TEST(refusals_are_told),
		TEST(an_abort_may_go_back_in_one_act),
		TEST(cut_anywhere),
		TEST(a_run_that_does_not_end),
		TEST(the_rest_is_planned_on_facts_of_now),
		TEST(a_command_elsewhere_is_shown_and_not_run),
		TEST(what_nothing_covers_is_said),
		TEST(a_controller_is_told),
		TEST(a_controller_takes_it_back_and_then_the_lane_does),
		TEST(what_a_controller_did_is_read),
		TEST(without_a_cluster_nothing_is_told),
		TEST(what_moves_voids_the_plan),
		TEST(a_verdict_does_not_void_an_abort),
		TEST(a_way_back_that_is_found_later_locks_its_lane),
		TEST(what_is_written_of_a_hot_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
