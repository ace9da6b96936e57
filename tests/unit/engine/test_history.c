/* A local mirror answers for the forge where it agrees with it, and is silent where it does not. */
#include "rig.h"

struct mirror {
	struct git git;
	const char *candidate; /* what it says the candidate is */
	int ranges;
	bool lacks_live;
};

static int mirror_resolve(struct git *g, const char *ref, char out[65], struct err *e)
{
	(void)ref;
	(void)e;
	snprintf(out, 65, "%s", ((struct mirror *)g)->candidate);
	return 0;
}

static int mirror_range(struct git *g, const char *from, const char *to, size_t max, struct commits *out,
			int64_t *total, struct arena *a, struct err *e)
{
	struct mirror *m = (struct mirror *)g;

	(void)to;
	(void)max;
	m->ranges++;
	if (m->lacks_live)
		return err_set(e, ERR_MISSING, "no such ref");
	if (!strcmp(from, "v0.9.3")) {
		*vec_push(out, a) =
			(struct commit){ .sha = SHA, .title = "from the mirror", .author = "kim" };
		*total = 2;
	} else {
		*total = 0;
	}
	return 0;
}

static const struct git_ops mirror_ops = { .resolve = mirror_resolve, .range = mirror_range };

static void it_answers_instead_of_the_forge(void **state)
{
	struct rig *r = *state;
	struct mirror m = { .git = { &mirror_ops }, .candidate = SHA };

	r->en->o.git = &m.git;
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
	assert_int_equal(json_int(r->json, "ahead", -1), 2);
	assert_int_equal(json_int(r->json, "behind", -1), 0);
	assert_string_equal(json_str(json_at(json_get(r->json, "changes"), 0), "title"), "from the mirror");
	assert_int_equal(r->fake.reads[FORGE_COMPARE], 0);
	assert_int_equal(m.ranges, 3);
}

static void a_mirror_that_is_behind_is_not_asked(void **state)
{
	struct rig *r = *state;
	struct mirror m = { .git = { &mirror_ops }, .candidate = "2222222222222222222222222222222222222222" };

	r->en->o.git = &m.git;
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
	assert_int_equal(m.ranges, 0);
	assert_int_equal(json_int(r->json, "ahead", -1), 5);
	assert_true(r->fake.reads[FORGE_COMPARE] > 0);
}

static void a_mirror_without_live_leaves_it_to_the_forge(void **state)
{
	struct rig *r = *state;
	struct mirror m = { .git = { &mirror_ops }, .candidate = SHA, .lacks_live = true };

	r->en->o.git = &m.git;
	assert_int_equal(rig_ask(r, "plan dispatch easy/prod v0.9.4"), 0);
	assert_int_equal(json_int(r->json, "ahead", -1), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_answers_instead_of_the_forge, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_mirror_that_is_behind_is_not_asked, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(a_mirror_without_live_leaves_it_to_the_forge, rig_setup,
						rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
