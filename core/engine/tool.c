#include "core/engine/tool.h"

#include "base/embed.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/command/command.h"
#include "core/profile/draft.h"
#include "core/profile/profile.h"

#include <errno.h>
#include <langinfo.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20, DOCUMENT_MAX = 4 << 20 };

/* ---- printing -------------------------------------------------------------------------------------------------------- */

static bool is_ascii_only(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

/* What people read may hold text of a file: it is made safe here, once. */
void tool_print(FILE *to, const char *s, size_t n, bool json)
{
	autofree(buf) struct buf safe = BUF_INIT(12 * n + 64);
	unsigned ascii = is_ascii_only() ? TEXT_ASCII : 0;

	if (json && ascii)
		json_ascii(&safe, s, n);
	else if (json)
		buf_add(&safe, s, n);
	else
		text_safe(&safe, s, n, (enum text_flags)(TEXT_KEEP_NEWLINES | ascii));
	if (!safe.n || safe.s[safe.n - 1] != '\n')
		buf_chr(&safe, '\n');
	fwrite(safe.s, 1, safe.n, to);
}

int tool_finish(struct tooling *j, int status)
{
	tool_print(stdout, j->out.n ? j->out.s : "", j->out.n, j->t->json);
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "pilothouse: the output could not be written: %s\n", strerror(errno));
	return err_exit_status(ERR_STORE);
}

static void write_error(struct tooling *j, const struct err *e)
{
	jw_kerror(&j->w, err_word(e->kind), e->message, e->hint);
}

int tool_fail(struct tooling *j, int status, const struct err *e)
{
	autofree(buf) struct buf line = BUF_INIT(4096);

	if (j->t->json) {
		buf_reset(&j->out);
		jw_init(&j->w, &j->out);
		jw_open(&j->w, '{');
		write_error(j, e);
		jw_close(&j->w, '}');
		return tool_finish(j, status);
	}
	buf_fmt(&line, "pilothouse: %s%s%s", e->message, e->hint[0] ? "\n  " : "", e->hint);
	tool_print(stderr, line.s, line.n, false);
	return status;
}

/* ---- list ------------------------------------------------------------------------------------------------------------- */

static void list_json(struct tooling *j, const struct profile *p)
{
	struct jw *w = &j->w;

	jw_open(w, '{');
	jw_kstr(w, "name", p->name);
	jw_kstr(w, "system", p->system);
	jw_kstr(w, "title", p->title);
	jw_kstr(w, "repo", p->repo);
	jw_kopen(w, "lanes", '[');
	vec_each (l, &p->lanes)
		jw_str(w, l->name);
	jw_close(w, ']');
	jw_close(w, '}');
}

static void list_text(struct tooling *j, const struct profile *p)
{
	buf_fmt(&j->out, "%-16s %-34s", p->name, p->repo ? p->repo : "");
	vec_each (l, &p->lanes)
		buf_fmt(&j->out, " %s", l->name);
	buf_chr(&j->out, '\n');
}

static int do_list(struct tooling *j)
{
	struct err e = ERR_INIT;

	if (j->t->json)
		jw_open(&j->w, '{'), jw_key(&j->w, "items"), jw_open(&j->w, '[');
	for (const struct embedded *f = profile_files; f->name; f++) {
		struct profile p;

		if (profile_parse(&p, f->name, f->data, f->size, j->t->arena, &e) != 0)
			return tool_fail(j, err_exit_status(e.kind), &e);
		if (j->t->json)
			list_json(j, &p);
		else
			list_text(j, &p);
	}
	if (j->t->json)
		jw_close(&j->w, ']'), jw_kwhen(&j->w, "as_of", WHEN_NONE), jw_close(&j->w, '}');
	return tool_finish(j, 0);
}

/* ---- show and check ------------------------------------------------------------------------------------------------------ */

/* The file itself is the text to read, and to copy: its comments say why. */
static int do_show(struct tooling *j)
{
	autofree(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;
	struct profile p;
	const char *file;

	if (profile_text(&text, &file, j->c.args[1], j->t->arena, &e) < 0)
		return tool_fail(j, e.kind == ERR_INVALID ? 1 : 2,
				 &e); /* no such profile; a file nobody can read */
	if (profile_parse(&p, file, text.s, text.n, j->t->arena, &e) < 0)
		return tool_fail(j, 1, &e);
	if (j->t->json)
		profile_json(&j->w, &p);
	else
		buf_add(&j->out, text.s, text.n);
	return tool_finish(j, 0);
}

/* "f.yml:4:5: what is wrong" apart; false when it does not begin so. */
static bool place_of(const char *file, const char *message, int64_t *line, int64_t *column, const char **what)
{
	size_t n = strlen(file);
	int at = 0;

	*line = *column = 0;
	*what = message;
	if (strncmp(message, file, n) != 0 ||
	    sscanf(message + n, ":%" SCNd64 ":%" SCNd64 ": %n", line, column, &at) != 2 || !at)
		return false;
	*what = message + n + at;
	return true;
}

static void check_json(struct tooling *j, const char *file, const struct profile *p, const struct err *e)
{
	int64_t line, column;
	const char *what;
	struct jw *w = &j->w;

	jw_open(w, '{');
	jw_kstr(w, "file", file);
	jw_kbool(w, "valid", !e);
	jw_kstr(w, "name", e ? NULL : p->name);
	jw_kopen(w, "items", '[');
	if (e) {
		bool placed = place_of(file, e->message, &line, &column, &what);

		jw_open(w, '{');
		jw_kstr(w, "place",
			placed ? arena_printf(j->t->arena, "%s:%" PRId64 ":%" PRId64, file, line, column)
			       : file);
		jw_kint(w, "line", line);
		jw_kint(w, "column", column);
		jw_kstr(w, "message", what);
		jw_ktext(w, "fix", e->hint);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	if (e)
		write_error(j, e);
	jw_close(w, '}');
}

static int do_check(struct tooling *j)
{
	autofree(buf) struct buf text = BUF_INIT(TEXT_MAX);
	const char *file;
	struct err e = ERR_INIT;
	struct profile p;
	int r = profile_text(&text, &file, j->c.args[1], j->t->arena, &e);

	/* A file that is being written may have any name. */
	if (r < 0 && e.kind == ERR_INVALID)
		r = path_read(&text, file, NULL);
	if (r < 0)
		return tool_fail(j, 2, &e);
	e = (struct err)ERR_INIT;
	r = profile_parse(&p, file, text.s, text.n, j->t->arena, &e);
	if (j->t->json)
		check_json(j, file, &p, r < 0 ? &e : NULL);
	else if (r < 0)
		buf_fmt(&j->out, "%s%s%s\n", e.message, e.hint[0] ? "\n  " : "", e.hint);
	else
		buf_fmt(&j->out, "%s: good: %s, %zu lane%s\n", file, p.name, p.lanes.n,
			p.lanes.n == 1 ? "" : "s");
	return tool_finish(j, r < 0 ? 1 : 0);
}

/* ---- init ---------------------------------------------------------------------------------------------------------------- */

static int read_sources(struct tooling *j, struct draft_files *files, struct err *e)
{
	const char *dir = j->c.opt[OPT_PATH];
	struct forge *forge = NULL;
	int r;

	if (dir)
		return sources_local(files, dir, j->t->arena, e);
	if (!j->t->repo) {
		err_set(e, ERR_INVALID, "no repository is named");
		return err_hint(e, "--repo OWNER/NAME, or --path DIR for one that is here");
	}
	r = j->t->open(j->t->ctx, &forge, e);
	return r < 0 ? r : sources_forge(files, forge, j->t->loop, j->t->repo, j->t->arena, e);
}

static int do_init(struct tooling *j)
{
	autofree(buf) struct buf yaml = BUF_INIT(TEXT_MAX);
	struct draft_files files = { 0 };
	struct err e = ERR_INIT;
	size_t lanes = 0;
	int r = read_sources(j, &files, &e);

	if (r < 0)
		return tool_fail(j, err_exit_status(e.kind), &e);
	r = profile_draft(&yaml, &files, j->t->repo, &lanes, j->t->arena, &e);
	if (r > 0)
		r = err_set(&e, ERR_MISSING,
			    "none of %zu workflow files starts anything that a lane could be", files.n);
	if (r < 0)
		return tool_fail(j, 1, &e);
	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_kint(&j->w, "files", (int64_t)files.n);
		jw_kint(&j->w, "lanes", (int64_t)lanes);
		jw_key(&j->w, "profile");
		jw_raw_str(&j->w, yaml.s); /* its lines are lines; what is foreign in it was made safe */
		jw_close(&j->w, '}');
	} else {
		buf_add(&j->out, yaml.s, yaml.n);
	}
	return tool_finish(j, 0);
}

/* ---- contract -------------------------------------------------------------------------------------------------------- */

static int do_contract(struct tooling *j)
{
	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_key(&j->w, "workflow");
		jw_raw_str(&j->w, contract_files[0].data);
		jw_close(&j->w, '}');
	} else {
		buf_add(&j->out, contract_files[0].data, contract_files[0].size);
	}
	return tool_finish(j, 0);
}

/* ---- which ----------------------------------------------------------------------------------------------------------------- */

static const struct tool_action actions[] = {
	{ "list", "", 1, do_list },
	{ "show", " NAME", 2, do_show },
	{ "check", " NAME-or-FILE", 2, do_check },
	{ "init", "", 1, do_init },
	{ "contract", "", 1, do_contract },
};

/* The word is one of these: it was parsed. */
static const struct tool_action *action_of(struct tooling *j, struct err *e)
{
	const struct tool_action *a = actions;

	while (strcmp(a->word, j->c.args[0]) != 0) {
		a++;
		BUG_IF(a == actions + countof(actions));
	}
	if (a->n == j->c.n && (!j->c.opt[OPT_PATH] || a->run == do_init))
		return a;
	err_set(e, ERR_INVALID, "profile %s: %s", a->word,
		a->n == j->c.n  ? "--path belongs to init"
		: j->c.n < a->n ? "a word is missing"
				: "a word too many");
	err_hint(e, "usage: pilothouse profile %s%s%s", a->word, a->args,
		 a->run == do_init ? " [--path DIR]" : "");
	return NULL;
}

static const struct {
	enum command_id id;
	const struct tool_action *(*action)(struct tooling *j, struct err *e);
} tools[] = {
	{ CMD_PROFILE, action_of },           { CMD_AUDIT, audit_action },
	{ CMD_PROOF, roots_action },          { CMD_PLAN, plan_action },
	{ CMD_VERIFY_BUNDLE, bundle_action }, { CMD_VERIFY_QUOTE, quote_action },
	{ CMD_VERIFY_TOKEN, quote_action },
};

bool tool_is(const char *word)
{
	const struct command_info *c = command_find(word);

	for (size_t i = 0; c && i < countof(tools); i++)
		if (tools[i].id == c->id)
			return true;
	return false;
}

int tool_run(struct tool *t)
{
	struct tooling j = { .t = t, .out = BUF_INIT(DOCUMENT_MAX) };
	const struct tool_action *a = NULL;
	struct err e = ERR_INIT;
	int status;

	jw_init(&j.w, &j.out);
	if (command_parse(&j.c, t->words_n, t->words, &e) == 0) {
		t->json |= j.c.opt[OPT_JSON] != NULL;
		if (j.c.opt[OPT_REPO])
			t->repo = j.c.opt[OPT_REPO];
		if (j.c.opt[OPT_MIRROR])
			t->mirror = j.c.opt[OPT_MIRROR];
		for (size_t i = 0; i < countof(tools); i++)
			if (tools[i].id == j.c.info->id)
				a = tools[i].action(&j, &e);
	}
	status = a ? a->run(&j) : tool_fail(&j, 2, &e);
	buf_done(&j.out);
	return status;
}
