#include "core/adapters/attest/internal.h"

#include <openssl/crypto.h>

#define FIXED INT64_C(20260609) /* upstream released its fix in every branch on that day (3.0.21) */

/* "OpenSSL 3.0.22 25 Aug 2026": the day as a number; 0: it tells none. */
static int64_t released(const char *version)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4];
	const char *at;
	int day, year;

	if (sscanf(version, "OpenSSL %*s %d %3s %d", &day, month, &year) != 3)
		return 0;
	at = strstr(months, month);
	return at ? (int64_t)year * 10000 + ((at - months) / 3 + 1) * 100 + day : 0;
}

/* A library tells its version and not its packager's revision, so of 3.0.20 itself nobody can say. */
const char *attest_openssl_floor_of(const char *version)
{
	if (released(version) >= FIXED)
		return NULL;
	if (strncmp(version, "OpenSSL 3.0.20 ", 15) == 0)
		return "OpenSSL 3.0.20 has the fix of CVE-2026-45447 from Debian's 3.0.20-1~deb12u2 on; see "
		       "which one this is";
	return "this OpenSSL is older than 3.0.20-1~deb12u2 and lacks the fix of CVE-2026-45447";
}

const char *attest_openssl_floor(void)
{
	return attest_openssl_floor_of(OpenSSL_version(OPENSSL_VERSION));
}
