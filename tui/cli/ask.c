/*
 * ask.c - verbs that the engine answers: sync, plan, log, reconcile and every act.
 *
 * The engine's answer is a JSON document with an exit status. With --json it is printed as it came; otherwise a plan, an
 * outcome, a log or a sum is printed in words. When the engine dies before it answers an act, the outcome is not known,
 * and that is what the exit status says.
 */
#include "tui/cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"
#include "core/client/client.h"
#include "core/view/plan.h"
#include "core/view/view.h"
#include "tui/cli/print.h"

#define PATIENCE_MS   1500 /* a terminal that hangs up leaves two seconds */
#define REFUSED       1    /* exit status: by a rule, or by the forge */
#define FORGE_TROUBLE 4    /* exit status: network or forge error */

struct ask {
	struct cli *cli;
	struct loop *loop;
	struct client *client; /* while it is asked */
	struct timer *patience, *quiet;
	int status;
	bool answered;
	bool interrupted; /* by a first signal */
	bool stopped;     /* the engine said that nothing was sent, nor will be */
	struct buf text;  /* the answer, kept for after the loop */
};

static void on_reply(void *ctx, const struct json *answer)
{
	struct ask *a = ctx;
	a->answered = true;
	if (answer)
		json_dump(&a->text, answer);
	loop_stop(a->loop);
}

static void on_event(void *ctx, const char *event, const char *text)
{
	struct ask *a = ctx;
	if (!strcmp(event, "notice") && !a->cli->json && isatty(2))
		cli_note(text_safe_dup(a->cli->arena, text, 0));
}

static bool is_note(const struct ask *a)
{
	return a->cli->command->info->id == CMD_NOTE;
}

/* What is confirmed, or goes at once: once the engine has it, its outcome is the engine's to tell. */
static bool is_send(const struct ask *a)
{
	const struct command *c = a->cli->command;
	return command_changes(c) && (c->opt[OPT_CONFIRM] || c->info->id == CMD_CON || is_note(a));
}

static void on_cancelled(void *ctx, const struct json *answer)
{
	struct ask *a = ctx;
	a->stopped = json_bool(answer, "result.stopped", false);
	if (a->stopped)
		loop_stop(a->loop);
}

static void out_of_patience(void *ctx)
{
	loop_stop(((struct ask *)ctx)->loop);
}

/* The engine may be stopped or stuck, and then no answer ever comes: it is for the person to go on waiting. */
static void on_quiet(void *ctx)
{
	struct ask *a = ctx;
	cli_note(is_send(a) ? "the engine has not answered for 15 s; Ctrl-C leaves it, and the outbox tells "
			      "what became "
			      "of this"
			    : "the engine has not answered for 15 s; Ctrl-C leaves it");
}

/* The first signal asks the engine to send nothing, and waits a moment for its word; the second waits for nothing. */
static void on_signal(void *ctx, int fd, unsigned events)
{
	struct ask *a = ctx;
	struct signalfd_siginfo info;
	(void)events;
	if (read(fd, &info, sizeof(info)) < 0)
		return;
	if (a->interrupted || !is_send(a) || client_cancel(a->client, on_cancelled, a, NULL) < 0) {
		loop_stop(a->loop);
		return;
	}
	a->interrupted = true;
	timer_in(a->patience, PATIENCE_MS);
}

static int ended(const struct ask *a)
{
	struct buf out = BUF_INIT(64);
	int r = 0;
	buf_str(&out, "{\"ended\":true}");
	if (a->cli->json)
		r = cli_print(&out, true);
	buf_done(&out);
	return r;
}

/* Nobody answered: interrupted, or the engine is gone. For an act that was confirmed the outcome is then not known. */
static int no_answer(struct ask *a)
{
	const struct command *c = a->cli->command;
	if (c->info->id == CMD_SYNC && !c->opt[OPT_ONCE] && !a->answered)
		return ended(a); /* `sync` polls until it is told to end */
	if (is_send(a) && !a->stopped && is_note(a))
		return cli_fail_status(a->cli, 3, "unknown",
				       "the engine was left before it said whether the note was kept",
				       "pilothouse journal lists it if it was");
	if (is_send(a) && !a->stopped)
		return cli_fail_status(a->cli, 3, "unknown",
				       "the engine was left before it said what became of this",
				       "pilothouse outbox, then pilothouse reconcile");
	if (!a->answered || a->stopped)
		return cli_fail_status(a->cli, 130, "cancelled", "interrupted; nothing was sent", "");
	return cli_fail_status(a->cli, 4, "offline", "the engine ended before it answered; nothing was sent",
			       "the engine's log says why: see pilothouse doctor");
}

/* Whether what is known already matters now: the forge could not be heard, or would not be read. */
static bool tells_age(const struct ask *a, int status)
{
	return status == FORGE_TROUBLE || (status == REFUSED && a->cli->command->info->id == CMD_SYNC);
}

/* The same document as `why LANE`. */
static void print_tree_json(struct ask *a, const struct json *result, struct buf *out)
{
	struct plan_view p;
	struct why_rows rows = { 0 };
	struct err e = ERR_INIT;
	struct when now = clock_wall(a->cli->clock);
	struct jw w;
	if (view_plan(&p, result, now, a->cli->arena, &e) < 0)
		return;
	view_why_plan(&rows, &p, a->cli->arena);
	jw_init(&w, out);
	view_why_json(&w, &rows, now);
}

/* What the engine said, and how old what is known already is when the forge could not be heard. */
static void print_document(struct ask *a, const struct json *result, const struct json *error, int status)
{
	struct buf out = BUF_INIT(a->text.max);
	int64_t age_ms;
	if (result && a->cli->as_tree && json_get(result, "checks"))
		print_tree_json(a, result, &out);
	else if (result)
		json_dump(&out, result);
	if (!result && error) {
		buf_str(&out, "{\"error\":");
		json_dump(&out, error);
		buf_chr(&out, '}');
	}
	if (error && tells_age(a, status) && out.n && out.s[out.n - 1] == '}') {
		(void)cli_age(a->cli, &age_ms);
		buf_cut(&out, out.n - 1);
		buf_str(&out, ",\"age_s\":");
		if (age_ms < 0)
			buf_str(&out, "null}");
		else
			buf_fmt(&out, "%" PRId64 "}", age_ms / 1000);
	}
	(void)cli_print(&out, true);
	buf_done(&out);
}

static void print_error(struct ask *a, const struct json *error, int status)
{
	int64_t age_ms;
	cli_fail_status(a->cli, status, "", text_safe_dup(a->cli->arena, json_str(error, "message"), 0),
			text_safe_dup(a->cli->arena, json_str(error, "fix"), 0));
	if (tells_age(a, status))
		cli_note(cli_age(a->cli, &age_ms));
}

static int print_answer(struct ask *a)
{
	autofree(json) struct json *doc = NULL;
	struct err e = ERR_INIT;
	if (json_parse(&doc, a->text.s, a->text.n, a->text.max, &e) < 0)
		return cli_fail(a->cli, &e);
	int status = (int)json_int(doc, "exit", 4);
	const struct json *error = json_get(doc, "error"), *result = json_get(doc, "result");
	if (a->cli->json) {
		print_document(a, result, error, status);
		return status;
	}
	if (result)
		cli_print_result(a->cli, result, status);
	if (error && (!result || json_type(json_get(result, "checks")) == JSON_ABSENT))
		print_error(a, error, status);
	return status;
}

/* An answer that nobody could read is no answer; what became of an act is true even so. */
static int print_kept(struct ask *a)
{
	int status = print_answer(a), lost = cli_flush();
	return status || is_send(a) ? status : lost;
}

static int open_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The words as the engine parses them again: verb, arguments, options. */
static int argv_of(struct cli *c, const char **argv, int max)
{
	const struct command *cmd = c->command;
	size_t options_n;
	const struct option_info *options = option_table(&options_n);
	int n = 0;
	argv[n++] = cmd->info->name;
	for (size_t i = 0; i < options_n; i++) {
		const struct option_info *o = &options[i];
		if (option_is_global(o) || option_repeats(o) || !cmd->opt[o->id] || n + 1 >= max)
			continue;
		argv[n++] = o->arg ? arena_printf(c->arena, "%s=%s", o->name, cmd->opt[o->id]) : o->name;
	}
	for (int i = 0; i < cmd->inputs_n && n < max; i++)
		argv[n++] = arena_printf(c->arena, "--input=%s", cmd->inputs[i]);
	argv[n++] = "--";
	for (int i = 0; i < cmd->n && n < max; i++)
		argv[n++] = cmd->args[i];
	return n;
}

static int talk(struct ask *a, struct err *e)
{
	const char *argv[64];
	autofree(client) struct client *client = NULL;
	struct client_options o = { .state_dir = a->cli->places->state_dir,
				    .socket_path = a->cli->places->socket_path,
				    .globals = a->cli->globals,
				    .own = true };
	int argc = argv_of(a->cli, argv, (int)countof(argv) - 2);
	int r = client_open(&client, a->loop, &o, on_event, a, e);
	if (r < 0)
		return r;
	r = client_ask(client, argc, argv, NULL, on_reply, a, e);
	if (r < 0)
		return r;
	a->client = client;
	if (a->cli->command->info->id != CMD_SYNC)
		timer_in(a->quiet, CLIENT_QUIET_MS);
	loop_run(a->loop);
	a->client = NULL;
	return 0;
}

int cli_ask(struct cli *c)
{
	struct ask a = { .cli = c, .loop = loop_new(c->clock), .text = BUF_INIT(8 << 20) };
	struct err e = ERR_INIT;
	int fd = open_signals();
	if (is_send(&a)) /* a reader that has gone does not take the outcome with it */
		signal(SIGPIPE, SIG_IGN);
	struct watch *w = watch_new(a.loop, fd, WATCH_READ, on_signal, &a);
	a.patience = timer_new(a.loop, out_of_patience, &a);
	a.quiet = timer_new(a.loop, on_quiet, &a);
	int r = talk(&a, &e);
	if (r < 0)
		a.status = cli_fail(c, &e);
	else
		a.status = a.text.n ? print_kept(&a) : no_answer(&a);
	watch_free(w);
	timer_free(a.patience);
	timer_free(a.quiet);
	loop_free(a.loop);
	close(fd);
	buf_done(&a.text);
	return a.status;
}
