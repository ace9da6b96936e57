/*
 * export_tool.c - `proof export LANE-or-RELEASE [--machine NAME] [--path DIR]`: the verdicts, and the bytes that they rest on, for whoever
 * wants to verify them without us.
 *
 * Everything is read and hashed again before a byte is written: evidence that is damaged or gone stops the export, because
 * a verdict without its evidence looks like one that has it.
 */
#include "core/engine/export.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "core/view/proof.h"
#include "store/evidence.h"

#define EXPORT_MAX ((size_t)256 << 20)
#define VERDICTS   "verdicts.json"

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static int open_cache(struct exporting *x, struct store **out, struct err *e)
{
	int r = store_open(out, x->j->t->cache_path, STORE_READ, e);

	if (r != STORE_ABSENT)
		return r;
	err_set(e, ERR_STALE, "nothing was ever read from the forge here");
	return err_hint(e, "pilothouse sync --once");
}

static int read_rows(struct exporting *x, struct store *s, const char *word, struct err *e)
{
	struct arena *a = x->j->t->arena;
	int r = store_begin(s, e);

	if (r >= 0)
		r = view_proofs(&x->rows, s, word, x->now, a, e);
	if (r > 0) {
		err_set(e, ERR_MISSING, "there is no lane and no release %s", word);
		r = err_hint(e, "see `pilothouse lanes`");
	} else if (r == 0 && !x->rows.n) {
		err_set(e, ERR_MISSING, "nothing is proved of %s: there is nothing to export", word);
		r = err_hint(e, "see `pilothouse proof %s`", word);
	}
	vec_each (row, &x->rows)
		if (r >= 0)
			r = view_proof_steps(row, s, a, e);
	store_undo(s);
	return r;
}

int export_add(struct exporting *x, const char *dir, const char *kind, const char *ending, const char *hex,
	       struct err *e)
{
	const struct evidence_box box = { .dir = dir, .sha256 = x->j->t->sha256 };
	autofree(buf) struct buf bytes = BUF_INIT(EVIDENCE_MAX);
	struct arena *a = x->j->t->arena;
	int r;

	vec_each (p, &x->pieces)
		if (text_eq(p->hex, hex) && text_eq(p->kind, kind))
			return 0;
	r = *hex ? evidence_read(&box, hex, &bytes, e) : 1;
	if (r == 0)
		*vec_push(&x->pieces, a) = (struct piece){ kind, ending, arena_strdup(a, hex),
							   arena_copy(a, bytes.s, bytes.n), bytes.n };
	if (r == -ERR_MISSING)
		err_hint(e, "pilothouse sync --once, which fetches it again if it is still there");
	return r < 0 ? r : 0;
}

static int add_piece(struct exporting *x, const char *kind, const char *hex, struct err *e)
{
	return export_add(x, x->j->t->evidence_dir, kind, ".json", hex, e);
}

/* Of one bundle or root once, however many rest on it. */
static int read_pieces(struct exporting *x, struct err *e)
{
	int r = 0;

	vec_each (row, &x->rows)
		for (int i = 0; i < row->items_n && r >= 0; i++) {
			r = add_piece(x, "bundle", row->items[i].raw.evidence, e);
			if (r >= 0)
				r = add_piece(x, "root", row->items[i].raw.root, e);
		}
	return r;
}

/* ---- one document --------------------------------------------------------------------------------------------------------- */

static void write_piece(struct jw *w, const struct piece *p, struct arena *a)
{
	autofree(buf) struct buf base64 = BUF_INIT(2 * EVIDENCE_MAX);

	text_base64(&base64, p->bytes, p->n);
	jw_open(w, '{');
	jw_kstr(w, "kind", p->kind);
	jw_kstr(w, "sha256", p->hex);
	jw_kint(w, "size", (int64_t)p->n);
	jw_kstr(w, "base64", base64.n ? arena_strndup(a, base64.s, base64.n) : "");
	jw_close(w, '}');
}

static int print_document(struct exporting *x)
{
	autofree(buf) struct buf out = BUF_INIT(EXPORT_MAX);
	struct err e = ERR_INIT;
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_key(&w, "verdicts");
	x->verdicts(&w, x);
	jw_kopen(&w, "evidence", '[');
	vec_each (p, &x->pieces)
		write_piece(&w, p, x->j->t->arena);
	jw_close(&w, ']');
	jw_close(&w, '}');
	if (out.over) {
		err_set(&e, ERR_INVALID, "the evidence is too large for one document");
		err_hint(&e, "--path DIR writes a file of each");
		return tool_fail(x->j, 1, &e);
	}
	tool_print(stdout, out.s, out.n, true);
	return fflush(stdout) || ferror(stdout) ? err_exit_status(ERR_STORE) : 0;
}

/* ---- files ------------------------------------------------------------------------------------------------------------------ */

struct file {
	const char *path, *bytes;
	size_t n;
};
struct files VEC_OF(struct file);

static int write_file(const struct file *f, struct err *e)
{
	int fd = path_private_open(f->path, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool good;

	if (fd < 0)
		return err_set(e, ERR_STORE, "cannot write %s", f->path);
	good = out && fwrite(f->bytes, 1, f->n, out) == f->n && !fflush(out) && !fsync(fd);
	if (out ? fclose(out) : close(fd))
		good = false;
	if (!good)
		(void)unlink(f->path);
	return good ? 0 : err_set(e, ERR_STORE, "cannot write %s", f->path);
}

static int none_is_there(const struct files *files, struct err *e)
{
	struct stat st;

	vec_each (f, files)
		if (!lstat(f->path, &st)) {
			err_set(e, ERR_POLICY, "%s is there already, and nothing is written over it",
				f->path);
			return err_hint(e, "name a new folder");
		}
	return 0;
}

/* All of them, or none that was not there before. */
static int write_all(const struct files *files, struct err *e)
{
	int r = none_is_there(files, e);
	size_t n = 0;

	while (r >= 0 && n < files->n) {
		r = write_file(&files->items[n], e);
		n += r >= 0;
	}
	while (r < 0 && n-- > 0)
		(void)unlink(files->items[n].path);
	return r;
}

static void add_file(struct exporting *x, struct files *files, const char *name, const char *bytes, size_t n)
{
	struct arena *a = x->j->t->arena;

	*vec_push(files, a) = (struct file){ path_join(a, x->j->c.opt[OPT_PATH], name), bytes, n };
}

const char *export_name(const struct piece *p, struct arena *a)
{
	return arena_printf(a, "%s-%s%s", p->kind, p->hex, p->ending);
}

static int write_files(struct exporting *x, struct files *files, struct err *e)
{
	autofree(buf) struct buf verdicts = BUF_INIT(EXPORT_MAX);
	struct arena *a = x->j->t->arena;
	struct jw w;
	int r;

	jw_init(&w, &verdicts);
	x->verdicts(&w, x);
	buf_chr(&verdicts, '\n');
	if (verdicts.over)
		return err_set(e, ERR_INVALID, "the verdicts are too large");
	vec_each (p, &x->pieces)
		add_file(x, files, export_name(p, a), p->bytes, p->n);
	add_file(x, files, VERDICTS, verdicts.s, verdicts.n); /* last: what it names is there */
	r = path_private_dir(x->j->c.opt[OPT_PATH], 0700, e);
	return r < 0 ? r : write_all(files, e);
}

static int print_files(struct exporting *x, const struct files *files)
{
	struct tooling *j = x->j;

	if (j->t->json) {
		jw_open(&j->w, '{');
		jw_kstr(&j->w, "path", j->c.opt[OPT_PATH]);
		jw_kopen(&j->w, "files", '[');
		vec_each (f, files)
			jw_str(&j->w, f->path);
		jw_close(&j->w, ']');
		jw_close(&j->w, '}');
	} else {
		vec_each (f, files)
			buf_fmt(&j->out, "%s\n", f->path);
	}
	return tool_finish(j, 0);
}

static void write_proofs(struct jw *w, const struct exporting *x)
{
	view_proofs_json(w, &x->rows, x->now);
}

static int read_proofs(struct exporting *x, struct store *cache, struct err *e)
{
	int r = read_rows(x, cache, x->j->c.args[1], e);

	x->verdicts = write_proofs;
	return r < 0 ? r : read_pieces(x, e);
}

static int do_export(struct tooling *j)
{
	struct exporting x = { .j = j, .now = clock_wall(loop_clock(j->t->loop)) };
	autofree(store) struct store *cache = NULL;
	struct files files = { 0 };
	struct err e = ERR_INIT;
	int r = open_cache(&x, &cache, &e);

	if (r >= 0)
		r = (j->c.opt[OPT_MACHINE] ? export_read_machine : read_proofs)(&x, cache, &e);
	if (r >= 0 && !j->c.opt[OPT_PATH])
		return print_document(&x);
	if (r >= 0)
		r = write_files(&x, &files, &e);
	return r < 0 ? tool_fail(j, err_exit_status(e.kind), &e) : print_files(&x, &files);
}

const struct tool_action export_action = { "export", " LANE-or-RELEASE [--machine NAME] [--path DIR]", 2,
					   do_export };
