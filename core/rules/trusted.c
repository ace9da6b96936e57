#include "core/rules/quote.h"

#include "base/json.h"
#include "base/text.h"

#define MR_DIGITS  96
#define VALUES_MAX 256

struct reader {
	struct trusted_values *out;
	struct arena *a;
	struct err *e;
	int r;
};

static int damaged(struct reader *r, const char *member)
{
	return r->r ? r->r
		    : (r->r = err_set(r->e, ERR_CORRUPT, "%s of the trusted values is no measurement",
				      member));
}

/* Exactly 48 bytes in hex, in lower case; what is there and is no such thing is an error, never "not pinned". */
static const char *measurement(struct reader *r, const char *s, size_t n, const char *member)
{
	char *out;

	if (n != MR_DIGITS || strspn(s, "0123456789abcdefABCDEF") < n) {
		damaged(r, member);
		return NULL;
	}
	out = arena_strndup(r->a, s, n);
	for (char *c = out; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'F' ? *c + 32 : *c);
	return out;
}

static const char *member_of(struct reader *r, const struct json *j, const char *key)
{
	const struct json *v = json_get(j, key);
	const char *s = json_str(j, key);

	if (json_type(v) == JSON_ABSENT || json_type(v) == JSON_NULL)
		return NULL;
	if (!s) {
		damaged(r, key);
		return NULL;
	}
	return measurement(r, s, strlen(s), key);
}

static void read_rtmrs(struct reader *r, const struct json *j, const char *out[QUOTE_RTMRS])
{
	static const char *const names[QUOTE_RTMRS] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };

	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		out[i] = member_of(r, j, names[i]);
}

/* "hex,hex" */
static void read_mrtds(struct reader *r, const char *s)
{
	struct {
		const char **items;
		size_t n, cap;
	} list = { 0 };

	while (s && *s && !r->r) {
		size_t n;

		s += strspn(s, " ");
		n = strcspn(s, ", ");
		*vec_push(&list, r->a) = measurement(r, s, n, "mrtds");
		s += n + strspn(s + n, " ");
		s += *s == ',';
	}
	r->out->mrtds = list.items;
	r->out->mrtds_n = list.n;
}

static struct trusted_size *size_named(struct reader *r, const char *name)
{
	struct trusted_values *v = r->out;
	struct trusted_size *s;

	for (size_t i = 0; i < v->sizes_n; i++)
		if (text_eq(v->sizes[i].size, name))
			return &v->sizes[i];
	s = &v->sizes[v->sizes_n++];
	s->size = arena_strdup(r->a, name);
	return s;
}

static void read_sizes(struct reader *r, const struct json *mrtds, const struct json *rtmrs)
{
	size_t n = json_size(mrtds) + json_size(rtmrs);
	const char *name;

	if ((mrtds && json_type(mrtds) != JSON_OBJECT) || (rtmrs && json_type(rtmrs) != JSON_OBJECT) ||
	    n > VALUES_MAX) {
		damaged(r, "a member by size");
		return;
	}
	r->out->sizes = arena_array(r->a, struct trusted_size, n + 1);
	r->out->mrtds_by_size = mrtds != NULL;
	r->out->rtmrs_by_size = rtmrs != NULL;
	for (size_t i = 0; i < json_size(mrtds); i++) {
		const char *s = json_str(json_member(mrtds, i, &name), "");

		size_named(r, name)->mrtd = measurement(r, s ? s : "", s ? strlen(s) : 0, "mrtds_by_size");
	}
	for (size_t i = 0; i < json_size(rtmrs); i++) {
		const struct json *of = json_member(rtmrs, i, &name);

		read_rtmrs(r, of, size_named(r, name)->rtmr);
	}
}

int trusted_values_parse(struct trusted_values *out, const char *json, size_t n, struct arena *a,
			 struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct reader r = { out, a, e, 0 };
	const char *list;
	int bad = json_parse(&j, json, n, TRUSTED_VALUES_MAX, e);

	*out = (struct trusted_values){ 0 };
	if (bad < 0)
		return bad;
	if (json_type(j) != JSON_OBJECT)
		return err_set(e, ERR_CORRUPT, "the trusted values are no object");
	out->release_tag = arena_strdup(a, json_str(j, "release_tag"));
	out->git_sha = arena_strdup(a, json_str(j, "git_sha"));
	out->digest = arena_strdup(a, json_str(j, "digest"));
	list = json_str(j, "mrtds");
	read_mrtds(&r, list ? list : json_str(j, "mrtd"));
	read_rtmrs(&r, json_get(j, "rtmrs"), out->rtmr);
	read_sizes(&r, json_get(j, "mrtds_by_size"), json_get(j, "rtmrs_by_size"));
	return r.r;
}
