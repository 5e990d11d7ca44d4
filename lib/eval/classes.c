#include "eval/classes.h"

#include <stdlib.h>
#include <string.h>

void as_classes_clear(struct as_classes *c)
{
	free(c->label);
	*c = (struct as_classes){0};
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int as_classes_add(struct as_classes *c, const int64_t *label, int64_t n, struct as_error *err)
{
	int64_t *all = malloc((size_t)(c->count + n) * sizeof *all + 1), count = c->count, kept = 0;
	if (!all)
		return as_fail(err, AS_EMEM, "classes: no memory for the labels of %lld rows", (long long)n);
	if (count)
		memcpy(all, c->label, (size_t)count * sizeof *all);
	for (int64_t i = 0; i < n; i++) /* rows often come class by class, so the last class found is tried first */
		if (label[i] != -1 && (!count || label[i] != all[count - 1]))
			all[count++] = label[i];
	qsort(all, (size_t)count, sizeof *all, ascending);
	for (int64_t i = 0; i < count; i++)
		if (!kept || all[i] != all[kept - 1])
			all[kept++] = all[i];
	free(c->label);
	int64_t *fitted = realloc(all, (size_t)kept * sizeof *all + 1);
	*c = (struct as_classes){kept, fitted ? fitted : all};
	return 0;
}

int64_t as_classes_place(const struct as_classes *c, int64_t label)
{
	int64_t from = 0, to = c->count;
	while (from < to) {
		int64_t middle = from + (to - from) / 2;
		if (c->label[middle] < label)
			from = middle + 1;
		else
			to = middle;
	}
	return from < c->count && c->label[from] == label ? from : -1;
}
