/* Private to lib/eval: memory for a set of features. */
#ifndef AS_EVAL_ROOM_H
#define AS_EVAL_ROOM_H

#include "eval/features.h"

AS_BEGIN

/* Resizes an array to n elements and keeps its contents; `at` is the address of the caller's pointer.
 * False: no memory, and the array is unchanged. */
bool as_features_grow(void *at, int64_t n, size_t size);

/* Makes room for `rows` rows of width f->d and keeps the existing ones. AS_EMEM. */
AS_NODISCARD int as_features_reserve(struct as_features *, int64_t rows, struct as_error *);

/* Copies the text with the names of `count` classes and makes room for them: the caller sets
 * class_name[0..count-1]. AS_EMEM. */
AS_NODISCARD int as_features_name_classes(struct as_features *, const char *text, size_t bytes, int64_t count,
					  struct as_error *);

AS_END
#endif
