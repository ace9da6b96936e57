#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <string.h>

/* The slot of a key: where it is, or the empty one where it would be. The table is never full. */
static struct sim_seen *slot(struct world *w, const char *key)
{
	struct hash h = HASH_INIT;
	size_t i;

	hash_str(&h, key);
	for (i = h.a % SEEN_MAX; w->seen[i].key && strcmp(w->seen[i].key, key) != 0;)
		i = (i + 1) % SEEN_MAX;
	return &w->seen[i];
}

/* A stranger who asks for ever new paths must not fill memory: after three quarters they share one entry. */
void sim_seen_add(struct world *w, const char *key)
{
	struct sim_seen *s = slot(w, key);

	if (!s->key && w->seen_n >= SEEN_MAX / 4 * 3)
		s = slot(w, "other");
	if (!s->key) {
		s->key = arena_strdup(&w->arena, key);
		w->seen_n++;
	}
	s->count++;
}

int world_count_requests(const struct world *w, const char *match)
{
	int n = 0;

	for (size_t i = 0; i < SEEN_MAX; i++)
		if (w->seen[i].key && text_glob(match, w->seen[i].key))
			n += w->seen[i].count;
	return n;
}

void world_arm(struct world *w, const struct world_fault_rule *r)
{
	struct world_fault_rule *mine = vec_push(&w->faults, &w->arena);

	*mine = *r;
	mine->match = arena_strdup(&w->arena, r->match);
	mine->body = arena_strdup(&w->arena, r->body);
}

/* The first rule that still has something to do. */
struct world_fault_rule *sim_fault_find(struct world *w, const char *key)
{
	vec_each (it, &w->faults) {
		if (it->count == 0 || !text_glob(it->match, key))
			continue;
		if (it->count > 0)
			it->count--;
		return it;
	}
	return NULL;
}
