/* Drawn sets: where an object is, image files that are written, what cannot be asked for. */
#include <stdlib.h>

#include "data/synth.h"
#include "data/replica.h"
#include "image/image.h"
#include "image/write.h"
#include "../tap.h"

/* Where two drawings differ, the object is: the box holds all of it, and is at most a pixel wider on each side (a pixel
 * of which a sixteenth is covered may keep its value). */
static void test_box(void)
{
	enum { SIDE = 60, HEIGHT = 60, WIDTH = 44 };
	static uint8_t with[3 * SIDE * SIDE], without[3 * SIDE * SIDE];
	bool good = true;
	for (uint64_t id = 0; id < 72; id++) {
		struct as_synth s = as_synth_facts(5, id);
		struct as_synth_box b = as_synth_box(&s, SIDE, HEIGHT, WIDTH);
		int top = SIDE, left = SIDE, bottom = 0, right = 0;
		as_synth_show(5, id, SIDE, &s, 1, with);
		as_synth_show(5, id, SIDE, &s, 0, without);
		for (int i = 0; i < SIDE * SIDE; i++) {
			int y = i / SIDE, x = i % SIDE;
			if (x >= WIDTH || !memcmp(with + 3 * i, without + 3 * i, 3))
				continue;
			top = y < top ? y : top;
			left = x < left ? x : left;
			bottom = y + 1 > bottom ? y + 1 : bottom;
			right = x + 1 > right ? x + 1 : right;
		}
		int space[4] = {top - b.top, left - b.left, b.top + b.height - bottom, b.left + b.width - right};
		for (int i = 0; i < 4 && bottom; i++) /* bottom is 0 where the object is outside of the columns */
			good = good && space[i] >= 0 && space[i] <= 1;
	}
	ok(good, "boxes are those of the pixels that the object changes");
}

static bool same_picture(const struct as_synth *s, bool whole)
{
	static uint8_t a[3 * 32 * 32], b[3 * 32 * 32];
	as_synth_draw(2, 3, 32, a);
	as_synth_show(2, 3, 32, s, whole ? 1 : 0, b);
	return !memcmp(a, b, sizeof a);
}

static void test_show(void)
{
	struct as_synth s = as_synth_facts(2, 3);
	ok(same_picture(&s, true), "an image's own facts show the image");
	ok(!same_picture(&s, false), "without its object it is another");
	s.factor[AS_COLOUR] = (s.factor[AS_COLOUR] + 1) % 8;
	ok(!same_picture(&s, true), "... and with one of another colour");
}

/* Writes pixels of so many channels to a file, reads it, and returns the largest difference from `want`, RGB; 999: failed. */
static int trip(bool png, const uint8_t *pixels, int channels, const uint8_t *want)
{
	static uint8_t bytes[1 << 16], rgb[3 * 24 * 16];
	struct as_image_head head;
	struct as_error err;
	FILE *f = tmpfile();
	if (!f || (png ? as_png_write(f, pixels, 24, 16, channels, &err) : as_jpeg_write(f, pixels, 24, 16, channels, 90, &err)))
		return 999;
	rewind(f);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	if (as_image_probe(bytes, n, &head, &err) || head.height != 24 || head.width != 16 ||
	    strcmp(head.format, png ? "png" : "jpeg") != 0 || as_image_read(bytes, n, 1, rgb, NULL, &err))
		return 999;
	int worst = 0;
	for (int i = 0; i < 3 * 24 * 16; i++)
		worst = abs(rgb[i] - want[i]) > worst ? abs(rgb[i] - want[i]) : worst;
	return worst;
}

static void test_write(void)
{
	static uint8_t grey[24 * 16], rgb[3 * 24 * 16], greys[3 * 24 * 16], four[4 * 24 * 16];
	for (int i = 0; i < 24 * 16; i++) { /* a smooth picture, which JPEG keeps well */
		int y = i / 16, x = i % 16, c[3] = {40 + 6 * y, 250 - 9 * x, 90 + 2 * y + 3 * x};
		grey[i] = (uint8_t)c[2];
		for (int k = 0; k < 3; k++) {
			rgb[3 * i + k] = four[4 * i + k] = (uint8_t)c[k];
			greys[3 * i + k] = grey[i];
		}
		four[4 * i + 3] = 255;
	}
	is_int(trip(true, grey, 1, greys), 0, "a grey PNG");
	is_int(trip(true, rgb, 3, rgb), 0, "a PNG in colour");
	is_int(trip(true, four, 4, rgb), 0, "a PNG with alpha");
	/* Quality 90 moves a smooth picture's pixels by 2 in grey, by 5 where colours are halved. */
	ok(trip(false, grey, 1, greys) <= 3, "a grey JPEG");
	ok(trip(false, rgb, 3, rgb) <= 8, "a JPEG in colour");
	ok(trip(false, four, 4, rgb) <= 8, "a CMYK JPEG without black ink");
	FILE *full = fopen("/dev/full", "wb");
	struct as_error err = {0};
	if (full && !setvbuf(full, NULL, _IONBF, 0)) {
		ok(as_png_write(full, rgb, 24, 16, 3, &err) == AS_EIO, "a full disk: %s", err.text);
		ok(as_jpeg_write(full, rgb, 24, 16, 3, 90, &err) == AS_EIO, "... %s", err.text);
		fclose(full);
	}
}

static void test_asks(void)
{
	const struct as_replica *voc = as_replica_find("voc", NULL);
	struct as_error err = {0};
	ok(!as_replica_find("vok", &err) && strstr(err.text, "cub200"), "no such layout: %s", err.text);
	const struct as_replica_ask wrong[] = {{.classes = 21}, {.classes = 1}, {.train = 1}, {.test = 10001}, {.side = 15}};
	for (int i = 0; i < 5; i++)
		ok(voc && as_replica_write(voc, &wrong[i], "no/such", NULL, &err) == AS_EARG, "refused: %s", err.text);
	ok(voc && as_replica_write(voc, &(struct as_replica_ask){0}, "/dev/null", NULL, &err) == AS_EIO, "refused: %s", err.text);
}

int main(void)
{
	test_box();
	test_show();
	test_write();
	test_asks();
	return done();
}
