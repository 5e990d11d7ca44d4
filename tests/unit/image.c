/* Decoding: every format and turn against pixels made here, every odd JPEG
 * against what its list says. */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../tap.h"
#include "base/file.h"
#include "image/image.h"

/* A picture without symmetry: each turn of it differs from every other. */
static void pattern(int64_t h, int64_t w, uint8_t *rgb)
{
	for (int64_t y = 0; y < h; y++)
		for (int64_t x = 0; x < w; x++) {
			rgb[3 * (y * w + x)] = (uint8_t)(255 * y / h);
			rgb[3 * (y * w + x) + 1] = (uint8_t)(255 * x / w);
			rgb[3 * (y * w + x) + 2] = (uint8_t)(y < h / 2 && x < w / 3 ? 255 : 40);
		}
}

struct jpeg_kind {
	J_COLOR_SPACE in, stored;
	int channels, turn;
	bool progressive;
};

/* EXIF with one entry: the orientation. */
static void put_exif(struct jpeg_compress_struct *c, int turn)
{
	uint8_t exif[] = {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1,
			  0, (uint8_t)turn, 0, 0, 0, 0, 0, 0};
	jpeg_write_marker(c, JPEG_APP0 + 1, exif, sizeof exif);
}

static unsigned char *make_jpeg(const struct jpeg_kind *k, int h, int w, uint8_t *pixels, unsigned long *count)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr mgr;
	unsigned char *out = NULL;
	c.err = jpeg_std_error(&mgr);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, count);
	c.image_height = (JDIMENSION)h;
	c.image_width = (JDIMENSION)w;
	c.in_color_space = k->in;
	c.input_components = k->channels;
	jpeg_set_defaults(&c);
	jpeg_set_colorspace(&c, k->stored);
	jpeg_set_quality(&c, 95, TRUE);
	if (k->progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	if (k->turn)
		put_exif(&c, k->turn);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = pixels + (size_t)c.next_scanline * (size_t)w * (size_t)k->channels;
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return out;
}

static double mean_difference(const uint8_t *a, const uint8_t *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += abs(a[i] - b[i]);
	return sum / (double)n;
}

/* Where the pixel displayed at (y,x) is stored, written from the EXIF standard's
 * pictures and not from the code under test. */
static size_t stored_at(int turn, int64_t h, int64_t w, int64_t y, int64_t x)
{
	switch (turn) {
	case 2: return (size_t)(y * w + (w - 1 - x));
	case 3: return (size_t)((h - 1 - y) * w + (w - 1 - x));
	case 4: return (size_t)((h - 1 - y) * w + x);
	case 5: return (size_t)(x * w + y);
	case 6: return (size_t)((h - 1 - x) * w + y);
	case 7: return (size_t)((h - 1 - x) * w + (w - 1 - y));
	case 8: return (size_t)(x * w + (w - 1 - y));
	default: return (size_t)(y * w + x);
	}
}

static void test_turns(void)
{
	enum { H = 24, W = 40 };
	uint8_t rgb[H * W * 3], plain[H * W * 3], turned[H * W * 3];
	struct as_error err;
	pattern(H, W, rgb);
	for (int turn = 1; turn <= 8; turn++) {
		struct jpeg_kind kind = {JCS_RGB, JCS_YCbCr, 3, turn, false};
		unsigned long count = 0;
		unsigned char *jpeg = make_jpeg(&kind, H, W, rgb, &count);
		struct as_image_head head = {0};
		int rc = as_image_probe(jpeg, count, &head, &err);
		bool good = !rc && head.height == H && head.width == W && head.turn == turn;
		good = good && !as_image_read(jpeg, count, 1, plain, NULL, &err);
		struct as_image image = {.jpeg = {(char *)jpeg, count}, .height = H, .width = W, .turn = turn};
		as_image_turned(turn, &image.height, &image.width);
		good = good && !as_image_decode(&image, turned, NULL, &err);
		for (int64_t y = 0; y < image.height && good; y++)
			for (int64_t x = 0; x < image.width && good; x++)
				good = !memcmp(turned + 3 * (y * image.width + x),
					       plain + 3 * stored_at(turn, H, W, y, x), 3);
		ok(good, "EXIF turn %d is found, and applied as the standard draws it", turn);
		image.height++;
		ok(as_image_decode(&image, turned, NULL, &err) == AS_EDATA, "a record that lies about the size: %s",
		   err.text);
		free(jpeg);
	}
}

static void test_jpeg_kinds(void)
{
	static const struct jpeg_kind kinds[] = {
	    {JCS_RGB, JCS_YCbCr, 3, 0, false}, {JCS_RGB, JCS_YCbCr, 3, 0, true}, {JCS_RGB, JCS_RGB, 3, 0, false},
	    {JCS_CMYK, JCS_CMYK, 4, 0, false}, {JCS_CMYK, JCS_YCCK, 4, 0, false},
	};
	enum { H = 133, W = 97 };
	uint8_t rgb[H * W * 3], in[H * W * 4], out[H * W * 3];
	struct as_error err;
	pattern(H, W, rgb);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct jpeg_kind *k = &kinds[i];
		for (size_t p = 0; p < H * W; p++) { /* CMYK as Adobe stores it: K = 255 is no black */
			memcpy(in + (size_t)k->channels * p, rgb + 3 * p, 3);
			if (k->channels == 4)
				in[4 * p + 3] = 255;
		}
		unsigned long count = 0;
		struct as_image_notes notes = {0};
		unsigned char *jpeg = make_jpeg(k, H, W, in, &count);
		int rc = as_image_read(jpeg, count, 1, out, &notes, &err);
		/* Half-resolution chroma at the edges of the pattern costs a level or two. */
		ok(!rc && !notes.warnings && mean_difference(rgb, out, sizeof out) < 4, "JPEG kind %zu gives back its RGB",
		   i);
		rc = as_image_read(jpeg, count / 2, 1, out, &notes, &err);
		/* Progressive files may end inside a table: then libjpeg gives up, with a name. */
		ok((k->progressive && rc == AS_EDATA) || (!rc && notes.warnings && notes.first[0]),
		   "half of it is decoded with a warning: %s", rc ? err.text : notes.first);
		free(jpeg);
	}
	uint8_t grey[H * W];
	for (size_t p = 0; p < H * W; p++)
		grey[p] = rgb[3 * p];
	struct jpeg_kind k = {JCS_GRAYSCALE, JCS_GRAYSCALE, 1, 0, false};
	unsigned long count = 0;
	unsigned char *jpeg = make_jpeg(&k, H, W, grey, &count);
	bool same = !as_image_read(jpeg, count, 1, out, NULL, &err);
	for (size_t p = 0; p < H * W; p++)
		same = same && out[3 * p] == out[3 * p + 1] && out[3 * p] == out[3 * p + 2] && abs(out[3 * p] - grey[p]) < 12;
	ok(same, "a grey JPEG is replicated to three channels");
	free(jpeg);
}

static void append(png_structp png, png_bytep from, size_t n)
{
	struct as_text *t = png_get_io_ptr(png);
	char *grown = realloc((char *)(uintptr_t)t->at, t->length + n);
	memcpy(grown + t->length, from, n);
	*t = (struct as_text){grown, t->length + n};
}

/* A PNG whose sample i is bytes[i] (16 bits: twice the same byte, so that scaling gives it back). */
static struct as_text make_png(int type, int depth, bool interlace, int h, int w, int channels, const uint8_t *bytes)
{
	struct as_text out = {0};
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	png_color palette[256];
	for (int i = 0; i < 256; i++)
		palette[i] = (png_color){(png_byte)i, (png_byte)(255 - i), 7};
	png_byte clear[3] = {0, 128, 255};
	png_set_write_fn(png, &out, append, NULL);
	png_set_IHDR(png, info, (png_uint_32)w, (png_uint_32)h, depth, type,
		     interlace ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		     PNG_FILTER_TYPE_DEFAULT);
	if (type == PNG_COLOR_TYPE_PALETTE) {
		png_set_PLTE(png, info, palette, 256);
		png_set_tRNS(png, info, clear, 3, NULL);
	}
	png_write_info(png, info);
	int passes = png_set_interlace_handling(png);
	for (int pass = 0; pass < passes; pass++)
		for (int y = 0; y < h; y++) {
			uint8_t row[4096];
			for (int i = 0; i < w * channels; i++)
				for (int half = 0; half < depth / 8; half++)
					row[i * depth / 8 + half] = bytes[y * w * channels + i];
			png_write_row(png, row);
		}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return out;
}

static void test_png(void)
{
	static const struct {
		int type, depth, channels;
		bool interlace;
	} kinds[] = {
	    {PNG_COLOR_TYPE_RGB, 8, 3, false},        {PNG_COLOR_TYPE_RGB, 8, 3, true},
	    {PNG_COLOR_TYPE_RGB, 16, 3, false},       {PNG_COLOR_TYPE_RGB_ALPHA, 8, 4, false},
	    {PNG_COLOR_TYPE_RGB_ALPHA, 16, 4, true},  {PNG_COLOR_TYPE_GRAY, 8, 1, false},
	    {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2, false}, {PNG_COLOR_TYPE_PALETTE, 8, 1, true},
	};
	enum { H = 19, W = 23 };
	uint8_t rgb[H * W * 3], in[H * W * 4], want[H * W * 3], out[H * W * 3];
	struct as_error err;
	pattern(H, W, rgb);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int c = kinds[i].channels;
		for (size_t p = 0; p < H * W; p++) {
			for (int j = 0; j < c; j++)
				in[(size_t)(c * (int)p + j)] = j == (c == 2 ? 1 : 3) ? (uint8_t)(p & 255) : rgb[3 * p + (size_t)j];
			uint8_t g = in[(size_t)c * p];
			memcpy(want + 3 * p, c >= 3 ? rgb + 3 * p : (uint8_t[]){g, g, g}, 3);
			if (kinds[i].type == PNG_COLOR_TYPE_PALETTE)
				memcpy(want + 3 * p, (uint8_t[]){g, (uint8_t)(255 - g), 7}, 3);
		}
		struct as_text png = make_png(kinds[i].type, kinds[i].depth, kinds[i].interlace, H, W, c, in);
		struct as_image_head head = {0};
		bool good = !as_image_probe(png.at, png.length, &head, &err) && head.height == H && head.width == W &&
			    !as_image_read(png.at, png.length, 1, out, NULL, &err) && !memcmp(out, want, sizeof out);
		ok(good, "PNG type %d, %d bits, interlaced %d: RGB to the bit", kinds[i].type, kinds[i].depth,
		   kinds[i].interlace);
		ok(as_image_read(png.at, png.length - 40, 1, out, NULL, &err) == AS_EDATA, "ends early: %s", err.text);
		free((char *)(uintptr_t)png.at);
	}
}

static void test_pnm(void)
{
	struct as_error err;
	uint8_t out[12];
	static const char p6[] = "P6\n# a comment\n2 1 # another\n255\n\1\2\3\xff\xfe\xfd";
	static const char p5[] = "P5 2 2 15\n\0\1\7\17";
	static const char p16[] = "P5 1 1 65535\n\x80\x80";
	static const char *const bad[] = {"P6\n2 1\n255\n\1\2\3", "P6 0 1 255\n", "P6 1 1 70000\n123456", "P6 1",
					  "P3 1 1 255\n1 2 3\n", "P6 99999999999999999999 1 255\nx"};
	ok(!as_image_read(p6, sizeof p6 - 1, 1, out, NULL, &err) && !memcmp(out, "\1\2\3\xff\xfe\xfd", 6), "P6");
	ok(!as_image_read(p6, sizeof p6 - 1, 2, out, NULL, &err) && !memcmp(out, "\xff\xfe\xfd\1\2\3", 6), "P6, mirrored");
	ok(!as_image_read(p5, sizeof p5 - 1, 1, out, NULL, &err) &&
	       !memcmp(out, "\0\0\0\x11\x11\x11\x77\x77\x77\xff\xff\xff", 12), "P5 with a maximum of 15");
	ok(!as_image_read(p16, sizeof p16 - 1, 1, out, NULL, &err) && out[0] == 0x80, "P5 of 16 bits");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(as_image_read(bad[i], strlen(bad[i]), 1, out, NULL, &err) == AS_EDATA, "refused: %s", err.text);
}

static void test_limits(void)
{
	struct as_error err;
	struct as_image_head head;
	static const char big[] = "P6 10001 10000 255\n";
	ok(as_image_probe(big, sizeof big - 1, &head, &err) == AS_EMEM, "100 million and one row: %s", err.text);
	struct as_image none = {.height = 1, .width = 1}, wide = {.height = INT64_MAX, .width = INT64_MAX};
	uint8_t rgb[3];
	ok(as_image_decode(&none, rgb, NULL, &err) == AS_EDATA, "an image without anything: %s", err.text);
	size_t bytes;
	ok(as_image_bytes(&wide, &bytes, &err) == AS_EMEM, "a size that would overflow: %s", err.text);
	/* 9000 x 9000 progressive 4:4:4: 243 MB of RGB and 486 MB of coefficients. */
	uint8_t *rows = calloc(64 * 64, 3);
	struct jpeg_kind kind = {JCS_RGB, JCS_RGB, 3, 0, true};
	unsigned long count = 0;
	unsigned char *jpeg = make_jpeg(&kind, 64, 64, rows, &count);
	struct as_image lie = {.jpeg = {(char *)jpeg, count}, .height = 9999, .width = 9999};
	ok(as_image_bytes(&lie, &bytes, &err) == AS_EDATA && strstr(err.text, "is 64x64"), "memory for a lie: %s", err.text);
	for (unsigned long i = 0; i + 9 < count; i++)
		if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc2) {
			jpeg[i + 5] = jpeg[i + 7] = 9000 >> 8;
			jpeg[i + 6] = jpeg[i + 8] = 9000 & 255;
		}
	ok(as_image_probe(jpeg, count, &head, &err) == AS_EMEM, "progressive coefficients count: %s", err.text);
	free(jpeg);
	free(rows);
}

/* What is read, what is known and not read, and what is no image: by the first bytes. */
static void test_kinds(void)
{
#define START(text, name, remedy) {text, sizeof text - 1, name, remedy}
	static const struct {
		const char *at;
		size_t count;
		const char *name, *remedy; /* NULL: it has none */
	} cases[] = {
		START("\xff\xd8\xff\xe0", "jpeg", NULL),
		START("\x89PNG\r\n\x1a\n", "png", NULL),
		START("RIFF\4\0\0\0WEBPVP8 ", "webp", NULL),
		START("P6 1 1", "pnm", NULL),
		START("P5\n# by hand", "pnm", NULL),
		START("II*\0\10\0\0\0\0\0", "TIFF", "convert"),
		START("MM\0*\0\0\0\10", "TIFF", "convert"),
		START("MM\0+\0\10\0\0", "TIFF", "convert"),
		START("II*\0\20\0\0\0CR\2\0", "raw", "dcraw_emu"),
		START("FUJIFILMCCD-RAW 0201", "raw", "dcraw_emu"),
		START("BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "BMP", "convert"),
		START("GIF89a\1\0\1\0", "GIF", "convert"),
		START("\0\0\0\x18" "ftypheic\0\0\0\0", "HEIC", "convert"),
		START("\0\0\0\x18" "ftypmif1\0\0\0\0", "HEIC", "convert"),
		START("\0\0\0\x1c" "ftypavif\0\0\0\0", "AVIF", "convert"),
		START("\xff\x0a\xf8\x0f", "JPEG XL", "djxl"),
		START("\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", "djxl"),
		START("\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", "opj_decompress"),
		START("\xff\x4f\xff\x51", "JPEG 2000", "opj_decompress"),
		START("8BPS\0\1", "PSD", "convert"),
		START("<?xml version='1.0'?>\n<!-- by hand --> <svg>", "SVG", "rsvg-convert"),
		START("<svg xmlns='x'>", "SVG", "rsvg-convert"),
		START("%PDF-1.4", "PDF", "pdftoppm"),
		START("P3\n1 1\n255\n1 2 3", "plain or other PNM", "convert"),
		START("P7\nWIDTH 3", "plain or other PNM", "convert"),
		START("", NULL, NULL),
		START("BM", NULL, NULL),
		START("BMW and other cars", NULL, NULL),
		START("P4 is a plan", NULL, NULL),
		START("P6", NULL, NULL),
		START("II", NULL, NULL),
		START("MM is a unit", NULL, NULL),
		START("<?xml version='1.0'?><note>", NULL, NULL),
		START("<html><svg>", NULL, NULL),
		START("\0\0\0\x18" "ftypmp42", NULL, NULL),
		START("RIFF\4\0\0\0WAVE", NULL, NULL),
		START("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NULL, NULL),
	};
#undef START
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct as_image_kind kind;
		struct as_image_head head;
		struct as_error err = {.text = ""};
		char *exact = malloc(cases[i].count + !cases[i].count); /* so that asan sees a step too far */
		memcpy(exact, cases[i].at, cases[i].count);
		const char *remedy = cases[i].remedy;
		bool known = as_image_look(exact, cases[i].count, &kind), good = known == (cases[i].name != NULL);
		if (known)
			good = good && !strcmp(kind.name, cases[i].name) && !kind.remedy == !remedy &&
			       (!remedy || !strncmp(kind.remedy, remedy, strlen(remedy)));
		if (good && remedy) /* and whoever loads it is told */
			good = as_image_probe(exact, cases[i].count, &head, &err) == AS_EDATA && strstr(err.text, kind.name) &&
			       strstr(err.text, kind.remedy);
		ok(good, "%s: %.12s", cases[i].name ? cases[i].name : "no image", cases[i].at[0] > ' ' ? cases[i].at : "...");
		free(exact);
	}
}

/* One line of LIST.tsv, by its columns. */
struct odd {
	char *name, *bytes, *size, *frame, *turn, *what, *should, *djpeg;
};

static bool as_listed(const struct odd *o, const uint8_t *bytes, size_t count)
{
	struct as_image_head head;
	struct as_image_notes notes = {0};
	struct as_error err = {0};
	int rc = as_image_probe(bytes, count, &head, &err);
	size_t n = rc ? 0 : 3 * (size_t)head.height * (size_t)head.width;
	uint8_t *rgb = malloc(n + 1);
	rc = rc ? rc : as_image_read(bytes, count, 1, rgb, &notes, &err);
	double mean[3] = {0};
	for (size_t i = 0; i < n && !rc; i++)
		mean[i % 3] += rgb[i] / (double)(n / 3);
	free(rgb);
	if (rc)
		note("%s: refused: %s", o->name, err.text);
	else if (notes.warnings)
		note("%s: %llu warnings: %s", o->name, (unsigned long long)notes.warnings, notes.first);
	if (strstr(o->name, "png-inside"))
		return !rc && !strcmp(head.format, "png");
	if (strstr(o->name, "huge"))
		return rc == AS_EMEM;
	if (!strncmp(o->djpeg, "error", 5))
		return rc == AS_EDATA && err.text[0];
	int want[3] = {-1, -1, -1}, turn = atoi(o->turn);
	sscanf(strstr(o->djpeg, "mean="), "mean=%d,%d,%d", &want[0], &want[1], &want[2]);
	bool good = !rc && !!notes.warnings == !strncmp(o->djpeg, "warn", 4) && head.turn == (turn ? turn : 1);
	for (int i = 0; i < 3; i++) /* the list's means are whole numbers */
		good = good && fabs(mean[i] - want[i]) <= 0.51;
	return good;
}

static void test_odd(void)
{
	static const char tar[] = "../shared/data/odd-jpegs.tar";
	char folder[] = "/tmp/augself-odd-XXXXXX", command[200];
	struct as_error err;
	if (access(tar, R_OK)) {
		skip("no ../shared/data/odd-jpegs.tar");
		return;
	}
	if (!ok(mkdtemp(folder) != NULL, "a scratch folder"))
		return;
	snprintf(command, sizeof command, "tar -xf %s -C %s", tar, folder);
	ok(!system(command), "odd-jpegs unpacks");
	char path[200], *list = NULL, *save = NULL;
	size_t count;
	snprintf(path, sizeof path, "%s/odd-jpegs/LIST.tsv", folder);
	ok(!as_file_read(path, AS_PATH_FILE, 1 << 20, &list, &count, &err), "its list is read");
	int files = 0;
	strtok_r(list, "\n", &save);
	for (char *line; list && (line = strtok_r(NULL, "\n", &save)); files++) {
		struct odd o;
		char *in = NULL, *fields = NULL, *bytes = NULL;
		char **to[] = {&o.name, &o.bytes, &o.size, &o.frame, &o.turn, &o.what, &o.should, &o.djpeg};
		for (size_t i = 0; i < 8; i++)
			*to[i] = strtok_r(i ? NULL : line, "\t", &fields);
		snprintf(path, sizeof path, "%s/odd-jpegs/%s", folder, o.name);
		in = as_file_read(path, AS_PATH_FILE, 1 << 24, &bytes, &count, &err) ? NULL : bytes;
		ok(in && as_listed(&o, (uint8_t *)in, count), "%s: %s", o.name, o.djpeg);
		free(bytes);
	}
	is_int(files, 62, "the list is whole");
	free(list);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	ok(!system(command), "cleaned up");
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	ok(used.ru_maxrss < 128 << 10, "peak memory %ld MiB", used.ru_maxrss >> 10);
}

int main(void)
{
	test_turns();
	test_jpeg_kinds();
	test_png();
	test_pnm();
	test_limits();
	test_kinds();
	test_odd();
	return done();
}
