#include "core/engine/options.h"

#include "base/path.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/engine/token_ask.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The variables of the forge's own tool, and which hosts they are for (its own split; reliability reference 5.1). A token
 * of the public forge must never reach another host, nor the other way round. */
static const struct {
	const char *name;
	bool public_forge;
} variables[] = {
	{ "GH_TOKEN", true },
	{ "GITHUB_TOKEN", true },
	{ "GH_ENTERPRISE_TOKEN", false },
	{ "GITHUB_ENTERPRISE_TOKEN", false },
};

/* Host and port of a base address in lower case, as it stands between "//" and the next "/". */
static const char *api_host(const char *api, struct arena *a)
{
	const char *start = strstr(api, "://");
	char *host;

	start = start ? start + 3 : api;
	host = arena_strndup(a, start, strcspn(start, "/?#"));
	for (char *p = host; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return host;
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n > m && !strcmp(s + n - m, tail);
}

static bool is_public_forge(const char *host)
{
	return !strcmp(host, "api.github.com") || ends_with(host, ".ghe.com");
}

/* hosts.yml is keyed by the name people type, not by the API's. */
static const char *config_host(const char *host)
{
	if (!strcmp(host, "api.github.com"))
		return "github.com";
	return ends_with(host, ".ghe.com") && text_starts(host, "api.") ? host + 4 : host;
}

/* Every variable goes, whoever it was for; the first one that is for this host is the token. */
static int take_variables(struct secret *out, const char *host, const char **source, struct arena *a,
			  struct err *e)
{
	int worst = 1;

	for (size_t i = 0; i < countof(variables); i++) {
		struct secret one = SECRET_INIT;
		int r = secret_take_env(&one, variables[i].name, worst == 1 ? e : NULL);
		bool ours = variables[i].public_forge == is_public_forge(host);

		if (r == 0 && ours && worst == 1) {
			*out = one;
			*source = arena_printf(a, "environment %s", variables[i].name);
			worst = 0;
			continue;
		}
		secret_done(&one);
		/* A variable for another host may hold anything; ours must hold a token. */
		if (r < 0 && ours && worst == 1)
			worst = r;
	}
	return worst;
}

static const char *hosts_file(struct arena *a)
{
	const char *own = getenv("GH_CONFIG_DIR"), *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (own && own[0] == '/')
		return path_join(a, own, "hosts.yml");
	if (xdg && xdg[0] == '/')
		return path_join(a, xdg, "gh/hosts.yml");
	return home && home[0] == '/' ? path_join(a, home, ".config/gh/hosts.yml") : NULL;
}

/* True when only we can read the file: a token in a file that others read is no secret. */
static bool is_private(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == getuid() && !(st.st_mode & 077);
}

static int take_hosts_file(struct secret *out, const char *host, const char **source, struct arena *a,
			   struct err *e)
{
	const char *path = hosts_file(a), *token;
	struct buf text = BUF_INIT(1 << 20);
	struct yaml *doc = NULL;
	struct arena scratch = ARENA_INIT;
	int r = 1;

	/* A file in a form that is not ours to judge is as good as none. */
	if (path && is_private(path) && path_read(&text, path, NULL) == 0 &&
	    yaml_parse(&doc, path, text.s, text.n, &scratch, NULL) == 0) {
		const struct yaml *entry = yaml_get(doc, config_host(host));

		token = entry ? yaml_str(entry, "oauth_token", NULL) : NULL;
		if (token && token[0]) {
			r = secret_set(out, token, e);
			*source = "hosts.yml";
		}
	}
	explicit_bzero(text.s, text.n);
	buf_done(&text);
	arena_done(&scratch);
	return r;
}

static int take_files(struct secret *out, const struct options *o, const char **source, struct arena *a,
		      struct err *e)
{
	if (o->token_file) {
		*source = "token file";
		return secret_read_file(out, o->token_file, e) < 0
			       ? err_hint(e, "--token-file FILE, or token_file: in the configuration")
			       : 0;
	}
	return take_hosts_file(out, api_host(o->api, a), source, a, e);
}

int token_take(struct secret *out, const struct options *o, const char **source, struct arena *a,
	       struct err *e)
{
	struct secret env = SECRET_INIT;
	const char *from = "none";
	int from_env = take_variables(&env, api_host(o->api, a), &from, a, o->token_file ? NULL : e), r;

	*source = "none";
	if (!o->token_file && from_env <= 0) {
		*out = env;
		*source = from;
		return from_env;
	}
	secret_done(&env);
	r = take_files(out, o, source, a, e);
	if (r == 1 && !o->unix_socket)
		r = token_ask(out, config_host(api_host(o->api, a)), source, a);
	if (r == 1)
		*source = "none";
	return r < 0 ? r : 0;
}

int token_again(struct secret *token, const struct options *o, struct arena *a, struct err *e)
{
	struct secret now = SECRET_INIT;
	const char *source;
	int r = take_files(&now, o, &source, a, e);

	if (r)
		return r;
	if (now.n == token->n && !memcmp(now.bytes, token->bytes, now.n)) {
		secret_done(&now);
		return 1;
	}
	secret_done(token);
	*token = now;
	return 0;
}
