/* A picture of retrieval: queries with their nearest neighbours, one row for each
 * list (model), from the tables that knnprobe --neighbours writes and the images
 * that the features were made of. */
#ifndef AS_EVAL_RETRIEVAL_H
#define AS_EVAL_RETRIEVAL_H

#include "stream/stream.h"

AS_BEGIN

enum { AS_RETRIEVAL_QUERIES = 64, AS_RETRIEVAL_SHOWN = 8, AS_RETRIEVAL_LISTS = 8 };

struct as_retrieval;

/* A picture of the first `queries` (1..64) queries of each list. */
AS_NODISCARD int as_retrieval_new(struct as_retrieval **, int queries, struct as_error *);
void as_retrieval_free(struct as_retrieval *);

/* Reads one more table (8 at most); of each query the first 8 neighbours are shown.
 * AS_EDATA for no such table, or for other queries than those of the lists before. */
AS_NODISCARD int as_retrieval_list(struct as_retrieval *, const char *title, const char *path, struct as_error *);

/* Takes the pictures that the lists name from a stream of kind image: the queries'
 * from one, the neighbours' from another. Reads no further than the last of them;
 * AS_EDATA when one is not there. */
AS_NODISCARD int as_retrieval_images(struct as_retrieval *, struct as_reader *, bool queries, struct as_error *);

/* Writes the PNG. A frame is green where the labels agree, red where not, and where one
 * is missing there is none; beneath stand the class, where the stream names it, and the cosine. */
AS_NODISCARD int as_retrieval_write(const struct as_retrieval *, const char *path, struct as_error *);

AS_END
#endif
