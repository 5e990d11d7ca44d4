/* Pixel kernels of every instruction set against their reference (and in
 * tests/cli/aug.t against each other, byte for byte), on sizes that
 * vectors do not divide, on noise and on the values where branches meet. */
#include "kern/pix.h"

#include <stdlib.h>

#include "../pix_ref.h"
#include "../tap.h"
#include "base/rng.h"
#include "kern/isa.h"

enum { MOST = 225 };
static float mine[3 * MOST * MOST + 64], want[3 * MOST * MOST + 64], scratch[3 * MOST * MOST + 64];
static uint8_t bytes_mine[3 * MOST * MOST], bytes_want[3 * MOST * MOST];
static struct as_rng rng;

/* Noise; every third pixel grey, black, white or with two equal channels. */
static void fill(int64_t n)
{
	for (int64_t i = 0; i < 3 * n; i++)
		mine[i] = (float)as_rng_uniform(&rng);
	for (int64_t i = 0; i < n; i += 3) {
		int kind = (int)as_rng_below(&rng, 4);
		for (int c = 0; c < 3; c++)
			if (kind < 3 || c < 2)
				mine[i + c * n] = kind == 0 ? mine[i] : kind == 1 ? 0 : kind == 2 ? 1 : mine[i];
	}
	memcpy(want, mine, sizeof want);
}

/* In float32 a few operations on values up to 1 cost a few 6e-8; 2e-6 allows a
 * division by a small D, whose error its product with D takes back. */
static void same(const struct as_pix *p, int S, const char *what)
{
	double worst = 0;
	for (int64_t i = 0; i < 3 * (int64_t)S * S; i++)
		worst = fmax(worst, fabs((double)mine[i] - (double)want[i]));
	ok(worst <= 2e-6, "%s, S %d: %s (worst %.1e)", p->isa, S, what, worst);
	ok(mine[3 * S * S] == 7.f, "%s, S %d: %s writes nothing beyond", p->isa, S, what);
}

#define TRY(what, call)                                    \
	do {                                               \
		fill(n);                                   \
		mine[3 * n] = want[3 * n] = 7;             \
		float *x = mine;                           \
		const struct as_pix *k = p;                \
		call;                                      \
		x = want;                                  \
		k = &as_pix_ref;                           \
		call;                                      \
		same(p, S, what);                          \
	} while (0)

#define TONE(what, change, by) TRY(what, k->tones(x, n, &(struct as_tone){change, by}, 1))

/* Tones in one call are the same bytes as each in a call of its own, whatever comes first. */
static void check_row(const struct as_pix *p, int S)
{
	static const struct as_tone row[] = {{AS_CONTRAST, 1.4f}, {AS_HUE, .3f},       {AS_BRIGHTNESS, .8f}, {AS_CONTRAST, .5f},
					     {AS_CONTRAST, 1.9f}, {AS_SOLARIZE, .5f}, {AS_SATURATION, 1.7f}, {AS_GRAY, 0}};
	enum { ROW = sizeof row / sizeof *row };
	int64_t n = (int64_t)S * S;
	for (int from = 0; from < ROW; from++) {
		fill(n);
		p->tones(mine, n, row + from, ROW - from);
		for (int i = from; i < ROW; i++)
			p->tones(want, n, row + i, 1);
		if (memcmp(mine, want, 3 * (size_t)n * sizeof *mine) != 0)
			ok(false, "%s, S %d: %d tones at once", p->isa, S, ROW - from);
	}
	ok(true, "%s, S %d: tones at once", p->isa, S);
}

static void check_planes(const struct as_pix *p, int S)
{
	int64_t n = (int64_t)S * S;
	float taps[AS_MAX_BLUR + 1];
	int radius = as_blur_taps(S, 1.7, taps);
	TRY("flip", k->flip(x, 3 * S, S));
	TONE("brightness", AS_BRIGHTNESS, 1.7f);
	TONE("contrast down", AS_CONTRAST, .3f);
	TONE("contrast up", AS_CONTRAST, 1.8f);
	TONE("saturation down", AS_SATURATION, .2f);
	TONE("saturation up", AS_SATURATION, 1.8f);
	TONE("saturation none", AS_SATURATION, 0);
	TONE("hue", AS_HUE, .2f);
	TONE("hue back", AS_HUE, -.37f);
	TONE("hue half", AS_HUE, .5f);
	TONE("hue half back", AS_HUE, -.5f);
	TONE("solarize", AS_SOLARIZE, .4f);
	TONE("gray", AS_GRAY, 0);
	check_row(p, S);
	TRY("blur", k->blur(x, scratch, S, radius, taps));
}

static void check_pack(const struct as_pix *p, int S)
{
	int64_t n = (int64_t)S * S, wrong = 0;
	fill(n);
	/* Ties: 255 x = k + 1/2 in exact arithmetic wherever floats can say so; and what is out of range. */
	for (int i = 0; i < 3 * n && i < 255; i++)
		mine[i] = ((float)i + .5f) / 255;
	mine[0] = -.25f;
	mine[n] = 1.25f;
	p->pack_u1(mine, n, bytes_mine);
	as_pix_ref.pack_u1(mine, n, bytes_want);
	for (int64_t i = 0; i < 3 * n; i++) {
		double v = 255 * (double)mine[i / 3 + i % 3 * n];
		bool tie = fabs(fmod(v, 1) - .5) < 1e-4;
		wrong += abs(bytes_mine[i] - bytes_want[i]) > tie;
	}
	is_int(wrong, 0, "bytes are the nearest, off by one only at ties");
	p->pack_f4(mine, n, scratch);
	as_pix_ref.pack_f4(mine, n, want);
	ok(!memcmp(scratch, want, (size_t)(3 * n) * sizeof *want), "%s, S %d: floats side by side", p->isa, S);
	for (int i = 0; i < 256; i++)
		mine[i] = mine[i + 256] = mine[i + 512] = (float)i / 255;
	p->pack_u1(mine, 256, bytes_mine);
	wrong = 0;
	for (int i = 0; i < 768; i++)
		wrong += bytes_mine[i] != i / 3;
	is_int(wrong, 0, "i/255 goes back to i");
}

static void check_resize(const struct as_pix *p, int H, int W, struct as_box b, int S, enum as_filter filter)
{
	int most_v = as_taps_most(filter, b.height, S), most_h = as_taps_most(filter, b.width, S);
	struct as_taps t[2];
	for (int k = 0; k < 2; k++) {
		t[k] = (struct as_taps){.out = S, .most = k ? most_h : most_v};
		t[k].start = malloc((size_t)S * sizeof(int32_t));
		t[k].count = malloc((size_t)S * sizeof(int32_t));
		t[k].weight = malloc((size_t)S * (size_t)t[k].most * sizeof(float));
	}
	as_taps_fill(&t[0], filter, b.top, b.height, (int64_t)b.top, (int64_t)ceil(b.top + b.height));
	as_taps_fill(&t[1], filter, b.left, b.width, (int64_t)b.left, (int64_t)ceil(b.left + b.width));
	/* The source's rows end where the memory does, so that a sanitizer sees a step beyond. */
	int64_t stride = 3 * W + 5;
	uint8_t *at = malloc((size_t)(stride * (H - 1) + 3 * W));
	for (int64_t i = 0; i < stride * (H - 1) + 3 * W; i++)
		at[i] = (uint8_t)as_rng_below(&rng, 256);
	struct as_pixels src = {at, H, W, stride, 1};
	float *row = aligned_alloc(64, (as_resize_row(filter, b.width, S) * sizeof *row + 63) / 64 * 64);
	mine[3 * S * S] = want[3 * S * S] = 7;
	p->resize(&src, &t[0], &t[1], mine, row);
	as_pix_ref.resize(&src, &t[0], &t[1], want, row);
	char what[96];
	snprintf(what, sizeof what, "%s of %gx%g in %dx%d", filter == AS_BICUBIC ? "bicubic" : "bilinear", b.height, b.width, H,
		 W);
	same(p, S, what);
	double sum = 0, worst = 0;
	for (int i = 0; i < S; i++, sum = 0) {
		for (int k = 0; k < t[0].count[i]; k++)
			sum += (double)t[0].weight[i * t[0].most + k];
		worst = fmax(worst, fabs(sum - 1));
	}
	ok(worst < 1e-6, "weights sum to 1");
	for (int k = 0; k < 2; k++) {
		free(t[k].start);
		free(t[k].count);
		free(t[k].weight);
	}
	free(at);
	free(row);
}

int main(void)
{
	static const int sizes[] = {1, 2, 5, 16, 17, 20, 33, 96, 224};
	rng = as_rng_at(1, 2, 3, 4, 5);
	for (int isa = AS_ISA_GENERIC; isa <= (int)as_isa_chosen(); isa++) {
		const struct as_pix *p = as_pix_at(isa);
		is_text(p->isa, as_isa_name((enum as_isa)isa), "the table of its instruction set");
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			check_planes(p, sizes[i]);
		check_pack(p, 17);
		check_pack(p, 96);
		for (int f = AS_BILINEAR; f <= AS_BICUBIC; f++) {
			check_resize(p, 1, 1, (struct as_box){0, 0, 1, 1}, 7, (enum as_filter)f);
			check_resize(p, 32, 32, (struct as_box){3, 5, 17, 21}, 32, (enum as_filter)f);
			check_resize(p, 32, 32, (struct as_box){0, 0, 32, 32}, 32, (enum as_filter)f);
			check_resize(p, 1, 64, (struct as_box){0, 9, 1, 55}, 20, (enum as_filter)f);
			check_resize(p, 75, 56, (struct as_box){2.25, 1.5, 70.5, 51.125}, 33, (enum as_filter)f);
			check_resize(p, 90, 300, (struct as_box){0, 0, 90, 300}, 9, (enum as_filter)f);
			check_resize(p, 40, 61, (struct as_box){39, 60, 1, 1}, 96, (enum as_filter)f);
		}
	}
	return done();
}
