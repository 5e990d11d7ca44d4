#include "eval/features.h"

#include <stdlib.h>

#include "eval/drawn.h"

void as_features_clear(struct as_features *f)
{
	free(f->x);
	free(f->centre);
	free(f->label);
	free(f->y);
	free(f->seq);
	free(f->id);
	free(f->name);
	free(f->text);
	free(f->class_text);
	free(f->class_name);
	as_origin_clear(&f->origin);
	as_drawn_free(f->drawn);
	*f = (struct as_features){0};
}

void as_features_number(struct as_features *f, const struct as_classes *classes)
{
	f->classes = classes->count;
	for (int64_t i = 0; i < f->n; i++)
		f->y[i] = as_classes_place(classes, f->label[i]);
}

const char *as_features_name(const struct as_features *f, int64_t row)
{
	return f->name[row] < 0 ? NULL : f->text + f->name[row];
}

int as_class_by_label(const void *a, const void *b)
{
	const struct as_class_name *x = a, *y = b;
	return (x->label > y->label) - (x->label < y->label);
}

const char *as_features_class(const struct as_features *f, int64_t label)
{
	const struct as_class_name key = {label, NULL}, *found = NULL;
	if (f->named)
		found = bsearch(&key, f->class_name, (size_t)f->named, sizeof key, as_class_by_label);
	return found ? found->name : NULL;
}

static int by_id(const void *a, const void *b)
{
	const struct as_row_id *x = a, *y = b;
	int ids = (x->id > y->id) - (x->id < y->id);
	return ids ? ids : (x->row > y->row) - (x->row < y->row);
}

void as_row_ids_sort(struct as_row_id *at, int64_t n)
{
	qsort(at, (size_t)n, sizeof *at, by_id);
}
