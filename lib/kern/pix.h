/* Public since 0.2. Pixel kernels: the inner loops of the augmentations, behind one table per instruction
 * set, all of which give the same bytes. No multiplication of matrices here, so that programs that only
 * move pixels do not load a BLAS. */
#ifndef AS_KERN_PIX_H
#define AS_KERN_PIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum as_filter { AS_BILINEAR, AS_BICUBIC };
/* A view's side in pixels; the radius of a blur. */
enum { AS_MAX_SIDE = 2048, AS_MAX_BLUR = 256 };

/* A box of a source image, corners may be fractional, in source pixels. */
struct as_box {
	double top, left, height, width;
};

/* A source image: height rows of width RGB pixels, `stride` bytes apart. Borrowed. */
struct as_pixels {
	const uint8_t *at;
	int64_t height, width, stride;
	int shrink; /* what its sides were divided by when it was decoded, rounded up; 0 is 1 */
};

/* A view in the making: three planes (R, G, B) of S x S floats in [0,1], and
 * scratch of the same size. */
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

/* Taps an output can have when `length` source pixels become `out`. */
int as_taps_most(enum as_filter, double length, int out);
/* Vectors of all instruction sets divide it; columns that a kernel may look beyond a row of its scratch. */
enum { AS_RESIZE_LANES = 16, AS_RESIZE_REACH = 64 };
/* Floats of scratch that resizing to rows of `out` from that length needs. */
size_t as_resize_row(enum as_filter, double length, int out);

/* Fills *t - whose `out`, `most` and arrays are the caller's - for the `length`
 * pixels from `at`, reading none outside lo..hi-1: an antialiased
 * resize by in/out, as Pillow and torchvision do it; computed in double. */
void as_taps_fill(struct as_taps *t, enum as_filter, double at, double length, int64_t lo, int64_t hi);

/* The right half of a Gaussian's taps, tap 0 first, that sum to 1 over the whole:
 * exp(-x^2 / 2 sigma^2) for |x| <= floor(size/20). Returns the radius, which leaves
 * out far taps below 1e-9. taps holds AS_MAX_BLUR + 1. */
int as_blur_taps(int size, double sigma, float *taps);

/* A change of every pixel by itself; `by` is x's factor, turns or threshold. */
enum as_change {
	AS_BRIGHTNESS, /* clamp(by x) */
	AS_CONTRAST,   /* clamp(by x + (1-by) m), m the mean luma of the image (.2989 .587 .114) */
	AS_SATURATION, /* to HSV, S = clamp(by S), back */
	AS_HUE,        /* to HSV, H = H + by mod 1, back */
	AS_SOLARIZE,   /* x < by ? x : 1 - x */
	AS_GRAY        /* the luma (.299 .587 .114) in all three planes */
};
enum { AS_MAX_TONES = 4 }; /* of one augmentation */
struct as_tone {
	enum as_change change;
	float by;
};

/* All act on planes of floats. n counts the floats of one plane, and the three
 * planes of an image follow each other. */
struct as_pix {
	const char *isa;
	/* Rows v, columns h of src to three planes v->out x h->out, 0..255 to [0,1], clamped.
	 * row: as_resize_row floats of scratch. */
	void (*resize)(const struct as_pixels *, const struct as_taps *v, const struct as_taps *h, float *to, float *row);
	/* Mirrors each of `rows` rows of `width` floats. */
	void (*flip)(float *x, int64_t rows, int64_t width);
	/* The tones in order, in as few passes as they allow: all but the means of contrast take a pixel alone. */
	void (*tones)(float *x, int64_t n, const struct as_tone *, int count);
	/* Separable, reflected without repeating the edge: taps[0..radius], radius < size. */
	void (*blur)(float *x, float *scratch, int size, int radius, const float *taps);
	/* Three planes to rows of RGB pixels: as floats; as bytes, 255 x to the nearest, halves to the even. */
	void (*pack_f4)(const float *x, int64_t n, float *rgb);
	void (*pack_u1)(const float *x, int64_t n, uint8_t *rgb);
};

/* The table of the instruction set in use (kern/isa.h). */
const struct as_pix *as_pix_chosen(void);
/* The table of one set, which the CPU must have; and the reference, slow and plain, for tests. */
const struct as_pix *as_pix_at(int isa);
extern const struct as_pix as_pix_ref;

AS_END
#endif
