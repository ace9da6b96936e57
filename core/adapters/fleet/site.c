#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/adapters/fleet/internal.h"

enum { MAX_URL = 2048, MAX_NAME = 256 };

static const char *const paths[] = {
	[FLEET_HEALTH] = "/health",
	[FLEET_AGENTS] = "/api/v1/agents",
	[FLEET_CHAIN] = "/api/v1/agents/{id}/attestation",
	[FLEET_TRUSTED] = "/api/v1/trusted-mrtds",
	[FLEET_SETTINGS] = "/api/v1/admin/settings",
	[FLEET_CHALLENGE] = "/api/v1/agents/challenge",
};

/* What the name of a read is called in its address; NULL: it has none. */
static const char *const parameters[] = {
	[FLEET_SETTINGS] = "group",
	[FLEET_CHALLENGE] = "vm_name",
};

/* As a person's --site is checked (core/engine/sites.c), once more where it is used. */
static bool is_plain(const char *url)
{
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || strchr("\\#\"<>@", *c))
			return false;
	return strlen(url) <= MAX_URL;
}

static bool is_here(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < countof(names); i++)
		if (text_starts(host, names[i]) && strchr(":/", host[strlen(names[i])]))
			return true; /* the end of the text is one of them, too */
	return false;
}

static bool is_site(const char *site, bool *local)
{
	if (!is_plain(site) || strchr(site, '?'))
		return false;
	*local = text_starts(site, "http://");
	if (*local)
		return is_here(site + strlen("http://"));
	return text_starts(site, "https://") && !strchr("/:", site[strlen("https://")]);
}

/* One segment: what would be another path is no identity. */
static bool is_segment(const char *id)
{
	return id && *id && strlen(id) <= MAX_NAME && !text_eq(id, ".") && !text_eq(id, "..");
}

static int put_path(struct buf *url, const struct fleet_read *q, struct err *e)
{
	const char *path = q->path ? q->path : paths[q->kind], *at = strstr(path, "{id}");

	if (path[0] != '/' || path[1] == '/' || !is_plain(path))
		return err_set(e, ERR_INVALID, "\"%s\" is no path below a site", path);
	if (q->kind != FLEET_CHAIN) {
		buf_str(url, path);
		return 0;
	}
	if (!at || !is_segment(q->id))
		return err_set(e, ERR_INVALID, "\"%s\" has no machine's evidence, of \"%s\"", path,
			       q->id ? q->id : "");
	buf_add(url, path, (size_t)(at - path));
	text_percent(url, q->id);
	buf_str(url, at + strlen("{id}"));
	return 0;
}

static int put_url(struct buf *url, const struct fleet_read *q, struct err *e)
{
	const char *parameter = (size_t)q->kind < countof(parameters) && q->name ? parameters[q->kind] : NULL;
	size_t n = strlen(q->site);
	int r;

	while (n && q->site[n - 1] == '/')
		n--;
	buf_add(url, q->site, n);
	r = put_path(url, q, e);
	if (r < 0)
		return r;
	if (parameter && !strchr(url->s, '?')) {
		buf_fmt(url, "?%s=", parameter);
		text_percent(url, q->name);
	}
	return url->over ? err_set(e, ERR_INVALID, "the address below %s is too long", q->site) : 0;
}

const char *site_url(const struct fleet_read *q, bool *local, struct arena *a, struct err *e)
{
	autofree(buf) struct buf url = BUF_INIT(MAX_URL);

	if (!q->site || !is_site(q->site, local)) {
		err_set(e, ERR_INVALID, "the site %s is no URL that may be asked", q->site ? q->site : "");
		return NULL;
	}
	return put_url(&url, q, e) < 0 ? NULL : arena_strdup(a, url.s);
}

const char *site_follow(const char *url, const char *location, struct arena *a)
{
	const char *host = strstr(url, "://") + strlen("://");
	size_t n = (size_t)(host - url) + strcspn(host, "/?");

	if (!is_plain(location))
		return NULL;
	if (location[0] == '/' && location[1] != '/')
		return arena_printf(a, "%.*s%s", (int)n, url, location);
	if (strncasecmp(location, url, n) != 0 || location[n] != '/')
		return NULL;
	return arena_printf(a, "%.*s%s", (int)n, url, location + n);
}
