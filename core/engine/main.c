/*
 * main.c - pilothouse-engine: wiring, and how long to live.
 *
 * The order of the start matters: nothing is readable by others before anything is written, nothing can be dumped before
 * the token is read, the environment is clean before anything else runs, and the lock is held before a database is opened.
 * What goes wrong is told over --serve-fd to whoever started us, else on stderr, in one sentence.
 */
#include "base/hash.h"
#include "base/json.h"
#include "base/path.h"
#include "base/standard.h"
#include "core/adapters/digest/digest.h"
#include "core/adapters/git/git.h"
#include "core/adapters/github/github.h"
#include "core/adapters/http/http.h"
#include "core/adapters/journald/journald.h"
#include "core/adapters/registry/registry.h"
#include "core/adapters/sshsig/sshsig.h"
#include "core/adapters/zip/zip.h"
#include "core/engine/engine.h"
#include "core/engine/lock.h"
#include "core/engine/options.h"
#include "core/engine/server.h"
#include "core/engine/tool.h"
#include "core/engine/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PH_VERSION
#define PH_VERSION "0.1.0"
#endif

#define LOCKED_EXIT SERVER_LOCKED_EXIT
#define IDLE_MS     2000            /* nobody needs us: time for a console that restarts */
#define LINGER_MS   INT64_C(900000) /* nobody is connected, an intent is open: as long as it is looked for */
#define FINISH_MS   INT64_C(90000)  /* an answer that nobody waits for: longer than any request may take */
#define LOG_MAX     (4 << 20)
#define LEASE_LOOK  INT64_C(30000)
#define LOG_LOOK    INT64_C(600000)

struct program {
	struct options o;
	struct arena arena;
	struct clock clock;
	struct secret token, registry_token;
	const char *source; /* of the token */
	struct log log;
	struct lock lock, lease;
	struct loop *loop;
	struct store *cache;
	struct journal *journal;
	struct witness *witness;
	struct http *http, *registry_http;
	struct forge *forge;
	struct git *git;
	struct zip *zip;
	struct registry *registry;
	struct sources sources;
	struct meters meters;
	struct clusters clusters;
	struct movers movers;
	struct fleet *fleet;
	struct sign *sign;
	struct engine *engine;
	struct server *server;
	struct watch *signals;
	struct timer *log_timer, *lease_timer;
	int signal_fd;
	bool stop;
	bool rebuilt;
	struct err journal_why;
};

/* ---- what went wrong -------------------------------------------------------------------------------------------------- */

static int fatal(const struct program *p, int status, const struct err *e)
{
	struct buf line = BUF_INIT(4096);

	log_line(&p->log, "fatal", "%s", e->message);
	if (p->o.serve_fd >= 0) {
		server_fatal_line(&line, status, e);
		buf_chr(&line, '\n');
		if (send(p->o.serve_fd, line.s, line.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			status = status ? status : 1;
	} else {
		fprintf(stderr, "pilothouse-engine: %s%s%s\n", e->message, e->hint[0] ? "; " : "", e->hint);
	}
	buf_done(&line);
	return status;
}

/* ---- the start, step by step -------------------------------------------------------------------------------------------- */

static void harden(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

static void signal_came(void *ctx, int fd, unsigned events)
{
	struct program *p = ctx;
	struct signalfd_siginfo info;

	(void)events;
	if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		log_line(&p->log, "signal", "%u", info.ssi_signo);
	p->stop = true;
}

static int open_signals(struct program *p, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signal_fd < 0)
		return err_set(e, ERR_STORE, "no signal descriptor: %s", strerror(errno));
	p->signals = watch_new(p->loop, p->signal_fd, WATCH_READ, signal_came, p);
	return 0;
}

static void look_at_log(void *ctx)
{
	struct program *p = ctx;
	struct stat st;
	int fd;

	timer_in(p->log_timer, LOG_LOOK);
	if (p->log.fd < 0 || fstat(p->log.fd, &st) < 0 || st.st_size < LOG_MAX)
		return;
	if (rename(p->o.places.log_path, arena_printf(&p->arena, "%s.old", p->o.places.log_path)) < 0)
		return;
	fd = path_private_open(p->o.places.log_path, O_WRONLY | O_CREAT | O_APPEND, 0600, NULL);
	if (fd < 0)
		return;
	dup3(fd, p->log.fd, O_CLOEXEC);
	close(fd);
}

static int open_log(struct program *p, struct err *e)
{
	int fd = path_private_open(p->o.places.log_path, O_WRONLY | O_CREAT | O_APPEND, 0600, e);

	if (fd < 0)
		return fd;
	p->log.fd = fd;
	if (p->o.places.runtime_why)
		log_line(&p->log, "start", "XDG_RUNTIME_DIR is not used: %s", p->o.places.runtime_why);
	p->log_timer = timer_new(p->loop, look_at_log, p);
	look_at_log(p);
	return 0;
}

/* 75 when another engine holds the lock. */
static int take_lock(struct program *p, struct err *e)
{
	pid_t pid;
	int r = lock_take(&p->lock, p->o.places.state_dir, &pid, e);

	if (r <= 0)
		return r;
	err_set(e, ERR_CONFLICT, "an engine is already running for %s (process %d)", p->o.places.state_dir,
		(int)pid);
	return LOCKED_EXIT;
}

/* Asked for again while another has it: whoever is left takes over. */
static void seek_lease(void *ctx)
{
	struct program *p = ctx;
	struct err e = ERR_INIT;
	int r = lock_lease(&p->lease, p->o.places.runtime_dir, p->o.api, &e);

	engine_follow(p->engine, r > 0);
	if (r < 0)
		log_line(&p->log, "lease", "%s", e.message);
	if (r > 0)
		timer_in(p->lease_timer, LEASE_LOOK);
}

static void open_lease(struct program *p)
{
	if (p->o.one_shot)
		return; /* it polls nothing by itself */
	p->lease_timer = timer_new(p->loop, seek_lease, p);
	seek_lease(p);
}

static int open_stores(struct program *p, struct err *e)
{
	struct err *why = &p->journal_why;
	int r = store_open(&p->cache, p->o.places.cache_path, STORE_WRITE, e);

	if (r < 0)
		return r;
	p->rebuilt = r == STORE_REBUILT;
	r = options_share(&p->o, p->cache, e);
	if (r < 0)
		return r;
	if (p->o.read_only) {
		err_set(why, ERR_STORE, "this engine is read-only");
		return 0;
	}
	/* Watching goes on without a journal; every act is then refused with the reason. */
	if (journal_open_beside(&p->journal, p->o.places.journal_path, p->cache, why) < 0)
		log_line(&p->log, "journal", "%s", why->message);
	return 0;
}

static int open_forge(struct program *p, struct err *e)
{
	const struct http_options h = {
		.base = p->o.api,
		.ca_file = p->o.ca_file,
		.unix_socket = p->o.unix_socket,
		.user_agent = "pilothouse/" PH_VERSION,
		.token = &p->token,
		.timeout = p->o.timeout,
	};
	int r = http_open(&p->http, p->loop, &h, e);

	if (r >= 0)
		r = zip_open(&p->zip, e);
	else
		err_hint(e, "--api URL, or api: in the configuration");
	return r < 0 ? r : github_open(&p->forge, p->http, &p->clock, e);
}

/* Images are at another place than the forge, with a credential of their own; without an address they stay unchecked. */
static void allow_realms(struct program *p)
{
	vec_each (profile, &p->o.profiles)
		vec_each (lane, &profile->lanes)
			vec_each (probe, &lane->probes)
				registry_allow(p->registry, probe->realm);
}

static int open_registry(struct program *p, struct err *e)
{
	const struct http_options h = {
		.base = p->o.registry,
		.ca_file = p->o.ca_file,
		.user_agent = "pilothouse/" PH_VERSION,
		.timeout = p->o.timeout,
		.bare = true,
	};
	int r = 0;

	if (!p->o.registry)
		return 0;
	if (p->o.registry_token_file)
		r = secret_read_file(&p->registry_token, p->o.registry_token_file, e);
	if (r >= 0)
		r = http_open(&p->registry_http, p->loop, &h, e);
	if (r < 0)
		return err_hint(e, "--registry URL, and --registry-token-file FILE");
	r = registry_open(&p->registry, p->registry_http, &p->clock, &p->registry_token, e);
	if (r >= 0)
		allow_realms(p);
	return r;
}

/* A mirror that somebody made (git clone --mirror) answers questions about history; without one the forge is asked. */
static void open_git(struct program *p)
{
	char name[256];
	const char *path;
	struct err e = ERR_INIT;

	if (p->o.profiles.n != 1)
		return;
	snprintf(name, sizeof(name), "%s.git", p->o.profiles.items[0].repo);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '+';
	path = path_join(&p->arena, p->o.places.cache_dir, name);
	if (access(path, F_OK) == 0 && git_open(&p->git, path, NULL, &e) < 0)
		log_line(&p->log, "git", "%s", e.message);
}

static const char *who_am_i(struct arena *a)
{
	const struct passwd *pw = getpwuid(getuid());
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	return arena_printf(a, "%s@%s", pw ? pw->pw_name : "?", host);
}

/* A refused token may have been renewed in its file: then the next try succeeds. */
static void read_token_again(struct program *p)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	if (token_again(&p->token, &p->o, &a, &e) == 0)
		log_line(&p->log, "token", "read again");
	arena_done(&a);
}

static void engine_says(void *ctx, const char *event, const char *text)
{
	struct program *p = ctx;

	bool token = !strcmp(event, "token"), again = !strcmp(event, "token-again");

	if (token || again)
		read_token_again(p);
	if (!again)
		server_event(p->server, token ? "notice" : event, text);
}

/* Nobody but the one who asks is here: then an engine of its own kind may take our place. */
static enum greeting greeted(void *ctx, const char *const *globals, size_t n, struct err *why)
{
	struct program *p = ctx;

	if (options_same(&p->o, globals, n, why))
		return GREET_SAME;
	if (p->o.stay || engine_is_guarding(p->engine) || server_peers(p->server) > 1 ||
	    why->kind != ERR_CONFLICT)
		return GREET_OTHER;
	p->stop = true;
	return GREET_LEAVE;
}

static const struct attest_ops attest = ATTEST_OPS;

static int open_engine(struct program *p, struct err *e)
{
	char seed[33];
	const struct engine_options o = {
		.loop = p->loop,
		.seed = hash_random(seed),
		.forge = p->forge,
		.git = p->git,
		.zip = p->zip,
		.registry = p->registry,
		.meters = p->meters,
		.movers = p->movers,
		.sha256 = digest_sha256,
		.sign = p->sign,
		.attest = &attest,
		.fleet = p->fleet,
		.quotes = &quote_ops,
		.roots_dir = p->o.places.roots_dir,
		.trusted_root = p->o.trusted_root,
		.evidence_dir = p->o.places.evidence_dir,
		.plans_dir = p->o.places.plans_dir,
		.allowed_signers = p->o.allowed_signers,
		.http = p->http,
		.cache = p->cache,
		.journal = p->journal,
		.journal_path = p->o.places.journal_path,
		.witness = p->witness,
		.ledger = p->o.ledger,
		.journal_why = p->journal_why.message,
		.journal_fix = p->journal_why.hint,
		.profiles = &p->o.profiles,
		.log = &p->log,
		.who = who_am_i(&p->arena),
		.api = p->o.api,
		.interval = p->o.interval,
		.survey = true,
		.sites = p->o.sites,
		.read_only = p->o.read_only,
		.stays = p->o.stay,
		.lock_after_back = !p->o.rollback_unlocked,
	};
	int r = engine_new(&p->engine, &o, e);

	if (r >= 0)
		r = server_new(&p->server, p->engine, p->loop, e);
	if (r >= 0)
		r = server_listen(p->server, p->o.socket, e);
	if (r >= 0)
		r = lock_announce(&p->lock, p->o.socket, e);
	if (r < 0)
		return r;
	engine_on_event(p->engine, engine_says, p);
	server_on_greet(p->server, greeted, p);
	if (p->o.stay)
		engine_attach(p->engine, 1);
	return 0;
}

/* Whoever started us has what it needs; its terminal and its pipes are not ours to hold open. */
static void let_go(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
}

static int start(struct program *p, struct err *e)
{
	int r = token_take(&p->token, &p->o, &p->source, &p->arena, e);

	if (r >= 0)
		r = places_make(&p->o.places, e);
	if (r >= 0)
		r = open_log(p, e);
	if (r >= 0)
		r = take_lock(p, e);
	if (r)
		return r;
	r = open_signals(p, e);
	if (r >= 0)
		r = open_stores(p, e);
	if (r >= 0)
		r = open_forge(p, e);
	if (r >= 0)
		r = open_registry(p, e);
	if (r >= 0)
		r = sources_open(&p->sources, &p->meters, p->loop, &p->o, &p->arena, e);
	if (r >= 0)
		r = clusters_open(&p->clusters, &p->movers, p->loop, &p->o, &p->arena, e);
	if (r >= 0)
		r = fleet_wire(&p->fleet, p->http, &p->o, e);
	if (r < 0)
		return r;
	open_git(p);
	r = open_engine(p, e);
	if (r >= 0 && p->o.serve_fd >= 0) {
		r = server_adopt(p->server, p->o.serve_fd, e);
		let_go();
	}
	if (r >= 0)
		open_lease(p);
	if (r >= 0)
		log_line(&p->log, "start", "pid %d, api %s, token from %s%s", (int)getpid(), p->o.api,
			 p->source, p->rebuilt ? ", cache was damaged and is new" : "");
	return r;
}

/* ---- no engine at all -------------------------------------------------------------------------------------------------- */

static int open_for_tool(void *ctx, struct forge **out, struct err *e)
{
	struct program *p = ctx;
	int r = token_take(&p->token, &p->o, &p->source, &p->arena, e);

	if (r >= 0)
		r = open_forge(p, e);
	*out = p->forge;
	return r;
}

/* Nobody's credential goes there. */
static int open_mirror(void *ctx, struct http **out, const char *base, struct err *e)
{
	struct program *p = ctx;
	const struct http_options h = {
		.base = base,
		.ca_file = p->o.ca_file,
		.user_agent = "pilothouse/" PH_VERSION,
		.timeout = p->o.timeout,
		.bare = true,
	};

	int r = http_open(out, p->loop, &h, e);

	return r < 0 ? err_hint(e, "--mirror URL, or mirror: in the configuration") : r;
}

static const struct attest_ops attest_ops = ATTEST_OPS;

static int run_tool(struct program *p)
{
	struct tool t = {
		.words = p->o.words,
		.words_n = p->o.words_n,
		.repo = p->o.repo,
		.json = p->o.json,
		.journal_path = p->o.places.journal_path,
		.plans_dir = p->o.places.plans_dir,
		.roots_dir = p->o.places.roots_dir,
		.mirror = p->o.mirror,
		.tuf = attest_tuf_update,
		.open_mirror = open_mirror,
		.cache_path = p->o.places.cache_path,
		.evidence_dir = p->o.places.evidence_dir,
		.allowed_signers = p->o.allowed_signers,
		.sha256 = digest_sha256,
		.attest = &attest_ops,
		.witness = p->witness,
		.ledger = p->o.ledger,
		.sign = p->sign,
		.loop = p->loop,
		.open = open_for_tool,
		.ctx = p,
		.arena = &p->arena,
	};

	setlocale(LC_ALL, "");
	return tool_run(&t);
}

/* ---- life ------------------------------------------------------------------------------------------------------------- */

/* A one-shot engine finishes what it was asked and leaves an unsettled intent to the next one: it is in the journal. */
static bool is_needed(const struct program *p, msec alone)
{
	if (server_peers(p->server) > 0 || p->o.stay || engine_is_guarding(p->engine))
		return true;
	if (p->o.one_shot)
		return (server_owes(p->server) || engine_is_telling(p->engine)) && alone < FINISH_MS;
	return engine_is_needed(p->engine) && alone < LINGER_MS;
}

/* A verb has armed a guard: this engine outlives it, and the terminal that it was typed in. */
static void stay_on_guard(struct program *p)
{
	if (!p->o.one_shot)
		return;
	p->o.one_shot = false;
	(void)setsid();
	open_lease(p);
	log_line(&p->log, "guard", "a guard is armed: the engine stays");
}

/* Where the cache was removed or replaced, screens look at what nobody writes: the next engine makes it new, and reads
 * all again. What is under way comes first, and so does a guard, which needs no screen. An engine of one verb ends by itself,
 * unless the verb asked for polling; what it was started for may still lie unread in its socket. */
static bool cache_is_gone(struct program *p)
{
	struct err why = ERR_INIT;

	if ((p->o.one_shot && !engine_is_polling(p->engine)) || store_in_place(p->cache) ||
	    engine_is_guarding(p->engine) || engine_is_behind(p->engine))
		return false;
	err_set(&why, ERR_STORE, "%s was removed or replaced", p->o.places.cache_path);
	err_hint(&why, "the next engine makes it new");
	engine_end_polling(p->engine, &why);
	if (server_owes(p->server))
		return false;
	log_line(&p->log, "cache", "%s: the next engine makes it new", why.message);
	return true;
}

/* A captain who comes back must reach the guard that was left armed. */
static void stay_reachable(struct program *p)
{
	if (server_listen_again(p->server, NULL) > 0)
		log_line(&p->log, "socket", "it was removed or replaced, and is made again: %s", p->o.socket);
}

static int run(struct program *p)
{
	msec last_peer = clock_mono(&p->clock), last_need = last_peer, idle = p->o.one_shot ? 0 : IDLE_MS;

	while (!p->stop) {
		msec now = clock_mono(&p->clock), wait = -1;

		if (engine_is_guarding(p->engine))
			stay_on_guard(p);
		/* what a guard has sent is looked after as what a console has */
		if (server_peers(p->server) > 0 || engine_is_guarding(p->engine))
			last_peer = now;
		if (is_needed(p, now - last_peer)) {
			last_need = now;
			/* Alone with an open intent we look at the clock again within the minute. */
			wait = last_peer == now || p->o.stay ? -1 : 60000;
		} else {
			wait = last_need + idle - now;
			if (wait <= 0)
				return 0;
		}
		loop_step(p->loop, wait);
		stay_reachable(p);
		if (cache_is_gone(p))
			return err_exit_status(ERR_STORE); /* a unit starts it again */
	}
	return 0;
}

static void finish(struct program *p)
{
	log_line(&p->log, "end", "pid %d", (int)getpid());
	/* The engine goes first and orphans what is under way; then nothing of it can be called back. */
	engine_free(p->engine);
	if (p->server)
		server_engine_gone(p->server);
	server_free(p->server);
	forge_free(p->forge);
	fleet_free(p->fleet);
	http_free(p->http);
	if (p->git)
		p->git->ops->free(p->git);
	if (p->zip)
		p->zip->ops->free(p->zip);
	if (p->registry)
		p->registry->ops->free(p->registry);
	http_free(p->registry_http);
	sources_close(&p->sources);
	clusters_close(&p->clusters);
	if (p->sign)
		p->sign->ops->free(p->sign);
	journal_close(p->journal);
	store_close(p->cache);
	watch_free(p->signals);
	timer_free(p->log_timer);
	timer_free(p->lease_timer);
	if (p->witness)
		p->witness->ops->free(p->witness);
	loop_free(p->loop);
	secret_done(&p->token);
	secret_done(&p->registry_token);
	lock_release(&p->lease);
	lock_release(&p->lock);
	arena_done(&p->arena);
}

static int usage(const struct options *o)
{
	if (o->version)
		puts("pilothouse-engine " PH_VERSION);
	else
		puts("usage: pilothouse-engine [GLOBAL options] [--serve-fd N] [--socket PATH] [--one-shot | "
		     "--stay]\n"
		     "Polls the forge, keeps the journal, sends acts. Consoles start it; see "
		     "pilothouse-engine(1).");
	return 0;
}

int main(int argc, char **argv)
{
	struct program p = {
		.log = { .fd = -1 }, .lock = { .fd = -1 }, .lease = { .fd = -1 }, .signal_fd = -1
	};
	struct err e = ERR_INIT;
	int r, status = 0;

	standard_keep();
	digest_memory();
	harden();
	r = options_read(&p.o, argc, argv, &p.arena, &e);
	if (r >= 0 && (p.o.help || p.o.version)) {
		status = usage(&p.o);
		arena_done(&p.arena);
		return status;
	}
	clock_real(&p.clock);
	p.loop = loop_new(&p.clock);
	p.witness = journald_new(JOURNALD_SOCKET, JOURNALD_READER);
	p.log.clock = &p.clock;
	p.log.secret = &p.token;
	/* The agent is asked by `plan sign` alone: an engine only checks what others signed. */
	if (r >= 0)
		r = sshsig_open(&p.sign, p.o.words_n ? getenv("SSH_AUTH_SOCK") : NULL, &p.clock, &e);
	if (r >= 0 && p.o.words_n) {
		status = run_tool(&p);
		finish(&p);
		return status;
	}
	if (r >= 0)
		r = start(&p, &e);
	if (r == LOCKED_EXIT)
		status = fatal(&p, p.o.serve_fd >= 0 ? LOCKED_EXIT : 0, &e);
	else if (r < 0)
		status = fatal(&p, err_exit_status(e.kind), &e);
	else
		status = run(&p);
	finish(&p);
	return status;
}
