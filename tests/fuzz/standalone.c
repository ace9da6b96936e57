/*
 * standalone.c - runs a fuzzer's function without a fuzzing engine: every file of the folders and files named on the
 * command line, whole, and every shorter beginning of it, since truncation is the damage that networks do.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/buf.h"

enum { MAX_FILE = 1 << 20, MAX_PREFIXES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* On the heap in exactly its size, so that one byte too far is seen. */
static void run(const char *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static int run_file(const char *path)
{
	static char data[MAX_FILE];
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	run(data, n);
	for (size_t i = 0; i < n && i < MAX_PREFIXES; i++)
		run(data, i);
	return 0;
}

static int run_folder(const char *path, int *files)
{
	DIR *d = opendir(path);
	int failed = 0;

	if (!d) {
		perror(path);
		return 1;
	}
	for (struct dirent *it = readdir(d); it; it = readdir(d)) {
		autofree(buf) struct buf name = BUF_INIT(4096);

		if (it->d_name[0] == '.')
			continue;
		buf_fmt(&name, "%s/%s", path, it->d_name);
		failed |= run_file(name.s);
		++*files;
	}
	closedir(d);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0, files = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			failed |= run_folder(argv[i], &files);
		} else {
			failed |= run_file(argv[i]);
			files++;
		}
	}
	printf("%d files\n", files);
	return failed || files == 0;
}
