/* Pixel kernels: the inner loops of the augmentations, behind one table per
 * instruction set. No multiplication of matrices here, so that programs that
 * only move pixels do not load a BLAS. */
#ifndef AS_KERN_PIX_H
#define AS_KERN_PIX_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum as_filter { AS_BILINEAR, AS_BICUBIC };

/* A box of a source image, corners may be fractional, in source pixels. */
struct as_box {
	double top, left, height, width;
};

/* S x S x 3 floats in [0,1] and scratch of the same size. */
struct as_canvas {
	int size;
	float *at, *scratch;
};

struct as_pix; /* the table; aug's owner fills in the entries it needs */

AS_END
#endif
