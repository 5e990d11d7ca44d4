/* One softmax row: plain loops for the compiler to vectorise. */
#include "kern/isa.h"

#include <stdint.h>
#include <string.h>

float AS_ISA_NAME(as_softmax_row)(float *z, int64_t k);

/* exp of x in [-87, 0]: 2^n times a polynomial (Cephes' expf) on [-ln2/2, ln2/2]. */
static inline float exp_negative(float given)
{
	float x = given > -87.0f ? given : -87.0f; /* also what is no number, which no integer could hold */
	float n = x * 1.44269504f - 0.5f;
	int32_t i = (int32_t)n; /* n <= 0: truncation rounds up, so this is round(x / ln 2) */
	n = (float)i;
	x = x - n * 0.693359375f;
	x = x + n * 2.12194440e-4f;
	float p = 1.9875691500e-4f;
	p = p * x + 1.3981999507e-3f;
	p = p * x + 8.3334519073e-3f;
	p = p * x + 4.1665795894e-2f;
	p = p * x + 1.6666665459e-1f;
	p = p * x + 5.0000001201e-1f;
	p = p * x * x + x + 1.0f;
	int32_t bits = (i + 127) << 23;
	float scale;
	memcpy(&scale, &bits, sizeof scale);
	return given == given ? p * scale : given;
}

/* z (k): exp(z - max z) in place; returns their sum, added in 16 lanes whatever
 * the vector width is. */
float AS_ISA_NAME(as_softmax_row)(float *z, int64_t k)
{
	float high = z[0], lane[16] = {0}, sum = 0;
	int64_t j = 0;
	for (j = 1; j < k; j++)
		high = z[j] > high ? z[j] : high;
	for (j = 0; j < k; j++)
		z[j] = exp_negative(z[j] - high);
	for (j = 0; j + 16 <= k; j += 16)
		for (int l = 0; l < 16; l++)
			lane[l] += z[j + l];
	for (; j < k; j++)
		lane[j % 16] += z[j];
	for (int l = 0; l < 16; l++)
		sum += lane[l];
	return sum;
}
