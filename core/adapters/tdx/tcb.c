#include "core/adapters/tdx/internal.h"

#include "base/text.h"

/* Intel's quote verification library, 4.1.2.4.17 (platform) and TDX 1.5 module identities. */

const struct module_identity *tcb_module(const struct tcb_info *t, unsigned version)
{
	char id[16];

	if (version == 0)
		return &t->first;
	snprintf(id, sizeof(id), "TDX_%02X", version & 0xff);
	vec_each (m, &t->modules)
		if (text_eq(m->id, id))
			return m;
	return NULL;
}

static bool reaches(const uint8_t *have, const uint8_t *want, size_t from)
{
	for (size_t i = from; i < 16; i++)
		if (have[i] < want[i])
			return false;
	return true;
}

/* From module version 1 on, components 0 and 1 are the module's own number and version, and its identity judges them:
 * comparing them here calls platforms out of date that are not. */
const struct tcb_level *tcb_level_of(const struct tcb_info *t, const struct sgx_platform *p,
				     const unsigned char tdx[16])
{
	vec_each (l, &t->levels)
		if (reaches(p->svn, l->sgx, 0) && p->pce_svn >= l->pce_svn &&
		    reaches(tdx, l->tdx, tdx[1] ? 2 : 0))
			return l;
	return NULL;
}

const struct isv_level *isv_level_of(const struct isv_levels *levels, unsigned svn)
{
	vec_each (l, levels)
		if (svn >= l->svn)
			return l;
	return NULL;
}
