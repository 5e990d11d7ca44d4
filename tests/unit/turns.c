/* The turn that metadata say, in PNG, JPEG and WebP: where it may stand, who is believed, and what
 * broken, lying and endless ones do. Files are put together here, chunk by chunk. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jpeglib.h>
#include <webp/encode.h>
#include <zlib.h>

#include "../tap.h"
#include "image/image.h"

struct bytes {
	uint8_t *at;
	size_t count;
};

static void add(struct bytes *b, const void *more, size_t n)
{
	b->at = realloc(b->at, b->count + n + 1);
	if (n)
		memcpy(b->at + b->count, more, n);
	b->count += n;
}

static void add_text(struct bytes *b, const char *text)
{
	add(b, text, strlen(text));
}

static void add_word(struct bytes *b, size_t v)
{
	uint8_t w[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	add(b, w, 4);
}

/* TIFF with an entry before the orientation, or, for turn 0, without it. */
static struct bytes exif_of(int turn, bool big)
{
	static const uint8_t maker[] = {1, 0xf, 0, 2, 0, 0, 0, 2, 'm', 0, 0, 0};
	uint8_t entry[] = {1, 0x12, 0, 3, 0, 0, 0, 1, 0, (uint8_t)turn, 0, 0};
	struct bytes b = {0};
	add(&b, big ? "MM\0*\0\0\0\10" : "II*\0\10\0\0\0", 8);
	if (big) {
		add(&b, turn ? "\0\2" : "\0\1", 2);
		add(&b, maker, sizeof maker);
	} else {
		memcpy(entry, (uint8_t[]){0x12, 1, 3, 0, 1, 0, 0, 0, (uint8_t)turn, 0, 0, 0}, sizeof entry);
		add(&b, "\1\0", 2);
	}
	if (turn || !big)
		add(&b, entry, sizeof entry);
	add(&b, "\0\0\0\0", 4);
	return b;
}

/* As ImageMagick writes a profile: three lines, then two digits a byte, 36 bytes a line. */
static struct bytes hex_of(const char *name, const char *before, struct bytes data)
{
	struct bytes b = {0};
	char text[64];
	size_t skip = strlen(before) + (*before ? 1 + (*before == 'E') : 0); /* Exif\0\0, the address and its 0 */
	snprintf(text, sizeof text, "\n%s\n%8zu", name, data.count + skip);
	add_text(&b, text);
	for (size_t i = 0; i < data.count + skip; i++) {
		unsigned v = i >= skip ? data.at[i - skip] : i < strlen(before) ? (unsigned char)before[i] : 0;
		snprintf(text, sizeof text, "%s%02x", i % 36 ? "" : "\n", v);
		add_text(&b, text);
	}
	add_text(&b, "\n");
	return b;
}

static struct bytes packed(struct bytes data)
{
	uLongf n = compressBound((uLong)data.count);
	struct bytes b = {malloc(n), 0};
	if (compress(b.at, &n, data.at, (uLong)data.count) == Z_OK)
		b.count = n;
	return b;
}

static void add_chunk(struct bytes *png, const char *type, struct bytes data)
{
	struct bytes b = {0};
	add_text(&b, type);
	add(&b, data.at, data.count);
	add_word(png, data.count);
	add(png, b.at, b.count);
	add_word(png, crc32(0, b.at, (uInt)b.count));
	free(b.at);
}

/* A text chunk of the type: keyword, what stands between, the text. */
static struct bytes text_chunk(const char *type, const char *key, struct bytes text, bool pack)
{
	struct bytes b = {0}, body = pack ? packed(text) : text;
	add(&b, key, strlen(key) + 1);
	if (*type == 'z')
		add(&b, "", 1);
	if (*type == 'i')
		add(&b, pack ? "\1\0en\0\0" : "\0\0en\0\0", 6);
	add(&b, body.at, body.count);
	if (pack)
		free(body.at);
	return b;
}

/* 3 x 2 pixels, 1 to 6 as grey, whose chunks are put in by the caller before the pixels or behind. */
static struct bytes png_start(void)
{
	struct bytes b = {0}, head = {(uint8_t[]){0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0}, 13};
	add(&b, "\x89PNG\r\n\x1a\n", 8);
	add_chunk(&b, "IHDR", head);
	return b;
}

static void png_pixels(struct bytes *png)
{
	struct bytes rows = packed((struct bytes){(uint8_t[]){0, 1, 2, 3, 0, 4, 5, 6}, 8});
	add_chunk(png, "IDAT", rows);
	free(rows.at);
}

/* The turn of a file, which must decode; -1: it did not. */
static int64_t turn_of(struct bytes file)
{
	struct as_image_head head;
	struct as_error err;
	uint8_t *exact = malloc(file.count), rgb[8 * 8 * 3]; /* so that asan sees a step too far */
	memcpy(exact, file.at, file.count);
	int rc = as_image_probe(exact, file.count, &head, &err);
	if (!rc)
		rc = head.height * head.width > 64 ? 1 : as_image_read(exact, file.count, 1, rgb, NULL, &err);
	if (rc)
		note("%s", err.text);
	free(exact);
	return rc ? -1 : head.turn;
}

static const char element[] = "<x:xmpmeta><rdf:Description rdf:about=''><tiff:Orientation>6</tiff:Orientation>";
static const char attribute[] = "<x:xmpmeta><rdf:Description tiff:Make='x' tiff:Orientation = \"8\"/>";

static struct bytes of(const char *text)
{
	struct bytes b = {0};
	add_text(&b, text);
	return b;
}

struct text_case {
	const char *type, *key;
	struct bytes data;
	bool pack;
	int64_t want;
};

/* The one chunk in a PNG, before its pixels and behind. */
static void check_chunk(const struct text_case *c)
{
	bool text = strcmp(c->type, "eXIf") != 0;
	struct bytes data = text ? text_chunk(c->type, c->key, c->data, c->pack) : c->data;
	int64_t got[2];
	for (int behind = 0; behind < 2; behind++) {
		struct bytes png = png_start();
		if (behind)
			png_pixels(&png);
		add_chunk(&png, c->type, data);
		if (!behind)
			png_pixels(&png);
		add_chunk(&png, "IEND", (struct bytes){0});
		got[behind] = turn_of(png);
		free(png.at);
	}
	if (!ok(got[0] == c->want && got[1] == c->want, "PNG, %s %s%s: turn %d, before the pixels and behind", c->type,
		text ? c->key : "", c->pack ? ", packed" : "", (int)c->want))
		note("got %lld and %lld", (long long)got[0], (long long)got[1]);
	if (text)
		free(data.at);
	free(c->data.at);
}

static void test_png(void)
{
	static const char address[] = "http://ns.adobe.com/xap/1.0/", xml[] = "XML:com.adobe.xmp";
	struct bytes six = exif_of(6, true), three = exif_of(3, false), none = exif_of(0, true), x = of(element), a = of(attribute);
	struct bytes named = {0}, shorter = hex_of("exif", "Exif", six);
	add(&named, "Exif\0\0", 6);
	add(&named, six.at, six.count);
	shorter.count /= 2;
	const struct text_case cases[] = {
		{"eXIf", "", exif_of(6, true), false, 6},
		{"eXIf", "", exif_of(5, false), false, 5},
		{"eXIf", "", exif_of(9, true), false, 1},
		{"eXIf", "", none, false, 1},
		{"eXIf", "", named, false, 6},
		{"zTXt", "Raw profile type exif", hex_of("exif", "Exif", six), true, 6},
		{"tEXt", "Raw profile type exif", hex_of("exif", "Exif", three), false, 3},
		{"tEXt", "Raw profile type exif", hex_of("exif", "", three), false, 3},
		{"iTXt", "Raw profile type exif", hex_of("exif", "Exif", three), true, 3},
		{"zTXt", "Raw profile type APP1", hex_of("generic profile", "Exif", six), true, 6},
		{"zTXt", "Raw profile type APP1", hex_of("generic profile", address, x), true, 6},
		{"zTXt", "Raw profile type xmp", hex_of("xmp", "", a), true, 8},
		{"iTXt", xml, of(element), false, 6},
		{"iTXt", xml, of(attribute), true, 8},
		{"iTXt", xml, of("<tiff:Orientation>\n 3\n</tiff:Orientation>"), false, 3},
		{"iTXt", xml, of("<d tiff:Orientation='0'/>"), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation='9'/>"), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation='61'/>"), false, 1},
		{"iTXt", xml, of("<d tiff:OrientationX='6'/>"), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation=\"6'/>"), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation"), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation="), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation='6"), false, 1},
		{"iTXt", xml, of("<d tiff:Orientation:'6' tiff:Orientation='6'>"), false, 6},
		{"iTXt", "XML:com.adobe.xmP", of(element), false, 1},
		{"zTXt", "Raw profile type exif", of("\nexif\n      12\nzz"), true, 1},
		{"tEXt", "Raw profile type exif", of("exif"), false, 1},
		{"tEXt", "Raw profile type exif", of(""), false, 1},
		{"zTXt", "Raw profile type exif", of("not packed at all"), false, 1},
		{"zTXt", "Raw profile type exif", shorter, true, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_chunk(&cases[i]);
	free(six.at);
	free(three.at);
	free(x.at);
	free(a.at);
}

/* Two chunks that differ: which is believed; a chunk whose sum is wrong is not. */
static void test_png_precedence(void)
{
	struct bytes six = exif_of(6, true), none = exif_of(0, true), raw = {0}, three = exif_of(3, false), x = of(attribute), png;
	struct bytes hex = hex_of("exif", "Exif", three), xmp = text_chunk("iTXt", "XML:com.adobe.xmp", x, false);
	struct bytes hex6 = hex_of("exif", "Exif", six), other = text_chunk("zTXt", "Raw profile type APP1", hex6, true);
	raw = text_chunk("zTXt", "Raw profile type exif", hex, true);
	const struct {
		const char *type[3];
		struct bytes data[3];
		int64_t want;
	} cases[] = {
		{{"zTXt", "eXIf", "iTXt"}, {raw, six, xmp}, 6},
		{{"iTXt", "zTXt", "iTXt"}, {xmp, raw, xmp}, 3},
		{{"iTXt", "eXIf", "iTXt"}, {xmp, none, xmp}, 8},
		{{"zTXt", "eXIf", "iTXt"}, {raw, none, xmp}, 3},
		{{"zTXt", "zTXt", "iTXt"}, {raw, other, xmp}, 3},
		{{"zTXt", "zTXt", "iTXt"}, {other, raw, xmp}, 6},
		{{"eXIf", "eXIf", "iTXt"}, {six, three, xmp}, 6},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		png = png_start();
		for (int k = 0; k < 3; k++)
			add_chunk(&png, cases[i].type[k], cases[i].data[k]);
		png_pixels(&png);
		add_chunk(&png, "IEND", (struct bytes){0});
		is_int(turn_of(png), cases[i].want, "eXIf before a profile before XMP, and the first of each");
		free(png.at);
	}
	png = png_start();
	add_chunk(&png, "eXIf", six);
	png.at[png.count - 1] ^= 1;
	png_pixels(&png);
	add_chunk(&png, "IEND", (struct bytes){0});
	is_int(turn_of(png), 1, "a chunk whose sum is wrong says nothing");
	free(png.at);
	free(six.at);
	free(none.at);
	free(three.at);
	free(hex.at);
	free(hex6.at);
	free(other.at);
	free(raw.at);
	free(x.at);
	free(xmp.at);
}

/* Texts that unpack to 64 MiB each: what has no room is not unpacked, and of many only some are. */
static void test_bombs(void)
{
	struct bytes zeros = {calloc(64, 1 << 20), 64 << 20}, x = of(attribute);
	struct bytes bomb = text_chunk("zTXt", "Raw profile type exif", zeros, true);
	struct bytes xmp = text_chunk("iTXt", "XML:com.adobe.xmp", x, true), date = text_chunk("tEXt", "date:create", x, false);
	for (int bombs = 10; bombs <= 200; bombs *= 20) {
		struct bytes png = png_start();
		for (int i = 0; i < bombs; i++) {
			add_chunk(&png, "zTXt", bomb);
			add_chunk(&png, "tEXt", date);
		}
		add_chunk(&png, "iTXt", xmp);
		png_pixels(&png);
		add_chunk(&png, "IEND", (struct bytes){0});
		struct as_image_head head = {0};
		struct as_error err;
		clock_t start = clock();
		int rc = as_image_probe(png.at, png.count, &head, &err);
		double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		ok(!rc && head.turn == (bombs == 10 ? 8 : 1), "%d texts of 64 MiB of zeros in %zu KiB", bombs, png.count >> 10);
		ok(seconds < 3, "are done with in %.2f s, where all of them take a minute", seconds);
		free(png.at);
	}
	free(zeros.at);
	free(bomb.at);
	free(x.at);
	free(xmp.at);
	free(date.at);
}

/* A JPEG of 8 x 8 with APP1 markers of these contents. */
static struct bytes jpeg_with(const struct bytes *app1, int n)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr mgr;
	unsigned char *out = NULL;
	unsigned long count = 0;
	uint8_t row[24] = {0};
	JSAMPROW rows = row;
	c.err = jpeg_std_error(&mgr);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, &count);
	c.image_height = c.image_width = 8;
	c.in_color_space = JCS_RGB;
	c.input_components = 3;
	jpeg_set_defaults(&c);
	jpeg_start_compress(&c, TRUE);
	for (int i = 0; i < n; i++)
		jpeg_write_marker(&c, JPEG_APP0 + 1, app1[i].at, (unsigned)app1[i].count);
	while (c.next_scanline < 8)
		jpeg_write_scanlines(&c, &rows, 1);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return (struct bytes){out, count};
}

static void check_jpeg(struct bytes first, struct bytes second, int64_t want, const char *what)
{
	struct bytes both[2] = {first, second}, jpeg = jpeg_with(both, 2);
	is_int(turn_of(jpeg), want, what);
	free(jpeg.at);
}

static void test_jpeg(void)
{
	struct bytes exif = {0}, none = {0}, xmp = {0}, six = exif_of(6, true), zero = exif_of(0, true), other = of("nothing\n");
	add(&exif, "Exif\0\0", 6);
	add(&exif, six.at, six.count);
	add(&none, "Exif\0\0", 6);
	add(&none, zero.at, zero.count);
	add(&xmp, "http://ns.adobe.com/xap/1.0/", 29);
	add_text(&xmp, attribute);
	check_jpeg(exif, other, 6, "JPEG: EXIF");
	check_jpeg(other, xmp, 8, "JPEG: XMP");
	check_jpeg(xmp, exif, 6, "JPEG: EXIF is believed, wherever it stands");
	check_jpeg(none, xmp, 8, "JPEG: XMP, where EXIF has no orientation");
	check_jpeg(other, other, 1, "JPEG: neither");
	struct bytes again = {0}, three = exif_of(3, false);
	add(&again, "Exif\0\0", 6);
	add(&again, three.at, three.count);
	check_jpeg(exif, again, 6, "JPEG: the first of two");
	check_jpeg(again, exif, 3, "JPEG: and the other way");
	free(again.at);
	free(three.at);
	for (size_t n = 0; n < exif.count; n++) {
		struct bytes shorter = {exif.at, n}, jpeg = jpeg_with(&shorter, 1);
		if (turn_of(jpeg) != (n >= 6 + 8 + 2 + 24 ? 6 : 1))
			ok(false, "EXIF shortened to %zu bytes", n);
		free(jpeg.at);
	}
	ok(true, "EXIF that ends anywhere says nothing");
	free(exif.at);
	free(none.at);
	free(xmp.at);
	free(six.at);
	free(zero.at);
	free(other.at);
}

static void add_riff(struct bytes *b, const char *name, const void *data, size_t n)
{
	uint8_t length[] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)};
	add_text(b, name);
	add(b, length, 4);
	add(b, data, n);
	if (n & 1)
		add(b, "", 1);
}

/* A lossless WebP of 7 x 5 in the extended layout, with these chunks behind its pixels. */
static struct bytes webp_with(struct bytes exif, struct bytes xmp)
{
	uint8_t rgb[7 * 5 * 3] = {1, 2, 3}, *simple = NULL;
	size_t n = WebPEncodeLosslessRGB(rgb, 7, 5, 21, &simple);
	uint8_t extended[10] = {(uint8_t)((exif.count ? 8 : 0) | (xmp.count ? 4 : 0)), 0, 0, 0, 6, 0, 0, 4, 0, 0};
	struct bytes b = {0};
	add(&b, "RIFF\0\0\0\0WEBP", 12);
	add_riff(&b, "VP8X", extended, sizeof extended);
	add(&b, simple + 12, n - 12);
	if (exif.count)
		add_riff(&b, "EXIF", exif.at, exif.count);
	if (xmp.count)
		add_riff(&b, "XMP ", xmp.at, xmp.count);
	for (int i = 0; i < 4; i++)
		b.at[4 + i] = (uint8_t)((b.count - 8) >> 8 * i);
	WebPFree(simple);
	return b;
}

static void test_webp(void)
{
	struct bytes six = exif_of(6, true), none = exif_of(0, true), named = {0}, x = of(attribute), odd = of(element), nothing = {0};
	add(&named, "Exif\0\0", 6);
	add(&named, six.at, six.count);
	struct bytes odd_none = exif_of(0, true);
	add(&odd_none, "", 1 - (odd_none.count & 1));
	if (!(odd.count & 1))
		add_text(&odd, " ");
	const struct {
		struct bytes exif, xmp;
		int64_t want;
		const char *what;
	} cases[] = {
		{six, nothing, 6, "WebP: EXIF"},
		{named, nothing, 6, "WebP: EXIF with its name before it"},
		{nothing, x, 8, "WebP: XMP"},
		{nothing, odd, 6, "WebP: XMP of odd length"},
		{six, x, 6, "WebP: EXIF is believed"},
		{none, x, 8, "WebP: XMP, where EXIF has no orientation"},
		{odd_none, x, 8, "WebP: XMP behind an EXIF of odd length"},
		{nothing, nothing, 1, "WebP: neither"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes b = webp_with(cases[i].exif, cases[i].xmp);
		is_int(turn_of(b), cases[i].want, cases[i].what);
		free(b.at);
	}
	struct bytes b = webp_with(six, x);
	size_t at = b.count - x.count - (x.count & 1) - 8 - six.count - 8;
	for (int i = 4; i < 8; i++) /* EXIF's length: 4 GiB */
		b.at[at + (size_t)i] = 0xff;
	struct as_image_head head = {0};
	struct as_error err;
	int rc = as_image_probe(b.at, b.count, &head, &err);
	ok(rc || head.turn == 1, "a length that leaves the file: %s", rc ? err.text : "no turn");
	free(b.at);
	free(six.at);
	free(none.at);
	free(odd_none.at);
	free(named.at);
	free(x.at);
	free(odd.at);
}

int main(void)
{
	test_png();
	test_png_precedence();
	test_bombs();
	test_jpeg();
	test_webp();
	return done();
}
