/* The real console on the built-in drill, at the keys of a person and of everybody else. */
#include "tests/pty/behind.h"

/* The engine and the simulated forge end with their console. */
static void must_leave_no_orphan(struct console *c)
{
	pty_hold(c->p, true); /* nothing is left to be read: settling is waiting */
	wait_until(c, !find_process("pilothouse", c->dir));
	assert_int_equal(find_process("pilothouse", c->dir), 0);
}

static void test_rollout(void **state)
{
	struct console c;
	int status;
	(void)state;
	console_drill(&c, "20", 24, 80);
	open_plan(&c);
	assert_true(pty_has(c.p, "GO"));
	confirm(&c);
	must_see(&c, "FOUND sent once, and its run is known");
	pty_type(c.p, "\r"); /* opens the run */
	must_see(&c, "A approves, X rejects");
	pty_type(c.p, "A");
	must_see(&c, "approve production of easy/prod: comment, or Enter:");
	type_slowly(&c, "assets checked\r");
	must_see(&c, "confirm approve");
	must_see(&c, "Esc leaves; nothing was sent");
	confirm(&c);
	must_see(&c, "DONE sent once, and it has happened");
	type_slowly(&c, "1");
	must_see(&c, "easy/staging");        /* the lanes, before anything is looked for on them */
	must_see(&c, "easy/prod    v0.9.4"); /* live; v0.9.3 is the way back now */
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, &status));
	check_restored(&c);
	must_see(&c, "drill passed");
	assert_int_equal(status, 0);
	must_leave_no_orphan(&c);
	console_end(&c);
}

static const char *const bombs[] = {
	PHRASE "\r",
	PHRASE "\r\r\r\r",
	"\033[200~" PHRASE "\r\033[201~",
	"\033[200~" PHRASE "\r\033[201~\r",
	"\r",
	"\r\r",
	"\rDDDDDDDD\r",
	"y\r",
	"yes\r",
	"easy/prod\r",
};

static void test_confirm_refuses(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	for (size_t i = 0; i < countof(bombs); i++) {
		open_plan(&c);
		pty_type(c.p, bombs[i]);
		pty_settle(c.p, QUIET);
		if (!pty_has(c.p, "confirm dispatch"))
			pty_print(c.p);
		assert_true(pty_has(c.p, "confirm dispatch"));
		pty_type(c.p, "\033");
		must_see(&c, "nothing was sent");
		must_go(&c, "confirm dispatch");
	}
	must_have_sent_nothing(&c);
	open_plan(&c); /* too small to be read: not to be confirmed either */
	type_slowly(&c, PHRASE);
	pty_resize(c.p, 10, 30);
	must_see(&c, "too small to confirm");
	pty_type(c.p, "\r");
	pty_settle(c.p, QUIET);
	pty_resize(c.p, 24, 80);
	must_see(&c, "> " PHRASE);
	pty_type(c.p, "\033");
	must_go(&c, "confirm dispatch");
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

/* Mouse, answers of terminals, function keys, halves of characters, pastes full of act keys. */
static const char *const garbage[] = {
	"\033[M !!\033[M#!!",
	"\033[<0;10;5M\033[<0;10;5m",
	"\033[[A\033[[B\033[[D",
	"\033OP\033OQ\033[15~\033[24;5~",
	"\033A\033D\033X\033K",
	"\033[1;5A\033[1;2D",
	"\xff\xfe\xc3\xe2\x80\xf0\x9f",
	"\033]0;D\a\033]52;c;RA==\a\033P+q544e\033\\",
	"\033[200~DAXBKR:dispatch easy/prod v0.9.4\r\033[201~",
	"\033[",
	"\033[200",
};

static void test_garbage(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < countof(garbage); i++) {
			pty_type(c.p, garbage[i]);
			if (round == 0)
				pty_settle(c.p, 60); /* also alone, past the time of a lone Esc */
		}
	pty_settle(c.p, QUIET);
	assert_false(pty_has(c.p, "PLAN"));
	assert_false(pty_has(c.p, "why?"));
	must_have_sent_nothing(&c);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

/* A terminal that was smaller for a moment has lost what it showed: it is drawn again, though its size is as it was. */
static void test_resize_and_back(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	signal_engine(&c, SIGSTOP);
	size_t frame = frame_bytes(&c), before = pty_bytes(c.p);
	kill(pty_pid(c.p), SIGWINCH);
	wait_until(&c, pty_bytes(c.p) - before > frame / 2);
	assert_true(pty_bytes(c.p) - before >
		    frame / 2); /* a minute may have gone by: an age is longer or shorter */
	signal_engine(&c, SIGCONT);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

/* A form is planned again, and the terminal resized before the plan is there: nothing of the one before is looked at. */
static void test_resize_of_a_form(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	open_plan(&c);
	pty_type(c.p, "\t");
	must_see(&c, "Up Down fields");
	signal_engine(&c, SIGSTOP);
	pty_type(c.p, "\r");
	must_see(&c, "reading what this act rests on");
	pty_resize(c.p, 24, 60);
	must_go(&c, "Up Down fields"); /* has no room: it was drawn again */
	pty_resize(c.p, 24, 80);
	signal_engine(&c, SIGCONT);
	must_see(&c, "type " PHRASE " and Enter:");
	pty_type(c.p, "\033");
	must_go(&c, "confirm dispatch");
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

static void test_resize_storm(void **state)
{
	static const int sizes[][2] = { { 24, 80 },  { 1, 1 },  { 5, 20 },   { 200, 400 },
					{ 2, 300 },  { 60, 3 }, { 60, 200 }, { 8, 40 },
					{ 40, 120 }, { 1, 80 }, { 24, 1 } };
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	for (int round = 0; round < 40; round++) {
		const int *size = sizes[round % (int)countof(sizes)];
		pty_resize(c.p, size[0], size[1]);
		pty_type(c.p, round % 3 ? "j" : "?");
		pty_type(c.p, round % 5 ? "" : "w");
		pty_settle(c.p, round % 7 ? 0 : 30);
	}
	pty_resize(c.p, 6, 20);
	wait_until(&c, strstr(pty_row(c.p, 0), "DRILL"));
	assert_non_null(strstr(pty_row(c.p, 0), "DRILL")); /* never a blank */
	pty_resize(c.p, 60, 200);
	pty_type(c.p, "1");
	must_see(&c, "gov/prod");
	must_see(&c, "events");
	pty_resize(c.p, 24, 80);
	must_see(&c, "? help");
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	check_restored(&c);
	console_end(&c);
}

static size_t bytes_of(struct console *c, const char *keys, size_t n)
{
	pty_settle(c->p, QUIET);
	size_t before = pty_bytes(c->p);
	pty_write(c->p, keys, n);
	wait_until(c, pty_bytes(c->p) > before);
	pty_settle(c->p, QUIET);
	return pty_bytes(c->p) - before;
}

#define STEPS 16

/* Down a page, a step when the one before is seen: keeps of each step the least that it ever took. Returns the steps. */
static int walk_down(struct console *c, size_t least[STEPS])
{
	int steps = 0;
	pty_type(c->p, "g");
	wait_until(c, marker_row(c) == 2);
	pty_settle(c->p, QUIET);
	for (; steps < STEPS; steps++) {
		int row = marker_row(c);
		size_t before = pty_bytes(c->p);
		pty_type(c->p, "j");
		for (int i = 0; i < SOON / FINGER && marker_row(c) == row; i++)
			pty_settle(c->p, FINGER);
		if (marker_row(c) == row)
			fail_msg("the marker stays in row %d", row);
		size_t n = pty_bytes(c->p) - before;
		least[steps] = n < least[steps] ? n : least[steps];
		const char *next = pty_row(c->p, row + 2);
		if (strspn(next, " ") > 10 || !*next || *next == '-')
			return steps + 1; /* the last row */
	}
	return steps;
}

/* The pane tells of the lane that the marker is on, once it rests there. */
static void must_tell_of_marked(struct console *c)
{
	char title[64], *lane = NULL, *save = NULL;
	snprintf(title, sizeof(title), "%.30s", pty_row(c->p, marker_row(c)) + 2);
	lane = strtok_r(title, " ", &save);
	assert_non_null(lane);
	char words[80];
	snprintf(words, sizeof(words), "-- %s", lane);
	must_see(c, words);
}

/* Rows of every state, with acts and without: a move writes a marker, whatever the row means. */
static void test_cursor_down(void **state)
{
	static const struct {
		const char *scenario;
		int rows, cols;
	} walks[] = { { "first-rollout", 24, 80 },
		      { "canary-breach", 24, 80 },
		      { "first-rollout", 60, 200 } };
	(void)state;
	for (size_t i = 0; i < countof(walks); i++) {
		struct console c;
		console_dir(&c);
		const char *argv[] = { PROGRAM, "drill", walks[i].scenario, "--speed", "0.001", NULL };
		console_start(&c, argv, walks[i].rows, walks[i].cols);
		must_see(&c, "Esc close");
		pty_type(c.p, "\033");
		must_see(&c, "STATE");
		must_see(&c, "gov/prod");
		for (const char *screen = "12"; *screen; screen++) {
			size_t least[STEPS], most = 0;
			int steps = 0;
			memset(least, 0xff, sizeof(least));
			pty_write(c.p, screen, 1);
			must_see(&c, *screen == '1' ? "STATE" : "RESULT");
			for (int round = 0; round < 5; round++) /* minutes pass and panes come meanwhile */
				steps = walk_down(&c, least);
			for (int k = 0; k < steps; k++)
				most = least[k] > most ? least[k] : most;
			print_message("%s %dx%d screen %c: %d moves, at most %zu bytes\n", walks[i].scenario,
				      walks[i].cols, walks[i].rows, *screen, steps, most);
			if (most > 60)
				fail_msg("a cursor-down takes %zu bytes", most);
			if (*screen == '1')
				must_tell_of_marked(&c);
		}
		pty_type(c.p, "q");
		assert_true(pty_wait_exit(c.p, SOON, NULL));
		console_end(&c);
	}
}

static void test_bytes(void **state)
{
	struct console c;
	char keys[200];
	(void)state;
	console_drill(&c, "1", 24, 80);
	pty_type(c.p, "2");
	must_see(&c, "RESULT");
	signal_engine(&c, SIGSTOP);
	size_t frame = frame_bytes(&c);
	memset(keys, 'j', sizeof(keys));
	pty_type(c.p, "g");
	size_t n = bytes_of(&c, keys, sizeof(keys));
	print_message("200 keys typed ahead: %zu bytes; a frame: %zu\n", n, frame);
	if (n > 2 * frame)
		fail_msg("200 keys typed ahead take %zu bytes, a frame %zu", n, frame);
	signal_engine(&c, SIGCONT);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

static void test_signals(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	(void)state;
	for (size_t i = 0; i < countof(signals); i++) {
		struct console c;
		int status = -1;
		console_drill(&c, "1", 24, 80);
		open_plan(&c);
		type_slowly(&c, PHRASE);
		kill(pty_pid(c.p), signals[i]);
		assert_true(pty_wait_exit(c.p, SOON, &status));
		check_restored(&c);
		assert_true(pty_has(c.p, "open  production was dispatched once")); /* nothing was confirmed */
		console_end(&c);
	}
}

static size_t count_in(const char *raw, size_t n, const char *what)
{
	size_t found = 0, len = strlen(what);
	for (size_t i = 0; i + len <= n; i++)
		found += !memcmp(raw + i, what, len);
	return found;
}

/* Stopped by its key or from outside, and continued: the shell finds its terminal, and one repaint brings all back. */
static void test_suspend(void **state)
{
	static const struct {
		const char *key;
		int signal;
		bool gives_back;
	} ways[] = { { "\032", 0, true }, { "", SIGTSTP, true }, { "", SIGSTOP, false } };
	struct console c;
	(void)state;
	console_drill(&c, "0.001", 24, 80);
	must_see(&c, "8/8"); /* what is proved comes last; a frame without it is smaller */
	size_t frame = frame_bytes(&c);
	for (size_t i = 0; i < countof(ways); i++) {
		pty_type(c.p, ways[i].key);
		kill(pty_pid(c.p), ways[i].signal);
		assert_true(pty_wait_stopped(c.p, SOON));
		assert_int_equal(pty_line_mode(c.p), ways[i].gives_back);
		if (ways[i].gives_back)
			check_restored(&c);
		size_t from = pty_raw_n(c.p);
		kill(pty_pid(c.p), SIGCONT);
		wait_until(&c, pty_raw_n(c.p) >= from + frame / 2);
		must_see(&c, "? help");
		pty_settle(c.p, QUIET);
		size_t n = pty_raw_n(c.p) - from;
		print_message("continued: %zu bytes; a frame: %zu\n", n, frame);
		assert_true(n > frame / 2 && n < frame + 200);
		assert_int_equal(count_in(pty_raw(c.p) + from, n, "\033[?1049h"), ways[i].gives_back);
		assert_int_equal(count_in(pty_raw(c.p) + from, n, "\033[?2004h"), 1);
		assert_false(pty_line_mode(c.p));
		assert_true(pty_alt_screen(c.p) && !pty_cursor_visible(c.p));
		int row = marker_row(&c);
		pty_type(c.p, i % 2 ? "k" : "j");
		wait_until(&c, marker_row(&c) != row);
		assert_int_not_equal(marker_row(&c), row);
	}
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	check_restored(&c);
	console_end(&c);
}

/* On a terminal of other than 24 rows the whole of it scrolls, for us and for the shell after us. */
static void test_whole_screen_scrolls(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "0.001", 40, 100);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	assert_int_equal(count_in(pty_raw(c.p), pty_raw_n(c.p), "\033[1;24r"), 0);
	check_restored(&c);
	console_end(&c);
}

/* The line drops while a phrase stands in the field. */
static void test_hangup_in_dialog(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	open_plan(&c);
	type_slowly(&c, PHRASE);
	pty_hangup(c.p);
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	must_leave_no_orphan(&c);
	console_end(&c);
}

static void test_engine_dies(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	pid_t engine = find_process("pilothouse-engine", c.dir);
	signal_engine(&c, SIGKILL);
	must_see(&c, "engine down since");
	assert_true(pty_has(c.p, "NO ENGINE"));
	assert_true(pty_has(c.p, "gov/prod")); /* what was known stays */
	pty_type(c.p, "\022");
	wait_until(&c, find_process("pilothouse-engine", c.dir));
	pid_t next = find_process("pilothouse-engine", c.dir);
	assert_true(next > 0 && next != engine);
	must_go(&c, "NO ENGINE");
	open_plan(&c);
	pty_type(c.p, "\033");
	must_go(&c, "confirm dispatch");
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

static void copy_program(const char *from, const char *to)
{
	char bytes[65536];
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	size_t n;
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(to, 0700), 0);
}

/* An engine that ends before it read anything: local trouble, exit 6, and certainly nothing was sent. */
static int remove_cache(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag;
	return strncmp(path + ftw->base, "cache.db", 8) ? 0 : remove(path);
}

/* Somebody tidies up under us: a new engine makes the cache new, and the lanes are back. */
static void test_cache_is_removed(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	pid_t forge = find_process("pilothouse-drill", c.dir);
	assert_true(forge > 0);
	assert_int_equal(nftw(c.dir, remove_cache, 8, FTW_PHYS), 0);
	kill(forge, SIGSTOP);  /* or the new cache is filled before anybody can see that it was empty */
	pty_type(c.p, "\022"); /* Ctrl-r */
	must_see(&c, "never synced");
	kill(forge, SIGCONT);
	must_see(&c, "gov/prod");
	pty_type(c.p, "q");
	must_leave_no_orphan(&c);
	console_end(&c);
}

static int spoil_cache(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	static const char zeros[4096];
	FILE *f =
		strncmp(path + ftw->base, "cache.db", 8) || strstr(path, "-shm") ? NULL : fopen(path, "r+e");
	(void)flag;
	if (!f)
		return 0;
	for (off_t at = 0; at < st->st_size; at += (off_t)sizeof(zeros))
		fwrite(zeros, 1, sizeof(zeros), f);
	return fclose(f);
}

/* What cannot be read is not calm: no screen says that there is nothing, whichever keys are pressed. */
static void test_cache_is_damaged(void **state)
{
	struct console c;
	(void)state;
	console_drill(&c, "1", 24, 80);
	must_see(&c, "age <1m"); /* of an empty cache all may be in memory */
	signal_engine(&c, SIGSTOP);
	assert_int_equal(nftw(c.dir, spoil_cache, 8, FTW_PHYS), 0);
	for (const char *screen = "2345671"; *screen; screen++) {
		pty_write(c.p, screen, 1);
		must_see(&c, "The cache cannot be read");
		type_slowly(&c, "jD");
		pty_type(c.p, "\033");
		pty_settle(c.p, QUIET);
		must_see(&c, "The cache cannot be read");
	}
	assert_false(pty_has(c.p, "No lane is known yet"));
	signal_engine(&c, SIGCONT);
	pty_type(c.p, "q");
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	console_end(&c);
}

static void test_engine_never_up(void **state)
{
	static const char *const verbs[][6] = {
		{ "sync", "--once" },
		{ "plan", "dispatch", "easy/prod", "v0.9.4" },
		{ "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE },
		{ "dispatch", "easy/prod", "v0.9.4", "--json" },
		{ NULL },
	};
	char program[128], engine[128];
	(void)state;
	for (size_t i = 0; i < countof(verbs); i++) {
		struct console c;
		const char *argv[10] = { program, "--profile", "easyenclave" };
		int status = -1;
		console_dir(&c);
		snprintf(program, sizeof(program), "%s/console", c.dir);
		snprintf(engine, sizeof(engine), "%s/pilothouse-engine", c.dir);
		copy_program(PROGRAM, program);
		assert_int_equal(symlink("/bin/false", engine), 0);
		memcpy(argv + 3, verbs[i], sizeof(verbs[i]));
		console_start(&c, argv, 24, 100);
		if (!verbs[i][0]) { /* the console says so, and stays */
			must_see(&c, "engine down since");
			must_see(&c, "NO ENGINE");
			pty_type(c.p, "q");
		}
		assert_true(pty_wait_exit(c.p, SOON, &status));
		assert_int_equal(status, verbs[i][0] ? 6 : 0);
		assert_true(!verbs[i][0] || pty_has(c.p, "nothing was sent"));
		console_end(&c);
	}
}

/* What a terminal cannot show is not sent to it. */
static void test_terminals(void **state)
{
	static const struct {
		const char *env;
		bool colours, wide;
	} rows[] = { { "TERM=xterm-256color", true, true }, { "TERM=vt100", false, true },
		     { "TERM=linux", true, true },          { "TERM=screen-256color", true, true },
		     { "NO_COLOR=1", false, true },         { "LC_ALL=C", true, false } };
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *argv[] = { PROGRAM, "drill", "strange-names", NULL };
		struct console c;
		bool colours = false, wide = false;
		console_dir(&c);
		c.envp[6] = rows[i].env;
		c.envp[7] = NULL;
		console_start(&c, argv, 24, 80);
		must_see(&c, "Esc close");
		pty_type(c.p, "\033");
		must_see(&c, "LANE ");
		pty_type(c.p, "2");
		must_see(&c, "RESULT");
		const char *raw = pty_raw(c.p);
		for (size_t k = 0; k + 4 < pty_raw_n(c.p); k++) {
			colours |= raw[k] == '\033' && raw[k + 1] == '[' && raw[k + 2] == '3' &&
				   raw[k + 4] == 'm';
			wide |= (unsigned char)raw[k] >= 0x80;
		}
		if ((colours && !rows[i].colours) || (wide && !rows[i].wide))
			fail_msg("%s: colours %d, beyond ASCII %d", rows[i].env, colours, wide);
		pty_type(c.p, "q");
		assert_true(pty_wait_exit(c.p, SOON, NULL));
		console_end(&c);
	}
}

static void test_no_terminal(void **state)
{
	static const char *const env[] = { "TERM=dumb", "TERM=", "TERM=no-such-terminal" };
	const char *argv[] = { PROGRAM, NULL };
	(void)state;
	for (size_t i = 0; i < countof(env); i++) {
		struct console c;
		int status = -1;
		console_dir(&c);
		c.envp[6] = env[i];
		c.envp[7] = NULL;
		console_start(&c, argv, 24, 80);
		assert_true(pty_wait_exit(c.p, SOON, &status));
		assert_int_equal(status, 2);
		assert_true(pty_has(c.p, "pilothouse: "));
		assert_true(pty_has(c.p, "the verbs work without"));
		console_end(&c);
	}
}

/* What was to print one document does not take the terminal. */
static void test_json_without_verb(void **state)
{
	const char *argv[] = { PROGRAM, "--json", NULL };
	struct console c;
	int status = -1;
	(void)state;
	console_dir(&c);
	console_start(&c, argv, 24, 80);
	assert_true(pty_wait_exit(c.p, SOON, &status));
	assert_int_equal(status, 2);
	assert_true(pty_has(c.p, "--json needs a verb"));
	console_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rollout),
		cmocka_unit_test(test_confirm_refuses),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_resize_storm),
		cmocka_unit_test(test_resize_and_back),
		cmocka_unit_test(test_resize_of_a_form),
		cmocka_unit_test(test_cursor_down),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_suspend),
		cmocka_unit_test(test_whole_screen_scrolls),
		cmocka_unit_test(test_hangup_in_dialog),
		cmocka_unit_test(test_engine_dies),
		cmocka_unit_test(test_cache_is_removed),
		cmocka_unit_test(test_cache_is_damaged),
		cmocka_unit_test(test_engine_never_up),
		cmocka_unit_test(test_terminals),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_json_without_verb),
	};
	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
