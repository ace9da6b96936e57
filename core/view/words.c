#include "core/view/words.h"

#include <string.h>

#include "base/text.h"
#include "core/view/events.h"

const char *view_safe(struct arena *a, const char *s)
{
	return s ? text_safe_dup(a, s, 0) : "";
}

const char *view_list(struct arena *a, const char *list)
{
	struct buf out = BUF_INIT(65536);
	for (const char *p = view_safe(a, list); *p; p++) {
		buf_chr(&out, *p);
		if (*p == ',' && p[1] && p[1] != ' ')
			buf_chr(&out, ' ');
	}
	const char *text = arena_strdup(a, out.s);
	buf_done(&out);
	return text;
}

const char *view_age(struct arena *a, struct when at, struct when now)
{
	char words[WHEN_TEXT];
	if (!when_known(at))
		return "-";
	int64_t ms = when_diff(now, at);
	return arena_strdup(a, when_age(ms < 0 ? 0 : ms, words));
}

const char *view_age_minutes(struct arena *a, struct when at, struct when now)
{
	char words[WHEN_TEXT];
	int64_t ms = view_age_ms(at, now);
	return ms < 0 ? "-" : arena_strdup(a, when_age_minutes(ms, words));
}

const char *view_duration(struct arena *a, struct when from, struct when to, struct when now)
{
	if (!when_known(from))
		return "";
	int64_t s = when_diff(when_known(to) ? to : now, from) / 1000;
	if (s < 0)
		s = 0;
	if (s >= 86400)
		return arena_printf(a, "%" PRId64 "d%02dh", s / 86400, (int)(s / 3600 % 24));
	if (s >= 3600)
		return arena_printf(a, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	return arena_printf(a, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

int64_t view_skew_ms(const char *text)
{
	bool behind = text && *text == '-';
	int64_t skew = 0;
	if (!text || text_int64(&skew, text + behind, 0, INT64_C(1) << 50) < 0)
		return 0;
	return behind ? -skew : skew;
}

int view_forge_now(struct when *out, struct store *s, struct when now, struct arena *a, struct err *e)
{
	struct key key = { .name = "skew_ms" };
	struct setting row;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, e);
	*out = (struct when){ now.ms + view_skew_ms(r == 0 ? row.value : NULL) };
	return r < 0 ? r : 0;
}

void view_items_open(struct jw *w, struct when now)
{
	jw_open(w, '{');
	jw_kwhen(w, "as_of", now);
	jw_kopen(w, "items", '[');
}

void view_items_close(struct jw *w)
{
	jw_close(w, ']');
	jw_close(w, '}');
}

const char *view_short(struct arena *a, const char *release)
{
	if (!release)
		return "";
	size_t n = strspn(release, "0123456789abcdef");
	if (n == 40 && !release[40])
		return arena_strndup(a, release, 7);
	return view_safe(a, release);
}

const char *view_value(struct arena *a, const char *value)
{
	const char *digest = value ? strstr(value, "sha256:") : NULL;
	if (digest && strspn(digest + 7, "0123456789abcdef") == 64)
		return arena_strndup(a, digest, 7 + 12);
	return view_short(a, value);
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

const char *view_event_words(struct arena *a, const char *text)
{
	char *out;
	size_t to = 0;

	if (!text)
		return "";
	out = arena_strdup(a, text);
	for (const char *s = text; *s;) {
		size_t n = strspn(s, "0123456789abcdef"), keep = n;

		if (is_word(s[n]) || (s > text && is_word(s[-1])) || !n)
			keep = n = n ? n : 1;
		else if (n == 40)
			keep = 7;
		else if (n == 64)
			keep = 12;
		memcpy(out + to, s, keep);
		to += keep;
		s += n;
	}
	out[to] = 0;
	return view_safe(a, out);
}

int64_t view_age_ms(struct when at, struct when now)
{
	if (!when_known(at))
		return -1;
	int64_t ms = when_diff(now, at);
	return ms < 0 ? 0 : ms;
}

struct when view_age_ends(struct when at, int64_t most, struct when now)
{
	struct when ends = { at.ms + most + 1 };
	return when_known(at) && when_diff(ends, now) > 0 ? ends : WHEN_NONE;
}

void view_sooner(struct when *until, struct when at)
{
	if (when_known(at) && (!when_known(*until) || when_diff(at, *until) < 0))
		*until = at;
}

void view_age_json(struct jw *w, int64_t age_ms)
{
	jw_key(w, "age_s");
	if (age_ms >= 0)
		jw_int(w, age_ms / 1000);
	else
		jw_null(w);
}
