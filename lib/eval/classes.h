/* Public since 0.2. The classes that occur. A label may be any number; a class is a label that occurs,
 * numbered from 0, so that memory and loops depend on how many there are. */
#ifndef AS_EVAL_CLASSES_H
#define AS_EVAL_CLASSES_H

#include "base/error.h"

AS_BEGIN

/* Class c of 0..count-1 has the label label[c]; labels ascend. Initialise with zeros; free with
 * as_classes_clear. */
struct as_classes {
	int64_t count;
	int64_t *label;
};

/* Adds the labels in label (n) that are new; -1 is no label. The numbers of the classes may change.
 * AS_EMEM. */
AS_NODISCARD int as_classes_add(struct as_classes *, const int64_t *label, int64_t n, struct as_error *);
void as_classes_clear(struct as_classes *);

/* The class with this label; -1: there is none. */
int64_t as_classes_place(const struct as_classes *, int64_t label);

AS_END
#endif
