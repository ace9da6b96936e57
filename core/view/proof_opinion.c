/* The same question in the words of other verifiers: lines to copy, made of what was expected, not of what was found. */
#include <string.h>

#include "base/text.h"
#include "core/command/command.h"
#include "core/view/proof.h"
#include "core/view/words.h"

bool view_shell_word(struct buf *out, const char *word)
{
	if (!text_is_safe(word))
		return false;
	command_quote(out, word);
	return true;
}

bool view_shell_option(struct buf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return true;
	buf_fmt(out, " %s=", name);
	return view_shell_word(out, value);
}

struct line {
	struct buf text;
	bool whole; /* no word was left out because it cannot be written */
};

static void add_word(struct line *l, const char *word)
{
	if (l->text.n)
		buf_chr(&l->text, ' ');
	l->whole &= view_shell_word(&l->text, word);
}

static void add_option(struct line *l, const char *name, const char *value)
{
	l->whole &= view_shell_option(&l->text, name, value);
}

/* What is no option stands last, and behind -- when it could be taken for one. */
static void add_operands(struct line *l, const char *first, const char *second)
{
	if (*first == '-' || (second && *second == '-'))
		buf_str(&l->text, " --");
	add_word(l, first);
	if (second)
		add_word(l, second);
}

/* What a step of core/rules/proof.c expected; "" the policy does not ask for it. */
static const char *expected_of(const struct proof_row *row, const char *id)
{
	for (int i = 0; i < row->steps_n; i++)
		if (text_eq(row->steps[i].id, id))
			return row->steps[i].expected;
	return "";
}

struct asked {
	const struct proof_row *row;
	bool image;        /* else a file */
	const char *thing; /* IMAGE@DIGEST, or the file */
	const char *identity, *issuer, *predicate, *repo, *ref, *runner;
	bool key; /* signed by a managed one */
	struct arena *a;
};

/* An image's name has a slash in it, an asset's never has; what stands behind its @ is a platform. */
static const char *thing_of(const struct proof_row *row, bool image, struct arena *a)
{
	if (image)
		return arena_printf(a, "%.*s@%s", (int)strcspn(row->subject, "@"), row->subject, row->digest);
	return *row->subject == '-' ? arena_printf(a, "./%s", row->subject) : row->subject;
}

static const char *bundle_file(const struct asked *q)
{
	return *q->row->evidence ? arena_printf(q->a, "%s.sigstore.json", q->row->evidence) : "";
}

static void gh_line(struct line *l, const struct asked *q)
{
	if (q->row->letter == 'R') {
		buf_str(&l->text, q->image ? "" : "gh release verify-asset");
		if (q->image)
			return;
		add_option(l, "--repo", q->repo);
		add_operands(l, q->row->release, q->thing);
		return;
	}
	if (q->key || (q->row->letter != 'P' && q->row->letter != 'S'))
		return;
	buf_str(&l->text, "gh attestation verify");
	add_option(l, "--repo", q->repo);
	add_option(l, "--cert-identity", q->identity);
	add_option(l, "--cert-oidc-issuer", q->issuer);
	add_option(l, "--source-ref", q->ref);
	add_option(l, "--predicate-type", q->predicate);
	if (text_eq(q->runner, "github-hosted"))
		buf_str(&l->text, " --deny-self-hosted-runners");
	add_operands(l, q->image ? arena_printf(q->a, "oci://%s", q->thing) : q->thing, NULL);
}

static void cosign_line(struct line *l, const struct asked *q)
{
	bool signature = q->row->letter == 'G', statement = q->row->letter == 'P' || q->row->letter == 'S';

	if (!signature && !statement)
		return;
	buf_fmt(&l->text, "cosign verify%s%s", q->image ? "" : "-blob", statement ? "-attestation" : "");
	if (!q->image)
		add_option(l, "--bundle", bundle_file(q));
	if (q->key)
		buf_str(&l->text, " --key=KEY.pem");
	add_option(l, "--certificate-identity", q->identity);
	add_option(l, "--certificate-oidc-issuer", q->issuer);
	if (statement)
		add_option(l, "--type", q->predicate);
	add_operands(l, q->thing, NULL);
}

static const char *note_of(const struct asked *q, bool gh)
{
	if (!q->image && gh)
		return "the file must be here: gh release download";
	if (!gh && q->key)
		return "KEY.pem: the key that the profile names";
	if (!q->image)
		return "the file and its bundle must be here: pilothouse proof export";
	return gh ? "" : "asks the registry itself";
}

static void ask(struct proof_opinion *out, const struct asked *q, bool gh)
{
	struct line l = { .text = BUF_INIT(16384), .whole = true };

	(gh ? gh_line : cosign_line)(&l, q);
	*out = (struct proof_opinion){ .tool = gh ? "gh" : "cosign", .line = "", .note = "" };
	if (!l.text.n)
		out->note = "this program has no verb for it";
	else if (!l.whole || l.text.over)
		out->note = "a name here cannot be written in a shell's line";
	else if (!*q->identity && !q->key && !gh)
		out->note = "no identity is expected by the policy: this program asks for one";
	else {
		out->line = arena_strdup(q->a, l.text.s);
		out->note = note_of(q, gh);
	}
	buf_done(&l.text);
}

void view_proof_opinions(struct proof_opinion out[PROOF_OPINIONS], const struct proof_row *row,
			 const char *repo, struct arena *a)
{
	bool image = strchr(row->subject, '/') != NULL;
	const struct asked q = {
		.row = row,
		.image = image,
		.thing = thing_of(row, image, a),
		.identity = expected_of(row, "S8.identity"),
		.issuer = expected_of(row, "S8.issuer"),
		.predicate = expected_of(row, "S9.predicate"),
		.runner = expected_of(row, "S8.runner"),
		.key = text_eq(expected_of(row, "S8.form"), "a managed key"),
		.ref = expected_of(row, "S8.ref"),
		.repo = repo,
		.a = a,
	};

	ask(&out[0], &q, true);
	ask(&out[1], &q, false);
}
