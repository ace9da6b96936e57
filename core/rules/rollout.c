#include "core/rules/rollout.h"

#include <string.h>

static bool is_promoting(const struct rollout_answer *now)
{
	return now->promoted || !strcmp(now->word, "Promoting") || !strcmp(now->word, "Finalising");
}

static bool argo_shows(const struct rollout_answer *now, enum rollout_act_kind act,
		       const struct rollout_answer *before)
{
	switch (act) {
	case ROLLOUT_HOLD:
		return now->spec_paused;
	case ROLLOUT_RESUME:
		return before->aborted ? !now->aborted : !now->spec_paused;
	case ROLLOUT_PROMOTE:
		return !now->aborted && (now->promoted || now->step > before->step);
	case ROLLOUT_PROMOTE_FULL:
		return now->promoted;
	case ROLLOUT_ABORT:
		return now->phase == CANARY_ABORTED &&
		       (now->spec_paused ? now->set_bp == 0 : now->set_bp <= 0);
	case ROLLOUT_NOTHING:
		break;
	}
	return false;
}

/* Flagger is told through gates: those that hold it show as gates, those that move it by what it does. */
static bool flagger_shows(const struct rollout_answer *now, enum rollout_act_kind act,
			  const struct rollout_answer *before)
{
	switch (act) {
	case ROLLOUT_HOLD:
		return now->gate == ROLLOUT_GATE_SHUT;
	case ROLLOUT_RESUME:
		return (before->phase == CANARY_FAILED ? now->rollback == ROLLOUT_GATE_SHUT
						       : now->gate == ROLLOUT_GATE_OPEN);
	case ROLLOUT_PROMOTE:
		return is_promoting(now);
	case ROLLOUT_PROMOTE_FULL:
		return now->promoted;
	case ROLLOUT_ABORT:
		return now->phase == CANARY_FAILED;
	case ROLLOUT_NOTHING:
		break;
	}
	return false;
}

bool rollout_shows(const struct rollout_answer *now, const struct rollout_name *name,
		   enum rollout_act_kind act, const struct rollout_answer *before)
{
	if (!now->settled)
		return false;
	switch (name->kind) {
	case ROLLOUT_ARGO:
		return argo_shows(now, act, before);
	case ROLLOUT_FLAGGER:
		return flagger_shows(now, act, before);
	case ROLLOUT_OTHER:
		break;
	}
	return false;
}

bool rollout_is_two(const struct rollout_name *name, enum rollout_act_kind act,
		    const struct rollout_answer *before)
{
	return name->kind == ROLLOUT_ARGO && before->spec_paused &&
	       (act == ROLLOUT_PROMOTE || act == ROLLOUT_PROMOTE_FULL || act == ROLLOUT_ABORT);
}

bool rollout_took(const struct rollout_answer *now, const struct rollout_name *name,
		  enum rollout_act_kind act, const struct rollout_answer *before)
{
	if (!rollout_is_two(name, act, before))
		return false;
	if (now->promoted || (act == ROLLOUT_PROMOTE && now->step > before->step))
		return act != ROLLOUT_ABORT;
	if (act == ROLLOUT_PROMOTE)
		return before->has_pause && !now->has_pause;
	return act == ROLLOUT_ABORT ? now->aborted : now->promoting;
}
