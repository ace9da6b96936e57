#include "core/engine/ways.h"

#include "base/text.h"

#include <string.h>

/* A way back that exists outside only (helm, a shift of traffic): the command is printed as it must be typed, and nothing
 * is sent. It is never run from here, and never pretended (delivery-systems reference 7.7). */

static void read_all(struct ask *k)
{
	k->subject = k->plan.release ? k->plan.release : "";
	facts_read_lane(k);
	ask_then(k, plan_judge);
}

static void which_release(struct ask *k)
{
	k->plan.release = k->cmd.n > 1 ? k->cmd.args[1] : NULL;
	if (k->plan.release)
		read_all(k);
	else
		history_previous(k, read_all);
}

static void begin(struct ask *k)
{
	if (plan_find_lane(k))
		files_find(k, which_release);
}

static void judge(struct ask *k)
{
	struct plan *p = &k->plan;
	const char *release = p->release;
	bool is_sha = text_is_hex(release, 40);
	const struct profile_words w = { .release = release,
					 .version = release && *release == 'v' ? release + 1 : release,
					 .sha = is_sha ? release : NULL,
					 .repo = p->repo };
	const char *command = profile_expand(&k->arena, p->lane->back_command, &w);

	p->command = command;
	plan_said(k, "outside", CHECK_BAD,
		  arena_printf(&k->arena, "%s goes back by a command that runs elsewhere", p->lane->name),
		  command ? arena_printf(&k->arena, "run `%s`, then `pilothouse sync --once`", command)
			  : "the profile's back_command needs what is not known here",
		  "profile");
}

static void steps(struct ask *k maybe_unused, const char *nonce maybe_unused,
		  struct plan_steps *out maybe_unused)
{
}

const struct way way_outside = { .rules = "outside", .begin = begin, .judge = judge, .steps = steps };
