#include "core/engine/options.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_to(const char *path, gid_t gid, mode_t mode, bool must_be, struct err *e)
{
	if (!must_be && access(path, F_OK) < 0)
		return 0;
	if (lchown(path, (uid_t)-1, gid) < 0 || chmod(path, mode) < 0)
		return err_set(e, ERR_STORE, "%s cannot be given to the group: %s", path, strerror(errno));
	return 0;
}

int options_share(const struct options *o, struct arena *a, struct err *e)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	const struct group *g = o->share_group ? getgrnam(o->share_group) : NULL;
	int r;

	if (!o->share_group)
		return 0;
	if (!g)
		return err_set(e, ERR_INVALID, "--share-group %s: there is no such group", o->share_group);
	/* Whoever may enter the directory could reach the socket and the journal by name. */
	if (!strcmp(o->places.cache_dir, o->places.state_dir))
		return err_set(e, ERR_INVALID,
			       "--share-group needs a --cache-dir apart from the state directory");
	r = open_to(o->places.cache_dir, g->gr_gid, 0750, true, e);
	for (size_t i = 0; i < countof(tails) && r >= 0; i++)
		r = open_to(arena_printf(a, "%s%s", o->places.cache_path, tails[i]), g->gr_gid, 0640, i == 0,
			    e);
	return r;
}
