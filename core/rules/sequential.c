#include "core/rules/sequential.h"

int64_t sequence_window(const struct sequence *s, int64_t look)
{
	return look > 0 && s->looks > 0 ? (look - 1) / s->looks : 0;
}

double sequence_level(const struct sequence *s, int64_t before, int64_t look)
{
	int64_t window = sequence_window(s, look), begins = window * s->looks;
	int64_t fresh = look - (before > begins ? before : begins);
	double shares = (double)(s->rungs > 0 ? s->rungs : RUNGS_USUAL) *
			(double)(s->metrics > 0 ? s->metrics : 1) * (double)(window + 1) *
			(double)(window + 2);

	if (s->looks < 1 || fresh < 1)
		return 0;
	return LADDER_ALPHA / shares * (double)fresh / (double)s->looks;
}
