#include "core/view/proof.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/model/agent.h"
#include "core/view/words.h"

/* What no policy wrote is damage, and damage is never good. */
int proof_status_shown(int status)
{
	return status >= PROOF_UNCHECKED && status <= PROOF_FAILED ? status : PROOF_FAILED;
}

/* ---- words ---- */

static const struct {
	const char *word, *glyph, *ascii;
} looks[] = {
	[PROOF_UNCHECKED] = { "UNCHECKED", "?", "?" },
	[PROOF_VERIFIED] = { "VERIFIED", "\xe2\x9c\x94", "+" },
	[PROOF_WARN] = { "WARN", "!", "!" },
	[PROOF_STALE] = { "STALE", "\xe2\x97\xb7", "~" },
	[PROOF_MISSING] = { "MISSING", "\xe2\x88\x85", "0" },
	[PROOF_FAILED] = { "FAILED", "\xe2\x9c\x98", "X" },
};

/* As proof_worse() orders them. */
static const enum proof_status urgent[] = { PROOF_FAILED, PROOF_MISSING,   PROOF_STALE,
					    PROOF_WARN,   PROOF_UNCHECKED, PROOF_VERIFIED };

int proof_rank(int status)
{
	int rank = 0;

	while (urgent[rank] != (enum proof_status)proof_status_shown(status))
		rank++;
	return rank;
}

const char *proof_status_word(int status)
{
	return looks[proof_status_shown(status)].word;
}

const char *proof_glyph(int status, bool ascii)
{
	return ascii ? looks[proof_status_shown(status)].ascii : looks[proof_status_shown(status)].glyph;
}

static char letter_of(const char *check)
{
	static const struct {
		const char *check;
		char letter;
	} letters[] = {
		{ "provenance", 'P' }, { "sbom", 'S' },  { "release", 'R' }, { "signature", 'G' },
		{ "quote", 'Q' },      { "token", 'T' }, { "machine", 'M' },
	};

	for (size_t i = 0; i < countof(letters); i++)
		if (text_eq(check, letters[i].check))
			return letters[i].letter;
	return '?';
}

const char *proof_set_words(const struct proof_subject_row *row, bool ascii, struct arena *a)
{
	const char *words = "";

	for (int i = 0; i < row->items_n; i++)
		words = arena_printf(a, "%s%s%c%s", words, i ? " " : "", row->items[i].letter,
				     proof_glyph(row->items[i].status_value, ascii));
	return words;
}

static const char *tally(const size_t n[countof(looks)], bool ascii, struct arena *a)
{
	const char *words = "";

	for (size_t i = 0; i < countof(urgent); i++)
		if (n[urgent[i]])
			words = arena_printf(a, "%s%s%s%zu", words, *words ? " " : "",
					     proof_glyph((int)urgent[i], ascii), n[urgent[i]]);
	return words;
}

const char *proof_tally_words(const struct proof_rows *v, bool ascii, struct arena *a)
{
	size_t n[countof(looks)] = { 0 };

	vec_each (row, v)
		for (int i = 0; i < row->items_n; i++)
			n[row->items[i].status_value]++;
	return tally(n, ascii, a);
}

const char *proof_wall_words(const struct proof_rows *v, bool ascii, int *worst, struct arena *a)
{
	size_t n[countof(looks)] = { 0 }, at = 0;
	const struct proof_row *old = NULL;

	vec_each (row, v)
		for (int i = 0; i < row->items_n; i++) {
			const struct proof_row *p = &row->items[i];

			if (!p->required)
				continue;
			n[p->status_value]++;
			if (!old || p->age_ms < 0 || (old->age_ms >= 0 && p->age_ms > old->age_ms))
				old = p;
		}
	if (!old)
		return "";
	while (!n[urgent[at]])
		at++;
	*worst = urgent[at];
	return arena_printf(a, "%s %s, %s%s", proof_status_word(*worst), tally(n, ascii, a),
			    old->age_ms < 0 ? "some never checked" : "oldest ",
			    old->age_ms < 0 ? "" : old->age);
}

const char *proof_count_words(const struct proof_count *c, bool ascii, struct arena *a)
{
	if (!c || c->required <= 0)
		return c ? proof_glyph(c->worst, ascii) : "";
	return arena_printf(a, "%" PRId64 "/%" PRId64 "%s", c->ok, c->required,
			    c->worst == PROOF_VERIFIED ? "" : proof_glyph(c->worst, ascii));
}

/* ---- rows ---- */

static const char *time_words(struct arena *a, struct when at)
{
	char text[WHEN_TEXT];

	return when_known(at) ? arena_strdup(a, when_iso(at, text)) : "";
}

const char *proof_reason_word(int reason)
{
	return reason > PROOF_OK && reason < PROOF_REASONS_ ? names_word(&proof_reason_names, reason)
	       : reason == PROOF_OK                         ? ""
							    : "?";
}

static void row_from(struct proof_row *row, const struct proof *p, struct when now, struct arena *a)
{
	struct when at = when_known(p->verified_at) ? p->verified_at : p->at;

	*row = (struct proof_row){
		.lane = view_safe(a, p->lane),
		.release = view_safe(a, p->release),
		.subject = view_safe(a, p->subject),
		.digest = view_safe(a, p->digest),
		.check = view_safe(a, p->check),
		.status = proof_status_word(p->status),
		.reason = proof_reason_word(p->reason),
		.meaning = text_eq(p->policy, PROOF_POLICY_NONE)
				   ? "not attested"
				   : proof_reason_meaning((enum proof_reason)p->reason),
		.detail = view_safe(a, p->detail),
		.source = view_safe(a, p->source),
		.evidence = view_safe(a, p->evidence),
		.root = view_safe(a, p->root),
		.builder = view_safe(a, p->builder),
		.commit = view_safe(a, p->commit),
		.signed_at = time_words(a, p->signed_at),
		.logged_at = time_words(a, p->logged_at),
		.verified_at = time_words(a, p->verified_at),
		.age = view_age_minutes(a, at, now),
		.age_ms = view_age_ms(at, now),
		.root_age = "",
		.root_age_ms = -1,
		.status_value = proof_status_shown(p->status),
		.required = p->required,
		.strict = p->strict,
		.letter = letter_of(p->check),
		.raw = *p,
	};
}

/* "rollout.yml@v2.14.0" of https://github.com/acme/easy/.github/workflows/rollout.yml@refs/tags/v2.14.0. */
static const char *builder_short(struct arena *a, const char *builder)
{
	static const char folder[] = "/.github/workflows/";
	const char *file = strstr(builder, folder), *at = file ? strchr(file, '@') : NULL, *slash;

	if (!file)
		return text_starts(builder, "https://") ? builder + strlen("https://") : builder;
	file += sizeof(folder) - 1;
	slash = at ? strrchr(at, '/') : NULL;
	return slash ? arena_printf(a, "%.*s@%s", (int)(at - file), file, slash + 1) : file;
}

static const char *digest_short(struct arena *a, const char *digest)
{
	const char *colon = strchr(digest, ':');

	return arena_strndup(a, colon ? colon + 1 : digest, 12);
}

struct gather {
	struct proof_rows *out;
	struct when now;
	struct arena *a;
};

/* What the line of a subject says is what is worst of it; of the same severity the first in the profile's order. */
static void take_worst(struct proof_subject_row *row, const struct proof_row *one, bool first)
{
	bool worse = first || (one->status_value != row->status_value &&
			       (int)proof_worse((enum proof_status)one->status_value,
						(enum proof_status)row->status_value) == one->status_value);

	if (worse) {
		row->status = one->status;
		row->status_value = one->status_value;
		row->reason = one->reason;
		row->meaning = one->meaning;
	}
	if (first || one->age_ms < 0 || (row->age_ms >= 0 && one->age_ms > row->age_ms)) {
		row->age_ms = one->age_ms;
		row->age = one->age;
	}
}

static bool same_subject(const struct proof *a, const struct proof *b)
{
	return text_eq(a->lane, b->lane) && text_eq(a->release, b->release) &&
	       text_eq(a->subject, b->subject) && text_eq(a->digest, b->digest);
}

static void finish_subject(struct proof_subject_row *row, struct arena *a)
{
	const struct proof_row *first = &row->items[0];

	row->lane = first->lane;
	row->release = first->release;
	row->subject = first->subject;
	row->digest = first->digest;
	row->digest_short = digest_short(a, first->digest);
	row->commit_short = row->builder_short = "";
	row->machines = text_eq(first->raw.subject, AGENTS_SUBJECT);
	for (int i = 0; i < row->items_n; i++) {
		const struct proof_row *one = &row->items[i];

		take_worst(row, one, i == 0);
		if (!*row->commit_short && *one->commit)
			row->commit_short = view_short(a, one->commit);
		if (!*row->builder_short && *one->builder)
			row->builder_short = builder_short(a, one->builder);
	}
}

/* Rows of one subject stand together in the cache: the engine puts them in the order of the profile. */
static void make_rows(struct gather *g, const struct proofs *all)
{
	for (size_t i = 0, n; i < all->n; i += n) {
		struct proof_subject_row *row = vec_push(g->out, g->a);

		for (n = 1; i + n < all->n && same_subject(&all->items[i], &all->items[i + n]);)
			n++;
		row->items = arena_array(g->a, struct proof_row, n);
		row->items_n = (int)n;
		for (size_t k = 0; k < n; k++)
			row_from(&row->items[k], &all->items[i + k], g->now, g->a);
		finish_subject(row, g->a);
	}
}

/* A stable sort in one pass a status: rows of the same one keep the order of lanes and profiles. */
static void sort_rows(struct proof_rows *rows, struct arena *a)
{
	struct proof_subject_row *sorted = arena_array(a, struct proof_subject_row, rows->n ? rows->n : 1);
	size_t n = 0;

	for (size_t u = 0; u < countof(urgent); u++)
		vec_each (row, rows)
			if (row->status_value == (int)urgent[u])
				sorted[n++] = *row;
	rows->items = sorted;
}

struct named {
	const char *release;
	bool known;
};

static int is_release(void *ctx, const void *record)
{
	struct named *n = ctx;
	const struct lane *l = record;

	n->known |= text_eq(l->live, n->release) || text_eq(l->next, n->release);
	return 0;
}

/* A release that a lane has or will have is known, though nothing of it was looked at. */
static int release_known(const char *word, struct store *s, struct arena *a, struct err *e)
{
	struct named n = { .release = word };
	int r = store_each(s, Q_lanes, NULL, NULL, &rec_lane, a, is_release, &n, e);

	return r < 0 ? r : !n.known;
}

static void keep_release(struct proofs *all, const char *release)
{
	size_t n = 0;

	vec_each (p, all)
		if (text_eq(p->release, release))
			all->items[n++] = *p;
	all->n = n;
}

static int read_word(struct proofs *all, struct store *s, const char *word, struct arena *a, struct err *e)
{
	struct key key = { .name = word };
	struct lane lane;
	int r = store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, a, e);

	if (r <= 0)
		return r < 0 ? r : store_proofs_read(all, s, word, NULL, a, e);
	r = store_proofs_read(all, s, NULL, NULL, a, e);
	if (r < 0)
		return r;
	keep_release(all, word);
	return all->n ? 0 : release_known(word, s, a, e);
}

int view_root_taken(struct when *out, struct store *s, const char *sha, struct arena *a, struct err *e)
{
	struct key key = { .name = arena_printf(a, ROOT_SETTING "%s", sha) };
	struct setting row;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, e);

	if (r != 0 || !row.value || when_parse(out, row.value) < 0)
		*out = WHEN_NONE;
	return r < 0 ? r : 0;
}

/* Roots are few: one at a time, and not again where the row before rests on the same. */
static int find_roots(struct proof_rows *rows, struct store *s, struct when now, struct arena *a,
		      struct err *e)
{
	struct when taken = WHEN_NONE;
	const char *of = "";
	int r = 0;

	vec_each (subject, rows)
		for (int i = 0; i < subject->items_n && r >= 0; i++) {
			struct proof_row *p = &subject->items[i];

			if (!*p->raw.root)
				continue;
			if (!text_eq(of, p->raw.root)) {
				r = view_root_taken(&taken, s, p->raw.root, a, e);
				of = p->raw.root;
			}
			if (when_known(taken)) {
				p->root_age = view_age_minutes(a, taken, now);
				p->root_age_ms = view_age_ms(taken, now);
			}
		}
	return r;
}

/* ---- none ---- */

int view_proof_terms(struct proof_terms *out, struct store *s, struct arena *a, struct err *e)
{
	struct key key = { .name = TERMS_SETTING };
	struct setting row;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, e);

	out->json = NULL;
	if (r == 0 && row.value && json_parse(&out->json, row.value, strlen(row.value), 65536, NULL) < 0)
		out->json = NULL;
	return r < 0 ? r : 0;
}

bool proof_terms_has(const struct proof_terms *t, const char *lane)
{
	const char *name;

	for (size_t i = 0; json_member(t->json, i, &name); i++)
		if (!lane || text_eq(name, lane))
			return true;
	return false;
}

const char *view_proof_none(struct store *s, const char *lane, struct arena *a)
{
	struct key key = { .name = lane };
	struct lane row;
	struct proof_terms terms;
	bool known = lane && store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &row, a, NULL) == 0;
	bool wanted = view_proof_terms(&terms, s, a, NULL) >= 0 &&
		      proof_terms_has(&terms, known ? lane : NULL); /* a release is of any lane */
	const char *of = lane ? view_safe(a, lane) : "these lanes";

	json_free(terms.json);
	return wanted ? arena_printf(a, "%s want%s proofs, and nobody has looked for them yet", of,
				     lane ? "s" : "")
		      : arena_printf(a, "nothing need be proved of %s by its profile", of);
}

int view_proofs(struct proof_rows *out, struct store *s, const char *word, struct when now, struct arena *a,
		struct err *e)
{
	struct gather g = { out, now, a };
	struct proofs all = { 0 };
	int r = word ? read_word(&all, s, word, a, e) : store_proofs_read(&all, s, NULL, NULL, a, e);

	if (r)
		return r;
	make_rows(&g, &all);
	sort_rows(out, a);
	return find_roots(out, s, now, a, e);
}

/* ---- steps ---- */

static void step_from(struct proof_step_row *row, const struct proof_check *c, struct arena *a)
{
	bool failed = c->result == CHECKED_FAIL;
	bool known = c->result >= CHECKED_NOT && c->result <= CHECKED_ABSENT;

	*row = (struct proof_step_row){
		.id = view_safe(a, c->id),
		.name = view_safe(a, c->name),
		.result = names_word(&check_result_names, c->result),
		.reason = failed ? proof_reason_word(c->reason) : "",
		.meaning = failed ? proof_reason_meaning((enum proof_reason)c->reason) : "",
		.expected = view_safe(a, c->expected),
		.found = view_safe(a, c->found),
		.result_value = known ? c->result : CHECKED_NOT,
	};
}

static int read_steps(struct proof_row *row, struct store *s, struct arena *a, struct err *e)
{
	struct proof_checks checks = { 0 };
	int r = store_proof_checks_read(&checks, s, &row->raw, a, e);
	struct proof_step_row *steps;

	if (r < 0)
		return r;
	steps = arena_array(a, struct proof_step_row, checks.n ? checks.n : 1);
	for (size_t i = 0; i < checks.n; i++)
		step_from(&steps[i], &checks.items[i], a);
	row->steps = steps;
	row->steps_n = (int)checks.n;
	return 0;
}

int view_proof_steps(struct proof_subject_row *row, struct store *s, struct arena *a, struct err *e)
{
	int r = 0;

	for (int i = 0; i < row->items_n && r == 0; i++)
		r = row->items[i].steps ? 0 : read_steps(&row->items[i], s, a, e);
	return r;
}
