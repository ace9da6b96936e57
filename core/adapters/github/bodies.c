#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/text.h"

enum {
	MAX_INPUT_TEXT = 65536 + 4096, /* the forge takes 65,535 characters of inputs */
	MAX_INPUTS = 25,               /* github.md 1.1 */
	MAX_VARIABLE = 48 * 1024,      /* of one variable of Actions */
	MAX_FILE = 1 << 20,            /* what the contents endpoint reads back as one file */
};

/* ---- runs ----------------------------------------------------------------------------------------------------------- */

static int put_inputs(struct jw *w, const char *inputs, struct err *e)
{
	autofree(json) struct json *j = NULL;
	const char *key;
	size_t n = inputs ? strlen(inputs) : 2;
	int r;

	if (n > MAX_INPUT_TEXT)
		return err_set(e, ERR_INVALID, "the inputs take %zu bytes, the forge accepts 65535", n);
	r = json_parse(&j, inputs ? inputs : "{}", n, MAX_INPUT_TEXT, e);
	if (r < 0)
		return r;
	if (json_type(j) != JSON_OBJECT || json_size(j) > MAX_INPUTS)
		return err_set(e, ERR_INVALID, "the inputs are no object of at most %d strings",
			       (int)MAX_INPUTS);
	jw_kopen(w, "inputs", '{');
	for (size_t i = 0; i < json_size(j); i++) {
		const struct json *value = json_member(j, i, &key);

		if (json_type(value) != JSON_STRING)
			return err_set(e, ERR_INVALID, "the input %s is no string", key);
		jw_key(w, key);
		jw_raw_str(w, json_str(value, ""));
	}
	jw_close(w, '}');
	return 0;
}

int body_dispatch(struct jw *w, const struct forge_act *a, bool plain, struct err *e)
{
	int r;

	if (!a->ref || !*a->ref || !text_is_safe(a->ref))
		return err_set(e, ERR_INVALID, "a dispatch needs a plain branch or tag");
	jw_open(w, '{');
	jw_key(w, "ref");
	jw_raw_str(w, a->ref);
	r = put_inputs(w, a->inputs, e);
	if (r < 0)
		return r;
	if (!plain)
		jw_kbool(w, "return_run_details", true);
	jw_close(w, '}');
	return 0;
}

int body_review(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	if (!a->environment_ids_n)
		return err_set(e, ERR_INVALID, "a review names no environment");
	jw_open(w, '{');
	jw_kopen(w, "environment_ids", '[');
	for (size_t i = 0; i < a->environment_ids_n; i++) {
		if (a->environment_ids[i] <= 0)
			return err_set(e, ERR_INVALID, "a review names an environment without id");
		jw_int(w, a->environment_ids[i]);
	}
	jw_close(w, ']');
	jw_key(w, "state");
	jw_raw_str(w, a->approve ? "approved" : "rejected");
	jw_key(w, "comment");
	jw_raw_str(w, a->comment ? a->comment : "");
	jw_close(w, '}');
	return 0;
}

/* ---- refs and files ------------------------------------------------------------------------------------------------- */

static int need(const char *value, const char *what, struct err *e)
{
	if (value && *value)
		return 0;
	return err_set(e, ERR_INVALID, "an act on the forge lacks its %s", what);
}

static int need_sha(const char *sha, const char *what, struct err *e)
{
	size_t n = sha ? strlen(sha) : 0;

	if ((n == 40 || n == 64) && strspn(sha, "0123456789abcdef") == n)
		return 0;
	return err_set(e, ERR_INVALID, "the %s of an act is no whole commit id", what);
}

/* "heads/x", "tags/x" or ours, x such that git and every shell read it the same way. */
static int need_ref(const char *ref, struct err *e)
{
	static const char *const places[] = { "heads/", "tags/", "pilothouse/" };

	for (size_t i = 0; ref && i < countof(places); i++)
		if (text_starts(ref, places[i]) && text_is_plain_ref(ref + strlen(places[i])))
			return 0;
	return err_set(e, ERR_INVALID,
		       "\"%s\" is no plain branch (heads/...), tag (tags/...) or pilothouse/...",
		       ref ? ref : "");
}

int body_ref(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	struct buf whole = BUF_INIT(512);
	int r = need_ref(a->ref, e);

	if (r >= 0)
		r = need_sha(a->sha, "commit", e);
	if (r < 0)
		return r;
	buf_fmt(&whole, "refs/%s", a->ref);
	jw_open(w, '{');
	jw_key(w, "ref");
	jw_raw_str(w, whole.s);
	jw_key(w, "sha");
	jw_raw_str(w, a->sha);
	jw_close(w, '}');
	buf_done(&whole);
	return 0;
}

/* Never by force: what another has put there in between must not be lost. */
int body_forward(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	int r = need_ref(a->ref, e);

	if (r >= 0)
		r = need_sha(a->sha, "commit", e);
	if (r < 0)
		return r;
	jw_open(w, '{');
	jw_key(w, "sha");
	jw_raw_str(w, a->sha);
	jw_kbool(w, "force", false);
	jw_close(w, '}');
	return 0;
}

static int need_content(const char *content, struct err *e)
{
	if (!content)
		return err_set(e, ERR_INVALID, "an act on the forge lacks its content");
	if (strlen(content) > MAX_FILE)
		return err_set(e, ERR_INVALID, "a file to be written is larger than %d bytes", (int)MAX_FILE);
	return 0;
}

int body_blob(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	struct buf coded = BUF_INIT(2 * MAX_FILE);
	int r = need_content(a->content, e);

	if (r < 0)
		return r;
	text_base64(&coded, a->content, strlen(a->content));
	jw_open(w, '{');
	jw_key(w, "content");
	jw_raw_str(w, coded.s);
	jw_key(w, "encoding");
	jw_raw_str(w, "base64");
	jw_close(w, '}');
	buf_done(&coded);
	return 0;
}

static int check_tree(const struct forge_act *a, struct err *e)
{
	int r = need(a->path, "path", e);

	if (r >= 0)
		r = a->content ? need_content(a->content, e) : need_sha(a->old_sha, "blob", e);
	return r >= 0 && a->tree ? need_sha(a->tree, "tree", e) : r;
}

/* One file, beside those of the tree that it is added to. */
int body_tree(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	int r = check_tree(a, e);

	if (r < 0)
		return r;
	jw_open(w, '{');
	if (a->tree) {
		jw_key(w, "base_tree");
		jw_raw_str(w, a->tree);
	}
	jw_kopen(w, "tree", '[');
	jw_open(w, '{');
	jw_key(w, "path");
	jw_raw_str(w, a->path);
	jw_kstr(w, "mode", "100644");
	jw_kstr(w, "type", "blob");
	jw_key(w, a->content ? "content" : "sha");
	jw_raw_str(w, a->content ? a->content : a->old_sha);
	jw_close(w, '}');
	jw_close(w, ']');
	jw_close(w, '}');
	return 0;
}

int body_commit(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	int r = need(a->title, "message", e);

	if (r >= 0)
		r = need_sha(a->tree, "tree", e);
	if (r >= 0 && a->parent)
		r = need_sha(a->parent, "parent", e);
	if (r < 0)
		return r;
	jw_open(w, '{');
	jw_key(w, "message");
	jw_raw_str(w, a->title);
	jw_key(w, "tree");
	jw_raw_str(w, a->tree);
	jw_kopen(w, "parents", '[');
	if (a->parent)
		jw_raw_str(w, a->parent);
	jw_close(w, ']');
	jw_close(w, '}');
	return 0;
}

int body_no_ref(struct jw *w maybe_unused, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	return need_ref(a->ref, e);
}

static int check_file(const struct forge_act *a, struct err *e)
{
	int r = need(a->title, "message", e);

	if (r >= 0)
		r = need(a->branch, "branch", e);
	if (r >= 0 && !text_is_plain_ref(a->branch))
		r = err_set(e, ERR_INVALID, "\"%s\" is no plain branch", a->branch);
	if (r >= 0)
		r = need_content(a->content, e);
	return r >= 0 && a->old_sha ? need_sha(a->old_sha, "replaced blob", e) : r;
}

int body_file(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	struct buf coded = BUF_INIT(2 * MAX_FILE);
	int r = check_file(a, e);

	if (r < 0)
		return r;
	text_base64(&coded, a->content, strlen(a->content));
	jw_open(w, '{');
	jw_key(w, "message");
	jw_raw_str(w, a->title);
	jw_key(w, "content");
	jw_raw_str(w, coded.s);
	jw_key(w, "branch");
	jw_raw_str(w, a->branch);
	if (a->old_sha) {
		jw_key(w, "sha");
		jw_raw_str(w, a->old_sha);
	}
	jw_close(w, '}');
	buf_done(&coded);
	return 0;
}

/* ---- pull requests and labels ----------------------------------------------------------------------------------------- */

int body_pull(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	int r = need(a->title, "title", e);

	if (r >= 0)
		r = need(a->head, "head", e);
	if (r >= 0)
		r = need(a->base, "base", e);
	if (r >= 0 && (!text_is_plain_ref(a->head) || !text_is_plain_ref(a->base)))
		r = err_set(e, ERR_INVALID, "a pull request needs two plain branches");
	if (r < 0)
		return r;
	jw_open(w, '{');
	jw_key(w, "title");
	jw_raw_str(w, a->title);
	jw_key(w, "head");
	jw_raw_str(w, a->head);
	jw_key(w, "base");
	jw_raw_str(w, a->base);
	jw_key(w, "body");
	jw_raw_str(w, a->comment ? a->comment : "");
	jw_close(w, '}');
	return 0;
}

/* Without the head's commit somebody's push of a moment ago would be merged with it. */
int body_merge(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	static const char *const methods[] = { "merge", "squash", "rebase" };
	int r = need_sha(a->sha, "head", e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < countof(methods); i++) {
		if (!text_eq(a->method ? a->method : methods[0], methods[i]))
			continue;
		jw_open(w, '{');
		jw_key(w, "sha");
		jw_raw_str(w, a->sha);
		jw_key(w, "merge_method");
		jw_raw_str(w, methods[i]);
		jw_close(w, '}');
		return 0;
	}
	return err_set(e, ERR_INVALID, "\"%s\" is no way to merge (merge, squash, rebase)", a->method);
}

int body_label(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	int r = need(a->label, "label", e);

	if (r < 0)
		return r;
	jw_open(w, '{');
	jw_kopen(w, "labels", '[');
	jw_raw_str(w, a->label);
	jw_close(w, ']');
	jw_close(w, '}');
	return 0;
}

/* ---- variables ------------------------------------------------------------------------------------------------------ */

/* As the forge has them: letters, digits and _, no digit first, and none of its own (GITHUB_). */
static bool is_variable(const char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return s && *s && (*s < '0' || *s > '9') && strspn(s, allowed) == strlen(s) &&
	       !text_starts(s, "GITHUB_");
}

int body_variable(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	if (!is_variable(a->path))
		return err_set(e, ERR_INVALID, "%s is no name of a variable", a->path ? a->path : "nothing");
	if (!a->content || strlen(a->content) > MAX_VARIABLE)
		return err_set(e, ERR_INVALID, "a variable needs a value of at most %d bytes",
			       (int)MAX_VARIABLE);
	jw_open(w, '{');
	jw_key(w, "name");
	jw_raw_str(w, a->path);
	jw_key(w, "value");
	jw_raw_str(w, a->content);
	jw_close(w, '}');
	return 0;
}
