/* Private to lib/data: different texts, each with the number by which it came first. */
#ifndef AS_DATA_TEXTS_H
#define AS_DATA_TEXTS_H

#include "stream/record.h"

AS_BEGIN

/* Initialise with zeros. */
struct as_texts {
	struct as_names names;
	int32_t *slot; /* numbers by hash; -1: free */
	size_t slots;
};
/* The text's number, which is new for a new text. AS_EMEM. */
AS_NODISCARD int as_texts_put(struct as_texts *, struct as_text, int32_t *number, struct as_error *);
/* Makes labels of the texts. If they are all whole numbers from -1 on, and `named` is not set, these are the labels;
 * otherwise the texts, sorted by bytes, are the classes. (*label)[number] is a text's; the caller frees it. */
AS_NODISCARD int as_texts_classes(const struct as_texts *, bool named, int32_t **label, struct as_names *classes, struct as_error *);
void as_texts_clear(struct as_texts *);

AS_END
#endif
