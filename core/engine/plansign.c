/*
 * plansign.c - who else agrees to a plan: signatures beside it, where the profile wants some.
 *
 * The list of signers is a pinned fact, so that whoever signs agrees to the list as well; the signatures are not, for they
 * come after the name. A plan that was sent once is not sent again on the same signatures.
 */
#include "core/engine/planfile.h"
#include "core/engine/ways.h"

#include "base/text.h"
#include "core/rules/signed.h"

#include <string.h>

#define SIGNERS_TEXT_MAX ((size_t)1 << 20)

/* What brings something to production. Going back and stopping are never made to wait for a second person. */
static int64_t wanted_of(const struct ask *k)
{
	static const enum command_id acts[] = { CMD_DISPATCH, CMD_APPROVE, CMD_REPLAY,
						CMD_LABEL,    CMD_RETAG,   CMD_RERUN };
	bool brings = act_is(k, CMD_RELEASE_PR) && k->cmd.opt[OPT_MERGE];
	int64_t n = 0;

	for (size_t i = 0; i < countof(acts); i++)
		brings = brings || act_is(k, acts[i]);
	if (!brings || !k->plan.lane->production)
		return 0;
	vec_each (a, &k->plan.lane->approvals)
		n = a->signatures > n ? a->signatures : n;
	return n;
}

void signers_pin(struct ask *k)
{
	const struct engine_options *o = &k->acts->en->o;
	autofree(buf) struct buf text = BUF_INIT(SIGNERS_TEXT_MAX);
	char hex[DIGEST_HEX];
	struct err e = ERR_INIT;

	if (!wanted_of(k))
		return;
	if (!o->allowed_signers || !o->sign) {
		fact_pinned(k, "signers", "");
		return;
	}
	if (plan_signers_read(&text, o->allowed_signers, &e) < 0) {
		fact_pinned(k, "signers", arena_printf(&k->arena, "not readable: %s", e.message));
		return;
	}
	o->sha256(text.s, text.n, hex);
	k->plan.signers = arena_strndup(&k->arena, text.s, text.n);
	fact_pinned(k, "signers", arena_printf(&k->arena, "sha256:%s", hex));
}

static void check_one(struct ask *k, struct signings *out, const struct plan_signature *file)
{
	struct sign *sign = k->acts->en->o.sign;
	struct signing *s = vec_push(out, &k->arena);
	struct sign_key key = { .fingerprint = "" };
	struct err e = ERR_INIT;
	int r = sign->ops->check(sign, file->text, file->n, k->plan.document, strlen(k->plan.document), &key,
				 &k->arena, &e);

	s->fingerprint = key.fingerprint ? key.fingerprint : "";
	s->why = r == 0 ? NULL : r > 0 ? "not over this plan" : arena_strdup(&k->arena, e.message);
}

/* An act that was sent, or may have been, on this very plan: 0; 1 none. To override it sends nothing. */
static int spent_by(struct ask *k, struct intent *out, struct err *e)
{
	struct intents of_plan = { 0 };
	struct journal *j = k->acts->en->o.journal;
	int r = k->plan.repeats || !j ? 1 : journal_of_plan(j, k->plan.id, &of_plan, &k->arena, e);

	if (r)
		return r;
	vec_each (in, &of_plan) {
		if (text_eq(in->act, "override") || in->state == INTENT_REFUSED ||
		    in->state == INTENT_NOT_SENT || in->state == INTENT_ABANDONED)
			continue;
		*out = *in;
		return 0;
	}
	return 1;
}

static void judge(struct ask *k, const struct signers *list)
{
	const struct engine_options *o = &k->acts->en->o;
	struct plan_signatures files = { 0 };
	struct signings signings = { 0 };
	struct signed_answer answer;
	struct err e = ERR_INIT;
	const char *path = arena_printf(&k->arena, "%s/%s.json", o->plans_dir, k->plan.id);
	const struct signed_question q = { .signers = list,
					   .signings = &signings,
					   .starter = k->plan.pf.who_login,
					   .space = SIGN_NAMESPACE,
					   .now = engine_now(k->acts->en),
					   .wanted = wanted_of(k) };

	if (plan_file_signatures(&files, path, &k->arena, &e) < 0) {
		plan_said(k, "signatures", CHECK_MISSING, arena_strdup(&k->arena, e.message), "", "signers");
		return;
	}
	vec_each (f, &files)
		check_one(k, &signings, f);
	signed_judge(&answer, &q, &k->arena);
	if (answer.status != CHECK_OK && !*answer.fix)
		answer.fix = arena_printf(
			&k->arena, "`pilothouse plan save ...`, then others: `pilothouse plan sign %.8s`",
			k->plan.id);
	plan_said(k, "signatures", answer.status, answer.detail, answer.fix, "signers");
}

void signatures_judge(struct ask *k)
{
	const struct engine_options *o = &k->acts->en->o;
	struct intent spent;
	int r;
	struct signers list = { 0 };
	struct err e = ERR_INIT;

	if (!wanted_of(k) || k->continues) /* what goes on was signed as a whole */
		return;
	r = spent_by(k, &spent, &e);
	if (r < 0)
		plan_said(k, "signatures", CHECK_MISSING, arena_strdup(&k->arena, e.message),
			  "see `pilothouse doctor`", "signers");
	else if (r == 0)
		plan_said(k, "signatures", CHECK_BAD,
			  arena_printf(&k->arena, "what was signed was sent already: intent %" PRId64,
				       spent.id),
			  "plan it anew when the lane has moved", "signers");
	else if (!o->allowed_signers || !o->sign || !o->plans_dir)
		plan_said(k, "signatures", CHECK_MISSING,
			  arena_printf(&k->arena, "%" PRId64 " wanted, and who may sign is not configured",
				       wanted_of(k)),
			  "--allowed-signers FILE, or allowed_signers in the configuration file", "signers");
	else if (!k->plan.signers || o->sign->ops->signers(o->sign, k->plan.signers, strlen(k->plan.signers),
							   &list, &k->arena, &e) < 0)
		plan_said(k, "signatures", CHECK_MISSING,
			  arena_printf(&k->arena, "who may sign cannot be read%s%s", e.kind ? ": " : "",
				       e.message),
			  "see allowed_signers in pilothouse(1)", "signers");
	else
		judge(k, &list);
}
