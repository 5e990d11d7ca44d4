/* Private to lib/eval: the memory of a set of features. */
#ifndef AS_EVAL_ROOM_H
#define AS_EVAL_ROOM_H

#include "eval/features.h"

AS_BEGIN

/* Makes the array that the pointer at `at` points to one of n things, keeping what is there;
 * false: no memory, and the array is as it was. */
bool as_features_grow(void *at, int64_t n, size_t size);

/* Room for `rows` rows of f->d, keeping what is there. AS_EMEM. */
AS_NODISCARD int as_features_reserve(struct as_features *, int64_t rows, struct as_error *);

/* A copy of the text that the names of `count` classes lie in, and room for the names: the
 * caller sets class_name[0..count-1]. AS_EMEM. */
AS_NODISCARD int as_features_name_classes(struct as_features *, const char *text, size_t bytes, int64_t count,
					  struct as_error *);

AS_END
#endif
