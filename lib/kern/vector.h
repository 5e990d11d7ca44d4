/* Private to lib/kern: a vector of LANES floats of the instruction set that a file is compiled for, and one of
 * whole numbers. For .isa.c files. */
#ifndef AS_KERN_VECTOR_H
#define AS_KERN_VECTOR_H

#include <stdint.h>

#include "base/attr.h"

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX2__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef AS_VECTOR(LANES) vec;
typedef AS_VECTOR_OF(int32_t, LANES) ivec;

static AS_INLINE vec load(const float *p)
{
	return *(const vec *)p;
}

#endif
