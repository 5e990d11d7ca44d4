/* The classes that occur: labels are names that happen to be numbers, and what a probe
 * counts, scores and makes room for are the classes, whatever they are called. */
#ifndef AS_EVAL_CLASSES_H
#define AS_EVAL_CLASSES_H

#include "base/error.h"

AS_BEGIN

/* Class c of 0..count-1 is `label[c]`; they ascend. Owns them: as_classes_clear. Zeroed
 * is empty. */
struct as_classes {
	int64_t count;
	int64_t *label;
};

/* Adds the labels that occur among the n; -1 is none. AS_EMEM. */
AS_NODISCARD int as_classes_add(struct as_classes *, const int64_t *label, int64_t n, struct as_error *);
void as_classes_clear(struct as_classes *);

/* Which class a label is; -1 for one that is not among them. */
int64_t as_classes_place(const struct as_classes *, int64_t label);

AS_END
#endif
