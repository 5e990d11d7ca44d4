/* Images loaded ahead: the same in the same order on any number of threads and in however little room,
 * bad ones in their places, and an end when it is asked for. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tap.h"
#include "base/rng.h"
#include "data/ahead.h"

enum { FILES = 60, EPOCHS = 3, VISITS = FILES * EPOCHS };

static char folder[] = "/tmp/augself-ahead-XXXXXX";

/* File i: a grey PGM of (1 + i * i) x 2 pixels, or none at all; its name sorts by i. */
static bool is_bad(int i)
{
	return i % 7 == 3;
}

static bool put_files(void)
{
	bool good = true;
	for (int i = 0; i < FILES; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/%02d.pgm", folder, i);
		FILE *f = fopen(path, "wb");
		good = good && f;
		if (!f)
			continue;
		if (is_bad(i))
			fprintf(f, "no image");
		else
			fprintf(f, "P5 %d 2 255\n", 1 + i * i);
		for (int p = 0; p < 2 * (1 + i * i) && !is_bad(i); p++)
			putc(i + p % 100, f);
		good = !fclose(f) && good;
	}
	return good;
}

/* What came: a word for each visit. */
struct seen {
	int count, stop; /* stop: after so many; 0: never */
	uint64_t word[VISITS];
};

static int note_visit(void *ctx, const struct as_visit *visit, struct as_item *item, const struct as_error *why)
{
	struct seen *s = ctx;
	uint64_t word[5] = {visit->seq, visit->image, item->id, why ? as_hash64(why->text, strlen(why->text)) : 0, 0};
	if (!why)
		word[4] = as_hash64(item->image.pixels.data, (uint64_t)(3 * item->image.height * item->image.width));
	if (s->count < VISITS)
		s->word[s->count] = as_hash64(word, sizeof word);
	s->count++;
	return s->count == s->stop ? 7 : 0;
}

static int run(const struct as_items *items, int threads, int64_t room, struct seen *seen)
{
	struct as_order order = {.seed = 3, .shuffle = true, .images = FILES, .epochs = EPOCHS};
	struct as_pool *pool = NULL;
	struct as_error err;
	if (as_order_open(&order, &err) || (threads && as_pool_new(&pool, threads, &err)))
		return -99;
	const struct as_ahead ahead = {items, &order, pool, room, note_visit, seen};
	int rc = as_ahead_run(&ahead, &err);
	as_pool_free(pool);
	as_order_close(&order);
	return rc;
}

/* What one image after the other gives, loaded by hand. */
static void walk(const struct as_items *items, struct seen *seen)
{
	struct as_order order = {.seed = 3, .shuffle = true, .images = FILES, .epochs = EPOCHS};
	struct as_item item = {0};
	struct as_visit visit;
	struct as_error err;
	ok(!as_order_open(&order, &err), "an order");
	while (as_order_next(&order, &visit)) {
		int rc = as_items_load(items, (int64_t)visit.image, &item, &err);
		note_visit(seen, &visit, &item, rc ? &err : NULL);
	}
	as_item_clear(&item);
	as_order_close(&order);
}

int main(void)
{
	/* All at once; a few; the larger ones alone; every one alone. */
	static const int64_t rooms[] = {0, 100000, 9000, 1};
	static const int threads[] = {0, 1, 2, 3, 7};
	struct as_items items;
	struct as_error err;
	char command[100];
	const char *paths[] = {folder};
	struct as_source source = {paths, 1, NULL, true, NULL, NULL, NULL};
	struct seen want = {0};
	if (!ok(mkdtemp(folder) && put_files(), "a folder of images") ||
	    !ok(!as_items_open(as_dataset_find("tree", &err), &source, &items, &err) && items.count == FILES, "is read"))
		return done();
	walk(&items, &want);
	is_int(want.count, VISITS, "all images");
	for (size_t t = 0; t < sizeof threads / sizeof *threads; t++)
		for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
			struct seen got = {0};
			int rc = run(&items, threads[t], rooms[r], &got);
			ok(!rc && got.count == VISITS && !memcmp(got.word, want.word, sizeof got.word),
			   "the same on %d threads, in %lld bytes", threads[t], (long long)rooms[r]);
		}
	for (int t = 1; t < 4; t++) {
		struct seen got = {.stop = 20};
		ok(run(&items, t, 0, &got) == 7 && got.count == 20, "%d threads end where they are told to", t);
	}
	as_items_close(&items);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	ok(!system(command), "cleaned up");
	return done();
}
