#include "core/engine/token_ask.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SILENCE_MS = 5000, END_MS = 1000, READS_MAX = 16, ENV_MAX = 32 };

#define ANSWER_MAX (2 * SECRET_MAX)

/* All that a helper needs to find its configuration and its keyring. */
static const char *const kept[] = { "PATH",
				    "HOME",
				    "USER",
				    "LOGNAME",
				    "LANG",
				    "LC_ALL",
				    "GH_CONFIG_DIR",
				    "XDG_CONFIG_HOME",
				    "XDG_RUNTIME_DIR",
				    "DBUS_SESSION_BUS_ADDRESS",
				    "GNUPGHOME" };
static const char *const added[] = { "GIT_TERMINAL_PROMPT=0",   "GIT_ASKPASS=/bin/false",
				     "SSH_ASKPASS=/bin/false",  "GH_PROMPT_DISABLED=1",
				     "GH_NO_UPDATE_NOTIFIER=1", "NO_COLOR=1" };

static void make_env(const char **env, struct arena *a)
{
	size_t n = 0;

	for (size_t i = 0; i < countof(kept); i++)
		if (getenv(kept[i]))
			env[n++] = arena_printf(a, "%s=%s", kept[i], getenv(kept[i]));
	for (size_t i = 0; i < countof(added); i++)
		env[n++] = added[i];
	env[n] = NULL;
}

static int spawn(pid_t *pid, const char *const *argv, int in, int out, struct arena *a)
{
	const char *env[ENV_MAX];
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	make_env(env, a);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	r = posix_spawnp(pid, argv[0], &fa, &attr, (char *const *)(uintptr_t)argv,
			 (char *const *)(uintptr_t)env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

/* Whatever it says until it ends; false when it is silent or talks too long. */
static bool hear(int fd, struct buf *out)
{
	for (int i = 0; i < READS_MAX && !out->over; i++) {
		struct pollfd p = { fd, POLLIN, 0 };
		char chunk[1024];
		ssize_t n = poll(&p, 1, SILENCE_MS) > 0 ? read(fd, chunk, sizeof(chunk)) : -1;

		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		explicit_bzero(chunk, sizeof(chunk));
		if (n <= 0)
			return n == 0;
	}
	return false;
}

/* The question goes through a socket, which raises no signal; the answer through a pipe, which loses nothing when the
 * program leaves a part of the question unread. */
struct talk {
	int ask[2], answer[2];
};

static void talk_end(struct talk *t)
{
	const int all[] = { t->ask[0], t->ask[1], t->answer[0], t->answer[1] };

	for (size_t i = 0; i < countof(all); i++)
		if (all[i] >= 0)
			close(all[i]);
}

/* It has said all, and may stay for ever: what does not end soon is ended. */
static bool ends_soon(pid_t pid)
{
	int fd = pidfd_open(pid, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	bool ended = fd >= 0 && poll(&p, 1, END_MS) > 0;

	if (fd >= 0)
		close(fd);
	return ended;
}

static bool listen_to(struct talk *t, pid_t pid, struct buf *out, const char *question)
{
	int status = 1;

	/* a program that does not read the question may still answer */
	if (*question)
		(void)!send(t->ask[0], question, strlen(question), MSG_NOSIGNAL);
	shutdown(t->ask[0], SHUT_WR);
	bool heard = hear(t->answer[0], out) && ends_soon(pid);

	if (!heard)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return heard && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* True when the program ended well; its answer is in out. */
static bool ask(struct buf *out, const char *const *argv, const char *question, struct arena *a)
{
	struct talk t = { { -1, -1 }, { -1, -1 } };
	bool good = false;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, t.ask) == 0 &&
	    pipe2(t.answer, O_CLOEXEC) == 0 && spawn(&pid, argv, t.ask[1], t.answer[1], a) == 0) {
		close(t.ask[1]);
		close(t.answer[1]);
		t.ask[1] = t.answer[1] = -1;
		good = listen_to(&t, pid, out, question);
	}
	talk_end(&t);
	return good;
}

/* The line that begins so, without what begins it; NULL none. Cut in place. */
static char *line_of(char *text, const char *start)
{
	for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (text_starts(line, start))
			return line + strlen(start);
	return NULL;
}

/* A name that could say more than a name (a blank, a new line, an option) is asked about nowhere. */
static bool may_be_asked(const char *host)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:";

	return *host && *host != '-' && *host != ':' && !host[strspn(host, name)] &&
	       !text_starts(host, "127.") && !text_starts(host, "localhost");
}

int token_ask(struct secret *out, const char *host, const char **source, struct arena *a)
{
	const char *const gh[] = { "gh", "auth", "token", "--hostname", host, NULL };
	const char *const git[] = { "git", "credential", "fill", NULL };
	const struct {
		const char *const *argv;
		const char *question, *start, *source;
	} keepers[] = { { gh, "", "", "gh auth token" },
			{ git, arena_printf(a, "protocol=https\nhost=%s\n\n", host),
			  "password=", "git credential" } };
	int r = 1;

	for (size_t i = 0; i < countof(keepers) && r && may_be_asked(host); i++) {
		struct buf answer = BUF_INIT(ANSWER_MAX);

		if (ask(&answer, keepers[i].argv, keepers[i].question, a) && answer.n) {
			const char *token = line_of(answer.s, keepers[i].start);

			/* what is no token is as good as none: it was not made for us */
			r = token && secret_set(out, token, NULL) == 0 ? 0 : 1;
			*source = keepers[i].source;
		}
		if (answer.n)
			explicit_bzero(answer.s, answer.n);
		buf_done(&answer);
	}
	return r;
}
