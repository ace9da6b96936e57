/*
 * memory.c - preloaded into a program under test: its N-th request for memory is refused, once or from then on.
 *
 *	FAULT_PROGRAM, FAULT_AT, FAULT_COUNTFILE    as in shim.c
 *	FAULT_DO=memory | memory-forever
 *
 * The count file gets one line when the refusal happens, and one at the end or at a crash: "N what". It is a library of its own because
 * sanitizers have their own allocator, which must not be stood in front of.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static struct {
	bool on, forever;
	long at, n;
	int trace;
} shim;

static void say(const char *what)
{
	char line[320];
	int n = snprintf(line, sizeof(line), "%ld %s\n", shim.n, what);

	if (n > 0)
		syscall(SYS_write, shim.trace, line, (size_t)n);
}

static void *place_of(const ucontext_t *at)
{
#ifdef __x86_64__
	return (void *)at->uc_mcontext.gregs[REG_RIP];
#else
	(void)at;
	return NULL;
#endif
}

/* A program that is refused memory may end; that it goes on with what it did not get is the finding, and where. */
static void on_crash(int sig, siginfo_t *info, void *context)
{
	void *pc = place_of(context);
	Dl_info in = { .dli_fname = "?" };
	char what[256];

	(void)sig;
	(void)info;
	dladdr(pc, &in);
	snprintf(what, sizeof(what), "crash in %.160s+0x%tx", in.dli_fname,
		 (char *)pc - (char *)in.dli_fbase);
	say(what);
	_exit(139);
}

__attribute__((constructor)) static void shim_start(void)
{
	const char *program = getenv("FAULT_PROGRAM"), *at = getenv("FAULT_AT"), *deed = getenv("FAULT_DO"),
		   *trace = getenv("FAULT_COUNTFILE");

	if (!program || !trace || strcmp(program, program_invocation_short_name) != 0)
		return;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	shim.trace = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
	syscall(SYS_close, fd);
	shim.at = at ? strtol(at, NULL, 10) : 0;
	shim.forever = deed && strcmp(deed, "memory-forever") == 0;
	shim.on = true;
	struct sigaction crash = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &crash, NULL);
	sigaction(SIGBUS, &crash, NULL);
}

__attribute__((destructor)) static void shim_end(void)
{
	if (shim.on)
		say("end");
}

static bool refuses(void)
{
	if (!shim.on)
		return false;
	shim.n++;
	if (!shim.at || shim.n < shim.at || (shim.n > shim.at && !shim.forever))
		return false;
	if (shim.n == shim.at)
		say("memory");
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return refuses() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return refuses() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return refuses() ? NULL : __libc_realloc(p, n);
}
