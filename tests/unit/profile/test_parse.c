#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "core/profile/keys.h"
#include "core/profile/profile.h"

#define HEAD "name: n\nsystem: s\nlanes:\n  - environment: prod\n    workflow: w.yml\n"
#define GO   HEAD "    start: dispatch\n    ref: main\n"

static int parse(struct profile *p, const char *text, struct arena *a, struct err *e)
{
	return profile_parse(p, "f.yml", text, strlen(text), a, e);
}

static void a_small_profile(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile p;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(parse(&p, HEAD, &a, &e), 0);
	assert_string_equal(p.title, "n");
	assert_null(p.repo);
	assert_null(p.redact);
	assert_int_equal(p.lanes.n, 1);
	assert_string_equal(p.lanes.items[0].name, "s/prod");
	assert_int_equal(p.lanes.items[0].start, START_NONE);
	assert_int_equal(p.lanes.items[0].line, 4);
	assert_string_equal(p.lanes.items[0].release_from, "sha");
	assert_false(p.lanes.items[0].production || p.lanes.items[0].rollback);
}

/* Every rule: the message with the place, and the hint where there is one. */
static const struct {
	const char *text, *message, *hint;
} refusals[] = {
	{ "", "f.yml:1:1: profile: name is missing", "" },
	{ "[]", "f.yml:1:1: profile must be a map of keys and values", "" },
	{ "name: n\nsystem: s\n", "f.yml:1:1: a profile has at least one lane", "" },
	{ "name: n\nsystem: s\nlanes: []\n", "f.yml:3:1: a profile has at least one lane", "" },
	{ "name: n\nsystem: s\nlanes: {a: b}\n", "f.yml:3:1: lanes must be a list of lane maps", "" },
	{ "name: n\nsystem: s\nlanes: [x]\n", "f.yml:3:9: lane must be a map of keys and values", "" },
	{ "name: N\nsystem: s\nlanes:\n", "f.yml:1:1: name must be lower case", "" },
	{ "name: n\nsystem: s/t\nlanes:\n", "f.yml:2:1: system must be lower case", "" },
	{ "name: n\nsystme: s\n", "f.yml:2:1: profile has no key systme", "did you mean system?" },
	{ HEAD "repo: a\n", "f.yml:6:1: a is not OWNER/NAME", "" },
	{ HEAD "repo: a/b/c\n", "f.yml:6:1: a/b/c is not OWNER/NAME", "" },
	{ HEAD "repo: ../..\n", "f.yml:6:1: ../.. is not OWNER/NAME", "" },
	{ HEAD "redact: token\n", "f.yml:6:1: redact must be a list of texts", "" },
	{ HEAD "redact: [a, [b]]\n", "f.yml:6:13: redact must be a list of texts", "" },
	{ HEAD "redact: [a, '']\n", "f.yml:6:13: redact must be a list of texts", "" },
	{ HEAD "  - environment: prod\n    workflow: w.yml\n",
	  "f.yml:6:5: prod is here twice, first in line 4", "" },
	{ "name: n\nsystem: s\nlanes:\n  - environment: prod\n", "f.yml:4:5: lane: workflow is missing", "" },
	{ HEAD "    workflw: x\n", "f.yml:6:5: lane has no key workflw", "did you mean workflow?" },
	{ HEAD "    production: yes\n", "f.yml:6:5: production is neither true nor false", "" },
	{ HEAD "    start: dispach\n", "f.yml:6:5: start cannot be dispach", "did you mean dispatch?" },
	{ HEAD "    start: dispatch\n", "f.yml:4:5: lane: start: dispatch needs a ref", "" },
	{ HEAD "    ref: main\n", "f.yml:6:5: ref needs start: dispatch", "" },
	{ HEAD "    start: dispatch\n    ref: -x\n", "f.yml:7:5: ref must be a branch, a tag or {release}",
	  "" },
	{ HEAD "    start: dispatch\n    ref: v{release}\n", "f.yml:7:5: ref must be", "" },
	{ HEAD "    inputs: [{name: a}]\n", "f.yml:6:5: inputs need start: dispatch", "" },
	{ GO "    inputs: [{value: a}]\n", "f.yml:8:14: input: name is missing", "" },
	{ GO "    inputs: [{name: a=b}]\n", "f.yml:8:15: a=b is no name of an input", "" },
	{ GO "    inputs: [{name: a}, {name: a}]\n", "f.yml:8:26: a is here twice", "" },
	{ GO "    inputs: [{name: a, value: x, pattern: v*}]\n",
	  "f.yml:8:24: x does not match the pattern v*", "" },
	{ GO "    inputs: [{name: a, value: '{tag}'}]\n", "f.yml:8:24: {tag} is no placeholder here",
	  "known are {release} {sha} {nonce} {ref}" },
	{ GO "    inputs: [{name: a, value: 'x}'}]\n", "f.yml:8:24: } is no placeholder here", "" },
	{ GO "    inputs: [{name: a, value: '{{sha}}'}]\n", "f.yml:8:24: {{ is no placeholder", "" },
	{ GO "    inputs: [{name: a, vlaue: x}]\n", "f.yml:8:24: input has no key vlaue",
	  "did you mean value?" },
	{ GO "    release_input: tag\n", "f.yml:8:5: tag is not among the inputs", "" },
	{ HEAD "    rollback: dispatch\n", "f.yml:6:5: rollback needs start: dispatch", "" },
	{ GO "    rollback: dispatch\n", "f.yml:8:5: rollback needs a release_input", "" },
	{ HEAD "    needs: [{kind: other}]\n", "f.yml:6:14: need: kind must be release or asset", "" },
	{ HEAD "    needs: [{name: x}]\n", "f.yml:6:13: need: kind must be release or asset", "" },
	{ HEAD "    needs: [{kind: aset}]\n", "f.yml:6:14: kind cannot be aset", "did you mean asset?" },
	{ HEAD "    needs: [{kind: asset}]\n", "f.yml:6:13: need: name is missing", "" },
	{ HEAD "    needs: [{kind: asset, name: x}]\n", "f.yml:6:13: asset x: files is missing", "" },
	{ HEAD "    needs: [{kind: asset, name: x, files: []}]\n", "f.yml:6:36: asset x: files is missing",
	  "" },
	{ HEAD "    needs: [{kind: asset, name: x, files: ['{sha}']}]\n",
	  "f.yml:6:44: {sha} is no placeholder here", "only {release} may stand here" },
	{ HEAD "    needs: [{kind: asset, name: x, files: [a/b]}]\n",
	  "f.yml:6:44: a/b is no name of an asset", "" },
	{ HEAD "    needs: [{kind: release, files: [a]}]\n",
	  "f.yml:6:29: a release has no name and no files here", "" },
	{ HEAD "    needs: [{kind: release, fix: '{nonce}'}]\n", "f.yml:6:29: {nonce} is no placeholder",
	  "" },
	{ HEAD "    stages: [{name: a}]\n", "f.yml:6:14: stage a: jobs is missing", "" },
	{ HEAD "    stages: [{name: a, jobs: []}]\n", "f.yml:6:24: stage a: jobs is missing", "" },
	{ HEAD "    stages: [{name: a, jobs: [x]}, {name: a, jobs: [y]}]\n", "f.yml:6:37: a is here twice",
	  "" },
	{ HEAD "    follows: [{workflow: a}]\n", "f.yml:6:16: a is no workflow file", "" },
	{ "name: n\nsystem: s\nlanes: [{environment: prod, workflow: a/w.yml}]\n",
	  "f.yml:3:29: a/w.yml is no workflow file", "" },
	{ "name: n\nsystem: s\nlanes: [{environment: Prod, workflow: w.yml}]\n",
	  "f.yml:3:10: environment must be lower case", "" },
	{ HEAD "    exclusive: [w.yml, x]\n", "f.yml:6:24: x is no workflow file", "" },
	{ HEAD "    lock_group: x-{ref}\n", "f.yml:6:5: {ref} is no placeholder here", "" },
	{ HEAD "    skipped_words: x\n", "f.yml:6:5: skipped_words needs skipped_means", "" },
	{ HEAD "    release_from: tag\n", "f.yml:6:5: release_from must be input, branch or sha", "" },
	{ HEAD "    release_from: input\n", "f.yml:6:5: release_from: input needs a release_title", "" },
	{ HEAD "    release_title: Rollout\n", "f.yml:6:5: release_title must hold {release} once", "" },
	{ HEAD "    release_title: '{release} {release}'\n", "f.yml:6:5: release_title must hold", "" },
	{ HEAD "    release_title: '{sha}'\n", "f.yml:6:5: {sha} is no placeholder here", "" },
	{ HEAD "    poll_ms: 10\n", "f.yml:6:5: poll_ms must be between 1000 and 86400000", "" },
	{ HEAD "    poll_ms: 1s\n", "f.yml:6:5: poll_ms is no whole number", "" },
	{ HEAD "    stale_ms: -1\n", "f.yml:6:5: stale_ms must be between", "" },
	/* hostile text */
	{ "name: &a n\nsystem: *a\n", "f.yml:1:7: anchors are not allowed", "" },
	{ "name: n\nname: m\n", "f.yml:2:1: name is here twice", "" },
	{ "name: !!binary n\n", "f.yml:1:7: tags are not allowed", "" },
	{ "name: \"a\\0b\"\n", "f.yml:1:7: a NUL in a string", "" },
	{ "? [a]\n: b\n", "f.yml:1:3: a key must be text", "" },
	{ "name: n\n---\nname: m\n", "f.yml:2:1: a second document", "" },
	{ "name: \"\\e[2J\"\nsystem: s\nlanes:\n", "f.yml:1:1: name must be lower case", "" },
	{ "name: \xff\n", "f.yml:1:", "" },
	{ "{", "f.yml:", "" },
};

static void refusals_name_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refusals); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct profile p;
		struct err e = ERR_INIT;

		if (parse(&p, refusals[i].text, &a, &e) != -ERR_INVALID)
			fail_msg("%s was taken", refusals[i].text);
		if (!text_starts(e.message, refusals[i].message))
			fail_msg("%s\n%s", refusals[i].text, e.message);
		if (!strstr(e.hint, refusals[i].hint))
			fail_msg("%s\nhint: %s", refusals[i].text, e.hint);
		assert_true(text_is_safe(e.message));
	}
}

static void lists_have_ends(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf text = BUF_INIT(1 << 20), deep = BUF_INIT(1 << 20);
	struct profile p;
	struct err e = ERR_INIT;

	(void)state;
	buf_str(&text, HEAD "redact: [");
	for (int i = 0; i < 65; i++)
		buf_fmt(&text, "x%d,", i);
	buf_str(&text, "]\n");
	assert_int_equal(parse(&p, text.s, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "f.yml:6:1: redact has more than 64 elements");
	buf_reset(&text);
	buf_str(&text, GO "    inputs:\n");
	for (int i = 0; i < 26; i++)
		buf_fmt(&text, "      - name: x%d\n", i);
	assert_int_equal(parse(&p, text.s, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "f.yml:8:5: a dispatch takes at most 25 inputs");
	buf_fill(&deep, '[', 100000);
	assert_int_equal(parse(&p, deep.s, &a, &e), -ERR_INVALID);
}

/* Each key of each section is taken where the tables say it stands, and nothing else is. */
static void write_key(struct buf *out, const struct profile_key *k)
{
	buf_fmt(out, "%s: %s\n", k->field.name, k->kind == KEY_VALUE ? "" : "[]");
}

static void every_key_is_known(void **state)
{
	size_t n;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	assert_string_equal(s[0]->name, "profile");
	for (int i = 0; i < s[0]->n; i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf text = BUF_INIT(4096);
		struct profile p;
		struct err e = ERR_INIT;

		write_key(&text, &s[0]->keys[i]);
		assert_int_equal(parse(&p, text.s, &a, &e), -ERR_INVALID);
		assert_null(strstr(e.message, "has no key"));
	}
}

static bool is_sentence(const char *s)
{
	size_t n = strlen(s);

	return n > 5 && s[n - 1] == '.' && text_is_safe(s);
}

/* The man page is printed from the same tables: every section is reached, every key says what it is. */
static void every_key_is_documented(void **state)
{
	size_t n, reached = 1;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_true(is_sentence(s[i]->doc));
		for (int k = 0; k < s[i]->n; k++) {
			const struct profile_key *key = &s[i]->keys[k];
			bool listed = key->kind != KEY_SECTION;

			if (!is_sentence(key->doc) || !*key->value)
				fail_msg("%s.%s is not documented", s[i]->name, key->field.name);
			assert_true(key->field.offset < s[i]->size);
			for (size_t j = 0; key->kind == KEY_SECTION && j < n; j++)
				listed |= s[j] == key->section;
			assert_true(listed);
			reached += key->kind == KEY_SECTION;
		}
	}
	assert_int_equal(reached, n);
}

/* A profile that uses every key is taken, so no documented key is an empty promise. */
static void every_key_works(void **state)
{
	static const char text[] =
		GO "    production: true\n    release_input: tag\n    gate: production\n    lock_group: "
		   "l-{release}\n"
		   "    exclusive: [x.yaml]\n    rollback: dispatch\n    release_from: input\n"
		   "    release_title: 'R {release}*'\n    skipped_means: b*\n    skipped_words: 'skipped: "
		   "why'\n"
		   "    poll_ms: 2000\n    stale_ms: 60000\n"
		   "    inputs: [{name: tag, value: '{release}', required: true, pattern: 'v*', contract: "
		   "true}]\n"
		   "    needs: [{kind: asset, name: x, files: ['x.{release}', x], fix: 'make {release}'}]\n"
		   "    stages: [{name: st, jobs: [a, 'b / *']}]\n"
		   "    follows: [{workflow: y.yml, name: why}]\n"
		   "title: T\nrepo: o/n\nnote: N\nredact: [a]\n";
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(65536);
	struct profile p;
	struct err e = ERR_INIT;
	const struct profile_lane *l;
	size_t n;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < s[i]->n; k++)
			if (!strstr(text, s[i]->keys[k].field.name))
				fail_msg("%s.%s is not in this test", s[i]->name, s[i]->keys[k].field.name);
	if (parse(&p, text, &a, &e) != 0)
		fail_msg("%s", e.message);
	l = &p.lanes.items[0];
	assert_true(l->production && l->rollback && l->inputs.items[0].required &&
		    l->inputs.items[0].contract);
	assert_int_equal(l->inputs.items[0].line, 20);
	assert_int_equal(l->needs.items[0].kind, NEED_ASSET);
	assert_string_equal(l->needs.items[0].files[1], "x");
	assert_null(l->needs.items[0].files[2]);
	assert_string_equal(l->exclusive[0], "x.yaml");
	assert_string_equal(l->follows.items[0].name, "why");
	assert_int_equal(l->poll_ms, 2000);
	assert_int_equal(l->stale_ms, 60000);
	assert_string_equal(p.redact[0], "a");
	assert_int_equal(profile_describe(&out, &p), 0);
	assert_non_null(strstr(out.s, "tag = {release}, required, contract"));
}

/* The page's own example is a good profile, and the page has the keys printed into it. */
static void the_example_of_the_page_works(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf page = BUF_INIT(1 << 16);
	const char *begin, *end;
	struct profile p;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(path_read(&page, PH_SOURCE_DIR "/man/pilothouse-profile.5.in", &e), 0);
	assert_non_null(strstr(page.s, "\n@PROFILE_KEYS@\n"));
	begin = strstr(page.s, ".Bd -literal");
	assert_non_null(begin);
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, ".Ed");
	assert_non_null(end);
	if (profile_parse(&p, "page", begin, (size_t)(end - begin), &a, &e) != 0)
		fail_msg("%s", e.message);
	assert_string_equal(p.lanes.items[0].name, "shop/prod");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_profile),
		cmocka_unit_test(refusals_name_the_place),
		cmocka_unit_test(lists_have_ends),
		cmocka_unit_test(every_key_is_known),
		cmocka_unit_test(every_key_is_documented),
		cmocka_unit_test(every_key_works),
		cmocka_unit_test(the_example_of_the_page_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
