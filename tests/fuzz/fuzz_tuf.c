/* links: attest base */
/* What a mirror serves: parts of the input, divided by bytes 0, are the anchor and then whatever is asked for, in turn; empty
 * ones are absent. It ends
 * with a file or with a sentence. Signatures cannot be guessed: the seeds have them. */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/attest/tuf_meta.h"
#include "core/port/tuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

struct parts {
	const char *at, *end;
};

static struct span next_part(struct parts *p)
{
	size_t n = (size_t)(p->end - p->at);
	const char *stop = n ? memchr(p->at, 0, n) : NULL;
	struct span s = { (const unsigned char *)p->at, stop ? (size_t)(stop - p->at) : n };

	p->at = stop ? stop + 1 : p->end;
	return s;
}

static int serve(void *ctx, const char *name, struct buf *out, struct err *e)
{
	struct parts *p = ctx;
	struct span s;

	(void)e;
	demand(!strstr(name, "..") && *name != '/');
	if (p->at == p->end)
		return TUF_ABSENT;
	s = next_part(p);
	if (!s.n)
		return TUF_ABSENT;
	buf_add(out, s.p, s.n);
	return 0;
}

/* Read as every role, and as JSON alone. */
static void look_at_form(struct span s)
{
	struct buf once = BUF_INIT(1 << 20);
	struct json *j = NULL;
	struct tuf_meta m;
	struct err e = ERR_INIT;

	for (int role = TUF_ROOT; role < TUF_ROLES; role++)
		if (tuf_meta_read(&m, (enum tuf_role)role, s, &e) == 0) {
			demand(m.version >= 1 && when_known(m.expires));
			demand(tuf_meta_signed(&m, &m, &e) == 0 || e.message[0]);
			demand(role != TUF_ROOT || tuf_same_keys(&m, &m, TUF_TIMESTAMP));
			tuf_meta_done(&m);
		}
	if (json_parse(&j, (const char *)s.p, s.n, 1 << 16, NULL) == 0 && tuf_canonical(&once, j))
		demand(once.n > 0);
	json_free(j);
	buf_done(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct parts p = { (const char *)data, (const char *)data + size };
	const struct tuf_place mirror = { serve, NULL, &p };
	struct span anchor = next_part(&p);
	struct tuf_from from = { .anchor = (const char *)anchor.p, .anchor_n = anchor.n, .mirror = &mirror };
	struct tuf_found found;
	struct err e = ERR_INIT;
	int r;

	if (when_parse(&from.now, "2022-11-20T00:00:00Z") < 0)
		return 0;
	look_at_form(anchor);
	r = attest_tuf_update(&found, &from, "t.json", &a, &e);
	demand(r == 0 ? found.bytes != NULL : r < 0 && e.message[0]);
	arena_done(&a);
	return 0;
}
