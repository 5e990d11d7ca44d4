#include "eval/accuracy.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "eval/student.h"

/* Counts the rows of each class into `all` and those predicted right into `right` (both start as zeros);
 * returns the number of rows. */
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

static struct as_accuracy summarise(const struct as_classes *classes, const struct as_classes *learnt, int64_t n,
				    const int64_t *all, const int64_t *right)
{
	double mean = 0, variance = 0, sum = 0, k = (double)classes->count, known = 0, known_rows = 0;
	for (int64_t c = 0; c < classes->count; c++) {
		double p = (double)right[c] / (double)all[c];
		bool can = as_classes_place(learnt, classes->label[c]) >= 0;
		sum += (double)right[c];
		mean += p;
		variance += p * (1 - p) / (double)all[c];
		known += can;
		known_rows += can ? (double)all[c] : 0;
	}
	double p = sum / (double)n, guess = 100 / (double)learnt->count;
	return (struct as_accuracy){
		.top1 = 100 * p,
		.top1_interval = 196 * sqrt(p * (1 - p) / (double)n),
		.top1_chance = guess * known_rows / (double)n,
		.per_class = 100 * mean / k,
		.per_class_interval = 196 * sqrt(variance) / k,
		.per_class_chance = guess * known / k,
		.n = n,
		.classes = classes->count,
	};
}

int as_accuracy(const int64_t *predicted, const int64_t *label, int64_t n, const struct as_classes *learnt,
		struct as_accuracy *out, struct as_error *err)
{
	struct as_classes classes = {0};
	int rc = as_classes_add(&classes, label, n, err);
	if (rc)
		return rc;
	int64_t *all = calloc((size_t)classes.count + 1, 2 * sizeof *all), *right = all ? all + classes.count : NULL;
	if (all) {
		n = count(&classes, predicted, label, n, all, right);
		*out = summarise(&classes, learnt ? learnt : &classes, n, all, right);
	} else {
		rc = as_fail(err, AS_EMEM, "accuracy: no memory for %lld classes", (long long)classes.count);
	}
	free(all);
	as_classes_clear(&classes);
	return rc;
}

void as_accuracy_mean(const struct as_accuracy *each, int64_t n, struct as_accuracy *out)
{
	*out = each[0];
	out->top1 = out->per_class = 0;
	for (int64_t i = 0; i < n; i++) {
		out->top1 += each[i].top1 / (double)n;
		out->per_class += each[i].per_class / (double)n;
	}
	double squares[2] = {0}, t = n > 1 ? as_student_95(n - 1) / sqrt((double)n * (double)(n - 1)) : NAN;
	for (int64_t i = 0; i < n; i++) {
		squares[0] += (each[i].top1 - out->top1) * (each[i].top1 - out->top1);
		squares[1] += (each[i].per_class - out->per_class) * (each[i].per_class - out->per_class);
	}
	out->top1_interval = t * sqrt(squares[0]);
	out->per_class_interval = t * sqrt(squares[1]);
}
