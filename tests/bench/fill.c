#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "core/model/model.h"
#include "store/store.h"

#define BATCH 5000

static const char *const systems[] = { "easy", "theory", "mcp", "cloud", "gov" };
static const char *const environments[] = { "pr", "dev", "stage", "prod" };
static const char *const titles[] = {
	"Say which MRTD was expected when a node is refused",
	"Move billing simulation behind a setting",
	"Retry agent registration when the challenge is stale",
	"Pin the quote verifier to collateral of the same day",
};

static void must(int r, const struct err *e)
{
	if (r < 0)
		bench_die("filling the cache: %s", e->message);
}

static void put_lane(struct store *s, int i, enum lane_state state, struct when now)
{
	struct err e = ERR_INIT;
	char name[64];
	struct lane l = { .name = name,
			  .system = systems[i / 4],
			  .environment = environments[i % 4],
			  .repo = "acme/acme",
			  .production = i % 4 == 3,
			  .ordinal = i,
			  .state = state,
			  .live = "v1.4.2",
			  .live_sha = "5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb",
			  .next = "",
			  .progress = "",
			  .reasons = "[]",
			  .since = { now.ms - 3600000 },
			  .checked = now,
			  .stale_after = 24 * 3600000 };
	snprintf(name, sizeof(name), "%s/%s", l.system, l.environment);
	must(store_run(s, Q_lane_put, &rec_lane, &l, &e), &e);
}

void fill_lane(const char *dir, int i, enum lane_state state)
{
	char path[160];
	struct store *s = NULL;
	struct err e = ERR_INIT;

	snprintf(path, sizeof(path), "%s/cache.db", dir);
	must(store_open(&s, path, STORE_WRITE, &e), &e);
	must(store_begin(s, &e), &e);
	put_lane(s, i, state, (struct when){ (int64_t)time(NULL) * 1000 });
	must(store_end(s, &e), &e);
	store_close(s);
}

/* One run in twenty-five is of no lane of ours, as in life. */
static void put_run(struct store *s, long i, long n, struct when now, const char *const *lanes)
{
	struct err e = ERR_INIT;
	char url[96];
	unsigned mix = (unsigned)i * 2654435761u;
	struct when at = { now.ms - (n - i) * 60000 };
	struct run r = { .id = 30000000000 + i,
			 .repo = "acme/acme",
			 .lane = mix % 25 ? lanes[(mix >> 8) % FILL_LANES] : "",
			 .attempt = 1,
			 .number = i,
			 .workflow_id = 7000 + (mix >> 8) % FILL_LANES,
			 .workflow = "Rollout",
			 .path = ".github/workflows/rollout.yml",
			 .title = titles[mix % 4],
			 .event = "push",
			 .branch = "main",
			 .head_sha = "5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb",
			 .status = RUN_COMPLETED,
			 .conclusion = mix % 11 ? CONCLUSION_SUCCESS : CONCLUSION_FAILURE,
			 .actor = "ana-ruiz",
			 .triggering_actor = "ana-ruiz",
			 .created = at,
			 .started = at,
			 .updated = { at.ms + 50000 },
			 .url = url,
			 .release = "v1.4.2",
			 .seen = now };

	snprintf(url, sizeof(url), "https://github.com/acme/acme/actions/runs/%lld", (long long)r.id);
	must(store_run(s, Q_run_put, &rec_run, &r, &e), &e);
}

static void put_runs(struct store *s, long n, struct when now)
{
	char names[FILL_LANES][64];
	const char *lanes[FILL_LANES];
	struct err e = ERR_INIT;

	for (int i = 0; i < FILL_LANES; i++) {
		snprintf(names[i], sizeof(names[i]), "%s/%s", systems[i / 4], environments[i % 4]);
		lanes[i] = names[i];
	}
	for (long i = 0; i < n; i++) {
		if (i % BATCH == 0)
			must(store_begin(s, &e), &e);
		put_run(s, i, n, now, lanes);
		if (i % BATCH == BATCH - 1 || i == n - 1)
			must(store_end(s, &e), &e);
	}
}

void fill_cache(const char *dir, long runs)
{
	char path[160];
	struct store *s = NULL;
	struct err e = ERR_INIT;
	struct when now = { (int64_t)time(NULL) * 1000 };
	struct setting login = { "login", "ana", now }, left = { "api_remaining", "4992", now };

	mkdir(dir, 0700);
	snprintf(path, sizeof(path), "%s/cache.db", dir);
	must(store_open(&s, path, STORE_WRITE, &e), &e);
	must(store_begin(s, &e), &e);
	for (int i = 0; i < FILL_LANES; i++)
		put_lane(s, i, LANE_OK, now);
	must(store_run(s, Q_setting_put, &rec_setting, &login, &e), &e);
	must(store_run(s, Q_setting_put, &rec_setting, &left, &e), &e);
	must(store_end(s, &e), &e);
	put_runs(s, runs, now);
	store_close(s);
}
