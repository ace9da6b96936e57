#include "core/adapters/registry/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum {
	MAX_PARAMETER = 1024,
	MAX_TOKEN = SECRET_MAX - 16,
	TOKEN_SECONDS = 60, /* when the answer does not say: distribution's token specification */
	EARLY_SECONDS = 10, /* a token that ends on the way is no use */
	MAX_SECONDS = 3600,
};

/* ---- challenges ----------------------------------------------------------------------------------------------------- */

/* The value of name="..." behind the scheme's word; in a. NULL when it is not there or is not plain. */
static char *parameter(const char *challenge, const char *name, struct arena *a)
{
	size_t n = strlen(name);

	for (const char *p = challenge; (p = strstr(p, name)); p += n) {
		const char *value = p + n + 2, *end;

		if (strncmp(p + n, "=\"", 2) != 0 || (p[-1] != ' ' && p[-1] != ','))
			continue;
		end = strchr(value, '"');
		if (!end || end - value > MAX_PARAMETER || memchr(value, '\\', (size_t)(end - value)))
			return NULL;
		return arena_strndup(a, value, (size_t)(end - value));
	}
	return NULL;
}

static bool is_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	return !strncasecmp(s, word, n) && s[n] == ' ';
}

/* A place at that origin: "https://auth.example/token" at "https://auth.example". */
static bool is_at(const char *realm, const char *origin)
{
	size_t n = origin ? strlen(origin) : 0;

	return n && !strncmp(realm, origin, n) && strchr("/?", realm[n]);
}

/* Our credential goes to the very origin that we were told is the registry, or to one that a profile names; without one,
 * any place over https will do. */
static bool is_fit_realm(const struct oci *o, const char *realm)
{
	for (const char *c = realm; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || strchr("\\#@\"", *c))
			return false;
	if (is_at(realm, o->http->base))
		return true;
	for (size_t i = 0; i < o->realms_n; i++)
		if (is_at(realm, o->realms[i]))
			return true;
	return (!o->credential || !o->credential->n) && text_starts(realm, "https://") &&
	       realm[strlen("https://")];
}

static int refuse(const struct oci *o, const char *why, struct err *e)
{
	err_set(e, ERR_AUTH, "the registry%s%s asks for a sign-in that is not made: %s",
		o->http->base ? " " : "", o->http->base ? o->http->base : "", why);
	return -ERR_AUTH;
}

static int learn_bearer(struct oci *o, const char *challenge, struct err *e)
{
	struct arena a = ARENA_INIT;
	const char *realm = parameter(challenge, "realm", &a), *service = parameter(challenge, "service", &a);
	int r = 0;

	if (!realm || !is_fit_realm(o, realm)) {
		refuse(o,
		       arena_printf(&a, "it sends us to %s, which is not its own address",
				    realm ? text_safe_dup(&a, realm, 200) : "nowhere"),
		       e);
		r = err_hint(e, "the profile's image probe may name it: realm: https://HOST");
	} else {
		o->access =
			(struct access){ SCHEME_BEARER, x_strdup(realm), x_strdup(service ? service : "") };
	}
	arena_done(&a);
	return r;
}

int access_learn(struct oci *o, const struct http_answer *h, struct err *e)
{
	const char *challenge = http_header(h, "www-authenticate");

	access_forget(o);
	if (h->status == 200) {
		o->access.scheme = SCHEME_NONE;
		return 0;
	}
	if (h->status != 401)
		return answer_error(h, false, "/v2/", o->clock, e);
	if (challenge && is_word(challenge, "Bearer"))
		return learn_bearer(o, challenge, e);
	if (!challenge || !is_word(challenge, "Basic"))
		return refuse(o, "it is neither Basic nor Bearer", e);
	if (!o->credential || !o->credential->n) {
		refuse(o, "there is no credential for it", e);
		return err_hint(e, "--registry-token-file FILE, with user:password in it");
	}
	o->access.scheme = SCHEME_BASIC;
	return 0;
}

/* ---- tokens --------------------------------------------------------------------------------------------------------- */

static void wipe(char **s)
{
	if (*s)
		explicit_bzero(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

static void drop(struct pass *p)
{
	free(p->image);
	wipe(&p->value);
	*p = (struct pass){ 0 };
}

void access_forget(struct oci *o)
{
	free(o->access.realm);
	free(o->access.service);
	o->access = (struct access){ 0 };
	for (size_t i = 0; i < PASSES; i++)
		drop(&o->passes[i]);
}

const char *access_url(const struct oci *o, const char *image, bool push, struct arena *a)
{
	struct buf url = BUF_INIT(4 * MAX_PARAMETER), scope = BUF_INIT(MAX_PARAMETER);
	const char *out;

	buf_fmt(&scope, "repository:%s:%s", image, push ? "pull,push" : "pull");
	buf_fmt(&url, "%s%cscope=", o->access.realm, strchr(o->access.realm, '?') ? '&' : '?');
	text_percent(&url, scope.s);
	if (*o->access.service) {
		buf_str(&url, "&service=");
		text_percent(&url, o->access.service);
	}
	out = arena_strdup(a, url.s);
	buf_done(&url);
	buf_done(&scope);
	return out;
}

char *access_basic(const struct oci *o)
{
	const struct secret *c = o->credential;
	struct buf plain = BUF_INIT(SECRET_MAX + 16), coded = BUF_INIT(2 * SECRET_MAX);
	char *out;

	if (!c || !c->n)
		return NULL;
	if (!memchr(c->bytes, ':', c->n))
		buf_str(&plain, "token:");
	buf_add(&plain, c->bytes, c->n);
	buf_str(&coded, "Basic ");
	text_base64(&coded, plain.s, plain.n);
	out = x_strdup(coded.s);
	explicit_bzero(plain.s, plain.n);
	explicit_bzero(coded.s, coded.n);
	buf_done(&plain);
	buf_done(&coded);
	return out;
}

static bool is_token(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= 0x20 || (unsigned char)s[i] >= 0x7f)
			return false;
	return n > 0 && n <= MAX_TOKEN;
}

int access_keep(struct oci *o, const struct http_answer *h, const char *image, bool push, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct pass *p = &o->passes[o->passes_next++ % PASSES];
	const char *token;
	int64_t seconds;
	char *value;
	size_t n;

	if (h->status != 200)
		return answer_error(h, false, "a token", o->clock, e);
	if (json_parse(&j, h->body, h->body_n, 1 << 16, NULL) < 0)
		return err_set(e, ERR_SERVER, "the registry's token service answers no JSON");
	token = json_str(j, "token") ? json_str(j, "token") : json_str(j, "access_token");
	if (!is_token(token))
		return err_set(e, ERR_SERVER, "the registry's token service gives no token");
	seconds = json_int(j, "expires_in", TOKEN_SECONDS);
	if (seconds < TOKEN_SECONDS || seconds > MAX_SECONDS)
		seconds = seconds < TOKEN_SECONDS ? TOKEN_SECONDS : MAX_SECONDS;
	n = strlen("Bearer ") + strlen(token) + 1;
	value = x_alloc(n);
	memcpy(value, "Bearer ", strlen("Bearer "));
	memcpy(value + strlen("Bearer "), token, strlen(token) + 1);
	drop(p);
	*p = (struct pass){ x_strdup(image), value, push,
			    clock_mono(o->clock) + (seconds - EARLY_SECONDS) * 1000 };
	return 0;
}

const char *access_value(const struct oci *o, const char *image, bool push)
{
	int64_t now = clock_mono(o->clock);

	for (size_t i = 0; i < PASSES; i++) {
		const struct pass *p = &o->passes[i];

		if (p->image && p->push == push && p->until > now && !strcmp(p->image, image))
			return p->value;
	}
	return NULL;
}
