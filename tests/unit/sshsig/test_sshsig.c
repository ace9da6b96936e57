/* Signatures that ssh-keygen made are accepted and altered ones are not; agents and lists of signers may hold anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rendezvous.h"
#include "core/adapters/sshsig/internal.h"

#include "tests/folder.h"
#include "made.h"

#define PLAN "a plan\n"

struct world {
	struct arena a;
	struct clock clock;
	struct sign *sign;
	char dir[FOLDER_PATH];
};

static void begin(struct world *w, const char *socket)
{
	struct err e = ERR_INIT;

	*w = (struct world){ 0 };
	clock_manual(&w->clock, (struct when){ INT64_C(1795244889000) });
	assert_int_equal(sshsig_open(&w->sign, socket, &w->clock, &e), 0);
}

static void end(struct world *w)
{
	w->sign->ops->free(w->sign);
	arena_done(&w->a);
}

static int check(struct world *w, const char *sig, size_t sig_n, const char *text, struct sign_key *key,
		 struct err *e)
{
	*e = (struct err)ERR_INIT;
	return w->sign->ops->check(w->sign, sig, sig_n, text, strlen(text), key, &w->a, e);
}

static const struct {
	const char *sig, *type, *print;
} made[] = {
	{ SIG_ED25519, "ssh-ed25519", PRINT_ED25519 },
	{ SIG_ECDSA, "ecdsa-sha2-nistp256", PRINT_ECDSA },
	{ SIG_RSA, "ssh-rsa", PRINT_RSA },
	{ SIG_RSA_SHA256, "ssh-rsa", PRINT_RSA },
};

static void what_openssh_made_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(made); i++) {
		struct world w;
		struct sign_key key;
		struct err e;

		begin(&w, NULL);
		assert_int_equal(check(&w, made[i].sig, strlen(made[i].sig), PLAN, &key, &e), 0);
		assert_string_equal(key.type, made[i].type);
		assert_string_equal(key.fingerprint, made[i].print);
		assert_int_equal(check(&w, made[i].sig, strlen(made[i].sig), "a plan", &key, &e), 1);
		assert_int_equal(check(&w, made[i].sig, strlen(made[i].sig), "b plan\n", &key, &e), 1);
		end(&w);
	}
}

/* Whatever bit of it is turned: it is no signature any more, or one of another key or over something else. */
static void an_altered_signature_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(made); i++) {
		size_t n = strlen(made[i].sig);
		struct world w;

		begin(&w, NULL);
		for (size_t at = 0; at < n; at++) {
			char *bad = arena_strdup(&w.a, made[i].sig);
			struct sign_key key;
			struct err e;

			bad[at] = (char)(bad[at] ^ 1 << (at % 7));
			if (check(&w, bad, n, PLAN, &key, &e) == 0)
				fail_msg("%s: accepted with byte %zu altered", made[i].type, at);
			if (at + 1 < n && check(&w, made[i].sig, at, PLAN, &key, &e) == 0)
				fail_msg("%s: accepted when cut at %zu", made[i].type, at);
		}
		end(&w);
	}
}

static void what_is_no_signature_says_so(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "does not begin" },
		{ "-----BEGIN SSH SIGNATURE-----\n", "does not end" },
		{ "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", "cut off" },
		{ "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "no SSH signature" },
		{ "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n", "cut off" },
		{ "-----BEGIN SSH SIGNATURE-----\nU1 IU0lH\n-----END SSH SIGNATURE-----\n", "damaged" },
		{ SIG_ED25519 "\n", "does not end" },
		{ SIG_OTHER_SPACE, "another purpose" },
	};
	struct world w;

	(void)state;
	begin(&w, NULL);
	for (size_t i = 0; i < countof(cases); i++) {
		struct sign_key key;
		struct err e;

		assert_true(check(&w, cases[i].text, strlen(cases[i].text), PLAN, &key, &e) < 0);
		if (!strstr(e.message, cases[i].words))
			fail_msg("%zu: %s", i, e.message);
	}
	end(&w);
}

/* ---- signers ---------------------------------------------------------------------------------------------------------- */

static void signers_are_read_strictly(void **state)
{
	static const struct {
		const char *line, *refused;
	} cases[] = {
		{ "ana " KEY_ED25519, NULL },
		{ "ana,octo-ana " KEY_RSA " a comment", NULL },
		{ "\"ana\"\tnamespaces=\"plan@pilothouse,git\" " KEY_ECDSA, NULL },
		{ "ana valid-after=\"20260101Z\",valid-before=\"202701011530Z\" " KEY_ED25519, NULL },
		{ "ana cert-authority " KEY_ED25519, "cert-authority, which is not known" },
		{ "ana no-touch-required " KEY_ED25519, "not known here" },
		{ "ana valid-before=\"20270101\" " KEY_ED25519, "a time that is not" },
		{ "ana valid-before=\"20271301Z\" " KEY_ED25519, "a time that there is not" },
		{ "ana valid-before=\"123456789012345678901234567890Z\" " KEY_ED25519, "a time that is not" },
		{ "ana namespaces=\"a " KEY_ED25519, "a quote is not closed" },
		{ "ana namespaces=\"a\"b " KEY_ED25519, "damaged" },
		{ "* " KEY_ED25519, "a pattern and no person" },
		{ "*@example.org " KEY_ED25519, "a pattern and no person" },
		{ "ana,,ben " KEY_ED25519, "a pattern and no person" },
		{ "ana ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJBdhTS1/AUM0fkuhZV+ZJaIAxmcQ5dc/pxNjOdIaVVi",
		  "not of the type" },
		{ "ana ssh-ed25519 AAAA", "not accepted" },
		{ "ana ssh-ed25519", "cut off" },
		{ "ana", "cut off" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		struct signers list = { 0 };
		const char *text = arena_printf(&a, "# who may\n\n%s\r\n", cases[i].line);

		assert_int_equal(signers_read(&list, text, strlen(text), &a, NULL), 0);
		assert_int_equal(list.n, 1);
		assert_int_equal(list.items[0].line, 3);
		if (!cases[i].refused != !list.items[0].refused ||
		    (cases[i].refused && !strstr(list.items[0].refused, cases[i].refused)))
			fail_msg("%s: %s", cases[i].line, list.items[0].refused);
		arena_done(&a);
	}
}

static void a_signer_is_whole(void **state)
{
	static const char line[] = "ana,octo-ana namespaces=\"git,plan@*\",valid-after=\"20260101Z\","
				   "valid-before=\"20270101153059Z\" " KEY_ED25519 " c";
	struct arena a = ARENA_INIT;
	struct signers list = { 0 };
	const struct signer *s;
	char at[WHEN_TEXT];

	(void)state;
	assert_int_equal(signers_read(&list, line, strlen(line), &a, NULL), 0);
	s = &list.items[0];
	assert_null(s->refused);
	assert_string_equal(s->principals[1], "octo-ana");
	assert_null(s->principals[2]);
	assert_string_equal(s->spaces[1], "plan@*");
	assert_string_equal(when_iso(s->after, at), "2026-01-01T00:00:00Z");
	assert_string_equal(when_iso(s->before, at), "2027-01-01T15:30:59Z");
	assert_string_equal(s->fingerprint, PRINT_ED25519);
	arena_done(&a);
}

/* ---- a hostile agent --------------------------------------------------------------------------------------------------- */

/* Listens, and gives one caller these bytes, whatever it asks. */
static pid_t answer_with(const char *path, const char *bytes, size_t n)
{
	struct sockaddr_un un;
	int dirfd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert_int_equal(rendezvous_address(&un, path, &dirfd), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid == 0) {
		char asked[5];
		int one = accept(fd, NULL, NULL);

		if (recv(one, asked, sizeof(asked), MSG_WAITALL) > 0)
			(void)send(one, bytes, n, MSG_NOSIGNAL);
		_exit(0);
	}
	close(fd);
	return pid;
}

static void a_hostile_agent_harms_nobody(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *words;
	} cases[] = {
#define SAYS(s, words) { s, sizeof(s) - 1, words }
		SAYS("\0\0\0\0", "no sensible length"),
		SAYS("\xff\xff\xff\xff\x0c", "no sensible length"),
		SAYS("\0\4\0\1\x0c", "no sensible length"),
		SAYS("\0\0", "hung up"),
		SAYS("\0\0\0\5\x0c\0\0", "hung up"),
		SAYS("\0\0\0\1\5", "refused"),
		SAYS("\0\0\0\5\x0e\0\0\0\0", "refused"),
		SAYS("\0\0\0\1\x0c", "damaged"),
		SAYS("\0\0\0\5\x0c\0\0\0\1", "damaged"),
		SAYS("\0\0\0\5\x0c\xff\xff\xff\xff", "4294967295 keys"),
		SAYS("\0\0\0\6\x0c\0\0\0\0\7", "damaged"),
		SAYS("\0\0\0\x0d\x0c\0\0\0\1\xff\xff\xff\xff\0\0\0\0", "damaged"),
#undef SAYS
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct sign_keys keys = { 0 };
		struct world w;
		struct err e = ERR_INIT;
		const char *path;
		pid_t pid;

		begin(&w, NULL);
		folder_new(w.dir);
		path = arena_printf(&w.a, "%s/agent", w.dir);
		pid = answer_with(path, cases[i].bytes, cases[i].n);
		assert_true(agent_keys(path, &w.clock, &keys, &w.a, &e) < 0);
		if (!strstr(e.message, cases[i].words))
			fail_msg("%zu: %s", i, e.message);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		(void)unlink(path);
		end(&w);
	}
}

/* Nobody takes the calls, and the line of those who wait is full: the next caller is not kept waiting with them. */
static void an_agent_that_takes_no_call_keeps_nobody(void **state maybe_unused)
{
	int waiting[64], n = 0, dirfd, agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sign_keys keys = { 0 };
	struct err e = ERR_INIT;
	struct sockaddr_un un;
	struct world w;
	const char *path;

	begin(&w, NULL);
	folder_new(w.dir);
	path = arena_printf(&w.a, "%s/agent", w.dir);
	assert_int_equal(rendezvous_address(&un, path, &dirfd), 0);
	assert_int_equal(bind(agent, (const struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(agent, 1), 0);
	do {
		assert_true(n < (int)countof(waiting));
		waiting[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	} while (connect(waiting[n++], (const struct sockaddr *)&un, sizeof(un)) == 0);
	assert_int_equal(agent_keys(path, &w.clock, &keys, &w.a, &e), -ERR_OFFLINE);
	assert_string_equal(e.message, "the agent does not answer");
	while (n > 0)
		close(waiting[--n]);
	close(agent);
	(void)unlink(path);
	end(&w);
}

static void without_an_agent_it_says_so(void **state)
{
	static const char *const sockets[] = { NULL, "", "/nowhere/agent" };

	(void)state;
	for (size_t i = 0; i < countof(sockets); i++) {
		struct sign_keys keys = { 0 };
		struct err e = ERR_INIT;
		struct world w;

		begin(&w, sockets[i]);
		assert_int_equal(w.sign->ops->keys(w.sign, &keys, &w.a, &e), -ERR_OFFLINE);
		assert_non_null(strstr(e.hint, "ssh-agent"));
		end(&w);
	}
}

/* ---- the real ones ------------------------------------------------------------------------------------------------------ */

/* Exit status of a line of shell, in the world's directory. */
static int sh(struct world *w, const char *line)
{
	const char *script = arena_printf(&w->a, "cd %s && exec >>log 2>&1 && %s", w->dir, line);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", script, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void write_at(struct world *w, const char *name, const char *text, size_t n)
{
	FILE *f = fopen(arena_printf(&w->a, "%s/%s", w->dir, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

#define VERIFY "ssh-keygen -Y verify -f allowed -I ana -n " SIGN_NAMESPACE " -s sig <"

static void signs_with(struct world *w, const struct sign_key *key)
{
	struct buf sig = BUF_INIT(SIGN_MAX);
	struct sign_key by;
	struct err e = ERR_INIT;

	if (w->sign->ops->make(w->sign, key, PLAN, strlen(PLAN), &sig, &e) < 0)
		fail_msg("%s: %s", key->type, e.message);
	assert_int_equal(check(w, sig.s, sig.n, PLAN, &by, &e), 0);
	assert_string_equal(by.fingerprint, key->fingerprint);
	write_at(w, "sig", sig.s, sig.n);
	write_at(w, "plan", PLAN, strlen(PLAN));
	write_at(w, "altered", "a plaN\n", strlen(PLAN));
	assert_int_equal(sh(w, VERIFY "plan"), 0);
	assert_int_not_equal(sh(w, VERIFY "altered"), 0);
	buf_done(&sig);
}

static void openssh_agrees(void **state)
{
	struct sign_keys keys = { 0 };
	struct world w;
	struct err e = ERR_INIT;

	(void)state;
	begin(&w, NULL);
	folder_new(w.dir);
	w.sign->ops->free(w.sign);
	assert_int_equal(sshsig_open(&w.sign, arena_printf(&w.a, "%s/agent", w.dir), &w.clock, &e), 0);
	if (sh(&w, "command -v ssh-keygen && command -v ssh-agent && command -v ssh-add") != 0) {
		assert_int_equal(sh(&w, "rm -f log"), 0);
		end(&w);
		print_message("skipped: no ssh-keygen, ssh-agent or ssh-add\n");
		skip();
	}
	assert_int_equal(
		sh(&w, "ssh-agent -a ./agent > env && . ./env && for t in 'ed25519' 'ecdsa -b 256' "
		       "'ecdsa -b 384' 'ecdsa -b 521' 'rsa -b 2048'; do ssh-keygen -q -t $t -N '' -f k && "
		       "ssh-add -q k && cat k.pub >> pubs && rm k k.pub || exit 1; done; "
		       "sed 's/^/ana /' pubs > allowed"),
		0);
	assert_int_equal(w.sign->ops->keys(w.sign, &keys, &w.a, &e), 0);
	assert_int_equal(keys.n, 5);
	vec_each (k, &keys)
		signs_with(&w, k);
	assert_int_equal(sh(&w, ". ./env && kill $SSH_AGENT_PID"), 0);
	assert_int_equal(sh(&w, "rm -f log env pubs allowed sig plan altered agent"), 0);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_openssh_made_is_accepted),
		cmocka_unit_test(an_altered_signature_is_none),
		cmocka_unit_test(what_is_no_signature_says_so),
		cmocka_unit_test(signers_are_read_strictly),
		cmocka_unit_test(a_signer_is_whole),
		cmocka_unit_test(a_hostile_agent_harms_nobody),
		cmocka_unit_test(an_agent_that_takes_no_call_keeps_nobody),
		cmocka_unit_test(without_an_agent_it_says_so),
		cmocka_unit_test(openssh_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
