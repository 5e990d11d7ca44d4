#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/newfile.h"
#include "data/synth.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, RECORD = 1 + 3 * PIXELS, BATCHES = 5 };

static int open_in(struct as_newfile *n, const char *dir, const char *name, struct as_error *err)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return as_fail(err, AS_EARG, "%.200s...: too long a path", dir);
	return as_newfile_open(n, path, err);
}

/* Writes the ids first..first+count-1, each as a label byte and the planes R, G, B. */
static int write_batch(const char *dir, const char *name, uint64_t seed, uint64_t first, uint64_t count,
		       enum as_factor label, struct as_error *err)
{
	uint8_t rgb[3 * PIXELS], record[RECORD];
	struct as_newfile file;
	int rc = open_in(&file, dir, name, err);
	if (rc)
		return rc;
	for (uint64_t id = first; id < first + count; id++) {
		as_synth_draw(seed, id, SIDE, rgb);
		record[0] = (uint8_t)as_synth_facts(seed, id).factor[label];
		for (int i = 0; i < 3 * PIXELS; i++)
			record[1 + i % 3 * PIXELS + i / 3] = rgb[i];
		fwrite(record, 1, RECORD, file.f); /* as_newfile_commit checks for errors */
	}
	return as_newfile_commit(&file, err);
}

static int write_names(const char *dir, enum as_factor label, struct as_error *err)
{
	struct as_newfile file;
	int rc = open_in(&file, dir, "batches.meta.txt", err);
	if (rc)
		return rc;
	for (int c = 0; c < as_factor_classes(label); c++)
		fprintf(file.f, "%s\n", as_factor_class(label, c));
	return as_newfile_commit(&file, err);
}

int as_synth_cifar(const char *dir, uint64_t seed, uint64_t count, enum as_factor label, struct as_error *err)
{
	if (mkdir(dir, 0777) && errno != EEXIST)
		return as_fail_errno(err, "%s", dir);
	int rc = write_names(dir, label, err);
	for (uint64_t b = 0; b < BATCHES && !rc; b++) {
		char name[32];
		uint64_t from = count * b / BATCHES, to = count * (b + 1) / BATCHES;
		snprintf(name, sizeof name, "data_batch_%d.bin", (int)b + 1);
		rc = write_batch(dir, name, seed, from, to - from, label, err);
	}
	return rc ? rc : write_batch(dir, "test_batch.bin", seed, AS_SYNTH_TEST, count / BATCHES, label, err);
}
