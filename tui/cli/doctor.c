/*
 * doctor.c - what a person needs to know when it does not work: versions, places and their modes, terminal, what the
 * engine last said of token, limits and clock. It reads; it repairs nothing and asks nobody.
 */
#include "tui/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/text.h"
#include "core/model/model.h"
#include "core/view/events.h"
#include "store/journal.h"
#include "tui/cli/table.h"

struct doctor {
	struct cli *cli;
	bool writable;
	bool running; /* an engine */
	bool usurped; /* what holds its lock is not what the lock names */
	char pid[32]; /* its process number, where the lock tells */
	struct VEC_OF(struct check) checks;
};

static void say(struct doctor *d, const char *name, enum verdict v, const char *detail, const char *fix)
{
	*vec_push(&d->checks, d->cli->arena) =
		(struct check){ .name = name, .status = v, .detail = detail, .fix = fix };
}

static void look_program(struct doctor *d)
{
	say(d, "pilothouse", CHECK_OK, PH_VERSION, "");
}

static void look_terminal(struct doctor *d)
{
	const char *term = getenv("TERM");
	bool utf8 = text_in_utf8();
	bool usable = term && *term && strcmp(term, "dumb") != 0;
	say(d, "terminal", usable ? CHECK_OK : CHECK_BAD,
	    arena_printf(d->cli->arena, "TERM=%s",
			 term ? text_safe_dup(d->cli->arena, term, 200) : "(unset)"),
	    usable ? "" : "set TERM to what your terminal is; the verbs work without");
	say(d, "locale", utf8 ? CHECK_OK : CHECK_BAD, nl_langinfo(CODESET),
	    utf8 ? "" : "text outside ASCII is written as <U+XXXX>; set LANG=C.UTF-8");
}

/* A directory or file that is ours alone; `group` allows reading by a group (a shared cache). */
static void look_file(struct doctor *d, const char *name, const char *path, bool group)
{
	struct stat st;
	struct arena *a = d->cli->arena;
	if (lstat(path, &st) < 0 && errno == ENOENT) {
		/* an engine makes its files when it starts: under one that runs they were removed */
		if (d->running)
			say(d, name, CHECK_BAD,
			    arena_printf(a, "%s is not there, though an engine runs", path),
			    arena_printf(a, "end that engine, process %s: the next one makes it anew",
					 d->pid));
		else
			say(d, name, CHECK_MISSING, arena_printf(a, "%s is not there yet", path),
			    "the first sync makes it");
		return;
	}
	if (lstat(path, &st) < 0) { /* what cannot be looked at may well be there */
		say(d, name, CHECK_BAD, arena_printf(a, "%s: %s", path, strerror(errno)),
		    "change who owns its directory or that one's mode");
		return;
	}
	unsigned open = st.st_mode & (group ? 027u : 077u);
	bool mine = st.st_uid == geteuid() && !S_ISLNK(st.st_mode);
	say(d, name, mine && !open ? CHECK_OK : CHECK_BAD,
	    arena_printf(a, "%s mode %04o%s", path, (unsigned)(st.st_mode & 07777),
			 mine ? "" : ", not yours"),
	    mine && !open ? "" : arena_printf(a, "chmod go= %s, and own it", path));
}

/* Nothing is lost: the socket is elsewhere. Where all is well there is nothing to say. */
static void look_runtime(struct doctor *d)
{
	struct arena *a = d->cli->arena;
	const char *why = d->cli->places->runtime_why;

	if (why)
		say(d, "runtime directory", CHECK_BAD,
		    arena_printf(a, "not used: %s", text_safe_dup(a, why, 1000)),
		    "set XDG_RUNTIME_DIR to one of yours with mode 0700, or not at all; till then it is the "
		    "state directory");
}

/* The mode of the journal is not its health: acts stop at one that is damaged. */
static void look_journal(struct doctor *d)
{
	struct err e = ERR_INIT;
	autofree(journal) struct journal *j = NULL;
	autofree(store) struct store *cache = NULL;
	struct intents open = { 0 };
	struct arena *a = d->cli->arena;
	const char *path = d->cli->places->journal_path;
	int r = journal_open_reader(&j, path, &e);

	if (j)
		r = journal_open_intents(j, &open, a, &e);
	/* of a cache that cannot be read its own line tells */
	if (r >= 0 && store_open(&cache, d->cli->places->cache_path, STORE_READ, NULL) == 0)
		r = journal_holds_known(j, path, cache, &e);
	if (r < 0)
		say(d, "intents", CHECK_BAD, arena_strdup(a, e.message), arena_strdup(a, e.hint));
	else
		say(d, "intents", CHECK_OK, arena_printf(a, "%zu open", open.n), "");
}

/* The engine can write down its own trouble only where there is room to write: this is asked of the disk itself. */
static void look_room(struct doctor *d)
{
	struct err e = ERR_INIT;
	struct arena *a = d->cli->arena;
	uint64_t room = 0;

	d->writable = places_writable(d->cli->places, &room, &e) == 0;
	if (!d->writable)
		say(d, "room", CHECK_BAD, arena_strdup(a, e.message), arena_strdup(a, e.hint));
	else if (!room)
		say(d, "room", CHECK_UNCHECKED, "the disk does not tell", "");
	else
		say(d, "room", CHECK_OK, arena_printf(a, "%llu MiB free", (unsigned long long)(room >> 20)),
		    "");
}

static bool is_alive(const char *pid)
{
	int64_t n;
	return text_int64(&n, pid, 1, INT32_MAX) == 0 && (kill((pid_t)n, 0) == 0 || errno == EPERM);
}

/* An engine writes its number into what it locks: of another that holds it nothing is in there, or an engine that is gone. */
static void find_engine(struct doctor *d)
{
	int fd = open(d->cli->places->lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;
	if (held && read(fd, d->pid, sizeof(d->pid) - 1) > 0)
		d->pid[strspn(d->pid, "0123456789")] = 0;
	d->running = held && is_alive(d->pid);
	d->usurped = held && !d->running;
	if (fd >= 0)
		close(fd);
}

static void look_engine(struct doctor *d)
{
	const char *path = d->cli->places->lock_path;
	if (d->usurped)
		say(d, "engine", CHECK_BAD,
		    arena_printf(d->cli->arena, "none runs, and none can: another program holds %s", path),
		    arena_printf(d->cli->arena, "end that program: fuser -v %s names it", path));
	else
		say(d, "engine", CHECK_OK, d->running ? "running" : "not running; started when needed", "");
}

/* What the last sync left, and what its absence means. */
struct left_fact {
	const char *name, *label, *none;
	enum verdict absent;
	int64_t limit; /* a number further from nothing than this is bad; 0: words */
	const char *fix;
	bool counts; /* a number that nobody told is below nothing */
};

static bool is_beyond(const char *value, int64_t limit)
{
	int64_t n = 0;
	return limit && text_int64(&n, value + (*value == '-'), 0, INT64_MAX) == 0 && n > limit;
}

static void look_fact(struct doctor *d, struct store *s, const struct left_fact *f)
{
	struct key key = { .name = f->name };
	struct setting row;
	struct err e = ERR_INIT;
	char age[WHEN_TEXT];
	struct arena *a = d->cli->arena;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, &e);
	bool has = r == 0 && row.value && *row.value && !(f->counts && *row.value == '-');
	if (!has) {
		say(d, f->label, f->absent, f->none, f->absent == CHECK_OK ? "" : "pilothouse sync --once");
		return;
	}
	bool off = is_beyond(row.value, f->limit);
	say(d, f->label, off ? CHECK_BAD : CHECK_OK,
	    arena_printf(a, "%s (%s ago)", text_safe_dup(a, row.value, 1000),
			 when_age(when_diff(clock_wall(d->cli->clock), row.at), age)),
	    off ? f->fix : "");
}

/* The line of every screen's head: while it stands, it is so. */
static void look_trouble(struct doctor *d, struct store *s)
{
	struct key key = { .name = "banner" };
	struct setting row;
	char age[WHEN_TEXT];
	struct arena *a = d->cli->arena;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, NULL);

	if (r == 0 && text_eq(row.value, FOLLOWS_WORDS))
		say(d, "last trouble", CHECK_OK, FOLLOWS_WORDS, "");
	else if (r == 0 && row.value && *row.value)
		say(d, "last trouble", CHECK_BAD,
		    arena_printf(a, "%s; not over since %s ago", text_safe_dup(a, row.value, 1000),
				 when_age(when_diff(clock_wall(d->cli->clock), row.at), age)),
		    "pilothouse sync --once reads again, and says what it meets");
	else if (!d->writable)
		say(d, "last trouble", CHECK_UNCHECKED, "none is written down, and none can be", "");
	else
		say(d, "last trouble", CHECK_OK, "none", "");
}

static void look_kernel(struct doctor *d)
{
	static const char *const words[] = { [CONFINE_NONE] = "not confined: this kernel has no Landlock",
					     [CONFINE_FILES] = "confined to reading files",
					     [CONFINE_ALL] = "confined to reading, without TCP" };
	enum confinement c = confine_possible();
	say(d, "the wall", c == CONFINE_NONE ? CHECK_UNCHECKED : CHECK_OK, words[c], "");
}

static int look_advisory(void *ctx, const void *record)
{
	struct doctor *d = ctx;
	const struct setting *row = record;
	if (text_starts(row->name, "advisory ") && *row->value)
		say(d, "locks", CHECK_BAD, text_safe_dup(d->cli->arena, row->value, 1000),
		    "use a token of somebody who may write contents");
	return 0;
}

/* The engine's, as it said last. A library tells its version and not its packager's fixes, so it is never known to be bad. */
static void look_openssl(struct doctor *d, struct store *s)
{
	struct key key = { .name = "openssl" };
	struct setting row;
	struct arena *a = d->cli->arena;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, NULL);
	const char *said = r == 0 && row.value ? row.value : "";
	bool sound = text_eq(said, "sound");
	say(d, "OpenSSL", sound ? CHECK_OK : CHECK_UNCHECKED,
	    sound   ? "has the fix of CVE-2026-45447"
	    : *said ? text_safe_dup(a, said, 400)
		    : "not known yet",
	    sound   ? ""
	    : *said ? "update libssl3, and start the engine again"
		    : "pilothouse sync --once");
}

static void look_cache(struct doctor *d)
{
	static const struct left_fact facts[] = {
		{ "login", "token's login", "not known yet", CHECK_UNCHECKED, 0, "", false },
		{ "token_expires", "token expires", "the forge did not say", CHECK_UNCHECKED, 0, "", false },
		{ "api_remaining", "api budget left", "not known yet", CHECK_UNCHECKED, 0, "", true },
		/* reliability reference C2 */
		{ "skew_ms", "clock skew, ms", "not known yet", CHECK_UNCHECKED, 30000,
		  "set this machine's clock: the forge's differs by more than 30 s", false },
	};
	autofree(store) struct store *s = NULL;
	struct err e = ERR_INIT;
	int r = store_open(&s, d->cli->places->cache_path, STORE_READ, &e);
	if (r != 0) {
		say(d, "facts", r < 0 ? CHECK_BAD : CHECK_MISSING,
		    r < 0 ? arena_strdup(d->cli->arena, e.message) : "never synced",
		    "pilothouse --profile NAME sync --once");
		return;
	}
	for (size_t i = 0; i < countof(facts); i++)
		look_fact(d, s, &facts[i]);
	look_trouble(d, s);
	look_openssl(d, s);
	(void)!store_each(s, Q_settings, NULL, NULL, &rec_setting, d->cli->arena, look_advisory, d, &e);
}

static void print_json(struct doctor *d, struct buf *out)
{
	struct jw w;
	jw_init(&w, out);
	jw_open(&w, '{');
	jw_kwhen(&w, "as_of", clock_wall(d->cli->clock));
	jw_kopen(&w, "items", '[');
	vec_each (c, &d->checks) {
		jw_open(&w, '{');
		jw_kstr(&w, "name", c->name);
		jw_kstr(&w, "status", names_word(&verdict_names, c->status));
		jw_kstr(&w, "detail", c->detail);
		jw_ktext(&w, "fix", c->fix);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_close(&w, '}');
}

static void print_text(struct doctor *d, struct buf *out)
{
	static const char *const heads[] = { "CHECK", "", "FOUND", "FIX", NULL };
	struct table t = { .heads = heads };
	vec_each (c, &d->checks)
		*table_add(&t, d->cli->arena) =
			(struct table_row){ { c->name, names_word(&verdict_names, c->status), c->detail,
					      c->fix } };
	table_print(&t, out);
}

/* 1 when something is wrong ("no"), else 0. */
int cli_doctor(struct cli *c)
{
	struct doctor d = { .cli = c };
	struct buf out = BUF_INIT(1 << 20);
	int status = 0;
	find_engine(&d);
	look_program(&d);
	look_terminal(&d);
	look_file(&d, "state directory", c->places->state_dir, false);
	look_runtime(&d);
	look_file(&d, "cache", c->places->cache_path, true);
	look_file(&d, "journal", c->places->journal_path, false);
	look_journal(&d);
	look_room(&d);
	look_engine(&d);
	look_cache(&d);
	look_kernel(&d);
	vec_each (check, &d.checks)
		status |= check->status == CHECK_BAD;
	if (c->json)
		print_json(&d, &out);
	else
		print_text(&d, &out);
	int r = cli_print(&out, c->json);
	buf_done(&out);
	return status ? status : r;
}
