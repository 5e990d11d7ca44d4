/* A picture of retrieval: queries with their nearest neighbours, one row for each
 * list (model), from the tables that knnprobe --neighbours writes and the images
 * that the features were made of. */
#ifndef AS_EVAL_RETRIEVAL_H
#define AS_EVAL_RETRIEVAL_H

#include "stream/stream.h"

AS_BEGIN

enum { AS_RETRIEVAL_QUERIES = 64, AS_RETRIEVAL_SHOWN = 8, AS_RETRIEVAL_LISTS = 8 };

struct as_retrieval;

/* A picture of the first `queries` (1..64) queries of each list; as_retrieval_free. AS_EARG, AS_EMEM. */
AS_NODISCARD int as_retrieval_new(struct as_retrieval **, int queries, struct as_error *);
void as_retrieval_free(struct as_retrieval *);

/* Reads one more table (8 at most), under that title; of each query the first 8 neighbours are shown.
 * AS_EDATA where the file is no such table, or is of other queries than the tables before; AS_EARG,
 * AS_EIO, AS_EMEM. */
AS_NODISCARD int as_retrieval_list(struct as_retrieval *, const char *title, const char *path, struct as_error *);

/* Reads the pictures that the lists name from a stream of kind image: the queries'
 * from one, the neighbours' from another. Reads no further than the last of them.
 * AS_EDATA when one is not there; the reader's errors and those of decoding. */
AS_NODISCARD int as_retrieval_images(struct as_retrieval *, struct as_reader *, bool queries, struct as_error *);

/* Writes the PNG, which appears whole. A neighbour's frame is green where its label is the query's, red
 * where it is another, and there is none where one of the two is missing; beneath stand the class,
 * where the stream names it, and the cosine. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_retrieval_write(const struct as_retrieval *, const char *path, struct as_error *);

AS_END
#endif
