/* Batches that tests make by hand. */
#ifndef AS_TESTS_BATCH_H
#define AS_TESTS_BATCH_H

#include "ssl/feed.h"

#include "naive.h"

/* n images of views as the layout has them: noise, group g's of stream `noise` + g; parameters, omega and labels 0. */
static inline struct as_batch noise_batch(const struct as_layout *l, uint64_t noise)
{
	struct as_batch b = {.n = l->batch, .next_seq = (uint64_t)l->batch, .label = take(l->batch, sizeof *b.label)};
	for (int g = 0; g < l->ngroups; g++)
		b.x[g] = uniform(noise + (uint64_t)g, as_layout_rows(l, g) * l->group[g].size * l->group[g].size * 3, -1, 1);
	for (int v = 0; v < l->nviews; v++) {
		b.param[v] = take(l->batch * l->view[v].role->nparam, sizeof(float));
		b.omega[v] = take(l->batch * l->view[v].role->nomega, sizeof(float));
	}
	return b;
}

/* A rank's rows of a whole batch, which stand together in every array; the rank's layout. Borrowed. */
static inline struct as_batch batch_block(const struct as_batch *whole, const struct as_layout *l, int rank)
{
	struct as_batch b = *whole;
	b.n = l->batch;
	for (int g = 0; g < l->ngroups; g++)
		b.x[g] += rank * as_layout_rows(l, g) * l->group[g].size * l->group[g].size * 3;
	for (int v = 0; v < l->nviews; v++) {
		b.param[v] += rank * l->batch * l->view[v].role->nparam;
		b.omega[v] += rank * l->batch * l->view[v].role->nomega;
	}
	b.label += rank * l->batch;
	return b;
}

/* Frees what a batch has, made by the above or by calloc. */
static inline void batch_free(struct as_batch *b)
{
	for (int v = 0; v < AS_MAX_VIEWS; v++) {
		free(b->x[v]);
		free(b->param[v]);
		free(b->omega[v]);
	}
	free(b->label);
}

#endif
