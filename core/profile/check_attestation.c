/*
 * check_attestation.c - the rules of what machines must prove. A policy that compares nothing because it was written down wrongly
 * is refused where it stands.
 */
#include "core/profile/check.h"

#include "core/model/quote.h"

#include <string.h>

enum { AGE_S_MAX = 30 * 86400, PLATFORM_MAX = 64, DROPS_MAX = 16, DROP_NAME_MAX = 64 };

static const char *const hardness_words[] = { "policy", "strict", "warn", "off" };
const struct names hardness_names = NAMES(hardness_words);
static const char *const binding_words[] = { "none", "raw", "hex", "sha256", "sha512" };
const struct names attest_binding_names = NAMES(binding_words);

bool attestation_wants(const struct profile_attestation *t, const char *word)
{
	return t->wants ? check_in(t->wants, word) : !strcmp(word, "quote");
}

static int check_paths(const struct profile_attestation *t, const struct yaml *map, struct err *e)
{
	int r = check_site_path(map, "list", t->list, e);

	if (r == 0)
		r = check_site_path(map, "chain", t->chain, e);
	if (r == 0)
		r = check_once(check_at(map, "chain"), "chain", t->chain, "{id}", e);
	if (r == 0)
		r = check_site_path(map, "trusted", t->trusted, e);
	if (r == 0)
		r = check_url(map, "jwks", t->jwks, e);
	if (r == 0 && t->collateral && *t->collateral != '/')
		r = yaml_error(e, check_at(map, "collateral"), "collateral must be an absolute path");
	if (r == 0 && t->token_keys && *t->token_keys != '/')
		r = yaml_error(e, check_at(map, "token_keys"), "token_keys must be an absolute path");
	return r;
}

static int check_pins(const struct profile_attestation *t, const struct yaml *map, struct err *e)
{
	int r = check_pair(map, "pins", "pins_pointer", e);

	if (r == 0)
		r = check_pair(map, "by_size", "size_pointer", e);
	if (r == 0)
		r = check_pointer(check_at(map, "pins_pointer"), t->pins_pointer, e);
	if (r == 0)
		r = check_pointer(check_at(map, "by_size"), t->by_size, e);
	return r == 0 ? check_pointer(check_at(map, "size_pointer"), t->size_pointer, e) : r;
}

static int check_words(const struct yaml *map, struct err *e)
{
	yaml_each(it, yaml_get(map, "wants"))
	{
		if (strcmp(it->scalar, "quote") != 0 && strcmp(it->scalar, "token") != 0)
			return yaml_error(e, it, "%s is none of quote and token", it->scalar);
	}
	yaml_each(it, yaml_get(map, "tcb_allowed"))
	{
		int word = names_value(&tcb_status_names, it->scalar);

		if (word == TCB_UNKNOWN)
			return yaml_error(e, it, "%s is no level that Intel knows", it->scalar);
		if (word == TCB_REVOKED)
			return yaml_error(e, it, "a revoked level is never good");
	}
	yaml_each(it, yaml_get(map, "platforms"))
	{
		size_t n = strlen(it->scalar);

		if (!n || n > PLATFORM_MAX || n % 2 ||
		    it->scalar[strspn(it->scalar, "0123456789abcdefABCDEF")])
			return yaml_error(e, it, "%s is no FMSPC or PPID in hexadecimal digits", it->scalar);
	}
	return 0;
}

/* Names as the reader of control planes takes them (core/port/fleet.h), so that none is found wanting when it is asked. */
static int check_drop(const struct yaml *map, struct err *e)
{
	int n = 0;

	yaml_each(it, yaml_get(map, "drop"))
	{
		size_t len = strlen(it->scalar);

		if (!len || len > DROP_NAME_MAX ||
		    it->scalar[strspn(it->scalar, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
						  "0123456789_-")])
			return yaml_error(e, it, "%s is no name of a member", it->scalar);
		if (++n > DROPS_MAX)
			return yaml_error(e, it, "drop has more than %d names", (int)DROPS_MAX);
	}
	return 0;
}

/* A knob that has nothing to turn is a mistake. */
static int check_knobs(const struct profile_attestation *t, const struct yaml *map, struct err *e)
{
	bool hard = t->nonce == HARD_STRICT || t->nonce == HARD_WARN;

	if (hard && t->binding == BOUND_NONE)
		return yaml_error(e, check_at(map, "nonce"), "nonce needs binding: what answers a challenge");
	if ((t->age == HARD_STRICT || t->age == HARD_WARN) && !t->max_age_s)
		return yaml_error(e, check_at(map, "age"), "age needs max_age_s");
	if ((t->rtmr == HARD_STRICT || t->signature == HARD_STRICT) && !t->pins)
		return yaml_error(e, map,
				  "attestation: pins is missing: what measurements are compared with");
	return 0;
}

int profile_check_attestation(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_attestation *t = object;
	int r = check_paths(t, map, e);

	(void)a;
	if (r == 0)
		r = check_pins(t, map, e);
	if (r == 0)
		r = check_words(map, e);
	if (r == 0)
		r = check_drop(map, e);
	if (r == 0)
		r = check_knobs(t, map, e);
	if (r == 0 && check_given(map, "max_age_s"))
		r = check_range(map, "max_age_s", t->max_age_s, 1, AGE_S_MAX, e);
	return r == 0 ? check_template(check_at(map, "signer"), t->signer, NO_NONCE, e) : r;
}
