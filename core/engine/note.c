#include "core/engine/sync.h"

#include "base/json.h"
#include "base/text.h"
#include "core/view/events.h"
#include "store/proofs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Events are for people who follow; older ones say nothing that the runs do not. */
#define EVENTS_KEPT 10000
#define STARTS_MAX  (64 * 1024)
#define SKEW_STEP   2000 /* ms */

int note_setting(struct engine *en, const char *name, const char *value, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct key key = { .name = name };
	struct setting old = { 0 }, new = { .name = name, .value = value, .at = engine_now(en) };
	int r = store_one(en->o.cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &old, &a, e);
	bool same = r == 0 ? text_eq(old.value, value) : !value[0];

	arena_done(&a);
	if (r < 0 || same)
		return r < 0 ? r : 0;
	r = store_run(en->o.cache, text_eq(name, "skew_ms") ? Q_setting_of_ages_put : Q_setting_put,
		      &rec_setting, &new, e);
	return r < 0 ? r : 1;
}

int note_event(struct engine *en, const char *lane, const char *text, struct err *e)
{
	struct key row = { .name = lane, .text = text, .at = engine_now(en) };
	struct key trim = { .number = EVENTS_KEPT };
	int r = store_run(en->o.cache, Q_event_put, &rec_key, &row, e);

	if (r < 0)
		return r;
	return store_run(en->o.cache, Q_events_trim, &rec_key, &trim, e);
}

/* The one line about trouble that every screen carries: the worst first. */
static const char *banner(const struct sync *s)
{
	if (s->refused)
		return s->why;
	if (s->store_trouble[0])
		return s->store_trouble;
	if (s->trouble[0])
		return s->trouble;
	if (s->damage[0])
		return s->damage;
	return s->en->follows ? FOLLOWS_WORDS : "";
}

static int note_number(struct sync *s, const char *name, int64_t value, struct err *e)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return note_setting(s->en, name, text, e);
}

static int note_when(struct sync *s, const char *name, struct when value, struct err *e)
{
	char text[WHEN_TEXT];

	return when_known(value) ? note_setting(s->en, name, when_iso(value, text), e) : 0;
}

/* Trouble, and its end, is told to who follows and kept in the log: once each. */
static int tell_banner(struct sync *s, const char *text, struct err *e)
{
	s->changed = true;
	log_line(s->en->o.log, "banner", "%s", text[0] ? text : "well again");
	return note_event(s->en, "", text[0] ? text : "reading works again", e);
}

static int worst_of(const int *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (r[i] < 0)
			return r[i];
	return 0;
}

/* Every answer may move these. What no answer of this engine told stays as an earlier one left it, with its age. */
static int write_numbers(struct sync *s, struct err *e)
{
	const int r[] = {
		s->gov.remaining < 0 ? 0 : note_number(s, "api_remaining", s->gov.remaining, e),
		s->gov.limit < 0 ? 0 : note_number(s, "api_limit", s->gov.limit, e),
		note_when(s, "api_reset", s->gov.reset, e),
		note_when(s, "token_expires", s->token_expires, e),
		s->is_dated ? note_number(s, "skew_ms", s->told_skew, e) : 0,
	};

	return worst_of(r, countof(r));
}

/* How each lane starts, so that a console offers no act that its profile does not have. */
static int write_starts(struct engine *en, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(STARTS_MAX);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	vec_each (p, en->o.profiles)
		for (size_t i = 0; i < p->lanes.n; i++)
			jw_kstr(&w, p->lanes.items[i].name,
				names_word(&start_kind_names, (int)p->lanes.items[i].start));
	jw_close(&w, '}');
	return note_setting(en, "starts", text.over ? "" : text.s, e);
}

/* Consoles have no OpenSSL of their own to ask: "sound", what is to be said of ours, or nothing where none verifies. */
static const char *openssl_words(const struct engine *en)
{
	const char *why = en->o.attest ? en->o.attest->openssl_floor() : "";

	return why ? why : "sound";
}

/* Which lanes have terms of proof: that nobody has looked yet is something else than that nothing is wanted. */
static int write_terms(struct engine *en, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(STARTS_MAX);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	vec_each (p, en->o.profiles)
		vec_each (l, &p->lanes)
			if (lane_terms(l))
				jw_kstr(&w, l->name, names_word(&proof_policy_names, l->proof->policy));
	jw_close(&w, '}');
	return note_setting(en, TERMS_SETTING, text.over ? "" : text.s, e);
}

static int write_words(struct sync *s, struct err *e)
{
	const struct engine *en = s->en;
	const int r[] = {
		note_setting(s->en, "banner", banner(s), e),
		note_setting(s->en, "drill", en->drill ? en->drill : "", e),
		note_setting(s->en, "login", en->login ? en->login : "", e),
		note_setting(s->en, "openssl", openssl_words(en), e),
		note_number(s, "engine_pid", getpid(), e),
		write_starts(s->en, e),
		write_terms(s->en, e),
	};
	int worst = worst_of(r, countof(r));

	if (worst < 0)
		return worst;
	if (r[0] > 0)
		return tell_banner(s, banner(s), e);
	/* Only these are worth a repaint by themselves. */
	if (r[1] > 0 || r[2] > 0)
		s->changed = true;
	return 0;
}

static struct hash words_hash(const struct sync *s)
{
	struct hash h = HASH_INIT;

	hash_str(&h, banner(s));
	hash_str(&h, s->en->drill ? s->en->drill : "");
	hash_str(&h, s->en->login ? s->en->login : "");
	return h;
}

/* What the settings would say, in one number: most answers change none of them. */
static struct hash settings_hash(const struct sync *s)
{
	const int64_t numbers[] = { s->gov.remaining, s->gov.limit, s->gov.reset.ms, s->token_expires.ms,
				    s->told_skew };
	struct hash h = words_hash(s);

	hash_add(&h, numbers, sizeof(numbers));
	return h;
}

bool note_is_pressing(const struct sync *s)
{
	struct hash h = words_hash(s);

	return h.a != s->noted_words.a || h.b != s->noted_words.b;
}

/* A Date has whole seconds and travels, and a drill's clock may run at a speed of its own: told is what is clearly another
 * skew than the last one. */
static void round_skew(struct sync *s)
{
	int64_t off = llabs(s->en->skew_ms - s->told_skew);

	if (off >= SKEW_STEP + llabs(s->told_skew) / 8)
		s->told_skew = s->en->skew_ms / 1000 * 1000;
}

int note_settings(struct sync *s, struct err *e)
{
	struct hash h;
	int r = 0;

	round_skew(s);
	h = settings_hash(s);
	if (h.a == s->noted.a && h.b == s->noted.b)
		return 0;
	if (note_is_pressing(s))
		r = write_words(s, e);
	s->noted = h;
	s->noted_words = words_hash(s);
	return r < 0 ? r : write_numbers(s, e);
}

static void keep_text(const char **out, const char *text)
{
	if (!text || text_eq(*out, text))
		return;
	free((char *)*out);
	*out = x_strdup(text);
}

static void note_refusal(struct sync *s, const struct err *err)
{
	bool was = s->refused;

	s->refused = true;
	snprintf(s->why, sizeof(s->why), "%.300s", err->message);
	s->user.on = true;
	s->user.due = sync_mono(s) + REFUSED_RETRY;
	/* Told once; but each time it may have been renewed since, and whoever holds it looks. */
	engine_emit(s->en, was ? "token-again" : "token", s->why);
}

static void note_facts(struct sync *s, const struct forge_answer *a)
{
	struct engine *en = s->en;

	governor_rate(&s->gov, &a->rate);
	governor_answered(&s->gov);
	if (when_known(a->date)) {
		en->skew_ms = when_diff(a->date, engine_now(en));
		s->is_dated = true;
	}
	if (when_known(a->token_expires))
		s->token_expires = a->token_expires;
	if (!text_eq(en->drill, a->drill)) {
		free(en->drill);
		en->drill = a->drill ? x_strdup(a->drill) : NULL;
	}
}

/* At once, not with the next answer: the next engine must know, and a verb's own ends soon. */
static void note_hold(struct sync *s)
{
	struct when until = { engine_now(s->en).ms + s->gov.hold_until - sync_mono(s) };

	if (store_begin(s->en->o.cache, NULL) < 0)
		return;
	if (note_when(s, "api_hold", until, NULL) < 0 || store_end(s->en->o.cache, NULL) < 0)
		store_undo(s->en->o.cache);
}

void engine_note_answer(struct engine *en, const struct forge_answer *a, const struct err *err)
{
	struct sync *s = en->sync;

	if (!s)
		return;
	if (a)
		note_facts(s, a);
	if (err && err->kind == ERR_RATE) {
		governor_refused(&s->gov, err->retry_ms, sync_mono(s));
		note_hold(s);
	}
	if (err && err->kind == ERR_AUTH)
		note_refusal(s, err);
	else if (a && s->refused) {
		s->refused = false;
		sync_wake(s);
	}
}

bool engine_token_refused(const struct engine *en, const char **why)
{
	if (!en->sync || !en->sync->refused)
		return false;
	if (why)
		*why = en->sync->why;
	return true;
}

void note_login(struct sync *s, const char *login)
{
	keep_text(&s->en->login, login);
}
