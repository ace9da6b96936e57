/* attest_root.h - the trusted root under which some seeds of fuzz_certificate and fuzz_timestamp are good: made for them, its
 * private keys were thrown away. */
#pragma once

#include <stdlib.h>

#include "core/adapters/attest/internal.h"

// clang-format off
static const char fuzz_root_text[] =
	"{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\",\"tlogs\":[],\"ctlogs\""
	":[{\"baseUrl\":\"https://first\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"MFkwEwYHKoZ"
	"Izj0CAQYIKoZIzj0DAQcDQgAEGVzTkaYsAWNupDrTiUxci//gn5esVp//qA7L++1MJGf1wQB/1C1Z6Rtn+2DAHu6eM/Q"
	"r5X2zEZ6MUKaaXE8HaA==\",\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",\"validFor\":{\"start\":\"2022-01-0"
	"1T00:00:00Z\"}},\"logId\":{\"keyId\":\"6SRAupjvRYQzD4Zty6hTVP0WtKq1YDh6Uk+EhyiHAEE=\"}},{\"baseUrl\":"
	"\"https://second\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"MFkwEwYHKoZIzj0CAQYIKoZ"
	"Izj0DAQcDQgAElQL0N1Cl2xZ2VB1HAe/YKUsn6hCg2OIxDUq3OQI9a8eCv18CHkgSbG/5ZnGrom7D04YDnG7KOH2VpfL"
	"muJnXQg==\",\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",\"validFor\":{\"start\":\"2022-01-01T00:00:00Z\""
	"}},\"logId\":{\"keyId\":\"H3mr0cYBnYlZ+ebpyZDBXq6dH51YddRwJ5eEcwka8ZY=\"}},{\"baseUrl\":\"https://ret"
	"ired\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQg"
	"AEMpyWgcoImTFIiJ6XBtJWj7V+X5sJguQ1khhkNdAd8S2T3JwTQk6HzXD0vAZiIHcTtG81IuVAtZo3m1ZVmuzSgg==\","
	"\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",\"validFor\":{\"start\":\"2022-01-01T00:00:00Z\",\"end\":\"202"
	"5-12-31T23:59:59.999Z\"}},\"logId\":{\"keyId\":\"QzW8K2waCp/1UJWs//C4LiGIS7QWaklWTcPulqNxSr8=\"}},{"
	"\"baseUrl\":\"https://ed\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"MCowBQYDK2VwAyEAf"
	"QoMwpRAI/Gm7cNStAFCKzdiDZHuJUiWlmYuZG7+YYk=\",\"keyDetails\":\"PKIX_ED25519\",\"validFor\":{\"start\""
	":\"2022-01-01T00:00:00Z\"}},\"logId\":{\"keyId\":\"PcDa7a7mpSt+PVTg5dTgt30uL4aMyWZv6BDX2X5O3Gs=\"}}]"
	",\"certificateAuthorities\":[{\"uri\":\"https://ca.example\",\"certChain\":{\"certificates\":[{\"rawByt"
	"es\":\"MIIBcDCB96ADAgECAgIQATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARyb290MB4XDTIwMDEwMTAwMDAwMFoXDTM"
	"wMDEwMTAwMDAwMFowDzENMAsGA1UEAwwEcm9vdDB2MBAGByqGSM49AgEGBSuBBAAiA2IABMaBRktAz9yrI7xULBuMgin"
	"GR71BAd5Dj1GYENX1iGNrl1a2x0oCKfBpwEqlr3yL7tYotWnObGGyvZAkdW3eFwr3slUIhKooT/WLgzg9GrPRn3aES4J"
	"MY7n/N2GeHiH88qMmMCQwEgYDVR0TAQH/BAgwBgEB/wIBATAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwIDaAAwZQI"
	"xAICpChY38OwHy0f4mhA1UJJsjiEyO0zZCz39fDjLqojyBCoWzysgQe+an/lPM8BVMwIwAq0f4N3HME+ZkKMoSQAzP71"
	"c1Fbulx2bYI1IjcfPE1ffYUQVYa1qVqJcz9s86Mqs\"}]},\"validFor\":{\"start\":\"2022-01-01T00:00:00Z\"}}],"
	"\"timestampAuthorities\":[{\"uri\":\"https://tsa.example\",\"certChain\":{\"certificates\":[{\"rawBytes"
	"\":\"MIIBVzCB3aADAgECAgIQAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARyb290MB4XDTIwMDEwMTAwMDAwMFoXDTMwM"
	"DEwMTAwMDAwMFowDjEMMAoGA1UEAwwDdHNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEX6l9WXfPK3x7kLFbEn6pM"
	"fauelRgXyxcyrgJW+rnCG6xRpErVKLfRVPIq5MGbQSTE6Dun14WJsZP1h0kgsoX66MqMCgwDgYDVR0PAQH/BAQDAgeAM"
	"BYGA1UdJQEB/wQMMAoGCCsGAQUFBwMIMAoGCCqGSM49BAMCA2kAMGYCMQCjIc+ltzsViVJMeum4HPwp6IrPe6746jyCV"
	"No5zjzrt2JWpYh6p6miZ1j7tDavv+8CMQCIBzHNr90miEKp+JFLHzZUiP91l19uagJl5vODGzLEjFMcLKiXugfiZ/rqL"
	"nxheuc=\"},{\"rawBytes\":\"MIIBbzCB96ADAgECAgIQATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARyb290MB4XDTIwM"
	"DEwMTAwMDAwMFoXDTMwMDEwMTAwMDAwMFowDzENMAsGA1UEAwwEcm9vdDB2MBAGByqGSM49AgEGBSuBBAAiA2IABLaAt"
	"VpBH9nWbANg5TSPaTMeNwuGjBwJNBCQJhAK7zUwaMmBtdNDzbuXuPDJdv9X6cyj1Zh4AnoKfgUMW7U8BBlWiJ2XFInwO"
	"yqobMxWPB4OSBA5mFriZxJUcpH7ddeed6MmMCQwEgYDVR0TAQH/BAgwBgEB/wIBATAOBgNVHQ8BAf8EBAMCAQYwCgYIK"
	"oZIzj0EAwIDZwAwZAIwMlsTnO3yag0P8DmDfHe1P1LjR/EKkmJc1cgpStsMryt9BgSS5ea7MW0cRetWfUX8AjAxvH/V1"
	"nNmQyWJb8BUrwdNZLIfrjJxz5rac7OE8dNhooTy60/ytkTIE2ZtJy8il24=\"}]},\"validFor\":{\"start\":\"2022-01"
	"-01T00:00:00Z\"}}]}";
// clang-format on

static inline void demand(bool ok)
{
	if (!ok)
		abort();
}

/* One for the whole run: it never changes. */
static inline const struct attest_root *fuzz_root(void)
{
	static struct attest_root *r;

	demand(r || attest_root_parse(&r, fuzz_root_text, sizeof(fuzz_root_text) - 1, NULL) == 0);
	return r;
}
