/*
 * export.h - private to export_tool.c, which writes, and export_machine.c, which reads one machine for it: a document of verdicts, and
 * the bytes that they rest on, each with the kind of thing it is.
 */
#pragma once

#include "base/vec.h"
#include "core/engine/tool.h"
#include "core/view/attest.h"

struct piece {
	const char *kind, *ending; /* of its file's name: KIND-HEX.ENDING */
	const char *hex, *bytes;
	size_t n;
};

struct exporting {
	struct tooling *j;
	struct when now;
	struct VEC_OF(struct piece) pieces;
	void (*verdicts)(struct jw *w, const struct exporting *x);
	struct proof_rows rows; /* of a lane or a release */
	/* of a machine */
	struct fleet_view fleet;
	struct agent_tree_rows tree;
};

/* One that is there already, or has no name (""), is not added again. ERR_MISSING, ERR_CORRUPT: nothing may be exported. */
int export_add(struct exporting *x, const char *dir, const char *kind, const char *ending, const char *hex,
	       struct err *e) must_check;
const char *export_name(const struct piece *p, struct arena *a);

/* ---- export_machine.c: --machine; fills fleet, tree, pieces and verdicts ---- */
int export_read_machine(struct exporting *x, struct store *cache, struct err *e) must_check;
