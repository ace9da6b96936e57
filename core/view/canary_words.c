/* Numbers and words of a canary: pure. */
#include <stdio.h>

#include "core/view/canary.h"
#include "core/view/words.h"

#define FARTHEST \
	(INT64_MAX - CANARY_SCALE) /* an infinity is the farthest number that fits: core/port/metrics.h */

static const struct {
	double least;
	double unit;
	const char *word;
} scales[] = { { 999999.5e6, 1e12, "T" }, { 999999.5e3, 1e9, "G" }, { 999999.5, 1e6, "M" } };

static const char *large(double size, const char *sign, char out[CANARY_NUMBER])
{
	for (size_t i = 0; i < countof(scales); i++)
		if (size >= scales[i].least) {
			snprintf(out, CANARY_NUMBER, "%s%.3g%s", sign, size / scales[i].unit, scales[i].word);
			return out;
		}
	snprintf(out, CANARY_NUMBER, "%s%.0f", sign, size);
	return out;
}

const char *canary_number(int64_t millionths, char out[CANARY_NUMBER])
{
	double v = (double)millionths / CANARY_SCALE, size = v < 0 ? -v : v;
	const char *sign = v < 0 ? "-" : "";

	if (millionths == CANARY_NONE_VALUE)
		snprintf(out, CANARY_NUMBER, "-");
	else if (millionths >= FARTHEST || millionths <= -FARTHEST)
		snprintf(out, CANARY_NUMBER, "%sinf", sign);
	else if (millionths == 0)
		snprintf(out, CANARY_NUMBER, "0");
	else if (size >= 99.95)
		return large(size, sign, out);
	else if (size >= 9.995)
		snprintf(out, CANARY_NUMBER, "%.1f", v);
	else if (size >= 0.0995)
		snprintf(out, CANARY_NUMBER, "%.2f", v);
	else
		snprintf(out, CANARY_NUMBER, size >= 0.000995 ? "%.4f" : "%.6f", v);
	return out;
}

const char *canary_percent(int64_t bp, char out[CANARY_PERCENT])
{
	if (bp < 0)
		snprintf(out, CANARY_PERCENT, "?");
	else if (bp % 100 == 0)
		snprintf(out, CANARY_PERCENT, "%" PRId64 "%%", bp / 100);
	else if (bp % 10 == 0)
		snprintf(out, CANARY_PERCENT, "%" PRId64 ".%d%%", bp / 100, (int)(bp % 100 / 10));
	else
		snprintf(out, CANARY_PERCENT, "%" PRId64 ".%02d%%", bp / 100, (int)(bp % 100));
	return out;
}

#define INTERVALS_STALE  2  /* samples that may be missed: core/model/canary.h, SAMPLE_STALE */
#define INTERVAL_MISSING 30 /* s, where a row does not tell its interval */

int64_t canary_limit_ms(const struct canary *c)
{
	bool told = c->interval_s > 0 && c->interval_s < 86400;

	return INTERVALS_STALE * (told ? c->interval_s : INTERVAL_MISSING) * 1000;
}

bool canary_is_blind(const struct canary *c, struct when now)
{
	int64_t looked = view_age_ms(c->at, now);

	return canary_is_live(c->phase) && (looked < 0 || looked > canary_limit_ms(c));
}

const char *canary_verdict_words(int verdict)
{
	static const char *const words[] = { "not judged", "ok", "FAIL", "unsure" };

	return verdict >= 0 && (size_t)verdict < countof(words) ? words[verdict] : "?";
}

/* A mark a rung as far as there is room for them, else quarters of the way: with the share 15 cells, which is what the
 * column has on 80. */
static const char *bar_words(const struct canary *c, char bar[16])
{
	int64_t steps = c->steps <= 8 ? c->steps : 4;
	int64_t done = (int64_t)((double)c->step / (double)c->steps * (double)steps), n = 0;

	bar[n++] = ' ';
	for (int64_t i = 0; i < steps; i++)
		bar[n++] = i < done ? '#' : '-';
	bar[n] = 0;
	return bar;
}

const char *canary_progress(const struct canary *c, struct arena *a)
{
	char share[CANARY_PERCENT], bar[16] = "";

	if (!canary_is_live(c->phase))
		return "";
	canary_percent(c->set_bp, share);
	return arena_printf(a, "canary %s%s%s", share,
			    c->phase == CANARY_HELD      ? " held"
			    : c->phase == CANARY_WAITING ? " waits"
							 : "",
			    c->steps > 0 ? bar_words(c, bar) : "");
}
