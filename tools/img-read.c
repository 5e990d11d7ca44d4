/* img-read: reads a dataset on disk and writes a stream of images. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bad.h"
#include "base/pool.h"
#include "base/rng.h"
#include "common.h"
#include "data/ahead.h"
#include "data/order.h"
#include "data/split.h"

static struct as_order order;
static uint64_t seed, epochs = 1, limit, batch, jobs;
static const char *split, *part, *ratio, *split_from, *shard, *after, *exif, *classes, *index_file;
static struct as_choice choice;
static bool shuffle, list, names;

static const struct opt opts[] = {
	OPT_GROUP("Which images"),
	{0, "split", OPT_TEXT, &split, "NAME", "one of the dataset's own splits (default: train, where it has one)", 0, 0, true},
	{0, "part", OPT_TEXT, &part, "NAME", "train, val or test: a part of the split, as --ratio divides it", 0, 0, true},
	{0, "ratio", OPT_TEXT, &ratio, "A:B:C", "sizes of the parts train, val and test, as 8:1:1", 0, 0, true},
	{0, "split-from", OPT_TEXT, &split_from, "LIST", "instead: the images that a text file lists by index or name", 0, 0, true},
	{0, "classes", OPT_TEXT, &classes, "LIST", "the classes and their order: a text file of their names (imagenet100)", 0, 0, true},
	{0, "per-class", OPT_U64, &choice.per_class, "K", "only K images of each class", 1, 1e15, true},
	{0, "draw", OPT_U64, &choice.draw, "N", "another draw of --part and --per-class (default 0)", 0, 9007199254740992.0, true},
	OPT_GROUP("Order"),
	{0, "shuffle", OPT_FLAG, &shuffle, NULL, "a new order for each epoch", 0, 0, true},
	OPT_SEED(seed),
	{0, "epochs", OPT_U64, &epochs, "E", "times that the images come; 0: endlessly (default 1)", 0, 4294967295.0, true},
	OPT_GROUP("Which images"),
	{0, "limit", OPT_U64, &limit, "N", "only the first N of these images", 1, 1e15, true},
	{0, "shard", OPT_TEXT, &shard, "I/N", "every N-th image of each epoch, from the I-th (1 to N)", 0, 0, false},
	{0, "batch", OPT_U64, &batch, "B", "--shard: blocks of B/N images, as rank I of a training on N takes", 1, UINT32_MAX, false},
	OPT_GROUP("Order"),
	{0, "after", OPT_TEXT, &after, "STATE", "go on where the trainer's state file ends", 0, 0, false},
	OPT_GROUP("Reading"),
	OPT_MAX_BAD("bad images"),
	OPT_JOBS(jobs),
	{0, "exif", OPT_TEXT, &exif, "on|off", "turn images as EXIF or XMP says (default: on for people's own files)", 0, 0, true},
	{0, "index", OPT_TEXT, &index_file, "FILE", "keep in FILE where the images lie: the next opening is fast", 0, 0, false},
	OPT_GROUP("To look up"),
	{0, "names", OPT_FLAG, &names, NULL, "print name and label of these images and read none of them", 0, 0, false},
	{0, "list", OPT_FLAG, &list, NULL, "print the datasets, what they expect at PATH, their splits and scores, and end", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "img-read",
	.synopsis = "[options] DATASET PATH... > images\n       img-read --list",
	.doc = "Reads a dataset from disk; JPEG files stay compressed.",
	.opts = opts,
	.max_operands = -1,
	.may_write = true,
	.example = "img-read folder photos --shuffle | rec-view -n 8 --sheet photos.png",
};

static int print_list(void)
{
	printf("datasets (the first split is the usual one)\n");
	for (int i = 0; as_datasets[i]; i++) {
		const struct as_dataset *d = as_datasets[i];
		const char *splits = !d->splits ? "none" : strcmp(d->splits, "*") != 0 ? d->splits :
				     "train where there is one; any folder in PATH; . for PATH itself";
		printf("  %s: %s\n", d->name, d->doc);
		printf("    %-8s %s\n", d->many ? "paths" : "path", d->disk);
		printf("    %-8s %s\n", "splits", splits);
		if (d->parts)
			printf("    %-8s %s\n", "parts", d->parts);
		if (d->score)
			printf("    %-8s %s\n", "score", d->score);
		printf("    %-8s %s\n", "exif", d->own ? "on: people's own files" : "off: a published set, used as it is stored");
	}
	return finish_text();
}

/* What has been said about an image, so that each is named and counted once, however often it comes. */
enum { BAD = 1, DOUBTFUL = 2 };
static uint8_t *known;
static uint64_t doubtful;

/* What is wrong with the combination of options; NULL: nothing. */
static const char *check(void)
{
	if (split_from && (split || part))
		return "--split-from stands instead of --split and --part: give one or the other";
	if (!part != !ratio)
		return "--part and --ratio go together, as in --part train --ratio 8:1:1";
	if (tool_given("draw") && !part && !choice.per_class)
		return "--draw is of --part and --per-class: neither is given";
	if (exif && strcmp(exif, "on") != 0 && strcmp(exif, "off") != 0)
		return "--exif is neither on nor off";
	if (batch && !shard)
		return "--batch is of --shard I/N: without it images come in their order anyway";
	return NULL;
}

/* Makes the operands for the chain. They say what was chosen, not how: the path of a list does not matter,
 * its contents do. */
static void remember(const struct as_items *items, bool turned)
{
	static char list_id[32];
	split = split_from ? NULL : items->split;
	if (turned == items->kind->own)
		exif = NULL;
	classes = NULL; /* the header has their names */
	if (!split_from)
		return;
	snprintf(list_id, sizeof list_id, "list:%016llx",
		 (unsigned long long)as_hash64(items->pick, (uint64_t)items->count * sizeof *items->pick));
	split_from = list_id;
}

static struct as_items open_items(const struct as_dataset *kind, char **path, int paths)
{
	struct as_items items;
	struct as_error err;
	bool turn = exif ? !strcmp(exif, "on") : kind->own;
	struct as_source source = {(const char *const *)path, paths, split_from ? kind->whole : split, turn, classes, index_file, NULL};
	choice.list = split_from;
	if (part && as_choice_part(&choice, part, ratio, &err))
		die_error(NULL, &err);
	int rc = as_items_open(kind, &source, &items, &err);
	if (!rc)
		rc = as_items_choose(&items, &choice, &err);
	for (int64_t i = 0; i < items.notes.count; i++)
		warn("%s: %s", path[0], as_names_at(&items.notes, i));
	if (rc)
		die_error(NULL, &err);
	remember(&items, turn);
	return items;
}

/* Warns if images come class by class. */
static void doubt_order(const struct as_items *items, const char *path)
{
	if (!items->sorted)
		return;
	if (order.images < (uint64_t)items->count)
		warn("%s: --limit takes the first images, and these come class by class, so the last classes go short; "
		     "--per-class K takes some of each", path);
	if (!shuffle && epochs != 1)
		warn("%s: its images come class by class, and a batch has few classes or one: --shuffle mixes them", path);
}

/* *total: the number of images that will be written, or 0 if not known. */
static struct as_writer *begin(const struct as_items *items, uint64_t *total)
{
	struct as_header header = {.classes = items->classes, .chain = items->chain};
	struct as_header copy;
	struct as_error err;
	as_order_header(&order, &header);
	*total = as_header_total(&header);
	if (as_header_copy(&copy, &header, &err))
		die_error(NULL, &err);
	struct as_writer *w = open_output("image", &copy, items->kind->name);
	as_header_clear(&copy);
	return w;
}

static void look_for_warnings(const struct as_item *item, uint64_t image)
{
	if (!item->notes.warnings || known[image])
		return;
	warn("%.*s: decoded with %llu warnings: %s", (int)item->name.length, item->name.at,
	     (unsigned long long)item->notes.warnings, item->notes.first);
	known[image] = DOUBTFUL;
	doubtful++;
}

struct output {
	struct as_writer *writer;
	uint64_t done, total;
	bool own;
};

static int write_image(void *ctx, const struct as_visit *visit, struct as_item *item, const struct as_error *why)
{
	struct output *out = ctx;
	struct as_error err;
	if (why && known[visit->image] != BAD) {
		err = *why;
		if (!out->own && !err.help) /* people's own files, which are not there, they can mend */
			err.help = leave_out_help;
		leave_out(NULL, &err);
		known[visit->image] = BAD; /* in all epochs */
	}
	if (known[visit->image] == BAD) {
		as_writer_skip(out->writer, 1);
		return 0;
	}
	look_for_warnings(item, visit->image);
	struct as_record rec = {.seq = visit->seq, .epoch = visit->epoch, .id = item->id, .label = item->label,
				.name = item->name, .image = item->image, .extra = item->extra};
	if (as_writer_put(out->writer, &rec, &err))
		die_error(NULL, &err);
	progress(++out->done, out->total, "images", NULL);
	return 0;
}

static void write_images(const struct as_items *items)
{
	struct output out = {.own = items->kind->own};
	struct as_pool *pool;
	struct as_error err;
	if (as_pool_new(&pool, threads_or_default(jobs), &err))
		die_error(NULL, &err);
	out.writer = begin(items, &out.total);
	const struct as_ahead ahead = {.items = items, .order = &order, .pool = pool, .give = write_image, .ctx = &out};
	if (as_ahead_run(&ahead, &err))
		die_error(NULL, &err);
	as_pool_free(pool);
	progress_end(out.done, "images");
	close_output(out.writer);
	if (doubtful)
		warn("%llu images decoded with warnings", (unsigned long long)doubtful);
	say_left_out();
}

/* Prints what is known of the images in their order, as lines of a `list`; one without a name has its id. */
static int print_names(const struct as_items *items)
{
	struct as_item item = {0};
	struct as_visit visit;
	struct as_error err;
	while (as_order_next(&order, &visit) && !ferror(stdout)) {
		if (as_items_tell(items, (int64_t)visit.image, &item, &err))
			die_error(NULL, &err);
		if (item.name.length)
			printf("%.*s %lld\n", (int)item.name.length, item.name.at, (long long)item.label);
		else
			printf("%llu %lld\n", (unsigned long long)item.id, (long long)item.label);
	}
	as_item_clear(&item);
	return finish_text();
}

int main(int argc, char **argv)
{
	struct as_error err;
	int operands;
	char **operand = tool_begin(&tool, argc, argv, &operands);
	if (list)
		return print_list();
	if (operands < 2)
		die(EXIT_USAGE, "a DATASET and its PATH are needed, as in img-read folder photos; img-read --list says what there is");
	if (check())
		die(EXIT_USAGE, "%s", check());
	const struct as_dataset *kind = as_dataset_find(operand[0], &err);
	if (!kind)
		die_error(NULL, &err);
	struct as_items items = open_items(kind, operand + 1, operands - 1);
	uint64_t images = (uint64_t)items.count;
	order = (struct as_order){.seed = seed, .shuffle = shuffle, .epochs = epochs};
	order.images = limit && limit < images ? limit : images;
	if ((shard && as_order_shard(&order, shard, batch, &err)) || (after && as_order_after(&order, after, &err)) ||
	    as_order_open(&order, &err))
		die_error(NULL, &err);
	doubt_order(&items, operand[1]);
	for (int64_t i = 0; i < order.notes.count; i++)
		warn("%s: %s", after, as_names_at(&order.notes, i));
	if (!(known = calloc(images, 1)))
		die(EXIT_DATA, "memory: no room for %llu images", (unsigned long long)images);
	int status = 0;
	if (names)
		status = print_names(&items);
	else
		write_images(&items);
	free(known);
	as_order_close(&order);
	as_items_close(&items);
	return status;
}
