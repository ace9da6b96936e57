/*
 * options.h - what the engine's program is told, and where its token comes from.
 *
 *	pilothouse-engine [GLOBAL options] [--serve-fd N] [--socket PATH] [--one-shot | --stay | profile WORD...]
 *
 * --serve-fd is a connected Unix socket of the process that started us; --socket overrides where to listen; --stay keeps
 * polling until a signal (the systemd unit); --one-shot ends as soon as the last connection does. A configuration file (--config, else XDG_CONFIG_HOME/pilothouse/config.yml
 * when there is one) may name profile, repo, api, allowed_signers, ca_file, unix_socket, token_file, registry, registry_token_file, cluster, cluster_token_file, metrics, metrics_token_file, ledger, trusted_root (--trust), mirror, interval, sites, rollback_unlocked and read_only; the command
 * line wins. Only the file may name timeout, the seconds that one exchange with the forge may take.
 */
#pragma once

#include "base/arena.h"
#include "base/places.h"
#include "base/secret.h"
#include "base/when.h"
#include "core/engine/engine.h"
#include "core/profile/profile.h"

struct options {
	struct places places;
	struct profiles profiles;
	struct sites sites;          /* where running systems are asked */
	const char *allowed_signers; /* NULL none */
	const char *api, *ca_file, *unix_socket, *token_file, *share_group;
	const char *registry, *registry_token_file; /* NULL none */
	const char *cluster, *cluster_token_file;   /* NULL: each profile's own */
	const char *metrics, *metrics_token_file;   /* the same */
	const char *ledger;                         /* OWNER/NAME, NULL none */
	const char *mirror;                         /* of trusted roots; NULL none */
	const char *trusted_root;                   /* a file instead of the program's own; NULL none */
	msec interval;                              /* 0 default */
	msec timeout;                               /* of one exchange; 0 default */
	bool read_only;
	bool rollback_unlocked; /* a lane that was rolled back is left as it is */
	bool stay, one_shot, help, version, json;
	int serve_fd;       /* -1 none */
	const char *socket; /* where to listen */
	const char *repo;   /* --repo */
	/* `profile ...`: a tool is asked for and no engine (tool.h); then no profile need be named. */
	const char *const *words;
	int words_n;
};

int options_read(struct options *out, int argc, char **argv, struct arena *a, struct err *e) must_check;

/* True when an engine started with these words would serve the same forge with the same profiles. Else *e says what
 * differs. Reading only is a difference when ours is: theirs is kept by the client itself. */
bool options_same(const struct options *ours, const char *const *globals, size_t n, struct err *e);

/* ---- sites.c: --site LANE=URL, and `sites:` of the configuration file, a map from lane to URL ---- */
/* Adds one. ERR_INVALID: no such lane, or no https URL (http only to 127.0.0.1 and [::1]). */
int sites_add(struct sites *out, const struct profiles *profiles, const char *lane, const char *url,
	      struct arena *a, struct err *e) must_check;
const char *sites_url(const struct sites *s, const char *lane); /* NULL none */

/* ---- share.c: --share-group ---- */
/* Lets the group read the cache: directory 0750, database files 0640. The journal and the socket are never shared. */
int options_share(const struct options *o, struct store *cache, struct err *e) must_check;

/* ---- token.c ---- */
/* Takes the token from the first source that has one (reliability reference 5.1), and wipes every variable that could
 * hold one from the environment, used or not. *source: words for the log, never the value. No token is no error. */
int token_take(struct secret *out, const struct options *o, const char **source, struct arena *a,
	       struct err *e) must_check;
/* Again, from files only: after a 401. 1 when the value is not new. */
int token_again(struct secret *token, const struct options *o, struct arena *a, struct err *e) must_check;
