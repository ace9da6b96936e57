#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/embed.h"
#include "base/json.h"
#include "base/text.h"
#include "core/model/model.h"
#include "core/profile/profile.h"
#include "tests/folder.h"

static const struct profile_lane *lane(struct profiles *set, const char *name)
{
	const struct profile *owner = NULL;
	const struct profile_lane *l = profiles_lane(set, name, &owner);

	assert_non_null(l);
	assert_true(text_starts(name, owner->system));
	return l;
}

static void load(struct profiles *set, const char *name, struct arena *a)
{
	struct err e = ERR_INIT;

	if (profile_load(set, name, a, &e) != 0)
		fail_msg("%s: %s", name, e.message);
}

static void built_in_profiles_load(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct profiles set = { 0 };
	int n = 0;

	(void)state;
	for (const struct embedded *f = profile_files; f->name; f++, n++) {
		load(&set, f->name, &a);
		assert_string_equal(set.items[set.n - 1].name, f->name);
		assert_non_null(set.items[set.n - 1].note);
	}
	assert_true(n >= 2);
}

static void overrides_and_refusals(void **state)
{
	static const struct {
		const char *name, *message, *hint;
	} cases[] = {
		{ "easyenclav", "there is no profile easyenclav",
		  "built in are cloud-delivery, easyenclave, mcp-server, release-train, theory-api" },
		{ "", "there is no profile ", "built in are" },
		{ "easyenclave=x", "--profile easyenclave=x: x is not OWNER/NAME", "" },
		{ "easyenclave=", "--profile easyenclave=:  is not OWNER/NAME", "" },
		{ "easyenclave=a/b", "two profiles have the system easy: easyenclave and easyenclave", "" },
	};
	autofree(arena) struct arena a = ARENA_INIT;
	struct profiles set = { 0 };

	(void)state;
	load(&set, "easyenclave=acme/tee", &a);
	assert_string_equal(set.items[0].repo, "acme/tee");
	for (size_t i = 0; i < countof(cases); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(profile_load(&set, cases[i].name, &a, &e), -ERR_INVALID);
		assert_string_equal(e.message, cases[i].message);
		assert_non_null(strstr(e.hint, cases[i].hint));
		assert_int_equal(set.n, 1);
	}
	assert_null(profiles_lane(&set, "easy/none", NULL));
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
}

static void files_load(void **state)
{
	static const char text[] = "name: n\nsystem: s\nlanes: [{environment: prod, workflow: w.yml}]\n";
	char dir[FOLDER_PATH];
	autofree(arena) struct arena a = ARENA_INIT;
	struct profiles set = { 0 };
	struct err e = ERR_INIT;
	const char *file;

	(void)state;
	folder_new(dir);
	file = arena_printf(&a, "%s/team.yml", dir);
	write_file(file, text);
	assert_int_equal(profile_load(&set, file, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "profile n names no repository");
	assert_non_null(strstr(e.hint, "team.yml=OWNER/NAME"));
	load(&set, arena_printf(&a, "%s=o/n", file), &a);
	assert_string_equal(set.items[0].repo, "o/n");
	write_file(file, "name: n\nsystm: s\n");
	e = (struct err)ERR_INIT;
	assert_int_equal(profile_load(&set, file, &a, &e), -ERR_INVALID);
	assert_non_null(strstr(e.message, "team.yml:2:1: profile has no key systm"));
	unlink(file);
	e = (struct err)ERR_INIT;
	assert_true(profile_load(&set, file, &a, &e) < 0);
	assert_non_null(strstr(e.message, "team.yml"));
}

static void production_of_easyenclave(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct profiles set = { 0 };
	const struct profile_words words = {
		.release = "v0.9.4", .sha = "77ab31c", .nonce = "n0", .ref = "main"
	};
	const struct profile_lane *l;

	(void)state;
	load(&set, "easyenclave", &a);
	l = lane(&set, "easy/prod");
	assert_true(l->production && l->rollback);
	assert_int_equal(l->start, START_DISPATCH);
	assert_string_equal(l->ref, "main");
	assert_string_equal(l->inputs.items[0].name, "release_tag");
	assert_string_equal(profile_expand(&a, l->inputs.items[0].value, &words), "v0.9.4");
	assert_string_equal(profile_nonce_input(l), "rc_intent");
	assert_int_equal(l->needs.n, 4);
	assert_string_equal(profile_expand(&a, l->needs.items[1].files[0], &words),
			    "trusted_values.v0.9.4.json");
	assert_string_equal(l->needs.items[3].files[1], "example-images.json");
	assert_string_equal(l->gate, "production");
	assert_int_equal(l->follows.n, 2);
	l = lane(&set, "easy/staging");
	assert_int_equal(l->start, START_AUTO);
	assert_false(l->production || l->rollback);
	assert_string_equal(
		profile_meaning_of(l, "Bootstrap staging control plane", CONCLUSION_SKIPPED)->words,
		"skipped: production active");
	assert_null(profile_meaning_of(l, "Bootstrap staging control plane", CONCLUSION_SUCCESS));
	assert_string_equal(set.items[0].redact[0], "tunnel_token");
}

/* Job names of the systems' own workflow files, and of reusable workflows as the forge shows them. */
static void jobs_have_stages(void **state)
{
	static const struct {
		const char *lane, *job, *stage;
	} cases[] = {
		{ "easy/prod", "resolve", "resolve" },
		{ "easy/prod", "Resolve production rollout config", "resolve" },
		{ "easy/prod", "Resolve trust bundle", "prerequisites" },
		{ "easy/prod", "Resolve release trust bundle", "prerequisites" },
		{ "easy/prod", "Resolve release GCP image", "prerequisites" },
		{ "easy/prod", "Resolve gcp image", "prerequisites" },
		{ "easy/prod", "Resolve example images", "prerequisites" },
		{ "easy/prod", "Bootstrap production control plane / bootstrap", "bootstrap" },
		{ "easy/prod", "dispatch-builtin-examples", "examples" },
		{ "easy/prod", "Dispatch builtin deploy examples (async)", "examples" },
		{ "easy/prod", "lint", "" },
		{ "easy/staging", "Resolve staging rollout config", "resolve" },
		{ "easy/staging", "Bootstrap staging control plane / bootstrap", "bootstrap" },
		{ "easy/staging", "Builtin deploy examples (gcp) / deploy-hello-tdx-gcp", "examples" },
		{ "gov/stage", "prepare", "prepare" },
		{ "gov/stage", "stage / deploy", "stage" },
		{ "gov/stage", "verify-stage", "slo gate" },
		{ "gov/stage", "prod-canary / deploy", "" },
		{ "gov/prod", "prod-canary / deploy", "prod-canary" },
		{ "gov/prod", "canary-verify", "canary-verify" },
		{ "gov/prod", "stage / deploy", "" },
		{ "gov/pr", "anything", "checks" },
	};
	autofree(arena) struct arena a = ARENA_INIT;
	struct profiles set = { 0 };

	(void)state;
	load(&set, "easyenclave", &a);
	load(&set, "release-train", &a);
	for (size_t i = 0; i < countof(cases); i++) {
		const char *stage = profile_stage_of(lane(&set, cases[i].lane), cases[i].job);

		if (strcmp(stage, cases[i].stage) != 0)
			fail_msg("%s: %s is in \"%s\"", cases[i].lane, cases[i].job, stage);
	}
}

static void the_train(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct profiles set = { 0 };
	const struct profile_lane *prod, *stage;

	(void)state;
	load(&set, "release-train=acme/train", &a);
	prod = lane(&set, "gov/prod");
	stage = lane(&set, "gov/stage");
	assert_string_equal(prod->workflow, stage->workflow);
	assert_true(prod->production && prod->start == START_DISPATCH && prod->rollback);
	assert_false(stage->start == START_DISPATCH || stage->production);
	assert_string_equal(prod->release_input, "ref");
	assert_string_equal(prod->inputs.items[1].value, "none");
	assert_string_equal(prod->gate, "prod");
	assert_string_equal(profile_nonce_input(prod), "rc_intent");
	assert_null(profile_nonce_input(stage));
}

static void templates(void **state)
{
	static const struct profile_words all = {
		.release = "v1", .sha = "abc", .nonce = "n", .ref = "main", .version = "1", .repo = "o/n"
	};
	static const struct profile_words full = { .sha = "0123456789abcdef0123456789abcdef01234567" };
	static const struct profile_words none = { 0 };
	static const struct {
		const char *tmpl;
		const struct profile_words *words;
		const char *text;
	} cases[] = {
		{ "plain", &none, "plain" },
		{ "", &none, "" },
		{ "{release}{sha}-{nonce}@{ref}", &all, "v1abc-n@main" },
		{ "x {release}", &none, NULL },
		{ NULL, &all, NULL },
		{ "{version} of {repo}", &all, "1 of o/n" },
		{ "@ {sha7}", &full, "@ 0123456" },
		{ "@ {sha7}", &all, NULL }, /* too short to be shortened: not another commit's name */
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;

		assert_true(text_eq(profile_expand(&a, cases[i].tmpl, cases[i].words), cases[i].text));
	}
	/* a release that looks like a placeholder is not expanded again */
	autofree(arena) struct arena a = ARENA_INIT;
	const struct profile_words odd = { .release = "{sha}", .sha = "no" };

	assert_string_equal(profile_expand(&a, "{release}", &odd), "{sha}");
}

static void releases_of_runs(void **state)
{
	static const struct {
		const char *from, *title, *branch, *sha, *release;
	} cases[] = {
		{ "Production Rollout {release}*", "Production Rollout v0.9.4", "main", "abc", "v0.9.4" },
		{ "Production Rollout {release}*", "Production Rollout v0.9.4 (rc 12ab)", "main", "abc",
		  "v0.9.4" },
		{ "Production Rollout {release}*", "Production Rollout v0.9.4: again", "main", "abc",
		  "v0.9.4" },
		{ "Production Rollout {release}*", "Production Rollout", "main", "abc", NULL },
		{ "Production Rollout {release}*", "Production Rollout \x1b[2J", "main", "abc", NULL },
		{ "Production Rollout {release}*", "Staging Rollout v1", "main", "abc", NULL },
		{ "Production Rollout {release}*", NULL, "main", "abc", NULL },
		{ "{release} to prod", "team/v1.2.3 to prod", "main", "abc", "team/v1.2.3" },
		{ "{release} to prod", "v1.2.3 to stage", "main", "abc", NULL },
		{ "R{release}-x", "Rv1-rc-x", "main", "abc", "v1-rc" },
		{ "Deploy {release}.", "Deploy v1.2.", "main", "abc", "v1.2" },
		{ "Deploy {release}*", "Deploy v1..2", "main", "abc", NULL },
		{ "Deploy {release}*", "Deploy v1/", "main", "abc", NULL },
		{ "Deploy {release}*",
		  "Deploy "
		  "v1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		  "main", "abc", NULL },
		{ "Deploy {release}*", "Deploy ../..", "main", "abc", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		const struct profile_lane l = { .release_from = "input", .release_title = cases[i].from };
		const char *r = profile_release_of(&l, cases[i].title, cases[i].branch, cases[i].sha, &a);

		if (!text_eq(r, cases[i].release))
			fail_msg("%s: %s", cases[i].title, r ? r : "(none)");
	}
}

static void releases_without_titles(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	const struct profile_lane branch = { .release_from = "branch" }, sha = { .release_from = "sha" };

	(void)state;
	assert_string_equal(profile_release_of(&branch, "t", "v1", "abc", &a), "v1");
	assert_string_equal(profile_release_of(&sha, "t", "v1", "abc", &a), "abc");
	assert_null(profile_release_of(&branch, "t", "", "abc", &a));
	assert_null(profile_release_of(&sha, "t", "v1", NULL, &a));
}

/* All that a profile says is in its document, by the keys of the file; what is foreign in it moves no cursor. */
static void documents_are_whole_and_safe(void **state)
{
	static const char text[] =
		"name: n\nsystem: s\ntitle: \"\\e]0;x\\a\"\nrepo: o/n\nnote: \"\\u202eabc\"\n"
		"lanes: [{environment: prod, workflow: w.yml, gate: \"\\e[2J\", locks: [{group: g}]}]\n";
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 18);
	autofree(json) struct json *doc = NULL;
	struct err e = ERR_INIT;
	struct profile p;
	struct jw w;

	(void)state;
	for (const struct embedded *f = profile_files; f->name; f++) {
		buf_reset(&out);
		jw_init(&w, &out);
		assert_int_equal(profile_parse(&p, f->name, f->data, f->size, &a, &e), 0);
		profile_json(&w, &p);
		assert_int_equal(json_parse(&doc, out.s, out.n, out.n, &e), 0);
		assert_int_equal(json_size(json_get(doc, "lanes")), p.lanes.n);
		json_free(doc);
		doc = NULL;
	}
	buf_reset(&out);
	jw_init(&w, &out);
	assert_int_equal(profile_parse(&p, "f", text, sizeof(text) - 1, &a, &e), 0);
	profile_json(&w, &p);
	assert_null(strchr(out.s, '\x1b'));
	assert_null(strstr(out.s, "\xe2\x80\xae"));
	assert_int_equal(json_parse(&doc, out.s, out.n, out.n, &e), 0);
	assert_int_equal(
		json_int(json_at(json_get(json_at(json_get(doc, "lanes"), 0), "locks"), 0), "queue", 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_profiles_load),
		cmocka_unit_test(overrides_and_refusals),
		cmocka_unit_test(files_load),
		cmocka_unit_test(production_of_easyenclave),
		cmocka_unit_test(jobs_have_stages),
		cmocka_unit_test(the_train),
		cmocka_unit_test(templates),
		cmocka_unit_test(releases_of_runs),
		cmocka_unit_test(releases_without_titles),
		cmocka_unit_test(documents_are_whole_and_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
