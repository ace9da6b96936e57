/* What is not proved of a lane, as conditions of its tree. */
#include "core/view/proof.h"
#include "core/view/rows.h"

#define TOLD_MOST 8 /* then they are counted: the screen has them all */

static struct why_row *add(struct why_rows *out, const char *text, int status, struct arena *a)
{
	struct why_row *row = vec_push(out, a);

	*row = (struct why_row){
		.text = text, .source = "policy", .age = "-", .fix = "", .depth = 1, .status = status
	};
	return row;
}

static void say_one(struct why_rows *out, const struct proof_row *p, struct arena *a)
{
	const char *why = *p->detail ? p->detail : p->meaning;
	struct why_row *row =
		add(out,
		    arena_printf(a, "%s of %s is %s%s%s%s%s", p->check, *p->subject ? p->subject : "-",
				 p->status, *p->reason ? " " : "", p->reason, *why ? ": " : "", why),
		    (int)proof_verdict((enum proof_status)p->status_value), a);

	row->age = p->age;
	row->source = *p->source ? p->source : "policy";
	row->fix = arena_printf(a, "e, or pilothouse proof %s, shows each check", p->lane);
}

int why_proof(struct why_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	      struct err *e)
{
	struct proof_rows v = { 0 };
	int r = view_proofs(&v, s, lane, now, a, e), told = 0, more = 0;

	vec_each (row, &v)
		for (int i = 0; i < row->items_n; i++) {
			const struct proof_row *p = &row->items[i];

			if (p->status_value == PROOF_VERIFIED)
				continue;
			if (told++ < TOLD_MOST)
				say_one(out, p, a);
			else
				more++;
		}
	if (more)
		add(out, arena_printf(a, "and %d more that %s not verified", more, more == 1 ? "is" : "are"),
		    CHECK_UNCHECKED, a);
	return r < 0 ? r : 0;
}
