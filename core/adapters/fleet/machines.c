#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "core/adapters/fleet/internal.h"

enum { SHORT = 256, WORDS = 1024, MEASUREMENT = 128, QUOTE = 96 << 10, TOKEN = 256 << 10, MAX_DEPTH = 4 };

/* A record as it is read. Measurements are what the control plane keeps as such; what stands in a machine's own report
 * beside its quote is not looked at: the quote itself is. */
struct row {
	const char *agent_id, *vm_name, *size, *datacenter, *status;
	int verified;
	const char *verification_error, *attestation_error;
	const char *mrtd, *rtmr0, *rtmr1, *rtmr2, *rtmr3, *tcb_status, *tcb_claim, *mrtd_claim;
	const char *quote, *token, *own_token, *nonce;
	const char *heard, *verified_at;
	const char *drop0, *drop1, *drop2, *drop3, *drop4, *drop5, *drop6, *drop7, *drop8, *drop9;
	const char *drop10, *drop11, *drop12, *drop13, *drop14, *drop15, *drop16, *drop17, *drop18;
};
static const char *const said_words[] = { "unsaid", "false", "true" };
static const struct names said = NAMES(said_words);
static const struct field row_fields[] = {
	FIELD_REQ(row, agent_id),
	FIELD(row, vm_name),
	FIELD(row, size),
	FIELD(row, datacenter),
	FIELD(row, status),
	FIELD_ENUM(row, verified, &said),
	FIELD(row, verification_error),
	FIELD(row, attestation_error),
	FIELD(row, mrtd),
	FIELD(row, rtmr0),
	FIELD(row, rtmr1),
	FIELD(row, rtmr2),
	FIELD(row, rtmr3),
	FIELD(row, tcb_status),
	FIELD(row, tcb_claim),
	FIELD(row, mrtd_claim),
	FIELD(row, quote),
	FIELD(row, token),
	FIELD(row, own_token),
	FIELD(row, nonce),
	FIELD(row, heard),
	FIELD(row, verified_at),
	FIELD(row, drop0),
	FIELD(row, drop1),
	FIELD(row, drop2),
	FIELD(row, drop3),
	FIELD(row, drop4),
	FIELD(row, drop5),
	FIELD(row, drop6),
	FIELD(row, drop7),
	FIELD(row, drop8),
	FIELD(row, drop9),
	FIELD(row, drop10),
	FIELD(row, drop11),
	FIELD(row, drop12),
	FIELD(row, drop13),
	FIELD(row, drop14),
	FIELD(row, drop15),
	FIELD(row, drop16),
	FIELD(row, drop17),
	FIELD(row, drop18),
};
static const struct rec rec_row = REC(struct row, row_fields, "machine");

/* Where a record has it. A size elsewhere is the profile's. */
static const struct jmap columns[] = {
	{ "agent_id", "agent_id", JMAP_REQUIRED },
	{ "vm_name", "vm_name", 0 },
	{ "node_size", "size", 0 },
	{ "datacenter", "datacenter", 0 },
	{ "status", "status", 0 },
	{ "verified", "verified", 0 },
	{ "verification_error", "verification_error", 0 },
	{ "attestation_error", "attestation_error", 0 },
	{ "mrtd", "mrtd", 0 },
	{ "rtmrs.rtmr0", "rtmr0", 0 },
	{ "rtmrs.rtmr1", "rtmr1", 0 },
	{ "rtmrs.rtmr2", "rtmr2", 0 },
	{ "rtmrs.rtmr3", "rtmr3", 0 },
	{ "tcb_status", "tcb_status", 0 },
	{ "intel_ta_claims.attester_tcb_status", "tcb_claim", 0 },
	{ "intel_ta_claims.tdx_mrtd", "mrtd_claim", 0 },
	{ "attestation.tdx.quote_b64", "quote", 0 },
	{ "attestation.tdx.intel_ta_token", "token", 0 },
	{ "intel_ta_token", "own_token", 0 },
	{ "nonce", "nonce", 0 },
	{ "last_heartbeat", "heard", 0 },
	{ "tcb_verified_at", "verified_at", 0 },
};
/* A member by its name and its place: looking for 19 credentials in 19 texts of thousands by names takes longer than reading them. */
struct place {
	const char *member;
	size_t at;
};
#define PLACE(name)                                                \
	{                                                          \
		.member = #name, .at = offsetof(struct row, name), \
	}
static const struct place drop_members[FLEET_ALL_DROPS] = {
	PLACE(drop0),  PLACE(drop1),  PLACE(drop2),  PLACE(drop3),  PLACE(drop4),
	PLACE(drop5),  PLACE(drop6),  PLACE(drop7),  PLACE(drop8),  PLACE(drop9),
	PLACE(drop10), PLACE(drop11), PLACE(drop12), PLACE(drop13), PLACE(drop14),
	PLACE(drop15), PLACE(drop16), PLACE(drop17), PLACE(drop18),
};

/* How long each text may be; what is longer is no such thing. Complaints are cut instead. */
static const struct limit {
	struct place text;
	size_t max;
} limits[] = {
	{ PLACE(agent_id), SHORT },         { PLACE(vm_name), SHORT },     { PLACE(size), SHORT },
	{ PLACE(datacenter), SHORT },       { PLACE(status), SHORT },      { PLACE(mrtd), MEASUREMENT },
	{ PLACE(rtmr0), MEASUREMENT },      { PLACE(rtmr1), MEASUREMENT }, { PLACE(rtmr2), MEASUREMENT },
	{ PLACE(rtmr3), MEASUREMENT },      { PLACE(tcb_status), SHORT },  { PLACE(tcb_claim), SHORT },
	{ PLACE(mrtd_claim), MEASUREMENT }, { PLACE(quote), QUOTE },       { PLACE(token), TOKEN },
	{ PLACE(own_token), TOKEN },        { PLACE(nonce), SHORT },       { PLACE(heard), SHORT },
	{ PLACE(verified_at), SHORT },
};

/* ---- the map -------------------------------------------------------------------------------------------------------- */

struct map {
	struct jmap entries[countof(columns) + FLEET_ALL_DROPS];
	size_t n;
	char size[SHORT]; /* the profile's pointer as a path */
};

/* Any part of a path is the name of a credential. */
static bool is_dropped(const struct drops *d, const char *path)
{
	while (*path) {
		size_t n = strcspn(path, ".");

		if (drops_has(d, path, n))
			return true;
		path += n + (path[n] == '.');
	}
	return false;
}

/* One path leads through the other: then one of them is no text. */
static bool is_through(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), less = n < m ? n : m;

	return n != m && !memcmp(a, b, less) && (n < m ? b : a)[less] == '.';
}

static bool is_free(const struct map *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (is_through(m->entries[i].path, path))
			return false;
	return true;
}

static void put_entry(struct map *m, const char *path, const char *member, unsigned flags)
{
	m->entries[m->n++] = (struct jmap){ path, member, flags };
}

/* "/attributes/size" as "attributes.size"; false: it is no pointer that can be followed so. */
static bool to_path(char out[SHORT], const char *pointer)
{
	int depth = 0;
	size_t n = strlen(pointer);

	if (pointer[0] != '/' || n < 2 || n >= SHORT || strpbrk(pointer, ".~") || strstr(pointer, "//") ||
	    pointer[n - 1] == '/')
		return false;
	memcpy(out, pointer + 1, n);
	for (char *c = out; *c; c++)
		if (*c == '/') {
			*c = '.';
			depth++;
		}
	return depth < MAX_DEPTH;
}

static bool build(struct map *m, const char *size_pointer, const struct drops *d)
{
	*m = (struct map){ 0 };
	for (size_t i = 0; i < countof(columns); i++)
		if (!is_dropped(d, columns[i].path) && !(size_pointer && !strcmp(columns[i].member, "size")))
			put_entry(m, columns[i].path, columns[i].member, columns[i].flags);
	if (size_pointer) {
		if (!to_path(m->size, size_pointer) || !is_free(m, m->size) || is_dropped(d, m->size))
			return false;
		put_entry(m, m->size, "size", 0);
	}
	for (size_t i = 0; i < d->n; i++)
		if (is_free(m, d->names[i]))
			put_entry(m, d->names[i], drop_members[i].member, 0);
	return true;
}

int machines_check(const struct fleet_read *q, const struct drops *drops, struct err *e)
{
	struct map m;

	if (!q->size_pointer || build(&m, q->size_pointer, drops))
		return 0;
	return err_set(e, ERR_INVALID, "a machine's size cannot be read at %s", q->size_pointer);
}

/* ---- one record ------------------------------------------------------------------------------------------------------ */

static const char *text_of(const struct row *r, const struct place *p)
{
	return *(const char *const *)(const void *)((const char *)r + p->at);
}

static bool spills(const struct row *r, const char *text)
{
	for (size_t i = 0; i < countof(drop_members); i++)
		if (drops_is_in(text_of(r, &drop_members[i]), text))
			return true;
	return false;
}

/* NULL: it may be taken. */
static const char *why_not(const struct row *r, struct arena *a)
{
	if (!r->agent_id || !*r->agent_id)
		return "machine: agent_id is empty";
	for (size_t i = 0; i < countof(limits); i++) {
		const char *s = text_of(r, &limits[i].text);

		if (s && strlen(s) > limits[i].max)
			return arena_printf(a, "machine: %s is longer than %zu bytes", limits[i].text.member,
					    limits[i].max);
		if (spills(r, s))
			return arena_printf(a, "machine: %s holds a credential", limits[i].text.member);
	}
	return NULL;
}

static const char *kept(const char *s, struct arena *a)
{
	return s && *s ? arena_strdup(a, s) : NULL;
}

static const char *complaint_of(const struct row *r, struct arena *a)
{
	const char *s = kept(r->verification_error, a) ? r->verification_error : r->attestation_error;

	if (!s || !*s)
		return NULL;
	return spills(r, s) ? "(its words hold a credential)" : text_head(a, s, WORDS);
}

static void fill(struct fleet_agent *m, const struct row *r, struct arena *a)
{
	*m = (struct fleet_agent){
		.id = kept(r->agent_id, a),
		.name = kept(r->vm_name, a),
		.size = kept(r->size, a),
		.datacenter = kept(r->datacenter, a),
		.word = kept(r->status, a),
		.verified = r->verified == 0 ? -1 : r->verified - 1,
		.complaint = complaint_of(r, a),
		.mrtd = kept(r->mrtd, a),
		.rtmr = { kept(r->rtmr0, a), kept(r->rtmr1, a), kept(r->rtmr2, a), kept(r->rtmr3, a) },
		.tcb = kept(r->tcb_status && *r->tcb_status ? r->tcb_status : r->tcb_claim, a),
		.quote = kept(r->quote, a),
		.token = kept(r->token && *r->token ? r->token : r->own_token, a),
		.claimed_mrtd = kept(r->mrtd_claim, a),
		.nonce = kept(r->nonce, a),
		.heard = answer_time(r->heard),
		.verified_at = answer_time(r->verified_at),
	};
}

/* ---- the list ------------------------------------------------------------------------------------------------------- */

struct machines VEC_OF(struct fleet_agent);

struct listing {
	const struct decoding *d;
	struct machines kept;
	int64_t seen;
};

/* The first one is named, by the name that it gives itself. */
static void note_damage(const struct decoding *d, const char *name, int64_t place, const char *why)
{
	if (d->out->damaged++)
		return;
	d->out->first_damage = name && *name
				       ? arena_printf(d->a, "%s: %s", text_safe_dup(d->a, name, 64), why)
				       : arena_printf(d->a, "no. %" PRId64 ": %s", place, why);
}

static int on_row(void *ctx, void *rec, const struct err *damaged)
{
	struct listing *l = ctx;
	const struct row *r = rec;
	const char *why = damaged ? damaged->message : why_not(r, l->d->a);
	bool named = r->vm_name && strlen(r->vm_name) <= SHORT && !spills(r, r->vm_name);

	l->seen++;
	if (why)
		note_damage(l->d, named ? r->vm_name : NULL, l->seen, why);
	else if (l->kept.n < AGENTS_MAX)
		fill(vec_push(&l->kept, l->d->a), r, l->d->a);
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct fleet_agent *x = *(const struct fleet_agent *const *)a;
	const struct fleet_agent *y = *(const struct fleet_agent *const *)b;
	int r = strcmp(x->id, y->id);

	return r ? r : (x > y) - (x < y);
}

/* Two records of one machine say two things of it, and neither is known to be right: both are damaged. */
static void drop_twins(struct listing *l)
{
	struct machines *v = &l->kept;
	const struct fleet_agent **sorted = arena_array(l->d->a, const struct fleet_agent *, v->n + 1);
	bool *twin = arena_array(l->d->a, bool, v->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		sorted[i] = &v->items[i];
	qsort(sorted, v->n, sizeof(*sorted), by_id);
	for (size_t i = 1; i < v->n; i++)
		if (!strcmp(sorted[i]->id, sorted[i - 1]->id))
			twin[sorted[i] - v->items] = twin[sorted[i - 1] - v->items] = true;
	for (size_t i = 0; i < v->n; i++) {
		if (twin[i])
			note_damage(l->d, v->items[i].name, (int64_t)i + 1,
				    "machine: agent_id is there twice");
		else
			v->items[n++] = v->items[i];
	}
	v->n = n;
}

int machines_list(const struct decoding *d, struct err *e)
{
	struct listing l = { .d = d };
	const struct json_count count = { "total", &d->out->total };
	struct map m;
	int r;

	if (!build(&m, d->q->size_pointer, d->drops))
		return machines_check(d->q, d->drops, e);
	r = json_list_counted(d->text, d->n, "agents", &count, m.entries, m.n, &rec_row, NULL, on_row, &l,
			      NULL, e);
	if (r < 0)
		return r;
	drop_twins(&l);
	d->out->agents = l.kept.items;
	d->out->agents_n = l.kept.n;
	if (d->out->total < l.seen)
		d->out->total = l.seen;
	return 0;
}

/* ---- one machine's evidence ------------------------------------------------------------------------------------------ */

/* A log may stand as text, or as the list that the text would be. */
static const char *log_of(const struct json *j, struct arena *a)
{
	static const char *const places[] = { "event_log", "attestation.tdx.event_log" };
	autofree(buf) struct buf text = BUF_INIT(FLEET_DOCUMENT);

	for (size_t i = 0; i < countof(places); i++) {
		const struct json *it = json_get(j, places[i]);

		if (json_type(it) == JSON_STRING)
			return kept(json_str(it, ""), a);
		if (json_type(it) == JSON_ARRAY || json_type(it) == JSON_OBJECT) {
			json_dump(&text, it);
			return text.over ? NULL : arena_strdup(a, text.s);
		}
	}
	return NULL;
}

int machines_chain(const struct decoding *d, const struct json *j, struct err *e)
{
	struct fleet_agent *agent = arena_new(d->a, struct fleet_agent);
	struct row row = { 0 };
	const char *why;
	struct map m;
	int r;

	if (!build(&m, d->q->size_pointer, d->drops))
		return machines_check(d->q, d->drops, e);
	r = json_map(j, m.entries, m.n, &rec_row, &row, d->a, e);
	if (r < 0)
		return r;
	why = why_not(&row, d->a);
	if (why)
		return err_set(e, ERR_CORRUPT, "%s answers with a damaged record: %s", d->q->site, why);
	if (!text_eq(row.agent_id, d->q->id))
		return err_set(e, ERR_CORRUPT, "%s answers with the evidence of another machine", d->q->site);
	fill(agent, &row, d->a);
	agent->event_log = is_dropped(d->drops, "event_log") ? NULL : log_of(j, d->a);
	d->out->agents = agent;
	d->out->agents_n = 1;
	d->out->total = 1;
	return 0;
}
