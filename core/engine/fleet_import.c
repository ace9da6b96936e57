/*
 * fleet_import.c - Intel's collateral, the keys of its tokens and the root that those must lead to come in by
 * `proof import-root FILE`, as roots do.
 *
 * A certificate is the root of tokens and nothing else: Intel's root of quotes is in the program, and nobody takes its place by
 * a command. A drill's stands beside the collateral because the drill wrote it there.
 */
#include "core/engine/fleets.h"

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "core/engine/roots.h"

#include <string.h>

enum import_kind { IMPORT_NEITHER, IMPORT_COLLATERAL, IMPORT_KEYS };

static enum import_kind kind_of(const struct buf *text)
{
	autofree(json) struct json *doc = NULL;

	if (json_parse(&doc, text->s, text->n, COLLATERAL_MAX, NULL) < 0)
		return IMPORT_NEITHER;
	if (json_get(doc, "tcb_info") || json_get(doc, "tcbInfo"))
		return IMPORT_COLLATERAL;
	return json_type(json_get(doc, "keys")) == JSON_ARRAY ? IMPORT_KEYS : IMPORT_NEITHER;
}

/* The first of its ends; not known: something in it is damaged, or it is no collateral. */
static int until_of(const struct quote_ops *ops, const struct buf *text, const char *pin, struct when *out,
		    struct err *e)
{
	struct quote_collateral *c = NULL;
	int r = ops->collateral_parse(&c, text->s, text->n, *pin ? pin : NULL, e);

	if (r < 0)
		return r;
	*out = ops->collateral_until(c);
	ops->collateral_free(c);
	return 0;
}

/* A root that lies beside it stands for Intel's: drills. */
static void pin_of(const struct quote_ops *ops, const char *dir, char pin[65], struct arena *a)
{
	autofree(buf) struct buf pem = BUF_INIT(TOKEN_KEYS_MAX);
	struct err e = ERR_INIT;

	*pin = 0;
	if (path_read(&pem, path_join(a, dir, FLEET_ROOT), &e) >= 0)
		(void)!ops->root_pin(pin, pem.s, pem.n, &e);
}

static struct when until_now(const struct quote_ops *ops, const char *path, const char *pin)
{
	autofree(buf) struct buf text = BUF_INIT(COLLATERAL_MAX);
	struct when until = WHEN_NONE;
	struct err e = ERR_INIT;

	if (path_read(&text, path, &e) >= 0)
		(void)!until_of(ops, &text, pin, &until, &e);
	return until;
}

static int take_collateral(const struct fleet_importing *in, const struct buf *text, const char *path,
			   struct buf *said, struct arena *a, struct err *e)
{
	char pin[65], was_text[WHEN_TEXT], now_text[WHEN_TEXT];
	struct when until = WHEN_NONE, was;
	int r;

	pin_of(in->ops, in->dir, pin, a);
	r = until_of(in->ops, text, pin, &until, e);
	was = until_now(in->ops, path, pin);
	if (r < 0)
		return r;
	if (!when_known(until))
		return err_set(e, ERR_INVALID,
			       "the collateral is not whole: a part of it is missing or damaged");
	if (!in->force && when_diff(until, in->now) <= 0)
		r = err_set(e, ERR_CONFLICT, "the collateral ended %s", when_iso(until, now_text));
	else if (!in->force && when_known(was) && when_diff(until, was) < 0)
		r = err_set(e, ERR_CONFLICT, "the collateral ends %s, before the one that is used",
			    when_iso(until, now_text));
	if (r < 0)
		return err_hint(e, "--force takes it all the same");
	buf_fmt(said, "collateral: was %s; now until %s\n",
		when_known(was) ? arena_printf(a, "until %s", when_iso(was, was_text)) : "none",
		when_iso(until, now_text));
	return roots_write(path, text->s, text->n, a, e);
}

static int take_keys(const struct fleet_importing *in, const struct buf *text, const char *path,
		     struct buf *said, struct arena *a, struct err *e)
{
	struct token_keys *keys = NULL;
	autofree(buf) struct buf pem = BUF_INIT(TOKEN_KEYS_MAX);
	struct err none = ERR_INIT;
	bool rooted = path_read(&pem, path_join(a, in->dir, FLEET_KEYS_ROOT), &none) >= 0;
	int r = in->ops->keys_parse(&keys, text->s, text->n, rooted ? pem.s : NULL, pem.n, e);
	size_t led = r < 0 ? 0 : in->ops->keys_led(keys);

	if (r < 0)
		return r;
	in->ops->keys_free(keys);
	if (rooted && !led && !in->force) {
		err_set(e, ERR_CONFLICT, "no key of them leads to the root of tokens that was imported");
		return err_hint(e, "--force takes them all the same");
	}
	buf_str(said, rooted ? "keys of tokens: those that lead to the imported root are trusted\n"
			     : "keys of tokens: taken as they are; this file itself is what is trusted\n");
	return roots_write(path, text->s, text->n, a, e);
}

/* Keys that are here and do not lead to it would all be refused from then on. */
static int check_keys(const struct fleet_importing *in, const struct quote_root *root, struct arena *a,
		      struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(TOKEN_KEYS_MAX);
	struct token_keys *keys = NULL;
	struct err none = ERR_INIT;
	size_t led = 0;
	int r;

	if (path_read(&text, path_join(a, in->dir, FLEET_KEYS), &none) < 0)
		return 0;
	r = in->ops->keys_parse(&keys, text.s, text.n, root->pem, root->n, e);
	if (r >= 0)
		led = in->ops->keys_led(keys);
	in->ops->keys_free(keys);
	if (r < 0 || led || in->force)
		return r;
	err_set(e, ERR_CONFLICT, "no key of tokens that is here leads to it");
	return err_hint(e, "import the keys that do first, or --force takes it all the same");
}

static int take_root(const struct fleet_importing *in, const struct quote_root *root, const char *path,
		     struct buf *said, struct arena *a, struct err *e)
{
	char until[WHEN_TEXT];
	int r = 0;

	if (!strcmp(root->sha, QUOTE_INTEL_ROOT)) {
		buf_str(said, "root of quotes: Intel's is in the program, and nothing had to be taken\n");
		return 0;
	}
	if (!in->force && when_known(root->until) && when_diff(root->until, in->now) <= 0) {
		err_set(e, ERR_CONFLICT, "the root ended %s", when_iso(root->until, until));
		return err_hint(e, "--force takes it all the same");
	}
	r = check_keys(in, root, a, e);
	if (r >= 0)
		r = roots_write(path, root->pem, root->n, a, e);
	if (r >= 0)
		buf_fmt(said, "root of tokens: %s, SHA-256 %s: keys of tokens must lead to it\n",
			text_safe_dup(a, root->subject, 256), root->sha);
	return r;
}

int fleet_import(const struct fleet_importing *in, const char *path, struct buf *said, struct arena *a,
		 struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(COLLATERAL_MAX);
	int r = path_read_named(&text, "the file", path, e);
	enum import_kind kind = r < 0 ? IMPORT_NEITHER : kind_of(&text);
	struct quote_root root;

	if (r >= 0 && kind == IMPORT_NEITHER)
		r = in->ops->root_read(&root, text.s, text.n, a, e);
	if (r)
		return r;
	r = path_private_dir(in->dir, 0700, e);
	if (r < 0)
		return r;
	if (kind == IMPORT_NEITHER)
		return take_root(in, &root, path_join(a, in->dir, FLEET_KEYS_ROOT), said, a, e);
	return kind == IMPORT_KEYS
		       ? take_keys(in, &text, path_join(a, in->dir, FLEET_KEYS), said, a, e)
		       : take_collateral(in, &text, path_join(a, in->dir, FLEET_COLLATERAL), said, a, e);
}
