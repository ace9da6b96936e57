/*
 * power.c - the power fails in the middle of an act, at every place of it, and the disk keeps what it likes.
 *
 *	fault_power BIN-FOLDER LIBFAULT.so ACT [--every N] [--disks N] [--deaf 1]
 *
 * The act runs once, for real, and its engine keeps a diary (record.h). Then, for each place between two records, disks
 * are made as a power cut may leave them: what was made to last is there; of what was not, a write may be missing, may be
 * there, or be there in some of its 512-byte sectors, in any order; a name whose folder was not made to last may be
 * missing. Disk 0 lost all of it, disk 1 lost nothing, the others follow their seed. Whatever came of it:
 *	- the journal opens, and holds each intent that it held before the act;
 *	- when a request had left, its intent is there and does not claim that nothing was sent;
 *	- when a console had been told the outcome, the journal knows it;
 *	- the cache opens, or is made new.
 * With --deaf the disk does not hear that anything shall last: then something must be lost, or this would prove nothing.
 * Exit status: 0 all held, 1 not.
 */
#include "base/path.h"
#include "base/text.h"
#include "store/journal.h"
#include "tests/fault/acts.h"
#include "tests/fault/record.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 32, SECTOR = 512, DISKS = 6, FILE_MAX = 64 << 20, CACHE_EACH = 8 };

struct note {
	struct record r;
	const char *path, *data;
};

/* A file as the disk has it for certain, and what was done to it since. */
struct file {
	const char *path;
	struct buf sure;
	bool name_sure; /* the name lasts */
	bool there;     /* the name is there as long as the power is */
	bool was_sure;  /* unlinked, and the old name may come back */
	const struct note **since;
	size_t since_n, since_max;
};

/* What the world may know at a place of the diary. */
struct promise {
	const char *request, *next; /* the last that left, and the one after it */
	const char *state;          /* that a console was told since */
	bool told;                  /* ... at any time */
};

static struct arena arena;
static struct file files[FILES_MAX];
static size_t files_n;
static struct notes VEC_OF(struct note) notes;
static int64_t held_before;
static long findings, unpromised, points, every = 1, disks = DISKS, deaf;

/* ---- the diary ----------------------------------------------------------------------------------------------------- */

static void read_whole(const char *path, struct buf *out)
{
	char chunk[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	if (fd < 0 || out->over)
		stand_die("%s cannot be read", path);
	close(fd);
}

static void read_diary(const char *path, struct buf *bytes)
{
	read_whole(path, bytes);
	for (size_t at = 0; at + sizeof(struct record) <= bytes->n;) {
		struct note note;

		memcpy(&note.r, bytes->s + at, sizeof(note.r));
		at += sizeof(note.r);
		note.path = arena_strndup(&arena, bytes->s + at, note.r.path_n);
		note.data = bytes->s + at + note.r.path_n;
		at += note.r.path_n + note.r.n;
		*vec_push(&notes, &arena) = note;
	}
}

static struct file *file_of(const char *path)
{
	for (size_t i = 0; i < files_n; i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	if (files_n == FILES_MAX)
		stand_die("too many files");
	files[files_n] = (struct file){ .path = arena_strdup(&arena, path), .sure = BUF_INIT(FILE_MAX) };
	return &files[files_n++];
}

/* What was there before the act is as sure as can be. */
static void read_before(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *de;

	while (d && (de = readdir(d))) {
		const char *path = arena_printf(&arena, "%s/%s", dir, de->d_name);
		struct stat st;

		if (de->d_name[0] == '.' && strcmp(de->d_name, ".cache") != 0)
			continue;
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			read_before(path);
		size_t n = strlen(path);

		if (!strstr(de->d_name, ".db") || strcmp(path + n - 4, "-shm") == 0)
			continue;
		struct file *f = file_of(path);

		read_whole(path, &f->sure);
		f->there = f->name_sure = true;
	}
	if (d)
		closedir(d);
}

/* ---- the disk ------------------------------------------------------------------------------------------------------ */

static void put_at(struct buf *b, uint64_t at, const char *data, uint64_t n)
{
	static const char zeros[4096];

	while (b->n < at)
		buf_add(b, zeros, at - b->n < sizeof(zeros) ? (size_t)(at - b->n) : sizeof(zeros));
	size_t inside = b->n - at < n ? (size_t)(b->n - at) : (size_t)n;

	memcpy(b->s + at, data, inside);
	buf_add(b, data + inside, (size_t)n - inside);
}

static void set_size(struct buf *b, uint64_t n)
{
	if (n < b->n) {
		b->n = (size_t)n;
		b->s[n] = '\0';
	} else {
		put_at(b, n, "", 0);
	}
}

static void do_to(struct buf *b, const struct note *what)
{
	if (what->r.what == RECORD_WRITE)
		put_at(b, what->r.at, what->data, what->r.n);
	else
		set_size(b, what->r.at);
}

static void make_sure(struct file *f)
{
	for (size_t i = 0; i < f->since_n; i++)
		do_to(&f->sure, f->since[i]);
	f->since_n = 0;
}

static void remember(struct file *f, const struct note *what)
{
	if (f->since_n == f->since_max) {
		f->since_max = f->since_max ? 2 * f->since_max : 64;
		f->since = x_realloc(f->since, f->since_max * sizeof(const struct note *));
	}
	f->since[f->since_n++] = what;
}

/* A folder is made to last: its names are as they are. */
static void names_last(const char *folder)
{
	size_t n = strlen(folder);

	for (size_t i = 0; i < files_n; i++)
		if (!strncmp(files[i].path, folder, n) && files[i].path[n] == '/' &&
		    !strchr(files[i].path + n + 1, '/')) {
			files[i].name_sure = files[i].there;
			files[i].was_sure = false;
		}
}

static void happen(const struct note *what)
{
	struct file *f;

	if (what->r.what == RECORD_SYNC && !strstr(what->path, ".db")) {
		names_last(what->path);
		return;
	}
	if (what->r.what > RECORD_RENAME)
		return;
	f = file_of(what->path);
	switch ((enum record_what)what->r.what) {
	case RECORD_CREATE:
		buf_reset(&f->sure);
		f->since_n = 0;
		f->there = true;
		f->name_sure = f->was_sure;
		break;
	case RECORD_WRITE:
	case RECORD_CUT:
		f->there = true;
		remember(f, what);
		break;
	case RECORD_SYNC:
		if (!deaf)
			make_sure(f);
		break;
	case RECORD_UNLINK:
		f->there = false;
		f->was_sure = f->name_sure;
		f->name_sure = false;
		break;
	case RECORD_RENAME:
		stand_die("%s is renamed: this disk cannot do that", what->path);
	case RECORD_NET:
	case RECORD_USER:
		break;
	}
}

/* ---- the cut ------------------------------------------------------------------------------------------------------- */

static uint64_t dice;

static uint64_t roll(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice;
}

/* Kept whole, kept in some sectors, or lost. */
static void maybe(struct buf *b, const struct note *what, int disk)
{
	uint64_t luck = disk < 2 ? 3 * (uint64_t)disk : roll() % 5;

	if (luck >= 3) {
		do_to(b, what);
		return;
	}
	if (luck == 0 || what->r.what != RECORD_WRITE || disk < 2)
		return;
	for (uint64_t at = 0; at < what->r.n; at += SECTOR) {
		uint64_t n = what->r.n - at < SECTOR ? what->r.n - at : SECTOR;

		if (roll() % 2)
			put_at(b, what->r.at + at, what->data + at, n);
	}
}

static bool is_there(const struct file *f, int disk)
{
	if (f->there)
		return f->name_sure || disk == 1 || (disk > 1 && roll() % 2);
	return f->was_sure && (disk == 0 || (disk > 1 && roll() % 2));
}

static const char *name_of(const struct file *f)
{
	return strrchr(f->path, '/') + 1;
}

/* Of the database whose name this is: the file and those beside it, as one disk has them. */
static void make_disk(const char *dir, const char *database, int disk)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < countof(tails); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s%s", dir, database, tails[i]);
		unlink(path);
	}
	for (size_t i = 0; i < files_n; i++) {
		struct file *f = &files[i];
		struct buf b = BUF_INIT(FILE_MAX);
		char path[256];

		if (!text_starts(name_of(f), database))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, name_of(f));
		buf_add(&b, f->sure.s, f->sure.n);
		for (size_t k = 0; k < f->since_n; k++)
			maybe(&b, f->since[k], disk);
		if (is_there(f, disk)) {
			int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

			if (fd < 0 || write(fd, b.s, b.n) != (ssize_t)b.n)
				stand_die("%s cannot be made", path);
			close(fd);
		}
		buf_done(&b);
	}
}

/* ---- what must hold ------------------------------------------------------------------------------------------------ */

static void find(size_t place, int disk, const char *what, const char *more)
{
	if (findings++ && deaf)
		return;
	printf("%s - place %zu of %zu, disk %d: %s%s%s\n", deaf ? "lost, as it must be" : "not ok", place,
	       notes.n, disk, what, more ? ": " : "", more ? more : "");
}

/* Whose request it is; of an act of several steps the next may stand there already, and another act may begin with that. */
static const struct intent *record_of(const struct intents *all, const struct promise *p)
{
	const char *const wanted[] = { p->request, p->next };

	for (size_t w = 0; w < countof(wanted); w++)
		for (size_t i = 0; wanted[w] && i < all->n; i++)
			if (text_eq(all->items[i].request, wanted[w]))
				return &all->items[i];
	return NULL;
}

static const char *broken_promise(struct journal *j, const struct promise *p, struct arena *a)
{
	struct intents all = { 0 };
	const struct intent *mine;

	if (journal_recent(j, 100, &all, a, NULL) != 0)
		return "the journal cannot be read";
	if ((int64_t)all.n < held_before)
		return "an intent of before is lost";
	if (!p->request)
		return NULL;
	mine = record_of(&all, p);
	if (!mine)
		return "a request left, and its intent is lost";
	if (mine->state == INTENT_ARMED || mine->state == INTENT_NOT_SENT)
		return "a request left, and the record says that none did";
	if (p->state && !text_eq(names_word(&intent_state_names, mine->state), p->state))
		return "a console was told the outcome, and the record does not know it";
	return NULL;
}

static void check_journal(const char *dir, const struct promise *p, size_t place, int disk)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct journal *j = NULL;
	struct err e = ERR_INIT;
	const char *broken;

	make_disk(dir, "journal.db", disk);
	points++;
	if (journal_open(&j, path_join(&a, dir, "journal.db"), &e) != 0) {
		if (p->request || held_before)
			find(place, disk, "the journal does not open", e.message);
		else
			unpromised++;
		return;
	}
	broken = broken_promise(j, p, &a);
	if (broken)
		find(place, disk, broken, p->request);
	journal_close(j);
}

static void check_cache(const char *dir, size_t place, int disk)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	make_disk(dir, "cache.db", disk);
	points++;
	if (store_open(&s, path_join(&a, dir, "cache.db"), STORE_WRITE, &e) < 0)
		find(place, disk, "the cache neither opens nor is made new", e.message);
	store_close(s);
}

/* ---- promises ------------------------------------------------------------------------------------------------------ */

/* "POST /path" of an act that begins here; NULL for anything else. */
static const char *request_in(const struct note *n)
{
	static const char *const methods[] = { "POST ", "PUT ", "PATCH ", "DELETE " };

	for (size_t i = 0; n->r.what == RECORD_NET && i < countof(methods); i++) {
		size_t len = strlen(methods[i]);

		if (n->r.n > len && !strncmp(n->data, methods[i], len))
			return arena_strndup(&arena, n->data, len + strcspn(n->data + len, " "));
	}
	return NULL;
}

/* The state in the answer of an act that went well. */
static const char *state_in(const struct note *n)
{
	const char *s = arena_strndup(&arena, n->data, (size_t)n->r.n), *at;

	if (n->r.what != RECORD_USER || !strstr(s, "\"exit\":0"))
		return NULL;
	at = strstr(s, "\"state\":\"");
	return at ? arena_strndup(&arena, at + 9, strcspn(at + 9, "\"")) : NULL;
}

static void promise_grows(struct promise *p, size_t place)
{
	const char *request = request_in(&notes.items[place]), *state = state_in(&notes.items[place]);

	if (request) {
		p->request = request;
		p->state = p->next = NULL; /* what was told was told of another */
		for (size_t i = place + 1; i < notes.n && !p->next; i++)
			p->next = request_in(&notes.items[i]);
	}
	if (state)
		p->state = state, p->told = true;
}

/* ---- one act -------------------------------------------------------------------------------------------------------- */

static void live_once(struct trial *t, const char *name, struct buf *bytes)
{
	const char *words[16], *diary;
	struct fault fault = { .at = "0" };

	trial_prepare(t, act_find(name), "60", false);
	read_before(t->stand.dir);
	diary = arena_printf(&arena, "%s/diary", t->stand.dir);
	fault.diary = diary;
	trial_words(t, words);
	stand_run(&t->stand, &t->ran, &fault, words);
	trial_settle(t);
	stand_end_engine(&t->stand);
	if (t->ran.status != 0)
		stand_die("%s: exit %d: %s%s", name, t->ran.status, t->ran.out.s, t->ran.err.s);
	ran_done(&t->ran);
	read_diary(diary, bytes);
	trial_close(t);
}

static void count_before(const char *dir)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct intents all = { 0 };
	struct journal *j = NULL;

	make_disk(dir, "journal.db", 1);
	if (files_n && journal_open(&j, path_join(&a, dir, "journal.db"), NULL) == 0 &&
	    journal_recent(j, 100, &all, &a, NULL) == 0)
		held_before = (int64_t)all.n;
	journal_close(j);
}

static void cut_everywhere(const char *dir, bool asks_nothing)
{
	struct promise p = { 0 };

	for (size_t place = 0; place < notes.n; place++) {
		happen(&notes.items[place]);
		promise_grows(&p, place);
		if ((long)place % every)
			continue;
		for (int disk = 0; disk < (int)disks; disk++) {
			dice = (place + 1) * 0x9e3779b97f4a7c15 + (uint64_t)disk;
			check_journal(dir, &p, place, disk);
			if (place % CACHE_EACH == 0)
				check_cache(dir, place, disk);
		}
	}
	if ((!p.request && !asks_nothing) || !p.told)
		find(notes.n, 0, "the diary knows of no request, or of no outcome", NULL);
}

static void read_options(int argc, char **argv)
{
	static const struct {
		const char *word;
		long *value;
	} options[] = { { "--every", &every }, { "--disks", &disks }, { "--deaf", &deaf } };

	for (int i = 4; i + 1 < argc; i += 2)
		for (size_t k = 0; k < countof(options); k++)
			if (!strcmp(argv[i], options[k].word))
				*options[k].value = atol(argv[i + 1]);
	if (every < 1)
		every = 1;
}

/* Acts of this console's own: no request of theirs is in the diary. */
static bool is_own(const char *act)
{
	static const char *const own[] = { "override", "note", "hold", "abandon" };

	for (size_t i = 0; i < countof(own); i++)
		if (strcmp(act, own[i]) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	char dir[64];
	struct buf bytes = BUF_INIT(512 << 20);
	struct trial t = { .run_text = "" };

	if (argc < 4)
		stand_die("fault_power BIN-FOLDER LIBFAULT.so ACT [--every N] [--disks N] [--deaf 1]");
	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	stand_place(argv[1], argv[2]);
	stand_folder(dir, sizeof(dir));
	live_once(&t, argv[3], &bytes);
	count_before(dir);
	cut_everywhere(dir, is_own(argv[3]));
	printf("# %s, power cut: %zu places, %ld points, %ld findings; %ld times no journal, and nothing was "
	       "promised\n",
	       argv[3], notes.n, points, findings, unpromised);
	stand_remove(dir);
	return (findings > 0) != (deaf != 0);
}
