#include "base/json.h"
#include "base/json_canonical.h"
#include "base/text.h"
#include "core/engine/audit.h"

#include <string.h>

#define PART_MAX ((size_t)8 << 20)

const char *audit_time(struct when t, char out[AUDIT_TIME])
{
	char iso[WHEN_TEXT];
	size_t n;

	when_iso((struct when){ t.ms - t.ms % 1000 }, iso);
	n = strlen(iso);
	if (!when_known(t) || n < 2)
		return NULL;
	(void)snprintf(out, AUDIT_TIME, "%.*s.%03dZ", (int)n - 1, iso, (int)(t.ms % 1000));
	return out;
}

static void write_time(struct jw *w, const char *key, struct when t)
{
	char text[AUDIT_TIME];

	jw_key(w, key);
	jw_raw_str(w, audit_time(t, text));
}

static void write_text(struct jw *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_raw_str(w, s ? s : "");
}

static void write_hash(struct jw *w, const char *key, const char *s, sha256_fn sha)
{
	char hex[DIGEST_HEX] = "";

	if (s && *s)
		sha(s, strlen(s), hex);
	write_text(w, key, hex);
}

static void write_target(struct jw *w, const char *target)
{
	jw_key(w, "target");
	if (target && *target)
		jw_json(w, target);
	else
		jw_null(w);
}

static void write_identity(struct jw *w, const struct intent *in, sha256_fn sha)
{
	jw_kint(w, "id", in->id);
	write_text(w, "nonce", in->nonce);
	write_text(w, "plan", in->plan_id);
	write_text(w, "act", in->act);
	write_text(w, "lane", in->lane);
	write_text(w, "repo", in->repo);
	write_text(w, "subject", in->subject);
	write_text(w, "command", in->line);
	write_text(w, "who", in->who);
	write_text(w, "reason", in->reason);
	write_text(w, "client", in->client);
	write_target(w, in->target);
	write_hash(w, "relies_on", in->relies_on, sha);
	jw_kint(w, "steps", in->steps);
	jw_kint(w, "exclude_run", in->exclude_run);
	write_time(w, "created", in->created);
}

static void write_move(struct jw *w, const struct intent *in, sha256_fn sha maybe_unused)
{
	write_text(w, "state", names_word(&intent_state_names, in->state));
	jw_kint(w, "run_id", in->run_id);
	write_text(w, "run_url", in->run_url);
	write_text(w, "note", in->note);
	jw_kint(w, "sends", in->sends);
}

static void write_sent(struct jw *w, const struct intent *in, sha256_fn sha)
{
	write_text(w, "request", in->request);
	write_hash(w, "body", in->body, sha);
	write_hash(w, "step", in->step, sha);
	jw_kint(w, "done", in->done);
	write_time(w, "sent", in->sent);
	write_time(w, "settled", in->settled);
}

const struct audit_part audit_identity = { "intent", write_identity };
const struct audit_part audit_move = { "move", write_move };
const struct audit_part audit_sent = { "sent", write_sent };

const char *audit_part_text(const struct audit_part *part, const struct intent *in, sha256_fn sha,
			    struct arena *a)
{
	autofree(buf) struct buf raw = BUF_INIT(PART_MAX), form = BUF_INIT(PART_MAX);
	struct jw w;

	jw_init(&w, &raw);
	jw_open(&w, '{');
	part->write(&w, in, sha);
	jw_close(&w, '}');
	if (raw.over || json_canonical_text(&form, raw.s, raw.n, NULL) < 0)
		return NULL;
	return arena_strdup(a, form.s);
}

struct intent audit_of_log(const struct journal_log *log)
{
	return (struct intent){ .id = log->intent,
				.state = log->state,
				.run_id = log->run_id,
				.run_url = log->run_url,
				.note = log->note,
				.sends = log->sends };
}

/* ---- what was there before ---------------------------------------------------------------------------------------- */

struct past {
	struct audit_past *out;
	int64_t last_intent, last_log;
	sha256_fn sha;
};

/* hash = SHA-256(hash so far, the row's form): no more than one row in memory. */
static void fold(struct past *p, const struct audit_part *part, const struct intent *in)
{
	autofree(buf) struct buf text = BUF_INIT(PART_MAX + DIGEST_HEX);
	struct arena a = ARENA_INIT;

	buf_str(&text, p->out->hash);
	buf_str(&text, audit_part_text(part, in, p->sha, &a));
	p->sha(text.s, text.n, p->out->hash);
	arena_done(&a);
}

static int past_intent(void *ctx, const void *row)
{
	const struct intent *in = row;
	struct past *p = ctx;

	if (in->id > p->last_intent)
		return 0;
	fold(p, &audit_identity, in);
	p->out->intents++;
	p->out->last_intent = in->id;
	return 0;
}

static int past_log(void *ctx, const void *row)
{
	const struct journal_log *log = row;
	struct intent in = audit_of_log(log);
	struct past *p = ctx;

	if (log->id > p->last_log)
		return 0;
	fold(p, &audit_move, &in);
	p->out->logs++;
	p->out->last_log = log->id;
	return 0;
}

int audit_past(struct journal *j, int64_t last_intent, int64_t last_log, sha256_fn sha,
	       struct audit_past *out, struct err *e)
{
	struct past p = { out, last_intent, last_log, sha };
	int r;

	*out = (struct audit_past){ .hash = AUDIT_ZEROS };
	r = audit_each_intent(j, past_intent, &p, e);
	return r < 0 ? r : audit_each_log(j, past_log, &p, e);
}
