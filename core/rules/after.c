#include "core/rules/after.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

/* The commit that the run of this intent must be of; NULL: nobody knows. In the arena. */
static const char *expected_head(const struct intent *in, struct arena *a)
{
	autofree(json) struct json *step = NULL;
	const char *text = in->step ? in->step : "", *kind;

	if (json_parse(&step, text, strlen(text), (size_t)1 << 20, NULL) < 0)
		return NULL;
	kind = json_str(step, "kind");
	if (!text_eq(kind, "dispatch") && !text_eq(kind, "rerun"))
		return NULL;
	return arena_strdup(a, json_str(step, "sha"));
}

const char *after_wrong_head(const struct intent *in, int64_t run, const char *head_sha, struct arena *a)
{
	const char *want = expected_head(in, a);

	if (!want || !*want || !head_sha || !*head_sha || text_eq(want, head_sha))
		return NULL;
	return arena_printf(a, "run %" PRId64 " is of commit %.7s, and the plan was for %.7s", run, head_sha,
			    want);
}

/* An abort that goes back ends in a dispatch; before that its record is of something else. */
static bool aborted_back(const struct intent *in)
{
	return text_eq(in->act, "abort") && in->step && strstr(in->step, "\"dispatch\"");
}

bool after_went_back(const struct intent *in)
{
	return text_eq(in->act, "rollback") || aborted_back(in);
}

bool after_delivers(const struct intent *in)
{
	static const char *const acts[] = { "dispatch", "rollback", "replay" };

	for (size_t i = 0; i < countof(acts); i++)
		if (text_eq(acts[i], in->act))
			return true;
	return aborted_back(in);
}

bool after_is_start(const struct intent *in)
{
	return after_delivers(in) || text_eq(in->act, "rerun");
}

static bool is_over_by_cancel(const struct run *r)
{
	return r->status == RUN_COMPLETED && r->conclusion == CONCLUSION_CANCELLED;
}

static void raise(struct alarms *out, const struct after *f, enum alarm_kind kind, const char *text,
		  const char *fix, struct arena *a)
{
	*(struct alarm *)vec_push(out, a) = (struct alarm){
		.kind = (int)kind,
		.subject = arena_printf(a, AFTER_SUBJECT "%" PRId64, f->intent->id),
		.lane = f->intent->lane,
		.text = text,
		.fix = fix,
		.since = f->now,
		.at = f->now,
	};
}

static void judge_head(struct alarms *out, const struct after *f, struct arena *a)
{
	const struct run *r = f->run;
	const char *why = after_wrong_head(f->intent, r->id, r->head_sha, a);

	if (!why || is_over_by_cancel(r))
		return;
	raise(out, f, ALARM_HEAD, why,
	      r->status == RUN_COMPLETED
		      ? arena_printf(a, "it is over: see `pilothouse run %" PRId64 "` for what it changed",
				     r->id)
		      : arena_printf(a, "`pilothouse cancel %" PRId64 "`", r->id),
	      a);
}

/* One nonce goes out once. A second run with it was made by the network, or by a hand that copied it (N22). */
static void judge_twin(struct alarms *out, const struct after *f, struct arena *a)
{
	const struct intent *in = f->intent;

	if (!in->nonce || strlen(in->nonce) < 32)
		return;
	for (size_t i = 0; i < f->runs_n; i++) {
		const struct run *r = &f->runs[i];
		int64_t later = r->id > f->run->id ? r->id : f->run->id;

		if (r->id == f->run->id || !r->title || !strstr(r->title, in->nonce) || is_over_by_cancel(r))
			continue;
		raise(out, f, ALARM_TWIN,
		      arena_printf(a, "runs %" PRId64 " and %" PRId64 " carry the one intent %" PRId64,
				   r->id < f->run->id ? r->id : f->run->id, later, in->id),
		      arena_printf(a, "`pilothouse cancel %" PRId64 "`, the later of them", later), a);
		return;
	}
}

/* A forge keeps one run waiting in a concurrency group, and a newer one cancels it without a word (K7). */
static void judge_evicted(struct alarms *out, const struct after *f, struct arena *a)
{
	const struct run *by = NULL, *mine = f->run;

	if (!is_over_by_cancel(mine) || f->began || f->we_cancelled)
		return;
	for (size_t i = 0; i < f->runs_n; i++)
		if (f->runs[i].id > mine->id &&
		    when_diff(f->runs[i].created, mine->updated) <= EVICT_DELAY_MS)
			by = &f->runs[i];
	raise(out, f, ALARM_EVICTED,
	      by ? arena_printf(a, "your queued run %" PRId64 " was replaced by run %" PRId64 " of %s",
				mine->id, by->id, by->actor && *by->actor ? by->actor : "?")
		 : arena_printf(a, "your queued run %" PRId64 " was cancelled before it began", mine->id),
	      "see what runs now, then dispatch it again", a);
}

bool after_is_half(const struct intent *in)
{
	return in->state == INTENT_NOT_FOUND && in->done > 0 && in->done < in->steps;
}

/* Between two of its requests: it goes on when a person repeats it, and not by itself. */
static void judge_half(struct alarms *out, const struct after *f, struct arena *a)
{
	const struct intent *in = f->intent;

	if (after_is_half(in))
		raise(out, f, ALARM_HALF,
		      arena_printf(a, "%s %s stopped half done: %s", in->act, in->lane,
				   in->note ? in->note : ""),
		      arena_printf(a,
				   "look at what stands, then repeat it, or `pilothouse abandon %" PRId64 "`",
				   in->id),
		      a);
}

static void judge_glass(struct alarms *out, const struct after *f, struct arena *a)
{
	const struct intent *in = f->intent;

	if (text_starts(in->reason ? in->reason : "", BREAK_GLASS))
		raise(out, f, ALARM_GLASS,
		      arena_printf(a, "%s %s went out by break-glass of %s: %s", in->act,
				   in->subject ? in->subject : "", in->who ? in->who : "?",
				   in->reason + strlen(BREAK_GLASS)),
		      "look at what it did; the journal keeps the mark", a);
}

void after_judge(struct alarms *out, const struct after *f, struct arena *a)
{
	if (f->superseded || when_diff(f->now, f->intent->created) > AFTER_MS)
		return;
	judge_glass(out, f, a);
	judge_half(out, f, a);
	if (!f->run || !after_is_start(f->intent))
		return;
	judge_head(out, f, a);
	judge_twin(out, f, a);
	judge_evicted(out, f, a);
}
