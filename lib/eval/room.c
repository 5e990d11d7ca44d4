#include "eval/room.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

bool as_features_grow(void *at, int64_t n, size_t size)
{
	void *old, *bigger;
	size_t bytes;
	memcpy(&old, at, sizeof old);
	if (!as_mul((size_t)n, size, &bytes) || !(bigger = realloc(old, bytes)))
		return false;
	memcpy(at, &bigger, sizeof bigger);
	return true;
}

int as_features_reserve(struct as_features *f, int64_t rows, struct as_error *err)
{
	if (as_features_grow(&f->x, rows, (size_t)f->d * sizeof *f->x) &&
	    as_features_grow(&f->label, rows, sizeof *f->label) && as_features_grow(&f->y, rows, sizeof *f->y) &&
	    as_features_grow(&f->seq, rows, sizeof *f->seq) && as_features_grow(&f->id, rows, sizeof *f->id) &&
	    as_features_grow(&f->name, rows, sizeof *f->name))
		return 0;
	return as_fail(err, AS_EMEM, "features: no memory for %lld rows of %lld", (long long)rows, (long long)f->d);
}

int as_features_name_classes(struct as_features *f, const char *text, size_t bytes, int64_t count, struct as_error *err)
{
	if (!as_features_grow(&f->class_text, (int64_t)bytes, 1) ||
	    !as_features_grow(&f->class_name, count, sizeof *f->class_name))
		return as_fail(err, AS_EMEM, "features: no memory for the names of %lld classes", (long long)count);
	memcpy(f->class_text, text, bytes);
	f->class_bytes = bytes;
	f->named = count;
	return 0;
}
