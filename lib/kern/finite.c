#include "kern/kern.h"

#include <string.h>

/* All exponent bits set: infinite, or not a number. */
static uint32_t is_lost(float x)
{
	uint32_t bits;
	memcpy(&bits, &x, sizeof bits);
	return (bits & 0x7f800000) == 0x7f800000;
}

int64_t as_finite(int64_t n, const float *x)
{
	enum { RUN = 256 };
	int64_t at = 0;
	for (uint32_t lost = 0; at + RUN <= n; at += RUN) {
		for (int i = 0; i < RUN; i++)
			lost |= is_lost(x[at + i]);
		if (lost)
			break;
	}
	while (at < n && !is_lost(x[at]))
		at++;
	return at;
}
