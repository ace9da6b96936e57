/*
 * curl304.c - what one unchanged answer costs a bare libcurl: URL, count, and milliseconds between two; prints microseconds
 * of CPU a request, over one kept connection, with the ETag that the first answer brought. With a pause it costs twice what
 * it costs in a tight loop: nothing is in the processor's caches any more.
 */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static char etag[256];

static size_t drop(char *data, size_t size, size_t n, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * n;
}

static size_t header(char *data, size_t size, size_t n, void *ctx)
{
	(void)ctx;
	if (size * n > 6 && strncasecmp(data, "etag: ", 6) == 0)
		snprintf(etag, sizeof(etag), "If-None-Match: %.*s", (int)strcspn(data + 6, "\r\n"), data + 6);
	return size * n;
}

static double cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static long ask(CURL *c)
{
	long status = 0;

	if (curl_easy_perform(c) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

int main(int argc, char **argv)
{
	struct curl_slist *headers = NULL;
	CURL *c = curl_easy_init();
	long n = argc == 4 ? atol(argv[2]) : 0, unchanged = 0, connects = 0;

	if (!c || n < 1)
		return 2;
	headers = curl_slist_append(headers, "Authorization: Bearer observer");
	curl_easy_setopt(c, CURLOPT_URL, argv[1]);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "curl304");
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, header);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (ask(c) != 200 || !etag[0])
		return 1;
	headers = curl_slist_append(headers, etag);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	double began = cpu_us();
	for (long i = 0; i < n; i++) {
		long fresh = 0;

		poll(NULL, 0, atoi(argv[3]));
		unchanged += ask(c) == 304;
		curl_easy_getinfo(c, CURLINFO_NUM_CONNECTS, &fresh);
		connects += fresh;
	}
	printf("us %.1f unchanged %ld connects %ld\n", (cpu_us() - began) / (double)n, unchanged, connects);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return 0;
}
