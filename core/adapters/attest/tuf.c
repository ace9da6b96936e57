#include "core/port/tuf.h"

#include "core/adapters/attest/tuf_meta.h"

#include <string.h>

struct update {
	const struct tuf_from *from;
	struct arena *a;
	struct tuf_meta root, timestamp, snapshot, targets;
	struct tuf_found *found;
	struct err *e;
};

/* ---- places --------------------------------------------------------------------------------------------------------------- */

/* 0, TUF_ABSENT (also when there is no such place) or an error. */
static int get(struct update *u, struct span *out, const struct tuf_place *place, const char *name,
	       size_t max)
{
	autofree(buf) struct buf text = BUF_INIT(max);
	char *copy;
	int r = place ? place->get(place->ctx, name, &text, u->e) : TUF_ABSENT;

	if (r)
		return r;
	if (text.over)
		return err_set(u->e, ERR_POLICY, "%s has more than %zu bytes", name, max);
	copy = arena_alloc(u->a, text.n + 1);
	memcpy(copy, text.s, text.n);
	copy[text.n] = 0;
	*out = (struct span){ (const unsigned char *)copy, text.n };
	return 0;
}

static int keep(struct update *u, const char *name, struct span bytes)
{
	const struct tuf_place *cache = u->from->cache;

	return cache ? cache->put(cache->ctx, name, bytes.p, bytes.n, u->e) : 0;
}

static int forget(struct update *u, const char *name)
{
	return keep(u, name, (struct span){ NULL, 0 });
}

static int fetch(struct update *u, struct span *out, const char *name, size_t max)
{
	int r = get(u, out, u->from->mirror, name, max);

	if (r != TUF_ABSENT)
		return r;
	if (u->from->mirror)
		return err_set(u->e, ERR_MISSING, "the mirror has no %s", name);
	return err_set(u->e, ERR_MISSING, "there is no %s that holds in the cache, and no mirror was asked",
		       name);
}

static const char *cache_name(struct update *u, enum tuf_role role)
{
	return arena_printf(u->a, "%s.json", tuf_role_name(role));
}

static bool in_time(const struct update *u, const struct tuf_meta *m)
{
	return when_diff(m->expires, u->from->now) > 0;
}

static int must_be_in_time(const struct update *u, const struct tuf_meta *m)
{
	char text[WHEN_TEXT];

	if (in_time(u, m))
		return 0;
	return err_set(u->e, ERR_POLICY, "version %" PRId64 " of the %s expired at %s", m->version,
		       tuf_role_name(m->role), when_iso(m->expires, text));
}

static void become(struct tuf_meta *to, struct tuf_meta *m)
{
	tuf_meta_done(to);
	*to = *m;
	*m = (struct tuf_meta){ .role = to->role };
}

/* ---- 5.3: the root -------------------------------------------------------------------------------------------------------- */

static int read_anchor(struct update *u)
{
	const struct span bytes = { (const unsigned char *)u->from->anchor, u->from->anchor_n };
	struct err why = ERR_INIT;
	int r = tuf_meta_read(&u->root, TUF_ROOT, bytes, &why);

	if (r == 0)
		r = tuf_meta_signed(&u->root, &u->root, &why);
	return r < 0 ? err_set(u->e, ERR_CORRUPT, "the root that updates begin with cannot be used: %s",
			       why.message)
		     : 0;
}

/* By the keys of the one before it and by its own; expired is no matter on the way. */
static int read_next_root(struct update *u, struct tuf_meta *next, struct span bytes, struct err *e)
{
	int r = tuf_meta_read(next, TUF_ROOT, bytes, e);

	if (r == 0 && next->version != u->root.version + 1)
		r = err_set(e, ERR_POLICY,
			    "the root that follows version %" PRId64 " says that it is %" PRId64,
			    u->root.version, next->version);
	if (r == 0)
		r = tuf_meta_signed(next, &u->root, e);
	if (r == 0)
		r = tuf_meta_signed(next, next, e);
	return r;
}

/* With new keys the numbers of before say nothing: whoever had the old ones may have counted far ahead (5.3.11). They are
 * forgotten before the new root is kept. */
static int keep_root(struct update *u, const struct tuf_meta *next, const char *name)
{
	int r = 0;

	if (!tuf_same_keys(&u->root, next, TUF_TIMESTAMP) || !tuf_same_keys(&u->root, next, TUF_SNAPSHOT)) {
		r = forget(u, cache_name(u, TUF_TIMESTAMP));
		if (r == 0)
			r = forget(u, cache_name(u, TUF_SNAPSHOT));
	}
	return r == 0 ? keep(u, name, next->bytes) : r;
}

/* 0: another one is believed; TUF_ABSENT: there is no newer one here. */
static int step_root(struct update *u, const struct tuf_place *place)
{
	const char *name = arena_printf(u->a, "%" PRId64 ".root.json", u->root.version + 1);
	bool cached = place == u->from->cache;
	struct err passed = ERR_INIT;
	struct tuf_meta next = { 0 };
	struct span bytes;
	int r = get(u, &bytes, place, name, tuf_role_max(TUF_ROOT));

	if (r)
		return r;
	r = read_next_root(u, &next, bytes, cached ? &passed : u->e);
	if (r == 0 && !cached)
		r = keep_root(u, &next, name);
	if (r == 0)
		become(&u->root, &next);
	tuf_meta_done(&next);
	return r < 0 && cached ? TUF_ABSENT : r;
}

static int walk_roots(struct update *u)
{
	const struct tuf_place *const places[] = { u->from->cache, u->from->mirror };
	int r = read_anchor(u), left = TUF_ROOTS_MAX;

	u->found->root_before = u->root.version;
	for (size_t i = 0; i < countof(places) && r == 0; i++) {
		while (places[i] && r == 0 && left-- > 0)
			r = step_root(u, places[i]);
		if (r == 0 && left < 0)
			return err_set(u->e, ERR_POLICY, "there are more than %d newer roots", TUF_ROOTS_MAX);
		r = r == TUF_ABSENT ? 0 : r;
		if (i == 0)
			u->found->root_before = u->root.version;
	}
	return r == 0 ? must_be_in_time(u, &u->root) : r;
}

/* ---- files of the other roles ---------------------------------------------------------------------------------------------- */

static int read_signed(struct update *u, struct tuf_meta *out, enum tuf_role role, struct span bytes,
		       struct err *e)
{
	int r = tuf_meta_read(out, role, bytes, e);

	if (r == 0)
		r = tuf_meta_signed(out, &u->root, e);
	if (r < 0)
		tuf_meta_done(out);
	return r;
}

/* *out stays without a document when the cache has none that these keys signed. */
static int read_cached(struct update *u, struct tuf_meta *out, enum tuf_role role)
{
	struct err passed = ERR_INIT;
	struct span bytes;
	int r = get(u, &bytes, u->from->cache, cache_name(u, role), tuf_role_max(role));

	*out = (struct tuf_meta){ .role = role };
	if (r == 0 && read_signed(u, out, role, bytes, &passed) < 0)
		r = TUF_ABSENT;
	return r < 0 ? r : 0;
}

static int meta_of(struct tuf_file *out, const struct tuf_meta *m, const char *name, struct err *e)
{
	const struct json *j = tuf_member(json_get(m->body, "meta"), name);

	if (!j)
		return err_set(e, ERR_POLICY, "the %s does not name %s", tuf_role_name(m->role), name);
	if (tuf_file_read(out, j, name, e) < 0)
		return -ERR_POLICY;
	return out->version ? 0
			    : err_set(e, ERR_POLICY, "the %s tells no version of %s", tuf_role_name(m->role),
				      name);
}

/* ---- 5.4: the timestamp --------------------------------------------------------------------------------------------------- */

static int not_back(const struct update *u, const char *what, int64_t now, int64_t before)
{
	if (now >= before)
		return 0;
	return err_set(u->e, ERR_POLICY, "%s goes back from version %" PRId64 " to %" PRId64, what, before,
		       now);
}

static int weigh_timestamp(struct update *u, const struct tuf_meta *old, const struct tuf_meta *fresh)
{
	struct err passed = ERR_INIT;
	struct tuf_file was, is;
	int r = meta_of(&is, fresh, "snapshot.json", u->e);

	if (r == 0 && old->doc) {
		r = not_back(u, "the timestamp", fresh->version, old->version);
		if (r == 0 && meta_of(&was, old, "snapshot.json", &passed) == 0)
			r = not_back(u, "the snapshot that the timestamp names", is.version, was.version);
	}
	return r == 0 ? must_be_in_time(u, fresh) : r;
}

/* One of the version that is had already is not looked at further. */
static int fetch_timestamp(struct update *u, struct tuf_meta *old)
{
	const char *name = cache_name(u, TUF_TIMESTAMP);
	struct tuf_meta fresh = { .role = TUF_TIMESTAMP };
	struct span bytes;
	int r = fetch(u, &bytes, name, tuf_role_max(TUF_TIMESTAMP));

	if (r == 0)
		r = read_signed(u, &fresh, TUF_TIMESTAMP, bytes, u->e);
	if (r == 0 && (!old->doc || fresh.version != old->version)) {
		r = weigh_timestamp(u, old, &fresh);
		if (r == 0)
			r = keep(u, name, bytes);
		if (r == 0)
			become(old, &fresh);
	}
	tuf_meta_done(&fresh);
	return r;
}

static int take_timestamp(struct update *u)
{
	int r = read_cached(u, &u->timestamp, TUF_TIMESTAMP);

	if (r == 0 && (u->from->mirror || !u->timestamp.doc))
		r = fetch_timestamp(u, &u->timestamp);
	return r == 0 ? must_be_in_time(u, &u->timestamp) : r;
}

/* ---- 5.5 and 5.6: snapshot and targets ---------------------------------------------------------------------------------------- */

/* Nothing of what the old one named is gone or older. */
static int weigh_snapshot(struct update *u, const struct tuf_meta *old, const struct tuf_meta *fresh)
{
	const struct json *all = json_get(old->body, "meta");
	const char *name;
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_size(all); i++) {
		int64_t before = json_int(json_member(all, i, &name), "version", 0);
		struct tuf_file is;

		r = meta_of(&is, fresh, name, u->e);
		if (r == 0)
			r = not_back(u, name, is.version, before);
	}
	return r;
}

/* By its plain name, or by the one with its version when roots promise consistent snapshots. Mirrors that are made by some tools
 * have the latter without the promise; what it is decides, not its name. */
static int get_named(struct update *u, struct span *out, enum tuf_role role, const struct tuf_file *told,
		     const char **name)
{
	const char *const names[] = {
		arena_printf(u->a, "%" PRId64 ".%s.json", told->version, tuf_role_name(role)),
		cache_name(u, role),
	};
	bool versioned = json_bool(u->root.body, "consistent_snapshot", false);
	size_t max = tuf_role_max(role);
	int r;

	if (told->length >= 0 && (uint64_t)told->length < max)
		max = (size_t)told->length;
	*name = names[!versioned];
	r = versioned ? TUF_ABSENT : get(u, out, u->from->mirror, *name, max);
	if (r != TUF_ABSENT)
		return r;
	*name = names[0];
	return fetch(u, out, *name, max);
}

static int fetch_named(struct update *u, struct tuf_meta *out, const struct tuf_file *told,
		       const struct tuf_meta *old)
{
	const char *name;
	struct span bytes;
	int r = get_named(u, &bytes, old->role, told, &name);

	if (r == 0)
		r = tuf_file_matches(told, bytes, name, u->e);
	if (r == 0)
		r = read_signed(u, out, old->role, bytes, u->e);
	if (r == 0 && out->version != told->version)
		r = err_set(u->e, ERR_POLICY,
			    "%s says that it is version %" PRId64 ", and %" PRId64 " is announced", name,
			    out->version, told->version);
	if (r == 0 && old->doc && old->role == TUF_SNAPSHOT)
		r = weigh_snapshot(u, old, out);
	if (r == 0)
		r = must_be_in_time(u, out);
	return r == 0 ? keep(u, cache_name(u, old->role), bytes) : r;
}

/* What `by` names: the cache's when it is that one, else the mirror's. */
static int take_named(struct update *u, struct tuf_meta *to, enum tuf_role role, const struct tuf_meta *by)
{
	struct tuf_meta old = { .role = role }, fresh = { .role = role };
	struct err passed = ERR_INIT;
	struct tuf_file told;
	int r = meta_of(&told, by, cache_name(u, role), u->e);

	if (r == 0)
		r = read_cached(u, &old, role);
	if (r == 0 && old.doc && old.version == told.version && in_time(u, &old) &&
	    tuf_file_matches(&told, old.bytes, "it", &passed) == 0)
		become(to, &old);
	else if (r == 0)
		r = fetch_named(u, &fresh, &told, &old);
	if (r == 0 && fresh.doc)
		become(to, &fresh);
	tuf_meta_done(&old);
	tuf_meta_done(&fresh);
	return r;
}

/* ---- 5.7: the file ---------------------------------------------------------------------------------------------------------- */

/* Relative, of whole names, of letters that no file system and no address reads as anything else. */
static bool is_safe_path(const char *path)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@/";
	size_t n = strlen(path);

	if (!n || n > 255 || strspn(path, letters) != n)
		return false;
	for (const char *p = path; p;) {
		size_t k = strcspn(p, "/");

		if (!k || (p[0] == '.' && (k == 1 || (k == 2 && p[1] == '.'))))
			return false;
		p = p[k] ? p + k + 1 : NULL;
	}
	return true;
}

/* DIR/HASH.NAME; hash NULL: DIR/NAME. */
static const char *target_name(struct update *u, const char *target, const char *hash)
{
	const char *slash = strrchr(target, '/');
	int dir = slash ? (int)(slash + 1 - target) : 0;

	return arena_printf(u->a, "targets/%.*s%s%s%s", dir, target, hash ? hash : "", hash ? "." : "",
			    target + dir);
}

/* Which of its hashes is in the name is the mirror's choice; of get_named() the same holds. */
static int fetch_target(struct update *u, struct span *out, const struct tuf_file *told, const char *target)
{
	const char *const hashes[] = { tuf_file_hash(told, "sha256"), tuf_file_hash(told, "sha512"),
				       tuf_file_hash(told, "sha384") };
	bool plain = !json_bool(u->root.body, "consistent_snapshot", false);
	size_t max = (size_t)told->length;
	const char *name = target_name(u, target, NULL);
	int r = plain ? get(u, out, u->from->mirror, name, max) : TUF_ABSENT;

	for (size_t i = 0; r == TUF_ABSENT && i < countof(hashes); i++) {
		if (!hashes[i])
			continue;
		name = target_name(u, target, hashes[i]);
		r = get(u, out, u->from->mirror, name, max);
	}
	if (r == TUF_ABSENT)
		r = err_set(u->e, ERR_MISSING, "%s has no %s", u->from->mirror ? "the mirror" : "the cache",
			    name);
	if (r == 0)
		r = tuf_file_matches(told, *out, target, u->e);
	return r == 0 ? keep(u, "target", *out) : r;
}

static int take_target(struct update *u, const char *target)
{
	const struct json *j = tuf_member(json_get(u->targets.body, "targets"), target);
	struct err passed = ERR_INIT;
	struct tuf_file told;
	struct span bytes;
	int r;

	if (!j)
		return err_set(u->e, ERR_MISSING, "the targets do not name %s", target);
	if (tuf_file_read(&told, j, target, u->e) < 0)
		return -ERR_POLICY;
	if (told.length < 0 || (uint64_t)told.length > TUF_TARGET_MAX || !told.hashes)
		return err_set(u->e, ERR_POLICY, "the targets do not say how long %s is and what its hash is",
			       target);
	r = get(u, &bytes, u->from->cache, "target", TUF_TARGET_MAX);
	if (r == TUF_ABSENT || (r == 0 && tuf_file_matches(&told, bytes, target, &passed) < 0))
		r = fetch_target(u, &bytes, &told, target);
	if (r == 0) {
		u->found->bytes = (const char *)bytes.p;
		u->found->n = bytes.n;
	}
	return r;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------------------- */

static void tell(struct update *u)
{
	const struct tuf_meta *const all[] = { &u->root, &u->timestamp, &u->snapshot, &u->targets };

	u->found->root = u->root.version;
	u->found->timestamp = u->timestamp.version;
	u->found->snapshot = u->snapshot.version;
	u->found->targets = u->targets.version;
	for (size_t i = 0; i < countof(all); i++)
		if (i == 0 || when_diff(all[i]->expires, u->found->until) < 0)
			u->found->until = all[i]->expires;
}

int attest_tuf_update(struct tuf_found *out, const struct tuf_from *from, const char *target, struct arena *a,
		      struct err *e)
{
	struct err own = ERR_INIT;
	struct update u = { .from = from, .a = a, .found = out, .e = e ? e : &own };
	int r = 0;

	*out = (struct tuf_found){ 0 };
	if (!is_safe_path(target))
		return err_set(e, ERR_INVALID, "no file of a mirror can have the name %s", target);
	r = walk_roots(&u);
	if (r == 0)
		r = take_timestamp(&u);
	if (r == 0)
		r = take_named(&u, &u.snapshot, TUF_SNAPSHOT, &u.timestamp);
	if (r == 0)
		r = take_named(&u, &u.targets, TUF_TARGETS, &u.snapshot);
	if (r == 0)
		r = take_target(&u, target);
	if (r == 0)
		tell(&u);
	tuf_meta_done(&u.root);
	tuf_meta_done(&u.timestamp);
	tuf_meta_done(&u.snapshot);
	tuf_meta_done(&u.targets);
	return r;
}
