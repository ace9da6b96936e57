#include "core/engine/options.h"

#include "base/text.h"

#include <string.h>

#define URL_MAX 2048

/* http only to this machine, by the addresses that no resolver is asked about. */
static bool is_here(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < countof(names); i++)
		if (text_starts(host, names[i]) && strchr(":/", host[strlen(names[i])]))
			return true; /* the end of the text is one of them, too */
	return false;
}

static bool is_site(const char *url)
{
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f || strchr("\\#\"<>@", *p))
			return false;
	if (strlen(url) > URL_MAX)
		return false;
	if (text_starts(url, "http://"))
		return is_here(url + strlen("http://"));
	return text_starts(url, "https://") && url[strlen("https://")] && url[strlen("https://")] != '/';
}

const char *sites_url(const struct sites *s, const char *lane)
{
	vec_each (one, s)
		if (text_eq(one->lane, lane))
			return one->url;
	return NULL;
}

int sites_add(struct sites *out, const struct profiles *profiles, const char *lane, const char *url,
	      struct arena *a, struct err *e)
{
	size_t n = url ? strlen(url) : 0;

	if (!profiles_lane(profiles, lane, NULL))
		return err_set(e, ERR_INVALID, "the site of %s: there is no such lane", lane);
	if (!url || !is_site(url)) {
		err_set(e, ERR_INVALID, "the site of %s is no URL that may be asked", lane);
		return err_hint(e, "https://.., or http:// to 127.0.0.1 or [::1]");
	}
	while (n && url[n - 1] == '/')
		n--;
	*vec_push(out, a) = (struct site){ arena_strdup(a, lane), arena_strndup(a, url, n) };
	return 0;
}
