#include "core/rules/pins.h"

#include "base/text.h"

static bool fits(const struct history *c, const char *subject)
{
	return subject && c->title && text_glob(subject, c->title);
}

static bool is_pin(const struct history *c, const struct pins_terms *t)
{
	for (size_t i = 0; i < t->touched_n; i++)
		if (text_eq(t->touched[i].sha, c->sha))
			return fits(c, t->subject);
	return false;
}

static bool while_it_ran(const struct history *c, const struct pins_terms *t)
{
	return when_known(c->at) && when_known(t->began) && when_known(t->ended) &&
	       when_diff(c->at, t->began) >= 0 && when_diff(t->ended, c->at) >= 0;
}

void pins_deployed(struct pins_deployed *out, const struct history *list, size_t n, const char *head,
		   const struct pins_terms *t)
{
	size_t at = 0;

	*out = (struct pins_deployed){ 0 };
	while (at < n && !text_eq(list[at].sha, head))
		at++;
	if (at == n)
		return;
	while (at > 0 && is_pin(&list[at - 1], t) && while_it_ran(&list[at - 1], t))
		at--;
	out->commit = &list[at];
	out->newer = at ? list : NULL;
	out->newer_n = at;
}

bool pins_newest(const struct history *list, size_t n, const char *subject, const struct history **pin,
		 const struct history **before)
{
	for (size_t i = 0; i < n; i++) {
		if (!fits(&list[i], subject))
			continue;
		*pin = &list[i];
		*before = i + 1 < n ? &list[i + 1] : NULL;
		return true;
	}
	return false;
}
