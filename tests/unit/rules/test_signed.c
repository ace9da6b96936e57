/* A person counts once, by a key that is theirs now, and never for what they start themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules/signed.h"

#define NOW   ((struct when){ 1000000 })
#define SPACE "plan@pilothouse"

static const char *judged(const struct signers *list, const char *const *keys, int64_t wanted,
			  enum verdict status, struct arena *a)
{
	struct signings made = { 0 };
	struct signed_answer out;
	const struct signed_question q = { list, &made, "ana", SPACE, NOW, wanted };

	for (; *keys; keys++)
		*vec_push(&made, a) = **keys == '!' ? (struct signing){ *keys + 1, "not over this plan" }
						    : (struct signing){ *keys, NULL };
	signed_judge(&out, &q, a);
	assert_int_equal(out.status, status);
	return out.detail;
}

/* Lines that share a name or a key are one person. */
static const struct signer people[] = {
	{ .principals = (const char *const[]){ "Ana", "ana@example.org", NULL }, .fingerprint = "A" },
	{ .principals = (const char *const[]){ "ana@example.org", NULL }, .fingerprint = "A2" },
	{ .principals = (const char *const[]){ "ben", NULL }, .fingerprint = "B" },
	{ .principals = (const char *const[]){ "BEN", NULL }, .fingerprint = "B2" },
	{ .principals = (const char *const[]){ "b", NULL }, .fingerprint = "B2" },
	{ .principals = (const char *const[]){ "b", NULL }, .fingerprint = "B3" },
	{ .principals = (const char *const[]){ "eve", NULL },
	  .fingerprint = "E",
	  .spaces = (const char *const[]){ "git", "plan@*", NULL } },
	{ .principals = (const char *const[]){ "old", NULL }, .fingerprint = "OLD", .before = { 1000000 } },
	{ .principals = (const char *const[]){ "new", NULL }, .fingerprint = "NEW", .after = { 1000001 } },
	{ .principals = (const char *const[]){ "git", NULL },
	  .fingerprint = "GIT",
	  .spaces = (const char *const[]){ "git", NULL } },
	{ .principals = (const char *const[]){ "bad", NULL }, .fingerprint = "BAD", .refused = "damaged" },
};

static void persons_are_counted(void **state)
{
	static const struct {
		const char *keys[5];
		int64_t wanted;
		enum verdict status;
		const char *detail;
	} cases[] = {
		{ { NULL }, 1, CHECK_MISSING, "0 of 1 signed" },
		{ { "B" }, 1, CHECK_OK, "1 of 1 signed: ben" },
		{ { "B", "B2" }, 2, CHECK_MISSING, "1 of 2 signed: ben" },
		{ { "B", "B3" }, 2, CHECK_MISSING, "1 of 2 signed: ben" },
		{ { "B", "E" }, 2, CHECK_OK, "2 of 2 signed: ben, eve" },
		{ { "A", "E" }, 2, CHECK_MISSING, "1 of 2 signed: eve; not counted: Ana (starts the act)" },
		{ { "A2", "E" },
		  2,
		  CHECK_MISSING,
		  "1 of 2 signed: eve; not counted: ana@example.org (starts the act)" },
		{ { "!B", "E" },
		  2,
		  CHECK_MISSING,
		  "1 of 2 signed: eve; not counted: ben (not over this plan)" },
		{ { "OLD" },
		  1,
		  CHECK_MISSING,
		  "0 of 1 signed; not counted: old (its key is not valid any more)" },
		{ { "NEW" }, 1, CHECK_MISSING, "0 of 1 signed; not counted: new (its key is not valid yet)" },
		{ { "GIT" },
		  1,
		  CHECK_MISSING,
		  "0 of 1 signed; not counted: git (its key is for other purposes)" },
		{ { "BAD" }, 1, CHECK_MISSING, "0 of 1 signed; not counted: bad (damaged)" },
		{ { "X", "!" },
		  1,
		  CHECK_MISSING,
		  "0 of 1 signed; not counted: X (it is in no line of the list), a file (not over this "
		  "plan)" },
	};
	const struct signers list = { .items = (struct signer *)people,
				      .n = countof(people),
				      .cap = countof(people) };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;

		assert_string_equal(judged(&list, cases[i].keys, cases[i].wanted, cases[i].status, &a),
				    cases[i].detail);
		arena_done(&a);
	}
}

static void who_starts_it_must_be_known(void **state)
{
	struct signer lines[] = {
		{ .principals = (const char *const[]){ "ben", NULL }, .fingerprint = "B" },
		{ .principals = (const char *const[]){ "ana", NULL },
		  .fingerprint = "",
		  .refused = "damaged" },
	};
	const struct signers list = { .items = lines, .n = countof(lines), .cap = countof(lines) };
	const char *const keys[] = { "B", NULL };
	struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(judged(&list, keys, 1, CHECK_MISSING, &a),
			    "ana is in no line of the signers: whose signature is yours is not known");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(persons_are_counted),
		cmocka_unit_test(who_starts_it_must_be_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
