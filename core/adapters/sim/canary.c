#include "core/adapters/sim/canary.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * `canary:` of a scenario; without it nothing here happens.
 *
 *	lane: gov/prod        rps: 400               requests in a second at the mean of the day
 *	errors: 3000          parts in a million     latency: 100     percent of the usual
 *	saturation: 410       thousandths            noise: 0         see canary.h
 *	release: v2.15.0      that behaves as `moods` say, wherever it runs
 *	since: 40m                                   its first rung was so long ago: it is live when the drill begins
 *	moods: [{at: 4m, over: 10m, errors: 20000, latency: 130, saturation: 600, traffic: 0, noise: 80}]  since its first rung
 *	metrics: [{at: 6m, for: 5m, how: empty}]     since then, too: empty nan stale error partial
 *	tells: [deployment, status, artifact]        who says the weight while it goes; the log does when its job is over
 *	hears: [variables, tag]                      what the pipeline reads at its rungs
 *	payload: text                                of the deployments: JSON in a string
 *	stuck: 25                                    a rung whose traffic never comes, and that never ends
 */

#define HOLD_TAG "frozen/rollback"
#define LOOK_MS  (5 * SECOND) /* how often the pipeline looks whether it may go on */

static const struct {
	const char *key;
	int64_t usual;
} measures[MEASURES] = {
	[M_ERRORS] = { "errors", 3000 },
	[M_LATENCY] = { "latency", 100 },
	[M_SATURATION] = { "saturation", 410 },
	[M_TRAFFIC] = { "traffic", 100 },
	[M_NOISE] = { "noise", 0 },
};
static const char *const outage_words[] = {
	[OUTAGE_NONE] = "none",   [OUTAGE_EMPTY] = "empty", [OUTAGE_NAN] = "nan",
	[OUTAGE_STALE] = "stale", [OUTAGE_ERROR] = "error", [OUTAGE_PARTIAL] = "partial",
};
static const struct names outage_names = NAMES(outage_words);

/* ---- what the pipeline reads -------------------------------------------------------------------------------------- */

static bool variable_says(const struct sim_repo *r, const char *name)
{
	const char *value = sim_variable(r, name);

	return value && *value && strcmp(value, "false") != 0 && strcmp(value, "0") != 0;
}

/* What holds a canary where it is: "", or words. */
static const char *what_holds(const struct world *w)
{
	const struct sim_canary *c = w->canary;
	bool tag;

	if (c->hears_variables && variable_says(c->repo, "CANARY_HOLD"))
		return "variable CANARY_HOLD";
	if (c->hears_tag && sim_ref_sha(c->repo, "tags/" HOLD_TAG, &tag))
		return "tag " HOLD_TAG;
	return "";
}

/* ---- the scenario ------------------------------------------------------------------------------------------------- */

static int64_t integer(const struct yaml *map, const char *key, int64_t fallback)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, INT32_MAX) == 0 ? n : fallback;
}

/* All, when nothing is said. */
static bool listed(const struct yaml *list, const char *word)
{
	yaml_each(it, list)
	{
		if (it->scalar && strcmp(it->scalar, word) == 0)
			return true;
	}
	return !list;
}

static int moods_load(struct world *w, struct sim_canary *c, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		struct sim_mood *m = vec_push(&c->moods, &w->arena);

		if (sim_span_of(&m->at, it, "at", 0, e) < 0 || sim_span_of(&m->over, it, "over", 0, e) < 0)
			return -ERR_INVALID;
		for (int i = 0; i < MEASURES; i++)
			m->value[i] = integer(it, measures[i].key, -1);
	}
	return 0;
}

static int darks_load(struct world *w, struct sim_canary *c, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		struct sim_dark *d = vec_push(&c->darks, &w->arena);
		int how = names_value(&outage_names, yaml_str(it, "how", ""));
		int64_t span;

		if (sim_span_of(&d->at, it, "at", 0, e) < 0 || sim_span_of(&span, it, "for", DAY, e) < 0)
			return -ERR_INVALID;
		if (how <= 0)
			return yaml_error(e, it, "metrics know no outage \"%s\"", yaml_str(it, "how", ""));
		d->until = d->at + span;
		d->how = (enum sim_outage)how;
	}
	return 0;
}

static struct sim_lane *lane_find(const struct world *w, const char *name, struct sim_repo **repo)
{
	vec_each (r, &w->repos) {
		vec_each (it, &(*r)->lanes) {
			*repo = *r;
			if (strcmp(it->name, name) == 0)
				return it;
		}
	}
	return NULL;
}

static void shift(struct world *w, int percent)
{
	struct sim_canary *c = w->canary;

	*vec_push(&c->shifts, &w->arena) = (struct sim_shift){
		.at = w->now,
		.percent = percent,
		.marked = c->release && strcmp(c->release, c->marked) == 0,
		.live = strcmp(c->lane->live, c->marked) == 0,
		.held = *what_holds(w) != '\0',
	};
}

int sim_canary_load(struct world *w, struct err *e)
{
	const struct yaml *map = yaml_get(w->script, "canary");
	const struct yaml *tells = yaml_get(map, "tells"), *hears = yaml_get(map, "hears");
	struct sim_canary *c;
	int64_t since = 0;
	int r;

	if (!map)
		return 0;
	c = w->canary = arena_new(&w->arena, struct sim_canary);
	*c = (struct sim_canary){
		.marked = yaml_str(map, "release", ""),
		.rps = integer(map, "rps", 400),
		.stuck = integer(map, "stuck", 0),
		.tells_deployment = listed(tells, "deployment"),
		.tells_status = listed(tells, "status"),
		.tells_artifact = listed(tells, "artifact"),
		.hears_variables = listed(hears, "variables"),
		.hears_tag = listed(hears, "tag"),
		.payload_text = strcmp(yaml_str(map, "payload", ""), "text") == 0,
	};
	for (int i = 0; i < MEASURES; i++)
		c->usual[i] = integer(map, measures[i].key, measures[i].usual);
	c->lane = lane_find(w, yaml_str(map, "lane", ""), &c->repo);
	if (!c->lane)
		return yaml_error(e, map, "there is no lane %s", yaml_str(map, "lane", ""));
	r = moods_load(w, c, yaml_get(map, "moods"), e);
	if (r == 0)
		r = darks_load(w, c, yaml_get(map, "metrics"), e);
	if (r == 0 && yaml_get(map, "since"))
		r = sim_span(&since, yaml_get(map, "since"), e);
	c->first = since ? w->start - since : 0;
	shift(w, -1);
	return r;
}

void sim_canary_free(struct sim_canary *c)
{
	if (c)
		free(c->scrapes);
}

/* Moods come one after the other; each begins from what the one before it had reached. */
int64_t sim_measure_at(const struct sim_canary *c, enum sim_measure m, bool marked, int64_t at)
{
	int64_t v = c->usual[m], gone = at - c->first;

	vec_each (it, &c->moods) {
		if (!marked || !c->first || gone < it->at || it->value[m] < 0)
			continue;
		if (gone < it->at + it->over)
			v += (it->value[m] - v) * (gone - it->at) / it->over;
		else
			v = it->value[m];
	}
	return v;
}

enum sim_outage sim_outage_at(const struct sim_canary *c, int64_t at, int64_t *since)
{
	int64_t gone = at - c->first;

	vec_each (it, &c->darks) {
		if (!c->first || gone < it->at || gone >= it->until)
			continue;
		*since = c->first + it->at;
		return it->how;
	}
	return OUTAGE_NONE;
}

/* ---- what it says ------------------------------------------------------------------------------------------------- */

static void say(struct world *w, const struct sim_doing *d, const char *text)
{
	*vec_push(&d->job->steps[d->job->step].said, &w->arena) = (struct sim_said){ w->now, text };
}

static void tell_deployment(struct world *w, struct sim_canary *c)
{
	const char *payload =
		arena_printf(&w->arena, "{\"canary\":{\"weight\":%d,\"step\":%d},\"release\":\"%s\"}",
			     c->percent, c->step, c->release);
	struct sim_deployment *d;

	if (!c->tells_deployment && !c->tells_status)
		return;
	if (c->step > 1)
		sim_deployment_say(w, c->deployment, "inactive", "");
	d = c->deployment = sim_deployment_add(w, c->run, "prod");
	d->description = arena_printf(&w->arena, "Canary of %s", c->release);
	d->payload_text = c->payload_text;
	if (c->tells_deployment)
		d->payload = payload;
	sim_deployment_say(
		w, d, "in_progress",
		c->tells_status ? arena_printf(&w->arena, "canary %d%% (step %d)", c->percent, c->step) : "");
}

static void tell(struct world *w, const struct sim_doing *d, struct sim_canary *c)
{
	say(w, d, arena_printf(&w->arena, "Promote canary to %d%% and wait", c->percent));
	tell_deployment(w, c);
	if (c->tells_artifact)
		sim_artifact_replace(
			w, c->run, "canary-state", "canary.json",
			arena_printf(&w->arena,
				     "{\"canary\":{\"weight\":%d,\"step\":%d},\"release\":\"%s\"}\n",
				     c->percent, c->step, c->release));
}

/* ---- what it does ------------------------------------------------------------------------------------------------- */

/* The ladder is for what is new: a release that is live, or older than it, takes its rungs without their windows. */
static bool goes_back(const struct sim_canary *c, const char *release)
{
	const struct sim_release *to = sim_release_find(c->repo, release),
				 *from = sim_release_find(c->repo, c->lane->live);

	return to && from && to->published <= from->published;
}

/* LANE RELEASE PERCENT. A way back takes the place of what is under way, as `helm rollback` does. */
const char *sim_do_rung(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *lane = sim_word(&w->arena, &arg), *release = sim_word(&w->arena, &arg);
	struct sim_canary *c = w->canary;
	int64_t percent = 0;

	if (d->past || !c || strcmp(c->lane->name, lane) != 0 || text_int64(&percent, arg, 0, 100) < 0)
		return NULL;
	if (c->run && c->run != d->run && !goes_back(c, release))
		return arena_printf(&w->arena, "another operation is in progress: the canary of %s",
				    c->release);
	c->step = c->run == d->run ? c->step + 1 : 1;
	c->run = d->run;
	c->release = release;
	c->percent = (int)percent;
	c->entered = w->now;
	if (!c->first && strcmp(release, c->marked) == 0)
		c->first = w->now;
	if (!c->stuck || percent < c->stuck)
		shift(w, c->percent);
	tell(w, d, c);
	return NULL;
}

/* LANE SPAN */
const char *sim_do_window(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *lane = sim_word(&w->arena, &arg);
	const struct yaml span = { .kind = YAML_SCALAR, .scalar = arg, .file = "" };
	struct sim_canary *c = w->canary;
	bool full, stuck;
	int64_t left = 0;

	if (d->past || !c || strcmp(c->lane->name, lane) != 0)
		return NULL;
	if (c->run != d->run)
		return arena_printf(&w->arena, "this canary was ended by another: %s",
				    c->run ? c->release : c->lane->live);
	if (goes_back(c, c->release))
		return NULL;
	full = c->hears_variables && variable_says(c->repo, "CANARY_FULL");
	stuck = c->stuck && c->percent >= c->stuck;
	if (sim_span(&left, &span, NULL) == 0)
		left = full ? 0 : c->entered + left - w->now;
	if (left > 0 || stuck || *what_holds(w)) {
		*d->again = left > 0 && left < LOOK_MS ? left : LOOK_MS;
		return NULL;
	}
	say(w, d, arena_printf(&w->arena, "OK: rollout advanced to %d%%", c->percent));
	return NULL;
}

/* Whatever ended the run: the chart's own hook gives the traffic to what is live. */
void sim_canary_after(struct world *w, const struct sim_run *run)
{
	struct sim_canary *c = w->canary;
	bool good = run->conclusion == SIM_SUCCESS;

	if (!c || c->run != run)
		return;
	if (c->tells_deployment || c->tells_status)
		sim_deployment_say(w, c->deployment, good ? "success" : "failure",
				   !c->tells_status ? ""
				   : good           ? "canary 100%: it is live"
					  : arena_printf(&w->arena, "canary 0%%: all traffic is back at %s",
							 c->lane->live));
	c->run = NULL;
	c->percent = 0;
	shift(w, -1);
}
