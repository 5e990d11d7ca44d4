/* WebP against libwebp's own encoder: pixels, turns, alpha; what ends early, is animated or too large. */
#include <stdio.h>
#include <stdlib.h>

#include <webp/encode.h>

#include "../tap.h"
#include "image/image.h"

enum { H = 37, W = 53 };

static void pattern(int h, int w, int channels, uint8_t *at)
{
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			for (int c = 0; c < channels; c++)
				at[(y * w + x) * channels + c] = (uint8_t)(c == 3   ? 7 * x
									   : c == 0 ? 255 * y / h
									   : c == 1 ? 255 * x / w : x < w / 3 ? 200 : 40);
}

/* The pixel displayed at (y,x) of a turned image, by the standard's pictures. */
static int stored_at(int turn, int y, int x)
{
	static const struct {
		bool down, back_y, back_x;
	} k[9] = {{0}, {0}, {false, false, true}, {false, true, true}, {false, true, false}, {true, false, false},
		  {true, true, false}, {true, true, true}, {true, false, true}};
	int row = k[turn].down ? x : y, column = k[turn].down ? y : x;
	return (k[turn].back_y ? H - 1 - row : row) * W + (k[turn].back_x ? W - 1 - column : column);
}

static void test_pixels(void)
{
	static uint8_t rgb[H * W * 3], rgba[H * W * 4], out[H * W * 3];
	struct as_image_head head = {0};
	struct as_error err;
	uint8_t *file = NULL;
	pattern(H, W, 3, rgb);
	pattern(H, W, 4, rgba);
	size_t n = WebPEncodeLosslessRGB(rgb, W, H, 3 * W, &file);
	ok(!as_image_probe(file, n, &head, &err) && head.height == H && head.width == W && head.turn == 1 &&
	       !strcmp(head.format, "webp"), "a lossless WebP's header");
	for (int turn = 1; turn <= 8; turn++) {
		bool good = !as_image_read(file, n, turn, out, NULL, &err);
		int64_t h = H, w = W;
		as_image_turned(turn, &h, &w);
		for (int y = 0; y < h && good; y++)
			for (int x = 0; x < w && good; x++)
				good = !memcmp(out + 3 * (y * w + x), rgb + 3 * stored_at(turn, y, x), 3);
		ok(good, "its pixels to the bit, turned by %d", turn);
	}
	for (size_t length = 0, bad = 0; length < n; length += 1 + n / 97) {
		uint8_t *part = malloc(length + 1);
		memcpy(part, file, length);
		bad += !as_image_read(part, length, 1, out, NULL, &err);
		free(part);
		if (length + 1 + n / 97 >= n)
			ok(!bad, "ending anywhere it is refused: %s", err.text);
	}
	WebPFree(file);
	n = WebPEncodeRGBA(rgba, W, H, 4 * W, 90, &file);
	bool good = !as_image_read(file, n, 1, out, NULL, &err);
	double sum = 0;
	for (int i = 0; i < H * W * 3 && good; i++)
		sum += abs(out[i] - rgb[i]);
	/* Quality 90 costs some levels where the colours jump; white or black behind the clear pixels would cost a hundred. */
	ok(good && sum / (H * W * 3) < 5, "a lossy one's are near (%.2f levels), its alpha is dropped", sum / (H * W * 3));
	WebPFree(file);
}

/* A header that says so, and nothing else. */
static void test_refusals(void)
{
	struct as_image_head head;
	struct as_error err;
	uint8_t animation[] = "RIFF\x1e\0\0\0WEBPVP8X\12\0\0\0\2\0\0\0\6\0\0\4\0\0ANIM\6\0\0\0\0\0\0\0\0\0";
	ok(as_image_probe(animation, sizeof animation - 1, &head, &err) == AS_EDATA && strstr(err.text, "animation") &&
	       strstr(err.text, "webpmux"), "refused: %s", err.text);
	/* VP8L: a signature, then 14 bits each of width - 1 and height - 1. */
	uint8_t huge[] = "RIFF\x20\0\0\0WEBPVP8L\x14\0\0\0\x2f\xff\xff\xff\x0f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	ok(as_image_probe(huge, sizeof huge - 1, &head, &err) == AS_EMEM, "16384 x 16384: %s", err.text);
	uint8_t wide[] = "RIFF\x20\0\0\0WEBPVP8L\x14\0\0\0\x2f\xff\xbf\x3f\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	ok(as_image_probe(wide, sizeof wide - 1, &head, &err) == AS_EMEM, "88 million pixels, lossless: %s", err.text);
	ok(as_image_probe("RIFF\4\0\0\0WEBP", 12, &head, &err) == AS_EDATA, "no picture: %s", err.text);
	ok(as_image_probe("RIFF\4\0\0\0WAVE", 12, &head, &err) == AS_EDATA && strstr(err.text, "not a JPEG"), "a sound: %s",
	   err.text);
}

int main(void)
{
	test_pixels();
	test_refusals();
	return done();
}
