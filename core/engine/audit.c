#include "core/engine/audit.h"

#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_canonical.h"
#include "core/engine/internal.h"

#define LINE_MAX_BYTES ((size_t)12 << 20)

static void write_time(struct jw *w, const char *key, struct when t)
{
	char text[AUDIT_TIME];

	jw_key(w, key);
	jw_raw_str(w, audit_time(t, text));
}

static void write_by(struct jw *w, const struct engine *en)
{
	jw_kopen(w, "by", '{');
	jw_key(w, "user");
	jw_raw_str(w, en->o.who);
	jw_kint(w, "uid", (int64_t)getuid());
	jw_key(w, "login");
	jw_raw_str(w, en->login);
	jw_key(w, "client");
	jw_raw_str(w, en->caller);
	jw_close(w, '}');
}

static void write_head(struct jw *w, const struct engine *en, const struct audit_event *ev)
{
	struct when server = { ev->at.ms + en->skew_ms };

	jw_kint(w, "v", 1);
	jw_kint(w, "seq", ev->last.seq + 1);
	jw_kstr(w, "prev", ev->last.seq ? ev->last.hash : AUDIT_ZEROS);
	write_time(w, "at", ev->at);
	write_time(w, "server_at", en->skew_ms ? server : WHEN_NONE);
	write_by(w, en);
}

static void write_act(struct jw *w, const struct engine *en, const struct audit_event *ev)
{
	static const struct audit_part *const parts[] = { &audit_identity, &audit_move, &audit_sent };

	jw_kstr(w, "kind", "act");
	jw_kint(w, "log", ev->log);
	for (size_t i = 0; i < countof(parts); i++) {
		jw_kopen(w, parts[i]->key, '{');
		parts[i]->write(w, ev->in, en->o.sha256);
		jw_close(w, '}');
	}
}

static int write_genesis(struct jw *w, const struct engine *en, struct err *e)
{
	struct audit_past past;
	int r = audit_past(en->o.journal, INT64_MAX, INT64_MAX, en->o.sha256, &past, e);

	if (r < 0)
		return r;
	jw_kstr(w, "kind", "genesis");
	jw_kint(w, "intents", past.intents);
	jw_kint(w, "moves", past.logs);
	jw_kint(w, "last_intent", past.last_intent);
	jw_kint(w, "last_log", past.last_log);
	jw_kstr(w, "past", past.hash);
	return 0;
}

static int write_line(struct buf *out, const struct engine *en, const struct audit_event *ev, struct err *e)
{
	autofree(buf) struct buf raw = BUF_INIT(LINE_MAX_BYTES);
	struct jw w;
	int r = 0;

	jw_init(&w, &raw);
	jw_open(&w, '{');
	write_head(&w, en, ev);
	if (ev->in)
		write_act(&w, en, ev);
	else
		r = write_genesis(&w, en, e);
	jw_close(&w, '}');
	if (r < 0)
		return r;
	if (raw.over)
		return err_set(e, ERR_INVALID, "the line for the audit chain is longer than %zu bytes",
			       LINE_MAX_BYTES);
	return json_canonical_text(out, raw.s, raw.n, e);
}

/* A new act never follows a line that is not what was hashed. What became of acts that were sent is entered all the same:
 * to lose it would be worse, and the damage stays to be seen. */
static int last_is_whole(const struct engine *en, const struct audit_event *ev, struct err *e)
{
	char hex[DIGEST_HEX];

	if (!ev->in || ev->in->state != INTENT_ARMED)
		return 0;
	en->o.sha256(ev->last.line, strlen(ev->last.line), hex);
	if (!strcmp(hex, ev->last.hash))
		return 0;
	err_set(e, ERR_CORRUPT, "line %" PRId64 " of the audit chain is not what was hashed", ev->last.seq);
	return err_hint(e, "`pilothouse audit verify` says what was changed; nothing is sent until then");
}

static int seal(void *ctx, const struct audit_event *ev, struct audit_line *out, struct arena *a,
		struct err *e)
{
	const struct engine *en = ctx;
	autofree(buf) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	char hex[DIGEST_HEX];
	int r = last_is_whole(en, ev, e);

	if (r >= 0)
		r = write_line(&line, en, ev, e);
	if (r < 0)
		return r;
	en->o.sha256(line.s, line.n, hex);
	out->line = arena_strdup(a, line.s);
	out->hash = arena_strdup(a, hex);
	return 0;
}

int audit_start(struct engine *en, struct err *e)
{
	if (!en->o.sha256)
		return err_set(e, ERR_BUG, "there is no digest, and so no audit chain");
	audit_seal_with(en->o.journal, seal, en);
	return audit_begin(en->o.journal, engine_now(en), e);
}

void audit_stop(struct engine *en)
{
	if (en->o.journal)
		audit_seal_with(en->o.journal, NULL, NULL);
}

const char *audit_head(const struct engine *en, struct arena *a)
{
	struct audit_line last;

	if (!en->o.journal || audit_last(en->o.journal, &last, a, NULL) != 0)
		return "";
	return arena_printf(a, "%" PRId64 " %.*s", last.seq, AUDIT_MARK_HEX, last.hash);
}
