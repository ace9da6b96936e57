#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/engine/audit.h"
#include "core/engine/ledger.h"
#include "core/engine/ways.h"

#define MARK_WORD "[pilothouse audit "
#define WORD_MAX  1024 /* of what is told to the host: a subject may be as long as somebody likes */

static const char *mark_of(const char *target, struct arena *a)
{
	autofree(json) struct json *j = NULL;
	const char *mark = NULL;

	if (target && *target && json_parse(&j, target, strlen(target), 1 << 20, NULL) == 0)
		mark = json_str(j, "audit");
	return mark ? arena_strdup(a, mark) : "";
}

const char *audit_mark(struct ask *k, const char *nonce)
{
	const struct intent *twin = k->plan.twin;

	if (text_eq(nonce, PLAN_NONCE))
		return PLAN_NONCE;
	return mark_of(twin && text_eq(nonce, twin->nonce) ? twin->target : k->intent.target, &k->arena);
}

const char *audit_remark(struct ask *k, const char *nonce)
{
	const char *mark = audit_mark(k, nonce);

	return *mark ? arena_printf(&k->arena, " " MARK_WORD "%s]", mark) : "";
}

bool audit_mark_in(const char *text, int64_t *seq, char hash[AUDIT_MARK_HEX + 1])
{
	const char *at = text ? strstr(text, MARK_WORD) : NULL;
	char digits[20] = "";
	size_t n;

	if (!at)
		return false;
	at += strlen(MARK_WORD);
	n = strspn(at, "0123456789");
	if (!n || n >= sizeof(digits) || at[n] != ' ' ||
	    strspn(at + n + 1, "0123456789abcdef") != AUDIT_MARK_HEX || at[n + 1 + AUDIT_MARK_HEX] != ']')
		return false;
	memcpy(digits, at, n);
	if (text_int64(seq, digits, 1, INT64_MAX) < 0)
		return false;
	memcpy(hash, at + n + 1, AUDIT_MARK_HEX);
	hash[AUDIT_MARK_HEX] = '\0';
	return true;
}

/* Where others can read the mark that went out with an act that is done; NULL: it left none that can be asked for. A review
 * has left its comment on the run; a lock, or the con, the commit that its ref was moved to. */
static const char *place_of(const struct intent *in, const char **witness, struct arena *a)
{
	autofree(json) struct json *j = NULL;
	const char *sha = NULL;

	*witness = "comment";
	if (text_eq(in->act, "approve") || text_eq(in->act, "reject"))
		return in->run_id ? arena_printf(a, "%s %" PRId64 " %s", in->repo, in->run_id, in->nonce)
				  : NULL;
	*witness = "lock";
	if (!text_eq(in->act, "lock") && !text_eq(in->act, "unlock") && !text_eq(in->act, "con"))
		return NULL;
	if (in->body && json_parse(&j, in->body, strlen(in->body), 1 << 20, NULL) == 0)
		sha = json_str(j, "sha");
	return sha ? arena_printf(a, "%s %s", in->repo, sha) : NULL;
}

static void remember(struct engine *en, const struct intent *in, struct err *e)
{
	struct audit_anchor an = { .at = engine_now(en) };
	struct arena a = ARENA_INIT;
	struct intent kept;
	const char *mark = "";

	if (journal_get(en->o.journal, in->id, &kept, &a, e) == 0)
		mark = mark_of(kept.target, &a);
	an.hash = strchr(mark, ' ');
	an.place = place_of(in, &an.witness, &a);
	if (an.place && an.hash) {
		an.seq = strtoll(mark, NULL, 10);
		an.hash++;
		if (audit_anchor_add(en->o.journal, &an, e) < 0)
			err_hint(e, "`audit verify --anchors` will not ask for it");
	}
	arena_done(&a);
}

static void tell_host(struct engine *en, const struct intent *in, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct audit_line last;
	struct witness_word word = { .journal = en->o.journal_path ? en->o.journal_path : "" };

	if (audit_last(en->o.journal, &last, &a, e) == 0) {
		word.seq = last.seq;
		word.hash = last.hash;
		word.text = arena_printf(&a, "audit line %" PRId64 ": %s %s %s by %s is %s", last.seq,
					 in->act, in->lane, in->subject ? in->subject : "",
					 in->who ? in->who : "?", names_word(&intent_state_names, in->state));
		word.text = text_safe_dup(&a, word.text, WORD_MAX);
		(void)en->o.witness->ops->tell(en->o.witness, &word, e);
	}
	arena_done(&a);
}

void audit_told(struct engine *en, const struct intent *in)
{
	struct err e = ERR_INIT;

	if (in->state == INTENT_DONE)
		remember(en, in, &e);
	ledger_wake(en->ledger);
	if (en->o.witness)
		tell_host(en, in, &e);
	if (e.kind && en->o.log)
		log_line(en->o.log, "audit", "%s", e.message);
}
