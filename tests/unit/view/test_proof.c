/* What is proved, as rows: the worst first, nothing judged again, and lines for other verifiers that a shell may be given. */
#include "tests/golden/world_fill.h"
#include "tests/golden/world_proof.h"

#include "base/path.h"
#include "base/text.h"
#include "core/view/proof.h"

#include <sys/wait.h>

static const struct when now = { WORLD_NOW };

static int setup(void **state)
{
	static struct world w;
	world_open(&w);
	world_fill(&w, WORLD_NORMAL, 4000);
	world_proof(&w, WORLD_NORMAL, 4000);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	world_close(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct proof_rows rows_of(struct world *w, const char *word)
{
	struct proof_rows v = { 0 };
	if (view_proofs(&v, w->store, word, now, &w->a, &w->e) != 0)
		fail_msg("%s: %s", word ? word : "all", w->e.message);
	return v;
}

static void worst_first(void **state)
{
	static const int order[] = { PROOF_FAILED, PROOF_MISSING,   PROOF_STALE,
				     PROOF_WARN,   PROOF_UNCHECKED, PROOF_VERIFIED };
	struct world *w = *state;
	struct proof_rows v = rows_of(w, NULL);
	assert_int_equal(v.n, 7);
	for (size_t i = 0; i < countof(order); i++)
		assert_int_equal(v.items[i].status_value, order[i]);
	assert_string_equal(v.items[0].subject, "gcp-image.v0.9.4.json");
	assert_int_equal(v.items[0].items_n, 2);
	assert_string_equal(v.items[0].reason, "ID_SAN");
	assert_string_equal(v.items[0].meaning, "somebody else signed");
	assert_string_equal(v.items[0].digest_short, "88d188d188d1");
	assert_string_equal(v.items[0].builder_short, "nightly.yml@v0.9.4");
	assert_string_equal(proof_tally_words(&v, true, &w->a), "X1 01 ~1 !1 ?1 +6");
	assert_string_equal(proof_set_words(&v.items[0], true, &w->a), "PX R+");
	assert_int_equal(v.items[4].age_ms, -1); /* never checked */
}

static void of_a_lane_or_a_release(void **state)
{
	struct world *w = *state;
	struct proof_rows v = { 0 };
	assert_int_equal(rows_of(w, "gov/prod").n, 2);
	assert_int_equal(rows_of(w, "v0.9.4").n, 5);
	assert_int_equal(rows_of(w, "mcp/prod").n, 0); /* known, and nothing is asked of it */
	assert_int_equal(rows_of(w, "v2.14.0").n, 0);  /* live, and nothing was looked at */
	assert_int_equal(view_proofs(&v, w->store, "no/lane", now, &w->a, &w->e), 1);
	assert_int_equal(v.n, 0);
}

static void a_lane_counts_them(void **state)
{
	struct world *w = *state;
	struct lane_rows v = { 0 };
	int seen = 0;
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	vec_each (l, &v) {
		const char *words = proof_count_words(l->proof, true, &w->a);
		seen += !strcmp(words, "4/4") || !strcmp(words, "3/7X");
		if (!strcmp(l->name, "mcp/prod"))
			assert_null(l->proof);
	}
	assert_int_equal(seen, 2);
}

/* What is not required is not counted; the oldest is that of what is. */
static void the_wall_counts_what_is_required(void **state)
{
	struct world *w = *state;
	struct proof_rows v = rows_of(w, NULL), none = rows_of(w, "mcp/prod");
	int worst = -1;
	assert_string_equal(proof_wall_words(&v, true, &worst, &w->a),
			    "FAILED X1 01 ~1 !1 ?1 +6, some never checked");
	assert_int_equal(worst, PROOF_FAILED);
	v.items[0].items[0].required = v.items[4].items[0].required = false;
	assert_string_equal(proof_wall_words(&v, true, &worst, &w->a), "MISSING 01 ~1 !1 +6, oldest 41m");
	assert_int_equal(worst, PROOF_MISSING);
	assert_string_equal(proof_wall_words(&none, true, &worst, &w->a), "");
}

static void a_root_has_an_age(void **state)
{
	struct world *w = *state;
	char at[WHEN_TEXT];
	assert_int_equal(rows_of(w, "gov/prod").items[0].items[0].root_age_ms, -1);
	world_setting(w, ROOT_SETTING PROOF_HEX("7007"), when_iso(world_ago(49 * HOURS), at));
	struct proof_rows v = rows_of(w, NULL);
	vec_each (row, &v)
		for (int i = 0; i < row->items_n; i++) {
			const struct proof_row *p = &row->items[i];
			assert_int_equal(p->root_age_ms, *p->root ? INT64_C(49) * HOURS : -1);
			assert_string_equal(p->root_age, *p->root ? "2d" : "");
		}
}

static const char *counted_of(struct world *w, const char *lane)
{
	struct lane_rows v = { 0 };
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	vec_each (l, &v)
		if (!strcmp(l->name, lane))
			return proof_count_words(l->proof, true, &w->a);
	fail_msg("no lane %s", lane);
	return NULL;
}

static void unlooked_at_is_not_unwanted(void **state)
{
	struct world *w = *state;
	const char *none = "nothing need be proved of mcp/prod by its profile";
	assert_string_equal(view_proof_none(w->store, "mcp/prod", &w->a), none);
	assert_string_equal(counted_of(w, "mcp/prod"), "");
	world_setting(w, TERMS_SETTING, "{\"mcp/staging\":\"strict\"}");
	assert_string_equal(view_proof_none(w->store, "mcp/prod", &w->a), none);
	assert_string_equal(view_proof_none(w->store, "mcp/staging", &w->a),
			    "mcp/staging wants proofs, and nobody has looked for them yet");
	assert_string_equal(view_proof_none(w->store, NULL, &w->a),
			    "these lanes want proofs, and nobody has looked for them yet");
	assert_string_equal(counted_of(w, "mcp/prod"), "");
	assert_string_equal(counted_of(w, "mcp/staging"), "?");
}

static const struct proof_row *opened(struct world *w, const char *lane, const char *subject,
				      const char *check)
{
	struct proof_rows v = rows_of(w, lane);
	vec_each (row, &v)
		for (int i = 0; i < row->items_n; i++)
			if (!strcmp(row->subject, subject) && !strcmp(row->items[i].check, check)) {
				assert_int_equal(view_proof_steps(row, w->store, &w->a, &w->e), 0);
				return &row->items[i];
			}
	fail_msg("no %s of %s", check, subject);
	return NULL;
}

static void steps_say_both_sides(void **state)
{
	struct world *w = *state;
	const struct proof_row *p = opened(w, "easy/prod", "gcp-image.v0.9.4.json", "provenance");
	int failed = 0;
	assert_true(p->steps_n > 10);
	for (int i = 0; i < p->steps_n; i++) {
		const struct proof_step_row *s = &p->steps[i];
		if (s->result_value != CHECKED_FAIL)
			continue;
		failed++;
		assert_string_equal(s->id, "S8.identity");
		assert_string_equal(s->reason, "ID_SAN");
		assert_non_null(strstr(s->expected, "release-gcp-image.yml"));
		assert_non_null(strstr(s->found, "nightly.yml"));
	}
	assert_int_equal(failed, 1);
}

static void why_says_what_is_not_proved(void **state)
{
	struct world *w = *state;
	struct why_rows easy = { 0 }, gov = { 0 };
	int told = 0;
	assert_int_equal(view_why(&easy, w->store, "easy/prod", now, &w->a, &w->e), 0);
	assert_int_equal(view_why(&gov, w->store, "gov/prod", now, &w->a, &w->e), 0);
	vec_each (row, &easy) {
		if (!strstr(row->text, "provenance of gcp-image.v0.9.4.json is FAILED ID_SAN: "))
			continue;
		told++;
		assert_int_equal(row->status, CHECK_BAD);
		assert_string_equal(row->source, "the forge's attestations");
		assert_non_null(strstr(row->fix, "pilothouse proof easy/prod"));
	}
	assert_int_equal(told, 1);
	vec_each (row, &gov)
		assert_null(strstr(row->text, "VERIFIED")); /* what holds is not in the way */
}

/* They ask for what was expected: what was found would always agree with itself. */
static void a_second_opinion(void **state)
{
	struct world *w = *state;
	struct proof_opinion o[PROOF_OPINIONS];
	view_proof_opinions(o, opened(w, "easy/prod", "gcp-image.v0.9.4.json", "provenance"), "acme/easy",
			    &w->a);
	assert_string_equal(
		o[0].line,
		"gh attestation verify --repo=acme/easy --cert-identity=https://github.com/acme/easy/"
		".github/workflows/release-gcp-image.yml@refs/tags/v0.9.4 --cert-oidc-issuer="
		"https://token.actions.githubusercontent.com --predicate-type="
		"https://slsa.dev/provenance/v1 --deny-self-hosted-runners gcp-image.v0.9.4.json");
	assert_null(strstr(o[1].line, "nightly.yml"));
	assert_true(text_starts(o[1].line, "cosign verify-blob-attestation --bundle=e71de71d"));
	view_proof_opinions(o, opened(w, "gov/prod", "ghcr.io/acme/summit", "signature"), "acme/gov", &w->a);
	assert_string_equal(o[0].line, "");
	assert_non_null(strstr(o[0].note, "no verb"));
	assert_true(text_starts(o[1].line, "cosign verify --certificate-identity="));
	assert_non_null(strstr(o[1].line, " ghcr.io/acme/summit@sha256:5be15be1"));
}

/* What a shell makes of the line, asked of a shell. */
static void as_a_shell_reads(const char *word)
{
	struct buf line = BUF_INIT(4096);
	char got[1024];
	buf_str(&line, "printf '%s' ");
	assert_true(view_shell_word(&line, word));
	int ends[2], status;
	ssize_t n;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execl("/bin/sh", "sh", "-c", line.s, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	n = read(ends[0], got, sizeof(got) - 1);
	assert_true(n >= 0);
	got[n] = 0;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(got, word);
	buf_done(&line);
}

static void words_of_a_shell(void **state)
{
	static const char *const words[] = { "a b", "$(touch x)", "`id`", "it's",        "'",  "''",
					     "\"",  "\\",         "a;b",  "a&b",         "!x", "~",
					     "*",   "#",          "--x",  "\xe5\xae\x89" };
	struct buf line = BUF_INIT(64);
	(void)state;
	for (size_t i = 0; i < countof(words); i++)
		as_a_shell_reads(words[i]);
	assert_false(
		view_shell_word(&line, "a\nb")); /* nothing that moves a cursor goes into a line to copy */
	assert_false(view_shell_word(&line, "a\xe2\x80\xae"));
	assert_int_equal(line.n, 0);
	assert_true(view_shell_option(&line, "--tag", NULL) && view_shell_option(&line, "--tag", ""));
	assert_int_equal(line.n, 0);
	assert_true(view_shell_option(&line, "--tag", "--v1") && view_shell_option(&line, "--size", "it's"));
	assert_string_equal(line.s, " --tag=--v1 --size='it'\\''s'");
	assert_false(view_shell_option(&line, "--tag", "\x1b[2J"));
	buf_done(&line);
}

static void names_that_attack_a_line(void **state)
{
	struct world *w = *state;
	struct proof_opinion o[PROOF_OPINIONS];
	struct proof_row p = *opened(w, "easy/prod", "gcp-image.v0.9.4.json", "provenance");
	p.subject = "-o$(touch x).json";
	view_proof_opinions(o, &p, "acme/easy", &w->a);
	assert_non_null(strstr(o[0].line, " './-o$(touch x).json'"));
	p.letter = 'R';
	p.subject = "file.json";
	p.release = "-v1";
	view_proof_opinions(o, &p, "acme/easy", &w->a);
	assert_string_equal(o[0].line, "gh release verify-asset --repo=acme/easy -- -v1 file.json");
	p.letter = 'G';
	p.subject = "-h/image@linux/amd64";
	view_proof_opinions(o, &p, "acme/easy", &w->a);
	assert_non_null(strstr(o[1].line, " -- -h/image@sha256:"));
	p.letter = 'P';
	view_proof_opinions(o, &p, "acme/easy", &w->a);
	assert_non_null(strstr(o[0].line, " oci://-h/image@sha256:"));
	assert_non_null(strstr(o[1].line, " -- -h/image@sha256:"));
	p.subject = "a\nb";
	view_proof_opinions(o, &p, "acme/easy", &w->a);
	assert_string_equal(o[0].line, "");
	assert_non_null(strstr(o[0].note, "cannot be written"));
}

static void the_page_names_each_key(const struct json *item)
{
	struct buf page = BUF_INIT(1 << 20);
	const char *key, *from, *to;

	assert_int_equal(path_read(&page, PH_SOURCE_DIR "/man/pilothouse.1.in", NULL), 0);
	from = strstr(page.s, "An item of\n.Ic proof\n");
	assert_non_null(from);
	to = strstr(from, "\n.El\n");
	for (size_t i = 0; json_member(item, i, &key); i++) {
		const char *at = strstr(from, key);

		if (!at || at > to)
			fail_msg("%s", key);
	}
	buf_done(&page);
}

static void one_document(void **state)
{
	struct world *w = *state;
	struct proof_rows v = rows_of(w, "easy/prod");
	struct buf out = BUF_INIT(1 << 20);
	struct json *j = NULL;
	struct jw jw;
	vec_each (row, &v)
		assert_int_equal(view_proof_steps(row, w->store, &w->a, &w->e), 0);
	jw_init(&jw, &out);
	view_proofs_json(&jw, &v, now);
	assert_int_equal(json_parse(&j, out.s, out.n, 1 << 20, &w->e), 0);
	const struct json *items = json_get(j, "items"), *first = json_at(items, 0);
	assert_int_equal(json_size(items), 7);
	assert_string_equal(json_str(first, "subject"), "gcp-image.v0.9.4.json");
	assert_string_equal(json_str(first, "check"), "provenance");
	assert_string_equal(json_str(first, "status"), "failed");
	assert_string_equal(json_str(first, "reason"), "ID_SAN");
	assert_string_equal(json_str(first, "source"), "the forge's attestations");
	assert_true(text_starts(json_str(first, "digest"), "sha256:88d1"));
	assert_int_equal(json_int(first, "age_s", -1), 124);
	assert_true(json_size(json_get(first, "steps")) > 10);
	the_page_names_each_key(first);
	for (size_t i = 0; i < json_size(items); i++)
		if (!strcmp(json_str(json_at(items, i), "status"), "unchecked")) {
			assert_null(json_str(json_at(items, i), "reason")); /* not OK: nobody has looked */
			assert_int_equal(json_int(json_at(items, i), "age_s", -7), -7);
		}
	json_free(j);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(worst_first),
		TEST(of_a_lane_or_a_release),
		TEST(a_lane_counts_them),
		TEST(steps_say_both_sides),
		TEST(why_says_what_is_not_proved),
		TEST(a_second_opinion),
		TEST(the_wall_counts_what_is_required),
		TEST(a_root_has_an_age),
		TEST(unlooked_at_is_not_unwanted),
		TEST(words_of_a_shell),
		TEST(names_that_attack_a_line),
		TEST(one_document),
	};
	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
