#include <stdlib.h>
#include <string.h>

#include "core/adapters/http/exchange.h"

bool host_is_loopback(const char *host)
{
	return !strcmp(host, "127.0.0.1") || !strcmp(host, "[::1]");
}

/* One part of a parsed URL as a curl string, or NULL. */
static char *part(CURLU *url, CURLUPart what)
{
	char *s = NULL;

	return curl_url_get(url, what, &s, 0) ? NULL : s;
}

/* Host names are compared byte by byte later: lower case, and no '/' at the end. */
static char *normalised(const char *url)
{
	char *base = x_strdup(url), *p = base;
	size_t n = strlen(base);

	for (int slashes = 0; *p && slashes < 3; p++) {
		slashes += *p == '/';
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	while (n && base[n - 1] == '/')
		base[--n] = 0;
	return base;
}

static int refuse(struct err *e, const char *base, const char *why)
{
	return err_set(e, ERR_INVALID, "the address %s %s", base, why);
}

static int check(struct origin *o, CURLU *url, const char *base, bool local_socket, struct err *e)
{
	char *scheme = part(url, CURLUPART_SCHEME), *host = part(url, CURLUPART_HOST);
	char *user = part(url, CURLUPART_USER), *query = part(url, CURLUPART_QUERY);
	char *fragment = part(url, CURLUPART_FRAGMENT);
	int r = 0;

	if (!scheme || !host)
		r = refuse(e, base, "names no host");
	else if (host[strlen(host) - 1] == '.')
		r = refuse(e, base, "ends its host with a dot: another name than the token is kept for");
	else if (user || query || fragment)
		r = refuse(e, base, "may have only scheme, host, port and path");
	else if (!strcmp(scheme, "http") && (local_socket || host_is_loopback(host)))
		o->plain = true;
	else if (strcmp(scheme, "https"))
		r = refuse(e, base, "must begin with https:// (http:// only for 127.0.0.1 and [::1])");
	if (!r)
		o->host = x_strdup(host);
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(query);
	curl_free(fragment);
	return r;
}

int origin_parse(struct origin *o, const char *base, bool local_socket, struct err *e)
{
	CURLU *url = curl_url();
	char *whole;
	int r;

	if (!base || !url || curl_url_set(url, CURLUPART_URL, base, CURLU_DISALLOW_USER)) {
		curl_url_cleanup(url);
		return err_set(e, ERR_INVALID, "the address %s is no URL", base ? base : "(none)");
	}
	r = check(o, url, base, local_socket, e);
	whole = r ? NULL : part(url, CURLUPART_URL);
	if (whole)
		o->base = normalised(whole);
	curl_free(whole);
	curl_url_cleanup(url);
	return r;
}

void origin_done(struct origin *o)
{
	free(o->base);
	free(o->host);
	free(o->ca_file);
	free(o->unix_socket);
	free(o->user_agent);
	*o = (struct origin){ 0 };
}
