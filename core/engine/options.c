#include "core/engine/options.h"

#include "base/path.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/command/command.h"
#include "core/engine/tool.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define API_DEFAULT  "https://api.github.com"
#define INTERVAL_MIN 10 /* ms: tests use fractions of a second */
#define INTERVAL_MAX (24 * 3600 * 1000)
#define TIMEOUT_MIN  1000
#define TIMEOUT_MAX  60000 /* main.c waits 90 s for an answer that nobody else waits for */

/* What the configuration file may say; every member but timeout is also an option. */
struct config {
	const char *profile, *repo, *api, *ca_file, *unix_socket, *token_file, *interval, *timeout;
	const char *registry, *registry_token_file, *cluster, *cluster_token_file, *metrics,
		*metrics_token_file, *ledger, *allowed_signers, *trusted_root, *mirror;
	bool read_only, rollback_unlocked;
};
static const struct field config_fields[] = {
	FIELD(config, profile),      FIELD(config, repo),
	FIELD(config, api),          FIELD(config, ca_file),
	FIELD(config, unix_socket),  FIELD(config, token_file),
	FIELD(config, interval),     FIELD(config, timeout),
	FIELD(config, read_only),    FIELD(config, rollback_unlocked),
	FIELD(config, registry),     FIELD(config, registry_token_file),
	FIELD(config, cluster),      FIELD(config, cluster_token_file),
	FIELD(config, metrics),      FIELD(config, metrics_token_file),
	FIELD(config, ledger),       FIELD(config, allowed_signers),
	FIELD(config, trusted_root), FIELD(config, mirror),
};
static const struct rec rec_config = REC(struct config, config_fields, "config");

/* ---- words of our own, which no other program has ----------------------------------------------------------------- */

static int take_number(int *out, const char *text, struct err *e)
{
	int64_t n;

	if (!text || text_int64(&n, text, 3, 65535) < 0)
		return err_set(e, ERR_INVALID, "--serve-fd needs the number of an open descriptor");
	*out = (int)n;
	return 0;
}

/* Takes our own options out of argv; the rest are the globals that command_globals() knows. */
static int take_own(struct options *o, int argc, char **argv, const char **rest, int *rest_n, struct err *e)
{
	int r = 0;

	for (int i = 1; i < argc && r >= 0; i++) {
		if (!strcmp(argv[i], "--stay"))
			o->stay = true;
		else if (!strcmp(argv[i], "--one-shot"))
			o->one_shot = true;
		else if (!strcmp(argv[i], "--serve-fd"))
			r = take_number(&o->serve_fd, i + 1 < argc ? argv[++i] : NULL, e);
		else if (!strcmp(argv[i], "--socket") && i + 1 < argc)
			o->socket = argv[++i];
		else
			rest[(*rest_n)++] = argv[i];
	}
	return r;
}

/* ---- the configuration file ----------------------------------------------------------------------------------------- */

static const char *config_place(const char *name, struct arena *a)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		return path_join(a, path_join(a, xdg, "pilothouse"), name);
	return home && home[0] == '/' ? path_join(a, path_join(a, home, ".config/pilothouse"), name) : NULL;
}

/* Who may sign plans, where it is said, or beside the configuration file where it is found. */
static const char *signers_place(const char *given, const char *configured, struct arena *a)
{
	const char *place = config_place("allowed_signers", a);

	if (given || configured)
		return given ? given : configured;
	return place && access(place, F_OK) == 0 ? place : NULL;
}

static int config_read(struct config *out, const char *given, const struct yaml **sites, struct arena *a,
		       struct err *e)
{
	static const char *const others[] = { "sites", NULL };
	const char *path = given ? given : config_place("config.yml", a);
	struct buf text = BUF_INIT(1 << 20);
	struct yaml *doc = NULL;
	int r;

	if (!path || (!given && access(path, F_OK) < 0))
		return 0;
	r = path_read_named(&text, "the configuration", path, e);
	if (r >= 0)
		r = yaml_parse(&doc, path, text.s, text.n, a, e);
	if (r >= 0)
		r = yaml_rec(doc, &rec_config, out, others, a, e);
	*sites = r >= 0 ? yaml_get(doc, "sites") : NULL;
	buf_done(&text);
	return r;
}

/* Told at the start, in its own words: of a connection curl would only say that it failed. */
static int check_authorities(const char *file, struct err *e)
{
	const char *why = NULL;
	struct stat st;

	if (file && (stat(file, &st) < 0 || access(file, R_OK) < 0))
		why = strerrordesc_np(errno);
	else if (file && !S_ISREG(st.st_mode))
		why = S_ISDIR(st.st_mode) ? strerrordesc_np(EISDIR) : "it is not a regular file";
	if (!why)
		return 0;
	err_set(e, ERR_INVALID, "the certificates %s: %s", file, why);
	return err_hint(e, "--ca-file FILE, or ca_file: in the configuration");
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

static int read_seconds(msec *out, const char *name, const char *text, msec min, msec max, struct err *e)
{
	char *end = NULL;
	double seconds;

	if (!text)
		return 0;
	errno = 0;
	seconds = strtod(text, &end);
	if (errno || end == text || *end || !isfinite(seconds) || seconds * 1000 < (double)min ||
	    seconds * 1000 > (double)max)
		return err_set(e, ERR_INVALID, "%s %s is no number of seconds from %g to %g", name, text,
			       (double)min / 1000, (double)max / 1000);
	*out = (msec)(seconds * 1000);
	return 0;
}

static int load_profiles(struct options *o, const char **names, int n, const char *repo, struct arena *a,
			 struct err *e)
{
	if (!n) {
		err_set(e, ERR_INVALID, "no delivery system is named");
		return err_hint(e, "--profile NAME[=OWNER/NAME], or profile: in the configuration file");
	}
	if (repo && n > 1)
		return err_set(e, ERR_INVALID,
			       "--repo goes with one --profile; use --profile NAME=OWNER/NAME");
	for (int i = 0; i < n; i++) {
		const char *name =
			repo && !strchr(names[i], '=') ? arena_printf(a, "%s=%s", names[i], repo) : names[i];
		int r = profile_load(&o->profiles, name, a, e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* What stands in the file is for the lanes that the command line does not name. */
static int load_sites(struct options *o, const struct command *c, const struct yaml *configured,
		      struct arena *a, struct err *e)
{
	int r = 0;

	for (int i = 0; i < c->sites_n && r >= 0; i++) {
		const char *equals = strchr(c->sites[i], '=');
		const char *lane = arena_strndup(a, c->sites[i], (size_t)(equals - c->sites[i]));

		r = sites_add(&o->sites, &o->profiles, lane, equals + 1, a, e);
	}
	if (r >= 0 && configured && configured->kind != YAML_MAP)
		return yaml_error(e, configured, "sites is no map from lane to URL");
	yaml_each(it, configured)
	{
		if (r >= 0 && !sites_url(&o->sites, it->key))
			r = sites_add(&o->sites, &o->profiles, it->key, it->scalar, a, e);
	}
	return r;
}

static const char *either(const char *given, const char *configured, const char *fallback)
{
	return given ? given : configured ? configured : fallback;
}

int options_read(struct options *out, int argc, char **argv, struct arena *a, struct err *e)
{
	const char **rest = arena_array(a, const char *, (size_t)argc + 1), *names[COMMAND_PROFILES_MAX];
	struct config config = { 0 };
	const struct yaml *sites = NULL;
	struct command c;
	int rest_n = 0, names_n = 0, r;

	*out = (struct options){ .serve_fd = -1 };
	r = take_own(out, argc, argv, rest, &rest_n, e);
	if (r >= 0)
		r = command_globals(&c, rest_n, rest, names, &names_n, e);
	if (r < 0 && e && text_starts(e->hint, "usage:"))
		e->hint[0] = 0; /* the console's */
	if (r < 0)
		return err_hint(e, "pilothouse-engine --help tells the words");
	if (r < rest_n && !tool_is(rest[r])) {
		err_set(e, ERR_INVALID, "the engine takes options only, not %s", rest[r]);
		return err_hint(e, "verbs are of pilothouse: pilothouse --help");
	}
	out->words = rest + r;
	out->words_n = rest_n - r;
	out->json = c.opt[OPT_JSON] != NULL;
	out->help = c.opt[OPT_HELP] != NULL;
	out->version = c.opt[OPT_VERSION] != NULL;
	if (out->help || out->version)
		return 0;
	r = config_read(&config, c.opt[OPT_CONFIG], &sites, a, e);
	if (r >= 0)
		r = places_find(&out->places, c.opt[OPT_STATE_DIR], c.opt[OPT_CACHE_DIR], a, e);
	if (r >= 0 && !names_n && config.profile)
		names[names_n++] = config.profile;
	out->repo = either(c.opt[OPT_REPO], config.repo, NULL);
	if (r >= 0 && !out->words_n)
		r = load_profiles(out, names, names_n, out->repo, a, e);
	if (r >= 0 && !out->words_n)
		r = load_sites(out, &c, sites, a, e);
	if (r >= 0)
		r = read_seconds(&out->interval, "--interval",
				 either(c.opt[OPT_INTERVAL], config.interval, NULL), INTERVAL_MIN,
				 INTERVAL_MAX, e);
	if (r >= 0)
		r = read_seconds(&out->timeout, "timeout:", config.timeout, TIMEOUT_MIN, TIMEOUT_MAX, e);
	out->api = either(c.opt[OPT_API], config.api, API_DEFAULT);
	out->ca_file = either(c.opt[OPT_CA_FILE], config.ca_file, NULL);
	out->unix_socket = either(c.opt[OPT_UNIX_SOCKET], config.unix_socket, NULL);
	out->token_file = either(c.opt[OPT_TOKEN_FILE], config.token_file, NULL);
	out->registry = either(c.opt[OPT_REGISTRY], config.registry, NULL);
	out->ledger = either(c.opt[OPT_LEDGER], config.ledger, NULL);
	out->registry_token_file = either(c.opt[OPT_REGISTRY_TOKEN_FILE], config.registry_token_file, NULL);
	out->metrics = either(c.opt[OPT_METRICS], config.metrics, NULL);
	out->metrics_token_file = either(c.opt[OPT_METRICS_TOKEN_FILE], config.metrics_token_file, NULL);
	out->cluster = either(c.opt[OPT_CLUSTER], config.cluster, NULL);
	out->cluster_token_file = either(c.opt[OPT_CLUSTER_TOKEN_FILE], config.cluster_token_file, NULL);
	out->allowed_signers = signers_place(c.opt[OPT_ALLOWED_SIGNERS], config.allowed_signers, a);
	out->mirror = either(c.opt[OPT_MIRROR], config.mirror, NULL);
	out->trusted_root = either(c.opt[OPT_TRUST], config.trusted_root, NULL);
	out->share_group = c.opt[OPT_SHARE_GROUP];
	out->read_only = c.opt[OPT_READ_ONLY] || config.read_only;
	out->rollback_unlocked = config.rollback_unlocked;
	if (!out->socket)
		out->socket = out->places.socket_path;
	return r < 0 ? r : check_authorities(out->ca_file, e);
}

/* ---- comparing ------------------------------------------------------------------------------------------------------ */

static bool same_profiles(const struct profiles *a, const struct profiles *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!text_eq(a->items[i].name, b->items[i].name) ||
		    !text_eq(a->items[i].repo, b->items[i].repo))
			return false;
	return true;
}

static bool same_sites(const struct sites *a, const struct sites *b)
{
	vec_each (s, a)
		if (!text_eq(s->url, sites_url(b, s->lane)))
			return false;
	return a->n == b->n;
}

static const char *difference(const struct options *a, const struct options *b)
{
	if (!same_profiles(&a->profiles, &b->profiles))
		return "--profile";
	if (!same_sites(&a->sites, &b->sites))
		return "--site";
	if (!text_eq(a->api, b->api))
		return "--api";
	if (!text_eq(a->unix_socket, b->unix_socket))
		return "--unix-socket";
	if (!text_eq(a->ca_file, b->ca_file))
		return "--ca-file";
	if (!text_eq(a->token_file, b->token_file))
		return "--token-file";
	if (!text_eq(a->ledger, b->ledger))
		return "--ledger";
	if (!text_eq(a->allowed_signers, b->allowed_signers))
		return "--allowed-signers";
	if (!text_eq(a->registry, b->registry))
		return "--registry";
	if (!text_eq(a->registry_token_file, b->registry_token_file))
		return "--registry-token-file";
	if (!text_eq(a->metrics, b->metrics))
		return "--metrics";
	if (!text_eq(a->metrics_token_file, b->metrics_token_file))
		return "--metrics-token-file";
	if (!text_eq(a->cluster, b->cluster))
		return "--cluster";
	if (!text_eq(a->cluster_token_file, b->cluster_token_file))
		return "--cluster-token-file";
	if (!text_eq(a->trusted_root, b->trusted_root))
		return "--trust";
	if (!text_eq(a->places.cache_path, b->places.cache_path))
		return "--cache-dir";
	return a->read_only && !b->read_only ? "--read-only" : NULL;
}

bool options_same(const struct options *ours, const char *const *globals, size_t n, struct err *e)
{
	struct arena a = ARENA_INIT;
	char **argv = arena_array(&a, char *, n + 2);
	struct options theirs;
	const char *what = NULL;
	int r;

	argv[0] = arena_strdup(&a, "pilothouse-engine");
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = arena_strdup(&a, globals[i] ? globals[i] : "");
	r = options_read(&theirs, (int)n + 1, argv, &a, e);
	if (r >= 0)
		what = difference(ours, &theirs);
	if (what) {
		err_set(e, ERR_CONFLICT, "an engine with another %s runs for %s", what,
			ours->places.state_dir);
		err_hint(e, "leave its consoles first, or give this one another --state-dir");
	}
	arena_done(&a);
	return r >= 0 && !what;
}
