/* STL-10, binary version. An image is 96 x 96, three planes R, G, B, each column after column; labels are bytes
 * from 1. Its id is its index. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "data/published.h"

enum { SIDE = 96, PIXELS = SIDE * SIDE, RECORD = 3 * PIXELS, FILES = 2, FOLDS = 10 };

static const struct as_home home = {"stl10_binary|stl10", "train_X.bin|test_X.bin|unlabeled_X.bin",
				    "stl10_binary.tar.gz from https://cs.stanford.edu/~acoates/stl10 (not stl10_matlab)"};

/* The images of a split: one file, or that of train and the unlabelled one. */
struct stl10 {
	int files;
	struct part {
		int fd;
		char *path;
		int64_t first, count;
		uint8_t *label; /* a byte for each image; NULL: none have one */
	} part[FILES];
};

/* Reads the labels of the file's images. */
static int read_labels(struct part *f, const char *folder, const char *name, struct as_error *err)
{
	char *path = as_format(err, "%s/%s", folder, name), *bytes = NULL;
	size_t count = 0;
	int rc = path ? as_file_read(path, AS_PATH_FILE, 1 << 28, &bytes, &count, err) : AS_EMEM;
	f->label = (uint8_t *)bytes;
	if (!rc && count != (size_t)f->count)
		rc = as_fail(err, AS_EDATA, "%s: %zu labels, but %s has %lld images", path, count, f->path, (long long)f->count);
	free(path);
	return rc;
}

/* Opens FOLDER/IMAGES and reads FOLDER/LABELS, which may be NULL. */
static int add_part(struct stl10 *s, const char *folder, const char *images, const char *labels, struct as_error *err)
{
	struct part *f = &s->part[s->files];
	struct stat st;
	if (!(f->path = as_format(err, "%s/%s", folder, images)))
		return AS_EMEM;
	f->fd = as_path_open(f->path, AS_PATH_FILE, err);
	if (f->fd < 0) {
		int rc = f->fd;
		free(f->path);
		return rc;
	}
	s->files++;
	if (fstat(f->fd, &st))
		return as_fail_errno(err, "%s", f->path);
	if (st.st_size % RECORD)
		return as_fail(err, AS_EDATA, "%s: %lld bytes are no whole number of images of %d", f->path, (long long)st.st_size,
			       RECORD);
	f->first = s->files > 1 ? s->part[0].count : 0;
	f->count = st.st_size / RECORD;
	return labels ? read_labels(f, folder, labels, err) : 0;
}

static int add_parts(struct stl10 *s, const char *folder, const char *split, struct as_error *err)
{
	bool test = !strcmp(split, "test"), other = !strcmp(split, "unlabeled");
	int rc = test ? add_part(s, folder, "test_X.bin", "test_y.bin", err)
		      : other ? 0 : add_part(s, folder, "train_X.bin", "train_y.bin", err);
	if (!rc && strstr(split, "unlabeled"))
		rc = add_part(s, folder, "unlabeled_X.bin", NULL, err);
	return rc;
}

static int name_classes(const char *folder, struct as_names *classes, struct as_error *err)
{
	struct as_lines lines = {0};
	int rc = as_lines_read(&lines, folder, "class_names.txt", err);
	if (rc == AS_ENONE)
		rc = 0;
	else if (!rc)
		rc = as_lines_classes(&lines, classes, err);
	as_lines_clear(&lines);
	return rc;
}

/* Keeps the images of a published fold: a line of indices, from 0. */
static int pick_fold(struct as_items *items, const char *folder, int fold, struct as_error *err)
{
	struct as_lines lines = {0};
	int64_t *pick = malloc((size_t)items->count * sizeof *pick), n = 0;
	char *save = NULL;
	int rc = pick ? as_lines_read(&lines, folder, "fold_indices.txt", err)
		      : as_fail(err, AS_EMEM, "memory: no room for a fold of %lld", (long long)items->count);
	if (!rc && fold >= lines.count)
		rc = as_fail(err, AS_EDATA, "%s: %lld folds, counted from 0", lines.path, (long long)lines.count);
	for (char *t = rc ? NULL : strtok_r(lines.line[fold].text, " \t", &save); t && !rc; t = strtok_r(NULL, " \t", &save)) {
		struct as_error why;
		if (n == items->count || as_parse_i64(t, 0, items->count - 1, &pick[n], &why))
			rc = as_lines_fail(&lines, fold, err, "'%.40s' is none of %lld images, or there are more", t,
					   (long long)items->count);
		else
			n++;
	}
	as_lines_clear(&lines);
	if (rc)
		free(pick);
	else
		as_items_pick(items, pick, n);
	return rc;
}

static int64_t published(const char *split)
{
	return !strcmp(split, "test") ? 8000 : !strcmp(split, "unlabeled") ? 100000 : strstr(split, "+") ? 105000 : 5000;
}

static int open_stl10(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct stl10), "train", &folder, &mark, err);
	struct stl10 *s = items->self;
	if (!rc)
		rc = add_parts(s, folder, items->split, err);
	if (!rc)
		rc = name_classes(folder, &items->classes, err);
	for (int i = 0; s && i < s->files; i++)
		items->count += s->part[i].count;
	if (!rc)
		rc = as_published_count(items, items->split, published(items->split), err);
	if (!rc && !strncmp(items->split, "fold", 4))
		rc = pick_fold(items, folder, atoi(items->split + 4), err);
	free(folder);
	return rc ? rc : as_published_divide(items, 50, 500, 5000, err);
}

/* The file that holds image i. */
static const struct part *part_of(const struct stl10 *s, int64_t i)
{
	return &s->part[s->files > 1 && i >= s->part[1].first];
}

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct part *f = part_of(items->self, i);
	int64_t most = items->classes.count ? items->classes.count : 10;
	item->id = (uint64_t)i;
	item->label = f->label ? (int64_t)f->label[i - f->first] - 1 : -1;
	if (f->label && (item->label < 0 || item->label >= most))
		return as_fail(err, AS_EDATA, "%s: image %lld: label %lld is not within 1..%lld", f->path, (long long)(i - f->first),
			       (long long)item->label + 1, (long long)most);
	return 0;
}

/* Pixel (y,x) of a plane is its byte 96 x + y. */
static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct part *f = part_of(items->self, i);
	uint8_t record[RECORD];
	int rc = as_room(&item->bytes, &item->room, RECORD, err);
	if (rc)
		return rc;
	ssize_t got = pread(f->fd, record, RECORD, (off_t)(i - f->first) * RECORD);
	if (got < 0)
		return as_fail_errno(err, "%s: image %lld", f->path, (long long)(i - f->first));
	if (got != RECORD)
		return as_fail(err, AS_EIO, "%s: image %lld: the file has become shorter", f->path, (long long)(i - f->first));
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			for (int c = 0; c < 3; c++)
				item->bytes[3 * (SIDE * y + x) + c] = (char)record[PIXELS * c + SIDE * x + y];
	item->image = (struct as_image){{AS_U1, 3, {SIDE, SIDE, 3}, item->bytes}, {NULL, 0}, SIDE, SIDE, 1};
	return 0;
}

static void close_stl10(struct as_items *items)
{
	struct stl10 *s = items->self;
	for (int i = 0; s && i < s->files; i++) {
		close(s->part[i].fd);
		free(s->part[i].path);
		free(s->part[i].label);
	}
	free(s);
}

const struct as_dataset as_data_stl10 = {
	.name = "stl10",
	.doc = "STL-10, binary version, with its unlabelled images",
	.disk = "{train,test}_{X,y}.bin, unlabeled_X.bin, class_names.txt, fold_indices.txt, or the folder stl10_binary with them",
	.splits = "train val trainval test unlabeled train+unlabeled fold0..9",
	.whole = "trainval",
	.score = "top1",
	.parts = "val is a tenth of the training images, by torch's random_split with seed 50",
	.open = open_stl10,
	.tell = tell,
	.load = load,
	.close = close_stl10,
};
