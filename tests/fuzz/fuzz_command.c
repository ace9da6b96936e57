/* links: command */
/* Any line is split, parsed or refused in safe words; what was taken reads back as itself; completion never fails. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/command/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void read_back(const struct command *c, struct arena *a)
{
	const char *line = command_line(c, a);
	struct command again;
	const char **argv;
	int argc;

	demand(command_split(&argv, &argc, line, a, NULL) == 0);
	demand(command_parse(&again, argc, argv, NULL) == 0);
	demand(again.info == c->info && again.n == c->n && again.inputs_n == c->inputs_n);
	demand(strcmp(command_line(&again, a), line) == 0);
}

static void parse(int argc, const char **argv, struct arena *a)
{
	struct err e = ERR_INIT;
	struct command c;
	int r = command_parse(&c, argc, argv, &e);

	demand(r == 0 ||
	       (r == -ERR_INVALID && e.message[0] && text_is_safe(e.message) && text_is_safe(e.hint)));
	/* a line near the limit may grow past it by quoting */
	if (r == 0 && !c.opt[OPT_HELP] && strlen(command_line(&c, a)) < 8000)
		read_back(&c, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct command globals;
	struct words words;
	struct err e = ERR_INIT;
	const char *line = arena_strndup(&a, (const char *)data, size);
	const char **argv;
	int argc;

	command_complete(line, NULL, NULL, &words, &a);
	if (command_split(&argv, &argc, line, &a, &e) == 0) {
		int at = command_globals(&globals, argc, argv, NULL, NULL, &e);

		demand(at <= argc);
		parse(argc, argv, &a);
		if (at > 0)
			parse(argc - at, argv + at, &a);
	}
	arena_done(&a);
	return 0;
}
