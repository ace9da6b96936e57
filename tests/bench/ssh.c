/*
 * ssh.c - a key that is held over a slow ssh line: how far behind is what is seen. A real ssh and a real sshd with keys
 * and settings of their own in the bench's folder, between them a line of link.h.
 *
 * Where the bench is root's, sshd wants an account and a folder that belong to an installed service. It gets both in a
 * mount namespace of its own, so that nothing of the machine is touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/link.h"
#include "tests/bench/screen.h"
#include "tests/bench/term.h"

#define ONE_WAY_NS  INT64_C(50000000)
#define RTT_MS      100.0
#define BITS_A_S    1000000
#define HELD_KEYS   90
#define KEY_NS      (1000000000 / 30)
#define QUIET_MS    800   /* of nothing new, and the last of it has been seen */
#define LIMIT_MS    10000 /* behind, and longer is not waited for */
#define CROWD       150   /* processes for htop to list: more than a page */
#define TRIALS_MAX  16
#define ARRIVAL_MAX 65536

struct site {
	struct link link;
	char dir[80], sshd[512], config[96], port[16], known[128], key[96], user[128];
	pid_t crowd[CROWD];
};

/* ---- sshd ----------------------------------------------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		bench_die("%s: %s", path, strerror(errno));
}

static bool make_key(const char *path)
{
	const char *const argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path, NULL };
	struct buf said = BUF_INIT(4096);
	int status = run_words(argv, &said);

	buf_done(&said);
	return status == 0;
}

/* The accounts of this machine and one more, for the namespace. */
static void write_accounts(const struct site *s)
{
	char path[128], line[512];
	FILE *in = fopen("/etc/passwd", "re"), *out;

	snprintf(path, sizeof(path), "%s/passwd", s->dir);
	out = fopen(path, "we");
	if (!out)
		bench_die("%s: %s", path, strerror(errno));
	fputs("sshd:x:64999:65534::/run/sshd:/usr/sbin/nologin\n", out);
	while (in && fgets(line, sizeof(line), in))
		fputs(line, out);
	if (in)
		fclose(in);
	if (fclose(out))
		bench_die("%s: %s", path, strerror(errno));
}

static void write_config(const struct site *s, const struct bench *b)
{
	struct buf text = BUF_INIT(4096);

	buf_fmt(&text,
		"HostKey %s/host\nAuthorizedKeysFile %s/key.pub\nPidFile none\nUsePAM no\nStrictModes no\n"
		"PermitRootLogin prohibit-password\nPasswordAuthentication no\nUseDNS no\nPrintMotd no\n"
		"PrintLastLog no\nLogLevel ERROR\nSetEnv LC_ALL=C.UTF-8 XDG_RUNTIME_DIR=%s "
		"HTOPRC=%s/htoprc\n",
		s->dir, s->dir, b->dir, s->dir);
	write_text(s->config, text.s);
	buf_done(&text);
}

/* In sshd's process, before it. */
static void prepare(void *ctx)
{
	const struct site *s = ctx;
	char path[128];
	int log;

	snprintf(path, sizeof(path), "%s/sshd.log", s->dir);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (log >= 0)
		dup2(log, 2);
	snprintf(path, sizeof(path), "%s/passwd", s->dir);
	if (getuid() != 0 || unshare(CLONE_NEWNS) < 0)
		return; /* sshd says itself what it misses */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0 ||
	    mkdir("/run/sshd", 0755) < 0 || mount(path, "/etc/passwd", NULL, MS_BIND, NULL) < 0)
		perror("a namespace for sshd");
}

/* NULL: not here. */
static const char *find_sshd(char *out, size_t size)
{
	if (find_program("sshd", out, size))
		return out;
	snprintf(out, size, "/usr/sbin/sshd");
	return access(out, X_OK) == 0 ? out : NULL;
}

/* What is missing, or NULL and a line that is open. */
static const char *site_open(struct site *s, const struct bench *b)
{
	const char *const argv[] = { s->sshd, "-i", "-f", s->config, NULL };
	struct passwd *me = getpwuid(getuid());
	char path[128];

	if (!find_program("ssh", path, sizeof(path)))
		return "ssh is not here (Debian: openssh-client)";
	if (!find_sshd(s->sshd, sizeof(s->sshd)))
		return "sshd is not here (Debian: openssh-server)";
	if (!me)
		return "this user has no name to log in with";
	snprintf(s->user, sizeof(s->user), "%s@127.0.0.1", me->pw_name);
	snprintf(s->dir, sizeof(s->dir), "%s/ssh", b->dir);
	snprintf(s->config, sizeof(s->config), "%s/config", s->dir);
	snprintf(s->key, sizeof(s->key), "%s/key", s->dir);
	snprintf(s->known, sizeof(s->known), "UserKnownHostsFile=%s/known", s->dir);
	snprintf(path, sizeof(path), "%s/host", s->dir);
	if (mkdir(s->dir, 0700) < 0 || !make_key(s->key) || !make_key(path))
		return "ssh-keygen made no keys";
	write_config(s, b);
	write_accounts(s);
	link_open(&s->link, argv, prepare, s, ONE_WAY_NS, BITS_A_S);
	snprintf(s->port, sizeof(s->port), "%d", s->link.port);
	return NULL;
}

/* ---- one program over it --------------------------------------------------------------------------------------------- */

/* The words of a program as the remote shell reads them. */
static void remote_command(const struct rival *r, struct buf *out)
{
	if (r->cwd)
		buf_fmt(out, "cd '%s' && ", r->cwd);
	buf_str(out, "exec");
	for (int i = 0; r->argv[i]; i++)
		buf_fmt(out, " '%s'", r->argv[i]);
}

static void start_remote(struct term *t, const struct site *s, const struct rival *r, int rows, int cols)
{
	struct buf command = BUF_INIT(4096);

	remote_command(r, &command);
	/* newer clients blur when keys are pressed, by 20 ms: that would be measured */
	const char *const argv[] = { "ssh",   "-tt",
				     "-F",    "none",
				     "-i",    s->key,
				     "-p",    s->port,
				     "-o",    s->known,
				     "-o",    "StrictHostKeyChecking=no",
				     "-o",    "IdentitiesOnly=yes",
				     "-o",    "LogLevel=ERROR",
				     "-o",    "IgnoreUnknown=ObscureKeystrokeTiming",
				     "-o",    "ObscureKeystrokeTiming=no",
				     s->user, command.s,
				     NULL };
	term_start(t, argv, NULL, rows, cols);
	buf_done(&command);
}

struct arrival {
	int64_t at;
	size_t end; /* of what had come, in t->raw */
};

struct arrivals {
	struct arrival items[ARRIVAL_MAX];
	size_t n;
};

static bool take_one(struct term *t, struct arrivals *a, int wait_ms)
{
	if (!term_take(t, wait_ms))
		return false;
	if (a->n < ARRIVAL_MAX)
		a->items[a->n++] = (struct arrival){ t->last, t->raw_n };
	return true;
}

/* When the last key was sent. */
static int64_t hold_key(struct term *t, const char *key, struct arrivals *a)
{
	int64_t first = now_ns(), last = first;

	for (int i = 0; i < HELD_KEYS; i++) {
		int64_t due = first + (int64_t)i * KEY_NS, left;

		while ((left = due - now_ns()) > 0)
			if (!take_one(t, a, (int)((left + 999999) / 1000000)) && t->ended)
				break;
		term_type(t, key, strlen(key));
		last = now_ns();
	}
	return last;
}

/* The newest arrival that changed what is seen, 0: none did. The screen before stands in `eye`. */
static int64_t last_change(struct screen *eye, const struct term *t, const struct arrivals *a)
{
	struct picture pictures[2] = { { 0 }, { 0 } };
	int64_t last = 0;
	size_t from = 0;
	int old = 0;

	screen_take(eye, &pictures[old]);
	for (size_t i = 0; i < a->n; i++) {
		screen_feed(eye, t->raw + from, a->items[i].end - from);
		from = a->items[i].end;
		screen_take(eye, &pictures[!old]);
		if (picture_same(&pictures[0], &pictures[1]))
			continue;
		last = a->items[i].at;
		old = !old;
	}
	picture_done(&pictures[0]);
	picture_done(&pictures[1]);
	return last;
}

struct held {
	double ready_ms, lag_ms, wire_kb;
};

/* The program is ready and its list is open. */
static void measure_held(struct term *t, const struct site *s, const struct rival *r, struct screen *eye,
			 struct held *out)
{
	static struct arrivals a;
	int64_t wire = *s->link.down, key;

	screen_feed(eye, t->raw, t->raw_n);
	term_reset(t);
	a.n = 0;
	key = hold_key(t, r->down, &a);
	while (now_ns() - key < INT64_C(1000000) * LIMIT_MS && take_one(t, &a, QUIET_MS))
		;
	int64_t last = last_change(eye, t, &a);
	out->lag_ms = (double)(last - key) / 1e6;
	out->wire_kb = (double)(*s->link.down - wire) / 1e3;
}

static bool try_remote(const struct site *s, const struct rival *r, int rows, int cols, struct held *out)
{
	struct term t;
	struct screen *eye = screen_new(rows, cols);

	start_remote(&t, s, r, rows, cols);
	bool ready = term_until(&t, r->marker, QUIET_MS, LIMIT_MS);
	out->ready_ms = (double)(t.last - t.began) / 1e6;
	if (ready) {
		term_type(&t, r->to_list, strlen(r->to_list));
		term_settle(&t, QUIET_MS);
		measure_held(&t, s, r, eye, out);
	}
	term_end(&t, r->quit);
	screen_free(eye);
	return ready;
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

/* The line itself: what types back each key. htop as slow as it goes, so that its own pace is not taken for an answer. */
static size_t remote_rivals(struct bench *b, struct rival *out)
{
	struct rival here[RIVALS_MAX];
	size_t n = rivals(b, here), m = 0;

	out[m++] = (struct rival){ "the line: keys typed back",
				   { "sh", "-c", "stty raw -echo; printf ready; exec cat" },
				   "ready",
				   "",
				   "j",
				   "\r~.",
				   NULL };
	for (size_t i = 0; i < n; i++) {
		if (strcmp(here[i].name, "pilothouse, few runs") == 0)
			continue;
		if (strcmp(here[i].name, "htop") == 0)
			here[i].argv[1] = "--delay=100";
		out[m++] = here[i];
	}
	return m;
}

static void held_row(struct bench *b, const char *name, struct held *h, size_t n)
{
	double ready[TRIALS_MAX], lag[TRIALS_MAX], wire[TRIALS_MAX];
	char t[2][32];

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		ready[i] = h[i].ready_ms;
		lag[i] = h[i].lag_ms;
		wire[i] = h[i].wire_kb;
	}
	double behind = median(lag, n) - RTT_MS, worst = lag[n - 1] - RTT_MS; /* sorted by now */
	number(median(ready, n), t[0], sizeof(t[0]));
	number(median(wire, n), t[1], sizeof(t[1]));
	if (behind < -KEY_NS / 1e6 / 2)
		buf_fmt(&b->report, "| %s | %s | its last keys change nothing | | %s |\n", name, t[0], t[1]);
	else if (behind + RTT_MS > LIMIT_MS - 2 * RTT_MS)
		buf_fmt(&b->report, "| %s | %s | over %d | | %s |\n", name, t[0], LIMIT_MS, t[1]);
	else
		buf_fmt(&b->report, "| %s | %s | %.1f | %.1f | %s |\n", name, t[0], behind, worst, t[1]);
}

static void held_at(struct bench *b, const struct site *s, const struct rival *all, size_t n, int rows,
		    int cols)
{
	static struct held held[RIVALS_MAX + 1][TRIALS_MAX];
	size_t got[RIVALS_MAX + 1] = { 0 }, trials = (size_t)(b->rounds + 2) / 3;

	for (size_t round = 0; round < trials && round < TRIALS_MAX; round++)
		for (size_t i = 0; i < n; i++)
			if (try_remote(s, &all[i], rows, cols, &held[i][got[i]]))
				got[i]++;
			else
				fprintf(stderr, "bench: %s does not come up over ssh\n", all[i].name);
	buf_fmt(&b->report,
		"\n| ssh, 100 ms, 1 Mbit/s, %dx%d; a key held for 3 s at 30/s | start to ready, ms | last "
		"change "
		"behind the last key, less the round trip, ms | at worst | KB on the wire |\n"
		"| --- | --- | --- | --- | --- |\n",
		cols, rows);
	for (size_t i = 0; i < n; i++)
		held_row(b, all[i].name, held[i], got[i]);
}

static void gather(struct site *s)
{
	for (int i = 0; i < CROWD; i++) {
		s->crowd[i] = fork();
		if (s->crowd[i] != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

static void disperse(struct site *s)
{
	for (int i = 0; i < CROWD; i++)
		if (s->crowd[i] > 0 && kill(s->crowd[i], SIGKILL) == 0)
			waitpid(s->crowd[i], NULL, 0);
}

void section_ssh(struct bench *b)
{
	struct rival all[RIVALS_MAX + 1];
	struct site s = { 0 };
	size_t n = remote_rivals(b, all);

	gather(&s);
	const char *missing = site_open(&s, b);
	if (missing) {
		buf_fmt(&b->report, "\nA key held over ssh is not measured: %s.\n", missing);
	} else {
		held_at(b, &s, all, n, 24, 80);
		held_at(b, &s, all, n, 60, 200);
		link_close(&s.link);
	}
	disperse(&s);
}
