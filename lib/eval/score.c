#include "eval/score.h"

#include <math.h>
#include <stdlib.h>

#include "eval/classes.h"

/* Rows of each class, and those that are right, into all and right (zeros); how many in all. */
static int64_t count(const struct as_classes *classes, const int64_t *predicted, const int64_t *label, int64_t n,
		     int64_t *all, int64_t *right)
{
	int64_t rows = 0;
	for (int64_t i = 0; i < n; i++) {
		int64_t c = as_classes_place(classes, label[i]);
		if (c < 0)
			continue;
		rows++;
		all[c]++;
		right[c] += predicted[i] == label[i];
	}
	return rows;
}

int as_score(const int64_t *predicted, const int64_t *label, int64_t n, struct as_score *out, struct as_error *err)
{
	struct as_classes classes = {0};
	int rc = as_classes_add(&classes, label, n, err);
	if (rc)
		return rc;
	int64_t *all = calloc((size_t)classes.count + 1, 2 * sizeof *all), *right = all ? all + classes.count : NULL;
	if (all) {
		double mean = 0, variance = 0, sum = 0, k = (double)classes.count;
		n = count(&classes, predicted, label, n, all, right);
		for (int64_t c = 0; c < classes.count; c++) {
			double p = (double)right[c] / (double)all[c];
			sum += (double)right[c];
			mean += p;
			variance += p * (1 - p) / (double)all[c];
		}
		double p = sum / (double)n;
		*out = (struct as_score){
			.top1 = 100 * p,
			.top1_interval = 196 * sqrt(p * (1 - p) / (double)n),
			.per_class = 100 * mean / k,
			.per_class_interval = 196 * sqrt(variance) / k,
			.n = n,
			.classes = classes.count,
		};
	} else {
		rc = as_fail(err, AS_EMEM, "score: no memory for %lld classes", (long long)classes.count);
	}
	free(all);
	as_classes_clear(&classes);
	return rc;
}
