#include "core/rules/evidence.h"

#include "base/text.h"

#include <string.h>

enum { POINTER_PART = 256, MEASUREMENT_HEX = 96 };

/* ---- pointers ------------------------------------------------------------------------------------------------------ */

/* One reference token (RFC 6901, 4): ~1 is a slash, ~0 a tilde. False when it is malformed or too long. */
static bool unescape(char out[POINTER_PART], const char *s, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (k + 1 >= POINTER_PART)
			return false;
		if (s[i] != '~') {
			out[k++] = s[i];
			continue;
		}
		if (i + 1 >= n || (s[i + 1] != '0' && s[i + 1] != '1'))
			return false;
		out[k++] = s[++i] == '0' ? '~' : '/';
	}
	out[k] = '\0';
	return true;
}

/* By members and not by json_get(): a dot in a name is part of the name here. */
static const struct json *member(const struct json *object, const char *name)
{
	const char *key;

	for (size_t i = 0; i < json_size(object); i++) {
		const struct json *v = json_member(object, i, &key);

		if (text_eq(key, name))
			return v;
	}
	return NULL;
}

static const struct json *element(const struct json *array, const char *index)
{
	int64_t i;

	if (text_int64(&i, index, 0, INT32_MAX) < 0 || (size_t)i >= json_size(array))
		return NULL;
	return json_at(array, (size_t)i);
}

const struct json *evidence_at(const struct json *root, const char *pointer)
{
	char part[POINTER_PART];

	if (!pointer || (*pointer && *pointer != '/'))
		return NULL;
	while (root && *pointer) {
		size_t n = strcspn(pointer + 1, "/");

		if (!unescape(part, pointer + 1, n))
			return NULL;
		root = json_type(root) == JSON_OBJECT  ? member(root, part)
		       : json_type(root) == JSON_ARRAY ? element(root, part)
						       : NULL;
		pointer += n + 1;
	}
	return root;
}

const char *evidence_word(const struct json *v, struct arena *a)
{
	switch (json_type(v)) {
	case JSON_STRING:
		return arena_strdup(a, json_str(v, ""));
	case JSON_BOOL:
		return json_bool(v, "", false) ? "true" : "false";
	case JSON_INT:
		return arena_printf(a, "%" PRId64, json_int(v, "", 0));
	case JSON_REAL:
	case JSON_ABSENT:
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return NULL;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

static bool is_hex(const char *s, size_t n)
{
	return strspn(s, "0123456789abcdef") >= n && n > 0;
}

static bool is_image(const char *s)
{
	const char *at = strstr(s, "@sha256:");

	return at && at > s && text_is_sha256(at + 1);
}

static bool are_measurements(const char *s)
{
	for (; is_hex(s, MEASUREMENT_HEX); s++) {
		s += MEASUREMENT_HEX;
		if (!*s)
			return true;
		if (*s != ',')
			return false;
	}
	return false;
}

static bool text_is(const char *s, enum value_kind is)
{
	struct when t;

	switch (is) {
	case VALUE_TEXT:
		return *s != '\0';
	case VALUE_TIME:
		return when_parse(&t, s) == 0;
	case VALUE_COMMIT:
		return text_is_hex(s, 40);
	case VALUE_SHA256:
		return text_is_hex(s, 64);
	case VALUE_IMAGE:
		return is_image(s);
	case VALUE_MEASUREMENTS:
		return are_measurements(s);
	case VALUE_ANY:
		return true;
	case VALUE_OBJECT:
	case VALUE_LIST:
	case VALUE_BOOL:
		break;
	}
	return false;
}

static bool value_is(const struct json *v, enum value_kind is)
{
	const char *s = json_str(v, "");

	if (s)
		return text_is(s, is);
	return is == VALUE_ANY || (is == VALUE_OBJECT && json_type(v) == JSON_OBJECT) ||
	       (is == VALUE_LIST && json_type(v) == JSON_ARRAY) ||
	       (is == VALUE_BOOL && json_type(v) == JSON_BOOL);
}

static enum verdict judge_value(const struct json *root, const struct expected *x, const char **why,
				struct arena *a)
{
	const struct json *v = evidence_at(root, x->pointer);
	const char *word;

	if (!v || json_type(v) == JSON_NULL) {
		*why = x->optional ? "" : arena_printf(a, "%s is missing", x->pointer);
		return x->optional ? CHECK_OK : CHECK_MISSING;
	}
	word = evidence_word(v, a);
	if (!value_is(v, (enum value_kind)x->is)) {
		*why = arena_printf(a, "%s is no %s", x->pointer, names_word(&value_kind_names, x->is));
		return CHECK_BAD;
	}
	if (x->equals && !text_eq(word, x->equals)) {
		*why = arena_printf(a, "%s is %s, not %s", x->pointer, word ? word : "a structure",
				    x->equals);
		return CHECK_BAD;
	}
	*why = "";
	return CHECK_OK;
}

enum verdict evidence_values(const struct json *root, const struct expected *x, size_t n, const char **why,
			     struct arena *a)
{
	enum verdict v = CHECK_OK;

	*why = "";
	for (size_t i = 0; i < n && v == CHECK_OK; i++)
		v = judge_value(root, &x[i], why, a);
	return v;
}

/* ---- decisions ----------------------------------------------------------------------------------------------------- */

static bool among(const char *const *words, const char *word)
{
	for (; words && *words; words++)
		if (text_eq(*words, word))
			return true;
	return false;
}

static const char *join_codes(const struct json *list, struct arena *a)
{
	const char *s = "", *only = evidence_word(list, a);

	if (json_type(list) != JSON_ARRAY)
		return only ? only : s;
	for (size_t i = 0; i < json_size(list); i++) {
		const char *code = evidence_word(json_at(list, i), a);

		s = arena_printf(a, "%s%s%s", s, *s ? ", " : "", code ? code : "?");
	}
	return s;
}

static const struct json *first_of(const struct json *root, const char *const *pointers)
{
	for (; pointers && *pointers; pointers++) {
		const struct json *v = evidence_at(root, *pointers);

		if (v && json_type(v) != JSON_NULL)
			return v;
	}
	return NULL;
}

void evidence_decision(struct decision *out, const struct json *root, const struct decision_terms *t,
		       struct arena *a)
{
	const struct json *v = first_of(root, t->pointers);
	const char *word = evidence_word(v, a);

	out->verdict = among(t->yes, word)  ? DECISION_YES
		       : among(t->no, word) ? DECISION_NO
		       : among(t->na, word) ? DECISION_NA
					    : DECISION_UNKNOWN;
	out->word = word ? word : "";
	out->reasons = t->reasons ? join_codes(evidence_at(root, t->reasons), a) : "";
	out->detail = "";
	if (out->verdict != DECISION_UNKNOWN)
		return;
	out->detail = !v      ? "it says no decision"
		      : !word ? "the decision is no word"
			      : arena_printf(a, "it says \"%s\", which is neither yes nor no", word);
}

/* ---- freshness ----------------------------------------------------------------------------------------------------- */

static struct when ended(const struct run *r)
{
	return when_known(r->updated) ? r->updated : r->created;
}

/* A day and a half against a limit of a day would both read "1d": tenths of hours, the age never rounded down. */
static const char *hours(int64_t ms, struct arena *a)
{
	int64_t tenths = (ms + 359999) / 360000;

	if (ms < 3600000)
		return arena_printf(a, "%" PRId64 "m", ms / 60000);
	return tenths % 10 ? arena_printf(a, "%" PRId64 ".%" PRId64 "h", tenths / 10, tenths % 10)
			   : arena_printf(a, "%" PRId64 "h", tenths / 10);
}

enum verdict evidence_fresh(const struct fresh *f, struct when now, const char **why, struct arena *a)
{
	const char *limit = hours(f->max_age_ms, a);
	int64_t ms;

	if (!f->newest) {
		*why = "no success was found";
		return CHECK_MISSING;
	}
	ms = when_diff(now, ended(f->newest));
	if (!when_known(ended(f->newest)) || ms < -INT64_C(60000)) {
		*why = arena_printf(a, "run %" PRId64 " has no time that can be trusted", f->newest->id);
		return CHECK_UNCHECKED;
	}
	if (ms > f->max_age_ms) {
		*why = arena_printf(a, "run %" PRId64 " is %s old, the limit is %s", f->newest->id,
				    hours(ms, a), limit);
		return CHECK_BAD;
	}
	if (f->artifact && !f->artifact_found) {
		*why = arena_printf(a, "the newest success, run %" PRId64 ", has no artifact %s",
				    f->newest->id, f->artifact);
		return CHECK_MISSING;
	}
	*why = arena_printf(a, "run %" PRId64 " is %s old, the limit is %s", f->newest->id,
			    hours(ms < 0 ? 0 : ms, a), limit);
	return CHECK_OK;
}

/* ---- freeze -------------------------------------------------------------------------------------------------------- */

static const char *freeze_words(const struct json *root, struct arena *a)
{
	const char *by = json_str(root, "set_by"), *reason = json_str(root, "reason"),
		   *at = json_str(root, "set_at"), *note = json_str(root, "note");

	return arena_printf(a, "%s%s%s%s%s%s%s", by ? "by " : "", by ? by : "",
			    reason ? (by ? ", " : "") : "", reason ? reason : "", at ? ", since " : "",
			    at ? at : "", note && *note ? arena_printf(a, ": %s", note) : "");
}

void evidence_freeze(struct freeze *out, const struct json *root, const char *pointer, const char *expires,
		     struct when now, struct arena *a)
{
	const struct json *v = evidence_at(root, pointer);
	const char *until = expires ? evidence_word(evidence_at(root, expires), a) : NULL;
	struct when end;

	out->detail = freeze_words(root, a);
	out->state = FREEZE_UNKNOWN;
	if (json_type(v) != JSON_BOOL) {
		out->detail = arena_printf(a, "%s is no true or false", pointer);
		return;
	}
	out->state = json_bool(v, "", true) ? FREEZE_FROZEN : FREEZE_OPEN;
	if (out->state == FREEZE_OPEN || !until)
		return;
	if (when_parse(&end, until) < 0)
		out->detail = arena_printf(a, "%s; until \"%s\", which is no time", out->detail, until);
	else if (when_diff(now, end) >= 0)
		out->state = FREEZE_OPEN, out->detail = arena_printf(a, "ran out at %s", until);
	else
		out->detail = arena_printf(a, "%s, until %s", out->detail, until);
}
