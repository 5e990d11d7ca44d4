#include "stream/half.h"

uint32_t as_half_bits(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
	if (exponent == 31) /* infinity, nan */
		return sign | 0x7f800000 | fraction << 13;
	if (exponent)
		return sign | (exponent + 112) << 23 | fraction << 13;
	if (!fraction)
		return sign;
	uint32_t e = 113; /* below 2^-14: shift the first 1 to the front */
	while (!(fraction & 1024)) {
		fraction <<= 1;
		e--;
	}
	return sign | e << 23 | (fraction & 1023) << 13;
}
