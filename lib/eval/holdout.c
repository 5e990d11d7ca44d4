#include "eval/holdout.h"

#include <math.h>
#include <stdlib.h>

#include "data/split.h"

/* The rank of each row of f and the size of its class, in two arrays of n. */
static int rank_rows(const struct as_features *f, uint64_t seed, int64_t *rank, int64_t *size, struct as_error *err)
{
	struct as_member *m = malloc((size_t)f->n * sizeof *m + 1);
	if (!m)
		return as_fail(err, AS_EMEM, "hold-out: no memory for %lld rows", (long long)f->n);
	for (int64_t i = 0; i < f->n; i++)
		m[i] = (struct as_member){f->id[i], f->y[i]};
	int rc = as_split_rank(m, f->n, seed, rank, size, err);
	free(m);
	return rc;
}

/* The ranks and sizes of all rows, malloc'd; the caller frees *rank, which *size is the second half of. */
static int ranks_of(const struct as_features *f, uint64_t seed, int64_t **rank, int64_t **size, struct as_error *err)
{
	*rank = malloc(2 * (size_t)f->n * sizeof **rank + 1);
	if (!*rank)
		return as_fail(err, AS_EMEM, "hold-out: no memory for %lld rows", (long long)f->n);
	*size = *rank + f->n;
	return rank_rows(f, seed, *rank, *size, err);
}

int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
			 struct as_error *err)
{
	int64_t *rank, *size;
	int rc = ranks_of(f, seed, &rank, &size, err);
	for (int64_t i = 0; i < f->n && !rc; i++) {
		int64_t held = (int64_t)floor(share * (double)size[i] + 0.5);
		held = held < size[i] ? held : size[i] - 1;
		part[i] = f->y[i] >= 0 && rank[i] >= size[i] - held;
	}
	free(rank);
	return rc;
}

int as_features_few(const struct as_features *f, int64_t k, uint64_t draw, unsigned char *part, int64_t *least,
		    struct as_error *err)
{
	int64_t *rank, *size;
	int rc = ranks_of(f, draw, &rank, &size, err);
	*least = f->n;
	for (int64_t i = 0; i < f->n && !rc; i++) {
		part[i] = f->y[i] >= 0 && rank[i] < k;
		*least = f->y[i] >= 0 && size[i] < *least ? size[i] : *least;
	}
	free(rank);
	return rc;
}
