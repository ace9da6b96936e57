#include "unit/github/canned.h"

#include "core/adapters/digest/digest.h"
#include "core/adapters/registry/registry.h"

#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_IMAGE "application/vnd.oci.image.manifest.v1+json"
#define LIST      "application/vnd.docker.distribution.manifest.list.v2+json"
#define V2        "application/vnd.docker.distribution.manifest.v2+json"
#define SHA_A     "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B     "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define IMAGE     "{\"schemaVersion\":2,\"mediaType\":\"" OCI_IMAGE "\",\"config\":{},\"layers\":[]}"

static const char type_image[] = "content-type: " OCI_IMAGE "; charset=utf-8";

/* What a read or an act came to, copied while it was there to be seen. */
struct told {
	int calls, status;
	bool ok;
	struct err err;
	struct registry_answer a;
	char digest[80], type[96], last_tag[140], children[512];
};

static void on_read(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct told *t = ctx;
	size_t used = 0;

	t->calls++;
	t->ok = a != NULL;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		t->err = *err;
	if (!a)
		return;
	t->a = *a;
	canned_copy(t->digest, sizeof(t->digest), a->digest);
	canned_copy(t->type, sizeof(t->type), a->type);
	canned_copy(t->last_tag, sizeof(t->last_tag), a->tags_n ? a->tags[a->tags_n - 1] : "");
	for (size_t i = 0; i < a->children_n; i++)
		used += (size_t)snprintf(t->children + used, sizeof(t->children) - used, "%s=%.8s ",
					 a->children[i].platform, a->children[i].digest);
}

static void on_act(void *ctx, int status, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->status = status;
	t->ok = !err;
	if (err)
		t->err = *err;
}

static struct clock the_clock;

static struct registry *open_registry(struct canned *c, const struct reply *replies, size_t n,
				      const struct secret *credential)
{
	struct registry *r = NULL;

	canned_init(c, replies, n);
	c->http.base = "https://r.example.test";
	clock_manual(&the_clock, (struct when){ NOON });
	assert_int_equal(registry_open(&r, &c->http, &the_clock, credential, NULL), 0);
	return r;
}

static void ask(struct registry *r, struct canned *c, struct told *t, const struct registry_read *q)
{
	*t = (struct told){ 0 };
	assert_int_equal(r->ops->read(r, q, on_read, t, &t->err), 0);
	assert_int_equal(t->calls, 0);
	canned_pump(c);
	assert_int_equal(t->calls, 1);
}

static void digest_of(const char *text, char out[80])
{
	memcpy(out, "sha256:", 7);
	digest_sha256(text, strlen(text), out + 7);
}

static struct registry_act act_of(char digest[80])
{
	digest_of(IMAGE, digest);
	return (struct registry_act){ .image = "o/app",
				      .tag = "live",
				      .digest = digest,
				      .type = OCI_IMAGE,
				      .bytes = IMAGE,
				      .bytes_n = strlen(IMAGE) };
}

static const struct registry_read by_tag = { REGISTRY_MANIFEST, "o/app", "v1.2" };
static const struct registry_read by_digest = { REGISTRY_MANIFEST, "o/app", SHA_A };
static const struct registry_read all_tags = { REGISTRY_TAGS, "o/app", NULL };

/* ---- who may ask ---------------------------------------------------------------------------------------------------- */

static void test_open_registry(void **state maybe_unused)
{
	static const struct reply replies[] = { { 200, .body = "{}" },
						{ 200, .headers = type_image, .body = IMAGE },
						{ 200, .headers = type_image, .body = IMAGE } };
	struct told t;
	struct canned c;
	struct registry *r = open_registry(&c, replies, 3, NULL);
	char digest[80];

	digest_of(IMAGE, digest);
	ask(r, &c, &t, &by_tag);
	assert_true(t.ok);
	assert_string_equal(t.digest, digest);
	assert_string_equal(t.type, OCI_IMAGE);
	assert_int_equal(t.a.bytes_n, strlen(IMAGE));
	ask(r, &c, &t, &by_tag);
	assert_true(t.ok);
	assert_int_equal(c.asked_n, 3); /* what it wants is asked once */
	assert_string_equal(c.asked[0].target, "/v2/");
	assert_string_equal(c.asked[1].target, "/v2/o/app/manifests/v1.2");
	assert_string_equal(c.asked[1].authorization, "");
	assert_has(c.asked[1].accept, "application/vnd.oci.image.index.v1+json, ");
	r->ops->free(r);
	canned_done(&c);
}

static void test_basic(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 401, .headers = "www-authenticate: Basic realm=\"r\"", .body = "{}" },
		{ 200, .headers = type_image, .body = IMAGE },
	};
	struct secret credential = SECRET_INIT;
	struct told t;
	struct canned c;
	struct registry *r;

	assert_int_equal(secret_set(&credential, "ana:word", NULL), 0);
	r = open_registry(&c, replies, 2, &credential);
	ask(r, &c, &t, &by_tag);
	assert_true(t.ok);
	assert_string_equal(c.asked[0].authorization, "");
	assert_string_equal(c.asked[1].authorization, "Basic YW5hOndvcmQ=");
	r->ops->free(r);
	canned_done(&c);
	r = open_registry(&c, replies, 2, NULL);
	ask(r, &c, &t, &by_tag);
	assert_int_equal(t.err.kind, ERR_AUTH);
	assert_int_equal(c.asked_n, 1);
	r->ops->free(r);
	canned_done(&c);
	secret_done(&credential);
}

/* Anybody may read here; who writes says who it is. */
static void test_open_to_readers(void **state maybe_unused)
{
	static const struct reply replies[] = { { 200, .body = "{}" },
						{ 200, .headers = type_image, .body = IMAGE },
						{ 201 } };
	struct secret credential = SECRET_INIT;
	char digest[80];
	const struct registry_act act = act_of(digest);
	struct told t;
	struct canned c;
	struct registry *r;

	assert_int_equal(secret_set(&credential, "ana:word", NULL), 0);
	r = open_registry(&c, replies, 3, &credential);
	ask(r, &c, &t, &by_tag);
	assert_int_equal(r->ops->act(r, &act, on_act, &t, &t.err), 0);
	canned_pump(&c);
	assert_true(t.ok);
	assert_string_equal(c.asked[1].authorization, "");
	assert_string_equal(c.asked[2].authorization, "Basic YW5hOndvcmQ=");
	r->ops->free(r);
	canned_done(&c);
	secret_done(&credential);
}

#define BEARER \
	"www-authenticate: Bearer realm=\"https://auth.test/token\",service=\"r.example.test\",scope=\"x\""

static void test_bearer(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 401, .headers = BEARER, .body = "{}" },
		{ 200, .body = "{\"token\":\"t1\",\"expires_in\":300}" },
		{ 200, .headers = type_image, .body = IMAGE },
		{ 200, .headers = type_image, .body = IMAGE }, /* with the same token */
		{ 200, .body = "{\"access_token\":\"t2\"}" },  /* which ended */
		{ 401, .headers = BEARER, .body = "{}" },      /* and the new one is refused, once */
		{ 401, .headers = BEARER, .body = "{}" },
		{ 200, .body = "{\"token\":\"t3\"}" },
		{ 200, .headers = type_image, .body = IMAGE },
	};
	struct secret credential = SECRET_INIT;
	struct told t;
	struct canned c;
	struct registry *r;

	assert_int_equal(secret_set(&credential, "word", NULL), 0);
	r = open_registry(&c, replies, countof(replies), &credential);
	registry_allow(r, "https://auth.test");
	ask(r, &c, &t, &by_tag);
	assert_true(t.ok);
	assert_string_equal(c.asked[1].target,
			    "https://auth.test/"
			    "token?scope=repository%3Ao%2Fapp%3Apull&service=r.example.test");
	assert_true(c.asked[1].foreign && !c.asked[1].local);
	assert_string_equal(c.asked[1].authorization, "Basic dG9rZW46d29yZA==");
	assert_string_equal(c.asked[2].authorization, "Bearer t1");
	ask(r, &c, &t, &by_tag);
	assert_int_equal(c.asked_n, 4);
	assert_string_equal(c.asked[3].authorization, "Bearer t1");
	clock_advance(&the_clock, 295000);
	ask(r, &c, &t, &by_tag);
	assert_true(t.ok);
	assert_int_equal(c.asked_n, 9);
	assert_string_equal(c.asked[5].authorization, "Bearer t2");
	assert_string_equal(c.asked[8].authorization, "Bearer t3");
	r->ops->free(r);
	canned_done(&c);
	secret_done(&credential);
}

/* Our credential is sent where a registry may send it, or nowhere. */
static void test_realms(void **state maybe_unused)
{
	static const struct {
		const char *challenge;
		bool fine;
	} cases[] = {
		{ "www-authenticate: Bearer realm=\"https://auth.test/token\",service=\"s\"", true },
		{ "www-authenticate: bearer service=\"s\",realm=\"https://r.example.test/token\"", true },
		{ "www-authenticate: Bearer realm=\"http://r.example.test/token\"", false },
		{ "www-authenticate: Bearer realm=\"http://auth.test/token\"", false },
		{ "www-authenticate: Bearer realm=\"https://\"", false },
		{ "www-authenticate: Bearer realm=\"https://a@b/\"", false },
		{ "www-authenticate: Bearer realm=\"/token\"", false },
		{ "www-authenticate: Bearer realm=\"https://auth.test/a b\"", false },
		{ "www-authenticate: Bearer service=\"s\"", false },
		{ "www-authenticate: Bearer xrealm=\"https://auth.test/\"", false },
		{ "www-authenticate: Digest realm=\"x\"", false },
		{ "x: y", false },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[] = { { 401, .headers = cases[i].challenge, .body = "{}" },
					   { 200, .body = "{\"token\":\"t\"}" },
					   { 200, .headers = type_image, .body = IMAGE } };
		struct told t;
		struct canned c;
		struct registry *r = open_registry(&c, replies, 3, NULL);

		ask(r, &c, &t, &by_tag);
		if (t.ok != cases[i].fine)
			fail_msg("case %zu: %s", i, t.err.message);
		assert_int_equal(c.asked_n, cases[i].fine ? 3 : 1);
		if (!t.ok)
			assert_int_equal(t.err.kind, ERR_AUTH);
		r->ops->free(r);
		canned_done(&c);
	}
}

/* With a credential: the registry itself, or what the profile named; a name that only begins so is another's. */
static void test_realms_with_a_credential(void **state maybe_unused)
{
	static const struct {
		const char *challenge;
		bool fine;
	} cases[] = {
		{ "www-authenticate: Bearer realm=\"https://r.example.test/token\"", true },
		{ "www-authenticate: Bearer realm=\"https://auth.named.test/token\"", true },
		{ "www-authenticate: Bearer realm=\"https://auth.test/token\"", false },
		{ "www-authenticate: Bearer realm=\"https://r.example.test.evil/token\"", false },
		{ "www-authenticate: Bearer realm=\"https://r.example.test:444/token\"", false },
		{ "www-authenticate: Bearer realm=\"http://auth.named.test/token\"", false },
	};
	struct secret credential = SECRET_INIT;

	assert_int_equal(secret_set(&credential, "word", NULL), 0);
	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[] = { { 401, .headers = cases[i].challenge, .body = "{}" },
					   { 200, .body = "{\"token\":\"t\"}" },
					   { 200, .headers = type_image, .body = IMAGE } };
		struct told t;
		struct canned c;
		struct registry *r = open_registry(&c, replies, 3, &credential);

		registry_allow(r, "https://auth.named.test");
		registry_allow(r, NULL);
		ask(r, &c, &t, &by_tag);
		if (t.ok != cases[i].fine)
			fail_msg("case %zu: %s", i, t.err.message);
		assert_int_equal(c.asked_n, cases[i].fine ? 3 : 1);
		if (!t.ok)
			assert_non_null(strstr(t.err.hint, "realm"));
		r->ops->free(r);
		canned_done(&c);
	}
	secret_done(&credential);
}

/* ---- manifests ------------------------------------------------------------------------------------------------------ */

static void test_children(void **state maybe_unused)
{
	static const char index[] =
		"{\"schemaVersion\":2,\"manifests\":["
		"{\"digest\":\"" SHA_A "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
		"{\"digest\":\"" SHA_B
		"\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}},"
		"{\"digest\":\"" SHA_B
		"\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}},"
		"{\"digest\":\"" SHA_A "\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}},"
		"{\"digest\":\"" SHA_A "\"}]}";
	static const char *const types[] = { "content-type: " OCI_INDEX, "content-type: " LIST };

	for (size_t i = 0; i < countof(types); i++) {
		struct reply replies[] = { { 200, .body = "{}" },
					   { 200, .headers = types[i], .body = index } };
		struct told t;
		struct canned c;
		struct registry *r = open_registry(&c, replies, 2, NULL);

		ask(r, &c, &t, &by_tag);
		assert_true(t.ok);
		assert_string_equal(t.children,
				    "linux/amd64=sha256:a linux/arm64=sha256:b linux/arm/v7=sha256:b "
				    "=sha256:a ");
		r->ops->free(r);
		canned_done(&c);
	}
}

static const struct {
	const struct registry_read *read;
	struct reply reply;
	enum err_kind kind;
	const char *why;
} bad_manifests[] = {
	{ &by_tag,
	  { 200, .headers = "content-type: " OCI_IMAGE "\ndocker-content-digest: " SHA_A, .body = IMAGE },
	  ERR_CORRUPT,
	  "its bytes are" },
	{ &by_digest, { 200, .headers = type_image, .body = IMAGE }, ERR_CORRUPT, "for " SHA_A },
	{ &by_tag, { 200, .headers = "content-type: " V2, .body = IMAGE }, ERR_CORRUPT, "by its header" },
	{ &by_tag,
	  { 200, .headers = "content-type: " OCI_IMAGE, .body = "{\"schemaVersion\":1,\"config\":{}}" },
	  ERR_CORRUPT,
	  "schema" },
	{ &by_tag,
	  { 200, .headers = "content-type: " OCI_IMAGE,
	    .body = "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}" },
	  ERR_CORRUPT,
	  "none of one image" },
	{ &by_tag,
	  { 200, .headers = "content-type: " OCI_IMAGE, .body = "{\"schemaVersion\":2" },
	  ERR_CORRUPT,
	  "" },
	{ &by_tag,
	  { 200, .headers = "content-type: " OCI_INDEX, .body = "{\"schemaVersion\":2}" },
	  ERR_CORRUPT,
	  "no list" },
	{ &by_tag,
	  { 200, .headers = "content-type: " OCI_INDEX,
	    .body = "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha512:x\"}]}" },
	  ERR_CORRUPT,
	  "sha256" },
	{ &by_tag, { 200, .headers = "content-type: text/html", .body = "<html>" }, ERR_SERVER, "text/html" },
	{ &by_tag,
	  { 200, .headers = "content-type: application/vnd.docker.distribution.manifest.v1+prettyjws",
	    .body = "{}" },
	  ERR_SERVER,
	  "manifest" },
	{ &by_tag, { 200, .headers = "content-type: application/", .body = "{}" }, ERR_SERVER, "manifest" },
	{ &by_tag,
	  { 404, .body = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest "
			 "unknown\"}]}" },
	  ERR_MISSING,
	  "MANIFEST_UNKNOWN" },
	{ &by_tag, { 403, .body = "{}" }, ERR_FORBIDDEN, "403" },
	{ &by_tag, { 429, .headers = "retry-after: 7", .body = "{}" }, ERR_RATE, "429" },
	{ &by_tag, { 502, .headers = "content-type: text/html", .body = "<html>" }, ERR_SERVER, "502" },
	{ &by_tag, { 307, .headers = "location: https://evil.test/" }, ERR_SERVER, "307" },
	{ &by_tag, { 0, ERR_OFFLINE }, ERR_OFFLINE, "wire" },
};

static void test_manifests_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(bad_manifests); i++) {
		struct reply replies[] = { { 200, .body = "{}" }, bad_manifests[i].reply };
		struct told t;
		struct canned c;
		struct registry *r = open_registry(&c, replies, 2, NULL);

		ask(r, &c, &t, bad_manifests[i].read);
		if (t.err.kind != bad_manifests[i].kind)
			fail_msg("case %zu: %s (%s)", i, err_word(t.err.kind), t.err.message);
		assert_has(t.err.message, bad_manifests[i].why);
		if (t.err.kind == ERR_RATE)
			assert_int_equal(t.err.retry_ms, 7000);
		assert_int_equal(c.asked_n, 2);
		r->ops->free(r);
		canned_done(&c);
	}
}

static void test_questions_refused(void **state maybe_unused)
{
	static const struct registry_read bad[] = {
		{ REGISTRY_TAGS, NULL, NULL },       { REGISTRY_TAGS, "", NULL },
		{ REGISTRY_TAGS, "O/app", NULL },    { REGISTRY_TAGS, "o/../app", NULL },
		{ REGISTRY_TAGS, "/o", NULL },       { REGISTRY_TAGS, "o/", NULL },
		{ REGISTRY_TAGS, "o//a", NULL },     { REGISTRY_TAGS, "o/a?x", NULL },
		{ REGISTRY_TAGS, "o/.a", NULL },     { REGISTRY_MANIFEST, "o/a", NULL },
		{ REGISTRY_MANIFEST, "o/a", "" },    { REGISTRY_MANIFEST, "o/a", "../x" },
		{ REGISTRY_MANIFEST, "o/a", ".x" },  { REGISTRY_MANIFEST, "o/a", "sha256:abc" },
		{ REGISTRY_MANIFEST, "o/a", "a b" }, { REGISTRY_MANIFEST, "o/a", "sha512:aa" },
	};
	struct told t = { 0 };
	struct canned c;
	struct registry *r = open_registry(&c, NULL, 0, NULL);

	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(r->ops->read(r, &bad[i], on_read, &t, &t.err), -ERR_INVALID);
	assert_int_equal(c.asked_n, 0);
	r->ops->free(r);
	canned_done(&c);
}

/* ---- tags ----------------------------------------------------------------------------------------------------------- */

static void test_tags(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .body = "{}" },
		{ 200, .headers = "link: </v2/o/app/tags/list?last=b&n=100>; rel=\"next\"",
		  .body = "{\"name\":\"o/app\",\"tags\":[\"a\",\"b\"]}" },
		{ 200, .headers = "link: <https://r.example.test/v2/o/app/tags/list?last=c>; rel=\"next\"",
		  .body = "{\"name\":\"o/app\",\"tags\":[\"c\"]}" },
		{ 200, .headers = "date: Sat, 21 Nov 2026 12:00:00 GMT",
		  .body = "{\"name\":\"o/app\",\"tags\":[\"v1.2-rc.1\"]}" },
	};
	struct told t;
	struct canned c;
	struct registry *r = open_registry(&c, replies, countof(replies), NULL);

	ask(r, &c, &t, &all_tags);
	assert_true(t.ok);
	assert_int_equal(t.a.tags_n, 4);
	assert_false(t.a.cut);
	assert_string_equal(t.last_tag, "v1.2-rc.1");
	assert_int_equal(t.a.date.ms, NOON);
	assert_string_equal(c.asked[1].target, "/v2/o/app/tags/list?n=100");
	assert_string_equal(c.asked[2].target, "/v2/o/app/tags/list?last=b&n=100");
	assert_string_equal(c.asked[3].target, "/v2/o/app/tags/list?last=c");
	r->ops->free(r);
	canned_done(&c);
}

/* 1001 tags, in pages without end: a thousand are enough, and the answer says that there are more. */
static void test_many_tags(void **state maybe_unused)
{
	struct buf page = BUF_INIT(1 << 16);
	struct reply replies[32] = { { 200, .body = "{}" } };
	struct told t;
	struct canned c;
	struct registry *r;

	buf_str(&page, "{\"name\":\"o/app\",\"tags\":[\"t\"");
	for (int i = 1; i < 100; i++)
		buf_fmt(&page, ",\"t%d\"", i);
	buf_str(&page, "]}");
	for (size_t i = 1; i < countof(replies); i++)
		replies[i] =
			(struct reply){ 200, .headers = "link: </v2/o/app/tags/list?last=x>; rel=\"next\"",
					.body = page.s };
	r = open_registry(&c, replies, countof(replies), NULL);
	ask(r, &c, &t, &all_tags);
	assert_true(t.ok && t.a.cut);
	assert_int_equal(t.a.tags_n, 1000);
	assert_true(c.asked_n <= 12);
	r->ops->free(r);
	canned_done(&c);
	buf_done(&page);
}

static void test_tags_refused(void **state maybe_unused)
{
	static const struct {
		struct reply reply;
		bool ok, cut;
	} cases[] = {
		{ { 200, .body = "{\"name\":\"o/app\",\"tags\":null}" }, true, false },
		{ { 200, .body = "{\"name\":\"o/other\",\"tags\":[]}" }, false, false },
		{ { 200, .body = "{\"tags\":[]}" }, false, false },
		{ { 200, .body = "{\"name\":\"o/app\"}" }, false, false },
		{ { 200, .body = "{\"name\":\"o/app\",\"tags\":[1]}" }, false, false },
		{ { 200, .body = "{\"name\":\"o/app\",\"tags\":[\"a\\u001b[2J\"]}" }, false, false },
		{ { 200, .body = "{\"name\":\"o/app\",\"tags\":[\"" }, false, false },
		{ { 404, .body = "{}" }, false, false },
		/* there is more, at a place where we do not go */
		{ { 200, .headers = "link: <https://evil.test/v2/o/app/tags/list?x>; rel=\"next\"",
		    .body = "{\"name\":\"o/app\",\"tags\":[\"a\"]}" },
		  true,
		  true },
		{ { 200, .headers = "link: </v2/o/other/tags/list?x>; rel=\"next\"",
		    .body = "{\"name\":\"o/app\",\"tags\":[\"a\"]}" },
		  true,
		  true },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[] = { { 200, .body = "{}" }, cases[i].reply };
		struct told t;
		struct canned c;
		struct registry *r = open_registry(&c, replies, 2, NULL);

		ask(r, &c, &t, &all_tags);
		if (t.ok != cases[i].ok || (t.ok && t.a.cut != cases[i].cut))
			fail_msg("case %zu: %s", i, t.err.message);
		assert_int_equal(c.asked_n, 2);
		r->ops->free(r);
		canned_done(&c);
	}
}

/* ---- acts ----------------------------------------------------------------------------------------------------------- */

static void test_retag(void **state maybe_unused)
{
	static const struct {
		struct reply reply;
		enum err_kind kind;
	} cases[] = {
		{ { 201, .body = "" }, ERR_NONE },
		{ { 201, .headers = "docker-content-digest: " SHA_A, .body = "" }, ERR_UNKNOWN },
		{ { 401, .headers = BEARER, .body = "{}" }, ERR_AUTH },
		{ { 403, .body = "{}" }, ERR_FORBIDDEN },
		{ { 404, .body = "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}" }, ERR_MISSING },
		{ { 400, .body = "{\"errors\":[{\"code\":\"MANIFEST_BLOB_UNKNOWN\"}]}" }, ERR_CONFLICT },
		{ { 429, .body = "{}" }, ERR_RATE },
		{ { 500, .body = "" }, ERR_UNKNOWN },
		{ { 302, .body = "" }, ERR_UNKNOWN },
		{ { 0, ERR_UNKNOWN }, ERR_UNKNOWN },
		{ { 0, ERR_OFFLINE }, ERR_OFFLINE },
	};
	char digest[80];
	const struct registry_act act = act_of(digest);

	for (size_t i = 0; i < countof(cases); i++) {
		struct reply replies[] = { { 200, .body = "{}" }, cases[i].reply, { 201 } };
		struct buf request = BUF_INIT(256), body = BUF_INIT(256);
		struct told t = { 0 };
		struct canned c;
		struct registry *r = open_registry(&c, replies, 3, NULL);

		assert_int_equal(r->ops->describe(r, &act, &request, &body, &t.err), 0);
		assert_string_equal(request.s, "PUT /v2/o/app/manifests/live");
		assert_string_equal(body.s, digest);
		assert_int_equal(r->ops->act(r, &act, on_act, &t, &t.err), 0);
		canned_pump(&c);
		assert_int_equal(t.calls, 1);
		if (t.err.kind != cases[i].kind)
			fail_msg("case %zu: %s (%s)", i, err_word(t.err.kind), t.err.message);
		assert_int_equal(c.asked_n, 2); /* once, whatever came */
		assert_string_equal(c.asked[1].method, "PUT");
		assert_string_equal(c.asked[1].target, request.s + strlen("PUT "));
		assert_string_equal(c.asked[1].content_type, OCI_IMAGE);
		assert_string_equal(c.asked[1].body, IMAGE);
		if (t.ok)
			assert_int_equal(t.status, 201);
		r->ops->free(r);
		canned_done(&c);
		buf_done(&request);
		buf_done(&body);
	}
}

static void test_retag_with_a_token(void **state maybe_unused)
{
	static const struct reply replies[] = { { 401, .headers = BEARER, .body = "{}" },
						{ 200, .body = "{\"token\":\"t\"}" },
						{ 201 } };
	char digest[80];
	const struct registry_act act = act_of(digest);
	struct told t = { 0 };
	struct canned c;
	struct registry *r = open_registry(&c, replies, 3, NULL);

	assert_int_equal(r->ops->act(r, &act, on_act, &t, &t.err), 0);
	canned_pump(&c);
	assert_true(t.ok);
	assert_has(c.asked[1].target, "scope=repository%3Ao%2Fapp%3Apull%2Cpush");
	assert_string_equal(c.asked[2].authorization, "Bearer t");
	r->ops->free(r);
	canned_done(&c);
}

/* Before its own request an act has done nothing, and says so. */
static void test_retag_not_sent(void **state maybe_unused)
{
	static const struct reply replies[] = { { 500 }, { 0, ERR_SERVER }, { 0, ERR_OFFLINE } };
	char digest[80];
	const struct registry_act act = act_of(digest);

	for (size_t i = 0; i < countof(replies); i++) {
		struct told t = { 0 };
		struct canned c;
		struct registry *r = open_registry(&c, &replies[i], 1, NULL);

		assert_int_equal(r->ops->act(r, &act, on_act, &t, &t.err), 0);
		canned_pump(&c);
		assert_int_equal(t.err.kind, ERR_OFFLINE);
		assert_int_equal(c.asked_n, 1);
		r->ops->free(r);
		canned_done(&c);
	}
}

static void test_acts_refused(void **state maybe_unused)
{
	char digest[80];
	const struct registry_act good = act_of(digest);
	struct registry_act bad[8];
	struct told t = { 0 };
	struct canned c;
	struct registry *r = open_registry(&c, NULL, 0, NULL);

	for (size_t i = 0; i < countof(bad); i++)
		bad[i] = good;
	bad[0].image = "../x";
	bad[1].tag = "a/b";
	bad[2].tag = SHA_A;
	bad[3].digest = SHA_A;
	bad[4].type = "application/json";
	bad[5].bytes_n--;
	bad[6].bytes = NULL;
	bad[7].digest = NULL;
	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(r->ops->act(r, &bad[i], on_act, &t, &t.err), -ERR_INVALID);
	assert_int_equal(c.asked_n, 0);
	r->ops->free(r);
	canned_done(&c);
}

static void test_close_early(void **state maybe_unused)
{
	static const struct reply replies[] = { { 200, .body = "{}" } };
	char digest[80];
	const struct registry_act act = act_of(digest);
	struct told read = { 0 }, waits = { 0 }, sent = { 0 };
	struct canned c;
	struct registry *r = open_registry(&c, replies, 1, NULL);

	assert_int_equal(r->ops->act(r, &act, on_act, &sent, &sent.err), 0);
	canned_pump(&c); /* what it wants is known, the act is out */
	assert_int_equal(r->ops->read(r, &by_tag, on_read, &read, &read.err), 0);
	r->ops->free(r);
	assert_int_equal(sent.err.kind, ERR_UNKNOWN);
	assert_int_equal(read.err.kind, ERR_CANCELLED);
	canned_done(&c);
	r = open_registry(&c, NULL, 0, NULL);
	assert_int_equal(r->ops->act(r, &act, on_act, &waits, &waits.err), 0);
	r->ops->free(r);
	assert_int_equal(waits.err.kind, ERR_CANCELLED);
	canned_done(&c);
	assert_int_equal(sent.calls + read.calls + waits.calls, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_registry),
		cmocka_unit_test(test_basic),
		cmocka_unit_test(test_open_to_readers),
		cmocka_unit_test(test_bearer),
		cmocka_unit_test(test_realms),
		cmocka_unit_test(test_realms_with_a_credential),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_manifests_refused),
		cmocka_unit_test(test_questions_refused),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_many_tags),
		cmocka_unit_test(test_tags_refused),
		cmocka_unit_test(test_retag),
		cmocka_unit_test(test_retag_with_a_token),
		cmocka_unit_test(test_retag_not_sent),
		cmocka_unit_test(test_acts_refused),
		cmocka_unit_test(test_close_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
