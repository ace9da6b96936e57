#include "contract/metrics.h"

static int tap_send(struct http *h, const struct http_request *rq, http_done done, void *ctx, struct err *e)
{
	struct tap *tap = (struct tap *)h;
	struct http_request other = *rq;
	const char *at = tap->from && rq->body ? strstr(rq->body, tap->from) : NULL;
	struct buf form = BUF_INIT(1 << 20);
	int r;

	if (!other.authorization)
		other.authorization = tap->authorization;
	if (tap->from && !at)
		fail_msg("nothing to change in %s", rq->body);
	if (at) {
		buf_add(&form, rq->body, (size_t)(at - rq->body));
		buf_str(&form, tap->to);
		buf_str(&form, at + strlen(tap->from));
		other.body = form.s;
	}
	r = http_send(tap->wire, &other, done, ctx, e);
	buf_done(&form);
	return r;
}

static void tap_free(struct http *h maybe_unused)
{
}

void told_read(void *ctx, const struct metrics_answer *a, const struct err *err)
{
	struct told *t = ctx;

	assert_false(t->done);
	t->done = true;
	t->given_up = err != NULL;
	if (err)
		t->err = *err;
	if (!a)
		return;
	t->state = a->state;
	t->n = a->n;
	t->date = a->date;
	snprintf(t->why, sizeof(t->why), "%s", a->why);
	if (a->n) {
		t->first = a->points[0];
		t->last = a->points[a->n - 1];
	}
}

void desk_open(struct desk *d)
{
	*d = (struct desk){ 0 };
	clock_real(&d->clock);
	d->loop = loop_new(&d->clock);
}

void desk_connect(struct desk *d, const char *base, const char *ca_file, const char *authorization)
{
	static const struct http_ops ops = { .send = tap_send, .free = tap_free };
	const struct http_options o = { .base = base, .ca_file = ca_file, .bare = true };
	struct prometheus_options here = { .base = base, .timeout = 20000 };
	char lost[256];
	struct err e = ERR_INIT;

	if (http_open(&d->wire, d->loop, &o, &e) < 0)
		fail_msg("%s", e.message);
	d->tap = (struct tap){ .wire = d->wire, .authorization = authorization };
	d->tap.http.ops = &ops;
	d->tap.http.base = d->wire->base;
	assert_int_equal(prometheus_open(&d->metrics, &d->tap.http, &here, &e), 0);
	snprintf(lost, sizeof(lost), "%s/nowhere", base);
	here.base = lost;
	assert_int_equal(prometheus_open(&d->lost, &d->tap.http, &here, &e), 0);
}

void desk_hang_up(struct desk *d)
{
	metrics_free(d->metrics);
	metrics_free(d->lost);
	http_free(d->wire);
	d->metrics = d->lost = NULL;
	d->wire = NULL;
}

void desk_close(struct desk *d)
{
	desk_hang_up(d);
	loop_free(d->loop);
}

void desk_wait(struct desk *d, const struct told *t)
{
	while (!t->done)
		assert_true(loop_step(d->loop, -1) >= 0);
	if (t->given_up)
		fail_msg("%s", t->err.message);
}

void desk_read(struct desk *d, struct metrics *m, struct told *t, const struct metrics_query *q)
{
	*t = (struct told){ 0 };
	if (metrics_read(m, q, told_read, t, &t->err) < 0)
		fail_msg("%s", t->err.message);
	desk_wait(d, t);
}

static void on_pause(void *ctx)
{
	*(bool *)ctx = true;
}

void desk_pause(struct desk *d, msec ms)
{
	bool over = false;
	struct timer *t = timer_new(d->loop, on_pause, &over);

	timer_in(t, ms);
	while (!over)
		assert_true(loop_step(d->loop, -1) >= 0);
	timer_free(t);
}

void desk_ask(struct desk *d, const struct question *q, struct told *t)
{
	struct metrics_query query = { .expression = q->expression,
				       .at = { (d->end_s + q->after_s) * 1000 },
				       .step_s = q->step_s,
				       .stale_after_s = q->stale_after_s };

	if (q->span_s)
		query.from = (struct when){ query.at.ms - q->span_s * 1000 };
	d->tap.from = q->from;
	d->tap.to = q->to;
	desk_read(d, q->lost ? d->lost : d->metrics, t, &query);
	d->tap.from = NULL;
}

void desk_check(const struct question *q, const struct told *t)
{
	bool holds = t->state == q->state && strstr(t->why, q->why) && (!*q->why) == (!*t->why);

	if (holds && t->n == q->n && (!q->n || (t->last.value >= q->low && t->last.value <= q->high)) &&
	    when_known(t->date))
		return;
	fail_msg("%s: %s \"%s\", %zu points, the last %" PRId64 "; wanted %s \"%s\", %zu points in %" PRId64
		 "..%" PRId64,
		 q->what, names_word(&sample_state_names, (int)t->state), t->why, t->n, t->last.value,
		 names_word(&sample_state_names, (int)q->state), q->why, q->n, q->low, q->high);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "fake"))
		return fake_main();
	if (argc == 3 && !strcmp(argv[1], "real"))
		return real_main(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "stand"))
		return stand_main(argv[2]);
	printf("usage: contract_metrics fake | real FOLDER | stand FOLDER\n");
	return 2;
}
