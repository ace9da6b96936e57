#include "store/guards.h"

int store_guards_put(struct store *s, const struct canary_guard *rows, size_t n, struct err *e)
{
	int r = store_run(s, Q_guards_forget, NULL, NULL, e);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = store_run(s, Q_guard_mirror_put, &rec_canary_guard, &rows[i], e);
	return r;
}

int store_guards_read(struct canary_guards *out, struct store *s, struct arena *a, struct err *e)
{

	return store_list(s, Q_guards, NULL, NULL, &rec_canary_guard, out, a, e);
}
