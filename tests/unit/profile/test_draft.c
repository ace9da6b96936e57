/* A first profile from workflow files: what they say is taken, what they do not say is a comment, and it can be loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/profile/draft.h"
#include "core/profile/profile.h"

static struct draft_file file(const char *name, const char *text)
{
	return (struct draft_file){ .name = name, .text = text, .n = strlen(text) };
}

/* The draft as text and as a profile. */
static size_t draft(struct buf *out, struct profile *p, const struct draft_file *list, size_t n,
		    struct arena *a)
{
	struct draft_files files = { 0 };
	struct err e = ERR_INIT;
	size_t lanes = 0;

	for (size_t i = 0; i < n; i++)
		*vec_push(&files, a) = list[i];
	buf_reset(out);
	if (profile_draft(out, &files, "acme/Tee.Shop", &lanes, a, &e) != 0)
		fail_msg("no draft: %s", e.message);
	if (profile_parse(p, "draft", out->s, out->n, a, &e) != 0)
		fail_msg("%s\n%s", e.message, out->s);
	assert_int_equal(lanes, p->lanes.n);
	return lanes;
}

static const char rollout[] =
	"name: Rollout\n"
	"run-name: Rollout ${{ inputs.release_tag }} [${{ inputs.nonce }}]\n"
	"on:\n  workflow_dispatch:\n    inputs:\n"
	"      release_tag: {required: true, default: ''}\n"
	"      size: {type: choice, options: [tiny, llm], default: tiny}\n"
	"      odd: {type: choice, options: [a], default: b}\n"
	"      shapes: {type: choice, options: [{id: 1}]}\n"
	"      force: {type: boolean, default: false}\n"
	"      count: {type: number, default: 3}\n"
	"      'bad name': {}\n"
	"      curly: {default: '{x}'}\n"
	"concurrency:\n  group: roll-${{ inputs.release_tag }}\n  cancel-in-progress: false\n"
	"jobs:\n"
	"  prepare: {runs-on: x}\n"
	"  deploy:\n    name: Deploy it\n    uses: ./.github/workflows/deploy.yml\n"
	"    environment: {name: production, url: 'https://x'}\n"
	"  test:\n    strategy: {matrix: {os: [a, b]}}\n    environment: production\n"
	"  mixed:\n    name: Check ${{ matrix.os }} on ${{ matrix.py }}\n    environment: ${{ inputs.env "
	"}}\n";

static void what_a_file_says_is_taken(void **state)
{
	const struct draft_file files[] = { file("rollout.yml", rollout) };
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	const struct profile_lane *l;
	struct profile p;

	(void)state;
	assert_int_equal(draft(&out, &p, files, 1, &a), 1);
	l = &p.lanes.items[0];
	assert_string_equal(p.name, "tee-shop");
	assert_string_equal(p.system, "tee-shop");
	assert_string_equal(p.repo, "acme/Tee.Shop");
	assert_string_equal(l->name, "tee-shop/rollout");
	assert_string_equal(l->display, "Rollout");
	assert_true(l->production && l->start == START_DISPATCH && l->rollback == BACK_DISPATCH);
	assert_string_equal(l->release_input, "release_tag");
	assert_string_equal(l->release_title, "Rollout {release} [*");
	assert_string_equal(l->gate, "production");
	assert_int_equal(l->approvals.n, 1);
	assert_string_equal(l->locks.items[0].group, "roll-{release}");
	assert_false(l->locks.items[0].cancels);
}

static void inputs_and_jobs_are_taken(void **state)
{
	static const struct {
		const char *name, *value;
		int type;
	} inputs[] = { { "release_tag", "{release}", INPUT_STRING },
		       { "size", "tiny", INPUT_CHOICE },
		       { "odd", NULL, INPUT_CHOICE },
		       { "shapes", NULL, INPUT_STRING },
		       { "force", "false", INPUT_BOOLEAN },
		       { "count", "3", INPUT_NUMBER },
		       { "curly", NULL, INPUT_STRING } };
	static const struct {
		const char *job, *stage;
	} jobs[] = { { "prepare", "prepare" },
		     { "Deploy it / deploy", "deploy" },
		     { "test (a)", "test" },
		     { "Check a on b", "mixed" } };
	const struct draft_file files[] = { file("rollout.yml", rollout) };
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	const struct profile_lane *l;
	struct profile p;

	(void)state;
	draft(&out, &p, files, 1, &a);
	l = &p.lanes.items[0];
	assert_int_equal(l->inputs.n, countof(inputs));
	for (size_t i = 0; i < countof(inputs); i++) {
		assert_string_equal(l->inputs.items[i].name, inputs[i].name);
		assert_true(text_eq(l->inputs.items[i].value, inputs[i].value));
		assert_int_equal(l->inputs.items[i].type, inputs[i].type);
	}
	for (size_t i = 0; i < countof(jobs); i++)
		assert_string_equal(profile_stage_of(l, jobs[i].job), jobs[i].stage);
}

/* Each file becomes a lane, or the reason why not. */
static void files_are_lanes_or_reasons(void **state)
{
	static const struct {
		const char *name, *text, *says;
	} cases[] = {
		{ "a.yml", "on: push\n", "start: auto" },
		{ "a.yml", "on: [push, workflow_dispatch]\n", "start: auto # it can be dispatched as well" },
		{ "a.yml", "on: {workflow_dispatch: }\n", "start: dispatch" },
		{ "a.yml", "on: workflow_dispatch\n", "start: dispatch" },
		{ "a.yml", "on: {workflow_dispatch: {inputs: [{name: x}]}}\njobs: [a]\n", "start: dispatch" },
		{ "a.yml", "on: {release: {types: [published]}}\n", "start: auto" },
		{ "a.yml", "on: workflow_call\n", "# a.yml is no lane: it is a part that others call" },
		{ "a.yml", "on: {schedule: [{cron: x}]}\n", "# a.yml is no lane: nothing that a lane has" },
		{ "a.yml", "name: x\n", "# a.yml is no lane: it has no triggers" },
		{ "a.yml", "on: [push\n", "# a.yml is no lane: a.yml:2:1: while parsing" },
		{ "a.yml", "on: &x push\n", "# a.yml is no lane: a.yml:1:5: anchors are not allowed" },
		{ "a b.yml", "on: push\n", "# a b.yml is no lane: its name is none" },
		{ "a.yml", "on: push\nconcurrency: x\n", "group: \"x\"" },
		{ "a.yml",
		  "on: push\nname: N\nconcurrency: {group: '${{ github.workflow }}-${{github.ref}}', "
		  "cancel-in-progress: true}\n",
		  "group: \"N-{ref}\"\n        cancels: true" },
		{ "a.yml", "on: push\nconcurrency: 'x-${{ env.Y }}'\n",
		  "# lock x-${{ env.Y }}: what it becomes" },
		{ "a.yml", "on: push\nconcurrency: 'x-{y}'\n", "# lock x-{y}: what it becomes" },
		{ "a.yml", "on: push\njobs: {a: {environment: live-eu}}\n", "production: true # guessed" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct draft_file files[] = { file(cases[i].name, cases[i].text),
						    file("z.yml", "on: push\n") };
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf out = BUF_INIT(1 << 20);
		struct profile p;

		draft(&out, &p, files, 2, &a);
		if (!strstr(out.s, cases[i].says))
			fail_msg("%s: %s\n%s", cases[i].text, cases[i].says, out.s);
	}
}

static void lanes_have_words_of_their_own(void **state)
{
	const struct draft_file files[] = { file("Deploy_App.yml", "on: push\n"),
					    file("deploy-app.yml", "on: push\n"),
					    file("deploy.app.yaml", "on: push\n"),
					    file("_.yml", "on: push\n") };
	static const char *const words[] = { "deploy-app", "deploy-app-2", "deploy-app-3", "lane" };
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct profile p;

	(void)state;
	assert_int_equal(draft(&out, &p, files, countof(files), &a), 4);
	for (size_t i = 0; i < countof(words); i++)
		assert_string_equal(p.lanes.items[i].environment, words[i]);
}

/* Names that are YAML, templates or escape sequences stay names. */
static void hostile_names_stay_names(void **state)
{
	static const char text[] = "name: \"\\e]0;x\\a \\\" # {release}\"\n"
				   "on: {workflow_dispatch: {inputs: {\"tag\\e[2J\": {}, \"a: b\": {}, "
				   "'x=y': {}, version: {default: \"\\\"\"}}}}\n"
				   "jobs:\n  \"\\u202ejob\": {name: \"no: [yes]\"}\n  '{': {name: '*'}\n  "
				   "\"]\": {environment: \"# off\"}\n";
	const struct draft_file files[] = { file("x.yml", text) };
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct profile p;

	(void)state;
	assert_int_equal(draft(&out, &p, files, 1, &a), 1);
	assert_null(strchr(out.s, '\x1b'));
	assert_null(strstr(out.s, "\xe2\x80\xae"));
	assert_string_equal(p.lanes.items[0].release_input, "version");
	assert_string_equal(p.lanes.items[0].gate, "# off");
	assert_string_equal(profile_stage_of(&p.lanes.items[0], "anything"), "{");
}

static void nothing_to_draft_is_told(void **state)
{
	struct draft_file none = file("x.yml", "on: workflow_call\n");
	struct draft_files files = { .items = &none, .n = 1 }, empty = { 0 };
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	size_t lanes = 9;

	(void)state;
	assert_int_equal(profile_draft(&out, &files, NULL, &lanes, &a, &e), 1);
	assert_int_equal(profile_draft(&out, &empty, NULL, &lanes, &a, &e), 1);
	assert_int_equal(lanes + out.n, 0);
}

static void there_are_limits(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf out = BUF_INIT(1 << 20), text = BUF_INIT(1 << 20);
	struct draft_file files[70];
	struct profile p;

	(void)state;
	for (size_t i = 0; i < countof(files); i++)
		files[i] = file(arena_printf(&a, "f%zu.yml", i), "on: push\n");
	assert_int_equal(draft(&out, &p, files, countof(files), &a), 64);
	buf_str(&text, "on:\n  workflow_dispatch:\n    inputs:\n");
	for (int i = 0; i < 40; i++)
		buf_fmt(&text, "      i%d: {}\n", i);
	buf_str(&text, "      tag: {}\njobs:\n");
	for (int i = 0; i < 100; i++)
		buf_fmt(&text, "  j%d: {environment: e%d}\n", i, i);
	files[0] = file("big.yml", text.s);
	draft(&out, &p, files, 1, &a);
	assert_int_equal(p.lanes.items[0].inputs.n, 25);
	assert_null(p.lanes.items[0].release_input);
	assert_int_equal(p.lanes.items[0].stages.n, 64);
	assert_int_equal(p.lanes.items[0].approvals.n, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_file_says_is_taken),  cmocka_unit_test(inputs_and_jobs_are_taken),
		cmocka_unit_test(files_are_lanes_or_reasons), cmocka_unit_test(lanes_have_words_of_their_own),
		cmocka_unit_test(hostile_names_stay_names),   cmocka_unit_test(nothing_to_draft_is_told),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
