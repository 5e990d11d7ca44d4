/* Private to lib/kern: exp in float on whole vectors, for .isa.c files. */
#ifndef AS_KERN_EXP_H
#define AS_KERN_EXP_H

#include "kern/tile.h"

static AS_INLINE vec larger(vec a, vec b)
{
	AS_TYPE_OF(a > b) more = a > b;
	return (vec)((more & (AS_TYPE_OF(more))a) | (~more & (AS_TYPE_OF(more))b));
}

/* exp of x in [-87, 0]: 2^n times a polynomial (Cephes' expf) on [-ln2/2, ln2/2]. */
static AS_INLINE vec exp_negative(vec given)
{
	typedef AS_TYPE_OF(given > given) ints;
	vec x = larger(given, (vec){0} - 87); /* this also replaces not-a-number, which has no integer value */
	vec n = x * 1.44269504f - 0.5f;
	ints i = AS_CONVERT(n, ints); /* n <= 0: truncation rounds up, so this is round(x / ln 2) */
	n = AS_CONVERT(i, vec);
	x = x - n * 0.693359375f;
	x = x + n * 2.12194440e-4f;
	vec p = (vec){0} + 1.9875691500e-4f;
	p = p * x + 1.3981999507e-3f;
	p = p * x + 8.3334519073e-3f;
	p = p * x + 4.1665795894e-2f;
	p = p * x + 1.6666665459e-1f;
	p = p * x + 5.0000001201e-1f;
	p = p * x * x + x + 1.0f;
	p = p * (vec)((i + 127) << 23);
	return (vec)((ints)p | (given != given)); /* puts not-a-number back */
}

#endif
