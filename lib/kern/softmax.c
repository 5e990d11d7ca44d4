#include "kern/softmax.h"

#include <math.h>

#include "kern/isa.h"

#define ROW(NAME, name) float as_softmax_row_##name(float *z, int64_t k);
AS_ISA_EACH(ROW)

double as_softmax_ce(float *z, int64_t rows, int64_t k, const int64_t *label)
{
#define ENTRY(NAME, name) as_softmax_row_##name,
	static float (*const row[AS_ISAS])(float *, int64_t) = {AS_ISA_EACH(ENTRY)};
	float (*const softmax)(float *, int64_t) = row[as_isa_chosen()];
	double loss = 0;
	for (int64_t i = 0; i < rows; i++, z += k) {
		float high = z[0], target = z[label[i]];
		for (int64_t j = 1; j < k; j++)
			high = z[j] > high ? z[j] : high;
		float sum = softmax(z, k), scale = 1 / sum;
		loss += log((double)sum) - ((double)target - (double)high);
		for (int64_t j = 0; j < k; j++)
			z[j] *= scale;
	}
	return loss;
}
