/* Private to lib/kern: the function resize of struct as_pix, which has a file of its own. */
#ifndef AS_KERN_RESIZE_H
#define AS_KERN_RESIZE_H

#include "kern/isa.h"
#include "kern/pix.h"

#ifdef AS_ISA
void AS_ISA_NAME(as_resize)(const struct as_pixels *, const struct as_taps *v, const struct as_taps *h, float *to,
			    float *row);
#endif

#endif
