#include "eval/centre.h"

#include <stdlib.h>
#include <string.h>

#include "eval/room.h"

/* Computes the mean of f's rows into mean (d), which starts as zeros. Returns whether it is ten times as
 * long as the rows' spread around it. */
static bool find_mean(const struct as_features *f, double *mean)
{
	double length = 0, spread = 0;
	for (int64_t i = 0; i < f->n; i++)
		for (int64_t j = 0; j < f->d; j++)
			mean[j] += (double)f->x[i * f->d + j] / (double)f->n;
	for (int64_t j = 0; j < f->d; j++)
		length += mean[j] * mean[j];
	for (int64_t i = 0; i < f->n; i++)
		for (int64_t j = 0; j < f->d; j++) {
			double apart = (double)f->x[i * f->d + j] - mean[j];
			spread += apart * apart / (double)f->n;
		}
	return length > 100 * spread;
}

int as_features_centre(struct as_features *const *set, int sets, struct as_error *err)
{
	int64_t d = set[0]->d;
	double *mean = calloc((size_t)d, sizeof *mean);
	bool moved = mean && find_mean(set[0], mean);
	int rc = mean ? 0 : as_fail(err, AS_EMEM, "features: no memory for a mean of %lld", (long long)d);
	for (int s = 0; s < sets && moved && !rc; s++)
		if (!as_features_grow(&set[s]->centre, d, sizeof *mean))
			rc = as_fail(err, AS_EMEM, "features: no memory for a mean of %lld", (long long)d);
	for (int s = 0; s < sets && moved && !rc; s++) {
		memcpy(set[s]->centre, mean, (size_t)d * sizeof *mean);
		for (int64_t i = 0; i < set[s]->n * d; i++)
			set[s]->x[i] = (float)((double)set[s]->x[i] - mean[i % d]);
	}
	free(mean);
	return rc;
}
