/* img-synth: draws images whose shape, colour, place, size and turn are known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "common.h"
#include "data/order.h"
#include "data/synth.h"
#include "data/replica.h"
#include "stream/keys.h"

static struct as_order order;
static uint64_t seed, count, epochs = 1, batch, size = 32;
static const char *label = "shape", *split = "train", *shard, *after, *cifar;
static uint64_t classes, train, test;
static const char *layout, *out, *table;
static bool shuffle, list;

static const struct opt opts[] = {
	OPT_GROUP("Images"),
	{'n', "count", OPT_U64, &count, "N", "images of an epoch (default: endless)", 1, 1e9, true},
	{0, "epochs", OPT_U64, &epochs, "E", "times that the N images come; 0: endlessly (default 1)", 0, 4294967295.0, true},
	{0, "label", OPT_TEXT, &label, "FACTOR", "what the label is: shape (default), colour or place", 0, 0, true},
	{0, "size", OPT_U64, &size, "S", "side of the images in pixels (default 32)", 8, 1024, true},
	{0, "split", OPT_TEXT, &split, "NAME", "train (default) or test: no image is in both", 0, 0, true},
	OPT_GROUP("Order"),
	OPT_SEED(seed),
	{0, "shuffle", OPT_FLAG, &shuffle, NULL, "a new order for each epoch", 0, 0, true},
	{0, "shard", OPT_TEXT, &shard, "I/N", "every N-th image of each epoch, from the I-th (1 to N)", 0, 0, false},
	{0, "batch", OPT_U64, &batch, "B", "--shard: blocks of B/N images, as rank I of a training on N takes", 1, UINT32_MAX, false},
	{0, "after", OPT_TEXT, &after, "STATE", "go on where the trainer's state file ends", 0, 0, false},
	OPT_GROUP("Sets on disk instead of a stream"),
	{0, "cifar", OPT_TEXT, &cifar, "DIR", "write N images to train and N/5 to test as CIFAR-10 files", 0, 0, false},
	{0, "layout", OPT_TEXT, &layout, "SET", "write a small set that lies on disk as SET does (--list)", 0, 0, false},
	{'o', "out", OPT_TEXT, &out, "DIR", "the folder that SET is written into", 0, 0, false},
	{0, "classes", OPT_U64, &classes, "N", "classes of SET (default 5)", 2, 500, false},
	{0, "train", OPT_U64, &train, "N", "images of a class to learn from (default 12)", 2, 10000, false},
	{0, "test", OPT_U64, &test, "N", "test images of a class (default 8)", 2, 10000, false},
	{0, "facts", OPT_TEXT, &table, "FILE", "a table of what a right reader finds in SET, written last", 0, 0, false},
	OPT_GROUP("To look up"),
	{0, "list", OPT_FLAG, &list, NULL, "print the layouts with folder and files, and end", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "img-synth",
	.synopsis = "[options] > images",
	.doc = "Draws images of one object on clutter; what they show is in the records.",
	.opts = opts,
	.may_write = true,
	.example = "img-synth --count 8 | rec-view --sheet images.png",
};

static enum as_factor find_factor(const char *name)
{
	for (int f = 0; f < AS_FACTORS; f++)
		if (!strcmp(name, as_factor_name[f]))
			return (enum as_factor)f;
	die(EXIT_USAGE, "--label: '%s' is not shape, colour or place%s", name,
	    as_near(name, "shape, colour, place", &(struct as_hint){0}));
}

/* Puts all facts as keys, which later programs carry along. */
static void put_facts(struct as_keys *keys, const struct as_synth *s, struct as_extra *extra)
{
	struct as_error err;
	for (int f = 0; f < AS_FACTORS; f++)
		as_keys_int(keys, as_factor_name[f], s->factor[f]);
	as_keys_float(keys, "size", s->size);
	as_keys_float(keys, "turn", s->turn);
	struct as_synth_box b = as_synth_box(s, (int)size, (int)size, (int)size);
	double side = (double)size, box[] = {b.top / side, b.left / side, b.height / side, b.width / side};
	as_keys_map(keys, "boxes", 1);
	as_keys_floats(keys, as_factor_class(AS_SHAPE, s->factor[AS_SHAPE]), box, 4);
	if (as_keys_end(keys, extra, &err))
		die_error(NULL, &err);
}

/* *total: the number of images that will be written, or 0 if not known. */
static struct as_writer *begin(enum as_factor factor, uint64_t *total)
{
	struct as_header header = {0};
	struct as_error err;
	as_order_header(&order, &header);
	*total = as_header_total(&header);
	for (int c = 0; c < as_factor_classes(factor); c++)
		if (as_names_add(&header.classes, as_factor_class(factor, c), &err))
			die_error(NULL, &err);
	struct as_writer *w = open_output("image", &header, NULL);
	as_header_clear(&header);
	return w;
}

static void write_images(enum as_factor factor)
{
	uint64_t total;
	struct as_writer *w = begin(factor, &total);
	uint8_t *rgb = malloc(3 * (size_t)size * (size_t)size);
	uint64_t base = strcmp(split, "test") ? 0 : AS_SYNTH_TEST, done = 0;
	struct as_keys keys = {0};
	struct as_visit step;
	struct as_error err;
	if (!rgb)
		die(EXIT_DATA, "memory: no room for an image");
	while (as_order_next(&order, &step)) {
		struct as_record rec = {.seq = step.seq, .id = base + step.image, .epoch = step.epoch};
		struct as_synth facts = as_synth_facts(seed, rec.id);
		as_synth_draw(seed, rec.id, (int)size, rgb);
		put_facts(&keys, &facts, &rec.extra);
		rec.label = facts.factor[factor];
		int64_t side = (int64_t)size;
		rec.image = (struct as_image){{AS_U1, 3, {side, side, 3}, rgb}, {NULL, 0}, side, side, 1};
		if (as_writer_put(w, &rec, &err))
			die_error(NULL, &err);
		progress(++done, total, "images", NULL);
	}
	progress_end(done, "images");
	as_keys_clear(&keys);
	free(rgb);
	close_output(w);
}

/* One line a layout: its name, the dataset that reads it, the folder that this is given, what is there. */
static int print_list(void)
{
	for (int i = 0; as_replicas[i]; i++)
		printf("%-18s %-14s %-22s %s\n", as_replicas[i]->name, as_replicas[i]->set,
		       *as_replicas[i]->folder ? as_replicas[i]->folder : ".", as_replicas[i]->doc);
	return finish_text();
}

static void write_layout(void)
{
	struct as_error err;
	const struct as_replica *k = as_replica_find(layout, &err);
	struct as_replica_ask ask = {.seed = seed, .classes = (int)classes, .train = (int)train, .test = (int)test};
	if (!k)
		die(EXIT_USAGE, "--layout: %s", err.text);
	ask.side = tool_given("size") ? (int)size : 0;
	if (as_replica_write(k, &ask, out, table, &err))
		die_error(NULL, &err);
}

/* The first of the options that was given; NULL: none. */
static const char *first_given(const char *const *option)
{
	while (*option && !tool_given(*option))
		option++;
	return *option;
}

static const char *check_layout(void)
{
	static const char *const streams[] = {"count", "epochs", "label", "split", "shuffle", "shard", "batch", "after", "cifar", NULL};
	static const char *const sets[] = {"out", "classes", "train", "test", "facts", NULL};
	static char text[100];
	const char *other = first_given(layout ? streams : sets);
	if (layout && !out)
		return "--layout needs --out";
	if (!other)
		return NULL;
	snprintf(text, sizeof text, layout ? "--layout does not go with --%s" : "--%s goes with --layout", other);
	return text;
}

/* What is wrong with the combination of options; NULL: nothing. */
static const char *check(void)
{
	if (check_layout())
		return check_layout();
	if (strcmp(split, "train") != 0 && strcmp(split, "test") != 0)
		return "--split: only train and test are there";
	if (cifar && count < 5)
		return "--cifar needs --count, at least 5";
	if (cifar && (size != 32 || shuffle || shard || after || tool_given("epochs") || tool_given("split")))
		return "--cifar writes both splits, once, in order, at size 32: it goes with --count, --seed and --label";
	if (!count && (shuffle || tool_given("epochs")))
		return "--shuffle and --epochs need --count";
	if (batch && !shard)
		return "--batch is of --shard I/N: without it images come in their order anyway";
	return NULL;
}

int main(int argc, char **argv)
{
	struct as_error err;
	int operands;
	tool_begin(&tool, argc, argv, &operands);
	enum as_factor factor = find_factor(label);
	if (list)
		return print_list();
	if (check())
		die(EXIT_USAGE, "%s", check());
	if (layout) {
		write_layout();
		return 0;
	}
	if (cifar) {
		if (as_synth_cifar(cifar, seed, count, factor, &err))
			die_error(NULL, &err);
		return 0;
	}
	order = (struct as_order){.seed = seed, .shuffle = shuffle, .images = count, .epochs = epochs};
	if ((shard && as_order_shard(&order, shard, batch, &err)) || (after && as_order_after(&order, after, &err)) ||
	    as_order_open(&order, &err))
		die_error(NULL, &err);
	for (int64_t i = 0; i < order.notes.count; i++)
		warn("%s: %s", after, as_names_at(&order.notes, i));
	write_images(factor);
	as_order_close(&order);
	return 0;
}
