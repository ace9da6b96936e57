#include "store/guards.h"

struct collect {
	struct canary_guards *out;
	struct arena *a;
};

static int push_guard(void *ctx, const void *row)
{
	struct collect *c = ctx;

	*vec_push(c->out, c->a) = *(const struct canary_guard *)row;
	return 0;
}

int store_guards_put(struct store *s, const struct canary_guard *rows, size_t n, struct err *e)
{
	int r = store_run(s, Q_guards_forget, NULL, NULL, e);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = store_run(s, Q_guard_mirror_put, &rec_canary_guard, &rows[i], e);
	return r;
}

int store_guards_read(struct canary_guards *out, struct store *s, struct arena *a, struct err *e)
{
	struct collect c = { out, a };

	return store_each(s, Q_guards, NULL, NULL, &rec_canary_guard, a, push_guard, &c, e);
}
