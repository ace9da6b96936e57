#include "core/adapters/tdx/internal.h"

#include "base/json.h"
#include "base/text.h"

#define LEVELS_MAX     256
#define ADVISORIES_MAX 64
#define COMPONENTS     16

/* The reading of one document: the first thing that is wrong stays. */
struct reader {
	struct arena *a;
	const char *document;
	struct err *e;
	int r;
};

static bool bad(struct reader *r, const char *member)
{
	if (r->r == 0)
		r->r = err_set(r->e, ERR_CORRUPT, "%s: %s is missing or damaged", r->document, member);
	return false;
}

static int64_t read_int(struct reader *r, const struct json *j, const char *key, int64_t max)
{
	int64_t v = json_int(j, key, -1);

	if (json_type(json_get(j, key)) != JSON_INT || v < 0 || v > max) {
		bad(r, key);
		return 0;
	}
	return v;
}

static void read_hex(struct reader *r, const struct json *j, const char *key, unsigned char *out, size_t n)
{
	if (!tdx_unhex(out, n, json_str(j, key)))
		bad(r, key);
}

static struct when read_when(struct reader *r, const struct json *j, const char *key)
{
	const char *s = json_str(j, key);
	struct when w = WHEN_NONE;

	if (!s || when_parse(&w, s) != 0 || !when_known(w))
		bad(r, key);
	return w;
}

static const char *read_str(struct reader *r, const struct json *j, const char *key)
{
	const char *s = json_str(j, key);

	if (!s)
		bad(r, key);
	return arena_strdup(r->a, s ? s : "");
}

/* An array with at least one element and no more than make sense. */
static size_t read_count(struct reader *r, const struct json *array, const char *name)
{
	size_t n = json_size(array);

	if (json_type(array) == JSON_ARRAY && n && n <= LEVELS_MAX)
		return n;
	bad(r, name);
	return 0;
}

static void read_found(struct reader *r, const struct json *level, struct tcb_found *out)
{
	const struct json *ids = json_get(level, "advisoryIDs");
	size_t n = json_size(ids);
	const char **list;

	/* a word that is not known stays so, and is never good */
	out->status = names_value(&tcb_status_names, read_str(r, level, "tcbStatus"));
	out->date = read_when(r, level, "tcbDate");
	if (ids && (json_type(ids) != JSON_ARRAY || n > ADVISORIES_MAX)) {
		bad(r, "advisoryIDs");
		return;
	}
	list = arena_array(r->a, const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		list[i] = json_str(json_at(ids, i), "") ? arena_strdup(r->a, json_str(json_at(ids, i), ""))
							: (bad(r, "advisoryIDs"), "");
	out->advisories = list;
	out->advisories_n = n;
}

/* ---- levels, newest first: the order of the document is not relied on ---------------------------------------------------- */

static int descending_svn(const void *a, const void *b)
{
	const struct isv_level *x = a, *y = b;

	return (x->svn < y->svn) - (x->svn > y->svn);
}

static void read_isv_levels(struct reader *r, const struct json *array, struct isv_levels *out)
{
	size_t n = read_count(r, array, "tcbLevels");

	for (size_t i = 0; i < n; i++) {
		const struct json *level = json_at(array, i);
		struct isv_level *l = vec_push(out, r->a);

		l->svn = (uint16_t)read_int(r, level, "tcb.isvsvn", UINT16_MAX);
		read_found(r, level, &l->found);
	}
	if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), descending_svn);
}

static void read_components(struct reader *r, const struct json *tcb, const char *key,
			    uint8_t out[COMPONENTS])
{
	const struct json *array = json_get(tcb, key);

	if (json_type(array) != JSON_ARRAY || json_size(array) != COMPONENTS) {
		bad(r, key);
		return;
	}
	for (size_t i = 0; i < COMPONENTS; i++)
		out[i] = (uint8_t)read_int(r, json_at(array, i), "svn", UINT8_MAX);
}

/* By SGX components, then by TDX components, then by PCESVN; of two that are equal the first stays first. */
static int descending(const void *a, const void *b)
{
	const struct tcb_level *x = a, *y = b;
	int c = memcmp(y->sgx, x->sgx, COMPONENTS);

	if (!c)
		c = memcmp(y->tdx, x->tdx, COMPONENTS);
	if (!c)
		c = (x->pce_svn < y->pce_svn) - (x->pce_svn > y->pce_svn);
	return c ? c : (x->place > y->place) - (x->place < y->place);
}

static void read_levels(struct reader *r, const struct json *array, struct tcb_levels *out)
{
	size_t n = read_count(r, array, "tcbLevels");

	for (size_t i = 0; i < n; i++) {
		const struct json *level = json_at(array, i), *tcb = json_get(level, "tcb");
		struct tcb_level *l = vec_push(out, r->a);

		l->place = i;
		read_components(r, tcb, "sgxtcbcomponents", l->sgx);
		read_components(r, tcb, "tdxtcbcomponents", l->tdx);
		l->pce_svn = (uint16_t)read_int(r, tcb, "pcesvn", UINT16_MAX);
		read_found(r, level, &l->found);
	}
	if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), descending);
}

/* ---- TCB info ----------------------------------------------------------------------------------------------------------- */

static void read_module(struct reader *r, const struct json *j, struct module_identity *m)
{
	read_hex(r, j, "mrsigner", m->signer, sizeof(m->signer));
	read_hex(r, j, "attributes", m->attributes, sizeof(m->attributes));
	read_hex(r, j, "attributesMask", m->mask, sizeof(m->mask));
}

static void read_modules(struct reader *r, const struct json *array, struct module_identities *out)
{
	if (!array)
		return; /* collateral of the first module only */
	if (json_type(array) != JSON_ARRAY || json_size(array) > LEVELS_MAX)
		bad(r, "tdxModuleIdentities");
	for (size_t i = 0; r->r == 0 && i < json_size(array); i++) {
		struct module_identity *m = vec_push(out, r->a);

		m->id = read_str(r, json_at(array, i), "id");
		read_module(r, json_at(array, i), m);
		read_isv_levels(r, json_get(json_at(array, i), "tcbLevels"), &m->levels);
	}
}

int tcb_info_read(struct tcb_info *out, struct bytes text, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct reader r = { a, "TCB info", e, 0 };
	int bad_json = json_parse(&j, (const char *)text.p, text.n, COLLATERAL_MAX, e);

	*out = (struct tcb_info){ 0 };
	if (bad_json < 0)
		return bad_json;
	out->id = read_str(&r, j, "id");
	out->version = read_int(&r, j, "version", INT16_MAX);
	out->from = read_when(&r, j, "issueDate");
	out->until = read_when(&r, j, "nextUpdate");
	read_hex(&r, j, "fmspc", out->fmspc, sizeof(out->fmspc));
	read_hex(&r, j, "pceId", out->pce_id, sizeof(out->pce_id));
	if (r.r || !text_eq(out->id, "TDX"))
		return r.r; /* whose TCB info it is is a check; another's has other members */
	out->evaluation = read_int(&r, j, "tcbEvaluationDataNumber", INT32_MAX);
	read_module(&r, json_get(j, "tdxModule"), &out->first);
	read_modules(&r, json_get(j, "tdxModuleIdentities"), &out->modules);
	read_levels(&r, json_get(j, "tcbLevels"), &out->levels);
	return r.r;
}

/* ---- identity of the quoting enclave ----------------------------------------------------------------------------------------- */

int qe_identity_read(struct qe_identity *out, struct bytes text, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct reader r = { a, "QE identity", e, 0 };
	int bad_json = json_parse(&j, (const char *)text.p, text.n, COLLATERAL_MAX, e);

	*out = (struct qe_identity){ 0 };
	if (bad_json < 0)
		return bad_json;
	out->id = read_str(&r, j, "id");
	out->version = read_int(&r, j, "version", INT16_MAX);
	out->from = read_when(&r, j, "issueDate");
	out->until = read_when(&r, j, "nextUpdate");
	read_hex(&r, j, "miscselect", out->misc, sizeof(out->misc));
	read_hex(&r, j, "miscselectMask", out->misc_mask, sizeof(out->misc_mask));
	read_hex(&r, j, "attributes", out->attributes, sizeof(out->attributes));
	read_hex(&r, j, "attributesMask", out->attributes_mask, sizeof(out->attributes_mask));
	read_hex(&r, j, "mrsigner", out->signer, sizeof(out->signer));
	out->product = read_int(&r, j, "isvprodid", UINT16_MAX);
	read_isv_levels(&r, json_get(j, "tcbLevels"), &out->levels);
	return r.r;
}
