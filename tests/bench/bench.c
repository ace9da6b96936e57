#include "tests/bench/bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/term.h"
#include "tests/fault/stand.h"

#define REPORT_MAX (1 << 20)

void bench_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double percentile(double *v, size_t n, double p)
{
	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), ascending);
	size_t i = (size_t)(p * (double)n);
	return v[i < n ? i : n - 1];
}

double median(double *v, size_t n)
{
	return percentile(v, n, 0.5);
}

const char *number(double v, char *out, size_t size)
{
	snprintf(out, size, v >= 100 ? "%.0f" : v >= 10 ? "%.1f" : "%.2f", v);
	return out;
}

/* ---- programs ------------------------------------------------------------------------------------------------------- */

int run_words(const char *const *argv, struct buf *out)
{
	char chunk[8192];
	ssize_t n;
	int fds[2], w;

	if (pipe2(fds, O_CLOEXEC) < 0)
		bench_die("pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	close(fds[0]);
	waitpid(pid, &w, 0);
	return WIFEXITED(w) ? WEXITSTATUS(w) : 128 + WTERMSIG(w);
}

bool find_program(const char *name, char *out, size_t size)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		size_t n = strcspn(at, ":");

		snprintf(out, size, "%.*s/%s", (int)n, at, name);
		if (access(out, X_OK) == 0)
			return true;
		at += n + (at[n] == ':');
	}
	return false;
}

static bool is_here(const char *program)
{
	char path[4096];

	return find_program(program, path, sizeof(path));
}

/* ---- the rivals ----------------------------------------------------------------------------------------------------- */

/* FOLDER/FILE; lives as long as the program does. */
static const char *place(const char *folder, const char *file)
{
	size_t n = strlen(folder) + strlen(file) + 2;
	char *out = x_alloc(n);

	snprintf(out, n, "%s/%s", folder, file);
	return out;
}

static void copy_file(const char *from, const char *to)
{
	char chunk[65536];
	ssize_t n;
	int in = open(from, O_RDONLY | O_CLOEXEC),
	    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	while (in >= 0 && out >= 0 && (n = read(in, chunk, sizeof(chunk))) > 0)
		if (write(out, chunk, (size_t)n) != n)
			bench_die("%s: %s", to, strerror(errno));
	if (in < 0 || out < 0)
		bench_die("%s to %s: %s", from, to, strerror(errno));
	close(in);
	close(out);
}

/* A page of text that the pager shows: the table of mini, printed. */
static void write_table(const char *path)
{
	FILE *f = fopen(path, "we");

	for (int i = 0; f && i < 200; i++)
		fprintf(f, "  %-11d %-14s %-12s %4dm   %2d:%02d  Say which measurement was expected %d\n",
			355317 + i, i % 3 ? "easy/staging" : "theory/dev", i % 2 ? "success" : "failure",
			i * 3, i % 9, i % 60, i);
	if (!f || fclose(f))
		bench_die("%s: %s", path, strerror(errno));
}

/* The console without an engine beside it: what is measured is the console, over a cache that nobody writes. */
static void make_ground(struct bench *b)
{
	static bool made;
	char path[160], from[600];

	if (made)
		return;
	made = true;
	snprintf(path, sizeof(path), "%s/solo", b->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/solo/pilothouse", b->dir);
	snprintf(from, sizeof(from), "%s/pilothouse", b->bin);
	copy_file(from, path);
	snprintf(path, sizeof(path), "%s/table.txt", b->dir);
	write_table(path);
	fprintf(stderr, "bench: filling a cache of %ld runs ...\n", b->runs_small);
	snprintf(path, sizeof(path), "%s/small", b->dir);
	fill_cache(path, b->runs_small);
	fprintf(stderr, "bench: filling a cache of %ld runs ...\n", b->runs_large);
	snprintf(path, sizeof(path), "%s/large", b->dir);
	fill_cache(path, b->runs_large);
}

static struct rival console(const struct bench *b, const char *name, const char *state)
{
	return (struct rival){
		.name = name,
		.argv = { place(b->dir, "solo/pilothouse"), "--state-dir", state, "--profile",
			  "easyenclave" },
		.marker = "help", /* the key line ends so */
		.to_list = "2",
		.down = "j",
		.quit = "q",
	};
}

size_t rivals(struct bench *b, struct rival *out)
{
	static char source[512];
	size_t n = 0;

	make_ground(b);
	out[n++] = (struct rival){ "ncurses limit", { place(b->tools, "mini") }, "quit", "", "j", "q", NULL };
	out[n++] = console(b, "pilothouse, few runs", place(b->dir, "small"));
	out[n++] = console(b, "pilothouse, many runs", place(b->dir, "large"));
	if (is_here("less"))
		out[n++] =
			(struct rival){ "less", { "less", "table.txt" }, "table.txt", "", "j", "q", b->dir };
	if (is_here("htop"))
		out[n++] = (struct rival){ "htop", { "htop" }, "Quit", "", "\033[B", "q", NULL };
	snprintf(source, sizeof(source), "%s", PH_SOURCE_DIR);
	if (is_here("tig") && access(PH_SOURCE_DIR "/.git", R_OK) == 0)
		out[n++] =
			(struct rival){ "tig, this repository", { "tig" }, "[main]", "", "j", "Q", source };
	return n;
}

/* ---- the one command ------------------------------------------------------------------------------------------------ */

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *de;
	char child[512];

	while (d && (de = readdir(d))) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, de->d_name);
		if (unlink(child) < 0)
			remove_tree(child);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

/* How long it will take, so that whoever waits knows: seconds on a quiet machine of two processors, by what it does. */
static const struct section {
	const char *name;
	void (*run)(struct bench *b);
	double fixed, a_round, idles; /* times idle_seconds */
} sections[] = {
	{ "start", section_start, 2, 1.5, 0 },  { "keys", section_keys, 60, 0, 0 },
	{ "idle", section_idle, 20, 0, 1 },     { "queries", section_queries, 10, 0, 0 },
	{ "ingest", section_ingest, 30, 0, 0 }, { "polls", section_polls, 60, 0, 2 },
	{ "canary", section_canary, 40, 0, 0 }, { "frame", section_frame, 6, 0, 0 },
	{ "quotes", section_quotes, 5, 0, 0 },  { "fleet", section_fleet, 30, 0, 0 },
	{ "attest", section_attest, 20, 0, 0 }, { "ssh", section_ssh, 20, 25, 0 },
	{ "bytes", section_bytes, 320, 0, 0 },
};

static double seconds_of(const struct bench *b, const struct section *s)
{
	return s->fixed + s->a_round * b->rounds + s->idles * b->idle_seconds;
}

static long env_number(const char *name, long fallback)
{
	const char *s = getenv(name);

	return s && atol(s) > 0 ? atol(s) : fallback;
}

static void say_where(struct bench *b)
{
	struct utsname u;

	uname(&u);
	buf_fmt(&b->report, "%s %s, %ld processors; %ld rounds in turns, medians; %ld and %ld cached runs.\n",
		u.sysname, u.machine, sysconf(_SC_NPROCESSORS_ONLN), (long)b->rounds, b->runs_small,
		b->runs_large);
}

static bool run_sections(struct bench *b, const char *which)
{
	bool any = false;

	for (size_t i = 0; i < countof(sections); i++) {
		if (strcmp(which, "all") != 0 && strcmp(which, sections[i].name) != 0)
			continue;
		int64_t began = now_ns();
		fprintf(stderr, "bench: %s, about %.0f s ...\n", sections[i].name,
			seconds_of(b, &sections[i]));
		sections[i].run(b);
		fprintf(stderr, "bench: %s took %.0f s\n", sections[i].name,
			(double)(now_ns() - began) / 1e9);
		any = true;
	}
	return any;
}

int main(int argc, char **argv)
{
	struct bench b = { .report = BUF_INIT(REPORT_MAX) };
	char tools[512] = "", bin[600];
	ssize_t n = readlink("/proc/self/exe", tools, sizeof(tools) - 1);

	if (argc != 2 || n <= 0) {
		fprintf(stderr,
			"usage: bench "
			"all|start|keys|idle|queries|ingest|polls|canary|frame|quotes|fleet|attest|bytes|"
			"ssh\n"
			"  BENCH_RUNS=1000000 BENCH_ROUNDS=15 BENCH_IDLE=60 (s, made whole minutes) in the "
			"environment\n");
		return 2;
	}
	*strrchr(tools, '/') = '\0';
	snprintf(bin, sizeof(bin), "%s/../bin", tools);
	b.tools = tools;
	b.bin = bin;
	b.runs_small = 1000;
	b.runs_large = env_number("BENCH_RUNS", 1000000);
	b.rounds = (int)env_number("BENCH_ROUNDS", 15);
	/* what happens once a minute happens as often in the window as its length says */
	b.idle_seconds = (int)((env_number("BENCH_IDLE", 60) + 59) / 60 * 60);
	snprintf(b.dir, sizeof(b.dir), "/tmp/bench-XXXXXX");
	if (!mkdtemp(b.dir))
		bench_die("%s: %s", b.dir, strerror(errno));
	setenv("XDG_RUNTIME_DIR", b.dir, 1);
	signal(SIGPIPE, SIG_IGN);
	stand_place(bin, "");
	say_where(&b);
	bool any = run_sections(&b, argv[1]);
	remove_tree(b.dir);
	if (!any)
		bench_die("there is no section %s", argv[1]);
	fwrite(b.report.s, 1, b.report.n, stdout);
	buf_done(&b.report);
	return 0;
}
