/* Public since 0.2. A picture of nearest neighbours: each query with its neighbours, a row for each list
 * (model), and the images that the features were made of. Lists come from a search, or from the tables that
 * knnprobe --neighbours writes. */
#ifndef AS_EVAL_RETRIEVAL_H
#define AS_EVAL_RETRIEVAL_H

#include "stream/stream.h"

AS_BEGIN

enum { AS_RETRIEVAL_QUERIES = 64, AS_RETRIEVAL_SHOWN = 8, AS_RETRIEVAL_LISTS = 8 };

struct as_retrieval;

/* Makes an empty picture of the first `queries` (1..64) queries of each list; free with as_retrieval_free.
 * AS_EARG, AS_EMEM. */
AS_NODISCARD int as_retrieval_new(struct as_retrieval **, int queries, struct as_error *);
void as_retrieval_free(struct as_retrieval *);

/* One neighbour of a query; the two are named by the seq of their images. */
struct as_neighbour {
	uint64_t query, neighbour;
	uint64_t rank; /* from 1, the nearest */
	double similarity;
	int64_t query_label, label; /* -1: none */
};

/* Begins one more list (at most 8) under this title; adds neighbours to it, query by query, each from rank 1 on
 * (1: the list has all queries that are asked for, the rest is not needed); ends it. The first 8 neighbours of each
 * query are shown. AS_EARG: too many lists; AS_EDATA: a list without queries, or with others than those before. */
AS_NODISCARD int as_retrieval_begin(struct as_retrieval *, const char *title, struct as_error *);
AS_NODISCARD int as_retrieval_add(struct as_retrieval *, const struct as_neighbour *, struct as_error *);
AS_NODISCARD int as_retrieval_end(struct as_retrieval *, struct as_error *);

/* The three for a table. Also AS_EDATA: the file is no such table; AS_EIO, AS_EMEM. */
AS_NODISCARD int as_retrieval_list(struct as_retrieval *, const char *title, const char *path, struct as_error *);

/* Reads the images that the lists name from a stream of kind image: either the queries' or the neighbours'.
 * Stops after the last one needed. AS_EDATA: one is missing; also errors of the reader and of decoding. */
AS_NODISCARD int as_retrieval_images(struct as_retrieval *, struct as_reader *, bool queries, struct as_error *);

/* Writes the PNG, whole or not at all. A neighbour's frame is green if it has the query's label and red if
 * it has another; without two labels there is no frame. Below it stand the class, if the stream names it,
 * and the cosine. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_retrieval_write(const struct as_retrieval *, const char *path, struct as_error *);

AS_END
#endif
