#include "kern/rows.h"

#include <string.h>

/* Where a grain's rows of matrix `which` of k begin in the one. */
static int64_t begins(const struct as_engine *e, int k, int64_t n, int64_t grain, int which)
{
	return (grain * k + which) * (n / e->grains);
}

void as_rows_join(const struct as_engine *e, int k, int64_t n, int64_t width, const float *const *in, float *out)
{
	int64_t each = n / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		for (int i = 0; i < k; i++)
			memcpy(out + begins(e, k, n, g, i) * width, in[i] + g * each * width, (size_t)(each * width) * sizeof *out);
}

void as_rows_part(const struct as_engine *e, int k, int64_t n, int64_t width, const float *in, float *const *out)
{
	int64_t each = n / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		for (int i = 0; i < k; i++)
			memcpy(out[i] + g * each * width, in + begins(e, k, n, g, i) * width, (size_t)(each * width) * sizeof *in);
}
