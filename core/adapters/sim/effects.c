#include "core/adapters/sim/moves.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"

#include <stdlib.h>
#include <string.h>

/* What steps leave behind: artifacts, deployments, pins, pull requests (workflow.c says how they are written). */

enum { RETENTION_DAYS = 90, FRESH_HOURS = 24 };

/* The next word of *at, which moves on; "" at the end. */
const char *sim_word(struct arena *a, const char **at)
{
	size_t n = strcspn(*at, " ");
	const char *word = arena_strndup(a, *at, n);

	*at += n;
	*at += strspn(*at, " ");
	return word;
}

/* ---- artifacts ---------------------------------------------------------------------------------------------------- */

static struct sim_artifact *artifact_of(struct world *w, struct sim_run *run, const char *name)
{
	struct sim_repo *r = run->workflow->repo;
	struct sim_artifact *art;

	for (size_t i = r->artifacts.n; i-- > 0;)
		if (r->artifacts.items[i]->run == run && strcmp(r->artifacts.items[i]->name, name) == 0)
			return r->artifacts.items[i];
	art = arena_new(&w->arena, struct sim_artifact);
	*art = (struct sim_artifact){
		.id = sim_id(w),
		.created = w->now,
		.expires = w->now + (int64_t)RETENTION_DAYS * DAY,
		.name = arena_strdup(&w->arena, name),
		.run = run,
	};
	*vec_push(&r->artifacts, &w->arena) = art;
	return art;
}

static void artifact_entry(struct world *w, struct sim_artifact *art, const char *entry, const char *text)
{
	art->zip = art->digest = NULL;
	vec_each (it, &art->entries) {
		if (strcmp(it->name, entry) == 0) {
			it->text = arena_strdup(&w->arena, text);
			return;
		}
	}
	*vec_push(&art->entries, &w->arena) =
		(struct sim_entry){ arena_strdup(&w->arena, entry), arena_strdup(&w->arena, text) };
}

const char *sim_do_artifact(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *name = sim_word(&w->arena, &arg), *entry = sim_word(&w->arena, &arg);

	artifact_entry(w, artifact_of(w, d->run, name), entry, arg);
	return NULL;
}

/* Uploaded again under its name: another artifact, and the older one is gone. */
void sim_artifact_replace(struct world *w, struct sim_run *run, const char *name, const char *entry,
			  const char *text)
{
	struct sim_repo *r = run->workflow->repo;
	size_t kept = 0;

	for (size_t i = 0; i < r->artifacts.n; i++) {
		struct sim_artifact *art = r->artifacts.items[i];

		if (art->run != run || strcmp(art->name, name) != 0)
			r->artifacts.items[kept++] = art;
	}
	r->artifacts.n = kept;
	artifact_entry(w, artifact_of(w, run, name), entry, text);
}

/* The newest of that name, expired ones among them. */
struct sim_artifact *sim_artifact_find(const struct sim_repo *r, const char *name)
{
	for (size_t i = r->artifacts.n; i-- > 0;)
		if (strcmp(r->artifacts.items[i]->name, name) == 0)
			return r->artifacts.items[i];
	return NULL;
}

const char *sim_do_need(struct world *w, const struct sim_doing *d, const char *arg)
{
	const struct sim_artifact *art = sim_artifact_find(d->run->workflow->repo, arg);

	if (!art)
		return arena_printf(&w->arena, "no artifact %s was found", arg);
	return w->now < art->expires ? NULL : arena_printf(&w->arena, "artifact %s has expired", arg);
}

/* ---- freshness (delivery-systems reference 4.2) -------------------------------------------------------------------- */

static struct sim_run *newest_success(const struct world *w, const struct sim_workflow *wf)
{
	for (size_t i = wf ? wf->runs.n : 0; i-- > 0;) {
		struct sim_run *run = wf->runs.items[i];

		if (run->status == SIM_COMPLETED && run->conclusion == SIM_SUCCESS && run->updated <= w->now)
			return run;
	}
	return NULL;
}

static bool run_has(const struct sim_run *run, const char *name)
{
	vec_each (it, &run->workflow->repo->artifacts) {
		if ((*it)->run == run && strcmp((*it)->name, name) == 0)
			return true;
	}
	return false;
}

static const char *not_fresh(const struct world *w, const struct sim_run *last, const char *artifact)
{
	if (!last)
		return "AUTH_CANARY_NOT_FOUND";
	if (w->now - last->updated > (int64_t)FRESH_HOURS * HOUR)
		return "AUTH_CANARY_STALE";
	if (strcmp(artifact, "-") != 0 && !run_has(last, artifact))
		return "AUTH_CANARY_ARTIFACT_MISSING";
	return "";
}

struct freshness {
	const char *file, *artifact, *code;
	const struct sim_run *last;
};

static void put_last(struct jw *j, const struct sim_run *last)
{
	jw_kopen(j, "lastSuccess", '{');
	jw_kint(j, "id", last->id);
	jw_kint(j, "runNumber", last->number);
	jw_kstr(j, "status", "completed");
	jw_kstr(j, "conclusion", "success");
	jw_kwhen(j, "updatedAt", (struct when){ last->updated });
	jw_close(j, '}');
}

static const char *record(struct world *w, const struct sim_run *run, const struct freshness *f)
{
	autofree(buf) struct buf b = BUF_INIT(1 << 16);
	bool wants = strcmp(f->artifact, "-") != 0;
	struct jw j;

	jw_init(&j, &b);
	jw_open(&j, '{');
	jw_kstr(&j, "schemaVersion", "1");
	jw_kwhen(&j, "generatedAt", (struct when){ w->now });
	jw_kstr(&j, "headSha", run->sha);
	jw_kstr(&j, "status", *f->code ? "fail" : "pass");
	jw_kstr(&j, "reasonCode", f->code);
	jw_kstr(&j, "workflowFile", f->file);
	jw_kstr(&j, "branch", run->workflow->repo->branch);
	jw_kstr(&j, "requiredRunArtifactName", wants ? f->artifact : "");
	if (wants)
		jw_kbool(&j, "requiredArtifactFound", f->last && run_has(f->last, f->artifact));
	jw_kint(&j, "maxAgeHours", FRESH_HOURS);
	if (f->last) {
		put_last(&j, f->last);
		jw_kint(&j, "ageHours", (w->now - f->last->updated) / HOUR);
	}
	jw_close(&j, '}');
	return arena_strdup(&w->arena, b.s);
}

const char *sim_do_fresh(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *file = sim_word(&w->arena, &arg), *artifact = sim_word(&w->arena, &arg),
		   *into = sim_word(&w->arena, &arg);
	struct freshness f = { .file = file, .artifact = artifact };

	f.last = newest_success(w, sim_workflow_find(d->run->workflow->repo, f.file));
	f.code = not_fresh(w, f.last, f.artifact);
	artifact_entry(w, artifact_of(w, d->run, into), arg, record(w, d->run, &f));
	return *f.code ? arena_printf(&w->arena, "%s: %s", f.file, f.code) : NULL;
}

/* ---- deployments -------------------------------------------------------------------------------------------------- */

struct sim_deployment *sim_deployment_add(struct world *w, struct sim_run *run, const char *environment)
{
	struct sim_deployment *d = arena_new(&w->arena, struct sim_deployment);

	*d = (struct sim_deployment){
		.id = sim_id(w),
		.created = w->now,
		.run = run,
		.environment = environment,
		.payload = "{}",
	};
	*vec_push(&run->workflow->repo->deployments, &w->arena) = d;
	return d;
}

/* ENVIRONMENT PAYLOAD: recorded by the workflow itself, beside the one that the forge made for its job. */
const char *sim_do_deployment(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *environment = sim_word(&w->arena, &arg);
	struct sim_deployment *made = sim_deployment_add(w, d->run, environment);

	made->payload = arena_strdup(&w->arena, arg);
	made->description = "Release package promotion";
	sim_deployment_state(w, made, "success");
	sim_output(w, d->run, d->job->spec, "deployment_id", arena_printf(&w->arena, "%" PRId64, made->id));
	return NULL;
}

/* ---- pins --------------------------------------------------------------------------------------------------------- */

/* The line of a platform: "    amd64: NAME@sha256:...", or `oci:` in the older form. */
static const char *pin_at(const char *text, const char *platform)
{
	size_t n = strlen(platform);

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		const char *word = line + strspn(line, " "), *end = word + strcspn(word, "\n"), *at;

		if (strncmp(word, platform, n) == 0 && word[n] == ':') {
			at = strstr(word, "sha256:");
			return at && at < end ? at : NULL;
		}
		if (!*end)
			return NULL;
	}
	return NULL;
}

enum { DIGEST_TEXT = 7 + 64 };

const char *sim_pin_read(struct arena *a, const char *text, const char *platform)
{
	const char *at = pin_at(text, platform);

	return at ? arena_strndup(a, at, DIGEST_TEXT) : "";
}

const char *sim_pin_write(struct arena *a, const char *text, const char *platform, const char *digest)
{
	const char *at = pin_at(text, platform);

	if (!at || strlen(at) < DIGEST_TEXT)
		return NULL;
	return arena_printf(a, "%.*s%s%s", (int)(at - text), text, digest, at + DIGEST_TEXT);
}

/* PATH PLATFORM DIGEST SUBJECT: the bot pushes with a token of its own, so workflows see it. */
const char *sim_do_pin(struct world *w, const struct sim_doing *d, const char *arg)
{
	struct sim_repo *r = d->run->workflow->repo;
	const char *path = sim_word(&w->arena, &arg), *platform = sim_word(&w->arena, &arg),
		   *digest = sim_word(&w->arena, &arg), *text;
	const struct sim_user *bot = sim_user_find("pin-bot");
	long before = sim_branch_tip(r, d->run->ref), after;
	const struct sim_file *f = sim_file_find(sim_files_at(r, before), path);

	if (d->past)
		return NULL; /* the organisation's file tells of pins itself */
	text = f ? sim_pin_write(&w->arena, f->content, platform, digest) : NULL;
	if (!text)
		return arena_printf(&w->arena, "%s has no pin for %s", path, platform);
	after = sim_commit_add(
		w, r,
		&(struct sim_change){ .branch = d->run->ref,
				      .subject = arena_strdup(&w->arena, arg),
				      .author = bot,
				      .at = w->now,
				      .merged = -1,
				      .files = sim_file_add(w, sim_files_at(r, before), path, text) });
	sim_pushed(w, &(struct sim_push){ r, d->run->ref, before, after, bot });
	return NULL;
}

/* ---- others ------------------------------------------------------------------------------------------------------- */

void sim_output(struct world *w, struct sim_run *run, const struct sim_job_spec *job, const char *name,
		const char *value)
{
	*vec_push(&run->outputs, &w->arena) =
		(struct sim_pair){ arena_printf(&w->arena, "%s.%s", job->key, name),
				   arena_strdup(&w->arena, value) };
}

const char *sim_do_output(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *name = sim_word(&w->arena, &arg);

	sim_output(w, d->run, d->job->spec, name, arg);
	return NULL;
}

const char *sim_do_runs(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *lane = sim_word(&w->arena, &arg);

	vec_each (it, &d->run->workflow->repo->lanes) {
		if (strcmp(it->name, lane) == 0)
			it->running = arena_strdup(&w->arena, arg);
	}
	return NULL;
}

/* HEAD BASE TITLE; one that is open is brought up to date by its branch. */
const char *sim_do_pull(struct world *w, const struct sim_doing *d, const char *arg)
{
	struct sim_repo *r = d->run->workflow->repo;
	const char *head = sim_word(&w->arena, &arg), *base = sim_word(&w->arena, &arg);

	if (d->past || sim_pull_between(r, head, base))
		return NULL;
	sim_pull_open(w, r,
		      &(struct sim_pull){ .head = head,
					  .base = base,
					  .title = arena_strdup(&w->arena, arg),
					  .body = "",
					  .author = sim_user_find("github-actions[bot]") });
	return NULL;
}

const char *sim_do_publish(struct world *w, const struct sim_doing *d, const char *arg)
{
	struct sim_repo *r = d->run->workflow->repo;

	if (sim_release_find(r, arg))
		return arena_printf(&w->arena, "tag %s exists", arg);
	*vec_push(&r->releases, &w->arena) = (struct sim_release){
		.id = sim_id(w),
		.tag = arena_strdup(&w->arena, arg),
		.title = arena_strdup(&w->arena, arg),
		.sha = d->run->sha,
		.published = w->now,
	};
	return NULL;
}
