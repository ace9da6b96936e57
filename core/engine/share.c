#include "core/engine/options.h"

#include <grp.h>
#include <string.h>

int options_share(const struct options *o, struct store *cache, struct err *e)
{
	const struct group *g = o->share_group ? getgrnam(o->share_group) : NULL;

	if (!o->share_group)
		return 0;
	if (!g)
		return err_set(e, ERR_INVALID, "--share-group %s: there is no such group", o->share_group);
	/* Whoever may enter the directory could reach the socket and the journal by name. */
	if (!strcmp(o->places.cache_dir, o->places.state_dir))
		return err_set(e, ERR_INVALID,
			       "--share-group needs a --cache-dir apart from the state directory");
	return store_share(cache, g->gr_gid, e);
}
