/* One softmax row on whole vectors. */
#include <stdint.h>
#include <string.h>

#include "kern/exp.h"
#include "kern/isa.h"

float AS_ISA_NAME(as_softmax_row)(float *z, int64_t k);

/* z (k) becomes exp(z - max z); returns the sum, added in 16 partial sums whatever the width of a vector. */
float AS_ISA_NAME(as_softmax_row)(float *z, int64_t k)
{
	float high = z[0], lane[16] = {0}, sum = 0;
	int64_t j = 0;
	for (j = 1; j < k; j++)
		high = z[j] > high ? z[j] : high;
	for (j = 0; j < k; j += LANES) {
		vec e = {0};
		size_t bytes = (size_t)least(LANES, k - j) * sizeof *z;
		memcpy(&e, z + j, bytes);
		e = exp_negative(e - high);
		memcpy(z + j, &e, bytes);
	}
	for (j = 0; j + 16 <= k; j += 16)
		for (int l = 0; l < 16; l++)
			lane[l] += z[j + l];
	for (; j < k; j++)
		lane[j % 16] += z[j];
	for (int l = 0; l < 16; l++)
		sum += lane[l];
	return sum;
}
