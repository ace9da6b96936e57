#include "core/model/rollout.h"

static const char *const kind_words[] = { "other", "argo", "flagger" };
const struct names rollout_kind_names = NAMES(kind_words);
static const char *const act_words[] = { "nothing", "hold", "resume", "promote", "promote-full", "abort" };
const struct names rollout_act_names = NAMES(act_words);
