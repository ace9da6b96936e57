/* A plan can be kept and sent later, altered by nobody; where the profile wants it, others must have signed it first. */
#include "rig.h"

#include "base/path.h"
#include "core/engine/planfile.h"
#include "core/engine/ways.h"

#include <fcntl.h>
#include <sys/stat.h>

/* ---- a sign port whose signatures are "KEY\n" and what was signed ---------------------------------------------------- */

static int fake_check(struct sign *s maybe_unused, const char *text, size_t text_n, const void *bytes,
		      size_t n, struct sign_key *key, struct arena *a, struct err *e)
{
	const char *end = memchr(text, '\n', text_n);

	if (!end)
		return err_set(e, ERR_CORRUPT, "it is no signature");
	key->fingerprint = arena_strndup(a, text, (size_t)(end - text));
	text_n -= (size_t)(end + 1 - text);
	return text_n == n && !memcmp(end + 1, bytes, n) ? 0 : 1;
}

/* "name key" a line. */
static int fake_signers(struct sign *s maybe_unused, const char *text, size_t n maybe_unused,
			struct signers *out, struct arena *a, struct err *e maybe_unused)
{
	char name[64], key[64];
	int at = 0;

	while (sscanf(text, "%63s %63s %n", name, key, &at) == 2) {
		struct signer *one = vec_push(out, a);
		const char **names = arena_array(a, const char *, 2);

		names[0] = arena_strdup(a, name);
		names[1] = NULL;
		one->principals = names;
		one->fingerprint = arena_strdup(a, key);
		text += at;
	}
	return 0;
}

static const struct sign_ops fake_sign_ops = { .check = fake_check, .signers = fake_signers };
static struct sign fake_sign = { &fake_sign_ops };

/* ---- setting up -------------------------------------------------------------------------------------------------------- */

static void write_file(struct rig *r, const char *path, const char *text)
{
	int fd = path_private_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600, NULL);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	(void)r;
}

/* The production lane wants n signatures; NULL: who may sign is not configured. */
static struct rig *begin(void **state, int64_t n, const char *signers)
{
	struct rig *r = *state;
	struct profile_lane *l = (struct profile_lane *)profiles_lane(&r->profiles, "easy/prod", NULL);
	struct profile_approval *a = vec_push(&l->approvals, &r->a);

	*a = (struct profile_approval){ .environment = "production", .signatures = n };
	engine_free(r->en);
	r->sign = &fake_sign;
	if (signers) {
		r->allowed_signers = rig_path(r, "journal.db-allowed");
		write_file(r, r->allowed_signers, signers);
	}
	rig_up(r);
	return r;
}

static void end(struct rig *r)
{
	if (r->allowed_signers)
		(void)unlink(r->allowed_signers);
}

static const char *saved(struct rig *r, int status)
{
	assert_int_equal(rig_ask(r, "plan save dispatch easy/prod v0.9.4"), status);
	return arena_strdup(&r->a, rig_str(r, "plan_id"));
}

static void sign(struct rig *r, const char *id, const char *key)
{
	struct plan_file f;
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(1 << 20);
	const char *where;

	if (plan_file_find(&f, rig_path(r, "plans"), id, rig_digest, &r->a, &e) < 0)
		fail_msg("%s", e.message);
	buf_fmt(&text, "%s\n%s", key, f.document);
	assert_int_equal(plan_file_sign(f.path, key, &text, &where, &r->a, NULL), 0);
	buf_done(&text);
}

static const char *detail(struct rig *r)
{
	const struct json *checks = json_get(r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++)
		if (!strcmp(json_str(json_at(checks, i), "name"), "signatures"))
			return json_str(json_at(checks, i), "detail");
	return "";
}

#define PLAN "plan dispatch easy/prod v0.9.4"

/* ---- keeping ----------------------------------------------------------------------------------------------------------- */

static void a_saved_plan_is_its_name(void **state)
{
	struct rig *r = *state;
	const char *id = saved(r, 0), *path = arena_strdup(&r->a, rig_str(r, "saved"));
	struct buf text = BUF_INIT(1 << 20);
	struct stat st;
	char hex[DIGEST_HEX];

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(path_read(&text, path, NULL), 0);
	rig_digest(text.s, text.n, hex);
	assert_string_equal(hex, id);
	assert_non_null(strstr(path, id));
	assert_string_equal(saved(r, 0), id); /* the same world: the same plan, and no second file */
	buf_done(&text);
	assert_int_equal(r->fake.sends, 0);
}

static void a_saved_plan_is_sent_by_another_engine(void **state)
{
	struct rig *r = *state;
	const char *id = saved(r, 0);

	rig_crash(r);
	assert_int_equal(rig_ask(r, arena_printf(&r->a, DISPATCH " --plan %.8s", id)), 0);
	assert_string_equal(rig_str(r, "plan_id"), id);
	assert_int_equal(r->fake.sends, 1);
}

static void a_world_that_moved_voids_a_saved_plan(void **state)
{
	struct rig *r = *state;
	const char *id = saved(r, 0);

	rig_crash(r);
	r->fake.tag_sha = "2222222222222222222222222222222222222222";
	assert_int_equal(rig_ask(r, arena_printf(&r->a, PLAN " --plan %s", id)), 1);
	assert_true(text_starts(rig_str(r, "error.message"), "changed: tag moved: 1111111"));
	assert_int_equal(rig_ask(r, arena_printf(&r->a, DISPATCH " --plan %s", id)), 1);
	assert_string_equal(rig_str(r, "error.code"), "changed");
	assert_true(text_starts(rig_str(r, "error.message"), "changed: tag moved: 1111111"));
	assert_int_equal(rig_ask(r, DISPATCH " --plan deadbeef"), 1);
	assert_int_equal(rig_ask(r, DISPATCH " --plan dead"), 2);
	assert_int_equal(rig_ask(r, DISPATCH " --plan NONSENSE"), 2);
	assert_int_equal(r->fake.sends, 0);
}

/* Also of an act whose words differ: a reason is a part of what was agreed to. */
static void other_words_are_another_plan(void **state)
{
	struct rig *r = *state;
	const char *id = saved(r, 0);

	assert_int_equal(rig_ask(r, arena_printf(&r->a, DISPATCH " --reason weekly --plan %s", id)), 1);
	assert_non_null(strstr(rig_str(r, "error.message"), "changed: command: "));
	assert_int_equal(r->fake.sends, 0);
}

static void an_altered_file_is_no_plan(void **state)
{
	struct rig *r = *state;
	const char *id = saved(r, 0), *path = arena_strdup(&r->a, rig_str(r, "saved")), *dir;
	struct buf text = BUF_INIT(1 << 20);
	struct plan_file f;
	struct err e = ERR_INIT;

	dir = rig_path(r, "plans");
	assert_int_equal(plan_file_find(&f, dir, id, rig_digest, &r->a, &e), 0);
	assert_int_equal(path_read(&text, path, NULL), 0);
	text.s[text.n / 2] ^= 1;
	write_file(r, path, text.s);
	assert_int_equal(plan_file_find(&f, dir, id, rig_digest, &r->a, &e), -ERR_CORRUPT);
	text.s[text.n / 2] ^= 1;
	buf_chr(&text, '\n');
	write_file(r, path, text.s);
	assert_int_equal(plan_file_find(&f, dir, id, rig_digest, &r->a, &e), -ERR_CORRUPT);
	buf_done(&text);
	(void)unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_true(plan_file_find(&f, dir, id, rig_digest, &r->a, &e) < 0);
	assert_int_equal(rig_ask(r, "plan save dispatch easy/prod v0.9.4"), 6);
	assert_int_equal(r->fake.sends, 0);
}

/* ---- signatures -------------------------------------------------------------------------------------------------------- */

#define LIST "octo-ana KA\nben KB\neve KE\n"

static void without_enough_signatures_nothing_is_sent(void **state)
{
	struct rig *r = begin(state, 2, LIST);
	const char *id = saved(r, 0);

	assert_int_equal(rig_ask(r, PLAN), 1);
	assert_string_equal(rig_check(r, "signatures"), "missing");
	assert_string_equal(detail(r), "0 of 2 signed");
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	sign(r, id, "KA"); /* who starts it does not count */
	sign(r, id, "KX"); /* nobody's key */
	sign(r, id, "KB");
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_string_equal(rig_str(r, "error.code"), "refused");
	assert_string_equal(detail(r), "1 of 2 signed: ben; not counted: octo-ana (starts the act), "
				       "KX (it is in no line of the list)");
	sign(r, id, "KE");
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
	end(r);
}

#define WHY "'incident 4411, nobody else is here'"

/* Break-glass beside signatures: the override is of the plan, and is no use of it. By its file: another engine showed it. */
static void a_signed_plan_can_be_overridden_once(void **state)
{
	struct rig *r = begin(state, 1, LIST);
	const char *id;

	r->fake.release.assets = "[{\"name\":\"trusted_values.v0.9.4.json\",\"updated_at\":\"aa\"},"
				 "{\"name\":\"gcp-image.v0.9.4.json\"}]";
	id = saved(r, 1);
	sign(r, id, "KB");
	rig_crash(r);
	assert_int_equal(rig_ask(r, arena_printf(&r->a, "override %s --reason " WHY " --confirm %s", id, id)),
			 0);
	rig_crash(r);
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_int_equal(r->fake.sends, 1);
	end(r);
}

/* Beside a plan that was sent to somebody anybody may have laid anything. */
static void a_pipe_is_no_signature(void **state)
{
	struct rig *r = *state;
	struct plan_signatures files = { 0 };
	struct plan_file plan;
	struct err e = ERR_INIT;
	const char *path;

	(void)saved(r, 0);
	path = arena_strdup(&r->a, rig_str(r, "saved"));
	assert_int_equal(mkfifo(arena_printf(&r->a, "%s.sig.x", path), 0600), 0);
	assert_int_equal(plan_file_signatures(&files, path, &r->a, NULL), 0);
	assert_int_equal(files.n, 1);
	assert_int_equal(files.items[0].n, 0);
	assert_int_equal(plan_file_read(&plan, arena_printf(&r->a, "%s.sig.x", path), rig_digest, &r->a, &e),
			 -ERR_INVALID);
	assert_int_equal(plan_file_read(&plan, ".", rig_digest, &r->a, &e), -ERR_INVALID);
}

static void only_a_whole_plan_of_ours_is_overridden(void **state)
{
	struct rig *r = *state;
	const char *id = saved(r, 0), *path = arena_strdup(&r->a, rig_str(r, "saved"));

	rig_crash(r);
	assert_int_equal(rig_ask(r, "override deadbeef --reason " WHY), 1);
	assert_string_equal(rig_str(r, "error.code"), "missing");
	write_file(r, path, "{}");
	assert_int_equal(rig_ask(r, arena_printf(&r->a, "override %s --reason " WHY, id)), 1);
	assert_string_equal(rig_str(r, "error.code"), "corrupt");
}

static void a_signature_is_of_one_plan(void **state)
{
	struct rig *r = begin(state, 1, LIST);
	const char *id = saved(r, 0);

	sign(r, id, "KB");
	assert_int_equal(rig_ask(r, PLAN), 0);
	r->fake.ahead = 6;
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_string_equal(detail(r), "0 of 1 signed");
	r->fake.ahead = 5;
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
	end(r);
}

static void a_signature_is_used_once(void **state)
{
	struct rig *r = begin(state, 1, LIST);
	struct run *mine;

	sign(r, saved(r, 0), "KB");
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
	/* the run vanishes from every list: the world is as it was */
	mine = &r->fake.runs[r->fake.runs_n - 1];
	if (mine->id == 5000)
		r->fake.runs_n--;
	assert_int_not_equal(rig_ask(r, DISPATCH), 0);
	assert_int_equal(r->fake.sends, 1);
	end(r);
}

static void another_list_is_another_plan(void **state)
{
	struct rig *r = begin(state, 1, LIST);

	sign(r, saved(r, 0), "KB");
	write_file(r, r->allowed_signers, LIST "mallory KM\n");
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_string_equal(detail(r), "0 of 1 signed");
	assert_int_equal(r->fake.sends, 0);
	end(r);
}

static void what_cannot_be_told_is_missing(void **state)
{
	static const struct {
		const char *list, *words;
		mode_t mode;
	} cases[] = {
		{ NULL, "1 wanted, and who may sign is not configured", 0 },
		{ "ben KB\n", "octo-ana is in no line of the signers: whose signature is yours is not known",
		  0600 },
		{ LIST, "who may sign cannot be read", 0666 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = begin(state, 1, cases[i].list);
		if (cases[i].list)
			assert_int_equal(chmod(r->allowed_signers, cases[i].mode), 0);
		sign(r, saved(r, 0), "KB");
		assert_int_equal(rig_ask(r, DISPATCH), 1);
		assert_string_equal(rig_check(r, "signatures"), "missing");
		assert_string_equal(detail(r), cases[i].words);
		assert_int_equal(r->fake.sends, 0);
		end(r);
	}
}

/* Going back and stopping wait for nobody. */
static void going_back_needs_no_signature(void **state)
{
	struct rig *r = begin(state, 2, LIST);

	rig_ask(r, "plan rollback easy/prod --reason why");
	assert_string_equal(rig_str(r, "act"), "rollback");
	assert_string_equal(rig_check(r, "signatures"), "");
	end(r);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_saved_plan_is_its_name),
		T(a_saved_plan_is_sent_by_another_engine),
		T(a_world_that_moved_voids_a_saved_plan),
		T(other_words_are_another_plan),
		T(an_altered_file_is_no_plan),
		T(without_enough_signatures_nothing_is_sent),
		T(a_signed_plan_can_be_overridden_once),
		T(a_pipe_is_no_signature),
		T(only_a_whole_plan_of_ours_is_overridden),
		T(a_signature_is_of_one_plan),
		T(a_signature_is_used_once),
		T(another_list_is_another_plan),
		T(what_cannot_be_told_is_missing),
		T(going_back_needs_no_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
