#include "tests/fault/stand.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS (60 * 1000) /* nothing here takes seconds: a program that stays so long hangs */
#define OUT_MAX  (4 << 20)

static const char *place_bin, *place_shim;

void stand_place(const char *bin, const char *shim)
{
	place_bin = bin;
	place_shim = shim;
}

void stand_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("stand: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void put_file(const struct stand *s, const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		stand_die("%s: %s", path, strerror(errno));
	close(fd);
}

/* ---- programs ------------------------------------------------------------------------------------------------------ */

/* What refuses memory is beside the other shim. */
static void set_preload(const struct fault *f)
{
	const char *slash = strrchr(place_shim, '/');
	char path[512];

	if (!f->how || strncmp(f->how, "memory", 6) != 0) {
		setenv("LD_PRELOAD", place_shim, 1);
		return;
	}
	snprintf(path, sizeof(path), "%.*s/libmemory.so", (int)(slash - place_shim), place_shim);
	setenv("LD_PRELOAD", path, 1);
}

static void set_fault(const struct stand *s, const struct fault *f)
{
	char trace[128];

	snprintf(trace, sizeof(trace), "%s/trace", s->dir);
	set_preload(f);
	setenv("FAULT_PROGRAM", "pilothouse-engine", 1);
	if (f->at) {
		unlink(trace);
		setenv("FAULT_COUNTFILE", trace, 1);
	}
	if (s->pace)
		setenv("FAULT_SPEED", s->pace, 1);
	setenv("FAULT_AT", f->at ? f->at : "0", 1);
	setenv("FAULT_DO", f->how ? f->how : "", 1);
	setenv("FAULT_ON", f->on ? f->on : "", 1);
	setenv("FAULT_PATH", f->path ? f->path : "", 1);
	if (f->diary)
		setenv("FAULT_DIARY", f->diary, 1);
	/* a sanitized program wants its runtime first; what is preloaded here replaces no allocator */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
}

static pid_t start(const struct stand *s, const char *const *argv, const struct fault *f, int out, int err)
{
	static const struct fault none;
	pid_t pid = fork();

	if (pid < 0)
		stand_die("fork: %s", strerror(errno));
	if (pid)
		return pid;
	/* a drill that outlives its test holds the pipe that the test's own runner reads to the end */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out, 1);
	if (err >= 0)
		dup2(err, 2);
	setenv("XDG_RUNTIME_DIR", s->dir, 1);
	setenv("HOME", s->dir, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("GH_TOKEN");
	unsetenv("GITHUB_TOKEN");
	if (f || s->pace)
		set_fault(s, f ? f : &none);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Reads both until both ended or the limit is over. */
static bool drain(int out, int err, struct ran *r)
{
	struct pollfd p[2] = { { out, POLLIN, 0 }, { err, POLLIN, 0 } };
	struct buf *to[2] = { &r->out, &r->err };
	char chunk[16384];

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, LIMIT_MS) <= 0)
			return false;
		for (int i = 0; i < 2; i++) {
			ssize_t n = p[i].revents ? read(p[i].fd, chunk, sizeof(chunk)) : -1;

			if (n > 0)
				buf_add(to[i], chunk, (size_t)n);
			else if (p[i].revents)
				p[i].fd = -1;
		}
	}
	return true;
}

static int status_of(int w)
{
	return WIFEXITED(w) ? WEXITSTATUS(w) : 128 + WTERMSIG(w);
}

void stand_run(struct stand *s, struct ran *r, const struct fault *fault, const char *const *words)
{
	char program[512], token[128], state[128], root[128];
	const char *argv[40] = { program, "--api",     s->api,     "--token-file", token, "--state-dir",
				 state,   "--profile", s->profile, "--interval",   "1",   "--json" };
	size_t n = 12;
	int out[2], err[2], w = 0;

	snprintf(program, sizeof(program), "%s/pilothouse", place_bin);
	snprintf(token, sizeof(token), "%s/token", s->dir);
	snprintf(state, sizeof(state), "%s/state", s->dir);
	snprintf(root, sizeof(root), "%s/root.json", s->dir);
	if (!access(root, R_OK)) {
		argv[n++] = "--trust";
		argv[n++] = root;
	}
	if (s->registry) {
		argv[n++] = "--registry";
		argv[n++] = s->api;
	}
	while (*words && n + 1 < countof(argv))
		argv[n++] = *words++;
	*r = (struct ran){ -1, BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX) };
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		stand_die("pipe: %s", strerror(errno));
	pid_t pid = start(s, argv, fault, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (!drain(out[0], err[0], r))
		kill(pid, SIGKILL);
	waitpid(pid, &w, 0);
	r->status = status_of(w);
	close(out[0]);
	close(err[0]);
}

void ran_done(struct ran *r)
{
	buf_done(&r->out);
	buf_done(&r->err);
}

struct json *stand_ask(struct stand *s, int *status, const char *const *words)
{
	struct ran r;
	struct json *doc = NULL;

	stand_run(s, &r, NULL, words);
	*status = r.status;
	if (json_parse(&doc, r.out.s, r.out.n, OUT_MAX, NULL) < 0)
		doc = NULL;
	ran_done(&r);
	return doc;
}

/* ---- the drill ----------------------------------------------------------------------------------------------------- */

static void read_hello(struct stand *s, int from)
{
	struct buf line = BUF_INIT(65536);
	struct json *hello = NULL;
	const char *url;
	char c;

	while (read(from, &c, 1) == 1 && c != '\n')
		buf_chr(&line, c);
	if (json_parse(&hello, line.s, line.n, 65536, NULL) < 0)
		stand_die("the drill said \"%s\"", line.s);
	url = json_str(hello, "url");
	const struct json *system = json_at(json_get(hello, "repos"), 0);
	if (!json_str(system, "profile") || !json_str(system, "repo"))
		stand_die("the drill names no system");
	snprintf(s->profile, sizeof(s->profile), "%s=%s", json_str(system, "profile"),
		 json_str(system, "repo"));
	if (url)
		snprintf(s->api, sizeof(s->api), "%s", url);
	if (url && sscanf(url, "http://127.0.0.1:%d", &s->port) != 1)
		stand_die("no port in %s", url);
	json_free(hello);
	buf_done(&line);
}

/* Memory, where there is a place in it: no fault here is of the real disk, whose syncs would only be waited for. */
void stand_folder(char *out, size_t size)
{
	static const char *const places[] = { "/dev/shm", "/tmp" };

	for (size_t i = 0; i < countof(places); i++) {
		snprintf(out, size, "%s/fault-XXXXXX", places[i]);
		if (mkdtemp(out))
			return;
	}
	stand_die("%s: %s", out, strerror(errno));
}

void stand_make(struct stand *s)
{
	char path[128];

	*s = (struct stand){ 0 };
	stand_folder(s->dir, sizeof(s->dir));
	snprintf(path, sizeof(path), "%s/state", s->dir);
	mkdir(path, 0700);
	put_file(s, "token", "drill-captain\n");
}

static void open_on(struct stand *s, const char *scenario, const char *speed, bool local)
{
	char program[512], path[128], root[128];
	const char *argv[] = { program,  scenario, "--serve",    "--speed", speed,
			       "--port", "0",      "--rootfile", root,      NULL };
	int out[2];

	stand_make(s);
	if (pipe2(out, O_CLOEXEC) < 0)
		stand_die("pipe: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/s", s->dir);
	snprintf(root, sizeof(root), "%s/root.json", s->dir);
	if (local) {
		argv[5] = "--unix";
		argv[6] = path;
	}
	snprintf(program, sizeof(program), "%s/pilothouse-drill", place_bin);
	s->drill = start(s, argv, NULL, out[1], -1);
	close(out[1]);
	read_hello(s, out[0]);
	close(out[0]);
}

void stand_open(struct stand *s, const char *scenario, const char *speed)
{
	open_on(s, scenario, speed, false);
}

void stand_open_unix(struct stand *s, const char *scenario, const char *speed)
{
	open_on(s, scenario, speed, true);
}

/* The number may be an old one: only a program of that name that has our directory in its words is meant. */
pid_t stand_engine(const struct stand *s)
{
	char path[128], words[8192];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/state/engine.lock", s->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, words, sizeof(words) - 1) : 0;
	if (fd >= 0)
		close(fd);
	words[n > 0 ? n : 0] = '\0';
	pid_t pid = (pid_t)atoi(words);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = pid > 1 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	n = read(fd, words, sizeof(words) - 1);
	close(fd);
	return n > 0 && memmem(words, (size_t)n, "pilothouse-engine", 17) &&
			       memmem(words, (size_t)n, s->dir, strlen(s->dir))
		       ? pid
		       : 0;
}

void stand_end_engine(struct stand *s)
{
	pid_t pid = stand_engine(s);

	if (pid)
		kill(pid, SIGKILL);
}

void stand_remove(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *de;
	char child[512];

	while (d && (de = readdir(d))) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, de->d_name);
		if (unlink(child) < 0)
			stand_remove(child);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static void copy_file(const char *from, const char *to)
{
	char chunk[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC),
	    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n = 0;

	while (in >= 0 && out >= 0 && (n = read(in, chunk, sizeof(chunk))) > 0)
		if (write(out, chunk, (size_t)n) != n)
			stand_die("%s: %s", to, strerror(errno));
	if (in < 0 || out < 0 || n < 0)
		stand_die("%s to %s: %s", from, to, strerror(errno));
	close(in);
	close(out);
}

/* Sockets stay behind, and so does what databases make anew in shared memory when they are opened. */
void stand_copy(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *de;
	char in[512], out[512];

	(void)mkdir(to, 0700);
	while (d && (de = readdir(d))) {
		size_t n = strlen(de->d_name);

		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		snprintf(in, sizeof(in), "%s/%s", from, de->d_name);
		snprintf(out, sizeof(out), "%s/%s", to, de->d_name);
		if (de->d_type == DT_DIR)
			stand_copy(in, out);
		else if (de->d_type == DT_REG && (n < 4 || strcmp(de->d_name + n - 4, "-shm") != 0))
			copy_file(in, out);
	}
	if (d)
		closedir(d);
}

void stand_close(struct stand *s)
{
	stand_end_engine(s);
	if (s->drill) {
		kill(s->drill, SIGTERM);
		waitpid(s->drill, NULL, 0);
	}
	stand_remove(s->dir);
}

/* ---- the forge's own word ------------------------------------------------------------------------------------------ */

static int dial(const struct stand *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		stand_die("connect: %s", strerror(errno));
	return fd;
}

static void get(const struct stand *s, const char *path, struct buf *answer)
{
	char chunk[16384];
	ssize_t n;
	int fd = dial(s);

	buf_fmt(answer,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer observer\r\nUser-Agent: "
		"sweep\r\n"
		"Connection: close\r\n\r\n",
		path);
	if (send(fd, answer->s, answer->n, MSG_NOSIGNAL) != (ssize_t)answer->n)
		stand_die("send: %s", strerror(errno));
	buf_reset(answer);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(answer, chunk, (size_t)n);
	close(fd);
}

struct json *stand_get(const struct stand *s, const char *path)
{
	struct buf b = BUF_INIT(OUT_MAX);
	struct json *doc = NULL;

	get(s, path, &b);
	const char *body = strstr(b.s, "\r\n\r\n");
	if (!body || json_parse(&doc, body + 4, b.n - (size_t)(body + 4 - b.s), OUT_MAX, NULL) < 0)
		stand_die("GET %s: %.200s", path, b.s);
	buf_done(&b);
	return doc;
}

int64_t stand_requests(const struct stand *s)
{
	struct buf b = BUF_INIT(OUT_MAX);

	get(s, "/rate_limit", &b);
	const char *id = strstr(b.s, "DR11:");
	int64_t n = id ? strtoll(id + 5, NULL, 16) : -1;
	buf_done(&b);
	return n;
}

/* Seconds since 1970 on the drill's clock. */
static int64_t drill_clock(const struct stand *s)
{
	struct buf b = BUF_INIT(OUT_MAX);
	struct tm tm = { 0 };

	get(s, "/rate_limit", &b);
	const char *date = strcasestr(b.s, "\r\ndate:");
	if (!date || !strptime(date + 7, " %a, %d %b %Y %H:%M:%S GMT", &tm))
		stand_die("the drill does not say what time it is: %.200s", b.s);
	buf_done(&b);
	return timegm(&tm);
}

void stand_let_pass(const struct stand *s, int seconds)
{
	int64_t from = drill_clock(s);

	for (int i = 0; i < 100000 && drill_clock(s) - from < seconds; i++)
		;
}

long stand_trace(const struct stand *s, char *last, size_t size)
{
	char path[128], line[4352];
	long n = 0;

	snprintf(path, sizeof(path), "%s/trace", s->dir);
	last[0] = '\0';
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		n++;
		line[strcspn(line, "\n")] = '\0';
		snprintf(last, size, "%s", line);
	}
	if (f)
		fclose(f);
	return n;
}
