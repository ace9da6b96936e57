#include "core/adapters/github/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { MAX_VALUE = 255, MAX_URL = 4000 /* signed addresses of storage */ };

/* ---- values ----------------------------------------------------------------------------------------------------- */

static bool is_name(const char *s, size_t n)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	if (!n || n > 100 || (s[0] == '.' && (n == 1 || (n == 2 && s[1] == '.'))))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!memchr(allowed, s[i], sizeof(allowed) - 1))
			return false;
	return true;
}

static bool is_repo(const char *s)
{
	const char *slash = strchr(s, '/');

	return slash && is_name(s, (size_t)(slash - s)) && is_name(slash + 1, strlen(slash + 1));
}

/* Not something that a server, a proxy or curl could read as another path. */
static bool is_path(const char *s)
{
	size_t n = strlen(s);

	if (!n || n > MAX_VALUE)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	for (const char *seg = s;; seg += strcspn(seg, "/") + 1) {
		size_t len = strcspn(seg, "/");

		if (!len || (len == 1 && seg[0] == '.') || (len == 2 && seg[0] == '.' && seg[1] == '.'))
			return false;
		if (!seg[len])
			return true;
	}
}

static void put_segments(struct buf *out, const char *s)
{
	char segment[MAX_VALUE + 1];

	for (;; s++) {
		size_t n = strcspn(s, "/");

		snprintf(segment, sizeof(segment), "%.*s", (int)n, s);
		text_percent(out, segment);
		s += n;
		if (!*s)
			return;
		buf_chr(out, '/');
	}
}

/* ---- templates ---------------------------------------------------------------------------------------------------- */

enum slot_style { SLOT_REPO, SLOT_SEGMENT, SLOT_PATH, SLOT_QUERY, SLOT_SINCE, SLOT_NUMBER, SLOT_URL };

struct slot {
	const char *word; /* between the braces */
	enum slot_style style;
	size_t offset; /* in struct slots: const char * or int64_t */
};

static const struct slot slots_known[] = {
	{ "repo", SLOT_REPO, offsetof(struct slots, repo) },
	{ "workflow", SLOT_SEGMENT, offsetof(struct slots, workflow) },
	{ "name", SLOT_SEGMENT, offsetof(struct slots, name) },
	{ "+name", SLOT_PATH, offsetof(struct slots, name) },
	{ "name2", SLOT_SEGMENT, offsetof(struct slots, name2) },
	{ "*name", SLOT_URL, offsetof(struct slots, name) },
	{ "status", SLOT_SEGMENT, offsetof(struct slots, status) },
	{ "&status", SLOT_QUERY, offsetof(struct slots, status) },
	{ "&created", SLOT_SINCE, offsetof(struct slots, created) },
	{ "&name", SLOT_QUERY, offsetof(struct slots, name) },
	{ "&environment", SLOT_QUERY, offsetof(struct slots, name) },
	{ "&head", SLOT_QUERY, offsetof(struct slots, head) },
	{ "&base", SLOT_QUERY, offsetof(struct slots, name2) },
	{ "&path", SLOT_QUERY, offsetof(struct slots, name2) },
	{ "id", SLOT_NUMBER, offsetof(struct slots, id) },
	{ "number", SLOT_NUMBER, offsetof(struct slots, number) },
};

/* The placeholder at *p (which stands on '{'); moves *p behind it. */
static const struct slot *next_slot(const char **p)
{
	const char *word = *p + 1;
	size_t n = strcspn(word, "}");

	*p = word + n + 1;
	for (size_t i = 0; i < countof(slots_known); i++)
		if (strlen(slots_known[i].word) == n && !memcmp(slots_known[i].word, word, n))
			return &slots_known[i];
	bug_at(__FILE__, __LINE__, "an endpoint names an unknown placeholder");
}

static const char *slot_text(const struct slot *slot, const struct slots *s)
{
	const char *value;

	memcpy(&value, (const char *)s + slot->offset, sizeof(value));
	return value;
}

static int64_t slot_number(const struct slot *slot, const struct slots *s)
{
	int64_t value;

	memcpy(&value, (const char *)s + slot->offset, sizeof(value));
	return value;
}

/* What is absent leaves nothing behind. */
static bool is_parameter(const struct slot *slot)
{
	return slot->style == SLOT_QUERY || slot->style == SLOT_SINCE;
}

bool path_fits(const char *template, const struct slots *s)
{
	for (const char *p = template; (p = strchr(p, '{'));) {
		const struct slot *slot = next_slot(&p);

		if (slot->style == SLOT_NUMBER ? slot_number(slot, s) <= 0
					       : !is_parameter(slot) && !slot_text(slot, s))
			return false;
	}
	return true;
}

static bool is_fine(const struct slot *slot, const char *value)
{
	if (slot->style == SLOT_URL)
		return path_is_probe(value);
	return slot->style == SLOT_REPO ? is_repo(value) : is_path(value);
}

static int put_text(struct buf *out, const struct slot *slot, const char *value, struct err *e)
{
	if (!is_fine(slot, value))
		return err_set(e, ERR_INVALID, "\"%s\" cannot be %s in a request", value,
			       slot->style == SLOT_REPO  ? "a repository"
			       : slot->style == SLOT_URL ? "the address (https, or http to this machine)"
							 : "a name");
	if (is_parameter(slot))
		buf_fmt(out, "%s=%s", slot->word, slot->style == SLOT_SINCE ? "%3E%3D" : "");
	if (slot->style == SLOT_URL)
		buf_str(out, value);
	else if (slot->style == SLOT_REPO || slot->style == SLOT_PATH)
		put_segments(out, value);
	else
		text_percent(out, value);
	return 0;
}

static int put_slot(struct buf *out, const struct slot *slot, const struct slots *s, struct err *e)
{
	if (slot->style == SLOT_NUMBER) {
		buf_fmt(out, "%" PRId64, slot_number(slot, s));
		return 0;
	}
	return slot_text(slot, s) ? put_text(out, slot, slot_text(slot, s), e) : 0;
}

int path_expand(struct buf *out, const char *template, const struct slots *s, struct err *e)
{
	const char *p = template;

	while (*p) {
		size_t n = strcspn(p, "{");
		int r;

		buf_add(out, p, n);
		p += n;
		if (!*p)
			break;
		r = put_slot(out, next_slot(&p), s, e);
		if (r < 0)
			return r;
	}
	if (out->over)
		return err_set(e, ERR_INVALID, "the request's path is too long");
	return 0;
}

/* ---- URLs of answers ---------------------------------------------------------------------------------------------- */

/* Behind scheme, host and port of the base: "" or "/api/v3". */
static const char *prefix_of(const char *base)
{
	const char *host = strstr(base, "://");

	return host ? host + 3 + strcspn(host + 3, "/") : "";
}

/* Behind the origin, when it is ours; else the URL as it is, which then is no path. Only a path ever goes out: even a
 * wrong answer here could not lead to another host. */
static const char *without_origin(const struct github *g, const char *url)
{
	const char *base = g->http->base;
	const char *prefix = url[0] == '/' ? prefix_of(base ? base : "") : base;

	if (!prefix)
		return prefix_of(url);
	return text_starts(url, prefix) ? url + strlen(prefix) : url;
}

const char *path_ours(const struct github *g, const char *url)
{
	const char *path = without_origin(g, url);

	if (!text_starts(path, "/repos/") && !text_starts(path, "/repositories/"))
		return NULL;
	if (strstr(path, "/../") || strstr(path, "/./") || strstr(path, "%2e") || strstr(path, "%2E"))
		return NULL;
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || *c == '\\' || *c == '#')
			return NULL;
	return path;
}

/* Link: <url>; rel="next", <url>; rel="last" (RFC 8288; commas do not occur unescaped in the forge's URLs). */
const char *path_next(const struct github *g, const char *link, bool *more, struct arena *a)
{
	*more = false;
	while (link && (link = strchr(link, '<'))) {
		const char *end = strchr(link, '>');
		size_t params = end ? strcspn(end, ",") : 0;
		const char *rel = end ? strstr(end, "rel=\"next\"") : NULL;

		if (!end)
			return NULL;
		if (rel && rel < end + params) {
			*more = true;
			return path_ours(g, arena_strndup(a, link + 1, (size_t)(end - link - 1)));
		}
		link = end + params;
	}
	return NULL;
}

const char *path_host(const struct github *g, struct arena *a)
{
	if (!g->http->base)
		return "the forge";
	return path_host_of(g->http->base, a);
}

/* ---- URLs that are not the forge's -------------------------------------------------------------------------------------- */

/* Of scheme, host and port together; 0 when it is no absolute URL. */
static size_t origin_length(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?") : 0;
}

static bool is_plain_url(const char *url)
{
	if (strlen(url) > MAX_URL)
		return false;
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || strchr("\\#\"<>", *c))
			return false;
	return true;
}

/* http to this machine only by the names that no resolver is asked about (curl answers localhost itself). */
static bool is_here(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "[::1]", "localhost" };

	for (size_t i = 0; i < countof(names); i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(host, names[i], n) && strchr(":/?", host[n]))
			return true; /* the end of the text is one of them, too */
	}
	return false;
}

bool path_is_probe(const char *url)
{
	size_t n = origin_length(url);

	if (!is_plain_url(url) || memchr(url, '@', n))
		return false;
	if (text_starts(url, "https://"))
		return n > strlen("https://");
	return text_starts(url, "http://") && is_here(url + strlen("http://"));
}

const char *path_beside(const char *url, const char *location, struct arena *a)
{
	size_t n = origin_length(url);

	if (!is_plain_url(location))
		return NULL;
	if (location[0] == '/' && location[1] != '/')
		return arena_printf(a, "%.*s%s", (int)n, url, location);
	if (origin_length(location) != n || strncmp(location, url, n) != 0)
		return NULL;
	return arena_strdup(a, location);
}

const char *path_host_of(const char *url, struct arena *a)
{
	const char *host = strstr(url, "://");

	return host ? arena_strndup(a, host + 3, strcspn(host + 3, "/?")) : url;
}
