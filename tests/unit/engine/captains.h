/*
 * captains.h - two consoles of two captains, each with an engine, a journal and a token of its own, over one simulated forge
 * on a manual clock.
 */
#pragma once

#include "simrig.h"

#define TWO 2

/* Puts a captain's token on what his engine sends. */
struct badge {
	struct http http;
	struct http *inner;
	const char *token;
	int writes;
	int64_t ahead; /* ms by which our clock is ahead of the forge's */
};

struct badge_call {
	struct badge *b;
	http_done done;
	void *ctx;
};

/* The forge's clock is the loop's; what it says of the time is moved, as if ours were wrong. */
static inline void badge_answered(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct badge_call *c = ctx;
	struct http_header headers[64];
	struct http_answer mine;
	char date[WHEN_TEXT];
	struct when at;

	if (answer) {
		mine = *answer;
		assert_true(mine.headers_n <= countof(headers));
		memcpy(headers, mine.headers, mine.headers_n * sizeof(*headers));
		mine.headers = headers;
		for (size_t i = 0; i < mine.headers_n; i++)
			if (!strcmp(headers[i].name, "date") && when_parse_http(&at, headers[i].value) >= 0)
				headers[i].value = when_http((struct when){ at.ms - c->b->ahead }, date);
	}
	c->done(c->ctx, answer ? &mine : NULL, err);
	free(c);
}

struct captain {
	struct captains *both;
	struct badge badge;
	struct forge *forge;
	struct store *cache;
	struct journal *journal;
	struct engine *en;
	struct arena a;
	const char *who;
	char path[160];
	int status;
	bool answered;
	bool locks_back; /* locks what he rolled back */
	bool reads_only;
	struct json *json;
};

struct captains {
	struct clock clock;
	struct loop *loop;
	struct arena a;
	struct world *world;
	struct profiles profiles;
	char dir[64];
	struct captain one[TWO];
};

static inline int badge_send(struct http *h, const struct http_request *rq, http_done done, void *ctx,
			     struct err *e)
{
	struct badge *b = (struct badge *)h;
	struct badge_call *c = x_alloc(sizeof(*c));
	struct http_request mine = *rq;
	int r;

	*c = (struct badge_call){ b, done, ctx };
	mine.authorization = rq->foreign ? rq->authorization : b->token; /* storage is nobody's forge */
	b->writes += strcmp(rq->method, "GET") != 0;
	r = http_send(b->inner, &mine, badge_answered, c, e);
	if (r < 0)
		free(c);
	return r;
}

static inline void badge_free(struct http *h maybe_unused)
{
}

static inline void captain_up(struct captain *c)
{
	struct err e = ERR_INIT;
	struct engine_options o = {
		.loop = c->both->loop,
		.forge = c->forge,
		.http = &c->badge.http,
		.sha256 = digest_sha256,
		.cache = c->cache,
		.journal = c->journal,
		.profiles = &c->both->profiles,
		.who = c->who,
		.survey = true,
		.lock_after_back = c->locks_back,
		.read_only = c->reads_only,
	};

	must(engine_new(&c->en, &o, &e), &e);
}

static inline void captain_down(struct captain *c)
{
	engine_free(c->en);
	c->en = NULL;
}

static inline void captain_join(struct captains *b, int i, const char *token, const char *who)
{
	static const struct http_ops ops = { .send = badge_send, .free = badge_free };
	struct captain *c = &b->one[i];
	struct err e = ERR_INIT;

	c->both = b;
	c->who = who;
	c->badge = (struct badge){ .http = { .ops = &ops }, .token = token };
	must(sim_http(&c->badge.inner, b->world, b->loop, &e), &e);
	must(github_open(&c->forge, &c->badge.http, &b->clock, &e), &e);
	snprintf(c->path, sizeof(c->path), "%s/cache%d.db", b->dir, i);
	must(store_open(&c->cache, c->path, STORE_WRITE, &e), &e);
	snprintf(c->path, sizeof(c->path), "%s/journal%d.db", b->dir, i);
	must(journal_open(&c->journal, c->path, &e), &e);
	captain_up(c);
}

static inline struct captains *captains_new(const char *scenario, const char *now)
{
	struct captains *b = x_alloc(sizeof(*b));
	struct world_options w = { .scenario = scenario, .speed = 1 };
	struct err e = ERR_INIT;
	struct when start;
	struct profile_lane *lane;

	folder_new(b->dir);
	when_parse(&start, now);
	clock_manual(&b->clock, start);
	b->loop = loop_new(&b->clock);
	must(world_new(&b->world, &w, start, &e), &e);
	must(profile_load(&b->profiles, "easyenclave=" EASY, &b->a, &e), &e);
	lane = (struct profile_lane *)profiles_lane(&b->profiles, "easy/prod", NULL);
	lane->proof = NULL; /* is asked for by tests of its own */
	captain_join(b, 0, "Bearer x", "ana@bastion");
	captain_join(b, 1, "Bearer kim", "kim@ward");
	return b;
}

static inline void captains_free(struct captains *b)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	static const char *const files[] = { "cache", "journal" };

	for (int i = 0; i < TWO; i++) {
		struct captain *c = &b->one[i];

		engine_free(c->en);
		forge_free(c->forge);
		http_free(c->badge.inner);
		journal_close(c->journal);
		store_close(c->cache);
		json_free(c->json);
		arena_done(&c->a);
	}
	world_free(b->world);
	loop_free(b->loop);
	arena_done(&b->a);
	folder_drop(b->dir);
	free(b);
}

static inline void captain_reply(void *ctx, int status, const char *json)
{
	struct captain *c = ctx;
	struct err e = ERR_INIT;

	assert_false(c->answered);
	c->answered = true;
	c->status = status;
	json_free(c->json);
	c->json = NULL;
	must(json_parse(&c->json, json, strlen(json), 1 << 20, &e), &e);
}

static inline void captain_asks(struct captain *c, const char *line)
{
	struct err e = ERR_INIT;
	const char **argv;
	int argc;

	must(command_split(&argv, &argc, line, &c->a, &e), &e);
	c->answered = false;
	engine_ask(c->en, argc, argv, NULL, captain_reply, c);
}

static inline void captains_wait(struct captains *b)
{
	for (int i = 0; i < 1200 && !(b->one[0].answered && b->one[1].answered); i++)
		loop_advance(b->loop, 100);
	assert_true(b->one[0].answered && b->one[1].answered);
}

/* Asks and lets at most two minutes pass; the exit status. */
static inline int captain_does(struct captain *c, const char *line)
{
	captain_asks(c, line);
	for (int i = 0; i < 1200 && !c->answered; i++)
		loop_advance(c->both->loop, 100);
	assert_true(c->answered);
	return c->status;
}

static inline const char *captain_str(const struct captain *c, const char *path)
{
	const char *s = json_str(c->json, path);

	return s ? s : "";
}

static inline const char *captain_check(const struct captain *c, const char *name, const char *member)
{
	const struct json *checks = json_get(c->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++)
		if (text_eq(json_str(json_at(checks, i), "name"), name))
			return json_str(json_at(checks, i), member);
	return "none";
}
