#include "eval/holdout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
			 struct as_error *err)
{
	/* rows of each class in order: first[c]..first[c+1] of `row` */
	int64_t *first = calloc((size_t)f->classes + 2, sizeof *first);
	int64_t *row = malloc((size_t)f->n * sizeof *row + 1);
	if (!first || !row) {
		free(first);
		free(row);
		return as_fail(err, AS_EMEM, "hold-out: no memory for %lld rows", (long long)f->n);
	}
	for (int64_t i = 0; i < f->n; i++)
		first[f->y[i] + 2]++;
	for (int64_t c = 0; c < f->classes; c++)
		first[c + 2] += first[c + 1];
	for (int64_t i = 0; i < f->n; i++)
		row[first[f->y[i] + 1]++] = i;
	memset(part, 0, (size_t)f->n);
	for (int64_t c = 0; c < f->classes; c++) {
		int64_t *at = row + first[c], count = first[c + 1] - first[c];
		int64_t take_out = (int64_t)floor(share * (double)count + 0.5);
		take_out = take_out < count ? take_out : count - 1;
		struct as_rng r = as_rng_at(seed, (uint64_t)c, 0, 0, 0);
		for (int64_t i = 0; i < take_out; i++) {
			int64_t j = i + (int64_t)as_rng_below(&r, (uint64_t)(count - i));
			int64_t chosen = at[j];
			at[j] = at[i];
			part[chosen] = 1;
		}
	}
	free(first);
	free(row);
	return 0;
}
