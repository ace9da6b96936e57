/* Opening: the file is looked at before SQLite sees it, and what is inside before anything is read from it. */
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/path.h"

/* quick_check reads every page: it is done up to 16 MiB for the cache (about 20 ms), whose larger files show their
 * damage when they are read; the journal is always checked, because acts rest on it. */
const struct flavour store_cache = {
	.word = "cache",
	.steps = "cache",
	.schema = store_cache_schema,
	.application_id = 0x70686361, /* "phca" */
	.durability = "PRAGMA synchronous=NORMAL",
	.check_pages = 4096,
	.disposable = true,
};
const struct flavour store_journal = {
	.word = "journal",
	.steps = "journal",
	.schema = store_journal_schema,
	.application_id = 0x70686a6f, /* "phjo" */
	.durability = "PRAGMA synchronous=FULL",
	.check_pages = INT64_MAX,
};

/* ---- the file ---- */

/* Not every number is in linux/magic.h. WAL needs shared memory between processes and locks that hold (SQLite's wal.html
 * and lockingv3.html): neither can be taken for granted on these. */
bool store_fs_is_remote(long type)
{
	static const unsigned long remote[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, FUSE_SUPER_MAGIC, CODA_SUPER_MAGIC,
		V9FS_MAGIC,      AFS_SUPER_MAGIC, 0xff534d42, /* CIFS */
		0xfe534d42,                                   /* SMB2 */
		0x00c36400,                                   /* Ceph */
		0x0bd00bd0,                                   /* Lustre */
		0x47504653,                                   /* GPFS */
		0x5346414f,                                   /* OpenAFS */
	};

	for (size_t i = 0; i < countof(remote); i++)
		if (((unsigned long)type & 0xffffffff) == remote[i])
			return true;
	return false;
}

/* SQLITE_OPEN_NOFOLLOW refuses links anywhere in the path, and homes often lie behind one: the folder is resolved, the
 * file itself may be no link. */
static int path_resolve(char **out, const char *path, struct err *e)
{
	char folder[PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int n = slash ? (int)(slash - path) : 1;

	snprintf(folder, sizeof(folder), "%.*s/", n, slash ? path : ".");
	if (!*name)
		return err_set(e, ERR_STORE, "cannot open %s: %s", path, strerrordesc_np(EISDIR));
	if (!realpath(folder, real))
		return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_STORE, "cannot open %s: %s", path,
			       strerrordesc_np(errno));
	size_t size = strlen(real) + strlen(name) + 2;
	*out = x_alloc(size);
	snprintf(*out, size, "%s/%s", strcmp(real, "/") != 0 ? real : "", name);
	return 0;
}

static int damaged(struct store *s, const char *why, struct err *e)
{
	err_set(e, ERR_CORRUPT, "%s %s is damaged: %s", s->flavour->word, s->path, why);
	return store_note_damage(s, e);
}

static int file_refuse(const struct store *s, const char *why, mode_t mode, struct err *e)
{
	return err_set(e, ERR_STORE, "%s %s is refused: %s (mode %04o)", s->flavour->word, s->path, why,
		       mode & 07777);
}

/* Looked at by name, never opened: closing any descriptor of a database drops the locks this process holds on it
 * (SQLite, howtocorrupt.html 2.2). Readers may be another account, the group when the cache is shared. */
static int file_check(struct store *s, const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return file_refuse(s, "it is not a regular file", st->st_mode, e);
	if (st->st_nlink != 1)
		return file_refuse(s, "it has more than one name", st->st_mode, e);
	if (st->st_mode & (s->flavour->disposable ? 0137 : 0177))
		return file_refuse(s, "others may use it, it must be 0600", st->st_mode, e);
	if (st->st_uid != geteuid() && s->mode == STORE_WRITE)
		return file_refuse(s, "it belongs to someone else", st->st_mode, e);
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	return 0;
}

/* A new name is durable only when its folder is. */
static int folder_sync(const char *path, struct err *e)
{
	char folder[PATH_MAX];
	int fd, r;

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path + 1), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 || fsync(fd) ? err_set(e, ERR_STORE, "cannot write %s: %s", folder, strerrordesc_np(errno))
				: 0;
	if (fd >= 0)
		close(fd);
	return r;
}

static int file_make(struct store *s, struct stat *st, struct err *e)
{
	int fd = path_private_open(s->path, O_RDWR | O_CREAT | O_EXCL, 0600, e);

	if (fd < 0)
		return fd;
	int r = fstat(fd, st) ? err_set(e, ERR_STORE, "cannot look at %s", s->path) : 0;
	close(fd);
	return r ? r : folder_sync(s->path, e);
}

/* The log outlives every close (writer_settings), and SQLite deletes that of an empty database without a word. So a log
 * beside a journal that is gone or emptied means that intents were lost. For a cache it does not matter. */
static int lost_check(const struct store *s, bool there, struct err *e)
{
	char log[PATH_MAX];
	struct stat st;

	snprintf(log, sizeof(log), "%s-wal", s->path);
	if (s->flavour->disposable || lstat(log, &st))
		return 0;
	err_set(e, ERR_CORRUPT, "%s %s is %s, but its log is still there", s->flavour->word, s->path,
		there ? "empty" : "gone");
	err_hint(e, "put the file back; to begin without it, move %s away", log);
	return -ERR_CORRUPT;
}

/* 0, or STORE_ABSENT for a reader. */
static int file_ready(struct store *s, struct err *e)
{
	struct stat st = { 0 };
	bool there = !lstat(s->path, &st);
	int r = 0;

	if (!there && errno != ENOENT)
		return err_set(e, ERR_STORE, "cannot open %s: %s", s->path, strerrordesc_np(errno));
	if (st.st_size == 0 && (!there || S_ISREG(st.st_mode))) {
		r = lost_check(s, there, e);
		if (!r && s->mode == STORE_READ)
			return STORE_ABSENT;
	}
	if (!r && !there)
		r = file_make(s, &st, e);
	return r ? r : file_check(s, &st, e);
}

bool store_in_place(const struct store *s)
{
	struct stat st;

	return !lstat(s->path, &st) && st.st_dev == s->dev && st.st_ino == s->ino && st.st_nlink == 1 &&
	       st.st_size;
}

static long fs_type_of(const struct store *s)
{
	struct statfs fs;

	if (s->flavour->fs_type)
		return s->flavour->fs_type(s->path);
	return statfs(s->path, &fs) ? -1 : (long)fs.f_type;
}

static int place_check(struct store *s, struct err *e)
{
	long type = fs_type_of(s);

	if (s->flavour->disposable)
		return 0;
	if (type == -1)
		return err_set(e, ERR_STORE, "cannot tell the file system of %s: %s", s->path,
			       strerrordesc_np(errno));
	if (!store_fs_is_remote(type))
		return 0;
	int r = err_set(
		e, ERR_STORE,
		"%s %s is on a network or FUSE file system (type %lx): a promise made there may be lost",
		s->flavour->word, s->path, (unsigned long)type);
	err_hint(e, "set XDG_STATE_HOME to a folder on a local disk");
	return r;
}

/* ---- the connection ---- */

/* SQLite's security.html, for files that another domain could have written. */
static void harden(sqlite3 *db)
{
	static const struct {
		int option, value;
	} settings[] = {
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 }, { SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },        { SQLITE_DBCONFIG_DQS_DDL, 0 },
	};

	for (size_t i = 0; i < countof(settings); i++)
		sqlite3_db_config(db, settings[i].option, settings[i].value, NULL);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 16 << 20);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

/* Once, before the first connection. SQLite would lay out twenty pages for each cache, and fill them, where a screen reads
 * fewer; and nobody asks it how much memory it has. */
static void library_settings(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Our one writer waits long for a reader's checkpoint lock; a screen rather says that the cache is busy. */
static int connect(struct store *s, struct err *e)
{
	int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	sqlite3_int64 mmap = 0;
	int rc;

	library_settings();
	flags |= s->mode == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
	if (rc)
		return store_fault(s, rc, e);
	harden(s->db);
	sqlite3_busy_timeout(s->db, s->mode == STORE_WRITE ? 5000 : 250);
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_MMAP_SIZE, &mmap);
	return store_exec(s, "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY", e);
}

/* WAL stays, with its files, after the last close: a reader of another account could not make them (reliability
 * reference 0.10). The log is cut to 4 MiB at a checkpoint. */
static int writer_settings(struct store *s, struct err *e)
{
	int persist = 1;
	bool remote = store_fs_is_remote(fs_type_of(s));
	int r = store_exec(s, remote ? "PRAGMA journal_mode=DELETE" : "PRAGMA journal_mode=WAL", e);

	if (!r)
		r = store_exec(s, s->flavour->durability, e);
	if (!r)
		r = store_exec(s, "PRAGMA journal_size_limit=4194304", e);
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	return r;
}

/* ---- what is inside ---- */

static int count_rows(struct store *s, enum query q, int64_t *out, struct err *e)
{
	struct key row = { 0 };
	struct arena a = ARENA_INIT;
	int r = store_one(s, q, NULL, NULL, &rec_key, &row, &a, e);

	arena_done(&a);
	*out = row.number;
	return r;
}

static int pages_check(struct store *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int64_t pages = 0;
	int rc, r = store_number(s, "PRAGMA page_count", &pages, e);

	if (r || pages > s->flavour->check_pages)
		return r;
	rc = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &st, NULL);
	if (!rc)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW)
		r = store_fault(s, rc, e);
	else if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		r = damaged(s, (const char *)sqlite3_column_text(st, 0), e);
	sqlite3_finalize(st);
	return r;
}

/* 0 ours, 1 empty: a fresh file, or one whose maker was killed before its first commit. */
static int identity_check(struct store *s, struct err *e)
{
	int64_t id = 0, version = 0, tables = 0;
	int r = store_number(s, "PRAGMA application_id", &id, e);

	if (!r)
		r = store_number(s, "PRAGMA user_version", &version, e);
	if (r || (id == s->flavour->application_id && version > 0))
		return r;
	r = count_rows(s, Q_schema_size, &tables, e);
	if (r)
		return r;
	return id == 0 && version == 0 && tables == 0 ? 1 : damaged(s, "it was not made by us", e);
}

static int strangers_check(struct store *s, struct err *e)
{
	int64_t n = 0;
	int r = count_rows(s, Q_schema_strangers, &n, e);

	if (r)
		return r;
	return n ? damaged(s, "it holds triggers or views, which we never make", e) : 0;
}

/* Acts rest on all of the journal: one that lacks a part is found when it is opened, and not in the middle of an act. A
 * cache is made new when a statement meets that. */
static int statements_check(struct store *s, struct err *e)
{
	int r = 0;

	for (int q = 0; !r && q < Q_MAX_; q++) {
		sqlite3_stmt *st = NULL;

		if (s->flavour->disposable || !query_texts[q].journal)
			continue;
		if (sqlite3_prepare_v2(s->db, query_texts[q].sql, -1, &st, NULL))
			r = store_fault(s, sqlite3_errcode(s->db), e);
		sqlite3_finalize(st);
	}
	return r;
}

static int writer_ready(struct store *s, struct err *e)
{
	int r = identity_check(s, e);

	if (r >= 0)
		r = writer_settings(s, e);
	if (!r)
		r = pages_check(s, e);
	if (!r)
		r = strangers_check(s, e);
	if (!r)
		r = store_migrate(s, store_steps, e);
	return r ? r : statements_check(s, e);
}

/* The kernel keeps the pages of the file anyway: a screen holds no more of its own than the few that a statement walks. */
static const char reader_cache[] = "PRAGMA cache_size=8";

/* A reader cannot migrate, and must not guess at columns. */
static int reader_ready(struct store *s, struct err *e)
{
	int64_t version = 0;
	int latest = store_latest(s->flavour, store_steps);
	int r = identity_check(s, e);

	if (r)
		return r < 0 ? r : STORE_ABSENT;
	r = store_number(s, "PRAGMA user_version", &version, e);
	if (!r && version == latest)
		r = store_exec(s, reader_cache, e);
	if (!r && version == latest)
		return statements_check(s, e);
	if (r)
		return r;
	r = err_set(e, ERR_STORE, "%s %s has schema %d, this program reads %d", s->flavour->word, s->path,
		    (int)version, latest);
	err_hint(e, version > latest ? "a newer pilothouse wrote it: use that one"
				     : "start the engine: it brings it up to date");
	return r;
}

static void store_free(struct store *s)
{
	for (int q = 0; q < Q_MAX_; q++)
		if (s->stmts[q])
			store_stmt_free(s->stmts[q]);
	sqlite3_finalize(s->version);
	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->sparse);
	sqlite3_close_v2(s->db);
	free(s->path);
	free(s);
}

/* ---- one maker at a time ---- */

/* Two programs that meet at a file not yet made would each take the other's half for a loss: who may make or migrate it
 * holds the folder. Where folders cannot be locked (some network file systems) only a cache is allowed to live. Waits as
 * long as for a busy database; the lock falls with the descriptor. */
static int makers_lock(const char *path, int *fd, struct err *e)
{
	enum { WAIT_MS = 5000, STEP_MS = 5 };
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path + 1), path);
	*fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int waited = 0; *fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
	     waited += STEP_MS) {
		if (waited >= WAIT_MS) {
			close(*fd);
			*fd = -1;
			return err_set(e, ERR_STORE, "%s is being opened by another program", path);
		}
		sqlite3_sleep(STEP_MS);
	}
	return 0;
}

static int open_once(struct store **out, char *path, enum store_mode mode, const struct flavour *flavour,
		     struct err *e)
{
	struct store *s = x_alloc(sizeof(*s));
	int r;

	s->path = x_strdup(path);
	s->mode = mode;
	s->flavour = flavour;
	r = file_ready(s, e);
	if (!r)
		r = place_check(s, e);
	if (!r)
		r = connect(s, e);
	if (!r)
		r = mode == STORE_WRITE ? writer_ready(s, e) : reader_ready(s, e);
	if (!r && !store_in_place(s))
		r = err_set(e, ERR_STORE, "%s %s was replaced while it was opened", flavour->word, path);
	if (r)
		store_free(s);
	else
		*out = s;
	return r;
}

/* A database is up to four files. */
static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

/* file.db becomes file.db.damaged, its log with it; an earlier damaged one is lost. */
static void move_aside(const char *path)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (size_t i = 0; i < countof(suffixes); i++) {
		snprintf(from, sizeof(from), "%s%s", path, suffixes[i]);
		snprintf(to, sizeof(to), "%s.damaged%s", path, suffixes[i]);
		if (rename(from, to))
			unlink(to);
	}
}

static int share_one(const char *path, gid_t group, mode_t mode, struct err *e)
{
	if (!lchown(path, (uid_t)-1, group) && !chmod(path, mode))
		return 0;
	return err_set(e, ERR_STORE, "cannot share %s with group %u: %s", path, (unsigned)group,
		       strerrordesc_np(errno));
}

int store_share(struct store *s, gid_t group, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;
	int r;

	BUG_IF(s->mode != STORE_WRITE || !s->flavour->disposable);
	snprintf(path, sizeof(path), "%.*s", (int)(strrchr(s->path, '/') - s->path), s->path);
	r = share_one(path, group, 0750, e);
	for (size_t i = 0; !r && i < countof(suffixes); i++) {
		snprintf(path, sizeof(path), "%s%s", s->path, suffixes[i]);
		if (!lstat(path, &st))
			r = share_one(path, group, 0640, e);
	}
	return r;
}

/* A damaged cache is moved aside and begun again; a damaged journal never. */
static int open_writer(struct store **out, char *path, const struct flavour *flavour, struct err *e)
{
	int fd, r = makers_lock(path, &fd, e);

	if (r)
		return r;
	r = open_once(out, path, STORE_WRITE, flavour, e);
	if (r == -ERR_CORRUPT && flavour->disposable) {
		err_clear(e);
		move_aside(path);
		r = open_once(out, path, STORE_WRITE, flavour, e);
		r = r ? r : STORE_REBUILT;
	}
	if (fd >= 0)
		close(fd);
	return r;
}

int store_open_as(struct store **out, const char *path, enum store_mode mode, const struct flavour *flavour,
		  struct err *e)
{
	char *real = NULL;
	int r;

	*out = NULL;
	r = path_resolve(&real, path, e);
	if (r == -ERR_MISSING && mode == STORE_READ) {
		err_clear(e);
		return STORE_ABSENT;
	}
	if (r)
		return r;
	r = mode == STORE_WRITE ? open_writer(out, real, flavour, e) : open_once(out, real, mode, flavour, e);
	free(real);
	return r;
}

int store_open(struct store **out, const char *path, enum store_mode mode, struct err *e)
{
	return store_open_as(out, path, mode, &store_cache, e);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->damaged && s->mode == STORE_WRITE && s->flavour->disposable && store_in_place(s))
		move_aside(s->path);
	store_free(s);
}
