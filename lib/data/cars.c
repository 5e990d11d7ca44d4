/* Stanford Cars: cars_train/, cars_test/ and the lists of the devkit; or folders train and test with a folder for
 * each class, as most copies are. */
#include <stdlib.h>
#include <string.h>

#include "data/mat.h"
#include "data/published.h"

static const struct as_home home = {
	"stanford_cars|stanford-cars|cars|car_data|car_data/car_data",
	"devkit/cars_train_annos.mat|train/",
	"cars_train.tgz, cars_test.tgz, car_devkit.tgz and cars_test_annos_withlabels.mat of the Stanford Cars Dataset",
};
enum { DEVKIT, FOLDERS };

static int open_list(struct as_mat **m, const char *folder, const char *name, struct as_error *err)
{
	char *path = as_format(err, "%s/%s", folder, name);
	int rc = path ? as_mat_open(m, path, err) : AS_EMEM;
	free(path);
	return rc;
}

/* The labels of a list, 1..classes; NULL, and a note, if it has none. */
static int read_labels(struct as_mat *m, const char *list, int64_t classes, int64_t **label, int64_t *labels,
		       struct as_items *items, struct as_error *err)
{
	static const struct as_mat_part part = {"annotations", "class"};
	if (as_mat_has(m, part))
		return as_mat_ints(m, part, 1, classes, label, labels, err);
	return as_say(&items->notes, err, "no classes in %s, so all labels are -1: cars_test_annos_withlabels.mat beside devkit has them",
		      list);
}

/* Adds the images of a list, in its order; their files are in `inside`. */
static int put_list(struct as_paths *p, struct as_items *items, const char *folder, const char *list, const char *inside,
		    struct as_error *err)
{
	struct as_mat *m = NULL;
	struct as_names names = {0};
	int64_t *label = NULL, labels = 0;
	int rc = open_list(&m, folder, list, err);
	if (!rc)
		rc = as_mat_texts(m, (struct as_mat_part){"annotations", "fname"}, &names, err);
	if (!rc)
		rc = read_labels(m, list, items->classes.count, &label, &labels, items, err);
	for (int64_t i = 0; i < names.count && !rc; i++) {
		char *name = as_format(err, "%s/%s", inside, as_names_at(&names, i));
		rc = name ? as_paths_add(p, name, label ? (int32_t)label[i] - 1 : -1, 0, err) : AS_EMEM;
		free(name);
	}
	free(label);
	as_names_clear(&names);
	as_mat_close(m);
	return rc;
}

/* The test list of the devkit has no classes; another file has. */
static const char *test_list(const char *folder)
{
	static const char *const lists[] = {"cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat"};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (as_home_has(folder, lists[i]))
			return lists[i];
	return "devkit/cars_test_annos.mat";
}

static int read_devkit(struct as_paths *p, struct as_items *items, const char *folder, bool test, struct as_error *err)
{
	struct as_mat *m = NULL;
	int rc = open_list(&m, folder, "devkit/cars_meta.mat", err);
	if (!rc)
		rc = as_mat_texts(m, (struct as_mat_part){"class_names", NULL}, &items->classes, err);
	as_mat_close(m);
	if (rc)
		return rc;
	return test ? put_list(p, items, folder, test_list(folder), "cars_test", err)
		    : put_list(p, items, folder, "devkit/cars_train_annos.mat", "cars_train", err);
}

static int read_folders(struct as_paths *p, struct as_items *items, bool test, struct as_error *err)
{
	int rc = as_folders_classes(p, "train", NULL, &items->classes, err);
	return rc ? rc : as_folders_put(p, test ? "test" : "train", items, err);
}

static int open_cars(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	bool test = !strcmp(items->split, "test");
	if (!rc)
		rc = as_paths_root(items->self, folder, err);
	if (!rc)
		rc = mark == FOLDERS ? read_folders(items->self, items, test, err)
				     : read_devkit(items->self, items, folder, test, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, test ? "test" : "train", test ? 8041 : 8144, err);
	return rc ? rc : as_published_divide(items, 51, 1144, 8144, err);
}

const struct as_dataset as_data_cars = {
	.name = "cars",
	.doc = "Stanford Cars, 196 models",
	.disk = "cars_train/, cars_test/, devkit/*.mat and cars_test_annos_withlabels.mat, or train/ and test/ with class folders; or the "
		"folder stanford_cars with them",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "top1",
	.parts = "val is 1,144 of the 8,144 training images, by torch's random_split with seed 51",
	.open = open_cars,
	AS_PATHS_READER,
};
