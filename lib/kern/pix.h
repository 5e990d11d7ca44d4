/* Public since 0.2. Pixel kernels: the inner loops of the augmentations, in one table for each instruction
 * set; all tables give the same bytes. There are no matrix products here, so programs that only move pixels
 * do not load a BLAS. */
#ifndef AS_KERN_PIX_H
#define AS_KERN_PIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* How a resize weighs pixels, as Pillow does: over one pixel to each side, or two. */
enum as_filter { AS_BILINEAR, AS_BICUBIC };
/* Limits: a view's side in pixels; the radius of a blur. */
enum { AS_MAX_SIDE = 2048, AS_MAX_BLUR = 256 };

/* A box in a source image, in source pixels; corners may be fractions. */
struct as_box {
	double top, left, height, width;
};

/* A source image: height rows of width RGB pixels, `stride` bytes apart. Borrowed. */
struct as_pixels {
	const uint8_t *at;
	int64_t height, width, stride;
	int shrink; /* the divisor of its sides when it was decoded, rounded up; 0 means 1 */
};

/* A view while it is made: three planes (R, G, B) of S x S floats in [0,1], and scratch of the same size. */
struct as_canvas {
	int size;
	float *at, *scratch;
};

/* One axis of a resize. Output i is the sum over k < count[i] of
 * weight[i * most + k] x source[start[i] + k]; the weights of an output sum to 1. */
struct as_taps {
	int out, most;
	int32_t *start, *count;
	float *weight;
};

/* The most taps of an output when `length` source pixels become `out`. */
int as_taps_most(enum as_filter, double length, int out);
/* A multiple of every instruction set's vector; columns that a kernel may read beyond a row of its scratch. */
enum { AS_RESIZE_LANES = 16, AS_RESIZE_REACH = 64 };
/* Floats of scratch for resizing rows of this length to `out`. */
size_t as_resize_row(enum as_filter, double length, int out);

/* Fills *t, whose `out`, `most` and arrays the caller has set, for the `length` pixels from `at`; no pixel
 * outside lo..hi-1 is used. This is an antialiased resize by in/out as in Pillow and torchvision, computed
 * in double. */
void as_taps_fill(struct as_taps *t, enum as_filter, double at, double length, int64_t lo, int64_t hi);

/* The right half of a Gaussian's taps, exp(-x^2 / 2 sigma^2) for |x| <= floor(size/20), tap 0 first; the
 * whole filter sums to 1. Returns the radius; far taps below 1e-9 are left out. taps holds AS_MAX_BLUR + 1. */
int as_blur_taps(int size, double sigma, float *taps);

/* A change of each pixel by itself; `by` is the factor, the turns or the threshold. */
enum as_change {
	AS_BRIGHTNESS, /* clamp(by x) */
	AS_CONTRAST,   /* clamp(by x + (1-by) m), m the mean luma of the image (.2989 .587 .114) */
	AS_SATURATION, /* to HSV, S = clamp(by S), back */
	AS_HUE,        /* to HSV, H = H + by mod 1, back */
	AS_SOLARIZE,   /* x < by ? x : 1 - x */
	AS_GRAY        /* the luma (.299 .587 .114) in all three planes */
};
enum { AS_MAX_TONES = 4 }; /* in one augmentation */
/* One such change. */
struct as_tone {
	enum as_change change;
	float by;
};

/* All functions work on planes of floats. n is the number of floats in one plane; the three planes of an
 * image follow one another. */
struct as_pix {
	const char *isa;
	/* Resizes src, with taps v for rows and h for columns, to three planes v->out x h->out; 0..255
	 * becomes [0,1], clamped. row: as_resize_row floats of scratch. */
	void (*resize)(const struct as_pixels *, const struct as_taps *v, const struct as_taps *h, float *to, float *row);
	/* Mirrors each of `rows` rows of `width` floats. */
	void (*flip)(float *x, int64_t rows, int64_t width);
	/* Applies the tones in order, in as few passes as possible: all need only the pixel itself, except
	 * that contrast needs a mean. */
	void (*tones)(float *x, int64_t n, const struct as_tone *, int count);
	/* Blurs rows, then columns; edges are reflected without repeating the edge pixel. taps[0..radius],
	 * radius < size. */
	void (*blur)(float *x, float *scratch, int size, int radius, const float *taps);
	/* Converts three planes to rows of RGB pixels: as floats; as bytes, 255 x rounded to the nearest,
	 * halves to the even number. */
	void (*pack_f4)(const float *x, int64_t n, float *rgb);
	void (*pack_u1)(const float *x, int64_t n, uint8_t *rgb);
};

/* The table of the instruction set in use (kern/isa.h). */
const struct as_pix *as_pix_chosen(void);
/* The table of one set, which the CPU must have. */
const struct as_pix *as_pix_at(int isa);

AS_END
#endif
