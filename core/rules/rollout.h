/* rollout.h - whether what a controller says now shows that an act has happened. */
#pragma once

#include "core/model/rollout.h"

/* A step that was set by its number is read back at once: the controller works from that very number.
 * `before` is the answer that the act was planned on. Never true of an answer that is not settled: what a controller has
 * not looked at is only our own request read back. */
bool rollout_shows(const struct rollout_answer *now, const struct rollout_name *name,
		   enum rollout_act_kind act, const struct rollout_answer *before);
/* Of an act of two requests, the first: what it asked for stands in the object. The second lets it happen. */
bool rollout_took(const struct rollout_answer *now, const struct rollout_name *name,
		  enum rollout_act_kind act, const struct rollout_answer *before);
/* Whether the act is one of two requests: of an Argo Rollout that somebody holds. */
bool rollout_is_two(const struct rollout_name *name, enum rollout_act_kind act,
		    const struct rollout_answer *before);
