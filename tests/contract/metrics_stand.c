#include "contract/metrics.h"

/*
 * What a canary is judged by, where other programs judge it: a target with the series of the profile release-train, and a
 * real Prometheus that scrapes it each second. The file `percent` in the folder says how many of the canary's requests
 * fail from now on; without the file the target is down. The file `address` says where the Prometheus is.
 */
enum { STABLE = 19000, CANARY = 1000, TRACKS = 2, AGAIN = 50 }; /* requests between two scrapes */

static struct {
	const char *dir;
	struct wire target;
	int64_t all[TRACKS];
	double bad[TRACKS];
	struct buf page;
	struct move move;
} st;

/* -1: there is no such file. */
static double percent_now(void)
{
	char path[600];
	double percent = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/percent", st.dir);
	f = fopen(path, "r");
	if (f && fscanf(f, "%lf", &percent) != 1)
		percent = 0;
	if (f)
		fclose(f);
	return percent;
}

static void put_track(struct buf *out, const char *track, int64_t all, int64_t bad)
{
	static const char *const buckets[] = { "0.5", "1.5", "+Inf" };

	buf_fmt(out, "http_requests_total{track=\"%s\",code=\"200\"} %" PRId64 "\n", track, all - bad);
	buf_fmt(out, "http_requests_total{track=\"%s\",code=\"500\"} %" PRId64 "\n", track, bad);
	buf_fmt(out, "process_saturation{track=\"%s\"} 0.4\n", track);
	for (size_t i = 0; i < countof(buckets); i++)
		buf_fmt(out, "http_request_duration_seconds_bucket{track=\"%s\",le=\"%s\"} %" PRId64 "\n",
			track, buckets[i], i ? all : all - all / 10);
}

static const struct move *serve_page(void *ctx maybe_unused, const char *request maybe_unused)
{
	static const struct move down = { NULL, THEN_RESET, 0 };
	struct buf body = BUF_INIT(8192);
	double percent = percent_now();

	if (percent < 0)
		return &down;
	st.all[0] += STABLE;
	st.all[1] += CANARY;
	st.bad[0] += STABLE * 0.001;
	st.bad[1] += CANARY * percent / 100;
	put_track(&body, "stable", st.all[0], (int64_t)st.bad[0]);
	put_track(&body, "canary", st.all[1], (int64_t)st.bad[1]);
	buf_reset(&st.page);
	buf_fmt(&st.page,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n\r\n%s",
		body.n, body.s);
	buf_done(&body);
	st.move = (struct move){ st.page.s, THEN_KEEP, st.page.n };
	return &st.move;
}

static void write_address(int port)
{
	char path[600], made[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/address", st.dir);
	snprintf(made, sizeof(made), "%s/address.new", st.dir);
	f = fopen(made, "w");
	assert_non_null(f);
	fprintf(f, "http://127.0.0.1:%d\n", port);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(rename(made, path), 0);
}

/* Until it is ended; the server goes with it. */
int stand_main(const char *dir)
{
	char scrape[160];
	struct desk d;
	int port;

	desk_open(&d);
	st.dir = dir;
	buf_init(&st.page, 8192);
	wire_open(&st.target, d.loop, NULL, 0);
	st.target.decide = serve_page;
	snprintf(scrape, sizeof(scrape),
		 "scrape_configs:\n- { job_name: app, static_configs: [{ targets: [\"127.0.0.1:%d\"] }] }\n",
		 st.target.port);
	server_config(dir, scrape);
	server_start(dir, NULL);
	while (!(port = server_port(dir)))
		desk_pause(&d, AGAIN);
	write_address(port);
	loop_run(d.loop);
	return 1;
}
