/* FC100, few-shot CIFAR-100: its test classes are the 20 fine ones whose coarse label is 0, 7, 12 or 14. It has no
 * files of its own: images come from CIFAR-100's training files and then from its test file, which lie in PATH/fc100, if
 * there is such a folder, or else where cifar100 looks for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

extern const struct as_dataset as_data_cifar100, as_data_cifar100_coarse;

enum { PARTS = 2, MOST = 256 };

struct fc100 {
	struct as_items part[PARTS]; /* of CIFAR-100 */
	int16_t label[MOST];         /* of each fine class; -1: it is not among the 20 */
};

static bool is_test(int64_t coarse)
{
	return coarse == 0 || coarse == 7 || coarse == 12 || coarse == 14;
}

/* Adds to pick[] the images of a part whose coarse label is one of the four, and marks their fine ones. */
static int choose(struct fc100 *f, int part, const struct as_items *coarse, int64_t *pick, int64_t *n, struct as_error *err)
{
	struct as_item item = {0};
	int rc = 0;
	for (int64_t i = 0; i < coarse->count && !rc; i++) {
		rc = as_items_tell(coarse, i, &item, err);
		bool chosen = !rc && is_test(item.label);
		if (chosen)
			rc = as_items_tell(&f->part[part], i, &item, err);
		if (!chosen || rc)
			continue;
		f->label[item.label] = 0;
		pick[(*n)++] = i + (part ? f->part[0].count : 0);
	}
	as_item_clear(&item);
	return rc;
}

/* Numbers the fine classes that occur, in their order. */
static int number_classes(struct fc100 *f, struct as_items *items, struct as_error *err)
{
	int16_t next = 0;
	int rc = 0;
	for (int c = 0; c < MOST && !rc; c++) {
		const char *name = as_names_at(&f->part[0].classes, c);
		if (f->label[c] < 0)
			continue;
		f->label[c] = next++;
		rc = name ? as_names_add(&items->classes, name, err) : 0;
	}
	return rc;
}

static int open_parts(struct fc100 *f, const struct as_source *source, struct as_items *coarse, struct as_items *items,
		      struct as_error *err)
{
	const char *path = source->path[0], *name = items->kind->name;
	char folder[64], *own = NULL;
	snprintf(folder, sizeof folder, "%s/", name);
	int rc = as_home_has(path, folder) && !(own = as_format(err, "%s/%s", path, name)) ? AS_EMEM : 0;
	for (int i = 0; i < PARTS && !rc; i++) {
		struct as_source part = *source;
		part.path = own ? (const char *const[]){own} : source->path;
		part.split = i ? "test" : "trainval";
		rc = as_items_open(&as_data_cifar100, &part, &f->part[i], err);
		for (int64_t n = 0; n < f->part[i].notes.count && !rc; n++)
			rc = as_names_add(&items->notes, as_names_at(&f->part[i].notes, n), err);
		if (!rc)
			rc = as_items_open(&as_data_cifar100_coarse, &part, &coarse[i], err);
	}
	free(own);
	return rc;
}

static int open_fc100(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct fc100 *f = items->self = calloc(1, sizeof *f);
	struct as_items coarse[PARTS] = {{0}};
	int64_t *pick = NULL, n = 0;
	if (!f)
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	memset(f->label, -1, sizeof f->label);
	items->split = "test";
	int rc = open_parts(f, source, coarse, items, err);
	int64_t all = f->part[0].count + f->part[1].count;
	if (!rc && !(pick = malloc((size_t)(all + 1) * sizeof *pick)))
		rc = as_fail(err, AS_EMEM, "memory: no room for %lld images", (long long)all);
	for (int i = 0; i < PARTS && !rc; i++)
		rc = choose(f, i, &coarse[i], pick, &n, err);
	for (int i = 0; i < PARTS; i++)
		as_items_close(&coarse[i]);
	if (!rc)
		rc = number_classes(f, items, err);
	if (rc) {
		free(pick);
		return rc;
	}
	items->count = all;
	as_items_pick(items, pick, n);
	return as_published_count(items, "test", 12000, err);
}

/* The part that has image i, which becomes the image's number there. */
static const struct as_items *part_of(const struct as_items *items, int64_t *i)
{
	const struct fc100 *f = items->self;
	bool second = *i >= f->part[0].count;
	*i -= second ? f->part[0].count : 0;
	return &f->part[second];
}

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct fc100 *f = items->self;
	int64_t at = i;
	const struct as_items *part = part_of(items, &at);
	int rc = part->kind->tell(part, at, item, err);
	if (rc)
		return rc;
	item->id = (uint64_t)i;
	item->label = f->label[item->label];
	return 0;
}

static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_items *part = part_of(items, &i);
	return part->kind->load(part, i, item, err);
}

static void close_fc100(struct as_items *items)
{
	struct fc100 *f = items->self;
	for (int i = 0; f && i < PARTS; i++)
		as_items_close(&f->part[i]);
	free(f);
}

const struct as_dataset as_data_fc100 = {
	.name = "fc100",
	.doc = "FC100's 20 test classes, for few-shot classification, out of CIFAR-100",
	.disk = "as cifar100: train.bin, test.bin and fine_label_names.txt, or the folder cifar-100-binary with them",
	.splits = "test",
	.score = "top1",
	.open = open_fc100,
	.tell = tell,
	.load = load,
	.close = close_fc100,
};
