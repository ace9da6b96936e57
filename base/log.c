#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/json.h"

#define DETAIL_MAX 2048
#define LINE_MAX_  (DETAIL_MAX * 8) /* neutralised and escaped, a byte becomes at most "\\xNN" */

/* A log that cannot be written must not stop what is being logged: errors end the line, nothing else. */
static void write_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t done = write(fd, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		s += done;
		n -= (size_t)done;
	}
}

static void line_write(const struct log *l, const char *event, const char *detail)
{
	autofree(buf) struct buf line = BUF_INIT(LINE_MAX_);
	struct jw w;

	jw_init(&w, &line);
	jw_open(&w, '{');
	jw_key(&w, "time");
	jw_when(&w, clock_wall(l->clock));
	jw_key(&w, "event");
	jw_str(&w, event);
	jw_key(&w, "detail");
	jw_str(&w, detail);
	jw_close(&w, '}');
	buf_chr(&line, '\n');
	if (!line.over)
		write_all(l->fd, line.s, line.n);
}

void log_line(const struct log *l, const char *event, const char *fmt, ...)
{
	autofree(buf) struct buf raw = BUF_INIT(SECRET_MAX + DETAIL_MAX);
	autofree(buf) struct buf clean = BUF_INIT(2 * (SECRET_MAX + DETAIL_MAX));
	va_list ap;

	if (!l || l->fd < 0)
		return;
	va_start(ap, fmt);
	buf_vfmt(&raw, fmt, ap);
	va_end(ap);
	if (raw.over)
		buf_str(&clean, "(too long for the log)");
	else
		secret_redact(&clean, raw.s, l->secret);
	/* Cut after redaction, so that no half of a secret escapes it. */
	buf_cut(&clean, DETAIL_MAX);
	line_write(l, event, clean.s);
}
