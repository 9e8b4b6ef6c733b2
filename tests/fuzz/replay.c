/* SPDX-License-Identifier: MIT */
/* Runs every file that is named through a fuzz target, so that what was once
 * found stays found in the ordinary test run, without libFuzzer. A folder
 * stands for the files in it. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { SIZE_MAX_INPUT = 1 << 20 };

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(SIZE_MAX_INPUT);

	if (!file || !data) {
		perror(path);
		exit(1);
	}

	size_t n = fread(data, 1, SIZE_MAX_INPUT, file);
	/* Of exactly that size: a read beyond it is seen by the sanitizer. */
	uint8_t *input = realloc(data, n ? n : 1);

	fclose(file);
	if (!input)
		exit(1);
	LLVMFuzzerTestOneInput(input, n);
	free(input);
	return 1;
}

static int replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	char name[4096];
	int count = 0;

	if (!folder) {
		perror(path);
		exit(1);
	}
	for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		count += replay_file(name);
	}
	closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			count += replay_folder(argv[i]);
		else
			count += replay_file(argv[i]);
	}
	printf("%d inputs replayed\n", count);
	return count > 0 ? 0 : 1;
}
