#include "core/engine/planfile.h"
#include "core/engine/tool.h"

#include <string.h>

#include "base/text.h"
#include "core/rules/signed.h"

/*
 * `plan show|diff|sign|verify`: no engine and no forge, for a plan is a file. A captain signs in their own session, with
 * their own agent, whoever's engine made the plan.
 */

#define SIGNERS_TEXT_MAX ((size_t)1 << 20)

/* ---- which plan ------------------------------------------------------------------------------------------------------- */

static bool is_path(const char *word)
{
	return strchr(word, '/') || strchr(word, '.');
}

static int open_plan(struct tooling *j, const char *word, struct plan_file *out, struct err *e)
{
	if (is_path(word))
		return plan_file_read(out, word, j->t->sha256, j->t->arena, e);
	return plan_file_find(out, j->t->plans_dir, word, j->t->sha256, j->t->arena, e);
}

/* A file that bears a digest as its name, and has another. */
static bool is_altered(const struct plan_file *f)
{
	const char *slash = strrchr(f->path, '/'), *name = slash ? slash + 1 : f->path;

	return strlen(name) == 64 + 5 && strspn(name, "0123456789abcdef") == 64 &&
	       strncmp(name, f->id, 64) != 0;
}

static int refused(struct tooling *j, const struct err *e)
{
	return tool_fail(j, e->kind == ERR_MISSING || e->kind == ERR_CORRUPT ? 1 : err_exit_status(e->kind),
			 e);
}

/* ---- signatures ------------------------------------------------------------------------------------------------------- */

struct checked {
	const char *file, *fingerprint, *type, *who, *why;
	const char *status; /* verified, missing (of nobody known), failed */
};
struct checks_made VEC_OF(struct checked);

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static struct when tool_now(const struct tooling *j)
{
	return clock_wall(loop_clock(j->t->loop));
}

static void check_one(struct tooling *j, const struct plan_file *f, const struct plan_signature *s,
		      const struct signers *list, struct checked *out)
{
	struct sign_key key = { .fingerprint = "", .type = "" };
	const struct signer *by;
	struct err e = ERR_INIT;
	int r = j->t->sign->ops->check(j->t->sign, s->text, s->n, f->document, f->n, &key, j->t->arena, &e);

	*out = (struct checked){ base_name(s->path), key.fingerprint, key.type, "", NULL, "failed" };
	if (r != 0) {
		out->why = r > 0 ? "it is not over this plan" : arena_strdup(j->t->arena, e.message);
		return;
	}
	by = signer_of(list, key.fingerprint, SIGN_NAMESPACE, tool_now(j));
	out->who = by && by->principals ? by->principals[0] : "";
	out->why = by ? signer_refused(by, SIGN_NAMESPACE, tool_now(j)) : "its key is in no list of signers";
	out->status = out->why ? "missing" : "verified";
}

/* An empty list when none is configured. */
static int read_signers(struct tooling *j, struct signers *out, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(SIGNERS_TEXT_MAX);
	int r = 0;

	if (!j->t->allowed_signers)
		return 0;
	r = plan_signers_read(&text, j->t->allowed_signers, e);
	return r < 0 ? r : j->t->sign->ops->signers(j->t->sign, text.s, text.n, out, j->t->arena, e);
}

static int check_all(struct tooling *j, const struct plan_file *f, struct checks_made *out, struct err *e)
{
	struct plan_signatures files = { 0 };
	struct signers list = { 0 };
	int r = read_signers(j, &list, e);

	if (r >= 0)
		r = plan_file_signatures(&files, f->path, j->t->arena, e);
	vec_each (s, &files)
		if (r >= 0)
			check_one(j, f, s, &list, vec_push(out, j->t->arena));
	return r;
}

static void checks_json(struct tooling *j, const struct checks_made *c)
{
	struct jw *w = &j->w;

	jw_open(w, '[');
	vec_each (s, c) {
		jw_open(w, '{');
		jw_kstr(w, "file", s->file);
		jw_kstr(w, "key", s->fingerprint);
		jw_kstr(w, "type", s->type);
		jw_kstr(w, "principal", s->who);
		jw_kstr(w, "status", s->status);
		jw_kstr(w, "reason", s->why);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static const char *safe(struct tooling *j, const char *s)
{
	return text_safe_dup(j->t->arena, s ? s : "", 0);
}

static void checks_text(struct tooling *j, const struct checks_made *c)
{
	vec_each (s, c)
		buf_fmt(&j->out, "  %-8s %s %s%s%s\n", s->status, *s->who ? safe(j, s->who) : "?",
			*s->fingerprint ? s->fingerprint : safe(j, s->file), s->why ? ": " : "",
			safe(j, s->why));
}

/* ---- verify ----------------------------------------------------------------------------------------------------------- */

/* At least one counts, and none is damaged or over something else. */
static const char *verdict(const struct plan_file *f, const struct checks_made *c)
{
	const char *status = "missing";

	vec_each (s, c) {
		if (!strcmp(s->status, "failed"))
			return "failed";
		if (!strcmp(s->status, "verified"))
			status = s->status;
	}
	return is_altered(f) ? "failed" : status;
}

static int do_verify(struct tooling *j)
{
	struct checks_made made = { 0 };
	struct plan_file f;
	struct err e = ERR_INIT;
	const char *status;

	if (open_plan(j, j->c.args[1], &f, &e) < 0 || check_all(j, &f, &made, &e) < 0)
		return refused(j, &e);
	status = verdict(&f, &made);
	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_kstr(&j->w, "plan_id", f.id);
		jw_kstr(&j->w, "status", status);
		jw_kstr(&j->w, "reason", is_altered(&f) ? "the file was altered" : NULL);
		jw_key(&j->w, "items");
		checks_json(j, &made);
		jw_close(&j->w, '}');
	} else {
		buf_fmt(&j->out, "%s plan %s%s\n", status, f.id,
			is_altered(&f) ? ": the file was altered, its name says another" : "");
		checks_text(j, &made);
		if (!made.n)
			buf_str(&j->out, "  nobody has signed it\n");
	}
	return tool_finish(j, strcmp(status, "verified") == 0 ? 0 : 1);
}

/* ---- show ------------------------------------------------------------------------------------------------------------- */

static void show_facts(struct tooling *j, const struct json *facts)
{
	const struct json *f;
	const char *name;

	buf_str(&j->out, "relies on\n");
	for (size_t i = 0; (f = json_member(facts, i, &name)); i++) {
		const char *state = json_str(f, "state"), *value = json_str(f, "value");

		buf_fmt(&j->out, "  %s: %s\n", safe(j, name),
			text_eq(state, "ok") ? safe(j, value && *value ? value : "nothing") : safe(j, state));
	}
}

static void show_text(struct tooling *j, const struct plan_file *f, const struct json *doc,
		      const struct checks_made *made)
{
	const struct json *requests = json_get(doc, "requests");

	buf_fmt(&j->out, "plan %s\n%s\n", f->id, safe(j, json_str(doc, "command")));
	if (json_str(doc, "sha"))
		buf_fmt(&j->out, "commit %s\n", safe(j, json_str(doc, "sha")));
	buf_fmt(&j->out, "at %s %s, profile %s %.8s\n", safe(j, json_str(doc, "api")),
		safe(j, json_str(doc, "repo")), safe(j, json_str(doc, "profile.name")),
		safe(j, json_str(doc, "profile.sha256")));
	buf_str(&j->out, "would send\n");
	for (size_t i = 0; i < json_size(requests); i++) {
		const struct json *r = json_at(requests, i);

		buf_fmt(&j->out, "  %s\n", safe(j, json_str(r, "request")));
		if (json_str(r, "body") && *json_str(r, "body"))
			buf_fmt(&j->out, "  %s\n", safe(j, json_str(r, "body")));
	}
	show_facts(j, json_get(doc, "relies_on"));
	buf_fmt(&j->out, "signatures: %zu\n", made->n);
	checks_text(j, made);
	if (json_str(doc, "confirm"))
		buf_fmt(&j->out, "to send it: %s --plan %.8s --confirm \"%s\"\n",
			safe(j, json_str(doc, "command")), f->id, safe(j, json_str(doc, "confirm")));
}

static int do_show(struct tooling *j)
{
	autofree(json) struct json *doc = NULL;
	autofree(buf) struct buf inert = BUF_INIT(12 * PLAN_DOCUMENT_MAX);
	struct checks_made made = { 0 };
	struct plan_file f;
	struct err e = ERR_INIT;

	if (open_plan(j, j->c.args[1], &f, &e) < 0 || check_all(j, &f, &made, &e) < 0 ||
	    json_parse(&doc, f.document, f.n, PLAN_DOCUMENT_MAX, &e) < 0)
		return refused(j, &e);
	if (j->t->json) {
		json_inert(&inert, f.document, f.n);
		jw_open(&j->w, '{');
		jw_kstr(&j->w, "plan_id", f.id);
		jw_kstr(&j->w, "path", f.path);
		jw_key(&j->w, "plan");
		jw_json(&j->w, inert.s);
		jw_key(&j->w, "signatures");
		checks_json(j, &made);
		jw_close(&j->w, '}');
	} else {
		show_text(j, &f, doc, &made);
	}
	return tool_finish(j, 0);
}

/* ---- diff ------------------------------------------------------------------------------------------------------------- */

static int do_diff(struct tooling *j)
{
	struct plan_lines lines = { 0 };
	struct plan_file a, b;
	struct err e = ERR_INIT;

	if (open_plan(j, j->c.args[1], &a, &e) < 0 || open_plan(j, j->c.args[2], &b, &e) < 0)
		return refused(j, &e);
	plan_diff(a.document, b.document, &lines, j->t->arena);
	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_kbool(&j->w, "same", !lines.n);
		jw_kopen(&j->w, "items", '[');
		vec_each (line, &lines)
			jw_str(&j->w, *line);
		jw_close(&j->w, ']');
		jw_close(&j->w, '}');
	} else {
		vec_each (line, &lines)
			buf_fmt(&j->out, "%s\n", safe(j, *line));
		if (!lines.n)
			buf_str(&j->out, "they are the same plan\n");
	}
	return tool_finish(j, lines.n ? 1 : 0);
}

/* ---- sign ------------------------------------------------------------------------------------------------------------- */

static bool is_meant(const struct sign_key *k, const char *word)
{
	return text_eq(k->comment, word) || text_eq(k->fingerprint, word) ||
	       (strlen(word) >= 8 && text_starts(k->fingerprint + strlen("SHA256:"), word));
}

/* The one that was named, else the only one, else the only one whose signature would count. */
static const struct sign_key *choose(struct tooling *j, const struct sign_keys *keys, struct err *e)
{
	const char *word = j->c.opt[OPT_KEY];
	const struct sign_key *one = NULL;
	struct signers list = { 0 };
	size_t fit = 0;

	if (!word && keys->n > 1 && read_signers(j, &list, NULL) < 0)
		list.n = 0;
	vec_each (k, keys) {
		bool fits = word ? is_meant(k, word)
			    : keys->n == 1
				    ? true
				    : signer_of(&list, k->fingerprint, SIGN_NAMESPACE, tool_now(j)) != NULL;

		one = fits ? k : one;
		fit += fits;
	}
	if (fit == 1)
		return one;
	if (!keys->n)
		err_set(e, ERR_MISSING, "the agent has no key that can sign here");
	else
		err_set(e, ERR_INVALID, "%zu of the agent's %zu keys fit", fit, keys->n);
	err_hint(e, keys->n ? "name one with --key: ssh-add -l lists them" : "ssh-add one");
	return NULL;
}

static int sign_with(struct tooling *j, const struct plan_file *f, const struct sign_key *key,
		     const char **where, struct err *e)
{
	autofree(buf) struct buf armoured = BUF_INIT(2 * SIGN_MAX);
	struct sign *s = j->t->sign;
	int r = s->ops->make(s, key, f->document, f->n, &armoured, e);

	return r < 0 ? r : plan_file_sign(f->path, key->fingerprint, &armoured, where, j->t->arena, e);
}

static int do_sign(struct tooling *j)
{
	autofree(json) struct json *doc = NULL;
	struct sign_keys keys = { 0 };
	const struct sign_key *key;
	const char *where = NULL, *command;
	struct plan_file f;
	struct err e = ERR_INIT;

	if (open_plan(j, j->c.args[1], &f, &e) < 0 ||
	    json_parse(&doc, f.document, f.n, PLAN_DOCUMENT_MAX, &e) < 0)
		return refused(j, &e);
	if (is_altered(&f)) {
		err_set(&e, ERR_CORRUPT, "%s was altered: its digest is %.8s", f.path, f.id);
		return refused(j, &e);
	}
	if (j->t->sign->ops->keys(j->t->sign, &keys, j->t->arena, &e) < 0)
		return tool_fail(j, err_exit_status(e.kind), &e);
	key = choose(j, &keys, &e);
	if (!key || sign_with(j, &f, key, &where, &e) < 0)
		return tool_fail(j, err_exit_status(e.kind), &e);
	command = json_str(doc, "command");
	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_kstr(&j->w, "plan_id", f.id);
		jw_kstr(&j->w, "command", command);
		jw_kstr(&j->w, "key", key->fingerprint);
		jw_kstr(&j->w, "type", key->type);
		jw_kstr(&j->w, "signature", where);
		jw_close(&j->w, '}');
	} else {
		buf_fmt(&j->out, "signed plan %s\n  %s\n  by %s %s\n  %s\n", f.id, safe(j, command),
			key->fingerprint, safe(j, key->comment), safe(j, where));
	}
	return tool_finish(j, 0);
}

/* ---- which ------------------------------------------------------------------------------------------------------------ */

const struct tool_action *plan_action(struct tooling *j, struct err *e)
{
	static const struct tool_action actions[] = {
		[PLAN_SHOW] = { "show", " PLAN", 2, do_show },
		[PLAN_DIFF] = { "diff", " PLAN PLAN", 3, do_diff },
		[PLAN_SIGN] = { "sign", " PLAN", 2, do_sign },
		[PLAN_VERIFY] = { "verify", " PLAN", 2, do_verify },
	};
	enum plan_word word = command_plan_word(&j->c);

	if (word >= PLAN_SHOW && word < countof(actions) && j->c.n == actions[word].n)
		return &actions[word];
	err_set(e, ERR_INVALID, "plan: only show, diff, sign and verify are done without an engine");
	return NULL;
}
