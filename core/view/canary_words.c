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

bool canary_is_live(int phase)
{
	return phase == CANARY_WATCHING || phase == CANARY_HELD;
}

const char *canary_verdict_words(int verdict)
{
	static const char *const words[] = { "not judged", "ok", "FAIL", "unsure" };

	return verdict >= 0 && (size_t)verdict < countof(words) ? words[verdict] : "?";
}

/* A mark a rung as far as there is room for four, else quarters of the way. */
const char *canary_progress(const struct canary *c, struct arena *a)
{
	char share[CANARY_PERCENT], bar[16] = "";
	int64_t steps = c->steps > 0 && c->steps <= 8 ? c->steps : 4;
	int64_t done = c->steps > 0 ? (int64_t)((double)c->step / (double)c->steps * (double)steps) : 0;

	if (!canary_is_live(c->phase))
		return "";
	for (int64_t i = 0; i < steps; i++)
		bar[i] = i < done ? '#' : '-';
	return arena_printf(a, "canary %s%s%s%s%s", canary_percent(c->set_bp, share),
			    c->phase == CANARY_HELD ? " held" : "", c->steps > 0 ? " [" : "",
			    c->steps > 0 ? bar : "", c->steps > 0 ? "]" : "");
}
