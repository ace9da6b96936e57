/*
 * cluster.c - the real programs on a canary that a controller in a cluster moves: cluster BIN-DIR.
 *
 * The simulated forge and its cluster are served from here, the verbs are run as anybody runs them, and what arrived is
 * counted. Prints a line for each thing that holds; the first that does not ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "core/adapters/sim/serve.h"
#include "tests/folder.h"

#define OBJECTS                                                                                              \
	"kube:\n- {kind: argo, namespace: shop, name: web, steps: [{weight: 5}, {pause: forever}, {weight: " \
	"25}, {pause: forever}]}\n"                                                                          \
	"- {kind: flagger, namespace: shop, name: mesh, interval: 2s, step: 20, max: 40, gate: shut, asks: " \
	"[increase, promotion, rollback]}\n"

/* clang-format off */
#define LANE(environment, more, control) \
	"  - environment: " environment "\n" \
	"    workflow: production-rollout.yml\n" \
	"    start: dispatch\n" \
	"    ref: main\n" \
	"    release_input: release_tag\n" \
	"    inputs:\n" \
	"      - {name: release_tag, value: \"{release}\", required: true}\n" \
	"    release_from: input\n" \
	"    release_title: \"Production Rollout {release}*\"\n" \
	"    rollback: dispatch\n" \
	"    canary:\n" \
	"      steps: [5, 25, 50, 100]\n" \
	"      window_s: 60\n" \
	"      interval_s: 30\n" \
	more \
	"      control:\n" \
	"        - {" control "}\n"
#define PROFILE \
	"name: web\nsystem: web\nrepo: easyenclave/easyenclave\nlanes:\n" \
	LANE("prod", "      weight:\n        - {from: argo, namespace: shop, name: web}\n", \
	     "by: argo, acts: [hold, resume, promote, promote-full, abort], namespace: shop, name: web") \
	"    production: true\n" \
	LANE("mesh", "      weight:\n        - {from: flagger, namespace: shop, name: mesh, gate: \"%s/loadtester\"}\n" \
		     "      cluster: {url: \"%s\", token_file: \"%s\"}\n", \
	     "by: flagger, acts: [hold, resume, abort], namespace: shop, name: mesh, gate: \"%s/loadtester\"")
/* clang-format on */

static struct arena arena;
static struct clock the_clock;
static struct loop *loop;
static struct world *world;
static struct serve *server;
static const char *bin, *dir, *kube, *output = "";

static void demand(bool holds, const char *what)
{
	printf("%s: %s\n", holds ? "ok" : "FAILED", what);
	if (holds)
		return;
	printf("%s\n", output);
	exit(1);
}

static const char *put(const char *name, const char *text)
{
	const char *path = arena_printf(&arena, "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		demand(false, path);
	close(fd);
	return path;
}

/* Serves until the program ends; its exit status. What it printed is in `output`. */
static int run(const char *const *words)
{
	const char *path = arena_printf(&arena, "%s/pilothouse", bin), *out = put("output", "");
	const char *argv[32] = { "pilothouse" };
	posix_spawn_file_actions_t to;
	struct buf text = BUF_INIT(1 << 20);
	char part[4096];
	int status, fd, n = 1;
	ssize_t got;
	pid_t pid;

	while (*words && n < 31)
		argv[n++] = *words++;
	posix_spawn_file_actions_init(&to);
	posix_spawn_file_actions_addopen(&to, 1, out, O_WRONLY | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&to, 1, 2);
	if (posix_spawn(&pid, path, &to, NULL, (char *const *)argv, environ) != 0)
		demand(false, "the program starts");
	posix_spawn_file_actions_destroy(&to);
	while (waitpid(pid, &status, WNOHANG) == 0)
		loop_step(loop, 20);
	fd = open(out, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, part, sizeof(part))) > 0)
		buf_add(&text, part, (size_t)got);
	close(fd);
	output = arena_strdup(&arena, text.s);
	buf_done(&text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *token; /* file of the cluster's */

static int verb(const char *line)
{
	const char *words[32] = {
		arena_printf(&arena, "--api=http://127.0.0.1:%d", serve_port(server)),
		arena_printf(&arena, "--token-file=%s/forge", dir),
		arena_printf(&arena, "--state-dir=%s", dir),
		arena_printf(&arena, "--profile=%s/web.yml", dir),
		arena_printf(&arena, "--cluster=%s", kube),
		arena_printf(&arena, "--cluster-token-file=%s", token),
	};
	size_t n = token ? 6 : 4;

	for (const char *p = line; *p; p += strspn(p, " ")) {
		words[n++] = arena_strndup(&arena, p, strcspn(p, " "));
		p += strcspn(p, " ");
	}
	words[n] = NULL;
	return run(words);
}

static int sent(const char *match)
{
	return world_count_requests(world, match);
}

static void open_world(void)
{
	static const struct world_options w = { .speed = 20 };
	static const struct serve_options s = { .port = 0 };
	struct err e = ERR_INIT;
	char name[FOLDER_PATH];

	dir = arena_strdup(&arena, folder_new(name));
	clock_real(&the_clock);
	loop = loop_new(&the_clock);
	if (world_new(&world, &w, clock_wall(&the_clock), &e) < 0 || world_kube(world, OBJECTS, &e) < 0 ||
	    serve_open(&server, world, loop, &s, &e) < 0)
		demand(false, e.message);
	kube = arena_printf(&arena, "http://127.0.0.1:%d/kube", serve_port(server));
	put("forge", "captain-token\n");
	put("mine", "captain\n");
	put("web.yml", arena_printf(&arena, PROFILE, kube, kube, put("theirs", "captain\n"), kube));
}

static void acts(void)
{
	int r;

	token = arena_printf(&arena, "%s/mine", dir);
	r = verb("sync --once");
	demand(r == 0, "a pass of all looks");
	r = verb("canary web/prod");
	demand(r == 0 && strstr(output, "argo shop/web, by its steps") && strstr(output, "5%"),
	       "the weight is what the steps add up to");
	r = verb("plan hold web/prod");
	demand(r == 0 && strstr(output, "PATCH /apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web") &&
		       strstr(output, "{\"spec\":{\"paused\":true}}") && sent("PATCH *") == 0,
	       "a plan shows the exact patch, and sends nothing");
	r = verb("hold web/prod --confirm web/prod");
	demand(r == 0 && sent("PATCH /kube*") == 1 && strstr(output, "Paused"),
	       "a hold is sent once and seen");
	r = verb("hold web/prod --confirm web/prod");
	demand(r == 1 && sent("PATCH *") == 1, "and not twice");
	world_arm(world, &(struct world_fault_rule){
				 .match = "PATCH *", .status = 503, .act_first = true, .count = 1 });
	r = verb("abort web/prod --reason odd --confirm web/prod");
	demand(r == 3 && strstr(output, "unknown"), "an answer that is lost is unknown");
	(void)verb("reconcile");
	demand(strstr(output, "the controller says Degraded") && sent("PATCH *") == 2,
	       "a look settles it, and sends nothing");
	r = verb("abort web/prod --reason odd --confirm web/prod");
	demand(r == 0 && sent("PATCH *web/status") == 1 && sent("PATCH *web") == 2,
	       "repeated, what was left of it is sent and nothing else");
}

static void refusals(void)
{
	put("mine", "reader\n");
	demand(verb("resume web/prod --confirm web/prod") == 1 && strstr(output, "cannot patch"),
	       "who may only read is refused by name");
	put("mine", "revoked\n");
	demand(verb("plan resume web/prod") != 0, "a token that is revoked reads nothing");
	token = NULL;
	demand(verb("plan resume web/prod") == 5 && strstr(output, "no cluster is named"),
	       "without an address no cluster is asked");
}

/* The address and the token of the profile. */
static void gates(void)
{
	int r = verb("plan resume web/mesh");

	demand(r == 0 && strstr(output, "/kube/loadtester/gate/open"), "a plan shows the gate");
	r = verb("resume web/mesh --confirm web/mesh");
	demand(r == 0 && sent("POST *gate/open") == 1, "a gate is opened once, and seen open");
}

static void clean(void)
{
	serve_close(server);
	world_free(world);
	loop_free(loop);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	bin = argv[1];
	open_world();
	acts();
	refusals();
	gates();
	clean();
	arena_done(&arena);
	return 0;
}
