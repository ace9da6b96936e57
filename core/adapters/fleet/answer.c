#include <string.h>

#include "base/text.h"
#include "core/adapters/fleet/internal.h"

enum {
	SHORT = 256, /* a word, a name, a time */
	MEASUREMENT = 128,
	VALUE = 1024,
	QUOTE = 128 << 10,
	TOLD = 64 << 10, /* an answer that is nothing but an error */
	MAX_VALUES = 200000,
	MAX_TTL = 86400,
	LONG_SECRET = 8,
};

/* ---- credentials ---------------------------------------------------------------------------------------------------- */

bool drops_has(const struct drops *d, const char *name, size_t n)
{
	for (size_t i = 0; i < d->n; i++)
		if (strlen(d->names[i]) == n && !memcmp(d->names[i], name, n))
			return true;
	return false;
}

bool drops_is_in(const char *secret, const char *text)
{
	return secret && text && strlen(secret) >= LONG_SECRET && strstr(text, secret);
}

/* The tree is no deeper than JSON_MAX_DEPTH. */
static bool spilt(const struct drops *d, const struct json *j, const char *text, struct arena *a)
{
	size_t n = json_size(j);
	bool object = json_type(j) == JSON_OBJECT;
	struct json_pair *pairs = object ? arena_array(a, struct json_pair, n) : NULL;

	if (object)
		json_pairs(j, pairs);
	for (size_t i = 0; i < n; i++) {
		const struct json *it = object ? pairs[i].value : json_at(j, i);

		if (object && drops_has(d, pairs[i].key, strlen(pairs[i].key)) &&
		    drops_is_in(json_str(it, ""), text))
			return true;
		if (spilt(d, it, text, a))
			return true;
	}
	return false;
}

/* A value below j whose field is a credential stands in text. */
static bool spilt_in(const struct drops *d, const struct json *j, const char *text)
{
	struct arena a = ARENA_INIT;
	bool r = spilt(d, j, text, &a);

	arena_done(&a);
	return r;
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

const char *answer_text(const struct json *j, const char *path, size_t max, struct arena *a)
{
	const char *s = json_str(j, path);

	return s && *s && strlen(s) <= max ? arena_strdup(a, s) : NULL;
}

/* Python's isoformat() says no zone of what it keeps in UTC. */
struct when answer_time(const char *s)
{
	struct when out = WHEN_NONE;
	char zoned[48];

	if (!s || strlen(s) > sizeof(zoned) - 2)
		return WHEN_NONE;
	if (when_parse(&out, s) == 0)
		return out;
	memcpy(zoned, s, strlen(s));
	memcpy(zoned + strlen(s), "Z", 2);
	return when_parse(&out, zoned) == 0 ? out : WHEN_NONE;
}

static void damaged(const struct decoding *d, const char *what, size_t i, const char *why)
{
	if (!d->out->damaged++)
		d->out->first_damage = arena_printf(d->a, "%s %zu %s", what, i + 1, why);
}

/* ---- health --------------------------------------------------------------------------------------------------------- */

static int take_health(const struct decoding *d, const struct json *j, struct err *e)
{
	struct fleet_health *h = arena_new(d->a, struct fleet_health);

	h->status = answer_text(j, "status", SHORT, d->a);
	h->version = answer_text(j, "version", SHORT, d->a);
	h->git_sha = answer_text(j, "git_sha", MEASUREMENT, d->a);
	h->boot_id = answer_text(j, "boot_id", SHORT, d->a);
	h->quote = answer_text(j, "attestation.quote_b64", QUOTE, d->a);
	if (!h->quote)
		h->quote = answer_text(j, "quote_b64", QUOTE, d->a);
	if (!h->status && !h->git_sha && !h->boot_id && !h->quote)
		return err_set(e, ERR_CORRUPT, "%s tells nothing of its health in what it answers",
			       d->q->site);
	d->out->health = h;
	return 0;
}

static int take_challenge(const struct decoding *d, const struct json *j, struct err *e)
{
	const char *nonce = answer_text(j, "nonce", SHORT, d->a);
	struct when issued = answer_time(json_str(j, "issued_at"));
	int64_t ttl = json_int(j, "ttl_seconds", 0);

	if (!nonce || nonce[strspn(nonce, "0123456789abcdefABCDEF")])
		return err_set(e, ERR_CORRUPT, "%s gives no challenge in what it answers", d->q->site);
	d->out->text = nonce;
	if (when_known(issued) && ttl > 0 && ttl <= MAX_TTL)
		d->out->until = (struct when){ issued.ms + ttl * 1000 };
	return 0;
}

/* ---- facts ---------------------------------------------------------------------------------------------------------- */

static struct fleet_fact new_fact(enum fleet_fact_kind kind, const char *name, const char *source)
{
	return (struct fleet_fact){ .lane = "",
				    .kind = (int)kind,
				    .name = name,
				    .declared = "",
				    .effective = "",
				    .source = source ? source : "",
				    .detail = "" };
}

static void take_mrtd(const struct decoding *d, struct fleet_facts *facts, const struct json *j, size_t i)
{
	const char *mrtd = answer_text(j, "mrtd", MEASUREMENT, d->a);

	if (!mrtd)
		damaged(d, "trusted measurement", i, "has no mrtd that can be one");
	else
		*vec_push(facts, d->a) = new_fact(FLEET_MRTD, mrtd, answer_text(j, "type", SHORT, d->a));
}

/* The server says so, or the name does. */
static bool is_secret(const struct drops *drops, const struct json *j, const char *key)
{
	static const char *const parts[] = { "token", "secret", "password", "credential", "private", "_key" };
	enum json_type said = json_type(json_get(j, "is_secret"));
	const char *last = strrchr(key, '.');

	last = last ? last + 1 : key;
	if (drops_has(drops, last, strlen(last)))
		return true;
	for (size_t i = 0; i < countof(parts); i++)
		if (text_has(last, parts[i]))
			return true;
	return said != JSON_ABSENT && !(said == JSON_BOOL && !json_bool(j, "is_secret", true));
}

/* Words stay as they are; what is no text is as JSON has it. NULL: too long. */
static const char *value_of(const struct json *j, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(VALUE);
	const char *s = json_str(j, "value");

	if (json_type(json_get(j, "value")) == JSON_NULL)
		return "";
	if (s)
		buf_str(&text, s);
	else
		json_dump(&text, json_get(j, "value"));
	return text.over ? NULL : arena_strdup(a, text.s);
}

static void take_setting(const struct decoding *d, struct fleet_facts *facts, const struct json *j, size_t i)
{
	const char *key = answer_text(j, "key", SHORT, d->a);
	bool secret = key && is_secret(d->drops, j, key);
	const char *value = key && !secret && json_get(j, "value") ? value_of(j, d->a) : NULL;
	struct fleet_fact *f;

	if (!key || (!secret && !value)) {
		damaged(d, "setting", i, key ? "has no value that can be one" : "has no key");
		return;
	}
	f = vec_push(facts, d->a);
	*f = new_fact(FLEET_POLICY, key, answer_text(j, "source", SHORT, d->a));
	f->effective = secret ? "" : value;
	f->detail = secret ? "a secret: not taken" : "";
}

static int take_facts(const struct decoding *d, const struct json *j, struct err *e)
{
	bool settings = d->q->kind == FLEET_SETTINGS;
	const struct json *list = json_get(j, settings ? "settings" : "trusted_mrtds");
	struct fleet_facts facts = { 0 };
	size_t n = json_size(list);

	if (json_type(list) != JSON_ARRAY)
		return err_set(e, ERR_CORRUPT, "%s gives no list of %s in what it answers", d->q->site,
			       settings ? "settings" : "trusted measurements");
	if (n > FLEET_FACTS)
		return err_set(e, ERR_CORRUPT, "%s lists %zu %s: more than %d are not read", d->q->site, n,
			       settings ? "settings" : "trusted measurements", (int)FLEET_FACTS);
	for (size_t i = 0; i < n; i++)
		(settings ? take_setting : take_mrtd)(d, &facts, json_at(list, i), i);
	d->out->facts = facts.items;
	d->out->facts_n = facts.n;
	d->out->total = json_int(j, "total", 0) > (int64_t)n ? json_int(j, "total", 0) : (int64_t)n;
	return 0;
}

/* ---- all ------------------------------------------------------------------------------------------------------------ */

/* A control plane that cannot do what is asked may say so with status 200: {"error": "TDX not available"}. */
static int told_error(const struct decoding *d, const struct json *j, struct err *e)
{
	const char *words = json_str(j, "error");

	if (!words || !*words)
		return 0;
	if (spilt_in(d->drops, j, words))
		words = "(its words hold a credential)";
	return err_set(e, d->q->kind == FLEET_HEALTH ? ERR_MISSING : ERR_SERVER,
		       "%s answers with an error: %.200s", d->q->site, words);
}

static int take_document(const struct decoding *d, const struct json *j, struct err *e)
{
	int r = told_error(d, j, e);

	if (r < 0)
		return r;
	switch (d->q->kind) {
	case FLEET_HEALTH:
		return take_health(d, j, e);
	case FLEET_CHAIN:
		return machines_chain(d, j, e);
	case FLEET_CHALLENGE:
		return take_challenge(d, j, e);
	case FLEET_TRUSTED:
	case FLEET_SETTINGS:
		return take_facts(d, j, e);
	case FLEET_AGENTS:
		break;
	}
	return machines_list(d, e);
}

int answer_take(const struct decoding *d, struct err *e)
{
	static const struct json_limits limits = { .bytes = FLEET_DOCUMENT,
						   .depth = JSON_MAX_DEPTH,
						   .values = MAX_VALUES };
	autofree(json) struct json *j = NULL;
	bool list = d->q->kind == FLEET_AGENTS;

	/* the parser's own words quote what it was reading, which may be a credential */
	if (list && d->n > TOLD)
		return machines_list(d, e);
	if (json_parse_within(&j, d->text, d->n, &limits, NULL) == 0)
		return take_document(d, j, e);
	return list ? machines_list(d, e)
		    : err_set(e, ERR_CORRUPT, "%s answers with what is no JSON that can be read", d->q->site);
}
