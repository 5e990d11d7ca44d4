/* CIFAR-10 and CIFAR-100, the binary versions. A record is one label byte (or a coarse and a fine one) and
 * the planes R, G, B of 32 x 32. The id is the index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "data/published.h"
#include "data/split.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, MAX_FILES = 64, MAX_LABELS = 2 };

/* One of the published sets. */
struct layout {
	const char *set;    /* whose folder it may be in: of cifar100-coarse that of cifar100 */
	struct as_home home;
	const char *train;  /* a name with %d, numbered from 1 */
	const char *test, *names;
	int labels, which; /* the number of label bytes; which of them is the label */
	const char *other; /* the key of the other label, if there are two */
	uint32_t seed;     /* of the AugSelf authors' split into train and val */
	int64_t published[2];
	const char *python, *fetch; /* a file of the Python version; the commands that fetch the binary one */
};

#define FROM "https://www.cs.toronto.edu/~kriz/"
#define FETCH(name) "  curl -O " FROM name " && tar -xzf " name
#define TEN "cifar-10-binary.tar.gz"
#define HUNDRED "cifar-100-binary.tar.gz"
#define HOME_HUNDRED {"cifar-100-binary", "train.bin|test.bin", HUNDRED " from " FROM HUNDRED}

static const struct layout cifar10 = {
	"cifar10", {"cifar-10-batches-bin", "data_batch_1.bin|test_batch.bin", TEN " from " FROM TEN}, "data_batch_%d.bin",
	"test_batch.bin", "batches.meta.txt", 1, 0, NULL, 43, {50000, 10000}, "cifar-10-batches-py/data_batch_1", FETCH(TEN)};
static const struct layout fine = {
	"cifar100", HOME_HUNDRED, "train.bin", "test.bin", "fine_label_names.txt", 2, 1, "coarse", 44, {50000, 10000},
	"cifar-100-python/train", FETCH(HUNDRED)};
static const struct layout coarse = {
	"cifar100", HOME_HUNDRED, "train.bin", "test.bin", "coarse_label_names.txt", 2, 0, "fine", 44, {50000, 10000},
	"cifar-100-python/train", FETCH(HUNDRED)};

struct file {
	int fd;
	int64_t first; /* index of its first record */
	char *path;
};

struct cifar {
	const struct layout *layout;
	int files;
	int64_t records;
	struct file file[MAX_FILES];
};

static int64_t record_bytes(const struct layout *l)
{
	return l->labels + 3 * PIXELS;
}

/* Opens the file `path`, takes ownership of the text, and counts the records. 1: done, 0: no such file, <0:
 * an error. */
static int add_path(struct cifar *c, char *path, struct as_error *err)
{
	struct file *f = &c->file[c->files];
	struct stat st;
	int there = as_path_ask(path, AS_PATH_FILE, err);
	int fd = there > 0 ? as_path_open(path, AS_PATH_FILE, err) : -1;
	if (there <= 0 || fd < 0) {
		free(path);
		return there <= 0 ? there : fd;
	}
	*f = (struct file){fd, c->records, path};
	c->files++;
	if (fstat(fd, &st))
		return as_fail_errno(err, "%s", path);
	if (st.st_size % record_bytes(c->layout))
		return as_fail(err, AS_EDATA, "%s: %lld bytes are no whole number of records of %lld", path,
			       (long long)st.st_size, (long long)record_bytes(c->layout));
	c->records += st.st_size / record_bytes(c->layout);
	return 1;
}

static int add_file(struct cifar *c, const char *dir, const char *name, struct as_error *err)
{
	char *path = as_format(err, "%s/%s", dir, name);
	return path ? add_path(c, path, err) : AS_EMEM;
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

/* Reads the names of the classes, one a line, if the file exists. */
static int read_names(const char *dir, const char *name, struct as_names *classes, struct as_error *err)
{
	char *path = as_format(err, "%s/%s", dir, name), *text = NULL, *save = NULL;
	int there = path ? as_path_ask(path, AS_PATH_FILE, err) : AS_EMEM;
	int rc = there > 0 ? as_text_read(path, AS_PATH_FILE, 1 << 20, &text, err) : there;
	free(path);
	if (rc || !there)
		return rc;
	for (char *t = strtok_r(text, "\r\n", &save); t && !rc; t = strtok_r(NULL, "\r\n", &save))
		rc = as_names_add(classes, t, err);
	free(text);
	return rc;
}

/* Whether the Python version is there, or in the set's folder. */
static bool has_python(const struct layout *l, const char *dir)
{
	char below[128];
	snprintf(below, sizeof below, "%s/%s", l->set, l->python);
	return as_home_has(dir, strchr(l->python, '/') + 1) || as_home_has(dir, l->python) || as_home_has(dir, below);
}

/* Finds the files of a split, and the names of the classes beside them. People who have the Python version, as most do,
 * are told how to get the binary one. */
static int find_files(struct cifar *c, const char *path, const char *pattern, struct as_names *classes, struct as_error *err)
{
	const struct layout *l = c->layout;
	char *folder = NULL;
	int mark, rc = as_home_find(&l->home, l->set, path, &folder, &mark, err);
	if (rc == AS_EDATA && has_python(l, path))
		rc = as_fail_help(err, AS_EDATA, l->fetch, "%s: the Python version; the binary one is read, which this fetches:", path);
	if (!rc && !(rc = add_files(c, folder, pattern, err)))
		rc = as_fail_help(err, AS_EDATA, l->fetch, "%s: no %s there, though other files of the set are; all come by:", folder,
				  strchr(pattern, '%') ? "data_batch_1.bin" : pattern);
	if (rc > 0)
		rc = read_names(folder, l->names, classes, err);
	free(folder);
	return rc;
}

/* "train" and "val" are the two parts of the AugSelf authors' random_split of the training files (val a
 * tenth); "trainval" is all training images in their order. */
static int pick_split(struct as_items *items, uint32_t seed, struct as_error *err)
{
	int64_t n = items->count, val = n / 10;
	bool second = !strcmp(items->split, "val");
	if (!second && strcmp(items->split, "train") != 0)
		return 0;
	return as_items_pick_random(items, seed, n - val, second, err);
}

static int open_layout(const struct layout *l, const struct as_source *source, struct as_items *items,
		       struct as_error *err)
{
	struct cifar *c = items->self = calloc(1, sizeof *c);
	if (!c)
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	items->split = source->split ? source->split : "train";
	bool test = !strcmp(items->split, "test");
	const char *pattern = test ? l->test : l->train;
	c->layout = l;
	int rc = find_files(c, source->path[0], pattern, &items->classes, err);
	if (rc)
		return rc;
	items->count = c->records;
	if (c->records != l->published[test])
		rc = as_say(&items->notes, err, "%lld images to %s, the published set has %lld", (long long)c->records,
			    test ? "test" : "train", (long long)l->published[test]);
	return rc ? rc : pick_split(items, l->seed, err);
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

/* The file that holds record i, and the record's place in it. */
static const struct file *file_of(const struct cifar *c, int64_t i, long long *within)
{
	int at = c->files - 1;
	while (c->file[at].first > i)
		at--;
	*within = i - c->file[at].first;
	return &c->file[at];
}

/* Reads the first `count` bytes of record i. */
static int read_record(const struct cifar *c, int64_t i, uint8_t *record, size_t count, struct as_error *err)
{
	long long within;
	const struct file *f = file_of(c, i, &within);
	ssize_t got = pread(f->fd, record, count, (off_t)(within * record_bytes(c->layout)));
	if (got < 0)
		return as_fail_errno(err, "%s: record %lld", f->path, within);
	if ((size_t)got != count)
		return as_fail(err, AS_EIO, "%s: record %lld: the file has become shorter", f->path, within);
	return 0;
}

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct cifar *c = items->self;
	uint8_t label[MAX_LABELS];
	long long within;
	int rc = read_record(c, i, label, (size_t)c->layout->labels, err);
	if (rc)
		return rc;
	item->id = (uint64_t)i;
	item->label = label[c->layout->which];
	if (c->layout->other)
		as_keys_int(&item->keys, c->layout->other, label[!c->layout->which]);
	if (!items->classes.count || item->label < items->classes.count)
		return 0;
	const struct file *f = file_of(c, i, &within);
	return as_fail(err, AS_EDATA, "%s: record %lld: label %lld, but there are %lld classes", f->path, within,
		       (long long)item->label, (long long)items->classes.count);
}

static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct cifar *c = items->self;
	uint8_t record[MAX_LABELS + 3 * PIXELS], *plane = record + c->layout->labels;
	int rc = read_record(c, i, record, (size_t)record_bytes(c->layout), err);
	if (!rc)
		rc = as_room(&item->bytes, &item->room, 3 * PIXELS, err);
	if (rc)
		return rc;
	for (int p = 0; p < 3 * PIXELS; p++)
		item->bytes[p] = (char)plane[p % 3 * PIXELS + p / 3];
	item->image = (struct as_image){{AS_U1, 3, {SIDE, SIDE, 3}, item->bytes}, {NULL, 0}, SIDE, SIDE, 1};
	return 0;
}

static void close_cifar(struct as_items *items)
{
	struct cifar *c = items->self;
	for (int i = 0; c && i < c->files; i++) {
		close(c->file[i].fd);
		free(c->file[i].path);
	}
	free(c);
}

#define PARTS(seed) "val is a tenth of the training images, by torch's random_split with seed " seed
#define CIFAR_READER \
	.splits = "train val trainval test", .whole = "trainval", .score = "top1", .tell = tell, .load = load, .close = close_cifar

const struct as_dataset as_data_cifar10 = {
	.name = "cifar10",
	.doc = "CIFAR-10, binary version",
	.disk = "data_batch_1.bin to data_batch_5.bin, test_batch.bin, batches.meta.txt, or the folder "
		"cifar-10-batches-bin with them",
	.parts = PARTS("43"),
	.open = open_cifar10,
	CIFAR_READER,
};
#define CIFAR100_DISK(names) "train.bin, test.bin, " names "_label_names.txt, or the folder cifar-100-binary with them"
const struct as_dataset as_data_cifar100 = {
	.name = "cifar100",
	.doc = "CIFAR-100, binary version, labelled by its 100 fine classes",
	.disk = CIFAR100_DISK("fine"),
	.parts = PARTS("44"),
	.open = open_fine,
	CIFAR_READER,
};
const struct as_dataset as_data_cifar100_coarse = {
	.name = "cifar100-coarse",
	.doc = "the same, labelled by the 20 coarse classes",
	.disk = CIFAR100_DISK("coarse"),
	.parts = PARTS("44"),
	.open = open_coarse,
	CIFAR_READER,
};
