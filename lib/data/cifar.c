/* CIFAR-10 and CIFAR-100, the binary versions: records of one label byte (or a
 * coarse and a fine one) and the planes R, G, B of 32 x 32. The id is the index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "data/inside.h"
#include "data/randperm.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, MAX_FILES = 64 };

/* One of the published sets. */
struct layout {
	const char *folder; /* as it is unpacked */
	const char *train;  /* with %d: numbered from 1 */
	const char *test, *names;
	int labels, which; /* label bytes of a record; the one we take */
	uint32_t seed;     /* of the authors' split into train and val */
	int64_t published[2];
};

static const struct layout cifar10 = {
	"cifar-10-batches-bin", "data_batch_%d.bin", "test_batch.bin", "batches.meta.txt", 1, 0, 43, {50000, 10000}};
static const struct layout fine = {
	"cifar-100-binary", "train.bin", "test.bin", "fine_label_names.txt", 2, 1, 44, {50000, 10000}};
static const struct layout coarse = {
	"cifar-100-binary", "train.bin", "test.bin", "coarse_label_names.txt", 2, 0, 44, {50000, 10000}};

struct file {
	int fd;
	int64_t first; /* index of its first record */
	char path[1024];
};

struct cifar {
	const struct layout *layout;
	int files;
	int64_t records;
	int64_t *pick; /* record of each item; NULL: the same number */
	struct file file[MAX_FILES];
};

static int64_t record_bytes(const struct layout *l)
{
	return l->labels + 3 * PIXELS;
}

/* Opens one file and counts its records: 1, 0 when it is not there, <0. */
static int add_file(struct cifar *c, const char *dir, const char *name, struct as_error *err)
{
	struct file *f = &c->file[c->files];
	struct stat st;
	if (snprintf(f->path, sizeof f->path, "%s/%s", dir, name) >= (int)sizeof f->path)
		return as_fail(err, AS_EARG, "%.200s...: too long a path", dir);
	int there = as_path_ask(f->path, AS_PATH_FILE, err);
	if (there <= 0)
		return there;
	f->fd = as_path_open(f->path, AS_PATH_FILE, err);
	if (f->fd < 0)
		return f->fd;
	c->files++;
	if (fstat(f->fd, &st))
		return as_fail_errno(err, "%s", f->path);
	if (st.st_size % record_bytes(c->layout))
		return as_fail(err, AS_EDATA, "%s: %lld bytes are no whole number of records of %lld", f->path,
			       (long long)st.st_size, (long long)record_bytes(c->layout));
	f->first = c->records;
	c->records += st.st_size / record_bytes(c->layout);
	return 1;
}

static int add_files(struct cifar *c, const char *dir, const char *pattern, struct as_error *err)
{
	const char *number = strstr(pattern, "%d");
	if (!number)
		return add_file(c, dir, pattern, err);
	int got = 1;
	for (int i = 1; i <= MAX_FILES && got > 0; i++) {
		char name[64];
		snprintf(name, sizeof name, "%.*s%d%s", (int)(number - pattern), pattern, i, number + 2);
		got = add_file(c, dir, name, err);
	}
	return got < 0 ? got : c->files > 0;
}

/* Names of the classes, one a line, when the file is there. */
static int read_names(const char *dir, const char *name, struct as_names *classes, struct as_error *err)
{
	char path[1100], *text, *save = NULL;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int there = as_path_ask(path, AS_PATH_FILE, err);
	if (there <= 0)
		return there;
	int rc = as_text_read(path, AS_PATH_FILE, 1 << 20, &text, err);
	if (rc)
		return rc;
	for (char *t = strtok_r(text, "\r\n", &save); t && !rc; t = strtok_r(NULL, "\r\n", &save))
		rc = as_names_add(classes, t, err);
	free(text);
	return rc;
}

/* "train" is the authors' random_split of the training files, "val" its second
 * part, a tenth; "trainval" is all of them in their order. */
static int pick_split(struct cifar *c, const char *split, int64_t *count, struct as_error *err)
{
	int64_t n = c->records, val = n / 10;
	bool second = !strcmp(split, "val");
	*count = n;
	if (!second && strcmp(split, "train") != 0)
		return 0;
	c->pick = malloc((size_t)(n ? n : 1) * sizeof *c->pick);
	if (!c->pick)
		return as_fail(err, AS_EMEM, "memory: no room for a split of %lld", (long long)n);
	as_randperm(c->layout->seed, n, c->pick);
	*count = second ? val : n - val;
	if (second)
		memmove(c->pick, c->pick + n - val, (size_t)val * sizeof *c->pick);
	return 0;
}

static const char *usual(const char *split)
{
	static const char *const known[] = {"train", "val", "trainval", "test"};
	for (int i = 0; i < 4; i++)
		if (!split || !strcmp(split, known[i]))
			return known[i];
	return NULL;
}

static int open_layout(const struct layout *l, const struct as_source *source, struct as_items *items,
		       struct as_error *err)
{
	char inside[1024];
	const char *dir = source->path[0];
	struct cifar *c = items->self = calloc(1, sizeof *c);
	if (!c)
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	items->split = usual(source->split);
	if (!items->split)
		return as_fail(err, AS_EARG, "split '%s': there are train, val, trainval and test", source->split);
	bool test = !strcmp(items->split, "test");
	const char *pattern = test ? l->test : l->train;
	c->layout = l;
	int rc = add_files(c, dir, pattern, err);
	if (!rc) { /* or in the folder that the published archive unpacks to */
		snprintf(inside, sizeof inside, "%s/%s", dir, l->folder);
		dir = inside;
		rc = add_files(c, dir, pattern, err);
	}
	if (!rc)
		return as_fail(err, AS_EIO, "%s: no %s there", source->path[0],
			       test || l->labels == 2 ? pattern : "data_batch_1.bin");
	if (rc > 0)
		rc = read_names(dir, l->names, &items->classes, err);
	if (!rc && c->records != l->published[test]) {
		char note[160];
		snprintf(note, sizeof note, "%lld images to %s, the published set has %lld", (long long)c->records,
			 test ? "test" : "train", (long long)l->published[test]);
		rc = as_names_add(&items->notes, note, err);
	}
	return rc ? rc : pick_split(c, items->split, &items->count, err);
}

static int open_cifar10(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	return open_layout(&cifar10, source, items, err);
}

static int open_fine(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	return open_layout(&fine, source, items, err);
}

static int open_coarse(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	return open_layout(&coarse, source, items, err);
}

static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct cifar *c = items->self;
	uint8_t record[2 + 3 * PIXELS];
	int64_t bytes = record_bytes(c->layout), index = c->pick ? c->pick[i] : i;
	int at = c->files - 1;
	while (c->file[at].first > index)
		at--;
	const struct file *f = &c->file[at];
	int64_t within = index - f->first;
	ssize_t got = pread(f->fd, record, (size_t)bytes, (off_t)(within * bytes));
	if (got != bytes)
		return got < 0 ? as_fail_errno(err, "%s: record %lld", f->path, (long long)within)
			       : as_fail(err, AS_EIO, "%s: record %lld: the file has become shorter", f->path,
					 (long long)within);
	int label = record[c->layout->which];
	if (items->classes.count && label >= items->classes.count)
		return as_fail(err, AS_EDATA, "%s: record %lld: label %d, but there are %lld classes", f->path,
			       (long long)within, label, (long long)items->classes.count);
	int rc = as_room(&item->bytes, &item->room, 3 * PIXELS, err);
	if (rc)
		return rc;
	const uint8_t *plane = record + c->layout->labels;
	for (int p = 0; p < 3 * PIXELS; p++)
		item->bytes[p] = (char)plane[p % 3 * PIXELS + p / 3];
	item->id = (uint64_t)index;
	item->label = label;
	item->name = (struct as_text){NULL, 0};
	item->image = (struct as_image){{AS_U1, 3, {SIDE, SIDE, 3}, item->bytes}, {NULL, 0}, SIDE, SIDE, 1};
	return 0;
}

static void close_cifar(struct as_items *items)
{
	struct cifar *c = items->self;
	for (int i = 0; c && i < c->files; i++)
		close(c->file[i].fd);
	if (c)
		free(c->pick);
	free(c);
}

const struct as_dataset as_data_cifar10 = {
	"cifar10", "CIFAR-10, binary version", false, false, open_cifar10, load, close_cifar};
const struct as_dataset as_data_cifar100 = {
	"cifar100", "CIFAR-100, binary version, labelled by the 100 fine classes", false, false, open_fine, load, close_cifar};
const struct as_dataset as_data_cifar100_coarse = {
	"cifar100-coarse", "the same, labelled by the 20 coarse classes", false, false, open_coarse, load, close_cifar};
