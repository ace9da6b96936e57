#include "tui/cli/cli.h"

#include <stdio.h>
#include <unistd.h>

void cli_print(const struct buf *out)
{
	fwrite(out->s, 1, out->n, stdout);
	if (!out->n || out->s[out->n - 1] != '\n')
		putchar('\n');
	fflush(stdout);
}

int cli_fail_status(const struct cli *c, int status, const char *code, const char *message, const char *fix)
{
	struct buf out = BUF_INIT(64 * 1024);
	if (c->json) {
		struct jw w;
		jw_init(&w, &out);
		jw_open(&w, '{');
		jw_key(&w, "error");
		jw_open(&w, '{');
		jw_kstr(&w, "code", code);
		jw_kstr(&w, "message", message);
		jw_kstr(&w, "fix", fix && *fix ? fix : NULL);
		jw_close(&w, '}');
		jw_close(&w, '}');
		cli_print(&out);
	} else {
		fprintf(stderr, "pilothouse: %s\n", message);
		if (fix && *fix)
			fprintf(stderr, "  %s\n", fix);
	}
	buf_done(&out);
	return status;
}

int cli_fail(const struct cli *c, const struct err *e)
{
	return cli_fail_status(c, err_exit_status(e->kind), err_word(e->kind), e->message, e->hint);
}

int cli_cache(const struct cli *c, struct store **out, int *status)
{
	struct err e = ERR_INIT;
	int r = store_open(out, c->places->cache_path, STORE_READ, &e);
	if (r == 0)
		return 0;
	if (r == STORE_ABSENT)
		*status = cli_fail_status(c, 5, "stale", "nothing was ever read from the forge here",
					  "pilothouse --profile NAME sync --once");
	else
		*status = cli_fail(c, &e);
	return -1;
}
