/* Maps as a table has them, floats or bfloat16, made from floats and read as floats. */
#ifndef AS_TESTS_CELLS_H
#define AS_TESTS_CELLS_H

#include <stdint.h>
#include <string.h>

#include "kern/kern.h"

/* The nearest bfloat16 as a float, of two the even one: the naive twin of lib/kern/cell.h. */
static inline float nearest_bf16(float x)
{
	uint32_t u, low;
	memcpy(&u, &x, sizeof u);
	low = u & 0xffff;
	if (x != x)
		return x;
	u -= low;
	if (low > 0x8000 || (low == 0x8000 && (u & 0x10000)))
		u += 0x10000;
	memcpy(&x, &u, sizeof x);
	return x;
}

/* Makes n floats such as the table's maps can hold. */
static inline void fit_cells(const struct as_kern *k, float *x, int64_t n)
{
	for (int64_t i = 0; k->cell < sizeof *x && i < n; i++)
		x[i] = nearest_bf16(x[i]);
}

/* Floats of memory for a map of n values. */
static inline int64_t cells_floats(const struct as_kern *k, int64_t n)
{
	return (n * (int64_t)k->cell + 3) / 4;
}

static inline void cells_set(const struct as_kern *k, void *map, const float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++) /* the upper half is the second one in memory */
		memcpy((char *)map + i * (int64_t)k->cell, (const char *)&x[i] + sizeof *x - k->cell, k->cell);
}

static inline void cells_get(const struct as_kern *k, const void *map, float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		x[i] = 0;
		memcpy((char *)&x[i] + sizeof *x - k->cell, (const char *)map + i * (int64_t)k->cell, k->cell);
	}
}

#endif
