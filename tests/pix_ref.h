/* The reference of the pixel kernels: see pix_ref.c. */
#ifndef AS_TESTS_PIX_REF_H
#define AS_TESTS_PIX_REF_H

#include "kern/pix.h"

extern const struct as_pix as_pix_ref;

#endif
