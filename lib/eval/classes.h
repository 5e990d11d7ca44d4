/* The classes that occur. A label is a name that happens to be a number, and may be any; a class is
 * one of the labels that occur, numbered from 0, so that memory and loops follow their count. */
#ifndef AS_EVAL_CLASSES_H
#define AS_EVAL_CLASSES_H

#include "base/error.h"

AS_BEGIN

/* Class c of 0..count-1 has the label label[c]; labels ascend. Owns them: as_classes_clear. Zeroed is
 * empty. */
struct as_classes {
	int64_t count;
	int64_t *label;
};

/* Adds the labels that occur in label (n) and are not there yet; -1 is no label. The classes' numbers may
 * change. AS_EMEM. */
AS_NODISCARD int as_classes_add(struct as_classes *, const int64_t *label, int64_t n, struct as_error *);
void as_classes_clear(struct as_classes *);

/* The number of the class with this label; -1: none has it. */
int64_t as_classes_place(const struct as_classes *, int64_t label);

AS_END
#endif
