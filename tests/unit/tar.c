/* Tar archives as sets: what is read of a good one, and any bytes as one: whatever is accepted is read to its last image. */
#include <stdlib.h>
#include <unistd.h>

#include "../tap.h"
#include "base/rng.h"
#include "data/dataset.h"

enum { MOST = 1 << 15, BLOCK = 512, CHANGED = 4000 };

static uint8_t archive[MOST];
static size_t count;
static char path[] = "/tmp/augself-tar-XXXXXX";

/* A member's head: its sum is of all bytes, its own taken as blanks. */
static void put_head(const char *name, char type, const char *size)
{
	uint8_t *h = archive + count;
	unsigned sum = 0;
	memset(h, 0, BLOCK);
	snprintf((char *)h, 100, "%s", name);
	memcpy(h + 100, "0000644\0" "0000000\0" "0000000", 24);
	memcpy(h + 124, size, 12);
	memcpy(h + 136, "00000000000", 12);
	memset(h + 148, ' ', 8);
	h[156] = (uint8_t)type;
	memcpy(h + 257, "ustar\0" "00", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	count += BLOCK;
}

static void put(const char *name, char type, const void *bytes, size_t n)
{
	char size[13];
	snprintf(size, sizeof size, "%011o", (unsigned)n);
	put_head(name, type, size);
	memset(archive + count, 0, (n + BLOCK - 1) / BLOCK * BLOCK);
	memcpy(archive + count, bytes, n);
	count += (n + BLOCK - 1) / BLOCK * BLOCK;
}

static void put_end(void)
{
	memset(archive + count, 0, 2 * BLOCK);
	count += 2 * BLOCK;
}

static const char pixels[] = "P6 1 1 255\nabc";

static void make(void)
{
	static const char pax[] = "19 path=d/long.ppm\n";
	count = 0;
	put("./", '5', "", 0);
	put("a.cls", '0', "1", 1);
	put("a.ppm", '0', pixels, sizeof pixels - 1);
	put("a.json", '0', "{}", 2);
	put("b.ppm", '0', pixels, sizeof pixels - 1);
	put("b.cls", '0', "0\n", 2);
	put("././@LongLink", 'L', "e/gnu.ppm", 10);
	put("cut", '0', pixels, sizeof pixels - 1);
	put("PaxHeaders/x", 'x', pax, sizeof pax - 1);
	put("cut", '0', pixels, sizeof pixels - 1);
	put_end();
}

/* Opens what is in `archive` as a set; the images that load, <0: it was refused. */
static int64_t images_of(int fd, struct as_items *items, struct as_error *err)
{
	const char *paths[] = {path};
	const struct as_source source = {.path = paths, .paths = 1, .exif = true};
	struct as_item item = {0};
	int64_t n = 0;
	if (pwrite(fd, archive, count, 0) != (ssize_t)count || ftruncate(fd, (off_t)count))
		ok(false, "the archive is written");
	int rc = as_items_open(as_dataset_find("tar", NULL), &source, items, err);
	for (int64_t i = 0; i < items->count && !rc; i++)
		n += !as_items_load(items, i, &item, err);
	as_item_clear(&item);
	return rc ? rc : n;
}

static void test_good(int fd)
{
	static const char *const name[] = {"a.ppm", "b.ppm", "e/gnu.ppm", "d/long.ppm"};
	static const int64_t label[] = {1, 0, -1, -1};
	struct as_items items;
	struct as_item item = {0};
	struct as_error err;
	make();
	is_int(images_of(fd, &items, &err), 4, "all of its images");
	for (int i = 0; i < 4 && i < items.count; i++) {
		if (as_items_load(&items, i, &item, &err))
			ok(false, "image %d: %s", i, err.text);
		ok(item.name.length == strlen(name[i]) && !memcmp(item.name.at, name[i], item.name.length) && item.label == label[i] &&
		   item.id == as_hash64(name[i], strlen(name[i])), "%s has its name, label and id", name[i]);
		ok(item.image.width == 1 && !memcmp(item.image.pixels.data, "abc", 3), "and its pixels");
	}
	as_item_clear(&item);
	as_items_close(&items);
}

/* A size that cannot be: each is refused, or its image does not load. */
static void test_sizes(int fd)
{
	static const char *const size[] = {"77777777777", "00000001000", "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", /* 2^63-1 */
					   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\0\0\0\0\0\1\0\0\0\0\0"};
	for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
		struct as_items items;
		struct as_error err = {0};
		count = 0;
		put("a.ppm", '0', pixels, sizeof pixels - 1);
		char field[12] = "";
		memcpy(field, size[k], k < 2 ? 11 : 12);
		put_head("b.ppm", '0', field);
		int64_t n = images_of(fd, &items, &err);
		ok(n < 0 && *err.text, "size %zu, which is not there: %s", k, err.text);
		as_items_close(&items);
	}
}

static void change(struct as_rng *r)
{
	static const uint8_t odd[] = {0, 1, ' ', '/', '0', '7', '9', 'x', 'L', 'S', 'g', '1', '5', 0x7f, 0x80, 0xff};
	for (uint64_t k = as_rng_below(r, 4) + 1; k--;) {
		size_t at = (size_t)as_rng_below(r, count / BLOCK) * BLOCK;
		switch (as_rng_below(r, 4)) {
		case 0: archive[as_rng_below(r, count)] = (uint8_t)as_rng_u32(r); break;
		case 1: archive[at + 124 + as_rng_below(r, 12)] = odd[as_rng_below(r, sizeof odd)]; break;
		case 2: archive[at + 156] = odd[as_rng_below(r, sizeof odd)]; break;
		default: archive[at + as_rng_below(r, 100)] = odd[as_rng_below(r, sizeof odd)];
		}
		unsigned sum = 0;
		memset(archive + at + 148, ' ', 8); /* made right, so that what is changed is looked at */
		for (int i = 0; i < BLOCK; i++)
			sum += archive[at + (size_t)i];
		if (as_rng_below(r, 8))
			snprintf((char *)archive + at + 148, 8, "%06o", sum);
	}
	if (!as_rng_below(r, 8))
		count = (size_t)as_rng_below(r, count);
}

static void test_changed(int fd)
{
	int64_t refused = 0, read = 0, silent = 0;
	for (int i = 0; i < CHANGED; i++) {
		struct as_items items;
		struct as_error err = {0};
		struct as_rng r = as_rng_at(3, (uint64_t)i, 0, 0, 0);
		make();
		change(&r);
		int64_t n = images_of(fd, &items, &err);
		refused += n < 0;
		read += n > 0;
		silent += n < 0 && !*err.text;
		as_items_close(&items);
	}
	ok(!silent && refused > CHANGED / 20 && read > CHANGED / 20, "%d changed archives: %lld are refused, each with a reason, of %lld "
	   "images are read", CHANGED, (long long)refused, (long long)read);
}

int main(void)
{
	struct as_items items;
	struct as_error err;
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	make();
	bool there = images_of(fd, &items, &err) >= 0 || !strstr(err.text, "libarchive");
	as_items_close(&items);
	if (!there) {
		skip("libarchive is not here");
	} else {
		test_good(fd);
		test_sizes(fd);
		test_changed(fd);
	}
	close(fd);
	unlink(path);
	return done();
}
