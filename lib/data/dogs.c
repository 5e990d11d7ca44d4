/* Stanford Dogs: Images/CLASS/FILE.jpg and two lists of MATLAB, train_list.mat and test_list.mat. */
#include <stdlib.h>
#include <string.h>

#include "data/mat.h"
#include "data/published.h"

static const struct as_home home = {"StanfordDogs|stanford-dogs|stanford_dogs|dogs|lists", "train_list.mat|lists/train_list.mat",
				    "images.tar and lists.tar from http://vision.stanford.edu/aditya86/ImageNetDogs"};
enum { MOST_CLASSES = 100000 };

static size_t folder_of(const char *name)
{
	const char *slash = strchr(name, '/');
	return slash ? (size_t)(slash - name) : 0;
}

struct list {
	char *path;
	struct as_names files;  /* CLASS/FILE */
	int64_t *label, labels; /* from 1 */
};

static int read_list(struct list *l, const char *folder, const char *name, struct as_error *err)
{
	struct as_mat *m = NULL;
	l->path = as_format(err, "%s/%s", folder, name);
	int rc = l->path ? as_mat_open(&m, l->path, err) : AS_EMEM;
	if (!rc)
		rc = as_mat_texts(m, (struct as_mat_part){"file_list", NULL}, &l->files, err);
	if (!rc)
		rc = as_mat_ints(m, (struct as_mat_part){"labels", NULL}, 1, MOST_CLASSES, &l->label, &l->labels, err);
	if (!rc && l->labels != l->files.count)
		rc = as_fail(err, AS_EDATA, "%s: %lld texts in file_list, but %lld labels", l->path, (long long)l->files.count,
			     (long long)l->labels);
	for (int64_t i = 0; i < l->files.count && !rc; i++)
		if (!folder_of(as_names_at(&l->files, i)))
			rc = as_fail(err, AS_EDATA, "%s: file_list: '%.100s', expected CLASS/FILE", l->path, as_names_at(&l->files, i));
	as_mat_close(m);
	return rc;
}

static void clear_list(struct list *l)
{
	free(l->path);
	free(l->label);
	as_names_clear(&l->files);
}

/* Class c is called as the folder of its first image. A label has one folder in both lists, and each label that
 * is not the highest occurs. */
static int name_classes(const struct list l[2], struct as_names *classes, struct as_error *err)
{
	const char **first = calloc(MOST_CLASSES + 1, sizeof *first); /* an image of each label */
	int64_t most = 0;
	int rc = first ? 0 : as_fail(err, AS_EMEM, "memory: no room for classes");
	for (int k = 0; k < 2; k++)
		for (int64_t i = 0; i < l[k].files.count && !rc; i++) {
			const char *file = as_names_at(&l[k].files, i), **known = &first[l[k].label[i]];
			size_t n = folder_of(file);
			if (!*known)
				*known = file;
			else if (strncmp(*known, file, n + 1) != 0)
				rc = as_fail(err, AS_EDATA, "%s: label %lld is of %.*s and of %.*s", l[k].path, (long long)l[k].label[i],
					     (int)folder_of(*known), *known, (int)n, file);
			most = l[k].label[i] > most ? l[k].label[i] : most;
		}
	for (int64_t c = 1; c <= most && !rc; c++)
		rc = first[c] ? as_names_put(classes, (struct as_text){first[c], folder_of(first[c])}, err)
			      : as_fail(err, AS_EDATA, "%s: labels up to %lld, but no %lld", l[0].path, (long long)most, (long long)c);
	free(first);
	return rc;
}

/* Reads both lists, so that classes are the same in all splits. */
static int read_lists(struct as_paths *p, struct as_items *items, const char *lists, bool test, struct as_error *err)
{
	struct list l[2] = {{0}};
	int rc = read_list(&l[0], lists, "train_list.mat", err);
	if (!rc)
		rc = read_list(&l[1], lists, "test_list.mat", err);
	if (!rc)
		rc = name_classes(l, &items->classes, err);
	for (int64_t i = 0; i < l[test].files.count && !rc; i++)
		rc = as_paths_add(p, as_names_at(&l[test].files, i), (int32_t)l[test].label[i] - 1, 0, err);
	clear_list(&l[0]);
	clear_list(&l[1]);
	return rc;
}

static int open_dogs(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	/* 100 of each class are for training: 10 of them are the part val. */
	static const struct as_each each = {.seed = 0, .train = 90, .val = 10, .rest = false};
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	bool test = !strcmp(items->split, "test");
	char *lists = rc ? NULL : as_format(err, "%s%s", folder, mark ? "/lists" : "");
	if (!rc)
		rc = lists ? as_paths_root_in(items->self, folder, "Images", err) : AS_EMEM;
	if (!rc)
		rc = read_lists(items->self, items, lists, test, err);
	free(lists);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, test ? "test" : "train", test ? 8580 : 12000, err);
	return rc ? rc : as_published_each(items, &each, err);
}

const struct as_dataset as_data_dogs = {
	.name = "dogs",
	.doc = "Stanford Dogs, 120 breeds",
	.disk = "train_list.mat, test_list.mat (also in the folder lists) and Images/CLASS/*.jpg, or the folder StanfordDogs with them",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "top1",
	.parts = "val is 10 training images of each class, ours; the AugSelf authors' by --split-from",
	.open = open_dogs,
	AS_PATHS_READER,
};
