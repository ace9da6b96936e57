#include "base/standard.h"

#include "base/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void standard_keep(void)
{
	/* open(2) takes the lowest free number, and those below are taken. It is kept over exec on purpose. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			_exit(6);
}

int standard_fail(const char *program, const struct err *e, bool json)
{
	struct buf out = BUF_INIT(4096);
	struct jw w;

	if (json) {
		jw_init(&w, &out);
		jw_open(&w, '{');
		jw_kerror(&w, err_word(e->kind), e->message, e->hint);
		jw_close(&w, '}');
		(void)puts(out.s);
	} else {
		(void)fprintf(stderr, "%s: %s%s%s\n", program, e->message, *e->hint ? "\n  " : "", e->hint);
	}
	buf_done(&out);
	return err_exit_status(e->kind);
}
