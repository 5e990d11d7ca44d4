/* Datasets: the readers on files made here, torch's split, the synthetic set, and
 * the order above them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tap.h"
#include "base/file.h"
#include "base/rng.h"
#include "data/dataset.h"
#include "data/order.h"
#include "data/randperm.h"
#include "data/synth.h"
#include "stream/safetensors.h"

static char folder[] = "/tmp/augself-data-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[4][256];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static void put(const char *name, const void *bytes, size_t count)
{
	FILE *f = fopen(in_folder(name), "wb");
	if (!f || fwrite(bytes, 1, count, f) != count || fclose(f))
		ok(false, "%s could not be written", name);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void put_folder(const char *name)
{
	if (mkdir(in_folder(name), 0777))
		ok(false, "%s could not be made", name);
}

static void test_randperm(void)
{
	static const int64_t ten[] = {2, 6, 1, 8, 4, 5, 0, 9, 3, 7};
	int64_t r[50000], sum = 0;
	as_randperm(42, 10, r);
	ok(!memcmp(r, ten, sizeof ten), "randperm(10) for seed 42 is torch's");
	/* torch 2: randperm(50000, generator=Generator().manual_seed(43)): ends, and sum of i r[i]. */
	as_randperm(43, 50000, r);
	for (int64_t i = 0; i < 50000; i++)
		sum += i * r[i];
	is_int(r[0], 5588, "seed 43, the first");
	is_int(r[49999], 49955, "seed 43, the last");
	is_int(sum, 31247622698607, "seed 43, all of them in their order");
	as_randperm(1, 1, r);
	is_int(r[0], 0, "one alone");
}

/* All steps of an order, at most `max`; -1 when it cannot be opened. */
static int walk(struct as_order o, struct as_visit *steps, int max)
{
	struct as_error err;
	int n = 0;
	if (as_order_open(&o, &err))
		return -1;
	while (n < max && as_order_next(&o, &steps[n]))
		n++;
	as_order_close(&o);
	return n;
}

static bool same_steps(const struct as_visit *a, const struct as_visit *b, int n)
{
	bool same = true;
	for (int i = 0; i < n; i++)
		same = same && a[i].seq == b[i].seq && a[i].epoch == b[i].epoch && a[i].image == b[i].image;
	return same;
}

static void test_order(void)
{
	enum { N = 10, E = 3 };
	struct as_visit all[N * E + 1], part[N * E + 1], joined[N * E];
	struct as_order base = {.seed = 5, .shuffle = true, .images = N, .epochs = E};
	is_int(walk(base, all, N * E + 1), N * E, "every image of every epoch");
	bool good = true, moved = false, renewed = false;
	for (int e = 0; e < E; e++) {
		unsigned seen = 0;
		for (int i = 0; i < N; i++) {
			const struct as_visit *s = &all[e * N + i];
			good = good && s->seq == (uint64_t)(e * N + i) && s->epoch == (uint64_t)e;
			seen |= 1u << s->image;
			moved = moved || s->image != (uint64_t)i;
			renewed = renewed || (e && s->image != all[i].image);
		}
		good = good && seen == (1u << N) - 1;
	}
	ok(good, "each epoch has each image once; seq counts on");
	ok(moved && renewed, "shuffled, and anew for each epoch");
	for (uint64_t from = 0; from <= N * E; from++) {
		struct as_order o = base;
		o.next = from;
		int n = walk(o, part, N * E + 1);
		good = good && n == (int)(N * E - from) && same_steps(part, all + from, n);
	}
	ok(good, "from any seq on, the same as if it had been skipped");
	for (uint64_t shards = 1; shards <= 12; shards++)
		for (uint64_t block = 0; block <= 5; block++) {
			int sum = 0;
			for (uint64_t k = 0; k < shards; k++) {
				struct as_order o = base;
				o.shard = (struct as_shard){k + 1, shards, block};
				int n = walk(o, part, N * E + 1);
				good = good && n == (int)as_shard_of(o.shard, o.images) * E;
				for (int i = 0; i < n; i++, sum++) {
					joined[part[i].seq] = part[i];
					good = good && part[i].seq % N / (block ? block : 1) % shards == k;
				}
			}
			good = good && sum == N * E && same_steps(joined, all, N * E);
		}
	ok(good, "shards have no image in common, leave none out, and get blocks in turn");
	struct as_order endless = {.next = 7};
	is_int(walk(endless, part, 20), 20, "an endless first epoch");
	is_int((int64_t)part[19].image, 26, "whose image is its seq");
	endless = (struct as_order){.images = 3};
	ok(walk(endless, part, 20) == 20 && part[19].epoch == 6, "epochs without end");
	struct as_order far = {.images = 3, .epochs = 2, .next = UINT64_MAX};
	is_int(walk(far, part, 20), 0, "resumed far beyond the end");
	struct as_order last = {.next = AS_MAX_SEQ - 1};
	ok(walk(last, part, 20) == 2 && part[1].seq == AS_MAX_SEQ, "the last seq there is");
	last.shard = (struct as_shard){2, 3, 0};
	is_int(walk(last, part, 20), (int)((AS_MAX_SEQ - 1) % 3 == 1 || AS_MAX_SEQ % 3 == 1), "of a shard");
	last = (struct as_order){.next = AS_MAX_SEQ + 1};
	is_int(walk(last, part, 20), 0, "behind it is the end");
	last = (struct as_order){.images = (uint64_t)1 << 40, .next = AS_MAX_SEQ - 1};
	ok(walk(last, part, 20) == 2 && part[1].epoch == (1 << 23) - 1, "of long epochs too");
	struct as_order nothing = {.shuffle = true};
	is_int(walk(nothing, part, 1), -1, "what is endless cannot be shuffled");
}

static void test_shard_text(void)
{
	static const char *const bad[] = {"", "1", "0/3", "4/3", "1/0", "1/", "/3", "a/3", "1/3x", "1//3", " 1/3"};
	struct as_order o = {0};
	struct as_error err;
	ok(!as_order_shard(&o, "3/3", 0, &err) && o.shard.index == 3 && o.shard.count == 3, "3/3 is the last of three");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(as_order_shard(&o, bad[i], 0, &err) == AS_EARG, "refused: %s", err.text);
	ok(!as_order_shard(&o, "2/4", 32, &err) && o.shard.index == 2 && o.shard.block == 8, "of a batch of 32 one of four gets 8");
	ok(as_order_shard(&o, "2/4", 30, &err) == AS_EARG, "refused: %s", err.text);
}

static void put_state(const char *name, const char *key, const char *value)
{
	struct as_meta meta = {key, value};
	struct as_error err;
	FILE *f = fopen(in_folder(name), "wb");
	ok(f && !as_safetensors_write(f, NULL, 0, &meta, 1, NULL, &err) && !fclose(f), "a state file is written");
}

static void test_after(void)
{
	struct as_order o = {.next = 99};
	struct as_error err;
	ok(!as_order_after(&o, in_folder("none"), &err) && o.next == 0, "no state file: the start");
	put_state("state", "seq", "12345678901");
	ok(!as_order_after(&o, in_folder("state"), &err) && o.next == 12345678901u, "the state's seq");
	put_state("state", "seq", "12x");
	ok(as_order_after(&o, in_folder("state"), &err) == AS_EDATA, "refused: %s", err.text);
	put_state("state", "seq", "9223372036854775808");
	ok(!as_order_after(&o, in_folder("state"), &err) && o.next == AS_MAX_SEQ + 1, "that of a run that had them all");
	put_state("state", "seq", "9223372036854775809");
	ok(as_order_after(&o, in_folder("state"), &err) == AS_EDATA, "refused: %s", err.text);
	put_state("state", "epoch", "1");
	ok(as_order_after(&o, in_folder("state"), &err) == AS_EDATA, "refused: %s", err.text);
	put_text("state", "no state");
	ok(as_order_after(&o, in_folder("state"), &err) < 0, "refused: %s", err.text);
	as_order_close(&o);
}

/* Opens, or says why not. */
static int open_as(const char *kind, const char *path, const char *split, struct as_items *items, struct as_error *err)
{
	const char *paths[] = {in_folder(path)};
	struct as_source source = {paths, 1, split, true, NULL, NULL, NULL};
	int rc = as_items_open(as_dataset_find(kind, NULL), &source, items, err);
	if (rc)
		as_items_close(items);
	return rc;
}

/* Record i of a file: label i mod 10, planes of 3 i, 3 i + 1, 3 i + 2 with the pixel's number on top. */
static void put_cifar(const char *name, int first, int count, int labels)
{
	uint8_t *all = malloc((size_t)count * 3074), *at = all;
	for (int i = first; i < first + count; i++) {
		if (labels == 2)
			*at++ = (uint8_t)(i % 5);
		*at++ = (uint8_t)(i % 10);
		for (int p = 0; p < 3072; p++)
			*at++ = (uint8_t)(3 * i + p / 1024 + p % 1024);
	}
	put(name, all, (size_t)(at - all));
	free(all);
}

static bool is_record(const struct as_item *item, int i)
{
	const uint8_t *rgb = item->image.pixels.data;
	bool good = item->id == (uint64_t)i && item->label == i % 10 && item->image.height == 32 && item->image.width == 32;
	for (int p = 0; p < 1024 && good; p++)
		for (int c = 0; c < 3; c++)
			good = good && rgb[3 * p + c] == (uint8_t)(3 * i + c + p);
	return good;
}

static void test_cifar10(void)
{
	struct as_items items;
	struct as_item item = {0};
	struct as_error err;
	int64_t perm[50];
	ok(open_as("cifar10", "", NULL, &items, &err) == AS_EDATA, "refused: %s", err.text);
	put_cifar("data_batch_1.bin", 0, 20, 1);
	put_cifar("data_batch_2.bin", 20, 30, 1);
	put_cifar("test_batch.bin", 0, 7, 1);
	bool good = !open_as("cifar10", "", "trainval", &items, &err) && items.count == 50;
	for (int i = 0; i < 50 && good; i++)
		good = !as_items_load(&items, i, &item, &err) && is_record(&item, i);
	ok(good, "cifar10 trainval: records of two files, interleaved to RGB");
	is_text(as_names_at(&items.notes, 0), "50 images to train, the published set has 50000", "which is noted");
	as_items_close(&items);
	as_randperm(43, 50, perm);
	good = !open_as("cifar10", "", NULL, &items, &err) && items.count == 45 && !strcmp(items.split, "train");
	for (int i = 0; i < 45 && good; i++)
		good = !as_items_load(&items, i, &item, &err) && is_record(&item, (int)perm[i]);
	ok(good, "train, the usual split, is the first nine tenths of torch's permutation");
	as_items_close(&items);
	good = !open_as("cifar10", "", "val", &items, &err) && items.count == 5;
	for (int i = 0; i < 5 && good; i++)
		good = !as_items_load(&items, i, &item, &err) && is_record(&item, (int)perm[45 + i]);
	ok(good, "val is the rest");
	as_items_close(&items);
	put_text("batches.meta.txt", "a\nb\n\nc\n\n");
	good = !open_as("cifar10", "", "test", &items, &err) && items.count == 7 && items.classes.count == 3;
	ok(good && !strcmp(as_names_at(&items.classes, 2), "c"), "class names, without the empty lines");
	ok(as_items_load(&items, 3, &item, &err) == AS_EDATA, "refused: %s", err.text);
	as_items_close(&items);
	ok(open_as("cifar10", "", "tset", &items, &err) == AS_EARG, "refused: %s", err.text);
	put("test_batch.bin", "12345", 5);
	ok(open_as("cifar10", "", "test", &items, &err) == AS_EDATA, "refused: %s", err.text);
	as_items_close(&items); /* of what is said though nothing is there */
	put("test_batch.bin", "", 0);
	ok(open_as("cifar10", "", "test", &items, &err) == AS_EDATA, "refused: %s", err.text);
	as_items_close(&items);
	as_item_clear(&item);
}

static void test_cifar100(void)
{
	struct as_items items;
	struct as_item item = {0};
	struct as_error err;
	put_folder("cifar-100-binary");
	put_cifar("cifar-100-binary/test.bin", 0, 12, 2);
	bool good = !open_as("cifar100", "", "test", &items, &err) && items.count == 12;
	for (int i = 0; i < 12 && good; i++)
		good = !as_items_load(&items, i, &item, &err) && is_record(&item, i);
	ok(good, "cifar100: fine labels, in the folder that the archive unpacks to");
	as_items_close(&items);
	good = !open_as("cifar100-coarse", "cifar-100-binary", "test", &items, &err) &&
	       !as_items_load(&items, 9, &item, &err) && item.label == 4;
	ok(good, "cifar100-coarse: coarse labels");
	as_items_close(&items);
	as_item_clear(&item);
}

static bool item_is(struct as_items *items, int64_t i, const char *name, int64_t label)
{
	struct as_item item = {0};
	struct as_error err;
	bool good = !as_items_load(items, i, &item, &err) && item.label == label && item.name.length == strlen(name) &&
		    !memcmp(item.name.at, name, item.name.length) && item.id == as_hash64(name, strlen(name)) &&
		    item.image.height == 1 && item.image.width == 1;
	if (!good)
		note("%lld is %.*s, label %lld", (long long)i, (int)item.name.length, item.name.at, (long long)item.label);
	as_item_clear(&item);
	return good;
}

static void test_folder(void)
{
	static const char ppm[] = "P6 1 1 255\nabc";
	struct as_items items;
	struct as_item item = {0};
	struct as_error err;
	put_folder("birds");
	ok(open_as("folder", "birds", NULL, &items, &err) == AS_EDATA, "refused: %s", err.text);
	put_folder("birds/tit");
	put_folder("birds/Owl");
	put_folder("birds/tit/young");
	put_text("birds/tit/b.PPM", ppm);
	put_text("birds/tit/a.ppm", ppm);
	put_text("birds/tit/.hidden.ppm", ppm);
	put_text("birds/tit/README", "not an image");
	put_text("birds/tit/young/c.ppm", ppm);
	put_text("birds/Owl/z.pnm", ppm);
	put_text("birds/stray.ppm", ppm);
	ok(!open_as("folder", "birds", NULL, &items, &err) && items.count == 4 && items.classes.count == 2 && !items.split,
	   "a folder of two classes");
	ok(item_is(&items, 0, "Owl/z.pnm", 0) && item_is(&items, 1, "tit/a.ppm", 1) && item_is(&items, 2, "tit/b.PPM", 1) &&
	       item_is(&items, 3, "tit/young/c.ppm", 1),
	   "sorted bytewise; only images, below each class too");
	as_items_close(&items);
	put_text("birds/Owl/bad.jpg", "<html>");
	ok(!open_as("folder", "birds", NULL, &items, &err), "a bad file does not stop the opening");
	ok(as_items_load(&items, 0, &item, &err) == AS_EDATA, "refused: %s", err.text);
	as_items_close(&items);
	put_folder("birds/train");
	put_folder("birds/train/emu");
	put_text("birds/train/emu/e.ppm", ppm);
	ok(!open_as("folder", "birds", NULL, &items, &err) && items.count == 1 && !strcmp(items.split, "train"),
	   "DIR/train is the usual split where it is");
	ok(item_is(&items, 0, "train/emu/e.ppm", 0), "and part of the name");
	is_text(as_names_at(&items.classes, 0), "emu", "but not of the class");
	as_items_close(&items);
	ok(open_as("folder", "birds", "val", &items, &err) == AS_EIO, "refused: %s", err.text);
	ok(open_as("folder", "birds", "../birds", &items, &err) == AS_EARG, "refused: %s", err.text);
	as_item_clear(&item);
}

static void test_list(void)
{
	static const char *const bad[] = {"birds/Owl/z.pnm 1\nbirds/tit/a.ppm\n", "x.ppm 1\ny.ppm one\n",
					  "x.ppm 1\ny.ppm 99999999999\n", "\n \n"};
	struct as_items items;
	struct as_item item = {0};
	struct as_error err;
	put_text("list", "birds/Owl/z.pnm 7\r\n\n  birds/tit/a.ppm \t 0  \nwith a blank.ppm 3");
	put_text("with a blank.ppm", "P6 1 1 255\nabc");
	ok(!open_as("list", "list", NULL, &items, &err) && items.count == 3 && !items.classes.count, "a list with numbers");
	ok(item_is(&items, 0, "birds/Owl/z.pnm", 7) && item_is(&items, 1, "birds/tit/a.ppm", 0) &&
	       item_is(&items, 2, "with a blank.ppm", 3),
	   "paths from the list's folder, blanks and all");
	as_items_close(&items);
	put_text("list", "birds/Owl/z.pnm -1\nbirds/tit/a.ppm 2\n");
	ok(!open_as("list", "list", NULL, &items, &err) && !items.classes.count && item_is(&items, 0, "birds/Owl/z.pnm", -1) &&
		   item_is(&items, 1, "birds/tit/a.ppm", 2), "-1 is an image without a class");
	as_items_close(&items);
	put_text("list", "birds/Owl/z.pnm owl\nbirds/tit/a.ppm 12\nnone.ppm owl\n");
	ok(!open_as("list", "list", NULL, &items, &err) && items.count == 3 && items.classes.count == 2, "one with names");
	ok(item_is(&items, 0, "birds/Owl/z.pnm", 1) && item_is(&items, 1, "birds/tit/a.ppm", 0), "numbered bytewise");
	ok(as_items_load(&items, 2, &item, &err) == AS_ENONE && strstr(err.text, "list:3: "), "refused: %s", err.text);
	as_items_close(&items);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		put_text("list", bad[i]);
		ok(open_as("list", "list", NULL, &items, &err) == AS_EDATA, "refused: %s", err.text);
	}
	put("list", "a\0b 1\n", 6);
	ok(open_as("list", "list", NULL, &items, &err) == AS_EDATA, "refused: %s", err.text);
	ok(open_as("list", "list", "train", &items, &err) == AS_EARG, "refused: %s", err.text);
	as_item_clear(&item);
}

static void test_files(void)
{
	struct as_items items;
	struct as_error err;
	const char *paths[] = {in_folder("birds/tit/a.ppm"), in_folder("birds/Owl/z.pnm")};
	struct as_source source = {paths, 2, NULL, true, NULL, NULL, NULL};
	ok(!as_items_open(as_dataset_find("files", NULL), &source, &items, &err) && items.count == 2, "two files");
	ok(item_is(&items, 0, "a.ppm", -1) && item_is(&items, 1, "z.pnm", -1), "named without their folders");
	as_items_close(&items);
	ok(as_items_open(as_dataset_find("list", NULL), &source, &items, &err) == AS_EARG, "refused: %s", err.text);
	ok(!as_dataset_find("no-such-set", &err) && err.code == AS_EARG, "refused: %s", err.text);
}

/* The chi-square of counts that should be equal, over its degrees of freedom. */
static double unevenness(const int *count, int classes, int n)
{
	double sum = 0, want = (double)n / classes;
	for (int c = 0; c < classes; c++)
		sum += (count[c] - want) * (count[c] - want) / want;
	return sum / (classes - 1);
}

static void test_synth_facts(void)
{
	enum { N = 7200 };
	int one[AS_FACTORS][9] = {{0}}, pair[72] = {0};
	bool good = true;
	for (uint64_t id = 0; id < N; id++) {
		struct as_synth s = as_synth_facts(1, id);
		for (int f = 0; f < AS_FACTORS; f++)
			one[f][s.factor[f]]++;
		pair[s.factor[AS_COLOUR] * 9 + s.factor[AS_PLACE]]++;
		/* At most a quarter of the area (the fullest shape, the circle, fills 0.61 of size^2), inside. */
		good = good && s.size > 0 && s.size <= 0.54 && s.turn >= 0 && s.turn < 1 && s.y - s.size / 2 > -0.05 &&
		       s.y + s.size / 2 < 1.05 && s.x - s.size / 2 > -0.05 && s.x + s.size / 2 < 1.05;
	}
	ok(good, "sizes and places as promised");
	/* chi-square/df has mean 1; above 3 with df 7 is a chance of 1 in 300, with df 71 none at all. */
	for (int f = 0; f < AS_FACTORS; f++)
		ok(unevenness(one[f], as_factor_classes((enum as_factor)f), N) < 3, "each %s equally often", as_factor_name[f]);
	ok(unevenness(pair, 72, N) < 1.7, "colour and place are independent");
}

static void test_synth_pixels(void)
{
	uint8_t a[48 * 48 * 3], b[48 * 48 * 3];
	as_synth_draw(3, 17, 48, a);
	as_synth_draw(3, 17, 48, b);
	ok(!memcmp(a, b, sizeof a), "the same image is the same");
	as_synth_draw(3, AS_SYNTH_TEST + 17, 48, b);
	ok(memcmp(a, b, sizeof a) != 0, "the test split's is another");
	as_synth_draw(4, 17, 48, b);
	ok(memcmp(a, b, sizeof a) != 0, "and so is another seed's");
	/* What is drawn, to the bit, on every machine: the bytes of three images. */
	static const uint64_t hash[3] = {UINT64_C(0x7d2a828c70f5b32a), UINT64_C(0xcc885a652a13100b), UINT64_C(0x56f0af32645f56e3)};
	for (uint64_t id = 0; id < 3; id++) {
		as_synth_draw(0, id, 32, a);
		uint64_t h = as_hash64(a, 32 * 32 * 3);
		ok(h == hash[id], "image %d of seed 0 hashes to %016llx", (int)id, (unsigned long long)h);
	}
	uint64_t all = 0, seen = 0;
	for (uint64_t id = 0; id < 64; id++) {
		struct as_synth facts = as_synth_facts(0, id);
		seen |= UINT64_C(1) << facts.factor[AS_SHAPE] | UINT64_C(256) << facts.factor[AS_COLOUR] |
			UINT64_C(65536) << facts.factor[AS_PLACE];
		as_synth_draw(0, id, 32, a);
		all ^= as_hash64(a, 32 * 32 * 3);
	}
	ok(seen == (1 << 25) - 1 && all == UINT64_C(0xb71a9014d2e1ecec), "64 images, every shape, colour and place among them, to %016llx",
	   (unsigned long long)all);
}

static void test_synth_cifar(void)
{
	struct as_items items;
	struct as_item item = {0};
	struct as_error err;
	uint8_t rgb[3072];
	ok(!as_synth_cifar(in_folder("synth"), 9, 23, AS_COLOUR, &err), "the set as CIFAR-10");
	bool good = !open_as("cifar10", "synth", "trainval", &items, &err) && items.count == 23;
	for (int i = 0; i < 23 && good; i++) {
		as_synth_draw(9, (uint64_t)i, 32, rgb);
		good = !as_items_load(&items, i, &item, &err) && !memcmp(item.image.pixels.data, rgb, sizeof rgb) &&
		       item.label == as_synth_facts(9, (uint64_t)i).factor[AS_COLOUR];
	}
	ok(good, "read back to the bit");
	is_text(as_names_at(&items.classes, 3), "green", "with its classes");
	as_items_close(&items);
	ok(!open_as("cifar10", "synth", "test", &items, &err) && items.count == 4, "and a fifth to test");
	as_items_close(&items);
	as_item_clear(&item);
	ok(as_synth_cifar(in_folder("no/such"), 9, 23, AS_COLOUR, &err) == AS_EIO, "refused: %s", err.text);
}

int main(void)
{
	char command[100];
	if (!ok(mkdtemp(folder) != NULL, "a scratch folder"))
		return done();
	test_randperm();
	test_order();
	test_shard_text();
	test_after();
	test_cifar10();
	test_cifar100();
	test_folder();
	test_list();
	test_files();
	test_synth_facts();
	test_synth_pixels();
	test_synth_cifar();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	ok(!system(command), "cleaned up");
	return done();
}
