/* JPEGs of which only a part is decoded, or at a fraction of their size: the part's bytes are those
 * of the whole for every sampling, restart and entropy coding; views that are made of
 * fractions stay within what aug/views.h says. */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "../tap.h"
#include "aug/views.h"
#include "base/rng.h"

struct kind {
	const char *name;
	int h, v; /* luma's sampling factors; 0: grey */
	bool progressive, arithmetic;
	int restart; /* MCUs */
};

static struct as_rng rng;

static int below(int n)
{
	return (int)as_rng_below(&rng, (uint64_t)n);
}

/* Blobs, edges of saturated colours, some noise: what a photograph has, and steeper. */
static void paint(int H, int W, uint8_t *rgb)
{
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			for (int c = 0; c < 3; c++) {
				double t = 127 + 90 * sin(x / (9. + 4 * c)) * cos(y / (13. - 3 * c));
				t = (x / 37 + y / 29) % 5 == c ? 255 - t : t;
				t += below(17) - 8;
				rgb[((size_t)y * (size_t)W + (size_t)x) * 3 + (size_t)c] = (uint8_t)(t < 0 ? 0 : t > 255 ? 255 : t);
			}
}

static struct as_image encode(const struct kind *k, int H, int W, const uint8_t *rgb)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr mgr;
	unsigned char *out = NULL;
	unsigned long count = 0;
	c.err = jpeg_std_error(&mgr);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, &count);
	c.image_height = (JDIMENSION)H;
	c.image_width = (JDIMENSION)W;
	c.in_color_space = JCS_RGB;
	c.input_components = 3;
	jpeg_set_defaults(&c);
	jpeg_set_colorspace(&c, k->h ? JCS_YCbCr : JCS_GRAYSCALE);
	jpeg_set_quality(&c, 90, TRUE);
	c.comp_info[0].h_samp_factor = k->h ? k->h : 1;
	c.comp_info[0].v_samp_factor = k->v ? k->v : 1;
	c.restart_interval = (unsigned)k->restart;
	c.arith_code = k->arithmetic;
	if (k->progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + (size_t)c.next_scanline * (size_t)W * 3);
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return (struct as_image){.jpeg = {(char *)out, count}, .height = H, .width = W, .turn = 1};
}

/* Into memory of exactly its size. */
static uint8_t *decode_part(const struct as_image *m, const struct as_crop *part, size_t *bytes)
{
	struct as_error err = {0};
	if (as_image_crop_bytes(m, part->shrink, bytes, &err) < 0) {
		note("%s", err.text);
		return NULL;
	}
	uint8_t *rgb = calloc(1, *bytes);
	if (as_image_decode_crop(m, part, rgb, NULL, &err) < 0) {
		note("%s", err.text);
		free(rgb);
		return NULL;
	}
	return rgb;
}

/* Whether the pixels of the part are there, whole pixels of the shrunk grid around it included. */
static bool there(const uint8_t *got, const uint8_t *want, const struct as_crop *p, int W)
{
	int64_t s = p->shrink, width = (W + s - 1) / s, left = p->left / s, right = (p->left + p->width + s - 1) / s;
	for (int64_t y = p->top / s; y < (p->top + p->height + s - 1) / s; y++)
		if (memcmp(got + 3 * (y * width + left), want + 3 * (y * width + left), 3 * (size_t)(right - left)) != 0)
			return false;
	return true;
}

static bool check_parts(const struct as_image *m, int shrink, int tries)
{
	int H = (int)m->height, W = (int)m->width;
	size_t bytes;
	struct as_crop all = {0, 0, H, W, shrink};
	uint8_t *whole = decode_part(m, &all, &bytes);
	bool good = whole != NULL;
	for (int i = 0; i < tries && good; i++) {
		int h = 1 + below(H), w = 1 + below(W);
		struct as_crop p = {below(H - h + 1), below(W - w + 1), h, w, shrink};
		uint8_t *part = decode_part(m, &p, &bytes);
		good = part && there(part, whole, &p, W);
		if (!good)
			note("%dx%d of %dx%d at %d,%d by %d", w, h, W, H, (int)p.left, (int)p.top, shrink);
		free(part);
	}
	if (good && shrink == 1) { /* and the whole is what it always was */
		struct as_error err;
		uint8_t *plain = malloc(bytes);
		good = as_image_decode(m, plain, NULL, &err) == 0 && !memcmp(plain, whole, bytes);
		free(plain);
	}
	free(whole);
	return good;
}

static void check_kind(const struct kind *k)
{
	static const int sides[][2] = {{1, 1}, {8, 8}, {3, 40}, {40, 3}, {17, 33}, {64, 64}, {133, 97}, {97, 250}};
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		int H = sides[i][0], W = sides[i][1];
		uint8_t *rgb = malloc(3 * (size_t)H * (size_t)W);
		paint(H, W, rgb);
		struct as_image m = encode(k, H, W, rgb);
		bool good = true;
		for (int shrink = 1; shrink <= 8; shrink *= 2)
			good = good && check_parts(&m, shrink, 40);
		ok(good, "%s, %dx%d: parts have the bytes of the whole", k->name, W, H);
		free((void *)(uintptr_t)m.jpeg.at);
		free(rgb);
	}
}

/* Views of it with everything decoded and without: their largest, mean and root mean square difference. */
static void compare(const struct as_image *m, const struct as_policy *p, int epochs, double *most, double *mean, double *rms)
{
	size_t n = as_view_bytes(p, AS_U1);
	uint8_t *a = malloc(2 * n), *b = malloc(2 * n);
	struct as_viewer full = {.exact = true}, part = {0};
	const struct as_roles roles = as_roles_of(p, 2);
	struct as_error err = {0};
	*most = *mean = *rms = 0;
	for (int e = 0; e < epochs; e++) {
		float param[2 * AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		double sum = 0, squares = 0;
		for (int v = 0; v < 2; v++)
			as_policy_sample(p, 1, 2, (uint64_t)e, v, (struct as_size){m->height, m->width}, param + v * p->nparam, omega);
		if (as_views_make(&roles, as_pix_chosen(), m, param, AS_U1, &full, a, NULL, &err) < 0 ||
		    as_views_make(&roles, as_pix_chosen(), m, param, AS_U1, &part, b, NULL, &err) < 0)
			note("%s", err.text), *most = INFINITY;
		for (size_t i = 0; i < 2 * n; i++) {
			double d = abs(a[i] - b[i]);
			*most = d > *most ? d : *most;
			sum += d;
			squares += d * d;
		}
		*mean = fmax(*mean, sum / (double)(2 * n));
		*rms = fmax(*rms, sqrt(squares / (double)(2 * n)));
	}
	as_viewer_clear(&full);
	as_viewer_clear(&part);
	free(a);
	free(b);
}

static void check_views(int H, int W, const char *preset, int size, bool shrinks)
{
	static const struct kind kind = {"4:2:0", 2, 2, false, false, 0};
	uint8_t *rgb = malloc(3 * (size_t)H * (size_t)W);
	struct as_policy p, eval;
	struct as_error err;
	double most, mean, rms;
	paint(H, W, rgb);
	struct as_image m = encode(&kind, H, W, rgb);
	if (as_policy_preset(preset, &p, &err) < 0)
		ok(false, "%s", err.text);
	p.size = size;
	as_policy_eval(size, p.mean, p.std, p.filter, &eval);
	for (int e = 0; e < 2; e++) {
		compare(&m, e ? &eval : &p, e ? 1 : 12, &most, &mean, &rms);
		/* Photographs: mean .94, rms 1.3 at worst; here edges and noise are denser. */
		bool good = shrinks ? most > 0 && mean <= 1.5 && rms <= 3 : most == 0;
		ok(good, "%dx%d to %d, %s: mean %.2f, rms %.2f, at most %g levels", W, H, size, e ? "eval" : preset, mean, rms, most);
	}
	free((void *)(uintptr_t)m.jpeg.at);
	free(rgb);
}

/* What a record says and its file is not; what no part is of. */
static void check_lies(void)
{
	static const struct kind kind = {"4:2:0", 2, 2, false, false, 0};
	uint8_t rgb[3 * 20 * 20];
	size_t bytes;
	struct as_error err;
	paint(20, 20, rgb);
	struct as_image m = encode(&kind, 20, 20, rgb), pixels = {.height = 20, .width = 20};
	struct as_crop all = {0, 0, 20, 20, 1};
	m.height = 19;
	ok(as_image_crop_bytes(&m, 2, &bytes, &err) == AS_EDATA, "a record that lies about the size: %s", err.text);
	ok(as_image_decode_crop(&m, &all, rgb, NULL, &err) == AS_EDATA, "also without asking first: %s", err.text);
	pixels.pixels = (struct as_tensor){AS_U1, 3, {20, 20, 3}, rgb};
	ok(as_image_crop_bytes(&pixels, 1, &bytes, &err) == AS_EARG, "pixels: %s", err.text);
	free((void *)(uintptr_t)m.jpeg.at);
}

/* By how much a JPEG may shrink: as far as each side of every box keeps two pixels for one of the view. */
static void check_shrink(void)
{
	static const struct kind kind = {"4:2:0", 2, 2, false, false, 0};
	static const struct {
		float height, width;
		int shrink;
	} box[] = {{128, 128, 8}, {127, 128, 4}, {128, 127, 4}, {64, 64, 4}, {64, 63, 2}, {32, 32, 2}, {31, 32, 1}, {8, 8, 1}};
	uint8_t rgb[3 * 128 * 128], out[2 * 3 * 8 * 8];
	struct as_error err;
	struct as_policy p;
	paint(128, 128, rgb);
	struct as_image m = encode(&kind, 128, 128, rgb);
	if (as_policy_parse("size = 8\nop = crop\n", &p, &err) < 0)
		ok(false, "%s", err.text);
	const struct as_roles roles = as_roles_of(&p, 2);
	for (size_t i = 0; i < sizeof box / sizeof *box; i++) {
		float param[2][4] = {{0, 0, 128, 128}, {0, 0, box[i].height, box[i].width}};
		struct as_viewer v = {0};
		size_t want;
		bool good = as_views_make(&roles, as_pix_chosen(), &m, param[0], AS_U1, &v, out, NULL, &err) == 0 &&
			    as_image_crop_bytes(&m, box[i].shrink, &want, &err) == 0 && v.bytes == want;
		ok(good, "a box of %g x %g for a view of 8: decoded at 1/%d", box[i].height, box[i].width, box[i].shrink);
		as_viewer_clear(&v);
	}
	free((void *)(uintptr_t)m.jpeg.at);
}

int main(void)
{
	static const struct kind kinds[] = {
	    {"4:4:4", 1, 1, false, false, 0},     {"4:2:2", 2, 1, false, false, 0},	   {"4:4:0", 1, 2, false, false, 0},
	    {"4:2:0", 2, 2, false, false, 0},     {"4:1:1", 4, 1, false, false, 0},	   {"4:1:0", 4, 2, false, false, 0},
	    {"grey", 0, 0, false, false, 0},      {"4:2:0 with restarts", 2, 2, false, false, 3},
	    {"4:4:4 with restarts", 1, 1, false, false, 5}, {"4:2:0 progressive", 2, 2, true, false, 0},
	    {"4:2:0 arithmetic", 2, 2, false, true, 0},
	};
	rng = as_rng_at(5, 4, 3, 2, 1);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		check_kind(&kinds[i]);
	check_views(375, 500, "imagenet", 224, false);
	check_views(375, 500, "imagenet", 128, false);
	check_views(700, 900, "imagenet+solarize+rotation", 64, true);
	check_views(1100, 1500, "stl10", 96, true);
	check_views(600, 480, "cifar", 32, true);
	check_lies();
	check_shrink();
	return done();
}
