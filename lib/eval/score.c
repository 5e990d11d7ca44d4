#include "eval/score.h"

#include <math.h>
#include <stdlib.h>

int as_score(const int64_t *predicted, const int64_t *label, int64_t n, int64_t classes, struct as_score *out,
	     struct as_error *err)
{
	int64_t *right = calloc((size_t)classes + 1, 2 * sizeof *right), *all = right ? right + classes : NULL;
	if (!right)
		return as_fail(err, AS_EMEM, "score: no memory for %lld classes", (long long)classes);
	int64_t sum = 0, present = 0;
	for (int64_t i = 0; i < n; i++) {
		all[label[i]]++;
		right[label[i]] += predicted[i] == label[i];
		sum += predicted[i] == label[i];
	}
	double mean = 0, variance = 0;
	for (int64_t c = 0; c < classes; c++)
		if (all[c]) {
			double p = (double)right[c] / (double)all[c];
			mean += p;
			variance += p * (1 - p) / (double)all[c];
			present++;
		}
	free(right);
	double p = (double)sum / (double)n;
	*out = (struct as_score){
		.top1 = 100 * p,
		.top1_interval = 196 * sqrt(p * (1 - p) / (double)n),
		.per_class = 100 * mean / (double)present,
		.per_class_interval = 196 * sqrt(variance) / (double)present,
		.n = n,
		.classes = present,
	};
	return 0;
}
