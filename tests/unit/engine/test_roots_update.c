/* `proof update-root` before a mirror in memory: what comes in, what is refused, and with which exit status. */
#include "tests/unit/attest/tuf_repo.h"

#include "base/embed.h"
#include "base/path.h"
#include "core/adapters/digest/digest.h"
#include "core/engine/tool.h"
#include "tests/folder.h"

#include <unistd.h>

struct stand {
	struct http http; /* first: the port */
	struct arena a;
	struct clock clock;
	struct loop *loop;
	struct tuf_repo repo;
	const char *dir, *anchor;
	int status; /* answered to everything; 0: what the mirror has */
	enum err_kind fails;
	/* One request at a time. */
	struct timer *timer;
	http_done done;
	void *ctx;
	const char *target;
};

static void answer(void *ctx)
{
	struct stand *s = ctx;
	struct span bytes = shelf_get(&s->repo.mirror, s->target + 1);
	struct http_answer a = { .status = s->status ? s->status : bytes.p ? 200 : 404, .body = "" };
	struct err e = ERR_INIT;

	if (s->fails) {
		err_set(&e, s->fails, "nobody is there");
		s->done(s->ctx, NULL, &e);
		return;
	}
	if (a.status == 200) {
		a.body = (const char *)bytes.p;
		a.body_n = bytes.n;
	}
	s->done(s->ctx, &a, NULL);
}

static int send_later(struct http *h, const struct http_request *rq, http_done done, void *ctx, struct err *e)
{
	struct stand *s = (struct stand *)h;

	(void)e;
	assert_string_equal(rq->method, "GET");
	assert_false(rq->foreign);
	s->target = arena_strdup(&s->a, rq->target);
	s->done = done;
	s->ctx = ctx;
	timer_in(s->timer, 0);
	return 0;
}

static void free_nothing(struct http *h)
{
	(void)h;
}

static int open_mirror(void *ctx, struct http **out, const char *base, struct err *e)
{
	static const struct http_ops ops = { send_later, free_nothing };
	struct stand *s = ctx;

	(void)e;
	assert_string_equal(base, "https://mirror.example");
	s->http.ops = &ops;
	*out = &s->http;
	return 0;
}

static int run(struct stand *s, const char *instance, const char *mirror, const char *root)
{
	static const struct attest_ops ops = ATTEST_OPS;
	const char *words[8] = { "proof", "update-root", instance };
	int n = 3;
	struct tool t = { .words = words,
			  .attest = &ops,
			  .roots_dir = path_join(&s->a, s->dir, "roots"),
			  .mirror = mirror,
			  .tuf = attest_tuf_update,
			  .open_mirror = open_mirror,
			  .loop = s->loop,
			  .ctx = s,
			  .arena = &s->a };

	if (root) {
		words[n++] = "--root";
		words[n++] = root;
	}
	t.words_n = n;
	return tool_run(&t);
}

/* The staging root of the program as the mirror's target. */
static void publish(struct stand *s, int version, const char *text)
{
	struct tuf_repo *r = &s->repo;
	const char *hash = repo_sha256(r, text), *doc;

	shelf_text(&r->mirror, arena_printf(r->a, "targets/%s.trusted_root.json", hash), text);
	doc = arena_printf(
		r->a, "\"targets\":{\"trusted_root.json\":{\"length\":%zu,\"hashes\":{\"sha256\":\"%s\"}}}",
		strlen(text), hash);
	shelf_text(&r->mirror, arena_printf(r->a, "%d.targets.json", version),
		   repo_doc(r, repo_body(r, "targets", version, NULL, doc), "3"));
	doc = arena_printf(r->a, "\"meta\":{\"targets.json\":{\"version\":%d}}", version);
	shelf_text(&r->mirror, arena_printf(r->a, "%d.snapshot.json", version),
		   repo_doc(r, repo_body(r, "snapshot", version, NULL, doc), "3"));
	doc = arena_printf(r->a, "\"meta\":{\"snapshot.json\":{\"version\":%d}}", version);
	shelf_text(&r->mirror, "timestamp.json",
		   repo_doc(r, repo_body(r, "timestamp", version, NULL, doc), "3"));
}

static const char *staging(void)
{
	for (const struct embedded *f = trusted_root_files; f->name; f++)
		if (strcmp(f->name, "staging") == 0)
			return f->data;
	return NULL;
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool same_as(struct stand *s, const char *name, const char *text)
{
	autofree(buf) struct buf have = BUF_INIT((size_t)1 << 20);

	return path_read(&have, path_join(&s->a, s->dir, name), NULL) == 0 && strcmp(have.s, text) == 0;
}

static int up(void **state)
{
	struct stand *s = x_alloc(sizeof(*s));
	char dir[FOLDER_PATH];

	s->dir = arena_strdup(&s->a, folder_new(dir));
	clock_manual(&s->clock, made_when(TUF_NOW));
	s->loop = loop_new(&s->clock);
	s->timer = timer_new(s->loop, answer, s);
	repo_open(&s->repo, &s->a);
	s->anchor = path_join(&s->a, s->dir, "root.json");
	put_file(s->anchor, repo_root(&s->repo, &(struct repo_root){ 1, "012", 2, .by = "01" }));
	*state = s;
	return 0;
}

static int down(void **state)
{
	static const char *const files[] = { "roots/tuf-staging/timestamp.json",
					     "roots/tuf-staging/snapshot.json",
					     "roots/tuf-staging/targets.json",
					     "roots/tuf-staging/target",
					     "roots/tuf-staging/2.root.json",
					     "roots/tuf-staging",
					     "roots/tuf-public-good",
					     "roots/tuf-github",
					     "roots/staging.json",
					     "roots",
					     "root.json" };
	struct stand *s = *state;

	for (size_t i = 0; i < countof(files); i++)
		(void)remove(path_join(&s->a, s->dir, files[i]));
	assert_int_equal(rmdir(s->dir), 0);
	timer_free(s->timer);
	loop_free(s->loop);
	repo_close(&s->repo);
	arena_done(&s->a);
	free(s);
	return 0;
}

#define MIRROR "https://mirror.example"

static void the_newest_comes_in(void **state)
{
	struct stand *s = *state;

	publish(s, 1, staging());
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 0);
	assert_true(same_as(s, "roots/staging.json", staging()));
	assert_true(same_as(s, "roots/tuf-staging/timestamp.json",
			    (const char *)shelf_get(&s->repo.mirror, "timestamp.json").p));
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 0); /* again: nothing new */
	publish(s, 3, staging());
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 0);
	publish(s, 2, staging());
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 1); /* it goes back */
}

static void what_is_refused_is_not_taken(void **state)
{
	struct stand *s = *state;

	publish(s, 1, "{\"mediaType\":\"x\"}");
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 1);
	assert_false(same_as(s, "roots/staging.json", "{\"mediaType\":\"x\"}"));
	shelf_text(&s->repo.mirror, "2.root.json",
		   repo_root(&s->repo, &(struct repo_root){ 2, "012", 2, .by = "0" }));
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 1);
	assert_int_equal(run(s, "public-good", MIRROR, NULL),
			 1); /* signed by nobody that its own anchor knows */
}

static void what_cannot_be_asked_is_told(void **state)
{
	struct stand *s = *state;

	publish(s, 1, staging());
	assert_int_equal(run(s, "nobody", MIRROR, s->anchor), 2);
	assert_int_equal(run(s, "staging", NULL, s->anchor), 2);
	assert_int_equal(run(s, "staging", MIRROR, "nowhere.json"), 2);
	s->status = 500;
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 4);
	s->status = 404;
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 1);
	s->fails = ERR_OFFLINE;
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 4);
	s->status = 0;
	s->fails = ERR_NONE;
	put_file(s->anchor, "{}");
	assert_int_equal(run(s, "staging", MIRROR, s->anchor), 2);
}

/* Each begins with an anchor that holds: what is refused is what this mirror, which signs by other keys, has. */
static void every_instance_has_an_anchor(void **state)
{
	struct stand *s = *state;
	size_t n = 0;

	publish(s, 1, staging());
	for (const struct embedded *f = trusted_root_files; f->name; f++, n++)
		if (run(s, f->name, MIRROR, NULL) != 1)
			fail_msg("%s", f->name);
	assert_int_equal(n, 3);
	s->status = 404;
	for (const struct embedded *f = tuf_anchor_files; f->name; f++)
		assert_int_equal(run(s, f->name, MIRROR, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_newest_comes_in, up, down),
		cmocka_unit_test_setup_teardown(what_is_refused_is_not_taken, up, down),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_told, up, down),
		cmocka_unit_test_setup_teardown(every_instance_has_an_anchor, up, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
